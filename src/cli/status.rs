//! `kcx status [PATTERN…]`: which clusters answer, and how.

mod cluster_probe;
mod labels;
mod layout;

use super::cluster_query::ClusterAccess;
use super::discovered::Rules;
use super::error::{Cause, Error, name};
use super::globals::Output;
use super::messages::painted;
use super::select::{Pool, SelectFlags, Selector};
use super::{World, cluster_query, features};
use crate::cluster::{Failure, Terminal, TlsFailure};
use crate::codec::duration;
use crate::file;
use crate::kubeconfig::schema::key;
use crate::kubeconfig::{Kind, Merged};
use crate::printer::{json, quote};
use crate::prompt::ShortNames;
use crate::settings::ContextRule;
use cluster_probe::{ClusterProbe, ProbeResult, ServerResponse};
use jiff::Timestamp;
use labels::Labels;
use layout::Layout;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::num::NonZeroU16;
use std::time::Duration;
use unicode_width::UnicodeWidthStr;

/// Query clusters: whether they respond, and which user they see
///
/// Queries all contexts, or those that match, many at a time: the version of the server, your user name there (a review
/// that every user may request), the time that it takes to answer a request, and how long your token or client
/// certificate is valid. The exit code is 1 if one of them fails, or sees `system:anonymous` although the user has a
/// credential. On a terminal results are shown as they arrive, in a pipe in the order of the contexts.
#[derive(clap::Args, Debug)]
pub struct StatusArgs {
    /// Contexts, by name or pattern (`prod-*`); `'!x'` leaves x out [default: all]
    #[arg(value_name = "PATTERN")]
    pub patterns: Vec<String>,

    /// Which contexts of these.
    #[command(flatten)]
    pub select: SelectFlags,

    /// The time limit for each cluster [default: 10s]
    #[arg(long, value_name = "DURATION", value_parser = duration::parse_limit)]
    pub timeout: Option<Duration>,

    /// The number of clusters that are queried at the same time
    #[arg(long, value_name = "N", default_value = "64", hide_default_value = false)]
    pub parallel: NonZeroU16,

    /// Repeat the queries, with this pause between them, and show what changes [default: 5s]
    #[arg(long, value_name = "DURATION", num_args = 0..=1, require_equals = true, default_missing_value = "5s",
          value_parser = duration::parse_limit)]
    pub watch: Option<Duration>,
}

/// Queries the clusters.
///
/// # Errors
/// Exit code 3 if nothing fits, 1 if a cluster fails.
pub(super) fn run(args: &StatusArgs, world: &mut World<'_>) -> Result<(), Error> {
    features::demand_cluster()?;
    let merged = world.load()?.merged;
    let pool = Pool::entries(Kind::Context, &merged);
    if pool.is_empty() && args.patterns.is_empty() {
        return Err(world.no_contexts());
    }
    let settings = world.settings_or_default();
    let contexts = Selector::of(&args.patterns, &args.select, &settings).names(&pool)?;
    // Each cluster that is queried has a few of its own.
    file::permit_open_files(16 * u64::from(args.parallel.get()).min(contexts.len() as u64));
    let terminal = if contexts.len() == 1 { cluster_query::terminal(world) } else { Terminal::Taken };
    let access = ClusterAccess::new(&merged, Rules::of(world), world.env);
    let probe = ClusterProbe::new(
        contexts.iter().map(|context| access.target(context)).collect(),
        args.timeout.unwrap_or(cluster_query::DEFAULT_TIMEOUT),
        usize::from(args.parallel.get()),
        access.logins(terminal),
    );
    let rules: Vec<ContextRule<'_>> = contexts.iter().map(|context| settings.rule(context)).collect();
    let visible = |name: &str| quote::visible(name).into_owned();
    let names: Vec<String> = contexts.iter().map(|name| visible(name)).collect();
    let room = world.env.columns.filter(|_| !wide(world));
    // Each change is behind the time.
    let room = room.map(|room| if args.watch.is_some() { room.saturating_sub(TIME) } else { room });
    let labels = Labels::new(&rules, room.map(|room| room.saturating_sub(layout::LEAST_BESIDE_LABEL)));
    let short = match room {
        Some(_) => {
            let short = ShortNames::new(merged.names(Kind::Context));
            contexts
                .iter()
                .map(|name| short.of(name).map_or_else(|| visible(name), |it| visible(&it)))
                .collect()
        }
        None => Vec::new(),
    };
    let layout = Layout::new(names, short, labels.columns(), room);
    let answers = BTreeMap::new();
    let mut rows =
        Rows { probe: &probe, contexts: &contexts, layout, rules: &rules, labels, merged: &merged, answers };
    match args.watch {
        None => rows.once(world),
        Some(pause) => rows.watch(pause, world),
    }
}

/// The width of the time before a change.
const TIME: usize = 10;
/// The number of hints after a table.
const HINTS: usize = 3;

/// The answers so far.
struct Rows<'s> {
    probe: &'s ClusterProbe,
    contexts: &'s [String],
    layout: Layout,
    /// What the settings say about each context.
    rules: &'s [ContextRule<'s>],
    labels: Labels,
    merged: &'s Merged,
    answers: BTreeMap<usize, ProbeResult>,
}

impl Rows<'_> {
    fn once(&mut self, world: &mut World<'_>) -> Result<(), Error> {
        let table = matches!(world.globals.output, None | Some(Output::Wide));
        // A terminal shows answers as they arrive; a pipe gets them in a fixed order.
        let live = table && world.env.stdout_is_terminal;
        if live {
            let text = self.header(world);
            world.print(&text)?;
        }
        let progress = Progress::new(self.contexts.len(), world);
        let (probe, mut printed) = (self.probe, Ok(()));
        let asked = probe.ask(|at, answer| {
            self.answers.insert(at, answer);
            progress.clear(world);
            if live && printed.is_ok() {
                let text = self.row(at, world);
                printed = world.print(&text);
            }
            progress.draw(self.answers.len(), world);
        });
        progress.clear(world);
        asked.map_err(|error| Error::new(Cause::Failed, super::messages::io_error(&error)))?;
        printed?;
        match world.globals.output {
            Some(output @ (Output::Json | Output::Yaml)) => world.print_value(output, &self.values())?,
            Some(Output::Name) => {
                let fine = self.answers.iter().filter(|(_, answer)| answer.found.is_ok());
                world.print_names(fine.map(|(at, _)| self.contexts[*at].as_str()))?;
            }
            _ if live => {}
            _ => {
                let mut text = self.header(world);
                for at in self.answers.keys() {
                    text += &self.row(*at, world);
                }
                world.print(&text)?;
            }
        }
        self.exit_result()
    }

    fn exit_result(&self) -> Result<(), Error> {
        let failed: Vec<&usize> =
            self.answers.iter().filter(|(_, answer)| answer.found.is_err()).map(|(at, _)| at).collect();
        match (failed.as_slice(), self.contexts) {
            ([], _) => Ok(()),
            ([_], [only]) => match &self.answers[&0].found {
                Err(failure) => {
                    let failed = Error::silent(1);
                    let hint = cluster_query::hint(failure, only);
                    Err(Error { hints: hint.into_iter().collect(), ..failed })
                }
                Ok(_) => Ok(()),
            },
            ([one], all) => Err(Error {
                hints: self.hints(&failed),
                ..Error::new(
                    Cause::Failed,
                    format!("1 of {} contexts failed: {}", all.len(), name(&self.contexts[**one])),
                )
            }),
            (several, all) => Err(Error {
                hints: self.hints(&failed),
                ..Error::new(Cause::Failed, format!("{} of {} contexts failed", several.len(), all.len()))
            }),
        }
    }

    /// What to do about these contexts: each advice once, with the first context that it is for. Those about a server that
    /// may not be the right one come first.
    fn hints(&self, failed: &[&usize]) -> Vec<String> {
        let failure = |at: usize| self.answers[&at].found.as_ref().err();
        let mut failed: Vec<usize> = failed.iter().map(|&&at| at).collect();
        failed.sort_by_key(|&at| !failure(at).is_some_and(cluster_query::is_about_trust));
        let mut hints: Vec<(String, String)> = Vec::new();
        for context in failed {
            let hint = failure(context).and_then(|it| cluster_query::hint(it, &self.contexts[context]));
            if let Some(hint) = hint.filter(|hint| hints.iter().all(|(_, other)| other != hint)) {
                hints.push((name(&self.contexts[context]), hint));
            }
        }
        let more = hints.len().saturating_sub(HINTS);
        hints.truncate(HINTS);
        let shown = hints.into_iter().map(|(context, hint)| format!("{context}: {hint}"));
        let more = match more {
            0 => None,
            1 => Some("1 more hint is in `kcx status -o json`".to_owned()),
            _ => Some(format!("{more} more hints are in `kcx status -o json`")),
        };
        shown.chain(more).collect()
    }

    /// Prints all answers once, then one line per change, until a signal ends it.
    fn watch(&mut self, pause: Duration, world: &mut World<'_>) -> Result<(), Error> {
        let mut before: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        let json = world.globals.output == Some(Output::Json);
        if !json {
            let text = format!("{:<TIME$}{}", "TIME", self.header(world));
            world.print(&text)?;
        }
        loop {
            let probe = self.probe;
            let asked = probe.ask(|at, answer| drop(self.answers.insert(at, answer)));
            asked.map_err(|error| Error::new(Cause::Failed, super::messages::io_error(&error)))?;
            let now = Timestamp::now();
            for at in 0..self.contexts.len() {
                let said = self.said(at);
                // A different latency alone is not a change.
                let news = [said[0].clone(), said[1].clone(), said[4].clone()].to_vec();
                if before.insert(at, news.clone()).as_ref() == Some(&news) {
                    continue;
                }
                let text = if json {
                    let mut value = self.value(at);
                    value["time"] = now.to_string().into();
                    json::escaped(&format!("{value}\n"))
                } else {
                    let row = self.row(at, world);
                    let row = row.trim_end().replace('\n', &format!("\n{:TIME$}", ""));
                    format!("{} {row}\n", now.strftime("%H:%M:%SZ"))
                };
                world.print(&text)?;
            }
            world.out.flush()?;
            if probe.wait(pause).is_err() || file::interrupt::pending().is_some() {
                return self.exit_result();
            }
        }
    }

    /// The columns after the name: status, version, latency, how long the credential is valid, user or reason.
    fn said(&self, at: usize) -> [String; 5] {
        match &self.answers[&at].found {
            Ok(found) => [
                "ok".to_owned(),
                quote::visible(found.version.as_deref().unwrap_or("?")).into_owned(),
                format!("{} ms", found.latency.as_millis()),
                self.answers[&at].left().unwrap_or_default(),
                found.who.as_ref().map(|who| quote::visible(&who.name).into_owned()).unwrap_or_default(),
            ],
            Err(failure) => [
                "failed".to_owned(),
                String::new(),
                String::new(),
                self.answers[&at].days_left().and_then(|days| certificate(failure, days)).unwrap_or_default(),
                cluster_query::because(failure, self.probe.limit()),
            ],
        }
    }

    fn header(&self, world: &World<'_>) -> String {
        let groups = if wide(world) { "  GROUPS" } else { "" };
        let cells = self.layout.cells("VERSION", "LATENCY", "VALID", "USER");
        let width = self.layout.name_width();
        format!("  {:<width$}{}  STATUS{cells}{groups}\n", "NAME", self.labels.header())
    }

    fn row(&self, at: usize, world: &World<'_>) -> String {
        let [status, version, latency, certificate, rest] = self.said(at);
        let is_current = self.merged.is_current(&self.contexts[at]);
        let own = if world.colors_stdout() { self.rules[at].sgr() } else { String::new() };
        let mark = if is_current { "*" } else { " " };
        let name = &self.layout.names[at];
        let pad = " ".repeat(self.layout.name_width().saturating_sub(name.width()));
        let name = format!("{mark} {}{pad}{}", painted(name, &own, true), self.labels.cell(at, &own));
        let color = if status == "ok" { "32" } else { "31" };
        let status = painted(&format!("{status:<6}"), color, world.colors_stdout());
        if version.is_empty() {
            let certificate = if certificate.is_empty() { certificate } else { format!("; {certificate}") };
            return format!("{name}  {status}{}\n", self.layout.reason(&(rest + &certificate)));
        }
        let groups = match &self.answers[&at].found {
            Ok(ServerResponse { who: Some(who), .. }) if wide(world) => {
                format!("  {}", quote::visible(&who.groups.join(",")))
            }
            _ => String::new(),
        };
        let cells = self.layout.cells(&version, &latency, &certificate, &rest);
        let text = format!("{name}  {status}{cells}{groups}");
        text.trim_end().to_owned() + "\n"
    }

    fn values(&self) -> Value {
        self.answers.keys().map(|at| self.value(*at)).collect()
    }

    fn value(&self, at: usize) -> Value {
        let context = &self.contexts[at];
        let server = self.probe.server(at);
        let namespace = self.merged.find(Kind::Context, context).and_then(|entry| {
            self.merged.text(entry, key::NAMESPACE).ok().filter(|namespace| !namespace.is_empty())
        });
        let namespace = namespace.unwrap_or_else(|| "default".to_owned());
        let (days, token) = (self.answers[&at].days_left(), self.answers[&at].token_end());
        let (label, is_protected) = (self.rules[at].label, self.rules[at].is_protected());
        match &self.answers[&at].found {
            Ok(found) => json!({
                "context": context, "ok": true, "server": server, "namespace": namespace,
                "label": label, "protected": is_protected,
                "version": found.version,
                "user": found.who.as_ref().map(|who| &who.name),
                "groups": found.who.as_ref().map(|who| &who.groups),
                "latencyMilliseconds": u64::try_from(found.latency.as_millis()).unwrap_or(u64::MAX),
                "certificateDaysLeft": days, "tokenExpires": token,
            }),
            Err(failure) => json!({
                "context": context, "ok": false, "server": server, "namespace": namespace,
                "label": label, "protected": is_protected,
                "reason": cluster_query::reason(failure),
                "message": cluster_query::because(failure, self.probe.limit()),
                "hint": cluster_query::hint(failure, context),
                "certificateDaysLeft": days, "tokenExpires": token,
            }),
        }
    }
}

/// The state of the client certificate of a context that failed, unless the reason already says it. A valid one only
/// matters if the credential was rejected.
fn certificate(failure: &Failure, days: i64) -> Option<String> {
    let is_said = matches!(
        failure,
        Failure::Unauthorized(Some(_)) | Failure::Tls(TlsFailure::ClientRefused(_, Some(_)))
    );
    let is_rejected = matches!(
        failure,
        Failure::Unauthorized(_)
            | Failure::Anonymous { sent: true }
            | Failure::Tls(TlsFailure::ClientRefused(..))
    );
    match days {
        _ if is_said => None,
        0.. => is_rejected.then(|| format!("the client certificate is valid for {days} d more")),
        _ => Some(format!("the client certificate expired {} d ago", days.unsigned_abs())),
    }
}

fn wide(world: &World<'_>) -> bool {
    world.globals.output == Some(Output::Wide)
}

/// The progress line: on a terminal, below the output.
struct Progress {
    all: usize,
    on: bool,
}

impl Progress {
    fn new(all: usize, world: &mut World<'_>) -> Progress {
        let on = all > 1 && world.env.stderr_is_terminal && !world.env.dumb_terminal && !world.globals.quiet;
        let progress = Progress { all, on };
        progress.draw(0, world);
        progress
    }

    fn draw(&self, done: usize, world: &mut World<'_>) {
        if self.on && done < self.all {
            world.tell(&format!("asked {done} of {} …", self.all));
        }
    }

    fn clear(&self, world: &mut World<'_>) {
        if self.on {
            world.tell("\r\x1b[K");
        }
    }
}

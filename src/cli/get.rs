//! `kcx get [TYPE] [NAME…]`: lists entries.

mod namespaces;
mod table;

use super::describe::{certificate_end, token_end};
use super::error::{self, Cause, Error, name};
use super::globals::Output;
use super::operand::Operands;
use super::select::{Labels, Pool, SOURCE, SelectFlags, Selector, Unmatched};
use super::{World, messages};
use crate::kubeconfig::error::LineIndex;
use crate::kubeconfig::schema::key;
use crate::kubeconfig::typed::Cluster;
use crate::kubeconfig::{EntryRef, Kind, Merged, secret, view};
use crate::settings::Settings;
use crate::store::Precedence;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// List contexts, clusters, users or namespaces
///
/// TYPE is `contexts` (the default), `clusters` or `users`, also in the singular; `ctx` is short for contexts. NAME can be a
/// pattern (`prod-*`), or TYPE/NAME as in kubectl. A context named `user/x` takes precedence; if there is also a user
/// `x`, write the type as a separate word. `-o wide` adds the file and line of each entry. Only `namespaces` (or `ns`)
/// queries a cluster: that of the current context.
#[derive(clap::Args, Debug, Default)]
pub struct GetArgs {
    /// A type, and names or patterns of entries; `'!x'` leaves x out [default: all]
    #[arg(value_name = "TYPE|NAME")]
    pub words: Vec<String>,

    /// Which entries of these.
    #[command(flatten)]
    pub select: SelectFlags,
}

/// What `kubectl get` often lists.
const RESOURCES: [&str; 12] = [
    "all",
    "configmaps",
    "cronjobs",
    "deployments",
    "events",
    "ingresses",
    "jobs",
    "nodes",
    "pods",
    "secrets",
    "services",
    "statefulsets",
];

/// Lists them.
///
/// # Errors
/// Exit code 3 for an unknown name; the others have been printed.
pub(super) fn run(args: &GetArgs, world: &mut World<'_>) -> Result<(), Error> {
    if let [first, names @ ..] = args.words.as_slice()
        && namespaces::are_meant(first)
    {
        return namespaces::run(names, &args.select, world);
    }
    let loaded = world.load()?;
    if let Some(names) = namespaces::typed(&args.words, &loaded.merged)? {
        return namespaces::run(&names, &args.select, world);
    }
    world.warn_of_broken();
    let merged = &loaded.merged;
    let wanted = Operands::read("get", &args.words, merged)?;
    let mut entries = merged.entries(wanted.kind);
    if entries.is_empty() && wanted.names.is_empty() && world.globals.output.is_none() {
        match wanted.kind {
            Kind::Context => world.tell_no_contexts(),
            kind => world.done(&format!("there are no {} in {}", kind.list(), world.places())),
        }
        return Ok(());
    }
    let (pool, settings) = (Pool::entries(wanted.kind, merged), world.settings_or_default());
    let selected = Selector::of(&wanted.names, &args.select, &settings).select(&pool);
    // A list for a script must not have contexts that a flag was to leave out.
    if let Some(at) = selected.unmatched.iter().position(|it| !it.is_plain) {
        let mut unmatched = selected.unmatched;
        return missing(vec![unmatched.swap_remove(at)], wanted.kind, args, merged);
    }
    let found: HashSet<&str> = selected.names.into_iter().collect();
    entries.retain(|entry| found.contains(merged.name(*entry)));
    let origins = Origins::new(merged, merged.holders_by_name(wanted.kind), world);
    print(world, merged, &origins, wanted.kind, &entries)?;
    tell_hidden(world, merged, &origins, &entries);
    missing(selected.unmatched, wanted.kind, args, merged)
}

/// Fails if words match nothing.
fn missing(mut unmatched: Vec<Unmatched>, kind: Kind, args: &GetArgs, merged: &Merged) -> Result<(), Error> {
    // Names and patterns are reported together.
    let special = unmatched.iter().position(|it| !it.is_plain).or((unmatched.len() == 1).then_some(0));
    if let Some(at) = special {
        let Unmatched { word, error, .. } = unmatched.swap_remove(at);
        return Err(match RESOURCES.contains(&word.as_str()) && args.words == [word.as_str()] {
            true => error.hint(format!(
                "`kcx get` lists contexts, clusters, users and namespaces; `kubectl get {word}` lists {word}"
            )),
            false => error,
        });
    }
    if unmatched.is_empty() {
        return Ok(());
    }
    let names: Vec<String> = unmatched.iter().map(|it| name(&it.word)).collect();
    let message = format!("no {} named {}", kind.list(), names.join(", "));
    Err(Error::new(Cause::NotFound, message).hint(error::known(merged, kind, "")))
}

/// The files and lines of entries, for many entries at once.
struct Origins<'m> {
    merged: &'m Merged,
    precedence: Precedence,
    settings: Rc<Settings>,
    holders: HashMap<&'m str, Vec<EntryRef>>,
    /// The line index of each file, on first use.
    lines: Vec<OnceCell<LineIndex>>,
    /// The clusters by name, on first use.
    clusters: OnceCell<HashMap<&'m str, Vec<EntryRef>>>,
}

impl<'m> Origins<'m> {
    fn new(merged: &'m Merged, holders: HashMap<&'m str, Vec<EntryRef>>, world: &World<'_>) -> Origins<'m> {
        let precedence = world.precedence(world.globals.kubeconfig.as_deref());
        let lines = merged.sources().iter().map(|_| OnceCell::new()).collect();
        Origins {
            merged,
            precedence,
            settings: world.settings_or_default(),
            holders,
            lines,
            clusters: OnceCell::new(),
        }
    }

    /// The files that have an entry of this name, without overlays: the first one is in force and hides the others.
    fn own(&self, entry: EntryRef) -> impl Iterator<Item = EntryRef> {
        let holders = self.holders.get(self.merged.name(entry)).map_or([].as_slice(), Vec::as_slice);
        holders
            .iter()
            .copied()
            .skip_while(|holder| self.precedence.is_session_file(self.merged.path(*holder)))
    }

    /// `FILE:LINE`.
    fn place(&self, entry: EntryRef) -> String {
        self.line(entry)
            .map(|line| format!("{}:{line}", messages::path(self.merged.path(entry))))
            .unwrap_or_default()
    }

    /// The line of an entry, from 1.
    fn line(&self, entry: EntryRef) -> Option<usize> {
        let document = self.merged.sources()[entry.source].document.as_ref()?;
        let lines = self.lines[entry.source].get_or_init(|| LineIndex::of(document.text()));
        Some(lines.line(document.span(entry.kind, entry.index).start))
    }

    /// The server of the cluster of this name, without a login in its URL; empty if there is none.
    fn server(&self, cluster: &str) -> Result<String, Error> {
        let clusters = self.clusters.get_or_init(|| self.merged.holders_by_name(Kind::Cluster));
        let entry = clusters.get(cluster).and_then(|holders| holders.first());
        let server = entry.map_or(Ok(String::new()), |entry| self.merged.text(*entry, key::SERVER))?;
        Ok(messages::without_login(&server))
    }

    /// Adds what only kcx knows: `file` and `line`, and of a context `current`, `server`, `label`, `protected`, `source`, `labels` and `aliases`.
    fn describe(&self, entry: EntryRef, labels: Labels, item: &mut Value) -> Result<(), Error> {
        let own = self.own(entry).next().unwrap_or(entry);
        item["file"] = self.merged.path(own).to_string_lossy().into();
        item["line"] = self.line(own).into();
        if entry.kind == Kind::Context {
            item["current"] = self.merged.is_current(self.merged.name(entry)).into();
            item["server"] = self.server(&self.merged.text(entry, key::CLUSTER)?)?.into();
            let rule = self.settings.rule(self.merged.name(entry));
            item["label"] = rule.label.into();
            item["protected"] = rule.is_protected().into();
            let Labels { mut pairs, .. } = labels;
            item["source"] = pairs.remove(SOURCE).into();
            item["labels"] = json!(pairs);
            item["aliases"] = self.settings.aliases_of(self.merged.name(entry)).collect();
        }
        Ok(())
    }
}

/// The number of hidden contexts that are reported individually.
const HIDDEN: usize = 5;

/// Warns about contexts that are hidden by a context of the same name in an earlier file.
fn tell_hidden(world: &mut World<'_>, merged: &Merged, origins: &Origins<'_>, entries: &[EntryRef]) {
    if world.globals.output.is_some_and(|output| output != Output::Wide) {
        return;
    }
    let hidden = |entry: &EntryRef| {
        let own = origins.own(*entry).next().unwrap_or(*entry);
        origins.own(*entry).skip(1).map(move |other| (other, own))
    };
    let hidden: Vec<(EntryRef, EntryRef)> =
        entries.iter().filter(|entry| entry.kind == Kind::Context).flat_map(hidden).collect();
    for (other, own) in hidden.iter().take(HIDDEN) {
        let what = merged.name(*other);
        world.warn(&format!(
            "context {} of {} is hidden by the one in {}",
            name(what),
            origins.place(*other),
            origins.place(*own)
        ));
        let (file, what) =
            (messages::shell_word(&merged.path(*other).to_string_lossy()), messages::shell_word(what));
        world.hint(&format!("`kcx --kubeconfig {file} rename {what} NEW` makes it visible"));
    }
    if hidden.len() > HIDDEN {
        world.warn(&format!(
            "{} more contexts are hidden by others with the same names",
            hidden.len() - HIDDEN
        ));
    }
}

fn print(
    world: &mut World<'_>,
    merged: &Merged,
    origins: &Origins<'_>,
    kind: Kind,
    entries: &[EntryRef],
) -> Result<(), Error> {
    let output = world.globals.output;
    match output {
        Some(Output::Name) => return Ok(world.print_names(entries.iter().map(|entry| merged.name(*entry)))?),
        Some(output @ (Output::Json | Output::Yaml)) => {
            let mut items = Vec::new();
            for entry in entries {
                let mut body = merged.body(*entry)?.into_owned();
                let labels = Labels::new(Some(&body), origins.settings.rule(merged.name(*entry)));
                let ends = (kind == Kind::User).then(|| (certificate_end(&body), token_end(&body)));
                secret::hide(&mut body, kind);
                let mut item = view::item(kind, merged.name(*entry), &body);
                if let Some((certificate, token)) = ends {
                    item["certificateExpires"] = time(certificate);
                    item["tokenExpires"] = time(token);
                }
                origins.describe(*entry, labels, &mut item)?;
                items.push(item);
            }
            return Ok(world.print_value(output, &Value::Array(items))?);
        }
        _ => {}
    }
    if entries.is_empty() {
        return Ok(());
    }
    let text = table::table(merged, origins, kind, entries, world)?;
    Ok(world.print(&text)?)
}

/// A time in seconds since 1970, as RFC 3339; null if there is none.
fn time(seconds: Option<i64>) -> Value {
    let time = seconds.and_then(|seconds| Timestamp::from_second(seconds).ok());
    time.map(|time| time.to_string()).into()
}

/// How the cluster is authenticated.
fn tls(cluster: Cluster<'_>) -> &'static str {
    if cluster.server().starts_with("http:") {
        "none"
    } else if cluster.skips_tls_verify() {
        "unverified"
    } else if cluster.has_certificate_authority() {
        "own CA"
    } else {
        "system CAs"
    }
}

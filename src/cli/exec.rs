//! `kcx exec PATTERN… -- CMD…`: runs a command once for each context, each in its own session.

mod fleet;
mod global;
pub(super) mod outcome;
mod output;
mod prepare;
mod run_env;
pub(super) mod variables;

use super::allow::{self, AllowArgs};
use super::cluster_query::ClusterAccess;
use super::error::{Cause, Error, name};
use super::fence::FenceArgs;
use super::globals::Output;
use super::init::own_files;
use super::protect::{self, GuardedAction};
use super::select::{Pool, SelectFlags, Selector};
use super::single_file::{SingleFileFlags, SingleFiles};
use super::{World, discovered, features, namespace, pick, sweep, terminal};
use crate::cluster::Bounds;
use crate::codec::duration;
use crate::kubeconfig::{Kind, Merged};
use crate::printer::quote;
use crate::session::Selection;
use crate::session::history::History;
use crate::settings::Settings;
use fleet::Fleet;
use outcome::{End, Outcome};
use output::Streams;
use run_env::SharedRunEnv;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::time::Duration;

/// Run a command once for each matching context
///
/// Each run has a context of its own; no other shell is switched. Several runs get an empty stdin. The exit code is that
/// of the command, or 1 if one of several runs failed.
#[derive(clap::Args, Debug, Default)]
pub struct ExecArgs {
    /// The contexts, by name or pattern; `'!x'` leaves x out [default: a list to choose from]
    #[arg(value_name = "PATTERN")]
    pub patterns: Vec<String>,

    /// Which contexts of these.
    #[command(flatten)]
    pub select: SelectFlags,

    /// The patterns are regular expressions, which match anywhere in a name
    #[arg(long)]
    pub regex: bool,

    /// The namespace of the runs
    #[arg(short, long, value_name = "NS")]
    pub namespace: Option<String>,

    /// Accept a namespace that is not a valid name
    #[arg(long)]
    pub force: bool,

    /// Run once with `KUBECONFIG` as before the shell hook (minikube, k3d)
    #[arg(
        long,
        conflicts_with_all = [
            "patterns", "exclude", "label", "regex", "namespace", "force", "single_file", "embed", "locked", "read_only",
            "no_secrets", "hide", "namespaces", "verbs", "audit", "parallel", "fail_fast", "timeout", "dry_run",
        ]
    )]
    pub global: bool,

    /// Which file it gets.
    #[command(flatten)]
    pub single: SingleFileFlags,

    /// What it may do.
    #[command(flatten)]
    pub fence: FenceArgs,

    /// Run N commands at the same time, each line behind its context
    #[arg(long, value_name = "N")]
    pub parallel: Option<NonZeroUsize>,

    /// Start no further runs after one has failed
    #[arg(long)]
    pub fail_fast: bool,

    /// End a run that takes longer: SIGTERM, and 5 s later SIGKILL
    #[arg(long, value_name = "DURATION", value_parser = duration::parse_limit)]
    pub timeout: Option<Duration>,

    /// Permissions
    #[command(flatten)]
    pub allow: AllowArgs,

    /// Print what would run and where, and run nothing
    #[arg(long)]
    pub dry_run: bool,

    /// The command and its arguments
    #[arg(value_name = "CMD", last = true, required = true)]
    pub command: Vec<String>,
}

/// Runs it.
///
/// # Errors
/// Exit code 3 if nothing matches, 2 without a command; otherwise the exit code of the command.
pub(super) fn run(args: &ExecArgs, world: &mut World<'_>) -> Result<(), Error> {
    if args.global {
        return global::run(&args.command, world);
    }
    if args.fence.is_read_only() {
        features::demand_cluster()?;
    }
    if let Some(wanted) = &args.namespace {
        namespace::check(wanted, args.force)?;
    }
    let is_single = args.single.is_single()?;
    let merged = world.load()?.merged;
    let settings = world.settings_or_default();
    let contexts = contexts(args, &merged, world)?;
    let undone = "nothing was run";
    // A preview opens no file.
    let bounds = match args.dry_run {
        true => Bounds { fence: args.fence.fence(args.namespace.as_deref(), undone)?, audit: None },
        false => args.fence.bounds(args.namespace.as_deref(), undone, world)?,
    };
    args.fence.explain_namespace(args.namespace.as_deref(), world);
    let mut runs = SharedRunEnv {
        refused: BTreeMap::new(),
        args,
        merged: &merged,
        single: (is_single && !args.fence.is_read_only())
            .then(|| SingleFiles::new(&merged, args.single))
            .transpose()?,
        files: own_files(world),
        history: History::load(world.env),
        access: ClusterAccess::new(&merged, discovered::Rules::of(world), world.env),
        bounds,
        variables: crate::env::variables(),
        program: world.env.startable(args.command.first().map_or("", String::as_str)),
    };
    if args.dry_run {
        return would_run(&runs, &contexts, world);
    }
    let several = contexts.len() > 1;
    if several && !world.env.stdin_is_terminal && args.command.iter().any(|word| word == "-") {
        let message = format!("{} runs cannot share one stdin, which `-` reads", contexts.len());
        return Err(Error::new(Cause::Usage, message).hint("put it into a file that each run can read"));
    }
    let typed = selector(args, &settings).typed(&Pool::entries(Kind::Context, &merged));
    let action = GuardedAction { verb: "run in", undone: "nothing was run", typed };
    protect::guard(&contexts, action, world)?;
    let wording = allow::Wording { question: "Run it anyway?", undone: "nothing was run" };
    runs.refused = match several && !terminal::can_ask(world) {
        true => discovered::refused(&contexts, &args.allow, wording, world)?,
        false => discovered::guard(&contexts, &args.allow, wording, world).map(|()| BTreeMap::new())?,
    };
    // What killed runs have left.
    sweep::sweep(world);
    let report = world.globals.output.is_some();
    let fleet = Fleet {
        runs: &runs,
        contexts: &contexts,
        width: args.parallel.map_or(1, NonZeroUsize::get),
        streams: match (report, several && args.parallel.is_some()) {
            (true, _) => Streams::Kept,
            (_, true) => Streams::Prefixed,
            _ => Streams::Passed,
        },
        input: !several || args.parallel.is_none() && !report && world.env.stdin_is_terminal,
    };
    let ended = fleet.run(world)?;
    if report {
        let list = Value::Array(ended.outcomes.iter().map(Outcome::value).collect());
        print(&list, world)?;
    }
    match (ended.signal, ended.outcomes.as_slice()) {
        (Some(signal), [Outcome { end: End::Skipped, .. }]) => Err(Error::silent(128 + signal)),
        // As in a shell: the command has received the signal, and its exit code is the result.
        (_, [one]) if one.code() != 0 => {
            let limit = args.timeout.unwrap_or_default();
            if let Some(error) = outcome::timed_out(one, &args.command, limit) {
                world.fail(&error);
            }
            Err(Error::silent(one.code()))
        }
        (_, [_]) => Ok(()),
        (Some(signal), outcomes) => {
            tell(outcomes, world);
            Err(Error::silent(128 + signal))
        }
        (None, outcomes) => outcome::sum_up(outcomes),
    }
}

/// Reports a failure that the exit code does not show.
fn tell(outcomes: &[Outcome], world: &mut World<'_>) {
    if let Err(error) = outcome::sum_up(outcomes) {
        world.fail(&error);
    }
}

/// The selected contexts, each once.
fn contexts(args: &ExecArgs, merged: &Merged, world: &mut World<'_>) -> Result<Vec<String>, Error> {
    let settings = world.settings_or_default();
    let (selector, pool) = (selector(args, &settings), Pool::entries(Kind::Context, merged));
    match args.patterns.as_slice() {
        [] if selector.is_given() => {}
        [] if terminal::can_ask(world) => {
            let title = format!("run {} in", quote::visible(args.command.first().map_or("", String::as_str)));
            return pick::contexts(&title, true, world);
        }
        [] => return Err(Error::new(
            Cause::Usage,
            "no context was named, and there is no terminal to choose one on",
        )
        .hint(
            "`kcx exec PATTERN… -- CMD…`; `'*'` means all contexts, `$(kcx current -o name)` the current one",
        )),
        _ => {}
    }
    selector.demand_a_choice("kcx exec WORDS -- CMD…", "nothing was run", &pool)?;
    selector.names(&pool)
}

fn selector<'s>(args: &'s ExecArgs, settings: &'s Settings) -> Selector<'s> {
    Selector { regex: args.regex, ..Selector::of(&args.patterns, &args.select, settings) }
}

fn would_run(runs: &SharedRunEnv<'_>, contexts: &[String], world: &mut World<'_>) -> Result<(), Error> {
    let selections: Vec<Selection> =
        contexts.iter().map(|context| runs.selection(context)).collect::<Result<_, Error>>()?;
    if world.globals.output.is_some() {
        let value = |selection: &Selection| {
            let namespace = Some(selection.namespace()).filter(|namespace| !namespace.is_empty());
            let namespace = namespace.unwrap_or("default");
            json!({"context": selection.context, "namespace": namespace, "command": runs.args.command})
        };
        return print(&selections.iter().map(value).collect(), world);
    }
    let words: Vec<String> = runs.args.command.iter().map(|word| super::messages::shell_word(word)).collect();
    for selection in &selections {
        let namespace = match selection.namespace() {
            "" => String::new(),
            namespace => format!(", namespace {}", name(namespace)),
        };
        let context = name(&selection.context);
        world.print(&format!("would run in context {context}{namespace}: {}\n", words.join(" ")))?;
    }
    Ok(())
}

fn print(list: &Value, world: &mut World<'_>) -> Result<(), Error> {
    let output = world.globals.output.unwrap_or(Output::Json);
    Ok(world.print_value(output, list)?)
}

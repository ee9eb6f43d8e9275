//! The message of a switch, and its record in the history.

use crate::cli::World;
use crate::cli::command_line::COMMANDS;
use crate::cli::error::{self, Cause, Error, name};
use crate::cli::{leading, messages, suggest};
use crate::kubeconfig::{Body, Kind, Merged};
use crate::session::history::{self, SwitchRecord};
use crate::store::{Report, precedence};
use serde_json::Value;

/// What to type about a context that leads nowhere.
pub(in crate::cli) const PRUNE: &str =
    "`kcx prune --contexts` removes contexts that lead nowhere; with --dry-run it only names them";

/// The result of a switch, for its message.
pub(super) struct Switch {
    pub(super) from: String,
    pub(super) target: String,
    pub(super) namespace: String,
    pub(super) done: bool,
    pub(super) dangling: Option<String>,
    /// The file that was written, if the message names it.
    pub(super) place: String,
}

/// Appends a switch to the history that `-` reads.
pub(in crate::cli) fn record_switch(world: &mut World<'_>, line: &SwitchRecord) {
    if let Err(error) = history::append(world.env, line) {
        let why = messages::io_error(&error);
        let folder = world.env.state.as_deref().map(error::path).unwrap_or_default();
        world.warn(&format!("`-` will not return to this context: cannot write {folder}: {why}"));
    }
}

/// Reports a switch; with `unset` there is no current context any more.
pub(super) fn tell(world: &mut World<'_>, unset: bool, switch: &Switch) {
    if let Some(dangling) = switch.dangling.as_ref().filter(|_| !unset) {
        world.warn(dangling);
        world.hint(PRUNE);
    }
    let mut text = match (unset, switch.done) {
        (true, true) => format!("unset the current context; it was {}", name(&switch.from)),
        (true, false) => "no current context is set".to_owned(),
        (false, true) => format!("switched to context {}", name(&switch.target)),
        (false, false) => format!("already on context {}", name(&switch.target)),
    };
    if !switch.namespace.is_empty() {
        text += &format!(", namespace {}", name(&switch.namespace));
        if !switch.place.is_empty() {
            text.push(',');
        }
    }
    world.done(&(text + &switch.place));
    if !unset {
        leading::warn(&switch.target, &switch.namespace, world);
    }
}

/// Names the written files, unless it is only the default file.
pub(in crate::cli) fn written(world: &World<'_>, report: &Report) -> String {
    let usual = precedence::home_file(world.env);
    let others: Vec<String> =
        report.written.iter().filter(|file| **file != usual).map(|file| error::path(file)).collect();
    if others.is_empty() { String::new() } else { format!(" in {}", others.join(", ")) }
}

/// The error for a word that is neither a command nor a context.
pub(in crate::cli) fn neither(merged: &Merged, wanted: &str) -> Error {
    let error = Error::new(Cause::NotFound, format!("{} is neither a command nor a context", name(wanted)));
    if let Some((_, hint)) = suggest::FOREIGN.iter().find(|(word, _)| *word == wanted) {
        return error.hint(*hint);
    }
    let error = match suggest::near(wanted, &COMMANDS) {
        Some(command) => {
            error.hint(format!("did you mean the command `kcx {command}`? `kcx --help` lists all commands"))
        }
        None => error,
    };
    error.hint(error::known(merged, Kind::Context, wanted))
}

/// Describes entries that a context names and that do not exist.
pub(in crate::cli) fn dangling(
    context: &str,
    body: &Body,
    has: impl Fn(Kind, &str) -> bool,
) -> Option<String> {
    let mut missing = Vec::new();
    for kind in [Kind::Cluster, Kind::User] {
        let named = body.get(kind.word()).and_then(Value::as_str).unwrap_or_default();
        // A context without a user is valid, one without a cluster is not usable.
        if named.is_empty() && kind == Kind::Cluster {
            missing.push("names no cluster".to_owned());
        } else if !named.is_empty() && !has(kind, named) {
            missing.push(format!("names {} {}, which does not exist", kind.word(), name(named)));
        }
    }
    (!missing.is_empty()).then(|| format!("context {} {}", name(context), missing.join(", and ")))
}

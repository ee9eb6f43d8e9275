//! The message of a switch, and its record in the history.

use crate::cli::World;
use crate::cli::error::{self, name};
use crate::cli::{leading, messages};
use crate::session::history::{self, SwitchRecord};
use crate::store::{Report, precedence};

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
    }
    let mut text = match (unset, switch.done) {
        (true, true) => format!("there is no current context any more; it was {}", name(&switch.from)),
        (true, false) => "there is no current context, as before".to_owned(),
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

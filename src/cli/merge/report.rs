//! The result of a merge: what it hides, for people and for programs.

use super::super::World;
use super::super::error::{Error, name};
use super::super::globals::Output;
use super::super::import::entry_value;
use super::super::import::source::{self, Failed};
use crate::kubeconfig::import::{EntryPlan, Outcome, Plan};
use serde_json::{Value, json};
use std::path::Path;

/// The number of entries that are reported individually.
const SHOWN: usize = 5;

/// Names the entries that are not in the result as they are in their file: which file's entry is used instead, and in which
/// fields the two differ. Not with `--quiet`.
pub(super) fn hidden(plan: &Plan, first: &Path, world: &mut World<'_>) {
    let differs = |it: &&EntryPlan| it.because.is_some() || !it.differs.is_empty();
    let changed = [Outcome::Skipped, Outcome::Overwritten, Outcome::Updated];
    let hidden = plan.entries.iter().filter(|it| changed.contains(&it.outcome)).filter(differs);
    let hidden: Vec<&EntryPlan> = hidden.collect();
    if world.globals.quiet || hidden.is_empty() {
        return;
    }
    for it in hidden.iter().take(SHOWN) {
        world.warn(&said(it, first));
    }
    if hidden.len() > SHOWN {
        let all = "`-O FILE -o json` lists all";
        world.warn(&format!("{} more entries are hidden in the same way; {all}", hidden.len() - SHOWN));
    }
    if hidden.iter().any(|it| it.outcome == Outcome::Skipped) {
        world.hint("`--on-conflict=rename` keeps all; `--template '{file}'` names them after their files");
    }
}

fn said(it: &EntryPlan, first: &Path) -> String {
    let (kind, called) = (it.kind.word(), name(&it.name));
    let own = source::shown(&it.origin);
    let other = source::shown(it.against.as_deref().unwrap_or(first));
    let fields: Vec<String> = it.differs.iter().map(|field| name(field)).collect();
    let fields = fields.join(", ");
    match (&it.because, it.outcome) {
        (Some((of, named)), _) => {
            format!(
                "{kind} {called} of {own} is left out, because its {} {} is hidden",
                of.word(),
                name(named)
            )
        }
        (None, Outcome::Overwritten | Outcome::Updated) => {
            format!("{kind} {called} of {own} replaces that of {other}: they differ in {fields}")
        }
        (None, _) => {
            format!("{kind} {called} of {own} is hidden by that of {other}: they differ in {fields}")
        }
    }
}

/// What `-o json` reports about a merge with `-O`.
pub(super) struct Report<'r> {
    pub(super) out: &'r Path,
    pub(super) plan: &'r Plan,
    pub(super) failed: &'r [Failed],
    pub(super) changed: bool,
    /// True if a permission is missing.
    pub(super) refused: bool,
}

impl Report<'_> {
    /// Prints it, if that is asked for.
    pub(super) fn print(&self, world: &mut World<'_>) -> Result<(), Error> {
        match world.globals.output {
            Some(output @ (Output::Json | Output::Yaml)) => Ok(world.print_value(output, &self.value())?),
            _ => Ok(()),
        }
    }

    fn value(&self) -> Value {
        let failed = self.failed.iter();
        let failed =
            failed.map(|it| json!({"source": it.source.trim_matches('`'), "error": it.error.message}));
        let mut value = json!({
            "file": self.out.to_string_lossy(),
            "changed": self.changed,
            "entries": self.plan.entries.iter().map(entry_value).collect::<Vec<Value>>(),
            "failed": failed.collect::<Vec<Value>>(),
        });
        if self.refused {
            value["refused"] = Value::Bool(true);
        }
        value
    }
}

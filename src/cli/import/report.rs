//! The result of an import, for people and for programs.

use super::super::error::{Cause, Error, name, path};
use super::super::globals::Output;
use super::super::scope::ScopeFlags;
use super::super::{World, allow, current, fields, messages, overlay_update, select};
use super::source::{self, Failed};
use super::trust::Trust;
use crate::kubeconfig::Kind;
use crate::kubeconfig::import::{EntryPlan, Fields, Outcome, Plan};
use crate::kubeconfig::risk::Risk;
use crate::kubeconfig::schema::key;
use serde_json::{Value, json};
use std::path::Path;

/// The number of files, and of entries of a file, that are reported individually.
const SHOWN: usize = 5;

pub(super) struct Report<'r> {
    pub(super) plan: &'r Plan,
    pub(super) failed: &'r [Failed],
    pub(super) changed: bool,
    pub(super) dry_run: bool,
    /// Each risk, and whether it is permitted or needs no permission.
    pub(super) risks: Vec<(Risk, bool)>,
}

impl Report<'_> {
    /// Prints the report as data; `follows` if this shell was to follow the import.
    pub(super) fn print(&self, target: &Path, follows: bool, world: &mut World<'_>) -> Result<(), Error> {
        let Some(output @ (Output::Json | Output::Yaml)) = world.globals.output else { return Ok(()) };
        let mut value = self.value(target);
        value["warnings"] = Value::from(world.take_warnings());
        if follows {
            // The import is done, also if the context cannot be read any more.
            value["current"] = current::of(ScopeFlags::default(), world).unwrap_or(Value::Null);
        }
        Ok(world.print_value(output, &value)?)
    }

    /// Reports it in text; `target` is the file that gets new entries.
    pub(super) fn tell(&self, target: &Path, world: &mut World<'_>) -> Result<(), Error> {
        if !matches!(world.globals.output, None | Some(Output::Json | Output::Yaml)) {
            let contexts = self.of(Kind::Context).filter(|it| it.outcome != Outcome::Skipped);
            world.print_names(contexts.map(|it| it.name.as_str()))?;
        }
        for entry_plan in &self.plan.entries {
            let (kind, called) = (entry_plan.kind.word(), name(&entry_plan.name));
            match (entry_plan.outcome, &entry_plan.because) {
                (Outcome::Skipped, Some((of, named))) => {
                    let why = format!("its {} {} is different here", of.word(), name(named));
                    world.warn(&format!("left out: {kind} {called}, because {why}"));
                }
                (Outcome::Skipped, None) if entry_plan.differs.is_empty() => {}
                (Outcome::Skipped, None) => {
                    world.warn(&format!("left out: {kind} {called}, because a different one has this name"));
                }
                (Outcome::Overwritten, _) => world.warn(&format!("replaced: {kind} {called}")),
                _ => {}
            }
        }
        self.sum_up(target, world);
        self.tell_fields(world);
        for added in self.of(Kind::Context).filter(|it| it.outcome == Outcome::Added) {
            select::warn_of_hidden_alias(&added.name, None, world);
        }
        Ok(())
    }

    /// Says which fields of updated entries are new, and which are still the user's.
    fn tell_fields(&self, world: &mut World<'_>) {
        let would = if self.dry_run { "would have " } else { "" };
        let updated = self.plan.entries.iter().filter(|it| it.outcome == Outcome::Updated);
        let kept_namespace = self.of(Kind::Context).filter(|it| {
            it.outcome == Outcome::Identical && it.fields.kept.iter().any(|field| field == key::NAMESPACE)
        });
        let lines: Vec<String> = updated
            .map(|it| format!("{} {}: {would}{}", it.kind.word(), name(&it.name), fields::shown(&it.fields)))
            .chain(kept_namespace.map(|it| format!("context {} keeps your namespace", name(&it.name))))
            .collect();
        for line in lines.iter().take(SHOWN) {
            world.done(line);
        }
        if lines.len() > SHOWN {
            let more = lines.len() - SHOWN;
            world.done(&format!("and {more} more; `-o json` names the fields of each entry"));
        }
    }

    fn of(&self, kind: Kind) -> impl Iterator<Item = &EntryPlan> {
        self.plan.entries.iter().filter(move |entry_plan| entry_plan.kind == kind)
    }

    fn sum_up(&self, target: &Path, world: &mut World<'_>) {
        let target = path(target);
        let mut parts = Vec::new();
        for (outcome, done) in
            [(Outcome::Added, "added"), (Outcome::Updated, "updated"), (Outcome::Overwritten, "replaced")]
        {
            let counts: Vec<String> = [Kind::Context, Kind::Cluster, Kind::User]
                .into_iter()
                .filter_map(|kind| counted(kind, self.of(kind).filter(|it| it.outcome == outcome)))
                .collect();
            if !counts.is_empty() {
                parts.push(format!("{done} {}", counts.join(", ")));
            }
        }
        let same = self.plan.entries.iter().filter(|it| it.outcome == Outcome::Identical).count();
        let would = if self.dry_run { "dry run, nothing was written: would have " } else { "" };
        let text = match (parts.is_empty(), same) {
            (true, 0) if self.changed => format!("changed the current context of {target}"),
            (true, 0) => format!("nothing was imported; {target} was not changed"),
            (true, same) if self.changed => {
                format!("{} already in {target}; changed the current context", entries_are(same))
            }
            (true, same) => format!("{} already in {target}; nothing to do", entries_are(same)),
            (false, 0) => format!("{would}{} in {target}", parts.join("; ")),
            (false, same) => {
                format!("{would}{} in {target}; {} already there", parts.join("; "), entries_are(same))
            }
        };
        world.done(&text);
        for entry_plan in self.plan.entries.iter().filter(|it| it.name != it.from) {
            if entry_plan.outcome != Outcome::Conflict {
                let (kind, from, to) =
                    (entry_plan.kind.word(), name(&entry_plan.from), name(&entry_plan.name));
                world.done(&format!("{kind} {from} has the name {to} here"));
            }
        }
    }

    fn value(&self, target: &Path) -> Value {
        let entries: Vec<Value> = self.plan.entries.iter().map(entry_value).collect();
        let failed: Vec<Value> = self
            .failed
            .iter()
            .map(|it| json!({"source": it.source.trim_matches('`'), "error": it.error.message}))
            .collect();
        json!({
            "file": target.to_string_lossy(),
            "changed": self.changed,
            "dryRun": self.dry_run,
            "entries": entries,
            "failed": failed,
            "risks": values(&self.risks),
        })
    }
}

/// Says which context is current now, or how to switch to an imported one.
pub(super) fn next(plan: &Plan, before: &str, set: Option<&str>, in_use: bool, world: &mut World<'_>) {
    if let Some(current) = set {
        // A shell with a context of its own is not on the current context of the kubeconfig.
        let of = if overlay_update::chosen(world).is_some() { " of the kubeconfig" } else { "" };
        world.done(&format!("the current context{of} is now {}", name(current)));
        world.done(
            "next: `kcx status` checks its cluster, `kcx` switches contexts, `kcx undo` undoes the import",
        );
        return;
    }
    let mut added = plan.entries.iter().filter(|it| it.kind == Kind::Context && it.outcome == Outcome::Added);
    let Some(first) = added.next().filter(|first| in_use && first.name != before) else { return };
    let typed = messages::shell_word(&first.name);
    world.done(&match added.next() {
        None => format!("`kcx use {typed}` switches to it"),
        Some(_) => "`kcx use NAME` switches to one of them".to_owned(),
    });
}

/// Reports in JSON the conflicts because of which nothing is imported, if there are any; the error has them as text.
pub(super) fn conflicts(
    plan: &Plan,
    failed: &[Failed],
    dry_run: bool,
    target: &Path,
    world: &mut World<'_>,
) -> Result<(), Error> {
    if plan.conflicts().next().is_none() {
        return Ok(());
    }
    Report { plan, failed, changed: false, dry_run, risks: Vec::new() }.print(target, false, world)
}

/// Reports in JSON why nothing was imported; the text output has been shown already.
pub(super) fn refused(
    risks: &[Risk],
    trust: &Trust,
    target: &Path,
    world: &mut World<'_>,
) -> Result<(), Error> {
    let Some(output @ (Output::Json | Output::Yaml)) = world.globals.output else { return Ok(()) };
    let value = json!({
        "file": target.to_string_lossy(),
        "changed": false,
        "dryRun": false,
        "refused": true,
        "entries": [],
        "failed": [],
        "risks": values(&trust.judged(risks, world.env)),
        "warnings": world.take_warnings(),
    });
    Ok(world.print_value(output, &value)?)
}

fn values(risks: &[(Risk, bool)]) -> Vec<Value> {
    risks.iter().map(|(risk, allowed)| allow::value(risk, *allowed)).collect()
}

/// An entry of a report in JSON.
pub(in super::super) fn entry_value(entry_plan: &EntryPlan) -> Value {
    let mut entry = json!({
        "kind": entry_plan.kind.word(),
        "name": entry_plan.name,
        "outcome": outcome(entry_plan.outcome),
        "source": source::file_value(&entry_plan.origin),
    });
    if let Some(object) = source::object_value(&entry_plan.origin) {
        entry["object"] = object;
    }
    if entry_plan.from != entry_plan.name {
        entry["renamedFrom"] = Value::from(entry_plan.from.as_str());
    }
    if !entry_plan.differs.is_empty() {
        entry["differs"] = Value::from(entry_plan.differs.clone());
    }
    if let Some(against) = &entry_plan.against {
        entry["against"] = source::file_value(against);
    }
    let Fields { added, replaced, removed, kept } = &entry_plan.fields;
    for (key, fields) in [("added", added), ("replaced", replaced), ("removed", removed), ("kept", kept)] {
        if !fields.is_empty() {
            entry[key] = Value::from(fields.clone());
        }
    }
    if let Some((kind, named)) = &entry_plan.because {
        entry["because"] = json!({"kind": kind.word(), "name": named});
    }
    entry
}

fn counted_files(count: usize) -> String {
    if count == 1 { "1 file".to_owned() } else { format!("{count} files") }
}

fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Added => "added",
        Outcome::Identical => "identical",
        Outcome::Overwritten => "overwritten",
        Outcome::Updated => "updated",
        Outcome::Skipped => "skipped",
        Outcome::Conflict => "conflict",
    }
}

/// `context `a``, or how many there are.
fn counted<'v>(kind: Kind, mut entries: impl Iterator<Item = &'v EntryPlan>) -> Option<String> {
    let first = entries.next()?;
    Some(match entries.count() {
        0 => format!("{} {}", kind.word(), name(&first.name)),
        more => format!("{} {}", more + 1, kind.list()),
    })
}

fn entries_are(count: usize) -> String {
    if count == 1 { "1 entry is".to_owned() } else { format!("{count} entries are") }
}

/// The error for names that other entries have already: in the target, or in an earlier source.
/// Files in the folder `cwd` are named as from there.
pub(in super::super) fn conflict(plan: &Plan, target: &Path, cwd: &Path, undone: &str) -> Error {
    let conflicts: Vec<&EntryPlan> = plan.conflicts().collect();
    let among_sources = conflicts.iter().all(|conflict| conflict.against.is_some());
    let (taken, is) = match conflicts.as_slice() {
        [one] => (format!("{} {}", one.kind.word(), name(&one.name)), "is"),
        many => (format!("{} entries", many.len()), "are"),
    };
    let message = match (among_sources, conflicts.as_slice()) {
        (true, [_]) => format!("two sources have a different {taken}; {undone}"),
        (true, _) => format!("the sources have {taken} with the same name and other content; {undone}"),
        (false, _) => {
            let names = if conflicts.len() == 1 { "the name of ".to_owned() + &taken } else { taken };
            let names = names.replace("entries", "names");
            format!("{names} {is} already used with other content in {}; {undone}", path(target))
        }
    };
    let mut error = Error::new(Cause::Conflict, message);
    let mut pairs: Vec<(&Path, Option<&Path>, Vec<String>)> = Vec::new();
    for conflict in &conflicts {
        let fields: Vec<String> = conflict.differs.iter().map(|field| name(field)).collect();
        let differs = format!("{} {} in {}", conflict.kind.word(), name(&conflict.name), fields.join(", "));
        let (origin, against) = (conflict.origin.as_path(), conflict.against.as_deref());
        match pairs.iter_mut().find(|(one, other, _)| (*one, *other) == (origin, against)) {
            Some((.., all)) => all.push(differs),
            None => pairs.push((origin, against, vec![differs])),
        }
    }
    let shown = |file: &Path| source::shown(file.strip_prefix(cwd).unwrap_or(file));
    for (origin, against, differs) in pairs.iter().take(SHOWN) {
        let other = against.map(|other| format!(" from {}", shown(other))).unwrap_or_default();
        let mut text = differs.iter().take(SHOWN).cloned().collect::<Vec<_>>().join("; ");
        if differs.len() > SHOWN {
            text += &format!("; and {} more", differs.len() - SHOWN);
        }
        error.details += &format!("  {} differs{other}: {text}\n", shown(origin));
    }
    if pairs.len() > SHOWN {
        error.details += &format!("  and {} more\n", counted_files(pairs.len() - SHOWN));
    }
    if among_sources {
        let (word, what) = match conflicts.iter().all(|it| source::object_value(&it.origin).is_some()) {
            true => ("object", "Secrets"),
            false => ("file", "files"),
        };
        return error.hint(format!(
            "`--template '{{{word}}}'` names the entries after their {what}, `--on-conflict=rename` keeps both"
        ));
    }
    error.hint(
        "`--on-conflict=update` if it is the same cluster created again, `--on-conflict=rename` to keep both",
    )
}

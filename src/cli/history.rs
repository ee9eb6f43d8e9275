//! `kcx history`: the journal of changes, the latest first.

mod switches;

use super::World;
use super::error::{Cause, Error, name, path};
use super::globals::Output;
use crate::codec::duration::ago;
use crate::printer::table;
use crate::store::Journal;
use crate::store::journal::{Operation, OperationKind, Record};
use crate::store::undo;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::time::SystemTime;
use unicode_width::UnicodeWidthStr;

/// List the changes that kcx made to kubeconfigs
///
/// The latest change comes first. `kcx undo` undoes it, `kcx undo --change N` the change with that number. Values are
/// never shown. At most 500 changes, 90 days and 16 MiB are kept; `journal: false` in the settings turns it off. With
/// --switches, the contexts and namespaces that were switched to are listed instead.
#[derive(clap::Args, Debug, Default)]
pub struct HistoryArgs {
    /// List the switches of this shell instead, with the numbers that `kcx use -2` and so on take
    #[arg(long)]
    pub switches: bool,

    /// With --switches: list those of all shells
    #[arg(long, requires = "switches")]
    pub all: bool,
}

/// Runs `kcx history`.
///
/// # Errors
/// stdout is closed.
pub(super) fn run(args: &HistoryArgs, world: &mut World<'_>) -> Result<(), Error> {
    if args.switches {
        return switches::run(args.all, world);
    }
    let records = undo::known(&Journal::of(world.env, ""));
    let in_force = undo::in_force(&records);
    let whole = |record: &Record| as_json(record, !in_force.contains(&record.id));
    match world.globals.output {
        Some(output @ (Output::Json | Output::Yaml)) => {
            world.print_value(output, &records.iter().map(whole).collect())?;
        }
        Some(Output::Name) => {
            world.print(&records.iter().map(|record| format!("{}\n", record.id)).collect::<String>())?;
        }
        _ => {
            if records.is_empty() {
                let why = if world.journal().is_on() { "" } else { ", and kcx records none" };
                world.done(&format!("no changes are recorded{why}"));
                return Ok(());
            }
            let mut rows: Vec<Vec<String>> =
                records.iter().map(|record| row(record, in_force.contains(&record.id), world)).collect();
            let mut header = vec!["CHANGE", "WHEN", "COMMAND", "WHAT", "FILE"];
            let width = world.env.columns.filter(|_| world.globals.output != Some(Output::Wide));
            // A narrow terminal shows what was done instead of a piece of each path.
            let needed = table::screen(Some(&header), &rows, None).lines().map(UnicodeWidthStr::width).max();
            if width.zip(needed).is_some_and(|(width, needed)| needed > width) {
                header.pop();
                rows.iter_mut().for_each(|row| drop(row.pop()));
            }
            let text = match world.env.stdout_is_terminal {
                true => table::screen(Some(&header), &rows, width),
                false => table::print(Some(&header), &rows),
            };
            world.print(&text)?;
        }
    }
    Ok(())
}

fn row(record: &Record, in_force: bool, world: &World<'_>) -> Vec<String> {
    let mut what = what(record, 1);
    if !in_force {
        what += " (undone)";
    }
    let usual = crate::store::precedence::home_file(world.env);
    let files: Vec<String> =
        record
            .files
            .iter()
            .map(|file| {
                if file.path == usual {
                    "~/.kube/config".to_owned()
                } else {
                    super::messages::path(&file.path)
                }
            })
            .collect();
    vec![record.id.to_string(), ago(age(record)), record.command.clone(), what, files.join(", ")]
}

/// How long ago a change was made.
pub(super) fn age(record: &Record) -> std::time::Duration {
    let made = SystemTime::UNIX_EPOCH + std::time::Duration::from_millis(record.at);
    made.elapsed().unwrap_or_default()
}

/// Describes a change: up to `most` of its operations, and the number of further ones.
pub(super) fn what(record: &Record, most: usize) -> String {
    if !record.undoes.is_empty() {
        let ids: Vec<String> = record.undoes.iter().map(u64::to_string).collect();
        return format!("undid {}", ids.join(", "));
    }
    if record.files.len() > 1 && record.operations.iter().all(|it| it.verb == OperationKind::Write) {
        return format!("wrote {} files", record.files.len());
    }
    // The same entry may be in several files.
    let mut seen = HashSet::new();
    let unique = record.operations.iter().map(|it| Operation { file: None, ..it.clone() });
    let unique: Vec<Operation> = unique.filter(|operation| seen.insert(operation.clone())).collect();
    let mut said: Vec<String> = unique.iter().take(most).map(in_words).collect();
    match unique.len() + record.more - said.len() {
        0 => {}
        more => said.push(format!("{more} more")),
    }
    said.join(", ")
}

fn in_words(operation: &Operation) -> String {
    let entry = match (&operation.kind, &operation.name) {
        (Some(kind), Some(entry)) => format!("{} {}", kind.word(), name(entry)),
        _ => String::new(),
    };
    let field = operation.field.as_deref().map(name).unwrap_or_default();
    let (from, to) = (operation.from.as_deref().map(name), operation.to.as_deref().map(name));
    let of = if entry.is_empty() { String::new() } else { format!(" of {entry}") };
    let is_current = operation.field.as_deref() == Some("current-context");
    match (operation.verb, &operation.to) {
        (OperationKind::Write, _) => "wrote the file".to_owned(),
        (OperationKind::Set | OperationKind::Unset, _) => match (from, to) {
            (Some(from), Some(to)) if is_current => format!("switched from {from} to {to}"),
            (None, Some(to)) if is_current => format!("switched to {to}"),
            (Some(from), None) if is_current => format!("unset the current context {from}"),
            (Some(from), Some(to)) => format!("set {field}{of} from {from} to {to}"),
            (None, Some(to)) => format!("set {field}{of} to {to}"),
            _ => format!("{} {field}{of}", operation.verb.word()),
        },
        (OperationKind::Rename, Some(to)) => format!("renamed {entry} to {}", name(to)),
        (OperationKind::Add, _) => format!("added {entry}"),
        (OperationKind::Remove | OperationKind::Rename, _) => format!("removed {entry}"),
    }
}

fn as_json(record: &Record, undone: bool) -> Value {
    let at = i64::try_from(record.at).ok().and_then(|at| Timestamp::from_millisecond(at).ok());
    let files: Vec<Value> = record
        .files
        .iter()
        .map(|file| json!({"path": file.path, "before": file.before, "after": file.after}))
        .collect();
    json!({
        "change": record.id,
        "at": at.map(|at| at.to_string()),
        "command": record.command,
        "operations": record.located(),
        "moreOperations": record.more,
        "files": files,
        "undoes": record.undoes,
        "undone": undone,
    })
}

/// The error for an unknown change.
pub(super) fn unknown(what: String) -> Error {
    Error::new(Cause::NotFound, what).hint("`kcx history` lists the recorded changes")
}

/// The files of a change, as text.
pub(super) fn files(record: &Record) -> String {
    let files: Vec<String> = record.files.iter().map(|file| path(&file.path)).collect();
    files.join(", ")
}

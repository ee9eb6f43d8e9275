//! `kcx undo`: undoes changes with the journal.

use super::credential::BindingSnapshot;
use super::error::{Cause, Error, name, path};
use super::history::{age, files, unknown, what};
use super::{World, overlay_update};
use crate::codec::duration::ago;
use crate::kubeconfig::{Document, Kind};
use crate::store::journal::{Operation, OperationKind, Record};
use crate::store::undo::{self, UndoError, Which};
use crate::store::{CommitError, Journal, Preview, Report};

/// Undo the last change
///
/// A file that has not changed since gets exactly the bytes it had before. In a file that has changed, the changed places
/// and the lines around them must still be as kcx left them; else nothing is written. An undo is a change too: `kcx undo
/// --change N` of an undo restores what was undone.
#[derive(clap::Args, Debug, Default)]
pub struct UndoArgs {
    /// The number of changes to undo [default: 1]
    #[arg(value_name = "N", default_value_t = 1, hide_default_value = true, conflicts_with = "change",
        value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..))]
    pub count: usize,

    /// Undo only the change with this number, as `kcx history` shows it
    #[arg(long, value_name = "NUMBER")]
    pub change: Option<u64>,

    /// Print what would change, with secrets masked, and write nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// The commands with which the user edits a cluster.
const OWN: [&str; 4] = ["kcx config set", "kcx config set-cluster", "kcx config unset", "kcx edit"];

/// Runs `kcx undo`.
///
/// # Errors
/// Exit code 3 if there is no such change, 4 if a file has changed since. Nothing was written then.
pub(super) fn run(args: &UndoArgs, world: &mut World<'_>) -> Result<(), Error> {
    if world.env.state.is_none() {
        return Err(Error::new(Cause::Failed, "there is no journal: kcx has no folder for it")
            .hint("set HOME or XDG_STATE_HOME"));
    }
    // Changes can be undone even if the undo itself is not recorded.
    let (known, with_journal) = (Journal::of(world.env, &world.command), world.journal().is_on());
    let which = args.change.map_or(Which::Last(args.count), Which::Change);
    if args.dry_run {
        return preview(&known, which, world);
    }
    let bindings =
        world.load_own().map(|loaded| BindingSnapshot::of(&loaded.merged, world)).unwrap_or_default();
    let undone = undo::undo(&known, which, with_journal, &world.lock_options())
        .map_err(|error| failed(error, world))?;
    world.written(&undone.report);
    world.note_undone(&undone.records);
    for record in &undone.records {
        let did = format!("{}, {}", name(&record.command), ago(age(record)));
        world.done(&format!("undid change {} ({did}), which {}", record.id, what(record, 3)));
        mend_shells(record, &undone.report, world);
    }
    let is_current = |operation: &Operation| {
        operation.kind.is_none() && operation.field.as_deref() == Some("current-context")
    };
    if undone.records.iter().any(|record| record.operations.iter().any(is_current)) {
        tell_current(world);
    }
    // If an undo brings back an imported cluster, the credentials here must not be bound to it.
    match undone.records.iter().all(|record| OWN.contains(&record.command.as_str())) {
        true => bindings.update(&world.own_store(), world),
        false => bindings.report(&world.own_store(), world),
    }
    Ok(())
}

/// Says which context is current after an undo of a switch.
fn tell_current(world: &mut World<'_>) {
    // A kubeconfig that cannot be read any more is reported by the next command.
    let Ok(lookup) = world.lookup_own() else { return };
    let current = lookup.current_context().to_owned();
    let shell = overlay_update::chosen(world).filter(|chosen| *chosen != current);
    let said = match (current.as_str(), shell) {
        ("", None) => "there is no current context now".to_owned(),
        (current, None) => format!("the current context is now {}", name(current)),
        ("", Some(shell)) => {
            format!("the kubeconfig has no current context now, and this shell stays on {}", name(&shell))
        }
        (current, Some(shell)) => format!(
            "the current context of the kubeconfig is now {}, and this shell stays on {}",
            name(current),
            name(&shell)
        ),
    };
    world.done(&said);
}

fn preview(journal: &Journal, which: Which, world: &mut World<'_>) -> Result<(), Error> {
    let planned = undo::plan(journal, which).map_err(|error| failed(error, world))?;
    world.note_undone(&planned.records);
    world.note_operations(undo::reversed(&planned.records));
    let mut previews = Vec::new();
    for (file, [before, after]) in planned.files {
        let parse = |bytes: Option<Vec<u8>>| Document::parse(bytes.unwrap_or_default());
        match (parse(before), parse(after)) {
            (Ok(before), Ok(after)) => {
                previews.push(Preview { path: file, before, after, operations: Vec::new() });
            }
            _ => {
                world.warn(&format!(
                    "{} would change, and cannot be shown: it is not a kubeconfig",
                    path(&file)
                ));
            }
        }
    }
    world.print_preview(&previews)?;
    let ids: Vec<String> = planned.records.iter().map(|record| record.id.to_string()).collect();
    let what = match ids.split_last() {
        Some((last, [])) => format!("change {last}"),
        Some((last, others)) => format!("changes {} and {last}", others.join(", ")),
        None => String::new(),
    };
    world.done(&format!("dry run, nothing was written: would undo {what}"));
    Ok(())
}

/// Updates the shells whose context has its old name again, or was removed by the undo.
fn mend_shells(record: &Record, report: &Report, world: &mut World<'_>) {
    for operation in record.operations.iter().rev().filter(|operation| operation.kind == Some(Kind::Context))
    {
        match (operation.verb, &operation.name, &operation.to) {
            (OperationKind::Rename, Some(old), Some(new)) => {
                overlay_update::update(report, new, Some(old), world);
            }
            (OperationKind::Add, Some(added), _) => overlay_update::update(report, added, None, world),
            _ => {}
        }
    }
}

fn failed(error: CommitError<UndoError>, world: &World<'_>) -> Error {
    let timeout = world.lock_options().timeout;
    Error::not_committed(error.map_decision(in_words), true, timeout)
}

fn in_words(error: UndoError) -> Error {
    match error {
        UndoError::TooFew(0) => unknown("there is no change to undo".to_owned()),
        UndoError::TooFew(1) => unknown("only one change can be undone; nothing was written".to_owned()),
        UndoError::TooFew(count) => {
            unknown(format!("only {count} changes can be undone; nothing was written"))
        }
        UndoError::Unknown(id) => unknown(format!("there is no change {id}; nothing was written")),
        UndoError::TakenBack(id) => {
            let message = format!("change {id} is already undone; nothing was written");
            Error::new(Cause::Conflict, message)
                .hint("`kcx history` lists the changes; an undo is a change too, and can be undone")
        }
        UndoError::Moved(record, file) => {
            let did = format!("change {} ({}, {})", record.id, name(&record.command), ago(age(&record)));
            let message =
                format!("{} has changed since {did} in the same place; nothing was written", path(&file));
            Error::new(Cause::Conflict, message).hint(format!(
                "what it did: {}, in {}; undo it by hand",
                what(&record, 3),
                files(&record)
            ))
        }
        UndoError::Moving => {
            Error::new(Cause::Conflict, "other programs keep changing the kubeconfig; nothing was written")
                .hint("try again when they are done")
        }
    }
}

//! `kcx history --switches`: the switches of this shell, or of all shells, the latest first.

use crate::cli::World;
use crate::cli::error::Error;
use crate::cli::globals::Output;
use crate::cli::scope::{Scope, ScopeFlags};
use crate::cli::{messages, use_context};
use crate::codec::duration::ago;
use crate::printer::{quote, table};
use crate::session::history::{History, SwitchRecord};
use crate::store::precedence;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::path::Path;
use std::time::{Duration, SystemTime};

/// One row.
struct Row {
    record: SwitchRecord,
    /// True for a switch of this shell, or of the kubeconfig if the shell has no context of its own.
    is_here: bool,
    /// How many switches back `kcx use` finds its context.
    back: Option<usize>,
}

/// Prints the switches.
///
/// # Errors
/// stdout is closed.
pub(super) fn run(all: bool, world: &mut World<'_>) -> Result<(), Error> {
    let rows = rows(all, world);
    match world.globals.output {
        Some(output @ (Output::Json | Output::Yaml)) => {
            world.print_value(output, &rows.iter().map(value).collect())?;
        }
        Some(Output::Name) => {
            world.print_names(rows.iter().map(|row| row.record.context.as_str()))?;
        }
        _ if rows.is_empty() => world.done(if all {
            "no switches are recorded"
        } else {
            "this shell has not switched yet; `kcx history --switches --all` lists the switches of all shells"
        }),
        _ => {
            let cells: Vec<Vec<String>> = rows.iter().map(|row| cells(row, world)).collect();
            let header = ["BACK", "WHEN", "CONTEXT", "NAMESPACE", "WHERE"];
            let width = world.env.columns.filter(|_| world.globals.output != Some(Output::Wide));
            let text = match world.env.stdout_is_terminal {
                true => table::screen(Some(&header), &cells, width),
                false => table::print(Some(&header), &cells),
            };
            world.print(&text)?;
        }
    }
    Ok(())
}

fn rows(all: bool, world: &World<'_>) -> Vec<Row> {
    let scope = Scope::of(ScopeFlags::default(), world).unwrap_or(Scope::Global);
    let current = world.store().current_context().ok();
    let mut previous = use_context::previous(&scope, current.as_deref(), world);
    let history = History::load(world.env);
    let switches = || history.switches().filter(|record| !record.context.is_empty());
    // A shell without switches goes back by those of all shells.
    let own = scope.place(world);
    let here = match switches().any(|record| record.place == own) {
        true => own,
        false => Scope::Global.place(world),
    };
    let shown = switches().filter(|record| all || record.place == here);
    let mut back = |record: &SwitchRecord| {
        let at = previous.iter().position(|context| *context == record.context && record.place == here)?;
        // Only the latest switch to it has the number.
        previous[at].clear();
        Some(at + 1)
    };
    shown.map(|record| Row { is_here: record.place == here, back: back(&record), record }).collect()
}

fn cells(row: &Row, world: &World<'_>) -> Vec<String> {
    let record = &row.record;
    let back = match row.back {
        Some(1) => "-".to_owned(),
        Some(steps) => format!("-{steps}"),
        None => String::new(),
    };
    let when = record.at.map(|at| {
        let at = SystemTime::UNIX_EPOCH + Duration::from_secs(at);
        ago(at.elapsed().unwrap_or_default())
    });
    let place = match (record.is_of_shell(), row.is_here) {
        (true, true) => "this shell".to_owned(),
        (true, false) => format!("shell {}", record.place),
        (false, _) if Path::new(&record.place) == precedence::home_file(world.env) => {
            "~/.kube/config".to_owned()
        }
        (false, _) => messages::path(Path::new(&record.place)),
    };
    let shown = |name: &str| quote::visible(name).into_owned();
    vec![back, when.unwrap_or_default(), shown(&record.context), shown(&record.namespace), shown(&place)]
}

fn value(row: &Row) -> Value {
    let record = &row.record;
    let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let at = record.at.and_then(|at| Timestamp::from_second(i64::try_from(at).ok()?).ok());
    json!({
        "at": at.map(|at| at.to_string()),
        "context": record.context,
        "namespace": some(&record.namespace),
        "from": record.from.as_deref().and_then(some),
        "fromNamespace": record.was.as_deref().and_then(some),
        "session": record.is_of_shell().then_some(&record.place),
        "file": (!record.is_of_shell()).then_some(&record.place),
        "here": row.is_here,
        "back": row.back,
    })
}

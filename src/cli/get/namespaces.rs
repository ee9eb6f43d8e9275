//! `kcx get namespaces [NAME|PATTERN…]`: the namespaces of the current context's cluster.

use super::super::args::Output;
use super::super::asking;
use super::super::error::{Cause, Error, name};
use super::super::{World, operand, select};
use crate::kubeconfig::{Kind, Merged};
use crate::printer::table;
use serde_json::{Value, json};
use std::collections::HashSet;

/// True for what a user may call them.
pub(super) fn are_meant(word: &str) -> bool {
    matches!(word, "namespaces" | "namespace" | "ns")
}

/// The names in `ns/NAME…`, unless a context has just that name; none where no namespace is meant.
///
/// # Errors
/// Exit code 2 for namespaces beside something else.
pub(super) fn typed(words: &[String], merged: &Merged) -> Result<Option<Vec<String>>, Error> {
    let name_of = |word: &String| {
        let (before, rest) = word.split_once('/')?;
        let meant = are_meant(before) && merged.find(Kind::Context, word).is_none();
        meant.then(|| rest.to_owned())
    };
    if operand::kind(words.first().map_or("", String::as_str)).is_some() {
        return Ok(None);
    }
    let names: Vec<String> = words.iter().filter_map(name_of).collect();
    match names.len() {
        0 => Ok(None),
        count if count == words.len() => Ok(Some(names)),
        _ => {
            let other = words.iter().find(|word| name_of(word).is_none()).map_or("", String::as_str);
            let message =
                format!("namespaces are asked for, and {} is none: one type at a time", name(other));
            Err(Error::new(Cause::Usage, message))
        }
    }
}

/// Asks for them, and lists them.
///
/// # Errors
/// Exit code 3 if a name is not there, 1 if there is no answer.
pub(super) fn run(wanted: &[String], world: &mut World<'_>) -> Result<(), Error> {
    let merged = world.load()?.merged;
    let context = select::current(&merged, "`kcx use NAME` makes one current")?;
    let now = match merged.find(Kind::Context, &context) {
        Some(entry) => merged.text(entry, "namespace")?,
        None => String::new(),
    };
    let now = if now.is_empty() { "default" } else { &now };
    let asked = asking::namespaces(&context, &merged, asking::PATIENCE, world);
    let mut names = asked.map_err(|error| error.hint("`kcx ns NAME` switches without asking the cluster"))?;
    names.sort();
    let all = || names.iter().map(String::as_str).collect();
    let (found, missing) = select::among(wanted, |name| names.iter().any(|it| it == name), all);
    if !wanted.is_empty() {
        let found: HashSet<String> = found.into_iter().map(str::to_owned).collect();
        names.retain(|name| found.contains(name));
    }
    match world.globals.output {
        Some(Output::Name) => world.print_names(names.iter().map(String::as_str))?,
        Some(output @ (Output::Json | Output::Yaml)) => {
            let list: Value =
                names.iter().map(|name| json!({"name": name, "current": name == now})).collect();
            world.print_value(output, &list)?;
        }
        _ if names.is_empty() => {}
        _ => {
            let mark = |name: &str| if name == now { "*".to_owned() } else { String::new() };
            let rows: Vec<Vec<String>> = names.iter().map(|name| vec![mark(name), name.clone()]).collect();
            world.print(&table::screen(Some(&["CURRENT", "NAME"]), &rows, world.env.columns))?;
        }
    }
    match missing.as_slice() {
        [] => Ok(()),
        missing => {
            let list: Vec<String> = missing.iter().map(|missing| name(missing)).collect();
            let pattern = missing.iter().all(|missing| operand::is_pattern(missing));
            let how = if pattern { "fits" } else { "named" };
            let what = format!("no namespace {how} {} in context {}", list.join(", "), name(&context));
            Err(Error::new(Cause::NotFound, what).hint("`kcx get namespaces` lists all"))
        }
    }
}

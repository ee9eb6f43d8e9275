//! `kcx get namespaces [NAME…]`: the namespaces of the current context's cluster.

use super::super::args::Output;
use super::super::asking;
use super::super::error::{Cause, Error, name};
use super::super::{World, select};
use crate::kubeconfig::Kind;
use crate::printer::{json, table, yaml};
use serde_json::{Value, json};
use std::collections::HashSet;

/// True for what a user may call them.
pub(super) fn are_meant(word: &str) -> bool {
    matches!(word, "namespaces" | "namespace" | "ns")
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
    let missing: Vec<&String> = wanted.iter().filter(|name| !names.contains(name)).collect();
    if !wanted.is_empty() {
        let wanted: HashSet<&String> = wanted.iter().collect();
        names.retain(|name| wanted.contains(name));
    }
    match world.globals.output {
        Some(Output::Name) => world.print_names(names.iter().map(String::as_str))?,
        Some(output @ (Output::Json | Output::Yaml)) => {
            let list: Value =
                names.iter().map(|name| json!({"name": name, "current": name == now})).collect();
            world.print(&if output == Output::Json { json::print(&list) } else { yaml::print(&list) })?;
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
            let what = format!("no namespace named {} in context {}", list.join(", "), name(&context));
            Err(Error::new(Cause::NotFound, what).hint("`kcx get namespaces` lists all"))
        }
    }
}

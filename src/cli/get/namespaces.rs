//! `kcx get namespaces [NAME|PATTERN…]`: the namespaces of the current context's cluster.

use super::super::cluster_query;
use super::super::error::{Cause, Error, name};
use super::super::globals::Output;
use super::super::select::{Pool, SelectFlags, Selector};
use super::super::{World, features, locked, operand, select};
use crate::cluster::Namespace;
use crate::codec::duration;
use crate::kubeconfig::schema::key;
use crate::kubeconfig::{Kind, Merged};
use crate::printer::table;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::HashSet;

/// True for the words that mean namespaces.
pub(super) fn are_meant(word: &str) -> bool {
    matches!(word, "namespaces" | "namespace" | "ns")
}

/// The names in `ns/NAME…`, unless a context has exactly that name; `None` if the words name no namespace.
///
/// # Errors
/// Exit code 2 if namespaces are mixed with something else.
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
            let word = |is_namespace: bool| {
                let found = words.iter().find(|word| name_of(word).is_some() == is_namespace);
                name(found.map_or("", String::as_str))
            };
            let (first, other) = (word(true), word(false));
            let message = format!("`kcx get` takes one type at a time; {first} and {other} were given");
            Err(Error::new(Cause::Usage, message))
        }
    }
}

/// Queries the namespaces, and lists them.
///
/// # Errors
/// Exit code 3 if a name does not exist, 1 if there is no answer.
pub(super) fn run(wanted: &[String], flags: &SelectFlags, world: &mut World<'_>) -> Result<(), Error> {
    features::demand_cluster()?;
    locked::refuse_elsewhere(world.globals.kubeconfig.as_deref(), "no cluster was asked", world)?;
    let merged = world.load()?.merged;
    let context = select::current(&merged, "`kcx use NAME` switches to one")?;
    let now = match merged.find(Kind::Context, &context) {
        Some(entry) => merged.text(entry, key::NAMESPACE)?,
        None => String::new(),
    };
    let now = if now.is_empty() { "default" } else { &now };
    let asked = cluster_query::namespaces(&context, &merged, cluster_query::DEFAULT_TIMEOUT, world);
    let mut found =
        asked.map_err(|error| error.hint("`kcx ns NAME` switches without querying the cluster"))?;
    found.sort_by(|a, b| a.name.cmp(&b.name));
    let all = found.iter().map(|found| found.name.as_str()).collect();
    let settings = world.settings_or_default();
    let pool = Pool::names("namespace", all, "`kcx get namespaces` lists all");
    let selected = Selector::of(wanted, flags, &settings).select(&pool);
    let fitting: HashSet<String> = selected.names.into_iter().map(str::to_owned).collect();
    let mut missing = selected.unmatched;
    found.retain(|found| fitting.contains(&found.name));
    match world.globals.output {
        Some(Output::Name) => world.print_names(found.iter().map(|found| found.name.as_str()))?,
        Some(output @ (Output::Json | Output::Yaml)) => {
            let value = |found: &Namespace| {
                json!({
                    "name": found.name, "current": found.name == now, "status": status(found),
                    "created": found.created.map(|created| created.to_string()),
                })
            };
            let list: Value = found.iter().map(value).collect();
            world.print_value(output, &list)?;
        }
        _ if found.is_empty() => {}
        _ => {
            let today = Timestamp::now();
            let row = |found: &Namespace| {
                let mark = if found.name == now { "*" } else { "" };
                let age =
                    found.created.map(|created| duration::kubectl(today.as_second() - created.as_second()));
                let age = age.unwrap_or_else(|| "<unknown>".to_owned());
                vec![mark.to_owned(), found.name.clone(), status(found).to_owned(), age]
            };
            let rows: Vec<Vec<String>> = found.iter().map(row).collect();
            let header = ["CURRENT", "NAME", "STATUS", "AGE"];
            world.print(&table::screen(Some(&header), &rows, world.env.columns))?;
        }
    }
    if let Some(at) = missing.iter().position(|it| !it.is_plain) {
        return Err(missing.swap_remove(at).error);
    }
    match missing.as_slice() {
        [] => Ok(()),
        missing => {
            let list: Vec<String> = missing.iter().map(|missing| name(&missing.word)).collect();
            let pattern = missing.iter().all(|missing| operand::is_pattern(&missing.word));
            let how = if pattern { "matches" } else { "named" };
            let what = format!("no namespace {how} {} in context {}", list.join(", "), name(&context));
            Err(Error::new(Cause::NotFound, what).hint("`kcx get namespaces` lists all"))
        }
    }
}

/// The phase, as the cluster spells it.
fn status(namespace: &Namespace) -> &'static str {
    if namespace.terminating { "Terminating" } else { "Active" }
}

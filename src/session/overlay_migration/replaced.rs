//! Saves the entries that are about to be replaced by others of the same name.

use super::{Entries, MigrationError, updated};
use crate::env::Env;
use crate::file;
use crate::kubeconfig::{Document, Merged, ParseError, Source, View};
use crate::printer::yaml;
use serde_json::Value;
use std::path::PathBuf;

/// Saves those of these entries that would be changed.
pub(super) fn keep_replaced(
    env: &Env,
    before: &Merged,
    foreign: &Entries,
) -> Result<Option<PathBuf>, MigrationError> {
    let mut changes = Vec::new();
    for (kind, name, body) in foreign {
        let Some(entry) = before.find(*kind, name) else { continue };
        let old = before.body(entry).map_err(MigrationError::parse)?.into_owned();
        if old != updated(before, *kind, name, body).map_err(MigrationError::parse)?.body {
            changes.push((*kind, name.clone(), old));
        }
    }
    let (false, Some(state)) = (changes.is_empty(), env.state.as_ref()) else { return Ok(None) };
    let folder = state.join("replaced");
    let kept = |error| MigrationError::Keep(folder.clone(), error);
    file::create_private(&folder).map_err(kept)?;
    let path = file::unique_folder(&folder).map_err(kept)?.join("config");
    match file::replace(&path, &[text_of(&changes).map_err(MigrationError::parse)?.as_bytes()]) {
        Ok(_) => Ok(Some(path)),
        Err(file::ReplaceError::Io { source, .. } | file::ReplaceError::NotAtomic { source, .. }) => {
            Err(kept(source))
        }
    }
}

/// A kubeconfig with only these entries, as kubectl would print it.
pub(in super::super) fn text_of(entries: &Entries) -> Result<String, ParseError> {
    let mut lists = serde_json::Map::new();
    for (kind, name, body) in entries {
        let list = lists.entry(kind.list()).or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(list) = list {
            list.push(serde_json::json!({kind.word(): body, "name": name}));
        }
    }
    let text = serde_json::to_vec(&lists).unwrap_or_default();
    let document = Some(Document::parse(text)?);
    let merged = Merged::new(vec![Source { path: PathBuf::new(), document }]);
    Ok(yaml::print(&View::of(&merged)?.to_value()))
}

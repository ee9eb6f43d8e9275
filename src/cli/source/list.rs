//! `kcx source list`: the sources of the settings, and what each has brought.

use crate::cli::error::Error;
use crate::cli::globals::Output;
use crate::cli::{World, messages, sync};
use crate::kubeconfig::Kind;
use crate::kubeconfig::provenance::Provenance;
use crate::printer::{quote, table};
use serde_json::json;
use std::collections::BTreeMap;
use std::path::Path;

/// Lists them.
///
/// # Errors
/// The settings or the kubeconfigs cannot be read.
pub(super) fn run(world: &mut World<'_>) -> Result<(), Error> {
    let settings = world.settings()?;
    let mut counts: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let merged = world.load_own()?.merged;
    for entry in merged.entries(Kind::Context) {
        if let Some(from) = Provenance::of(&*merged.body(entry)?) {
            let count = counts.entry(from.source).or_default();
            count.0 += 1;
            count.1 += usize::from(from.gone.is_some());
        }
    }
    let elsewhere = sync::Elsewhere::of(&merged, world)?;
    let targets: Vec<_> = settings.sources.iter().map(|source| sync::Target::of(source, world)).collect();
    let count = |name: &str| counts.get(name).copied().unwrap_or_default();
    match world.globals.output {
        Some(output @ (Output::Json | Output::Yaml)) => {
            let sources = targets.iter().map(|target| {
                let (contexts, gone) = count(&target.settings.name);
                json!({
                    "name": target.settings.name,
                    "kind": target.settings.origin.word(),
                    "file": target.file.to_string_lossy(),
                    "contexts": contexts,
                    "gone": gone,
                    "elsewhere": elsewhere
                        .files(&target.settings.name)
                        .map(|(file, contexts)| json!({"file": file.to_string_lossy(), "contexts": contexts}))
                        .collect::<Vec<_>>(),
                })
            });
            let value = json!({"sources": sources.collect::<Vec<_>>()});
            return Ok(world.print_value(output, &value)?);
        }
        Some(Output::Name) => {
            return Ok(world.print_names(targets.iter().map(|target| target.settings.name.as_str()))?);
        }
        _ => {}
    }
    if targets.is_empty() {
        world.done("there are no sources; `kcx source add NAME dir FOLDER` adds a folder");
        return Ok(());
    }
    let header = ["NAME", "KIND", "CONTEXTS", "GONE", "FILE"];
    let rows: Vec<Vec<String>> = targets
        .iter()
        .map(|target| {
            let (contexts, gone) = count(&target.settings.name);
            let shown = |file: &Path| quote::visible(&messages::path(file)).into_owned();
            let others = elsewhere.files(&target.settings.name);
            let others = others.map(|(file, contexts)| format!(" ({contexts} in {})", shown(file)));
            let file = shown(&target.file) + &others.collect::<String>();
            let name = target.settings.name.clone();
            vec![name, target.settings.origin.word().to_owned(), contexts.to_string(), gone.to_string(), file]
        })
        .collect();
    let width = world.env.columns.filter(|_| world.env.stdout_is_terminal);
    Ok(world.print(&table::screen(Some(&header), &rows, width))?)
}

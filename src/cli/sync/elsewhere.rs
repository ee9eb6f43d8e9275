//! Contexts of sources in files that are not theirs: what stays when `into` of a source is changed.

use super::target::{Target, real};
use crate::cli::error::{Error, name, path};
use crate::cli::{World, messages};
use crate::kubeconfig::provenance::{EXTENSION, Provenance};
use crate::kubeconfig::{Kind, Merged};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// For each source, the files that are no source's and have contexts of it, with the number of these contexts.
pub(in crate::cli) struct Elsewhere(BTreeMap<String, BTreeMap<PathBuf, usize>>);

impl Elsewhere {
    /// Those of these kubeconfigs.
    ///
    /// # Errors
    /// As [`Document::body`](crate::kubeconfig::Document::body).
    pub(in crate::cli) fn of(merged: &Merged, world: &World<'_>) -> Result<Elsewhere, Error> {
        let mut found: BTreeMap<String, BTreeMap<PathBuf, usize>> = BTreeMap::new();
        let settings = world.settings_or_default();
        let targets: Vec<Target> = settings.sources.iter().map(|source| Target::of(source, world)).collect();
        let is_followed = |file: &PathBuf| {
            let file = real(file, world);
            targets.iter().any(|target| real(&target.file, world) == file)
        };
        for source in merged.sources() {
            let Some(document) = &source.document else { continue };
            if !document.text().contains(EXTENSION) || is_followed(&source.path) {
                continue;
            }
            for index in 0..document.len(Kind::Context) {
                if let Some(from) = Provenance::of(&*document.body(Kind::Context, index)?) {
                    *found.entry(from.source).or_default().entry(source.path.clone()).or_default() += 1;
                }
            }
        }
        Ok(Elsewhere(found))
    }

    /// The files with contexts of this source, and their number.
    pub(in crate::cli) fn files(&self, source: &str) -> impl Iterator<Item = (&PathBuf, usize)> {
        self.0.get(source).into_iter().flatten().map(|(file, count)| (file, *count))
    }

    /// Warns about those of these sources.
    pub(super) fn warn(&self, targets: &[Target], world: &mut World<'_>) {
        for target in targets {
            let source = &target.settings.name;
            for (file, count) in self.files(source) {
                let contexts = if count == 1 { "1 context".to_owned() } else { format!("{count} contexts") };
                let what = format!("{} has {contexts} of source {}", path(file), name(source));
                world.warn(&format!("{what}, but does not follow it any more"));
                let file = messages::shell_word(&file.to_string_lossy());
                world.hint(&format!("`kcx delete --kubeconfig {file} --label source={source}` removes them"));
            }
        }
    }
}

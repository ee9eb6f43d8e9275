//! The sources of a sync, and the files that follow them.

use crate::cli::World;
use crate::cli::error::{Cause, Error, name, path};
use crate::cli::suggest;
use crate::kubeconfig::sync::Names;
use crate::settings::SourceSettings;
use crate::source;
use crate::store::{Store, discovery};
use std::path::{Path, PathBuf};

/// A source and the file that follows it.
#[derive(Clone, Debug)]
pub(in crate::cli) struct Target {
    /// The source.
    pub(in crate::cli) settings: SourceSettings,
    /// The absolute path of the file.
    pub(in crate::cli) file: PathBuf,
}

impl Target {
    /// The target of a source.
    pub(in crate::cli) fn of(source: &SourceSettings, world: &World<'_>) -> Target {
        Target { settings: source.clone(), file: source::file(source, world.env) }
    }

    /// The names of its contexts.
    pub(in crate::cli) fn names(&self) -> Names<'_> {
        Names { template: self.settings.names.as_deref(), source: &self.settings.name }
    }
}

/// The sources of these names, in the order of the settings; all of them without names.
///
/// # Errors
/// Exit code 3 for an unknown name, and if there is no source.
pub(in crate::cli) fn select(names: &[String], world: &World<'_>) -> Result<Vec<Target>, Error> {
    let settings = world.settings()?;
    let all: Vec<&str> = settings.sources.iter().map(|source| source.name.as_str()).collect();
    if all.is_empty() {
        return Err(Error::new(Cause::NotFound, "there are no sources in kcx's settings").hint(
            "`kcx source add NAME dir FOLDER` adds a folder; `kcx source add --help` shows the others",
        ));
    }
    if let Some(unknown) = names.iter().find(|name| !all.contains(&name.as_str())) {
        let near = suggest::near(unknown, &all).map(|near| format!("did you mean {}? ", name(near)));
        let hint = format!("{}`kcx source list` lists all {}", near.unwrap_or_default(), all.len());
        return Err(Error::new(Cause::NotFound, format!("no source named {}", name(unknown))).hint(hint));
    }
    let is_wanted = |source: &&SourceSettings| names.is_empty() || names.contains(&source.name);
    Ok(settings.sources.iter().filter(is_wanted).map(|source| Target::of(source, world)).collect())
}

/// The user's own files, with those of the sources among them.
pub(super) struct Files {
    pub(super) store: Store,
    /// The index of each target's file.
    pub(super) places: Vec<usize>,
    /// The files of sources that neither `KUBECONFIG` nor discovery reads.
    unread: Vec<PathBuf>,
}

impl Files {
    /// The files for these targets.
    ///
    /// # Errors
    /// `--kubeconfig` is given: it names one file, and sources have their own.
    pub(super) fn of(targets: &[Target], world: &World<'_>) -> Result<Files, Error> {
        if world.globals.kubeconfig.is_some() {
            return Err(Error::new(
                Cause::Usage,
                "`kcx sync` writes the files of its sources, and takes no `--kubeconfig`",
            )
            .hint("`into: FILE` at a source in kcx's settings names another file"));
        }
        let mut precedence = world.own_store().precedence().clone();
        let real = |path: &Path| {
            let path = world.env.absolute(path);
            std::fs::canonicalize(&path).unwrap_or(path)
        };
        let mut unread = Vec::new();
        for target in targets {
            if precedence
                .paths
                .iter()
                .any(|path| !path.as_os_str().is_empty() && real(path) == real(&target.file))
            {
                continue;
            }
            let settings = world.settings_or_default();
            match discovery::place(&settings.discovery, &precedence.paths, &target.file, world.env) {
                Some(place) => precedence.insert_found(place, target.file.clone()),
                None => {
                    precedence.insert_found(precedence.paths.len(), target.file.clone());
                    unread.push(target.file.clone());
                }
            }
        }
        let at = |target: &Target| {
            let is_it = |path: &PathBuf| !path.as_os_str().is_empty() && real(path) == real(&target.file);
            precedence.paths.iter().position(is_it).unwrap_or_default()
        };
        let places = targets.iter().map(at).collect();
        let store = Store::new(precedence, world.lock_options(), world.env);
        Ok(Files { store, places, unread })
    }

    /// Warns about written files that are not read.
    pub(super) fn warn_of_unread(&self, written: &[PathBuf], world: &mut World<'_>) {
        for file in self.unread.iter().filter(|file| written.contains(file)) {
            world.warn(&format!("{} is not among the kubeconfigs in use", path(file)));
            world.hint("add it to KUBECONFIG, or to `discovery` in kcx's settings");
        }
    }
}

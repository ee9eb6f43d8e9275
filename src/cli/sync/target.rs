//! The sources of a sync, and the files that follow them.

use crate::cli::World;
use crate::cli::error::{Cause, Error, name, path};
use crate::cli::suggest;
use crate::kubeconfig::sync::Names;
use crate::settings::SourceSettings;
use crate::source;
use crate::store::{LoadError, Loaded, Precedence, Store, discovery};
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
    /// The index of each target's file; without meaning for one that is broken.
    pub(super) places: Vec<usize>,
    /// For each target, why its file cannot be read.
    pub(super) broken: Vec<Option<Error>>,
    /// The files of sources that neither `KUBECONFIG` nor discovery reads.
    unread: Vec<PathBuf>,
}

/// The file itself, with symbolic links resolved.
pub(super) fn real(path: &Path, world: &World<'_>) -> PathBuf {
    let path = world.env.absolute(path);
    std::fs::canonicalize(&path).unwrap_or(path)
}

/// The index of each target's file in this list.
fn places(targets: &[Target], precedence: &Precedence, world: &World<'_>) -> Vec<usize> {
    let at = |target: &Target| {
        let file = real(&target.file, world);
        let is_it = |path: &PathBuf| !path.as_os_str().is_empty() && real(path, world) == file;
        precedence.paths.iter().position(is_it).unwrap_or_default()
    };
    targets.iter().map(at).collect()
}

impl Files {
    /// The files for these targets, and their content. The file of a target that cannot be read is left out, so that the other
    /// sources are synced.
    ///
    /// # Errors
    /// As for [`Files::of`]; another file cannot be read.
    pub(super) fn load(targets: &[Target], world: &World<'_>) -> Result<(Files, Loaded), Error> {
        let mut files = Files::of(targets, world)?;
        let errors = match files.store.load() {
            Ok(loaded) => {
                world.note_unread_of(&loaded.merged);
                return Ok((files, loaded));
            }
            Err(errors) => errors,
        };
        let of = |target: &Target| {
            let file = real(&target.file, world);
            errors.iter().find(|error| real(&error.path, world) == file)
        };
        let broken: Vec<Option<&LoadError>> = targets.iter().map(of).collect();
        let is_of_target = |error: &LoadError| broken.iter().flatten().any(|it| it.path == error.path);
        let is_broken = |path: &Path| errors.iter().any(|error| error.path == path);
        let left = files.store.precedence().without(is_broken);
        if errors.iter().all(is_of_target) && !left.paths.is_empty() {
            files.places = places(targets, &left, world);
            let said = |error: &LoadError| Error::unreadable(std::slice::from_ref(error), true);
            files.broken = broken.into_iter().map(|error| error.map(said)).collect();
            files.store = Store::new(left, world.lock_options(), world.env);
        }
        let loaded = world.load_to_edit(&files.store)?;
        Ok((files, loaded))
    }

    /// The files for these targets.
    ///
    /// # Errors
    /// `--kubeconfig` is given: it names one file, and sources have their own.
    fn of(targets: &[Target], world: &World<'_>) -> Result<Files, Error> {
        if world.globals.kubeconfig.is_some() {
            return Err(Error::new(
                Cause::Usage,
                "`kcx sync` writes the files of its sources, and takes no `--kubeconfig`",
            )
            .hint("`into: FILE` at a source in kcx's settings names another file"));
        }
        let mut precedence = world.own_store().precedence().clone();
        let real = |path: &Path| real(path, world);
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
        let places = places(targets, &precedence, world);
        let store = Store::new(precedence, world.lock_options(), world.env);
        let broken = vec![None; targets.len()];
        Ok(Files { store, places, broken, unread })
    }

    /// Warns about written files that are not read.
    pub(super) fn warn_of_unread(&self, written: &[PathBuf], world: &mut World<'_>) {
        for file in self.unread.iter().filter(|file| written.contains(file)) {
            world.warn(&format!("{} is not among the kubeconfigs in use", path(file)));
            world.hint("add it to KUBECONFIG, or to `discovery` in kcx's settings");
        }
    }
}

//! The environment of a command: inputs, global flags, and the two output streams.

mod advice;
mod output;
mod result;

use super::error::{Cause, Error, path};
use super::globals::Globals;
use super::inputs::Inputs;
use super::result::ChangeResult;
use super::{messages, tilde};
use crate::env::Env;
use crate::file::LockOptions;
use crate::kubeconfig::change::Change;
use crate::kubeconfig::{Document, Merged};
use crate::session::guard::Record;
use crate::session::{Session, State};
use crate::settings::Settings;
use crate::store::discovery::{self, Found};
use crate::store::{
    self, CommitError, Journal, LoadError, Loaded, Lookup, Origin, Precedence, Report, Store,
};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// The environment of one run.
pub struct World<'w> {
    /// The process environment.
    pub env: &'w Env,
    /// The stream for data.
    pub out: &'w mut dyn Write,
    /// The stream for messages.
    pub err: &'w mut dyn Write,
    /// The flags that all of kcx's own commands take.
    pub globals: Globals,
    /// The command, as the journal names it.
    pub command: String,
    /// What the command has changed, if `-o` asks for it.
    pub(super) result: Option<ChangeResult>,
    /// The warnings so far, if they will be printed as data.
    warnings: Option<Vec<String>>,
    /// The inputs that are determined on first use.
    inputs: Inputs,
}

impl<'w> World<'w> {
    /// Creates a world for a command of this name, before its flags are known.
    pub fn new(env: &'w Env, out: &'w mut dyn Write, err: &'w mut dyn Write, command: String) -> World<'w> {
        World {
            env,
            out,
            err,
            globals: Globals::default(),
            command,
            result: None,
            warnings: None,
            inputs: Inputs::default(),
        }
    }

    /// How long to wait for locks.
    #[must_use]
    pub fn lock_options(&self) -> LockOptions {
        self.globals.writing.lock_options()
    }

    /// The settings.
    ///
    /// # Errors
    /// A file that cannot be read, or that has an unknown setting.
    pub fn settings(&self) -> Result<Rc<Settings>, Error> {
        self.inputs.settings(self.env)
    }

    /// The settings; the defaults if they cannot be read.
    #[must_use]
    pub fn settings_or_default(&self) -> Rc<Settings> {
        self.inputs.settings_or_default(self.env)
    }

    /// Warns about settings that cannot be read, unless the command has reported them: it ran with the defaults.
    pub(super) fn warn_of_settings(&mut self) {
        if let Some(error) = self.inputs.hidden_settings_error(self.env) {
            self.warn(&format!("{}; the defaults were used", error.message));
            self.tell(&error.details);
            for hint in &error.hints {
                self.hint(hint);
            }
        }
    }

    /// Remembers the entries of a file that are not read, for [`World::warn_of_unread`].
    pub(super) fn note_unread(&self, file: &Path, document: &Document) {
        self.inputs.note_unread(file, document);
    }

    /// The files that this `--kubeconfig` names, or the environment's without it; without those that discovery finds.
    #[must_use]
    pub fn precedence(&self, flag: Option<&str>) -> Precedence {
        match flag.filter(|flag| !flag.is_empty()) {
            Some(_) => Precedence::new(flag, self.env),
            None => self.inputs.list(self.env).clone(),
        }
    }

    /// The one file that the flag names.
    fn explicit(&self) -> Option<Precedence> {
        let flag = self.globals.kubeconfig.as_deref().filter(|flag| !flag.is_empty());
        flag.map(|flag| Precedence::new(Some(flag), self.env))
    }

    /// The session state of this shell.
    #[must_use]
    pub fn session(&self) -> State {
        self.inputs.session(self.env).clone()
    }

    /// The overlay of a session, as it was when it was first read.
    ///
    /// # Errors
    /// It no longer exists, or is not a kubeconfig.
    pub fn overlay(&self, session: &Session) -> std::io::Result<Rc<Document>> {
        self.inputs.overlay(session)
    }

    /// What kcx wrote into the overlay of a session last; `None` if that is not known.
    #[must_use]
    pub fn record(&self, session: &Session) -> Option<Rc<Record>> {
        self.inputs.record(session)
    }

    /// The overlay may have been written: it is read again when it is needed.
    pub fn forget_overlay(&self, session: &Session) {
        self.inputs.forget_overlay(session);
    }

    /// The session may have been made again: all that depends on it is determined anew.
    pub(super) fn forget_session(&mut self) {
        self.inputs = Inputs::default();
    }

    /// The kubeconfigs in force.
    #[must_use]
    pub fn store(&self) -> Store {
        self.store_of(self.explicit().unwrap_or_else(|| self.inputs.in_force(self.env).clone()))
    }

    /// The user's own kubeconfigs: those in force, without a session's overlay.
    #[must_use]
    pub fn own_store(&self) -> Store {
        self.store_of(self.explicit().unwrap_or_else(|| self.inputs.own(self.env).clone()))
    }

    fn store_of(&self, precedence: Precedence) -> Store {
        Store::new(precedence, self.lock_options(), self.env).with_open_files(self.inputs.open_files())
    }

    /// The journal, unless the user has disabled it.
    #[must_use]
    pub fn journal(&self) -> Journal {
        if self.globals.writing.no_journal || !self.settings_or_default().journal {
            return Journal::default();
        }
        Journal::of(self.env, &self.command)
    }

    /// The store with the journal, for an edit.
    #[must_use]
    pub fn with_journal(&self, store: Store) -> Store {
        store.with_journal(self.journal())
    }

    /// Writes these bytes to a file, and reports attributes that could not be preserved; false if it had them already.
    /// `may_replace` decides if the file has other content.
    ///
    /// # Errors
    /// The file is unchanged then.
    pub fn put(
        &mut self,
        path: &Path,
        bytes: &[u8],
        may_replace: impl FnOnce(&[u8]) -> Result<(), Error>,
    ) -> Result<bool, Error> {
        tilde::refuse(path)?;
        let put = store::put(path, bytes, may_replace, &self.lock_options(), &self.journal());
        let report = put.map_err(|error| Error::not_committed(error, false, self.lock_options().timeout))?;
        self.written(&report);
        Ok(!report.written.is_empty())
    }

    /// Like [`World::put`], for several files: all of them are written, or none, and one `kcx undo` removes them. Returns the
    /// files that were written.
    ///
    /// # Errors
    /// No file was changed then.
    pub fn put_all(
        &mut self,
        files: &[(PathBuf, Vec<u8>)],
        may_replace: impl FnMut(&Path, &[u8]) -> Result<(), Error>,
    ) -> Result<Vec<PathBuf>, Error> {
        files.iter().try_for_each(|(file, _)| tilde::refuse(file))?;
        let put = store::put_all(files, may_replace, &self.lock_options(), &self.journal());
        let report = put.map_err(|error| Error::not_committed(error, false, self.lock_options().timeout))?;
        self.written(&report);
        Ok(report.written)
    }

    /// The files that the patterns of the settings find.
    #[must_use]
    pub fn found(&self) -> &Found {
        self.inputs.found(self.env)
    }

    /// The index that a new file with this absolute path gets among the user's own kubeconfigs; `None` if the patterns of
    /// the settings do not match it.
    #[must_use]
    pub fn place_of(&self, path: &Path) -> Option<usize> {
        let settings = self.settings_or_default();
        discovery::place(&settings.discovery, &self.own_store().precedence().paths, path, self.env)
    }

    /// Lists the files that were skipped because they are not valid YAML.
    pub fn warn_of_broken(&mut self) {
        if self.explicit().is_some() || self.inputs.own(self.env).origin != Origin::Home {
            return;
        }
        let broken: Vec<String> = self.found().broken.iter().map(|file| path(file)).collect();
        if !broken.is_empty() {
            self.warn(&format!("left out, because it is not valid YAML: {}", broken.join(", ")));
        }
    }

    /// Loads the kubeconfigs in force.
    ///
    /// # Errors
    /// A file that cannot be read, or a `--kubeconfig` that does not exist.
    pub fn load(&self) -> Result<Loaded, Error> {
        self.load_from(&self.store())
    }

    /// Loads the user's own kubeconfigs.
    ///
    /// # Errors
    /// As [`World::load`].
    pub fn load_own(&self) -> Result<Loaded, Error> {
        self.load_from(&self.own_store())
    }

    /// A lookup in the kubeconfigs in force, for the names of contexts and for single entries.
    ///
    /// # Errors
    /// As [`World::load`].
    pub fn lookup(&self) -> Result<Lookup, Error> {
        let store = self.store();
        let several = store.precedence().paths.len() > 1;
        let lookup = store.lookup().map_err(|errors| Error::unreadable(&errors, several))?;
        World::demand_explicit_file(&store, lookup.is_empty())?;
        Ok(lookup)
    }

    /// A lookup in the user's own kubeconfigs, for the current context and for single contexts.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn lookup_own(&self) -> Result<Lookup, Error> {
        self.own_store().lookup().map_err(|errors| self.unreadable(&errors))
    }

    /// The error for existing files that cannot be loaded.
    #[must_use]
    pub fn unreadable(&self, errors: &[LoadError]) -> Error {
        Error::unreadable(errors, self.own_store().precedence().paths.len() > 1)
    }

    fn load_from(&self, store: &Store) -> Result<Loaded, Error> {
        let several = store.precedence().paths.len() > 1;
        let loaded = store.load().map_err(|errors| Error::unreadable(&errors, several))?;
        World::demand_explicit_file(store, loaded.merged.is_empty())?;
        self.note_unread_of(&loaded.merged);
        Ok(loaded)
    }

    /// [`World::note_unread`] for all files of a merged kubeconfig.
    pub(super) fn note_unread_of(&self, merged: &Merged) {
        for source in merged.sources() {
            if let Some(document) = &source.document {
                self.note_unread(&source.path, document);
            }
        }
    }

    /// Edits the user's own kubeconfigs, and reports attributes that could not be preserved. `decide` may run more than once.
    ///
    /// # Errors
    /// Nothing was written then.
    pub fn edit_own(
        &mut self,
        decide: impl FnMut(&Merged) -> Result<Vec<Change>, Error>,
    ) -> Result<Report, Error> {
        self.edit(&self.with_journal(self.own_store()), decide)
    }

    /// Like [`World::edit_own`], without a record in the journal: the edit removes a secret, or the only reference to one.
    ///
    /// # Errors
    /// Nothing was written then.
    pub fn edit_own_unrecorded(
        &mut self,
        decide: impl FnMut(&Merged) -> Result<Vec<Change>, Error>,
    ) -> Result<Report, Error> {
        self.edit(&self.own_store(), decide)
    }

    /// Loads files for an edit.
    ///
    /// # Errors
    /// As [`World::load`], with the message of a failed edit.
    pub fn load_to_edit(&self, store: &Store) -> Result<Loaded, Error> {
        let several = store.precedence().paths.len() > 1;
        let failed =
            |errors: Vec<_>| Error::not_committed(errors.into(), several, self.lock_options().timeout);
        let loaded = store.load().map_err(failed)?;
        World::demand_explicit_file(store, loaded.merged.is_empty())?;
        self.note_unread_of(&loaded.merged);
        Ok(loaded)
    }

    /// Edits files that have been loaded already, for example to ask the user about them. `decide` may run more than once.
    ///
    /// # Errors
    /// Nothing was written then.
    pub fn edit_loaded(
        &mut self,
        store: &Store,
        loaded: Loaded,
        mut decide: impl FnMut(&Merged) -> Result<Vec<Change>, Error>,
    ) -> Result<Report, Error> {
        let edited = store.edit_loaded(loaded, |merged| {
            World::demand_explicit_file(store, merged.is_empty())?;
            decide(merged)
        });
        self.edited(store, edited)
    }

    fn edit(
        &mut self,
        store: &Store,
        decide: impl FnMut(&Merged) -> Result<Vec<Change>, Error>,
    ) -> Result<Report, Error> {
        let loaded = self.load_to_edit(store)?;
        self.edit_loaded(store, loaded, decide)
    }

    /// Reports the result of an edit, with attributes that could not be preserved.
    ///
    /// # Errors
    /// The edit failed, and nothing was written.
    pub fn edited(
        &mut self,
        store: &Store,
        edited: Result<Report, CommitError<Error>>,
    ) -> Result<Report, Error> {
        let several = store.precedence().paths.len() > 1;
        let report = edited
            .map_err(|error| Error::not_committed(error, several, self.lock_options().timeout))
            .map_err(|error| self.hint_at_sessions(error))?;
        self.written(&report);
        Ok(report)
    }

    /// Notes the result of a write, and reports attributes that could not be preserved.
    pub fn written(&mut self, report: &Report) {
        self.note_report(report);
        self.tell_notes(report);
    }

    /// Reports attributes of written files that could not be preserved.
    pub fn tell_notes(&mut self, report: &Report) {
        for (file, note) in &report.notes {
            self.warn(&format!("{} {}", path(file), messages::write_note(*note)));
        }
        if let Some(why) = &report.not_recorded {
            self.warn(&format!("`kcx undo` cannot undo this change: {}", messages::not_recorded(why)));
        }
    }

    /// Fails if the file of `--kubeconfig` is missing. kubectl treats it as empty in `config`, and as an error elsewhere.
    fn demand_explicit_file(store: &Store, nothing_there: bool) -> Result<(), Error> {
        if nothing_there && store.precedence().origin == Origin::Flag {
            let file = path(store.default_path());
            let failed = Error::new(Cause::Failed, format!("cannot read {file}: no such file or directory"));
            return Err(failed.hints(tilde::hint(store.default_path())));
        }
        Ok(())
    }
}

//! The inputs of one run: the settings, the loading precedence with the files that discovery finds, and this shell's
//! session. Each is determined once, on first use.
//!
//! ```text
//! environment ─► list ─► session state ─► overlay ──────┐
//! settings ────► patterns ─► found files ─► precedence ─┴─► files that are open ─► Store
//! ```

use super::error::Error;
use super::settings_file;
use crate::env::Env;
use crate::kubeconfig::{Document, Kind};
use crate::session::guard::Record;
use crate::session::{Session, State};
use crate::settings::Settings;
use crate::store::discovery::{self, Found};
use crate::store::{OpenFiles, Origin, Precedence};
use std::cell::{Cell, OnceCell, RefCell};
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// The inputs of one run, each determined on first use.
#[derive(Debug, Default)]
pub(super) struct Inputs {
    settings: OnceCell<(Rc<Settings>, Option<Error>)>,
    /// True if a command has got the error of the settings, and reports it.
    settings_failed: Cell<bool>,
    list: OnceCell<Precedence>,
    session: OnceCell<State>,
    found: OnceCell<Found>,
    in_force: OnceCell<Precedence>,
    own: OnceCell<Precedence>,
    overlay: RefCell<Option<(Session, Rc<Document>)>>,
    record: RefCell<Option<(Session, Option<Rc<Record>>)>>,
    open_files: OpenFiles,
    /// Files with entries that are not read, see [`Document::unread`].
    unread: RefCell<Vec<Unread>>,
}

/// A file, and its entries that are not read.
pub(super) type Unread = (PathBuf, Vec<(Kind, String)>);

impl Inputs {
    /// The settings.
    ///
    /// # Errors
    /// The file cannot be read, or has an unknown field or an invalid value.
    pub(super) fn settings(&self, env: &Env) -> Result<Rc<Settings>, Error> {
        match self.read_settings(env) {
            (_, Some(error)) => {
                self.settings_failed.set(true);
                Err(error.clone())
            }
            (settings, None) => Ok(Rc::clone(settings)),
        }
    }

    /// The settings, or the defaults if the file cannot be read.
    pub(super) fn settings_or_default(&self, env: &Env) -> Rc<Settings> {
        Rc::clone(&self.read_settings(env).0)
    }

    /// The error of the settings that no command has reported.
    pub(super) fn hidden_settings_error(&self, env: &Env) -> Option<Error> {
        let error = self.read_settings(env).1.clone();
        error.filter(|_| !self.settings_failed.get())
    }

    fn read_settings(&self, env: &Env) -> &(Rc<Settings>, Option<Error>) {
        self.settings.get_or_init(|| match settings_file::load(env) {
            Ok(settings) => (Rc::new(settings), None),
            Err(error) => (Rc::default(), Some(error)),
        })
    }

    /// The files that the environment names, without files that discovery finds.
    pub(super) fn list(&self, env: &Env) -> &Precedence {
        self.list.get_or_init(|| Precedence::new(None, env))
    }

    /// The session state of this shell.
    pub(super) fn session(&self, env: &Env) -> &State {
        self.session.get_or_init(|| State::of(self.list(env), env))
    }

    /// The files that the patterns of the settings find.
    pub(super) fn found(&self, env: &Env) -> &Found {
        self.found
            .get_or_init(|| discovery::find(&self.settings_or_default(env).discovery, env, &self.open_files))
    }

    /// The files of a run without `--kubeconfig`.
    pub(super) fn in_force(&self, env: &Env) -> &Precedence {
        self.in_force.get_or_init(|| self.with_found(self.list(env).clone(), env))
    }

    /// Like [`Inputs::in_force`], without a session's overlay.
    pub(super) fn own(&self, env: &Env) -> &Precedence {
        self.own.get_or_init(|| self.with_found(self.list(env).without_overlays(env), env))
    }

    /// Without `KUBECONFIG`, the files that the user's patterns find are appended after `~/.kube/config`. In a shell with the
    /// hook, `KUBECONFIG` has them already.
    fn with_found(&self, mut precedence: Precedence, env: &Env) -> Precedence {
        if precedence.origin == Origin::Home {
            let found = &self.found(env).files;
            let new: Vec<_> = found.iter().filter(|file| !precedence.paths.contains(file)).cloned().collect();
            precedence.found = new.len();
            precedence.paths.extend(new);
        }
        precedence
    }

    /// The overlay of a session, read once.
    ///
    /// # Errors
    /// It does not exist, or is not a kubeconfig.
    pub(super) fn overlay(&self, session: &Session) -> io::Result<Rc<Document>> {
        if let Some((of, overlay)) = &*self.overlay.borrow()
            && of == session
        {
            return Ok(Rc::clone(overlay));
        }
        let overlay = Rc::new(session.read_through(&self.open_files)?);
        *self.overlay.borrow_mut() = Some((session.clone(), Rc::clone(&overlay)));
        Ok(overlay)
    }

    /// What kcx wrote into the overlay of a session last, read once.
    pub(super) fn record(&self, session: &Session) -> Option<Rc<Record>> {
        if let Some((of, record)) = &*self.record.borrow()
            && of == session
        {
            return record.clone();
        }
        let record = session.record_through(&self.open_files).map(Rc::new);
        *self.record.borrow_mut() = Some((session.clone(), record.clone()));
        record
    }

    /// Forgets the overlay, because it may have been written: the next use reads it again.
    pub(super) fn forget_overlay(&self, session: &Session) {
        self.overlay.take();
        self.record.take();
        self.open_files.forget(&session.overlay());
        self.open_files.forget(session.guard());
    }

    /// Remembers the entries of a file that are not read.
    pub(super) fn note_unread(&self, file: &Path, document: &Document) {
        let entries = document.unread();
        let mut unread = self.unread.borrow_mut();
        if !entries.is_empty() && unread.iter().all(|(noted, _)| noted != file) {
            unread.push((file.to_owned(), entries));
        }
    }

    /// Takes what [`Inputs::note_unread`] has noted.
    pub(super) fn take_unread(&self) -> Vec<Unread> {
        self.unread.take()
    }

    /// Files that this run has already opened.
    pub(super) fn open_files(&self) -> &OpenFiles {
        &self.open_files
    }
}

//! What one run finds out about its surroundings: the settings, the loading precedence with what discovery finds, and
//! this shell's session. Each is found once, when it is first asked for, and passed down from here.
//!
//! ```text
//! environment ─► list ─► session state ─► overlay ──────┐
//! settings ────► patterns ─► found files ─► precedence ─┴─► files that are open ─► Store
//! ```

use super::error::Error;
use super::settings_file;
use crate::env::Env;
use crate::kubeconfig::Document;
use crate::session::{Session, State};
use crate::settings::Settings;
use crate::store::discovery::{self, Found};
use crate::store::{OpenFiles, Origin, Precedence};
use std::cell::{OnceCell, RefCell};
use std::io;
use std::rc::Rc;

/// What one run finds out, each on first use.
#[derive(Debug, Default)]
pub(super) struct Inputs {
    settings: OnceCell<(Rc<Settings>, Option<Error>)>,
    list: OnceCell<Precedence>,
    session: OnceCell<State>,
    found: OnceCell<Found>,
    in_force: OnceCell<Precedence>,
    own: OnceCell<Precedence>,
    overlay: RefCell<Option<(Session, Rc<Document>)>>,
    open_files: OpenFiles,
}

impl Inputs {
    /// The settings.
    ///
    /// # Errors
    /// A file that cannot be read, or with something in it that kcx does not know.
    pub(super) fn settings(&self, env: &Env) -> Result<Rc<Settings>, Error> {
        match self.read_settings(env) {
            (_, Some(error)) => Err(error.clone()),
            (settings, None) => Ok(Rc::clone(settings)),
        }
    }

    /// The settings; the defaults where they cannot be read.
    pub(super) fn settings_or_default(&self, env: &Env) -> Rc<Settings> {
        Rc::clone(&self.read_settings(env).0)
    }

    fn read_settings(&self, env: &Env) -> &(Rc<Settings>, Option<Error>) {
        self.settings.get_or_init(|| match settings_file::load(env) {
            Ok(settings) => (Rc::new(settings), None),
            Err(error) => (Rc::default(), Some(error)),
        })
    }

    /// The files that the environment names, without those that discovery finds.
    pub(super) fn list(&self, env: &Env) -> &Precedence {
        self.list.get_or_init(|| Precedence::new(None, env))
    }

    /// The session state of this shell.
    pub(super) fn session(&self, env: &Env) -> &State {
        self.session.get_or_init(|| State::of(self.list(env), env))
    }

    /// What the patterns of the settings find.
    pub(super) fn found(&self, env: &Env) -> &Found {
        self.found
            .get_or_init(|| discovery::find(&self.settings_or_default(env).discovery, env, &self.open_files))
    }

    /// The files in force where no flag names one.
    pub(super) fn in_force(&self, env: &Env) -> &Precedence {
        self.in_force.get_or_init(|| self.with_found(self.list(env).clone(), env))
    }

    /// The same without a session's overlay.
    pub(super) fn own(&self, env: &Env) -> &Precedence {
        self.own.get_or_init(|| self.with_found(self.list(env).without_overlays(env), env))
    }

    /// Where no list was given, what the user's patterns find comes behind `~/.kube/config`. In a shell with the hook
    /// `KUBECONFIG` has them already.
    fn with_found(&self, mut precedence: Precedence, env: &Env) -> Precedence {
        if precedence.origin == Origin::Home {
            let found = &self.found(env).files;
            let new: Vec<_> = found.iter().filter(|file| !precedence.paths.contains(file)).cloned().collect();
            precedence.found = new.len();
            precedence.paths.extend(new);
        }
        precedence
    }

    /// The overlay of a session, as it was when it was first read.
    ///
    /// # Errors
    /// It is gone, or no kubeconfig.
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

    /// The overlay may have been written: it is read again.
    pub(super) fn forget_overlay(&self, session: &Session) {
        self.overlay.take();
        self.open_files.forget(&session.overlay());
    }

    /// The files that are open.
    pub(super) fn open_files(&self) -> &OpenFiles {
        &self.open_files
    }
}

//! What a command is given: the facts, the flags that all commands take, and the two streams to answer on.

use super::error::{Cause, Error, path};
use super::globals::{Color, Globals, Output};
use super::inputs::Inputs;
use super::words;
use crate::env::Env;
use crate::file::LockOptions;
use crate::kubeconfig::change::Change;
use crate::kubeconfig::{Document, Merged};
use crate::printer::{json, quote, yaml};
use crate::session::{Session, State};
use crate::settings::Settings;
use crate::store::discovery::{self, Found};
use crate::store::{
    self, CommitError, Journal, LoadError, Loaded, Lookup, Origin, Precedence, Report, Store,
};
use serde_json::Value;
use std::io::Write;
use std::path::Path;
use std::rc::Rc;

/// The world of one run.
pub struct World<'w> {
    /// The facts.
    pub env: &'w Env,
    /// stdout: data.
    pub out: &'w mut dyn Write,
    /// stderr: talk.
    pub err: &'w mut dyn Write,
    /// The flags that all of kcx's own commands take.
    pub globals: Globals,
    /// The command, as the journal names it.
    pub command: String,
    /// What it finds out about its surroundings.
    inputs: Inputs,
}

impl<'w> World<'w> {
    /// A world for a command of this name, before its flags are known.
    pub fn new(env: &'w Env, out: &'w mut dyn Write, err: &'w mut dyn Write, command: String) -> World<'w> {
        World { env, out, err, globals: Globals::default(), command, inputs: Inputs::default() }
    }

    /// How patient to be about locks.
    #[must_use]
    pub fn lock_options(&self) -> LockOptions {
        self.globals.writing.lock_options()
    }

    /// Prints data.
    ///
    /// # Errors
    /// stdout is closed or full.
    pub fn print(&mut self, text: &str) -> std::io::Result<()> {
        self.out.write_all(text.as_bytes())
    }

    /// Prints a value as JSON or YAML. Characters that a terminal would obey, hide or reorder are escaped, in a pipe
    /// too: the value stays the same. All commands print values this way.
    ///
    /// # Errors
    /// Fails if stdout is closed or full.
    pub fn print_value(&mut self, output: Output, value: &Value) -> std::io::Result<()> {
        self.print(&if output == Output::Yaml { yaml::visible(value) } else { json::visible(value) })
    }

    /// Prints lines that may hold names: as they are into a pipe, harmless on a terminal.
    ///
    /// # Errors
    /// stdout is closed or full.
    pub fn print_lines(&mut self, text: &str) -> std::io::Result<()> {
        if self.env.stdout_is_terminal { self.print(&quote::visible_lines(text)) } else { self.print(text) }
    }

    /// Tells lines that may hold names: as they are into a pipe, harmless on a terminal.
    pub fn tell_lines(&mut self, text: &str) {
        if self.env.stderr_is_terminal { self.tell(&quote::visible_lines(text)) } else { self.tell(text) }
    }

    /// Prints names, one a line: as they are into a pipe, harmless on a terminal.
    ///
    /// # Errors
    /// stdout is closed or full.
    pub fn print_names<'n>(&mut self, names: impl IntoIterator<Item = &'n str>) -> std::io::Result<()> {
        let mut lines = String::new();
        for name in names {
            lines += &if self.env.stdout_is_terminal { quote::visible(name) } else { name.into() };
            lines.push('\n');
        }
        self.print(&lines)
    }

    /// Tells the user something, line end included. That nobody listens is no failure.
    pub fn tell(&mut self, text: &str) {
        // What was printed before must be seen before.
        let _ = self.out.flush();
        let _ = self.err.write_all(text.as_bytes());
    }

    /// Tells what was done, unless asked to be quiet.
    pub fn done(&mut self, text: &str) {
        if !self.globals.quiet {
            self.tell(&format!("{text}\n"));
        }
    }

    /// Tells about something that is wrong but stops nothing.
    pub fn warn(&mut self, text: &str) {
        let label = self.label("warning:", "33");
        self.tell(&format!("{label} {text}\n"));
    }

    /// Tells what to type next.
    pub fn hint(&mut self, text: &str) {
        let label = self.label("hint:", "36");
        self.tell(&format!("{label} {text}\n"));
    }

    /// Tells why a command failed; the exit code comes back.
    pub fn fail(&mut self, error: &Error) -> i32 {
        if !matches!(error.cause, Cause::Silent(_)) {
            let mut text = format!("{} {}\n{}", self.label("error:", "31"), error.message, error.details);
            for hint in &error.hints {
                text += &format!("{} {hint}\n", self.label("hint:", "36"));
            }
            self.tell(&text);
        }
        error.cause.code()
    }

    fn label(&self, label: &str, color: &str) -> String {
        if self.colors_stderr() { format!("\x1b[1;{color}m{label}\x1b[0m") } else { label.to_owned() }
    }

    /// Refuses `-o` for a command that answers on stderr alone: it has nothing to print in another format.
    ///
    /// # Errors
    /// Exit code 2.
    pub fn refuse_output(&self, command: &str) -> Result<(), Error> {
        match self.globals.output {
            None => Ok(()),
            Some(_) => {
                Err(Error::new(Cause::Usage, format!("`kcx {command}` prints no data, so it has no `-o`"))
                    .hint("`kcx current -o json` tells where you are"))
            }
        }
    }

    /// True if talk may be coloured.
    #[must_use]
    pub fn colors_stderr(&self) -> bool {
        self.colors(self.env.stderr_is_terminal)
    }

    /// True if data may be coloured.
    #[must_use]
    pub fn colors_stdout(&self) -> bool {
        self.colors(self.env.stdout_is_terminal)
    }

    fn colors(&self, terminal: bool) -> bool {
        match self.globals.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => terminal && !self.env.no_color,
        }
    }

    /// The settings.
    ///
    /// # Errors
    /// A file that cannot be read, or with something in it that kcx does not know.
    pub fn settings(&self) -> Result<Rc<Settings>, Error> {
        self.inputs.settings(self.env)
    }

    /// The settings; the defaults where they cannot be read.
    #[must_use]
    pub fn settings_or_default(&self) -> Rc<Settings> {
        self.inputs.settings_or_default(self.env)
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
    /// It is gone, or no kubeconfig.
    pub fn overlay(&self, session: &Session) -> std::io::Result<Rc<Document>> {
        self.inputs.overlay(session)
    }

    /// The overlay may have been written: it is read again when it is needed.
    pub fn forget_overlay(&self, session: &Session) {
        self.inputs.forget_overlay(session);
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

    /// Where changes are noted, unless the user does not want that.
    #[must_use]
    pub fn journal(&self) -> Journal {
        if self.globals.writing.no_journal || !self.settings_or_default().journal {
            return Journal::default();
        }
        Journal::of(self.env, &self.command)
    }

    /// These kubeconfigs, for an edit: it is noted.
    #[must_use]
    pub fn with_journal(&self, store: Store) -> Store {
        store.with_journal(self.journal())
    }

    /// Makes a file hold these bytes, and tells what could not be kept of it; true if it did not already. `may_replace`
    /// is asked where it holds something else.
    ///
    /// # Errors
    /// The file is as it was then.
    pub fn put(
        &mut self,
        path: &Path,
        bytes: &[u8],
        may_replace: impl FnOnce(&[u8]) -> Result<(), Error>,
    ) -> Result<bool, Error> {
        let put = store::put(path, bytes, may_replace, &self.lock_options(), &self.journal());
        let report = put.map_err(|error| Error::not_committed(error, false, self.lock_options().timeout))?;
        self.tell_notes(&report);
        Ok(!report.written.is_empty())
    }

    /// What the patterns of the settings find.
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

    /// Names the files that were passed over because they are no YAML.
    pub fn warn_of_broken(&mut self) {
        if self.explicit().is_some() || self.inputs.own(self.env).origin != Origin::Home {
            return;
        }
        let broken: Vec<String> = self.found().broken.iter().map(|file| path(file)).collect();
        if !broken.is_empty() {
            self.warn(&format!("left out, because it is not valid YAML: {}", broken.join(", ")));
        }
    }

    /// Reads them.
    ///
    /// # Errors
    /// A file that cannot be read, or `--kubeconfig` with a file that is not there.
    pub fn load(&self) -> Result<Loaded, Error> {
        self.load_from(&self.store())
    }

    /// Reads the user's own.
    ///
    /// # Errors
    /// As [`World::load`].
    pub fn load_own(&self) -> Result<Loaded, Error> {
        self.load_from(&self.own_store())
    }

    /// Looks at the kubeconfigs in force: which contexts there are, and what is in one entry.
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

    /// Looks at the user's own: what is current, and what is in one context.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn lookup_own(&self) -> Result<Lookup, Error> {
        self.own_store().lookup().map_err(|errors| self.unreadable(&errors))
    }

    /// Files that are there and cannot be loaded.
    #[must_use]
    pub fn unreadable(&self, errors: &[LoadError]) -> Error {
        Error::unreadable(errors, self.own_store().precedence().paths.len() > 1)
    }

    fn load_from(&self, store: &Store) -> Result<Loaded, Error> {
        let several = store.precedence().paths.len() > 1;
        let loaded = store.load().map_err(|errors| Error::unreadable(&errors, several))?;
        World::demand_explicit_file(store, loaded.merged.is_empty())?;
        Ok(loaded)
    }

    /// Changes the user's own, and tells what could not be kept of a file. `decide` may run more than once.
    ///
    /// # Errors
    /// Nothing was written then.
    pub fn edit_own(
        &mut self,
        decide: impl FnMut(&Merged) -> Result<Vec<Change>, Error>,
    ) -> Result<Report, Error> {
        self.edit(&self.with_journal(self.own_store()), decide)
    }

    /// Changes the user's own, and leaves no note of it in the journal: what goes is a secret, or the only way to one.
    ///
    /// # Errors
    /// Nothing was written then.
    pub fn edit_own_unrecorded(
        &mut self,
        decide: impl FnMut(&Merged) -> Result<Vec<Change>, Error>,
    ) -> Result<Report, Error> {
        self.edit(&self.own_store(), decide)
    }

    /// Reads files that are to be changed.
    ///
    /// # Errors
    /// As [`World::load`], with the words of an edit.
    pub fn load_to_edit(&self, store: &Store) -> Result<Loaded, Error> {
        let several = store.precedence().paths.len() > 1;
        let failed =
            |errors| Error::not_committed(CommitError::Load(errors), several, self.lock_options().timeout);
        let loaded = store.load().map_err(failed)?;
        World::demand_explicit_file(store, loaded.merged.is_empty())?;
        Ok(loaded)
    }

    /// Changes files that were loaded to ask about them. `decide` may run more than once.
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

    /// What came of an edit of these files: what could not be kept of one is told.
    ///
    /// # Errors
    /// Why nothing was written, in words.
    pub fn edited(
        &mut self,
        store: &Store,
        edited: Result<Report, CommitError<Error>>,
    ) -> Result<Report, Error> {
        let several = store.precedence().paths.len() > 1;
        let report =
            edited.map_err(|error| Error::not_committed(error, several, self.lock_options().timeout))?;
        self.tell_notes(&report);
        Ok(report)
    }

    /// Tells what could not be kept of written files.
    pub fn tell_notes(&mut self, report: &Report) {
        for (file, note) in &report.notes {
            self.warn(&format!("{} {}", path(file), words::write_note(*note)));
        }
        if let Some(why) = &report.not_recorded {
            self.warn(&format!("`kcx undo` will not take this back: {}", words::not_recorded(why)));
        }
    }

    /// kubectl takes a missing `--kubeconfig` for an empty one in `config`, and for an error everywhere else.
    fn demand_explicit_file(store: &Store, nothing_there: bool) -> Result<(), Error> {
        if nothing_there && store.precedence().origin == Origin::Flag {
            let file = path(store.default_path());
            return Err(Error::new(Cause::Failed, format!("cannot read {file}: no such file or directory")));
        }
        Ok(())
    }

    /// Where the user's kubeconfigs are, in words: for when nothing is in them.
    #[must_use]
    pub fn places(&self) -> String {
        let paths = self.store().precedence().paths.clone();
        let named: Vec<String> =
            paths.iter().filter(|file| !file.as_os_str().is_empty()).map(|file| path(file)).collect();
        named.join(", ")
    }
}

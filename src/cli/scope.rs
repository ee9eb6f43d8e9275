//! The scope of a switch: this shell's own overlay, or the user's kubeconfig and thereby all shells.

use super::error::{Cause, Error, name, path};
use super::{World, messages, overlay_migration};
use crate::file::LockError;
use crate::kubeconfig::{EntryRef, Kind, Merged};
use crate::session::hook::Shell;
use crate::session::{OverlayError, Selection, Session, State, history};
use crate::store::{Lookup, Precedence};
use std::path::Path;

/// The flags that choose the scope.
#[derive(clap::Args, Clone, Copy, Debug, Default)]
pub struct ScopeFlags {
    /// Switch for all shells: write the user's own kubeconfig (the default without the shell hook)
    #[arg(long)]
    pub global: bool,

    /// Switch only this shell (the default with the shell hook, see `kcx init`)
    #[arg(long, conflicts_with = "global")]
    pub session: bool,
}

/// The scope of a switch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// This shell only.
    Session(Session),
    /// All shells. Has the reason if this shell seems to have a session that is not affected.
    Global(Option<String>),
}

impl Scope {
    /// Determines the scope from the flags, the environment and `--kubeconfig`.
    ///
    /// # Errors
    /// `--session` without a session.
    pub(super) fn of(flags: ScopeFlags, world: &World<'_>) -> Result<Scope, Error> {
        if world.globals.kubeconfig.is_some() {
            return if flags.session {
                Err(Error::new(
                    Cause::Usage,
                    "`--session` switches this shell, `--kubeconfig` names one file: not both",
                ))
            } else {
                Ok(Scope::Global(None))
            };
        }
        let shell =
            world.env.shell.as_deref().and_then(|shell| Shell::of(Path::new(shell))).unwrap_or(Shell::Bash);
        let (line, file) = shell.setup();
        let state = world.session();
        let (why, hint) = match &state {
            State::Active(session) if !flags.global => return Ok(Scope::Session(session.clone())),
            State::Off | State::Active(_) => (
                "this shell has no context of its own, because the shell hook does not run in it".to_owned(),
                format!(
                    "put `{line}` into {file} and open a new shell; without `--session` kcx switches all shells"
                ),
            ),
            State::Displaced(_) => (
                "this shell has lost its own context: KUBECONFIG was changed after the shell hook ran"
                    .to_owned(),
                format!("put `{line}` after the last change of KUBECONFIG in {file}, or run it again"),
            ),
            State::Gone(overlay) => (
                format!("this shell has lost its own context: {} no longer exists", path(overlay)),
                format!("`{line}` creates a new one"),
            ),
        };
        if flags.session {
            return Err(Error::new(Cause::Failed, format!("{why}; nothing was written")).hint(hint));
        }
        let strange = !flags.global && matches!(state, State::Displaced(_) | State::Gone(_));
        Ok(Scope::Global(strange.then(|| format!("{why}, so all shells were switched"))))
    }

    /// The key of this scope in the history.
    pub(super) fn place(&self, world: &World<'_>) -> String {
        match self {
            Scope::Session(session) => session.id(),
            Scope::Global(_) => history::place_of_file(world.env, world.own_store().default_path()),
        }
    }

    /// Warns after a switch that it affected all shells although this shell seems to have a session.
    pub(super) fn warn(&self, world: &mut World<'_>) {
        if let Scope::Global(Some(why)) = self {
            world.warn(why);
        }
    }
}

/// The state before a switch of a session: the user's own files, and the selection in the overlay.
pub(super) struct Choice {
    /// The user's own files, after the overlay.
    pub(super) own: Lookup,
    /// The selection in the overlay; `None` while the shell uses the context of the user's own files.
    pub(super) selection: Option<Selection>,
    /// The text of the overlay, if it has only this selection.
    plain: Option<String>,
}

impl Choice {
    /// Reads both, after moving entries of other tools out of the overlay.
    pub(super) fn load(session: &Session, world: &mut World<'_>) -> Result<Choice, Error> {
        let read = |world: &World<'_>| world.overlay(session).map_err(|error| unreadable(session, &error));
        let mut overlay = read(world)?;
        let plain = session.is_plain(&overlay);
        if !plain {
            overlay_migration::migrate(session, world);
            overlay = read(world)?;
        }
        let plain = plain.then(|| overlay.text().to_owned());
        Ok(Choice { own: world.lookup_own()?, selection: Selection::read(&overlay)?, plain })
    }

    /// The context in force.
    pub(super) fn current(&self) -> &str {
        self.selection.as_ref().map_or(self.own.current_context(), |selection| selection.context.as_str())
    }

    /// A context of the user's own files.
    pub(super) fn own(&mut self, context: &str, world: &World<'_>) -> Result<Selection, Error> {
        let body = self.own.body(Kind::Context, context).map_err(|errors| world.unreadable(&errors))?;
        Ok(Selection::new(context, body, None))
    }

    /// The context in force as this shell sees it.
    pub(super) fn in_force(&mut self, world: &World<'_>) -> Result<Selection, Error> {
        match &self.selection {
            Some(selection) if selection.body.is_some() => Ok(selection.clone()),
            _ => {
                let current = self.current().to_owned();
                self.own(&current, world)
            }
        }
    }
}

fn unreadable(session: &Session, error: &std::io::Error) -> Error {
    let file = path(&session.overlay());
    Error::new(
        Cause::Failed,
        format!("cannot read this shell's overlay {file}: {}", messages::io_error(error)),
    )
    .hint("`--global` switches without it; a new shell has a new one")
}

/// How often writing a selection is repeated because another program keeps writing into the overlay.
const ATTEMPTS: usize = 5;

/// Writes the selection of a session, if it has changed.
pub(super) fn select(
    session: &Session,
    choice: &Choice,
    selection: Option<&Selection>,
    world: &mut World<'_>,
) -> Result<bool, Error> {
    if choice.selection.as_ref() == selection {
        return Ok(false);
    }
    for _ in 0..ATTEMPTS {
        match session.select(selection, choice.plain.as_deref(), &choice.own, &world.lock_options()) {
            Ok(true) => {
                world.forget_overlay(session);
                return Ok(true);
            }
            Ok(false) => drop(overlay_migration::migrate(session, world)),
            Err(OverlayError::Update(_, source) | OverlayError::Lock(LockError::Io { source, .. })) => {
                let (file, why) = (path(&session.overlay()), messages::io_error(&source));
                return Err(Error::new(
                    Cause::Failed,
                    format!("cannot write this shell's overlay {file}: {why}"),
                )
                .hint("`--global` switches without it"));
            }
            Err(OverlayError::Lock(error)) => {
                return Err(Error::not_locked(&error, world.lock_options().timeout));
            }
        }
    }
    let message = "another program keeps writing into this shell's overlay; nothing was written";
    Err(Error::new(Cause::Conflict, message).hint("try again when it is done"))
}

/// `session` if this shell has its own selection, else `global`.
pub(super) fn word(merged: &Merged, precedence: &Precedence) -> &'static str {
    let source = merged.current_source().and_then(|at| merged.sources().get(at));
    if source.is_some_and(|source| precedence.is_overlay(&source.path)) { "session" } else { "global" }
}

/// The entry in the user's own file of which the overlay has a copy.
pub(super) fn own_entry(merged: &Merged, entry: EntryRef, precedence: &Precedence) -> EntryRef {
    let in_overlay = |entry: &EntryRef| precedence.is_overlay(merged.path(*entry));
    merged.holders(entry.kind, merged.name(entry)).find(|entry| !in_overlay(entry)).unwrap_or(entry)
}

/// Warns after a switch for all shells that this shell keeps its own selection.
pub(super) fn tell_pinned(world: &mut World<'_>, switched_to: &str) {
    let Some(session) = world.session().active() else { return };
    let overlay = world.overlay(&session).ok();
    if let Some(Ok(Some(selection))) = overlay.map(|overlay| Selection::read(&overlay))
        && selection.context != switched_to
    {
        world.done(&format!(
            "this shell stays on context {}; `kcx use --unset` makes it follow the kubeconfig",
            name(&selection.context)
        ));
    }
}

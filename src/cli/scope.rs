//! The scope of a switch: this shell's own overlay, or the user's kubeconfig and thereby all shells.

use super::error::{Cause, Error, name, path};
use super::{World, messages, overlay_migration};
use crate::file::LockError;
use crate::kubeconfig::schema::key;
use crate::kubeconfig::{Body, Document, EntryRef, Kind, Merged, ParseError};
use crate::session::guard::Record;
use crate::session::history::SwitchRecord;
use crate::session::hook::Shell;
use crate::session::{OverlayError, Selection, Session, State, StoredSelection, history};
use crate::store::journal::{Operation, OperationKind};
use crate::store::{Lookup, Overlay, Precedence};
use std::rc::Rc;

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
    /// All shells.
    Global,
}

impl Scope {
    /// Determines the scope from the flags, the environment and `--kubeconfig`.
    ///
    /// # Errors
    /// `--session` without a session, and a session that was lost without `--global`: the shell shows its context no more,
    /// but who switches it does not mean all others.
    pub(super) fn of(flags: ScopeFlags, world: &World<'_>) -> Result<Scope, Error> {
        if world.globals.kubeconfig.is_some() {
            return if flags.session {
                Err(Error::new(
                    Cause::Usage,
                    "`--session` switches this shell, `--kubeconfig` names one file: not both",
                ))
            } else {
                Ok(Scope::Global)
            };
        }
        let shell = Shell::of_user(world.env).unwrap_or(Shell::Bash);
        let (line, file) = shell.setup();
        let lost = "this shell's context is not in force";
        let again =
            "press Enter: the next prompt restores it; or open a new shell; `--global` switches all shells"
                .to_owned();
        let (why, hint) = match world.session() {
            _ if flags.global => return Ok(Scope::Global),
            State::Active(session) if session.is_of_directory() => (
                "the context here was set by `kcx env`, for all shells in this directory".to_owned(),
                "set another one there, or switch at the next prompt of a shell with the hook".to_owned(),
            ),
            State::Active(session) => return Ok(Scope::Session(session)),
            State::Off if !flags.session => return Ok(Scope::Global),
            State::Off => (
                "this shell has no context of its own, because the shell hook does not run in it".to_owned(),
                format!(
                    "put `{line}` into {file} and open a new shell; without `--session` kcx switches all shells"
                ),
            ),
            State::Displaced(session) => {
                let list = world.precedence(None);
                let is_own = |overlay: &&Overlay| overlay.path() == session.overlay();
                let first = list.paths.first().filter(|_| list.any_overlay().filter(is_own).is_some());
                let why = match first {
                    Some(first) => format!("KUBECONFIG names {} before its overlay", path(first)),
                    None => "KUBECONFIG was changed after the shell hook ran".to_owned(),
                };
                (format!("{lost}: {why}"), again)
            }
            State::Gone(overlay) => (format!("{lost}: {} no longer exists", path(overlay.path())), again),
        };
        Err(Error::new(Cause::Failed, format!("{why}; nothing was switched")).hint(hint))
    }

    /// The key of this scope in the history.
    pub(super) fn place(&self, world: &World<'_>) -> String {
        match self {
            Scope::Session(session) => session.id(),
            Scope::Global => history::place_of_file(world.env, world.own_store().default_path()),
        }
    }
}

/// The state before a switch of a session: the user's own files, and the selection in the overlay.
pub(super) struct Choice {
    /// The user's own files, without the overlay.
    pub(super) own: Lookup,
    /// The selection in the overlay; `None` while the shell uses the context of the user's own files.
    pub(super) selection: Option<StoredSelection>,
    /// The overlay as it was read, and its record.
    overlay: Rc<Document>,
    record: Option<Rc<Record>>,
}

impl Choice {
    /// Reads both, after moving entries of other tools out of the overlay.
    pub(super) fn load(session: &Session, world: &mut World<'_>) -> Result<Choice, Error> {
        let (mut overlay, mut own) = (read(session, world)?, world.lookup_own()?);
        if !overlay_migration::is_as_written(session, world)
            || !overlay_migration::agrees(session, &mut own, world)
        {
            own.hand_on();
            overlay_migration::settle(session, world);
            (overlay, own) = (read(session, world)?, world.lookup_own()?);
        }
        let (selection, record) = (StoredSelection::read(&overlay)?, world.record(session));
        Ok(Choice { own, selection, overlay, record })
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
            Some(StoredSelection { context, body: Some(body) }) => {
                Ok(Selection::new(context, Some(body.clone()), None))
            }
            _ => {
                let current = self.current().to_owned();
                self.own(&current, world)
            }
        }
    }
}

fn read(session: &Session, world: &World<'_>) -> Result<Rc<Document>, Error> {
    world.overlay(session).map_err(|error| {
        let (file, why) = (path(&session.overlay()), messages::io_error(&error));
        Error::new(Cause::Failed, format!("cannot read this shell's overlay {file}: {why}"))
            .hint("`--global` switches without it; a new shell has a new one")
    })
}

/// How often writing a selection is repeated because another program keeps writing into the overlay.
const ATTEMPTS: usize = 5;

/// Writes the selection of a session, if it has changed.
pub(super) fn select(
    session: &Session,
    choice: &mut Choice,
    wanted: Option<&Selection>,
    world: &mut World<'_>,
) -> Result<bool, Error> {
    let selection = match wanted {
        Some(selection) => {
            let own = choice.own(&selection.context, world)?;
            Some(StoredSelection::of(selection, own.body.as_ref()))
        }
        None => None,
    };
    if choice.selection == selection {
        return Ok(false);
    }
    let operations = match world.has_result() {
        true => operations(session, choice, wanted, world)?,
        false => Vec::new(),
    };
    for _ in 0..ATTEMPTS {
        // Entries of other programs that could not be moved stay.
        let foreign = session.foreign_entries(&choice.overlay, choice.record.as_deref(), |context| {
            choice.own.body(Kind::Context, context).ok().flatten()
        })?;
        match session.replace(&choice.overlay, selection.as_ref(), &foreign, &world.lock_options()) {
            Ok(true) => {
                world.forget_overlay(session);
                world.note_operations(operations);
                return Ok(true);
            }
            Ok(false) => {
                world.forget_overlay(session);
                overlay_migration::migrate(session, world);
                choice.overlay = read(session, world)?;
                choice.record = world.record(session);
            }
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

/// The operations of a switch of this shell, as those of the same change of a kubeconfig.
fn operations(
    session: &Session,
    choice: &mut Choice,
    after: Option<&Selection>,
    world: &World<'_>,
) -> Result<Vec<Operation>, Error> {
    let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let change = |from: &str, to: &str| {
        let verb = if to.is_empty() { OperationKind::Unset } else { OperationKind::Set };
        let file = Some(session.overlay());
        Operation { verb, from: some(from), to: some(to), file, ..Operation::write() }
    };
    let before = choice.in_force(world)?;
    let Some(after) = after else {
        return Ok(vec![Operation { field: some("current-context"), ..change(&before.context, "") }]);
    };
    let mut operations = Vec::new();
    // Without another namespace, the context keeps its own.
    let mut namespace = before.namespace().to_owned();
    if before.context != after.context {
        operations
            .push(Operation { field: some("current-context"), ..change(&before.context, &after.context) });
        choice.own(&after.context, world)?.namespace().clone_into(&mut namespace);
    }
    if namespace != after.namespace() {
        operations.push(Operation {
            kind: Some(Kind::Context),
            name: some(&after.context),
            field: some(key::NAMESPACE),
            ..change(&namespace, after.namespace())
        });
    }
    Ok(operations)
}

/// Gives this shell this namespace in the context in force, or none if it is empty. Returns the line for the history;
/// `None` if nothing has changed.
pub(super) fn select_namespace(
    session: &Session,
    mut choice: Choice,
    namespace: &str,
    world: &mut World<'_>,
) -> Result<Option<SwitchRecord>, Error> {
    let mut selection = choice.in_force(world)?;
    let before = selection.namespace().to_owned();
    selection.set_namespace(namespace);
    if before == namespace || !select(session, &mut choice, Some(&selection), world)? {
        return Ok(None);
    }
    Ok(Some(SwitchRecord {
        place: session.id(),
        namespace: namespace.to_owned(),
        was: Some(before),
        own: Some(choice.own(&selection.context, world)?.namespace().to_owned()),
        from: None,
        context: selection.context,
        at: None,
    }))
}

/// `session` if this shell has its own selection, else `global`.
pub(super) fn word(merged: &Merged, precedence: &Precedence) -> &'static str {
    let source = merged.current_source().and_then(|at| merged.sources().get(at));
    if source.is_some_and(|source| precedence.is_session_file(&source.path)) { "session" } else { "global" }
}

/// The entry in the user's own file of which the overlay has a copy.
pub(super) fn own_entry(merged: &Merged, entry: EntryRef, precedence: &Precedence) -> EntryRef {
    own(merged, entry.kind, merged.name(entry), precedence).unwrap_or(entry)
}

/// The body of a context in the user's own files.
pub(super) fn own_body(
    merged: &Merged,
    context: &str,
    precedence: &Precedence,
) -> Result<Option<Body>, ParseError> {
    let own = own(merged, Kind::Context, context, precedence);
    own.map(|entry| Ok(merged.body(entry)?.into_owned())).transpose()
}

fn own(merged: &Merged, kind: Kind, name: &str, precedence: &Precedence) -> Option<EntryRef> {
    merged.holders(kind, name).find(|entry| !precedence.is_session_file(merged.path(*entry)))
}

/// Warns after a switch for all shells that this shell keeps its own selection.
pub(super) fn tell_pinned(world: &mut World<'_>, switched_to: &str) {
    let Some(session) = world.session().active() else { return };
    let overlay = world.overlay(&session).ok();
    if let Some(Ok(Some(selection))) = overlay.map(|overlay| StoredSelection::read(&overlay))
        && selection.context != switched_to
    {
        world.done(&format!(
            "this shell stays on context {}; `kcx use --unset` makes it follow the kubeconfig",
            name(&selection.context)
        ));
    }
}

//! The setting `protect: {idle: 30m}`: a shell leaves a protected context after this time without a command.
//!
//! The shell measures the time. When it is over, at a prompt or before a command, it calls `kcx __idle PID`, and the session is on
//! no context. The next prompt selects the context before, if that one is not protected.

use super::super::allow::{AllowArgs, Wording};
use super::super::error::{Cause, Error, name};
use super::super::scope::{self, Choice};
use super::super::{World, discovered, use_context};
use crate::codec::duration;
use crate::kubeconfig::Kind;
use crate::session::history::{History, SwitchRecord};
use crate::session::{Selection, Session, State, idle};

/// The session of this shell in force, which it can leave.
fn own_session(pid: u32, world: &World<'_>) -> Option<Session> {
    let State::Active(session) = world.session() else { return None };
    let is_fixed = world.env.locked.is_some() || world.env.read_only || session.is_of_directory();
    let is_own = session.owner().is_some_and(|owner| owner.pid == pid);
    Some(session).filter(|_| is_own && !is_fixed)
}

/// After how many seconds without a command this shell leaves its context.
pub(super) fn limit(pid: u32, context: &str, is_protected: bool, world: &World<'_>) -> Option<u64> {
    let limit = world.settings_or_default().idle.filter(|_| is_protected && idle::left(context).is_none())?;
    own_session(pid, world).map(|_| limit.as_secs())
}

/// `kcx __idle PID`: the time is over, and this shell leaves its context, if that is still protected.
///
/// # Errors
/// Arguments that no hook passes; the overlay cannot be written.
pub(in super::super) fn leave(words: &[String], world: &mut World<'_>) -> Result<(), Error> {
    let [pid] = words else { return Err(Error::new(Cause::Usage, "`kcx __idle` is for the shell hook")) };
    let Some(session) = pid.parse().ok().and_then(|pid| own_session(pid, world)) else { return Ok(()) };
    let settings = world.settings()?;
    let mut choice = Choice::load(&session, world)?;
    let from = choice.current().to_owned();
    let Some(limit) = settings.idle.filter(|_| settings.rule(&from).is_protected()) else { return Ok(()) };
    if idle::left(&from).is_some() || from.is_empty() {
        return Ok(());
    }
    let selection = Selection::new(&idle::after(&from), None, None);
    scope::select(&session, &mut choice, Some(&selection), world)?;
    let time = duration::short(limit);
    world.done(&format!(
        "{time} without a command: this shell has left the protected context {}",
        name(&from)
    ));
    if before(&from, &session, &mut choice, world)?.is_none() {
        let record = SwitchRecord { place: session.id(), from: Some(from), ..SwitchRecord::default() };
        use_context::record_switch(world, &record);
        world.hint("`kcx use NAME` selects a context for it, and `kcx use -` this one again");
    }
    Ok(())
}

/// Selects the context before the one that was left, at the prompt after that.
pub(super) fn settle(session: &Session, world: &mut World<'_>) -> Result<(), Error> {
    let is_left = |world: &World<'_>| {
        let overlay = world.overlay(session).ok()?;
        idle::left(overlay.current_context()).map(str::to_owned)
    };
    let Some(left) = is_left(world) else { return Ok(()) };
    let mut choice = Choice::load(session, world)?;
    let Some(target) = before(&left, session, &mut choice, world)? else { return Ok(()) };
    let selection = match &target {
        Target::Context(context) => {
            let own = choice.own(context, world)?;
            let last = History::load(world.env).last_namespace(context, own.namespace());
            Some(Selection::new(context, own.body.clone(), last.as_deref()))
        }
        Target::Kubeconfig(_) => None,
    };
    if !scope::select(session, &mut choice, selection.as_ref(), world)? {
        return Ok(());
    }
    let context = selection.as_ref().map(|selection| selection.context.clone()).unwrap_or_default();
    let namespace = selection.as_ref().map(|selection| selection.namespace().to_owned()).unwrap_or_default();
    let record =
        SwitchRecord { place: session.id(), context, from: Some(left), namespace, ..SwitchRecord::default() };
    use_context::record_switch(world, &record);
    let (Target::Context(now) | Target::Kubeconfig(now)) = &target;
    world.done(&format!("this shell is on context {} again", name(now)));
    Ok(())
}

/// Where a shell goes.
enum Target {
    /// To a context that it was on.
    Context(String),
    /// It follows the kubeconfig again, whose current context this is.
    Kubeconfig(String),
}

/// The last context of this shell that exists, is not protected and needs no permission; without one, the current one of the
/// kubeconfig. `None` if that is protected, too.
fn before(
    left: &str,
    session: &Session,
    choice: &mut Choice,
    world: &mut World<'_>,
) -> Result<Option<Target>, Error> {
    let earlier = History::load(world.env).previous_contexts(&session.id(), Some(left));
    for context in earlier {
        if is_open(&context, choice, world)? {
            return Ok(Some(Target::Context(context)));
        }
    }
    let current = choice.own.current_context().to_owned();
    let is_open = !current.is_empty() && is_open(&current, choice, world)?;
    Ok(is_open.then_some(Target::Kubeconfig(current)))
}

const FOUND: Wording = Wording { question: "Go on with it anyway?", undone: "this shell has no context" };

fn is_open(context: &str, choice: &mut Choice, world: &mut World<'_>) -> Result<bool, Error> {
    let exists =
        choice.own.body(Kind::Context, context).map_err(|errors| world.unreadable(&errors))?.is_some();
    if !exists || world.settings()?.rule(context).is_protected() {
        return Ok(false);
    }
    let contexts = [context.to_owned()];
    Ok(discovered::refused(&contexts, &AllowArgs::default(), FOUND, world)?.is_empty())
}

//! Moves entries that other tools have written into this shell's overlay to the user's own file, and reports it.

use super::allow::{self, AllowArgs, Consent, Wording};
use super::error::{Error, name, path};
use super::{World, fields, messages, single_file, terminal};
use crate::kubeconfig::risk::Risk;
use crate::kubeconfig::{Body, Kind};
use crate::session::abandoned::Abandoned;
use crate::session::overlay_migration::{ChangedOverlay, Migration, MigrationError, MigrationPolicy};
use crate::session::unapproved::UnapprovedEntries;
use crate::session::{Session, StoredSelection};
use crate::store::Lookup;
use std::io::ErrorKind;

/// Moves the entries of other tools; usually there are none. On a terminal, a command that changes something asks about
/// the same risks as an import; otherwise the entries stay in the overlay, with a message. A failure does not stop the
/// command: the entries stay, and false is returned.
pub(super) fn migrate(session: &Session, world: &mut World<'_>) -> bool {
    is_as_written(session, world) || settle(session, world)
}

/// Like [`migrate`], for the shell hook, which runs unattended: it never asks. It also [follows](agrees) the user's own
/// files.
pub(super) fn migrate_without_asking(session: &Session, world: &mut World<'_>) -> bool {
    let agrees = || {
        let mut own = world.lookup_own().ok()?;
        let agrees = agrees(session, &mut own, world);
        own.hand_on();
        Some(agrees)
    };
    is_as_written(session, world) && agrees().unwrap_or(true) || rewrite(session, false, world)
}

/// Like [`migrate`], at the end of a session: the entries that stay are saved to a file. Returns false if the session must
/// be kept for them.
pub(super) fn migrate_at_end(session: &Session, asks: bool, world: &mut World<'_>) -> bool {
    if !is_as_written(session, world) && !rewrite(session, asks && terminal::can_ask(world), world) {
        return false;
    }
    match session.save_unapproved(world.env) {
        Ok(None) => true,
        Ok(Some(kept)) => {
            let why = "entries of a shell that has ended need your permission";
            world.warn(&format!("{why}; they are kept in {}", path(&kept)));
            let file = messages::shell_word(&kept.to_string_lossy());
            world.hint(&format!("`kcx import {file} --on-conflict=update` asks again"));
            true
        }
        Err(error) => {
            let overlay = path(&session.overlay());
            let why = messages::io_error(&error);
            world.warn(&format!("entries that need your permission are still in {overlay}: {why}"));
            false
        }
    }
}

/// Reports a file that another program has written in the place of a removed session, unless the user's own files have all
/// its entries.
pub(super) fn report_abandoned(abandoned: &Abandoned, world: &mut World<'_>) {
    let Ok(own) = world.own_store().load().map(|loaded| loaded.merged) else { return };
    let is_there = |(kind, entry, body): &(Kind, String, Body)| {
        own.find(*kind, entry).is_some_and(|entry| own.body(entry).is_ok_and(|own| *own == *body))
    };
    let mut missing = abandoned.entries.iter().filter(|entry| !is_there(entry)).peekable();
    if missing.peek().is_none() {
        return;
    }
    let missing: Vec<String> =
        missing.map(|(kind, entry, _)| format!("{} {}", kind.word(), name(entry))).collect();
    let file = abandoned.path();
    world.warn(&format!(
        "another program wrote into {} after its session was removed: {}",
        path(&file),
        missing.join(", ")
    ));
    let word = messages::shell_word(&file.to_string_lossy());
    world.hint(&format!("`kcx import {word}` imports them; without the file this is not reported again"));
}

/// The commands that may ask about entries of other programs. Commands that only show something do not.
const ASKING: [&str; 12] = [
    "kcx copy",
    "kcx credential",
    "kcx delete",
    "kcx edit",
    "kcx exec",
    "kcx import",
    "kcx merge",
    "kcx ns",
    "kcx prune",
    "kcx rename",
    "kcx shell",
    "kcx use",
];

const WORDING: Wording =
    Wording { question: "Move them to your kubeconfig?", undone: "they stay where they are" };

struct Asker<'a, 'w> {
    world: &'a mut World<'w>,
    consent: Consent,
    asks: bool,
    unapproved: UnapprovedEntries,
}

impl MigrationPolicy for Asker<'_, '_> {
    fn permits(&self, risk: &Risk) -> bool {
        self.consent.permits(risk, self.world.env)
    }

    fn ask(&mut self, risks: &[Risk]) -> bool {
        let about = format!("{risks:?}");
        if !self.asks || self.unapproved.declined.as_ref() == Some(&about) {
            return false;
        }
        self.world.tell("another program added entries to this shell's overlay:\n");
        let yes = self.consent.ask(risks, self.world).is_ok();
        if !yes {
            self.unapproved.declined = Some(about);
        }
        yes
    }
}

/// True if the overlay is as kcx has written it, which is the usual case.
pub(super) fn is_as_written(session: &Session, world: &World<'_>) -> bool {
    if single_file::is_changed(session) {
        return false;
    }
    let overlay = world.overlay(session).ok();
    overlay.zip(world.record(session)).is_some_and(|(overlay, record)| record.is_of(&overlay))
}

/// False if this shell has a namespace of its own in a context that is another one in the user's own files since.
pub(super) fn agrees(session: &Session, own: &mut Lookup, world: &World<'_>) -> bool {
    let record = world.record(session);
    match record.as_ref().and_then(|record| record.selection.as_ref()) {
        Some(selection @ StoredSelection { body: Some(_), .. }) => {
            let own = own.body(Kind::Context, &selection.context);
            own.is_ok_and(|own| selection.agrees_with(own.as_ref()))
        }
        _ => true,
    }
}

/// Writes the overlay as kcx does, and moves the entries of other tools.
pub(super) fn settle(session: &Session, world: &mut World<'_>) -> bool {
    let asks = ASKING.contains(&world.command.as_str());
    rewrite(session, asks && terminal::can_ask(world), world)
}

fn rewrite(session: &Session, asks: bool, world: &mut World<'_>) -> bool {
    if single_file::is_changed(session) {
        single_file::absorb(session, &session.single_file(), world);
    }
    world.forget_overlay(session);
    let read = |world: &World<'_>| ChangedOverlay::read(session, world.with_journal(world.own_store()));
    let mut changed = read(world);
    if matches!(&changed, Err(MigrationError::Overlay(error)) if error.kind() == ErrorKind::NotFound)
        && session.restore_entries(&world.lock_options()).is_ok_and(|restored| restored)
    {
        changed = read(world);
    }
    let migrated = changed.and_then(|changed| {
        if changed.has_foreign_entries() {
            migrate_entries(session, &changed, asks, world)
        } else {
            changed.settle(&Vec::new()).map(|()| true)
        }
    });
    match migrated {
        Ok(done) => done,
        // Its shell, or another one that removes dead sessions, has removed it in the meantime.
        Err(MigrationError::Overlay(error)) if error.kind() == ErrorKind::NotFound => true,
        Err(error) => {
            let overlay = path(&session.overlay());
            let why = why(error, world);
            world.warn(&format!(
                "what another program wrote into this shell's {overlay} is still there: {why}"
            ));
            false
        }
    }
}

fn migrate_entries(
    session: &Session,
    changed: &ChangedOverlay<'_>,
    asks: bool,
    world: &mut World<'_>,
) -> Result<bool, MigrationError> {
    let consent = match Consent::new(&AllowArgs::default(), WORDING, world) {
        Ok(consent) => consent,
        Err(error) => {
            world.fail(&error);
            return Ok(false);
        }
    };
    let (env, before) = (world.env, session.unapproved());
    let mut asker = Asker { world, consent, asks, unapproved: before.clone() };
    let migration = changed.migrate(&mut asker, env);
    let Asker { world, consent, unapproved, .. } = asker;
    if unapproved.declined != before.declined {
        // If that cannot be saved, the question comes again.
        let _ = session.record_unapproved(&UnapprovedEntries {
            declined: unapproved.declined.clone(),
            ..session.unapproved()
        });
    }
    let migration = migration?;
    if !migration.moved.is_empty() {
        tell(&migration, world);
    }
    let is_said = unapproved.declined.is_some() || session.unapproved().saved;
    if !migration.open.is_empty() && !is_said {
        tell_open(&migration.open, &consent, session, world);
    }
    Ok(true)
}

/// Says which entries stay in the overlay, why, and how to permit them.
fn tell_open(open: &[Risk], consent: &Consent, session: &Session, world: &mut World<'_>) {
    world.warn(
        "entries that another program wrote stay in this shell's overlay, because they need your permission:",
    );
    allow::show(open, world);
    let flags = consent.flags(open, world.env);
    let file = messages::shell_word(&session.overlay().to_string_lossy());
    world.hint(&format!("`kcx import {file} --on-conflict=update {}` imports them", flags.join(" ")));
}

fn tell(migration: &Migration, world: &mut World<'_>) {
    let said: Vec<String> = migration
        .moved
        .iter()
        .map(|(kind, entry, changed)| {
            let what = fields::shown(changed);
            let what = if what.is_empty() { what } else { format!(" ({what})") };
            format!("{} {}{what}", kind.word(), name(entry))
        })
        .collect();
    let files: Vec<String> = migration.report.written.iter().map(|file| path(file)).collect();
    let into = if files.is_empty() { "the kubeconfig, which had them".to_owned() } else { files.join(", ") };
    world.done(&format!("moved from this shell's overlay into {into}: {}", said.join("; ")));
    if let Some(kept) = &migration.replaced {
        world.done(&format!("what was replaced is kept in {}", path(kept)));
    }
    world.tell_notes(&migration.report);
}

fn why(error: MigrationError, world: &World<'_>) -> String {
    match error {
        MigrationError::Overlay(error) => messages::io_error(&error),
        MigrationError::Keep(folder, error) => {
            format!("cannot write {}: {}", path(&folder), messages::io_error(&error))
        }
        MigrationError::Commit(error) => {
            let several = world.own_store().precedence().paths.len() > 1;
            let error =
                Error::not_committed(error.map_decision(Error::from), several, world.lock_options().timeout);
            error.message
        }
    }
}

//! Updates the overlays of all sessions after a context was renamed or removed.
//!
//! A shell that uses the context has a copy of the entry in its overlay. After a rename, the shell keeps the context under
//! its new name. After a removal, its current context is a name without an entry, so that its next command fails: falling
//! back to the global context could silently run that command in another cluster.

use super::{OverlayError, Session, StoredSelection};
use crate::env::Env;
use crate::file::{self, Lock, LockOptions};
use crate::kubeconfig::patch::{self, Op};
use crate::kubeconfig::{Document, Kind};
use serde_json::Value;
use std::io;
use std::path::PathBuf;

/// Renames context `from` to `to` in all overlays over one of these files (as [`Env::absolute`] spells them) that have it
/// as current context; `None` if it was removed. Returns the updated sessions.
///
/// # Errors
/// An overlay could not be updated; the others were.
pub fn update(
    env: &Env,
    files: &[PathBuf],
    from: &str,
    to: Option<&str>,
    lock_options: &LockOptions,
) -> Result<Vec<Session>, OverlayError> {
    let (mut updated, mut failed) = (Vec::new(), None);
    for session in Session::all(env) {
        let above = session.files().is_none_or(|its| its.iter().any(|file| files.contains(file)));
        // An overlay that cannot be read is reported in its own shell.
        if !above || !session.read().is_ok_and(|overlay| overlay.current_context() == from) {
            continue;
        }
        match session.replace_name(from, to, lock_options) {
            Ok(true) => updated.push(session),
            Ok(false) => {}
            Err(error) => failed = Some(error),
        }
    }
    failed.map_or(Ok(updated), Err)
}

impl Session {
    fn replace_name(
        &self,
        from: &str,
        to: Option<&str>,
        lock_options: &LockOptions,
    ) -> Result<bool, OverlayError> {
        let lock = Lock::acquire(&self.overlay(), lock_options)?;
        let replaced = self.read().and_then(|overlay| {
            if overlay.current_context() != from {
                return Ok(false);
            }
            let updated = patch::apply(&overlay, &ops(&overlay, from, to));
            let updated = updated.map_err(|refusal| io::Error::new(io::ErrorKind::InvalidData, refusal))?;
            file::write_private(&self.overlay(), updated.text().as_bytes())?;
            let recorded = self.record().and_then(|record| record.selection);
            if let Some(selection) = recorded.filter(|selection| selection.context == from) {
                let context = to.unwrap_or(from).to_owned();
                self.put_guard(Some(&StoredSelection { context, body: to.and(selection.body) }))?;
            }
            Ok(true)
        });
        drop(lock);
        replaced.map_err(|error| OverlayError::Update(self.overlay(), error))
    }
}

/// The operations that replace the name. Entries of other programs stay in the overlay until the shell's next command
/// moves them.
fn ops(overlay: &Document, from: &str, to: Option<&str>) -> Vec<Op> {
    let (kind, unapproved) = (Kind::Context, overlay.find(Kind::Context, from).is_some());
    let mut ops = Vec::new();
    match to {
        Some(to) => {
            if unapproved {
                ops.push(Op::Rename { kind, from: from.to_owned(), to: to.to_owned() });
            }
            ops.push(Op::SetTop { key: "current-context".to_owned(), value: Value::from(to) });
        }
        None if unapproved => ops.push(Op::Remove { kind, name: from.to_owned() }),
        None => {}
    }
    ops
}

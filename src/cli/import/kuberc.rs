//! `--to-kuberc`: what imported users run, put on the list of commands that kubectl may run.

use super::super::error::{Cause, Error, name, path};
use super::super::{World, words};
use crate::file;
use crate::kubeconfig::{Body, Kind, Merged, View};
use crate::kuberc::{self, Policy};
use std::io;
use std::path::{Path, PathBuf};

/// kubectl's preferences, and what is to be on their list.
pub(super) struct Allowing {
    file: PathBuf,
    before: String,
    after: String,
    /// What is new on the list.
    new: Vec<String>,
    /// There was no list: kubectl then runs nothing else any more.
    first: bool,
}

/// The largest kuberc that is read, in bytes.
const LIMIT: u64 = 1 << 20;

/// What would be put on the list. Where there is none yet, the commands of all users are, those here already too: kubectl
/// would refuse them from then on.
///
/// # Errors
/// Preferences that are switched off, cannot be read, or cannot be patched. Nothing was imported then.
pub(super) fn prepare(imported: &[View], here: &Merged, world: &World<'_>) -> Result<Allowing, Error> {
    let undone = "nothing was imported";
    let own = kuberc::own(world.env)
        .map_err(|why| Error::new(Cause::Failed, format!("kubectl's preferences: {why}; {undone}")))?;
    let file = own.file.as_ref().ok_or_else(|| {
        Error::new(
            Cause::Usage,
            format!("`--to-kuberc`: KUBERC is `off`, so kubectl has no preferences; {undone}"),
        )
    })?;
    let preferences = own.kuberc.unwrap_or_default();
    let policy = preferences
        .policy()
        .map_err(|why| Error::new(Cause::Failed, format!("{}: {why}; {undone}", path(file))))?;
    let mut commands = Vec::new();
    for view in imported {
        commands.extend(view.lists[Kind::User as usize].values().filter_map(|user| command(&user.body)));
    }
    let first = !matches!(policy, Policy::Allowlist(_));
    if policy == Policy::AllowAll {
        for user in here.entries(Kind::User) {
            commands.extend(command(here.body(user)?.as_ref()));
        }
    }
    let mut new: Vec<String> = Vec::new();
    for command in commands {
        let known =
            !first && policy.check(Path::new(&command), &|program| world.env.find_program(program)).is_ok();
        if !known && !new.contains(&command) {
            new.push(command);
        }
    }
    let before = match file::read(file, LIMIT) {
        Ok((bytes, _)) => String::from_utf8(bytes).map_err(|_| {
            Error::new(Cause::Failed, format!("cannot read {}: it is no UTF-8 text; {undone}", path(file)))
        })?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => {
            let why = words::io_error(&error);
            return Err(Error::new(Cause::Failed, format!("cannot read {}: {why}; {undone}", path(file))));
        }
    };
    let list: Vec<&str> = new.iter().map(String::as_str).collect();
    let after = kuberc::allow(&before, &list).map_err(|error| {
        Error::new(Cause::Failed, format!("cannot put commands into {}: {error}; {undone}", path(file)))
    })?;
    Ok(Allowing { file: file.clone(), before, after, new, first })
}

/// The program that a user runs.
fn command(user: &Body) -> Option<String> {
    let command = user.get("exec")?.get("command")?.as_str()?;
    (!command.is_empty()).then(|| command.to_owned())
}

impl Allowing {
    /// Puts it there, and says so.
    ///
    /// # Errors
    /// The file cannot be written, or was changed meanwhile.
    pub(super) fn commit(&self, dry_run: bool, world: &mut World<'_>) -> Result<(), Error> {
        let file = path(&self.file);
        if self.new.is_empty() {
            world.done(&format!("kubectl may run these programs already, {file} is as it was"));
            return Ok(());
        }
        let said: Vec<String> = self.new.iter().map(|command| name(command)).collect();
        let said = said.join(", ");
        if dry_run {
            world.done(&format!("would allow kubectl to run {said} in {file}"));
            return Ok(());
        }
        let may_replace = |old: &[u8]| match old == self.before.as_bytes() {
            true => Ok(()),
            false => {
                let message =
                    format!("{file} was changed meanwhile; it stays as it is, but the import is done");
                Err(Error::new(Cause::Conflict, message)
                    .hint("the same command again puts the programs there"))
            }
        };
        world.put(&self.file, self.after.as_bytes(), may_replace)?;
        world.done(&format!("kubectl may run {said} now, by {file}"));
        if self.first {
            world.warn("that list is new: kubectl runs no other programs for credentials any more");
        }
        Ok(())
    }
}

//! `--to-kuberc`: adds the programs of imported users to kubectl's allowlist of credential plugins.

use super::error::{Cause, Error, name, path};
use super::{World, messages};
use crate::file;
use crate::file::limits;
use crate::kubeconfig::typed::User;
use crate::kubeconfig::{Body, Kind, Merged, View};
use crate::kuberc::{self, Policy};
use std::io;
use std::path::{Path, PathBuf};

/// kubectl's preferences, and the programs to add to the allowlist.
pub(super) struct Allowing {
    file: PathBuf,
    before: String,
    after: String,
    /// The programs to add, and their users.
    new: Vec<Program>,
    /// True if the allowlist is new: kubectl then runs no other programs.
    first: bool,
}

/// A program, and the existing users here that run it; empty if only imported users do.
struct Program {
    command: String,
    users: Vec<String>,
}

/// The programs to add. A new list also gets the commands of all existing users, because kubectl would refuse them from
/// then on. A policy is never loosened: `DenyAll` stays.
///
/// # Errors
/// Fails if preferences are disabled, forbid every program, cannot be read, or cannot be patched. Nothing was imported
/// then.
pub(super) fn prepare(imported: &[View], here: &Merged, world: &World<'_>) -> Result<Allowing, Error> {
    let undone = "nothing was imported";
    let failed = |why: String| Error::new(Cause::Failed, format!("{why}; {undone}"));
    let own = kuberc::own(world.env).map_err(|why| failed(format!("kubectl's preferences: {why}")))?;
    let Some(file) = own.file.clone() else {
        let off = if world.env.kuberc_disabled { "KUBECTL_KUBERC is `false`" } else { "KUBERC is `off`" };
        let why = format!("`--to-kuberc`: {off}, so kubectl has no preferences; {undone}");
        return Err(Error::new(Cause::Usage, why));
    };
    let preferences = own.kuberc.unwrap_or_default();
    let valid = preferences.validate().and_then(|()| preferences.policy());
    let policy = valid.map_err(|why| failed(format!("{}: {why}", path(&file))))?;
    let mut programs: Vec<Program> = Vec::new();
    for view in imported {
        for user in view.lists[Kind::User].values() {
            if let Some(command) = command(&user.body, &user.origin, world) {
                add(&mut programs, command, None);
            }
        }
    }
    if policy == Policy::DenyAll
        && let Some(Program { command, .. }) = programs.first()
    {
        let (what, file) = (name(command), path(&file));
        let why = format!(
            "`--to-kuberc`: `credentialPluginPolicy` in {file} is `DenyAll`, so kubectl runs no credential plugin, \
             and kcx does not loosen that"
        );
        return Err(failed(why)
            .hint(by_hand(command))
            .hint(format!("without `--to-kuberc` the user is imported, and kubectl refuses to run {what}")));
    }
    let first = !matches!(policy, Policy::Allowlist(_));
    if policy == Policy::AllowAll && !programs.is_empty() {
        for user in here.entries(Kind::User) {
            if let Some(command) = command(here.body(user)?.as_ref(), here.path(user), world) {
                add(&mut programs, command, Some(here.name(user)));
            }
        }
    }
    let find = |program: &Path| world.env.find_program(program);
    let new: Vec<Program> = programs
        .into_iter()
        .filter(|it| first || policy.check(Path::new(&it.command), &find).is_err())
        .collect();
    let before = match file::read(&file, limits::KUBERC) {
        Ok((bytes, _)) => String::from_utf8(bytes)
            .map_err(|_| failed(format!("cannot read {}: it is not UTF-8 text", path(&file))))?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => {
            return Err(failed(format!("cannot read {}: {}", path(&file), messages::io_error(&error))));
        }
    };
    let list: Vec<&str> = new.iter().map(|it| it.command.as_str()).collect();
    let after = kuberc::allow(&before, &list)
        .map_err(|error| failed(format!("cannot add commands to {}: {error}", path(&file))))?;
    Ok(Allowing { file, before, after, new, first })
}

fn add(programs: &mut Vec<Program>, command: String, user: Option<&str>) {
    let at = programs.iter().position(|it| it.command == command).unwrap_or_else(|| {
        programs.push(Program { command, users: Vec::new() });
        programs.len() - 1
    });
    programs[at].users.extend(user.map(str::to_owned));
}

/// How to allow this command by hand in a kuberc that forbids every program.
pub(super) fn by_hand(command: &str) -> String {
    let line = messages::shell_word(command);
    format!(
        "to allow it, edit that file: `credentialPluginPolicy: Allowlist`, and `- command: {line}` below \
         `credentialPluginAllowlist:`"
    )
}

/// The program that a user runs, as kubectl resolves it: a path is relative to the folder of the kubeconfig.
fn command(user: &Body, file: &Path, world: &World<'_>) -> Option<String> {
    let command = User(user).exec()?.command();
    if command.is_empty() {
        return None;
    }
    match command.contains(std::path::is_separator) {
        true => Some(world.env.beside(file, command).to_str()?.to_owned()),
        false => Some(command.to_owned()),
    }
}

impl Allowing {
    /// Warns beforehand that a new allowlist forbids everything not on it.
    pub(super) fn announce(&self, world: &mut World<'_>) {
        if !self.first || self.new.is_empty() {
            return;
        }
        let file = path(&self.file);
        world.warn(&format!(
            "{file} has no list of allowed programs: kubectl now runs any credential plugin; with the new list it runs no \
             other, for any kubeconfig"
        ));
        for Program { command, users } in &self.new {
            let users: Vec<String> = users.iter().map(|user| name(user)).collect();
            let whose = match users.as_slice() {
                [] => "for an imported user".to_owned(),
                [one] => format!("for user {one}"),
                several => format!("for users {}", several.join(", ")),
            };
            world.warn(&format!("the new list has {}, {whose}", name(command)));
        }
    }

    /// Writes the list, and reports it.
    ///
    /// # Errors
    /// The file cannot be written, or was changed in the meantime.
    pub(super) fn commit(&self, dry_run: bool, world: &mut World<'_>) -> Result<(), Error> {
        let file = path(&self.file);
        if self.new.is_empty() {
            world.done(&format!("kubectl may already run these programs; {file} was not changed"));
            return Ok(());
        }
        let said: Vec<String> = self.new.iter().map(|it| name(&it.command)).collect();
        let said = said.join(", ");
        if dry_run {
            world.done(&format!("would allow kubectl to run {said} in {file}"));
            return Ok(());
        }
        let may_replace = |old: &[u8]| match old == self.before.as_bytes() {
            true => Ok(()),
            false => {
                let message =
                    format!("{file} was changed in the meantime and was not written, but the import is done");
                Err(Error::new(Cause::Conflict, message).hint("repeat the command to add the programs"))
            }
        };
        world.put(&self.file, self.after.as_bytes(), may_replace)?;
        world.done(&format!("kubectl may now run {said}, as {file} allows"));
        Ok(())
    }
}

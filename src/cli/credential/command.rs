//! The command in a sealed user's `exec` entry, and kubectl's policy for it.

use super::super::error::{Cause, Error, name, path};
use super::super::{World, messages};
use crate::credential::entry::PROGRAM;
use crate::env;
use crate::kuberc;
use std::path::Path;

/// The hint if `kcx-credential` is not in the folder of this program.
pub(in super::super) const INSTALL: &str =
    "kcx is installed together with `kcx-credential`: copy it from the same archive, or install kcx again";

/// The command by which clients find `kcx-credential`: the bare name if it resolves to the program in the folder of this
/// one, else the path.
///
/// # Errors
/// Fails if there is no `kcx-credential` in the folder of this program.
fn own(world: &World<'_>) -> Result<String, Error> {
    beside(world).ok_or_else(|| {
        let message = format!(
            "`{PROGRAM}` is not in the folder of this kcx, so clients could not run it; nothing was sealed"
        );
        Error::new(Cause::Failed, message)
            .hint(INSTALL)
            .hint(format!("`--command PATH` names a `{PROGRAM}` in another folder"))
    })
}

/// As [`own`]; `None` if there is none.
pub(in super::super) fn beside(world: &World<'_>) -> Option<String> {
    let own = env::own_program()?;
    let own = std::fs::canonicalize(&own).unwrap_or(own);
    let beside = own.parent()?.join(format!("{PROGRAM}{}", std::env::consts::EXE_SUFFIX));
    let beside = world.env.look_up(beside.to_str()?)?;
    let real = |path: &Path| std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    Some(match world.env.look_up(PROGRAM) {
        Some(found) if real(&found) == real(&beside) => PROGRAM.to_owned(),
        _ => beside.to_string_lossy().into_owned(),
    })
}

/// Clients resolve relative paths from the folder of the kubeconfig, and kubectl removes a `./` when it writes one.
fn check(command: &str) -> Result<(), Error> {
    let stem = Path::new(command).file_stem().and_then(|stem| stem.to_str());
    let path = command.contains(std::path::is_separator);
    if stem != Some(PROGRAM) || path && !Path::new(command).is_absolute() {
        let message = format!(
            "{} cannot be the command of a sealed user: it must be `{PROGRAM}`, or its absolute path",
            name(command)
        );
        return Err(Error::new(Cause::Usage, message));
    }
    Ok(())
}

/// The command to write: `command` if given, else [`own`].
///
/// # Errors
/// Fails if the command is neither `kcx-credential` nor an absolute path to it, or if [`own`] fails.
pub(super) fn chosen(command: Option<&str>, world: &World<'_>) -> Result<String, Error> {
    let command = match command {
        Some(command) => command.to_owned(),
        None => own(world)?,
    };
    check(&command)?;
    Ok(command)
}

/// Fails if kubectl's policy would refuse this command, unless `to_kuberc` adds it to the allowlist. `DenyAll` is never
/// loosened.
pub(super) fn allow(
    command: &str,
    to_kuberc: bool,
    dry_run: bool,
    world: &mut World<'_>,
) -> Result<(), Error> {
    let failed = |why: String| Error::new(Cause::Failed, format!("{why}; nothing was sealed"));
    let own = kuberc::own(world.env)
        .map_err(|why| failed(format!("every kubectl command fails with your kuberc: {why}")))?;
    let Some(file) = own.file else { return Ok(()) };
    let preferences = own.kuberc.unwrap_or_default();
    let valid = preferences.validate().and_then(|()| preferences.policy());
    let policy =
        valid.map_err(|why| failed(format!("every kubectl command fails with {}: {why}", path(&file))))?;
    if policy.check(Path::new(command), &|program| world.env.find_program(program)).is_ok() {
        return Ok(());
    }
    let refused =
        |why: &str| failed(format!("kubectl would not run {}: {} {why}", name(command), path(&file)));
    if policy == kuberc::Policy::DenyAll {
        let why = "has `credentialPluginPolicy: DenyAll`, and kcx does not loosen that";
        return Err(refused(why).hint(super::super::allowlist::by_hand(command)));
    }
    if !to_kuberc {
        return Err(refused("does not have it in its allowlist").hint(format!(
            "`--to-kuberc` adds `- command: {command}` to `credentialPluginAllowlist` there"
        )));
    }
    if dry_run {
        world.done(&format!("would allow kubectl to run {}, in {}", name(command), path(&file)));
        return Ok(());
    }
    kuberc_file(&file, command, world)?;
    world.done(&format!("{} now allows kubectl to run {}", path(&file), name(command)));
    Ok(())
}

fn kuberc_file(file: &Path, command: &str, world: &World<'_>) -> Result<(), Error> {
    let failed = |why: String| {
        Error::new(Cause::Failed, format!("cannot allow {} in {}: {why}", name(command), path(file)))
            .hint(format!("add `- command: {command}` to `credentialPluginAllowlist` by hand"))
    };
    let read = |file: &Path| match crate::file::read(file, crate::file::limits::KUBERC) {
        Ok((bytes, _)) => Ok(bytes),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(failed(messages::io_error(&error))),
    };
    let lock = crate::file::Lock::acquire(file, &world.lock_options());
    let lock = lock.map_err(|error| Error::not_locked(&error, world.lock_options().timeout))?;
    let text = String::from_utf8(read(file)?).map_err(|_| failed("it is not UTF-8".to_owned()))?;
    let text = kuberc::allow(&text, &[command]).map_err(|error| failed(error.to_string()))?;
    crate::file::replace(file, &[text.as_bytes()]).map_err(|error| failed(error.to_string()))?;
    drop(lock);
    Ok(())
}

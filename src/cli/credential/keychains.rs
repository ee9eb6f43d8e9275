//! Which keychain is meant, how it is opened, and what its troubles are in words.

use super::super::error::{Cause, Error, name, path};
use super::super::{World, pick, settings_file, words};
use crate::credential::entry::Reference;
use crate::credential::folder::Folder;
use crate::credential::{Keychain, Place, Timed, Trouble, native};
use crate::secret::Secret;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

/// Where secrets are kept.
#[derive(clap::Args, Clone, Debug, Default)]
#[command(next_help_heading = "Where secrets are kept")]
pub struct StoreArgs {
    /// keychain (of the system), keyutils (of the Linux kernel, until the next start) or file (encrypted)
    #[arg(long, value_name = "STORE", value_parser = place)]
    pub store: Option<Place>,

    /// The passphrase of encrypted files is the first line of this file
    #[arg(long, value_name = "FILE")]
    pub passphrase_file: Option<String>,
}

fn place(word: &str) -> Result<Place, String> {
    Place::from_word(word).ok_or_else(|| "it is keychain, keyutils or file".to_owned())
}

/// The keychains that a run of kcx has to do with, each opened once.
#[derive(Default)]
pub struct Keychains {
    fixed: Option<Arc<dyn Keychain>>,
    opened: Vec<(Place, Arc<dyn Keychain>)>,
    passphrase_file: Option<String>,
}

impl Keychains {
    /// All there are, opened when they are needed.
    #[must_use]
    pub fn new(args: &StoreArgs) -> Keychains {
        Keychains { passphrase_file: args.passphrase_file.clone(), ..Keychains::default() }
    }

    /// This one, whatever is asked for.
    #[must_use]
    pub fn fixed(keychain: Arc<dyn Keychain>) -> Keychains {
        Keychains { fixed: Some(keychain), ..Keychains::default() }
    }

    /// The one that a reference leads to. Each of its answers is waited for as long as the settings say.
    ///
    /// # Errors
    /// Exit code 6 where there is none.
    pub fn get(
        &mut self,
        reference: &Reference,
        ask: bool,
        world: &mut World<'_>,
    ) -> Result<Arc<dyn Keychain>, Error> {
        if let Some(fixed) = &self.fixed {
            return Ok(Arc::clone(fixed));
        }
        if let Some((_, known)) = self.opened.iter().find(|(place, _)| *place == reference.place) {
            return Ok(Arc::clone(known));
        }
        let settings = settings_file::load(world.env)?.credential;
        let inner: Arc<dyn Keychain> = match reference.place {
            Place::Keychain => Arc::new(native::Native),
            Place::Keyutils => kernel()?,
            Place::File => {
                let file = self.passphrase_file.clone().or_else(|| reference.passphrase_file.clone());
                Arc::new(self.folder(file, &settings, ask, world)?)
            }
        };
        let keychain: Arc<dyn Keychain> = match reference.place {
            Place::File => inner,
            _ => Arc::new(Timed::new(inner, Duration::from_secs(settings.timeout))),
        };
        self.opened.push((reference.place, Arc::clone(&keychain)));
        Ok(keychain)
    }

    /// The encrypted files, with a passphrase that opens those there are.
    fn folder(
        &self,
        file: Option<String>,
        settings: &crate::settings::Credential,
        ask: bool,
        world: &mut World<'_>,
    ) -> Result<Folder, Error> {
        let place = folder(world)?;
        let file = file.or_else(|| settings.passphrase_file.clone());
        let passphrase = if let Some(file) = file {
            from_file(&file, world)?
        } else if let Some((program, args)) = settings.passphrase_command.split_first() {
            from_command(program, args, Duration::from_secs(settings.timeout))?
        } else if ask {
            typed(Folder::is_new(&place), world)?
        } else {
            return Err(keychain_error("the encrypted files want a passphrase, and nobody can be asked")
                .hint(
                    "`--passphrase-file FILE`, or `credential: {passphrase-file: FILE}` or \
                       `{passphrase-command: [PROGRAM, ARG…]}` in kcx's settings",
                ));
        };
        if passphrase.is_empty() {
            return Err(keychain_error("the passphrase is empty"));
        }
        Ok(Folder::new(&place, passphrase))
    }
}

/// The folder of encrypted files.
fn folder(world: &World<'_>) -> Result<PathBuf, Error> {
    let data = world.env.data.as_ref();
    let data = data.ok_or_else(|| keychain_error("this system has no folder for data"))?;
    Ok(data.join("credentials"))
}

/// The keychain that new secrets go to.
///
/// # Errors
/// Settings that cannot be read.
pub(super) fn chosen(args: &StoreArgs, world: &World<'_>) -> Result<Reference, Error> {
    let settings = settings_file::load(world.env)?.credential;
    let place = args.store.unwrap_or(settings.store);
    if place != Place::File && args.passphrase_file.is_some() {
        return Err(Error::new(Cause::Usage, "`--passphrase-file` is for `--store=file`"));
    }
    let file = args.passphrase_file.as_ref();
    let passphrase_file = file.map(|file| world.env.absolute(Path::new(file)).to_string_lossy().into_owned());
    Ok(Reference { place, passphrase_file, ..Reference::default() })
}

#[cfg(target_os = "linux")]
fn kernel() -> Result<Arc<dyn Keychain>, Error> {
    Ok(Arc::new(crate::credential::kernel::Kernel))
}

#[cfg(not(target_os = "linux"))]
fn kernel() -> Result<Arc<dyn Keychain>, Error> {
    Err(keychain_error("only Linux has a keyring in its kernel")
        .hint("without `--store` the system's keychain is taken"))
}

fn from_file(file: &str, world: &World<'_>) -> Result<Secret, Error> {
    let file = world.env.absolute(Path::new(file));
    let read = crate::file::read(&file, 1 << 16);
    let (bytes, _) = read.map_err(|error| {
        keychain_error(format!(
            "cannot read the passphrase from {}: {}",
            path(&file),
            words::io_error(&error)
        ))
    })?;
    Ok(first_line(bytes))
}

fn first_line(bytes: Vec<u8>) -> Secret {
    let whole = Secret::from(bytes);
    let line = whole.bytes().split(|&byte| byte == b'\n').next().unwrap_or_default();
    Secret::from(line.strip_suffix(b"\r").unwrap_or(line).to_vec())
}

#[expect(clippy::disallowed_methods, reason = "the user's own program for the passphrase")]
fn from_command(program: &str, args: &[String], limit: Duration) -> Result<Secret, Error> {
    let failed = |why: String| {
        keychain_error(format!("{} gave no passphrase: {why}", name(program)))
            .hint("`credential: {passphrase-command: […]}` in kcx's settings names it")
    };
    let mut command = Command::new(program);
    command.args(args).stdin(Stdio::null()).stdout(Stdio::piped());
    let mut child = command.spawn().map_err(|error| failed(words::io_error(&error)))?;
    let (send, receive) = std::sync::mpsc::channel();
    let mut stdout = child.stdout.take();
    std::thread::spawn(move || {
        let mut bytes = Vec::with_capacity(1 << 12);
        let read = stdout.as_mut().map_or(Ok(0), |stdout| stdout.take(1 << 16).read_to_end(&mut bytes));
        drop(send.send(read.map(|_| first_line(bytes))));
    });
    let Ok(line) = receive.recv_timeout(limit) else {
        // It is not to wait for an answer that nobody wants any more.
        let _ = child.kill();
        let _ = child.wait();
        return Err(failed(format!("no answer in {} s", limit.as_secs())));
    };
    let status = child.wait().map_err(|error| failed(words::io_error(&error)))?;
    let line = line.map_err(|error| failed(words::io_error(&error)))?;
    if status.success() { Ok(line) } else { Err(failed(status.to_string())) }
}

/// A passphrase from the terminal, unseen; twice where nothing proves that it was typed right.
fn typed(new: bool, world: &mut World<'_>) -> Result<Secret, Error> {
    let prompt =
        if new { "New passphrase for kcx's encrypted files" } else { "Passphrase of kcx's encrypted files" };
    let again = new.then_some("The same again");
    pick::password(prompt, again, world)
}

/// A failure of a keychain, in words.
#[must_use]
pub(super) fn keychain_error(message: impl Into<String>) -> Error {
    Error::new(Cause::Keychain, message)
}

/// The trouble of a keychain with something, in words.
#[must_use]
pub(super) fn troubled(trouble: &Trouble, place: Place, what: &str) -> Error {
    let it = match place {
        Place::Keychain => "the keychain",
        Place::Keyutils => "the kernel's keyring",
        Place::File => "the folder of encrypted files",
    };
    let secret_service = cfg!(not(any(target_os = "macos", windows)));
    let (message, hint) = match (trouble, place) {
        (Trouble::NotFound, _) => (
            format!("{what} is not in {it} any more"),
            "`kcx credential set USER` keeps a new one; where the old one still is, `kcx credential unseal` \
             writes it back"
                .to_owned(),
        ),
        (Trouble::Locked(why), Place::Keychain) => (
            format!("{it} is locked, and {what} with it: {why}"),
            if secret_service {
                "unlock it (log in to the desktop, or in Seahorse), and try again".to_owned()
            } else {
                "unlock it, and try again".to_owned()
            },
        ),
        (Trouble::Missing(why), Place::Keychain) => (
            format!("there is no keychain for {what}: {why}"),
            if secret_service {
                "a Secret Service must run in this session: gnome-keyring, KeePassXC or KWallet; for machines \
                 without one there are `--store=file` and `--store=keyutils`"
                    .to_owned()
            } else {
                "`--store=file` keeps secrets in encrypted files".to_owned()
            },
        ),
        (Trouble::Timeout(_), _) => (
            format!("{it} gave no answer for {what}: {trouble}"),
            "it may wait for you to unlock it; `credential: {timeout: SECONDS}` in kcx's settings waits longer"
                .to_owned(),
        ),
        (Trouble::TooLarge(bytes), _) => (
            format!("{it} has no room for {what} ({bytes} bytes)"),
            "another place has: `--store=keychain`, or `--store=file`".to_owned(),
        ),
        (Trouble::Altered, _) => (
            format!("{it} does not give back {what} as it was put into it"),
            "`kcx credential set USER` keeps a new one".to_owned(),
        ),
        (Trouble::Denied(_) | Trouble::Locked(_), Place::Keyutils) => (
            format!("{it} cannot be used for {what}: {trouble}"),
            "it needs a session keyring: `keyctl session - COMMAND` gives one to a command".to_owned(),
        ),
        _ => (format!("{it} failed for {what}: {trouble}"), "`kcx credential list` shows what is sealed".to_owned()),
    };
    keychain_error(message).hint(hint)
}

//! Chooses and opens keychains, and describes their errors.

use super::super::error::{Cause, Error, path};
use super::super::{World, terminal};
use crate::credential::entry::Reference;
use crate::credential::{CredentialStore, Keychain, KeychainError};
use crate::plugin::keychains::{Opening, PASSPHRASE, PluginError};
use crate::secret::Secret;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The store for secrets.
#[derive(clap::Args, Clone, Debug, Default)]
#[command(next_help_heading = "Where secrets are kept")]
pub struct StoreArgs {
    /// keychain (of the system), keyutils (of the Linux kernel, lost at a restart) or file (encrypted files)
    #[arg(long, value_name = "STORE", value_parser = place)]
    pub store: Option<CredentialStore>,

    /// Read the passphrase of the encrypted files from the first line of this file
    #[arg(long, value_name = "FILE")]
    pub passphrase_file: Option<String>,
}

fn place(word: &str) -> Result<CredentialStore, String> {
    CredentialStore::from_word(word).ok_or_else(|| "it must be keychain, keyutils or file".to_owned())
}

/// The place and folder of a keychain, and the keychain.
type OpenFiles = ((CredentialStore, Option<PathBuf>), Arc<dyn Keychain>);

/// The keychains of a run, each opened once.
#[derive(Default)]
pub struct Keychains {
    fixed: Option<Arc<dyn Keychain>>,
    open_files: Vec<OpenFiles>,
    passphrase_file: Option<String>,
}

impl Keychains {
    /// Opens keychains when they are needed.
    #[must_use]
    pub fn new(args: &StoreArgs) -> Keychains {
        Keychains { passphrase_file: args.passphrase_file.clone(), ..Keychains::default() }
    }

    /// Uses this keychain for every reference.
    #[must_use]
    pub fn fixed(keychain: Arc<dyn Keychain>) -> Keychains {
        Keychains { fixed: Some(keychain), ..Keychains::default() }
    }

    /// The keychain of a reference. Each of its operations has the timeout of the settings.
    ///
    /// # Errors
    /// Exit code 6 if there is none.
    pub fn get(
        &mut self,
        reference: &Reference,
        ask: bool,
        world: &mut World<'_>,
    ) -> Result<Arc<dyn Keychain>, Error> {
        if let Some(fixed) = &self.fixed {
            return Ok(Arc::clone(fixed));
        }
        let folder = folder_of(reference, world);
        let which = (reference.place, folder.clone());
        if let Some((_, known)) = self.open_files.iter().find(|(known, _)| *known == which) {
            return Ok(Arc::clone(known));
        }
        let settings = world.settings()?;
        let file = self.passphrase_file.as_ref().or(reference.passphrase_file.as_ref());
        let opening = Opening {
            reference,
            settings: &settings.credential,
            passphrase_file: file.map(|file| world.env.absolute(Path::new(file))),
            folder,
            account: None,
        };
        let keychain = opening.open(ask.then_some(|new| typed(new, world)))?;
        self.open_files.push((which, Arc::clone(&keychain)));
        Ok(keychain)
    }
}

/// The folder of encrypted files.
fn folder(world: &World<'_>) -> Option<PathBuf> {
    world.env.data.as_ref().map(|data| data.join(crate::credential::folder::NAME))
}

/// The folder of the encrypted files of a reference; `None` for another store.
pub(super) fn folder_of(reference: &Reference, world: &World<'_>) -> Option<PathBuf> {
    let named = reference.folder.as_ref().map(PathBuf::from).or_else(|| folder(world));
    named.filter(|_| reference.place == CredentialStore::File)
}

/// A reference to the keychain for new secrets, as written into entries.
///
/// # Errors
/// Settings that cannot be read.
pub(super) fn chosen(args: &StoreArgs, world: &mut World<'_>) -> Result<Reference, Error> {
    let settings = world.settings()?;
    let settings = &settings.credential;
    let place = args.store.unwrap_or(settings.store);
    if place != CredentialStore::File && args.passphrase_file.is_some() {
        return Err(Error::new(Cause::Usage, "`--passphrase-file` is for `--store=file`"));
    }
    if place != CredentialStore::File {
        return Ok(Reference { place, ..Reference::default() });
    }
    // Clients run a program that knows only the account's default folders. The entry must name any other folder.
    let account = world.env.account();
    let same = |one: Option<&Path>, other: Option<&Path>| {
        let real = |path: &Path| std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        one.map(real) == other.map(real)
    };
    let text = |path: PathBuf| path.to_string_lossy().into_owned();
    let elsewhere = !same(world.env.config.as_deref(), account.config.as_deref());
    let file = args.passphrase_file.as_ref().or(settings.passphrase_file.as_ref().filter(|_| elsewhere));
    let passphrase_file = file.map(|file| text(world.env.absolute(Path::new(file))));
    if elsewhere && passphrase_file.is_none() && !settings.passphrase_command.is_empty() {
        world.warn("clients will not get the passphrase: the credential plugin does not read these settings");
        if let Some(file) = account.config {
            let file = path(&file.join(crate::settings::FILE));
            world.hint(&format!("put `passphrase-command` into {file}, the settings of the account"));
        }
    }
    let folder = folder(world).filter(|it| !same(it.parent(), account.data.as_deref())).map(text);
    Ok(Reference { place, passphrase_file, folder, ..Reference::default() })
}

/// Reads a passphrase from the terminal without echo; twice if there is no file to verify it with.
fn typed(new: bool, world: &mut World<'_>) -> Result<Secret, Error> {
    let prompt = if new { "New passphrase for kcx's encrypted files" } else { PASSPHRASE };
    let again = new.then_some("Repeat the passphrase");
    terminal::password(prompt, again, world)
}

impl From<PluginError> for Error {
    fn from(failure: PluginError) -> Error {
        let cause = match failure.code {
            1 => Cause::Failed,
            2 => Cause::Usage,
            6 => Cause::Keychain,
            code => Cause::Silent(code.into()),
        };
        failure.hints.into_iter().fold(Error::new(cause, failure.message), Error::hint)
    }
}

/// The error of a keychain about an item.
#[must_use]
pub(super) fn keychain_failure(keychain_error: &KeychainError, place: CredentialStore, what: &str) -> Error {
    crate::plugin::keychains::keychain_failure(keychain_error, place, what).into()
}

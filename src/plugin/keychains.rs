//! Opens keychains according to the settings, and describes their errors.

use crate::credential::entry::Reference;
use crate::credential::folder::Folder;
use crate::credential::{CredentialStore, Keychain, KeychainError, Timed, system};
use crate::env::Account;
use crate::file;
use crate::printer::quote::visible;
use crate::secret::Secret;
use crate::settings::Credential;
use std::fmt;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, mpsc};
use std::time::Duration;

/// The prompt for a passphrase.
pub const PASSPHRASE: &str = "Passphrase of kcx's encrypted files";

/// An error message with hints and an exit code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PluginError {
    /// The exit code: 6 for errors of a keychain.
    pub code: u8,
    /// One lower-case fragment without a full stop.
    pub message: String,
    /// What to type next, most useful first.
    pub hints: Vec<String>,
}

impl PluginError {
    /// A failure without hints.
    #[must_use]
    pub fn new(code: u8, message: impl Into<String>) -> PluginError {
        PluginError { code, message: message.into(), hints: Vec::new() }
    }

    /// Adds what to type next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> PluginError {
        self.hints.push(hint.into());
        self
    }
}

impl std::error::Error for PluginError {}

impl fmt::Display for PluginError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "error: {}", self.message)?;
        self.hints.iter().try_for_each(|hint| writeln!(f, "hint: {hint}"))
    }
}

/// The keychain to open, and how to open it.
#[derive(Clone, Debug)]
pub struct Opening<'o> {
    /// The reference to open.
    pub reference: &'o Reference,
    /// The settings to use.
    pub settings: &'o Credential,
    /// The passphrase file, which overrides that of the settings.
    pub passphrase_file: Option<PathBuf>,
    /// The folder of encrypted files.
    pub folder: Option<PathBuf>,
    /// The account whose variables alone the passphrase command gets; `None` for this process's environment.
    pub account: Option<&'o Account>,
}

impl Opening<'_> {
    /// Opens the keychain. `ask` reads a passphrase from the user; its argument says whether any passphrase will do,
    /// because there are no files yet. Each answer of the keychain has the timeout of the settings.
    ///
    /// # Errors
    /// Exit code 6 if there is no such keychain, or no means to open it.
    pub fn open<E: From<PluginError>>(
        &self,
        ask: Option<impl FnOnce(bool) -> Result<Secret, E>>,
    ) -> Result<Arc<dyn Keychain>, E> {
        if self.reference.place == CredentialStore::File {
            return self.encrypted(ask);
        }
        let inner = system::open(self.reference.place).ok_or_else(no_keychain)?;
        Ok(Arc::new(Timed::new(inner, Duration::from_secs(self.settings.timeout))))
    }

    /// The encrypted files, with a passphrase that opens the existing ones.
    fn encrypted<E: From<PluginError>>(
        &self,
        ask: Option<impl FnOnce(bool) -> Result<Secret, E>>,
    ) -> Result<Arc<dyn Keychain>, E> {
        let folder = self.folder.as_ref();
        let folder =
            folder.ok_or_else(|| PluginError::new(6, "there is no data folder for the encrypted files"))?;
        let named = self.settings.passphrase_file.as_ref().map(PathBuf::from);
        let passphrase = if let Some(file) = self.passphrase_file.clone().or(named) {
            from_file(&file)?
        } else if let Some((program, args)) = self.settings.passphrase_command.split_first() {
            from_command(program, args, Duration::from_secs(self.settings.timeout), self.account)?
        } else if let Some(ask) = ask {
            ask(Folder::is_new(folder))?
        } else {
            return Err(nobody_to_ask(self.account).into());
        };
        if passphrase.is_empty() {
            return Err(PluginError::new(6, "the passphrase is empty").into());
        }
        Ok(Arc::new(Folder::new(folder, passphrase)))
    }
}

fn nobody_to_ask(account: Option<&Account>) -> PluginError {
    let failure =
        PluginError::new(6, "the encrypted files need a passphrase, and there is no terminal to ask for it")
            .hint(
                "`--passphrase-file FILE`, or `credential: {passphrase-file: FILE}` or \
         `{passphrase-command: [PROGRAM, ARG…]}` in kcx's settings",
            );
    match account.and_then(|account| account.config.as_ref()) {
        Some(folder) => failure.hint(format!(
            "a client's plugin reads only the settings of the account: {}",
            visible(&folder.join(crate::settings::FILE).to_string_lossy())
        )),
        None => failure,
    }
}

/// The system has no keychain of the wanted kind, or this build has none.
fn no_keychain() -> PluginError {
    match system::BUILT {
        true => PluginError::new(6, "only Linux has a keyring in its kernel")
            .hint("without `--store` the system's keychain is used"),
        false => PluginError::new(
            6,
            "this kcx was built without the system's keychains (Cargo feature `keychain`)",
        )
        .hint("`--store=file` keeps secrets in encrypted files"),
    }
}

fn from_file(path: &Path) -> Result<Secret, PluginError> {
    let read = file::read(path, 1 << 16);
    let (bytes, _) = read.map_err(|error| {
        let file = visible(&path.to_string_lossy()).into_owned();
        PluginError::new(6, format!("cannot read the passphrase from {file}: {}", in_words(&error)))
    })?;
    Ok(first_line(bytes))
}

fn first_line(bytes: Vec<u8>) -> Secret {
    let whole = Secret::from(bytes);
    let line = whole.bytes().split(|&byte| byte == b'\n').next().unwrap_or_default();
    Secret::from(line.strip_suffix(b"\r").unwrap_or(line).to_vec())
}

#[expect(clippy::disallowed_methods, reason = "the user's own program for the passphrase")]
fn from_command(
    program: &str,
    args: &[String],
    limit: Duration,
    account: Option<&Account>,
) -> Result<Secret, PluginError> {
    let failed = |why: String| {
        PluginError::new(6, format!("`{}` returned no passphrase: {why}", visible(program)))
            .hint("`credential: {passphrase-command: […]}` in kcx's settings names it")
    };
    let mut command = Command::new(program);
    command.args(args).stdin(Stdio::null()).stdout(Stdio::piped());
    if let Some(account) = account {
        // A foreign kubeconfig may have set PATH, HOME and other variables that lead a program to other files.
        command.env_clear().envs(account.variables());
        if let Some(home) = &account.home {
            command.current_dir(home);
        }
    }
    let mut child = command.spawn().map_err(|error| failed(in_words(&error)))?;
    let (send, receive) = mpsc::channel();
    let mut stdout = child.stdout.take();
    std::thread::spawn(move || {
        let mut bytes = Vec::with_capacity(1 << 12);
        let read = stdout.as_mut().map_or(Ok(0), |stdout| stdout.take(1 << 16).read_to_end(&mut bytes));
        drop(send.send(read.map(|_| first_line(bytes))));
    });
    let Ok(line) = receive.recv_timeout(limit) else {
        // The answer is no longer needed.
        let _ = child.kill();
        let _ = child.wait();
        return Err(failed(format!("no response within {} s", limit.as_secs())));
    };
    let status = child.wait().map_err(|error| failed(in_words(&error)))?;
    let line = line.map_err(|error| failed(in_words(&error)))?;
    if status.success() { Ok(line) } else { Err(failed(status.to_string())) }
}

/// An I/O error in the system's words: `no such file or directory`.
fn in_words(error: &std::io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    let mut chars = text.chars();
    chars.next().map(|first| first.to_lowercase().chain(chars).collect()).unwrap_or_default()
}

/// The error of a keychain about an item, in words.
#[must_use]
pub fn keychain_failure(keychain_error: &KeychainError, place: CredentialStore, what: &str) -> PluginError {
    let it = place.in_words();
    let secret_service = cfg!(not(any(target_os = "macos", windows)));
    let (message, hint) = match (keychain_error, place) {
        (KeychainError::NotFound, _) => (
            format!("{what} is no longer in {it}"),
            "`kcx credential set USER` stores a new one; on a machine that has the old one, `kcx credential unseal` \
             writes it back"
                .to_owned(),
        ),
        (KeychainError::Locked(why), CredentialStore::Keychain) => (
            format!("{it} is locked, so {what} is not available: {why}"),
            if secret_service {
                "unlock it (log in to the desktop, or in Seahorse), and try again".to_owned()
            } else {
                "unlock it, and try again".to_owned()
            },
        ),
        (KeychainError::Missing(why), CredentialStore::Keychain) => (
            format!("no keychain is available for {what}: {why}"),
            if secret_service {
                "a Secret Service must run in this session: gnome-keyring, KeePassXC or KWallet; without one, use \
                 `--store=file` or `--store=keyutils`"
                    .to_owned()
            } else {
                "`--store=file` stores secrets in encrypted files".to_owned()
            },
        ),
        (KeychainError::Timeout(_), _) => (
            format!("{it} did not respond for {what}: {keychain_error}"),
            "it may be waiting for you to unlock it; `credential: {timeout: SECONDS}` in kcx's settings makes kcx wait longer"
                .to_owned(),
        ),
        (KeychainError::TooLarge(bytes), _) => (
            format!("{it} is full: {what} needs {bytes} bytes"),
            "use `--store=keychain` or `--store=file`".to_owned(),
        ),
        (KeychainError::Altered, _) => (
            format!("{it} returned different data for {what} than was stored"),
            "`kcx credential set USER` stores a new one".to_owned(),
        ),
        (KeychainError::Denied(_) | KeychainError::Locked(_), CredentialStore::Keyutils) => (
            format!("{it} cannot be used for {what}: {keychain_error}"),
            "it needs a session keyring: `keyctl session - COMMAND` gives one to a command".to_owned(),
        ),
        (KeychainError::Denied(why), CredentialStore::File) => (
            format!("cannot open {it}: {why}"),
            "`kcx credential list` shows what is sealed".to_owned(),
        ),
        _ => (format!("{it} failed for {what}: {keychain_error}"), "`kcx credential list` shows what is sealed".to_owned()),
    };
    PluginError::new(6, message).hint(hint)
}

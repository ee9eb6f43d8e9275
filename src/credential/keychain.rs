//! The interface of the stores for secrets, and their errors.

use crate::secret::Secret;
use std::sync::Arc;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// The kinds of stores for secrets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CredentialStore {
    /// The keychain of the operating system: Secret Service, macOS Keychain, Windows Credential Manager.
    #[default]
    Keychain,
    /// The keyring of the Linux kernel: in memory, lost at the next boot.
    Keyutils,
    /// Encrypted files, for machines without a keychain.
    File,
}

impl CredentialStore {
    /// All kinds.
    pub const ALL: [CredentialStore; 3] =
        [CredentialStore::Keychain, CredentialStore::Keyutils, CredentialStore::File];

    /// The word for it on a command line and in the settings.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            CredentialStore::Keychain => "keychain",
            CredentialStore::Keyutils => "keyutils",
            CredentialStore::File => "file",
        }
    }

    /// The store in a message.
    #[must_use]
    pub fn in_words(self) -> &'static str {
        match self {
            CredentialStore::Keychain => "the keychain",
            CredentialStore::Keyutils => "the kernel's keyring",
            CredentialStore::File => "the encrypted files",
        }
    }

    /// The kind with this word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<CredentialStore> {
        CredentialStore::ALL.into_iter().find(|place| place.word() == word)
    }
}

/// Why an operation of a store for secrets failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeychainError {
    /// The item does not exist.
    #[error("the secret does not exist")]
    NotFound,
    /// It is locked, and nobody unlocked it.
    #[error("it is locked: {0}")]
    Locked(String),
    /// There is no keychain on this machine, or it is not running.
    #[error("it is not available: {0}")]
    Missing(String),
    /// It denies access to this program.
    #[error("access denied: {0}")]
    Denied(String),
    /// Any other failure.
    #[error("{0}")]
    Failed(String),
    /// It did not answer in time.
    #[error("no response within {} s", .0.as_secs_f32())]
    Timeout(Duration),
    /// The item is too large for it.
    #[error("it is full: {0} bytes are needed")]
    TooLarge(usize),
    /// The stored content differs from what was written.
    #[error("it returned different data than was stored")]
    Altered,
}

/// A store for secrets: named items of bytes.
pub trait Keychain: Send + Sync {
    /// The largest size of one item, in bytes.
    fn room(&self) -> usize;

    /// Reads an item.
    ///
    /// # Errors
    /// [`KeychainError::NotFound`] if it does not exist.
    fn read(&self, item: &str) -> Result<Secret, KeychainError>;

    /// Writes an item, replacing an existing one; `label` is displayed to people.
    ///
    /// # Errors
    /// The item was not written.
    fn write(&self, item: &str, label: &str, secret: &Secret) -> Result<(), KeychainError>;

    /// Removes an item.
    ///
    /// # Errors
    /// [`KeychainError::NotFound`] if it does not exist.
    fn remove(&self, item: &str) -> Result<(), KeychainError>;

    /// The names of all items of kcx.
    ///
    /// # Errors
    /// The store cannot list its items.
    fn items(&self) -> Result<Vec<String>, KeychainError>;
}

/// A keychain with a timeout for each operation.
pub struct Timed {
    inner: Arc<dyn Keychain>,
    limit: Duration,
}

impl Timed {
    /// Limits each operation of `inner` to this time.
    #[must_use]
    pub fn new(inner: Arc<dyn Keychain>, limit: Duration) -> Timed {
        Timed { inner, limit }
    }

    fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&dyn Keychain) -> Result<T, KeychainError> + Send + 'static,
    ) -> Result<T, KeychainError> {
        let (answer, answered) = mpsc::channel();
        let inner = Arc::clone(&self.inner);
        // A thread that hangs is abandoned; it does not keep the process from ending.
        thread::spawn(move || drop(answer.send(question(inner.as_ref()))));
        match answered.recv_timeout(self.limit) {
            Ok(answer) => answer,
            Err(mpsc::RecvTimeoutError::Timeout) => Err(KeychainError::Timeout(self.limit)),
            Err(mpsc::RecvTimeoutError::Disconnected) => Err(KeychainError::Failed("it crashed".to_owned())),
        }
    }
}

impl Keychain for Timed {
    fn room(&self) -> usize {
        self.inner.room()
    }

    fn read(&self, item: &str) -> Result<Secret, KeychainError> {
        let item = item.to_owned();
        self.ask(move |inner| inner.read(&item))
    }

    fn write(&self, item: &str, label: &str, secret: &Secret) -> Result<(), KeychainError> {
        let (item, label, secret) = (item.to_owned(), label.to_owned(), secret.clone());
        self.ask(move |inner| inner.write(&item, &label, &secret))
    }

    fn remove(&self, item: &str) -> Result<(), KeychainError> {
        let item = item.to_owned();
        self.ask(move |inner| inner.remove(&item))
    }

    fn items(&self) -> Result<Vec<String>, KeychainError> {
        self.ask(|inner| inner.items())
    }
}

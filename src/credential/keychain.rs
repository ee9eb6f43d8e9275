//! What kcx asks of a place for secrets, and how such a place can fail.

use crate::secret::Secret;
use std::sync::Arc;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// Which place for secrets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Place {
    /// The keychain of the operating system: Secret Service, macOS Keychain, Windows Credential Manager.
    #[default]
    Keychain,
    /// The keyring of the Linux kernel: in memory, gone with the next start.
    Keyutils,
    /// Encrypted files, for where there is no keychain.
    File,
}

impl Place {
    /// All of them.
    pub const ALL: [Place; 3] = [Place::Keychain, Place::Keyutils, Place::File];

    /// The word for it on a command line and in the settings.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Place::Keychain => "keychain",
            Place::Keyutils => "keyutils",
            Place::File => "file",
        }
    }

    /// The place of this word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Place> {
        Place::ALL.into_iter().find(|place| place.word() == word)
    }
}

/// Why a place for secrets did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// It has no such item.
    #[error("there is no such secret in it")]
    NotFound,
    /// It is locked, and nobody unlocked it.
    #[error("it is locked: {0}")]
    Locked(String),
    /// There is none on this machine, or none that runs.
    #[error("there is none: {0}")]
    Missing(String),
    /// It refuses this program.
    #[error("it denies access: {0}")]
    Denied(String),
    /// It failed in another way.
    #[error("{0}")]
    Failed(String),
    /// It did not answer in time.
    #[error("no answer in {} s", .0.as_secs_f32())]
    Timeout(Duration),
    /// It has no room for as much.
    #[error("it has no room for {0} bytes")]
    TooLarge(usize),
    /// It gave back something else than was put into it.
    #[error("it gave back something else than was put into it")]
    Altered,
}

/// A place for secrets: items of bytes under names.
pub trait Keychain: Send + Sync {
    /// The bytes that one item may have.
    fn room(&self) -> usize;

    /// Reads an item.
    ///
    /// # Errors
    /// [`Trouble::NotFound`] where there is none.
    fn read(&self, item: &str) -> Result<Secret, Trouble>;

    /// Writes an item, in place of what may be there; `label` is what a person sees.
    ///
    /// # Errors
    /// Why it is not kept.
    fn write(&self, item: &str, label: &str, secret: &Secret) -> Result<(), Trouble>;

    /// Removes an item.
    ///
    /// # Errors
    /// [`Trouble::NotFound`] where there is none.
    fn remove(&self, item: &str) -> Result<(), Trouble>;

    /// The names of all items of kcx.
    ///
    /// # Errors
    /// A place that cannot tell.
    fn items(&self) -> Result<Vec<String>, Trouble>;
}

/// A keychain that answers within a time, or is given up.
pub struct Timed {
    inner: Arc<dyn Keychain>,
    limit: Duration,
}

impl Timed {
    /// Gives `inner` this long for each answer.
    #[must_use]
    pub fn new(inner: Arc<dyn Keychain>, limit: Duration) -> Timed {
        Timed { inner, limit }
    }

    fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&dyn Keychain) -> Result<T, Trouble> + Send + 'static,
    ) -> Result<T, Trouble> {
        let (answer, answered) = mpsc::channel();
        let inner = Arc::clone(&self.inner);
        // Who hangs is left alone: the process ends without it.
        thread::spawn(move || drop(answer.send(question(inner.as_ref()))));
        match answered.recv_timeout(self.limit) {
            Ok(answer) => answer,
            Err(mpsc::RecvTimeoutError::Timeout) => Err(Trouble::Timeout(self.limit)),
            Err(mpsc::RecvTimeoutError::Disconnected) => Err(Trouble::Failed("it broke down".to_owned())),
        }
    }
}

impl Keychain for Timed {
    fn room(&self) -> usize {
        self.inner.room()
    }

    fn read(&self, item: &str) -> Result<Secret, Trouble> {
        let item = item.to_owned();
        self.ask(move |inner| inner.read(&item))
    }

    fn write(&self, item: &str, label: &str, secret: &Secret) -> Result<(), Trouble> {
        let (item, label, secret) = (item.to_owned(), label.to_owned(), secret.clone());
        self.ask(move |inner| inner.write(&item, &label, &secret))
    }

    fn remove(&self, item: &str) -> Result<(), Trouble> {
        let item = item.to_owned();
        self.ask(move |inner| inner.remove(&item))
    }

    fn items(&self) -> Result<Vec<String>, Trouble> {
        self.ask(|inner| inner.items())
    }
}

//! Encrypted files in a folder, for machines without a keychain. Each is an age file of its own.

use super::age::{self, DecryptError};
use super::entry::is_id;
use super::keychain::{Keychain, KeychainError};
use super::record;
use crate::file;
use crate::file::limits;
use crate::secret::Secret;
use std::io;
use std::path::{Path, PathBuf};

/// The name of the folder inside kcx's data folder.
pub const NAME: &str = "credentials";

/// A folder of encrypted files, and their passphrase.
#[derive(Debug)]
pub struct Folder {
    folder: PathBuf,
    passphrase: Secret,
}

impl Folder {
    /// Uses the files in this folder, which need not exist yet.
    #[must_use]
    pub fn new(folder: &Path, passphrase: Secret) -> Folder {
        Folder { folder: folder.to_owned(), passphrase }
    }

    /// True if this folder has no secrets yet: then any passphrase is valid.
    #[must_use]
    pub fn is_new(folder: &Path) -> bool {
        items(folder).is_ok_and(|items| items.is_empty())
    }

    /// The names of the items in this folder, which need no passphrase.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn names(folder: &Path) -> Result<Vec<String>, KeychainError> {
        items(folder)
    }

    /// Fails if the passphrase does not decrypt an existing file. A secret that was encrypted with a mistyped passphrase would
    /// be lost.
    fn check(&self) -> Result<(), KeychainError> {
        match items(&self.folder)?.into_iter().next() {
            Some(first) => self.read(&first).map(drop),
            None => Ok(()),
        }
    }

    /// The file of an item. The name becomes part of a path, so only names that kcx generates are accepted.
    fn path(&self, item: &str) -> Result<PathBuf, KeychainError> {
        let part = item[record::owner(item).len()..].trim_start_matches('#');
        let is_plain = part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.');
        match is_id(record::owner(item)) && is_plain {
            true => Ok(self.folder.join(format!("{item}.age"))),
            false => Err(KeychainError::NotFound),
        }
    }
}

impl Keychain for Folder {
    fn room(&self) -> usize {
        32 << 20
    }

    fn read(&self, item: &str) -> Result<Secret, KeychainError> {
        let (bytes, _) =
            file::read(&self.path(item)?, limits::SEALED).map_err(|error| keychain_error(&error))?;
        age::decrypt(&self.passphrase, &bytes).map_err(|error| match error {
            DecryptError::Passphrase => KeychainError::Denied("wrong passphrase".to_owned()),
            DecryptError::Format | DecryptError::Altered => KeychainError::Altered,
        })
    }

    fn write(&self, item: &str, _label: &str, secret: &Secret) -> Result<(), KeychainError> {
        let path = self.path(item)?;
        file::check_foreign_links(&path).map_err(|error| keychain_error(&error))?;
        self.check()?;
        file::create_private(&self.folder).map_err(|error| keychain_error(&error))?;
        let unencrypted = || {
            KeychainError::Failed(
                "cannot encrypt: out of memory, or the system has no random numbers".to_owned(),
            )
        };
        let bytes = age::encrypt(&self.passphrase, secret).ok_or_else(unencrypted)?;
        // A new file is readable by its owner only.
        let replaced = file::replace(&path, &[&bytes]);
        replaced.map(drop).map_err(|error| KeychainError::Failed(error.to_string()))
    }

    fn remove(&self, item: &str) -> Result<(), KeychainError> {
        let path = self.path(item)?;
        file::check_foreign_links(&path).map_err(|error| keychain_error(&error))?;
        file::remove(&path).map_err(|error| keychain_error(&error.into()))
    }

    fn items(&self) -> Result<Vec<String>, KeychainError> {
        items(&self.folder)
    }
}

fn items(folder: &Path) -> Result<Vec<String>, KeychainError> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(keychain_error(&error)),
    };
    let name = |entry: io::Result<std::fs::DirEntry>| entry.ok()?.file_name().into_string().ok();
    let mut items: Vec<String> =
        entries.filter_map(name).filter_map(|name| name.strip_suffix(".age").map(str::to_owned)).collect();
    items.sort();
    Ok(items)
}

fn keychain_error(error: &io::Error) -> KeychainError {
    match error.kind() {
        io::ErrorKind::NotFound => KeychainError::NotFound,
        io::ErrorKind::PermissionDenied => {
            KeychainError::Denied("its files belong to another user".to_owned())
        }
        _ => KeychainError::Failed(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_is_no_path() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("credentials");
        let keychain = Folder::new(&folder, Secret::from("open sesame"));
        let absolute = home.path().join("absolute").to_string_lossy().into_owned();
        for item in ["../outside", absolute.as_str(), "a/b", "..", "", "a.1#../../b", "-x"] {
            assert_eq!(keychain.write(item, "", &"secret".into()), Err(KeychainError::NotFound), "{item}");
            assert!(keychain.read(item).is_err() && keychain.remove(item).is_err(), "{item}");
        }
        assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0);
        for item in ["a.1", "a.1#0123abcd.4"] {
            keychain.write(item, "", &"secret".into()).unwrap();
            assert_eq!(keychain.read(item), Ok("secret".into()));
        }
    }
}

//! Encrypted files in a folder, for machines without a keychain. Each is an age file of its own.

use super::age::{self, Unopened};
use super::entry::is_id;
use super::keychain::{Keychain, Trouble};
use super::record;
use crate::file;
use crate::secret::Secret;
use std::io;
use std::path::{Path, PathBuf};

/// The name of the folder inside kcx's data folder.
pub const NAME: &str = "credentials";

/// The largest file that is read, in bytes.
const LIMIT: u64 = 64 << 20;

/// A folder of encrypted files, and the passphrase they open with.
#[derive(Debug)]
pub struct Folder {
    folder: PathBuf,
    passphrase: Secret,
}

impl Folder {
    /// The files in this folder; it need not exist yet.
    #[must_use]
    pub fn new(folder: &Path, passphrase: Secret) -> Folder {
        Folder { folder: folder.to_owned(), passphrase }
    }

    /// True if this folder has no secrets yet: any passphrase is the right one then.
    #[must_use]
    pub fn is_new(folder: &Path) -> bool {
        items(folder).is_ok_and(|items| items.is_empty())
    }

    /// Fails if the passphrase does not open what is there, of which one file stands for all: who mistypes it would not
    /// get back what is written with it.
    fn check(&self) -> Result<(), Trouble> {
        match items(&self.folder)?.into_iter().next() {
            Some(first) => self.read(&first).map(drop),
            None => Ok(()),
        }
    }

    /// The file of an item. The name becomes part of a path, so only names that kcx generates are accepted.
    fn path(&self, item: &str) -> Result<PathBuf, Trouble> {
        let part = item[record::owner(item).len()..].trim_start_matches('#');
        let is_plain = part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.');
        match is_id(record::owner(item)) && is_plain {
            true => Ok(self.folder.join(format!("{item}.age"))),
            false => Err(Trouble::NotFound),
        }
    }
}

impl Keychain for Folder {
    fn room(&self) -> usize {
        32 << 20
    }

    fn read(&self, item: &str) -> Result<Secret, Trouble> {
        let (bytes, _) = file::read(&self.path(item)?, LIMIT).map_err(|error| trouble(&error))?;
        age::decrypt(&self.passphrase, &bytes).map_err(|unopened| match unopened {
            Unopened::Passphrase => Trouble::Denied("the passphrase is not the right one".to_owned()),
            Unopened::Format | Unopened::Altered => Trouble::Altered,
        })
    }

    fn write(&self, item: &str, _label: &str, secret: &Secret) -> Result<(), Trouble> {
        let path = self.path(item)?;
        file::check_foreign_links(&path).map_err(|error| trouble(&error))?;
        self.check()?;
        file::create_private(&self.folder).map_err(|error| trouble(&error))?;
        let unencrypted = || Trouble::Failed("no memory or no randomness to encrypt with".to_owned());
        let bytes = age::encrypt(&self.passphrase, secret).ok_or_else(unencrypted)?;
        // A new file is for its owner alone.
        let replaced = file::replace(&path, &[&bytes]);
        replaced.map(drop).map_err(|error| Trouble::Failed(error.to_string()))
    }

    fn remove(&self, item: &str) -> Result<(), Trouble> {
        let path = self.path(item)?;
        file::check_foreign_links(&path).map_err(|error| trouble(&error))?;
        file::remove(&path).map_err(|error| trouble(&error.into()))
    }

    fn items(&self) -> Result<Vec<String>, Trouble> {
        items(&self.folder)
    }
}

fn items(folder: &Path) -> Result<Vec<String>, Trouble> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(trouble(&error)),
    };
    let name = |entry: io::Result<std::fs::DirEntry>| entry.ok()?.file_name().into_string().ok();
    let mut items: Vec<String> =
        entries.filter_map(name).filter_map(|name| name.strip_suffix(".age").map(str::to_owned)).collect();
    items.sort();
    Ok(items)
}

fn trouble(error: &io::Error) -> Trouble {
    match error.kind() {
        io::ErrorKind::NotFound => Trouble::NotFound,
        io::ErrorKind::PermissionDenied => Trouble::Denied("its files are not yours".to_owned()),
        _ => Trouble::Failed(error.to_string()),
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
            assert_eq!(keychain.write(item, "", &"secret".into()), Err(Trouble::NotFound), "{item}");
            assert!(keychain.read(item).is_err() && keychain.remove(item).is_err(), "{item}");
        }
        assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0);
        for item in ["a.1", "a.1#0123abcd.4"] {
            keychain.write(item, "", &"secret".into()).unwrap();
            assert_eq!(keychain.read(item), Ok("secret".into()));
        }
    }
}

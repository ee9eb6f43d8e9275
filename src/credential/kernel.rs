//! The keyring of the Linux kernel: no disk, no service, and nothing left after the next start.

use super::keychain::{Keychain, Trouble};
use super::native::{SERVICE, trouble};
use crate::secret::Secret;
use keyring_core::Entry;
use keyring_core::api::CredentialStoreApi;
use linux_keyutils_keyring_store::Store;

/// The bytes of an item: a key has at most 32,767.
const ROOM: usize = 16 << 10;

/// The session's keyring, and the user's persistent one.
#[derive(Debug)]
pub struct Kernel;

impl Kernel {
    fn entry(item: &str) -> Result<Entry, Trouble> {
        Store::new().and_then(|store| store.build(SERVICE, item, None)).map_err(trouble)
    }
}

impl Keychain for Kernel {
    fn room(&self) -> usize {
        ROOM
    }

    fn read(&self, item: &str) -> Result<Secret, Trouble> {
        Kernel::entry(item)?.get_secret().map(Secret::from).map_err(trouble)
    }

    fn write(&self, item: &str, _label: &str, secret: &Secret) -> Result<(), Trouble> {
        Kernel::entry(item)?.set_secret(secret.bytes()).map_err(|error| match trouble(error) {
            Trouble::Failed(why) if why.to_lowercase().contains("quota") => {
                Trouble::TooLarge(secret.bytes().len())
            }
            // A key was made, and cannot be reached: there is no session keyring that leads to it.
            trouble => trouble,
        })
    }

    fn remove(&self, item: &str) -> Result<(), Trouble> {
        Kernel::entry(item)?.delete_credential().map_err(trouble)
    }

    /// Source: `proc_keys(5)`: the description is the last field but one, `keyring:ITEM@kcx: LENGTH`.
    fn items(&self) -> Result<Vec<String>, Trouble> {
        let bytes = crate::file::read(std::path::Path::new("/proc/keys"), 1 << 24);
        let (bytes, _) = bytes.map_err(|error| Trouble::Failed(error.kind().to_string()))?;
        let text = String::from_utf8_lossy(&bytes);
        let item = |line: &str| {
            // An invalidated key is there for a moment still.
            let flags = line.split_whitespace().nth(1)?;
            let (_, rest) = line.split_once(" keyring:")?;
            let (name, _) = rest.split_once(&format!("@{SERVICE}:"))?;
            (!flags.contains(['i', 'R', 'D'])).then(|| name.to_owned())
        };
        Ok(text.lines().filter_map(item).collect())
    }
}

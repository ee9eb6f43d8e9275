//! The keyring of the Linux kernel: it needs no disk and no service, and is empty after the next boot.
//!
//! A key is stored in the session's keyring and in the user's persistent keyring (persistent-keyring(7)), which each
//! new session is linked to. Only a process that possesses a key can read it: in a process without its own session
//! keyring, as under cron, the kernel stores a key but does not return it.

use super::keychain::{Keychain, KeychainError};
use super::native::SERVICE;
use crate::secret::Secret;
use linux_keyutils::{Key, KeyError, KeyRing, KeyRingIdentifier, KeySerialId};

/// The largest item, in bytes: a key has at most 32,767.
const ROOM: usize = 16 << 10;

/// The session's keyring, and the user's persistent one.
#[derive(Debug)]
pub struct Kernel;

/// The keyrings of a process.
struct Rings {
    session: KeyRing,
    persistent: Option<KeyRing>,
}

impl Rings {
    fn open() -> Result<Rings, KeychainError> {
        let session = KeyRing::from_special_id(KeyRingIdentifier::Session, false).map_err(keychain_error)?;
        let persistent = KeyRing::get_persistent(KeyRingIdentifier::Session).ok();
        Ok(Rings { session, persistent })
    }

    fn find(&self, item: &str) -> Result<Key, KeyError> {
        self.session.search(&description(item))
    }

    /// Links a key into both keyrings, so that it survives the end of the session.
    fn hold(&self, key: Key) -> Result<(), KeyError> {
        self.session.link_key(key)?;
        self.persistent.map_or(Ok(()), |persistent| persistent.link_key(key))
    }
}

impl Keychain for Kernel {
    fn room(&self) -> usize {
        ROOM
    }

    fn read(&self, item: &str) -> Result<Secret, KeychainError> {
        let rings = Rings::open()?;
        let key = rings.find(item).map_err(keychain_error)?;
        rings.hold(key).map_err(keychain_error)?;
        key.read_to_vec().map(Secret::from).map_err(keychain_error)
    }

    fn write(&self, item: &str, _label: &str, secret: &Secret) -> Result<(), KeychainError> {
        let rings = Rings::open()?;
        let key = rings.session.add_key(&description(item), secret.bytes()).map_err(|error| match error {
            KeyError::QuotaExceeded => KeychainError::TooLarge(secret.bytes().len()),
            error => keychain_error(error),
        })?;
        // A key that cannot be read back is removed: nobody could remove it later.
        rings.hold(key).and_then(|()| key.read_to_vec().map(Secret::from)).map(drop).map_err(|error| {
            let _ = rings.session.unlink_key(key);
            keychain_error(error)
        })
    }

    fn remove(&self, item: &str) -> Result<(), KeychainError> {
        let rings = Rings::open()?;
        match rings.find(item) {
            Ok(key) => key.invalidate().map_err(keychain_error),
            // Version 0.1.0 left keys behind that it could not read. The keyring can still unlink them.
            Err(error) => {
                let left = listed()?.into_iter().filter(|(_, name)| name == item);
                let gone = left.filter(|(key, _)| rings.session.unlink_key(*key).is_ok()).count();
                if gone > 0 { Ok(()) } else { Err(keychain_error(error)) }
            }
        }
    }

    /// The items of this session. Other keys that the user can see belong to other sessions.
    fn items(&self) -> Result<Vec<String>, KeychainError> {
        let rings = Rings::open()?;
        let here = |(key, name): &(Key, String)| {
            rings.find(name).is_ok() || rings.session.get_links(LINKS).is_ok_and(|links| links.contains(key))
        };
        let mut names: Vec<String> = listed()?.into_iter().filter(here).map(|(_, name)| name).collect();
        names.sort();
        names.dedup();
        Ok(names)
    }
}

/// More links than a keyring can hold: at 4 bytes each, its kernel object has at most this many.
const LINKS: usize = 1 << 16;

/// The description of an item's key.
fn description(item: &str) -> String {
    format!("keyring:{item}@{SERVICE}")
}

/// The keys of items that the user can see, in any keyring.
///
/// Source: `proc_keys(5)`: the serial number is the first field, the description the last but one, `keyring:ITEM@kcx: LENGTH`.
fn listed() -> Result<Vec<(Key, String)>, KeychainError> {
    let bytes = crate::file::read(std::path::Path::new("/proc/keys"), 1 << 24);
    let (bytes, _) = bytes.map_err(|error| KeychainError::Failed(error.kind().to_string()))?;
    let text = String::from_utf8_lossy(&bytes);
    let item = |line: &str| {
        let mut fields = line.split_whitespace();
        let serial = i32::from_str_radix(fields.next()?, 16).ok()?;
        // An invalidated key stays listed for a moment.
        let flags = fields.next()?;
        let (_, rest) = line.split_once(" keyring:")?;
        let (name, _) = rest.split_once(&format!("@{SERVICE}:"))?;
        let gone = flags.contains(['i', 'R', 'D']);
        (!gone).then(|| (Key::from_id(KeySerialId::new(serial)), name.to_owned()))
    };
    Ok(text.lines().filter_map(item).collect())
}

/// Maps the kernel's error. While a key is being invalidated, several errors mean that it does not exist.
fn keychain_error(error: KeyError) -> KeychainError {
    match error {
        KeyError::KeyDoesNotExist | KeyError::KeyRevoked | KeyError::KeyExpired => KeychainError::NotFound,
        KeyError::AccessDenied | KeyError::PermissionDenied => {
            KeychainError::Denied("this process has no session keyring of its own".to_owned())
        }
        other => KeychainError::Failed(other.to_string()),
    }
}

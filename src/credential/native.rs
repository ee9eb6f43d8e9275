//! The keychain of the operating system, accessed with the crate `keyring`.

use super::keychain::{Keychain, KeychainError};
use crate::secret::Secret;
use keyring_core::Entry;
use std::collections::HashMap;

/// The service name of all items of kcx.
pub(super) const SERVICE: &str = "kcx";

/// The largest item, in bytes. Windows has `CRED_MAX_CREDENTIAL_BLOB_SIZE`, 2,560; the others have accepted 20 MB in tests.
const ROOM: usize = if cfg!(windows) { 2_400 } else { 8 << 20 };

/// Secret Service, macOS Keychain or Windows Credential Manager.
#[derive(Debug)]
pub struct Native;

impl Native {
    fn entry(item: &str, label: Option<&str>) -> Result<Entry, KeychainError> {
        connect()?;
        let label = label.filter(|_| cfg!(not(any(target_os = "macos", windows))));
        let modifiers: HashMap<&str, &str> = label.map(|label| ("label", label)).into_iter().collect();
        Entry::new_with_modifiers(SERVICE, item, &modifiers).map_err(keychain_error)
    }
}

/// Connects to the keychain, once per process.
fn connect() -> Result<(), KeychainError> {
    match keyring::Entry::store_status() {
        Ok(()) => Ok(()),
        Err(error) => Err(KeychainError::Missing(not_there(root(error)))),
    }
}

impl Keychain for Native {
    fn room(&self) -> usize {
        ROOM
    }

    fn read(&self, item: &str) -> Result<Secret, KeychainError> {
        Native::entry(item, None)?.get_secret().map(Secret::from).map_err(keychain_error)
    }

    fn write(&self, item: &str, label: &str, secret: &Secret) -> Result<(), KeychainError> {
        Native::entry(item, Some(label))?.set_secret(secret.bytes()).map_err(keychain_error)
    }

    fn remove(&self, item: &str) -> Result<(), KeychainError> {
        Native::entry(item, None)?.delete_credential().map_err(keychain_error)
    }

    fn items(&self) -> Result<Vec<String>, KeychainError> {
        connect()?;
        let key = if cfg!(windows) { "pattern" } else { "service" };
        let found = Entry::search(&HashMap::from([(key, SERVICE)])).map_err(keychain_error)?;
        Ok(found.iter().filter_map(name).collect())
    }
}

/// The name of a found item; `None` if it is not one of kcx's.
fn name(entry: &Entry) -> Option<String> {
    if let Some((service, name)) = entry.get_specifiers() {
        return (service == SERVICE).then_some(name);
    }
    let mut attributes = entry.get_attributes().ok()?;
    (attributes.get("service")? == SERVICE).then(|| attributes.remove("username"))?
}

/// Converts an error of the library. Its message is kept: only two variants contain bytes of a secret, and those are not
/// printed here.
fn keychain_error(error: keyring_core::Error) -> KeychainError {
    use keyring_core::Error;
    match error {
        Error::NoEntry => KeychainError::NotFound,
        Error::NoStorageAccess(_) => {
            let why = root(&error);
            let lower = why.to_lowercase();
            match lower.contains("denied") || lower.contains("permission") {
                true => KeychainError::Denied(why),
                false => KeychainError::Locked(why),
            }
        }
        Error::NoDefaultStore => KeychainError::Missing("it could not be opened".to_owned()),
        Error::TooLong(_, limit) => KeychainError::TooLarge(limit as usize),
        Error::BadEncoding(_) | Error::BadDataFormat(..) => KeychainError::Altered,
        Error::Ambiguous(_) => KeychainError::Failed("it has two secrets of this name".to_owned()),
        other => KeychainError::Failed(root(&other)),
    }
}

/// The innermost cause: the layers above it only repeat that something failed. Without the system's number of the error.
fn root(error: &(dyn std::error::Error + 'static)) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    crate::printer::quote::visible(text).into_owned()
}

/// Why there is no keychain: where it is reached over D-Bus, the socket is not there or nobody listens.
fn not_there(why: String) -> String {
    let over_dbus = cfg!(not(any(target_os = "macos", windows)));
    match over_dbus && matches!(why.as_str(), "No such file or directory" | "Connection refused") {
        true => "D-Bus is not running".to_owned(),
        false => why,
    }
}

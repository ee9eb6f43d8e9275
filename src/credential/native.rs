//! The keychain of the operating system, by `keyring`.

use super::keychain::{Keychain, Trouble};
use crate::secret::Secret;
use keyring_core::Entry;
use std::collections::HashMap;

/// The name of the service under which all of kcx's items are.
pub(super) const SERVICE: &str = "kcx";

/// The bytes of an item. `CRED_MAX_CREDENTIAL_BLOB_SIZE` of Windows is 2,560; the others have been seen to take 20 MB.
const ROOM: usize = if cfg!(windows) { 2_400 } else { 8 << 20 };

/// Secret Service, macOS Keychain or Windows Credential Manager.
#[derive(Debug)]
pub struct Native;

impl Native {
    fn entry(item: &str, label: Option<&str>) -> Result<Entry, Trouble> {
        connect()?;
        let label = label.filter(|_| cfg!(not(any(target_os = "macos", windows))));
        let modifiers: HashMap<&str, &str> = label.map(|label| ("label", label)).into_iter().collect();
        Entry::new_with_modifiers(SERVICE, item, &modifiers).map_err(trouble)
    }
}

/// Opens the keychain, once.
fn connect() -> Result<(), Trouble> {
    match keyring::Entry::store_status() {
        Ok(()) => Ok(()),
        Err(error) => Err(Trouble::Missing(root(error))),
    }
}

impl Keychain for Native {
    fn room(&self) -> usize {
        ROOM
    }

    fn read(&self, item: &str) -> Result<Secret, Trouble> {
        Native::entry(item, None)?.get_secret().map(Secret::from).map_err(trouble)
    }

    fn write(&self, item: &str, label: &str, secret: &Secret) -> Result<(), Trouble> {
        Native::entry(item, Some(label))?.set_secret(secret.bytes()).map_err(trouble)
    }

    fn remove(&self, item: &str) -> Result<(), Trouble> {
        Native::entry(item, None)?.delete_credential().map_err(trouble)
    }

    fn items(&self) -> Result<Vec<String>, Trouble> {
        connect()?;
        let key = if cfg!(windows) { "pattern" } else { "service" };
        let found = Entry::search(&HashMap::from([(key, SERVICE)])).map_err(trouble)?;
        Ok(found.iter().filter_map(name).collect())
    }
}

/// The name of an item that was found, if it is one of kcx's.
fn name(entry: &Entry) -> Option<String> {
    if let Some((service, name)) = entry.get_specifiers() {
        return (service == SERVICE).then_some(name);
    }
    let mut attributes = entry.get_attributes().ok()?;
    (attributes.get("service")? == SERVICE).then(|| attributes.remove("username"))?
}

/// The answer of the library as one of ours. Its own words may come along: it never quotes a secret, but for the bytes
/// in two variants, which are not printed here.
fn trouble(error: keyring_core::Error) -> Trouble {
    use keyring_core::Error;
    match error {
        Error::NoEntry => Trouble::NotFound,
        Error::NoStorageAccess(_) => {
            let why = root(&error);
            let lower = why.to_lowercase();
            match lower.contains("denied") || lower.contains("permission") {
                true => Trouble::Denied(why),
                false => Trouble::Locked(why),
            }
        }
        Error::NoDefaultStore => Trouble::Missing("it could not be opened".to_owned()),
        Error::TooLong(_, limit) => Trouble::TooLarge(limit as usize),
        Error::BadEncoding(_) | Error::BadDataFormat(..) => Trouble::Altered,
        Error::Ambiguous(_) => Trouble::Failed("it has that secret twice".to_owned()),
        other => Trouble::Failed(root(&other)),
    }
}

/// The innermost cause: the layers above it only repeat that something failed.
fn root(error: &(dyn std::error::Error + 'static)) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    crate::printer::quote::visible(&error.to_string()).into_owned()
}

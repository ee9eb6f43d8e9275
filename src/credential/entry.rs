//! The `exec` entry that replaces a sealed credential in a kubeconfig: how it is written and recognized.

use super::keychain::CredentialStore;
use crate::kubeconfig::Body;
use crate::kubeconfig::schema::key;
use serde_json::{Value, json};
use std::path::Path;

/// The program that clients run for a sealed credential.
pub const PROGRAM: &str = "kcx-credential";

/// The stored credential that an `exec` entry of kcx refers to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reference {
    /// The item's name.
    pub id: String,
    /// The store that has it.
    pub place: CredentialStore,
    /// The file with the passphrase, if one was given.
    pub passphrase_file: Option<String>,
    /// The folder of encrypted files, if it is not the account's default one.
    pub folder: Option<String>,
}

/// The arguments after [`PROGRAM`].
const WORDS: [&str; 1] = ["exec"];
/// The arguments after `kcx`, as version 0.1.0 wrote them.
const OLD_WORDS: [&str; 2] = ["credential", "exec"];
const STORE: &str = "--store=";
const PASSPHRASE_FILE: &str = "--passphrase-file=";
const FOLDER: &str = "--folder=";

impl Reference {
    /// The reference in a user's body, if its `exec` runs [`PROGRAM`], or `kcx` as 0.1.0 wrote it.
    ///
    /// ```
    /// use kcx::credential::entry::Reference;
    /// use serde_json::json;
    /// let of = |exec: serde_json::Value| Reference::of(json!({ "exec": exec }).as_object().unwrap());
    /// let reference = of(json!({"command": "/usr/bin/kcx-credential", "args": ["exec", "--store=file", "u.7q"]}));
    /// let reference = reference.unwrap();
    /// assert_eq!((reference.id.as_str(), reference.place.word()), ("u.7q", "file"));
    /// assert!(of(json!({"command": "kcx", "args": ["credential", "exec", "u.7q"]})).is_some());
    /// assert!(of(json!({"command": "kcx-credential", "args": ["exec", "../u.7q"]})).is_none());
    /// ```
    #[must_use]
    pub fn of(body: &Body) -> Option<Reference> {
        if let Some(words) = words(body, PROGRAM) {
            return Reference::parse(words.strip_prefix(&WORDS)?);
        }
        Reference::parse(words(body, "kcx")?.strip_prefix(&OLD_WORDS)?)
    }

    /// Parses the arguments after `kcx-credential exec`; `None` if [`Reference::exec`] would not write them.
    #[must_use]
    pub fn parse(words: &[&str]) -> Option<Reference> {
        let mut reference = Reference::default();
        let (id, flags) = words.split_last()?;
        for flag in flags {
            if let Some(word) = flag.strip_prefix(STORE) {
                reference.place = CredentialStore::from_word(word)?;
            } else if let Some(file) = flag.strip_prefix(PASSPHRASE_FILE) {
                reference.passphrase_file = Some(file.to_owned());
            } else if let Some(folder) = flag.strip_prefix(FOLDER) {
                reference.folder = Some(folder.to_owned());
            } else {
                return None;
            }
        }
        is_id(id).then(|| reference.id = (*id).to_owned())?;
        Some(reference)
    }

    /// The complete entry with this command. With `says_cluster`, clients must pass the cluster that the request is for.
    #[must_use]
    pub fn exec(&self, command: &str, says_cluster: bool) -> Value {
        let mut args: Vec<String> = WORDS.map(str::to_owned).into();
        if self.place != CredentialStore::default() {
            args.push(format!("{STORE}{}", self.place.word()));
        }
        for (flag, value) in [(PASSPHRASE_FILE, &self.passphrase_file), (FOLDER, &self.folder)] {
            args.extend(value.iter().map(|value| format!("{flag}{value}")));
        }
        args.push(self.id.clone());
        // Only a passphrase is requested on the terminal.
        let asks = self.place == CredentialStore::File && self.passphrase_file.is_none();
        json!({
            "apiVersion": "client.authentication.k8s.io/v1",
            "args": args,
            "command": command,
            (key::INSTALL_HINT): HINT,
            (key::INTERACTIVE_MODE): if asks { "IfAvailable" } else { "Never" },
            (key::PROVIDE_CLUSTER_INFO): says_cluster,
        })
    }
}

/// True if a sealed user's entry is up to date: it runs [`PROGRAM`], and passes the cluster as wanted.
#[must_use]
pub fn is_current(body: &Body, says_cluster: bool) -> bool {
    let exec = body.get(key::EXEC);
    let says =
        exec.and_then(|exec| exec.get(key::PROVIDE_CLUSTER_INFO)).and_then(Value::as_bool).unwrap_or(false);
    exec.and_then(stem) == Some(PROGRAM) && says == says_cluster
}

/// The command of a user's `exec` entry.
#[must_use]
pub fn command(body: &Body) -> Option<&str> {
    body.get(key::EXEC)?.get(key::COMMAND)?.as_str()
}

/// The arguments of the `exec` entry in a user's body, if it runs this program.
pub(super) fn words<'b>(body: &'b Body, program: &str) -> Option<Vec<&'b str>> {
    let exec = body.get(key::EXEC).filter(|exec| stem(exec) == Some(program))?;
    exec.get(key::ARGS)?.as_array()?.iter().map(Value::as_str).collect()
}

/// The command of an `exec` entry without its folder and extension.
fn stem(exec: &Value) -> Option<&str> {
    Path::new(exec.get(key::COMMAND)?.as_str()?).file_stem()?.to_str()
}

/// kubectl shows this text if it does not find the command.
const HINT: &str = "kcx keeps this user's credential, and its program kcx-credential is not in your PATH. \
Install kcx again; to write the credential back into the kubeconfig: kcx credential unseal";

/// The alphabet of the unique suffix of an id.
const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
/// The length of that suffix.
const OWN: usize = 10;

/// True for a valid credential id: `[A-Za-z0-9._-]+`, not beginning with `.` or `-`, without `..`. So it is never a
/// path, a flag or a hidden file. Some ids of version 0.1.0 are not valid: they begin with `.` or contain `..`.
///
/// ```
/// use kcx::credential::entry::is_id;
/// assert!(is_id("bot.7qabcdefgh") && is_id("a_b-c.D"));
/// assert!(["", ".", "..", "../x", "a/b", "a\\b", "-x", ".x", "a..b", "a b", "ä", "a#b"].iter().all(|it| !is_id(it)));
/// ```
#[must_use]
pub fn is_id(text: &str) -> bool {
    let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
    let old = || {
        let own = text.rsplit('.').next().unwrap_or_default().bytes();
        own.len() == OWN && own.into_iter().all(|byte| LETTERS.contains(&byte))
    };
    let strict = !text.starts_with('.') && !text.contains("..");
    !text.is_empty() && plain && !text.starts_with('-') && (strict || old())
}

/// Creates the name of an item: the user's name with only plain characters, and ten random characters.
///
/// # Errors
/// The machine has no randomness.
pub fn new_id(user: &str) -> Result<String, super::KeychainError> {
    let mut bytes = [0; OWN];
    let filled = ring::rand::SecureRandom::fill(&ring::rand::SystemRandom::new(), &mut bytes);
    filled.map_err(|_| super::KeychainError::Failed("the system has no random numbers".to_owned()))?;
    let plain = |c: char| if c.is_ascii_alphanumeric() || "_-".contains(c) { c } else { '-' };
    let name: String = user.chars().map(plain).take(40).collect();
    let name = Some(name.trim_start_matches('-')).filter(|name| !name.is_empty()).unwrap_or("user");
    let own: String = bytes.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect();
    Ok(format!("{name}.{own}"))
}

/// The label of an item, which Seahorse and Keychain Access display.
#[must_use]
pub fn label(user: &str, file: &str) -> String {
    crate::printer::quote::visible(&format!("kcx: user {user} of {file}")).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_no_entry_of_kcx_says_is_no_reference() {
        let of = |command: &str, args: &[&str]| {
            Reference::of(json!({"exec": {"command": command, "args": args}}).as_object().unwrap())
        };
        assert!(of("kcx-credential", &["exec", "a.1"]).is_some());
        for (command, args) in [
            ("kcx", vec!["exec", "a.1"]),
            ("kcx-credential", vec!["credential", "exec", "a.1"]),
            ("kcx", vec!["credential", "exec", "../../a.1"]),
            ("kcx", vec!["credential", "exec", "--store=file", "/etc/passwd"]),
            ("kcx-credential", vec!["exec", "--store=file", "..\\a"]),
            ("kcx-credential", vec!["exec", "--store=nowhere", "a.1"]),
            ("kcx-credential", vec!["exec", "--config=x", "a.1"]),
            ("kcx-credential", vec!["exec", "-a.1"]),
            ("kcx-credential", vec!["exec"]),
            ("other", vec!["exec", "a.1"]),
        ] {
            assert_eq!(of(command, &args), None, "{command} {args:?}");
        }
    }

    #[test]
    fn ids_of_version_0_1_0_are_ids() {
        for id in [".abcdefghij", "admin..abcdefghij", "a..b.abcdefghij", "bot.abcdefghij"] {
            assert!(is_id(id), "{id}");
        }
        for id in [".abcdefghij/x", "..", "../abcdefghij", "-.abcdefghij"] {
            assert!(!is_id(id), "{id}");
        }
    }

    proptest! {
        /// Every user name gives a valid id, and the written entry can be parsed.
        #[test]
        fn an_id_is_made_of_any_name(name in ".{0,60}", file in proptest::option::of("[^\0]{1,9}"), says: bool) {
            let id = new_id(&name).unwrap();
            prop_assert!(is_id(&id) && !id.starts_with('.') && !id.contains(".."), "{}", id);
            let place = CredentialStore::File;
            let reference = Reference { id, place, passphrase_file: file.clone(), folder: file };
            let body = json!({ "exec": reference.exec("/opt/kcx-credential", says) });
            prop_assert_eq!(Reference::of(body.as_object().unwrap()), Some(reference));
            prop_assert!(is_current(body.as_object().unwrap(), says) && !is_current(body.as_object().unwrap(), !says));
        }
    }
}

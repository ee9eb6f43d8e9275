//! The `exec` entry that stands in a kubeconfig where a credential was: how it is written, and how it is known again.

use super::keychain::Place;
use crate::kubeconfig::Body;
use serde_json::{Value, json};
use std::path::Path;

/// What an `exec` entry of kcx's leads to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reference {
    /// The item's name.
    pub id: String,
    /// Where it is.
    pub place: Place,
    /// The file with the passphrase, where one was given.
    pub passphrase_file: Option<String>,
}

const WORDS: [&str; 2] = ["credential", "exec"];
const STORE: &str = "--store=";
const PASSPHRASE_FILE: &str = "--passphrase-file=";

impl Reference {
    /// The reference in a user's body, if its `exec` is kcx's.
    ///
    /// ```
    /// use kcx::credential::entry::Reference;
    /// use serde_json::json;
    /// let body = json!({"exec": {"command": "/usr/bin/kcx", "args": ["credential", "exec", "--store=file", "u.7q"]}});
    /// let reference = Reference::of(body.as_object().unwrap()).unwrap();
    /// assert_eq!((reference.id.as_str(), reference.place.word()), ("u.7q", "file"));
    /// ```
    #[must_use]
    pub fn of(body: &Body) -> Option<Reference> {
        let exec = body.get("exec")?;
        let command = exec.get("command")?.as_str()?;
        if Path::new(command).file_stem()?.to_str()? != "kcx" {
            return None;
        }
        let words = exec.get("args")?.as_array()?.iter().map(Value::as_str).collect::<Option<Vec<_>>>()?;
        Reference::parse(words.strip_prefix(&WORDS)?)
    }

    /// The words behind `kcx credential exec`; none if they are none of those that [`Reference::exec`] writes.
    #[must_use]
    pub fn parse(words: &[&str]) -> Option<Reference> {
        let mut reference = Reference::default();
        let (id, flags) = words.split_last()?;
        for flag in flags {
            if let Some(word) = flag.strip_prefix(STORE) {
                reference.place = Place::from_word(word)?;
            } else if let Some(file) = flag.strip_prefix(PASSPHRASE_FILE) {
                reference.passphrase_file = Some(file.to_owned());
            } else {
                return None;
            }
        }
        (!id.is_empty() && !id.starts_with('-')).then(|| reference.id = (*id).to_owned())?;
        Some(reference)
    }

    /// The whole entry, with this command.
    #[must_use]
    pub fn exec(&self, command: &str) -> Value {
        let mut args: Vec<String> = WORDS.map(str::to_owned).into();
        if self.place != Place::default() {
            args.push(format!("{STORE}{}", self.place.word()));
        }
        if let Some(file) = &self.passphrase_file {
            args.push(format!("{PASSPHRASE_FILE}{file}"));
        }
        args.push(self.id.clone());
        // Only a passphrase is ever asked for on the terminal.
        let asks = self.place == Place::File && self.passphrase_file.is_none();
        json!({
            "apiVersion": "client.authentication.k8s.io/v1",
            "args": args,
            "command": command,
            "installHint": HINT,
            "interactiveMode": if asks { "IfAvailable" } else { "Never" },
            "provideClusterInfo": false,
        })
    }
}

/// kubectl shows it where the command is not found.
const HINT: &str = "kcx keeps this user's credential in the keychain and is not in your PATH. Install it, \
or write the credential back on a machine that has it: kcx credential unseal";

/// A new name for an item: the user's name as far as it is plain, and ten characters that no other has.
///
/// # Errors
/// The machine has no randomness.
pub fn new_id(user: &str) -> Result<String, super::Trouble> {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut bytes = [0; 10];
    let filled = ring::rand::SecureRandom::fill(&ring::rand::SystemRandom::new(), &mut bytes);
    filled.map_err(|_| super::Trouble::Failed("the machine has no randomness".to_owned()))?;
    let plain = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '-' };
    let name: String = user.chars().map(plain).take(40).collect();
    let name = name.trim_start_matches(['-', '.']);
    let own: String = bytes.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect();
    Ok(format!("{name}.{own}"))
}

/// What a person sees of an item in Seahorse or Keychain Access.
#[must_use]
pub fn label(user: &str, file: &str) -> String {
    crate::printer::quote::visible(&format!("kcx: user {user} of {file}")).into_owned()
}

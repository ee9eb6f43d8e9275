//! Values in the output of `kcx diff`. Of a secret only a fingerprint is shown, and not even that if it could be guessed.

use crate::cli::messages;
use crate::codec::{base64, hash::sha256};
use crate::kubeconfig::diff::{PathStep, Secrecy};
use crate::kubeconfig::secret::masked;
use serde_json::Value;

/// The length in bytes from which a secret gets a fingerprint. Shorter secrets could be found by trying all values.
const GUESSABLE: usize = 20;

/// The text for a secret without a fingerprint.
const SECRET: &str = "(secret)";

/// A value as it may be seen.
pub(super) fn display(value: &Value, secrecy: Secrecy) -> Value {
    let Value::String(text) = value else {
        let is_secret = value.is_number() && !matches!(secrecy, Secrecy::Open | Secrecy::Name | Secrecy::Url);
        return if is_secret { Value::from(SECRET) } else { value.clone() };
    };
    Value::from(match secrecy {
        Secrecy::Open | Secrecy::Setting => masked(text).into_owned(),
        Secrecy::Name => text.clone(),
        Secrecy::Url => messages::without_login(text),
        Secrecy::Certificate => fingerprint(&bytes(text)),
        Secrecy::Key => unless_guessable(&bytes(text)),
        Secrecy::Text => unless_guessable(text.as_bytes()),
        Secrecy::Argument => argument(text),
        Secrecy::Password => SECRET.to_owned(),
    })
}

/// Like [`display`], on one line.
pub(super) fn line(value: &Value, secrecy: Secrecy) -> String {
    match display(value, secrecy) {
        Value::String(text) if !text.is_empty() => text,
        value => value.to_string(),
    }
}

/// A path from a root: `exec.args[0]`, `extensions["a.b"].c`.
pub(super) fn spelled(root: &str, path: &[PathStep]) -> String {
    let mut text = root.to_owned();
    for step in path {
        match step {
            PathStep::Index(index) => text += &format!("[{index}]"),
            PathStep::Key(key) if is_plain(key) => {
                if !text.is_empty() {
                    text.push('.');
                }
                text += key;
            }
            PathStep::Key(key) => text += &format!("[{}]", Value::from(key.as_str())),
        }
    }
    text
}

fn is_plain(key: &str) -> bool {
    !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_/".contains(&byte))
}

fn bytes(text: &str) -> Vec<u8> {
    base64::decode(text).unwrap_or_else(|_| text.as_bytes().to_vec())
}

fn fingerprint(bytes: &[u8]) -> String {
    format!("sha256:{}…", &sha256(bytes)[..8])
}

fn unless_guessable(bytes: &[u8]) -> String {
    match bytes.len() {
        0 => String::new(),
        1..GUESSABLE => SECRET.to_owned(),
        _ => fingerprint(bytes),
    }
}

/// A flag is shown, its value and all other words are not.
fn argument(text: &str) -> String {
    let (flag, value) = text.split_once('=').map_or((text, None), |(flag, value)| (flag, Some(value)));
    let letters = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_lowercase())
            && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
    };
    let is_flag = match (flag.strip_prefix("--"), flag.strip_prefix('-')) {
        (Some(long), _) => letters(long),
        (None, Some(short)) => short.len() == 1,
        (None, None) => false,
    };
    match value {
        _ if !is_flag => unless_guessable(text.as_bytes()),
        Some(value) => format!("{flag}={}", unless_guessable(value.as_bytes())),
        None => flag.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn secrets_are_fingerprints_or_nothing() {
        for (value, secrecy, want) in [
            ("https://me:pw@host/p", Secrecy::Url, "https://host/p"),
            ("me:pw@host:3128", Secrecy::Url, "host:3128"),
            ("https://me:p/w@host.example", Secrecy::Url, "https://host.example"),
            ("https://host/a@b", Secrecy::Url, "https://host/a@b"),
            ("aGVsbG8=", Secrecy::Certificate, "sha256:2cf24dba…"),
            ("aGVsbG8=", Secrecy::Key, "(secret)"),
            ("hello", Secrecy::Text, "(secret)"),
            ("1234567890123456789", Secrecy::Text, "(secret)"),
            ("12345678901234567890", Secrecy::Text, "sha256:6ed645ef…"),
            ("12345678901234567890", Secrecy::Password, "(secret)"),
            ("", Secrecy::Text, ""),
            ("get-token", Secrecy::Argument, "(secret)"),
            ("--client-secret", Secrecy::Argument, "--client-secret"),
            ("--client-secret=abc", Secrecy::Argument, "--client-secret=(secret)"),
            ("--s3cr3t", Secrecy::Argument, "(secret)"),
            ("-p", Secrecy::Argument, "-p"),
            ("-phunter", Secrecy::Argument, "(secret)"),
            ("--", Secrecy::Argument, "(secret)"),
        ] {
            assert_eq!(display(&json!(value), secrecy), json!(want), "{value} {secrecy:?}");
        }
        assert_eq!(display(&json!(12), Secrecy::Text), json!("(secret)"));
        assert_eq!(display(&json!(12), Secrecy::Open), json!(12));
        assert_eq!(display(&json!(true), Secrecy::Text), json!(true));
    }

    #[test]
    fn paths_are_spelled_one_way() {
        let key = |text: &str| PathStep::Key(text.to_owned());
        assert_eq!(spelled("", &[key("exec"), key("args"), PathStep::Index(0)]), "exec.args[0]");
        assert_eq!(spelled("extensions", &[key("a.b"), key("c")]), "extensions[\"a.b\"].c");
        assert_eq!(spelled("", &[key("a\n"), key("")]), "[\"a\\n\"][\"\"]");
    }
}

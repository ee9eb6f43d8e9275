//! Decides what counts as a secret in a kubeconfig; no other module does.
//!
//! Three things decide: the field ([`Secrecy`]), in settings also the names on the way to a value ([`is_secret_variable`]
//! and `is_secret_member`), and the form of a text (`text`). All code that shows a part of a kubeconfig uses these functions:
//! `get`, `edit`, `diff`, the risks of an import, `lint`, excerpts in errors. `kcx config view` does not: it shows what
//! `kubectl config view` shows.

pub(super) mod documents;
mod name;
pub(super) mod text;

use super::decode::Body;
use super::schema::key;
use super::schema::{Field, Kind, Redaction, Struct, Type};
use super::span::Span;
use super::view::{REDACTED, redact};
use serde_json::Value;
use std::borrow::Cow;

pub use name::{is_secret_variable, is_telling};

/// How much of a field's value may be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Secrecy {
    /// All of it, except for a text that looks like a secret.
    Open,
    /// All of it: the name of an entry.
    Name,
    /// A URL, whose login is a secret.
    Url,
    /// Base64 of long or public data: a fingerprint identifies it and gives nothing away.
    Certificate,
    /// Base64 of a key.
    Key,
    /// A token, or the value of a setting whose name announces a secret. A short one could be guessed from a fingerprint.
    Text,
    /// The arguments of a program: what `text` finds in them is a secret.
    Argument,
    /// Named values, which may be nested: variables, extensions, the settings of an auth provider. Their names decide.
    Setting,
    /// Not even a fingerprint: people choose passwords.
    Password,
}

impl Secrecy {
    /// The secrecy of a field that kubectl knows.
    pub(super) fn of(field: &Field) -> Secrecy {
        match (field.redaction, field.ty, field.name) {
            (Redaction::Data, _, key::CLIENT_KEY_DATA) => Secrecy::Key,
            (Redaction::Data, ..) => Secrecy::Certificate,
            (Redaction::Text, _, "password") => Secrecy::Password,
            (Redaction::Text, ..) => Secrecy::Text,
            (Redaction::None, _, "args") => Secrecy::Argument,
            (
                Redaction::None,
                Type::StringMap | Type::StringsMap | Type::Structs(_) | Type::Extensions,
                _,
            ) => Secrecy::Setting,
            (Redaction::None, _, "server" | key::PROXY_URL) => Secrecy::Url,
            (Redaction::None, _, "cluster" | "user" | "namespace") => Secrecy::Name,
            (Redaction::None, ..) => Secrecy::Open,
        }
    }
}

/// True if a member of a setting is a secret because of its name. `outer` tells whether the mapping that it is in is one.
/// In `{name: TOKEN, value: …}` the value has the name `TOKEN`: `variable`.
pub(super) fn is_secret_member(outer: bool, variable: Option<&str>, key: &str) -> bool {
    match variable {
        Some(variable) if !outer && matches!(key, "value" | "extension") => is_secret_variable(variable),
        _ => outer && key != "name" || is_secret_variable(key),
    }
}

/// A text with every secret in it replaced by [`REDACTED`].
///
/// ```
/// use kcx::kubeconfig::secret::masked;
/// assert_eq!(masked("login --password hunter2"), "login --password REDACTED");
/// assert_eq!(masked("https://me:hunter2@proxy.example:3128"), "https://REDACTED@proxy.example:3128");
/// ```
#[must_use]
pub fn masked(text: &str) -> Cow<'_, str> {
    without(text, text::spans(text))
}

/// The arguments of a program with every secret replaced by [`REDACTED`]: after a flag, in the next argument, in a
/// script, in a URL.
///
/// ```
/// use kcx::kubeconfig::secret::masked_arguments;
/// let shown = masked_arguments(&["login", "--client-secret=abc", "-p", "hunter2", "--region", "eu"]);
/// assert_eq!(shown, ["login", "--client-secret=REDACTED", "-p", "REDACTED", "--region", "eu"]);
/// ```
#[must_use]
pub fn masked_arguments(arguments: &[impl AsRef<str>]) -> Vec<String> {
    let arguments: Vec<&str> = arguments.iter().map(AsRef::as_ref).collect();
    let mut shown: Vec<String> = arguments.iter().map(|&argument| argument.to_owned()).collect();
    for (at, span) in text::of_arguments(&arguments).into_iter().rev() {
        shown[at].replace_range(span.start..span.end, REDACTED);
    }
    shown
}

/// The value of a variable or a named setting: [`REDACTED`] if the name says that it is a secret.
///
/// ```
/// use kcx::kubeconfig::secret::masked_variable;
/// assert_eq!(masked_variable("DB_PASSWORD", "hunter2"), "REDACTED");
/// assert_eq!(masked_variable("LD_PRELOAD", "/tmp/x.so"), "/tmp/x.so");
/// assert_eq!(masked_variable("HTTPS_PROXY", "http://me:hunter2@p"), "http://REDACTED@p");
/// ```
#[must_use]
pub fn masked_variable<'v>(name: &str, value: &'v str) -> Cow<'v, str> {
    match is_secret_variable(name) && !value.is_empty() {
        true => Cow::Borrowed(REDACTED),
        false => masked(value),
    }
}

/// A URL that is safe to show: without the part before an `@` in its authority (RFC 3986, 3.2.1), and with other
/// secrets masked.
///
/// ```
/// use kcx::kubeconfig::secret::shown_url;
/// assert_eq!(shown_url("https://me:hunter2@host:6443/p"), "https://host:6443/p");
/// assert_eq!(shown_url("me:hunter2@host:3128"), "host:3128");
/// ```
#[must_use]
pub fn shown_url(url: &str) -> Cow<'_, str> {
    if !url.contains(['@', '=', ':']) {
        return Cow::Borrowed(url);
    }
    let login = match url.find("://") {
        Some(at) => text::spans(url).into_iter().find(|span| span.start == at + 3),
        // kubectl guesses the scheme of HOST:PORT, so a login may come first.
        None => {
            let authority = url.split(['/', '?', '#']).next().unwrap_or_default();
            let port = authority.split_once(':').map_or("", |(_, port)| port);
            let open = !port.bytes().all(|byte| byte.is_ascii_digit());
            let end = authority.rfind('@').or_else(|| url.rfind('@').filter(|_| open));
            end.map(|end| Span::new(0, end))
        }
    };
    match login.filter(|login| url[login.end..].starts_with('@')) {
        Some(login) => {
            let rest = [&url[..login.start], &url[login.end + 1..]].concat();
            Cow::Owned(masked(&rest).into_owned())
        }
        None => masked(url),
    }
}

/// Replaces the secrets of a body by [`REDACTED`]: those that `kubectl config view` hides, and those that it shows in
/// arguments, variables, auth provider settings, extensions and URLs.
pub fn hide(body: &mut Body, kind: Kind) {
    redact(body, kind.body());
    hide_fields(body, kind.body());
}

fn hide_fields(body: &mut Body, schema: &'static Struct) {
    for (name, value) in body {
        let Some(field) = schema.find(name) else {
            hide_value(name, is_secret_variable(name), value);
            continue;
        };
        match (Secrecy::of(field), field.ty, value) {
            (Secrecy::Url, _, Value::String(url)) => *url = shown_url(url).into_owned(),
            (Secrecy::Open, Type::Struct(schema), Value::Object(body)) => hide_fields(body, schema),
            (Secrecy::Certificate | Secrecy::Key | Secrecy::Text | Secrecy::Password | Secrecy::Name, ..) => {
            }
            (_, _, value) => hide_value(name, false, value),
        }
    }
}

/// True if a body contains a secret. A certificate is public and does not count.
#[must_use]
pub fn is_in(mut body: Body, kind: Kind) -> bool {
    body.retain(|name, value| {
        !name.ends_with("certificate-data") && name != key::CERTIFICATE_AUTHORITY_DATA && value != ""
    });
    let mut hidden = body.clone();
    hide(&mut hidden, kind);
    hidden != body
}

/// Hides the secrets of the value with this name; `secret` tells whether it is one as a whole.
fn hide_value(name: &str, secret: bool, value: &mut Value) {
    match value {
        Value::String(text) if secret && !text.is_empty() => REDACTED.clone_into(text),
        Value::String(text) => *text = masked(text).into_owned(),
        Value::Number(_) if secret => *value = Value::from(REDACTED),
        Value::Array(items) if name == "args" && !secret => {
            let arguments: Vec<&str> = items.iter().map(|item| item.as_str().unwrap_or_default()).collect();
            let shown = masked_arguments(&arguments);
            for (item, shown) in items.iter_mut().zip(shown).filter(|(item, _)| item.is_string()) {
                *item = Value::from(shown);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| hide_value(name, secret, item)),
        Value::Object(map) => {
            let variable = map.get(key::NAME).and_then(Value::as_str).map(str::to_owned);
            for (key, value) in map {
                hide_value(key, is_secret_member(secret, variable.as_deref(), key), value);
            }
        }
        _ => {}
    }
}

fn without(text: &str, spans: Vec<Span>) -> Cow<'_, str> {
    if spans.is_empty() {
        return Cow::Borrowed(text);
    }
    let (mut shown, mut done) = (String::with_capacity(text.len()), 0);
    for span in spans {
        shown += &text[done..span.start];
        shown += REDACTED;
        done = span.end;
    }
    Cow::Owned(shown + &text[done..])
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn urls_lose_their_login_and_nothing_else() {
        for (url, want) in [
            ("https://host:6443/k8s/clusters/c-1", "https://host:6443/k8s/clusters/c-1"),
            ("https://me@host", "https://host"),
            ("https://me:p@w@host/x@y", "https://host/x@y"),
            ("https://me:p/w@host", "https://host"),
            ("socks5://me:pw@[::1]:1080", "socks5://[::1]:1080"),
            ("me:p/w@host:1", "host:1"),
            ("host:6443/a@b", "host:6443/a@b"),
            ("https://host/?token=abc&x=1", "https://host/?token=REDACTED"),
            ("10.0.0.1:6443", "10.0.0.1:6443"),
            ("", ""),
        ] {
            assert_eq!(shown_url(url), want);
        }
    }

    #[test]
    fn a_body_shows_no_secret() {
        let body = json!({
            "token": "S1", "password": "S2", "client-key-data": "UzM=", "username": "me", "tokenFile": "eyJhbGciOiJIUzI1.S4",
            "auth-provider": {"name": "oidc", "config": {"client-id": "c", "client-secret": "S5", "idp": "https://me:S6@i"}},
            "exec": {
                "command": "login", "args": ["--token", "S7", "--region", "eu"],
                "env": [{"name": "DB_PASSWORD", "value": "S8"}, {"name": "AWS_PROFILE", "value": "prod"}],
                "installHint": "run it with TOKEN=S9",
            },
            "extensions": [{"name": "e", "extension": {"deep": [{"api-key": "Sa", "n": 1}], "secret": {"x": ["Sb"]}, "pin": 123}}],
        });
        let Value::Object(mut body) = body else { panic!() };
        hide(&mut body, Kind::User);
        let shown = Value::Object(body);
        let text = shown.to_string();
        for secret in ["S1", "S2", "UzM", "S4", "S5", "S6", "S7", "S8", "S9", "Sa", "Sb", "123"] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
        for (path, open) in [
            ("/username", "me"),
            ("/auth-provider/config/client-id", "c"),
            ("/auth-provider/config/idp", "https://REDACTED@i"),
            ("/exec/args/3", "eu"),
            ("/exec/env/0/name", "DB_PASSWORD"),
            ("/exec/env/1/value", "prod"),
            ("/exec/installHint", "run it with TOKEN=REDACTED"),
        ] {
            assert_eq!(shown.pointer(path), Some(&json!(open)), "{path}");
        }
    }
}

//! Values that stand for others: what `kubectl config view` prints in the place of a secret, what sops has encrypted, and
//! templates that have not been filled in.

use super::super::schema::key;
use super::{CheckedEntry, Code, Finding, Severity};
use crate::kubeconfig::merged::Merged;
use crate::kubeconfig::schema::Kind;
use crate::kubeconfig::view::{OMITTED, REDACTED, View};
use serde_json::Value;

/// The hint for a path that begins with `~/`.
pub(super) const TILDE: &str = "no program expands `~` in a kubeconfig: write the absolute path";

const TEMPLATE: &str = "this looks like a template that has not been filled in";
const SOPS: &str = "the file is encrypted by sops: `sops --decrypt FILE` prints the kubeconfig";

/// The fields with a credential or a certificate.
const CREDENTIALS: [&str; 5] = [
    key::CERTIFICATE_AUTHORITY_DATA,
    key::CLIENT_CERTIFICATE_DATA,
    key::CLIENT_KEY_DATA,
    key::TOKEN,
    key::PASSWORD,
];

/// What a value is, instead of the value itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placeholder {
    /// `kubectl config view` has left the value out, and has written this word.
    Omitted(&'static str),
    /// It is encrypted by sops.
    Encrypted,
    /// It is a template that has not been filled in.
    Template,
}

/// A field with a [`Placeholder`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The list of the entry.
    pub kind: Kind,
    /// The name of the entry.
    pub name: String,
    /// The field; `name` for the name itself.
    pub field: String,
    /// What the field has.
    pub placeholder: Placeholder,
}

/// The fields of these entries that have a placeholder, at most one of each entry.
///
/// ```
/// use kcx::kubeconfig::lint::placeholder::{Placeholder, of_entries};
/// use kcx::kubeconfig::{Document, Merged, Source, View};
/// let text = "users: [{name: u, user: {token: REDACTED}}]";
/// let document = Document::parse(text.as_bytes().to_vec())?;
/// let view = View::of(&Merged::new(vec![Source { path: "config".into(), document: Some(document) }]))?;
/// assert_eq!(of_entries(&view)[0].placeholder, Placeholder::Omitted("REDACTED"));
/// # Ok::<(), kcx::kubeconfig::ParseError>(())
/// ```
#[must_use]
pub fn of_entries(view: &View) -> Vec<Found> {
    let mut found = Vec::new();
    for kind in Kind::ALL {
        for (name, entry) in &view.lists[kind] {
            let name_field = is_template(name).then_some(("name", Placeholder::Template));
            // A shell in `exec` may fill in what looks like a template.
            let fields = entry.body.iter().filter(|(field, _)| *field != key::EXEC);
            let mut fields =
                fields.filter_map(|(field, value)| Some((field.as_str(), of_field(field, value)?)));
            if let Some((field, placeholder)) = name_field.or_else(|| fields.next()) {
                found.push(Found { kind, name: name.clone(), field: field.to_owned(), placeholder });
            }
        }
    }
    found
}

fn of_field(field: &str, value: &Value) -> Option<Placeholder> {
    match value {
        Value::String(text) => {
            let omitted = CREDENTIALS.contains(&field).then(|| omitted(text)).flatten();
            match omitted {
                Some(word) => Some(Placeholder::Omitted(word)),
                None if is_encrypted(text) => Some(Placeholder::Encrypted),
                None => is_template(text).then_some(Placeholder::Template),
            }
        }
        _ => None,
    }
}

/// The sentence for a text that is no kubeconfig because of sops or because it is a template.
#[must_use]
pub fn explanation(text: &str) -> Option<&'static str> {
    let encrypted = |line: &str| line.contains("ENC[AES256_GCM,") || line.starts_with("sops:");
    if text.lines().any(encrypted) {
        return Some(SOPS);
    }
    text.lines().any(is_template).then_some(TEMPLATE)
}

/// The word that `kubectl config view` prints in the place of a value.
fn omitted(value: &str) -> Option<&'static str> {
    [REDACTED, OMITTED].into_iter().find(|word| *word == value)
}

/// Reports the first credential of the entry that is not the credential itself; true if there is one.
pub(super) fn check(checked: &mut CheckedEntry<'_>) -> bool {
    for field in CREDENTIALS {
        let value = checked.text(field);
        let (code, what) = match omitted(value) {
            Some(word) => {
                (Code::Omitted, format!("is `{word}`: `kubectl config view` has left the value out"))
            }
            None if is_encrypted(value) => (Code::Encrypted, "is encrypted by sops".to_owned()),
            None => continue,
        };
        let message = format!("the {field} of {} {what}", checked.title());
        checked.report(code, &[field], message);
        return true;
    }
    false
}

fn is_encrypted(value: &str) -> bool {
    value.starts_with("ENC[") && value.ends_with(']')
}

/// Replaces the hints of findings that a template or sops explains.
pub(super) fn explain(merged: &Merged, found: &mut [Finding]) {
    for finding in found.iter_mut().filter(|it| it.code.severity() > Severity::Info) {
        let document = merged.sources().get(finding.source).and_then(|source| source.document.as_ref());
        let line = match (document, finding.span, &finding.place) {
            (Some(document), Some(span), _) => line(document.text(), span.start),
            // Its letters are masked, and its braces are not.
            (_, _, Some(place)) => place.excerpt.as_str(),
            _ => continue,
        };
        if is_template(line) {
            finding.hint(TEMPLATE);
        } else if line.contains("ENC[") && finding.code != Code::Encrypted || line.starts_with("sops:") {
            finding.hint(SOPS);
        }
    }
}

/// The line at this offset.
fn line(text: &str, at: usize) -> &str {
    let at = text.floor_char_boundary(at.min(text.len()));
    let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
    text[start..].lines().next().unwrap_or_default()
}

/// True if the line has a mark of Go's or Jinja's templates, of a shell or of `envsubst`.
fn is_template(line: &str) -> bool {
    line.contains("{{") && line.contains("}}") || line.contains("{%") || line.contains("${")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_known_by_its_marks() {
        for line in ["token: '{{ .Token }}'", "{% for c in clusters %}", "server: ${SERVER}"] {
            assert!(is_template(line), "{line}");
        }
        for line in ["a: {b: {c: d}}", "token: $TOKEN", "server: https://a", ""] {
            assert!(!is_template(line), "{line}");
        }
    }
}

//! Values that stand for others: what `kubectl config view` prints in the place of a secret, what sops has encrypted, and
//! templates that have not been filled in.

use super::super::schema::key;
use super::{CheckedEntry, Code, Finding, Severity};
use crate::kubeconfig::merged::Merged;

/// The hint for a path that begins with `~/`.
pub(super) const TILDE: &str = "no program expands `~` in a kubeconfig: write the absolute path";

const TEMPLATE: &str = "this looks like a template that has not been filled in";
const SOPS: &str = "the file is encrypted by sops: `sops --decrypt FILE` prints the kubeconfig";

/// Reports the first credential of the entry that is not the credential itself; true if there is one.
pub(super) fn check(checked: &mut CheckedEntry<'_>) -> bool {
    const FIELDS: [&str; 5] = [
        key::CERTIFICATE_AUTHORITY_DATA,
        key::CLIENT_CERTIFICATE_DATA,
        key::CLIENT_KEY_DATA,
        key::TOKEN,
        key::PASSWORD,
    ];
    for field in FIELDS {
        let value = checked.text(field);
        let (code, what) = match value {
            "REDACTED" | "DATA+OMITTED" => {
                let what = format!("is `{value}`: `kubectl config view` has left the value out");
                (Code::Omitted, what)
            }
            value if is_encrypted(value) => (Code::Encrypted, "is encrypted by sops".to_owned()),
            _ => continue,
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

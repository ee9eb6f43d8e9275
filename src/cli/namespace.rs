//! Which names a namespace can have, before anything is written.

use super::error::{Cause, Error, name};

/// Refuses what no cluster could have as a namespace. Source: RFC 1123 labels, Kubernetes `IsDNS1123Label`.
///
/// # Errors
/// Exit code 2.
pub(super) fn check(namespace: &str, force: bool) -> Result<(), Error> {
    if is_label(namespace) || force && !namespace.is_empty() {
        return Ok(());
    }
    let usage = |message: String| Error::new(Cause::Usage, message);
    if namespace.is_empty() {
        return Err(
            usage("the namespace is empty".to_owned()).hint("`kcx ns --unset` goes back to the default one")
        );
    }
    let what = format!(
        "{} is not a valid namespace name: at most 63 characters of a-z, 0-9 and `-`, and no `-` at either end",
        name(namespace)
    );
    Err(usage(what).hint("`--force` writes it anyway"))
}

fn is_label(text: &str) -> bool {
    let allowed = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-';
    matches!(text.len(), 1..=63)
        && text.bytes().all(allowed)
        && !text.starts_with('-')
        && !text.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::is_label;

    #[test]
    fn labels_are_those_of_rfc_1123() {
        for good in ["a", "0", "kube-system", &"x".repeat(63)] {
            assert!(is_label(good), "{good}");
        }
        for bad in ["", "-a", "a-", "A", "a.b", "a_b", "a b", "ä", &"x".repeat(64)] {
            assert!(!is_label(bad), "{bad}");
        }
    }
}

//! Which names a namespace can have.

/// True if a cluster accepts this name for a namespace: an RFC 1123 label, 1 to 63 characters of `a-z`, `0-9` and `-`,
/// without `-` at either end. Source: Kubernetes `IsDNS1123Label`.
///
/// ```
/// use kcx::kubeconfig::is_namespace;
/// assert!(is_namespace("kube-system"));
/// assert!(!is_namespace("Kube_System"));
/// ```
#[must_use]
pub fn is_namespace(name: &str) -> bool {
    let allowed = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-';
    matches!(name.len(), 1..=63)
        && name.bytes().all(allowed)
        && !name.starts_with('-')
        && !name.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::is_namespace;

    #[test]
    fn namespaces_are_labels_of_rfc_1123() {
        for good in ["a", "0", "kube-system", &"x".repeat(63)] {
            assert!(is_namespace(good), "{good}");
        }
        for bad in ["", "-a", "a-", "A", "a.b", "a_b", "a b", "ä", &"x".repeat(64)] {
            assert!(!is_namespace(bad), "{bad}");
        }
    }
}

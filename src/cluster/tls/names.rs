//! Which host a certificate is for: Go's rules (`crypto/x509`, `VerifyHostname` and the checks of name constraints).

use std::net::IpAddr;
use x509_parser::extensions::{GeneralName, GeneralSubtree, NameConstraints};

/// True if one of these alternative names matches the requested host. The common name is ignored.
pub(super) fn fit(names: &[GeneralName<'_>], host: &str) -> bool {
    let inside = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    if let Ok(wanted) = inside.parse::<IpAddr>() {
        return names.iter().filter_map(address).any(|found| found.to_canonical() == wanted.to_canonical());
    }
    let host = host.to_ascii_lowercase();
    let is_plain = is_host(&host, false);
    names.iter().any(|name| {
        let GeneralName::DNSName(name) = name else { return false };
        let name = name.to_ascii_lowercase();
        if is_plain && is_host(&name, true) {
            matches(&name, &host)
        } else {
            !matches!(host.as_str(), "" | ".") && name == host
        }
    })
}

fn address(name: &GeneralName<'_>) -> Option<IpAddr> {
    let GeneralName::IPAddress(bytes) = name else { return None };
    match bytes.len() {
        4 => <[u8; 4]>::try_from(*bytes).ok().map(IpAddr::from),
        _ => <[u8; 16]>::try_from(*bytes).ok().map(IpAddr::from),
    }
}

/// True for a valid host name, or for a pattern with `*` as its first label.
fn is_host(name: &str, pattern: bool) -> bool {
    let name = if pattern { name } else { name.strip_suffix('.').unwrap_or(name) };
    if name.is_empty() || name == "*" {
        return false;
    }
    name.split('.').enumerate().all(|(at, part)| {
        let fits = |(at, c): (usize, char)| c.is_ascii_alphanumeric() || c == '_' || c == '-' && at != 0;
        !part.is_empty() && (pattern && at == 0 && part == "*" || part.chars().enumerate().all(fits))
    })
}

fn matches(pattern: &str, host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host);
    let (patterns, parts): (Vec<&str>, Vec<&str>) = (pattern.split('.').collect(), host.split('.').collect());
    patterns.len() == parts.len()
        && patterns.iter().zip(&parts).enumerate().all(|(at, (a, b))| at == 0 && *a == "*" || a == b)
}

/// True if an authority with these constraints may sign for these names. Constraints on other kinds of names than DNS
/// names and addresses count as violated if the certificate has such a name: Kubernetes servers do not use them.
pub(super) fn permitted(constraints: &NameConstraints<'_>, names: &[GeneralName<'_>]) -> bool {
    let (allowed, excluded) = (bases(&constraints.permitted_subtrees), bases(&constraints.excluded_subtrees));
    names.iter().all(|name| {
        let same = |base: &&&GeneralName<'_>| std::mem::discriminant(**base) == std::mem::discriminant(name);
        let mut allowed = allowed.iter().filter(same).peekable();
        let fits = allowed.peek().is_none() || allowed.any(|base| lies_in(name, base) == Some(true));
        fits && excluded
            .iter()
            .filter(same)
            .all(|base| lies_in(name, base) == Some(false) && !covers(name, base))
    })
}

fn bases<'n, 'c>(list: &'n Option<Vec<GeneralSubtree<'c>>>) -> Vec<&'n GeneralName<'c>> {
    list.iter().flatten().map(|subtree| &subtree.base).collect()
}

/// `None` if that cannot be determined.
fn lies_in(name: &GeneralName<'_>, base: &GeneralName<'_>) -> Option<bool> {
    match (name, base) {
        (GeneralName::DNSName(name), GeneralName::DNSName(base)) => {
            let (name, base) = (name.to_ascii_lowercase(), base.to_ascii_lowercase());
            let (below, base) = match base.strip_prefix('.') {
                Some(base) => (true, base),
                None => (false, base.as_str()),
            };
            let inside = name.strip_suffix(base).is_some_and(|rest| rest.ends_with('.'));
            Some(base.is_empty() || inside || !below && name == base)
        }
        (GeneralName::IPAddress(address), GeneralName::IPAddress(base)) => {
            let (network, mask) = base.split_at_checked(base.len() / 2)?;
            if network.len() != mask.len() || !matches!(network.len(), 4 | 16) {
                return None;
            }
            let parts = address.iter().zip(network).zip(mask);
            Some(address.len() == network.len() && parts.into_iter().all(|((a, n), m)| a & m == n & m))
        }
        _ => None,
    }
}

/// True if a wildcard name covers an excluded name.
fn covers(name: &GeneralName<'_>, base: &GeneralName<'_>) -> bool {
    let (GeneralName::DNSName(name), GeneralName::DNSName(base)) = (name, base) else { return false };
    let (name, base) = (name.to_ascii_lowercase(), base.trim_start_matches('.').to_ascii_lowercase());
    let above = base.split_once('.').map(|(_, rest)| rest);
    name.strip_prefix("*.").is_some_and(|rest| above == Some(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_compared_as_go_compares_them() {
        let v4: &[u8] = &[10, 0, 0, 1];
        let mapped: &[u8] = &[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 1];
        for (name, host, want) in [
            (GeneralName::DNSName("a.test"), "a.test", true),
            (GeneralName::DNSName("A.Test"), "a.TEST", true),
            (GeneralName::DNSName("a.test"), "a.test.", true),
            (GeneralName::DNSName("a.test."), "a.test.", true),
            (GeneralName::DNSName("a.test."), "a.test", false),
            (GeneralName::DNSName("*.test"), "a.test", true),
            (GeneralName::DNSName("*.test"), "a.b.test", false),
            (GeneralName::DNSName("*.test"), "test", false),
            (GeneralName::DNSName("a*.test"), "ab.test", false),
            (GeneralName::DNSName("a.*.test"), "a.b.test", false),
            (GeneralName::DNSName("*"), "test", false),
            (GeneralName::DNSName("a_b.test"), "a_b.test", true),
            (GeneralName::DNSName(""), "", false),
            (GeneralName::DNSName("10.0.0.1"), "10.0.0.1", false),
            (GeneralName::IPAddress(v4), "10.0.0.1", true),
            (GeneralName::IPAddress(mapped), "10.0.0.1", true),
            (GeneralName::IPAddress(v4), "[::ffff:10.0.0.1]", true),
            (GeneralName::IPAddress(v4), "10.0.0.2", false),
            (GeneralName::IPAddress(&[10, 0]), "10.0.0.1", false),
            (GeneralName::RFC822Name("a.test"), "a.test", false),
        ] {
            assert_eq!(fit(std::slice::from_ref(&name), host), want, "{name:?} {host}");
        }
    }

    #[test]
    fn constraints_are_compared_as_go_compares_them() {
        let ten: &[u8] = &[10, 0, 0, 0, 255, 0, 0, 0];
        let host: &[u8] = &[10, 1, 2, 3];
        let dns = GeneralName::DNSName;
        for (name, base, want) in [
            (dns("a.test"), dns("test"), Some(true)),
            (dns("test"), dns("test"), Some(true)),
            (dns("test"), dns(".test"), Some(false)),
            (dns("a.test"), dns(".test"), Some(true)),
            (dns("xtest"), dns("test"), Some(false)),
            (dns("xtest"), dns(""), Some(true)),
            (GeneralName::IPAddress(host), GeneralName::IPAddress(ten), Some(true)),
            (GeneralName::IPAddress(&[11, 1, 2, 3]), GeneralName::IPAddress(ten), Some(false)),
            (GeneralName::IPAddress(host), GeneralName::IPAddress(&ten[..7]), None),
            (GeneralName::RFC822Name("a@b"), GeneralName::RFC822Name("b"), None),
        ] {
            assert_eq!(lies_in(&name, &base), want, "{name:?} {base:?}");
        }
        assert!(covers(&dns("*.test"), &dns("a.test")));
        assert!(!covers(&dns("*.test"), &dns("a.b.test")));
    }
}

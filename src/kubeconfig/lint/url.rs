//! Parses URLs with Go's rules, to find those that client-go refuses. Source: `net/url` (`Parse`), `client-go/rest`
//! (`DefaultServerURL`).

/// The used parts of a URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Url<'t> {
    pub(super) scheme: String,
    /// True if it contains a user name or password.
    pub(super) login: bool,
    /// The host without brackets and port.
    pub(super) host: &'t str,
    path: &'t str,
}

impl Url<'_> {
    /// True for a loopback address or `localhost`.
    pub(super) fn is_local(&self) -> bool {
        self.host.eq_ignore_ascii_case("localhost")
            || self.host.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback())
    }
}

/// True for the address of a server that is on a loopback address or on `localhost`.
pub(in crate::kubeconfig) fn is_local_server(url: &str) -> bool {
    parse(url).is_ok_and(|url| url.is_local())
}

/// Parses a URL.
///
/// # Errors
/// Returns why Go refuses the URL.
pub(super) fn parse(text: &str) -> Result<Url<'_>, &'static str> {
    if text.contains(|c: char| c.is_ascii_control()) {
        return Err("there is a control character in it");
    }
    let (text, fragment) = text.split_once('#').unwrap_or((text, ""));
    escapes(fragment, |_| true)?;
    let (scheme, rest) = scheme(text)?;
    let rest = rest.split('?').next().unwrap_or_default();
    if !scheme.is_empty() && !rest.starts_with('/') {
        return Ok(Url { scheme, login: false, host: "", path: rest });
    }
    let Some(rest) = rest.strip_prefix("//") else {
        if rest.split('/').next().is_some_and(|first| first.contains(':')) {
            return Err("it has no scheme");
        }
        escapes(rest, |_| true)?;
        return Ok(Url { scheme, login: false, host: "", path: rest });
    };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    escapes(path, |_| true)?;
    let (login, place) = match authority.rsplit_once('@') {
        Some((login, place)) => (Some(login), place),
        None => (None, authority),
    };
    if let Some(login) = login {
        if !login.chars().all(|c| c.is_ascii_alphanumeric() || "-._:~!$&'()*+,;=%@".contains(c)) {
            return Err("its login has a character that has to be escaped");
        }
        escapes(login, |_| true)?;
    }
    let (host, port) = match place.strip_prefix('[') {
        Some(inside) => inside.split_once(']').ok_or("a bracket is not closed")?,
        None => place.split_at(place.rfind(':').unwrap_or(place.len())),
    };
    let digits = port.strip_prefix(':').unwrap_or_default();
    if !port.is_empty() && !port.starts_with(':') || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err("its port is not a number");
    }
    if digits.parse::<u32>().is_ok_and(|port| port > 65_535) || digits.len() > 5 {
        return Err("its port is larger than 65535");
    }
    if place.starts_with('[') {
        bracketed(host)?;
    } else {
        // Only bytes that are not ASCII and the percent sign may be escaped in a host.
        escapes(host, |byte| byte == b'%' || !byte.is_ascii())?;
        if host.contains(|c: char| " \"<>^`{}|\\:[".contains(c)) {
            return Err("its host has a character that a host cannot have");
        }
    }
    Ok(Url { scheme, login: login.is_some(), host, path })
}

/// Checks an IPv6 address with an optional zone (RFC 6874).
fn bracketed(host: &str) -> Result<(), &'static str> {
    let (address, zone) =
        host.split_once("%25").map_or((host, None), |(address, zone)| (address, Some(zone)));
    if address.parse::<std::net::Ipv6Addr>().is_err() || zone == Some("") {
        return Err("the host in brackets is not an IPv6 address");
    }
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~!$&'()*+,;=:".contains(&byte);
    let zone = zone.unwrap_or_default();
    escapes(zone, |byte| b" %".contains(&byte) || fits(byte))?;
    match zone.bytes().all(|byte| !byte.is_ascii() || byte == b'%' || fits(byte)) {
        true => Ok(()),
        false => Err("its zone has a character that a zone cannot have"),
    }
}

/// Checks that every percent sign begins an escape of a byte that may be escaped.
fn escapes(text: &str, may: impl Fn(u8) -> bool) -> Result<(), &'static str> {
    for part in text.split('%').skip(1) {
        let digits = part.get(..2).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        if !byte.is_some_and(&may) {
            return Err("it contains a percent sign that is not part of a valid escape");
        }
    }
    Ok(())
}

/// The scheme in lower case (empty if missing), and the rest of the URL.
fn scheme(text: &str) -> Result<(String, &str), &'static str> {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || "+-.".contains(c))).unwrap_or(text.len());
    match text[end..].strip_prefix(':') {
        Some(_) if end == 0 => Err("there is nothing before its colon"),
        Some(rest) if text.starts_with(|c: char| c.is_ascii_alphabetic()) => {
            Ok((text[..end].to_ascii_lowercase(), rest))
        }
        _ => Ok((String::new(), text)),
    }
}

/// Parses a server address with client-go's rules. Also returns true if the scheme is missing and `guess` is used.
///
/// # Errors
/// Returns why client-go refuses the address.
pub(super) fn server(text: &str, guess: &'static str) -> Result<(Url<'static>, bool), &'static str> {
    let owned = |url: Url<'_>, scheme: &str| Url {
        scheme: scheme.to_owned(),
        login: url.login,
        host: if url.is_local() { "localhost" } else { "elsewhere" },
        path: "",
    };
    match parse(text) {
        Ok(url) if !url.scheme.is_empty() && !url.host.is_empty() => match url.scheme.clone().as_str() {
            scheme @ ("http" | "https") => Ok((owned(url, scheme), false)),
            _ => Err("its scheme is neither https nor http"),
        },
        _ => {
            let whole = format!("{guess}://{text}");
            let url = parse(&whole)?;
            match url.host.is_empty() || !matches!(url.path, "" | "/") {
                true => Err("it is neither a URL nor HOST:PORT"),
                false => Ok((owned(url, guess), true)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_are_accepted_as_in_client_go() {
        for (text, want) in [
            ("https://a.example:6443", Ok(("https", false, false))),
            ("https://[::1]:6443/k8s/clusters/c-1", Ok(("https", false, true))),
            ("HTTP://127.0.0.1:8001", Ok(("http", false, true))),
            ("https://jane:x@a.example", Ok(("https", false, false))),
            ("localhost:8080", Ok(("https", true, true))),
            ("10.0.0.1:6443", Ok(("https", true, false))),
            ("a.example", Ok(("https", true, false))),
            ("https//a.example", Err("it is neither a URL nor HOST:PORT")),
            ("https:/a.example", Err("it is neither a URL nor HOST:PORT")),
            ("htps://a.example", Err("its scheme is neither https nor http")),
            ("https://a:port", Err("its port is not a number")),
            ("https://a:99999", Err("its port is larger than 65535")),
            ("https://a b", Err("its host has a character that a host cannot have")),
            ("https://", Err("it is neither a URL nor HOST:PORT")),
            (" https://a", Err("it is neither a URL nor HOST:PORT")),
            ("https://a\n", Err("there is a control character in it")),
        ] {
            let read = server(text, "https");
            let read = read.as_ref().map(|(url, guessed)| (url.scheme.as_str(), *guessed, url.is_local()));
            match (read, want) {
                (Ok(read), Ok(want)) => assert_eq!(read, want, "{text}"),
                (Err(_), Err(_)) => {}
                (read, want) => panic!("{text}: {read:?}, not {want:?}"),
            }
        }
        assert!(server("https://jane:a b@host", "https").is_err());
        for text in ["http://p%zz", "http://u:%zz@p"] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert!(parse("socks5://jane:x@p:1080").unwrap().login);
        assert_eq!(parse("socks5://[::1]:1080").unwrap().host, "::1");
    }

    #[test]
    fn escapes_and_brackets_are_parsed_as_in_go() {
        for text in "https://a/%zz https://a#%zz https://a%zz:6443 https://a%41:6443 https://us%zzer:p@a https://[bad]:6443 https://[127.0.0.1]:6443 https://[fe80::1%eth0]:6443 https://jane:p[@a https://a/% https://a/%4 https://[fe80::1%25] https://a[b https://[fe80::1%25%41%01]".split(' ') {
            assert!(server(text, "https").is_err(), "{text}");
        }
        for text in "https://a/%41?%zz#%41 https://a%c3%a9 https://a%25b https://u%40x:p%2f@a https://[::ffff:1.2.3.4]:6443 \
            https://[fe80::1%25eth0]:6443 https://[fe80::1%25eth%200]".split(' ') {
            assert!(server(text, "https").is_ok(), "{text}");
        }
    }
}

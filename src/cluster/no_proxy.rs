//! The proxy from the environment, by Go's rules (`golang.org/x/net/http/httpproxy`): client-go uses it for a cluster
//! without `proxy-url`.

use crate::env::Env;
use http::Uri;
use std::ffi::OsString;
use std::net::IpAddr;

/// The proxy for this server, if any.
pub(super) fn proxy(server: &Uri, env: &Env) -> Option<String> {
    let text = |value: &Option<OsString>| value.as_ref().map(|value| value.to_string_lossy().into_owned());
    let https = server.scheme_str() == Some("https");
    let proxy = text(if https { &env.https_proxy } else { &env.http_proxy })?;
    let host = server.host()?.trim_matches(['[', ']']);
    let port = server.port_u16().unwrap_or(if https { 443 } else { 80 });
    let direct = proxy.is_empty() || is_direct(host, port, &text(&env.no_proxy).unwrap_or_default());
    (!direct).then_some(if proxy.contains("://") { proxy } else { format!("http://{proxy}") })
}

/// True for this machine, and for hosts that `NO_PROXY` lists.
fn is_direct(host: &str, port: u16, list: &str) -> bool {
    let ip = host.parse::<IpAddr>().ok();
    if host == "localhost" || ip.is_some_and(|ip| ip.is_loopback()) {
        return true;
    }
    let host = host.trim_end_matches('.').to_lowercase();
    list.split(',').map(str::trim).filter(|entry| !entry.is_empty()).any(|entry| {
        if entry == "*" {
            return true;
        }
        let entry = entry.to_lowercase();
        if let (Some(ip), Some((network, bits))) = (ip, entry.split_once('/')) {
            return contains(network, bits, ip);
        }
        let (name, wanted) = match entry.rsplit_once(':') {
            Some((name, digits)) if !name.contains(':') => (name, digits.parse::<u16>().ok()),
            _ => (entry.trim_matches(['[', ']']), None),
        };
        if wanted.is_some_and(|wanted| wanted != port) {
            return false;
        }
        if let Some(ip) = ip {
            return name.parse() == Ok(ip);
        }
        let name = name.strip_prefix('*').unwrap_or(name);
        match name.strip_prefix('.') {
            // `.a.b` matches subdomains only, `a.b` also itself.
            Some(_) => host.ends_with(name),
            None => host == name || host.strip_suffix(name).is_some_and(|rest| rest.ends_with('.')),
        }
    })
}

fn contains(network: &str, bits: &str, ip: IpAddr) -> bool {
    let Ok(bits) = bits.parse::<u32>() else { return false };
    match (network.parse::<IpAddr>(), ip) {
        (Ok(IpAddr::V4(network)), IpAddr::V4(ip)) if bits <= 32 => {
            let mask = u32::MAX.checked_shl(32 - bits).unwrap_or(0);
            u32::from(network) & mask == u32::from(ip) & mask
        }
        (Ok(IpAddr::V6(network)), IpAddr::V6(ip)) if bits <= 128 => {
            let mask = u128::MAX.checked_shl(128 - bits).unwrap_or(0);
            u128::from(network) & mask == u128::from(ip) & mask
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn goes(server: &str, no_proxy: &str, through: Option<&str>) {
        let env = Env {
            https_proxy: Some("proxy.test:3128".into()),
            no_proxy: Some(no_proxy.into()),
            ..Env::default()
        };
        assert_eq!(proxy(&server.parse().unwrap(), &env).as_deref(), through, "{server} {no_proxy}");
    }

    #[test]
    fn the_environment_is_read_as_go_does() {
        let through = Some("http://proxy.test:3128");
        goes("https://a.b.test:6443", "", through);
        goes("https://a.b.test:6443", "b.test", None);
        goes("https://a.b.test:6443", ".b.test", None);
        goes("https://b.test", ".b.test", through);
        goes("https://xb.test", "b.test", through);
        goes("https://a.b.test:6443", "*.b.test", None);
        goes("https://a.b.test:6443", "b.test:443", through);
        goes("https://a.b.test:6443", "localhost, ,b.test:6443", None);
        goes("https://10.1.2.3", "10.0.0.0/8", None);
        goes("https://11.1.2.3", "10.0.0.0/8", through);
        goes("https://[fd00::1]:6443", "fd00::/8", None);
        goes("https://10.1.2.3", "10.1.2.3", None);
        goes("https://a.test", "*", None);
        // This machine is never asked through a proxy, and http has a variable of its own.
        goes("https://127.0.0.1:6443", "", None);
        goes("https://localhost", "", None);
        goes("http://a.test", "", None);
    }
}

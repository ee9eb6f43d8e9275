//! Checks of one cluster.

use super::{CheckedEntry, Code, backticked, trust, url};

/// Checks a cluster.
pub(super) fn check(checked: &mut CheckedEntry<'_>) {
    server(checked);
    proxy(checked);
    checked.path_and_data("certificate-authority");
    let insecure = checked.body.get("insecure-skip-tls-verify").is_some_and(|value| value == true);
    let authority = checked.has("certificate-authority") || checked.has("certificate-authority-data");
    if insecure && authority {
        let title = checked.title();
        let message = format!("{title} has a certificate authority, but its verification is turned off");
        let op = checked.unset(&["insecure-skip-tls-verify"]);
        checked.report(Code::InsecureWithAuthority, &["insecure-skip-tls-verify"], message).fix_by(op);
    } else if insecure {
        let message = format!("the server certificate of {} is not verified", checked.title());
        checked.report(Code::InsecureSkipTls, &["insecure-skip-tls-verify"], message);
    }
    trust::authority(checked);
}

fn server(checked: &mut CheckedEntry<'_>) {
    let server = checked.text("server");
    if server.is_empty() {
        let message = format!("{} has no server", checked.title());
        checked.report(Code::NoServer, &["server"], message);
        return;
    }
    let secure = ["certificate-authority", "certificate-authority-data"].iter().any(|it| checked.has(it));
    match url::server(server, if secure { "https" } else { "http" }) {
        Err(why) => {
            let message = format!("the server of {} is not a valid URL: {why}", checked.title());
            checked.report(Code::BadServer, &["server"], message);
        }
        Ok((url, guessed)) => {
            if guessed {
                let message = format!("{} has a server without a scheme", checked.title());
                checked.report(Code::NoScheme, &["server"], message).hint("put `https://` in front of it");
            } else if url.scheme == "http" && !url.is_local() {
                let message = format!("the connection to {} is not encrypted", checked.title());
                checked.report(Code::PlainHttp, &["server"], message).hint("use https://");
            }
            if url.login {
                let message =
                    format!("the server URL of {} contains a user name or password", checked.title());
                checked.report(Code::LoginInUrl, &["server"], message);
            }
        }
    }
}

fn proxy(checked: &mut CheckedEntry<'_>) {
    let proxy = checked.text("proxy-url").to_owned();
    if proxy.is_empty() {
        return;
    }
    let title = checked.title();
    match url::parse(&proxy) {
        Err(why) => {
            let message = format!("the proxy of {title} is not a valid URL: {why}");
            checked.report(Code::BadProxy, &["proxy-url"], message);
        }
        Ok(url) if !["http", "https", "socks5"].contains(&url.scheme.as_str()) => {
            let scheme = if url.scheme.is_empty() { "none".to_owned() } else { backticked(&url.scheme) };
            let message =
                format!("the scheme of the proxy of {title} is {scheme}, not http, https or socks5");
            checked.report(Code::BadProxy, &["proxy-url"], message);
        }
        Ok(url) if url.login => {
            let message = format!("the proxy URL of {title} contains a user name or password");
            checked.report(Code::LoginInUrl, &["proxy-url"], message);
        }
        Ok(_) => {}
    }
}

impl CheckedEntry<'_> {
    /// Checks that a certificate or key is not given both as a path and as data, which client-go refuses.
    pub(super) fn path_and_data(&mut self, field: &str) {
        if !self.has(field) {
            return;
        }
        let data = format!("{field}-data");
        if self.has(&data) {
            let message = format!("{} has both {field} and {data}", self.title());
            let op = self.unset(&[field]);
            self.report(Code::PathAndData, &[field], message).fix_by(op);
        }
    }
}

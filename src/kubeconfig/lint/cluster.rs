//! Checks of one cluster.

use super::super::schema::key;
use super::{CheckedEntry, Code, backticked, placeholder, trust, url};

/// Checks a cluster.
pub(super) fn check(checked: &mut CheckedEntry<'_>) {
    server(checked);
    proxy(checked);
    checked.path_and_data(key::CERTIFICATE_AUTHORITY);
    let insecure = checked.body.get(key::INSECURE_SKIP_TLS_VERIFY).is_some_and(|value| value == true);
    let authority = checked.has(key::CERTIFICATE_AUTHORITY) || checked.has(key::CERTIFICATE_AUTHORITY_DATA);
    if insecure && authority {
        let title = checked.title();
        let message = format!("{title} has a certificate authority, but its verification is turned off");
        let op = checked.unset(&[key::INSECURE_SKIP_TLS_VERIFY]);
        checked.report(Code::InsecureWithAuthority, &[key::INSECURE_SKIP_TLS_VERIFY], message).fix_by(op);
    } else if insecure {
        let message = format!("the server certificate of {} is not verified", checked.title());
        checked.report(Code::InsecureSkipTls, &[key::INSECURE_SKIP_TLS_VERIFY], message);
    }
    if !placeholder::check(checked) {
        trust::authority(checked);
    }
}

fn server(checked: &mut CheckedEntry<'_>) {
    let server = checked.text(key::SERVER);
    if server.is_empty() {
        let message = format!("{} has no server", checked.title());
        checked.report(Code::NoServer, &[key::SERVER], message);
        return;
    }
    let secure =
        [key::CERTIFICATE_AUTHORITY, key::CERTIFICATE_AUTHORITY_DATA].iter().any(|it| checked.has(it));
    match url::server(server, if secure { "https" } else { "http" }) {
        Err(why) => {
            let message = format!("the server of {} is not a valid URL: {why}", checked.title());
            checked.report(Code::BadServer, &[key::SERVER], message);
        }
        Ok((url, guessed)) => {
            if guessed {
                let message = format!("{} has a server without a scheme", checked.title());
                checked.report(Code::NoScheme, &[key::SERVER], message).hint("put `https://` in front of it");
            } else if url.scheme == "http" && !url.is_local() {
                let message = format!("the connection to {} is not encrypted", checked.title());
                checked.report(Code::PlainHttp, &[key::SERVER], message).hint("use https://");
            }
            if url.login {
                let message =
                    format!("the server URL of {} contains a user name or password", checked.title());
                checked.report(Code::LoginInUrl, &[key::SERVER], message);
            }
        }
    }
}

fn proxy(checked: &mut CheckedEntry<'_>) {
    let proxy = checked.text(key::PROXY_URL).to_owned();
    if proxy.is_empty() {
        return;
    }
    let title = checked.title();
    match url::parse(&proxy) {
        Err(why) => {
            let message = format!("the proxy of {title} is not a valid URL: {why}");
            checked.report(Code::BadProxy, &[key::PROXY_URL], message);
        }
        Ok(url) if !["http", "https", "socks5"].contains(&url.scheme.as_str()) => {
            let scheme = if url.scheme.is_empty() { "none".to_owned() } else { backticked(&url.scheme) };
            let message =
                format!("the scheme of the proxy of {title} is {scheme}, not http, https or socks5");
            checked.report(Code::BadProxy, &[key::PROXY_URL], message);
        }
        Ok(url) if url.login => {
            let message = format!("the proxy URL of {title} contains a user name or password");
            checked.report(Code::LoginInUrl, &[key::PROXY_URL], message);
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

//! Findings about one cluster.

use super::{Code, Subject, tick, trust, url};

/// One cluster.
pub(super) fn check(subject: &mut Subject<'_>) {
    server(subject);
    proxy(subject);
    let title = subject.title();
    subject.path_and_data("certificate-authority");
    let insecure = subject.body.get("insecure-skip-tls-verify").is_some_and(|value| value == true);
    let authority = subject.has("certificate-authority") || subject.has("certificate-authority-data");
    if insecure && authority {
        let what = format!("{title} has a certificate authority, and is not to be checked");
        let op = subject.unset(&["insecure-skip-tls-verify"]);
        subject.say(Code::InsecureWithAuthority, &["insecure-skip-tls-verify"], what).mend(op);
    } else if insecure {
        let what = format!("nobody checks who answers for {title}");
        subject.say(Code::InsecureSkipTls, &["insecure-skip-tls-verify"], what);
    }
    trust::authority(subject);
}

fn server(subject: &mut Subject<'_>) {
    let (title, server) = (subject.title(), subject.text("server").to_owned());
    if server.is_empty() {
        subject.say(Code::NoServer, &["server"], format!("{title} has no server"));
        return;
    }
    let secure = ["certificate-authority", "certificate-authority-data"].iter().any(|it| subject.has(it));
    match url::server(&server, if secure { "https" } else { "http" }) {
        Err(why) => {
            subject.say(Code::BadServer, &["server"], format!("{title} has a server that is no URL: {why}"));
        }
        Ok((url, guessed)) => {
            if guessed {
                let what = format!("{title} has a server without a scheme");
                subject.say(Code::NoScheme, &["server"], what).hint("put `https://` in front of it");
            } else if url.scheme == "http" && !url.is_local() {
                let what = format!("{title} is talked to unencrypted");
                subject.say(Code::PlainHttp, &["server"], what).hint("use https://");
            }
            if url.login {
                let what = format!("the server of {title} has a login in it");
                subject.say(Code::LoginInUrl, &["server"], what);
            }
        }
    }
}

fn proxy(subject: &mut Subject<'_>) {
    let (title, proxy) = (subject.title(), subject.text("proxy-url").to_owned());
    if proxy.is_empty() {
        return;
    }
    match url::parse(&proxy) {
        Err(why) => {
            let what = format!("{title} has a proxy that is no URL: {why}");
            subject.say(Code::BadProxy, &["proxy-url"], what);
        }
        Ok(url) if !["http", "https", "socks5"].contains(&url.scheme.as_str()) => {
            let scheme = if url.scheme.is_empty() { "none".to_owned() } else { tick(&url.scheme) };
            let what = format!("the scheme of the proxy of {title} is {scheme}, not http, https or socks5");
            subject.say(Code::BadProxy, &["proxy-url"], what);
        }
        Ok(url) if url.login => {
            let what = format!("the proxy of {title} has a login in it");
            subject.say(Code::LoginInUrl, &["proxy-url"], what);
        }
        Ok(_) => {}
    }
}

impl Subject<'_> {
    /// client-go refuses a certificate or key that is both named and contained.
    pub(super) fn path_and_data(&mut self, field: &str) {
        let data = format!("{field}-data");
        if self.has(field) && self.has(&data) {
            let what = format!("{} has both {field} and {data}", self.title());
            let op = self.unset(&[field]);
            self.say(Code::PathAndData, &[field], what).mend(op);
        }
    }
}

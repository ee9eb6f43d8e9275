//! What Go's own rules make of certificates, keys, tokens and ways to log in: small differences that a fixture does not hold.

use super::made::certificate;
use super::{Made, World, findings};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kcx::kubeconfig::lint::Code;
use rcgen::KeyPair;

/// The codes for a cluster and a user with these fields; what is said about files is left out.
fn codes(cluster: &str, user: &str) -> Vec<Code> {
    let made = Made::new();
    let text = format!(
        "apiVersion: v1\nkind: Config\nclusters: [{{name: a, cluster: {{server: 'https://a.example', {cluster}}}}}]\n\
        users: [{{name: a, user: {{{user}}}}}]\ncontexts: [{{name: a, context: {{cluster: a, user: a}}}}]\ncurrent-context: a\n"
    );
    let found = findings(&[made.fill(&text).as_bytes()], &World { made: &made, trouble: None });
    found.iter().map(|it| it.code).filter(|code| *code != Code::PlainSecret).collect()
}

fn data(pem: &str) -> String {
    STANDARD.encode(pem)
}

#[test]
fn client_data_is_what_go_finds_among_its_blocks() {
    let key = KeyPair::generate().unwrap();
    let good = certificate(&key, [-1, 365], false);
    let secret = key.serialize_pem();
    let (cut, bad) = (&good[..100], good.replacen("MII", "MI!", 1));
    let client = |certificate: &str, secret: &str| {
        let [certificate, secret] = [certificate, secret].map(data);
        codes("", &format!("client-certificate-data: {certificate}, client-key-data: {secret}"))
    };
    for fine in [
        good.clone(),
        format!("{good}{cut}"),
        format!("{good}{bad}"),
        format!("{cut}\n{good}"),
        format!("{bad}{good}"),
        good.replace("MII", "foo: bar\n\nMII"),
    ] {
        assert_eq!(client(&fine, &secret), [], "{fine}");
    }
    for broken in [format!("{}{good}", good.trim_end()), cut.to_owned(), bad] {
        assert_eq!(client(&broken, &secret), [Code::BadCertificate], "{broken}");
    }
    let damaged = secret.replacen('M', "!", 1);
    assert_ne!(damaged, secret);
    assert_eq!(client(&good, &format!("{damaged}{secret}")), []);
    assert_eq!(client(&good, &damaged), [Code::BadKey]);
}

#[test]
fn authorities_are_those_that_go_takes() {
    let key = KeyPair::generate().unwrap();
    let ca = |days| certificate(&key, days, true);
    let now = ca([-1, 3650]);
    let authority =
        |text: &str| codes(&format!("certificate-authority-data: {}", data(text)), "tokenFile: token");
    assert_eq!(authority(&format!("{}\n{now}", &now[..100])), [Code::BrokenBlock]);
    assert_eq!(authority(&format!("{}{now}", now.trim_end())), [Code::BadCertificate]);
    assert_eq!(authority(&now.replace("MII", "foo: bar\n\nMII")), [Code::BadCertificate]);
    // The one that is valid now counts, and an authority before a certificate that is none.
    assert_eq!(authority(&format!("{now}{}", ca([5, 7300]))), []);
    let server = certificate(&key, [-1, 3650], false);
    assert_eq!(authority(&format!("{}{server}", ca([-400, -35]))), [Code::Expired]);
}

#[test]
fn ways_to_log_in_are_weighed_as_client_go_weighs_them() {
    for (user, want) in [
        ("username: jo, password: pw, tokenFile: token", &[Code::TwoMethods][..]),
        ("password: pw, tokenFile: token", &[]),
        ("tokenFile: empty", &[Code::MissingFile]),
        ("client-key: gone.crt", &[Code::KeyWithoutCertificate]),
        ("client-key: client.key, client-key-data: '@CLIENT_KEY@'", &[Code::KeyWithoutCertificate]),
        ("token: 'abc '", &[]),
        ("token: \"abc\\t\"", &[]),
        ("token: ' abc'", &[Code::BlankInToken]),
        ("token: 'a bc'", &[Code::BlankInToken]),
        ("token: \"abc\\n\"", &[Code::BlankInToken]),
    ] {
        assert_eq!(codes("", user), want, "{user}");
    }
}

#[test]
fn a_token_may_name_any_second() {
    let of = |claims: &str| format!("token: {}", super::made::token(claims));
    assert_eq!(codes("", &of(r#"{"exp":-9223372036854775808}"#)), [Code::TokenExpired]);
    let far = of(&format!(r#"{{"iat":-9223372036854775808,"exp":{}}}"#, super::made::NOW + 60));
    assert_eq!(codes("", &far), [Code::TokenExpiring]);
}

#[test]
fn urls_are_what_go_takes() {
    let made = Made::new();
    let found = |server: &str, proxy: &str| {
        let text = format!(
            "apiVersion: v1\nkind: Config\nclusters: [{{name: a, cluster: {{server: '{server}', proxy-url: '{proxy}'}}}}]\n"
        );
        let found = findings(&[text.as_bytes()], &World { made: &made, trouble: None });
        let codes: Vec<Code> = found.iter().map(|it| it.code).collect();
        [Code::BadServer, Code::BadProxy].map(|code| codes.contains(&code))
    };
    for server in [
        "https://a/%zz",
        "https://a#%zz",
        "https://a%zz:6443",
        "https://a%41:6443",
        "https://us%zzer:p@a",
        "https://[bad]:6443",
        "https://[127.0.0.1]:6443",
        "https://[fe80::1%eth0]:6443",
        "https://jane:a b@host",
        "https://jane:p[@a",
        "https://[fe80::1%25]:6443",
    ] {
        assert_eq!(found(server, ""), [true, false], "{server}");
    }
    for server in
        ["https://a/%41?%zz", "https://a%c3%a9", "https://u%40x:p%2f@a", "https://[fe80::1%25eth0]:6443"]
    {
        assert_eq!(found(server, ""), [false, false], "{server}");
    }
    for (proxy, wrong) in [("http://p%zz", true), ("http://u:%zz@p", true), ("http://u:%2f@p", false)] {
        assert_eq!(found("https://a", proxy), [false, wrong], "{proxy}");
    }
}

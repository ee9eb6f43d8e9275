//! Tests of bindings: which clusters are equal, and how messages name them.

use super::*;
use proptest::prelude::*;
use serde_json::json;

fn of(value: &Value) -> Result<Cluster, Unclear> {
    Cluster::of(value.as_object().unwrap(), |file| match file {
        "there" => Ok(b"pem".to_vec()),
        _ => Err(io::ErrorKind::NotFound.into()),
    })
}

#[test]
fn spellings_of_one_server_are_one_cluster() {
    for (one, other) in [
        ("https://a.example", "https://a.example/"),
        ("https://a.example", "HTTPS://A.Example:443"),
        ("http://a.example:80/x/", "http://a.example/x"),
        ("https://[::1]:443", "https://[::1]"),
    ] {
        assert_eq!(normalised(one), normalised(other));
    }
    for (one, other) in [
        ("https://a.example", "http://a.example"),
        ("https://a.example", "https://a.example:6443"),
        ("https://a.example", "https://a.example.evil"),
        ("https://a.example/x", "https://a.example/X"),
        ("https://a.example/x", "https://a.example/y"),
        ("https://a.example", "https://evil.example\\@a.example"),
        ("https://a.example", "https://evil.example#@a.example"),
        ("https://a.example", "https://user@a.example"),
        ("https://a.example", "https://a.example%2eevil"),
        ("https://a.example", " https://a.example"),
        ("a.example:443", "https://a.example"),
    ] {
        assert_ne!(normalised(one), normalised(other), "{one}");
    }
}

#[test]
fn every_field_decides() {
    let whole = json!({"server": "https://a", "certificate-authority-data": "cGVt", "tls-server-name": "n",
        "proxy-url": "http://p:3128", "insecure-skip-tls-verify": false});
    let cluster = of(&whole).unwrap();
    assert_eq!(cluster.difference(&cluster), None);
    for (field, value, said) in [
        ("server", json!("https://b"), "another server"),
        ("server", json!("https://u:p@b"), "another server"),
        ("server", json!("https://u:p@a"), "a login in its URL"),
        ("certificate-authority-data", json!("cGVuCg=="), "another certificate authority"),
        ("certificate-authority-data", json!(null), "another certificate authority"),
        ("tls-server-name", json!("m"), "another tls-server-name"),
        ("tls-server-name", json!(""), "another tls-server-name"),
        ("proxy-url", json!("http://p:3129"), "another proxy"),
        ("proxy-url", json!(null), "another proxy"),
        ("insecure-skip-tls-verify", json!(true), "no check of the server's certificate"),
    ] {
        let mut other = whole.clone();
        other[field] = value;
        let other = of(&other).unwrap();
        assert_eq!(cluster.difference(&other), Some(said), "{field}");
        assert!(!Binding::Clusters(vec![cluster.clone()]).covers(&other), "{field}");
    }
    let file = json!({"server": "https://a/", "certificate-authority": "there", "tls-server-name": "n",
        "proxy-url": "http://P:3128/", "extensions": [{"name": "x"}], "disable-compression": true});
    assert_eq!(of(&file).unwrap(), cluster);
}

#[test]
fn a_message_tells_clusters_of_one_server_apart() {
    let cluster = |server: &str, name: &str| of(&json!({"server": server, "tls-server-name": name})).unwrap();
    let (a, b) = (cluster("https://a", ""), cluster("https://b", ""));
    let (login, other) = (cluster("https://u:hunter2@a", ""), cluster("https://v@a", ""));
    let binding = Binding::Clusters(vec![a.clone(), b.clone()]);
    for (it, want) in [
        (&login, "https://a with a login in its URL"),
        (&cluster("https://a", "n"), "https://a with another tls-server-name"),
        (&cluster("https://c", "n"), "https://c"),
    ] {
        assert_eq!(binding.shown_beside(it), want);
    }
    let logins = Binding::Clusters(vec![login.clone()]);
    assert_eq!(logins.shown_beside(&other), "https://a with another login in its URL");
    assert_eq!(logins.shown_beside(&a), "https://a with no login in its URL");
    let lost = |now: &[&Cluster], was: &[&Cluster]| {
        let of = |list: &[&Cluster]| Binding::Clusters(list.iter().map(|it| (*it).clone()).collect());
        of(now).shown_lost(&of(was))
    };
    assert_eq!(lost(&[&a, &b], &[&a]), None);
    assert_eq!(lost(&[&b], &[&a, &b]), Some("https://a".to_owned()));
    assert_eq!(
        lost(&[&a], &[&b, &login]),
        Some("https://b and https://a with a login in its URL".to_owned())
    );
    assert_eq!(Binding::AnyCluster.shown_lost(&binding), None);
}

#[test]
fn what_cannot_be_compared_is_no_cluster() {
    for value in [
        json!({}),
        json!({"server": ""}),
        json!({"server": 1}),
        json!({"server": "https://a", "certificate-authority": "gone"}),
        json!({"server": "https://a", "certificate-authority": ["there"]}),
        json!({"server": "https://a", "certificate-authority-data": "%"}),
        json!({"server": "https://a", "insecure-skip-tls-verify": "true"}),
        json!({"server": "https://a", "tls-server-name": true}),
    ] {
        assert!(of(&value).is_err(), "{value}");
    }
}

#[test]
fn a_message_has_no_login_and_nothing_that_a_terminal_obeys() {
    let shown = |server: &str| of(&json!({ "server": server })).unwrap().shown();
    assert_eq!(shown("https://user:pass@a.example/x"), "https://a.example/x");
    assert_eq!(shown("https://a.example/@b"), "https://a.example/@b");
    assert_eq!(shown("https://a\u{1b}[31m"), "https://a\\x1b[31m");
}

proptest! {
    /// Normalising twice changes nothing, and different hosts stay different.
    #[test]
    fn a_normalised_url_stays_as_it_is(host in "[a-z0-9.-]{1,12}", other in "[a-z0-9.-]{1,12}", path in "(/[a-zA-Z0-9@;%]{0,4}){0,3}") {
        let once = normalised(&format!("https://{host}{path}"));
        prop_assert_eq!(&normalised(&once), &once);
        if host != other {
            prop_assert_ne!(normalised(&format!("https://{other}{path}")), once);
        }
    }

    /// No text causes a panic.
    #[test]
    fn any_text_is_compared(text in ".{0,40}") {
        let once = normalised(&text);
        prop_assert_eq!(&normalised(&once), &once);
        let _ = shown(&text);
    }
}

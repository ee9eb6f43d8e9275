//! Recorded: kubectl 1.37.1's answers to kuberc files.

use super::load::load_from;
use super::{Kuberc, NoPreferences};
use std::io;

const BETA: &str = "apiVersion: kubectl.config.k8s.io/v1beta1\nkind: Preference\n";

fn words(line: &str) -> Vec<String> {
    line.split_whitespace().map(str::to_owned).collect()
}

#[test]
fn unknown_fields_are_named_in_kubectls_order() {
    let text = format!(
        "{BETA}defaults: [{{command: config view, options: [{{name: raw, default: 'true', foo: 1}}], bar: 2}}]\n\
         zip: 1\naliases: [{{name: q, comand: config}}]"
    );
    let complaint = Kuberc::parse(&text).unwrap().1;
    assert_eq!(
        complaint.as_deref(),
        Some(
            "strict decoding error: unknown field \"aliases[0].comand\", unknown field \"defaults[0].bar\", \
             unknown field \"defaults[0].options[0].foo\", unknown field \"zip\""
        )
    );
}

#[test]
fn the_old_version_has_its_own_names() {
    let text = "apiVersion: kubectl.config.k8s.io/v1alpha1\nkind: Preference\n\
                overrides: [{command: config view, flags: [{name: output, default: json}]}]\ndefaults: []\n";
    let (kuberc, complaint) = Kuberc::parse(text).unwrap();
    assert_eq!(kuberc.defaults[0].options[0].default, "json");
    assert_eq!(complaint.as_deref(), Some("strict decoding error: unknown field \"defaults\""));
}

#[test]
fn only_a_preference_counts() {
    for text in ["[", "# x", "---\n---\n", "kind: Preference", &format!("{BETA}defaults: {{}}")] {
        assert_eq!(Kuberc::parse(text), Err(NoPreferences::NoneValid), "{text:?}");
    }
    let joined = NoPreferences::Separator("x".to_owned());
    assert_eq!(Kuberc::parse(format!("{BETA}---x\n")), Err(joined.clone()));
    assert_eq!(joined.to_string(), "invalid Yaml document separator: x");
    assert_eq!(Kuberc::parse(""), Ok((Kuberc::default(), None)));
    assert!(Kuberc::parse(format!("foo: 1\n---\n{BETA}")).is_ok());
}

#[test]
fn a_file_asked_for_must_be_good() {
    let read = |path: &std::path::Path| match path.to_str() {
        Some("bad") => Ok(b"[".to_vec()),
        Some("dir") => Err(io::ErrorKind::IsADirectory.into()),
        _ => Err(io::ErrorKind::NotFound.into()),
    };
    let load = |line: &str, variable, default| {
        load_from(&words(line), variable, default, &read).map(|loaded| loaded.warning)
    };
    let none = |path: &str| format!("no valid preferences found in {path}, use --v=5 to see details");
    assert_eq!(load("config view", None, "absent"), Ok(String::new()));
    assert_eq!(load("config view", Some("off"), "bad"), Ok(String::new()));
    assert_eq!(
        load("config view", None, "bad"),
        Ok(format!("kuberc: no preferences loaded from bad: {}", none("bad")))
    );
    for (line, variable, want) in [
        ("config view --kuberc", None, "kuberc file is not found".to_owned()),
        ("config view --kuberc=", None, "kuberc file is not found".to_owned()),
        ("config view --kuberc=bad", None, format!("kuberc error kuberc: {}", none("bad"))),
        ("config view --kuberc dir", None, "kuberc error kuberc: read dir: is a directory".to_owned()),
        ("config view", Some("nope"), "kuberc error kuberc: open nope: no such file or directory".to_owned()),
        (
            "config view --kuberc x",
            Some("off"),
            "kuberc error disabling kuberc via KUBERC=off and passing kuberc flag are mutually exclusive"
                .to_owned(),
        ),
    ] {
        assert_eq!(load(line, variable, "absent"), Err(want), "{line}");
    }
}

/// The answers that `tests/real/kuberc.rs` recorded, for machines without kubectl.
#[test]
fn a_document_is_read_as_gos_decoders_read_it() {
    let policy = |text: &str| Kuberc::parse(text).map(|(kuberc, _)| kuberc.plugin_policy);
    let complaint = |text: &str| Kuberc::parse(text).unwrap().1.unwrap_or_default();
    let json = |rest: &str| {
        format!("{{\"apiVersion\":\"kubectl.config.k8s.io/v1beta1\",\"kind\":\"Preference\",{rest}}}")
    };
    for text in [
        format!("{BETA}credentialPluginPolicy: AllowAll\ncredentialPluginPolicy: DenyAll\n"),
        format!("{BETA}credentialPluginPolicy: |-\n  DenyAll"),
        format!("{BETA}credentialPluginPolicy: DenyAll\naliases: [#c\n]\n"),
        format!("\u{feff}{BETA}credentialPluginPolicy: DenyAll\n"),
        format!("{BETA}credentialPluginPolicy: !!binary RGVueUFsbA==\n"),
        BETA.replace("kind", "Kind") + "credentialPluginPolicy: DenyAll\n",
        json("\"credentialPluginPolicy\":\"AllowAll\",\"credentialPluginPolicy\":\"DenyAll\""),
        json("\"credentialPluginPolicy\":\"DenyAll\",\"credentialPluginPolicy\":null"),
    ] {
        assert_eq!(policy(&text).as_deref(), Ok("DenyAll"), "{text}");
    }
    for text in [
        // Braces begin JSON: no trailing comma, no bare word, a single value.
        "{apiVersion: kubectl.config.k8s.io/v1beta1, kind: Preference, credentialPluginPolicy: DenyAll}"
            .to_owned(),
        json("\"credentialPluginPolicy\":\"DenyAll\",") + "{}",
        format!("{BETA}credentialPluginPolicy: DenyAll\nx: .inf\n"),
        format!("{BETA}credentialPluginPolicy: yes\n"),
    ] {
        assert_eq!(policy(&text), Err(NoPreferences::NoneValid), "{text}");
    }
    for text in [
        format!("{BETA}credentialPluginPolicy: DenyAll\nx: {}{}\n", "[".repeat(300), "]".repeat(300)),
        json("\"credentialPluginPolicy\":\"DenyAll\",\"x\":\"\\ud800\""),
        json("\"credentialPluginAllowlist\":[{\"command\":\"a\"}],\"credentialPluginAllowlist\":[{}]"),
    ] {
        assert!(matches!(policy(&text), Err(NoPreferences::Unsure { .. })), "{text}");
    }
    assert_eq!(
        complaint(&format!("{BETA}credentialPluginPolicy: AllowAll\ncredentialPluginPolicy: DenyAll\n")),
        "strict decoding error: yaml: unmarshal errors:\n  line 4: key \"credentialPluginPolicy\" already set in map"
    );
    assert_eq!(
        complaint(&json("\"credentialPluginPolicy\":\"A\",\"credentialPluginPolicy\":\"B\"")),
        "strict decoding error: duplicate field \"credentialPluginPolicy\""
    );
}

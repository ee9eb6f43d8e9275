//! What kubectl 1.37.1 answered to kuberc files, recorded.

use std::io;

use super::*;

const BETA: &str = "apiVersion: kubectl.config.k8s.io/v1beta1\nkind: Preference\n";

fn words(line: &str) -> Vec<String> {
    line.split_whitespace().map(str::to_owned).collect()
}

/// The words after preferences, or the reason to stop.
fn apply(body: &str, line: &str) -> Result<String, String> {
    let (kuberc, _) = Kuberc::parse(&format!("{BETA}{body}")).map_err(|error| error.to_string())?;
    Ok(kuberc.apply(&words(line))?.words.join(" "))
}

#[test]
fn defaults_go_in_front_unless_typed() {
    let body = "defaults: [{command: config view, options: [{name: output, default: json}]}]";
    for (line, want) in [
        ("config view", "--output=json config view"),
        ("-v=1 config view", "--output=json -v=1 config view"),
        ("config view -oyaml", "config view -oyaml"),
        ("config view --output yaml", "config view --output yaml"),
        ("config view -no", "config view -no"),
        ("config get-contexts", "config get-contexts"),
    ] {
        assert_eq!(apply(body, line), Ok(want.to_owned()), "{line}");
    }
}

#[test]
fn commands_match_by_their_last_name() {
    for command in ["set", "kuberc set", "config set"] {
        let body = format!(
            "defaults: [{{command: {command}, options: [{{name: set-raw-bytes, default: 'true'}}]}}]"
        );
        assert_eq!(
            apply(&body, "config set a b"),
            Ok("--set-raw-bytes=true config set a b".to_owned()),
            "{command}"
        );
    }
    let other =
        "defaults: [{command: set image, options: [{name: nope, default: x}]}, {command: '', options: []}]";
    assert_eq!(apply(other, "config set a b"), Ok("config set a b".to_owned()));
}

#[test]
fn an_unknown_command_is_a_warning() {
    let text = format!("{BETA}defaults: [{{command: view, options: [{{name: output, default: json}}]}}]");
    let applied = Kuberc::parse(&text).unwrap().0.apply(&words("config view")).unwrap();
    assert_eq!(applied.words, words("config view"));
    assert_eq!(applied.warning, "Warning: command \"view\" not found to set kuberc override\n");
}

#[test]
fn aliases_stand_for_commands() {
    let body = "aliases: [{name: q, command: config view, options: [{name: output, default: json}], \
                prependArgs: [z], appendArgs: [--raw]}]";
    assert_eq!(apply(body, "q b"), Ok("--output=json config view z b --raw".to_owned()));
    assert_eq!(apply(body, "q -o yaml"), Ok("config view z -o yaml --raw".to_owned()));
    assert_eq!(apply(body, "config view"), Ok("config view".to_owned()));
    assert_eq!(apply(body, "other"), Ok("other".to_owned()));
    let foreign = "aliases: [{name: q, command: get pods, options: [{name: watch, default: 'true'}]}]";
    assert_eq!(apply(foreign, "q"), Ok("q".to_owned()));
}

#[test]
fn bad_preferences_stop_everything() {
    let option = |name: &str, value: &str| {
        format!("defaults: [{{command: config view, options: [{{name: {name}, default: {value}}}]}}]")
    };
    for (body, want) in [
        (option("help", "x"), "invalid flag help for command config view"),
        (option("--output", "x"), "flag name --output should be in long form without dashes"),
        (
            option("raw", "x"),
            "could not apply override value x to flag raw in command config view err: invalid argument \"x\" for \
             \"--raw\" flag: strconv.ParseBool: parsing \"x\": invalid syntax",
        ),
        (
            "aliases: [{name: q1, command: config view}]".to_owned(),
            "invalid alias name, can only include alphabetical characters",
        ),
        ("aliases: [{name: q, command: a}, {name: q, command: b}]".to_owned(), "duplicate alias name q"),
        ("credentialPluginPolicy: Bogus".to_owned(), "unknown plugin policy: \"Bogus\""),
        (
            "credentialPluginAllowlist: []".to_owned(),
            "misconfigured credential plugin allowlist: plugin policy is \"\" but allowlist is non-nil",
        ),
        (
            "credentialPluginPolicy: Allowlist".to_owned(),
            "credential plugin policy set to \"Allowlist\", but allowlist is unspecified",
        ),
        (
            "credentialPluginPolicy: Allowlist\ncredentialPluginAllowlist: []".to_owned(),
            "credential plugin policy set to \"Allowlist\", but allowlist is empty; use \"DenyAll\" policy instead",
        ),
        (
            "credentialPluginPolicy: Allowlist\ncredentialPluginAllowlist: [{}]".to_owned(),
            "misconfigured credential plugin allowlist: empty allowlist entry #1",
        ),
        (
            "credentialPluginPolicy: Allowlist\ncredentialPluginAllowlist: [{name: ./a}]".to_owned(),
            "non-normalized file path: \"./a\" vs \"a\"",
        ),
    ] {
        assert_eq!(apply(&body, "config view"), Err(want.to_owned()), "{body}");
    }
    let nowhere = "aliases: [{name: q, command: nope}]";
    assert_eq!(apply(nowhere, "q"), Err("command \"nope\" not found to set alias \"q\": [nope]".to_owned()));
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
    assert_eq!(Kuberc::parse(&format!("{BETA}---x\n")), Err(joined.clone()));
    assert_eq!(joined.to_string(), "invalid Yaml document separator: x");
    assert_eq!(Kuberc::parse(""), Ok((Kuberc::default(), None)));
    assert!(Kuberc::parse(&format!("foo: 1\n---\n{BETA}")).is_ok());
}

#[test]
fn a_file_asked_for_must_be_good() {
    let read = |path: &std::path::Path| match path.to_str() {
        Some("bad") => Ok("[".to_owned()),
        Some("dir") => Err(io::ErrorKind::IsADirectory.into()),
        _ => Err(io::ErrorKind::NotFound.into()),
    };
    let load = |line: &str, variable, default| {
        load(&words(line), variable, default, &read).map(|loaded| loaded.warning)
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

//! Recorded answers of kubectl 1.37.1 to command lines with kuberc files.

use super::*;

const BETA: &str = "apiVersion: kubectl.config.k8s.io/v1beta1\nkind: Preference\n";

fn words(line: &str) -> Vec<String> {
    line.split_whitespace().map(str::to_owned).collect()
}

/// The words after the preferences were applied, or the error.
fn apply(body: &str, line: &str) -> Result<String, String> {
    let (kuberc, _) = Kuberc::parse(format!("{BETA}{body}")).map_err(|error| error.to_string())?;
    Ok(super::apply(&kuberc, &words(line))?.words.join(" "))
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
    let applied = super::apply(&Kuberc::parse(&text).unwrap().0, &words("config view")).unwrap();
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

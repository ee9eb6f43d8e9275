//! The settings file: what is wrong with it is said where people look, with its line.

#![cfg(unix)]

use crate::bless;
use crate::common::{Sandbox, THREE};
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::PermissionsExt;

#[track_caller]
fn says(settings: &str, want: &str) {
    let mut sandbox = Sandbox::new().file("settings/config.yaml", settings);
    sandbox.env.config = Some(sandbox.path().join("settings"));
    let outcome = sandbox.run("init bash").0;
    let (_, told) = outcome.split_once("--- stderr\n").unwrap();
    let (told, _) = told.split_once("--- exit 0\n").unwrap();
    bless::same(told, want, "kcx");
}

#[test]
fn an_unknown_key_is_refused_with_the_one_that_was_meant() {
    says(
        "picker: fzf\nrules:\n- match: a\n  colour: red\n",
        r"
error: cannot read `@DIR@/settings/config.yaml`: line 4, column 3: there is no setting `colour`
   |
 4 |   colour: red
   |   ^^^^^^
hint: did you mean `color`? known here: color, confirm, label, match, refuse, short
",
    );
    says(
        "xyzzy: 1\n",
        r"
error: cannot read `@DIR@/settings/config.yaml`: line 1, column 1: there is no setting `xyzzy`
   |
 1 | xyzzy: 1
   | ^^^^^
hint: known here: aliases, credential, discovery, groups, hook, import, journal, picker, prompt, protect, rules, session, sources
",
    );
}

#[test]
fn a_value_of_another_type_is_refused() {
    says(
        "rules:\n- match: a\n  color: pink\n",
        r"
error: cannot read `@DIR@/settings/config.yaml`: line 3, column 10: `rules[0].color` must be black, red, green, yellow, blue, magenta, cyan or white
   |
 3 |   color: pink
   |          ^^^^
",
    );
    says(
        "picker: dmenu\n",
        r"
error: cannot read `@DIR@/settings/config.yaml`: line 1, column 9: `picker` must be `builtin` or `fzf`
   |
 1 | picker: dmenu
   |         ^^^^^
",
    );
    says(
        "rules:\n- match: a\n  confirm: no\n",
        "error: cannot read `@DIR@/settings/config.yaml`: line 3, column 12: `rules[0].confirm` must be `type-name`, `yes` or `none`\n   |\n 3 |   confirm: no\n   |            ^^\n",
    );
    says(
        "rules:\n- match: a\n  confirm: maybe\n",
        "error: cannot read `@DIR@/settings/config.yaml`: line 3, column 12: `rules[0].confirm` must be `type-name`, `yes` or `none`\n   |\n 3 |   confirm: maybe\n   |            ^^^^^\n",
    );
    says(
        "protect:\n- match: a\n  confirm: none\n",
        "error: cannot read `@DIR@/settings/config.yaml`: line 3, column 12: `protect[0].confirm` must be `type-name` or `yes`\n   |\n 3 |   confirm: none\n   |            ^^^^\n",
    );
    says(
        "protect:\n- match: a\n  danger: true\n",
        "error: cannot read `@DIR@/settings/config.yaml`: line 3, column 3: there is no setting `danger`\n   |\n 3 |   danger: true\n   |   ^^^^^^\n",
    );
    says(
        "rules:\n- danger: true\n",
        r"
error: cannot read `@DIR@/settings/config.yaml`: line 2, column 3: `rules[0].match` is missing
   |
 2 | - danger: true
   |   ^^^^^^^^^^^^
",
    );
}

#[test]
fn without_a_file_and_with_an_empty_one_all_is_well() {
    says("", "");
    says("# nothing yet\n", "");
    says("discovery: []\n", "");
}

/// A sandbox with these settings; without them, there is no file.
fn set(settings: Option<&str>) -> Sandbox {
    let sandbox = Sandbox::with(THREE);
    let mut sandbox = match settings {
        Some(text) => sandbox.file("settings/config.yaml", text),
        None => sandbox,
    };
    sandbox.env.config = Some(sandbox.path().join("settings"));
    sandbox
}

#[test]
fn the_prompt_has_only_the_fields_that_there_are() {
    says(
        "prompt: {format: '{short}{:namspace}'}\n",
        "error: cannot read `@DIR@/settings/config.yaml`: line 1, column 18: the prompt has no field `{:namspace}`\n   |\n 1 | prompt: {format: '{short}{:namspace}'}\n   |                  ^^^^^^^^^^^^^^^^^^^^\nhint: did you mean `namespace`? the fields are context, short, namespace, cluster, user, scope, label, mode\n",
    );
    says(
        "prompt: {format: '{foo}'}\n",
        "error: cannot read `@DIR@/settings/config.yaml`: line 1, column 18: the prompt has no field `{foo}`\n   |\n 1 | prompt: {format: '{foo}'}\n   |                  ^^^^^^^\nhint: the fields are context, short, namespace, cluster, user, scope, label, mode\n",
    );
    says("prompt: {format: '#{host} %{x%} ${y} {} { } {short'}\n", "");
}

#[test]
fn commands_that_use_the_defaults_instead_say_so() {
    let sandbox = set(Some("picker: dmenu\n"));
    for command in ["current -o name", "get -o name", "ns web", "prompt"] {
        let outcome = sandbox.run(command).0;
        let warns = outcome.contains("`picker` must be `builtin` or `fzf`; the defaults were used");
        assert_eq!(warns, command != "prompt", "{command}: {outcome}");
        assert!(outcome.contains("--- exit 0"), "{command}: {outcome}");
    }
    // An error that is reported is not reported twice.
    let outcome = sandbox.run("use prod-eu1").0;
    assert_eq!(outcome.matches("`picker` must be").count(), 1, "{outcome}");
}

#[test]
fn the_path_is_printed_whether_or_not_there_is_a_file() {
    set(Some(""))
        .run("settings path")
        .shows("@DIR@/settings/config.yaml\n--- stderr\n--- exit 0\nno file changed\n");
    set(None).run("settings path").shows(
        "
@DIR@/settings/config.yaml
--- stderr
the file does not exist; `kcx settings edit` creates it
--- exit 0
no file changed
",
    );
}

#[test]
fn each_value_is_shown_with_where_it_comes_from() {
    let text = "picker: builtin\nrules:\n- {match: 'prod-*', label: PROD}\n- match: x\n  confirm: type-name\ncredential:\n  timeout: 60\n";
    let mut sandbox = set(Some(text));
    sandbox.env.picker = Some("fzf".into());
    sandbox.run("settings").shows(
        "
SETTING                         VALUE                                             FROM
prompt.format                   {short}{:namespace}{ [label]}{ (mode)}            default
rules[0]                        match: prod-*, label: PROD                        @DIR@/settings/config.yaml:3
rules[1]                        match: x, confirm: type-name                      @DIR@/settings/config.yaml:4
protect.idle                    none                                              default
aliases                         none                                              default
groups                          none                                              default
picker                          fzf                                               KCX_PICKER
discovery                       ~/.kube/config.d/*.yaml, ~/.kube/config.d/*.yml   default
journal                         true                                              default
session                         list                                              default
sources                         none                                              default
hook.own                        none                                              default
credential.store                keychain                                          default
credential.timeout              60                                                @DIR@/settings/config.yaml:7
credential.passphrase-file      none                                              default
credential.passphrase-command   none                                              default
import.allow-exec               none                                              default
import.allow-env                none                                              default
--- stderr
--- exit 0
no file changed
",
    );
    sandbox.run("settings show -o json").shows(
        r#"
{
    "file": "@DIR@/settings/config.yaml",
    "exists": true,
    "settings": [
        {
            "key": "prompt.format",
            "value": "{short}{:namespace}{ [label]}{ (mode)}",
            "source": "default"
        },
        {
            "key": "rules[0]",
            "value": {
                "match": "prod-*",
                "label": "PROD"
            },
            "source": "file",
            "line": 3
        },
        {
            "key": "rules[1]",
            "value": {
                "match": "x",
                "confirm": "type-name"
            },
            "source": "file",
            "line": 4
        },
        {
            "key": "protect.idle",
            "value": null,
            "source": "default"
        },
        {
            "key": "aliases",
            "value": {},
            "source": "default"
        },
        {
            "key": "groups",
            "value": {},
            "source": "default"
        },
        {
            "key": "picker",
            "value": "fzf",
            "source": "variable",
            "variable": "KCX_PICKER"
        },
        {
            "key": "discovery",
            "value": [
                "~/.kube/config.d/*.yaml",
                "~/.kube/config.d/*.yml"
            ],
            "source": "default"
        },
        {
            "key": "journal",
            "value": true,
            "source": "default"
        },
        {
            "key": "session",
            "value": "list",
            "source": "default"
        },
        {
            "key": "sources",
            "value": [],
            "source": "default"
        },
        {
            "key": "hook.own",
            "value": [],
            "source": "default"
        },
        {
            "key": "credential.store",
            "value": "keychain",
            "source": "default"
        },
        {
            "key": "credential.timeout",
            "value": 60,
            "source": "file",
            "line": 7
        },
        {
            "key": "credential.passphrase-file",
            "value": null,
            "source": "default"
        },
        {
            "key": "credential.passphrase-command",
            "value": [],
            "source": "default"
        },
        {
            "key": "import.allow-exec",
            "value": [],
            "source": "default"
        },
        {
            "key": "import.allow-env",
            "value": [],
            "source": "default"
        }
    ],
    "old": []
}
--- stderr
--- exit 0
no file changed
"#,
    );
    set(None).run("settings show").shows(
        "
SETTING                         VALUE                                             FROM
prompt.format                   {short}{:namespace}{ [label]}{ (mode)}            default
rules                           none                                              default
protect.idle                    none                                              default
aliases                         none                                              default
groups                          none                                              default
picker                          builtin                                           default
discovery                       ~/.kube/config.d/*.yaml, ~/.kube/config.d/*.yml   default
journal                         true                                              default
session                         list                                              default
sources                         none                                              default
hook.own                        none                                              default
credential.store                keychain                                          default
credential.timeout              30                                                default
credential.passphrase-file      none                                              default
credential.passphrase-command   none                                              default
import.allow-exec               none                                              default
import.allow-env                none                                              default
--- stderr
`@DIR@/settings/config.yaml` does not exist; `kcx settings edit` creates it
--- exit 0
no file changed
",
    );
    set(Some("picker: dmenu\n")).run("settings show").shows(
        "
--- stderr
error: cannot read `@DIR@/settings/config.yaml`: line 1, column 9: `picker` must be `builtin` or `fzf`
   |
 1 | picker: dmenu
   |         ^^^^^
hint: `kcx settings edit` opens it at this place
--- exit 1
no file changed
",
    );
}

#[test]
fn a_file_is_checked_with_rules_that_match_nothing() {
    set(Some("rules:\n- match: 'prod-*'\nprotect:\n- match: staging\n")).run("settings check").shows(
        "
--- stderr
warning: `@DIR@/settings/config.yaml`: line 3: `protect` is an old setting; write `rules` instead of `protect` and `rules`
    rules:
    - {match: staging, confirm: type-name}
    - {match: 'prod-*'}
warning: protect[0]: `staging` matches no context
`@DIR@/settings/config.yaml` has no errors
--- exit 0
no file changed
",
    );
    set(None).run("settings check").shows(
        "
--- stderr
`@DIR@/settings/config.yaml` does not exist: all settings are at their defaults
--- exit 0
no file changed
",
    );
    set(Some("rules: 1\n")).run("settings check").shows(
        "
--- stderr
error: `@DIR@/settings/config.yaml`: line 1, column 8: `rules` must be a list
   |
 1 | rules: 1
   |        ^
--- exit 1
no file changed
",
    );
    set(None).run("settings check nofile").shows(
        "
--- stderr
error: cannot read `nofile`: no such file or directory
--- exit 3
no file changed
",
    );
    for time in ["0s", "25h", "30", "soon", "[]"] {
        let said = set(Some(&format!("protect: {{idle: {time}}}\n"))).run("settings check").0;
        let want = "line 1, column 17: `protect.idle` must be a duration from `1s` to `24h`, such as `30m`\n";
        assert!(said.contains(want) && said.contains("--- exit 1\n"), "{said}");
    }
    set(None).file("other.yaml", "journal: maybe\n").run("settings check @DIR@/other.yaml").shows(
        "
--- stderr
error: `@DIR@/other.yaml`: line 1, column 10: `journal` must be true or false
   |
 1 | journal: maybe
   |          ^^^^^
--- exit 1
no file changed
",
    );
}

/// Settings as of an earlier version.
const OLD: &str = "\
rules:
- {match: 'prod-*', short: p, danger: true}
- match: stale
  color: yellow
protect:
- {match: prod-eu1, label: PROD}
";

#[test]
fn keys_of_earlier_versions_are_named_with_the_lines_to_write() {
    let sandbox = set(Some(OLD));
    sandbox.run("settings check").shows(
        "
--- stderr
warning: `@DIR@/settings/config.yaml`: line 2: `danger` is an old setting; write `confirm: type-name` instead of `danger: true`
warning: `@DIR@/settings/config.yaml`: line 5: `protect` is an old setting; write `rules` instead of `protect` and `rules`
    rules:
    - {match: prod-eu1, short: p, label: PROD, confirm: type-name}
    - {match: 'prod-*', short: p, confirm: type-name}
    - {match: stale, color: yellow}
`@DIR@/settings/config.yaml` has no errors
--- exit 0
no file changed
",
    );
    sandbox.run("settings").shows(
        "
SETTING                         VALUE                                             FROM
prompt.format                   {short}{:namespace}{ [label]}{ (mode)}            default
rules[0]                        match: prod-*, short: p, danger: true             @DIR@/settings/config.yaml:2
rules[1]                        match: stale, color: yellow                       @DIR@/settings/config.yaml:3
protect[0]                      match: prod-eu1, label: PROD                      @DIR@/settings/config.yaml:6
protect.idle                    none                                              default
aliases                         none                                              default
groups                          none                                              default
picker                          builtin                                           default
discovery                       ~/.kube/config.d/*.yaml, ~/.kube/config.d/*.yml   default
journal                         true                                              default
session                         list                                              default
sources                         none                                              default
hook.own                        none                                              default
credential.store                keychain                                          default
credential.timeout              30                                                default
credential.passphrase-file      none                                              default
credential.passphrase-command   none                                              default
import.allow-exec               none                                              default
import.allow-env                none                                              default
--- stderr
warning: `@DIR@/settings/config.yaml`: line 2: `danger` is an old setting; write `confirm: type-name` instead of `danger: true`
warning: `@DIR@/settings/config.yaml`: line 5: `protect` is an old setting; write `rules` instead of `protect` and `rules`
    rules:
    - {match: prod-eu1, short: p, label: PROD, confirm: type-name}
    - {match: 'prod-*', short: p, confirm: type-name}
    - {match: stale, color: yellow}
--- exit 0
no file changed
",
    );
    let json = sandbox.run("settings -o json").0;
    let (_, old) = json.split_once("\"old\": ").unwrap();
    bless::same(
        old,
        "[\n        {\n            \"key\": \"rules[0].danger\",\n            \"line\": 2,\n            \"advice\": \"`danger` is an old setting; write `confirm: type-name` instead of `danger: true`\",\n            \"write\": [\n                \"confirm: type-name\"\n            ]\n        },\n        {\n            \"key\": \"protect\",\n            \"line\": 5,\n            \"advice\": \"`protect` is an old setting; write `rules` instead of `protect` and `rules`\",\n            \"write\": [\n                \"rules:\",\n                \"- {match: prod-eu1, short: p, label: PROD, confirm: type-name}\",\n                \"- {match: 'prod-*', short: p, confirm: type-name}\",\n                \"- {match: stale, color: yellow}\"\n            ]\n        }\n    ]\n}\n--- stderr\n--- exit 0\nno file changed\n",
        "kcx",
    );
    // What reads the settings every day says nothing about them.
    for words in ["", "get", "current", "prompt", "protect", "use dev", "status -o json --timeout 1ms"] {
        assert!(!sandbox.run(words).0.contains("old setting"), "{words}");
    }
    set(Some("rules:\n- match: stale\n  danger: true\n- match: 'prod-*'\n  danger: false\n"))
        .run("settings check")
        .shows(
            "
--- stderr
warning: `@DIR@/settings/config.yaml`: line 3: `danger` is an old setting; write `confirm: type-name` instead of `danger: true`
warning: `@DIR@/settings/config.yaml`: line 5: `danger` is an old setting; remove `danger: false`
`@DIR@/settings/config.yaml` has no errors
--- exit 0
no file changed
",
        );
    // The file with the new lines has the same meaning.
    let new = "rules:\n- {match: prod-eu1, short: p, label: PROD, confirm: type-name}\n- {match: 'prod-*', short: p, confirm: type-name}\n- {match: stale, color: yellow}\n";
    for words in ["protect", "get", "prompt", "exec * -- true"] {
        assert_eq!(set(Some(new)).run(words).0, sandbox.run(words).0, "{words}");
    }
    set(Some(new))
        .run("settings check")
        .shows("--- stderr\n`@DIR@/settings/config.yaml` has no errors\n--- exit 0\nno file changed\n");
}

/// Sets the editor to a script that is given the file.
fn editor(sandbox: Sandbox, script: &str) -> Sandbox {
    let mut sandbox = sandbox.file("state/editor", &format!("#!/bin/sh\n{script}\n"));
    let path = sandbox.path().join("state/editor");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    sandbox.env.editor = Some(path.into());
    sandbox
}

#[test]
fn an_edit_is_checked_before_it_is_saved() {
    let sandbox = editor(set(Some("picker: fzf\n")), "sed -i s/fzf/builtin/ \"$1\"");
    sandbox.run("settings edit").shows(
        "
--- stderr
saved `@DIR@/settings/config.yaml`; `kcx undo` restores what it was
--- exit 0
--- settings/config.yaml
-picker: fzf
+picker: builtin
",
    );
    sandbox.run("undo").shows(
        "
--- stderr
undid change 1 (`kcx settings`, just now), which wrote the file
--- exit 0
--- settings/config.yaml
-picker: builtin
+picker: fzf
",
    );
    let outcome = editor(set(Some("picker: fzf\n")), "sed -i s/fzf/dmenu/ \"$1\"").run("settings edit").0;
    let (said, kept) = outcome.split_once("hint: the edited text is kept in `").unwrap();
    assert_eq!(
        said,
        "--- stderr\nerror: `@DIR@/settings/config.yaml` was not changed, because of the edited text: line 1, column 9: \
         `picker` must be `builtin` or `fzf`\n   |\n 1 | picker: dmenu\n   |         ^^^^^\n"
    );
    assert!(kept.contains("/given-up/") && kept.ends_with("--- exit 1\nno file changed\n"), "{kept}");
    editor(set(Some("picker: fzf\n")), "true")
        .run("settings edit")
        .shows("--- stderr\nnothing was changed\n--- exit 0\nno file changed\n");
    editor(set(Some("picker: fzf\n")), ": > \"$1\"").run("settings edit").shows(
        "
--- stderr
error: the edited text is empty; nothing was changed
--- exit 1
no file changed
",
    );
}

#[test]
fn a_new_file_begins_with_all_settings_as_comments() {
    let sandbox = editor(set(None), "cp \"$1\" \"$0.seen\"; sed -i 's/^#journal/journal/' \"$1\"");
    let outcome = sandbox.run("settings edit").0;
    assert!(outcome.contains("+journal: true"), "{outcome}");
    let seen = fs::read_to_string(sandbox.path().join("state/editor.seen")).unwrap();
    assert!(seen.contains("#kcx: this is") && seen.ends_with(kcx::settings::TEMPLATE), "{seen}");
    editor(set(None), "true")
        .run("settings edit")
        .shows("--- stderr\nnothing was changed\n--- exit 0\nno file changed\n");
}

#[test]
fn a_broken_file_is_opened_with_the_reason_at_the_top() {
    let mut sandbox =
        editor(set(Some("picker: dmenu\n")), "cp \"$1\" \"$0.seen\"; sed -i s/dmenu/fzf/ \"$1\"");
    sandbox.env.stdin_is_terminal = true;
    sandbox.env.stderr_is_terminal = true;
    sandbox.env.no_color = true;
    sandbox.run("settings edit").shows(
        "
--- stderr
saved `@DIR@/settings/config.yaml`; `kcx undo` restores what it was
--- exit 0
--- settings/config.yaml
-picker: dmenu
+picker: fzf
",
    );
    let seen = fs::read_to_string(sandbox.path().join("state/editor.seen")).unwrap();
    // The line is that of the editor.
    let line = seen.lines().position(|line| line == "picker: dmenu").unwrap() + 1;
    assert!(seen.contains(&format!("#kcx: error: line {line}, column 9: `picker` must be")), "{seen}");
}

/// Documents of the names and values that the reader knows, and of others.
#[test]
fn the_schema_accepts_what_the_reader_accepts() {
    let schema: Value = serde_json::from_str(kcx::settings::SCHEMA).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    let values = [
        json!(null),
        json!(true),
        json!("yes"),
        json!("type-name"),
        json!("none"),
        json!("fzf"),
        json!("builtin"),
        json!("single-file"),
        json!("red"),
        json!("file"),
        json!("a"),
        json!(1),
        json!(0),
        json!(3600),
        json!(3601),
        json!(1.5),
        json!([]),
        json!({}),
        json!(["a"]),
        json!([1]),
        json!([{"match": "a"}]),
        json!([{}]),
    ];
    let top = [
        "aliases",
        "credential",
        "discovery",
        "groups",
        "hook",
        "import",
        "journal",
        "picker",
        "prompt",
        "protect",
        "rules",
        "session",
        "other",
    ];
    let inner = [
        "allow-env",
        "allow-exec",
        "passphrase-command",
        "passphrase-file",
        "store",
        "timeout",
        "format",
        "own",
        "other",
        "",
        "@a",
        "!a",
        "-a",
        "a@!-",
        "a*",
        "a?",
        "a[b",
    ];
    let rule = ["color", "confirm", "danger", "label", "match", "short", "other"];
    let mut documents: Vec<Value> = values.to_vec();
    for key in top {
        for value in &values {
            documents.push(json!({key: value}));
            documents.extend(inner.iter().map(|name| json!({key: {*name: value}})));
            documents.extend(rule.iter().map(|name| json!({key: [{"match": "a", *name: value}]})));
            documents.extend(rule.iter().map(|name| json!({key: [{*name: value}]})));
        }
    }
    let mut accepted = 0;
    for document in &documents {
        let read = kcx::settings::Settings::parse(document.to_string().into());
        accepted += usize::from(read.is_ok());
        assert_eq!(schema.is_valid(document), read.is_ok(), "{document}: {read:?}");
    }
    assert!(accepted > 50, "{accepted} of {}", documents.len());
}

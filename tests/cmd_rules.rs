//! Labels and colors of the rules: the same in the prompt, in lists, in `get`, `current`, `protect` and `status`.

use crate::common::{Sandbox, THREE};

const RULES: &str = "\
rules:
- {match: dev, label: '\u{4e0a}\u{6d77}', color: green}
- {match: 'prod-*', label: PROD, confirm: type-name}
- {match: stale, color: yellow}
";

/// On a terminal, with the settings.
fn sandbox() -> Sandbox {
    let mut sandbox = Sandbox::with(THREE).file("set/config.yaml", RULES);
    sandbox.env.config = Some(sandbox.path().join("set"));
    sandbox.env.columns = Some(100);
    sandbox.env.stdout_is_terminal = true;
    sandbox
}

/// In a pipe.
fn piped() -> Sandbox {
    let mut sandbox = sandbox();
    (sandbox.env.columns, sandbox.env.stdout_is_terminal) = (None, false);
    sandbox
}

/// On a terminal, with NO_COLOR.
fn plain() -> Sandbox {
    let mut sandbox = sandbox();
    sandbox.env.no_color = true;
    sandbox
}

#[test]
fn the_prompt_shows_the_label_by_default() {
    sandbox()
        .run("prompt")
        .shows("\u{1b}[32mdev:default [上海]\u{1b}[0m\n--- stderr\n--- exit 0\nno file changed\n");
    piped().run("prompt").shows("dev:default [上海]--- stderr\n--- exit 0\nno file changed\n");
    piped().run("prompt --shell bash").shows(
        "
\u{1}\u{1b}[32m\u{2}dev:default [上海]\u{1}\u{1b}[0m\u{2}--- stderr
--- exit 0
no file changed
",
    );
    plain().run("prompt --shell bash").shows("dev:default [上海]\n--- stderr\n--- exit 0\nno file changed\n");
}

#[test]
fn a_list_of_names_on_a_terminal_has_labels() {
    sandbox().run("").shows(
        "
\u{1b}[32mdev\u{1b}[0m  \u{1b}[32m上海\u{1b}[0m
\u{1b}[1;31mprod-eu1\u{1b}[0m  \u{1b}[1;31mPROD\u{1b}[0m
\u{1b}[33mstale\u{1b}[0m
--- stderr
--- exit 0
no file changed
",
    );
    plain().run("").shows(
        "
dev  上海
prod-eu1  PROD
stale
--- stderr
--- exit 0
no file changed
",
    );
    // In a pipe it is for programs.
    piped().run("").shows(
        "
dev
prod-eu1
stale
--- stderr
--- exit 0
no file changed
",
    );
    piped().run("--color always").shows(
        "
dev
prod-eu1
stale
--- stderr
--- exit 0
no file changed
",
    );
}

#[test]
fn get_has_a_column_of_labels() {
    sandbox().run("get").shows(
        "
CURRENT   NAME       CLUSTER   USER     NAMESPACE   LABEL
*         \u{1b}[32mdev\u{1b}[0m        c-dev     u-dev                \u{1b}[32m上海\u{1b}[0m
          \u{1b}[1;31mprod-eu1\u{1b}[0m   c-prod    u-prod   web         \u{1b}[1;31mPROD\u{1b}[0m
          \u{1b}[33mstale\u{1b}[0m      gone      u-dev
--- stderr
--- exit 0
no file changed
",
    );
    plain().run("get").shows(
        "
CURRENT   NAME       CLUSTER   USER     NAMESPACE   LABEL
*         dev        c-dev     u-dev                上海
          prod-eu1   c-prod    u-prod   web         PROD
          stale      gone      u-dev
--- stderr
--- exit 0
no file changed
",
    );
    piped().run("get").shows(
        "
CURRENT   NAME       CLUSTER   USER     NAMESPACE   LABEL
*         dev        c-dev     u-dev                上海
          prod-eu1   c-prod    u-prod   web         PROD
          stale      gone      u-dev
--- stderr
--- exit 0
no file changed
",
    );
    piped().run("get prod-eu1 dev -o json").shows(
        r#"
[
    {
        "name": "dev",
        "context": {
            "cluster": "c-dev",
            "user": "u-dev"
        },
        "file": "@DIR@/.kube/config",
        "line": 11,
        "current": true,
        "server": "https://dev.example",
        "label": "上海",
        "protected": false,
        "source": null,
        "labels": {},
        "aliases": []
    },
    {
        "name": "prod-eu1",
        "context": {
            "cluster": "c-prod",
            "user": "u-prod",
            "namespace": "web"
        },
        "file": "@DIR@/.kube/config",
        "line": 15,
        "current": false,
        "server": "https://prod.example",
        "label": "PROD",
        "protected": true,
        "source": null,
        "labels": {},
        "aliases": []
    }
]
--- stderr
--- exit 0
no file changed
"#,
    );
}

#[test]
fn current_has_a_line_for_the_label() {
    sandbox().run("current").shows(
        "
context:   \u{1b}[32mdev\u{1b}[0m
label:     \u{1b}[32m上海\u{1b}[0m
namespace: default
cluster:   c-dev
user:      u-dev
scope:     global
file:      @DIR@/.kube/config:11
--- stderr
--- exit 0
no file changed
",
    );
    plain().run("current").shows(
        "
context:   dev
label:     上海
namespace: default
cluster:   c-dev
user:      u-dev
scope:     global
file:      @DIR@/.kube/config:11
--- stderr
--- exit 0
no file changed
",
    );
    piped().run("current -o json").shows(
        r#"
{
    "context": "dev",
    "namespace": "default",
    "cluster": "c-dev",
    "user": "u-dev",
    "scope": "global",
    "file": "@DIR@/.kube/config",
    "line": 11,
    "label": "上海",
    "protected": false
}
--- stderr
--- exit 0
no file changed
"#,
    );
    let stale = sandbox();
    stale.run("use stale -q");
    stale.run("current").shows(
        "
context:   \u{1b}[33mstale\u{1b}[0m
namespace: default
cluster:   gone
user:      u-dev
scope:     global
file:      @DIR@/.kube/config:20
--- stderr
warning: context `stale` names cluster `gone`, which does not exist
hint: `kcx prune --contexts` removes contexts that lead nowhere; with --dry-run it only names them
--- exit 0
no file changed
",
    );
}

#[test]
fn protect_lists_labels_in_their_color() {
    sandbox().run("protect").shows(
        "
NAME       LABEL   CONFIRM     LIFTED
\u{1b}[1;31mprod-eu1\u{1b}[0m   \u{1b}[1;31mPROD\u{1b}[0m    type-name
--- stderr
--- exit 0
no file changed
",
    );
    plain().run("protect").shows(
        "
NAME       LABEL   CONFIRM     LIFTED
prod-eu1   PROD    type-name
--- stderr
--- exit 0
no file changed
",
    );
    piped().run("protect -o json").shows(
        r#"
[
    {
        "context": "prod-eu1",
        "label": "PROD",
        "confirm": "type-name",
        "liftedForSeconds": null
    }
]
--- stderr
--- exit 0
no file changed
"#,
    );
}

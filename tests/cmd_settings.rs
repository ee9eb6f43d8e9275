//! The settings file: what is wrong with it is said where people look, with its line.

use crate::bless;
use crate::common::Sandbox;

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
hint: did you mean `color`?
",
    );
    says(
        "xyzzy: 1\n",
        r"
error: cannot read `@DIR@/settings/config.yaml`: line 1, column 1: there is no setting `xyzzy`
   |
 1 | xyzzy: 1
   | ^^^^^
hint: known here: credential, discovery, import, journal, picker, prompt, protect, rules
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

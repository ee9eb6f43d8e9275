//! `kcx completions SHELL`: the files of `completions/`, as they are.

use crate::common::{Sandbox, THREE};

#[test]
fn prints_the_very_file() {
    for (shell, script) in [
        ("bash", include_str!("../completions/kcx.bash")),
        ("fish", include_str!("../completions/kcx.fish")),
        ("zsh", include_str!("../completions/_kcx")),
    ] {
        assert!(script.contains("kcx"));
        let want = format!("{script}--- stderr\n--- exit 0\nno file changed\n");
        Sandbox::with(THREE).run(&format!("completions {shell}")).shows(&want);
    }
}

#[test]
fn has_no_formats() {
    Sandbox::with(THREE).run("completions bash -o json").shows(
        r"
--- stderr
error: `kcx completions` prints a script, so it has no `-o`
--- exit 2
no file changed
",
    );
}

//! `kcx completions SHELL`: the files of `completions/`, as they are.

use crate::common::{Sandbox, THREE};
use clap::CommandFactory;
use kcx::cli::args::{COMMANDS, Cli};

const SCRIPTS: [(&str, &str); 3] = [
    ("bash", include_str!("../completions/kcx.bash")),
    ("fish", include_str!("../completions/kcx.fish")),
    ("zsh", include_str!("../completions/_kcx")),
];

#[test]
fn prints_the_very_file() {
    for (shell, script) in SCRIPTS {
        let want = format!("{script}--- stderr\n--- exit 0\nno file changed\n");
        Sandbox::with(THREE).run(&format!("completions {shell}")).shows(&want);
    }
}

#[test]
fn knows_every_command_and_global_flag() {
    let cli = Cli::command();
    let globals: Vec<&str> =
        cli.get_arguments().filter(|flag| flag.is_global_set()).filter_map(|flag| flag.get_long()).collect();
    assert!(globals.contains(&"kubeconfig"));
    for (shell, script) in SCRIPTS {
        assert!(script.contains(&COMMANDS.join(" ")), "{shell}: {COMMANDS:?}");
        let flags = script.split_once("--{").unwrap().1.split_once('}').unwrap().0;
        let flags: Vec<&str> = flags.split(',').collect();
        for flag in &globals {
            assert!(flags.contains(flag), "{shell}: --{flag}");
        }
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

//! `kcx completions SHELL`: the files of `completions/`, as they are.

use crate::common::{Sandbox, THREE};
use clap::{CommandFactory, ValueEnum};
use kcx::cli::args::Cli;
use kcx::cli::command_line::COMMANDS;
use kcx::session::hook::Shell;

const SCRIPTS: [(&str, &str); 6] = [
    ("bash", include_str!("../completions/kcx.bash")),
    ("elvish", include_str!("../completions/kcx.elv")),
    ("fish", include_str!("../completions/kcx.fish")),
    ("nushell", include_str!("../completions/kcx.nu")),
    ("powershell", include_str!("../completions/kcx.ps1")),
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
fn no_script_is_left_over() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/completions");
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), SCRIPTS.len());
    assert_eq!(Shell::value_variants().len(), SCRIPTS.len());
}

/// What a script says by itself grows old: it asks for everything.
#[test]
fn knows_every_command_and_flag_by_asking() {
    for (shell, script) in SCRIPTS {
        for word in ["current", "demo", "--quiet", "--lock-timeout", "clusters", "wide"] {
            assert!(!script.contains(word), "{shell}: {word}");
        }
    }
    let offered = Sandbox::new().run("__completeNoDesc help").0;
    assert!(offered.starts_with("help\n"), "{offered}");
    let cli = Cli::command();
    let names = cli
        .get_subcommands()
        .flat_map(|command| std::iter::once(command.get_name()).chain(command.get_visible_aliases()));
    let mut names: Vec<&str> = names.chain(["help"]).collect();
    names.sort_unstable();
    assert_eq!(names, COMMANDS);
    for name in names {
        let offered = Sandbox::new().run(&format!("__completeNoDesc {name}")).0;
        assert!(offered.lines().any(|line| line == name), "{name}: {offered}");
    }
}

#[test]
fn has_no_formats() {
    Sandbox::with(THREE).run("completions bash -o json").shows(
        r"
--- stderr
error: `kcx completions` prints a script and does not support `-o`
hint: `kcx completions --help` lists the shells
--- exit 2
no file changed
",
    );
}

//! The hook in start-up files with unusual options, themes and prompts: no error, no lost shell, and the context is shown.

use crate::screen::{Pane, Screen};
use std::fs;
use std::os::unix::fs::PermissionsExt;

const CONFIG: &str = "\
apiVersion: v1
clusters:
- cluster:
    server: https://c.example
  name: c
contexts:
- context:
    cluster: c
    user: u
  name: dev
- context:
    cluster: c
    namespace: web
    user: u
  name: prod
current-context: dev
kind: Config
users:
- name: u
  user: {}
";

const BASH: &str = "eval \"$(kcx init bash)\"";
const ZSH: &str = "eval \"$(kcx init zsh)\"";

fn screen(program: &str, rc: &str) -> Screen {
    let file = if program == "bash" { ".bashrc" } else { ".zshrc" };
    let screen = Screen::new(&[(".kube/config", CONFIG), (file, rc)]);
    // starship draws what its settings say.
    let starship = screen.path("bin/starship");
    fs::write(&starship, "#!/bin/sh\nprintf '\\n(%s) here\\n> ' \"$KCX_PROMPT\"\n").unwrap();
    fs::set_permissions(starship, fs::Permissions::from_mode(0o755)).unwrap();
    screen.start(program, 120, 20);
    screen
}

/// The screen is this, and nothing else.
#[track_caller]
fn shows(pane: &Pane<'_>, what: &str, want: &str) {
    pane.wait(&format!("{want:?} with {what}"), |seen| seen.trim_end() == want);
}

#[test]
fn a_shell_with_unusual_options_starts_without_an_error_and_shows_its_context() {
    for (program, above, below) in [
        ("bash", "set -o posix\nPS1='$ '", ""),
        ("bash", "set -o posix; trap 'echo bye' EXIT\nPS1='$ '", ""),
        ("bash", "PS1='$ '", "set -o posix"),
        ("bash", "readonly PROMPT_COMMAND\nPS1='$ '", ""),
        ("bash", "PROMPT_COMMAND=:; readonly PROMPT_COMMAND; PS1='$ '", ""),
        ("bash", "declare -ra PROMPT_COMMAND=(:)\nPS1='$ '; set -u", ""),
        ("bash", "shopt -u promptvars\nPS1='$ '", ""),
        ("bash", "PS1='$ '", "shopt -u promptvars"),
        ("bash", "set -u; PS1='$ '", ""),
        ("zsh", "setopt ksh_arrays no_unset\nPROMPT='$ '", ""),
        ("zsh", "setopt no_unset\nPROMPT='$ '", "setopt ksh_arrays"),
        ("zsh", "setopt ksh_arrays prompt_subst typeset_to_unset\nPROMPT='$ '", ""),
        ("zsh", "setopt sh_word_split glob_subst err_return\nPROMPT='$ '", ""),
    ] {
        let hook = if program == "bash" { BASH } else { ZSH };
        let rc = format!("{above}\n{hook}\n{below}\n");
        let screen = screen(program, &rc);
        let pane = screen.main();
        shows(&pane, &rc, "dev:default $");
        pane.run("kcx use prod");
        pane.wait("prod", |seen| seen.trim_end().ends_with("\nprod:web $"));
        pane.run("kubectl config use-context dev");
        pane.wait("dev", |seen| seen.trim_end().ends_with("\ndev:default $"));
    }
}

#[test]
fn a_prompt_that_cannot_be_changed_is_left_alone() {
    let screen = screen("bash", &format!("PS1='$ '; readonly PS1\n{BASH}\n"));
    shows(&screen.main(), "readonly PS1", "$");
    assert!(screen.main().run("kcx use prod").ends_with("switched to context `prod`, namespace `web`"));
}

#[test]
fn a_theme_that_sets_the_prompt_each_time_keeps_the_context() {
    let theme = "theme() { PS1='theme> '; }";
    let zsh = screen("zsh", &format!("{theme}\n{ZSH}\nprecmd_functions+=(theme)\n"));
    shows(&zsh.main(), "a theme behind the hook", "dev:default theme>");
    zsh.main().run("kcx use prod");
    zsh.main().wait("prod", |seen| seen.trim_end().ends_with("\nprod:web theme>"));
    for late in ["PROMPT_COMMAND+=(theme)", "PROMPT_COMMAND=\"${PROMPT_COMMAND-:};theme\""] {
        let bash = screen("bash", &format!("{theme}\n{BASH}\n{late}\n"));
        let pane = bash.main();
        // bash runs the theme once more before kcx can come after it.
        pane.wait("the theme", |seen| seen.trim_end().ends_with("theme>"));
        pane.run("kcx use prod");
        pane.run(":");
        pane.wait("prod", |seen| seen.trim_end().ends_with("\nprod:web theme>"));
    }
}

#[test]
fn the_context_is_in_the_first_line_of_a_prompt_of_several() {
    for rc in [
        format!("PS1='\\nhere\\n$ '\n{BASH}\n"),
        format!("PS1=$'\\nhere\\n$ '\n{BASH}\n"),
        format!("shopt -u promptvars; PS1='\\nhere\\n$ '\n{BASH}\n"),
    ] {
        shows(&screen("bash", &rc).main(), &rc, "\ndev:default here\n$");
    }
    for rc in [
        format!("PROMPT=$'\\nhere\\n$ '\n{ZSH}\n"),
        format!("setopt prompt_subst; PROMPT=$'\\nhere\\n$ '\n{ZSH}\n"),
    ] {
        shows(&screen("zsh", &rc).main(), &rc, "\ndev:default here\n$");
    }
}

/// As the start-up texts of starship do, for bash and zsh.
#[test]
fn starship_shows_the_context_and_no_second_one_is_beside_it() {
    let bash = "starship_precmd() { PS1=\"$(starship prompt)\"; }\nexport STARSHIP_SHELL=bash\n\
                PROMPT_COMMAND=\"${PROMPT_COMMAND%;};starship_precmd\"\n";
    let zsh = "prompt_starship_precmd() { : }\nprecmd_functions+=(prompt_starship_precmd)\n\
               export STARSHIP_SHELL=zsh\nsetopt promptsubst\nPROMPT='$(starship prompt)'\n";
    for (program, rc) in [
        ("bash", format!("PROMPT_COMMAND=:\n{bash}{BASH}\n")),
        ("zsh", format!("{zsh}{ZSH}\n")),
        ("zsh", format!("{ZSH}\n{zsh}")),
    ] {
        let screen = screen(program, &rc);
        let pane = screen.main();
        pane.run("kcx use prod");
        pane.run(":");
        pane.wait(&rc, |seen| seen.trim_end().ends_with("\n(prod:web) here\n>"));
        assert!(!pane.seen().contains("prod:web ("), "{}", pane.seen());
    }
}

#[test]
fn zsh_completes_where_compinit_runs_below_the_hook() {
    let rc = format!("PROMPT='$ '\n{ZSH} \nautoload -Uz compinit; compinit -u\n");
    let screen = screen("zsh", &rc);
    let pane = screen.main();
    pane.wait_for("dev:default $");
    pane.text("kcx use pro");
    pane.press(&["Tab"]);
    pane.wait("the name", |seen| seen.trim_end().ends_with("$ kcx use prod"));
}

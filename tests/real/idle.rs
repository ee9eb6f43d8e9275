//! `protect: {idle: …}`: a shell leaves a protected context after a time without a command. The clock is a file of the test.

use crate::other_shells::{self, NUSHELL};
use crate::screen::{Pane, Screen};
use crate::tools::TWO;
use std::fs;

const SETTINGS: &str = "rules: [{match: b, confirm: yes}]\nprotect: {idle: 1h}\n";

/// A shell, its start-up file, and the hook with a clock that is read from a file.
const SHELLS: [(&str, &str, &str); 3] = [
    ("bash", ".bashrc", "PS1='$ '\neval \"$(kcx init bash)\"\n__kcx_now() { __kcx_time=$(cat ~/clock); }\n"),
    ("zsh", ".zshrc", "PROMPT='$ '\neval \"$(kcx init zsh)\"\n__kcx_now() { __kcx_time=$(cat ~/clock); }\n"),
    (
        "fish",
        ".config/fish/config.fish",
        "set fish_greeting\nfunction fish_prompt; printf '$ '; end\nkcx init fish | source\n\
         function __kcx_now; cat ~/clock; end\n",
    ),
];

fn screen((program, rc, hook): (&str, &str, &str), config: &str) -> Screen {
    let screen = Screen::new(&[
        (".kube/config", config),
        (".config/kcx/config.yaml", SETTINGS),
        (rc, hook),
        ("clock", "10000"),
    ]);
    screen.start(program, 150, 20);
    screen
}

fn at(screen: &Screen, seconds: u32) {
    fs::write(screen.path("clock"), seconds.to_string()).unwrap();
}

/// Presses Enter alone, and waits for the next prompt.
fn enter_alone(pane: &Pane<'_>) -> String {
    let prompts = |seen: &str| seen.matches('$').count();
    let before = prompts(&pane.seen());
    pane.press(&["Enter"]);
    pane.wait("the next prompt", |seen| prompts(seen) > before)
}

/// Switches to the protected context.
fn enter(pane: &Pane<'_>) {
    pane.run("kcx use b --yes-i-mean b");
    pane.wait_for("b:default $");
}

const LEFT: &str = "without a command: this shell has left the protected context `b`";

#[test]
fn a_shell_leaves_a_protected_context_at_the_prompt_after_the_time() {
    for shell in SHELLS {
        let screen = screen(shell, TWO);
        let pane = screen.main();
        pane.wait_for("a:default $");
        enter(&pane);
        // Enter alone is no command, and not the end of the time.
        at(&screen, 12000);
        let seen = enter_alone(&pane);
        assert!(!seen.contains(LEFT), "{}: {seen}", shell.0);
        at(&screen, 13700);
        pane.press(&["Enter"]);
        let seen = pane.wait("the prompt of the other", |seen| seen.ends_with("a:default $\n"));
        assert!(
            seen.contains(LEFT) && seen.contains("this shell is on context `a` again"),
            "{}: {seen}",
            shell.0
        );
        // `-` leads back there, after the question.
        pane.press(&["C-l"]);
        pane.text("kcx -");
        pane.press(&["Enter"]);
        pane.wait_for("Really switch to it?");
        pane.text("y");
        pane.wait_for("b:default $");
    }
}

/// What was typed at the old prompt does not run in another cluster than that prompt shows.
#[test]
fn the_first_command_after_the_time_finds_no_context() {
    for shell in SHELLS {
        let screen = screen(shell, TWO);
        let pane = screen.main();
        pane.wait_for("a:default $");
        enter(&pane);
        // What draws the prompt again looks at the time, too.
        pane.text("kubectl config current-context; kubectl get pods");
        pane.wait_for("; kubectl get pods");
        at(&screen, 20000);
        pane.press(&["Enter"]);
        let seen = pane.wait("the prompt of the other", |seen| seen.ends_with("a:default $\n"));
        assert!(seen.contains(LEFT), "{}: {seen}", shell.0);
        assert!(seen.contains("\nkcx-idle:b\n"), "{}: {seen}", shell.0);
        assert!(
            seen.contains("context was not found for specified context: kcx-idle:b"),
            "{}: {seen}",
            shell.0
        );
        assert_eq!(screen.read(".kube/config"), TWO, "{}", shell.0);
    }
}

#[test]
fn a_long_command_and_a_clock_that_was_set_back_are_no_time_without_a_command() {
    for shell in SHELLS {
        let screen = screen(shell, TWO);
        let pane = screen.main();
        pane.wait_for("a:default $");
        enter(&pane);
        // The time passes while the command runs.
        pane.run("echo 90000 >~/clock");
        enter_alone(&pane);
        at(&screen, 5);
        let seen = enter_alone(&pane);
        assert!(!seen.contains(LEFT), "{}: {seen}", shell.0);
        // The time counts from there.
        at(&screen, 3604);
        let seen = enter_alone(&pane);
        assert!(!seen.contains(LEFT), "{}: {seen}", shell.0);
        at(&screen, 3606);
        pane.press(&["Enter"]);
        pane.wait("the prompt of the other", |seen| seen.ends_with("a:default $\n"));
    }
}

#[test]
fn without_a_context_before_there_is_none() {
    let config = TWO.replace("current-context: a", "current-context: b");
    for shell in SHELLS {
        let screen = screen(shell, &config);
        let pane = screen.main();
        pane.wait_for("b:default $");
        at(&screen, 20000);
        pane.press(&["Enter"]);
        let seen = pane.wait_for("kcx-idle:b? $");
        assert!(
            seen.contains(LEFT) && seen.contains("hint: `kcx use NAME` selects a context for it"),
            "{seen}"
        );
        pane.run("true");
        pane.wait_for("kcx-idle:b? $");
        assert_eq!(screen.read(".kube/config"), config, "{}", shell.0);
        pane.press(&["C-l"]);
        pane.text("kcx use b");
        pane.press(&["Enter"]);
        pane.wait_for("Really switch to it?");
        pane.text("n");
        pane.wait_for("nothing was switched");
        pane.run("kcx use a");
        pane.wait_for("a:default $");
        pane.run("kcx use --yes-i-mean b -");
        pane.wait_for("b:default $");
    }
}

/// The clock of a lift is the system's: the prompt is asked for until it is over.
#[test]
fn the_prompt_shows_a_lift_until_it_ends() {
    for shell in SHELLS {
        let screen = screen(shell, TWO);
        let pane = screen.main();
        pane.wait_for("a:default $");
        enter(&pane);
        pane.run("kcx protect lift 3s b");
        pane.wait_for("b:default (lifted) $");
        loop {
            pane.run("true");
            let seen = pane.wait("a prompt", |seen| seen.ends_with("$\n"));
            if seen.ends_with("b:default $\n") {
                break;
            }
            assert!(seen.ends_with("b:default (lifted) $\n"), "{}: {seen}", shell.0);
        }
    }
}

#[test]
fn a_locked_shell_stays_where_it_is() {
    for shell in SHELLS {
        let screen = screen(shell, TWO);
        let pane = screen.main();
        pane.wait_for("a:default $");
        pane.text("kcx shell -q --locked b --yes-i-mean b");
        pane.press(&["Enter"]);
        pane.wait_for("b:default (locked) $");
        at(&screen, 90000);
        let seen = enter_alone(&pane);
        assert!(!seen.contains(LEFT), "{}: {seen}", shell.0);
    }
}

/// Nushell cannot have another clock: a second has to pass.
#[test]
fn nushell_leaves_it_too() {
    let settings = "rules: [{match: b, confirm: yes}]\nprotect: {idle: 1s}\n";
    let files = [
        (".kube/config", TWO),
        (".config/kcx/config.yaml", settings),
        (".config/nushell/config.nu", NUSHELL),
    ];
    let screen = other_shells::home(&files, "nu");
    screen.start("nu", 150, 20);
    let pane = screen.main();
    pane.wait_for("a:default $");
    pane.text("kcx use b --yes-i-mean b");
    pane.press(&["Enter"]);
    pane.wait_for("b:default $");
    pane.wait("the return", |seen| {
        pane.press(&["Enter"]);
        seen.contains(LEFT) && seen.ends_with("a:default $\n")
    });
}

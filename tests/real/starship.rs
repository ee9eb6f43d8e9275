//! The preset for starship in the real starship, in bash, zsh and fish. Its build takes minutes, so these tests are part of
//! `tests/run --long` and `tests/run --clients` alone.

use crate::screen::{Pane, Screen};
use crate::tools::{KCX, fine};
use std::process::Command;

/// Characters of which some shell, or starship's own format, would make something else.
const ODD: &str = "$(touch pwned)`touch pwned`[x](red)%n{y}\\$env_value(z)";
/// What is shown of it: what a shell could evaluate is replaced.
const SHOWN: &str = "?(touch pwned)?touch pwned?[x](red)?n{y}??env_value(z)";

/// Two contexts, of which the rules protect one and colour the other, one without a rule, and the odd one.
fn config() -> String {
    let names = ["dev", "prod", "stage", ODD];
    let contexts: Vec<_> = names.map(|name| serde_json::json!({"name": name, "context": {}})).into();
    serde_json::json!({"kind": "Config", "contexts": contexts, "current-context": "dev"}).to_string()
}

const RULES: &str = "rules:\n- {match: prod, confirm: yes, label: PROD}\n- {match: stage, color: yellow}\n\
                     prompt: {format: '{context}{ [label]}'}\n";

/// Start-up files in which the two lines are in one order and in the other.
fn start_up_files() -> Vec<(&'static str, &'static str, String)> {
    let mut all = Vec::new();
    for (program, file, start) in [
        ("bash", ".bashrc", ["eval \"$(starship init bash)\"", "eval \"$(kcx init bash --no-prompt)\""]),
        ("zsh", ".zshrc", ["eval \"$(starship init zsh)\"", "eval \"$(kcx init zsh)\""]),
        (
            "fish",
            ".config/fish/config.fish",
            ["set fish_greeting\nstarship init fish | source", "kcx init fish | source"],
        ),
    ] {
        let [starship, kcx] = start;
        all.push((program, file, format!("{starship}\n{kcx}\n")));
        all.push((program, file, format!("{kcx}\n{starship}\n")));
    }
    // starship takes only the first of several commands over.
    let [starship, kcx] = ["eval \"$(starship init bash)\"", "eval \"$(kcx init bash)\""];
    all.push(("bash", ".bashrc", format!("PROMPT_COMMAND=(: true)\n{kcx}\n{starship}\n")));
    all
}

fn screen(program: &str, file: &str, text: &str) -> Screen {
    let preset = fine(&Command::new(KCX).args(["prompt", "--preset", "starship"]).output().unwrap());
    let settings = format!("format = '$env_var$character'\nadd_newline = false\n{preset}");
    let screen = Screen::new(&[
        (".kube/config", &config()),
        (".config/kcx/config.yaml", RULES),
        (".config/starship.toml", &settings),
        // With this folder, fish starts no long background process.
        (".local/share/fish/generated_completions/empty.fish", ""),
        (file, text),
    ]);
    let starship = std::env::var("KCX_TEST_STARSHIP")
        .expect("KCX_TEST_STARSHIP is not set: `tests/run --clients` installs it");
    screen.link(&starship, "starship");
    screen.start(program, 120, 20);
    screen
}

/// The last line of the screen, when it is this.
#[track_caller]
fn prompt(pane: &Pane<'_>, what: &str, want: &str) {
    pane.wait(&format!("{want:?} in {what}"), |seen| seen.trim_end().lines().last() == Some(want));
}

/// The escape sequences of the last line before this text.
fn style(pane: &Pane<'_>, text: &str) -> String {
    let (painted, _) = pane.painted();
    let last = painted.trim_end().lines().rfind(|line| line.contains(text)).unwrap_or_default();
    last.split(text).next().unwrap_or_default().to_owned()
}

#[test]
fn it_shows_the_context_with_the_colour_of_its_rule_and_no_blank_without_one() {
    for (program, file, text) in start_up_files() {
        let screen = screen(program, file, &text);
        let pane = screen.main();
        prompt(&pane, &text, "dev ❯");
        assert!(style(&pane, "dev").ends_with("\x1b[36m"), "{text}: {:?}", style(&pane, "dev"));
        pane.run("kcx use prod --yes-i-mean prod");
        prompt(&pane, &text, "prod [PROD] ❯");
        assert!(style(&pane, "prod [PROD]").contains("\x1b[1m\x1b[31m"), "{text}: {:?}", pane.painted());
        pane.run("kcx use stage");
        prompt(&pane, &text, "stage ❯");
        assert!(style(&pane, "stage").ends_with("\x1b[33m"), "{text}: {:?}", pane.painted());
        pane.run(&format!("kcx use '{ODD}'"));
        prompt(&pane, &text, &format!("{SHOWN} ❯"));
        pane.run("kcx use -q --unset; kubectl config unset current-context");
        prompt(&pane, &text, "❯");
        assert!(!screen.path("pwned").exists(), "{text}: {}", pane.seen());
    }
}

/// starship's own exit code and duration stay those of the command that was typed.
#[test]
fn starship_still_sees_the_exit_code() {
    for (program, file, text) in start_up_files() {
        let screen = screen(program, file, &text);
        let pane = screen.main();
        prompt(&pane, &text, "dev ❯");
        let good = style(&pane, "❯");
        pane.press(&["C-l"]);
        pane.text("false");
        pane.press(&["Enter"]);
        pane.wait("the colour of a failure", |_| style(&pane, "❯").contains("\x1b[31m"));
        assert!(!good.contains("\x1b[31m"), "{text}: {good:?}");
    }
}

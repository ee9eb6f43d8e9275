//! The prompt in real shells, on a terminal that tmux draws: what a user sees, and that a name is never run.

use crate::screen::{Screen, wait_until};
use crate::tools::{Home, KCX};
use std::process::Command;

/// A name that would leave a file behind wherever a shell evaluates it.
const NAME: &str = "a$(touch pwned)`touch pwned`%~\\$(touch pwned)";

/// What the terminal shows when `shell` has started with this rc text and has drawn a prompt.
fn screen(home: &Home, shell: &[&str]) -> String {
    let socket = home.path("tmux.sock");
    let tmux = |args: &[&str]| {
        let mut command = Command::new("tmux");
        command.arg("-S").arg(&socket).args(["-f", "/dev/null"]).args(args);
        command.env_clear().env("HOME", home.dir.path()).env("TERM", "xterm-256color").env("LANG", "C.UTF-8");
        command.env("PATH", std::env::var_os("PATH").unwrap()).current_dir(home.dir.path());
        let output = command.output().unwrap();
        assert!(output.status.success(), "{args:?} {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let mut start = vec!["new-session", "-d", "-x", "120", "-y", "24", "--"];
    start.extend(shell);
    tmux(&start);
    tmux(&["send-keys", "-l", &format!("tmux -S {} wait-for -S drawn", socket.display())]);
    tmux(&["send-keys", "Enter"]);
    tmux(&["wait-for", "drawn"]);
    // A shell that scrolls a long line shows the name only with its next prompt.
    let seen = || tmux(&["capture-pane", "-p"]);
    wait_until(|| seen().contains("touch pwned"));
    let shown = seen();
    tmux(&["kill-server"]);
    shown
}

fn home() -> Home {
    let home = Home::new();
    let quoted = NAME.replace('\'', "''");
    let text = format!(
        "contexts:\n- name: '{quoted}'\n  context: {{namespace: web}}\ncurrent-context: '{quoted}'\n"
    );
    std::fs::create_dir(home.path(".kube")).unwrap();
    home.write(".kube/config", text);
    home
}

#[track_caller]
fn harmless(home: &Home, shown: &str) {
    assert!(shown.contains("(touch pwned)") && shown.contains(":web"), "{shown}");
    assert!(!home.path("pwned").exists(), "{shown}");
}

#[test]
fn bash_runs_no_name_even_if_the_prompt_is_evaluated_twice() {
    for how in
        [format!("PS1=\"$({KCX} prompt --shell bash) > \""), format!("eval \"$({KCX} init bash)\"; PS1='> '")]
    {
        let home = home();
        home.write("rc", format!("shopt -s promptvars\n{how}\n"));
        let rc = home.path("rc").display().to_string();
        harmless(&home, &screen(&home, &["bash", "--noprofile", "--rcfile", &rc, "-i"]));
    }
}

#[test]
fn zsh_runs_no_name_even_if_the_prompt_is_evaluated_twice() {
    for how in [
        format!("PROMPT=\"$({KCX} prompt --shell zsh) > \""),
        format!("eval \"$({KCX} init zsh)\"; PROMPT='> '"),
    ] {
        let home = home();
        home.write(".zshrc", format!("setopt prompt_subst\n{how}\n"));
        harmless(&home, &screen(&home, &["zsh", "-d", "-i"]));
    }
}

/// Names that some shell would evaluate; each creates `pwned` if it is run.
const NAMES: [&str; 14] = [
    NAME,
    "$(touch pwned)",
    "`touch pwned`",
    "\\$(touch pwned)",
    "\\\\$(touch pwned)",
    "\\`touch pwned\\`",
    "${x:-$(touch pwned)}",
    "$((1 + $(touch pwned)))",
    "$[$(touch pwned)]",
    "%{$(touch pwned)%}%F{red}%n!!%!",
    "!touch pwned",
    "'$(touch pwned)'\"`touch pwned`\"",
    "#(touch pwned)#{l:x}#[fg=red]##(touch pwned)",
    "$'\\x24(touch pwned)'(touch pwned);touch pwned&|touch pwned",
];

fn named(name: &str) -> Home {
    let home = Home::new();
    std::fs::create_dir(home.path(".kube")).unwrap();
    home.write(
        ".kube/config",
        serde_json::json!({
            "contexts": [{"name": name, "context": {"namespace": name, "cluster": name, "user": name}}],
            "current-context": name,
        })
        .to_string(),
    );
    home
}

/// Handwritten prompts without `--shell`, in each shell that evaluates its prompt or sets it by a command.
#[test]
fn no_shell_runs_a_name_of_a_plain_prompt() {
    let starts: [(&[&str], &str, String); 7] = [
        (
            &["bash", "--noprofile", "--rcfile", "@", "-i"],
            "rc",
            format!("shopt -s promptvars\nPROMPT_COMMAND='PS1=\"$({KCX} prompt) \\$ \"'\n"),
        ),
        (&["bash", "--noprofile", "--rcfile", "@", "-i"], "rc", format!("PS1='$({KCX} prompt) > '\n")),
        (
            &["zsh", "-d", "-i"],
            ".zshrc",
            format!("setopt prompt_subst prompt_bang\nprecmd() {{ PROMPT=\"$({KCX} prompt) %# \" }}\n"),
        ),
        (&["dash", "-i"], "rc", format!("PS1=\"$({KCX} prompt) > \"\n")),
        (&["mksh", "-i"], "rc", format!("PS1=\"$({KCX} prompt) > \"\n")),
        (&["tcsh"], ".tcshrc", format!("set prompt=\"`{KCX} prompt` > \"\n")),
        (&["fish"], ".config/fish/config.fish", format!("function fish_prompt; {KCX} prompt; end\n")),
    ];
    for name in NAMES {
        for (shell, rc, text) in &starts {
            let home = named(name);
            if let Some(folder) = home.path(rc).parent() {
                std::fs::create_dir_all(folder).unwrap();
            }
            home.write(rc, text);
            let rc = home.path("rc").display().to_string();
            let env = format!("ENV={rc}");
            let words: Vec<&str> =
                shell.iter().map(|word| if *word == "@" { rc.as_str() } else { word }).collect();
            let words = [["env", &env].as_slice(), &words].concat();
            let shown = screen(&home, &words);
            assert!(!home.path("pwned").exists(), "{name} in {shell:?}:\n{shown}");
            assert!(shown.contains("touch pwned"), "{name} in {shell:?}:\n{shown}");
        }
    }
}

#[test]
fn tmux_runs_no_name_of_a_plain_prompt() {
    let name = "p#(touch pwned)#{l:x}#[fg=red]y";
    let config =
        format!("contexts:\n- name: '{name}'\n  context: {{namespace: web}}\ncurrent-context: '{name}'\n");
    let conf = format!("set -g status-right '#({KCX} prompt)'\nset -g status-right-length 80\n");
    let screen = Screen::new(&[(".kube/config", &config), (".tmux.conf", &conf)]);
    screen.start("tmux -S inner -f .tmux.conf new-session sh", 120, 10);
    screen.main().wait_for("p?(touch pwned)?{l:x}?[fg=red]y:web");
    assert!(!screen.path("pwned").exists());
    screen.main().text("tmux -S inner kill-server");
    screen.main().press(&["Enter"]);
}

#[test]
fn fish_runs_no_name() {
    let home = home();
    let start = format!("{KCX} init fish | source");
    harmless(&home, &screen(&home, &["fish", "-N", "-C", &start]));
}

#[test]
fn tmux_shows_it_in_its_status_line_and_runs_nothing() {
    let name = "p#(touch pwned)#{host}#[fg=red]x";
    let config =
        format!("contexts:\n- name: '{name}'\n  context: {{namespace: web}}\ncurrent-context: '{name}'\n");
    let preset = Command::new(KCX).args(["prompt", "--preset", "tmux"]).output().unwrap().stdout;
    // The form for shells without the hook is the last line.
    let preset = String::from_utf8(preset).unwrap();
    let line = preset.lines().last().and_then(|line| line.strip_prefix("# ")).unwrap();
    let conf = format!("{line}\nset -g status-right-length 80\n");
    let screen = Screen::new(&[(".kube/config", &config), (".tmux.conf", &conf)]);
    // A tmux within a tmux: only so is its status line on a screen.
    screen.start("tmux -S inner -f .tmux.conf new-session sh", 120, 10);
    screen.main().wait_for(&format!("{name}:web"));
    assert!(!screen.path("pwned").exists());
    screen.main().text("tmux -S inner kill-server");
    screen.main().press(&["Enter"]);
}

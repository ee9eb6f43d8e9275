//! tmux shows the context of each pane: the preset in the real tmux, with shells that have the hook.

use crate::screen::Screen;
use crate::tools::{KCX, fine, which};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

/// A name of which tmux would make a command, a format, a style, a time and the end of a command.
const ODD: &str = "p#(touch pwned)#{host}#[fg=red]##%H\\;";

const SHELLS: [(&str, &str, &str); 3] = [
    ("bash", ".bashrc", "PS1='$ '\neval \"$(kcx init bash --no-prompt)\"\n"),
    ("zsh", ".zshrc", "PROMPT='$ '\neval \"$(kcx init zsh --no-prompt)\"\n"),
    (
        "fish",
        ".config/fish/config.fish",
        "set fish_greeting\nfunction fish_prompt; printf '$ '; end\nkcx init fish --no-prompt | source\n",
    ),
];

/// A tmux in the terminal of another one: only so is its status line on a screen.
struct Inner {
    screen: Screen,
    program: &'static str,
}

impl Inner {
    fn new((program, rc, text): (&'static str, &str, &str)) -> Inner {
        let contexts: Vec<_> = ["dev", "prod", ODD].map(|name| serde_json::json!({"name": name})).into();
        let config = serde_json::json!({"kind": "Config", "contexts": contexts, "current-context": "dev"});
        let preset = fine(&Command::new(KCX).args(["prompt", "--preset", "tmux"]).output().unwrap());
        let conf = format!(
            "{preset}set -g status-right-length 100\nset -g status-left ''\nset -g status-style default\n"
        );
        let screen = Screen::new(&[
            (".kube/config", &config.to_string()),
            (
                ".config/kcx/config.yaml",
                "prompt: {format: '{context}'}\nrules: [{match: prod, confirm: yes}]\n",
            ),
            (".tmux.conf", &conf),
            // With this folder, fish starts no long background process.
            (".local/share/fish/generated_completions/empty.fish", ""),
            (rc, text),
        ]);
        // What the hook has tmux do is written down.
        let tmux = format!(
            "#!/bin/sh\nprintf '%s ' \"$@\" >>$HOME/calls; echo >>$HOME/calls\nexec {} \"$@\"\n",
            which("tmux")
        );
        fs::write(screen.path("bin/tmux"), tmux).unwrap();
        fs::set_permissions(screen.path("bin/tmux"), fs::Permissions::from_mode(0o755)).unwrap();
        let (shell, socket) = (which(program), screen.path("inner"));
        let start =
            format!("env SHELL={shell} tmux -S {} -f .tmux.conf new-session {program}", socket.display());
        screen.start(&start, 120, 24);
        let inner = Inner { screen, program };
        inner.shows("dev");
        inner
    }

    fn tmux(&self, words: &[&str]) -> String {
        let mut tmux = Command::new(which("tmux"));
        tmux.arg("-S").arg(self.screen.path("inner")).args(words);
        // A new pane gets the PATH of the client that opens it.
        let path = format!("{}:{}", self.screen.path("bin").display(), std::env::var("PATH").unwrap());
        fine(&tmux.env_remove("TMUX").env("PATH", path).output().unwrap())
    }

    fn types(&self, text: &str) {
        self.screen.main().text(text);
        self.screen.main().press(&["Enter"]);
    }

    /// Waits until the status line ends with this.
    #[track_caller]
    fn shows(&self, context: &str) {
        let last = |seen: &str| seen.trim_end().lines().last().unwrap_or_default().to_owned();
        let end = format!(" {context}");
        self.screen.main().wait(&format!("{context} in {}", self.program), |seen| last(seen).ends_with(&end));
    }

    /// Types a command and waits for its end, and for the prompt after it.
    fn run(&self, command: &str) {
        let prompted = format!("prompted-{}", self.screen.read("runs").len());
        fs::write(self.screen.path("runs"), self.screen.read("runs") + "x").unwrap();
        self.types(&format!("clear; {command}"));
        self.types(&format!("echo {prompted}"));
        self.screen.main().wait(&prompted, |seen| {
            let at = seen.find(&format!("\n{prompted}"));
            at.is_some_and(|at| seen[at + 1..].contains("\n$"))
        });
    }

    /// How often the hook called tmux.
    fn calls(&self) -> usize {
        self.screen.read("calls").lines().filter(|line| line.contains("@kcx")).count()
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        let _ = Command::new("tmux").arg("-S").arg(self.screen.path("inner")).arg("kill-server").output();
    }
}

#[test]
fn the_status_line_shows_the_context_of_the_active_pane() {
    for shell in SHELLS {
        let inner = Inner::new(shell);
        inner.tmux(&["split-window", inner.program]);
        inner.tmux(&["set-option", "-p", "-t", "%1", "@other", "x"]);
        inner.run("kcx use prod --yes-i-mean prod");
        inner.shows("prod");
        let (painted, _) = inner.screen.main().painted();
        assert!(painted.contains("\x1b[1m\x1b[31mprod"), "{painted:?}");
        inner.tmux(&["select-pane", "-t", "%0"]);
        inner.shows("dev");
        inner.tmux(&["select-pane", "-t", "%1"]);
        inner.shows("prod");
        // For all shells: also in the pane that is not active, at its next prompt.
        inner.run("kcx use --global prod --yes-i-mean prod");
        inner.tmux(&["select-pane", "-t", "%0"]);
        inner.run(":");
        inner.shows("prod");
        inner.tmux(&["kill-pane", "-t", "%1"]);
        assert_eq!(
            inner.tmux(&["list-panes", "-F", "#{pane_id} #{@kcx}"]),
            "%0 #[fg=red,bold]prod#[default]\n"
        );
    }
}

#[test]
fn a_shell_in_a_shell_has_the_pane_while_it_runs() {
    for shell in SHELLS {
        let inner = Inner::new(shell);
        inner.run("kcx use prod --yes-i-mean prod");
        let pid = if inner.program == "fish" { "$fish_pid" } else { "$$" };
        for end in ["exit", &format!("kill -9 {pid}")] {
            inner.types(inner.program);
            inner.run("kcx use dev");
            inner.shows("dev");
            inner.types(end);
            inner.shows("prod");
        }
        inner.types("kcx shell dev");
        inner.shows("dev");
        inner.types("exit");
        inner.shows("prod");
        // A shell without the hook knows no context.
        let calls = inner.calls();
        inner.run("sh -c 'exit 3'");
        assert_eq!(inner.calls(), calls);
    }
}

#[test]
fn tmux_is_called_only_when_the_context_changes() {
    for shell in SHELLS {
        let inner = Inner::new(shell);
        assert_eq!(inner.calls(), 1, "{}", inner.screen.read("calls"));
        for _ in 0..3 {
            inner.run(":");
        }
        assert_eq!(inner.calls(), 1, "{}", inner.screen.read("calls"));
        inner.run("kcx use prod --yes-i-mean prod");
        inner.run(":");
        assert_eq!(inner.calls(), 2, "{}", inner.screen.read("calls"));
    }
}

#[test]
fn a_name_is_text() {
    for shell in SHELLS {
        let inner = Inner::new(shell);
        inner.run(&format!("kcx use '{ODD}'"));
        inner.shows(ODD);
        inner.tmux(&["set-option", "-g", "status-right", "#{E:@kcx}"]);
        inner.run("kcx use dev");
        inner.run("kcx use -");
        inner.screen.main().wait("the name", |seen| {
            seen.trim_end().lines().last().unwrap().contains("p#(touch pwned)#{host}")
        });
        inner.tmux(&["set-option", "-g", "pane-border-format", "#{@kcx}"]);
        inner.tmux(&["set-option", "-g", "pane-border-status", "top"]);
        inner.screen.main().wait("the border", |seen| seen.lines().next().unwrap().contains(ODD));
        assert!(!inner.screen.path("pwned").exists());
    }
}

/// As in the terminal of an editor that was started in a pane.
#[test]
fn a_shell_on_another_terminal_leaves_the_pane_alone() {
    let inner = Inner::new(SHELLS[0]);
    let place = inner.tmux(&["display-message", "-p", "-t", "%0", "#{socket_path},#{pid},0"]);
    let beside = inner.screen.pane(&format!("env TMUX={} TMUX_PANE=%0 KCX_TMUX=yes bash", place.trim()));
    beside.run("kcx use prod --yes-i-mean prod");
    beside.run(":");
    assert_eq!(inner.tmux(&["list-panes", "-F", "#{@kcx}"]), "dev\n");
    // Without the variable there is nothing to see either.
    let calls = inner.calls();
    let off = inner.screen.pane(&format!("env TMUX={} TMUX_PANE=%0 bash", place.trim()));
    off.run("kcx use prod --yes-i-mean prod");
    assert_eq!(inner.calls(), calls);
}

//! The prompt shows the context that kubectl acts on, whatever was done to `KUBECONFIG` and to the files: in each shell, at
//! the next prompt.

use crate::other_shells::{NUSHELL, home};
use crate::screen::{Pane, Screen};
use std::sync::atomic::{AtomicUsize, Ordering};

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
  name: a
- context:
    cluster: c
    namespace: web
    user: u
  name: b
current-context: a
kind: Config
users:
- name: u
  user: {}
";

/// A shell, its start-up file, and how it sets and unsets `KUBECONFIG`.
struct Kind {
    program: &'static str,
    rc: &'static str,
    hook: &'static str,
    set: fn(&str) -> String,
    unset: &'static str,
}

const SHELLS: [Kind; 5] = [
    Kind {
        program: "bash",
        rc: ".bashrc",
        hook: "PS1='$ '\neval \"$(kcx init bash)\"\n",
        set: |list| format!("export KUBECONFIG=$HOME/{list}"),
        unset: "unset KUBECONFIG",
    },
    Kind {
        program: "zsh",
        rc: ".zshrc",
        hook: "PROMPT='$ '\neval \"$(kcx init zsh)\"\n",
        set: |list| format!("export KUBECONFIG=$HOME/{list}"),
        unset: "unset KUBECONFIG",
    },
    Kind {
        program: "fish",
        rc: ".config/fish/config.fish",
        hook: "set fish_greeting\nfunction fish_prompt; printf '$ '; end\nkcx init fish | source\n",
        set: |list| format!("set -gx KUBECONFIG $HOME/{list}"),
        unset: "set -e KUBECONFIG",
    },
    Kind {
        program: "elvish",
        rc: ".config/elvish/rc.elv",
        hook: "set edit:prompt = { put '$ ' }\nset edit:rprompt = { }\neval (kcx init elvish | slurp)\n",
        set: |list| format!("set-env KUBECONFIG $E:HOME/{list}"),
        unset: "unset-env KUBECONFIG",
    },
    Kind {
        program: "nu",
        rc: ".config/nushell/config.nu",
        hook: NUSHELL,
        set: |list| format!("$env.KUBECONFIG = $env.HOME + '/{list}'"),
        unset: "hide-env KUBECONFIG",
    },
];

fn screen(kind: &Kind) -> Screen {
    let other = CONFIG.replace("name: a", "name: oa").replace("name: b", "name: ob");
    let other = other.replace("current-context: a", "current-context: oa");
    let completions = (".local/share/fish/generated_completions/empty.fish", "");
    home(&[(".kube/config", CONFIG), ("other.yaml", &other), (kind.rc, kind.hook), completions], kind.program)
}

/// Types a command, and waits for the prompt that follows what it prints.
#[track_caller]
fn typed(pane: &Pane<'_>, command: &str, prompt: &str) {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let mark = format!("mark{}", NEXT.fetch_add(1, Ordering::SeqCst));
    pane.text(&format!("{command}; echo {mark}"));
    pane.press(&["Enter"]);
    let last = format!("{prompt} $");
    pane.wait(&format!("{prompt} after {command}"), |seen| {
        seen.contains(&format!("\n{mark}\n"))
            && seen.trim_end().ends_with(&format!("\n{}", last.trim_start()))
    });
}

#[test]
fn a_changed_list_is_seen_and_so_is_every_switch_after_it() {
    for kind in &SHELLS {
        let screen = screen(kind);
        screen.start(kind.program, 120, 30);
        let pane = screen.main();
        pane.wait_for("a:default $");
        typed(&pane, "kcx use b", "b:web");
        typed(&pane, &(kind.set)("other.yaml"), "oa:default");
        typed(&pane, "kubectl config use-context ob", "ob:web");
        typed(&pane, "kcx use oa", "oa:default");
        typed(&pane, kind.unset, "b:web");
        typed(&pane, "kcx use a", "a:default");
        typed(&pane, "kubectl config use-context b", "b:web");
        typed(&pane, &(kind.set)("none.yaml:/none"), "");
    }
}

/// A container, or a home that cannot be written.
#[test]
fn a_shell_without_a_folder_for_a_session_sees_every_switch() {
    for kind in &SHELLS {
        let screen = screen(kind);
        let nowhere = "XDG_STATE_HOME=/proc/none XDG_DATA_HOME=/proc/none XDG_RUNTIME_DIR=/proc/none";
        screen.start(&format!("env {nowhere} {}", kind.program), 120, 30);
        let pane = screen.main();
        pane.wait_for("a:default $");
        for _ in 0..2 {
            typed(&pane, "kubectl config use-context b", "b:web");
            typed(&pane, "kubectl config use-context a", "a:default");
        }
        typed(&pane, &(kind.set)("other.yaml"), "oa:default");
        typed(&pane, "kubectl config use-context ob", "ob:web");
        typed(&pane, kind.unset, "a:default");
        typed(&pane, "kubectl config use-context b", "b:web");
    }
}

#[test]
fn a_file_that_vanishes_or_is_broken_is_seen() {
    for kind in &SHELLS {
        let screen = screen(kind);
        screen.start(kind.program, 160, 30);
        let pane = screen.main();
        pane.wait_for("a:default $");
        typed(&pane, "kcx use b", "b:web");
        typed(&pane, "mv .kube/config kept", "b?");
        typed(&pane, "mv kept .kube/config", "b:web");
        typed(&pane, "mv .kube/config kept; cp /etc/hostname .kube/config", "kubeconfig?");
        typed(&pane, "mv kept .kube/config", "b:web");
        // The overlay is restored, and a warning says so.
        typed(&pane, "bash -c 'rm -r $KCX_SESSION'", "b:web");
        pane.wait_for("this shell's overlay was deleted and has been restored: context `b`");
        typed(&pane, "kcx config delete-context b", "b?");
        typed(&pane, "kcx use a", "a:default");
        // And with all that told of it: a new one.
        typed(&pane, "rm -r .local/state/kcx .local/share/kcx", "a:default");
        pane.wait_for("this shell's session was deleted");
        typed(&pane, "kcx use a", "a:default");
        assert!(!screen.read(".kube/config").contains("name: b"), "{}", kind.program);
    }
}

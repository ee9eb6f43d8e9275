//! Whatever is removed under a shell that lives, as a log-out, a cleaning program or a person removes it: at the next prompt
//! the shell shows the context that kubectl is on.

use crate::screen::{Pane, Screen};
use crate::tools::DEV_AND_PROD;
use std::fs;

const SHELLS: [(&str, &str, &str); 3] = [
    ("bash", ".bashrc", "PS1='$ '\neval \"$(kcx init bash)\"\n"),
    ("zsh", ".zshrc", "PROMPT='$ '\neval \"$(kcx init zsh)\"\n"),
    (
        "fish",
        ".config/fish/config.fish",
        "set fish_greeting\nfunction fish_prompt; printf '$ '; end\nkcx init fish | source\n",
    ),
];

/// What is removed, and the prompt after it.
const REMOVED: [(&str, &str); 6] = [
    ("$KCX_SESSION/kcx-overlay.yaml", "prod:web $"),
    ("$KCX_SESSION", "prod:web $"),
    ("$HOME/.local/state/kcx", "prod:web $"),
    ("$HOME/.local/share/kcx/guards", "prod:web $"),
    // Nothing tells the context any more: kubectl is on that of the kubeconfig.
    ("$HOME/.local/state/kcx $HOME/.local/share/kcx", "dev:default $"),
    ("$HOME/.local", "dev:default $"),
];

/// Removes this, and sees the very next prompt and what kubectl says then.
fn remove(pane: &Pane<'_>, what: &str, prompt: &str, about: &str) {
    pane.run(&format!("rm -rf {what}"));
    let seen = pane.wait("a prompt", |seen| seen.lines().last().is_some_and(|line| line.ends_with('$')));
    assert!(seen.lines().last().unwrap().ends_with(prompt), "{about}: {seen}");
    let context = prompt.split(':').next().unwrap();
    assert_eq!(pane.run("kubectl config current-context"), context, "{about}: {seen}");
}

#[test]
fn the_prompt_is_right_when_the_session_was_removed() {
    for (program, rc, hook) in SHELLS {
        for (what, prompt) in REMOVED {
            let screen = Screen::new(&[(".kube/config", DEV_AND_PROD), (rc, hook)]);
            screen.start(program, 160, 20);
            let pane = screen.main();
            pane.wait_for("dev:default $");
            pane.run("kcx use prod");
            pane.wait_for("prod:web $");
            remove(&pane, what, prompt, &format!("{program}, {what}"));
            assert_eq!(screen.read(".kube/config"), DEV_AND_PROD);
        }
    }
}

/// Where there is no state folder, sessions are in the runtime folder, which the system removes at the last log-out.
#[test]
fn the_prompt_is_right_when_the_runtime_folder_was_removed() {
    for (program, rc, hook) in SHELLS {
        let screen = Screen::new(&[(".kube/config", DEV_AND_PROD), (rc, hook)]);
        fs::write(screen.path(".local"), "in the way").unwrap();
        screen.start(program, 160, 20);
        let pane = screen.main();
        pane.wait_for("dev:default $");
        pane.run("kcx use prod");
        pane.wait_for("prod:web $");
        remove(&pane, "$XDG_RUNTIME_DIR/kcx", "prod:web $", program);
        remove(&pane, "$XDG_RUNTIME_DIR", "dev:default $", program);
    }
}

//! elvish and Nushell with the hook: a context of its own, as in the other shells.

use crate::screen::{Pane, Screen, wait_until};
use crate::tools::{KCX, TWO, fine, nushell, sessions, two_days_pass};
use std::process::Command;

/// A shell, its start-up file, what is in it, and how it prints what a command says behind a word.
type Shell = (&'static str, &'static str, &'static str, fn(&str, &str) -> String);

const SHELLS: [Shell; 2] = [
    (
        "elvish",
        ".config/elvish/rc.elv",
        "set edit:prompt = { put '$ ' }\nset edit:rprompt = { }\neval (kcx init elvish | slurp)\n",
        |word, command| format!("echo {word}:({command})"),
    ),
    ("nu", ".config/nushell/config.nu", NUSHELL, |word, command| {
        format!("print $\"{word}:({command} | str trim)\"")
    }),
];

/// Nushell reads the hook from a file that was made once.
pub(crate) const NUSHELL: &str = "$env.config.show_banner = false\n$env.PROMPT_COMMAND = ''\n\
    $env.PROMPT_COMMAND_RIGHT = ''\n$env.PROMPT_INDICATOR = '$ '\nsource ~/.kcx.nu\n";

/// A home whose shell is ready to start.
pub(crate) fn home(files: &[(&str, &str)], program: &str) -> Screen {
    let screen = Screen::new(files);
    if program == "nu" {
        screen.link(&nushell(), "nu");
        let mut init = Command::new(KCX);
        init.env_clear().env("HOME", screen.path("")).args(["init", "nushell", "--alias", "kubectx,kubens"]);
        std::fs::write(screen.path(".kcx.nu"), fine(&init.output().unwrap())).unwrap();
    }
    screen
}

fn typed(pane: &Pane<'_>, command: &str, answer: &str) {
    pane.text(command);
    pane.press(&["Enter"]);
    pane.wait_for(answer);
}

#[test]
fn each_shell_has_its_own_context_and_kubectl_follows() {
    for (program, rc, text, print) in SHELLS {
        let screen = home(&[(".kube/config", TWO), (rc, text)], program);
        screen.start(program, 120, 40);
        let (here, there) = (screen.main(), screen.pane(program));
        here.wait_for("a:default $");
        there.wait_for("a:default $");
        typed(&here, "kcx use b -n web", "switched to context `b`, namespace `web`");
        here.wait_for("b:web $");
        typed(&here, &print("here", "kubectl config current-context"), "\nhere:b\n");
        typed(&there, &print("there", "kubectl config current-context"), "\nthere:a\n");
        typed(&here, "kubectl config use-context a", "Switched to context \"a\".");
        here.wait_for("a:default $");
        typed(&here, "kubectl config set-context --current --namespace=db", "Context \"a\" modified.");
        here.wait_for("a:db $");
        // A shell in a shell begins where its parent is, and goes its own way from there.
        here.text(program);
        here.press(&["Enter"]);
        let within = format!("$ {program}\na:db $\n");
        here.wait("the prompt of a shell in it", |seen| seen.ends_with(&within));
        typed(&here, "kcx use b", "switched to context `b`");
        here.wait_for("b:web $");
        here.text("exit");
        here.press(&["Enter"]);
        here.wait("the parent's prompt", |seen| seen.ends_with("$ exit\na:db $\n"));
        assert_eq!(screen.read(".kube/config"), TWO, "{program}");
        typed(
            &here,
            "kubectl config set-cluster kind --server=https://kind.example",
            "Cluster \"kind\" set.",
        );
        assert!(wait_until(|| screen.read(".kube/config").contains("https://kind.example")), "{program}");
        here.text("exit");
        here.press(&["Enter"]);
        // What a shell leaves that cannot tidy up goes with the next one.
        assert!(
            wait_until(|| {
                two_days_pass(&screen.path(""));
                let next = screen.pane(program);
                next.wait_for("a:default $");
                let left = sessions(&screen.path("")).len();
                next.text("exit");
                next.press(&["Enter"]);
                left <= 2
            }),
            "{program}"
        );
    }
}

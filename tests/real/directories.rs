//! A context for a directory: the real direnv changes `KUBECONFIG`, and a shell with the hook keeps a context of its own.

use crate::screen::{Pane, Screen};
use std::process::Command;

const CONFIG: &str = "\
apiVersion: v1
clusters:
- cluster:
    server: https://shop.example
  name: shop
contexts:
- context:
    cluster: shop
    user: u
  name: dev
- context:
    cluster: shop
    namespace: web
    user: u
  name: prod
- context:
    cluster: shop
    user: u
  name: staging
current-context: dev
kind: Config
users:
- name: u
  user: {}
";

const PROJECT: &str = "\
apiVersion: v1
clusters:
- cluster:
    server: https://mini.example
  name: mini
contexts:
- context:
    cluster: mini
    namespace: lab
    user: me
  name: mini
- context:
    cluster: mini
    user: me
  name: test
current-context: mini
kind: Config
users:
- name: me
  user: {}
";

/// A shell, its start-up file, and the lines of the hooks of kcx and of direnv in it.
struct Kind {
    program: &'static str,
    rc: &'static str,
    prompt: &'static str,
    kcx: &'static str,
    direnv: &'static str,
}

const SHELLS: [Kind; 3] = [
    Kind {
        program: "bash",
        rc: ".bashrc",
        prompt: "PS1='$ '",
        kcx: "eval \"$(kcx init bash)\"",
        direnv: "eval \"$(direnv hook bash)\"",
    },
    Kind {
        program: "zsh",
        rc: ".zshrc",
        prompt: "PROMPT='$ '",
        kcx: "eval \"$(kcx init zsh)\"",
        direnv: "eval \"$(direnv hook zsh)\"",
    },
    Kind {
        program: "fish",
        rc: ".config/fish/config.fish",
        prompt: "set fish_greeting\nfunction fish_prompt; printf '$ '; end",
        kcx: "kcx init fish | source",
        direnv: "direnv hook fish | source",
    },
];

/// A home with a directory that has this `.envrc`, and a shell in it. The hooks are in both orders.
fn screen(kind: &Kind, kcx_first: bool, envrc: &str) -> Screen {
    let hooks = if kcx_first { [kind.kcx, kind.direnv] } else { [kind.direnv, kind.kcx] };
    let rc = format!("{}\n{}\n{}\n", kind.prompt, hooks[0], hooks[1]);
    let screen = Screen::new(&[
        (".kube/config", CONFIG),
        ("project/kc.yaml", PROJECT),
        ("project/.envrc", envrc),
        ("project/deep/empty", ""),
        (kind.rc, &rc),
        (".local/share/fish/generated_completions/empty.fish", ""),
    ]);
    let allow = screen.words("direnv allow project/.envrc");
    let allowed = Command::new("sh").args(["-c", &allow]).current_dir(screen.path("")).output().unwrap();
    assert!(allowed.status.success(), "{}", String::from_utf8_lossy(&allowed.stderr));
    screen.start(&format!("env DIRENV_LOG_FORMAT= {}", kind.program), 160, 20);
    screen.main().wait_for("dev:default $");
    screen
}

/// What kubectl says is current.
fn kubectl_says(pane: &Pane<'_>) -> String {
    pane.run("kubectl config view --minify -o 'jsonpath={.current-context} {..namespace}'; echo")
        .trim()
        .to_owned()
}

#[track_caller]
fn is_on(pane: &Pane<'_>, context: &str, namespace: &str) {
    let shown = if namespace.is_empty() { "default" } else { namespace };
    pane.wait_for(&format!("{context}:{shown} $"));
    assert_eq!(kubectl_says(pane), format!("{context} {namespace}").trim_end());
}

#[test]
fn a_kubeconfig_of_a_directory_is_under_the_shells_overlay() {
    for kind in &SHELLS {
        for kcx_first in [true, false] {
            let screen = screen(kind, kcx_first, "export KUBECONFIG=$PWD/kc.yaml\n");
            let pane = screen.main();
            pane.run("kcx use prod");
            is_on(&pane, "prod", "web");
            pane.run("cd project");
            is_on(&pane, "mini", "lab");
            pane.run("cd deep; kcx use test -n two");
            is_on(&pane, "test", "two");
            pane.run("kubectl config use-context mini");
            pane.wait_for("mini:lab $");
            pane.run("cd ..");
            pane.wait_for("mini:lab $");
            pane.run("cd ..");
            is_on(&pane, "prod", "web");
            // The switches in it ended with it, and nothing was written for all shells.
            pane.run("cd project");
            is_on(&pane, "mini", "lab");
            pane.run("cd");
            is_on(&pane, "prod", "web");
            assert_eq!(screen.read(".kube/config"), CONFIG, "{}", kind.program);
            assert_eq!(screen.read("project/kc.yaml"), PROJECT, "{}", kind.program);
        }
    }
}

#[test]
fn kcx_env_pins_a_context_in_a_directory() {
    for kind in &SHELLS {
        let screen = screen(kind, true, "eval \"$(kcx env staging -n shop)\"\nexport HELM_NAMESPACE=shop\n");
        let pane = screen.main();
        pane.run("kcx use prod");
        is_on(&pane, "prod", "web");
        pane.run("cd project");
        is_on(&pane, "staging", "shop");
        // A switch there is for this shell, and ends when it leaves.
        pane.run("kcx use dev");
        is_on(&pane, "dev", "");
        let other = screen.pane(&format!("env DIRENV_LOG_FORMAT= {}", kind.program));
        other.wait_for("dev:default $");
        other.run("cd project");
        is_on(&other, "staging", "shop");
        pane.run("cd ..");
        is_on(&pane, "prod", "web");
        // Whoever removes its files: the directory makes them again.
        pane.run("rm -r .local/state/kcx/sessions/env-* .local/share/kcx/guards/env-*");
        is_on(&other, "staging", "shop");
        pane.run("cd project");
        is_on(&pane, "staging", "shop");
        pane.run("cd ..");
        is_on(&pane, "prod", "web");
        assert_eq!(screen.read(".kube/config"), CONFIG, "{}", kind.program);
    }
}

/// A job of a shell stays on its context, in the directory and outside of it, whatever the shell does then.
#[test]
fn a_job_stays_on_the_context_of_the_directory_in_which_it_was_started() {
    for kind in &SHELLS {
        let screen = screen(kind, true, "export KUBECONFIG=$PWD/kc.yaml\n");
        let job = "#!/bin/sh\nread x <$HOME/go-$1; kubectl config current-context >$HOME/$1\n";
        std::fs::write(screen.path("job"), job).unwrap();
        for pipe in ["go-outside", "go-inside"] {
            assert!(Command::new("mkfifo").arg(screen.path(pipe)).status().unwrap().success());
        }
        let pane = screen.main();
        pane.run("kcx use prod; sh -c 'sh job outside &'");
        pane.run("cd project");
        pane.wait_for("mini:lab $");
        pane.run("kcx use test; sh -c 'sh ../job inside &'");
        pane.run("echo go >../go-outside; cd ..");
        pane.wait_for("prod:web $");
        pane.run("cd project; kcx use mini; cd ..; echo go >go-inside");
        pane.wait("both jobs", |_| {
            screen.read("inside").ends_with('\n') && screen.read("outside").ends_with('\n')
        });
        assert_eq!(
            (screen.read("outside"), screen.read("inside")),
            ("prod\n".to_owned(), "test\n".to_owned())
        );
    }
}

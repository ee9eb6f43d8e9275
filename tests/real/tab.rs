//! TAB in bash, zsh, fish, elvish and Nushell with the hook, as a person types it; and in kubectl.

use crate::other_shells::{NUSHELL, home};
use crate::screen::Pane;
use crate::tools::{Home, KCX, fine, kubectl};
use std::os::unix::fs::symlink;

const CONFIG: &str = r#"{"clusters": [{"name": "c", "cluster": {"server": "https://c.example"}}],
"contexts": [
{"name": "dev", "context": {"cluster": "c"}},
{"name": "my ctx", "context": {"cluster": "c"}},
{"name": "x$(touch PWNED)b", "context": {"cluster": "c"}},
{"name": "arn:aws:eks:eu-west-1:1:cluster/prod", "context": {"cluster": "c", "namespace": "web"}}
], "current-context": "dev"}
"#;

/// A shell, its start-up file, and what is in it.
const SHELLS: [(&str, &str, &str); 5] = [
    ("bash --noprofile", ".bashrc", "PS1='$ '\neval \"$(kcx init bash --alias kubectx,kubens)\"\n"),
    (
        "zsh -d",
        ".zshrc",
        "PROMPT='$ '\nautoload -Uz compinit && compinit -u -D\neval \"$(kcx init zsh --alias kubectx,kubens)\"\n",
    ),
    (
        "fish",
        ".config/fish/config.fish",
        "set fish_greeting\nset fish_autosuggestion_enabled 0\nfunction fish_prompt; printf '$ '; end\n\
         kcx init fish --alias kubectx,kubens | source\n",
    ),
    (
        "elvish",
        ".config/elvish/rc.elv",
        "set edit:prompt = { put '$ ' }\nset edit:rprompt = { }\n\
         eval (kcx init elvish --alias kubectx,kubens | slurp)\n",
    ),
    ("nu", ".config/nushell/config.nu", NUSHELL),
];

/// Types a line and TAB, and Enter when the line is complete.
#[track_caller]
fn tab(pane: &Pane<'_>, shell: &str, typed: &str, complete: &str, answer: &str) {
    // In elvish that key opens a list of folders.
    if shell != "elvish" {
        pane.press(&["C-l"]);
        pane.wait("a clear screen", |seen| seen.trim().lines().count() == 1);
    }
    pane.wait("a prompt", |seen| seen.ends_with(" $\n"));
    pane.text(typed);
    pane.wait_for(typed);
    pane.press(&["Tab"]);
    let complete = format!("$ {complete}");
    pane.wait(&format!("{complete} in {shell}"), |seen| seen.lines().any(|line| line.ends_with(&complete)));
    // In elvish the first Enter takes the candidate.
    pane.press(if shell == "elvish" { &["Enter", "Enter"] } else { &["Enter"] });
    pane.wait_for(answer);
}

#[test]
fn what_is_completed_is_what_kcx_is_given() {
    for (program, rc, text) in SHELLS {
        let screen = home(&[(".kube/config", CONFIG), (rc, text)], program);
        screen.start(program, 120, 40);
        let pane = screen.main();
        pane.wait_for("dev:default $");
        let (space, command) = match program {
            "elvish" => ("'my ctx'", "'x$(touch PWNED)b'"),
            "nu" => ("`my ctx`", "`x$(touch PWNED)b`"),
            _ => (r"my\ ctx", r"x\$\(touch\ PWNED\)b"),
        };
        for (typed, complete, answer) in [
            ("kcx use my", format!("kcx use {space}"), "switched to context `my ctx`"),
            ("kcx use x", format!("kcx use {command}"), "switched to context `x$(touch PWNED)b`"),
            ("kubectx my", format!("kubectx {space}"), "Switched to context \"my ctx\"."),
            (
                "kcx use arn:aws:e",
                "kcx use arn:aws:eks:eu-west-1:1:cluster/prod".to_owned(),
                "namespace `web`",
            ),
            ("kubens w", "kubens web".to_owned(), "Active namespace is \"web\""),
            ("kcx use dev --na", "kcx use dev --namespace".to_owned(), "needs a value"),
        ] {
            tab(&pane, program, typed, &complete, answer);
        }
        assert!(!screen.path("PWNED").exists(), "{program}");
    }
}

/// readline closes an open quote, unless the candidate ends with one.
#[test]
fn a_name_that_ends_with_a_quote_is_completed_inside_quotes() {
    const ODD: &str = r#"{"clusters": [{"name": "c", "cluster": {"server": "https://c.example"}}],
"contexts": [
{"name": "dev", "context": {"cluster": "c"}},
{"name": "end'", "context": {"cluster": "c"}},
{"name": "it's'", "context": {"cluster": "c"}},
{"name": "say \"hi\"", "context": {"cluster": "c"}},
{"name": "run!", "context": {"cluster": "c"}},
{"name": "plain", "context": {"cluster": "c"}}
], "current-context": "dev"}
"#;
    let (program, rc, text) = SHELLS[0];
    let screen = home(&[(".kube/config", ODD), (rc, text)], program);
    screen.start(program, 120, 40);
    let pane = screen.main();
    pane.wait_for("dev:default $");
    for (typed, complete, name) in [
        ("kcx use 'en", r"kcx use 'end'\'''", "end'"),
        ("kcx use 'it", r"kcx use 'it'\''s'\'''", "it's'"),
        ("kcx use \"sa", r#"kcx use "say \"hi\"""#, "say \"hi\""),
        ("kcx use \"ru", r#"kcx use "run"\!"""#, "run!"),
        ("kcx use \"en", r#"kcx use "end'""#, "end'"),
        ("kcx use 'pl", "kcx use 'plain'", "plain"),
    ] {
        tab(&pane, program, typed, complete, &format!("switched to context `{name}`"));
    }
}

/// kubectl asks `kubectl_complete-kcx` what could follow `kubectl kcx`.
#[test]
fn kubectl_completes_its_plugin() {
    let home = Home::new();
    home.write("config", CONFIG);
    for name in ["kubectl-kcx", "kubectl_complete-kcx", "kubectl-ctx", "kubectl_complete-ctx"] {
        symlink(KCX, home.path(name)).unwrap();
    }
    let mut path = home.path("").into_os_string();
    path.push(":/usr/bin:/bin");
    for (words, want) in [
        (&["kcx", "use", "m"][..], "my ctx\tcluster c\n:4\n"),
        (
            &["kcx", "use", "--unse"],
            "--unset\tUnset the current context; with the hook, this shell follows the kubeconfig again\n:4\n",
        ),
        (&["ctx", "d"], "dev\tcurrent, cluster c\n:4\n"),
    ] {
        let mut command = home.command(&kubectl(), home.path("config"));
        let output = command.env("PATH", &path).arg("__complete").args(words).output().unwrap();
        assert_eq!(fine(&output), want, "{words:?}");
    }
}

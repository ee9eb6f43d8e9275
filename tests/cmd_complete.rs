//! `kcx __complete`: what may stand for the last word.

use crate::bless;
use crate::common::{Sandbox, THREE};

/// What is offered; `_` stands for the empty last word, which the sandbox cannot say.
#[track_caller]
fn offered(sandbox: &Sandbox, words: &str) -> String {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let words: Vec<String> = words.split(' ').map(str::to_owned).collect();
    assert_eq!(kcx::cli::run(&words, &sandbox.env, &mut out, &mut err), 0);
    assert_eq!(String::from_utf8(err).unwrap(), "");
    String::from_utf8(out).unwrap()
}

#[track_caller]
fn all(sandbox: &Sandbox, cases: &[(&str, &str)]) {
    for (line, want) in cases {
        bless::same_for(line, &offered(sandbox, &format!("__complete {line}")), want);
    }
}

#[test]
fn commands_and_contexts_come_first() {
    let sandbox = Sandbox::with(THREE);
    all(
        &sandbox,
        &[
            ("u", "undo\tUndo the last change\nuse\tSwitch to another context\n:4\n"),
            (
                "c",
                "completions\tPrint the completion script for a shell\nconfig\tDo what `kubectl config` does, but keep comments and order\ncopy\tCopy a context, cluster or user under another name\ncredential\tStore credentials in the keychain instead of the kubeconfig\nctx\tSwitch to another context\ncurrent\tShow the current context, its namespace, cluster and user\n:4\n",
            ),
            (
                "d",
                "delete\tDelete contexts, clusters or users\ndemo\tTry kcx with an example kubeconfig in a temporary folder\ndiff\tShow the differences between two kubeconfigs, by meaning\ndoctor\tCheck the shell hook, kubeconfigs, settings and programs for common problems\ndev\tcurrent, cluster c-dev\n:4\n",
            ),
            ("help sh", "shell\tStart a shell with a context of its own\n:4\n"),
            (
                "use ",
                "dev\tcurrent, cluster c-dev\nprod-eu1\tnamespace web, cluster c-prod\nstale\tcluster gone\n:4\n",
            ),
            ("ctx p", "prod-eu1\tnamespace web, cluster c-prod\n:4\n"),
            ("shell -n x s", "stale\tcluster gone\n:4\n"),
            ("use dev ", ":4\n"),
            ("dev ", ":4\n"),
            ("use nowhere", ":4\n"),
            ("export dev s", "stale\tcluster gone\n:4\n"),
            ("exec dev p", "prod-eu1\tnamespace web, cluster c-prod\n:4\n"),
            ("exec dev -- kub", ":0\n"),
            ("exec dev --yes-i-mean p", "prod-eu1\tnamespace web, cluster c-prod\n:4\n"),
            ("protect lift 10m p", "prod-eu1\tnamespace web, cluster c-prod\n:4\n"),
            ("edit user u-d", "u-dev\ttoken\n:4\n"),
            ("diff ", ":0\n"),
            ("diff a ", ":0\n"),
            ("diff - b ", ":4\n"),
            ("split ", ":0\n"),
            ("split out ", ":4\n"),
            ("exec dev -- use ", ":0\n"),
            ("nonsense --nonsense= ", ":4\n"),
        ],
    );
    assert_eq!(offered(&sandbox, "__completeNoDesc use "), "dev\nprod-eu1\nstale\n:4\n");
    let config = sandbox.run("__completeNoDesc config view --mer").0;
    assert!(config.starts_with("--merge\n:4\n"), "{config}");
    assert_eq!(offered(&sandbox, "__complete"), ":4\n");
}

#[test]
fn flags_and_their_values() {
    let sandbox = Sandbox::with(THREE);
    all(
        &sandbox,
        &[
            (
                "use --un",
                "--unset\tUnset the current context; with the hook, this shell follows the kubeconfig again\n:4\n",
            ),
            ("use --unset --un", ":4\n"),
            (
                "use --f",
                "--force\tAccept a namespace that is not a valid name\n--fuzzy\tAccept the only context that begins with NAME, or else the only one that has its letters in this order\n:4\n",
            ),
            ("use -- --f", ":4\n"),
            ("--output=j", "json\tJSON\n:4\n"),
            ("get -o w", "wide\tA table with more columns\n:4\n"),
            ("get -qo w", "wide\tA table with more columns\n:4\n"),
            ("--color a", "auto\tOn a terminal, unless `NO_COLOR` is set\nalways\tAlways\n:4\n"),
            ("--kubeconfig ", ":0\n"),
            ("--kubeconfig=x", ":0\n"),
            ("--kubeconfig none use ", ":4\n"),
            ("--quiet=", ":4\n"),
            ("init ba", "bash\tbash, from 3.2 on\n:4\n"),
            ("init bash --alias ", "kubectx\nkubens\n:4\n"),
            ("init bash --alias=kubectx,", "kubectx,kubectx\nkubectx,kubens\n:4\n"),
            ("prompt --preset t", "tmux\ttmux's status line\n:4\n"),
            ("--lock-timeout ", ":4\n"),
        ],
    );
}

#[test]
fn types_and_their_names() {
    let sandbox = Sandbox::with(THREE);
    all(
        &sandbox,
        &[
            (
                "get ",
                "contexts\tthe contexts of your kubeconfigs\nclusters\tthe clusters of your kubeconfigs\nusers\tthe users of your kubeconfigs\n:4\n",
            ),
            ("get clusters ", "c-dev\thttps://dev.example\nc-prod\thttps://prod.example\n:4\n"),
            ("get users ", "u-dev\ttoken\nu-prod\texec aws\n:4\n"),
            ("get ctx dev ", "prod-eu1\tnamespace web, cluster c-prod\nstale\tcluster gone\n:4\n"),
            ("get user/", "user/u-dev\ttoken\nuser/u-prod\texec aws\n:4\n"),
            ("get user/u-dev user/", "user/u-prod\texec aws\n:4\n"),
            ("get dev p", "prod-eu1\tnamespace web, cluster c-prod\n:4\n"),
        ],
    );
}

#[test]
fn namespaces_are_those_that_kcx_has_heard_of() {
    let sandbox = Sandbox::with(THREE);
    sandbox.run("ns shop");
    sandbox.run("ns checkout");
    all(
        &sandbox,
        &[
            ("ns ", "shop\ncheckout\ndefault\n:4\n"),
            ("use -n c", "checkout\n:4\n"),
            ("use prod-eu1 -n ", "default\nweb\n:4\n"),
            ("prod-eu1 --namespace=w", "web\n:4\n"),
        ],
    );
}

#[test]
fn names_that_no_line_can_hold_are_left_out() {
    let config = serde_json::json!({"contexts": [
        {"name": "line\nbreak", "context": {}},
        {"name": "esc\u{1b}[2J", "context": {}},
        {"name": "fine", "context": {"cluster": "a\u{1b}[2J\tb"}},
        {"name": "", "context": {}},
    ]});
    let sandbox = Sandbox::with(&config.to_string());
    all(&sandbox, &[("use ", "fine\tcluster a[2Jb\n:4\n")]);
    all(
        &Sandbox::with("contexts: ["),
        &[
            ("use ", ":4\n"),
            ("ns ", ":4\n"),
            (
                "use --un",
                "--unset\tUnset the current context; with the hook, this shell follows the kubeconfig again\n:4\n",
            ),
        ],
    );
}

#[test]
fn answers_for_kubectx_and_kubens() {
    let sandbox = Sandbox::with(THREE);
    all(
        &sandbox,
        &[
            ("__as kubectx p", "prod-eu1\tnamespace web, cluster c-prod\n:4\n"),
            ("__as kubectx new=p", "new=prod-eu1\tnamespace web, cluster c-prod\n:4\n"),
            ("__as kubectx -d dev ", "prod-eu1\tnamespace web, cluster c-prod\nstale\tcluster gone\n:4\n"),
            ("__as kubectx --c", "--current\tshow the current context name\n:4\n"),
            ("__as kubectx dev ", ":4\n"),
            ("__as kubens ", "default\n:4\n"),
            ("__as kubens -f d", "default\n:4\n"),
            ("__as nobody ", ":4\n"),
        ],
    );
}

#[test]
fn answers_kubectl_for_its_plugins() {
    let mut sandbox = Sandbox::with(THREE);
    for (program, words, want) in [
        ("/bin/kubectl_complete-kcx", "use p", "prod-eu1\tnamespace web, cluster c-prod\n:4\n"),
        ("kubectl_complete-kcx", "config use-context p", ""),
        ("kubectl_complete-ctx", "p", "prod-eu1\tnamespace web, cluster c-prod\n:4\n"),
        ("kubectl_complete-ns", "", "default\n:4\n"),
        ("kubectl_complete-other", "", ":4\n"),
    ] {
        sandbox.env.program = Some(program.into());
        if want.is_empty() {
            sandbox.run(words).shows(
                "
prod-eu1
:4
--- stderr
Completion ended with directive: ShellCompDirectiveNoFileComp
--- exit 0
no file changed
",
            );
        } else {
            assert_eq!(offered(&sandbox, words), want, "{program} {words}");
        }
    }
}

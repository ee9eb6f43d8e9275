//! `kcx protect check`: the decision about a command line, its exit codes and its output. The verdicts themselves are in
//! `verdict.rs`.

use crate::common::{Outcome, Sandbox, THREE};
use serde_json::Value;

const RULES: &str = "\
rules:
- {match: 'prod-*', label: PROD, confirm: type-name, refuse: [dangerous]}
- {match: stale, refuse: [write, unknown]}
";

fn sandbox() -> Sandbox {
    let mut sandbox = Sandbox::with(THREE).file("set/config.yaml", RULES);
    sandbox.env.config = Some(sandbox.path().join("set"));
    sandbox
}

fn line(sandbox: &Sandbox, line: &str) -> Outcome {
    sandbox.run_words(&["protect", "check", "--line", line])
}

fn json(sandbox: &Sandbox, line: &str) -> Value {
    let said = sandbox.run_words(&["protect", "check", "-o", "json", "--line", line]).0;
    serde_json::from_str(said.split("--- stderr").next().unwrap()).unwrap_or_else(|_| panic!("{said}"))
}

#[track_caller]
fn code(outcome: &Outcome, want: i32) {
    assert!(outcome.0.contains(&format!("--- exit {want}\nno file changed\n")), "{}", outcome.0);
}

#[test]
fn each_command_is_judged_with_its_context() {
    let sandbox = sandbox();
    sandbox.run("protect check -- kubectl get pods").shows(
        "
VERDICT   CONTEXT   COMMAND            REASON
read      dev       kubectl get pods   `kubectl get` only reads
--- stderr
--- exit 0
no file changed
",
    );
    sandbox.run("protect check -- kubectl delete pod x").shows(
        "
VERDICT   CONTEXT   COMMAND                REASON
write     dev       kubectl delete pod x   it deletes objects
--- stderr
--- exit 0
no file changed
",
    );
    sandbox.run("protect check -- kubectl --context prod-eu1 delete pod x").shows(
        "
VERDICT   CONTEXT    COMMAND                                   REASON
write     prod-eu1   kubectl --context prod-eu1 delete pod x   it deletes objects
--- stderr
needs a confirmation: `prod-eu1` is protected
hint: `kcx protect lift 10m prod-eu1` stops kcx asking about it for 10 minutes
--- exit 1
no file changed
",
    );
    sandbox.run("protect check -- kubectl --context prod-eu1 delete ns x").shows(
        "
VERDICT     CONTEXT    COMMAND                                  REASON
dangerous   prod-eu1   kubectl --context prod-eu1 delete ns x   it deletes a namespace and all that is in it
--- stderr
refused: the rule of context `prod-eu1` refuses commands that are dangerous, and this one is on it
--- exit 2
no file changed
",
    );
    sandbox.run("protect check -- ls -l").shows(
        "
VERDICT   CONTEXT   COMMAND   REASON
read                ls -l     `ls` is no tool of Kubernetes
--- stderr
--- exit 0
no file changed
",
    );
    line(&sandbox, "kubectl get pods; kubectl delete pod \"$POD\" | sh").shows(
        r#"
VERDICT   CONTEXT   COMMAND                     REASON
read      dev       kubectl get pods            `kubectl get` only reads
unknown   ?         kubectl delete pod "$POD"   it deletes objects; a word that is not known may be a flag
unknown   ?         sh                          a shell runs what it reads from its input
--- stderr
refused: the rule of context `stale` refuses commands that are unknown, and this one may be on it
--- exit 2
no file changed
"#,
    );
    line(&sandbox, "kubectl config use-context prod-eu1; kubectl apply -f x").shows(
        "
VERDICT   CONTEXT               COMMAND                               REASON
read      prod-eu1              kubectl config use-context prod-eu1   it chooses a context and changes nothing in a cluster
write     prod-eu1 and 1 more   kubectl apply -f x                    `kubectl apply` changes objects
--- stderr
needs a confirmation: `prod-eu1` is protected
hint: `kcx protect lift 10m prod-eu1` stops kcx asking about it for 10 minutes
--- exit 1
no file changed
",
    );
    line(&sandbox, "").shows("--- stderr\nthere is no command in this line\n--- exit 0\nno file changed\n");
    line(&sandbox, "kubectl --context \u{1b}[31mprod get po'\u{7}'").shows(
        r"
VERDICT   CONTEXT        COMMAND                                     REASON
read      \x1b[31mprod   kubectl --context \x1b[31mprod get po'\a'   `kubectl get` only reads
--- stderr
--- exit 0
no file changed
",
    );
    sandbox.run("protect check -o json -- kubectl --context prod-eu1 apply -f x").shows(
        r#"
{
    "verdict": "write",
    "decision": "confirm",
    "why": "`kubectl apply` changes objects",
    "confirm": [
        "prod-eu1"
    ],
    "refused": null,
    "commands": [
        {
            "command": "kubectl --context prod-eu1 apply -f x",
            "verdict": "write",
            "decision": "confirm",
            "contexts": [
                "prod-eu1"
            ],
            "contextKnown": true,
            "protected": true,
            "why": "`kubectl apply` changes objects"
        }
    ]
}
--- stderr
--- exit 1
no file changed
"#,
    );
}

#[test]
fn the_exit_code_is_the_decision() {
    let other = THREE.replace("current-context: dev", "current-context: prod-eu1");
    let sandbox = sandbox().file("other", &other).file("broken", "contexts: [");
    for (text, want) in [
        ("kubectl get pods", 0),
        ("kubectl --context prod-eu1 get pods", 0),
        ("kubectl delete ns x", 0),
        ("make deploy", 0),
        ("kubectl --context prod-eu1 apply -f x", 1),
        ("kubectl --context prod-eu1 nosuch", 1),
        ("kubectl --context prod-eu1 delete ns x", 2),
        ("kubectl --context stale apply -f x", 2),
        ("kubectl --context stale nosuch", 2),
        // What is not known may be on any of them.
        ("kubectl --context \"$X\" apply -f x", 2),
        ("kubectl --context \"$X\" get pods", 0),
        ("kubectl --context \"$X\" delete ns x", 2),
        ("kubectl config use-context prod-eu1", 0),
        ("kubectl config use-context prod-eu1 && make deploy", 1),
        ("kcx use prod-eu1 && make deploy", 1),
        ("kcx exec 'prod-*' -- kubectl apply -f x", 1),
        ("kcx exec '*' -- kubectl apply -f x", 2),
        ("kcx exec dev -- kubectl apply -f x", 0),
        ("kcx exec nosuch -- kubectl apply -f x", 2),
        ("kcx protect lift 10m prod-eu1", 2),
        ("helm --kube-context prod-eu1 upgrade x .", 1),
        ("KUBECONFIG=other kubectl apply -f x", 1),
        ("KUBECONFIG=missing kubectl apply -f x", 0),
        ("cd x; KUBECONFIG=other kubectl apply -f x", 2),
        ("KUBECONFIG=@DIR@/other kubectl apply -f x", 1),
        ("kubectl --kubeconfig @DIR@/other delete pod x", 1),
        ("kubectl --kubeconfig @DIR@/broken delete pod x", 2),
        ("kubectl get pods \"", 0),
    ] {
        code(&line(&sandbox, &text.replace("@DIR@", &sandbox.path().to_string_lossy())), want);
    }
    // The rule of `stale` refuses what is not known; without it, what may be on a protected context is confirmed.
    let sandbox = sandbox_of("rules: [{match: 'prod-*', confirm: yes}]\n");
    let all = json(&sandbox, "kubectl --context \"$X\" apply -f x");
    assert_eq!((&all["decision"], &all["confirm"]), (&"confirm".into(), &serde_json::json!(["prod-eu1"])));
    code(&line(&sandbox, "kubectl --context \"$X\" apply -f x"), 1);
    code(&line(&sandbox, "kubectl --context \"$X\" get pods"), 0);
    let free = sandbox_of("{}\n");
    code(&line(&free, "kubectl --context \"$X\" delete ns x"), 0);
}

fn sandbox_of(rules: &str) -> Sandbox {
    let mut sandbox = Sandbox::with(THREE).file("set/config.yaml", rules);
    sandbox.env.config = Some(sandbox.path().join("set"));
    sandbox
}

#[test]
fn a_confirmation_counts() {
    let sandbox = sandbox();
    let words = ["protect", "check", "--yes-i-mean", "prod-eu1", "--", "kubectl", "--context", "prod-eu1"];
    code(&sandbox.run_words(&[&words[..], &["apply", "-f", "x"]].concat()), 0);
    // The rule refuses it all the same.
    code(&sandbox.run_words(&[&words[..], &["delete", "ns", "x"]].concat()), 2);
    assert!(sandbox.run("protect lift 10m prod-eu1").0.contains("exit 0"));
    code(&line(&sandbox, "kubectl --context prod-eu1 apply -f x"), 0);
    assert_eq!(json(&sandbox, "kubectl --context prod-eu1 apply -f x")["commands"][0]["protected"], true);
    assert!(sandbox.run("protect restore").0.contains("exit 0"));
    code(&line(&sandbox, "kubectl --context prod-eu1 apply -f x"), 1);
}

#[test]
fn a_locked_shell_stays_on_its_context() {
    let mut sandbox = sandbox();
    sandbox.env.locked = Some("dev".into());
    for (text, want) in [
        ("kubectl get pods", 0),
        ("kubectl delete pod x", 0),
        ("kubectl --context dev get pods", 0),
        ("kubectl --context prod-eu1 get pods", 2),
        ("kubectl config use-context stale", 2),
        ("kcx use prod-eu1", 2),
        ("kubectx stale", 2),
        ("helm --kube-context stale list", 2),
        ("kubectl --context \"$X\" get pods", 0),
        ("kubectl --context \"$X\" apply -f x", 2),
        ("ls", 0),
    ] {
        code(&line(&sandbox, text), want);
    }
    line(&sandbox, "kubectl --context prod-eu1 get pods").shows(
        "
VERDICT   CONTEXT    COMMAND                               REASON
read      prod-eu1   kubectl --context prod-eu1 get pods   `kubectl get` only reads
--- stderr
refused: this shell is locked to context `dev`, not `prod-eu1`
--- exit 2
no file changed
",
    );
    let mut plain = sandbox_of("{}\n");
    plain.env.locked = Some("dev".into());
    line(&plain, "kubectl --context \"$X\" apply -f x").shows(
        r#"
VERDICT   CONTEXT   COMMAND                             REASON
write     ?         kubectl --context "$X" apply -f x   `kubectl apply` changes objects
--- stderr
needs a confirmation: this shell is locked to context `dev`, and the context is not known
--- exit 1
no file changed
"#,
    );
}

#[test]
fn a_shell_that_only_reads_refuses_writes() {
    let mut sandbox = sandbox();
    sandbox.env.read_only = true;
    for (text, want) in [
        ("kubectl get pods", 0),
        ("kubectl apply -f x", 2),
        ("kubectl delete ns x", 2),
        ("make deploy", 1),
        ("kubectl apply -f x --dry-run=server", 0),
        ("ls", 0),
    ] {
        code(&line(&sandbox, text), want);
    }
    line(&sandbox, "kubectl apply -f x").shows(
        "
VERDICT   CONTEXT   COMMAND              REASON
write     dev       kubectl apply -f x   `kubectl apply` changes objects
--- stderr
refused: this shell can only read, and `kubectl apply` changes objects
--- exit 2
no file changed
",
    );
    line(&sandbox, "make deploy").shows(
        "
VERDICT   CONTEXT   COMMAND       REASON
unknown   dev       make deploy   `make` runs recipes of its own, which were not read
--- stderr
needs a confirmation: this shell can only read, and what the command does is not known
--- exit 1
no file changed
",
    );
}

#[test]
fn a_shell_that_only_reads_says_that_a_program_is_not_known() {
    let mut sandbox = sandbox_of("rules: [{match: 'prod-*', confirm: yes}]\n");
    sandbox.env.read_only = true;
    line(&sandbox, "curl https://x | sh").shows(
        "
VERDICT   CONTEXT   COMMAND          REASON
read                curl https://x   `curl` is no tool of Kubernetes
unknown   ?         sh               a shell runs what it reads from its input
--- stderr
needs a confirmation: this shell can only read, and what the command does is not known
--- exit 1
no file changed
",
    );
}

#[test]
fn a_context_that_the_line_may_choose_or_names_is_protected() {
    let sandbox = sandbox_of("rules: [{match: 'prod-*', confirm: yes}]\n");
    for (text, want) in [
        ("kubectl --kubeconfig none delete ns x", 0),
        // A command before may make the file.
        ("kind get kubeconfig > none; kubectl --kubeconfig none delete ns x", 1),
        ("ls; KUBECONFIG=none kubectl delete ns x", 1),
        ("make use-prod && kubectl delete ns x", 1),
        ("make use-prod && kubectl get pods", 0),
        ("make deploy", 0),
        ("make deploy CTX=prod-eu1", 1),
        ("CTX=prod-eu1 make deploy", 1),
        ("make deploy-prod-eu1", 1),
        ("make deploy CTX=prod-eu10", 0),
        ("nosuch --context prod-eu1", 1),
        ("HELM_KUBEAPISERVER=https://x helm uninstall x", 1),
    ] {
        code(&line(&sandbox, text), want);
    }
}

#[test]
fn what_cannot_be_read_is_not_allowed() {
    let sandbox = sandbox_of("rules: [{match: a, refuse: [read]}]\n");
    line(&sandbox, "kubectl delete pod x").shows(
        "
--- stderr
error: cannot read `@DIR@/set/config.yaml`: line 1, column 29: `rules[0].refuse` must be a list of `write`, `unknown` and `dangerous`
   |
 1 | rules: [{match: a, refuse: [read]}]
   |                             ^^^^
--- exit 2
no file changed
",
    );
    code(&line(&sandbox, "ls"), 0);
    let broken = Sandbox::with("contexts: [");
    let said = line(&broken, "kubectl delete pod x");
    assert!(said.0.contains("error: "), "{}", said.0);
    code(&said, 2);
    code(&line(&broken, "kubectl get pods"), 0);
    for words in [
        "protect check",
        "protect check --",
        "protect check kubectl get pods",
        "protect check --nosuch -- ls",
    ] {
        code(&sandbox.run(words), 2);
    }
    code(&sandbox.run("protect check -o name -- ls"), 2);
}

#[test]
fn one_word_with_signs_of_a_shell_is_a_line() {
    let sandbox = sandbox();
    let verdict = |words: &[&str]| {
        let words = [&["protect", "check", "-o", "json", "--"], words].concat();
        let said = sandbox.run_words(&words).0;
        let value: Value = serde_json::from_str(said.split("--- stderr").next().unwrap()).unwrap();
        value["verdict"].as_str().unwrap().to_owned()
    };
    assert_eq!(verdict(&["kubectl delete ns x"]), "dangerous");
    assert_eq!(verdict(&["true;kubectl"]), "read");
    assert_eq!(verdict(&["$KUBECTL"]), "unknown");
    assert_eq!(verdict(&["kubectl"]), "read");
    // Words that a shell has parsed are not parsed again.
    assert_eq!(verdict(&["kubectl", "get", "pods; kubectl delete ns x"]), "read");
    assert_eq!(verdict(&["kubectl", "delete", "$X", "y"]), "write");
    assert_eq!(verdict(&["sh", "-c", "kubectl delete ns x"]), "dangerous");
}

#[test]
fn a_line_comes_from_stdin() {
    let sandbox = sandbox();
    let words = ["protect", "check", "-o", "json", "--line", "-"];
    let (code, out, err) = sandbox.pipe(&words, "kubectl get pods\nkubectl delete pod x\n");
    let value: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{err}"));
    assert_eq!(
        (code, &value["verdict"], value["commands"].as_array().unwrap().len()),
        (Some(0), &"write".into(), 2)
    );
    let (code, out, err) = sandbox.pipe(&words, &"x ".repeat(40_000));
    assert_eq!((code, out.as_str()), (Some(2), ""), "{err}");
    assert!(err.contains("it was not judged"), "{err}");
}

#[test]
fn preferences_and_variables_of_the_tools_count() {
    let kuberc = "apiVersion: kubectl.config.k8s.io/v1beta1\nkind: Preference\n\
                  aliases:\n- {name: rmprod, command: delete, prependArgs: [ns], options: [{name: context, default: prod-eu1}]}\n\
                  defaults:\n- {command: apply, options: [{name: context, default: prod-eu1}]}\n";
    let mut sandbox = sandbox().file("kuberc", kuberc);
    sandbox.env.kuberc = Some(sandbox.path().join("kuberc").into());
    let found = json(&sandbox, "kubectl rmprod x");
    assert_eq!(
        (&found["verdict"], &found["commands"][0]["contexts"][0]),
        (&"dangerous".into(), &"prod-eu1".into())
    );
    code(&line(&sandbox, "kubectl apply -f x"), 1);
    code(&line(&sandbox, "kubectl apply -f x --context dev"), 0);
    sandbox.env.leading =
        kcx::env::leading::set(|name| (name == "HELM_KUBECONTEXT").then(|| "prod-eu1".into()));
    code(&line(&sandbox, "helm upgrade x ."), 1);
    code(&line(&sandbox, "helm --kube-context dev upgrade x ."), 0);
    code(&line(&sandbox, "kubectl delete pod x"), 0);
    // kubectl would run nothing with these.
    let broken = sandbox.file("kuberc", "{");
    let found = json(&broken, "kubectl apply -f x");
    assert_eq!(found["verdict"], "unknown");
}

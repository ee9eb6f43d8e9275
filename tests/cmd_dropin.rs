//! kcx called as kubectx and kubens: what the real ones were heard to answer, and what is kcx's own.

use crate::api_server::{ApiServer, Behaviour, Setup};
use crate::common::{Sandbox, THREE};
use kcx::env::Env;

const RECORDED: &str = include_str!("oracle/kubectx.txt");
const CONFIG: &str = include_str!("oracle/kubectx.yaml");

fn called(name: &str, mut sandbox: Sandbox) -> Sandbox {
    sandbox.env.program = Some(format!("/usr/bin/{name}").into());
    sandbox
}

/// Each command of the recording, answered by kcx.
fn replay(text: &str) -> String {
    let mut sandbox = Sandbox::with(CONFIG);
    let mut answers = String::new();
    for line in text.lines() {
        let Some(words) = line.strip_prefix("$ ") else {
            if line.is_empty() {
                sandbox = Sandbox::with(CONFIG);
            }
            if line.is_empty() || line.starts_with('#') {
                answers += &format!("{line}\n");
            }
            continue;
        };
        let isolated = words.strip_prefix("env KUBECTX_ISOLATED_SHELL=1 ");
        let (program, args) =
            isolated.unwrap_or(words).split_once(' ').unwrap_or((isolated.unwrap_or(words), ""));
        sandbox.env = Env {
            program: Some(program.into()),
            kubectx_isolated: isolated.is_some(),
            ..sandbox.env.clone()
        };
        let args: Vec<String> = args.split_whitespace().map(str::to_owned).collect();
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let code = kcx::cli::run(&args, &sandbox.env, &mut out, &mut err);
        answers += &format!("{line}\n");
        for (label, stream) in [("out", out), ("err", err)] {
            let text = String::from_utf8(stream).unwrap();
            answers.extend(text.lines().map(|line| format!("{label}: {line}\n")));
        }
        answers += &format!("exit: {code}\n");
    }
    answers
}

#[test]
fn answers_what_kubectx_and_kubens_answer() {
    let ours = replay(RECORDED);
    assert!(RECORDED.lines().filter(|line| line.starts_with("$ ")).count() > 40);
    for (theirs, ours) in RECORDED.split("$ ").zip(ours.split("$ ")) {
        assert_eq!(theirs, ours);
    }
    assert_eq!(RECORDED, ours);
}

#[test]
fn edits_the_text_where_kubectx_writes_the_file_anew() {
    called("kubectx", Sandbox::with(THREE)).run("prod=prod-eu1").shows(
        r"
--- stderr
✔ Context prod-eu1 renamed to prod.
--- exit 0
--- .kube/config
-  name: prod-eu1
+  name: prod
",
    );
    called("kubens", Sandbox::with(THREE)).run("shop").shows(
        r#"
--- stderr
✔ Active namespace is "shop"
--- exit 0
--- .kube/config
+    namespace: shop
"#,
    );
}

#[test]
fn what_kubectx_remembered_leads_back_once() {
    let sandbox = called("kubectx", Sandbox::with(THREE).file(".kube/kubectx", "prod-eu1"));
    sandbox.run("-").shows(
        r#"
--- stderr
✔ Switched to context "prod-eu1".
--- exit 0
--- .kube/config
-current-context: dev # for now
+current-context: prod-eu1 # for now
"#,
    );
    let sandbox = called("kubens", sandbox.file(".kube/kubens/prod-eu1", "shop"));
    sandbox.run("-").shows(
        r#"
--- stderr
✔ Active namespace is "shop"
--- exit 0
--- .kube/config
-    namespace: web # the shop
+    namespace: shop # the shop
"#,
    );
    sandbox.run("-").shows(
        r#"
--- stderr
✔ Active namespace is "web"
--- exit 0
--- .kube/config
-    namespace: shop # the shop
+    namespace: web # the shop
"#,
    );
}

#[test]
fn there_is_no_way_back_from_the_first_context() {
    let sandbox = called("kubectx", Sandbox::with(&THREE.replace("current-context: dev # for now\n", "")));
    assert!(sandbox.run("prod-eu1").0.contains("Switched to context \"prod-eu1\""));
    sandbox.run("-").shows(
        r"
--- stderr
error: failed to switch context: no previous context found
--- exit 1
no file changed
",
    );
}

#[test]
fn a_name_of_its_own_is_no_new_name() {
    called("kubectx", Sandbox::with(THREE)).run("dev=dev").shows(
        r#"
--- stderr
error: context "dev" already has that name
--- exit 1
no file changed
"#,
    );
    called("kubectx", Sandbox::with(THREE)).run("gone=gone").shows(
        r#"
--- stderr
error: context "gone" not found, can't rename it
--- exit 1
no file changed
"#,
    );
}

#[test]
fn a_locked_shell_explains_only_itself_and_wrong_usage_comes_first() {
    let mut sandbox = called("kubectx", Sandbox::with(THREE));
    sandbox.env.kubectx_isolated = true;
    let mut answers = String::new();
    for words in
        ["", "prod", "-", "-c", "-u", "-d dev", "a=b", "-s dev", "-r dev", "-s", "-r a b", "-x", "a b", "-d"]
    {
        let text = sandbox.run(words).0;
        let (said, code) =
            text.trim_start().strip_prefix("--- stderr\n").unwrap().split_once("--- exit ").unwrap();
        assert!(code.starts_with("1\nno file changed"), "{words}: {text}");
        answers += &format!("{words:7} {said}");
    }
    let locked = "error: you are in a locked single-context shell (\"dev\"), use 'exit' to leave\n";
    assert_eq!(
        answers.replace(locked, "locked\n"),
        "        locked\nprod    locked\n-       locked\n-c      locked\n-u      locked\n-d dev  locked\n\
         a=b     locked\n-s dev  locked\n-r dev  locked\n\
         -s      error: '-s' requires a context name argument (or fzf for interactive mode)\n\
         -r a b  error: '-r' accepts at most one context name argument\n\
         -x      error: unsupported option '-x'\n\
         a b     error: too many arguments\n\
         -d      error: '-d' needs arguments\n"
    );
}

const TOKEN: &str = "{token: secret-token}";

#[test]
fn kubens_lists_the_namespaces_without_kubectl() {
    let server = ApiServer::start(Setup { page: 2, ..Setup::default() });
    let sandbox = called("kubens", Sandbox::with(&server.kubeconfig(TOKEN)));
    sandbox.run("").shows(
        "default\nkube-node-lease\nkube-public\nkube-system\nshop\nweb\n--- stderr\n--- exit 0\nno file changed\n",
    );
    assert_eq!(
        server.lines()[..2],
        ["GET /api/v1/namespaces?limit=500 HTTP/1.1", "GET /api/v1/namespaces?limit=500&continue=2 HTTP/1.1"]
    );
    // Contexts that were found, too, as for all other commands.
    let found = Sandbox::new().file(".kube/config.d/a.yaml", &server.kubeconfig(TOKEN));
    let text = called("kubens", found).run("").0;
    assert!(text.starts_with("default\n"), "{text}");
}

#[test]
fn namespaces_that_cannot_be_listed_are_told_in_the_words_of_kubens() {
    let setup = Setup::default().with("/api/v1/namespaces", Behaviour::Forbidden);
    let server = ApiServer::start(setup);
    called("kubens", Sandbox::with(&server.kubeconfig(TOKEN))).run("").shows(
        r#"
--- stderr
error: could not list namespaces (is the cluster accessible?): not allowed (403): namespaces is forbidden: User "jane" cannot list resource "namespaces" in API group "" at the cluster scope
--- exit 1
no file changed
"#,
    );
    let sandbox = called("kubens", Sandbox::with("current-context: gone\n"));
    sandbox.run("").shows(
        r"
--- stderr
error: could not list namespaces (is the cluster accessible?): the context does not exist
--- exit 1
no file changed
",
    );
}

#[test]
fn says_its_name_as_a_plugin() {
    let help = called("kubectl-ctx", Sandbox::with(THREE)).run("-h").0;
    assert!(
        help.contains("\n  kubectl ctx -                     : switch to the previous context\n"),
        "{help}"
    );
    let help = called("kubectl-ns", Sandbox::with(THREE)).run("--help").0;
    assert!(help.contains("\n  kubectl ns -                  : switch"), "{help}");
}

#[test]
fn an_alias_of_the_hook_does_the_same() {
    Sandbox::with(THREE).run("__as kubectx -c").shows("dev\n--- stderr\n--- exit 0\nno file changed\n");
}

/// `_KUBECTX_FORCE_COLOR`, the variables that kubectx calls deprecated, and `DEBUG`.
#[test]
fn the_variables_of_kubectx_are_obeyed() {
    let mut sandbox = called("kubectx", Sandbox::with(THREE));
    sandbox.env.kubectx_deprecated = vec!["KUBECTX_CURRENT_FGCOLOR", "KUBECTX_CURRENT_BGCOLOR"];
    sandbox.run("-c").shows(
        "dev\n--- stderr\n\
         warning: KUBECTX_CURRENT_FGCOLOR environment variable is now deprecated\n\
         warning: KUBECTX_CURRENT_BGCOLOR environment variable is now deprecated\n\
         --- exit 0\nno file changed\n",
    );
    sandbox.env.kubectx_deprecated.clear();
    sandbox.env.kubectx_debugs = true;
    let nope = "failed to switch context: no context exists with the name: \"nope\"";
    sandbox
        .run("nope")
        .shows(&format!("--- stderr\nerror: {nope}\n[DEBUG] error: {nope}\n--- exit 1\nno file changed\n"));
    sandbox.env.kubectx_debugs = false;
    sandbox.env.kubectx_colors = true;
    sandbox.env.no_color = true;
    let list = sandbox.run("").0;
    assert!(list.contains("\u{1b}[32;1mdev\u{1b}[0m\n") && list.matches('\u{1b}').count() == 2, "{list}");
    let failed = sandbox.run("nope").0;
    assert!(failed.contains("\u{1b}[31;1merror:\u{1b}[0m failed"), "{failed}");
}

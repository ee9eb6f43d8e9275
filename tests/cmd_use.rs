//! `kcx use` and `kcx NAME`: what is said, what is written.

use crate::common::{Sandbox, THREE};

#[test]
fn switches_one_line() {
    let sandbox = Sandbox::with(THREE);
    sandbox.run("use prod-eu1").shows(
        r"
--- stderr
switched to context `prod-eu1`, namespace `web`
--- exit 0
--- .kube/config
-current-context: dev # for now
+current-context: prod-eu1 # for now
",
    );
    sandbox.run("use prod-eu1").shows(
        r"
--- stderr
already on context `prod-eu1`, namespace `web`
--- exit 0
no file changed
",
    );
    sandbox.run("use -").shows(
        r"
--- stderr
switched to context `dev`
--- exit 0
--- .kube/config
-current-context: prod-eu1 # for now
+current-context: dev # for now
",
    );
    sandbox.run("-").shows(
        r"
--- stderr
switched to context `prod-eu1`, namespace `web`
--- exit 0
--- .kube/config
-current-context: dev # for now
+current-context: prod-eu1 # for now
",
    );
    sandbox.run("ctx dev").shows(
        r"
--- stderr
switched to context `dev`
--- exit 0
--- .kube/config
-current-context: prod-eu1 # for now
+current-context: dev # for now
",
    );
}

#[test]
fn sets_the_namespace_too() {
    let sandbox = Sandbox::with(THREE);
    sandbox.run("use dev -n kube-system").shows(
        r"
--- stderr
switched to context `dev`, namespace `kube-system`
--- exit 0
--- .kube/config
+    namespace: kube-system
",
    );
    sandbox.run("prod-eu1 -n shop").shows(
        r"
--- stderr
switched to context `prod-eu1`, namespace `shop`
--- exit 0
--- .kube/config
-    namespace: web # the shop
-    user: u-prod
-  name: prod-eu1
-- context:
-    cluster: gone
-    user: u-dev
-  name: stale
-current-context: dev # for now
+    namespace: shop # the shop
+    user: u-prod
+  name: prod-eu1
+- context:
+    cluster: gone
+    user: u-dev
+  name: stale
+current-context: prod-eu1 # for now
",
    );
    sandbox.run("ns -").shows(
        r"
--- stderr
switched to namespace `web` in context `prod-eu1`
--- exit 0
--- .kube/config
-    namespace: shop # the shop
+    namespace: web # the shop
",
    );
    sandbox.run("-q use dev").shows(
        r"
--- stderr
--- exit 0
--- .kube/config
-current-context: prod-eu1 # for now
+current-context: dev # for now
",
    );
}

#[test]
fn names_the_file_that_is_not_the_usual_one() {
    let sandbox = Sandbox::new()
        .file("a.yaml", "current-context: dev\n")
        .file("b.yaml", THREE)
        .kubeconfig(&["a.yaml", "b.yaml"]);
    sandbox.run("use prod-eu1").shows(
        r"
--- stderr
switched to context `prod-eu1`, namespace `web`, in `@DIR@/a.yaml`
--- exit 0
--- a.yaml
-current-context: dev
+current-context: prod-eu1
",
    );
    sandbox.run("use prod-eu1 -n shop").shows(
        r"
--- stderr
switched to context `prod-eu1`, namespace `shop`, in `@DIR@/b.yaml`
--- exit 0
--- b.yaml
-    namespace: web # the shop
+    namespace: shop # the shop
",
    );
    sandbox.run("use dev").shows(
        r"
--- stderr
switched to context `dev` in `@DIR@/a.yaml`
--- exit 0
--- a.yaml
-current-context: prod-eu1
+current-context: dev
",
    );
    sandbox.run("use -").shows(
        r"
--- stderr
switched to context `prod-eu1`, namespace `shop`, in `@DIR@/a.yaml`
--- exit 0
--- a.yaml
-current-context: dev
+current-context: prod-eu1
",
    );
    sandbox.run("ns -").shows(
        r"
--- stderr
switched to namespace `web` in context `prod-eu1`, in `@DIR@/b.yaml`
--- exit 0
--- b.yaml
-    namespace: shop # the shop
+    namespace: web # the shop
",
    );
    sandbox.run("--kubeconfig @DIR@/b.yaml use stale").shows(
        r"
--- stderr
warning: context `stale` names cluster `gone`, which does not exist
hint: `kcx prune --contexts` removes contexts that lead nowhere; with --dry-run it only names them
switched to context `stale` in `@DIR@/b.yaml`
--- exit 0
--- b.yaml
-current-context: dev # for now
+current-context: stale # for now
",
    );
}

#[test]
fn a_context_that_leads_nowhere_is_said() {
    let sandbox = Sandbox::with(THREE);
    sandbox.run("use stale").shows(
        r"
--- stderr
warning: context `stale` names cluster `gone`, which does not exist
hint: `kcx prune --contexts` removes contexts that lead nowhere; with --dry-run it only names them
switched to context `stale`
--- exit 0
--- .kube/config
-current-context: dev # for now
+current-context: stale # for now
",
    );
}

#[test]
fn unset() {
    let sandbox = Sandbox::with(THREE);
    sandbox.run("use --unset").shows(
        r#"
--- stderr
unset the current context; it was `dev`
--- exit 0
--- .kube/config
-current-context: dev # for now
+current-context: "" # for now
"#,
    );
    sandbox.run("use --unset").shows(
        r"
--- stderr
no current context is set
--- exit 0
no file changed
",
    );
    sandbox.run("use -").shows(
        r#"
--- stderr
switched to context `dev`
--- exit 0
--- .kube/config
-current-context: "" # for now
+current-context: "dev" # for now
"#,
    );
}

#[test]
fn what_is_not_there_is_named() {
    let sandbox = Sandbox::with(THREE);
    sandbox.run("use prod-eu").shows(
        r"
--- stderr
error: no context named `prod-eu`
hint: did you mean `prod-eu1`? `kcx get` lists all 3
--- exit 3
no file changed
",
    );
    sandbox.run("use xyz").shows(
        r"
--- stderr
error: no context named `xyz`
hint: `kcx get` lists all 3
--- exit 3
no file changed
",
    );
    sandbox.run("use -").shows(
        r"
--- stderr
error: no previous context: no switch is recorded for `@DIR@/.kube/config`
hint: `-` goes back to where the last `kcx use` came from
--- exit 3
no file changed
",
    );
    sandbox.run("use PROD-EU1").shows(
        r"
--- stderr
error: no context named `PROD-EU1`
hint: did you mean `prod-eu1`? `kcx get` lists all 3
--- exit 3
no file changed
",
    );
    sandbox.run("use dev2 -n x").shows(
        r"
--- stderr
error: no context named `dev2`
hint: did you mean `dev`? `kcx get` lists all 3
--- exit 3
no file changed
",
    );
    sandbox.run("--kubeconfig @DIR@/nope use dev").shows(
        r"
--- stderr
error: cannot read `@DIR@/nope`: no such file or directory
--- exit 1
no file changed
",
    );
}

#[test]
fn what_makes_no_sense_is_refused() {
    let sandbox = Sandbox::with(THREE);
    sandbox.run("use").shows(
        r"
--- stderr
error: no context was named
hint: `kcx use NAME` switches, `kcx use -` goes back, `kcx get` lists all contexts
--- exit 2
no file changed
",
    );
    sandbox.run("use --session dev").shows(
        r#"
--- stderr
error: this shell has no context of its own, because the shell hook does not run in it; nothing was switched
hint: put `eval "$(kcx init bash)"` into ~/.bashrc and open a new shell; without `--session` kcx switches all shells
--- exit 1
no file changed
"#,
    );
    sandbox.run("use -o wide dev").shows(
        r"
--- stderr
error: `kcx use` does not support `-o wide`; use `-o name`, `json` or `yaml`
--- exit 2
no file changed
",
    );
    sandbox.run("use dev -n Not.A.Label").shows(
        r"
--- stderr
error: `Not.A.Label` is not a valid namespace name: at most 63 characters of a-z, 0-9 and `-`, and no `-` at either end
hint: `--force` writes it anyway
--- exit 2
no file changed
",
    );
    sandbox.run("use --unset dev").shows(
        r"
--- stderr
error: `--unset` cannot be used together with `NAME|-`
--- exit 2
no file changed
",
    );
    sandbox.run("use a b").shows(
        r"
--- stderr
error: `kcx use`: unexpected argument `b`
hint: `-n b` sets the namespace, too
--- exit 2
no file changed
",
    );
    sandbox.run("use dev --lock-timeout soon").shows(
        r"
--- stderr
error: `soon` is not a valid value of `--lock-timeout`: durations look like `500ms`, `5s`, `1h30m`, `30d`, `0`
--- exit 2
no file changed
",
    );
    sandbox.run("config use-context dev --lock-timeout soon").shows(
        r"
--- stderr
error: `soon` is not a valid value of `--lock-timeout`: durations look like `500ms`, `5s`, `1h30m`, `30d`, `0`
--- exit 2
no file changed
",
    );
    sandbox.run("config use-context dev --lock-timeout").shows(
        r"
--- stderr
error: `--lock-timeout` needs a value
hint: `kcx config --help` shows its flags and examples
--- exit 2
no file changed
",
    );
}

#[test]
fn a_force_is_a_force() {
    let sandbox = Sandbox::with(THREE);
    sandbox.run("use dev -n Not.A.Label --force").shows(
        r"
--- stderr
switched to context `dev`, namespace `Not.A.Label`
--- exit 0
--- .kube/config
+    namespace: Not.A.Label
",
    );
}

#[test]
fn no_kubeconfig_at_all() {
    let sandbox = Sandbox::new();
    sandbox.run("use dev").shows(
        r"
--- stderr
error: no context named `dev`
hint: there are no contexts; `kcx import FILE` adds those of a kubeconfig
--- exit 3
no file changed
",
    );
}

/// Somebody at a terminal.
fn attended(text: &str) -> Sandbox {
    let mut sandbox = Sandbox::with(text);
    sandbox.env.stdin_is_terminal = true;
    sandbox.env.stderr_is_terminal = true;
    sandbox.env.no_color = true;
    sandbox
}

#[test]
fn a_part_of_a_name_is_enough_also_without_the_word_use_but_never_for_a_misspelled_command() {
    let text = THREE.replace("name: prod-eu1", "name: arn:aws:eks:eu-central-1:1:cluster/payments");
    attended(&text).run("payments").shows(
        "
--- stderr
using `payments` for `arn:aws:eks:eu-central-1:1:cluster/payments`
switched to context `arn:aws:eks:eu-central-1:1:cluster/payments`, namespace `web`
--- exit 0
--- .kube/config
-current-context: dev # for now
+current-context: arn:aws:eks:eu-central-1:1:cluster/payments # for now
",
    );
    // Off a terminal, a script gets an error.
    Sandbox::with(&text).run("payments").shows(
        "
--- stderr
error: `payments` is neither a command nor a context
hint: did you mean `arn:aws:eks:eu-central-1:1:cluster/payments`? `kcx get` lists all 3
--- exit 3
no file changed
",
    );
    // `lis` may be `list`.
    let outcome = attended(&THREE.replace("name: stale", "name: list-of-clusters")).run("lis").0;
    assert!(
        outcome.contains("is neither a command nor a context") && outcome.contains("--- exit 3"),
        "{outcome}"
    );
    // Two contexts contain it.
    let two = THREE.replace("name: dev\n", "name: stage-eu\n").replace("name: stale", "name: stage-us");
    attended(&two).run("stage").shows(
        "
--- stderr
error: `stage` is neither a command nor a context
hint: did you mean `stage-eu` or `stage-us`? `kcx get` lists all 3
--- exit 3
no file changed
",
    );
}

//! `kcx rename`, `copy`, `delete` and `prune`: edits that keep references right, over all files of the list.

use crate::common::{Sandbox, THREE};
use kcx::session::{Session, StoredSelection, hook};

const SECOND: &str = "\
contexts: # theirs
- name: dev # hidden
  context: {cluster: other, user: u-dev}
- name: shared
  context: {cluster: c-prod, user: u-two}
clusters:
- name: other
  cluster: {server: 'https://other'}
current-context: dev
users:
- name: u-two
  user: {token: two}
";

/// Two files: in the second, a context that the first hides, and one that uses the first one's cluster.
fn two() -> Sandbox {
    Sandbox::new().file("one", THREE).file("two", SECOND).kubeconfig(&["one", "two"])
}

#[test]
fn a_context_gets_another_name_and_current_context_follows_in_every_file() {
    two().run("rename dev development").shows(
        "
--- stderr
context `dev` is now named `development`
warning: another context `dev` was hidden and is used now: the one in `@DIR@/two`
--- exit 0
--- one
-  name: dev
-- context:
-    cluster: c-prod
-    namespace: web # the shop
-    user: u-prod
-  name: prod-eu1
-- context:
-    cluster: gone
-    user: u-dev
-  name: stale
-current-context: dev # for now
+  name: development
+- context:
+    cluster: c-prod
+    namespace: web # the shop
+    user: u-prod
+  name: prod-eu1
+- context:
+    cluster: gone
+    user: u-dev
+  name: stale
+current-context: development # for now
--- two
-current-context: dev
+current-context: development
",
    );
}

#[test]
fn contexts_follow_a_renamed_cluster_or_user_in_every_file() {
    two().run("rename cluster c-prod prod").shows(
        "
--- stderr
cluster `c-prod` is now named `prod`
--- exit 0
--- one
-  name: c-prod
-contexts:
-- context:
-    cluster: c-dev
-    user: u-dev
-  name: dev
-- context:
-    cluster: c-prod
+  name: prod
+contexts:
+- context:
+    cluster: c-dev
+    user: u-dev
+  name: dev
+- context:
+    cluster: prod
--- two
-  context: {cluster: c-prod, user: u-two}
+  context: {cluster: prod, user: u-two}
",
    );
    two().run("rename user/u-dev me").shows(
        "
--- stderr
user `u-dev` is now named `me`
--- exit 0
--- one
-    user: u-dev
-  name: dev
-- context:
-    cluster: c-prod
-    namespace: web # the shop
-    user: u-prod
-  name: prod-eu1
-- context:
-    cluster: gone
-    user: u-dev
-  name: stale
-current-context: dev # for now
-kind: Config
-users:
-- name: u-dev
+    user: me
+  name: dev
+- context:
+    cluster: c-prod
+    namespace: web # the shop
+    user: u-prod
+  name: prod-eu1
+- context:
+    cluster: gone
+    user: me
+  name: stale
+current-context: dev # for now
+kind: Config
+users:
+- name: me
--- two
-  context: {cluster: other, user: u-dev}
+  context: {cluster: other, user: me}
",
    );
}

#[test]
fn what_cannot_be_renamed() {
    two().run("rename nobody x").shows(
        "
--- stderr
error: no context named `nobody`
hint: `kcx get` lists all 4
--- exit 3
no file changed
",
    );
    two().run("rename dev shared").shows(
        "
--- stderr
error: context `shared` already exists in `@DIR@/two`; nothing was renamed
hint: `kcx delete context shared` deletes it
--- exit 4
no file changed
",
    );
    two().run("rename pod a b").shows(
        "
--- stderr
error: `pod` is not a type: the types are context, cluster and user
--- exit 2
no file changed
",
    );
    two().run("rename dev dev").shows(
        "
--- stderr
context `dev` already has that name
--- exit 0
no file changed
",
    );
    two().run("rename . mine").0.contains("context `dev` is now named `mine`").then_some(()).unwrap();
}

#[test]
fn a_copy_stands_beside_the_original() {
    two().run("copy shared twin").shows(
        "
--- stderr
context `twin` is a copy of `shared`
--- exit 0
--- two
+- name: twin
+  context:
+    cluster: c-prod
+    user: u-two
",
    );
    two().run("copy user u-dev u-two").shows(
        "
--- stderr
error: user `u-two` already exists in `@DIR@/two`; nothing was copied
hint: `kcx delete user u-two` deletes it
--- exit 4
no file changed
",
    );
}

#[test]
fn a_deleted_context_takes_along_what_nobody_else_uses() {
    // The cluster is used by a context of the other file.
    two().run("delete prod-eu1").shows(
        "
--- stderr
deleted context `prod-eu1` from `@DIR@/one`
deleted user `u-prod` from `@DIR@/one`
--- exit 0
--- one
-    cluster: c-prod
-    namespace: web # the shop
-    user: u-prod
-  name: prod-eu1
-- context:
-    cluster: gone
-    user: u-dev
-  name: stale
-current-context: dev # for now
-kind: Config
-users:
-- name: u-dev
-  user:
-    token: s3cr3t
-- name: u-prod
-  user:
-    exec:
-      apiVersion: client.authentication.k8s.io/v1
-      args: [eks, get-token]
-      command: /usr/local/bin/aws
+    cluster: gone
+    user: u-dev
+  name: stale
+current-context: dev # for now
+kind: Config
+users:
+- name: u-dev
+  user:
+    token: s3cr3t
",
    );
    two().run("delete shared").shows(
        "
--- stderr
deleted context `shared` from `@DIR@/two`
deleted user `u-two` from `@DIR@/two`
--- exit 0
--- two
-- name: shared
-  context: {cluster: c-prod, user: u-two}
-clusters:
-- name: other
-  cluster: {server: 'https://other'}
-current-context: dev
-users:
-- name: u-two
-  user: {token: two}
+clusters:
+- name: other
+  cluster: {server: 'https://other'}
+current-context: dev
+users: []
",
    );
    two().run("delete shared --keep").shows(
        "
--- stderr
deleted context `shared` from `@DIR@/two`
--- exit 0
--- two
-- name: shared
-  context: {cluster: c-prod, user: u-two}
",
    );
    two().run("delete shared --cascade=false -q").shows(
        "
--- stderr
--- exit 0
--- two
-- name: shared
-  context: {cluster: c-prod, user: u-two}
",
    );
}

#[test]
fn one_that_was_hidden_is_named_before_it_counts() {
    two().run("delete dev --dry-run").shows(
        "
would delete context `dev` from `@DIR@/one`
would delete cluster `c-dev` from `@DIR@/one`
context `dev` in `@DIR@/two`, hidden now, would then be used
--- stderr
--- exit 0
no file changed
",
    );
    two().run("delete dev").shows(
        "
--- stderr
deleted context `dev` from `@DIR@/one`
deleted cluster `c-dev` from `@DIR@/one`
warning: context `dev` still exists: the one in `@DIR@/two` was hidden and is used now
--- exit 0
--- one
-    server: https://dev.example
-  name: c-dev
-- cluster:
-    certificate-authority-data: Q0E=
-    server: https://prod.example
-  name: c-prod
-contexts:
-- context:
-    cluster: c-dev
-    user: u-dev
-  name: dev
+    certificate-authority-data: Q0E=
+    server: https://prod.example
+  name: c-prod
+contexts:
",
    );
}

#[test]
fn the_current_context_is_cleared() {
    Sandbox::with(THREE).run("delete dev").shows(
        "
--- stderr
deleted context `dev` from `@DIR@/.kube/config`
deleted cluster `c-dev` from `@DIR@/.kube/config`
warning: that was the current context; there is no current context now
hint: `kcx use NAME` switches to another one
--- exit 0
--- .kube/config
-    server: https://dev.example
-  name: c-dev
-- cluster:
-    certificate-authority-data: Q0E=
-    server: https://prod.example
-  name: c-prod
-contexts:
-- context:
-    cluster: c-dev
-    user: u-dev
-  name: dev
-- context:
-    cluster: c-prod
-    namespace: web # the shop
-    user: u-prod
-  name: prod-eu1
-- context:
-    cluster: gone
-    user: u-dev
-  name: stale
-current-context: dev # for now
+    certificate-authority-data: Q0E=
+    server: https://prod.example
+  name: c-prod
+contexts:
+- context:
+    cluster: c-prod
+    namespace: web # the shop
+    user: u-prod
+  name: prod-eu1
+- context:
+    cluster: gone
+    user: u-dev
+  name: stale
+current-context: \"\" # for now
",
    );
}

#[test]
fn a_cluster_or_user_in_use_stays() {
    two().run("delete cluster c-prod").shows(
        "
--- stderr
error: cluster `c-prod` is in use by context `prod-eu1` and 1 more; nothing was deleted
hint: `kcx delete CONTEXT` also deletes its cluster and user if no other context uses them
--- exit 4
no file changed
",
    );
    two().run("delete users/u-dev").shows(
        "
--- stderr
error: user `u-dev` is in use by context `dev` and 1 more; nothing was deleted
hint: `kcx delete CONTEXT` also deletes its cluster and user if no other context uses them
--- exit 4
no file changed
",
    );
}

#[test]
fn several_have_to_be_confirmed() {
    two().run("delete shared prod-*").shows(
        "
--- stderr
would delete context `shared` from `@DIR@/two`
would delete context `prod-eu1` from `@DIR@/one`
would delete cluster `c-prod` from `@DIR@/one`
would delete user `u-prod` from `@DIR@/one`
would delete user `u-two` from `@DIR@/two`
error: several entries, a pattern, an alias or a group need a confirmation; nothing was deleted
hint: `-y` deletes them
--- exit 2
no file changed
",
    );
    two().run("delete shared prod-* --dry-run").shows(
        "
would delete context `shared` from `@DIR@/two`
would delete context `prod-eu1` from `@DIR@/one`
would delete cluster `c-prod` from `@DIR@/one`
would delete user `u-prod` from `@DIR@/one`
would delete user `u-two` from `@DIR@/two`
--- stderr
--- exit 0
no file changed
",
    );
    let yes = two().run("delete shared prod-* -y -q").0;
    assert!(yes.starts_with("--- stderr\n--- exit 0\n"), "{yes}");
    two().run("delete nothing-*").shows(
        "
--- stderr
error: no context matches `nothing-*`
hint: `kcx get` lists all 4
--- exit 3
no file changed
",
    );
    two().run("delete users").shows(
        "
--- stderr
error: no users were named
hint: `kcx delete NAME`, or a pattern in quotes
--- exit 2
no file changed
",
    );
}

#[test]
fn what_nobody_uses_is_pruned() {
    let sandbox = Sandbox::new()
        .file("one", &THREE.replace("clusters:\n", "clusters:\n- {name: idle, cluster: {}} # old\n"))
        .file("two", "users: [{name: nobody, user: {}}, {name: u-dev, user: {}}]\n")
        .kubeconfig(&["one", "two"]);
    sandbox.run("prune --dry-run").shows(
        "
would remove cluster `idle` from `@DIR@/one`
would remove user `nobody` from `@DIR@/two`
--- stderr
--- exit 0
no file changed
",
    );
    sandbox.run("prune").shows(
        "
--- stderr
removed cluster `idle` from `@DIR@/one`
removed user `nobody` from `@DIR@/two`
--- exit 0
--- one
-- {name: idle, cluster: {}} # old
--- two
-users: [{name: nobody, user: {}}, {name: u-dev, user: {}}]
+users: [{name: u-dev, user: {}}]
",
    );
    sandbox.run("prune").shows(
        "
--- stderr
every cluster and user is in use, nothing to remove
--- exit 0
no file changed
",
    );
    sandbox.run("prune --dry-run").shows(
        "
--- stderr
every cluster and user is in use, nothing to remove
--- exit 0
no file changed
",
    );
    sandbox.run("prune --contexts").shows(
        "
--- stderr
removed context `stale` from `@DIR@/one`: its cluster `gone` does not exist
--- exit 0
--- one
-- context:
-    cluster: gone
-    user: u-dev
-  name: stale
",
    );
}

#[test]
fn there_and_back_is_byte_for_byte() {
    let sandbox = two();
    let text = |name: &str| std::fs::read_to_string(sandbox.path().join(name)).unwrap();
    let before = (text("one"), text("two"));
    for (there, back) in [
        ("rename shared x", "rename x shared"),
        ("rename cluster c-prod x", "rename cluster x c-prod"),
        ("rename user u-dev x", "rename user x u-dev"),
        ("copy shared x", "delete x"),
    ] {
        sandbox.run(there);
        assert_ne!((text("one"), text("two")), before, "{there}");
        sandbox.run(back);
        assert_eq!((text("one"), text("two")), before, "{there}");
    }
}

/// A shell that is on this context by its own choice.
fn on(context: &str, sandbox: &mut Sandbox) {
    let files = [sandbox.path().join(".kube/config")];
    let selection = StoredSelection { context: context.to_owned(), body: None };
    let session = Session::create(&sandbox.env, std::process::id(), &files, Some(&selection)).unwrap();
    sandbox.env.kubeconfig = Some(hook::list(&session, &files));
}

/// What kcx says of the current context.
fn said(sandbox: &Sandbox, words: &str) -> String {
    let outcome = sandbox.run(words).0;
    let lines = outcome.lines().filter(|line| line.starts_with("warning:") || line.starts_with("hint:"));
    lines.map(|line| format!("{line}\n")).collect()
}

#[test]
fn the_current_context_of_the_kubeconfig_is_not_that_of_every_shell() {
    let mut sandbox = Sandbox::with(THREE);
    on("prod-eu1", &mut sandbox);
    assert_eq!(
        said(&sandbox, "delete dev"),
        "warning: that was the current context; the kubeconfig has none now, and this shell stays on `prod-eu1`\n\
         hint: `kcx use --global NAME` sets another one for all shells\n"
    );
    assert_eq!(
        said(&sandbox, "delete prod-eu1"),
        "warning: this shell is still on context `prod-eu1`, which no longer exists\n\
         hint: `kcx use NAME` switches to another one\n"
    );
    let mut sandbox = Sandbox::with(THREE);
    on("dev", &mut sandbox);
    assert_eq!(
        said(&sandbox, "delete dev"),
        "warning: that was the current context; the kubeconfig has none now\n\
         warning: this shell is still on context `dev`, which no longer exists\n\
         hint: `kcx use NAME` switches to another one\n"
    );
}

#[test]
fn prune_says_which_current_context_is_gone() {
    let text = THREE.replace("cluster: c-dev\n    user", "cluster: none\n    user");
    let mut sandbox = Sandbox::with(&text);
    on("prod-eu1", &mut sandbox);
    assert_eq!(
        said(&sandbox, "prune --contexts -y"),
        "warning: the current context was among them; the kubeconfig has none now, and this shell stays on `prod-eu1`\n\
         hint: `kcx use --global NAME` sets another one for all shells\n"
    );
}

/// What `kind delete cluster`, `minikube delete` and `kubectl config delete-context` leave behind, with an entry in use.
const LEFT: &str = "\
apiVersion: v1
kind: Config
clusters:
- name: prod
  cluster: {server: 'https://prod.example'}
- name: idle # of a context that kubectl has deleted
  cluster: {server: 'https://idle.example'}
contexts:
- name: prod # keep
  context: {cluster: prod, user: prod}
# kind-02 under another name
- name: lab
  context: {cluster: kind-02, user: kind-02}
- name: minikube
  context: {cluster: minikube, user: mini}
- name: half
  context: {cluster: prod, user: gone}
- name: empty
  context: {cluster: \"\", user: \"\"}
current-context: lab
users:
- name: prod
  user: {token: a}
- name: mini # of minikube alone
  user: {token: b}
";

#[test]
fn what_other_tools_leave_behind_is_pruned_with_its_reason_and_comes_back_with_one_undo() {
    let sandbox = Sandbox::with(LEFT);
    let planned = "\
would remove cluster `idle` from `@DIR@/.kube/config`
would remove context `empty` from `@DIR@/.kube/config`: it names neither a cluster nor a user
would remove context `half` from `@DIR@/.kube/config`: its user `gone` does not exist
would remove context `lab` from `@DIR@/.kube/config`: its cluster `kind-02` and its user `kind-02` do not exist
would remove context `minikube` from `@DIR@/.kube/config`: its cluster `minikube` does not exist
would remove user `mini` from `@DIR@/.kube/config`
";
    let dry = sandbox.run("prune --contexts --dry-run").0;
    let warning = "warning: the current context `lab` is among them; there would be none\n";
    assert_eq!(dry, format!("{planned}--- stderr\n{warning}--- exit 0\nno file changed\n"));
    let outcome = sandbox.run("prune --contexts").0;
    let done = planned.replace("would remove", "removed");
    assert!(
        outcome.contains(&format!("--- stderr\n{done}warning: the current context was among them")),
        "{outcome}"
    );
    let left = std::fs::read_to_string(sandbox.path().join(".kube/config")).unwrap();
    let want = "\
apiVersion: v1
kind: Config
clusters:
- name: prod
  cluster: {server: 'https://prod.example'}
contexts:
- name: prod # keep
  context: {cluster: prod, user: prod}
current-context: \"\"
users:
- name: prod
  user: {token: a}
";
    assert_eq!(left, want);
    let nothing = "--- stderr\nevery entry is in use, nothing to remove\n--- exit 0\nno file changed\n";
    assert_eq!(sandbox.run("prune --contexts").0, nothing);
    assert_eq!(sandbox.run("prune --contexts --dry-run").0, nothing);
    sandbox.run("undo -q");
    assert_eq!(std::fs::read_to_string(sandbox.path().join(".kube/config")).unwrap(), LEFT);
}

#[test]
fn protected_contexts_are_pruned_only_if_they_are_named() {
    let mut sandbox =
        Sandbox::with(LEFT).file("settings/config.yaml", "rules: [{match: lab, confirm: yes}]\n");
    sandbox.env.config = Some(sandbox.path().join("settings"));
    let outcome = sandbox.run("prune --contexts").0;
    assert!(
        outcome.contains("error: `lab` is protected; nothing was removed") && outcome.contains("exit 2"),
        "{outcome}"
    );
    assert!(outcome.ends_with("no file changed\n"), "{outcome}");
    // Without --contexts it stays, so nobody is asked.
    assert!(sandbox.run("prune").0.contains("removed cluster `idle`"));
    let outcome = sandbox.run("prune --contexts --yes-i-mean lab").0;
    assert!(outcome.contains("removed context `lab`"), "{outcome}");
}

#[test]
fn a_pruned_context_may_uncover_one_of_the_same_name() {
    let hidden = "contexts: [{name: lab, context: {cluster: prod, user: prod}}]\n";
    let sandbox = Sandbox::new().file("one", LEFT).file("two", hidden).kubeconfig(&["one", "two"]);
    let dry = sandbox.run("prune --contexts --dry-run").0;
    assert!(dry.contains("context `lab` in `@DIR@/two`, hidden now, would then be used\n"), "{dry}");
    assert!(!dry.contains("there would be none"), "{dry}");
    let outcome = sandbox.run("prune --contexts").0;
    let still = "warning: context `lab` still exists: the one in `@DIR@/two` was hidden and is used now\n";
    assert!(outcome.contains(still), "{outcome}");
    assert!(sandbox.run("current -o name").0.starts_with("lab\n"));
}

#[test]
fn who_meets_a_context_that_leads_nowhere_is_told_what_removes_it() {
    let sandbox = Sandbox::with(LEFT);
    for words in ["use minikube", "current"] {
        let outcome = sandbox.run(words).0;
        assert!(
            outcome.contains("hint: `kcx prune --contexts` removes contexts that lead nowhere"),
            "{words}: {outcome}"
        );
    }
}

#[test]
fn what_does_not_exist_may_be_ignored() {
    let sandbox = two();
    sandbox.run("delete gone user/nobody --ignore-missing");
    sandbox.run("delete gone old-* --ignore-missing").shows(
        "
--- stderr
context `gone` does not exist; nothing to delete
no context matches `old-*`; nothing to delete
--- exit 0
no file changed
",
    );
    sandbox.run("delete cluster gone --ignore-missing -o json").shows(
        r#"
{
    "command": "kcx delete",
    "dryRun": false,
    "changed": false,
    "change": null,
    "operations": [],
    "warnings": []
}
--- stderr
cluster `gone` does not exist; nothing to delete
--- exit 0
no file changed
"#,
    );
    // What exists is deleted, and needs no confirmation that it would not need otherwise.
    let said = sandbox.run("delete gone shared --ignore-missing").0;
    assert!(said.contains("deleted context `shared`") && said.contains("--- exit 0\n"), "{said}");
    // What is in use is a conflict all the same.
    let said = sandbox.run("delete cluster c-dev --ignore-missing").0;
    assert!(said.contains("--- exit 4\nno file changed\n"), "{said}");
    let said = sandbox.run("delete gone --ignore-missing --dry-run").0;
    assert!(said.contains("--- exit 0\nno file changed\n"), "{said}");
}

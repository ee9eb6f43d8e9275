//! `kcx ns`: the namespace of the current context.

use crate::common::{Sandbox, THREE};

#[test]
fn switches_there_and_back() {
    let sandbox = Sandbox::with(THREE);
    sandbox.run("ns web").shows(
        r"
--- stderr
switched to namespace `web` in context `dev`
--- exit 0
--- .kube/config
+    namespace: web
",
    );
    sandbox.run("ns web").shows(
        r"
--- stderr
already on namespace `web` in context `dev`
--- exit 0
no file changed
",
    );
    sandbox.run("ns -").shows(
        r"
--- stderr
removed namespace `web` from context `dev`
--- exit 0
--- .kube/config
-    namespace: web
",
    );
    sandbox.run("ns -").shows(
        r"
--- stderr
switched to namespace `web` in context `dev`
--- exit 0
--- .kube/config
+    namespace: web
",
    );
    sandbox.run("ns --unset").shows(
        r"
--- stderr
removed namespace `web` from context `dev`
--- exit 0
--- .kube/config
-    namespace: web
",
    );
    sandbox.run("ns --unset").shows(
        r"
--- stderr
context `dev` has no namespace
--- exit 0
no file changed
",
    );
}

#[test]
fn each_context_has_its_own() {
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
    sandbox.run("ns shop").shows(
        r"
--- stderr
switched to namespace `shop` in context `prod-eu1`
--- exit 0
--- .kube/config
-    namespace: web # the shop
+    namespace: shop # the shop
",
    );
    sandbox.run("use dev").shows(
        r"
--- stderr
switched to context `dev`
--- exit 0
--- .kube/config
-current-context: prod-eu1 # for now
+current-context: dev # for now
",
    );
    sandbox.run("ns -").shows(
        r"
--- stderr
error: no previous namespace of context `dev` is known
hint: `-` goes back to where the last `kcx ns` came from
--- exit 3
no file changed
",
    );
    sandbox.run("use -").shows(
        r"
--- stderr
switched to context `prod-eu1`, namespace `shop`
--- exit 0
--- .kube/config
-current-context: dev # for now
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
}

#[test]
fn the_entry_is_changed_where_it_is() {
    let sandbox = Sandbox::new()
        .file("a.yaml", "current-context: dev\n")
        .file("b.yaml", THREE)
        .kubeconfig(&["a.yaml", "b.yaml"]);
    sandbox.run("ns web").shows(
        r"
--- stderr
switched to namespace `web` in context `dev`, in `@DIR@/b.yaml`
--- exit 0
--- b.yaml
+    namespace: web
",
    );
}

#[test]
fn what_makes_no_sense_is_refused() {
    let sandbox = Sandbox::with(THREE);
    sandbox.run("ns").shows(
        r"
--- stderr
error: no namespace was named
hint: `kcx ns NAME` switches, `kcx ns -` goes back, `kcx current` shows where you are
--- exit 2
no file changed
",
    );
    sandbox.run("ns a.b").shows(
        r"
--- stderr
error: `a.b` is not a valid namespace name: at most 63 characters of a-z, 0-9 and `-`, and no `-` at either end
hint: `--force` writes it anyway
--- exit 2
no file changed
",
    );
    sandbox.run("ns a.b --force").shows(
        r"
--- stderr
switched to namespace `a.b` in context `dev`
--- exit 0
--- .kube/config
+    namespace: a.b
",
    );
    sandbox.run("ns -o wide x").shows(
        r"
--- stderr
error: `kcx ns` does not support `-o wide`; use `-o name`, `json` or `yaml`
--- exit 2
no file changed
",
    );
    sandbox.run("ns --").shows(
        r"
--- stderr
error: no namespace was named
hint: `kcx ns NAME` switches, `kcx ns -` goes back, `kcx current` shows where you are
--- exit 2
no file changed
",
    );
    sandbox.run("ns -").shows(
        r"
--- stderr
removed namespace `a.b` from context `dev`
--- exit 0
--- .kube/config
-    namespace: a.b
",
    );
}

#[test]
fn nothing_current() {
    let sandbox = Sandbox::with("contexts: []\n");
    sandbox.run("ns web").shows(
        r"
--- stderr
error: there is no current context whose namespace could be set
hint: `kcx use NAME` switches to one; there are no contexts; `kcx import FILE` adds those of a kubeconfig
--- exit 3
no file changed
",
    );
}

#[test]
fn a_current_context_that_is_not_there() {
    let sandbox = Sandbox::with("current-context: gone\ncontexts: [{name: here, context: {cluster: c}}]\n");
    sandbox.run("ns web").shows(
        r"
--- stderr
error: the current context is `gone`, which does not exist
hint: the only context is `here`
--- exit 3
no file changed
",
    );
}

//! `kcx current`: where the next kubectl goes.

use crate::common::{Sandbox, THREE};

#[test]
fn says_where() {
    let sandbox = Sandbox::with(THREE);
    sandbox.run("current").shows(
        r"
context:   dev
namespace: default
cluster:   c-dev
user:      u-dev
scope:     global
file:      @DIR@/.kube/config:11
--- stderr
--- exit 0
no file changed
",
    );
    sandbox.run("current -o name").shows(
        r"
dev
--- stderr
--- exit 0
no file changed
",
    );
    sandbox.run("current -o=json").shows(
        r#"
{
    "context": "dev",
    "namespace": "default",
    "cluster": "c-dev",
    "user": "u-dev",
    "scope": "global",
    "file": "@DIR@/.kube/config",
    "line": 11,
    "label": null,
    "protected": false
}
--- stderr
--- exit 0
no file changed
"#,
    );
    sandbox.run("current -o yaml").shows(
        r"
cluster: c-dev
context: dev
file: @DIR@/.kube/config
label: null
line: 11
namespace: default
protected: false
scope: global
user: u-dev
--- stderr
--- exit 0
no file changed
",
    );
    sandbox.run("current -o wide").shows(
        r"
--- stderr
error: `kcx current` does not support `-o wide`; use `-o name`, `json` or `yaml`
--- exit 2
no file changed
",
    );
    sandbox.run("current -q").shows(
        r"
context:   dev
namespace: default
cluster:   c-dev
user:      u-dev
scope:     global
file:      @DIR@/.kube/config:11
--- stderr
--- exit 0
no file changed
",
    );
}

#[test]
fn in_the_file_of_the_entry() {
    let sandbox = Sandbox::new()
        .file("a.yaml", "current-context: prod-eu1\n")
        .file("b.yaml", THREE)
        .kubeconfig(&["a.yaml", "b.yaml"]);
    sandbox.run("current").shows(
        r"
context:   prod-eu1
namespace: web
cluster:   c-prod
user:      u-prod
scope:     global
file:      @DIR@/b.yaml:15
--- stderr
--- exit 0
no file changed
",
    );
}

#[test]
fn nothing_current() {
    let sandbox = Sandbox::with("contexts: [{name: here, context: {cluster: c}}]\n");
    sandbox.run("current").shows(
        r"
--- stderr
error: there is no current context
hint: `kcx use NAME` switches to one; the only context is `here`
--- exit 3
no file changed
",
    );
    sandbox.run("current -o name").shows(
        r"
--- stderr
error: there is no current context
hint: `kcx use NAME` switches to one; the only context is `here`
--- exit 3
no file changed
",
    );
}

#[test]
fn a_current_context_that_is_not_there() {
    let sandbox = Sandbox::with("current-context: here2\ncontexts: [{name: here, context: {cluster: c}}]\n");
    sandbox.run("current").shows(
        r"
--- stderr
error: the current context is `here2`, which does not exist
hint: the only context is `here`
--- exit 3
no file changed
",
    );
    sandbox.run("current -o name").shows(
        r"
here2
--- stderr
warning: there is no context `here2`
--- exit 0
no file changed
",
    );
    sandbox.run("current -o json").shows(
        r"
--- stderr
error: the current context is `here2`, which does not exist
hint: the only context is `here`
--- exit 3
no file changed
",
    );
}

#[test]
fn a_context_that_leads_nowhere() {
    let sandbox = Sandbox::with("current-context: here\ncontexts: [{name: here, context: {user: u}}]\n");
    sandbox.run("current").shows(
        r"
context:   here
namespace: default
cluster:
user:      u
scope:     global
file:      @DIR@/.kube/config:2
--- stderr
warning: context `here` names no cluster, and names user `u`, which does not exist
hint: `kcx prune --contexts` removes contexts that lead nowhere; with --dry-run it only names them
--- exit 0
no file changed
",
    );
}

#[test]
fn no_kubeconfig_at_all() {
    let sandbox = Sandbox::new();
    sandbox.run("current").shows(
        r"
--- stderr
error: there is no current context
hint: there is no kubeconfig: `@DIR@/.kube/config` does not exist
hint: `kcx import FILE` adds the contexts of a kubeconfig; `kcx demo` shows kcx at work
--- exit 3
no file changed
",
    );
}

#[test]
fn names_cannot_act_on_a_terminal() {
    let sandbox = Sandbox::with(
        "current-context: \"a\\e[2Jb\"\ncontexts: [{name: \"a\\e[2Jb\", context: {cluster: \"c\\n\"}}]\n",
    );
    sandbox.run("current").shows(
        r"
context:   a\x1b[2Jb
namespace: default
cluster:   c\n
user:
scope:     global
file:      @DIR@/.kube/config:2
--- stderr
warning: context `a\x1b[2Jb` names cluster `c\n`, which does not exist
hint: `kcx prune --contexts` removes contexts that lead nowhere; with --dry-run it only names them
--- exit 0
no file changed
",
    );
}

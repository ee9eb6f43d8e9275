//! `kcx import --on-conflict=update`: the same cluster, created again. What the user has added to it stays.

use crate::common::Sandbox;

/// A cluster that a tool has created and its user has adapted, with comments.
const MINE: &str = "\
clusters:
- name: oke # the one behind the bastion
  cluster:
    # Only from the office:
    proxy-url: socks5://bastion.example:1080   # through the bastion
    server: https://10.0.0.9:6443   # changes with each re-issue
    certificate-authority-data: T0xE
    tls-server-name: oke.internal   # the certificate has no IP address
    disable-compression: true
    x-team: payments   # unknown to kubectl
users:
- name: oke
  user:
    # I must not be admin by accident.
    as: deployer   # limits me
    as-groups: [deployers]
    exec:
      apiVersion: client.authentication.k8s.io/v1beta1
      interactiveMode: Never   # no terminal in cron
      command: oci
      args: [--region, old]
      env:
      - name: OCI_CLI_PROFILE
        value: work   # my profile
      - name: OCI_CLI_AUTH
        value: old
contexts:
- name: oke
  context: {cluster: oke, user: oke, namespace: shop}   # mine
";

/// The same cluster as its tool writes it again.
const AGAIN: &str = "\
clusters:
- cluster:
    certificate-authority-data: TkVX
    server: https://10.0.0.1:6443
  name: oke
contexts:
- context:
    cluster: oke
    user: oke
  name: oke
current-context: oke
users:
- name: oke
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1beta1
      command: oci
      args: [--region, new]
      env:
      - name: OCI_CLI_AUTH
        value: new
      provideClusterInfo: false
";

#[test]
fn what_only_the_user_has_stays_with_its_comments() {
    let sandbox = Sandbox::with(MINE).file("in/oke.yaml", AGAIN);
    sandbox.run("import in/oke.yaml --on-conflict=update --allow-exec=oci --allow-env=OCI_CLI_AUTH").shows(
        "
--- stderr
warning: user `oke` runs `oci --region new`
warning: user `oke` runs its program with `OCI_CLI_AUTH=REDACTED`
updated cluster `oke`, user `oke` in `@DIR@/.kube/config`; 1 entry is already there
cluster `oke`: replaced `server`, `certificate-authority-data`; kept your `tls-server-name`, `proxy-url`, `disable-compression`
user `oke`: replaced `exec.args`, `exec.env.OCI_CLI_AUTH`; kept your `as`, `as-groups`, `exec.env.OCI_CLI_PROFILE`, `exec.interactiveMode`
context `oke` keeps your namespace
--- exit 0
--- .kube/config
-    server: https://10.0.0.9:6443   # changes with each re-issue
-    certificate-authority-data: T0xE
-    tls-server-name: oke.internal   # the certificate has no IP address
-    disable-compression: true
-    x-team: payments   # unknown to kubectl
-users:
-- name: oke
-  user:
-    # I must not be admin by accident.
-    as: deployer   # limits me
-    as-groups: [deployers]
-    exec:
-      apiVersion: client.authentication.k8s.io/v1beta1
-      interactiveMode: Never   # no terminal in cron
-      command: oci
-      args: [--region, old]
-      env:
-      - name: OCI_CLI_PROFILE
-        value: work   # my profile
-      - name: OCI_CLI_AUTH
-        value: old
+    server: https://10.0.0.1:6443   # changes with each re-issue
+    certificate-authority-data: TkVX
+    tls-server-name: oke.internal   # the certificate has no IP address
+    disable-compression: true
+    x-team: payments   # unknown to kubectl
+users:
+- name: oke
+  user:
+    # I must not be admin by accident.
+    as: deployer   # limits me
+    as-groups: [deployers]
+    exec:
+      apiVersion: client.authentication.k8s.io/v1beta1
+      interactiveMode: Never   # no terminal in cron
+      command: oci
+      args: [--region, new]
+      env:
+      - name: OCI_CLI_PROFILE
+        value: work   # my profile
+      - name: OCI_CLI_AUTH
+        value: new
",
    );
    sandbox.run("import in/oke.yaml --on-conflict=update").shows(
        "
--- stderr
3 entries are already in `@DIR@/.kube/config`; nothing to do
context `oke` keeps your namespace
--- exit 0
no file changed
",
    );
}

#[test]
fn json_names_the_fields() {
    let sandbox = Sandbox::with(MINE).file("in/oke.yaml", AGAIN);
    let words =
        "import in/oke.yaml --on-conflict=update --allow-exec=oci --allow-env=OCI_CLI_AUTH -q -o json";
    let said = sandbox.run(words).0;
    let value: serde_json::Value = serde_json::from_str(said.split("--- stderr").next().unwrap()).unwrap();
    let entry = |kind: &str| {
        let entries = value["entries"].as_array().unwrap().iter();
        entries.clone().find(|it| it["kind"] == kind).unwrap_or_else(|| panic!("{said}")).clone()
    };
    let cluster = entry("cluster");
    assert_eq!(cluster["outcome"], "updated");
    assert_eq!(cluster["replaced"], serde_json::json!(["server", "certificate-authority-data"]));
    assert_eq!(cluster["kept"], serde_json::json!(["tls-server-name", "proxy-url", "disable-compression"]));
    let user = entry("user");
    assert_eq!(user["replaced"], serde_json::json!(["exec.args", "exec.env.OCI_CLI_AUTH"]));
    assert_eq!(
        user["kept"],
        serde_json::json!(["as", "as-groups", "exec.env.OCI_CLI_PROFILE", "exec.interactiveMode"])
    );
    let context = entry("context");
    assert_eq!(
        (&context["outcome"], &context["kept"]),
        (&"identical".into(), &serde_json::json!(["namespace"]))
    );
}

/// The user's entry, the file's entry and the result, each in one line of YAML.
fn updated(kind: &str, old: &str, new: &str) -> (String, String) {
    let entry = |body: &str| format!("{kind}s: [{{name: x, {kind}: {{{body}}}}}]\n");
    let sandbox = Sandbox::with(&entry(old)).file("x.yaml", &entry(new));
    let flags = "--allow-exec --allow-env --allow-file";
    let said = sandbox.run(&format!("import x.yaml --on-conflict=update {flags}")).0;
    assert!(said.contains("--- exit 0\n"), "{said}");
    let again = sandbox.run("import x.yaml --on-conflict=update").0;
    assert!(again.ends_with("--- exit 0\nno file changed\n"), "{old} + {new}: {again}");
    let text = std::fs::read_to_string(sandbox.path().join(".kube/config")).unwrap();
    (text, said)
}

#[test]
fn what_contradicts_the_new_fields_goes() {
    for (kind, old, new, want) in [
        (
            "cluster",
            "server: a, insecure-skip-tls-verify: true",
            "server: a, certificate-authority-data: Q0E=",
            "server: a, certificate-authority-data: Q0E=",
        ),
        (
            "cluster",
            "server: a, certificate-authority: /etc/ca",
            "server: a, certificate-authority-data: Q0E=",
            "server: a, certificate-authority-data: Q0E=",
        ),
        (
            "cluster",
            "server: a, certificate-authority-data: Q0E=",
            "server: a, insecure-skip-tls-verify: true",
            "server: a, insecure-skip-tls-verify: true",
        ),
        // No trust in the file: the user's own stays.
        (
            "cluster",
            "server: a, certificate-authority-data: Q0E=",
            "server: b",
            "server: b, certificate-authority-data: Q0E=",
        ),
        (
            "user",
            "token: t",
            "client-certificate-data: Q0E=, client-key-data: S0VZ",
            "client-certificate-data: Q0E=, client-key-data: S0VZ",
        ),
        ("user", "client-certificate-data: Q0E=, client-key-data: S0VZ", "token: t", "token: t"),
        ("user", "tokenFile: /t, as: me", "token: t", "as: me, token: t"),
        ("user", "username: u, password: p", "exec: {command: c}", "exec: {command: c}"),
        ("user", "exec: {command: c, env: [{name: A, value: b}]}", "token: t", "token: t"),
        ("user", "auth-provider: {name: oidc, config: {refresh-token: r}}", "token: t", "token: t"),
        (
            "user",
            "exec: {command: c, env: [{name: A, value: b}]}",
            "exec: {command: d}",
            "exec: {command: d}",
        ),
        (
            "user",
            "exec: {command: c, args: [a], installHint: get it}",
            "exec: {command: c}",
            "exec: {command: c, installHint: get it}",
        ),
        // Impersonation is one setting.
        ("user", "token: t, as: me, as-groups: [g]", "token: t, as: other", "token: t, as: other"),
        ("user", "token: t, as: me, as-groups: [g]", "token: u", "token: u, as: me, as-groups: [g]"),
        // The password is the user's part of this login.
        ("user", "username: u, password: p", "username: u", "username: u, password: p"),
        ("user", "username: u, password: p", "username: v", "username: v"),
        // A renewed certificate for the same key.
        (
            "user",
            "client-certificate-data: Q0E=, client-key: /k",
            "client-certificate-data: TkVX",
            "client-certificate-data: TkVX, client-key: /k",
        ),
        // A file that says nothing about the login.
        (
            "user",
            "token: t",
            "extensions: [{name: kept, extension: {a: 1}}]",
            "token: t, extensions: [{name: kept, extension: {a: 1}}]",
        ),
        (
            "cluster",
            "server: a, extensions: [{name: b, extension: 1}, {name: d, extension: 2}]",
            "server: a, extensions: [{name: d, extension: 3}, {name: c, extension: 4}]",
            "server: a, extensions: [{name: b, extension: 1}, {name: c, extension: 4}, {name: d, extension: 3}]",
        ),
    ] {
        let (text, said) = updated(kind, old, new);
        let (have, want) =
            (body(&text, kind), body(&format!("{kind}s: [{{name: x, {kind}: {{{want}}}}}]"), kind));
        assert_eq!(have, want, "{old} + {new}\n{text}\n{said}");
    }
    let (_, said) = updated("user", "token: t, as: me", "exec: {command: c}");
    assert!(said.contains("user `x`: added `exec`; removed `token`; kept your `as`\n"), "{said}");
}

fn body(text: &str, kind: &str) -> serde_json::Value {
    use kcx::kubeconfig::{Document, Merged, Source, View};
    let document = Some(Document::parse(text.as_bytes().to_vec()).unwrap());
    let view = View::of(&Merged::new(vec![Source { path: "config".into(), document }])).unwrap();
    let kind = if kind == "user" { kcx::kubeconfig::Kind::User } else { kcx::kubeconfig::Kind::Cluster };
    view.lists[kind]["x"].body.clone().into()
}

/// The user's own settings on an entry of a file do not make its cluster or its login the user's: nothing is borrowed.
#[test]
fn an_updated_entry_still_belongs_to_its_file() {
    let token = "exec:
      apiVersion: client.authentication.k8s.io/v1beta1
      interactiveMode: Never   # no terminal in cron
      command: oci
      args: [--region, old]
      env:
      - name: OCI_CLI_PROFILE
        value: work   # my profile
      - name: OCI_CLI_AUTH
        value: old
";
    assert!(MINE.contains(token));
    let mine = MINE.replace(token, "token: t\n");
    let again = AGAIN.split("    exec:").next().unwrap().to_owned() + "    token: t\n";
    let sandbox = Sandbox::with(&mine).file("in/oke.yaml", &again);
    let said = sandbox.run("import in/oke.yaml --on-conflict=update").0;
    assert!(said.contains("--- exit 0\n") && !said.contains("warning"), "{said}");
    // Without a login in the file, the user's token would go to the file's server.
    let sandbox = Sandbox::with(&mine).file("in/oke.yaml", &again.replace("    token: t\n", "    as: me\n"));
    let said = sandbox.run("import in/oke.yaml --on-conflict=update").0;
    assert!(
        said.contains("context `oke` would log in at `https://10.0.0.1:6443` as your user `oke`"),
        "{said}"
    );
    assert!(said.contains("--- exit 1\nno file changed\n"), "{said}");
}

#[test]
fn another_namespace_alone_is_no_conflict() {
    let file = "contexts: [{name: a, context: {cluster: c, user: u, namespace: web}}]
clusters: [{name: c, cluster: {server: 'https://c'}}]
users: [{name: u, user: {token: t}}]
";
    let mine = file.replace("namespace: web", "namespace: shop");
    for policy in ["fail", "skip", "rename", "update"] {
        let sandbox = Sandbox::with(&mine).file("x.yaml", file);
        sandbox.run(&format!("import x.yaml --on-conflict={policy}")).shows(
            "
--- stderr
3 entries are already in `@DIR@/.kube/config`; nothing to do
context `a` keeps your namespace
--- exit 0
no file changed
",
        );
    }
    // A namespace that was removed, or never there.
    let none = file.replace(", namespace: web", "");
    let said = Sandbox::with(&none).file("x.yaml", file).run("import x.yaml").0;
    assert!(said.ends_with("--- exit 0\nno file changed\n"), "{said}");
    let said = Sandbox::with(&mine).file("x.yaml", &none).run("import x.yaml").0;
    assert!(said.ends_with("--- exit 0\nno file changed\n"), "{said}");
    // To overwrite is to have what the file has.
    let said = Sandbox::with(&mine).file("x.yaml", file).run("import x.yaml --on-conflict=overwrite").0;
    assert!(said.contains("replaced: context `a`\n") && said.contains("namespace: web"), "{said}");
    // Between two sources, no namespace is the user's.
    let said = Sandbox::new().file("x.yaml", file).file("y.yaml", &mine).run("import x.yaml y.yaml").0;
    assert!(said.contains("context `a` in `namespace`") && said.contains("--- exit 4\n"), "{said}");
    // Another cluster is a conflict, and its namespace is not a reason.
    let said = Sandbox::with(&mine).file("x.yaml", &file.replace("user: u,", "")).run("import x.yaml").0;
    assert!(said.contains("context `a` in `user`\n") && said.contains("--- exit 4\n"), "{said}");
}

#[test]
fn a_context_and_its_user_belong_to_one_cluster() {
    let mine = "contexts: [{name: a, context: {cluster: c, user: mine}}]\nclusters: [{name: c}, {name: d}]\n";
    let new = |cluster: &str| {
        format!(
            "contexts: [{{name: a, context: {{cluster: {cluster}}}}}]\nclusters: [{{name: c}}, {{name: d}}]\n"
        )
    };
    let sandbox = Sandbox::with(mine).file("same.yaml", &new("c")).file("other.yaml", &new("d"));
    // The file has no user: this one is the user's.
    let said = sandbox.run("import same.yaml --on-conflict=update").0;
    assert!(said.ends_with("--- exit 0\nno file changed\n"), "{said}");
    let said = sandbox.run("import other.yaml --on-conflict=update --allow-cluster").0;
    assert!(said.contains("context `a`: replaced `cluster`; removed `user`\n"), "{said}");
}

//! `kcx merge`: several kubeconfigs as one.

use crate::common::Sandbox;

const FIRST: &str = "\
# mine
users:
- {name: u, user: {token: one}}   # short
clusters:
- name: c
  cluster:
    certificate-authority: ca.pem
    server: https://one
current-context: a
contexts:
- name: a
  context: {cluster: c, user: u}
";

const SECOND: &str = "\
apiVersion: v1
clusters:
- cluster:
    certificate-authority: ca.pem
    server: https://two
  name: c
- cluster:
    certificate-authority: ca.pem
    server: https://two
  name: d
contexts:
- context:
    cluster: d
    user: u
  name: b
current-context: b
kind: Config
preferences: {}
users:
- name: u
  user:
    token: one
";

fn sandbox() -> Sandbox {
    Sandbox::new()
        .file("one.yaml", FIRST)
        .file("two.yaml", SECOND)
        .file("sub/two.yaml", SECOND)
        .file("sub/ca.pem", "CA")
}

#[test]
fn the_first_file_with_what_it_lacked() {
    sandbox().run("merge @DIR@/one.yaml @DIR@/two.yaml").shows(
        "
# mine
users:
- {name: u, user: {token: one}}   # short
clusters:
- name: c
  cluster:
    certificate-authority: ca.pem
    server: https://one
- name: d
  cluster:
    certificate-authority: ca.pem
    server: https://two
current-context: a
contexts:
- name: a
  context: {cluster: c, user: u}
- context:
    cluster: d
    user: u
  name: b
--- stderr
warning: cluster `c` of `@DIR@/two.yaml` is hidden by that of `@DIR@/one.yaml`: they differ in `server`
hint: `--on-conflict=rename` keeps all; `--template '{file}'` names them after their files
--- exit 0
no file changed
",
    );
}

#[test]
fn paths_of_another_folder_become_absolute() {
    sandbox().run("merge @DIR@/one.yaml @DIR@/sub/two.yaml -O @DIR@/all.yaml").shows(
        "
--- stderr
warning: cluster `c` of `@DIR@/sub/two.yaml` is hidden by that of `@DIR@/one.yaml`: they differ in `certificate-authority`, `server`
hint: `--on-conflict=rename` keeps all; `--template '{file}'` names them after their files
merged 2 files into `@DIR@/all.yaml` (2 contexts)
--- exit 0
--- all.yaml
+# mine
+users:
+- {name: u, user: {token: one}}   # short
+clusters:
+- name: c
+  cluster:
+    certificate-authority: ca.pem
+    server: https://one
+- name: d
+  cluster:
+    certificate-authority: @DIR@/sub/ca.pem
+    server: https://two
+current-context: a
+contexts:
+- name: a
+  context: {cluster: c, user: u}
+- context:
+    cluster: d
+    user: u
+  name: b
",
    );
}

#[test]
fn into_one_of_them_and_again() {
    let sandbox = sandbox();
    sandbox.run("merge @DIR@/one.yaml @DIR@/two.yaml -O @DIR@/one.yaml").shows(
        "
--- stderr
warning: cluster `c` of `@DIR@/two.yaml` is hidden by that of `@DIR@/one.yaml`: they differ in `server`
hint: `--on-conflict=rename` keeps all; `--template '{file}'` names them after their files
warning: cluster `d` reads `@DIR@/ca.pem` as its certificate-authority, which does not exist
merged 2 files into `@DIR@/one.yaml` (2 contexts)
--- exit 0
--- one.yaml
-current-context: a
-contexts:
-- name: a
-  context: {cluster: c, user: u}
+- name: d
+  cluster:
+    certificate-authority: ca.pem
+    server: https://two
+current-context: a
+contexts:
+- name: a
+  context: {cluster: c, user: u}
+- context:
+    cluster: d
+    user: u
+  name: b
",
    );
    let again = sandbox.run("merge @DIR@/one.yaml @DIR@/two.yaml -O @DIR@/one.yaml");
    again.shows(
        "
--- stderr
warning: cluster `c` of `@DIR@/two.yaml` is hidden by that of `@DIR@/one.yaml`: they differ in `server`
hint: `--on-conflict=rename` keeps all; `--template '{file}'` names them after their files
`@DIR@/one.yaml` already has all 2 contexts; nothing to do
--- exit 0
no file changed
",
    );
}

#[test]
fn a_file_that_is_none_of_them_is_not_replaced() {
    sandbox().file("out", "mine\n").run("merge @DIR@/one.yaml @DIR@/two.yaml -O @DIR@/out").shows(
        "
--- stderr
warning: cluster `c` of `@DIR@/two.yaml` is hidden by that of `@DIR@/one.yaml`: they differ in `server`
hint: `--on-conflict=rename` keeps all; `--template '{file}'` names them after their files
error: `@DIR@/out` already exists with other content; it was not changed
hint: `-y` replaces it
--- exit 4
no file changed
",
    );
    let replaced = sandbox().file("out", "mine\n").run("merge @DIR@/two.yaml -O @DIR@/out -y -q");
    assert!(replaced.0.contains("--- exit 0\n--- out\n-mine\n+apiVersion: v1\n"), "{}", replaced.0);
}

#[test]
fn policies() {
    sandbox().run("merge @DIR@/one.yaml @DIR@/two.yaml --on-conflict fail").shows(
        "
--- stderr
error: the name of cluster `c` is already used with other content in `@DIR@/one.yaml`; nothing was merged
  `two.yaml` differs: cluster `c` in `server`
hint: `--on-conflict=update` if it is the same cluster created again, `--on-conflict=rename` to keep both
--- exit 4
no file changed
",
    );
    sandbox().run("merge @DIR@/one.yaml @DIR@/two.yaml --on-conflict rename").shows(
        "
# mine
users:
- {name: u, user: {token: one}}   # short
clusters:
- name: c
  cluster:
    certificate-authority: ca.pem
    server: https://one
- name: c-2
  cluster:
    certificate-authority: ca.pem
    server: https://two
- name: d
  cluster:
    certificate-authority: ca.pem
    server: https://two
current-context: a
contexts:
- name: a
  context: {cluster: c, user: u}
- name: b
  context:
    cluster: d
    user: u
--- stderr
--- exit 0
no file changed
",
    );
}

#[test]
fn contents_in_place_of_paths() {
    sandbox().run("merge @DIR@/sub/two.yaml --flatten -o json").shows(
        "
{
    \"kind\": \"Config\",
    \"apiVersion\": \"v1\",
    \"clusters\": [
        {
            \"name\": \"c\",
            \"cluster\": {
                \"server\": \"https://two\",
                \"certificate-authority-data\": \"Q0E=\"
            }
        },
        {
            \"name\": \"d\",
            \"cluster\": {
                \"server\": \"https://two\",
                \"certificate-authority-data\": \"Q0E=\"
            }
        }
    ],
    \"users\": [
        {
            \"name\": \"u\",
            \"user\": {
                \"token\": \"one\"
            }
        }
    ],
    \"contexts\": [
        {
            \"name\": \"b\",
            \"context\": {
                \"cluster\": \"d\",
                \"user\": \"u\"
            }
        }
    ],
    \"current-context\": \"b\"
}
--- stderr
--- exit 0
no file changed
",
    );
    sandbox().run("merge @DIR@/two.yaml --flatten").shows(
        "
--- stderr
error: cannot read `@DIR@/ca.pem`: no such file or directory
hint: without `--flatten` its path is kept
--- exit 1
no file changed
",
    );
}

#[test]
fn nothing_and_something() {
    sandbox().file("empty", "").run("merge @DIR@/empty @DIR@/two.yaml").shows(
        "
apiVersion: v1
clusters:
- cluster:
    certificate-authority: ca.pem
    server: https://two
  name: c
- cluster:
    certificate-authority: ca.pem
    server: https://two
  name: d
contexts:
- context:
    cluster: d
    user: u
  name: b
current-context: b
kind: Config
users:
- name: u
  user:
    token: one
--- stderr
--- exit 0
no file changed
",
    );
    sandbox().run("merge @DIR@/one.yaml @DIR@/none.yaml").shows(
        "
--- stderr
error: cannot read `@DIR@/none.yaml`: no such file or directory
--- exit 1
no file changed
",
    );
    sandbox().file("broken", "a: [\n").run("merge @DIR@/one.yaml @DIR@/broken").shows(
        "
--- stderr
error: cannot read `@DIR@/broken`: line 1, column 4: unclosed bracket '['
   |
 1 | a: [
   |    ^
--- exit 1
no file changed
",
    );
}

#[test]
fn entries_come_as_they_stand() {
    let other = "\
clusters:
- cluster:
    # by hand
    server: https://e
    region: eu   # nobody knows this
  name: e
contexts: []
users:
# not of an entry
  - name: v
    user: {token: 'x'}
  - name: w
    user:
      token:   x   # mine
";
    let merged = "
# mine
users:
- {name: u, user: {token: one}}   # short
- name: v
  user:
    token: x
- name: w
  user:
    token: x
clusters:
- name: c
  cluster:
    certificate-authority: ca.pem
    server: https://one
- cluster:
    # by hand
    server: https://e
    region: eu   # nobody knows this
  name: e
current-context: a
contexts:
- name: a
  context: {cluster: c, user: u}
--- stderr
--- exit 0
no file changed
";
    // Where only the indent is another, or the line ends, they are written anew.
    let plain = other.replace("user: {token: 'x'}", "user:\n      token: x");
    let sandbox = sandbox().file("other", &plain).file("windows", &plain.replace('\n', "\r\n"));
    sandbox.run("merge @DIR@/one.yaml @DIR@/other").shows(merged);
    let windows = merged.replace("    # by hand\n", "").replace("   # nobody knows this", "");
    sandbox.run("merge @DIR@/one.yaml @DIR@/windows").shows(&windows);
}

#[test]
fn what_cannot_be_read_stops_everything_unless_told_to_go_on() {
    let sandbox = sandbox().file("broken.yaml", "a: [");
    let said = sandbox.run("merge @DIR@/one.yaml @DIR@/broken.yaml @DIR@/two.yaml -O @DIR@/out.yaml").0;
    assert!(
        said.contains("cannot read `@DIR@/broken.yaml`") && said.ends_with("--- exit 1\nno file changed\n"),
        "{said}"
    );
    let said = sandbox.run("merge @DIR@/one.yaml @DIR@/broken.yaml @DIR@/gone.yaml @DIR@/two.yaml -O @DIR@/out.yaml --keep-going").0;
    assert!(said.contains("error: cannot read `@DIR@/gone.yaml`: no such file or directory\n"), "{said}");
    assert!(
        said.contains("merged 2 files into `@DIR@/out.yaml` (2 contexts)\n--- exit 1\n--- out.yaml\n"),
        "{said}"
    );
    // What is there already would be lost.
    let said = sandbox.run("merge @DIR@/one.yaml @DIR@/broken.yaml -O @DIR@/broken.yaml -y --keep-going").0;
    assert!(said.ends_with("--- exit 1\nno file changed\n"), "{said}");
    let said = sandbox.run("merge @DIR@/gone.yaml --keep-going").0;
    assert!(said.ends_with("--- exit 1\nno file changed\n"), "{said}");
}

/// Three files of k3s: all names are `default`.
fn k3s(at: usize) -> String {
    format!(
        "\
clusters:
- name: default # of node {at}
  cluster: {{server: 'https://10.0.0.{at}:6443'}}
contexts:
- name: default
  context:
    cluster: default
    user: default
current-context: default
users:
- name: default
  user:
    token: t0ken-{at}
    region: eu-{at} # nobody knows this
"
    )
}

fn nodes() -> Sandbox {
    (1..=3).fold(Sandbox::new(), |sandbox, at| sandbox.file(&format!("edge-{at}.yaml"), &k3s(at)))
}

#[test]
fn what_is_hidden_is_named_with_both_files_and_the_fields() {
    let files = "@DIR@/edge-1.yaml @DIR@/edge-2.yaml @DIR@/edge-3.yaml";
    let said = nodes().run(&format!("merge {files}")).0;
    let said = said.split_once("--- stderr\n").unwrap().1.to_owned();
    crate::bless::same(
        &said,
        "warning: cluster `default` of `@DIR@/edge-2.yaml` is hidden by that of `@DIR@/edge-1.yaml`: they differ in `server`\nwarning: user `default` of `@DIR@/edge-2.yaml` is hidden by that of `@DIR@/edge-1.yaml`: they differ in `token`\nwarning: cluster `default` of `@DIR@/edge-3.yaml` is hidden by that of `@DIR@/edge-1.yaml`: they differ in `server`\nwarning: user `default` of `@DIR@/edge-3.yaml` is hidden by that of `@DIR@/edge-1.yaml`: they differ in `token`\nhint: `--on-conflict=rename` keeps all; `--template '{file}'` names them after their files\n--- exit 0\nno file changed\n",
        "kcx",
    );
    let quiet = nodes().run(&format!("merge {files} -q")).0;
    assert!(quiet.ends_with("--- stderr\n--- exit 0\nno file changed\n"), "{quiet}");
}

#[test]
fn names_from_the_files() {
    let files = "@DIR@/edge-1.yaml @DIR@/edge-2.yaml";
    nodes().run(&format!("merge {files} --template {{file}}")).shows(
        "
clusters:
- name: edge-1 # of node 1
  cluster: {server: 'https://10.0.0.1:6443'}
- name: edge-2
  cluster:
    server: https://10.0.0.2:6443
contexts:
- name: edge-1
  context:
    cluster: edge-1
    user: edge-1
- name: edge-2
  context:
    cluster: edge-2
    user: edge-2
current-context: edge-1
users:
- name: edge-1
  user:
    token: t0ken-1
    region: eu-1 # nobody knows this
- name: edge-2
  user:
    token: t0ken-2
--- stderr
--- exit 0
no file changed
",
    );
    // The result keeps its names, so the second run has nothing to do.
    let sandbox = nodes();
    let line = "merge @DIR@/edge-1.yaml @DIR@/edge-2.yaml --prefix x- -O @DIR@/edge-1.yaml";
    sandbox.run(line).shows(
        "
--- stderr
merged 2 files into `@DIR@/edge-1.yaml` (2 contexts)
--- exit 0
--- edge-1.yaml
-contexts:
-- name: default
-  context:
-    cluster: default
-    user: default
-current-context: default
-users:
-- name: default
-  user:
-    token: t0ken-1
-    region: eu-1 # nobody knows this
+- name: x-default
+  cluster:
+    server: https://10.0.0.2:6443
+contexts:
+- name: default
+  context:
+    cluster: default
+    user: default
+- name: x-default
+  context:
+    cluster: x-default
+    user: x-default
+current-context: default
+users:
+- name: default
+  user:
+    token: t0ken-1
+    region: eu-1 # nobody knows this
+- name: x-default
+  user:
+    token: t0ken-2
",
    );
    sandbox.run(line).shows(
        "
--- stderr
`@DIR@/edge-1.yaml` already has all 2 contexts; nothing to do
--- exit 0
no file changed
",
    );
    nodes().run(&format!("merge {files} --template {{object}}")).shows(
        "
--- stderr
error: `{object}` has no value for `@DIR@/edge-1.yaml`, which is no Secret or ConfigMap; nothing was merged
--- exit 2
no file changed
",
    );
    Sandbox::new().file("two", TWO).run("merge @DIR@/two --template {file}").shows(
        "
--- stderr
error: two contexts of `@DIR@/two` would have the name `two`; nothing was merged
--- exit 2
no file changed
",
    );
}

/// Two contexts, for which one name is not enough.
const TWO: &str = "contexts:\n- {name: a, context: {}}\n- {name: b, context: {}}\n";

#[test]
fn the_report_in_json() {
    let files = "@DIR@/edge-1.yaml @DIR@/edge-2.yaml";
    nodes().run(&format!("merge {files} -O @DIR@/all -o json -q")).shows(
        r#"
{
    "file": "@DIR@/all",
    "changed": true,
    "entries": [
        {
            "kind": "cluster",
            "name": "default",
            "outcome": "skipped",
            "source": "@DIR@/edge-2.yaml",
            "differs": [
                "server"
            ],
            "against": "@DIR@/edge-1.yaml"
        },
        {
            "kind": "user",
            "name": "default",
            "outcome": "skipped",
            "source": "@DIR@/edge-2.yaml",
            "differs": [
                "token"
            ],
            "against": "@DIR@/edge-1.yaml"
        },
        {
            "kind": "context",
            "name": "default",
            "outcome": "identical",
            "source": "@DIR@/edge-2.yaml"
        }
    ],
    "failed": []
}
--- stderr
--- exit 0
--- all
+clusters:
+- name: default # of node 1
+  cluster: {server: 'https://10.0.0.1:6443'}
+contexts:
+- name: default
+  context:
+    cluster: default
+    user: default
+current-context: default
+users:
+- name: default
+  user:
+    token: t0ken-1
+    region: eu-1 # nobody knows this
"#,
    );
    let said = nodes().run(&format!("merge {files} -O @DIR@/all -o json --on-conflict fail")).0;
    assert!(said.contains("\"outcome\": \"conflict\"") && said.contains("--- exit 4\nno file"), "{said}");
}

#[test]
fn every_policy() {
    for policy in ["skip", "overwrite", "rename", "update"] {
        let sandbox = nodes();
        let line =
            format!("merge @DIR@/edge-1.yaml @DIR@/edge-2.yaml -O @DIR@/edge-1.yaml --on-conflict {policy}");
        let first = sandbox.run(&line).0;
        assert!(first.contains("--- exit 0\n"), "{policy}: {first}");
        let text = std::fs::read_to_string(sandbox.path().join("edge-1.yaml")).unwrap();
        let has = |what: &str| text.contains(what);
        assert_eq!(has("t0ken-1"), policy == "skip" || policy == "rename", "{policy}: {text}");
        assert_eq!(has("t0ken-2"), policy != "skip", "{policy}: {text}");
        assert_eq!(has("default-2"), policy == "rename", "{policy}: {text}");
        assert!(has("default # of node 1"), "{policy}: {text}");
        let replaced = first.contains("replaces that of");
        assert_eq!(replaced, policy == "overwrite" || policy == "update", "{policy}: {first}");
        let again = sandbox.run(&line).0;
        assert!(again.ends_with("--- exit 0\nno file changed\n"), "{policy}: {again}");
    }
}

#[test]
fn objects_and_several_documents() {
    let secret = format!(
        "kind: Secret\nmetadata: {{name: north-kubeconfig}}\ndata: {{value: {}}}\n",
        kcx::codec::base64::encode(k3s(9))
    );
    let sandbox = nodes()
        .file("secret.yaml", &secret)
        .file("base64", &kcx::codec::base64::encode(k3s(8)))
        .file("several", &format!("{}---\n{}", k3s(1), k3s(2)));
    sandbox.run("merge @DIR@/edge-1.yaml @DIR@/secret.yaml -q --template {cluster}-{file}").shows(
        "
clusters:
- name: default-edge-1 # of node 1
  cluster: {server: 'https://10.0.0.1:6443'}
- name: default-secret
  cluster:
    server: https://10.0.0.9:6443
contexts:
- name: default-edge-1
  context:
    cluster: default-edge-1
    user: default-edge-1
- name: default-secret
  context:
    cluster: default-secret
    user: default-secret
current-context: default-edge-1
users:
- name: default-edge-1
  user:
    token: t0ken-1
    region: eu-1 # nobody knows this
- name: default-secret
  user:
    token: t0ken-9
--- stderr
--- exit 0
no file changed
",
    );
    sandbox.run("merge @DIR@/secret.yaml @DIR@/base64 --on-conflict rename -q").shows(
        "
clusters:
- name: default # of node 9
  cluster: {server: 'https://10.0.0.9:6443'}
- name: default-2
  cluster:
    server: https://10.0.0.8:6443
contexts:
- name: default
  context:
    cluster: default
    user: default
- name: default-2
  context:
    cluster: default-2
    user: default-2
current-context: default
users:
- name: default
  user:
    token: t0ken-9
    region: eu-9 # nobody knows this
- name: default-2
  user:
    token: t0ken-8
--- stderr
--- exit 0
no file changed
",
    );
    let said = sandbox.run("merge @DIR@/several").0;
    assert!(said.contains("has several documents; as by kubectl, only the first is merged\n"), "{said}");
    let said = sandbox.run("merge @DIR@/edge-1.yaml @DIR@/secret.yaml -O @DIR@/secret.yaml").0;
    assert!(said.ends_with("--- exit 4\nno file changed\n"), "{said}");
}

//! `kcx import`: other kubeconfigs, brought into the user's own.

use crate::common::{Sandbox, THREE};

const NEW: &str = "\
apiVersion: v1
clusters:
- cluster:
    certificate-authority: certs/ca.pem
    server: https://10.0.0.1:6443
  name: default
contexts:
- context:
    cluster: default
    user: default
  name: default
current-context: default
kind: Config
users:
- name: default
  user:
    token: n3w-s3cr3t
";

/// A second cluster that calls everything by the same names.
fn other() -> String {
    NEW.replace("10.0.0.1", "10.0.0.2").replace("n3w", "0th3r")
}

fn sandbox() -> Sandbox {
    Sandbox::with(THREE).file("in/k3s.yaml", NEW).file("in/edge.yaml", &other())
}

#[test]
fn new_entries_are_added_and_the_rest_stays_as_it_is() {
    let mine = "# mine\nclusters:\n- name: c # old\n  cluster: {server: 'https://c'}\ncurrent-context: c\nusers: []\n";
    Sandbox::with(mine).file("in/k3s.yaml", NEW).run("import in/k3s.yaml").shows(
        "
--- stderr
warning: cluster `default` reads `@DIR@/in/certs/ca.pem` as its certificate-authority, which does not exist
added context `default`, cluster `default`, user `default` in `@DIR@/.kube/config`
`kcx use default` switches to it
--- exit 0
--- .kube/config
-current-context: c
-users: []
+- name: default
+  cluster:
+    certificate-authority: @DIR@/in/certs/ca.pem
+    server: https://10.0.0.1:6443
+contexts:
+- context:
+    cluster: default
+    user: default
+  name: default
+current-context: c
+users:
+- name: default
+  user:
+    token: n3w-s3cr3t
",
    );
}

#[test]
fn the_second_run_changes_nothing() {
    for policy in ["fail", "skip", "overwrite", "rename", "update"] {
        let sandbox = sandbox();
        sandbox.run("import in/k3s.yaml");
        sandbox.run(&format!("import in/edge.yaml --on-conflict {policy}"));
        let again = sandbox.run(&format!("import in/edge.yaml --on-conflict {policy}"));
        assert!(again.0.ends_with("no file changed\n"), "{policy}: {}", again.0);
        let code = if policy == "fail" { 4 } else { 0 };
        assert!(again.0.contains(&format!("--- exit {code}\n")), "{policy}: {}", again.0);
    }
    let sandbox = sandbox();
    sandbox.run("import in/k3s.yaml");
    sandbox.run("import in/k3s.yaml").shows(
        "
--- stderr
3 entries are already in `@DIR@/.kube/config`; nothing to do
--- exit 0
no file changed
",
    );
}

#[test]
fn a_name_that_is_taken_by_something_else_is_a_conflict() {
    let sandbox = sandbox();
    sandbox.run("import in/k3s.yaml");
    sandbox.run("import in/edge.yaml").shows(
        "
--- stderr
error: 2 names are already used with other content in `@DIR@/.kube/config`; nothing was imported
  `in/edge.yaml` differs: cluster `default` in `server`; user `default` in `token`
hint: `--on-conflict=update` if it is the same cluster created again, `--on-conflict=rename` to keep both
hint: `--name NAME` gives the imported context and its entries another name
--- exit 4
no file changed
",
    );
}

#[test]
fn skip_leaves_out_what_would_lead_elsewhere() {
    let sandbox = sandbox();
    sandbox.run("import in/k3s.yaml");
    let sandbox = sandbox.file(
        "in/two.yaml",
        &NEW.replace("n3w", "0th3r")
            .replace(
                "current-context",
                "- context: {cluster: fresh, user: default}\n  name: mine\ncurrent-context",
            )
            .replace("clusters:\n", "clusters:\n- {name: fresh, cluster: {server: 'https://f'}}\n"),
    );
    sandbox.run("import in/two.yaml --on-conflict skip").shows(
        "
--- stderr
warning: left out: user `default`, because a different one has this name
warning: left out: context `default`, because its user `default` is different here
warning: left out: context `mine`, because its user `default` is different here
nothing was imported; `@DIR@/.kube/config` was not changed
--- exit 0
no file changed
",
    );
}

#[test]
fn rename_keeps_both_with_references_right() {
    let sandbox = sandbox();
    sandbox.run("import in/k3s.yaml");
    sandbox.run("import in/edge.yaml --on-conflict rename -o json");
    sandbox.run("config view -o jsonpath={.contexts[*].context}{.contexts[*].name}").shows(
        "
{\"cluster\":\"default\",\"user\":\"default\"} {\"cluster\":\"default-2\",\"user\":\"default-2\"} {\"cluster\":\"c-dev\",\"user\":\"u-dev\"} {\"cluster\":\"c-prod\",\"namespace\":\"web\",\"user\":\"u-prod\"} {\"cluster\":\"gone\",\"user\":\"u-dev\"}default default-2 dev prod-eu1 stale--- stderr
--- exit 0
no file changed
",
    );
}

#[test]
fn update_is_for_the_same_cluster_made_anew() {
    let sandbox = Sandbox::with(
        "\
clusters:
- name: default # the edge
  cluster:
    server: https://10.0.0.9:6443
    extensions: [{name: mine, extension: {a: 1}}]
contexts:
- name: default
  context: {cluster: default, user: default, namespace: web}
users:
- name: default
  user:
    token: old # by hand
",
    )
    .file("in/k3s.yaml", NEW);
    sandbox.run("import in/k3s.yaml --on-conflict update").shows(
        "
--- stderr
warning: cluster `default` reads `@DIR@/in/certs/ca.pem` as its certificate-authority, which does not exist
updated cluster `default`, user `default` in `@DIR@/.kube/config`; 1 entry is already there
cluster `default`: replaced `server`; added `certificate-authority`; kept your `extensions`
user `default`: replaced `token`
context `default` keeps your namespace
--- exit 0
--- .kube/config
-    server: https://10.0.0.9:6443
-    extensions: [{name: mine, extension: {a: 1}}]
-contexts:
-- name: default
-  context: {cluster: default, user: default, namespace: web}
-users:
-- name: default
-  user:
-    token: old # by hand
+    server: https://10.0.0.1:6443
+    extensions: [{name: mine, extension: {a: 1}}]
+    certificate-authority: @DIR@/in/certs/ca.pem
+contexts:
+- name: default
+  context: {cluster: default, user: default, namespace: web}
+users:
+- name: default
+  user:
+    token: n3w-s3cr3t # by hand
",
    );
}

#[test]
fn names_are_given_to_all_three_together() {
    let sandbox = Sandbox::new().file("in/k3s.yaml", NEW);
    sandbox.run("import in/k3s.yaml --name prod -o name --set-current --namespace shop").shows(
        "
prod
--- stderr
warning: cluster `prod` reads `@DIR@/in/certs/ca.pem` as its certificate-authority, which does not exist
added context `prod`, cluster `prod`, user `prod` in `@DIR@/.kube/config`
the current context is now `prod`
next: `kcx status` checks its cluster, `kcx` switches contexts, `kcx undo` undoes the import
--- exit 0
--- .kube/config
+apiVersion: v1
+clusters:
+- cluster:
+    certificate-authority: @DIR@/in/certs/ca.pem
+    server: https://10.0.0.1:6443
+  name: prod
+contexts:
+- context:
+    cluster: prod
+    namespace: shop
+    user: prod
+  name: prod
+current-context: prod
+kind: Config
+users:
+- name: prod
+  user:
+    token: n3w-s3cr3t
",
    );
}

#[test]
fn two_of_the_same_names_by_one_flag() {
    let sandbox = sandbox();
    let outcome = sandbox.run("import in --template {file}-{cluster} -o name");
    assert!(outcome.0.starts_with("edge-default\nk3s-default\n"), "{}", outcome.0);
    sandbox.run("import in --template {file}-{cluster} -o name -q").shows(
        "
edge-default
k3s-default
--- stderr
--- exit 0
no file changed
",
    );
    sandbox.run("config get-clusters").shows(
        "
NAME
c-dev
c-prod
edge-default
k3s-default
--- stderr
--- exit 0
no file changed
",
    );
}

#[test]
fn a_template_with_an_unknown_word() {
    sandbox().run("import in/k3s.yaml --template {cluter}").shows(
        "
--- stderr
error: `{cluter}` is not a placeholder of a template; nothing was imported
hint: the placeholders are {file}, {context}, {cluster}, {user} and {namespace}; for Secrets and ConfigMaps also {object}, {object-namespace} and {key}
--- exit 2
no file changed
",
    );
}

#[test]
fn one_name_cannot_serve_many() {
    sandbox().run("import .kube/config --into @DIR@/out --name one").shows(
        "
--- stderr
error: `@DIR@/.kube/config` has 3 contexts, and one name cannot serve them all; nothing was imported
hint: `--prefix`, `--suffix` or `--template` give each a name
--- exit 2
no file changed
",
    );
}

#[test]
fn a_dry_run_shows_the_change_and_no_secret() {
    let sandbox = sandbox();
    sandbox.run("import in/k3s.yaml");
    sandbox.run("import in/edge.yaml --on-conflict update --dry-run").shows(
        "
--- @DIR@/.kube/config
+++ @DIR@/.kube/config
@@ -9,7 +9,7 @@
   name: c-prod
 - cluster:
     certificate-authority: @DIR@/in/certs/ca.pem
-    server: https://10.0.0.1:6443
+    server: https://10.0.0.2:6443
   name: default
 contexts:
 - context:
@@ -43,4 +43,4 @@
       command: /usr/local/bin/aws
 - name: default
   user:
-    token: **********
+    token: ************
--- stderr
warning: cluster `default` reads `@DIR@/in/certs/ca.pem` as its certificate-authority, which does not exist
dry run, nothing was written: would have updated cluster `default`, user `default` in `@DIR@/.kube/config`; 1 entry is already there
cluster `default`: would have replaced `server`
user `default`: would have replaced `token`
--- exit 0
no file changed
",
    );
}

#[test]
fn a_program_has_to_be_allowed() {
    let exec = "\
users:
- name: u
  user:
    exec: {apiVersion: client.authentication.k8s.io/v1, command: ./get, args: ['a b'], env: [{name: P, value: q}]}
";
    let sandbox = Sandbox::new().file("in/exec.yaml", exec);
    sandbox.run("import in/exec.yaml").shows(
        "
--- stderr
warning: user `u` runs `@DIR@/in/get 'a b'`, which does not exist
warning: user `u` runs its program with `P=q`
error: user `u` would run `@DIR@/in/get`, and 1 more permission is needed; nothing was imported
hint: `--allow-exec=@DIR@/in/get --allow-env=P` permits that and nothing else
hint: `import: {allow-exec: […]}` in kcx's settings permits it permanently
--- exit 1
no file changed
",
    );
    let refused = sandbox.run("import in/exec.yaml --allow-exec=get --allow-exec=other/get --allow-env -y");
    assert!(refused.0.contains("--- exit 1\nno file changed"), "{}", refused.0);
    let allowed = sandbox.run("import in/exec.yaml --allow-exec=in/get --allow-env=P -q");
    assert!(allowed.0.contains("--- exit 0\n--- .kube/config"), "{}", allowed.0);
    // What is there already needs no leave.
    let again = sandbox.run("import in/exec.yaml -q");
    again.shows("\n--- stderr\n--- exit 0\nno file changed\n");
}

#[test]
fn the_settings_allow_programs_for_good() {
    let exec =
        "users: [{name: u, user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: aws}}}]";
    let mut sandbox =
        Sandbox::new().file("in/exec.yaml", exec).file("set/config.yaml", "import:\n  allow-exec: [aws]\n");
    sandbox.env.config = Some(sandbox.path().join("set"));
    let allowed = sandbox.run("import in/exec.yaml");
    assert!(allowed.0.contains("--- exit 0\n"), "{}", allowed.0);
}

/// A source whose user runs `aws`; kubectl's preferences are this file.
fn runs_aws(kuberc: &str) -> Sandbox {
    let exec =
        "users: [{name: u, user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: aws}}}]";
    let mut sandbox = Sandbox::new().file("in/exec.yaml", exec).file("kuberc", kuberc);
    sandbox.env.kuberc = Some(sandbox.path().join("kuberc").into());
    sandbox
}

const ALLOWLIST: &str = "\
apiVersion: kubectl.config.k8s.io/v1beta1
kind: Preference # mine
credentialPluginPolicy: Allowlist
credentialPluginAllowlist:
- command: gcloud # for work
";

#[test]
fn kubectls_own_list_takes_what_was_allowed() {
    let sandbox = runs_aws(ALLOWLIST);
    let import = "import in/exec.yaml --allow-exec=aws --to-kuberc";
    let said = sandbox.run(&format!("{import} --dry-run")).0;
    assert!(
        said.contains("would allow kubectl to run `aws` in `@DIR@/kuberc`\n--- exit 0\nno file"),
        "{said}"
    );
    let said = sandbox.run(import).0;
    assert!(said.contains("kubectl may now run `aws`, as `@DIR@/kuberc` allows\n--- exit 0\n"), "{said}");
    assert!(said.ends_with("--- kuberc\n+- command: aws\n"), "{said}");
    let said = sandbox.run(import).0;
    let want = "kubectl may already run these programs; `@DIR@/kuberc` was not changed\n--- exit 0\nno file changed\n";
    assert!(said.ends_with(want), "{said}");
}

#[test]
fn a_list_that_is_new_takes_the_programs_of_all_users_and_says_so_before() {
    let mut sandbox = runs_aws("").file(".kube/config", THREE);
    sandbox.env.kuberc = None;
    let import = "import in/exec.yaml --allow-exec=aws --to-kuberc";
    let before = "warning: `@DIR@/.kube/kuberc` has no list of allowed programs: kubectl now runs any credential plugin; with \
                  the new list it runs no other, for any kubeconfig\n\
                  warning: the new list has `aws`, for an imported user\n\
                  warning: the new list has `/usr/local/bin/aws`, for user `u-prod`\n";
    let said = sandbox.run(&format!("{import} --dry-run")).0;
    assert!(said.contains(before) && said.ends_with("--- exit 0\nno file changed\n"), "{said}");
    let said = sandbox.run(import).0;
    let (at, done) = (said.find(before), said.find("added user"));
    assert!(at.is_some() && at < done, "{said}");
    assert!(
        said.contains("kubectl may now run `aws`, `/usr/local/bin/aws`, as `@DIR@/.kube/kuberc` allows\n"),
        "{said}"
    );
    let list = "credentialPluginAllowlist:\n+- command: aws\n+- command: /usr/local/bin/aws\n";
    assert!(said.contains(list), "{said}");
    sandbox.env.kuberc = Some("off".into());
    let said = sandbox.run("import in/exec.yaml --allow-exec --to-kuberc").0;
    let want = "--- stderr\nerror: `--to-kuberc`: KUBERC is `off`, so kubectl has no preferences; nothing was imported\n";
    assert!(said.contains(&want[11..]) && said.contains("--- exit 2\nno file changed\n"), "{said}");
    sandbox.env.kuberc = None;
    sandbox.env.kuberc_disabled = true;
    let said = sandbox.run("import in/exec.yaml --allow-exec --to-kuberc").0;
    assert!(said.contains("KUBECTL_KUBERC is `false`, so kubectl has no preferences; nothing was"), "{said}");
    let sandbox = runs_aws(
        "kind: Preference\napiVersion: kubectl.config.k8s.io/v1beta1\ncredentialPluginPolicy: Maybe\n",
    );
    let said = sandbox.run("import in/exec.yaml --allow-exec --to-kuberc").0;
    assert!(said.contains("nothing was imported\n--- exit 1\nno file changed\n"), "{said}");
}

#[test]
fn a_relative_program_is_on_the_list_as_kubectl_looks_for_it() {
    let own = THREE.replace("/usr/local/bin/aws", "./aws");
    let mut sandbox = runs_aws("").file(".kube/config", &own);
    sandbox.env.kuberc = None;
    let said = sandbox.run("import in/exec.yaml --allow-exec=aws --to-kuberc").0;
    let list = "credentialPluginAllowlist:\n+- command: aws\n+- command: @DIR@/.kube/aws\n";
    assert!(said.contains(list) && said.contains("`@DIR@/.kube/aws`, for user `u-prod`"), "{said}");
}

#[test]
fn a_policy_that_denies_all_is_never_loosened() {
    let deny = ALLOWLIST
        .replace("Policy: Allowlist", "Policy: DenyAll")
        .split("credentialPluginAllow")
        .next()
        .unwrap()
        .to_owned();
    let sandbox = runs_aws(&deny);
    for more in ["", " --dry-run", " -y"] {
        let said = sandbox.run(&format!("import in/exec.yaml --allow-exec=aws --to-kuberc{more}")).0;
        assert!(
            said.contains("in `@DIR@/kuberc` is `DenyAll`, so kubectl runs no credential plugin"),
            "{said}"
        );
        assert!(said.contains("nothing was imported\nhint: to allow it, edit that file: "), "{said}");
        assert!(said.ends_with("--- exit 1\nno file changed\n"), "{said}");
    }
    // Without the flag, the user is imported.
    let said = sandbox.run("import in/exec.yaml --allow-exec=aws").0;
    assert!(said.contains("--- exit 0\n") && !said.contains("--- kuberc\n"), "{said}");
}

#[test]
fn what_else_is_dangerous_is_shown() {
    let text = "\
clusters:
- {name: c, cluster: {server: 'http://me:pw@h', insecure-skip-tls-verify: true, proxy-url: 'http://p', certificate-authority: /etc/x}}
users:
- {name: u, user: {auth-provider: {name: gcp}, tokenFile: inside}}
";
    Sandbox::new().file("in/a.yaml", text).run("import in/a.yaml --into @DIR@/out --allow-file -q").shows(
        r#"
--- stderr
warning: cluster `c` reads `/etc/x` as its certificate-authority, which does not exist
warning: cluster `c` does not check the server's certificate
warning: cluster `c` connects to `http://h` without encryption
warning: cluster `c` connects through the proxy `http://p`
warning: user `u` logs in with the old plugin `gcp`
warning: user `u` sends the content of `@DIR@/in/inside` as its token, which does not exist
--- exit 0
--- out
+apiVersion: v1
+clusters:
+- cluster:
+    certificate-authority: /etc/x
+    insecure-skip-tls-verify: true
+    proxy-url: http://p
+    server: http://me:pw@h
+  name: c
+contexts: null
+current-context: ""
+kind: Config
+users:
+- name: u
+  user:
+    auth-provider:
+      config: null
+      name: gcp
+    tokenFile: @DIR@/in/inside
"#,
    );
}

#[test]
fn a_source_that_cannot_be_read_stops_everything_unless_told_to_go_on() {
    let sandbox = sandbox();
    sandbox.run("import in/k3s.yaml nothing.yaml --into @DIR@/out").shows(
        "
--- stderr
error: cannot read `@DIR@/nothing.yaml`: no such file or directory; nothing was imported
--- exit 1
no file changed
",
    );
    sandbox.run("import nothing.yaml in/k3s.yaml --into @DIR@/out --keep-going -o json -q").shows(
        r#"
{
    "file": "@DIR@/out",
    "changed": true,
    "dryRun": false,
    "entries": [
        {
            "kind": "cluster",
            "name": "default",
            "outcome": "added",
            "source": "@DIR@/in/k3s.yaml"
        },
        {
            "kind": "user",
            "name": "default",
            "outcome": "added",
            "source": "@DIR@/in/k3s.yaml"
        },
        {
            "kind": "context",
            "name": "default",
            "outcome": "added",
            "source": "@DIR@/in/k3s.yaml"
        }
    ],
    "failed": [
        {
            "source": "@DIR@/nothing.yaml",
            "error": "cannot read `@DIR@/nothing.yaml`: no such file or directory"
        }
    ],
    "risks": [
        {
            "risk": "file",
            "kind": "cluster",
            "name": "default",
            "text": "cluster `default` reads `@DIR@/in/certs/ca.pem` as its certificate-authority, which does not exist",
            "needs": null,
            "allowed": true
        }
    ],
    "warnings": [
        "cluster `default` reads `@DIR@/in/certs/ca.pem` as its certificate-authority, which does not exist"
    ]
}
--- stderr
error: cannot read `@DIR@/nothing.yaml`: no such file or directory
warning: cluster `default` reads `@DIR@/in/certs/ca.pem` as its certificate-authority, which does not exist
--- exit 1
--- out
+apiVersion: v1
+clusters:
+- cluster:
+    certificate-authority: @DIR@/in/certs/ca.pem
+    server: https://10.0.0.1:6443
+  name: default
+contexts:
+- context:
+    cluster: default
+    user: default
+  name: default
+current-context: ""
+kind: Config
+users:
+- name: default
+  user:
+    token: n3w-s3cr3t
"#,
    );
}

#[test]
fn a_folder_a_pattern_and_nothing_in_them() {
    let sandbox = sandbox().file("in/notes.yaml", "kind: Deployment\n").file("empty/a.txt", "hello\n");
    let names = |outcome: &str| outcome.split("--- stderr").next().unwrap().to_owned();
    assert_eq!(names(&sandbox.run("import in --into @DIR@/a --suffix -x --template {file} -o name").0), "");
    assert_eq!(names(&sandbox.run("import in --into @DIR@/a --template {file} -o name").0), "edge\nk3s\n");
    assert_eq!(names(&sandbox.run("import in/k*.yaml --into @DIR@/b -o name").0), "default\n");
    sandbox.run("import in/z*.yaml").shows(
        "
--- stderr
error: no file matches `in/z*.yaml`; nothing was imported
--- exit 1
no file changed
",
    );
    sandbox.run("import empty").shows(
        "
--- stderr
error: there is no kubeconfig in `@DIR@/empty`; nothing was imported
--- exit 1
no file changed
",
    );
}

#[test]
fn a_context_that_leads_nowhere_is_named() {
    let text = "contexts: [{name: x, context: {cluster: gone, user: \"\"}}]\n";
    Sandbox::new().file("x.yaml", text).run("import x.yaml --into @DIR@/out -q").shows(
        "
--- stderr
warning: context `x` names cluster `gone`, which does not exist
--- exit 0
--- out
+apiVersion: v1
+clusters: null
+contexts:
+- context:
+    cluster: gone
+    user: \"\"
+  name: x
+current-context: \"\"
+kind: Config
+users: null
",
    );
}

const FIRST: &str = "\
clusters: [{name: c, cluster: {server: 'https://first.example'}}]
contexts: [{name: one, context: {cluster: c, user: u}}, {name: two, context: {cluster: c, user: u}}]
users: [{name: u, user: {token: abc}}]
";

#[test]
fn the_first_import_into_an_empty_home_makes_its_context_current() {
    let with_current = format!("{FIRST}current-context: two\n");
    let sandbox = Sandbox::new().file("x.yaml", &with_current).file("y.yaml", &FIRST.replace("one", "three"));
    sandbox.run("import x.yaml").shows(
        "
--- stderr
added 2 contexts, cluster `c`, user `u` in `@DIR@/.kube/config`
the current context is now `two`
next: `kcx status` checks its cluster, `kcx` switches contexts, `kcx undo` undoes the import
--- exit 0
--- .kube/config
+apiVersion: v1
+clusters:
+- cluster:
+    server: https://first.example
+  name: c
+contexts:
+- context:
+    cluster: c
+    user: u
+  name: one
+- context:
+    cluster: c
+    user: u
+  name: two
+current-context: two
+kind: Config
+users:
+- name: u
+  user:
+    token: abc
",
    );
    // The second one changes no context.
    let outcome = sandbox.run("import y.yaml --on-conflict=rename").0;
    assert!(outcome.contains("switches to"), "{outcome}");
    assert_eq!(sandbox.run("current -o name").0.lines().next(), Some("two"));
    // No source has one.
    Sandbox::new().file("x.yaml", FIRST).run("import x.yaml").shows(
        r#"
--- stderr
added 2 contexts, cluster `c`, user `u` in `@DIR@/.kube/config`
`kcx use NAME` switches to one of them
--- exit 0
--- .kube/config
+apiVersion: v1
+clusters:
+- cluster:
+    server: https://first.example
+  name: c
+contexts:
+- context:
+    cluster: c
+    user: u
+  name: one
+- context:
+    cluster: c
+    user: u
+  name: two
+current-context: ""
+kind: Config
+users:
+- name: u
+  user:
+    token: abc
"#,
    );
    // Somebody has unset it.
    let sandbox = Sandbox::with(&FIRST.replace("one", "own")).file("x.yaml", &with_current);
    let outcome = sandbox.run("import x.yaml --on-conflict=skip").0;
    assert!(!outcome.contains("the current context is now"), "{outcome}");
    // A protected context is not switched to without a question.
    let mut sandbox = Sandbox::new()
        .file("x.yaml", &with_current)
        .file("settings/config.yaml", "rules: [{match: two, confirm: yes}]\n");
    sandbox.env.config = Some(sandbox.path().join("settings"));
    let outcome = sandbox.run("import x.yaml").0;
    assert!(!outcome.contains("the current context is now"), "{outcome}");
}

#[test]
fn a_clash_between_sources_names_both_files() {
    let sandbox = Sandbox::new()
        .file("a.yaml", FIRST)
        .file("b.yaml", &FIRST.replace("first.example", "second.example").replace("abc", "def"));
    sandbox.run("import a.yaml b.yaml").shows(
        "
--- stderr
error: the sources have 2 entries with the same name and other content; nothing was imported
  `b.yaml` differs from `a.yaml`: cluster `c` in `server`; user `u` in `token`
hint: `--template '{file}'` names the entries after their files, `--on-conflict=rename` keeps both
--- exit 4
no file changed
",
    );
    let sandbox = Sandbox::with(FIRST).file("a.yaml", &FIRST.replace("first.example", "second.example"));
    sandbox.run("import a.yaml").shows(
        "
--- stderr
error: the name of cluster `c` is already used with other content in `@DIR@/.kube/config`; nothing was imported
  `a.yaml` differs: cluster `c` in `server`
hint: `--on-conflict=update` if it is the same cluster created again, `--on-conflict=rename` to keep both
hint: `--prefix`, `--suffix` and `--template` give the imported entries other names
--- exit 4
no file changed
",
    );
}

//! `kcx export`: contexts as a kubeconfig of their own.

use crate::common::{Sandbox, THREE};

#[test]
fn the_current_context_and_what_it_names() {
    Sandbox::with(THREE).run("export").shows(
        "
apiVersion: v1
clusters:
- cluster:
    server: https://dev.example
  name: c-dev
contexts:
- context:
    cluster: c-dev
    user: u-dev
  name: dev
current-context: dev
kind: Config
users:
- name: u-dev
  user:
    token: s3cr3t
--- stderr
--- exit 0
no file changed
",
    );
}

#[test]
fn a_file_for_its_owner_alone() {
    let sandbox = Sandbox::with(THREE);
    sandbox.run("export prod-* -O out/prod.yaml").shows(
        "
--- stderr
exported context `prod-eu1` to `out/prod.yaml`
--- exit 0
--- out/prod.yaml
+apiVersion: v1
+clusters:
+- cluster:
+    certificate-authority-data: Q0E=
+    server: https://prod.example
+  name: c-prod
+contexts:
+- context:
+    cluster: c-prod
+    namespace: web
+    user: u-prod
+  name: prod-eu1
+current-context: prod-eu1
+kind: Config
+users:
+- name: u-prod
+  user:
+    exec:
+      apiVersion: client.authentication.k8s.io/v1
+      args:
+      - eks
+      - get-token
+      command: /usr/local/bin/aws
+      env: null
+      provideClusterInfo: false
",
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let mode = std::fs::metadata(sandbox.path().join("out/prod.yaml")).unwrap().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    sandbox.run("export prod-eu1 -O out/prod.yaml").shows(
        "
--- stderr
`out/prod.yaml` already contains context `prod-eu1`
--- exit 0
no file changed
",
    );
    sandbox.run("export dev -O out/prod.yaml").shows(
        "
--- stderr
error: `out/prod.yaml` already exists with other content; nothing was written
hint: `-y` replaces it
--- exit 4
no file changed
",
    );
    let replaced = sandbox.run("export dev -y -O out/prod.yaml").0;
    assert!(
        replaced.contains("exported context `dev`") && replaced.contains("+current-context: dev"),
        "{replaced}"
    );
}

#[test]
fn a_file_for_each() {
    let config =
        THREE.replace("name: prod-eu1", "name: \"a/b: ü\"").replace("cluster: gone", "cluster: c-prod");
    let sandbox = Sandbox::with(&config);
    let done = sandbox.run("export --all --dir out").0;
    assert!(done.starts_with("--- stderr\nwrote 3 files into `out`\n--- exit 0\n"), "{done}");
    for (file, context) in [("dev", "dev"), ("a_b__ü", "\"a/b: ü\""), ("stale", "stale")] {
        let text = std::fs::read_to_string(sandbox.path().join(format!("out/{file}.yaml"))).unwrap();
        assert!(
            text.contains(&format!("current-context: {}\n", context.trim_matches('"')))
                || text.contains(&format!("current-context: '{}'\n", context.trim_matches('"'))),
            "{text}"
        );
    }
    let done = sandbox.run("export --all --dir out").0;
    assert!(
        done.starts_with("--- stderr\n3 files in `out` are up to date\n--- exit 0\nno file changed"),
        "{done}"
    );
}

#[test]
fn paths_stay_true_or_become_contents() {
    let config = "\
clusters: [{name: c, cluster: {server: 'https://c', certificate-authority: pki/ca.pem}}]
users: [{name: u, user: {tokenFile: ../token, exec: {command: ./login, apiVersion: client.authentication.k8s.io/v1}}}]
contexts: [{name: a, context: {cluster: c, user: u}}]
current-context: a
";
    let sandbox = Sandbox::with(config).file(".kube/pki/ca.pem", "CA");
    let text = sandbox.run("export").0;
    for line in [
        "certificate-authority: @DIR@/.kube/pki/ca.pem\n",
        "tokenFile: @DIR@/token\n",
        "command: @DIR@/.kube/login\n",
    ] {
        assert!(text.contains(line), "{line}{text}");
    }
    let text = sandbox.run("export --flatten -o json").0;
    assert!(text.contains("\"certificate-authority-data\": \"Q0E=\"") && !text.contains("ca.pem"), "{text}");
    std::fs::remove_file(sandbox.path().join(".kube/pki/ca.pem")).unwrap();
    sandbox.run("export a --flatten -O out.yaml").shows(
        "
--- stderr
error: cannot read `@DIR@/.kube/pki/ca.pem`: no such file or directory; nothing was exported
hint: without `--flatten` its path is exported
--- exit 1
no file changed
",
    );
}

#[test]
fn what_cannot_be_exported() {
    let sandbox = Sandbox::with(THREE);
    for (words, want) in [
        (
            "export stale",
            "error: context `stale` names cluster `gone`, which does not exist; nothing was exported\n--- exit 3\n",
        ),
        ("export nowhere", "error: no context named `nowhere`\nhint: `kcx get` lists all 3\n--- exit 3\n"),
        ("export x*", "error: no context matches `x*`\nhint: `kcx get` lists all 3\n--- exit 3\n"),
        (
            "export -o wide",
            "error: `kcx export` does not support `-o wide`; use `-o json` or `yaml`\n--- exit 2\n",
        ),
        (
            "export dev -O .kube/config -y",
            "error: `.kube/config` is one of the kubeconfigs that are exported; nothing was written\nhint: name another file\n--- exit 4\n",
        ),
    ] {
        sandbox.run(words).shows(&format!("--- stderr\n{want}no file changed\n"));
    }
    let none = Sandbox::with(&THREE.replace("current-context: dev", "current-context: ''"));
    none.run("export").shows(
        "
--- stderr
error: there is no current context, and none was named
hint: `kcx export NAME` exports that one; `kcx get` lists all 3
--- exit 3
no file changed
",
    );
}

//! Installed as kubectl's plugin alone, kcx names its commands `kubectl kcx …`.

#![cfg(unix)]

use crate::common::{Sandbox, THREE};
use std::os::unix::fs::PermissionsExt;

fn plugin() -> Sandbox {
    let mut sandbox = Sandbox::with(THREE).file("bin/kubectl-kcx", "");
    sandbox.env.program = Some(sandbox.path().join("bin/kubectl-kcx").into());
    sandbox.env.path = Some(sandbox.path().join("bin").into());
    sandbox
}

#[test]
fn hints_and_errors_name_the_plugin() {
    plugin().run("use").shows(
        "
--- stderr
error: no context was named
hint: `kubectl kcx use NAME` switches, `kubectl kcx use -` goes back, `kubectl kcx get` lists all contexts
--- exit 2
no file changed
",
    );
    plugin().run("delete nosuch --bogus").shows(
        "
--- stderr
error: `kubectl kcx delete` has no flag `--bogus`
hint: `kubectl kcx delete --help` shows its flags and examples, `kubectl kcx help flags` those of all commands
--- exit 2
no file changed
",
    );
    plugin().run("delete dev").shows(
        r#"
--- stderr
deleted context `dev` from `@DIR@/.kube/config`
deleted cluster `c-dev` from `@DIR@/.kube/config`
warning: that was the current context; there is no current context now
hint: `kubectl kcx use NAME` switches to another one
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
+current-context: "" # for now
"#,
    );
}

#[test]
fn help_and_presets_name_the_plugin() {
    let sandbox = plugin();
    let help = sandbox.run("use --help").0;
    assert!(help.contains("\nUsage: kubectl kcx use [OPTIONS] [NAME|-]\n"), "{help}");
    assert!(help.contains("\n  kubectl kcx use staging      switch to the context staging\n"), "{help}");
    let help = sandbox.run("--help").0;
    assert!(
        help.contains("kcx switches Kubernetes contexts") && help.contains("Usage: kubectl kcx [COMMAND]"),
        "{help}"
    );
    for tool in ["oh-my-posh", "powerlevel10k", "ps1", "starship", "tmux"] {
        let text = sandbox.run(&format!("prompt --preset {tool}")).0;
        let commands = text.matches("kcx prompt").count() + text.matches("kcx init").count();
        assert!(commands > 0 && text.matches("kubectl kcx ").count() == commands, "{text}");
    }
    let doctor = sandbox.run("doctor").0;
    assert!(
        doctor.contains("`kubectl kcx use` switches all shells at once\n    kubectl kcx init --help\n"),
        "{doctor}"
    );
}

#[test]
fn with_kcx_on_path_they_name_it() {
    let sandbox = plugin().file("bin/kcx", "#!/bin/sh\n");
    std::fs::set_permissions(sandbox.path().join("bin/kcx"), PermissionsExt::from_mode(0o755)).unwrap();
    let help = sandbox.run("use --help").0;
    assert!(
        help.contains("\nUsage: kcx use [OPTIONS] [NAME|-]\n") && !help.contains("kubectl kcx"),
        "{help}"
    );
}

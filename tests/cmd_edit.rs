//! `kcx edit`: what an editor saves lands losslessly, or not at all. The editors are scripts.

#![cfg(unix)]

use crate::common::{Sandbox, THREE};
use std::fs;
use std::os::unix::fs::PermissionsExt;

/// Sets the editor to a script that is given the file.
fn editor(sandbox: Sandbox, script: &str) -> Sandbox {
    let sandbox = sandbox.file("state/editor", &format!("#!/bin/sh\n{script}\n"));
    let path = sandbox.path().join("state/editor");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    let mut sandbox = sandbox;
    sandbox.env.editor = Some(path.into());
    sandbox
}

fn given(script: &str) -> Sandbox {
    editor(Sandbox::with(THREE), script)
}

/// Somebody is there, and mends what is wrong.
fn attended(script: &str) -> Sandbox {
    let mut sandbox = given(script);
    sandbox.env.stdin_is_terminal = true;
    sandbox.env.stderr_is_terminal = true;
    sandbox.env.no_color = true;
    sandbox
}

fn copies(sandbox: &Sandbox) -> usize {
    fs::read_dir(sandbox.path().join("state/edit")).map_or(0, Iterator::count)
}

#[test]
fn an_entry_is_edited_alone_and_its_secret_stays() {
    let sandbox = given("cp \"$1\" ~/seen 2>/dev/null; sed -i 's/u-dev$/u-dev # me/; s/{}//' \"$1\"");
    sandbox.run("edit user/u-dev").shows(
        "
--- stderr
saved user `u-dev` of `@DIR@/.kube/config`
--- exit 0
--- .kube/config
-- name: u-dev
+- name: u-dev # me
",
    );
    assert_eq!(copies(&sandbox), 0);
    let sandbox = given("sed -i 's/namespace: web/namespace: shop/' \"$1\"");
    sandbox.run("edit prod-eu1").shows(
        "
--- stderr
saved context `prod-eu1` of `@DIR@/.kube/config`
--- exit 0
--- .kube/config
-    namespace: web # the shop
+    namespace: shop # the shop
",
    );
    sandbox.run("edit prod-eu1").shows("--- stderr\nnothing was changed\n--- exit 0\nno file changed\n");
}

#[test]
fn the_editor_sees_no_secret_and_the_file_is_its_owners_alone() {
    let sandbox =
        given("cat \"$1\" > \"$0.seen\"; stat -c '%a %n' \"$1\" \"$(dirname \"$1\")\" > \"$0.modes\"");
    sandbox.run("edit").shows("--- stderr\nnothing was changed\n--- exit 0\nno file changed\n");
    let seen = fs::read_to_string(sandbox.path().join("state/editor.seen")).unwrap();
    let (head, text): (Vec<&str>, Vec<&str>) = seen.lines().partition(|line| line.starts_with("#kcx: "));
    assert_eq!(text.join("\n") + "\n", THREE.replace("Q0E=", "<masked-1>").replace("s3cr3t", "<masked-2>"));
    assert_eq!(head.len(), 3, "{head:?}");
    let modes = fs::read_to_string(sandbox.path().join("state/editor.modes")).unwrap();
    let modes: Vec<&str> = modes.lines().map(|line| line.split(' ').next().unwrap()).collect();
    assert_eq!(modes, ["600", "700"]);
}

#[test]
fn a_whole_file_may_become_any_other() {
    let sandbox =
        given("sed -i 's/<masked-2>/new-token/; s/^kind: Config/&\\n# the end/; /stale/,$ !b' \"$1\"");
    sandbox.run("edit").shows(
        "
--- stderr
saved `@DIR@/.kube/config`
--- exit 0
--- .kube/config
-users:
-- name: u-dev
-  user:
-    token: s3cr3t
+# the end
+users:
+- name: u-dev
+  user:
+    token: new-token
",
    );
    // A context without its cluster is an error of `kcx lint`, and is saved only with a yes.
    let sandbox = given(
        "sed -i 's/^  name: c-prod/  name: other/; s/^current-context: dev/current-context: nowhere/' \"$1\"",
    );
    sandbox.run("edit -y").shows(
        "
--- stderr
saved `@DIR@/.kube/config`
warning: the certificate-authority-data of cluster `other` is not a valid certificate: there is no PEM block in it (KCX405)
hint: Certificates are PEM: text between BEGIN CERTIFICATE and END CERTIFICATE, in a -data field additionally encoded in base64. kubectl refuses other formats, including DER.
warning: context `prod-eu1` names cluster `c-prod`, which does not exist (KCX101)
hint: No file of the list has a cluster of this name. kubectl then connects to localhost:8080, or reports that the context is not found. `kcx prune --contexts` removes all such contexts.
warning: the current context `nowhere` does not exist (KCX105)
hint: `kcx use NAME` switches to another one
--- exit 0
--- .kube/config
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
+  name: other
+contexts:
+- context:
+    cluster: c-dev
+    user: u-dev
+  name: dev
+- context:
+    cluster: c-prod
+    namespace: web # the shop
+    user: u-prod
+  name: prod-eu1
+- context:
+    cluster: gone
+    user: u-dev
+  name: stale
+current-context: nowhere # for now
",
    );
}

#[test]
fn what_cannot_be_read_opens_again_with_the_reason() {
    // The first time something is broken, the second time the reason is noted and the text is mended.
    let script = "if grep -q '^#kcx: error' \"$1\"; then cp \"$1\" \"$0.seen\"; sed -i 's/cluster: \\[/cluster: c-prod/' \"$1\"
                  else sed -i 's/cluster: c-prod/cluster: [/' \"$1\"; fi; echo >> \"$0.runs\"";
    let sandbox = attended(script);
    let edited = sandbox.run("edit ctx prod-eu1").0;
    assert!(edited.ends_with("--- exit 0\nno file changed\n"), "{edited}");
    let seen = fs::read_to_string(sandbox.path().join("state/editor.seen")).unwrap();
    let error = seen.lines().find(|line| line.starts_with("#kcx: error: line ")).unwrap();
    // The line that is named is the line of the file.
    let line: usize = error.split(['e', ' ', ',']).find_map(|word| word.parse().ok()).unwrap();
    assert!(seen.lines().nth(line - 1).unwrap().contains("user: u-prod"), "{seen}");
    assert_eq!(fs::read_to_string(sandbox.path().join("state/editor.runs")).unwrap(), "\n\n");
}

#[test]
fn what_is_given_up_is_kept_and_nothing_is_written() {
    for sandbox in [given("echo ' [' >> \"$1\""), attended("grep -q error \"$1\" || echo ' [' >> \"$1\"")] {
        let said = sandbox.run("edit").0;
        assert!(
            said.starts_with(
                "--- stderr\nerror: `@DIR@/.kube/config` was not changed, because of the edited text: line 36"
            ),
            "{said}"
        );
        assert!(said.contains("hint: the edited text is kept in `@DIR@/state/given-up/"), "{said}");
        assert!(said.ends_with("--- exit 1\nno file changed\n"), "{said}");
        let kept = said.split("kept in `@DIR@/").nth(1).unwrap().split('`').next().unwrap();
        let path = sandbox.path().join(kept);
        let kept = fs::read_to_string(&path).unwrap();
        assert!(kept.contains("<masked-2>") && !kept.contains("s3cr3t") && !kept.contains("#kcx"), "{kept}");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(copies(&sandbox), 0);
    }
}

#[test]
fn an_entry_stays_one_entry_with_its_name() {
    let sandbox = given("sed -i 's/name: dev/name: other/' \"$1\"");
    let said = sandbox.run("edit dev").0;
    let want = "--- stderr\nerror: context `dev` of `@DIR@/.kube/config` was not changed, because of the edited text: the name of the context was changed\nhint: `kcx rename context/dev NEW` renames it and all references to it\n";
    assert!(said.starts_with(want), "{said}");
    let sandbox = given("echo 'users: []' >> \"$1\"");
    let said = sandbox.run("edit user u-prod").0;
    assert!(
        said.contains(
            "the text must contain exactly one user\nhint: `kcx edit` alone edits the whole file\n"
        ),
        "{said}"
    );
    assert!(said.ends_with("--- exit 1\nno file changed\n"), "{said}");
    let sandbox = given("sed -i 's/<masked-1>/x&/' \"$1\"");
    let said = sandbox.run("edit user u-dev").0;
    assert!(said.contains("`<masked-1>` is the mask of a secret: keep it unchanged"), "{said}");
}

#[test]
fn what_somebody_else_has_changed_meanwhile_is_not_lost() {
    let config = "\"$(dirname \"$0\")/../.kube/config\"";
    let sandbox = given(&format!(
        "sed -i 's/namespace: web/namespace: theirs/' {config}; sed -i 's/namespace: web/namespace: mine/' \"$1\""
    ));
    for words in ["edit prod-eu1", "edit"] {
        let said = sandbox.run(words).0;
        assert!(
            said.contains("was changed in the meantime; nothing was written\nhint: run `kcx edit` again"),
            "{said}"
        );
        assert!(said.contains("kept in `@DIR@/state/given-up/") && said.contains("--- exit 4\n"), "{said}");
        fs::write(sandbox.path().join(".kube/config"), THREE).unwrap();
    }
    // Elsewhere in the file anything may have happened.
    let sandbox = given(&format!(
        "sed -i 's/s3cr3t/n3w/; s/^clusters:/# theirs\\n&/' {config}; sed -i 's/web/mine/' \"$1\""
    ));
    let said = sandbox.run("edit prod-eu1").0;
    assert!(said.contains("--- exit 0\n"), "{said}");
    let text = fs::read_to_string(sandbox.path().join(".kube/config")).unwrap();
    assert!(
        text.contains("# theirs\n") && text.contains("n3w") && text.contains("namespace: mine # the shop\n"),
        "{text}"
    );
}

#[test]
fn an_editor_is_a_command_as_git_takes_it() {
    let mut sandbox = given("sed -i \"s/web/$1/\" \"$2\"");
    let path = sandbox.path().join("state/editor").to_string_lossy().into_owned();
    sandbox.env.editor = Some(format!("'{path}' 'shop two'").into());
    assert!(sandbox.run("edit prod-eu1 -y").0.contains("+    namespace: shop two # the shop\n"));
    sandbox.env.editor = Some("false".into());
    sandbox.run("edit dev").shows(
        "--- stderr\nerror: the editor `false` ended with exit code 1; nothing was changed\n--- exit 1\nno file changed\n",
    );
    sandbox.env.editor = Some("no-such-editor".into());
    let said = sandbox.run("edit dev").0;
    assert!(
        said.starts_with("--- stderr\nerror: cannot start the editor `no-such-editor`: no such file"),
        "{said}"
    );
    sandbox.env.editor = None;
    sandbox.run("edit dev").shows(
        "
--- stderr
error: there is no terminal to edit on, and no editor is set
hint: EDITOR can name any program that changes the file it is given, a script too
hint: `kcx config set` and `kcx config set-context` change single fields
--- exit 1
no file changed
",
    );
}

#[test]
fn an_empty_text_changes_nothing() {
    let sandbox = given(": > \"$1\"");
    sandbox.run("edit").shows(
        "--- stderr\nerror: the edited text is empty; nothing was changed\n--- exit 1\nno file changed\n",
    );
    let said = sandbox.run("edit nope").0;
    assert!(
        said.starts_with("--- stderr\nerror: no context named `nope`\n") && said.contains("exit 3"),
        "{said}"
    );
    let said = sandbox.run("edit user").0;
    assert!(said.contains("only one user can be edited at a time") && said.contains("exit 2"), "{said}");
    let empty = editor(Sandbox::new(), "true").run("edit").0;
    assert!(empty.contains("there is nothing to edit in `@DIR@/.kube/config`"), "{empty}");
}

#[cfg(target_os = "linux")]
#[test]
fn secrets_are_shown_in_memory_alone() {
    let mut sandbox =
        given("cat \"$1\" > \"$0.seen\"; echo \"$1\" > \"$0.path\"; sed -i 's/s3cr3t/n3w/' \"$1\"");
    // On a disk, as far as anybody can tell.
    sandbox.env.runtime = Some("/proc".into());
    let said = sandbox.run("edit user u-dev --show-secrets").0;
    assert!(
        said.starts_with(
            "--- stderr\nerror: there is no folder in memory, and `--show-secrets` does not write secrets to disk\n"
        ),
        "{said}"
    );
    assert!(!sandbox.path().join("state/editor.seen").exists());
    sandbox.env.memory = Some("/dev/shm".into());
    let said = sandbox.run("edit user u-dev --show-secrets").0;
    assert!(said.contains("-    token: s3cr3t\n+    token: n3w\n"), "{said}");
    let path = fs::read_to_string(sandbox.path().join("state/editor.path")).unwrap();
    assert!(path.starts_with("/dev/shm/kcx-edit-") && !std::path::Path::new(path.trim()).exists());
    assert!(
        fs::read_to_string(sandbox.path().join("state/editor.seen")).unwrap().contains("token: s3cr3t\n")
    );
}

#[test]
fn a_new_error_of_lint_is_not_saved_without_a_yes() {
    let script = "sed -i s/server:/serv:/ \"$1\"";
    let sandbox = given(script);
    let outcome = sandbox.run("edit cluster c-dev").0;
    let (said, kept) = outcome.split_once("hint: the edited text is kept in `").unwrap();
    assert_eq!(
        said,
        "--- stderr\nerror: cluster `c-dev` of `@DIR@/.kube/config` was not changed, because clients would fail: cluster \
         `c-dev` has no server (KCX201)\nhint: Without a server kubectl connects to localhost:8080. `kcx config set-cluster NAME --server URL` \
         gives it one.\nhint: `-y` saves such a text\n"
    );
    assert!(kept.contains("/given-up/") && kept.ends_with("--- exit 1\nno file changed\n"), "{kept}");
    given(script).run("edit cluster c-dev -y").shows(
        "
--- stderr
saved cluster `c-dev` of `@DIR@/.kube/config`
warning: cluster `c-dev` has no server (KCX201)
hint: Without a server kubectl connects to localhost:8080. `kcx config set-cluster NAME --server URL` gives it one.
warning: unknown field `serv` in cluster `c-dev`: kubectl ignores it (KCX011)
hint: kubectl ignores unknown fields, so a typo in a name has the same effect as leaving out the field. Names of fields are case-sensitive.
--- exit 0
--- .kube/config
-    server: https://dev.example
+    serv: https://dev.example
",
    );
    // Somebody is there: the editor opens again with the reason, and the text is mended.
    let mends = "if grep -q '^#kcx: error' \"$1\"; then cp \"$1\" \"$0.seen\"; sed -i 's,serv:.*,server: https://new.example,' \"$1\"
else sed -i s/server:/serv:/ \"$1\"; fi";
    let sandbox = attended(mends);
    sandbox.run("edit cluster c-dev").shows(
        "
--- stderr
saved cluster `c-dev` of `@DIR@/.kube/config`
--- exit 0
--- .kube/config
-    server: https://dev.example
+    server: https://new.example
",
    );
    let seen = fs::read_to_string(sandbox.path().join("state/editor.seen")).unwrap();
    let head: String = seen.lines().filter(|line| line.starts_with("#kcx: error")).collect();
    assert!(head.contains("KCX201"), "{seen}");
}

#[test]
fn an_error_that_was_there_before_does_not_stop_an_edit_and_new_warnings_are_said() {
    given("sed -i 's/namespace: web/namespace: shop/' \"$1\"").run("edit").shows(
        "
--- stderr
saved `@DIR@/.kube/config`
--- exit 0
--- .kube/config
-    namespace: web # the shop
+    namespace: shop # the shop
",
    );
    given("sed -i 's/namespace: web/namespacce: web/' \"$1\"").run("edit prod-eu1").shows(
        "
--- stderr
saved context `prod-eu1` of `@DIR@/.kube/config`
warning: unknown field `namespacce` in context `prod-eu1`: kubectl ignores it (KCX011)
hint: did you mean `namespace`?
--- exit 0
--- .kube/config
-    namespace: web # the shop
+    namespacce: web # the shop
",
    );
}

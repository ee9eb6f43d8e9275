//! What `kcx lint` says of placeholders, and which flag it names; and what other commands say of a file that it can fix.

use crate::common::Sandbox;

/// A kubeconfig with these users; each is in a context.
fn with_user(user: &str) -> Sandbox {
    let text = format!(
        "apiVersion: v1\nkind: Config\nclusters: [{{name: c, cluster: {{server: 'https://c.example'}}}}]\n\
         contexts: [{{name: a, context: {{cluster: c, user: u}}}}]\ncurrent-context: a\nusers:\n{user}"
    );
    Sandbox::with(&text)
}

#[test]
fn placeholders_of_other_programs_are_explained() {
    with_user("- name: u\n  user: {token: REDACTED}\n").run("lint --select KCX1,KCX2,KCX3,KCX4").shows(
        "
error[KCX411]: the token of user `u` is `REDACTED`: `kubectl config view` has left the value out
 --> @DIR@/.kube/config:8:17
  |
8 |   user: {token: ********}
  |                 ^^^^^^^^
  |
  = help: `kubectl config view` prints DATA+OMITTED and REDACTED in the place of certificates, keys and tokens. Save the output of `kubectl config view --raw`, or of `kcx export`, instead.

--- stderr
1 error
--- exit 1
no file changed
",
    );
    with_user("- name: u\n  user: {token: 'ENC[AES256_GCM,data:x,type:str]'}\n")
        .run("lint --select KCX1,KCX2,KCX3,KCX4")
        .shows(
            "
error[KCX412]: the token of user `u` is encrypted by sops
 --> @DIR@/.kube/config:8:17
  |
8 |   user: {token: '***[**********,****:*,****:***]'}
  |                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: kubectl does not decrypt it, and sends the encrypted text. `sops --decrypt FILE` prints the kubeconfig.

--- stderr
1 error
--- exit 1
no file changed
",
        );
    with_user("- name: u\n  user:\n    token: '{{ .Token }}'\n").run("lint --select KCX318").shows(
        "
error[KCX318]: the token of user `u` has a blank or a line break in it
 --> @DIR@/.kube/config:9:12
  |
9 |     token: '{{ ****** }}'
  |            ^^^^^^^^^^^^^^
  |
  = help: this looks like a template that has not been filled in

--- stderr
1 error
--- exit 1
no file changed
",
    );
    with_user("- name: u\n  user:\n    token: {{ token }}\n").run("lint --select KCX0").shows(
        "
error[KCX002]: a key must be a string, this is a list or a mapping
 --> @DIR@/.kube/config:9:13
  |
9 |     token: {{ ***** }}
  |             ^^^^^^^^^
  |
  = help: this looks like a template that has not been filled in

--- stderr
1 error
--- exit 1
no file changed
",
    );
    with_user("- name: u\n  user: {as: jane}\n").run("lint --select KCX322").shows(
        "
warning[KCX322]: user `u` has no credential
 --> @DIR@/.kube/config:7:9
  |
7 | - name: u
  |         ^
  |
  = help: kubectl asks for a user name and a password, and fails without a terminal. `kcx config set-credentials` adds a credential; a new kubeconfig from the cluster's owner has one.

--- stderr
1 warning
--- exit 0
no file changed
",
    );
    with_user("- name: u\n  user: {client-certificate: ~/jane.crt, client-key: /k}\n")
        .run("lint --select KCX208")
        .shows(
            "
error[KCX208]: the client-certificate of user `u`, `~/jane.crt`, does not exist
 --> @DIR@/.kube/config:8:30
  |
8 |   user: {client-certificate: ~/jane.crt, client-key: /k}
  |                              ^^^^^^^^^^
  |
  = help: no program expands `~` in a kubeconfig: write the absolute path

error[KCX208]: the client-key of user `u`, `/k`, does not exist
 --> @DIR@/.kube/config:8:54
  |
8 |   user: {client-certificate: ~/jane.crt, client-key: /k}
  |                                                      ^^
  |
  = help: Paths of certificates, keys and tokens are relative to the folder of the kubeconfig. kubectl fails when it needs this file.

--- stderr
2 errors
--- exit 1
no file changed
",
        );
}

#[test]
fn duplicate_names_are_repaired_only_unsafely() {
    let users = "- name: u # first\n  user: {tokenFile: a}\n- user: {tokenFile: b}\n  name: \"u\"\n- {name: u, user: {tokenFile: c}}\n";
    with_user(users).run("lint --fix --select KCX007").shows(
        r#"
error[KCX007]: two users are named "u"
 --> @DIR@/.kube/config:9:3
  |
9 | - user: {tokenFile: b}
  |   ^^^^^^^^^^^^^^^^^^^^
  |
  = help: kubectl refuses a file in which two clusters, users or contexts have the same name. Rename one of them, or remove it. `--fix` removes an entry that is the same as an earlier one; of others, `--unsafe-fixes` renames the later one.
  = help: `kcx lint --unsafe-fixes` may fix it

error[KCX007]: two users are named "u"
  --> @DIR@/.kube/config:11:3
   |
11 | - {name: u, user: {tokenFile: c}}
   |   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   |
   = help: kubectl refuses a file in which two clusters, users or contexts have the same name. Rename one of them, or remove it. `--fix` removes an entry that is the same as an earlier one; of others, `--unsafe-fixes` renames the later one.
   = help: `kcx lint --unsafe-fixes` may fix it

--- stderr
2 errors
--- exit 1
no file changed
"#,
    );
    with_user(users).run("lint --unsafe-fixes --select KCX007").shows(
        r#"
--- stderr
fixed KCX007 in `@DIR@/.kube/config`, line 9: two users are named "u"; renamed it to `u-2`
fixed KCX007 in `@DIR@/.kube/config`, line 11: two users are named "u"; renamed it to `u-3`
no findings
--- exit 0
--- .kube/config
-  name: "u"
-- {name: u, user: {tokenFile: c}}
+  name: "u-2"
+- {name: u-3, user: {tokenFile: c}}
"#,
    );
}

#[test]
fn a_dry_run_of_fixes_is_never_silent() {
    with_user("- name: u\n  user: {tokenFile: t}\n").run("lint --fix --dry-run").shows(
        "
--- stderr
dry run, no finding can be fixed; `kcx lint` lists them, and which flag fixes one; left: 1 error
--- exit 1
no file changed
",
    );
    with_user("- name: u\n  user: {exec: {command: p, apiVersion: client.authentication.k8s.io/v1}}\n")
        .run("lint --fix --dry-run")
        .shows(
            "
--- @DIR@/.kube/config
+++ @DIR@/.kube/config
@@ -5,4 +5,4 @@
 current-context: a
 users:
 - name: u
-  user: {exec: {command: p, apiVersion: client.authentication.k8s.io/v1}}
+  user: {exec: {command: p, apiVersion: client.authentication.k8s.io/v1, interactiveMode: IfAvailabl…
--- stderr
would fix KCX309 in `@DIR@/.kube/config`, line 8: the plugin of user `u` has no interactiveMode
dry run, nothing was written; left: 1 warning
--- exit 0
no file changed
",
        );
}

#[test]
fn help_is_broken_between_words_on_a_terminal() {
    let mut sandbox = with_user("- name: u\n  user: {as: jane}\n");
    sandbox.env.columns = Some(60);
    let outcome = sandbox.run("lint --select KCX322").0;
    assert!(outcome.lines().all(|line| line.chars().count() <= 60), "{outcome}");
}

#[test]
fn a_file_that_is_refused_names_the_fix() {
    Sandbox::with("users:\n- name: on\n").run("get").shows(
        "
--- stderr
error: cannot read `@DIR@/.kube/config`: line 2, column 9: `users[0].name` must be a string, but YAML 1.1 reads it as a boolean: put it in quotes
   |
 2 | - name: on
   |         ^^
hint: `kcx lint --fix @DIR@/.kube/config` puts it in quotes; or name another one with `--kubeconfig`
--- exit 1
no file changed
",
    );
    Sandbox::with("YXBpVmVyc2lvbjogdjEK\n").run("get").shows(
        "
--- stderr
error: cannot read `@DIR@/.kube/config`: line 1, column 1: this is not a kubeconfig: the file contains a string, not a mapping
   |
 1 | ********************
   | ^^^^^^^^^^^^^^^^^^^^
hint: if the text is base64, `kcx import @DIR@/.kube/config --into NEW` decodes it; or name another one with `--kubeconfig`
--- exit 1
no file changed
",
    );
}

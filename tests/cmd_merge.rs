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
warning: cluster `c` of `@DIR@/two.yaml` differs from the first one, which is used
hint: `--on-conflict=rename` keeps all; `kcx import FILE… --into NEW --template '{file}'` names them after their files
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
warning: cluster `c` of `@DIR@/sub/two.yaml` differs from the first one, which is used
hint: `--on-conflict=rename` keeps all; `kcx import FILE… --into NEW --template '{file}'` names them after their files
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
warning: cluster `c` of `@DIR@/two.yaml` differs from the first one, which is used
hint: `--on-conflict=rename` keeps all; `kcx import FILE… --into NEW --template '{file}'` names them after their files
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
warning: cluster `c` of `@DIR@/two.yaml` differs from the first one, which is used
hint: `--on-conflict=rename` keeps all; `kcx import FILE… --into NEW --template '{file}'` names them after their files
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
warning: cluster `c` of `@DIR@/two.yaml` differs from the first one, which is used
hint: `--on-conflict=rename` keeps all; `kcx import FILE… --into NEW --template '{file}'` names them after their files
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

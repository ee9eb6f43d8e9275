//! `kcx sync`: sources that stay in step.

use crate::common::{Outcome, Sandbox, THREE};
use std::fs;
use std::path::Path;

/// A kubeconfig with one cluster, in the form that a tool would write.
pub(crate) fn cluster(name: &str, server: &str, user: &str) -> String {
    format!(
        "apiVersion: v1
kind: Config
clusters:
- name: {name}
  cluster:
    server: {server}
users:
- name: {name}
  user:
    {user}
contexts:
- name: {name}
  context:
    cluster: {name}
    user: {name}
current-context: {name}
"
    )
}

/// A sandbox with these settings.
pub(crate) fn sandbox(settings: &str) -> Sandbox {
    let mut sandbox = Sandbox::with(THREE).file("settings/config.yaml", settings);
    sandbox.env.config = Some(sandbox.path().join("settings"));
    sandbox
}

pub(crate) fn put(sandbox: &Sandbox, file: &str, text: &str) {
    let path = sandbox.path().join(file);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

pub(crate) fn read(sandbox: &Sandbox, file: &str) -> String {
    fs::read_to_string(sandbox.path().join(file)).unwrap()
}

const LAB: &str = "sources:\n- name: lab\n  dir: ~/lab\n";
pub(crate) const LAB_FILE: &str = ".kube/config.d/lab.yaml";

pub(crate) fn lab() -> Sandbox {
    let sandbox = sandbox(LAB);
    put(&sandbox, "lab/a.yaml", &cluster("a", "https://a", "token: ta"));
    put(&sandbox, "lab/b.yaml", &cluster("b", "https://b", "token: tb"));
    sandbox
}

/// What kcx says, without what became of the files.
pub(crate) fn told(sandbox: &Sandbox, words: &str) -> Outcome {
    let whole = sandbox.run(words).0;
    let end = whole.find("--- exit ").map_or(whole.len(), |at| at + "--- exit 0\n".len());
    let text = &whole[..end];
    // How long a source takes differs.
    let text = match text.split_once("; it took ") {
        Some((before, rest)) => format!("{before}; it took TIME{}", &rest[rest.find(" s\n").unwrap()..]),
        None => text.to_owned(),
    };
    Outcome(text)
}

/// The names of the contexts that kcx sees.
fn names(sandbox: &Sandbox) -> Vec<String> {
    let outcome = sandbox.run("get -o name").0;
    let (names, _) = outcome.split_once("--- stderr").unwrap();
    names.lines().map(str::to_owned).collect()
}

#[test]
fn a_folder_is_followed() {
    let sandbox = lab();
    sandbox.run("sync").shows(
        r#"
--- stderr
source `lab`: 2 added in `@DIR@/.kube/config.d/lab.yaml`
  + `a`
  + `b`
--- exit 0
--- .kube/config.d/lab.yaml
+apiVersion: v1
+clusters:
+- cluster:
+    server: https://a
+  name: a
+- cluster:
+    server: https://b
+  name: b
+contexts:
+- context:
+    cluster: a
+    extensions:
+    - extension:
+        context: a
+        id: a.yaml
+        source: lab
+      name: kcx.dev/source
+    user: a
+  name: a
+- context:
+    cluster: b
+    extensions:
+    - extension:
+        context: b
+        id: b.yaml
+        source: lab
+      name: kcx.dev/source
+    user: b
+  name: b
+current-context: ""
+kind: Config
+users:
+- name: a
+  user:
+    token: ta
+- name: b
+  user:
+    token: tb
"#,
    );
    assert_eq!(names(&sandbox), ["a", "b", "dev", "prod-eu1", "stale"]);
    // Nothing new changes no byte.
    sandbox
        .run("sync")
        .shows("--- stderr\nsource `lab`: 2 contexts, nothing to do\n--- exit 0\nno file changed\n");
    put(&sandbox, "lab/a.yaml", &cluster("a", "https://new", "token: new"));
    put(&sandbox, "lab/c.yaml", &cluster("c", "https://c", "token: tc"));
    fs::remove_file(sandbox.path().join("lab/b.yaml")).unwrap();
    told(&sandbox, "sync lab").shows(
        "
--- stderr
source `lab`: 1 added, 1 updated, 1 gone in `@DIR@/.kube/config.d/lab.yaml`
  ~ `a`: cluster.server, user.token
  - `b` is gone from its source
  + `c`
hint: `kcx sync lab --prune` removes contexts that are gone
--- exit 0
",
    );
    told(&sandbox, "sync lab")
        .shows("--- stderr\nsource `lab`: 2 contexts, 1 still gone, nothing to do\n--- exit 0\n");
    told(&sandbox, "sync lab --prune").shows(
        "
--- stderr
source `lab`: 1 removed, 2 unchanged in `@DIR@/.kube/config.d/lab.yaml`
  - `b`
--- exit 0
",
    );
    told(&sandbox, "undo").shows(
        "
--- stderr
undid change 3 (`kcx sync`, just now), which removed context `b`, removed cluster `b`, removed user `b`
--- exit 0
",
    );
}

#[test]
fn names_and_namespaces_of_the_user_survive() {
    let sandbox = lab();
    sandbox.run("sync");
    sandbox.run("rename a mine");
    sandbox.run("--kubeconfig @DIR@/.kube/config.d/lab.yaml config set-context mine --namespace=web");
    let text = read(&sandbox, LAB_FILE).replace(
        "    server: https://a\n",
        "    server: https://a # behind the bastion\n    proxy-url: socks5://bastion:1080\n",
    );
    put(&sandbox, LAB_FILE, &text);
    put(&sandbox, "lab/a.yaml", &cluster("a", "https://new", "token: new"));
    told(&sandbox, "sync").shows(
        "
--- stderr
source `lab`: 1 updated, 1 unchanged in `@DIR@/.kube/config.d/lab.yaml`
  ~ `mine`: cluster.server, user.token; kept your cluster.proxy-url, context.namespace
--- exit 0
",
    );
    assert!(text.contains("namespace: web"), "{text}");
    let wanted = text.replace("https://a", "https://new").replace("ta", "new");
    assert_eq!(read(&sandbox, LAB_FILE), wanted);
    assert_eq!(names(&sandbox), ["b", "dev", "mine", "prod-eu1", "stale"]);
}

#[test]
fn a_cluster_that_comes_back_is_no_longer_marked() {
    let sandbox = lab();
    sandbox.run("sync");
    let before = read(&sandbox, LAB_FILE);
    fs::remove_file(sandbox.path().join("lab/b.yaml")).unwrap();
    sandbox.run("sync");
    assert!(read(&sandbox, LAB_FILE).contains("gone: "));
    put(&sandbox, "lab/b.yaml", &cluster("b", "https://b", "token: tb"));
    told(&sandbox, "sync").shows(
        "
--- stderr
source `lab`: 1 back, 1 unchanged in `@DIR@/.kube/config.d/lab.yaml`
  ~ `b` is back
--- exit 0
",
    );
    assert_eq!(read(&sandbox, LAB_FILE), before);
}

#[test]
fn a_name_belongs_to_who_has_it() {
    let sandbox = sandbox("sources:\n- name: one\n  dir: ~/one\n- name: two\n  dir: ~/two\n");
    put(&sandbox, "one/x.yaml", &cluster("shop", "https://one", "token: t1"));
    put(&sandbox, "two/x.yaml", &cluster("shop", "https://two", "token: t2"));
    put(&sandbox, "two/y.yaml", &cluster("dev", "https://dev", "token: t3"));
    told(&sandbox, "sync").shows(
        "
--- stderr
source `one`: 1 added in `@DIR@/.kube/config.d/one.yaml`
  + `shop`
source `two`: 2 added in `@DIR@/.kube/config.d/two.yaml`
  + `shop-two` (the name `shop` is taken)
  + `dev-two` (the name `dev` is taken)
--- exit 0
",
    );
    // The names stay, whatever happens to the other one.
    fs::remove_file(sandbox.path().join("one/x.yaml")).unwrap();
    put(&sandbox, "one/z.yaml", &cluster("z", "https://z", "token: t4"));
    told(&sandbox, "sync --prune").shows(
        "
--- stderr
source `one`: 1 added, 1 removed in `@DIR@/.kube/config.d/one.yaml`
  - `shop`
  + `z`
source `two`: 2 contexts, nothing to do
--- exit 0
",
    );
    told(&sandbox, "sync").shows(
        "
--- stderr
source `one`: 1 context, nothing to do
source `two`: 2 contexts, nothing to do
--- exit 0
",
    );
}

#[test]
fn a_source_that_cannot_be_had_changes_nothing() {
    let sandbox = sandbox("sources:\n- name: lab\n  dir: ~/lab\n- name: far\n  dir: ~/far\n");
    put(&sandbox, "lab/a.yaml", &cluster("a", "https://a", "token: ta"));
    put(&sandbox, "far/f.yaml", &cluster("f", "https://f", "token: tf"));
    sandbox.run("sync");
    fs::remove_dir_all(sandbox.path().join("far")).unwrap();
    put(&sandbox, "lab/a.yaml", "clusters: [\n");
    put(&sandbox, "lab/b.yaml", &cluster("b", "https://b", "token: tb"));
    told(&sandbox, "sync --prune").shows(
        "
--- stderr
source `lab`: 1 added in `@DIR@/.kube/config.d/lab.yaml`
  + `b`
warning: cluster `a.yaml` of source `lab`: cannot read `@DIR@/lab/a.yaml`: line 1, column 11: unclosed bracket '['; its contexts were not changed
error: source `far`: there is no folder @DIR@/far; its contexts were not changed
--- exit 1
",
    );
    told(&sandbox, "sync nowhere").shows(
        "
--- stderr
error: no source named `nowhere`
hint: `kcx source list` lists all 2
--- exit 3
",
    );
}

#[test]
fn the_last_cluster_is_not_removed_without_a_question() {
    let sandbox = lab();
    sandbox.run("sync");
    fs::remove_file(sandbox.path().join("lab/a.yaml")).unwrap();
    fs::remove_file(sandbox.path().join("lab/b.yaml")).unwrap();
    told(&sandbox, "sync --prune").shows(
        "
--- stderr
source `lab`: 2 gone in `@DIR@/.kube/config.d/lab.yaml`
  - `a` is gone from its source
  - `b` is gone from its source
hint: `kcx sync lab --prune` removes contexts that are gone
warning: source `lab` has no clusters any more; its contexts were marked, and not removed
hint: `kcx sync lab --prune -y` removes them
--- exit 1
",
    );
    told(&sandbox, "sync --prune -y").shows(
        "
--- stderr
source `lab`: 2 removed in `@DIR@/.kube/config.d/lab.yaml`
  - `a`
  - `b`
--- exit 0
",
    );
}

#[test]
fn a_program_needs_a_permission() {
    let user =
        "exec: {apiVersion: client.authentication.k8s.io/v1, command: get-token, interactiveMode: Never}";
    let sandbox = lab();
    put(&sandbox, "lab/a.yaml", &cluster("a", "https://a", user));
    put(&sandbox, "lab/b.yaml", &cluster("b", "https://b", user));
    told(&sandbox, "sync").shows(
        "
--- stderr
warning: user `a` runs `get-token`, and 1 more is like it
error: source `lab`: user `a` would run `get-token`, and 1 more permission is needed; nothing of this source was written
hint: `--allow-exec=get-token` permits that and nothing else
hint: `import: {allow-exec: […]}` in kcx's settings permits it permanently
--- exit 1
",
    );
    told(&sandbox, "sync --allow-exec=get-token").shows(
        "
--- stderr
source `lab`: 2 added in `@DIR@/.kube/config.d/lab.yaml`
  + `a`
  + `b`
--- exit 0
",
    );
    put(&sandbox, "lab/c.yaml", &cluster("c", "https://c", user));
    put(&sandbox, "settings/config.yaml", &format!("{LAB}  allow-exec: [get-token]\n"));
    told(&sandbox, "sync").shows(
        "
--- stderr
source `lab`: 1 added, 2 unchanged in `@DIR@/.kube/config.d/lab.yaml`
  + `c`
--- exit 0
",
    );
    // What the source may run is not asked again when its context is used.
    told(&sandbox, "use c").shows(
        "
--- stderr
switched to context `c`
warning: `c` is in `@DIR@/.kube/config.d/lab.yaml`: without the shell hook kubectl does not read it
hint: `kcx init --help` shows how to enable the hook; or add the file to KUBECONFIG
--- exit 0
",
    );
}

#[test]
fn a_dry_run_shows_what_would_change() {
    let sandbox = lab();
    told(&sandbox, "sync --dry-run").shows(
        r#"
--- @DIR@/.kube/config.d/lab.yaml
+++ @DIR@/.kube/config.d/lab.yaml
@@ -0,0 +1,38 @@
+apiVersion: v1
+clusters:
+- cluster:
+    server: https://a
+  name: a
+- cluster:
+    server: https://b
+  name: b
+contexts:
+- context:
+    cluster: a
+    extensions:
+    - extension:
+        context: a
+        id: a.yaml
+        source: lab
+      name: kcx.dev/source
+    user: a
+  name: a
+- context:
+    cluster: b
+    extensions:
+    - extension:
+        context: b
+        id: b.yaml
+        source: lab
+      name: kcx.dev/source
+    user: b
+  name: b
+current-context: ""
+kind: Config
+users:
+- name: a
+  user:
+    token: **
+- name: b
+  user:
+    token: **
--- stderr
source `lab`: dry run, nothing was written: 2 added in `@DIR@/.kube/config.d/lab.yaml`
  + `a`
  + `b`
--- exit 0
"#,
    );
    told(&sandbox, "sync --dry-run -o json").shows(
        r#"
{
    "changed": true,
    "dryRun": true,
    "sources": [
        {
            "name": "lab",
            "file": "@DIR@/.kube/config.d/lab.yaml",
            "error": null,
            "contexts": [
                {
                    "name": "a",
                    "id": "a.yaml",
                    "outcome": "added"
                },
                {
                    "name": "b",
                    "id": "b.yaml",
                    "outcome": "added"
                }
            ],
            "failed": [],
            "risks": []
        }
    ]
}
--- stderr
source `lab`: dry run, nothing was written: 2 added in `@DIR@/.kube/config.d/lab.yaml`
  + `a`
  + `b`
--- exit 0
"#,
    );
    assert!(!Path::new(&sandbox.path().join(LAB_FILE)).exists());
}

/// A program that speaks the protocol: its clusters are the files of a folder, and the list is a file.
const PROGRAM: &str = "#!/bin/sh\nset -e\ncd \"${0%/*}\"\necho \"$@\" >> calls\ncase $1 in list) cat list ;; get) cat \"files/$2\" ;; esac\n";

pub(crate) fn program(list: &str) -> Sandbox {
    let sandbox = sandbox("sources:\n- name: prog\n  command: [sh, -c, 'sh ~/prog/run \"$@\"', run]\n");
    let text = PROGRAM.replace("${0%/*}", &sandbox.path().join("prog").to_string_lossy());
    put(&sandbox, "prog/run", &text);
    let settings =
        format!("sources:\n- name: prog\n  command: [sh, '{}']\n", sandbox.path().join("prog/run").display());
    put(&sandbox, "settings/config.yaml", &settings);
    put(&sandbox, "prog/list", list);
    sandbox
}

#[test]
fn a_program_is_asked_for_what_is_new() {
    let list = "{\"id\": \"1\", \"name\": \"one\", \"labels\": {\"env\": \"prod\"}, \"changed\": \"v1\"}\n{\"id\": \"2\", \"changed\": 7}\n";
    let sandbox = program(list);
    put(&sandbox, "prog/files/1", &cluster("default", "https://one", "token: t1"));
    put(&sandbox, "prog/files/2", &cluster("default", "https://two", "token: t2"));
    told(&sandbox, "source test prog").shows(
        "
1: `default` env=prod
2: `default`
--- stderr
source `prog` has 2 clusters; it took TIME s
--- exit 0
",
    );
    told(&sandbox, "sync").shows(
        "
--- stderr
source `prog`: 2 added in `@DIR@/.kube/config.d/prog.yaml`
  + `one`
  + `default`
--- exit 0
",
    );
    put(&sandbox, "prog/calls", "");
    told(&sandbox, "sync").shows("--- stderr\nsource `prog`: 2 contexts, nothing to do\n--- exit 0\n");
    assert_eq!(read(&sandbox, "prog/calls"), "list\n");
    // Labels, a name and a version are new.
    put(
        &sandbox,
        "prog/list",
        &list.replace("prod", "test").replace("\"one\"", "\"first\"").replace('7', "8"),
    );
    told(&sandbox, "sync").shows(
        "
--- stderr
source `prog`: 1 updated, 1 unchanged in `@DIR@/.kube/config.d/prog.yaml`
  ~ `first` (was `one`)
--- exit 0
",
    );
    told(&sandbox, "source list").shows(
        "
NAME   KIND      CONTEXTS   GONE   FILE
prog   command   2          0      @DIR@/.kube/config.d/prog.yaml
--- stderr
--- exit 0
",
    );
    fs::remove_file(sandbox.path().join("prog/files/2")).unwrap();
    put(&sandbox, "prog/list", &list.replace('7', "9"));
    told(&sandbox, "sync").shows(
        "
--- stderr
source `prog`: 1 updated in `@DIR@/.kube/config.d/prog.yaml`
  ~ `one` (was `first`)
warning: cluster `2` of source `prog`: sh ended with exit code 1: cat: files/2: No such file or directory; its contexts were not changed
--- exit 1
",
    );
    put(&sandbox, "prog/list", "nonsense\n");
    told(&sandbox, "sync").shows(
        "
--- stderr
error: source `prog`: line 1 of its list is not a JSON object; its contexts were not changed
--- exit 1
",
    );
}

#[test]
fn a_context_that_leads_elsewhere_is_refused() {
    let sandbox = lab();
    put(&sandbox, "lab/a.yaml", "contexts:\n- name: a\n  context: {cluster: c-dev, user: u-dev}\n");
    told(&sandbox, "sync").shows(
        "
--- stderr
source `lab`: 1 added in `@DIR@/.kube/config.d/lab.yaml`
  + `b`
warning: cluster `a.yaml` of source `lab`: its context `a` names cluster `c-dev`, which it does not have; its contexts were not changed
--- exit 1
",
    );
}

#[test]
fn a_file_may_carry_several_kubeconfigs_in_secrets() {
    let sandbox = lab();
    let secret = |name: &str, server: &str| {
        let text = cluster("default", server, "token: t").replace('\n', "\n    ");
        format!(
            "apiVersion: v1\nkind: Secret\nmetadata: {{name: {name}-kubeconfig, namespace: fleet}}\nstringData:\n  value: |\n    {text}\n"
        )
    };
    put(
        &sandbox,
        "lab/fleet.yaml",
        &format!("{}---\n{}", secret("east", "https://east"), secret("west", "https://west")),
    );
    told(&sandbox, "sync").shows(
        "
--- stderr
source `lab`: 4 added in `@DIR@/.kube/config.d/lab.yaml`
  + `a`
  + `b`
  + `east`
  + `west`
--- exit 0
",
    );
    // What cannot be read any more is not gone.
    put(&sandbox, "lab/fleet.yaml", "kind: [\n");
    told(&sandbox, "sync --prune").shows(
        "
--- stderr
source `lab`: 2 contexts, nothing to do
warning: cluster `fleet.yaml` of source `lab`: cannot read `@DIR@/lab/fleet.yaml`: line 1, column 7: unclosed bracket '['; its contexts were not changed
--- exit 1
",
    );
    put(&sandbox, "lab/fleet.yaml", &secret("west", "https://new"));
    told(&sandbox, "sync").shows(
        "
--- stderr
source `lab`: 1 added, 2 gone, 2 unchanged in `@DIR@/.kube/config.d/lab.yaml`
  + `default`
  - `east` is gone from its source
  - `west` is gone from its source
hint: `kcx sync lab --prune` removes contexts that are gone
--- exit 0
",
    );
}

#[test]
fn sources_are_added_and_removed() {
    let sandbox = sandbox("# mine\npicker: fzf # quick\n");
    told(&sandbox, "source list").shows(
        "
--- stderr
there are no sources; `kcx source add NAME dir FOLDER` adds a folder
--- exit 0
",
    );
    told(&sandbox, "sync").shows(
        "
--- stderr
error: there are no sources in kcx's settings
hint: `kcx source add NAME dir FOLDER` adds a folder; `kcx source add --help` shows the others
--- exit 3
",
    );
    told(&sandbox, "source add lab dir ~/lab --namespace web").shows(
        "
--- stderr
added source `lab` to `@DIR@/settings/config.yaml`
`kcx source test lab` asks it for its clusters, `kcx sync lab` adds them
--- exit 0
",
    );
    told(&sandbox, "source add eks aws profile=prod regions=eu-west-1 regions=us-east-1 --allow-exec aws")
        .shows(
            "
--- stderr
added source `eks` to `@DIR@/settings/config.yaml`
`kcx source test eks` asks it for its clusters, `kcx sync eks` adds them
--- exit 0
",
        );
    told(&sandbox, "source add p command -- prog --flag x=y").shows(
        "
--- stderr
added source `p` to `@DIR@/settings/config.yaml`
`kcx source test p` asks it for its clusters, `kcx sync p` adds them
--- exit 0
",
    );
    told(&sandbox, "source add lab dir x").shows(
        "
--- stderr
error: there is a source `lab` already; nothing was added
hint: `kcx source remove lab` removes it
--- exit 4
",
    );
    told(&sandbox, "source add x dri x").shows(
        "
--- stderr
error: there is no kind of source `dri`; nothing was added
hint: did you mean `dir`? the kinds are aws, azure, capi, cluster-profile, command, dir, gcloud, git, k3d, kind, rancher, ssh
--- exit 2
",
    );
    told(&sandbox, "source add x ssh").shows(
        "
--- stderr
error: `ssh.hosts` is missing; nothing was added
hint: `kcx source add --help` shows the kinds and their options
--- exit 2
",
    );
    told(&sandbox, "source add x kind y").shows(
        "
--- stderr
error: this kind has no options, and `y` was given; nothing was added
--- exit 2
",
    );
    told(&sandbox, "source list").shows(
        "
NAME   KIND      CONTEXTS   GONE   FILE
lab    dir       0          0      @DIR@/.kube/config.d/lab.yaml
eks    aws       0          0      @DIR@/.kube/config.d/eks.yaml
p      command   0          0      @DIR@/.kube/config.d/p.yaml
--- stderr
--- exit 0
",
    );
    told(&sandbox, "source remove eks")
        .shows("--- stderr\nremoved source `eks` from `@DIR@/settings/config.yaml`\n--- exit 0\n");
    told(&sandbox, "source remove eks").shows(
        "
--- stderr
error: no source named `eks`
hint: `kcx source list` lists all 2
--- exit 3
",
    );
    told(&sandbox, "source list -o json").shows(
        r#"
{
    "sources": [
        {
            "name": "lab",
            "kind": "dir",
            "file": "@DIR@/.kube/config.d/lab.yaml",
            "contexts": 0,
            "gone": 0,
            "elsewhere": []
        },
        {
            "name": "p",
            "kind": "command",
            "file": "@DIR@/.kube/config.d/p.yaml",
            "contexts": 0,
            "gone": 0,
            "elsewhere": []
        }
    ]
}
--- stderr
--- exit 0
"#,
    );
}

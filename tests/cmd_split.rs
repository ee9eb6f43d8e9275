//! `kcx split`: a kubeconfig of its own for every context.

use crate::common::{Sandbox, THREE};

/// All three with clusters that are there.
fn three() -> String {
    THREE.replace("cluster: gone", "cluster: c-prod")
}

#[test]
fn a_file_for_each_context() {
    let sandbox = Sandbox::with(&three().replace("name: stale", "name: Dev"));
    let done = sandbox.run("split out").0;
    assert!(done.starts_with("--- stderr\nwrote 3 files into `out`\n--- exit 0\n"), "{done}");
    for (file, context) in [("dev", "dev"), ("Dev-9c24f45a", "Dev"), ("prod-eu1", "prod-eu1")] {
        let path = sandbox.path().join(format!("out/{file}.yaml"));
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(&format!("current-context: {context}\n")), "{text}");
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        }
    }
    sandbox.run("split out").shows(
        "
--- stderr
3 files in `out` are up to date
--- exit 0
no file changed
",
    );
    sandbox.run("export --all --dir out").shows(
        "
--- stderr
3 files in `out` are up to date
--- exit 0
no file changed
",
    );
    let json = sandbox.run("split -q json -o json").0;
    assert!(
        json.starts_with("--- stderr\n--- exit 0\n") && json.contains("+    \"kind\": \"Config\""),
        "{json}"
    );
}

#[test]
fn into_the_current_folder() {
    let sandbox = Sandbox::new().file("one", "contexts: [{name: a}]").kubeconfig(&["one"]);
    sandbox.run("split").shows(
        r#"
--- stderr
wrote 1 file into `.`
--- exit 0
--- a.yaml
+apiVersion: v1
+clusters: null
+contexts:
+- context:
+    cluster: ""
+    user: ""
+  name: a
+current-context: a
+kind: Config
+users: null
"#,
    );
    let sandbox = sandbox.file("a.yaml", "mine");
    sandbox.run("split").shows(
        "
--- stderr
error: `./a.yaml` already exists with other content; nothing was written
hint: `-y` replaces it
--- exit 4
no file changed
",
    );
    let done = sandbox.run("split -y").0;
    assert!(done.contains("wrote 1 file into `.`\n--- exit 0\n") && done.contains("-mine\n"), "{done}");
}

#[test]
fn certificates_come_along() {
    let config = "\
clusters: [{name: c, cluster: {server: 'https://c', certificate-authority: ca.pem}}]
contexts: [{name: a, context: {cluster: c}}]
";
    let sandbox = Sandbox::with(config).file(".kube/ca.pem", "CA");
    let done = sandbox.run("split --flatten out").0;
    assert!(done.contains("+    certificate-authority-data: Q0E=\n") && !done.contains("ca.pem"), "{done}");
    let done = sandbox.run("split paths").0;
    assert!(done.contains("+    certificate-authority: @DIR@/.kube/ca.pem\n"), "{done}");
}

#[test]
fn what_cannot_be_split() {
    // The first two could be written.
    Sandbox::with(THREE).run("split out").shows(
        "
--- stderr
error: context `stale` names cluster `gone`, which does not exist; nothing was exported
--- exit 3
no file changed
",
    );
    Sandbox::with("kind: Config").run("split").shows(
        "
--- stderr
error: there are no contexts in `@DIR@/.kube/config`
hint: `kcx import FILE` adds the contexts of a kubeconfig; `kcx demo` shows kcx at work
--- exit 3
no file changed
",
    );
    Sandbox::with(THREE).run("split -o name").shows(
        "
--- stderr
error: `kcx split` does not support `-o name`; use `-o json` or `yaml`
--- exit 2
no file changed
",
    );
    let own = Sandbox::new().file("a.yaml", "contexts: [{name: a}]").kubeconfig(&["a.yaml"]);
    own.run("split -y").shows(
        "
--- stderr
error: `./a.yaml` is one of the kubeconfigs that are exported; nothing was written
hint: name another file
--- exit 4
no file changed
",
    );
}

#[test]
fn a_split_is_one_change() {
    let mut text = String::from("contexts:\n");
    for number in 0..300 {
        text += &format!("- {{name: c{number}, context: {{cluster: c, user: u}}}}\n");
    }
    let sandbox = Sandbox::with(&format!(
        "clusters: [{{name: c, cluster: {{server: 'https://c'}}}}]\nusers: [{{name: u, user: {{token: t}}}}]\n{text}"
    ));
    sandbox.run("rename c0 first");
    for folder in ["a", "b", "c"] {
        assert!(sandbox.run(&format!("split {folder}")).0.contains("300 files"));
    }
    // The three have not pushed the rename out, and one undo takes back one of them.
    assert!(sandbox.run("undo").0.contains("undid change 4 (`kcx split`"));
    let left = |folder: &str| std::fs::read_dir(sandbox.path().join(folder)).map_or(0, Iterator::count);
    assert_eq!((left("a"), left("b"), left("c")), (300, 300, 0));
    assert!(sandbox.run("undo --change 1").0.contains("--- exit 0"));
}

#[test]
fn where_one_file_is_taken_none_is_written() {
    let text = "clusters: [{name: c, cluster: {server: 'https://c'}}]\nusers: [{name: u, user: {token: t}}]\ncontexts:\n\
        - {name: a, context: {cluster: c, user: u}}\n- {name: b, context: {cluster: c, user: u}}\n";
    Sandbox::with(text).file("out/b.yaml", "mine\n").run("split out").shows(
        "
--- stderr
error: `out/b.yaml` already exists with other content; nothing was written
hint: `-y` replaces it
--- exit 4
no file changed
",
    );
}

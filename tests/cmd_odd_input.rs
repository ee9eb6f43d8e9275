//! Files and names that people have by accident: two kubeconfigs in one file, paths of another system, `~` in quotes, a
//! context without a name.

use crate::common::{Sandbox, THREE};
use std::fs;

/// A kubeconfig in which everything has this name.
fn named(name: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Config\nclusters:\n- name: {name}\n  cluster: {{server: https://{name}}}\n\
         contexts:\n- name: {name}\n  context: {{cluster: {name}, user: {name}}}\n\
         users:\n- name: {name}\n  user: {{token: t-{name}}}\n"
    )
}

#[test]
fn entries_of_a_list_that_occurs_again_are_named_by_every_command_that_reads_them() {
    let both = named("one") + &named("two");
    let sandbox = || Sandbox::with("").file("both", &both).file("one", &named("one"));
    let warning = "--- stderr\n\
        warning: `both` contains two kubeconfigs; of these, cluster `one`, context `one`, user `one` are not read\n\
        hint: kubectl, too, reads only the last list of each kind; put a line `---` between them, and `kcx import` reads both\n";
    for command in [
        "import both",
        "merge @DIR@/both -O @DIR@/m",
        "diff both one -q",
        "get --kubeconfig @DIR@/both",
        "split out --kubeconfig @DIR@/both",
    ] {
        let said = sandbox().run(command).0;
        let said = said.replace("@DIR@/both", "both");
        let warning = warning.split_once('\n').unwrap().1;
        assert!(said.contains(warning), "{command}: {said}");
    }
    let parts = format!("{}---\n{}", named("one"), named("two"));
    let said = Sandbox::with("").file("parts", &parts).run("import parts").0;
    assert!(said.contains("added 2 contexts, 2 clusters, 2 users") && !said.contains("warning"), "{said}");
}

#[test]
fn a_file_that_does_not_exist_and_a_path_of_windows_are_said_at_import() {
    let text = named("a").replace("{server", "{certificate-authority: 'C:\\Users\\me\\ca.crt', server")
        + "- name: b\n  user: {client-certificate: gone.pem, client-key: here.key}\n";
    let sandbox = Sandbox::with("").file("in/a.yaml", &text).file("in/here.key", "x");
    let said = sandbox.run("import in/a.yaml").0;
    for line in [
        "warning: cluster `a` reads `C:\\Users\\me\\ca.crt` as its certificate-authority, which is a path of Windows\n",
        "warning: user `b` reads `@DIR@/in/gone.pem` as its client-certificate, which does not exist\n",
        "warning: user `b` reads `@DIR@/in/here.key` as its client-key\n",
    ] {
        assert!(said.contains(line), "{said}");
    }
    let config = fs::read_to_string(sandbox.path().join(".kube/config")).unwrap();
    assert!(config.contains(r"certificate-authority: C:\Users\me\ca.crt"), "{said}{config}");
}

#[test]
fn a_tilde_that_no_shell_expanded_is_explained_and_makes_no_folder() {
    let sandbox = Sandbox::with(THREE);
    let hint =
        "hint: `~` is expanded by the shell only, and not in quotes or behind `=`: write \"$HOME\"/x\n";
    for command in [
        "import ~/x",
        "merge ~/x",
        "get --kubeconfig ~/x",
        "export dev -O ~/x",
        "import .kube/config --into ~/x",
    ] {
        let said = sandbox.run(command).0;
        assert!(said.contains(hint), "{command}: {said}");
        assert!(!sandbox.path().join("~").exists(), "{command}");
        assert!(said.ends_with("no file changed\n"), "{command}: {said}");
    }
}

#[test]
fn a_context_without_a_name_is_never_current_nor_an_empty_line() {
    let text = "clusters: [{name: c, cluster: {server: 'https://c'}}]\ncontexts: [{context: {cluster: c, user: ''}}]\n";
    Sandbox::with(text).run("").shows(
        "
--- stderr
--- exit 0
no file changed
",
    );
    Sandbox::with(text).run("get").shows(
        "
CURRENT   NAME   CLUSTER   USER   NAMESPACE
                 c
--- stderr
--- exit 0
no file changed
",
    );
    Sandbox::with(text).run_words(&["use", ""]).shows(
        "
--- stderr
error: the name of the context is empty; nothing was switched
hint: `kcx rename '' NAME` gives a context without a name one
--- exit 2
no file changed
",
    );
    Sandbox::with(text).run("use x").shows(
        "
--- stderr
error: no context named `x`
hint: the only context has no name: `kcx rename context '' NAME` gives it one
--- exit 3
no file changed
",
    );
    let named = Sandbox::with(text);
    named.run_words(&["rename", "", "a"]);
    assert!(fs::read_to_string(named.path().join(".kube/config")).unwrap().contains("name: a"));
}

#[test]
fn written_line_breaks_are_explained() {
    let text = named("a").replace('\n', "\\n");
    let said = Sandbox::with(&text).run("get").0;
    assert!(
        said.contains(
            "hint: `printf '%b' \"$(cat @DIR@/.kube/config)\"` turns the `\\n` in it into line breaks"
        ),
        "{said}"
    );
}

#[test]
fn a_property_below_exec_is_set_in_an_existing_user_and_can_be_removed() {
    let text = "users:\n- name: u\n  user:\n    exec:\n      apiVersion: client.authentication.k8s.io/v1\n      command: aws\n      args:\n      - a\n      interactiveMode: Never\n- name: o\n  user:\n    auth-provider:\n      name: oidc\n      config:\n        refresh-token: r\n";
    Sandbox::with(text).run("config set users.u.user.exec.command x").shows(
        "
--- stderr
error: unable to parse one or more field values of users.u.user.exec.command
hint: no user is named `u.user`
--- exit 1
no file changed
",
    );
    Sandbox::with(text).run("config set users.u.exec.interactiveMode Bogus").shows(
        "
--- stderr
error: invalid interactive mode type, can be only IfAvailable, Never, Always
--- exit 1
no file changed
",
    );
    Sandbox::with(text).run("config unset users.u.exec.args").shows(
        r#"
Property "users.u.exec.args" unset.
--- stderr
--- exit 0
--- .kube/config
-      args:
-      - a
"#,
    );
    Sandbox::with(text).run("config unset users.o.auth-provider.config.refresh-token").shows(
        r#"
Property "users.o.auth-provider.config.refresh-token" unset.
--- stderr
--- exit 0
--- .kube/config
-      config:
-        refresh-token: r
"#,
    );
    for property in
        ["users.x.exec.args", "users.u.exec.nothing", "users.u.exec.args.a", "users.u.exec.command"]
    {
        let said = Sandbox::with(text).run(&format!("config unset {property}")).0;
        let error = format!("error: unable to parse one or more field values of {property}\n");
        assert!(said.contains(&error) && said.ends_with("no file changed\n"), "{said}");
    }
}

#[test]
fn merge_reads_stdin_once() {
    let sandbox = Sandbox::with("").file("a", &named("a"));
    let (code, out, err) = sandbox.pipe(&["merge", "a", "-"], &named("b"));
    assert_eq!((code, err.as_str()), (Some(0), ""));
    assert!(out.contains("name: a") && out.contains("name: b"), "{out}");
    let (code, _, err) = sandbox.pipe(&["merge", "-", "-"], "");
    assert_eq!(
        (code, err.as_str()),
        (Some(2), "error: stdin can be read only once, and `-` is given twice\n")
    );
}

//! What the disk has to do with it: who can read, write or replace a kubeconfig or a plugin, and which files are one.

use crate::common::Sandbox;
use serde_json::Value;

fn codes(found: &str) -> Vec<String> {
    let found: Value = serde_json::from_str(found).unwrap_or_else(|error| panic!("{error}: {found}"));
    found["findings"].as_array().unwrap().iter().map(|it| it["code"].as_str().unwrap().to_owned()).collect()
}

const HEAD: &str = "apiVersion: v1\nkind: Config\n";

fn lint(sandbox: &Sandbox, words: &str) -> Vec<String> {
    let said = sandbox.run(&format!("{words} -o json")).0.replace("@DIR@", "/home/jane");
    codes(said.split_once("--- stderr\n").unwrap().0)
}

#[test]
fn a_comment_is_none_inside_a_text() {
    let text = format!(
        "{HEAD}clusters:\n- name: a\n  cluster:\n    server: http://a.example\n    extensions:\n    - name: x\n      extension: |\n        \
        # kcx-lint: ignore-file KCX204\n"
    );
    let sandbox = Sandbox::new().file("kc", &text).file("plain", &text.replace("|\n        #", "b #"));
    assert_eq!(lint(&sandbox, "lint @DIR@/kc --select KCX204"), ["KCX204"]);
    assert!(lint(&sandbox, "lint @DIR@/plain --select KCX204").is_empty());
}

#[test]
fn a_file_that_is_there_twice_is_one_finding() {
    let text = format!("{HEAD}clusters: [{{name: a}}, {{name: b}}]\ncontexts: [{{name: c}}]\n");
    let sandbox = Sandbox::new().file("kc", &text).file("other", &text);
    assert_eq!(lint(&sandbox.kubeconfig(&["kc", "./kc"]), "lint --select KCX109"), ["KCX109"]);
    let sandbox = Sandbox::new().file("kc", &text).file("other", &text).kubeconfig(&["kc", "other"]);
    assert_eq!(lint(&sandbox, "lint --select KCX109"), ["KCX109"; 3]);
}

#[cfg(unix)]
mod unix {
    use super::*;
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};

    fn mode(sandbox: &Sandbox, name: &str, mode: u32) {
        fs::set_permissions(sandbox.path().join(name), fs::Permissions::from_mode(mode)).unwrap();
    }

    fn plugin(command: &str) -> String {
        format!(
            "{HEAD}users: [{{name: a, user: {{exec: {{apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, \
            command: {command}}}}}}}]\n"
        )
    }

    #[test]
    fn who_can_write_a_kubeconfig_can_have_a_program_run() {
        let sandbox = Sandbox::new().file("kc", HEAD);
        for (bits, want) in [(0o602, &["KCX502"][..]), (0o666, &["KCX502"]), (0o604, &[])] {
            mode(&sandbox, "kc", bits);
            assert_eq!(lint(&sandbox, "lint @DIR@/kc --select KCX5"), want, "{bits:o}");
        }
    }

    #[test]
    fn a_file_that_cannot_be_loaded_is_looked_at_on_the_disk() {
        let sandbox = Sandbox::new().file("kc", "users: [\n").file("kc.lock", "");
        mode(&sandbox, "kc", 0o646);
        let old = std::time::SystemTime::now() - std::time::Duration::from_hours(1);
        let lock = fs::File::options().write(true).open(sandbox.path().join("kc.lock")).unwrap();
        lock.set_modified(old).unwrap();
        let found = lint(&sandbox, "lint @DIR@/kc --select KCX5");
        assert_eq!(found, ["KCX501", "KCX502", "KCX503"]);
    }

    #[test]
    fn stdin_has_no_neighbours() {
        let sandbox = Sandbox::new().file("stdin", "").file("stdin.lock", "");
        mode(&sandbox, "stdin", 0o666);
        let text = format!("{HEAD}users: [{{name: a, user: {{token: s3cr3t}}}}]\n");
        let (_, out, _) = sandbox.pipe(&["lint", "-", "--select", "KCX5", "-o", "json"], &text);
        assert!(codes(&out).is_empty(), "{out}");
    }

    #[test]
    fn every_folder_on_the_way_counts() {
        let sandbox = Sandbox::new()
            .file("open/deep/kc", HEAD)
            .file("open/deep/plugin", "#!/bin/sh\n")
            .file("deep", &plugin("./open/deep/plugin"))
            .file("linked", &plugin("./good/plugin"))
            .file("folder", &plugin("./good"))
            .file("good/x", "");
        mode(&sandbox, "open", 0o777);
        mode(&sandbox, "open/deep", 0o755);
        mode(&sandbox, "open/deep/plugin", 0o755);
        symlink("../open/deep/plugin", sandbox.path().join("good/plugin")).unwrap();
        symlink("../open/deep/kc", sandbox.path().join("good/kc")).unwrap();
        for (file, want) in [
            ("open/deep/kc", "KCX502"),
            ("good/kc", "KCX502"),
            ("deep", "KCX313"),
            ("linked", "KCX313"),
            ("folder", "KCX311"),
        ] {
            let found = lint(&sandbox, &format!("lint @DIR@/{file} --select KCX311,KCX313,KCX502"));
            assert_eq!(found, [want], "{file}");
        }
        let said = sandbox.run("lint @DIR@/folder --select KCX311").0;
        assert!(said.contains("is not an executable file"), "{said}");
        mode(&sandbox, "open", 0o1777);
        assert!(lint(&sandbox, "lint @DIR@/good/kc --select KCX502").is_empty());
    }

    #[test]
    fn a_secret_is_one_wherever_it_stands() {
        for text in [
            "users: [{name: a, user: {auth-provider: {name: oidc, config: {refresh-token: x}}}}]",
            "users: [{name: a, user: {exec: {command: x, env: [{name: AWS_SECRET_ACCESS_KEY, value: x}]}}}]",
            "users: [{name: a, user: {exec: {command: x, args: [login, --refresh-token=x]}}}]",
            "users: [{name: a, user: {exec: {command: x, args: [login, --refresh-token, x, -v]}}}]",
            "clusters: [{name: a, cluster: {server: 'https://jane:x@a.example'}}]",
        ] {
            let sandbox = Sandbox::new().file("kc", &format!("{HEAD}{text}\n"));
            mode(&sandbox, "kc", 0o644);
            assert_eq!(lint(&sandbox, "lint @DIR@/kc --select KCX501"), ["KCX501"], "{text}");
            let tame =
                text.replace("refresh-token", "client-id").replace("AWS_SECRET_ACCESS_KEY", "TOKEN_FILE");
            let sandbox = Sandbox::new().file("kc", &format!("{HEAD}{}\n", tame.replace("jane:x@", "")));
            mode(&sandbox, "kc", 0o644);
            assert!(lint(&sandbox, "lint @DIR@/kc --select KCX501").is_empty(), "{tame}");
        }
        for args in ["get-token, --secret, -v", "--token-cache-dir, /tmp", "--token=", "token, secret"] {
            let text =
                format!("{HEAD}users: [{{name: a, user: {{exec: {{command: x, args: [{args}]}}}}}}]\n");
            let sandbox = Sandbox::new().file("kc", &text);
            mode(&sandbox, "kc", 0o644);
            assert!(lint(&sandbox, "lint @DIR@/kc --select KCX501").is_empty(), "{args}");
        }
    }
}

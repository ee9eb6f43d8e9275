//! Sealed credentials and their clusters: which cluster gets one, which gets nothing, and how the binding is kept.

use crate::common::Sandbox;
use kcx::credential::entry::Reference;
use kcx::credential::folder::Folder;
use kcx::credential::record;
use kcx::env::Account;
use kcx::kubeconfig::{Document, Kind};
use serde_json::{Value, json};
use std::fs;

const TOKEN: &str = "a-token-that-nobody-may-see";
const FLAGS: &str = "--store file --passphrase-file @DIR@/pass";
const COMMAND: &str = "--command /opt/kcx-credential";

fn config() -> String {
    format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: one\nclusters:\n- name: c\n  cluster:\n    server: https://c.example\n\
        \x20   certificate-authority: ca.crt\n- name: d\n  cluster: {{server: 'https://d.example'}}\n\
         contexts:\n- name: one\n  context: {{cluster: c, user: me}}\n- name: two\n  context: {{cluster: d, user: guest}}\n\
         users:\n- name: me\n  user:\n    token: '{TOKEN}' # until May\n- name: guest\n  user: {{}}\n"
    )
}

/// A sandbox with encrypted files and an account of its own.
fn sandbox() -> Sandbox {
    let mut sandbox =
        Sandbox::with(&config()).file("pass", "open sesame\n").file(".kube/ca.crt", "authority");
    let home = sandbox.path().join("account");
    fs::create_dir(&home).unwrap();
    sandbox.env.data = Some(sandbox.path().join("data"));
    sandbox.env.account = Some(Account::at(home, None));
    sandbox
}

#[track_caller]
fn fine(sandbox: &Sandbox, words: &str) -> String {
    let said = sandbox.run(words).0;
    assert!(said.contains("--- exit 0\n"), "{words}: {said}");
    said
}

fn sealed() -> Sandbox {
    let sandbox = sandbox();
    fine(&sandbox, &format!("credential seal me {FLAGS} {COMMAND}"));
    sandbox
}

fn text(sandbox: &Sandbox) -> String {
    fs::read_to_string(sandbox.path().join(".kube/config")).unwrap()
}

fn reference(sandbox: &Sandbox, user: &str) -> Reference {
    let document = Document::parse(text(sandbox).into_bytes()).unwrap();
    let index = document.find(Kind::User, user).unwrap();
    Reference::of(&document.body(Kind::User, index).unwrap()).unwrap()
}

/// The answer to a client that asks for the credential of `me` for this cluster, or without naming one.
fn ask(sandbox: &mut Sandbox, cluster: Option<&Value>) -> String {
    let id = reference(sandbox, "me").id;
    let mut spec = json!({"interactive": false});
    if let Some(cluster) = cluster {
        spec["cluster"] = cluster.clone();
    }
    let info =
        json!({"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "spec": spec});
    sandbox.env.exec_info = Some(info.to_string().into());
    let answer = sandbox.run(&format!("credential exec --store=file --passphrase-file=@DIR@/pass {id}")).0;
    sandbox.env.exec_info = None;
    assert_eq!(answer.contains(TOKEN), answer.contains("--- exit 0\n"), "{answer}");
    answer
}

/// The cluster as kubectl passes it.
fn known() -> Value {
    json!({"server": "https://c.example", "certificate-authority-data": "YXV0aG9yaXR5"})
}

#[track_caller]
fn gets_it(sandbox: &mut Sandbox, cluster: Option<&Value>) {
    let answer = ask(sandbox, cluster);
    assert!(answer.contains(TOKEN), "{cluster:?}: {answer}");
}

#[track_caller]
fn gets_nothing(sandbox: &mut Sandbox, cluster: Option<&Value>) -> String {
    let answer = ask(sandbox, cluster);
    assert!(answer.contains("--- exit 6\n"), "{cluster:?}: {answer}");
    answer
}

#[test]
fn the_cluster_it_was_sealed_for_gets_it_and_every_other_is_told_both_and_the_command() {
    let mut sandbox = sealed();
    assert!(text(&sandbox).contains("provideClusterInfo: true"), "{}", text(&sandbox));
    gets_it(&mut sandbox, Some(&known()));
    // As the Python client passes it: the entry unchanged, with a path relative to the kubeconfig's folder.
    sandbox.env.cwd = sandbox.path().join(".kube");
    gets_it(
        &mut sandbox,
        Some(&json!({"server": "https://C.example:443/", "certificate-authority": "ca.crt"})),
    );
    for (field, value, said) in [
        ("server", json!("https://evil.example"), "not for https://evil.example"),
        ("server", json!("http://c.example"), "not for http://c.example"),
        (
            "server",
            json!("https://u:hunter2@c.example"),
            "not for https://c.example with a login in its URL;",
        ),
        ("server", json!("https://evil.example\\@c.example"), "not for https://"),
        ("certificate-authority-data", json!("b3RoZXI="), "another certificate authority"),
        ("certificate-authority-data", json!(null), "another certificate authority"),
        ("insecure-skip-tls-verify", json!(true), "no check of the server's certificate"),
        ("tls-server-name", json!("evil.example"), "another tls-server-name"),
        ("proxy-url", json!("http://evil.example:3128"), "another proxy"),
        ("server", json!("https://a\u{1b}[31m"), "https://a\\x1b[31m"),
    ] {
        let mut cluster = known();
        cluster[field] = value;
        let answer = gets_nothing(&mut sandbox, Some(&cluster));
        for said in ["user `me` is sealed for https://c.example", said, "`kcx credential seal me`"] {
            assert!(answer.contains(said), "no `{said}` in {answer}");
        }
        assert!(!answer.contains("hunter2"), "{answer}");
    }
    for cluster in [
        json!({}),
        json!({"server": 1}),
        json!({"server": "https://c.example", "certificate-authority": "gone"}),
    ] {
        let answer = gets_nothing(&mut sandbox, Some(&cluster));
        assert!(answer.contains("in the request is not valid"), "{answer}");
    }
}

#[test]
fn a_client_that_says_no_cluster_gets_nothing_unless_every_cluster_is_to_have_it() {
    let mut sandbox = sealed();
    let answer = gets_nothing(&mut sandbox, None);
    assert!(answer.contains("does not say which cluster") && answer.contains("--any-cluster"), "{answer}");
    let id = reference(&sandbox, "me").id;
    let words = format!("credential exec --store=file --passphrase-file=@DIR@/pass {id}");
    let answer = sandbox.run(&words).0;
    assert!(answer.contains("does not say") && answer.contains("--- exit 6"), "{answer}");
    let said = fine(&sandbox, &format!("credential seal me --any-cluster {FLAGS} {COMMAND}"));
    assert!(said.contains("sealed for every cluster\n"), "{said}");
    gets_it(&mut sandbox, None);
    gets_it(&mut sandbox, Some(&json!({"server": "https://evil.example"})));
    assert!(text(&sandbox).contains("provideClusterInfo: false"), "{}", text(&sandbox));
    // `--all` does not bind a user that was unbound on purpose.
    fine(&sandbox, "credential seal --all");
    gets_it(&mut sandbox, None);
    fine(&sandbox, &format!("credential seal me {COMMAND}"));
    gets_nothing(&mut sandbox, None);
    gets_it(&mut sandbox, Some(&known()));
    fine(&sandbox, "credential unseal me");
    assert_eq!(text(&sandbox), config());
}

/// An entry and a record as version 0.1.0 wrote them.
fn old() -> Sandbox {
    let sandbox = sealed();
    let reference = reference(&sandbox, "me");
    let folder = Folder::new(&sandbox.path().join("data/credentials"), "open sesame".into());
    let kept = record::get(&folder, &reference.id).unwrap();
    let mut kept: Value = serde_json::from_slice(kept.bytes()).unwrap();
    for field in ["id", "clusters"] {
        assert!(kept.as_object_mut().unwrap().remove(field).is_some(), "{field}");
    }
    let sealed = text(&sandbox);
    let (head, rest) = sealed.split_once("exec:\n").unwrap();
    let (_, tail) = rest.split_once("provideClusterInfo: true").unwrap();
    let pass = sandbox.path().join("pass");
    let entry = format!(
        "exec:\n      apiVersion: client.authentication.k8s.io/v1\n      args:\n      - credential\n      - exec\n      - --store=file\n\
        \x20     - --passphrase-file={}\n      - {}\n      command: /opt/kcx\n      installHint: old\n      interactiveMode: Never\n\
        \x20     provideClusterInfo: false",
        pass.display(),
        reference.id
    );
    let old = format!("{head}{entry}{tail}");
    // The record's text before and after sealing, as 0.1.0 stored it.
    let (was, now) = kcx::credential::plan::difference(&config(), &old);
    (kept["was"], kept["now"]) = (was.replace(TOKEN, "\0token\0").into(), now.into());
    record::put(&folder, &reference.id, "old", &kept.to_string().as_str().into()).unwrap();
    fs::write(sandbox.path().join(".kube/config"), old).unwrap();
    sandbox
}

#[test]
fn what_version_0_1_0_sealed_goes_on_working_and_is_bound_by_all() {
    let mut sandbox = old();
    gets_it(&mut sandbox, None);
    gets_it(&mut sandbox, Some(&json!({"server": "https://any.example"})));
    let list = fine(&sandbox, "credential list --passphrase-file @DIR@/pass --store file");
    assert!(list.contains("unbound") && list.contains("`kcx credential seal --all`"), "{list}");
    // Unsealing restores the original.
    let back = old();
    fine(&back, "credential unseal me");
    assert_eq!(text(&back), config());

    let said = fine(&sandbox, &format!("credential seal --all {COMMAND}"));
    assert!(said.contains("user `me` of `@DIR@/.kube/config` is sealed for https://c.example\n"), "{said}");
    let now = text(&sandbox);
    assert!(
        now.contains("command: /opt/kcx-credential\n") && now.contains("provideClusterInfo: true"),
        "{now}"
    );
    gets_nothing(&mut sandbox, None);
    gets_nothing(&mut sandbox, Some(&json!({"server": "https://any.example"})));
    gets_it(&mut sandbox, Some(&known()));
    let list = fine(&sandbox, "credential list --passphrase-file @DIR@/pass --store file -o json");
    assert!(list.contains("\"state\": \"sealed\"") && list.contains("\"https://c.example\""), "{list}");
    assert!(fine(&sandbox, &format!("credential seal --all {COMMAND}")).contains("nothing to seal"));
    fine(&sandbox, "credential unseal me");
    assert_eq!(text(&sandbox), config());
}

#[test]
fn as_a_plugin_kcx_does_nothing_but_answer() {
    let mut sandbox = sealed().file("evil.yaml", "contexts: []\n");
    let config = text(&sandbox);
    for info in
        ["", "{}", r#"{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","spec":{}}"#]
    {
        sandbox.env.exec_info = Some(info.into());
        for words in [
            "exec one -- touch @DIR@/pwned",
            "shell one",
            "edit",
            "config set-cluster c --server=https://evil.example",
            "credential get me",
            "credential seal --all --any-cluster",
            "credential unseal me",
            "credential exec ../../etc/passwd",
            "credential exec --store=file --command=x a.b",
            "import @DIR@/evil.yaml",
            "use two",
            "__sync bash",
            "__as kubectx two",
            "prompt",
            "status",
            "",
        ] {
            let said = sandbox.run(words).0;
            assert!(
                said.contains("KUBERNETES_EXEC_INFO is set") && said.contains("--- exit 2"),
                "{words}: {said}"
            );
            assert!(said.contains("no file changed") && !said.contains(TOKEN), "{words}: {said}");
        }
        sandbox.env.program = Some("kubectx".into());
        assert!(sandbox.run("two").0.contains("--- exit 2"));
        sandbox.env.program = None;
    }
    assert_eq!(text(&sandbox), config);
}

/// A client's plugin uses the account's settings, whatever variables an entry sets.
#[test]
fn a_plugin_follows_no_variable_to_settings() {
    let settings = |file: &str| format!("credential:\n  passphrase-command: [touch, {file}]\n");
    let mut sandbox = sealed();
    let (evil, own) = (sandbox.path().join("evil"), sandbox.path().join("account/.config/kcx"));
    fs::create_dir_all(&evil).unwrap();
    fs::create_dir_all(&own).unwrap();
    fs::write(evil.join("config.yaml"), settings(&sandbox.path().join("pwned").to_string_lossy())).unwrap();
    sandbox.env.config = Some(evil);
    let id = reference(&sandbox, "me").id;
    let exec = format!("credential exec --store=file {id}");
    for info in [None, Some(r#"{"apiVersion":"client.authentication.k8s.io/v1","spec":{}}"#)] {
        sandbox.env.exec_info = info.map(Into::into);
        let said = sandbox.run(&exec).0;
        assert!(said.contains("no terminal to ask for it") && said.contains("--- exit 6"), "{said}");
        assert!(said.contains("@DIR@/account/.config/kcx/config.yaml"), "{said}");
        assert!(!sandbox.path().join("pwned").exists());
    }
    // The account's own command runs, in its home and with none of these variables.
    fs::write(
        own.join("config.yaml"),
        "credential:\n  passphrase-command: [sh, -c, 'pwd > ran; env >> ran']\n",
    )
    .unwrap();
    let said = sandbox.run(&exec).0;
    assert!(said.contains("the passphrase is empty"), "{said}");
    let ran = fs::read_to_string(sandbox.path().join("account/ran")).unwrap();
    let home = sandbox.path().join("account").to_string_lossy().into_owned();
    assert!(ran.starts_with(&home) && ran.contains(&format!("\nHOME={home}\n")), "{ran}");
    assert!(ran.contains("\nPATH=/usr/") && !ran.contains("CARGO"), "{ran}");
}

#[test]
fn a_cluster_that_kcx_changes_keeps_its_credential() {
    let mut sandbox = sealed();
    let with = |server: &str| json!({"server": server, "certificate-authority-data": "YXV0aG9yaXR5"});
    let said = fine(&sandbox, "config set-cluster c --server=https://moved.example");
    assert!(said.contains("the credential of user `me` is now sealed for https://moved.example"), "{said}");
    gets_it(&mut sandbox, Some(&with("https://moved.example")));
    gets_nothing(&mut sandbox, Some(&known()));
    fine(&sandbox, "undo");
    gets_it(&mut sandbox, Some(&known()));
    fine(&sandbox, "config set clusters.c.proxy-url http://p.example:3128");
    let mut proxied = known();
    proxied["proxy-url"] = "http://p.example:3128".into();
    gets_it(&mut sandbox, Some(&proxied));
    gets_nothing(&mut sandbox, Some(&known()));
    fine(&sandbox, "config unset clusters.c.proxy-url");
    gets_it(&mut sandbox, Some(&known()));
    // A change that does not concern the credential prints nothing about it.
    let said = fine(&sandbox, "config set-cluster d --server=https://other.example");
    assert!(!said.contains("credential"), "{said}");
    // A context that leads elsewhere has to be allowed by the user.
    let said = fine(&sandbox, "config set-context three --cluster=d --user=me");
    assert!(said.contains("uses user `me` with https://other.example"), "{said}");
    assert!(said.contains("`kcx credential seal me`"), "{said}");
    gets_nothing(&mut sandbox, Some(&json!({"server": "https://other.example"})));
    let list = fine(&sandbox, "credential list --store file --passphrase-file @DIR@/pass");
    assert!(list.contains("other cluster"), "{list}");
    let said = fine(&sandbox, "credential seal me");
    assert!(said.contains("is sealed for https://c.example and https://other.example\n"), "{said}");
    gets_it(&mut sandbox, Some(&json!({"server": "https://other.example"})));
    gets_it(&mut sandbox, Some(&known()));
}

#[test]
fn where_the_keychain_would_ask_the_command_is_said() {
    let sandbox = sealed();
    let config = text(&sandbox);
    let pass = format!("      - \"--passphrase-file={}\"\n", sandbox.path().join("pass").display());
    assert!(config.contains(&pass), "{config}");
    fs::write(sandbox.path().join(".kube/config"), config.replace(&pass, "")).unwrap();
    let said = fine(&sandbox, "config set-cluster c --server=https://moved.example");
    assert!(said.contains("uses user `me` with https://moved.example"), "{said}");
    assert!(said.contains("`kcx credential seal me`"), "{said}");
}

#[test]
fn an_import_that_replaces_a_cluster_does_not_take_the_credential_along() {
    let mut sandbox =
        sealed().file("evil.yaml", "clusters:\n- name: c\n  cluster: {server: 'https://evil.example'}\n");
    let said = fine(&sandbox, "import @DIR@/evil.yaml --on-conflict overwrite --allow-user=me");
    assert!(said.contains("uses user `me` with https://evil.example"), "{said}");
    assert!(said.contains("`kcx credential seal me`"), "{said}");
    let evil = json!({"server": "https://evil.example"});
    gets_nothing(&mut sandbox, Some(&evil));
    // A later change of the imported cluster, or sealing all, does not rebind it either.
    fine(&sandbox, "config set-cluster c --tls-server-name=x");
    let said = fine(&sandbox, &format!("credential seal --all {COMMAND}"));
    assert!(
        said.contains(
            "uses user `me` with https://evil.example, but its credential is sealed for https://c.example"
        ),
        "{said}"
    );
    for cluster in [&evil, &json!({"server": "https://evil.example", "tls-server-name": "x"})] {
        gets_nothing(&mut sandbox, Some(cluster));
    }
    gets_it(&mut sandbox, Some(&known()));
    // Nor is it written back in plain text under that cluster.
    let said = sandbox.run("credential unseal me").0;
    assert!(said.contains("with https://evil.example") && said.contains("--- exit 1"), "{said}");
    assert!(!text(&sandbox).contains(TOKEN));
}

/// One undo removes an import; the next undo brings it back as an import.
#[test]
fn an_import_that_comes_back_by_undo_does_not_take_the_credential_along() {
    let mut sandbox =
        sealed().file("evil.yaml", "clusters:\n- name: c\n  cluster: {server: 'https://evil.example'}\n");
    fine(&sandbox, "import @DIR@/evil.yaml --on-conflict overwrite --allow-user=me");
    fine(&sandbox, "undo");
    gets_it(&mut sandbox, Some(&known()));
    let said = fine(&sandbox, "undo --change 2");
    assert!(text(&sandbox).contains("evil.example"), "{said}");
    assert!(said.contains("`kcx credential seal me`"), "{said}");
    gets_nothing(&mut sandbox, Some(&json!({"server": "https://evil.example"})));
}

/// A bundle of authorities that no client can pass to a plugin: Linux would refuse to start it.
#[test]
fn an_authority_that_no_plugin_could_be_told_is_named() {
    let sandbox = sandbox();
    fs::write(sandbox.path().join(".kube/ca.crt"), "x".repeat(200_000)).unwrap();
    let said = fine(&sandbox, &format!("credential seal me {FLAGS} {COMMAND}"));
    assert!(said.contains("cluster `c`: its certificate authority has 200000 bytes"), "{said}");
    let said = fine(&sandbox, &format!("credential seal me --any-cluster {COMMAND}"));
    assert!(said.contains("sealed for every cluster"), "{said}");
    assert!(text(&sandbox).contains("provideClusterInfo: false"), "{}", text(&sandbox));
}

/// An entry that refers to the credential, copied to other users and other files.
#[test]
fn a_borrowed_entry_gets_no_secret_in_plain_text() {
    let sandbox = sealed();
    let config = text(&sandbox);
    let (_, entry) = config.split_once("    exec:").unwrap();
    let (entry, _) = entry.split_once("- name: guest").unwrap();
    let guest =
        config.replace("- name: guest\n  user: {}\n", &format!("- name: guest\n  user:\n    exec:{entry}"));
    assert_ne!(guest, config);
    fs::write(sandbox.path().join(".kube/config"), &guest).unwrap();
    let foreign = guest.replace("https://c.example", "https://evil.example");
    fs::write(sandbox.path().join("foreign"), &foreign).unwrap();
    for words in [
        "credential unseal guest",
        "credential unseal guest -y",
        "--kubeconfig @DIR@/foreign credential unseal me",
        "--kubeconfig @DIR@/foreign credential unseal guest",
        "credential seal guest --any-cluster",
        "--kubeconfig @DIR@/foreign credential seal me",
    ] {
        let said = sandbox.run(words).0;
        assert!(said.contains("--- exit 1") && !said.contains(TOKEN), "{words}: {said}");
        assert!(said.contains("user `guest` ") || said.contains("user `me` "), "{words}: {said}");
        assert!(said.contains("no file changed"), "{words}: {said}");
    }
    let said = sandbox.run("credential unseal --all").0;
    assert!(
        said.contains("unsealed user `me`")
            && said.contains("it stays sealed")
            && said.contains("--- exit 1"),
        "{said}"
    );
    assert_eq!(text(&sandbox).matches(TOKEN).count(), 1);
}

#[test]
fn a_file_copied_over_another_is_no_credential_of_the_other() {
    let mut sandbox = sealed();
    fs::write(sandbox.path().join("token"), "low-token").unwrap();
    let seal = sandbox.run("config set users.low.token low-token").0;
    assert!(seal.contains("exit 0"), "{seal}");
    fine(&sandbox, &format!("credential seal low {FLAGS} {COMMAND}"));
    let file =
        |user: &str| sandbox.path().join(format!("data/credentials/{}.age", reference(&sandbox, user).id));
    fs::copy(file("low"), file("me")).unwrap();
    let answer = gets_nothing(&mut sandbox, Some(&known()));
    assert!(answer.contains("returned different data") && !answer.contains("low-token"), "{answer}");
}

#[test]
fn a_user_without_a_context_is_sealed_and_no_cluster_gets_it_until_one_is_named() {
    let mut sandbox = sandbox();
    let lone = text(&sandbox).replace("user: me", "user: other");
    fs::write(sandbox.path().join(".kube/config"), lone).unwrap();
    let said = fine(&sandbox, &format!("credential seal me {FLAGS} {COMMAND}"));
    assert!(said.contains("no context uses user `me` with a cluster"), "{said}");
    let answer = gets_nothing(&mut sandbox, Some(&known()));
    assert!(answer.contains("sealed for no cluster"), "{answer}");
    fine(&sandbox, "config set-context one --user=me");
    fine(&sandbox, &format!("credential seal --all {COMMAND}"));
    gets_it(&mut sandbox, Some(&known()));
}

#[test]
fn an_id_that_is_a_path_is_no_reference_in_any_command() {
    for id in ["../../important", "/important", "a/../../b", "..", ".hidden", "-x", "a\\b", "a b"] {
        for command in ["kcx-credential, args: [exec", "kcx, args: [credential, exec"] {
            let user = format!(
                "{{exec: {{apiVersion: client.authentication.k8s.io/v1, command: {command}, --store=file, '{id}']}}}}"
            );
            let text = format!("users:\n- name: t\n  user: {user}\n");
            let mut sandbox =
                Sandbox::with(&text).file("pass", "open sesame\n").file("important.age", "mine");
            sandbox.env.data = Some(sandbox.path().join("a/b"));
            for words in [
                "get t",
                "unseal t",
                "remove t -y",
                "seal t",
                "copy t u",
                "list --store file --passphrase-file @DIR@/pass",
            ] {
                let said = sandbox.run(&format!("credential {words}")).0;
                assert!(said.contains("no file changed"), "{id}: {words}: {said}");
            }
            assert!(
                sandbox
                    .run("credential list --store file --passphrase-file @DIR@/pass -o name")
                    .0
                    .starts_with("--- stderr")
            );
        }
        let sandbox = Sandbox::with("users: []\n").file("pass", "open sesame\n");
        let said =
            sandbox.run(&format!("credential remove --store file --passphrase-file @DIR@/pass -y -- {id}")).0;
        assert!(said.contains("no file changed"), "{said}");
    }
}

/// The second program has one verb.
#[test]
fn the_plugin_does_one_thing() {
    let run = |words: &[&str]| {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_kcx-credential"))
            .args(words)
            .env_clear()
            .output()
            .unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    };
    for words in [
        vec![],
        vec!["credential", "exec", "a.b"],
        vec!["exec"],
        vec!["exec", "../a"],
        vec!["exec", "prod", "--", "sh"],
        vec!["exec", "--passphrase-command=x", "a.b"],
        vec!["shell"],
        vec!["list"],
    ] {
        let (code, out, err) = run(&words);
        assert_eq!((code, out.as_str()), (Some(2), ""), "{words:?}: {err}");
        assert!(err.contains("kcx-credential exec"), "{words:?}: {err}");
    }
    assert_eq!(run(&["--version"]).1, format!("kcx-credential {}\n", env!("CARGO_PKG_VERSION")));
    assert!(run(&["--help"]).1.contains("prints an ExecCredential"));
}

#[test]
fn a_found_file_that_nobody_has_permitted_names_no_cluster_for_a_credential() {
    let found = "\
clusters: [{name: z, cluster: {server: 'https://evil.example'}}]
contexts: [{name: z, context: {cluster: z, user: me}}]
";
    let mut sandbox = sandbox().file(".kube/config.d/z.yaml", found);
    let said = fine(&sandbox, &format!("credential seal me {FLAGS} {COMMAND}"));
    assert!(!said.contains("and `https://evil.example`"), "{said}");
    assert!(said.contains("context `z`"), "{said}");
    gets_it(&mut sandbox, Some(&known()));
    gets_nothing(&mut sandbox, Some(&json!({"server": "https://evil.example"})));
}

#[test]
fn only_what_a_new_binding_leaves_out_is_named_as_lost() {
    let sandbox = sealed();
    fs::write(sandbox.path().join(".kube/ca.crt"), "another authority").unwrap();
    let said = fine(&sandbox, "credential seal me");
    let want = "sealed for https://c.example, and no longer for https://c.example with another certificate authority\n";
    assert!(said.contains(want), "{said}");
    fine(&sandbox, "config set-context one --cluster=d");
    let said = fine(&sandbox, "credential seal me");
    assert!(said.contains("sealed for https://d.example, and no longer for https://c.example\n"), "{said}");
    fine(&sandbox, "config set clusters.d.server https://u:hunter2@d.example");
    fine(&sandbox, "config set-context three --cluster=d --user=me");
    fine(&sandbox, "config set-cluster e --server=https://d.example");
    let said = fine(&sandbox, "config set-context four --cluster=e --user=me");
    assert!(said.contains("user `me` with https://d.example with no login in its URL,"), "{said}");
    assert!(!said.contains("hunter2"), "{said}");
}

/// A keychain that nobody asked for may be missing.
#[test]
fn a_list_of_encrypted_files_needs_no_keychain() {
    let list = |sandbox: &Sandbox, words: &[&str]| {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_kcx"))
            .args(["credential", "list", "--passphrase-file", "pass"])
            .args(words)
            .current_dir(sandbox.path())
            .env_clear()
            .env("HOME", sandbox.path())
            .env("DBUS_SESSION_BUS_ADDRESS", format!("unix:path={}/no-bus", sandbox.path().display()))
            .output()
            .unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8(said).unwrap())
    };
    let sandbox = sealed();
    for words in [&[][..], &["--prune"], &["-o", "json"]] {
        let (code, said) = list(&sandbox, words);
        assert_eq!(code, Some(0), "{said}");
        assert!(said.contains("sealed") && !said.contains("warning"), "{said}");
    }
    let missing = "no keychain is available for the list of credentials: D-Bus is not running";
    let (_, said) = list(&sandbox, &["--store=keychain"]);
    assert!(said.contains(missing), "{said}");
    // Who has sealed nothing hears nothing of it; but nobody is told that there are no orphans if there could be.
    let (code, said) = list(&self::sandbox(), &[]);
    assert!(code == Some(0) && said.starts_with("nothing is sealed; ") && !said.contains(missing), "{said}");
    let (code, said) = list(&self::sandbox(), &["--prune"]);
    assert!(code == Some(6) && said.contains(missing), "{said}");
}

//! `kcx exec`: the real kubectl, once for each context.

use crate::tools::{Home, KCX, complaint, fine, kubectl, sessions};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Output};

const CONFIG: &str = "\
apiVersion: v1
kind: Config
clusters:
- name: c
  cluster: {server: 'https://c', certificate-authority: pki/ca.pem}
users:
- name: u
  user: {token: s3cr3t}
contexts:
- name: dev
  context: {cluster: c, user: u}
- name: prod-eu
  context: {cluster: c, user: u, namespace: web}
- name: prod-us
  context: {cluster: c, user: u, namespace: web}
current-context: dev
";

fn home() -> Home {
    let home = Home::new();
    home.write("config", CONFIG);
    fs::create_dir(home.path("run")).unwrap();
    fs::set_permissions(home.path("run"), fs::Permissions::from_mode(0o700)).unwrap();
    home
}

fn exec(home: &Home, words: &[&str]) -> Output {
    let mut command: Command = home.command(KCX, home.path("config"));
    command.env("XDG_RUNTIME_DIR", home.path("run")).env("HELM_NAMESPACE", "elsewhere");
    let output = command.arg("exec").args(words).output().unwrap();
    assert_eq!(sessions(home.dir.path()).len(), 0, "every session is gone");
    output
}

const WHERE: &str = "jsonpath={.current-context} {.contexts[0].context.namespace} {.clusters[0].cluster.certificate-authority}{\"\\n\"}";

#[test]
fn each_context_has_a_session_of_its_own() {
    let home = home();
    let kubectl = kubectl();
    let output =
        exec(&home, &["prod-*", "dev", "prod-us", "--", &kubectl, "config", "view", "--minify", "-o", WHERE]);
    assert_eq!(fine(&output), "prod-eu web pki/ca.pem\nprod-us web pki/ca.pem\ndev  pki/ca.pem\n");
    assert_eq!(complaint(&output), "`prod-eu`:\n`prod-us`:\n`dev`:\n");
    let output =
        exec(&home, &["prod-us", "-n", "shop", "--", "sh", "-c", "echo $HELM_KUBECONTEXT $HELM_NAMESPACE"]);
    assert_eq!(fine(&output), "prod-us shop\n");
    assert_eq!(complaint(&output), "");
    // What the command switches is its own; what it adds is the user's.
    let script =
        format!("{kubectl} config use-context dev && {kubectl} config set-cluster new --server=https://new");
    fine(&exec(&home, &["prod-us", "--", "sh", "-c", &script]));
    let config = fs::read_to_string(home.path("config")).unwrap();
    assert!(config.contains("current-context: dev") && config.contains("https://new"), "{config}");
}

#[test]
fn the_exit_code_is_honest() {
    let home = home();
    assert_eq!(exec(&home, &["dev", "--", "sh", "-c", "exit 7"]).status.code(), Some(7));
    assert_eq!(exec(&home, &["dev", "--", "sh", "-c", "kill -9 $$"]).status.code(), Some(137));
    let output = exec(&home, &["*", "--", "sh", "-c", "case $HELM_KUBECONTEXT in prod-*) exit 3;; esac"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        complaint(&output),
        "`dev`:\n`prod-eu`:\n`prod-us`:\nerror: failed in 2 of 3: `prod-eu` (exit code 3), `prod-us` (exit code 3)\n"
    );
    for (words, code, want) in [
        (
            &["nowhere", "--", "true"][..],
            3,
            "error: no context named `nowhere`\nhint: `kcx get` lists all 3\n",
        ),
        (
            &["dev", "--", "no-such-program"],
            127,
            "error: cannot start `no-such-program`: no such file or directory\n",
        ),
        (&["dev", "-n", "No", "--", "true"], 2, "error: `No` is not a valid namespace name"),
        (&["dev"], 2, "error: there is no command to run"),
    ] {
        let output = exec(&home, words);
        assert_eq!(output.status.code(), Some(code), "{words:?}");
        assert!(complaint(&output).starts_with(want), "{words:?}: {}", complaint(&output));
    }
}

#[test]
fn a_program_that_reads_one_file_gets_one() {
    let home = home();
    fs::create_dir(home.path("pki")).unwrap();
    home.write("pki/ca.pem", "authority");
    let script = format!(
        "case $KUBECONFIG in *:*) exit 9;; esac; stat -c %a $KUBECONFIG; grep -c 'name: prod' $KUBECONFIG; {} config view --minify -o '{}'",
        kubectl(),
        WHERE.replace('\n', "\\n")
    );
    let output = exec(&home, &["prod-us", "-n", "shop", "--single-file", "--", "sh", "-c", &script]);
    let ca = home.path("pki/ca.pem");
    assert_eq!(fine(&output), format!("600\n1\nprod-us shop {}\n", ca.display()));
    assert_eq!(complaint(&output), "");
    // What it writes there is moved into the user's own file.
    let script = format!("{} config set-cluster new --server=https://new", kubectl());
    let output = exec(&home, &["prod-us", "--single-file", "--", "sh", "-c", &script]);
    let config = home.path("config");
    assert_eq!(
        complaint(&output),
        format!("moved from this shell's overlay into `{}`: cluster `new`\n", config.display())
    );
    assert!(fs::read_to_string(config).unwrap().contains("https://new"));
}

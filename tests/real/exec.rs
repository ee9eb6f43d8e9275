//! `kcx exec`: the real kubectl, once for each context.

use crate::tools::{Home, KCX, complaint, fine, kubectl, sessions};
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Output, Stdio};

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
    kcx(home, &[&["exec"], words].concat())
}

fn kcx(home: &Home, words: &[&str]) -> Output {
    let mut command: Command = home.command(KCX, home.path("config"));
    command.env("XDG_RUNTIME_DIR", home.path("run")).env("HELM_NAMESPACE", "elsewhere");
    let output = command.args(words).output().unwrap();
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

/// Programs that cannot be started, each with the exit code of a shell and what is said.
fn not_started(home: &Home) -> Vec<(String, i32, String)> {
    let file = |name: &str, text: &str, mode| {
        home.write(name, text);
        fs::set_permissions(home.path(name), fs::Permissions::from_mode(mode)).unwrap();
        home.path(name).display().to_string()
    };
    let said = |program: &str, why: &str| format!("error: cannot start `{program}`: {why}\n");
    let script = "hint: a script needs a first line such as `#!/bin/sh`, or its shell: `sh FILE`\n";
    let loader = "hint: the file exists, but not the interpreter or the loader that it names\n";
    let (plain, bare, lost) = (
        file("plain", "#!/bin/sh\n", 0o600),
        file("bare", "echo ran\n", 0o700),
        file("lost", "#!/no/such/sh\n", 0o700),
    );
    let folder = home.dir.path().display().to_string();
    vec![
        ("no-such-program".to_owned(), 127, said("no-such-program", "no such file or directory")),
        (String::new(), 127, said("", "no such file or directory")),
        (lost.clone(), 127, said(&lost, "no such file or directory") + loader),
        (plain.clone(), 126, said(&plain, "permission denied")),
        (folder.clone(), 126, said(&folder, "permission denied")),
        (bare.clone(), 126, said(&bare, "exec format error") + script),
    ]
}

#[test]
fn a_program_that_cannot_be_started_ends_as_in_a_shell() {
    let home = home();
    fs::create_dir(home.path("pki")).unwrap();
    home.write("pki/ca.pem", "authority");
    for (program, code, want) in not_started(&home) {
        for how in [
            &["exec", "dev", "--"][..],
            &["exec", "dev", "-o", "json", "--"],
            &["exec", "dev", "--single-file", "--"],
            &["exec", "--global", "--"],
            &["shell", "dev", "--"],
            &["shell", "dev", "--locked", "--"],
            &["shell", "--"],
        ] {
            let output = kcx(&home, &[how, &[&program]].concat());
            assert_eq!(output.status.code(), Some(code), "{how:?} {program}");
            assert_eq!(complaint(&output), want, "{how:?}");
        }
        for how in [&["prod-*", "--"][..], &["prod-*", "--parallel", "2", "--"]] {
            let output = exec(&home, &[how, &[&program]].concat());
            assert_eq!(output.status.code(), Some(code), "{how:?} {program}");
            let (first, _) = want.split_once('\n').unwrap();
            assert!(complaint(&output).contains(first), "{how:?}: {}", complaint(&output));
            assert!(complaint(&output).contains("did not run: "), "{how:?}");
        }
    }
}

#[test]
fn a_shell_runs_a_command_instead_and_ends_with_its_exit_code() {
    let home = home();
    let show = format!("{} config view --minify -o '{}'", kubectl(), WHERE.replace('\n', "\\n"));
    let output = kcx(&home, &["shell", "prod-us", "-n", "shop", "--", "sh", "-c", &show]);
    assert_eq!(fine(&output), "prod-us shop pki/ca.pem\n");
    assert_eq!(complaint(&output), "");
    // What the environment had for helm does not lead it elsewhere, and CMD can switch, for itself alone.
    let switch = format!("{KCX} use prod-eu -q; {KCX} current -o name; echo $HELM_NAMESPACE; cat; exit 7");
    let mut command: Command = home.command(KCX, home.path("config"));
    let command = command.env("XDG_RUNTIME_DIR", home.path("run")).env("HELM_NAMESPACE", "elsewhere");
    let mut child = command
        .args(["shell", "dev", "--", "sh", "-c", &switch])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"input\n").unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "prod-eu\n\ninput\n");
    assert_eq!(output.status.code(), Some(7));
    assert_eq!(kcx(&home, &["shell", "dev", "--", "sh", "-c", "kill -9 $$"]).status.code(), Some(137));
    // Without a name it is the current context; a locked one cannot switch.
    let output = kcx(&home, &["shell", "--", KCX, "current", "-o", "name"]);
    assert_eq!(fine(&output), "dev\n");
    let output = kcx(&home, &["shell", "prod-eu", "--locked", "--", KCX, "use", "dev"]);
    assert_eq!(output.status.code(), Some(1), "{}", complaint(&output));
    assert_eq!(sessions(home.dir.path()).len(), 0, "every session is gone");
    let output = kcx(&home, &["shell", "dev", "--"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(complaint(&output).starts_with("error: there is no command to run\n"), "{}", complaint(&output));
    assert_eq!(kcx(&home, &["shell", "nowhere", "--", "true"]).status.code(), Some(3));
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

//! `kcx doctor` in a real shell: what it says of the hook is true there.

use crate::screen::Screen;
use crate::tools::{Home, KCX, TWO};
use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::process::Command;

const ONE: &str = "\
apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {server: 'https://c.example'}}]
contexts: [{name: a, context: {cluster: c, user: u}}]
users: [{name: u, user: {tokenFile: token}}]
current-context: a
";

#[test]
fn a_shell_with_the_hook_is_well_until_it_loses_its_list() {
    let rc = "PS1='$ '\neval \"$(kcx init bash)\"\n";
    let screen = Screen::new(&[(".kube/config", ONE), (".kube/token", "t\n"), (".bashrc", rc)]);
    for file in [".kube/config", ".kube/token"] {
        let private = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        std::fs::set_permissions(screen.path(file), private).unwrap();
    }
    screen.start("bash --noprofile", 120, 24);
    let pane = screen.main();
    pane.wait_for("$");
    let run = |command: &str, until: &str| {
        pane.press(&["C-l"]);
        pane.wait("a clear screen", |seen| !seen.contains("left:"));
        pane.text(&format!("{command}; echo \"left: $?\""));
        pane.press(&["Enter"]);
        pane.wait_for(until)
    };
    let seen = run("kcx doctor", "left: 0");
    assert!(seen.contains("ok: hook, prompt, completion"), "{seen}");
    assert!(!seen.contains("error:") && !seen.contains("warning:"), "{seen}");
    let seen = run("KUBECONFIG=~/.kube/config kcx doctor", "left: 0");
    assert!(seen.contains("warning: hook: KUBECONFIG was set after the hook"), "{seen}");
    // An error is an exit code.
    let seen = run("rm ~/.kube/token; sed -i 's/https:/https/' ~/.kube/config; kcx doctor", "left: 1");
    assert!(seen.contains("error: entries:"), "{seen}");
}

#[test]
fn a_folder_in_which_no_lock_can_be_created_is_named() {
    let home = Home::new();
    fs::create_dir(home.path("fixed")).unwrap();
    home.write("fixed/kc", TWO);
    // An ordinary user: what is forbidden to others is not to root.
    let kcx = home.path("kcx");
    assert!(Command::new("cp").arg(KCX).arg(&kcx).status().unwrap().success());
    let mut command = home.command(kcx.to_str().unwrap(), home.path("fixed/kc").to_str().unwrap());
    let paths = ["", "fixed", "fixed/kc"];
    if paths.iter().all(|path| chown(home.path(path), Some(65534), Some(65534)).is_ok()) {
        command.uid(65534).gid(65534);
    }
    fs::set_permissions(home.path("fixed"), fs::Permissions::from_mode(0o500)).unwrap();
    let answer = command.arg("doctor").output().unwrap();
    fs::set_permissions(home.path("fixed"), fs::Permissions::from_mode(0o700)).unwrap();
    let said = String::from_utf8_lossy(&answer.stdout).into_owned();
    let folder = home.path("fixed");
    let (shown, typed) =
        (format!("`{}` cannot be written", folder.display()), format!("chmod u+w {}", folder.display()));
    assert!(said.contains(&shown) && said.contains(&typed), "{said}");
}

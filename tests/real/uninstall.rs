//! `docs/uninstall.md`, step by step, in a home with all that kcx writes there: nothing of kcx is left, and kubectl's own
//! files are what they were.

use crate::tools::{Home, KCX, KCX_CREDENTIAL};
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

const PAGE: &str = include_str!("../../docs/uninstall.md");

const CONFIG: &str = "\
apiVersion: v1
kind: Config
clusters:
- name: c
  cluster: {server: 'https://c.example'}
contexts:
- name: dev
  context: {cluster: c, user: bot}
- name: prod
  context: {cluster: c, user: bot}
users:
- name: bot
  user:
    token: tok-7c6a180b36896a0a8c02787eeafb0e4c
current-context: dev
";

const BASHRC: &str = "PS1='$ '\nexport PATH=\"$HOME/.cargo/bin:$PATH\"\n";

/// In the place of `cargo uninstall kcx`, which removes the two programs.
const CARGO: &str =
    "#!/bin/sh\n[ \"$*\" = 'uninstall kcx' ] && rm ~/.cargo/bin/kcx ~/.cargo/bin/kcx-credential\n";

/// The commands of the step that begins like this, without the indentation of its list.
fn commands(step: &str) -> Vec<String> {
    let at = PAGE.find(step).unwrap_or_else(|| panic!("docs/uninstall.md has no step `{step}`"));
    let text = &PAGE[at + step.len()..];
    let end = (1..10).filter_map(|number| text.find(&format!("\n{number}. "))).min();
    let text = &text[..end.unwrap_or(text.len())];
    let blocks = text.split("```sh\n").skip(1).map(|block| block.split("```").next().unwrap());
    blocks.map(|block| block.lines().map(str::trim_start).collect::<Vec<_>>().join("\n")).collect()
}

fn program(path: &Path, text: impl AsRef<[u8]>) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// Everything below a folder that is no folder.
fn files(home: &Path) -> Vec<String> {
    let found = Command::new("find").arg(home).args(["!", "-type", "d", "-printf", "%P\n"]).output().unwrap();
    let mut files: Vec<String> =
        String::from_utf8(found.stdout).unwrap().lines().map(str::to_owned).collect();
    files.sort();
    files
}

/// Runs lines as a script of the user.
fn run(home: &Home, script: &str) {
    let path = format!("{}:/usr/bin:/bin", home.path(".cargo/bin").display());
    let mut command = home.command("bash", "");
    command.env_remove("KUBECONFIG").env("PATH", path).args(["-euc", script]);
    let output = command.output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{script}\n{}", String::from_utf8_lossy(&said));
}

#[test]
fn after_all_steps_nothing_of_kcx_is_left_and_the_credentials_are_back() {
    let home = Home::new();
    let read = |name: &str| fs::read_to_string(home.path(name)).unwrap();
    for (name, text) in [(".kube/config", CONFIG), ("pass", "correct horse\n"), (".bashrc", BASHRC)] {
        program(&home.path(name), text);
        fs::set_permissions(home.path(name), fs::Permissions::from_mode(0o600)).unwrap();
    }
    let before = files(home.dir.path());
    for (name, source) in [("kcx", KCX), ("kcx-credential", KCX_CREDENTIAL)] {
        program(&home.path(".cargo/bin").join(name), fs::read(source).unwrap());
    }
    program(&home.path(".cargo/bin/cargo"), CARGO);
    for name in ["kubectx", "kubectl-kcx"] {
        symlink("kcx", home.path(".cargo/bin").join(name)).unwrap();
    }
    program(&home.path(".local/share/man/man1/kcx-use.1"), ".TH kcx-use 1\n");
    let completions = include_str!("../../completions/kcx.bash");
    program(&home.path(".local/share/bash-completion/completions/kcx"), completions);
    program(&home.path(".config/kcx/config.yaml"), "picker: builtin\n");

    // kcx is used: a hook, a session that ended, a sealed credential.
    run(&home, "kcx init bash --install; kcx credential seal --all --store file --passphrase-file ~/pass");
    run(&home, "eval \"$(kcx init bash)\"; kcx use prod; kcx use dev");
    assert!(!read(".kube/config").contains("tok-7c6a") && read(".bashrc").contains("kcx init"));

    let mut done = 0;
    let mut follow = |step: &str| {
        for block in commands(step) {
            run(&home, &block);
            done += 1;
        }
    };
    follow("1. Put sealed credentials back");
    assert_eq!(read(".kube/config"), CONFIG);
    // The second step is for kubeconfigs in a discovery folder alone. The third is done in an editor.
    let kept: String =
        read(".bashrc").split_inclusive('\n').filter(|line| !line.contains("kcx init")).collect();
    fs::write(home.path(".bashrc"), kept).unwrap();
    follow("6. Remove links to kcx");
    follow("7. Remove kcx's folders");
    assert!(done >= 3, "docs/uninstall.md has {done} commands");

    fs::remove_file(home.path(".cargo/bin/cargo")).unwrap();
    assert_eq!(files(home.dir.path()), before);
    assert_eq!((read(".kube/config"), read(".bashrc")), (CONFIG.to_owned(), BASHRC.to_owned()));
}

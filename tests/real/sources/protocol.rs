//! The three programs of `docs/sources.md`, as sources.

use super::home;
use crate::tools::{Home, KCX, fine};
use std::fs;
use std::os::unix::fs::PermissionsExt;

/// The program in this language on the page.
fn program(language: &str) -> &'static str {
    let page = include_str!("../../../docs/sources.md");
    let (_, rest) = page.split_once(&format!("\n```{language} protocol\n")).expect(language);
    let (program, _) = rest.split_once("\n```\n").unwrap();
    let lines = program.lines().filter(|line| !line.trim().is_empty()).count();
    assert!(lines <= 24, "{language}: {lines} lines");
    program
}

/// Runs kcx, which must succeed.
fn kcx(home: &Home, words: &[&str]) -> String {
    let mut command = home.command(KCX, "");
    fine(&command.env_remove("KUBECONFIG").args(words).output().unwrap())
}

/// The program follows a folder.
fn follows(home: &Home, from: &str) {
    let config = |name: &str, server: &str| {
        let text = format!(
            "apiVersion: v1\nkind: Config\nclusters:\n- {{name: c, cluster: {{server: '{server}'}}}}\nusers:\n\
             - {{name: u, user: {{token: t}}}}\ncontexts:\n- {{name: x, context: {{cluster: c, user: u}}}}\n"
        );
        fs::write(home.path(&format!("inventory/{name}.yaml")), text).unwrap();
    };
    fs::create_dir(home.path("inventory")).unwrap();
    config("shop", "https://shop");
    config("my lab", "https://lab");
    let tested = kcx(home, &["source", "test", "own"]);
    assert_eq!(tested, format!("my lab.yaml: `x` from={from}\nshop.yaml: `x` from={from}\n"));
    kcx(home, &["sync"]);
    assert_eq!(kcx(home, &["get", "-o", "name"]), "my lab\nshop\n");
    config("shop", "https://new");
    kcx(home, &["sync"]);
    assert!(fs::read_to_string(home.path(".kube/config.d/own.yaml")).unwrap().contains("https://new"));
    fs::remove_dir_all(home.path("inventory")).unwrap();
    // A folder that is away is a failure, not an empty list.
    let output = home.command(KCX, "").env_remove("KUBECONFIG").arg("sync").output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{from}");
}

fn with_script(language: &str, from: &str) {
    let home = home("- {name: own, command: ~/bin/inventory}\n");
    let path = home.write("bin/inventory", program(language));
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    follows(&home, from);
}

#[test]
fn the_example_in_sh_is_a_source() {
    with_script("sh", "sh");
}

#[test]
fn the_example_in_python_is_a_source() {
    with_script("python", "python");
}

#[cfg(feature = "built")]
#[test]
fn the_example_in_go_is_a_source() {
    let home = home("- {name: own, command: ~/bin/inventory}\n");
    home.write("main.go", program("go"));
    let go = std::process::Command::new("go")
        .args(["build", "-o"])
        .args([home.path("bin/inventory"), home.path("main.go")])
        .current_dir("/")
        .output();
    fine(&go.unwrap());
    follows(&home, "go");
}

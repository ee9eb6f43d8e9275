//! Which credential plugins run: kcx's verdict on a policy beside what the real kubectl does with it.

use crate::tools::{Home, complaint, kubectl};
use kcx::env::Env;
use kcx::kuberc::{Kuberc, allow};
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

const HEAD: &str = "apiVersion: kubectl.config.k8s.io/v1beta1\nkind: Preference\n";

/// A plugin that leaves a mark.
fn plugin(path: &Path) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let credential = r#"{"apiVersion":"client.authentication.k8s.io/v1","status":{"token":"t"}}"#;
    fs::write(path, format!("#!/bin/sh\n: > \"$HOME/ran\"\necho '{credential}'\n")).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

struct Scene {
    home: Home,
    env: Env,
}

impl Scene {
    fn new() -> Scene {
        let home = Home::new();
        for name in ["bin/plug", "bin/other", "else/plug", ".kube/plug", "space bin/plug"] {
            plugin(&home.path(name));
        }
        symlink(home.path("bin/plug"), home.path("bin/link")).unwrap();
        fs::write(home.path("bin/text"), "no program").unwrap();
        let path = std::env::join_paths([home.path("bin"), home.path("space bin")]).unwrap();
        let env = Env { path: Some(path), cwd: home.path("else"), ..Env::default() };
        Scene { home, env }
    }

    /// True if the real kubectl starts the command.
    fn kubectl_runs(&self, command: &str, kuberc: &str) -> bool {
        let config = format!(
            "{{apiVersion: v1, kind: Config, current-context: x, contexts: [{{name: x, context: {{cluster: c, user: u}}}}], \
             clusters: [{{name: c, cluster: {{server: 'https://127.0.0.1:1'}}}}], \
             users: [{{name: u, user: {{exec: {{apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, command: '{command}'}}}}}}]}}"
        );
        let config = self.home.write(".kube/config", config);
        let kuberc = self.home.write(".kube/kuberc", kuberc);
        let mut asked = self.home.command(&kubectl(), config);
        asked.env("PATH", self.env.path.as_ref().unwrap()).env("KUBERC", kuberc);
        let output = asked.current_dir(&self.env.cwd).args(["get", "--raw", "/"]).output().unwrap();
        let ran = fs::remove_file(self.home.path("ran")).is_ok();
        let refused = complaint(&output).contains("allow");
        assert!(ran || refused || complaint(&output).contains("not found"), "{}", complaint(&output));
        ran
    }

    fn kcx_allows(&self, command: &str, kuberc: &str) -> bool {
        let (kuberc, complaint) = Kuberc::parse(kuberc).unwrap();
        assert_eq!(complaint, None);
        kuberc.policy().unwrap().check(Path::new(command), &|name| self.env.find_program(name)).is_ok()
    }
}

#[test]
fn a_policy_allows_what_kubectl_runs() {
    let scene = Scene::new();
    let at = |name: &str| scene.home.path(name).to_string_lossy().into_owned();
    let commands = [
        "plug".to_owned(),
        "link".to_owned(),
        "text".to_owned(),
        "absent".to_owned(),
        at("bin/plug"),
        at("bin/../bin/plug"),
        at("bin/link"),
        at("else/plug"),
        at("bin/absent"),
        at("space bin/plug"),
    ];
    let lists = [
        vec!["plug".to_owned()],
        vec!["other".to_owned(), "link".to_owned()],
        vec![at("bin/plug")],
        vec![at("else/plug"), "absent".to_owned()],
        vec![at("space bin/plug"), at("bin/text")],
    ];
    let (mut yes, mut no) = (0, 0);
    for list in &lists {
        let list: Vec<&str> = list.iter().map(String::as_str).collect();
        let kuberc = allow("", &list).unwrap();
        for command in &commands {
            let runs = scene.kubectl_runs(command, &kuberc);
            // What is on the list and no program is allowed, and does not run.
            let program = scene.env.look_up(command).is_some();
            let allowed = scene.kcx_allows(command, &kuberc) && program;
            assert_eq!(allowed, runs, "{command} with {list:?}");
            if runs { yes += 1 } else { no += 1 }
        }
    }
    assert!(yes >= 10 && no >= 10, "{yes} {no}");
}

#[test]
fn the_other_policies_are_kubectls_and_an_added_command_runs() {
    let scene = Scene::new();
    for (body, runs) in [
        ("", true),
        ("credentialPluginPolicy: AllowAll\n", true),
        ("credentialPluginPolicy: DenyAll\n", false),
    ] {
        let kuberc = format!("{HEAD}{body}");
        assert_eq!(scene.kubectl_runs("plug", &kuberc), runs, "{body}");
        assert_eq!(scene.kcx_allows("plug", &kuberc), runs, "{body}");
        assert!(scene.kubectl_runs("plug", &allow(&kuberc, &["plug"]).unwrap()), "{body}");
    }
    let strict = format!(
        "{HEAD}credentialPluginPolicy: Allowlist\ncredentialPluginAllowlist:\n- command: other # mine\n"
    );
    assert!(!scene.kubectl_runs("plug", &strict));
    assert!(scene.kubectl_runs("plug", &allow(&strict, &["plug"]).unwrap()));
}

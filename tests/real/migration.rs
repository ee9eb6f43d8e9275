//! Shells that were started under kcx 0.1.0 go on working under this version: with the hook and the session of that version,
//! as `kcx init` of commit 1aea3ef made them.

use crate::screen::{Screen, wait_until};
use crate::tools::{DEV_AND_PROD, KCX, sessions, two_days_pass};
use kcx::file::ProcessIdentity;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

/// The overlay of a shell that follows the kubeconfig, and of one on `prod` with a namespace of its own.
const FOLLOWS: &str =
    "# This shell's own context, made by kcx. It goes when the shell does.\napiVersion: v1\nkind: Config\n";
const ON_PROD: &str = "\
# This shell's own context, made by kcx. It goes when the shell does.
apiVersion: v1
contexts:
- context:
    cluster: c
    namespace: shop
    user: u
  name: prod
current-context: prod
kind: Config
";

/// A shell, its start-up file, the hook of 0.1.0, and how that hook assigns and runs a script.
type Old = (&'static str, &'static str, &'static str, &'static str, fn(&str, &str) -> String);

const SHELLS: [Old; 3] = [
    ("bash", ".bashrc", include_str!("../fixtures/hook-0.1.0/kcx.bash"), "PS1='$ '\n", posix),
    ("zsh", ".zshrc", include_str!("../fixtures/hook-0.1.0/kcx.zsh"), "PROMPT='$ '\n", posix),
    (
        "fish",
        ".config/fish/config.fish",
        include_str!("../fixtures/hook-0.1.0/kcx.fish"),
        "set fish_greeting\nfunction fish_prompt; printf '$ '; end\n",
        |name, value| format!("set -g {name} '{value}'\n"),
    ),
];

fn posix(name: &str, value: &str) -> String {
    format!("{name}='{value}'\n")
}

/// Writes a session as 0.1.0 did, in the runtime folder; its `KUBECONFIG` follows from it.
fn old_session(screen: &Screen, id: &str, pinned: &str, overlay: &str, owner: &str) -> String {
    let folder = screen.path("run/kcx").join(id);
    fs::create_dir_all(&folder).unwrap();
    for folder in [screen.path("run/kcx"), folder.clone()] {
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).unwrap();
    }
    let own = screen.path(".kube/config").display().to_string();
    for (name, text) in [
        ("kcx-overlay.yaml", overlay),
        ("owner", owner),
        ("pinned", pinned),
        ("files", &format!("[\"{own}\"]")),
        ("seen-0", ""),
        ("seen-1", ""),
    ] {
        fs::write(folder.join(name), text).unwrap();
        fs::set_permissions(folder.join(name), fs::Permissions::from_mode(0o600)).unwrap();
    }
    format!("{}/kcx-overlay.yaml:{own}", folder.display())
}

#[test]
fn a_shell_of_the_first_version_goes_on() {
    for (shell, rc, hook, prompt, assign) in SHELLS {
        let screen = Screen::new(&[(".kube/config", DEV_AND_PROD)]);
        let list = old_session(&screen, "OLD", "", FOLLOWS, &ProcessIdentity::current().render());
        let folder = screen.path("run/kcx/OLD").display().to_string();
        let assigned: String = [
            ("__kcx_bin", KCX),
            ("__kcx_new", &folder),
            ("__kcx_new_list", &list),
            ("__kcx_owner", &std::process::id().to_string()),
            ("__kcx_show", "yes"),
        ]
        .iter()
        .map(|(name, value)| assign(name, value))
        .collect();
        let path = screen.path(rc);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, format!("{prompt}{assigned}{hook}")).unwrap();
        screen.start(shell, 160, 20);
        let pane = screen.main();
        pane.wait_for("dev:default $");
        pane.run("kcx use prod");
        pane.wait_for("prod:web $");
        pane.run("kcx ns shop");
        pane.wait_for("prod:shop $");
        let seen = pane.run("kubectl config current-context; kcx current -o name; kcx exec dev -- kubectl config current-context");
        assert_eq!(seen, "prod\nprod\ndev", "{shell}");
        pane.run("kubectl config use-context dev");
        pane.wait_for("dev:default $");
        let seen = pane.run(
            "kubectl config set-cluster kind --server=https://kind.example; kubectl config use-context prod",
        );
        assert!(seen.contains("Cluster \"kind\" set"), "{shell}: {seen}");
        pane.wait_for("moved from this shell's overlay");
        pane.wait_for("prod:web $");
        assert!(screen.read(".kube/config").contains("https://kind.example"), "{shell}");
        // A shell that is started in it begins where it is, in a session of this version.
        let nested = "bash --norc -i -c 'eval \"$(kcx init bash --no-completions)\"; echo \"$KUBECONFIG\"; kubectl config current-context; kcx use -q dev'";
        let seen = pane.run(nested);
        assert!(
            seen.lines().any(|line| line == "prod") && seen.contains(".local/state/kcx/sessions/"),
            "{shell}: {seen}"
        );
        assert!(!seen.contains("run/kcx"), "{shell}: {seen}");
        assert_eq!(pane.run("kubectl config current-context"), "prod", "{shell}");
        pane.text("exit");
        pane.press(&["Enter"]);
        // It ends, and a later shell removes its session.
        assert!(
            wait_until(|| {
                next_shell(&screen);
                !screen.path("run/kcx/OLD").exists()
            }),
            "{shell}"
        );
    }
}

/// The next shell, two days later; returns what it says.
fn next_shell(screen: &Screen) -> String {
    if screen.path(".local/state/kcx/sessions").exists() {
        two_days_pass(&screen.path(""));
    }
    let words = screen.words("bash -c 'eval \"$(kcx init bash --no-completions)\"'");
    let output = Command::new("sh").args(["-c", &format!("exec {words}")]).output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn what_dead_shells_of_the_first_version_left_is_moved_and_swept() {
    let screen = Screen::new(&[(".kube/config", DEV_AND_PROD)]);
    let dead = ProcessIdentity::current().with_pid(u32::MAX / 2).render();
    old_session(&screen, "A", "", FOLLOWS, &dead);
    old_session(&screen, "B", "prod", ON_PROD, &dead);
    let kind = "clusters: [{name: kind, cluster: {server: 'https://kind.example'}}]\n";
    old_session(&screen, "C", "prod", &format!("{ON_PROD}{kind}"), &dead);
    let (mut said, mut rounds) = (String::new(), 0);
    while fs::read_dir(screen.path("run/kcx")).unwrap().count() > 0 && rounds < 3 {
        for old in ["A", "B", "C"].map(|id| screen.path("run/kcx").join(id)).iter().filter(|old| old.exists())
        {
            let touched = Command::new("find")
                .arg(old)
                .args(["-exec", "touch", "-d", "3 days ago", "{}", "+"])
                .status();
            assert!(touched.unwrap().success());
        }
        said += &next_shell(&screen);
        rounds += 1;
    }
    let left: Vec<_> = fs::read_dir(screen.path("run/kcx")).unwrap().collect();
    assert!(left.is_empty(), "{left:?}: {said}");
    assert!(said.contains("cluster `kind`"), "{said}");
    let config = screen.read(".kube/config");
    assert!(config.contains("https://kind.example") && !config.contains("shop"), "{config}");
    assert!(sessions(&screen.path("")).len() <= rounds);
}

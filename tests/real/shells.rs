//! Each shell has its own context: what a person types into bash, zsh and fish with the hook, and what they see.

use crate::screen::{Pane, Screen};
use crate::tools::{sessions, two_days_pass};
use std::path::PathBuf;
use std::process::Command;

const CONFIG: &str = "\
apiVersion: v1
clusters:
- cluster:
    server: https://dev.example
  name: c-dev
- cluster:
    server: https://prod.example
  name: c-prod
contexts:
- context:
    cluster: c-dev
    user: u
  name: dev
- context:
    cluster: c-prod
    namespace: web
    user: u
  name: prod
current-context: dev
kind: Config
users:
- name: u
  user:
    token: s3cr3t
";

/// A shell with the hook in its start-up file.
struct Kind {
    program: &'static str,
    rc: &'static str,
    hook: &'static str,
}

const SHELLS: [Kind; 3] = [
    Kind { program: "bash", rc: ".bashrc", hook: "PS1='$ '\neval \"$(kcx init bash)\"\n" },
    Kind { program: "zsh", rc: ".zshrc", hook: "PROMPT='$ '\neval \"$(kcx init zsh)\"\n" },
    Kind {
        program: "fish",
        rc: ".config/fish/config.fish",
        hook: "set fish_greeting\nfunction fish_prompt; printf '$ '; end\nkcx init fish | source\n",
    },
];

fn screen(kind: &Kind) -> Screen {
    // With this folder, fish starts no long background process, in which a session would live on.
    let completions = (".local/share/fish/generated_completions/empty.fish", "");
    let screen = Screen::new(&[(".kube/config", CONFIG), (kind.rc, kind.hook), completions]);
    screen.start(kind.program, 160, 20);
    screen.main().wait_for("dev:default $");
    screen
}

fn overlays(screen: &Screen) -> Vec<String> {
    // Another shell may remove one meanwhile.
    let read = |folder: PathBuf| std::fs::read_to_string(folder.join("kcx-overlay.yaml")).ok();
    let mut texts: Vec<String> = sessions(&screen.path("")).into_iter().filter_map(read).collect();
    texts.sort();
    texts
}

/// What kubectl itself says is current in this shell.
fn kubectl_says(pane: &Pane<'_>) -> String {
    pane.run("kubectl config current-context; kubectl config view --minify -o 'jsonpath={..namespace}'; echo")
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

#[test]
fn a_switch_stays_in_the_shell_and_kubectl_follows() {
    for kind in &SHELLS {
        let screen = screen(kind);
        let (here, there) = (screen.main(), screen.pane(kind.program));
        there.wait_for("dev:default $");
        here.run("kcx use prod");
        assert_eq!(kubectl_says(&here), "prod web", "{}", kind.program);
        assert_eq!(kubectl_says(&there), "dev", "{}", kind.program);
        here.wait_for("prod:web $");
        here.run("kcx ns shop");
        assert_eq!(kubectl_says(&here), "prod shop", "{}", kind.program);
        here.run("kcx use -");
        assert_eq!(kubectl_says(&here), "dev", "{}", kind.program);
        // The namespace comes back with its context; a person need not type the whole name.
        let said = here.run("kcx use pro");
        assert!(said.contains("using `pro` for `prod`\n"), "{}: {said}", kind.program);
        assert_eq!(kubectl_says(&here), "prod shop", "{}", kind.program);
        // The user's own file was not touched, and no secret left it.
        assert_eq!(screen.read(".kube/config"), CONFIG, "{}", kind.program);
        let overlays = overlays(&screen).concat();
        assert!(!overlays.contains("s3cr3t") && !overlays.contains("server"), "{overlays}");
        // For all shells where it is said; the shell that has a choice of its own keeps it.
        here.run("kcx use --global prod");
        assert_eq!(kubectl_says(&there), "prod web", "{}", kind.program);
        there.wait_for("prod:web $");
    }
}

#[test]
fn what_kubectl_switches_stays_in_the_shell() {
    for kind in &SHELLS {
        let screen = screen(kind);
        let pane = screen.main();
        pane.run("kubectl config use-context prod");
        pane.wait_for("prod:web $");
        pane.run("kubectl config set-context --current --namespace=mine");
        pane.wait_for("prod:mine $");
        assert_eq!(screen.read(".kube/config"), CONFIG, "{}", kind.program);
        // With no prompt in between, and through an alias.
        pane.run("alias k=kubectl");
        pane.run("kubectl config use-context dev && kubectl config set-context --current --namespace=x");
        pane.wait_for("dev:x $");
        pane.run("k config use-context prod && k config set-context --current --namespace=y");
        pane.wait_for("prod:y $");
        assert_eq!(screen.read(".kube/config"), CONFIG, "{}", kind.program);
        // A cluster that a tool adds is for all shells: it goes to the user's own file.
        let seen =
            pane.run("kubectl config set-cluster new --server=https://new.example; kcx current -o name");
        assert!(seen.contains("prod"), "{seen}");
        pane.wait("the cluster to go home", |_| screen.read(".kube/config").contains("https://new.example"));
        assert!(!overlays(&screen).concat().contains("new.example"), "{}", kind.program);
    }
}

#[test]
fn a_shell_in_a_shell_begins_where_its_parent_is() {
    for kind in &SHELLS {
        let screen = screen(kind);
        let pane = screen.main();
        pane.run("kcx use prod");
        pane.press(&["C-l"]);
        pane.text(kind.program);
        pane.press(&["Enter"]);
        pane.wait("the prompt of the inner shell", |seen| {
            seen.contains("prod:web $") && !seen.contains("done-here")
        });
        let list = pane.run("kcx use dev; echo list $KUBECONFIG");
        assert_eq!(list.matches("kcx-overlay.yaml").count(), 2, "{}: {list}", kind.program);
        assert_eq!(overlays(&screen).len(), 2, "{}", kind.program);
        pane.press(&["C-l"]);
        pane.text("exit");
        pane.press(&["Enter"]);
        pane.wait_for("prod:web $");
        assert_eq!(kubectl_says(&pane), "prod web", "{}", kind.program);
        // The inner one goes when a later shell looks for what nobody uses.
        two_days_pass(&screen.path(""));
        screen.pane(kind.program).wait_for("dev:default $");
        assert_eq!(overlays(&screen).len(), 2, "{}", kind.program);
    }
}

#[test]
fn a_shell_that_was_killed_leaves_nothing_for_long() {
    for kind in &SHELLS {
        let screen = screen(kind);
        let pid = if kind.program == "fish" { "$fish_pid" } else { "$$" };
        std::fs::write(screen.path("script"), format!("{}\nkcx use -q prod\nkill -9 {pid}\n", kind.hook))
            .unwrap();
        let words = screen.words(&format!("{} script", kind.program));
        let killed = Command::new("sh")
            .current_dir(screen.path(""))
            .args(["-c", &format!("exec {words}")])
            .output()
            .unwrap();
        assert_eq!(std::os::unix::process::ExitStatusExt::signal(&killed.status), Some(9), "{killed:?}");
        assert_eq!(overlays(&screen).len(), 2, "{}", kind.program);
        two_days_pass(&screen.path(""));
        let next = screen.pane(kind.program);
        next.wait_for("dev:default $");
        assert_eq!(overlays(&screen).len(), 2, "{}", kind.program);
    }
}

#[test]
fn a_list_that_was_set_anew_is_named_as_the_reason() {
    let screen = screen(&SHELLS[0]);
    let pane = screen.main();
    let seen = pane.run("KUBECONFIG=$HOME/.kube/config kcx use --session prod");
    assert!(seen.contains("KUBECONFIG was changed after the shell hook ran"), "{seen}");
    let seen = pane.run("env -u KUBECONFIG -u KCX_SESSION kcx use --session prod");
    assert!(seen.contains("the shell hook does not run in it"), "{seen}");
    assert_eq!(screen.read(".kube/config"), CONFIG);
}

/// As `sudo -E` and `su` leave it behind, and a container: named in the list, and out of reach or gone.
#[test]
fn an_overlay_of_somebody_else_is_harmless() {
    for kind in &SHELLS {
        let screen = screen(kind);
        // kcx's own removed overlay is taken off the list; a missing file with just the name stays, like any other.
        for (overlay, count) in [("run/kcx/gone/kcx-overlay.yaml", 2), ("other/gone/kcx-overlay.yaml", 3)] {
            let overlay = screen.path(overlay);
            let list = format!("{}:{}", overlay.display(), screen.path(".kube/config").display());
            let session = overlay.parent().unwrap().display().to_string();
            let pane = screen.pane(&format!("env KUBECONFIG={list} KCX_SESSION={session} {}", kind.program));
            pane.wait_for("dev:default $");
            pane.run("kcx use prod");
            assert_eq!(kubectl_says(&pane), "prod web", "{}", kind.program);
            let list = pane.run("echo list $KUBECONFIG");
            assert_eq!(list.matches("kcx-overlay.yaml").count(), count, "{}: {list}", kind.program);
        }
        assert_eq!(screen.read(".kube/config"), CONFIG);
    }
}

/// `sudo -E kcx use` and `sudo -E kcx ns`: to root the overlay is a kubeconfig of the user, the first of the list. This
/// needs a tester who is root.
#[test]
fn what_root_switches_stays_the_users() {
    use std::os::unix::fs::{MetadataExt, chown};
    let screen = screen(&SHELLS[0]);
    let pane = screen.main();
    let list = pane.run("echo $KUBECONFIG");
    let overlay = std::path::PathBuf::from(list.split(':').next().unwrap());
    let owner = std::fs::metadata(&overlay).unwrap().uid();
    let nobody = if owner == 0 { 65534 } else { owner };
    let folder = overlay.parent().unwrap();
    let names = || std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    for path in names().chain([folder.to_owned()]) {
        let _ = chown(path, Some(nobody), Some(nobody));
    }
    let seen = pane.run("kcx use prod; kcx ns shop; kcx current | head -2");
    assert!(seen.contains("context:   prod") && seen.contains("namespace: shop"), "{seen}");
    for path in names() {
        assert_eq!(std::fs::metadata(&path).unwrap().uid(), nobody, "{path:?}");
    }
}

#[test]
fn what_was_in_the_start_up_file_goes_on() {
    let rc = "set -eu\nPS1='[$?]$ '\ntrap 'echo bye >$HOME/bye' EXIT\nPROMPT_COMMAND='count=$((${count-0}+1))'\n\
              eval \"$(kcx init bash)\"\neval \"$(kcx init bash)\"\nset +e\n";
    let screen = Screen::new(&[(".kube/config", CONFIG), (".bashrc", rc)]);
    screen.start("bash", 100, 20);
    let pane = screen.main();
    pane.wait_for("dev:default [0]$");
    pane.press(&["C-l"]);
    pane.text("(exit 7)");
    pane.press(&["Enter"]);
    pane.wait_for("dev:default [7]$");
    let seen = pane.run("echo count $count; history | grep -c '__kcx'");
    assert!(!seen.contains("count 0") && seen.lines().nth(1) == Some("1"), "{seen}");
    assert_eq!(overlays(&screen).len(), 1);
    let beside = screen.pane("bash");
    beside.wait_for("dev:default [0]$");
    pane.text("exit");
    pane.press(&["Enter"]);
    beside.wait("both traps", |_| {
        let ended = |session: &PathBuf| session.join("ended").exists();
        screen.read("bye") == "bye\n" && sessions(&screen.path("")).iter().filter(|it| ended(it)).count() == 1
    });
}

#[test]
fn nothing_new_starts_no_process() {
    for (kind, call) in [(&SHELLS[0], "__kcx_precmd"), (&SHELLS[1], "__kcx_precmd")] {
        let screen = Screen::new(&[(".kube/config", CONFIG), (kind.rc, kind.hook)]);
        // What was changed a moment ago may change again in the same tick: an old file is a settled one.
        let path = screen.path(".kube/config");
        assert!(Command::new("touch").args(["-d", "1 hour ago"]).arg(path).status().unwrap().success());
        let script = format!(
            "{}\n__kcx_show=yes; {call}; touch -d '1 hour ago' $KCX_SESSION/kcx-overlay.yaml $HOME/.local/share/kcx/guards/*; {call}; {call}\n\
             echo begin >&2; for i in 1 2 3 4 5 6 7 8 9 10; do {call}; done; echo end >&2\n",
            kind.hook
        );
        std::fs::write(screen.path("script"), script).unwrap();
        let words = screen.words(&format!("{} script", kind.program));
        let trace = "strace -f -e trace=fork,vfork,clone,clone3,execve,write -e signal=none -o trace";
        let status = Command::new("sh")
            .current_dir(screen.path(""))
            .args([
                "-c",
                &words.replace(
                    &format!(" {} script", kind.program),
                    &format!(" {trace} {} script", kind.program),
                ),
            ])
            .output()
            .unwrap();
        assert!(status.status.success(), "{}", String::from_utf8_lossy(&status.stderr));
        let trace = screen.read("trace");
        let between = trace.split("\"begin").nth(1).and_then(|rest| rest.split("\"end").next()).unwrap();
        let started = between
            .lines()
            .filter(|line| line.contains("clone") || line.contains("fork") || line.contains("execve"));
        assert_eq!(started.count(), 0, "{}: {between}", kind.program);
        assert!(trace.contains("__sync") || trace.contains("clone"), "the trace sees processes: {trace}");
    }
}

#[test]
fn two_hundred_shells_at_once_do_not_meet() {
    let mut config = CONFIG.to_owned();
    let more: String =
        (0..200).map(|at| format!("- context:\n    cluster: c-dev\n    user: u\n  name: c{at}\n")).collect();
    config = config.replace("contexts:\n", &format!("contexts:\n{more}"));
    let screen = Screen::new(&[(".kube/config", &config)]);
    let script = "eval \"$(kcx init bash --no-completions)\"; kcx use -q c$1; kcx ns -q n$1; kcx use -q dev; kcx use -q -\n\
                  echo $1 $(kcx current -o name) $(kubectl config view --minify -o 'jsonpath={..namespace}')\n";
    std::fs::write(screen.path("script"), script).unwrap();
    let words = screen.words("bash script");
    let shells: Vec<_> = (0..200)
        .map(|at| {
            let mut command = Command::new("sh");
            command.current_dir(screen.path("")).args(["-c", &format!("{words} {at}")]);
            command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap()
        })
        .collect();
    for (at, shell) in shells.into_iter().enumerate() {
        let output = shell.wait_with_output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "");
        assert_eq!(String::from_utf8_lossy(&output.stdout), format!("{at} c{at} n{at}\n"));
    }
    assert_eq!(screen.read(".kube/config"), config);
    assert!(sessions(&screen.path("")).iter().all(|session| session.join("ended").exists()));
    let start = || {
        Command::new("sh").args(["-c", &format!("{words} 0")]).current_dir(screen.path("")).output().unwrap()
    };
    two_days_pass(&screen.path(""));
    start();
    assert_eq!(overlays(&screen).len(), 1, "no session is kept that nobody uses");
}

#[test]
fn shellcheck_has_nothing_to_say_of_the_hook() {
    let hooks = ["kcx.bash", "kubectl.bash"]
        .map(|name| format!("{}/src/session/hook/{name}", env!("CARGO_MANIFEST_DIR")));
    let output = Command::new("shellcheck").args(hooks).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn a_new_terminal_starts_where_the_last_one_was_from_its_first_prompt_on() {
    for kind in &SHELLS {
        let screen = screen(kind);
        let settings = screen.path(".config/kcx/config.yaml");
        std::fs::create_dir_all(settings.parent().unwrap()).unwrap();
        std::fs::write(&settings, "session: restore\n").unwrap();
        let first = screen.main();
        first.run("kcx use prod -n shop");
        first.wait_for("prod:shop $");
        // tmux was started without the hook, so each pane is a terminal of its own.
        let second = screen.pane(kind.program);
        let seen = second.wait_for("prod:shop $");
        assert!(!seen.contains("dev"), "{}: {seen}", kind.program);
        assert_eq!(kubectl_says(&second), "prod shop", "{}", kind.program);
        second.run("kcx use dev");
        second.wait_for("dev:default $");
        assert_eq!(kubectl_says(&first), "prod shop", "{}", kind.program);
        // What cannot be restored is said above the first prompt.
        second.run("kcx use prod");
        std::fs::write(&settings, "session: restore\nrules: [{match: prod, confirm: yes}]\n").unwrap();
        let third = screen.pane(kind.program);
        third.wait_for("dev:default $");
        let seen = third.seen();
        let said = "this shell starts on `dev`: the context of the last terminal, `prod`, is protected; `kcx use prod` switches to it";
        assert!(seen.contains(said), "{}: {seen}", kind.program);
    }
}

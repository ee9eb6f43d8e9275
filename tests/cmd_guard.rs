//! The guard of a session, and an overlay that is made again from it.

use crate::common::{Sandbox, THREE};
use kcx::kubeconfig::Document;
use kcx::session::{Session, hook};
use kcx::store::Precedence;
use std::fs;
use std::path::PathBuf;

/// A shell with a session above `~/.kube/config`.
struct Shell {
    sandbox: Sandbox,
    session: Session,
}

fn config(sandbox: &Sandbox) -> PathBuf {
    sandbox.path().join(".kube/config")
}

fn shell() -> Shell {
    let mut sandbox = Sandbox::with(THREE);
    sandbox.env.data = Some(sandbox.path().join("data"));
    let session = Session::create(&sandbox.env, std::process::id(), &[config(&sandbox)], None).unwrap();
    sandbox.env.kubeconfig = Some(hook::list(&session, &[config(&sandbox)]));
    sandbox.env.session = Some(session.folder().into());
    Shell { sandbox, session }
}

impl Shell {
    fn run(&self, words: &str) -> String {
        self.sandbox.run(words).0
    }

    fn overlay(&self) -> String {
        fs::read_to_string(self.session.overlay()).unwrap()
    }

    fn guard(&self) -> String {
        fs::read_to_string(self.session.guard()).unwrap()
    }

    /// The current context of the guard.
    fn guards_context(&self) -> String {
        Document::parse(self.guard().into_bytes()).unwrap().current_context().to_owned()
    }

    /// What kubectl makes of the guard when it writes this text instead of another: comments go.
    fn kubectl_writes_guard(&self, old: &str, new: &str) {
        let text: String = self.guard().split_inclusive('\n').filter(|line| !line.starts_with('#')).collect();
        assert!(text.contains(old), "{text}");
        fs::write(self.session.guard(), text.replace(old, new)).unwrap();
    }
}

/// Ways in which an overlay is lost.
const LOSSES: [fn(&Session); 3] = [
    |session| fs::remove_file(session.overlay()).unwrap(),
    |session| fs::remove_dir_all(session.folder()).unwrap(),
    |session| fs::write(session.overlay(), "").unwrap(),
];

#[test]
fn the_guard_is_on_a_context_that_is_nowhere_while_its_shell_has_one() {
    let shell = shell();
    assert!(shell.session.guard().starts_with(shell.sandbox.path().join("data/guards")));
    for (words, context) in [
        ("get", ""),
        ("use prod-eu1", "kcx-lost"),
        ("ns shop", "kcx-lost"),
        ("use --unset", ""),
        ("config use-context stale", "kcx-lost"),
        ("config unset current-context", ""),
        ("config set-context --current --namespace=x", "kcx-lost"),
    ] {
        let said = shell.run(words);
        assert!(said.contains("--- exit 0\n"), "{words}: {said}");
        assert_eq!(shell.guards_context(), context, "{words}");
        assert!(!shell.guard().contains("s3cr3t") && !shell.guard().contains("server"), "{words}");
    }
    // After kubectl's own switch the next command or prompt brings it up to date.
    for look in ["get", "__sync bash"] {
        shell.run("use --unset");
        fs::write(shell.session.overlay(), "current-context: prod-eu1\n").unwrap();
        shell.run(look);
        assert_eq!(shell.guards_context(), "kcx-lost", "{look}");
        // A guard that was removed comes back.
        fs::remove_dir_all(shell.sandbox.path().join("data/guards")).unwrap();
        shell.run(look);
        assert_eq!(shell.guards_context(), "kcx-lost", "{look}");
    }
}

#[test]
fn a_lost_overlay_is_made_again_and_that_is_said() {
    let again = "warning: this shell's overlay was deleted and has been restored: ";
    for lose in LOSSES {
        for look in ["get", "__sync bash", "current", "config get-contexts", "__as kubectx -c", "init bash"] {
            for (switch, said, current) in [
                ("use --unset", "it follows the kubeconfig\n", "dev"),
                ("use prod-eu1", "context `prod-eu1`\n", "prod-eu1"),
                ("use prod-eu1 -n shop", "context `prod-eu1`, namespace `shop`\n", "prod-eu1"),
            ] {
                let shell = shell();
                shell.run(switch);
                let before = shell.overlay();
                lose(&shell.session);
                let text = shell.run(look);
                assert!(text.contains(&format!("{again}{said}")), "{look}: {text}");
                assert_eq!(shell.overlay(), before, "{look}: {switch}");
                assert_eq!(shell.session.files().unwrap(), [config(&shell.sandbox)]);
                assert_eq!(shell.session.owner().unwrap().pid, std::process::id());
                let text = shell.run("current -o name");
                assert_eq!(text, format!("{current}\n--- stderr\n--- exit 0\nno file changed\n"));
            }
        }
        // A switch needs the old overlay, too: `-` leads back from there.
        let shell = shell();
        shell.run("use prod-eu1");
        lose(&shell.session);
        let text = shell.run("use stale");
        assert!(text.contains(again) && text.contains("switched to context `stale`\n"), "{text}");
        assert!(shell.run("use -").contains("switched to context `prod-eu1`"));
    }
}

#[test]
fn a_prompt_only_shows_that_the_overlay_is_lost() {
    let shell = shell();
    shell.run("use prod-eu1");
    fs::remove_file(shell.session.overlay()).unwrap();
    assert!(shell.run("prompt --format {context}").starts_with("kcx-lost"));
    assert!(!shell.session.overlay().exists());
}

#[test]
fn what_other_programs_wrote_meanwhile_counts() {
    let lost = "current-context: kcx-lost\n";
    let shell = shell();
    shell.run("use prod-eu1");
    fs::remove_dir_all(shell.session.folder()).unwrap();
    shell.kubectl_writes_guard(lost, "current-context: stale\n");
    let text = shell.run("get -o name");
    assert!(text.contains("restored: context `stale`, which another program chose\n"), "{text}");
    assert!(shell.run("current -o name").starts_with("stale\n"));
    assert_eq!(shell.guards_context(), "kcx-lost");
    // A cluster goes to the user's own file, and the shell goes nowhere by itself.
    fs::remove_file(shell.session.overlay()).unwrap();
    shell.kubectl_writes_guard(
        "clusters: []\n",
        "clusters:\n- cluster: {server: 'https://kind.example'}\n  name: kind\n",
    );
    let text = shell.run("get -o name");
    assert!(text.contains("restored, but its context is lost\nhint: `kcx use NAME`"), "{text}");
    assert!(
        text.contains("moved from this shell's overlay into `@DIR@/.kube/config`: cluster `kind`\n"),
        "{text}"
    );
    assert!(!shell.guard().contains("kind.example") && !shell.overlay().contains("kind.example"));
    let text = shell.run("current");
    assert!(!text.contains("--- exit 0\n") && text.contains("`kcx-lost`"), "{text}");
    assert!(shell.run("use dev").contains("switched to context `dev`\n--- exit 0\n"));
}

#[test]
fn what_is_in_the_guard_while_the_overlay_is_there_goes_home_too() {
    let shell = shell();
    shell.run("use prod-eu1");
    // Relative paths are relative to the guard.
    let cluster = "clusters:\n- cluster: {server: 'https://kind.example', certificate-authority: ca.pem}\n  name: kind\n";
    shell.kubectl_writes_guard("clusters: []\n", cluster);
    let text = shell.run("get -o name");
    assert!(text.contains("into `@DIR@/.kube/config`: cluster `kind`\n"), "{text}");
    assert!(text.contains("+    certificate-authority: @DIR@/data/guards/ca.pem\n"), "{text}");
    assert!(!shell.guard().contains("kind.example") && shell.overlay().contains(": prod-eu1\n"));
    assert!(shell.run("get").ends_with("no file changed\n"));
}

#[test]
fn an_overlay_that_cannot_be_made_again_leads_nowhere() {
    let shell = shell();
    shell.run("use prod-eu1");
    fs::remove_file(shell.session.overlay()).unwrap();
    fs::write(shell.session.overlay().with_extension("yaml.lock"), "").unwrap();
    for words in ["current -o name --lock-timeout=0s", "get kcx-lost --lock-timeout=0s", "__sync bash"] {
        let text = shell.run(words);
        assert!(text.contains("was deleted and cannot be restored: "), "{text}");
        assert!(!text.contains("dev\n"), "{text}");
    }
}

/// kcx takes from a list exactly the files of the user, however the list was put together.
#[test]
fn the_users_own_files_are_found_in_every_list() {
    let own_files: [&[&str]; 6] =
        [&[], &["config"], &["a", "b", "c"], &["missing", "a"], &["a", "a"], &["", "a"]];
    for files in own_files {
        let mut sandbox = Sandbox::new().file("a", THREE).file("b", "").file("config", "");
        let spelled = |name: &&str| if name.is_empty() { PathBuf::new() } else { sandbox.path().join(name) };
        let files: Vec<PathBuf> = files.iter().map(spelled).collect();
        let session = Session::create(&sandbox.env, 1, &files, None).unwrap();
        let (overlay, guard) = (session.overlay(), session.guard().to_owned());
        let list = hook::list(&session, &files);
        let listed: Vec<PathBuf> = std::env::split_paths(&list).collect();
        assert_eq!(listed[..2], [overlay.clone(), guard.clone()]);
        assert_eq!(listed[listed.len() - 2..], [guard.clone(), overlay.clone()]);
        let mut unique = files.clone();
        unique.dedup();
        if unique.is_empty() {
            unique = vec![sandbox.path().join(".kube/config")];
        }
        let others = |env: &kcx::env::Env| Precedence::new(None, env).without_overlays(env).paths;
        for lost in [vec![], vec![&overlay], vec![&guard], vec![&overlay, &guard]] {
            lost.iter().for_each(|path| drop(fs::remove_file(path)));
            sandbox.env.kubeconfig = Some(list.clone());
            assert_eq!(others(&sandbox.env), unique, "{lost:?}");
            assert_eq!(Precedence::new(None, &sandbox.env).overlay().unwrap().path(), overlay);
            session_again(&session);
        }
    }
}

/// Puts back what the laws above have removed; its content does not matter to them.
fn session_again(session: &Session) {
    fs::write(session.overlay(), "kind: Config\n").unwrap();
    fs::write(session.guard(), "kind: Config\n").unwrap();
}

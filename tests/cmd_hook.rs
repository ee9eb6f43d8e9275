//! `kcx __sync`: what a prompt asks kcx, when `KUBECONFIG` was changed after the hook ran.

use crate::common::{Sandbox, THREE};
use kcx::session::{Session, StoredSelection, hook};
use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;

/// A shell with the hook, and its prompt.
struct Shell {
    sandbox: Sandbox,
    first: Session,
}

/// A project's own kubeconfig: another cluster, and a context that the user has, too.
const PROJECT: &str = "\
apiVersion: v1
kind: Config
clusters:
- {name: mini, cluster: {server: 'https://mini.example'}}
users: [{name: me, user: {}}]
contexts:
- {name: mini, context: {cluster: mini, user: me, namespace: lab}}
- {name: dev, context: {cluster: mini, user: me}}
current-context: mini
";

fn shell() -> Shell {
    let mut sandbox = Sandbox::with(THREE).file("project/kc.yaml", PROJECT);
    let config = sandbox.path().join(".kube/config");
    let first =
        Session::create(&sandbox.env, std::process::id(), std::slice::from_ref(&config), None).unwrap();
    sandbox.env.kubeconfig = Some(hook::list(&first, &[config]));
    sandbox.env.session = Some(first.folder().into());
    Shell { sandbox, first }
}

/// The value that the text assigns to a variable.
fn assigned(text: &str, name: &str) -> Option<String> {
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='))?;
    Some(line.trim_matches('\'').to_owned())
}

impl Shell {
    /// The text that the hook evaluates.
    fn answer(&self) -> String {
        let (pid, folder) = (std::process::id(), self.first.folder().display());
        let text = self.sandbox.run(&format!("__sync bash 5 {pid} {folder}")).0;
        text.replace("@DIR@", &self.sandbox.path().to_string_lossy())
    }

    /// What the prompt shows; the shell then has what the hook exports.
    fn prompt(&mut self) -> String {
        let text = self.answer();
        assert!(text.ends_with("--- exit 0\nno file changed\n"), "{text}");
        if let Some(list) = assigned(&text, "export KUBECONFIG") {
            assert_eq!(assigned(&text, "__kcx_list").as_deref(), Some(list.as_str()));
            self.sandbox.env.kubeconfig = Some(list.into());
        }
        assigned(&text, "KCX_PROMPT").unwrap()
    }

    fn export(&mut self, list: impl Into<OsString>) {
        self.sandbox.env.kubeconfig = Some(list.into());
    }

    fn list(&self) -> OsString {
        self.sandbox.env.kubeconfig.clone().unwrap_or_default()
    }

    /// The user's own files in `KUBECONFIG`, which must have the overlay and its guard at both ends.
    #[track_caller]
    fn files(&self) -> Vec<PathBuf> {
        let all: Vec<PathBuf> = std::env::split_paths(&self.list()).collect();
        let [overlay, guard, files @ .., last_guard, last] = all.as_slice() else { panic!("{all:?}") };
        assert!(overlay.ends_with("kcx-overlay.yaml") && overlay == last && guard == last_guard, "{all:?}");
        files.to_owned()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.sandbox.path().join(name)
    }

    #[track_caller]
    fn switch(&self, words: &str) {
        let said = self.sandbox.run(words).0;
        assert!(said.contains("--- exit 0\nno file changed\n"), "{words}: {said}");
    }

    fn sessions(&self) -> usize {
        Session::all(&self.sandbox.env).len()
    }
}

#[test]
fn a_changed_list_is_laid_under_the_shells_overlay_and_leaving_it_brings_the_old_context_back() {
    let mut shell = shell();
    let project = shell.path("project/kc.yaml");
    assert_eq!(shell.prompt(), "dev:default");
    shell.switch("use prod-eu1");
    assert_eq!(shell.prompt(), "prod-eu1:web");
    let before = shell.list();
    // A directory: the context of the shell is not there, so its own counts.
    shell.export(&project);
    assert_eq!(shell.prompt(), "mini:lab");
    assert_eq!(shell.files(), std::slice::from_ref(&project));
    let inside = shell.list();
    assert_eq!(shell.prompt(), "mini:lab");
    assert_eq!(shell.list(), inside, "nothing is laid twice");
    shell.switch("use dev -n two");
    assert_eq!(shell.prompt(), "dev:two");
    // direnv evaluates its file again.
    shell.export(&project);
    assert_eq!(shell.prompt(), "dev:two");
    assert_eq!(shell.list(), inside);
    // direnv exports the old value again.
    shell.export(&before);
    assert_eq!(shell.prompt(), "prod-eu1:web");
    assert_eq!(shell.list(), before);
    // A switch in the directory has ended with it.
    shell.export(&project);
    assert_eq!(shell.prompt(), "mini:lab");
    assert_ne!(shell.list(), inside);
    shell.export(&before);
    assert_eq!(shell.prompt(), "prod-eu1:web");
}

#[test]
fn a_context_of_the_shell_stays_where_the_new_list_has_it() {
    let mut shell = shell();
    let (config, project) = (shell.path(".kube/config"), shell.path("project/kc.yaml"));
    shell.switch("use prod-eu1 -n shop");
    let before = shell.list();
    for own in [[&config, &project], [&project, &config]] {
        shell.export(std::env::join_paths(own).unwrap());
        assert_eq!(shell.prompt(), "prod-eu1:shop");
        assert_eq!(shell.files(), own.map(Clone::clone));
        shell.export(&before);
        shell.prompt();
    }
    // In front of the overlay, and behind it.
    for list in [
        std::env::join_paths(
            [project.clone().into_os_string()]
                .into_iter()
                .chain(std::env::split_paths(&before).map(Into::into)),
        ),
        std::env::join_paths(std::env::split_paths(&before).chain([project.clone()])),
    ] {
        shell.export(list.unwrap());
        assert_eq!(shell.prompt(), "prod-eu1:shop");
        assert_eq!(shell.files().len(), 2);
        shell.export(&before);
        assert_eq!(shell.prompt(), "prod-eu1:shop");
    }
    // A context of the same name in another cluster: the namespace was meant for this one.
    shell.switch("use dev -n mine");
    shell.export(&project);
    assert_eq!(shell.prompt(), "dev:default");
}

#[test]
fn without_a_list_the_default_file_is_under_the_overlay() {
    let mut shell = shell();
    shell.switch("use prod-eu1");
    let before = shell.list();
    for list in [None, Some(OsString::new()), Some(shell.path(".kube/config").into())] {
        shell.sandbox.env.kubeconfig = list;
        assert_eq!(shell.prompt(), "prod-eu1:web");
        assert_eq!(shell.list(), before);
    }
    assert_eq!(shell.sessions(), 1);
    // A shell that began in a project.
    shell.export(shell.path("project/kc.yaml"));
    assert_eq!(shell.prompt(), "mini:lab");
    shell.sandbox.env.kubeconfig = None;
    assert_eq!(shell.prompt(), "prod-eu1:web");
    assert_eq!(shell.list(), before);
}

#[test]
fn a_shell_in_a_shell_does_not_take_the_overlay_of_its_parent_for_its_own() {
    let mut shell = shell();
    shell.switch("use prod-eu1");
    let parents = Session::create(&shell.sandbox.env, 1, &[shell.path(".kube/config")], None).unwrap();
    shell.export(hook::list(&parents, &[shell.path(".kube/config")]));
    assert_eq!(shell.prompt(), "dev:default");
    shell.switch("use prod-eu1");
    assert_eq!(StoredSelection::read(&parents.read().unwrap()).unwrap(), None);
}

#[test]
fn what_a_tool_wrote_in_a_directory_goes_into_the_file_of_that_directory() {
    let mut shell = shell();
    let (project, before) = (shell.path("project/kc.yaml"), shell.list());
    shell.export(&project);
    shell.prompt();
    let overlay = std::env::split_paths(&shell.list()).next().unwrap();
    let text = fs::read_to_string(&overlay).unwrap();
    let new = "clusters: [{name: kind, cluster: {server: 'https://kind.example'}}]\n";
    fs::write(&overlay, text.replace("clusters: []\n", new)).unwrap();
    shell.export(&before);
    let said = shell.answer();
    assert!(said.contains("moved from this shell's overlay into") && said.contains("kc.yaml"), "{said}");
    assert!(fs::read_to_string(project).unwrap().contains("https://kind.example"));
    assert_eq!(fs::read_to_string(shell.path(".kube/config")).unwrap(), THREE);
}

#[test]
fn a_session_that_was_removed_with_all_that_told_of_it_is_replaced() {
    let shell = shell();
    shell.switch("use prod-eu1");
    fs::remove_dir_all(shell.first.folder()).unwrap();
    fs::remove_file(shell.first.guard()).unwrap();
    let text = shell.answer();
    assert!(text.contains("this shell's session was deleted and its context is lost"), "{text}");
    assert_eq!(assigned(&text, "KCX_PROMPT").unwrap(), "dev:default");
    let session = assigned(&text, "__kcx_mine").unwrap();
    assert_eq!(assigned(&text, "export KCX_SESSION").as_ref(), Some(&session));
    assert!(assigned(&text, "export KUBECONFIG").unwrap().starts_with(&session));
}

/// A shell with one file instead of a list has one in the directory, too.
#[test]
fn a_session_with_one_file_stays_one() {
    let mut shell = shell();
    let project = shell.path("project/kc.yaml");
    let one = shell.first.single_file();
    shell.first.record_embedding().unwrap();
    shell.first.put_file(&one, "current-context: dev\n").unwrap();
    shell.export(&one);
    assert_eq!(shell.prompt(), "dev:default");
    shell.export(&project);
    assert_eq!(shell.prompt(), "mini:lab");
    let inside = PathBuf::from(shell.list());
    assert!(inside.ends_with("kubeconfig.yaml") && inside != one, "{inside:?}");
    let text = fs::read_to_string(&inside).unwrap();
    assert!(text.contains("current-context: mini\n") && text.contains("https://mini.example"), "{text}");
    assert_eq!(shell.prompt(), "mini:lab");
    assert_eq!(PathBuf::from(shell.list()), inside);
    shell.export(&one);
    assert_eq!(shell.prompt(), "dev:default");
    assert_eq!(PathBuf::from(shell.list()), one);
}

#[test]
fn the_files_are_watched_where_there_is_no_session() {
    let mut sandbox = Sandbox::with(THREE);
    let answer = |sandbox: &Sandbox, words: &str| sandbox.run(&format!("__sync {words}")).0;
    // There is no folder for the times of files: bash and zsh ask each time, the others look themselves.
    for shell in ["bash 5", "zsh"] {
        let text = answer(&sandbox, shell);
        assert!(
            text.starts_with("KCX_PROMPT='dev:default'\n__kcx_list=''\n__kcx_watch=()\n__kcx_again='yes'\n"),
            "{text}"
        );
    }
    let text = answer(&sandbox, "fish");
    assert!(text.contains("set -g __kcx_watch '@DIR@/.kube/config'"), "{text}");
    let text = answer(&sandbox, "nushell");
    assert!(text.contains(r#""watch":["@DIR@/.kube/config"]"#), "{text}");
    // The shell that has lost its session keeps the times in its folder.
    let first = Session::create(&sandbox.env, 1, &[], None).unwrap();
    sandbox.env.session = Some(first.folder().into());
    let text = answer(&sandbox, "zsh");
    assert!(text.contains("__kcx_again=''") && text.contains("/seen-0'"), "{text}");
    assert!(first.folder().join("seen-0").exists());
    // A file that has gone has no companion.
    fs::remove_file(sandbox.path().join(".kube/config")).unwrap();
    answer(&sandbox, "zsh");
    assert!(!first.folder().join("seen-0").exists());
}

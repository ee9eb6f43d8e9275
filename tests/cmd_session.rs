//! A shell with a context of its own: what `kcx init` prints, and what a switch there writes and leaves alone.

use crate::bless;
use crate::common::{Sandbox, THREE};
use kcx::kubeconfig::{Document, Kind};
use kcx::session::{Selection, Session, StoredSelection, hook};
use std::fs;
use std::path::PathBuf;

/// A shell with a session above `~/.kube/config`; a sandbox is the view of one shell.
struct Shell {
    sandbox: Sandbox,
    session: Session,
}

fn config(sandbox: &Sandbox) -> PathBuf {
    sandbox.path().join(".kube/config")
}

fn selection(context: &str, namespace: &str) -> StoredSelection {
    let document = Document::parse(THREE.as_bytes().to_vec()).unwrap();
    let entry = document.find(Kind::Context, context).unwrap();
    let body = document.body(Kind::Context, entry).unwrap().into_owned();
    StoredSelection::of(&Selection::new(context, Some(body.clone()), Some(namespace)), Some(&body))
}

fn session(sandbox: &Sandbox, choice: Option<&StoredSelection>) -> Session {
    Session::create(&sandbox.env, std::process::id(), &[config(sandbox)], choice).unwrap()
}

fn shell() -> Shell {
    inside(Sandbox::with(THREE), None)
}

fn inside(mut sandbox: Sandbox, choice: Option<&StoredSelection>) -> Shell {
    let session = session(&sandbox, choice);
    sandbox.env.kubeconfig = Some(hook::list(&session, &[config(&sandbox)]));
    sandbox.env.session = Some(session.folder().into());
    Shell { sandbox, session }
}

impl Shell {
    /// Runs kcx there; nothing but the overlay, which has a name of its own each time, may be told apart.
    fn run(&self, words: &str) -> String {
        self.sandbox.run(words).0.replace(&self.session.id(), "ID")
    }

    #[track_caller]
    fn shows(&self, words: &str, want: &str) {
        bless::same(&self.run(words), want, &format!("kcx {words}"));
    }

    /// The overlay without its first line, which is for people.
    fn overlay(&self) -> String {
        let text = fs::read_to_string(self.session.overlay()).unwrap();
        text.split_once('\n').unwrap().1.to_owned()
    }

    /// What another program does to the overlay.
    fn leave(&self, text: &str) {
        add(&self.session, text);
    }
}

/// Adds entries to an overlay that has none of their kind.
fn add(session: &Session, text: &str) {
    let mut old = fs::read_to_string(session.overlay()).unwrap();
    for list in ["clusters:", "contexts:", "users:"].iter().filter(|list| text.contains(**list)) {
        old = old.replace(&format!("{list} []\n"), "");
    }
    fs::write(session.overlay(), old + text).unwrap();
}

/// `KUBECONFIG` of a session above these files.
fn listed(files: &str) -> String {
    let (overlay, guard) = ("@DIR@/state/sessions/ID/kcx-overlay.yaml", "@DIR@/state/guards/ID.yaml");
    format!("{overlay}:{guard}:{files}:{guard}:{overlay}")
}

/// The overlay of a shell that follows the kubeconfig, and of one on a context with the namespace of the kubeconfig.
const FOLLOWS: &str = "apiVersion: v1\nclusters: []\ncontexts: []\nkind: Config\nusers: []\n";
const ON_PROD: &str =
    "apiVersion: v1\nclusters: []\ncontexts: []\ncurrent-context: prod-eu1\nkind: Config\nusers: []\n";

/// What `kcx init` gave a new shell: its text, and the session that was not there before.
fn init(sandbox: &Sandbox, words: &str, known: &[&Session]) -> (String, Option<Session>) {
    let text = sandbox.run(words).0;
    let mut new = Session::all(&sandbox.env);
    new.retain(|session| !known.contains(&session));
    assert!(new.len() <= 1, "{new:?}");
    let new = new.pop();
    let id = new.as_ref().map_or("none".to_owned(), Session::id);
    (text.replace(&id, "ID"), new)
}

#[cfg(unix)]
#[test]
fn init_tells_each_shell_the_same_in_its_own_words() {
    for (shell, assigned, first) in [
        ("bash", "=", "a '\\''b'\\'' $(c) \\"),
        ("zsh", "=", "a '\\''b'\\'' $(c) \\"),
        ("fish", " ", "a \\'b\\' $(c) \\\\"),
        ("elvish", " = ", "a ''b'' $(c) \\"),
        ("powershell", " = ", "a ''b'' $(c) \\"),
    ] {
        let want = format!("{assigned}'{}'\n", listed(&format!("@DIR@/{first}:@DIR@/two")));
        let mut sandbox = Sandbox::new().kubeconfig(&["a 'b' $(c) \\", "two"]);
        sandbox.env.parent = std::process::id();
        sandbox.env.program = Some("bin/it's kcx".into());
        let (text, new) = init(&sandbox, &format!("init {shell} --no-completions"), &[]);
        assert!(text.contains(&format!("__kcx_new_list{want}")), "{shell}: {text}");
        let owner = std::process::id().to_string();
        let assigned = |name: &str| {
            let line = text.lines().find(|line| line.contains(name)).unwrap();
            line.split_once(name).unwrap().1.trim_start_matches([' ', '=']).to_owned()
        };
        assert_eq!(assigned("__kcx_owner"), format!("'{owner}'"), "{shell}");
        assert!(assigned("__kcx_bin").contains("kcx'"), "{shell}: {text}");
        assert!(text.contains("--- stderr\n--- exit 0\nno file changed\n"), "{shell}: {text}");
        assert_eq!(new.unwrap().files().unwrap().len(), 2);
    }
    // Nushell's text is saved once, so it asks for its session each time.
    let mut sandbox = Sandbox::new().kubeconfig(&["a 'b' \"c\"", "two"]);
    sandbox.env.parent = std::process::id();
    let (text, new) = init(&sandbox, "init nu --no-completions", &[]);
    assert!(text.contains("$env.__kcx_bin = \"kcx\"\n") && new.is_none(), "{text}");
    let (text, new) = init(&sandbox, "__session nushell 1", &[]);
    let list = listed("@DIR@/a 'b' \\\"c\\\":@DIR@/two");
    let facts = format!("{{\"KCX_SESSION\":\"@DIR@/state/sessions/ID\",\"KUBECONFIG\":\"{list}\"}}\n");
    assert!(text.starts_with(&facts), "{text}");
    assert_eq!(new.unwrap().owner().unwrap().pid, 1);
}

#[test]
fn init_takes_its_flags() {
    let sandbox = Sandbox::with(THREE);
    let (text, _) = init(&sandbox, "init bash --no-prompt --no-completions --alias kubectx,kubens", &[]);
    assert!(text.contains("__kcx_show=''\n"), "{text}");
    assert!(!text.contains("complete -"), "{text}");
    assert!(
        text.contains("kubectl()")
            && sandbox.run("init bash --no-kubectl").0.matches("kubectl()").count() == 0
    );
    for name in ["kubectx", "kubens"] {
        assert!(text.contains(&format!("{name}() {{ command \"$__kcx_bin\" __as {name} \"$@\"; }}\n")));
    }
    assert!(sandbox.run("init bash").0.contains("complete -"));
    assert!(sandbox.run("init bash --alias ls").0.contains("--- exit 2\n"));
    assert!(sandbox.run("init csh").0.contains("--- exit 2\n"));
}

#[test]
fn a_relative_list_holds_wherever_the_shell_goes() {
    let mut sandbox = Sandbox::with(THREE);
    sandbox.env.kubeconfig = Some(".kube/config".into());
    let (text, _) = init(&sandbox, "init bash", &[]);
    assert!(text.contains(&format!("'{}'\n", listed("@DIR@/.kube/config"))), "{text}");
}

#[test]
fn a_nested_shell_begins_where_its_parent_is_and_goes_its_own_way() {
    let mut parent = inside(Sandbox::with(THREE), Some(&selection("prod-eu1", "mine")));
    // Not the process that the parent's session belongs to.
    parent.sandbox.env.parent = 1;
    let (text, child) = init(&parent.sandbox, "init bash --no-completions", &[&parent.session]);
    let child = child.unwrap();
    let list = format!("__kcx_new_list='{}'\n", listed("@DIR@/.kube/config"));
    assert!(text.contains(&list), "{text}");
    assert_eq!(
        fs::read_to_string(child.overlay()).unwrap(),
        fs::read_to_string(parent.session.overlay()).unwrap()
    );
    let before = parent.overlay();
    let (env, list) = (parent.sandbox.env.clone(), hook::list(&child, &[config(&parent.sandbox)]));
    parent.sandbox.env.kubeconfig = Some(list);
    parent.run("use dev");
    assert_eq!(parent.overlay(), before);
    // The same shell that reads its start-up file again keeps what it has.
    parent.sandbox.env = kcx::env::Env { parent: std::process::id(), ..env };
    let (text, new) = init(&parent.sandbox, "init bash", &[&parent.session, &child]);
    assert!(new.is_none() && text.contains(&parent.session.id()), "{text}");
}

#[test]
fn a_dead_overlay_in_the_list_is_harmless() {
    let mut sandbox = Sandbox::with(THREE);
    let home = sandbox.path().to_owned();
    for dead in ["state/sessions/gone/kcx-overlay.yaml", "state/sessions/g one/kcx-overlay.yaml"] {
        sandbox.env.kubeconfig = Some(std::env::join_paths([home.join(dead), config(&sandbox)]).unwrap());
        let before = Session::all(&sandbox.env);
        let (text, new) = init(&sandbox, "init bash", &before.iter().collect::<Vec<_>>());
        assert!(text.contains(&format!("'{}'\n", listed("@DIR@/.kube/config"))), "{text}");
        assert!(text.contains("--- stderr\n--- exit 0\n"), "{text}");
        assert_eq!(StoredSelection::read(&new.unwrap().read().unwrap()).unwrap(), None);
        let said = sandbox.run("use dev --session").0;
        assert!(
            said.contains(&format!(
                "this shell's context is not in force: `@DIR@/{dead}` no longer exists; nothing was"
            )),
            "{said}"
        );
        let said = sandbox.run("use prod-eu1").0;
        assert!(
            said.contains("no longer exists; nothing was switched") && said.contains("no file changed"),
            "{said}"
        );
        let said = sandbox.run("use prod-eu1 --global").0;
        assert!(said.contains("+current-context: prod-eu1 # for now"), "{said}");
        sandbox.run("use dev --global");
    }
}

#[test]
fn until_its_first_switch_a_shell_follows_all_others() {
    let shell = shell();
    assert_eq!(shell.overlay(), FOLLOWS);
    shell.shows("current -o name", "dev\n--- stderr\n--- exit 0\nno file changed\n");
    assert!(shell.run("current").contains("scope:     global\n"));
    shell.shows(
        "use prod-eu1 --global",
        r"
--- stderr
switched to context `prod-eu1`, namespace `web`
--- exit 0
--- .kube/config
-current-context: dev # for now
+current-context: prod-eu1 # for now
",
    );
    shell.shows("current -o name", "prod-eu1\n--- stderr\n--- exit 0\nno file changed\n");
}

#[test]
fn a_switch_writes_the_overlay_and_nothing_else() {
    let shell = shell();
    let said = "--- stderr\nswitched to context `prod-eu1`, namespace `shop`\n--- exit 0\nno file changed\n";
    shell.shows("use prod-eu1 -n shop", said);
    let overlay = "apiVersion: v1\nclusters: []\ncontexts:\n- context:\n    cluster: c-prod\n    namespace: shop\n    user: u-prod\n  name: prod-eu1\ncurrent-context: prod-eu1\nkind: Config\nusers: []\n";
    assert_eq!(shell.overlay(), overlay);
    shell.shows(
        "current",
        r"
context:   prod-eu1
namespace: shop
cluster:   c-prod
user:      u-prod
scope:     session
file:      @DIR@/.kube/config:15
--- stderr
--- exit 0
no file changed
",
    );
    let said = "--- stderr\nswitched to namespace `db` in context `prod-eu1`\n--- exit 0\nno file changed\n";
    shell.shows("ns db", said);
    assert_eq!(shell.overlay(), overlay.replace("shop", "db"));
    let said = "--- stderr\nalready on namespace `db` in context `prod-eu1`\n--- exit 0\nno file changed\n";
    shell.shows("ns db", said);
    let said = "--- stderr\nremoved namespace `db` from context `prod-eu1`\n--- exit 0\nno file changed\n";
    shell.shows("ns --unset", said);
    assert_eq!(shell.overlay(), overlay.replace("    namespace: shop\n", ""));
    let said =
        "--- stderr\nthis shell follows the kubeconfig again: context `dev`\n--- exit 0\nno file changed\n";
    shell.shows("use --unset", said);
    assert_eq!(shell.overlay(), FOLLOWS);
}

/// kubectl writes `contexts: null` and its like into an overlay that it rewrites.
#[test]
fn what_kubectl_rewrites_gets_kcxs_form_again() {
    for look in ["__sync bash", "get", "use prod-eu1", "config get-contexts"] {
        let shell = shell();
        shell.run("use prod-eu1");
        assert_eq!(shell.overlay(), ON_PROD);
        let kubectl = "apiVersion: v1\nclusters: null\ncontexts: null\ncurrent-context: prod-eu1\nkind: Config\nusers: null\n";
        fs::write(shell.session.overlay(), kubectl).unwrap();
        assert!(shell.run(look).contains("--- exit 0\n"));
        assert_eq!(shell.overlay(), ON_PROD, "{look}");
        // An empty name is what other clients refuse.
        fs::write(shell.session.overlay(), kubectl.replace(": prod-eu1", ": \"\"")).unwrap();
        shell.run("__sync bash");
        assert_eq!(shell.overlay(), FOLLOWS);
    }
    // An entry goes as soon as it says no more than the user's own file.
    let shell = shell();
    shell.run("use prod-eu1 -n shop");
    let kubectl = fs::read_to_string(shell.session.overlay()).unwrap().replace("shop", "web");
    fs::write(shell.session.overlay(), kubectl).unwrap();
    shell.run("get");
    assert_eq!(shell.overlay(), ON_PROD);
    // What another program writes at the same time is not lost.
    fs::write(shell.session.overlay().with_extension("yaml.lock"), "").unwrap();
    shell.leave("# note\n");
    assert!(shell.run("get").contains("--- exit 0\n"));
    assert!(shell.overlay().ends_with("# note\n"));
}

#[test]
fn an_overlay_of_the_first_version_is_understood() {
    let shell = shell();
    let old = "# This shell's own context, made by kcx. It goes when the shell does.\napiVersion: v1\ncontexts:\n- context:\n    cluster: c-prod\n    namespace: web\n    user: u-prod\n  name: prod-eu1\ncurrent-context: prod-eu1\nkind: Config\n";
    for (text, says) in [(old.to_owned(), "web"), (old.replace("web", "shop"), "shop")] {
        fs::write(shell.session.folder().join("pinned"), "prod-eu1").unwrap();
        fs::write(shell.session.overlay(), text).unwrap();
        shell.run("__sync bash");
        assert_eq!(shell.overlay() == ON_PROD, says == "web");
        assert!(shell.run("current").contains(&format!("namespace: {says}\n")));
        assert!(shell.run("get").ends_with("no file changed\n"));
    }
}

#[test]
fn a_namespace_that_kcx_config_sets_is_this_shells() {
    let overlay = |namespace: &str| {
        ON_PROD.replace(
        "contexts: []",
        &format!("contexts:\n- context:\n    cluster: c-prod\n    namespace: {namespace}\n    user: u-prod\n  name: prod-eu1"),
    )
    };
    for (words, said) in [
        ("config set-context --current --namespace=shop", "Context \"prod-eu1\" modified.\n"),
        ("config set-context prod-eu1 --namespace shop", "Context \"prod-eu1\" modified.\n"),
        ("config set contexts.prod-eu1.namespace shop", "Property \"contexts.prod-eu1.namespace\" set.\n"),
    ] {
        let shell = shell();
        shell.run("config use-context prod-eu1");
        assert_eq!(shell.overlay(), ON_PROD);
        shell.shows(words, &format!("{said}--- stderr\n--- exit 0\nno file changed\n"));
        assert_eq!(shell.overlay(), overlay("shop"), "{words}");
        assert!(shell.run("ns -").contains("switched to namespace `web`"), "{words}");
        assert_eq!(shell.overlay(), ON_PROD, "{words}");
        shell.run(words);
        let said =
            "Property \"contexts.prod-eu1.namespace\" unset.\n--- stderr\n--- exit 0\nno file changed\n";
        shell.shows("config unset contexts.prod-eu1.namespace", said);
        assert_eq!(shell.overlay(), overlay("shop").replace("    namespace: shop\n", ""));
    }
    // Everything else is for all shells, as with kubectl.
    for words in [
        "config set-context --current --namespace=shop --user=u-dev",
        "config set-context dev --namespace=shop",
        "config set contexts.dev.namespace shop",
        "config set contexts.prod-eu1.user u-dev",
        "config set-context prod-eu1 --namespace=shop --kubeconfig @DIR@/.kube/config",
    ] {
        let shell = shell();
        shell.run("use prod-eu1");
        let said = shell.run(words);
        assert!(said.contains("--- .kube/config\n"), "{words}: {said}");
        assert_eq!(shell.overlay(), ON_PROD, "{words}");
    }
    // Without a session as well.
    let sandbox = Sandbox::with(THREE);
    let said = sandbox.run("config set-context --current --namespace=shop").0;
    assert!(said.contains("+    namespace: shop\n"), "{said}");
}

#[cfg(unix)]
#[test]
fn only_their_owner_sees_sessions() {
    use std::os::unix::fs::PermissionsExt;
    let shell = inside(Sandbox::with(THREE), None);
    let sessions = shell.sandbox.path().join("state/sessions");
    assert_eq!(shell.session.folder().parent(), Some(sessions.as_path()));
    shell.run("use prod-eu1");
    let mode = |path: PathBuf| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(sessions), 0o700);
    assert_eq!(mode(shell.session.guard().to_owned()), 0o600);
    assert_eq!(mode(shell.sandbox.path().join("state/guards")), 0o700);
    assert_eq!(mode(shell.session.folder().to_owned()), 0o700);
    for file in fs::read_dir(shell.session.folder()).unwrap() {
        let path = file.unwrap().path();
        assert_eq!(mode(path.clone()), 0o600, "{}", path.display());
    }
}

#[cfg(unix)]
#[test]
fn without_a_state_folder_sessions_are_in_the_runtime_folder() {
    use std::os::unix::fs::PermissionsExt;
    let mut sandbox = Sandbox::with(THREE).file("state", "in the way");
    let runtime = sandbox.path().join("run");
    fs::create_dir(&runtime).unwrap();
    fs::set_permissions(&runtime, fs::Permissions::from_mode(0o700)).unwrap();
    sandbox.env.runtime = Some(runtime.clone());
    assert_eq!(session(&sandbox, None).folder().parent(), Some(runtime.join("kcx").as_path()));
    // A folder that others may write into is not for sessions.
    fs::set_permissions(&runtime, fs::Permissions::from_mode(0o777)).unwrap();
    assert!(Session::create(&sandbox.env, 1, &[config(&sandbox)], None).is_err());
}

#[test]
fn a_session_of_the_first_version_is_understood() {
    let shell = shell();
    fs::write(shell.session.folder().join("files"), "[\"/a\",\"/b\"]").unwrap();
    assert_eq!(shell.session.files().unwrap(), [PathBuf::from("/a"), PathBuf::from("/b")]);
}

#[test]
fn each_shell_has_its_own_way_back() {
    let mut first = shell();
    let second = session(&first.sandbox, None);
    let there = hook::list(&second, &[config(&first.sandbox)]);
    let said = |context: &str| format!("--- stderr\nswitched to context {context}\n--- exit 0\n");
    assert!(first.run("use prod-eu1").starts_with(&said("`prod-eu1`, namespace `web`")));
    let here = first.sandbox.env.kubeconfig.replace(there).unwrap();
    assert!(first.run("use stale").contains("switched to context `stale`\n"));
    first.sandbox.env.kubeconfig = Some(here);
    // All shells are switched, and this one stays.
    let stays = "switched to context `stale`\nthis shell stays on context `prod-eu1`; `kcx use --unset` makes it follow the kubeconfig\n";
    let global = first.run("use stale --global");
    assert!(global.contains(stays), "{global}");
    assert!(first.run("use -").starts_with(&said("`dev`")));
    assert!(first.run("use -").starts_with(&said("`prod-eu1`, namespace `web`")));
    let global = first.run("use - --global");
    assert!(global.contains("+current-context: dev # for now"), "{global}");
    assert!(first.run("current -o name").starts_with("prod-eu1\n"));
    // The same for namespaces.
    first.run("ns a");
    first.run("ns b");
    assert!(first.run("ns -").contains("switched to namespace `a`"));
    assert!(first.run("ns -").contains("switched to namespace `b`"));
}

#[test]
fn a_new_shell_goes_back_to_where_all_shells_were() {
    let shell = shell();
    shell.run("use prod-eu1 --global");
    assert!(shell.run("use -").contains("switched to context `dev`"));
    assert!(shell.run("use --unset").contains("follows the kubeconfig again: context `prod-eu1`"));
}

#[test]
fn the_way_back_is_from_where_kubectl_went() {
    let shell = shell();
    shell.run("use prod-eu1");
    let overlay = fs::read_to_string(shell.session.overlay()).unwrap();
    let kubectl = overlay.replace("current-context: prod-eu1", "current-context: dev");
    fs::write(shell.session.overlay(), kubectl).unwrap();
    assert!(shell.run("use -").contains("switched to context `prod-eu1`"));
    // The same for all shells.
    shell.run("use prod-eu1 --global");
    let text = fs::read_to_string(config(&shell.sandbox)).unwrap();
    fs::write(config(&shell.sandbox), text.replace("current-context: prod-eu1", "current-context: dev"))
        .unwrap();
    assert!(shell.run("use - --global").contains("+current-context: prod-eu1"));
}

#[test]
fn the_namespace_of_a_context_comes_back_with_it() {
    let shell = shell();
    shell.run("use prod-eu1 -n shop");
    shell.run("use dev");
    assert!(shell.run("use prod-eu1").contains("switched to context `prod-eu1`, namespace `shop`"));
    // What the file says anew is what is meant.
    let text = fs::read_to_string(config(&shell.sandbox)).unwrap();
    fs::write(config(&shell.sandbox), text.replace("namespace: web", "namespace: front")).unwrap();
    shell.run("use dev");
    assert!(shell.run("use prod-eu1").contains("switched to context `prod-eu1`, namespace `front`"));
    // kubectl's `set-context --current` counts, too, where the overlay has the entry.
    shell.run("ns middle");
    let overlay = fs::read_to_string(shell.session.overlay()).unwrap();
    fs::write(shell.session.overlay(), overlay.replace("middle", "back")).unwrap();
    shell.run("use dev");
    assert!(shell.run("use prod-eu1").contains("switched to context `prod-eu1`, namespace `back`"));
}

#[test]
fn part_of_a_name_is_enough_where_that_is_asked_for() {
    let shell = shell();
    assert!(shell.run("use prod").contains("--- exit 3\n"));
    shell.shows(
        "use --fuzzy prod",
        "--- stderr\nusing `prod` for `prod-eu1`\nswitched to context `prod-eu1`, namespace `web`\n--- exit 0\nno file changed\n",
    );
    assert!(shell.run("use --fuzzy tle").contains("using `tle` for `stale`\n"));
    let several = shell.run("use --fuzzy e");
    assert!(several.contains("nothing was written\n") && several.contains("--- exit 4\n"), "{several}");
    assert!(shell.run("use --fuzzy nowhere").contains("--- exit 3\n"));
    assert!(shell.run("current -o name").starts_with("stale\n"));
}

#[test]
fn on_a_terminal_part_of_a_name_is_enough_and_that_is_said() {
    for inside_a_session in [true, false] {
        let mut shell = shell();
        (shell.sandbox.env.stdin_is_terminal, shell.sandbox.env.stderr_is_terminal) = (true, true);
        shell.sandbox.env.no_color = true;
        if !inside_a_session {
            (shell.sandbox.env.kubeconfig, shell.sandbox.env.session) = (None, None);
        }
        let answer = shell.run("use prod");
        let said =
            "--- stderr\nusing `prod` for `prod-eu1`\nswitched to context `prod-eu1`, namespace `web`\n";
        assert!(answer.starts_with(said), "{answer}");
        assert!(shell.run("use stl").contains("using `stl` for `stale`\n"));
        assert!(shell.run("prod").contains("using `prod` for `prod-eu1`\n"));
        assert!(shell.run("use stl").contains("using `stl` for `stale`\n"));
        // Nobody is told, two fit, none does, without `use` its letters are not enough, kubectx has no such habit.
        for words in ["use -q prod", "use e", "use nowhere", "stl", "__as kubectx prod"] {
            let answer = shell.run(words);
            assert!(!answer.contains("--- exit 0\n") && !answer.contains("taking"), "{words}: {answer}");
        }
        assert!(shell.run("current -o name").starts_with("stale\n"));
    }
}

#[test]
fn a_shell_without_a_session_is_told_why() {
    let mut sandbox = Sandbox::with(THREE);
    sandbox.env.shell = Some("/usr/bin/zsh".into());
    let none = r#"
--- stderr
error: this shell has no context of its own, because the shell hook does not run in it; nothing was switched
hint: put `eval "$(kcx init zsh)"` into ~/.zshrc and open a new shell; without `--session` kcx switches all shells
--- exit 1
no file changed
"#;
    sandbox.run("use prod-eu1 --session").shows(none);
    sandbox.run("ns web --session").shows(none);
    let mut shell = inside(sandbox, Some(&selection("dev", "mine")));
    shell.sandbox.env.kubeconfig = None;
    shell.shows(
        "use prod-eu1 --session",
        r"
--- stderr
error: this shell's context is not in force: KUBECONFIG was changed after the shell hook ran; nothing was switched
hint: press Enter: the next prompt restores it; or open a new shell; `--global` switches all shells
--- exit 1
no file changed
",
    );
    // Who does not ask for all shells does not mean them.
    for words in ["use prod-eu1", "ns shop", "use -", "__as kubectx prod-eu1", "__as kubens shop"] {
        let said = shell.run(words);
        assert!(said.contains("this shell's context is not in force: "), "{words}: {said}");
        assert!(said.contains("--- exit 1\nno file changed\n"), "{words}: {said}");
    }
    shell.shows(
        "use prod-eu1 --global",
        r"
--- stderr
switched to context `prod-eu1`, namespace `web`
--- exit 0
--- .kube/config
-current-context: dev # for now
+current-context: prod-eu1 # for now
",
    );
    assert!(shell.run("use dev --session --kubeconfig x").contains("--- exit 2\n"));
}

const KIND: &str = "\
clusters:
- cluster:
    certificate-authority: ca.pem
    server: https://kind.example
  name: kind
users:
- name: kind
  user: {token: new}
";

#[test]
fn what_another_program_left_is_moved_home() {
    let shell = inside(Sandbox::with(THREE), Some(&selection("dev", "mine")));
    shell.leave(KIND);
    let said = shell.run("use prod-eu1");
    assert!(
        said.starts_with(
            "--- stderr\nmoved from this shell's overlay into `@DIR@/.kube/config`: cluster `kind`; user `kind`\nswitched to context `prod-eu1`, namespace `web`\n--- exit 0\n"
        ),
        "{said}"
    );
    assert!(said.contains("+    server: https://kind.example\n"), "{said}");
    // What was relative to the overlay would lead elsewhere from there.
    let authority = "+    certificate-authority: @DIR@/state/sessions/ID/ca.pem\n";
    assert!(said.contains(authority), "{said}");
    assert!(!shell.overlay().contains("kind.example"));
    assert!(shell.run("get").ends_with("no file changed\n"));
}

#[test]
fn a_context_that_another_program_points_elsewhere_goes_with_its_cluster() {
    let cluster = "clusters:\n- cluster: {server: 'https://new.example'}\n  name: c-new\nusers:\n- name: u-new\n  user: {token: new}\n";
    for (choice, mine) in [(selection("prod-eu1", "web"), "web"), (selection("prod-eu1", "shop"), "shop")] {
        let shell = inside(Sandbox::with(THREE), Some(&choice));
        let context = format!(
            "contexts:\n- context: {{cluster: c-new, user: u-new, namespace: {mine}}}\n  name: prod-eu1\n"
        );
        let old = fs::read_to_string(shell.session.overlay()).unwrap();
        let head = old.split("contexts:").next().unwrap().replace("clusters: []\n", "");
        fs::write(
            shell.session.overlay(),
            format!("{head}{cluster}{context}current-context: prod-eu1\nkind: Config\n"),
        )
        .unwrap();
        let said = shell.run("get");
        let kept = if mine == "web" { "" } else { "; kept your `namespace`" };
        let moved =
            format!("cluster `c-new`; user `u-new`; context `prod-eu1` (replaced `cluster`, `user`{kept})\n");
        assert!(said.contains(&moved), "{said}");
        // The file keeps its namespace, and the shell the one that it had.
        let own = fs::read_to_string(config(&shell.sandbox)).unwrap();
        assert!(own.contains("cluster: c-new\n    namespace: web # the shop\n"), "{own}");
        let said = shell.run("current");
        assert!(said.contains("cluster:   c-new\n"), "{said}");
        assert!(said.contains(&format!("namespace: {mine}\n")), "{said}");
        assert_eq!(shell.overlay() == ON_PROD, mine == "web", "{}", shell.overlay());
    }
}

#[test]
fn what_the_users_file_says_anew_holds_in_a_shell_with_a_namespace_of_its_own() {
    let shell = inside(Sandbox::with(THREE), Some(&selection("prod-eu1", "shop")));
    // The context is re-created on another cluster, and later removed, by another program in another shell.
    let moved = THREE.replace("cluster: c-prod\n    namespace", "cluster: c-dev\n    namespace");
    fs::write(config(&shell.sandbox), &moved).unwrap();
    assert!(shell.run("__sync bash").ends_with("no file changed\n"));
    assert!(shell.overlay().contains("cluster: c-dev\n    namespace: shop\n"), "{}", shell.overlay());
    // A switch of the namespace takes it from there, too.
    fs::write(config(&shell.sandbox), THREE).unwrap();
    assert!(shell.run("ns db").contains("switched to namespace `db`"));
    assert!(shell.overlay().contains("cluster: c-prod\n    namespace: db\n"), "{}", shell.overlay());
    fs::write(config(&shell.sandbox), &moved).unwrap();
    assert!(shell.run("ns shop").contains("switched to namespace `shop`"));
    let said = shell.run("current");
    assert!(said.contains("cluster:   c-dev\n") && said.contains("namespace: shop\n"), "{said}");
    fs::write(config(&shell.sandbox), moved.replace("name: prod-eu1", "name: other")).unwrap();
    assert!(shell.run("__sync bash").ends_with("no file changed\n"));
    assert_eq!(shell.overlay(), ON_PROD);
    assert!(!shell.run("current").contains("--- exit 0\n"));
}

#[test]
fn what_is_replaced_is_kept() {
    let shell = inside(Sandbox::with(THREE), Some(&selection("dev", "mine")));
    // The same cluster, recreated with its user.
    shell.leave(
        &KIND.replace("name: kind", "name: c-dev").replace("users:\n- name: c-dev", "users:\n- name: u-dev"),
    );
    let said = shell.run("get -o name");
    let moved = "cluster `c-dev` (replaced `server`; added `certificate-authority`); user `u-dev` (replaced `token`)\n";
    assert!(said.contains(moved), "{said}");
    let line =
        said.lines().find_map(|line| line.strip_prefix("what was replaced is kept in `@DIR@/")).unwrap();
    let kept = fs::read_to_string(shell.sandbox.path().join(line.trim_end_matches('`'))).unwrap();
    assert!(kept.contains("https://dev.example") && !kept.contains("https://prod.example"), "{kept}");
}

/// A program, and another server for one of the user's clusters.
const EVIL: &str = "\
clusters:
- cluster: {server: 'https://evil.example'}
  name: c-dev
- cluster: {server: 'https://kind.example'}
  name: kind
users:
- name: helper
  user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: /bin/sh, interactiveMode: Never}}
";

#[test]
fn what_an_import_would_ask_about_stays_in_the_overlay() {
    for look in ["get", "current", "lint --fail-on never", "config get-contexts", "__sync bash", "history"] {
        let shell = inside(Sandbox::with(THREE), Some(&selection("dev", "mine")));
        shell.leave(EVIL);
        let said = shell.run(look);
        assert!(said.contains("into `@DIR@/.kube/config`: cluster `kind`\n"), "{look}: {said}");
        assert!(
            said.contains("context `dev` would log in at `https://evil.example` as your user `u-dev`\n"),
            "{said}"
        );
        assert!(said.contains("user `helper` runs `/bin/sh`\n"), "{said}");
        let own = fs::read_to_string(config(&shell.sandbox)).unwrap();
        assert!(
            own.contains("kind.example") && !own.contains("evil.example") && !own.contains("/bin/sh"),
            "{own}"
        );
        let overlay = shell.overlay();
        assert!(overlay.contains("evil.example") && overlay.contains("/bin/sh"), "{overlay}");
        assert!(!overlay.contains("kind.example"), "{overlay}");
    }
}

#[test]
fn a_shell_switches_with_entries_held_in_its_overlay() {
    let shell = inside(Sandbox::with(THREE), Some(&selection("dev", "mine")));
    shell.leave(EVIL);
    for (words, current) in [("use prod-eu1", "prod-eu1"), ("ns db", "prod-eu1"), ("use -", "dev")] {
        let said = shell.run(words);
        assert!(said.contains("--- exit 0\n"), "{words}: {said}");
        let overlay = shell.overlay();
        assert!(overlay.contains(&format!("current-context: {current}\n")), "{overlay}");
        assert!(overlay.contains("evil.example") && overlay.contains("/bin/sh"), "{overlay}");
    }
    let own = fs::read_to_string(config(&shell.sandbox)).unwrap();
    assert!(!own.contains("evil.example") && !own.contains("/bin/sh"), "{own}");
    // The hinted command permits them, and nothing is left to ask.
    let said = shell.run("get");
    let hint = said.lines().find_map(|line| line.strip_prefix("hint: `kcx ")?.split_once('`')).unwrap().0;
    let words = hint.replace("ID", &shell.session.id());
    let said = shell.run(&words);
    assert!(said.contains("--- exit 0\n") && said.contains("evil.example"), "{words}: {said}");
    let said = shell.run("get");
    assert!(!said.contains("permission"), "{said}");
    assert!(!shell.overlay().contains("evil.example"), "{}", shell.overlay());
}

#[test]
fn what_the_settings_permit_is_moved_home() {
    let mut shell = inside(
        Sandbox::with(THREE).file("set/config.yaml", "import: {allow-exec: [/bin/sh]}\n"),
        Some(&selection("dev", "mine")),
    );
    shell.sandbox.env.config = Some(shell.sandbox.path().join("set"));
    shell.leave(EVIL);
    let said = shell.run("get");
    assert!(said.contains("cluster `kind`; user `helper`\n"), "{said}");
    // Nor does a new context for a known pair need a question; one for a new pair does.
    for (user, moves) in [("u-dev", true), ("u-prod", false)] {
        let shell = inside(Sandbox::with(THREE), None);
        let context =
            format!("contexts: [{{name: new, context: {{cluster: c-dev, user: {user}, namespace: x}}}}]\n");
        shell.leave(&context);
        let said = shell.run("get");
        assert_eq!(said.contains("into `@DIR@/.kube/config`: context `new`\n"), moves, "{said}");
        assert_eq!(said.contains("need your permission"), !moves, "{said}");
    }
}

#[test]
fn a_shell_that_ends_keeps_what_was_held() {
    let shell = inside(Sandbox::with(THREE), Some(&selection("dev", "mine")));
    shell.leave(EVIL);
    let leave = format!("__leave {}", shell.session.folder().display());
    let said = shell.run(&leave);
    let kept =
        said.lines().find_map(|line| line.strip_prefix("hint: `kcx import @DIR@/state/held/")).unwrap();
    let file = shell.sandbox.path().join("state/held").join(kept.split(' ').next().unwrap());
    let kept = fs::read_to_string(file).unwrap();
    assert!(kept.contains("evil.example") && kept.contains("/bin/sh"), "{kept}");
    assert!(!fs::read_to_string(config(&shell.sandbox)).unwrap().contains("evil.example"));
    // A program of the shell may still use them, and nobody is told twice.
    assert!(shell.overlay().contains("evil.example") && shell.overlay().contains("/bin/sh"));
    assert_eq!(shell.run(&leave), "--- stderr\n--- exit 0\nno file changed\n");
}

#[test]
fn what_cannot_be_moved_stays_and_stops_nothing() {
    let shell = inside(Sandbox::with("not: [a, kubeconfig"), Some(&selection("dev", "mine")));
    shell.leave(KIND);
    let said = shell.run("__leave @DIR@/state/sessions/ID".replace("ID", &shell.session.id()).as_str());
    assert!(said.contains("is still there: "), "{said}");
    assert!(said.contains("--- exit 0\nno file changed\n"), "{said}");
    assert!(shell.overlay().contains("https://kind.example"));
}

#[test]
fn a_shell_that_ends_leaves_its_overlay_to_its_programs() {
    let shell = inside(Sandbox::with(THREE), Some(&selection("dev", "mine")));
    let before = shell.overlay();
    shell.leave(KIND);
    let leave = format!("__leave {}", shell.session.folder().display());
    let said = shell.run(&leave);
    assert!(said.contains("into `@DIR@/.kube/config`: cluster `kind`; user `kind`\n"), "{said}");
    assert_eq!(shell.overlay(), before);
    // Only sessions can be left.
    let kept = shell.sandbox.path().join(".kube");
    shell.run(&format!("__leave {}", kept.display()));
    assert!(kept.exists());
}

#[test]
fn rename_and_delete_act_on_the_file_that_has_the_entry() {
    let shell = inside(Sandbox::with(THREE), Some(&selection("prod-eu1", "mine")));
    shell.shows(
        "config rename-context prod-eu1 prod",
        r#"
Context "prod-eu1" renamed to "prod".
--- stderr
--- exit 0
--- .kube/config
-  name: prod-eu1
+  name: prod
"#,
    );
    assert!(shell.overlay().contains("current-context: prod\n") && shell.overlay().contains("name: prod\n"));
    let said = shell.run("config delete-context prod");
    assert!(said.contains("-  name: prod\n"), "{said}");
    assert!(!shell.overlay().contains("name: prod\n"), "{}", shell.overlay());
}

#[test]
fn a_switch_that_cannot_be_remembered_is_a_switch() {
    let shell = shell();
    let memory = shell.sandbox.path().join("state/history.jsonl");
    fs::create_dir_all(&memory).unwrap();
    let said = shell.run("use prod-eu1");
    assert!(said.contains("switched to context `prod-eu1`, namespace `web`\n--- exit 0\n"), "{said}");
    assert!(
        said.contains("warning: `-` will not return to this context: cannot write `@DIR@/state`"),
        "{said}"
    );
    assert!(shell.run("ns shop").contains("--- exit 0\n"));
    assert!(shell.overlay().contains("namespace: shop\n"));
    fs::remove_dir(&memory).unwrap();
    fs::write(&memory, "{ no line\n\u{0}\n").unwrap();
    assert!(shell.run("use dev").contains("switched to context `dev`\n--- exit 0\n"));
    assert!(shell.run("use -").contains("switched to context `prod-eu1`"));
}

#[cfg(target_os = "linux")]
#[test]
fn what_dead_shells_left_is_swept() {
    let sandbox = Sandbox::with(THREE);
    let mut ended = std::process::Command::new("true").spawn().unwrap();
    let dead =
        Session::create(&sandbox.env, ended.id(), &[config(&sandbox)], Some(&selection("dev", ""))).unwrap();
    ended.wait().unwrap();
    let alive = session(&sandbox, None);
    add(&dead, KIND);
    let known = [&dead, &alive];
    let (text, new) = init(&sandbox, "init bash", &known);
    let new = new.unwrap();
    assert!(text.contains("into `@DIR@/.kube/config`: cluster `kind`; user `kind`\n"), "{text}");
    // It was killed, so a subshell may still use its overlay. The next shell does not look again at once.
    dead.record_end(&[]).unwrap();
    let known = [known[0], known[1], &new];
    init(&sandbox, "init bash", &known);
    assert!(dead.folder().exists() && dead.guard().exists());
    fs::remove_file(sandbox.path().join("state/sessions/.swept")).unwrap();
    sandbox.run("init bash");
    assert!(!dead.folder().exists() && !dead.guard().exists());
    assert!(alive.folder().exists() && alive.guard().exists());
}

/// What is left of a session whose folder was removed is found, too.
#[cfg(target_os = "linux")]
#[test]
fn a_guard_without_a_session_is_swept() {
    let sandbox = Sandbox::with(THREE);
    let mut ended = std::process::Command::new("true").spawn().unwrap();
    let dead = Session::create(&sandbox.env, ended.id(), &[config(&sandbox)], None).unwrap();
    ended.wait().unwrap();
    fs::remove_dir_all(dead.folder()).unwrap();
    sandbox.run("init bash");
    assert!(dead.guard().exists());
    for path in [sandbox.path().join("state/sessions/.swept"), dead.guard().to_owned()] {
        let long_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(2 * 86400);
        fs::File::open(path).unwrap().set_modified(long_ago).unwrap();
    }
    sandbox.run("init bash");
    assert!(!dead.guard().exists());
}

#[test]
fn where_nothing_can_be_written_the_shell_starts_all_the_same() {
    let mut sandbox = Sandbox::with(THREE).file("state", "in the way");
    sandbox.env.runtime = None;
    let text = sandbox.run("init bash --no-completions").0;
    assert!(text.contains("__kcx_new=''\n") && text.contains("--- exit 0\n"), "{text}");
    assert!(text.contains("warning: this shell has no context of its own: cannot write below"));
}

#[test]
fn what_waits_in_the_overlay_for_a_permission_is_not_used() {
    let shell = inside(Sandbox::with(THREE), Some(&selection("dev", "mine")));
    shell.leave(EVIL);
    for words in ["whoami", "status dev", "get namespaces", "exec dev --read-only -- true"] {
        let said = shell.run(words);
        assert!(!said.contains("--- exit 0\n"), "{words}: {said}");
        assert!(said.contains("was written by another program into"), "{words}: {said}");
        assert!(said.contains("is not permitted yet"), "{words}: {said}");
    }
}

//! A shell with a context of its own, and clusters that come anew: by a tool that writes into the overlay, and by an import.

use crate::common::{Sandbox, THREE};
use kcx::kubeconfig::{Document, Kind};
use kcx::session::{Selection, Session, StoredSelection, hook};
use std::fs;
use std::path::PathBuf;

/// A shell in a sandbox.
struct Shell {
    sandbox: Sandbox,
    session: Session,
}

fn config(sandbox: &Sandbox) -> PathBuf {
    sandbox.path().join(".kube/config")
}

/// A context of [`THREE`] as the choice of a shell.
fn selection(context: &str, namespace: &str) -> StoredSelection {
    let document = Document::parse(THREE.as_bytes().to_vec()).unwrap();
    let entry = document.find(Kind::Context, context).unwrap();
    let body = document.body(Kind::Context, entry).unwrap().into_owned();
    StoredSelection::of(&Selection::new(context, Some(body.clone()), Some(namespace)), Some(&body))
}

fn inside(mut sandbox: Sandbox, choice: Option<&StoredSelection>) -> Shell {
    let own = [config(&sandbox)];
    let session = Session::create(&sandbox.env, std::process::id(), &own, choice).unwrap();
    sandbox.env.kubeconfig = Some(hook::list(&session, &own));
    sandbox.env.session = Some(session.folder().into());
    Shell { sandbox, session }
}

impl Shell {
    fn run(&self, words: &str) -> String {
        self.sandbox.run(words).0
    }
}

/// The cluster of another context, created again with another user by a tool in this shell.
#[test]
fn a_cluster_that_is_created_again_takes_its_context_along() {
    let own = THREE.replace(
        "    server: https://prod.example",
        "    proxy-url: socks5://p # bastion\n    server: https://prod.example",
    );
    assert_ne!(own, THREE);
    let shell = inside(Sandbox::with(&own), Some(&selection("dev", "mine")));
    let again = "\
clusters:
- cluster: {server: 'https://again.example'}
  name: c-prod
contexts:
- context: {cluster: c-prod, user: prod-admin}
  name: prod-eu1
current-context: prod-eu1
kind: Config
users:
- name: prod-admin
  user: {token: new}
";
    fs::write(shell.session.overlay(), again).unwrap();
    let said = shell.run("get -o name");
    let moved = "cluster `c-prod` (replaced `server`; kept your `certificate-authority-data`, `proxy-url`); user `prod-admin`; context `prod-eu1` \
                 (replaced `user`; kept your `namespace`)\n";
    assert!(said.contains(moved), "{said}");
    let own = fs::read_to_string(config(&shell.sandbox)).unwrap();
    assert!(own.contains("    proxy-url: socks5://p # bastion\n    server: https://again.example"), "{own}");
    assert!(own.contains("    namespace: web # the shop\n    user: prod-admin\n"), "{own}");
    // In every shell.
    shell.run("use dev");
    assert!(shell.run("use prod-eu1").contains("--- exit 0\n"));
    let said = shell.run("current");
    assert!(said.contains("user:      prod-admin\n") && said.contains("namespace: web\n"), "{said}");
    // An own login for another server needs a permission, whatever the tool adds to it.
    let mixed =
        again.replace("prod-admin", "u-prod").replace("{token: new}", "{as: me}").replace("again", "evil");
    fs::write(shell.session.overlay(), mixed).unwrap();
    let said = shell.run("get -o name");
    assert!(said.contains("would log in at `https://evil.example` as your user `u-prod`"), "{said}");
    assert!(!fs::read_to_string(config(&shell.sandbox)).unwrap().contains("evil"), "{said}");
}

#[test]
fn an_import_that_sets_the_current_context_switches_this_shell_too() {
    let source = "contexts: [{name: new, context: {cluster: new, user: new}}]
clusters: [{name: new, cluster: {server: 'https://new'}}]
users: [{name: new, user: {token: t}}]
current-context: new
";
    let on_dev = || {
        let sandbox = Sandbox::with(THREE).file("new.yaml", source);
        inside(sandbox, Some(&selection("dev", "mine")))
    };
    let shell = on_dev();
    let said = shell.run("import new.yaml --set-current");
    assert!(said.contains("the current context of the kubeconfig is now `new`\n"), "{said}");
    assert!(said.contains("switched to context `new`") && said.contains("+current-context: new"), "{said}");
    assert!(shell.run("current -o name").starts_with("new\n"));
    assert!(shell.run("use -").contains("switched to context `dev`"));
    // The entries are there, and the kubeconfig is on it: only this shell is switched.
    let said = shell.run("import new.yaml --set-current");
    assert!(said.contains("3 entries are already in") && said.contains("nothing to do\n"), "{said}");
    assert!(said.contains("switched to context `new`") && said.ends_with("no file changed\n"), "{said}");
    // Only the kubeconfig is not on it.
    shell.run("use --global dev");
    let said = shell.run("import new.yaml --set-current");
    assert!(
        said.contains("3 entries are already in `@DIR@/.kube/config`; changed the current context\n"),
        "{said}"
    );
    // Another file is not this shell's, and a dry run switches nothing.
    let shell = on_dev();
    for words in
        ["import new.yaml --set-current --into @DIR@/other", "import new.yaml --set-current --dry-run"]
    {
        let said = shell.run(words);
        assert!(said.contains("--- exit 0\n") && !said.contains("switched"), "{said}");
        assert!(shell.run("current -o name").starts_with("dev\n"));
    }
    // For programs: the context that is now the shell's.
    let shell = on_dev();
    let current = |shell: &Shell, words: &str| {
        let said = shell.run(&format!("{words} -o json"));
        let report: serde_json::Value =
            serde_json::from_str(said.split("--- stderr\n").next().unwrap()).unwrap();
        report.get("current").map(|it| (it["context"].clone(), it["scope"].clone()))
    };
    let of = |context: &str, scope: &str| Some((context.into(), scope.into()));
    assert_eq!(current(&shell, "import new.yaml"), None);
    assert_eq!(current(&shell, "import new.yaml --set-current --dry-run"), None);
    assert_eq!(current(&shell, "import new.yaml --set-current --into @DIR@/other"), None);
    assert_eq!(current(&shell, "import new.yaml --set-current"), of("new", "session"));
    let shell = inside(Sandbox::with(THREE).file("new.yaml", source), None);
    assert_eq!(current(&shell, "import new.yaml --set-current"), of("new", "global"));
    // A shell that follows the kubeconfig goes on following it.
    let shell = inside(Sandbox::with(THREE).file("new.yaml", source), None);
    let said = shell.run("import new.yaml --set-current");
    assert!(said.contains("the current context is now `new`\n") && !said.contains("switched"), "{said}");
    assert!(shell.run("current").contains("context:   new\n"));
}

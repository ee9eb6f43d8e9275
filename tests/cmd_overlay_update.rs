//! A context that is renamed or removed, and the shells that are on it.

use crate::common::{Sandbox, THREE};
use kcx::kubeconfig::{Document, Kind};
use kcx::session::{Selection, Session, StoredSelection, hook};
use std::path::PathBuf;

/// A shell on this context, in a sandbox with three of them; a sandbox is the view of one shell.
fn shell_on(sandbox: &Sandbox, context: &str) -> Session {
    let document = Document::parse(THREE.as_bytes().to_vec()).unwrap();
    let entry = document.find(Kind::Context, context).unwrap();
    let body = document.body(Kind::Context, entry).unwrap().into_owned();
    let selection = Selection::new(context, Some(body.clone()), Some("mine"));
    let selection = StoredSelection::of(&selection, Some(&body));
    Session::create(&sandbox.env, std::process::id(), &[config(sandbox)], Some(&selection)).unwrap()
}

fn config(sandbox: &Sandbox) -> PathBuf {
    sandbox.path().join(".kube/config")
}

fn inside(mut sandbox: Sandbox, session: &Session) -> Sandbox {
    sandbox.env.kubeconfig = Some(hook::list(session, &[config(&sandbox)]));
    sandbox
}

fn current(session: &Session) -> (String, Vec<String>) {
    let overlay = session.read().unwrap();
    let names = overlay.names(Kind::Context).map(str::to_owned).collect();
    (overlay.current_context().to_owned(), names)
}

fn named(name: &str) -> (String, Vec<String>) {
    (name.to_owned(), vec![name.to_owned()])
}

#[test]
fn a_rename_takes_all_shells_along() {
    let sandbox = Sandbox::with(THREE);
    let (here, there, elsewhere) =
        (shell_on(&sandbox, "prod-eu1"), shell_on(&sandbox, "prod-eu1"), shell_on(&sandbox, "stale"));
    let sandbox = inside(sandbox, &here);
    sandbox.run("config rename-context prod-eu1 prod").shows(
        r#"
Context "prod-eu1" renamed to "prod".
--- stderr
--- exit 0
--- .kube/config
-  name: prod-eu1
+  name: prod
"#,
    );
    assert_eq!(current(&here), named("prod"));
    assert_eq!(current(&there), named("prod"));
    assert_eq!(current(&elsewhere), named("stale"));
    // The namespace of this shell is still its own.
    assert!(sandbox.run("current").0.contains("mine"));
    sandbox.run("__as kubectx live=.").shows(
        r"
--- stderr
✔ Context prod renamed to live.
--- exit 0
--- .kube/config
-  name: prod
+  name: live
",
    );
    assert_eq!(current(&there), named("live"));
}

#[test]
fn a_rename_in_a_shell_takes_the_kubeconfig_along() {
    let sandbox = Sandbox::with(THREE);
    let here = shell_on(&sandbox, "dev");
    let sandbox = inside(sandbox, &here);
    let outcome = sandbox.run("__as kubectx development=dev").0;
    assert!(outcome.contains("+current-context: development # for now"), "{outcome}");
    assert_eq!(current(&here), named("development"));
}

#[test]
fn a_removal_leads_no_shell_elsewhere() {
    let sandbox = Sandbox::with(THREE);
    let (here, there) = (shell_on(&sandbox, "dev"), shell_on(&sandbox, "prod-eu1"));
    let sandbox = inside(sandbox, &here);
    let outcome = sandbox.run("config delete-context prod-eu1").0;
    assert!(
        outcome.contains("1 other shell is still on context `prod-eu1`, which no longer exists"),
        "{outcome}"
    );
    assert_eq!(current(&there), ("prod-eu1".to_owned(), vec![]));
    let outcome = sandbox.run("config delete-context dev").0;
    assert!(outcome.contains("warning: this removed your active context"), "{outcome}");
    assert_eq!(current(&here), ("dev".to_owned(), vec![]));
    let outcome = sandbox.run("config unset contexts.stale").0;
    assert!(outcome.contains("-  name: stale"), "{outcome}");
}

#[test]
fn a_shell_that_has_ended_is_not_counted() {
    let sandbox = Sandbox::with(THREE);
    shell_on(&sandbox, "prod-eu1").record_end(&[]).unwrap();
    let outcome = sandbox.run("config delete-context prod-eu1").0;
    assert!(!outcome.contains("shell"), "{outcome}");
}

#[test]
fn shells_above_other_files_are_left_alone() {
    let sandbox = Sandbox::with(THREE).file("other", THREE);
    let there = shell_on(&sandbox, "dev");
    sandbox.run("config rename-context dev x --kubeconfig @DIR@/other");
    assert_eq!(current(&there), named("dev"));
}

#[test]
fn what_another_program_left_in_an_overlay_outlives_the_mending() {
    let sandbox = Sandbox::with(THREE);
    let there = shell_on(&sandbox, "dev");
    let cluster = "clusters:\n- cluster: {server: https://new}\n  name: new\n";
    let text = std::fs::read_to_string(there.overlay()).unwrap() + cluster;
    std::fs::write(there.overlay(), text).unwrap();
    sandbox.run("config rename-context dev x");
    assert_eq!(current(&there), named("x"));
    let overlay = there.read().unwrap();
    assert_eq!(overlay.names(Kind::Cluster).collect::<Vec<_>>(), ["new"]);
}

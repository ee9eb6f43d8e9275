//! Names that kcx has renamed: `-`, the history and the remembered namespaces know the new ones.

use crate::common::{Sandbox, THREE};
use kcx::env::Env;
use kcx::session::history::{History, SwitchRecord, append, append_rename};

fn world() -> (tempfile::TempDir, Env) {
    let dir = tempfile::tempdir().unwrap();
    let env = Env { state: Some(dir.path().join("state")), ..Env::default() };
    (dir, env)
}

fn switch(place: &str, from: &str, to: &str) -> SwitchRecord {
    SwitchRecord {
        place: place.into(),
        context: to.into(),
        from: Some(from.into()),
        ..SwitchRecord::default()
    }
}

/// Appends renames and switches of the place `s`: `b>c` is a rename, `b:c` a switch from `b` to `c`.
fn after(events: &str) -> (tempfile::TempDir, Env) {
    let (dir, env) = world();
    for event in events.split(' ') {
        match event.split_once('>') {
            Some((from, to)) => append_rename(&env, &[], from, to).unwrap(),
            None => {
                let (from, to) = event.split_once(':').unwrap();
                append(&env, &switch("s", from, to)).unwrap();
            }
        }
    }
    (dir, env)
}

#[test]
fn a_renamed_context_has_its_new_name() {
    for (events, current, previous, recent) in [
        ("a:b b:a b>bb", "a", Some("bb"), "a bb"),
        ("a:b b:a b>c c>d", "a", Some("d"), "a d"),
        // Two names are swapped.
        ("a:b a>t b>a t>b", "a", Some("b"), "a"),
        // A later context has the old name.
        ("a:b b:a b>c a:b b:a", "a", Some("b"), "a b c"),
        // The rename was undone.
        ("a:b b:a b>c c>b", "a", Some("b"), "a b"),
        ("b>c", "a", None, ""),
    ] {
        let (_dir, env) = after(events);
        let history = History::load(&env);
        assert_eq!(history.previous_context("s", Some(current)).as_deref(), previous, "{events}");
        assert_eq!(history.recent_contexts().join(" "), recent, "{events}");
    }
}

#[test]
fn a_rename_in_one_kubeconfig_is_none_in_another() {
    let (_dir, env) = world();
    for place in ["/one", "/two", "id"] {
        append(&env, &switch(place, "b", "a")).unwrap();
    }
    append_rename(&env, &["/one".into(), "/more".into()], "b", "c").unwrap();
    let history = History::load(&env);
    for (place, previous) in [("/one", "c"), ("/two", "b"), ("id", "c")] {
        assert_eq!(history.previous_context(place, Some("a")).as_deref(), Some(previous), "{place}");
    }
}

#[test]
fn a_way_back_follows_a_rename() {
    for rename in ["rename prod-eu1 p", "config rename-context prod-eu1 p", "__as kubectx p=prod-eu1"] {
        let sandbox = Sandbox::with(THREE);
        for words in ["use prod-eu1", "ns shop", "use dev", rename, "use -"] {
            assert!(sandbox.run(words).0.contains("\n--- exit 0\n"), "{rename}: {words}");
        }
        assert_eq!(
            sandbox.run("config current-context").0,
            "p\n--- stderr\n--- exit 0\nno file changed\n",
            "{rename}"
        );
        assert!(sandbox.run("ns -").0.contains("+    namespace: web"), "{rename}");
        assert!(sandbox.run("ns -").0.contains("+    namespace: shop"), "{rename}");
        assert!(sandbox.run("rename p prod-eu1").0.contains("--- exit 0"));
        assert!(sandbox.run("use -").0.contains("--- exit 0"));
        assert_eq!(
            sandbox.run("config current-context").0,
            "dev\n--- stderr\n--- exit 0\nno file changed\n",
            "{rename}"
        );
    }
}

//! `kcx version`: the facts of the build.

use crate::common::Sandbox;

#[test]
fn the_facts_of_the_build_are_printed() {
    let sandbox = Sandbox::new();
    let version = env!("CARGO_PKG_VERSION");
    let text = sandbox.run("version").0;
    assert!(text.starts_with(&format!("kcx {version}\ntarget:   {}-", std::env::consts::ARCH)), "{text}");
    assert!(text.contains("\nfeatures: cluster, keychain\n--- stderr\n--- exit 0"), "{text}");
    assert_eq!(
        sandbox.run("version -o name").0,
        format!("{version}\n--- stderr\n--- exit 0\nno file changed\n")
    );
    let json = sandbox.run("version -o json").0;
    let (json, _) = json.split_once("--- stderr\n").unwrap();
    let value: serde_json::Value = serde_json::from_str(json).unwrap();
    let keys: Vec<&String> = value.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["version", "target", "static", "profile", "features", "commit"]);
    // The one-line form stays.
    assert_eq!(
        sandbox.run("--version").0,
        format!("kcx {version}\n--- stderr\n--- exit 0\nno file changed\n")
    );
}

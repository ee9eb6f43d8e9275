//! Kubeconfigs that the patterns of the settings find.

use crate::common::{Sandbox, THREE};

const MORE: &str = "contexts:\n- name: found\n  context: {cluster: c-dev, user: u-dev}\n- name: dev\n  context: {cluster: other, user: u-dev}\n";

fn names(sandbox: &Sandbox, words: &str) -> Vec<String> {
    let outcome = sandbox.run(words).0;
    let (names, _) = outcome.split_once("--- stderr\n--- exit 0\n").unwrap_or_else(|| panic!("{outcome}"));
    names.lines().map(str::to_owned).collect()
}

fn sandbox() -> Sandbox {
    Sandbox::with(THREE).file(".kube/config.d/more.yml", MORE)
}

#[test]
fn the_folder_beside_the_kubeconfig_counts_and_comes_last() {
    let sandbox = sandbox();
    assert_eq!(names(&sandbox, "get -o name"), ["dev", "found", "prod-eu1", "stale"]);
    assert_eq!(names(&sandbox, "prompt --format {context}{@cluster}"), ["dev@c-dev"]);
    // kubectl's own words go by kubectl's own rules.
    assert_eq!(names(&sandbox, "config get-contexts -o name"), ["dev", "prod-eu1", "stale"]);
    assert_eq!(names(&sandbox.kubeconfig(&[".kube/config"]), "get -o name"), ["dev", "prod-eu1", "stale"]);
}

#[test]
fn a_context_that_is_hidden_is_shown_with_the_way_out() {
    let sandbox = sandbox();
    let outcome = sandbox.run("get contexts dev").0;
    let said = "\
warning: context `dev` of @DIR@/.kube/config.d/more.yml:4 is hidden by the one in @DIR@/.kube/config:11
hint: `kcx --kubeconfig @DIR@/.kube/config.d/more.yml rename dev NEW` makes it visible
";
    assert!(outcome.contains(said), "{outcome}");
    sandbox.run("--kubeconfig @DIR@/.kube/config.d/more.yml rename dev other").shows(
        r"
--- stderr
context `dev` is now named `other`
--- exit 0
--- .kube/config.d/more.yml
-- name: dev
+- name: other
",
    );
    assert_eq!(names(&sandbox, "get -o name"), ["dev", "found", "other", "prod-eu1", "stale"]);
}

#[test]
fn the_way_out_is_safe_to_show_and_to_type() {
    let name = r#""a'b \e[31m$(id)""#;
    let entry = format!("contexts:\n- name: {name}\n  context: {{cluster: c, user: u}}\n");
    let sandbox = Sandbox::with(&entry).file(".kube/config.d/more.yml", &entry);
    let outcome = sandbox.run("get").0;
    let said = r"rename 'a'\''b \x1b[31m$(id)' NEW`";
    assert!(outcome.contains(said) && !outcome.contains('\x1b'), "{outcome}");
}

#[test]
fn an_empty_list_turns_it_off() {
    let mut sandbox = sandbox().file("settings/config.yaml", "discovery: []\n");
    sandbox.env.config = Some(sandbox.path().join("settings"));
    assert_eq!(names(&sandbox, "get -o name"), ["dev", "prod-eu1", "stale"]);
}

#[test]
fn the_hook_exports_the_whole_list() {
    let outcome = sandbox().run("init bash").0;
    assert!(outcome.contains("@DIR@/.kube/config:@DIR@/.kube/config.d/more.yml"), "{outcome}");
}

#[test]
fn a_switch_for_all_shells_says_that_kubectl_does_not_look_there() {
    sandbox().run("use found --global").shows(
        r"
--- stderr
switched to context `found`
warning: `found` is in `@DIR@/.kube/config.d/more.yml`: without the shell hook kubectl does not read it
hint: `kcx init --help` shows how to enable the hook; or add the file to KUBECONFIG
--- exit 0
--- .kube/config
-current-context: dev # for now
+current-context: found # for now
",
    );
}

#[test]
fn a_broken_file_is_left_out_with_a_warning() {
    let outcome = sandbox().file(".kube/config.d/broken.yaml", "a: [\n").run("get -o name").0;
    assert!(
        outcome.contains(
            "warning: left out, because it is not valid YAML: `@DIR@/.kube/config.d/broken.yaml`\n--- exit 0"
        ),
        "{outcome}"
    );
}

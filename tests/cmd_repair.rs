//! `kcx lint --fix`: repairs of kubeconfigs that kubectl refuses or of which it does not read a part, and of what other
//! tools leave behind.

use crate::common::Sandbox;
use serde_json::Value;
use std::fs;

/// A file with these entries, which only its owner reads.
fn with(text: &str) -> Sandbox {
    private(Sandbox::new().file("kc", &format!("apiVersion: v1\nkind: Config\n{text}")))
}

fn private(sandbox: Sandbox) -> Sandbox {
    #[cfg(unix)]
    for name in ["kc", ".kube/config"] {
        use std::os::unix::fs::PermissionsExt;
        let _ = fs::set_permissions(sandbox.path().join(name), fs::Permissions::from_mode(0o600));
    }
    sandbox
}

fn text(sandbox: &Sandbox) -> String {
    let text = fs::read_to_string(sandbox.path().join("kc")).unwrap();
    text.strip_prefix("apiVersion: v1\nkind: Config\n").unwrap_or(&text).to_owned()
}

fn json(sandbox: &Sandbox, words: &str) -> Value {
    let outcome = sandbox.run(words).0;
    serde_json::from_str(outcome.split("--- stderr").next().unwrap()).unwrap_or_else(|_| panic!("{outcome}"))
}

fn exit(outcome: &str) -> &str {
    outcome.split("--- exit ").nth(1).unwrap().lines().next().unwrap()
}

/// Two kubeconfigs that were joined with `cat`: kubectl refuses the names of one, and does not read the other's lists.
const USE: &str = "contexts: [{name: a, context: {cluster: a, user: a}}]\ncurrent-context: a\n";

#[test]
fn an_entry_that_is_there_twice_is_removed_and_another_one_renamed() {
    let same = "clusters:\n- name: a # the first\n  cluster: {server: 'https://a'}\n# of c\n- name: c\n  cluster: {server: 'https://c'}\n\
        - cluster:\n    server: https://a\n  name: a\n- {name: a, cluster: {server: 'https://a', extra: 1}}\nusers: [{name: a, user: {token: t}}, {name: a, user: {token: t}}, {name: a, user: {token: u}}]\n";
    let sandbox = with(&format!("{same}{USE}"));
    let before = text(&sandbox);
    let outcome = sandbox.run("lint --fix --select KCX007 @DIR@/kc").0;
    for said in [
        "fixed KCX007 in `@DIR@/kc`, line 9: two clusters are named \"a\"; removed it: the two are the same\n",
        "fixed KCX007 in `@DIR@/kc`, line 13: two users are named \"a\"; removed it: the two are the same\n",
    ] {
        assert!(outcome.contains(said), "{said}: {outcome}");
    }
    // What differs needs a decision.
    assert_eq!(exit(&outcome), "1");
    let want = before
        .replace("- cluster:\n    server: https://a\n  name: a\n", "")
        .replace("{name: a, user: {token: t}}, {name: a, user: {token: t}}", "{name: a, user: {token: t}}");
    assert_eq!(text(&sandbox), want);
    let outcome = sandbox.run("lint --unsafe-fixes --select KCX007 @DIR@/kc").0;
    assert!(outcome.contains("two clusters are named \"a\"; renamed it to `a-2`\n"), "{outcome}");
    assert_eq!(exit(&outcome), "0");
    let want = want
        .replace("{name: a, cluster", "{name: a-2, cluster")
        .replace("{name: a, user: {token: u}}", "{name: a-2, user: {token: u}}");
    assert_eq!(text(&sandbox), want);
    // Each run is one change.
    sandbox.run("undo 2 -q");
    assert_eq!(text(&sandbox), before);
}

#[test]
fn a_copy_with_a_comment_of_its_own_is_kept() {
    let users = "users:\n- name: a\n  user: {token: t}\n- name: a # of the shop\n  user: {token: t}\n";
    let sandbox = with(&format!("{users}clusters: [{{name: a, cluster: {{server: 'https://a'}}}}]\n{USE}"));
    assert!(sandbox.run("lint --fix @DIR@/kc").0.ends_with("no file changed\n"));
    sandbox.run("lint --unsafe-fixes --select KCX007 @DIR@/kc");
    assert!(
        text(&sandbox).starts_with(&users.replace("- name: a # of", "- name: a-2 # of")),
        "{}",
        text(&sandbox)
    );
}

#[test]
fn two_kubeconfigs_in_one_file_become_one() {
    let first = "# the first\napiVersion: v1\nkind: Config\nclusters:\n- name: a\n  cluster: {server: 'https://a'} # near\ncontexts:\n- name: a\n  context:\n    cluster: a\n    user: a\ncurrent-context: a\nusers:\n- name: a\n  user: {token: t}\n";
    let second = "apiVersion: v1\nkind: Config\n# the second\nclusters:\n  # inside\n  - name: b\n    cluster:\n      server: https://b\ncontexts:\n  - name: b\n    context: {cluster: b, user: b}\ncurrent-context: b\nusers:\n  - name: b\n    user: {token: u}\n";
    let sandbox = private(Sandbox::new().file("kc", &format!("{first}{second}")));
    assert!(sandbox.run("get --kubeconfig @DIR@/kc -o name").0.starts_with("b\n---"));
    // What needs a decision stays, what says the same twice goes.
    let outcome = sandbox.run("lint --fix --fail-on never @DIR@/kc").0;
    assert!(outcome.contains("-apiVersion: v1\n") && !outcome.contains("-clusters:"), "{outcome}");
    sandbox.run("undo -q");
    let dry = sandbox.run("lint --unsafe-fixes --select KCX009 --dry-run @DIR@/kc").0;
    let outcome = sandbox.run("lint --unsafe-fixes --select KCX009 @DIR@/kc").0;
    for said in [
        "duplicate key `clusters` in the kubeconfig; kubectl ignores this one; its entries are in the list that kubectl reads now",
        "duplicate key `current-context` in the kubeconfig; kubectl ignores this one; removed it",
    ] {
        assert!(
            outcome.contains(&format!(
                "fixed KCX009 in `@DIR@/kc`, line {}",
                if said.contains("clusters") { 4 } else { 12 }
            )),
            "{outcome}"
        );
        assert!(outcome.contains(said) && dry.contains(said), "{said}: {outcome}\n{dry}");
    }
    let fixed = fs::read_to_string(sandbox.path().join("kc")).unwrap();
    let want = "# the first\napiVersion: v1\nkind: Config\n# the second\nclusters:\n  # inside\n  - name: b\n    cluster:\n      server: https://b\n  - name: a\n    cluster: {server: 'https://a'} # near\ncontexts:\n  - name: b\n    context: {cluster: b, user: b}\n  - name: a\n    context:\n      cluster: a\n      user: a\ncurrent-context: b\nusers:\n  - name: b\n    user: {token: u}\n  - name: a\n    user: {token: t}\n";
    assert_eq!(fixed, want, "{outcome}");
    sandbox.run("undo -q");
    assert_eq!(fs::read_to_string(sandbox.path().join("kc")).unwrap(), format!("{first}{second}"));
}

#[test]
fn lists_of_other_forms_are_joined_and_what_contradicts_stays() {
    for (before, after) in [
        ("users: [{name: a}]\nusers: [{name: b}]\n", "users: [{name: b}, {name: a}]\n"),
        ("users: [{name: a}, ]\nx: 1\nusers: [{name: b}]\n", "x: 1\nusers: [{name: b}, {name: a}]\n"),
        ("users: []\nusers:\n- name: b\n", "users:\n- name: b\n"),
        ("users:\n- name: b\nusers: []\nx: 1\n", "users:\n- name: b\nx: 1\n"),
        ("users:\n  - name: a\nusers:\n- name: b", "users:\n- name: b\n- name: a"),
        (
            "users:\n- name: a\n  user: {token: t}\nusers:\n- name: a\n  user: {token: t}\n",
            "users:\n- name: a\n  user: {token: t}\n",
        ),
    ] {
        let sandbox = with(before);
        sandbox.run("lint --unsafe-fixes --select KCX007,KCX009 @DIR@/kc");
        assert_eq!(text(&sandbox), after, "{before}");
    }
    // The contexts of one part would lead to the clusters of the other; a comment would be lost; a form that is not edited.
    for kept in [
        "clusters: [{name: k, cluster: {server: 'https://a'}}]\ncontexts: [{name: a, context: {cluster: k}}]\nclusters: [{name: k, cluster: {server: 'https://b'}}]\ncontexts: [{name: b, context: {cluster: k}}]\n",
        "users: # of a\n- name: a\nusers:\n- name: b\n",
        "users:\n- name: a\nusers: [{name: b}]\n",
    ] {
        let sandbox = with(kept);
        let found = json(&sandbox, "lint -o json --select KCX009 --fail-on never @DIR@/kc");
        assert!(found["findings"][0]["fix"].is_null(), "{found}");
        sandbox.run("lint --unsafe-fixes --select KCX009 @DIR@/kc");
        assert_eq!(text(&sandbox), kept);
    }
}

#[test]
fn a_key_that_is_there_twice_keeps_the_value_that_kubectl_reads() {
    let user = "users:\n- name: a\n  user:\n    token: old # of May\n    token: new\n    username: x\n    username: x\n";
    let sandbox = with(&format!("{user}clusters: [{{name: a, cluster: {{server: 'https://a'}}}}]\n{USE}"));
    sandbox.run("lint --fix --fail-on never --select KCX009 @DIR@/kc");
    assert!(text(&sandbox).starts_with(&user.replacen("    username: x\n", "", 1)), "{}", text(&sandbox));
    let outcome = sandbox.run("lint --unsafe-fixes --fail-on never --select KCX009 @DIR@/kc").0;
    assert!(
        text(&sandbox).starts_with("users:\n- name: a\n  user:\n    token: new\n    username: x\n"),
        "{outcome}"
    );
    assert!(!outcome.split("--- exit").next().unwrap().contains("old"), "{outcome}");
}

/// What `minikube delete`, `kind delete cluster` and `kubectl config delete-context` leave behind.
const LEFT: &str = "\
clusters:
- name: a
  cluster: {server: 'https://a'}
- name: idle
  cluster: {server: 'https://idle'}
contexts:
- name: a
  context: {cluster: a, user: a}
# gone
- name: lab
  context: {cluster: kind-lab, user: mini}
- name: half
  context: {cluster: a, user: nobody}
current-context: lab
users:
- name: a
  user: {token: t}
- name: mini
  user: {token: m, exec: {command: x, apiVersion: client.authentication.k8s.io/v1}}
";

#[test]
fn what_other_tools_leave_behind_is_repaired_as_one_change() {
    let sandbox = with(LEFT);
    let dry = sandbox.run("lint --unsafe-fixes --dry-run --select KCX1 @DIR@/kc").0;
    for said in [
        "would fix KCX101 in `@DIR@/kc`, line 13: context `lab` names cluster `kind-lab`, which does not exist; removed the context",
        "would fix KCX102 in `@DIR@/kc`, line 15: context `half` names user `nobody`, which does not exist; removed the context, and what only such contexts used: user `mini`\n",
        "would fix KCX107 in `@DIR@/kc`, line 6: no context names cluster `idle`\n",
        "-# gone\n",
        "dry run, nothing was written; left: 1 info\n",
    ] {
        assert!(dry.contains(said), "{said}: {dry}");
    }
    assert!(dry.ends_with("--- exit 0\nno file changed\n"), "{dry}");
    let outcome = sandbox.run("lint --unsafe-fixes --select KCX1 @DIR@/kc").0;
    assert_eq!(exit(&outcome), "0", "{outcome}");
    let want = "\
clusters:
- name: a
  cluster: {server: 'https://a'}
contexts:
- name: a
  context: {cluster: a, user: a}
current-context: \"\"
users:
- name: a
  user: {token: t}
";
    assert_eq!(text(&sandbox), want, "{outcome}");
    sandbox.run("undo -q");
    assert_eq!(text(&sandbox), LEFT);
    // Only the contexts, if only they are meant.
    sandbox.run("lint --unsafe-fixes --select KCX101,KCX102 @DIR@/kc");
    assert!(text(&sandbox).contains("- name: mini") && !text(&sandbox).contains("lab"), "{}", text(&sandbox));
    // `--fix` alone decides nothing.
    let sandbox = with(LEFT);
    let outcome = sandbox.run("lint --fix --select KCX1 @DIR@/kc").0;
    assert!(outcome.ends_with("--- exit 1\nno file changed\n"), "{outcome}");
}

#[test]
fn protected_contexts_are_not_removed_without_a_word() {
    let mut sandbox = with(LEFT).file("settings/config.yaml", "rules: [{match: lab, confirm: yes}]\n");
    sandbox.env.config = Some(sandbox.path().join("settings"));
    let outcome = sandbox.run("lint --unsafe-fixes @DIR@/kc").0;
    assert!(outcome.contains("error: `lab` is protected; nothing was fixed"), "{outcome}");
    assert!(outcome.ends_with("--- exit 2\nno file changed\n"), "{outcome}");
    let outcome = sandbox.run("lint --unsafe-fixes --yes-i-mean lab @DIR@/kc").0;
    assert!(outcome.contains("context `lab` names cluster") && !text(&sandbox).contains("lab"), "{outcome}");
}

#[test]
fn a_dry_run_exits_as_the_run_would_and_reports_the_same() {
    for (file, flags, code) in [
        (
            format!(
                "users: [{{name: a}}, {{name: a}}]\nclusters: [{{name: a, cluster: {{server: 'https://a'}}}}]\n{USE}"
            ),
            "--fix",
            "0",
        ),
        ("users: [{name: a}, {name: a, user: {token: t}}]\n".to_owned(), "--fix", "1"),
        (LEFT.to_owned(), "--fix", "1"),
        (LEFT.to_owned(), "--unsafe-fixes", "0"),
        ("users: [\n".to_owned(), "--unsafe-fixes", "1"),
    ] {
        let sandbox = with(&file);
        let dry = sandbox.run(&format!("lint {flags} --dry-run @DIR@/kc")).0;
        let planned = json(&sandbox, &format!("lint {flags} --dry-run -o json @DIR@/kc"));
        assert!(dry.contains("no file changed"), "{dry}");
        let run = json(&sandbox, &format!("lint {flags} -o json @DIR@/kc"));
        assert_eq!(
            (exit(&dry), &planned["dryRun"], &run["dryRun"]),
            (code, &true.into(), &false.into()),
            "{file}: {dry}"
        );
        assert_eq!(planned["fixed"], run["fixed"], "{file}");
        assert_eq!(planned["summary"], run["summary"], "{file}");
        assert_eq!(planned["fixable"], run["fixable"], "{file}");
        assert_eq!(exit(&sandbox.run(&format!("lint {flags} @DIR@/kc")).0), code, "{file}");
    }
    let found = json(&with(LEFT), "lint -o json @DIR@/kc");
    assert_eq!(
        (&found["fixable"]["safe"], &found["fixed"]),
        (&1.into(), &Value::Array(Vec::new())),
        "{found:#}"
    );
}

#[test]
fn several_files_are_one_change() {
    let sandbox = Sandbox::new().file("one", LEFT).file("two", "users: [{name: a}, {name: a}]\n");
    let before = ["one", "two"].map(|name| fs::read_to_string(sandbox.path().join(name)).unwrap());
    let outcome = sandbox.run("lint --unsafe-fixes --fail-on never @DIR@/one @DIR@/two").0;
    assert!(outcome.contains("--- one\n") && outcome.contains("--- two\n"), "{outcome}");
    sandbox.run("undo -q");
    assert_eq!(["one", "two"].map(|name| fs::read_to_string(sandbox.path().join(name)).unwrap()), before);
}

/// No context can name an entry that has got its name just now: that is no reason to remove it in the same run.
#[test]
fn an_entry_that_was_renamed_is_not_removed_as_unused() {
    let twice = format!(
        "clusters: [{{name: a, cluster: {{server: 'https://a'}}}}, {{name: a, cluster: {{server: 'https://b'}}}}, {{name: idle, cluster: {{server: 'https://i'}}}}]\n\
         users: [{{name: a, user: {{token: t}}}}, {{name: a, user: {{token: u}}}}]\n{USE}"
    );
    let sandbox = with(&twice);
    let outcome = sandbox.run("lint --unsafe-fixes @DIR@/kc").0;
    let after = text(&sandbox);
    assert!(after.contains("name: a-2, cluster: {server: 'https://b'}"), "{after}{outcome}");
    assert!(after.contains("name: a-2, user: {token: u}") && !after.contains("idle"), "{after}{outcome}");
    // The next run finds it unused.
    sandbox.run("lint --unsafe-fixes @DIR@/kc");
    assert!(!text(&sandbox).contains("a-2"), "{}", text(&sandbox));
}

//! `--label`: contexts by the labels of their sources and of the rules of the settings.

use crate::common::Sandbox;
use serde_json::{Value, json};

/// A kubeconfig of these contexts: a name, and the extension of its source.
fn kubeconfig(contexts: &[(&str, Value)]) -> String {
    let context = |(name, from): &(&str, Value)| {
        let extensions = json!([{"name": "kcx.dev/source", "extension": from}]);
        let extensions = if from.is_null() { json!([]) } else { extensions };
        json!({"name": name, "context": {"cluster": "c", "user": "u", "extensions": extensions}})
    };
    json!({
        "apiVersion": "v1", "kind": "Config", "current-context": "mine",
        "clusters": [{"name": "c", "cluster": {"server": "https://127.0.0.1:1"}}],
        "users": [{"name": "u", "user": {"token": "t"}}],
        "contexts": contexts.iter().map(context).collect::<Vec<_>>(),
    })
    .to_string()
}

fn sandbox() -> Sandbox {
    let from = |source: &str, env: &str, region: &str| json!({"source": source, "id": "1", "context": "x", "labels": {"env": env, "region": region}});
    let text = kubeconfig(&[
        ("mine", Value::Null),
        ("eu", from("eks", "prod", "eu-west-1")),
        ("us", from("eks", "prod", "us-east-1")),
        ("test", from("git", "test", "eu-west-1")),
        ("old", json!({"source": "git", "id": "2", "context": "x", "labels": {}, "gone": "2026-01-02"})),
    ]);
    let mut sandbox = Sandbox::with(&text).file("set/config.yaml", "rules: [{match: 'm*', label: MINE}]\n");
    sandbox.env.config = Some(sandbox.path().join("set"));
    sandbox
}

/// The contexts that these words mean to `kcx get`.
fn meant(sandbox: &Sandbox, words: &str) -> Vec<String> {
    let said = sandbox.run(&format!("get -o name {words}")).0;
    assert!(said.contains("--- exit 0"), "{words}: {said}");
    said.split("--- stderr").next().unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn labels_select_contexts() {
    let sandbox = sandbox();
    for (words, want) in [
        ("--label env=prod", &["eu", "us"][..]),
        ("--label env==prod", &["eu", "us"]),
        ("--label env", &["eu", "test", "us"]),
        ("--label env=prod --label region=eu-west-1", &["eu"]),
        // As in kubectl, a context without the label has another value.
        ("--label env!=prod", &["mine", "old", "test"]),
        ("--label env --label env!=prod", &["test"]),
        ("--label source=git", &["old", "test"]),
        ("--label source", &["eu", "old", "test", "us"]),
        ("--label gone", &["old"]),
        ("--label MINE", &["mine"]),
        ("u* --label env=prod", &["us"]),
        ("--label env=prod --exclude us", &["eu"]),
        ("--label env=prod !eu", &["us"]),
    ] {
        assert_eq!(meant(&sandbox, words), want, "{words}");
    }
    for (line, want) in [
        (
            "exec --label source=git --dry-run -- true",
            "context `old`: true\nwould run in context `test`: true\n",
        ),
        ("export --label gone", "  name: old\n"),
        ("delete --label source=git --keep -y", "deleted context `old` from"),
        ("status --label env=test -o json", "\"context\": \"test\""),
    ] {
        let said = self::sandbox().run(line).0;
        assert!(said.contains(want) && !said.contains("context `mine`"), "{line}: {said}");
    }
}

#[test]
fn a_label_that_no_context_has_is_an_error() {
    let sandbox = sandbox();
    for (line, want, code) in [
        (
            "exec --label env=prdo -- true",
            "error: no context has the label `env=prdo`\nhint: labels of this name: `env=prod`, `env=test`\n",
            3,
        ),
        (
            "exec * --label env!=prdo -- true",
            "no context has the label `env=prdo`, which was to be left out\n",
            3,
        ),
        ("get --label evn", "no context has the label `evn`\nhint: labels: `MINE`, `env=prod`,", 3),
        ("status mine --label env=prod", "error: no selected context has the label `env=prod`\n", 3),
        ("get users --label env=prod", "only contexts have labels: `--label` cannot select a user", 2),
        ("get --label =x", "it must be KEY, KEY=VALUE or KEY!=VALUE", 2),
        // What only leaves out does not choose.
        ("delete --label env!=prod", "hint: `kcx delete '*' --label 'env!=prod'` means all others", 2),
        ("exec --label env!=prod -- true", "hint: `kcx exec '*' --label 'env!=prod' -- CMD…` means", 2),
        ("delete --exclude eu", "hint: `kcx delete '*' --exclude eu` means all others", 2),
        ("delete --label env=test", "need a confirmation; nothing was deleted", 2),
        ("delete", "`kcx delete` needs `NAME`", 2),
    ] {
        let said = sandbox.run(line).0;
        assert!(said.contains(want), "{line}: {said}");
        assert!(said.ends_with(&format!("--- exit {code}\nno file changed\n")), "{line}: {said}");
    }
    let said = Sandbox::with(&kubeconfig(&[("a", Value::Null)])).run("get --label env").0;
    assert!(said.contains("hint: labels come from sources, and from `label` in the rules"), "{said}");
}

#[test]
fn sources_and_labels_are_shown_and_completed() {
    let sandbox = sandbox();
    sandbox.run("get -o wide").shows(
        "
CURRENT   NAME   CLUSTER   USER   NAMESPACE   LABEL   SOURCE   SERVER                FILE
          eu     c         u                          eks      https://127.0.0.1:1   @DIR@/.kube/config:1
*         mine   c         u                  MINE             https://127.0.0.1:1   @DIR@/.kube/config:1
          old    c         u                          git      https://127.0.0.1:1   @DIR@/.kube/config:1
          test   c         u                          git      https://127.0.0.1:1   @DIR@/.kube/config:1
          us     c         u                          eks      https://127.0.0.1:1   @DIR@/.kube/config:1
--- stderr
--- exit 0
no file changed
",
    );
    let said = sandbox.run("get eu mine old -o json").0;
    let value: Value = serde_json::from_str(said.split("--- stderr").next().unwrap()).unwrap();
    let shown = |at: usize| [value[at]["source"].clone(), value[at]["labels"].clone()];
    assert_eq!(shown(0), [json!("eks"), json!({"env": "prod", "region": "eu-west-1"})]);
    assert_eq!(shown(1), [Value::Null, json!({})]);
    assert_eq!(shown(2), [json!("git"), json!({"gone": "2026-01-02"})]);
    for (words, want) in [
        (&["exec", "--label", "e"][..], "env=prod\nenv=test\n:4\n"),
        (&["get", "--label=sou"], "source=eks\nsource=git\n:4\n"),
        (&["delete", "--label", ""], "MINE\nenv=prod\n"),
    ] {
        let said = sandbox.run_words(&[&["__completeNoDesc"], words].concat()).0;
        assert!(said.starts_with(want), "{words:?}: {said}");
    }
}

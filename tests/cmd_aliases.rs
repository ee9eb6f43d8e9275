//! Aliases and groups of the settings: where they are used, and that nothing gets past the context that they lead to.

use crate::common::Sandbox;
use serde_json::Value;

const CONFIG: &str = "\
apiVersion: v1
kind: Config
clusters:
- {name: c, cluster: {server: 'https://127.0.0.1:1'}}
users:
- {name: u, user: {token: t}}
contexts:
- {name: dev, context: {cluster: c, user: u}}
- {name: gke_corp_eu_shop, context: {cluster: c, user: u, namespace: cart}}
- {name: prod-eu-1, context: {cluster: c, user: u}}
- {name: prod-us-1, context: {cluster: c, user: u}}
- {name: '@odd', context: {cluster: c, user: u}}
current-context: dev
";

const SETTINGS: &str = "\
aliases:
  shop: gke_corp_eu_shop
  web: gke_corp_eu_shop
  dev: prod-us-1
  lost: gone
groups:
  eu: ['prod-eu-*', shop, nowhere]
  free: ['*', '!prod-*', '!@eu']
  both: ['@eu', prod-us-1]
  odd: [dev]
  none: ['x-*']
  loop: ['@loop']
";

fn sandbox_with(settings: &str) -> Sandbox {
    let mut sandbox = Sandbox::with(CONFIG).file("set/config.yaml", settings);
    sandbox.env.config = Some(sandbox.path().join("set"));
    sandbox
}

fn sandbox() -> Sandbox {
    sandbox_with(SETTINGS)
}

#[track_caller]
fn says(sandbox: &Sandbox, line: &str, want: &[&str], code: i32) {
    let said = sandbox.run(line).0;
    for want in want {
        assert!(said.contains(want), "{line}: {said}");
    }
    assert!(said.contains(&format!("--- exit {code}\n")), "{line}: {said}");
}

#[test]
fn an_alias_switches_to_its_context() {
    for line in ["shop", "use web", "use web --fuzzy", "shop -n x"] {
        let said = sandbox().run(line).0;
        assert!(said.contains("switched to context `gke_corp_eu_shop`, namespace `"), "{line}: {said}");
        assert!(said.contains("+current-context: gke_corp_eu_shop\n"), "{line}: {said}");
    }
    // The name of a context wins.
    assert!(sandbox().run("use dev").0.contains("already on context `dev`"));
    says(
        &sandbox(),
        "use lost",
        &[
            "error: the alias `lost` leads to context `gone`, which does not exist\n",
            "hint: `kcx settings edit` changes `aliases`\n",
            "no file changed",
        ],
        3,
    );
    says(&sandbox(), "kcx-shop", &["`kcx-shop` is neither a command nor a context"], 3);
    says(&sandbox(), "shop --bogus", &["has no flag `--bogus`"], 2);
}

#[test]
fn other_commands_that_take_one_context_take_an_alias() {
    let sandbox = sandbox();
    says(&sandbox, "env shop", &["export KUBECONFIG="], 0);
    says(&sandbox, "whoami web", &["context `gke_corp_eu_shop`"], 1);
    says(&sandbox, "shell lost", &["the alias `lost` leads to context `gone`", "no file changed"], 3);
    says(&sandbox, "env lost", &["the alias `lost` leads to context `gone`", "no file changed"], 3);
    says(&sandbox, "export shop -o name", &[], 2);
    says(&sandbox, "export shop", &["current-context: gke_corp_eu_shop"], 0);
}

#[test]
fn a_group_is_no_context() {
    let sandbox = sandbox();
    for (line, undone) in [
        ("@both", "nothing was switched"),
        ("use @both", "nothing was switched"),
        ("use @both --fuzzy", "nothing was switched"),
        ("shell @both", "no shell was started"),
        ("shell @both -- true", "nothing was run"),
        ("env @both", "nothing was printed"),
        ("whoami @both", "no cluster was queried"),
    ] {
        let want = format!(
            "error: `@both` is a group, not a context; {undone}\n\
             hint: name one of its contexts: `prod-eu-1`, `gke_corp_eu_shop`, `prod-us-1`\n"
        );
        says(&sandbox, line, &[&want, "no file changed"], 2);
    }
    // The name of a context wins.
    says(&sandbox, "use @odd", &["switched to context `@odd`"], 0);
}

/// The contexts that these words mean to `kcx exec`.
fn meant(sandbox: &Sandbox, words: &[&str]) -> Vec<String> {
    let said = sandbox.run_words(&[&["exec", "--dry-run", "-o", "json"], words, &["--", "true"]].concat()).0;
    let text = said.split("--- stderr").next().unwrap();
    let value: Value = serde_json::from_str(text).unwrap_or_else(|_| panic!("{words:?}: {said}"));
    value.as_array().unwrap().iter().map(|run| run["context"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_group_means_its_contexts() {
    let sandbox = sandbox();
    let shop = "gke_corp_eu_shop";
    for (words, want) in [
        (&["shop", "web", shop][..], &[shop][..]),
        (&["@eu"], &["prod-eu-1", shop]),
        (&["@both", "!web"], &["prod-eu-1", "prod-us-1"]),
        (&["@both", "!@eu"], &["prod-us-1"]),
        (&["*", "--exclude", "@eu", "!@odd"], &["dev", "prod-us-1"]),
        (&["@free"], &["@odd", "dev"]),
        (&["@odd"], &["@odd"]),
    ] {
        assert_eq!(meant(&sandbox, words), want, "{words:?}");
    }
    for (line, want, code) in [
        ("exec @none -- true", "error: the group `@none` has no context\nhint: it lists `x-*`;", 3),
        ("exec @loop -- true", "error: the group `@loop` contains itself\n", 1),
        ("exec @ue -- true", "error: no group or context named `@ue`\nhint: did you mean `@eu`?", 3),
        ("exec lost -- true", "error: the alias `lost` leads to context `gone`, which does not exist\n", 3),
        ("exec * !lost -- true", "which does not exist, which was to be left out\n", 3),
        ("get user/u @eu", "takes one type at a time", 2),
        ("get users @eu", "error: no user named `@eu`", 3),
        ("get users shop", "error: no user named `shop`", 3),
    ] {
        says(&sandbox, line, &[want, "no file changed"], code);
    }
    let said = sandbox_with("groups: {x: ['*', '!prdo-*']}\n").run("exec @x -- true").0;
    assert!(said.contains("error: no context matches `prdo-*`, which the group `@x` leaves out\n"), "{said}");
    says(&sandbox_with("{}"), "exec @x -- true", &["`groups` in the settings names none"], 3);
    // Other commands with several contexts.
    says(&sandbox, "get @eu -o name", &["gke_corp_eu_shop\nprod-eu-1\n--- stderr\n--- exit 0"], 0);
    says(&sandbox, "status @eu -o json", &["\"context\": \"prod-eu-1\"", "\"gke_corp_eu_shop\""], 1);
    says(&sandbox, "export @eu", &["name: gke_corp_eu_shop", "name: prod-eu-1"], 0);
}

#[test]
fn the_rules_of_the_context_apply_whatever_it_is_called() {
    let rules =
        format!("{SETTINGS}rules: [{{match: 'gke_*', confirm: yes}}, {{match: shop, confirm: none}}]\n");
    let sandbox = sandbox_with(&rules);
    for line in [
        "shop",
        "use shop -y",
        "use shop --yes-i-mean shop",
        "use shop --yes-i-mean web",
        "shell shop",
        "shell shop -- touch run",
        "env shop",
        "exec shop -- touch run",
        "exec @eu -- touch run",
        "delete shop -y",
        "delete @eu -y",
    ] {
        let want = "`gke_corp_eu_shop` is protected; ";
        says(&sandbox, line, &[want, "--yes-i-mean gke_corp_eu_shop", "no file changed"], 2);
    }
    says(&sandbox, "protect lift 10m shop", &["kcx does not ask about `gke_corp_eu_shop` for"], 0);
    says(&sandbox, "use shop", &["switched to context `gke_corp_eu_shop`"], 0);
}

#[test]
fn what_an_alias_or_a_group_deletes_is_shown_first() {
    for line in ["delete shop", "delete @eu", "delete context web"] {
        let sandbox = sandbox();
        says(
            &sandbox,
            line,
            &[
                "would delete context gke_corp_eu_shop"
                    .replace("gke", "`gke")
                    .replace("shop", "shop`")
                    .as_str(),
                "error: several entries, a pattern, an alias or a group need a confirmation; nothing was deleted\n",
                "no file changed",
            ],
            2,
        );
        says(&sandbox, &format!("{line} -y"), &["deleted context `gke_corp_eu_shop`"], 0);
    }
}

#[test]
fn an_alias_that_is_left_behind_is_named() {
    says(
        &sandbox(),
        "rename gke_corp_eu_shop shop-eu",
        &[
            "warning: the aliases `shop`, `web` in the settings still lead to `gke_corp_eu_shop`\nhint: `kcx settings edit`",
        ],
        0,
    );
    says(
        &sandbox(),
        "delete prod-us-1",
        &["warning: the alias `dev` in the settings still leads to `prod-us-1`\nhint: `kcx settings edit`"],
        0,
    );
}

#[test]
fn aliases_are_shown_and_completed() {
    let sandbox = sandbox();
    sandbox.run("get gke_corp_eu_shop dev -o wide").shows(
        "
CURRENT   NAME               CLUSTER   USER   NAMESPACE   ALIASES     SERVER                FILE
*         dev                c         u                              https://127.0.0.1:1   @DIR@/.kube/config:8
          gke_corp_eu_shop   c         u      cart        shop, web   https://127.0.0.1:1   @DIR@/.kube/config:9
--- stderr
--- exit 0
no file changed
",
    );
    let said = sandbox.run("get shop -o json").0;
    let value: Value = serde_json::from_str(said.split("--- stderr").next().unwrap()).unwrap();
    assert_eq!(value[0]["aliases"], serde_json::json!(["shop", "web"]));
    for (line, want) in [
        ("use sh", "shop\tof gke_corp_eu_shop\n:4\n"),
        ("shell we", "web\tof gke_corp_eu_shop\n:4\n"),
        ("exec @", "@odd\tcontext: cluster c\n@both\tgroup: @eu, prod-us-1\n"),
        ("status !@b", "!@both\t@eu, prod-us-1\n:4\n"),
        ("exec x !sh", "!shop\tof gke_corp_eu_shop\n:4\n"),
        ("exec x --exclude sh", "shop\tof gke_corp_eu_shop\n:4\n"),
        ("use los", ":4\n"),
        ("s", "shop\talias: of gke_corp_eu_shop\n"),
    ] {
        let (before, typed) = line.rsplit_once(' ').unwrap_or(("", line));
        let words: Vec<&str> =
            ["__complete"].into_iter().chain(before.split_whitespace()).chain([typed]).collect();
        let said = sandbox.run_words(&words).0;
        assert!(said.contains(want), "{line}: {said}");
    }
    // kubectx has no aliases.
    let said = sandbox.run_words(&["__as", "kubectx", "shop"]).0;
    assert!(said.contains("--- exit 1\n") && said.contains("no context exists with the name"), "{said}");
}

#[test]
fn the_check_names_what_leads_nowhere() {
    sandbox_with(&format!("{SETTINGS}  sum: ['*', '!gone']\n").replace("web:", "get:"))
        .run("settings check")
        .shows(
            "
--- stderr
warning: `aliases.dev` is never used: it is also the name of a context
warning: `aliases.get` is also a command: `kcx use get` is its long form
warning: `aliases.lost` leads to context `gone`, which does not exist
warning: `groups.eu`: no context named `nowhere`
warning: `groups.loop`: the group `@loop` contains itself
warning: `groups.none`: no context matches `x-*`
warning: `groups.odd` is never used: `@odd` is also the name of a context
warning: `groups.sum`: no context named `gone`, which was to be left out
`@DIR@/set/config.yaml` has no errors
--- exit 0
no file changed
",
        );
    let said = sandbox().run("doctor").0;
    assert!(said.contains("`aliases.lost` leads to context `gone`, which does not exist"), "{said}");
    for (text, want) in [
        ("aliases: {'@x': dev}", "`aliases.@x` must be a name that does not begin with `@`, `!` or `-`"),
        ("aliases: {'a*': dev}", "`aliases.a*` must be a name"),
        ("aliases: {a: [dev]}", "`aliases.a` must be a string"),
        ("aliases: [a]", "`aliases` must be a mapping"),
        ("groups: {a: dev}", "`groups.a` must be a list"),
        ("groups: {'': [dev]}", "`groups.` must be a name"),
    ] {
        says(&sandbox_with(text), "settings check", &[want], 1);
    }
    says(&sandbox(), "settings", &["aliases.shop ", "gke_corp_eu_shop ", "groups.eu ", ":7\n"], 0);
}

/// A context is found before an alias: what has meant another context until now is said to have changed.
#[test]
fn a_new_context_with_the_name_of_an_alias_is_named() {
    let new = "clusters: [{name: fresh, cluster: {server: 'https://n'}}]\ncontexts: [{name: shop, context: {cluster: fresh}}]\n";
    let want = "warning: `shop` was an alias of `gke_corp_eu_shop` in the settings, and means the new context now\n\
                hint: `kcx settings edit` changes `aliases`\n";
    for line in ["rename dev shop", "copy dev shop", "import new"] {
        let sandbox = sandbox().file("new", new);
        says(&sandbox, line, &[want], 0);
    }
    let dry = sandbox().file("new", new).run("import new --dry-run").0;
    assert!(dry.contains(want), "{dry}");
    // The alias of the context itself means the same as before.
    let said = sandbox().run("rename gke_corp_eu_shop shop").0;
    assert!(!said.contains("was an alias"), "{said}");
}

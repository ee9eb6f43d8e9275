//! `-o json`: each command prints JSON that fits its schema in `docs/schema`, or refuses `-o`. None ignores it.

use crate::api_server::{self, ApiServer, Setup};
use crate::common::{Sandbox, THREE};
use jsonschema::Validator;
use kcx::session::{Session, hook};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// What a line prints.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Prints {
    /// JSON that fits this schema.
    Fits(&'static str),
    /// A kubeconfig in JSON.
    Kubeconfig,
    /// Nothing, because it fails.
    Nothing,
    /// Nothing: it is the form of the files.
    Files,
    /// Nothing: `-o` is refused.
    Refusal,
}

use Prints::{Files, Fits, Kubeconfig, Nothing, Refusal};

const FILE: &str = "--store file --passphrase-file @DIR@/pass";

/// Command lines by command, and what they print with `-o json`. `;` separates lines that are run before.
const LINES: &[(&str, &str, Prints)] = &[
    ("", "", Fits("get")),
    ("completions", "completions bash", Refusal),
    ("copy", "copy dev new", Fits("change")),
    ("copy", "copy user u-dev new", Fits("change")),
    ("credential copy", "SEAL; credential copy u-dev new FILE", Fits("change")),
    ("credential exec", "credential exec 1b4e28ba", Refusal),
    ("credential get", "SEAL; credential get u-dev --passphrase-file @DIR@/pass", Fits("credential-get")),
    ("credential get", "SEAL; credential get u-dev --part token", Refusal),
    ("credential list", "credential list FILE", Fits("credential-list")),
    ("credential list", "SEAL; credential list FILE", Fits("credential-list")),
    ("credential list", "credential list --prune FILE", Fits("change")),
    ("credential list", "SEAL; config unset users.u-dev; credential list --prune -y FILE", Fits("change")),
    ("credential remove", "SEAL; credential remove u-dev -y FILE", Fits("change")),
    ("credential seal", "SEAL", Fits("change")),
    ("credential seal", "SEAL --dry-run", Fits("change")),
    ("credential seal", "SEAL; SEAL", Fits("change")),
    ("credential seal", "credential seal u-prod FILE", Fits("change")),
    ("credential unseal", "SEAL; credential unseal u-dev --passphrase-file @DIR@/pass", Fits("change")),
    (
        "credential unseal",
        "SEAL; credential unseal --all --dry-run --passphrase-file @DIR@/pass",
        Fits("change"),
    ),
    ("credential unseal", "credential unseal --all", Fits("change")),
    ("current", "current", Fits("current")),
    ("current", "use stale; current", Fits("current")),
    ("delete", "delete dev", Fits("change")),
    ("delete", "rename dev new; delete cluster c-prod", Nothing),
    ("delete", "delete * -y --yes-i-mean prod-eu1", Fits("change")),
    ("delete", "delete dev --dry-run", Fits("change")),
    ("delete", "delete gone --ignore-missing", Fits("change")),
    ("demo", "demo", Refusal),
    ("diff", "diff @DIR@/.kube/config @DIR@/.kube/config", Fits("diff")),
    ("diff", "diff @DIR@/.kube/config @DIR@/other", Fits("diff")),
    ("doctor", "doctor", Fits("doctor")),
    ("edit", "edit", Refusal),
    ("env", "env dev", Refusal),
    ("exec", "exec dev --dry-run -- true", Fits("exec")),
    ("exec", "exec --global -- true", Refusal),
    ("export", "export dev", Kubeconfig),
    ("get", "get", Fits("get")),
    ("get", "get dev", Fits("get")),
    ("get", "get clusters", Fits("get")),
    ("get", "get users", Fits("get")),
    ("history", "history", Fits("history")),
    ("history", "use stale; rename dev new; undo; history", Fits("history")),
    ("history", "delete stale; split @DIR@/out; history", Fits("history")),
    ("history", "use stale; use -n web prod-eu1 --yes-i-mean prod-eu1; history --switches", Fits("switches")),
    ("history", "history --switches --all", Fits("switches")),
    ("import", "import @DIR@/other", Fits("import")),
    (
        "import",
        "import @DIR@/other --allow-exec=/usr/local/bin/aws; import @DIR@/other --dry-run",
        Fits("import"),
    ),
    ("import", "import @DIR@/other @DIR@/gone --keep-going --on-conflict=rename", Fits("import")),
    ("import", "import @DIR@/risky", Fits("import")),
    ("import", "import @DIR@/secret", Fits("import")),
    ("import", "import @DIR@/conflict", Fits("import")),
    ("import", "import @DIR@/other @DIR@/secret @DIR@/conflict", Fits("import")),
    ("import", "import @DIR@/other --dry-run", Fits("import")),
    ("lint", "lint --fix", Fits("lint")),
    ("lint", "lint --fix --dry-run", Fits("lint")),
    ("lint", "lint --unsafe-fixes", Fits("lint")),
    ("lint", "lint --explain KCX101", Refusal),
    ("init", "init bash", Refusal),
    ("lint", "lint", Fits("lint")),
    ("lint", "lint @DIR@/gone", Fits("lint")),
    ("merge", "merge @DIR@/.kube/config @DIR@/other", Kubeconfig),
    ("ns", "ns web", Fits("change")),
    ("ns", "ns web; ns -", Fits("change")),
    ("ns", "ns web; ns web", Fits("change")),
    ("ns", "ns --unset", Fits("change")),
    ("prompt", "prompt", Fits("prompt")),
    ("prompt", "use --unset; prompt", Fits("prompt")),
    ("prompt", "prompt --kubeconfig @DIR@/broken", Fits("prompt")),
    ("prompt", "prompt --preset starship", Refusal),
    ("protect", "protect", Fits("protect")),
    ("protect", "protect lift 10m prod-eu1; protect", Fits("protect")),
    ("protect check", "protect check -- kubectl --context prod-eu1 delete ns x", Fits("protect-check")),
    ("protect check", "protect check --line kubectl", Fits("protect-check")),
    ("protect check", "protect check -- ls", Fits("protect-check")),
    ("protect lift", "protect lift 10m prod-eu1", Fits("change")),
    ("protect restore", "protect lift 10m prod-eu1; protect restore", Fits("change")),
    ("protect restore", "protect restore", Fits("change")),
    ("prune", "prune", Fits("change")),
    ("prune", "prune --contexts", Fits("change")),
    ("prune", "prune --contexts --dry-run", Fits("change")),
    ("rename", "rename dev new", Fits("change")),
    ("rename", "rename cluster c-dev new", Fits("change")),
    ("rename", "rename dev dev", Fits("change")),
    ("settings", "settings", Fits("settings")),
    ("settings check", "settings check", Refusal),
    ("settings edit", "settings edit", Refusal),
    ("settings path", "settings path", Refusal),
    ("settings schema", "settings schema", Refusal),
    ("settings show", "settings show", Fits("settings")),
    ("shell", "shell dev", Refusal),
    ("source", "source list", Fits("source-list")),
    ("source add", "source add more dir ~/more", Fits("change")),
    ("source list", "sync lab; source list", Fits("source-list")),
    ("source remove", "source remove lab", Fits("change")),
    ("source script", "source script kind", Refusal),
    ("source test", "source test lab", Fits("source-test")),
    ("source test", "source test far", Fits("source-test")),
    ("split", "delete stale; split @DIR@/out", Files),
    ("export", "export dev -O @DIR@/out", Files),
    ("export", "export dev --dir @DIR@/out", Files),
    ("merge", "merge @DIR@/.kube/config @DIR@/other -O @DIR@/out", Fits("merge")),
    ("merge", "merge @DIR@/.kube/config @DIR@/conflict @DIR@/secret -O @DIR@/out", Fits("merge")),
    ("merge", "merge @DIR@/.kube/config @DIR@/gone @DIR@/other -O @DIR@/out --keep-going", Fits("merge")),
    ("merge", "merge @DIR@/.kube/config @DIR@/risky -O @DIR@/.kube/config", Fits("merge")),
    (
        "merge",
        "merge @DIR@/other @DIR@/conflict @DIR@/.kube/config -O @DIR@/out --on-conflict=fail",
        Fits("merge"),
    ),
    ("status", "status --kubeconfig @DIR@/refused", Fits("status")),
    ("sync", "sync lab", Fits("sync")),
    ("sync", "sync", Fits("sync")),
    ("sync", "sync lab; sync --dry-run", Fits("sync")),
    ("undo", "rename dev new; undo", Fits("change")),
    ("undo", "rename dev new; undo --dry-run", Fits("change")),
    ("undo", "rename dev new; use stale; undo 2", Fits("change")),
    ("undo", "rename dev new; undo; undo --change 2", Fits("change")),
    ("use", "use prod-eu1 --yes-i-mean prod-eu1", Fits("change")),
    ("use", "use dev", Fits("change")),
    ("use", "use stale -n web", Fits("change")),
    ("use", "use --unset", Fits("change")),
    ("use", "stale", Fits("change")),
    ("use", "use stale; -", Fits("change")),
    ("version", "version", Fits("version")),
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schema")
}

/// The schemas by name.
fn schemas() -> BTreeMap<String, Value> {
    let mut schemas = BTreeMap::new();
    for entry in fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        schemas.insert(name, serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap());
    }
    schemas
}

fn validators() -> BTreeMap<String, Validator> {
    let made = |(name, schema): (String, Value)| (name, jsonschema::validator_for(&schema).unwrap());
    schemas().into_iter().map(made).collect()
}

/// stdout, the messages and the exit code.
fn answer(sandbox: &Sandbox, line: &str) -> (String, String, i32) {
    let text = sandbox.run(line).0;
    let (out, rest) = text.split_once("--- stderr\n").unwrap();
    let (err, rest) = rest.rsplit_once("--- exit ").unwrap();
    (out.to_owned(), err.to_owned(), rest.lines().next().unwrap().parse().unwrap())
}

fn json(out: &str) -> Result<Value, String> {
    serde_json::from_str(out).map_err(|error| format!("{error}\n{out}"))
}

/// Why this is no JSON of the schema, indented as all of it is.
fn misfit(validators: &BTreeMap<String, Validator>, schema: &str, out: &str) -> Option<String> {
    let value = match json(out) {
        Ok(value) => value,
        Err(error) => return Some(error),
    };
    let errors = validators[schema].iter_errors(&value);
    let errors: Vec<String> = errors.map(|error| format!("{error} at {}", error.instance_path())).collect();
    if out.contains("\n  \"") || out.contains("\n  {") {
        return Some("it is not indented by 4".to_owned());
    }
    (!errors.is_empty()).then(|| format!("does not fit {schema}: {}", errors.join("; ")))
}

#[track_caller]
fn fits(validators: &BTreeMap<String, Validator>, schema: &str, line: &str, out: &str) {
    let wrong = misfit(validators, schema, out);
    assert!(wrong.is_none(), "{line}: {}\n{out}", wrong.unwrap_or_default());
}

fn sandbox() -> Sandbox {
    let risky = THREE.replace(
        "token: s3cr3t",
        "exec: {apiVersion: client.authentication.k8s.io/v1, command: /opt/x, interactiveMode: Never}",
    );
    let mut sandbox = Sandbox::with(THREE)
        .file(
            "other",
            &THREE
                .replace("dev", "edge")
                .replace("stale", "old")
                .replace("c-prod", "c-two")
                .replace("u-prod", "u-two")
                .replace("prod-eu1", "two"),
        )
        .file("risky", &risky.replace("dev", "risky").replace("stale", "old"))
        .file(
            "refused",
            &api_server::kubeconfig(&[("refused", "{server: 'https://127.0.0.1:1'}", "{token: x}")]),
        )
        .file("broken", "contexts: [")
        .file("conflict", "users: [{name: u-dev, user: {token: other}}, {name: u-new, user: {token: x}}]")
        .file(
            "secret",
            "kind: Secret\nmetadata: {name: a}\nstringData: {k: 'users: [{name: u-new, user: {token: t}}]'}",
        )
        .file("pass", "correct horse")
        .file(
            "set/config.yaml",
            "protect: [{match: 'prod-*', label: PROD}]\nsources:\n- {name: lab, dir: ~/lab}\n- {name: far, dir: ~/far}\n- {name: away, dir: ~/away}\n",
        )
        .file("lab/one.yaml", &api_server::kubeconfig(&[("one", "{server: 'https://one'}", "{token: x}")]))
        .file("far/broken.yaml", "contexts: [");
    sandbox.env.config = Some(sandbox.path().join("set"));
    sandbox.env.data = Some(sandbox.path().join("data"));
    sandbox
}

/// Runs the lines before the last one, and returns the last one with `-o json`.
fn last(sandbox: &Sandbox, lines: &str) -> Result<String, String> {
    let seal = format!("credential seal u-dev {FILE} --command /opt/kcx-credential");
    let lines = lines.replace("SEAL", &seal).replace("FILE", FILE);
    let (before, last) = lines.rsplit_once("; ").unwrap_or(("", &lines));
    for line in before.split("; ").filter(|line| !line.is_empty()) {
        let (_, err, code) = answer(sandbox, line);
        if code != 0 {
            return Err(format!("{line}: {err}"));
        }
    }
    Ok(match last.split_once(" -- ") {
        Some((flags, command)) => format!("{flags} -o json -- {command}"),
        None => format!("{last} -o json"),
    })
}

/// What is wrong with what a line prints.
fn judge(
    sandbox: &Sandbox,
    lines: &str,
    prints: Prints,
    validators: &BTreeMap<String, Validator>,
) -> Option<String> {
    let line = match last(sandbox, lines) {
        Ok(line) => line,
        Err(wrong) => return Some(wrong),
    };
    let (out, err, code) = answer(sandbox, &line);
    let is_refused = out.is_empty() && code == 2 && err.contains(" and does not support `-o`\n");
    let wrong = match prints {
        Fits(_) if code == 2 => Some(String::new()),
        Fits(schema) => misfit(validators, schema, &out),
        Kubeconfig => (json(&out).ok()?["kind"] != "Config").then(|| "no kubeconfig".to_owned()),
        Nothing => (!out.is_empty() || code != 4).then(String::new),
        Files => (!out.is_empty() || code != 0).then(String::new),
        Refusal => (!is_refused).then(|| "not refused".to_owned()),
    };
    wrong.map(|wrong| format!("{line}: {wrong}\n{out}{err}exit code {code}"))
}

#[test]
fn each_line_fits_its_schema_or_is_refused() {
    let validators = validators();
    let judged = LINES.iter().filter_map(|(_, lines, prints)| judge(&sandbox(), lines, *prints, &validators));
    let wrong: Vec<String> = judged.collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// The commands below this one.
fn collect(command: &clap::Command, path: &str, paths: &mut BTreeSet<String>) {
    for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
        let name = format!("{path} {}", sub.get_name()).trim().to_owned();
        collect(sub, &name, paths);
        paths.insert(name);
    }
}

#[test]
fn every_command_has_a_line() {
    let mut paths = BTreeSet::new();
    collect(&kcx::cli::help::command(), "", &mut paths);
    let with_line: BTreeSet<&str> = LINES.iter().map(|(command, ..)| *command).collect();
    // kubectl's rules apply to `config`; these two need a cluster or stdin and have tests of their own.
    let elsewhere = ["config", "credential", "credential set", "whoami"];
    let missing: Vec<&String> = paths
        .iter()
        .filter(|path| !with_line.contains(path.as_str()) && !elsewhere.contains(&path.as_str()))
        .collect();
    assert!(missing.is_empty(), "no line in LINES: {missing:?}");
}

#[test]
fn answers_of_clusters_fit() {
    let (validators, server) = (validators(), ApiServer::start(Setup::default()));
    let sandbox = Sandbox::with(&server.kubeconfig("{token: secret-token}"));
    for (line, schema) in [
        ("status -o json", "status"),
        ("whoami -o json", "whoami"),
        ("get namespaces -o json", "get"),
        ("get ns/web -o json", "get"),
    ] {
        let (out, err, code) = answer(&sandbox, line);
        assert_eq!(code, 0, "{line}: {err}");
        fits(&validators, schema, line, &out);
    }
}

#[test]
fn reports_about_service_accounts_fit() {
    let accounts = Some(api_server::AccountSetup::default());
    let (validators, server) = (validators(), ApiServer::start(Setup { accounts, ..Setup::default() }));
    let sandbox = Sandbox::with(&server.kubeconfig("{token: secret-token}"));
    for (line, outcome) in [
        ("--create-viewer --dry-run", "created"),
        ("--create-viewer -y -O @DIR@/out", "created"),
        ("--create-viewer --cluster-wide -y -O @DIR@/out", "existing"),
        ("-y -O @DIR@/out", ""),
        ("--dry-run", ""),
        ("--revoke --dry-run", "deleted"),
        ("--revoke -y", "deleted"),
    ] {
        let line = format!("export --as-service-account shop/viewer {line} -o json");
        let (out, err, code) = answer(&sandbox, &line);
        assert_eq!(code, 0, "{line}: {err}");
        fits(&validators, "service-account", &line, &out);
        let objects = &json(&out).unwrap()["objects"];
        assert_eq!(objects[0]["outcome"].as_str().unwrap_or_default(), outcome, "{line}: {out}");
    }
}

#[test]
fn runs_and_secrets_from_stdin_fit() {
    let (validators, sandbox) = (validators(), sandbox());
    for words in [
        ["exec", "*", "-o", "json", "--yes-i-mean", "prod-eu1", "--", "/bin/echo", "hello"].as_slice(),
        &[
            "exec",
            "dev",
            "prod-eu1",
            "-o",
            "json",
            "--yes-i-mean",
            "prod-eu1",
            "--",
            "/bin/sh",
            "-c",
            "exit 3",
        ],
        &["exec", "dev", "-o", "json", "--timeout", "10ms", "--", "/bin/sleep", "60"],
    ] {
        let (_, out, err) = sandbox.pipe(words, "");
        assert!(!out.is_empty(), "{words:?}: {err}");
        fits(&validators, "exec", &words.join(" "), &out);
    }
}

/// A shell with a context of its own.
fn shell() -> Sandbox {
    let mut sandbox = sandbox();
    let config = sandbox.path().join(".kube/config");
    let session =
        Session::create(&sandbox.env, std::process::id(), std::slice::from_ref(&config), None).unwrap();
    sandbox.env.kubeconfig = Some(hook::list(&session, &[config]));
    sandbox.env.session = Some(session.folder().into());
    sandbox
}

#[test]
fn in_a_session_too() {
    let validators = validators();
    for (lines, schema) in [
        ("use stale", "change"),
        ("use stale -n web", "change"),
        ("use stale; ns web", "change"),
        ("use stale; use --unset", "change"),
        ("use stale; use dev --global", "change"),
        ("use stale; current", "current"),
        ("use stale; get", "get"),
        ("use stale; rename stale new", "change"),
        ("use stale; delete stale", "change"),
        ("use stale; prompt", "prompt"),
    ] {
        let sandbox = shell();
        let line = last(&sandbox, lines).unwrap();
        let (out, err, code) = answer(&sandbox, &line);
        assert_eq!(code, 0, "{line}: {err}");
        fits(&validators, schema, &line, &out);
    }
}

/// The value that a line prints.
fn value(sandbox: &Sandbox, lines: &str) -> Value {
    let line = last(sandbox, lines).unwrap();
    let (out, err, _) = answer(sandbox, &line);
    serde_json::from_str(&out).unwrap_or_else(|error| panic!("{line}: {error}\n{out}{err}"))
}

#[test]
fn a_result_has_the_operations_of_the_history() {
    for lines in [
        "delete dev",
        "rename prod-eu1 new --yes-i-mean prod-eu1",
        "rename cluster c-dev new",
        "copy dev new",
        "prune --contexts",
        "use stale -n web",
        "ns web",
        "use --unset",
        "rename dev new; undo",
    ] {
        let sandbox = sandbox();
        let (result, history) = (value(&sandbox, lines), value(&sandbox, "history"));
        for field in ["command", "change", "operations"] {
            assert_eq!(result[field], history[0][field], "{lines}: {field}\n{result:#}\n{history:#}");
        }
        assert!(result["operations"][0]["file"].is_string(), "{result:#}");
        assert_eq!(
            result["undoes"].as_array(),
            history[0]["undoes"].as_array().filter(|it| !it.is_empty()),
            "{lines}"
        );
    }
}

#[test]
fn a_dry_run_tells_what_would_be_done() {
    for line in ["delete dev", "prune --contexts"] {
        let (dry, wet) = (value(&sandbox(), &format!("{line} --dry-run")), value(&sandbox(), line));
        assert_eq!(dry["operations"].as_array().unwrap().len(), wet["operations"].as_array().unwrap().len());
        assert_eq!((&dry["dryRun"], &dry["change"]), (&true.into(), &Value::Null), "{dry:#}");
        assert_eq!((&wet["dryRun"], &wet["change"]), (&false.into(), &1.into()), "{wet:#}");
    }
}

#[test]
fn a_switch_has_the_context_of_current() {
    for lines in ["use stale", "use stale -n web", "ns web"] {
        for sandbox in [sandbox(), shell()] {
            let (result, current) = (value(&sandbox, lines), value(&sandbox, "current"));
            assert_eq!(result["current"], current, "{lines}");
        }
    }
}

#[test]
fn results_are_shown() {
    let sandbox = sandbox();
    sandbox.run("use stale -n web -o json").shows(
        r#"
{
    "command": "kcx use",
    "dryRun": false,
    "changed": true,
    "change": 1,
    "operations": [
        {
            "do": "set",
            "field": "current-context",
            "from": "dev",
            "to": "stale",
            "file": "@DIR@/.kube/config"
        },
        {
            "do": "set",
            "kind": "context",
            "name": "stale",
            "field": "namespace",
            "to": "web",
            "file": "@DIR@/.kube/config"
        }
    ],
    "current": {
        "context": "stale",
        "namespace": "web",
        "cluster": "gone",
        "user": "u-dev",
        "scope": "global",
        "file": "@DIR@/.kube/config",
        "line": 20,
        "label": null,
        "protected": false
    },
    "warnings": [
        "context `stale` names cluster `gone`, which does not exist"
    ]
}
--- stderr
warning: context `stale` names cluster `gone`, which does not exist
hint: `kcx prune --contexts` removes contexts that lead nowhere; with --dry-run it only names them
switched to context `stale`, namespace `web`
--- exit 0
--- .kube/config
-    user: u-dev
-  name: stale
-current-context: dev # for now
+    namespace: web
+    user: u-dev
+  name: stale
+current-context: stale # for now
"#,
    );
    sandbox.run("use stale -o json -q").shows(
        r#"
{
    "command": "kcx use",
    "dryRun": false,
    "changed": false,
    "change": null,
    "operations": [],
    "current": {
        "context": "stale",
        "namespace": "web",
        "cluster": "gone",
        "user": "u-dev",
        "scope": "global",
        "file": "@DIR@/.kube/config",
        "line": 20,
        "label": null,
        "protected": false
    },
    "warnings": [
        "context `stale` names cluster `gone`, which does not exist"
    ]
}
--- stderr
warning: context `stale` names cluster `gone`, which does not exist
hint: `kcx prune --contexts` removes contexts that lead nowhere; with --dry-run it only names them
--- exit 0
no file changed
"#,
    );
    sandbox.run("delete stale -o yaml").shows(
        r#"
change: 2
changed: true
command: kcx delete
dryRun: false
operations:
- do: remove
  file: @DIR@/.kube/config
  kind: context
  name: stale
- do: set
  field: current-context
  file: @DIR@/.kube/config
  from: stale
warnings:
- that was the current context; there is no current context now
--- stderr
deleted context `stale` from `@DIR@/.kube/config`
warning: that was the current context; there is no current context now
hint: `kcx use NAME` switches to another one
--- exit 0
--- .kube/config
-- context:
-    cluster: gone
-    namespace: web
-    user: u-dev
-  name: stale
-current-context: stale # for now
+current-context: "" # for now
"#,
    );
    sandbox.run("rename dev new -o name").shows(
        "
context/new
--- stderr
context `dev` is now named `new`
--- exit 0
--- .kube/config
-  name: dev
+  name: new
",
    );
    sandbox.run("new -o name").shows(
        r#"
new
--- stderr
switched to context `new`
--- exit 0
--- .kube/config
-current-context: "" # for now
+current-context: "new" # for now
"#,
    );
    sandbox.run("ns shop -o name").shows(
        "
shop
--- stderr
switched to namespace `shop` in context `new`
--- exit 0
--- .kube/config
+    namespace: shop
",
    );
    sandbox.run("prune -o name").shows(
        "
--- stderr
every cluster and user is in use, nothing to remove
--- exit 0
no file changed
",
    );
    sandbox.run("undo -o name").shows(
        "
context/new
--- stderr
undid change 5 (`kcx ns`, just now), which set `namespace` of context `new` to `shop`
--- exit 0
--- .kube/config
-    namespace: shop
",
    );
    sandbox.run("protect lift 10m prod-eu1 -o name").shows(
        "
prod-eu1
--- stderr
kcx does not ask about `prod-eu1` for 10 min
--- exit 0
no file changed
",
    );
    sandbox.run("nope -o json").shows(
        "
--- stderr
error: `nope` is neither a command nor a context
hint: `kcx get` lists all 2
--- exit 3
no file changed
",
    );
    sandbox.run("prompt -o json").shows(
        r#"
{
    "state": "ok",
    "text": "new:default",
    "context": "new",
    "short": "new",
    "namespace": "default",
    "cluster": "c-dev",
    "user": "u-dev",
    "scope": "global",
    "label": null,
    "color": null,
    "protected": false,
    "liftedForSeconds": null,
    "locked": false,
    "readOnly": false,
    "mode": null
}
--- stderr
--- exit 0
no file changed
"#,
    );
}

#[test]
fn the_refusal_names_what_the_command_has() {
    let sandbox = sandbox();
    sandbox.run("get -o jsn").shows(
        "
--- stderr
error: `kcx get` does not support `-o jsn`; use `-o name`, `wide`, `json` or `yaml`
--- exit 2
no file changed
",
    );
    sandbox.run("shell -o jsn").shows(
        "
--- stderr
error: `kcx shell` starts a shell and does not support `-o`
hint: `kcx exec -o json` reports a run
--- exit 2
no file changed
",
    );
    sandbox.run("lint -o wide").shows(
        "
--- stderr
error: `kcx lint` does not support `-o wide`; use `-o json`, `yaml`, `sarif` or `github`
--- exit 2
no file changed
",
    );
    sandbox.run("credential list -o sarif").shows(
        "
--- stderr
error: `kcx credential list` does not support `-o sarif`; use `-o name`, `wide`, `json` or `yaml`
--- exit 2
no file changed
",
    );
    sandbox.run("-o github whoami").shows(
        "
--- stderr
error: `kcx whoami` does not support `-o github`; use `-o name`, `json` or `yaml`
--- exit 2
no file changed
",
    );
}

/// The descriptions that are missing below this schema.
fn undescribed(at: &str, schema: &Value, missing: &mut Vec<String>) {
    let Some(fields) = schema.as_object() else { return };
    for (name, field) in fields.get("properties").and_then(Value::as_object).into_iter().flatten() {
        if field["description"].as_str().is_none_or(str::is_empty) {
            missing.push(format!("{at}.{name}"));
        }
    }
    for (name, below) in fields {
        match below {
            Value::Object(_) => undescribed(&format!("{at}.{name}"), below, missing),
            Value::Array(list) => {
                list.iter().for_each(|it| undescribed(&format!("{at}.{name}"), it, missing));
            }
            _ => {}
        }
    }
}

#[test]
fn each_schema_is_valid_described_documented_and_used() {
    let page = fs::read_to_string(folder().join("../scripts.md")).unwrap();
    let used: BTreeSet<&str> = LINES
        .iter()
        .filter_map(|(_, _, prints)| if let Fits(name) = prints { Some(*name) } else { None })
        .collect();
    let schemas = schemas();
    for (name, schema) in &schemas {
        assert!(jsonschema::meta::is_valid(schema), "{name} is no valid schema");
        assert!(schema["title"].as_str().unwrap().contains("-o json`"), "{name} has no title");
        assert!(page.contains(&format!("(schema/{name}.json)")), "docs/scripts.md does not link {name}");
        let is_elsewhere = ["service-account", "whoami"].contains(&name.as_str());
        assert!(used.contains(name.as_str()) || is_elsewhere, "no line uses {name}");
        let mut missing = Vec::new();
        undescribed(name, schema, &mut missing);
        assert!(missing.is_empty(), "without a description: {missing:?}");
    }
    let operation = |name: &str| &schemas[name]["definitions"]["operation"];
    assert_eq!(operation("change"), operation("history"));
    let current = |schema: &Value| schema["properties"].clone();
    assert_eq!(current(&schemas["change"]["properties"]["current"]), current(&schemas["current"]));
}

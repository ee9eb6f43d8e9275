//! `kcx lint` at the command line.

use crate::common::{Sandbox, THREE};
use crate::lint::Made;
use kcx::kubeconfig::lint::Code;
use serde_json::Value;
use std::fs;
use std::path::Path;

/// A kubeconfig with an error, a warning and an info, and a password that nobody may see.
const BAD: &str = "\
apiVersion: v1
kind: Config
clusters:
- name: prod
  cluster:
    server: http://prod.example
contexts:
- name: prod
  context:
    cluster: gone # a cluster of before
    user: jane
current-context: prod
users:
- name: jane
  user:
    username: jane
    password: s3cr3t-pa55
";

fn bad() -> Sandbox {
    private(Sandbox::new().file("kc", BAD), "kc")
}

/// Takes the file away from others.
fn private(sandbox: Sandbox, name: &str) -> Sandbox {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(sandbox.path().join(name), fs::Permissions::from_mode(0o600)).unwrap();
    }
    sandbox
}

fn json(sandbox: &Sandbox, words: &str) -> Value {
    let outcome = sandbox.run(words).0;
    let outcome = outcome.replace("@DIR@", "/home/jane");
    let (out, _) = outcome.split_once("--- stderr\n").unwrap();
    serde_json::from_str(out).unwrap_or_else(|error| panic!("{error}: {outcome}"))
}

fn codes(found: &Value) -> Vec<&str> {
    found["findings"].as_array().unwrap().iter().map(|it| it["code"].as_str().unwrap()).collect()
}

#[test]
fn findings_are_shown_with_their_lines_and_secrets_masked() {
    bad().run("lint @DIR@/kc").shows(
        "
info[KCX107]: no context names cluster `prod`
 --> @DIR@/kc:4:9
  |
4 | - name: prod
  |         ^^^^
  |
  = help: `kcx prune` removes what no context names
  = help: `kcx lint --unsafe-fixes` may fix it

warning[KCX204]: the connection to cluster `prod` is not encrypted
 --> @DIR@/kc:6:13
  |
6 |     server: http://prod.example
  |             ^^^^^^^^^^^^^^^^^^^
  |
  = help: use https://

error[KCX101]: context `prod` names cluster `gone`, which does not exist
  --> @DIR@/kc:10:14
   |
10 |     cluster: gone # a cluster of before
   |              ^^^^
   |
   = help: No file of the list has a cluster of this name. kubectl then connects to localhost:8080, or reports that the context is not found. `kcx prune --contexts` removes all such contexts.
   = help: `kcx lint --unsafe-fixes` may fix it

info[KCX317]: user `jane` has its password in plain text
  --> @DIR@/kc:17:15
   |
17 |     password: ***********
   |               ^^^^^^^^^^^
   |
   = help: it cannot go into the keychain as it is: it logs in with username and password, which an exec plugin cannot deliver to kubectl

--- stderr
1 error, 1 warning, 2 info
--- exit 1
no file changed
",
    );
}

#[test]
fn what_is_shown_and_what_fails_can_be_chosen() {
    let sandbox = bad();
    let code = |words: &str| {
        let outcome = sandbox.run(&format!("lint @DIR@/kc -o json {words}")).0;
        outcome.split_once("--- exit ").unwrap().1.lines().next().unwrap().to_owned()
    };
    assert_eq!(["", "--fail-on never", "--ignore KCX101"].map(code), ["1", "0", "0"]);
    assert_eq!(["--ignore KCX101 --fail-on warning", "--select KCX317 --fail-on info"].map(code), ["1", "1"]);
    assert_eq!(
        ["--severity loud", "--severity never", "--select KCX9", "--within 3", "-o wide", "--dry-run"]
            .map(code),
        ["2"; 6]
    );
    let shown = |words: &str| codes(&json(&sandbox, &format!("lint @DIR@/kc -o json {words}"))).join(" ");
    assert_eq!(shown(""), "KCX107 KCX204 KCX101 KCX317");
    assert_eq!(shown("--severity warning"), "KCX204 KCX101");
    assert_eq!(shown("--select KCX1,KCX204 --ignore KCX107"), "KCX204 KCX101");
}

#[test]
fn comments_ignore_findings_in_a_line_in_an_entry_and_in_a_file() {
    let with = |from: &str, to: &str| {
        let sandbox = private(Sandbox::new().file("kc", &BAD.replacen(from, to, 1)), "kc");
        codes(&json(&sandbox, "validate @DIR@/kc -o json")).join(" ")
    };
    assert_eq!(with("prod.example\n", "prod.example # kcx-lint: ignore KCX204\n"), "KCX107 KCX101 KCX317");
    assert_eq!(
        with("- name: jane", "# kcx-lint: ignore kcx317, KCX204\n- name: jane"),
        "KCX107 KCX204 KCX101"
    );
    assert_eq!(with("kind:", "# kcx-lint: ignore-file KCX107 KCX101\nkind:"), "KCX204 KCX317");
    assert_eq!(with("kind:", "# kcx-lint: ignore KCX107\nkind:"), "KCX107 KCX204 KCX101 KCX317");
    assert_eq!(with("kind:", "# kcx-lint: ignore KCX999\nkind:"), "KCX015 KCX107 KCX204 KCX101 KCX317");
    // Why may stand behind the codes.
    assert_eq!(with("kind:", "# kcx-lint: ignore-file KCX107 KCX101 a lab\nkind:"), "KCX204 KCX317");
    // What is nearly one says so.
    for slip in ["ingore KCX107", "ignore", "ignore all", "ignore-line KCX107"] {
        let slip = format!("# kcx-lint: {slip}\nkind:");
        assert_eq!(with("kind:", &slip), "KCX015 KCX107 KCX204 KCX101 KCX317", "{slip}");
    }
    for slip in ["# kcx-lint ignore KCX107\nkind:", "# KCX-LINT: ignore KCX107\nkind:"] {
        assert_eq!(with("kind:", slip), "KCX015 KCX107 KCX204 KCX101 KCX317", "{slip}");
    }
    assert_eq!(with("kind:", "# kcx-lint: ignore 204\nkind:"), "KCX015 KCX107 KCX204 KCX101 KCX317");
    assert_eq!(with("kind:", "# checked by kcx-lint, see there\nkind:"), "KCX107 KCX204 KCX101 KCX317");
}

#[test]
fn keys_are_looked_at_wherever_kubectl_does() {
    let user = "users:\n- name: a\n  user:\n    auth-provider: {name: oidc, config: {client-id: a, client-id: b}}\n    \
        extensions: [{name: x, extention: {any: thing, any: other}}]\n";
    let text = format!(
        "apiVersion: v1\nkind: Config\npreferences: {{colours: true}}\nextensions: [{{nam: y}}]\n{user}"
    );
    let sandbox = private(Sandbox::new().file("kc", &text), "kc");
    let found = json(&sandbox, "lint @DIR@/kc -o json --select KCX009,KCX011");
    let said: Vec<&str> =
        found["findings"].as_array().unwrap().iter().map(|it| it["message"].as_str().unwrap()).collect();
    assert_eq!(
        said,
        [
            "unknown field `colours` in the kubeconfig: kubectl ignores it",
            "unknown field `nam` in the kubeconfig: kubectl ignores it",
            "duplicate key `client-id` in user `a`; kubectl ignores this one",
            "unknown field `extention` in user `a`: kubectl ignores it",
        ]
    );
}

#[test]
fn what_stands_behind_a_key_without_a_colon_is_not_said() {
    for slip in ["token hunter2: ", "token\thunter2: x", "as-user-extra: {\"a hunter2:x\": 5}"] {
        let text = format!("apiVersion: v1\nkind: Config\nusers:\n- name: a\n  user:\n    {slip}\n");
        let sandbox = private(Sandbox::new().file("kc", &text), "kc");
        for form in ["", "-o json", "-o sarif", "-o github"] {
            let said = sandbox.run(&format!("lint @DIR@/kc {form} --fail-on never")).0;
            assert!(!said.contains("hunter2") && said.contains("KCX"), "{said}");
        }
    }
}

#[test]
fn files_that_cannot_be_read_are_findings_and_the_others_are_looked_at() {
    let sandbox = Sandbox::new().file("good", THREE).file("broken", "contexts: [\n").file("folder/x", "");
    let sandbox = sandbox.kubeconfig(&["good", "folder", "broken", "not-there"]);
    let sandbox = private(private(sandbox, "good"), "broken");
    let found = json(&sandbox, "lint -o json --severity warning");
    // What a context names may be in the files that could not be read.
    assert_eq!(codes(&found), ["KCX405", "KCX309", "KCX311", "KCX001", "KCX002"], "{found}");
    assert!(found["findings"][3]["message"].as_str().unwrap().contains("directory"), "{found}");
    let alone = json(&sandbox, "lint @DIR@/not-there @DIR@/broken -o json");
    assert_eq!(codes(&alone), ["KCX001", "KCX002"]);
}

#[test]
fn a_folder_is_all_kubeconfigs_in_it() {
    let sandbox = Sandbox::new().file("all/a", BAD).file("all/b", "contexts: [\n").file("all/c.txt", "text");
    let found = json(&sandbox, "lint -o json @DIR@/all --severity error");
    assert_eq!(codes(&found), ["KCX101", "KCX002"]);
    let sandbox = sandbox.file("none/x.txt", "text");
    let found = json(&sandbox, "lint -o json @DIR@/none @DIR@/all/a --severity error");
    assert_eq!(codes(&found), ["KCX001", "KCX101"]);
    assert_eq!(found["findings"][0]["message"], "there is no kubeconfig in this folder");
}

#[test]
fn fixes_go_through_the_journal_and_tell_what_they_did() {
    let sandbox =
        private(Sandbox::with(&BAD.replace("current-context: prod", "current-context: old")), ".kube/config");
    sandbox.run("lint --fix --dry-run").shows(
        "
--- stderr
dry run, no finding can be fixed; `kcx lint` lists them, and which flag fixes one; left: 2 errors, 1 warning, 2 info
--- exit 1
no file changed
",
    );
    let outcome = sandbox.run("lint --unsafe-fixes --severity error --select KCX105 --fail-on never -o json");
    assert!(
        outcome.0.contains(
            "fixed KCX105 in `@DIR@/.kube/config`, line 12: the current context `old` does not exist\n"
        ),
        "{}",
        outcome.0
    );
    assert!(outcome.0.contains("-current-context: old\n+current-context: \"\"\n"), "{}", outcome.0);
    let outcome = sandbox.run("undo -y");
    assert!(outcome.0.contains("+current-context: old\n"), "{}", outcome.0);
}

#[test]
fn what_cannot_be_mended_safely_stays_and_the_rest_is_mended() {
    let text = "apiVersion: v1\nkind: Config\nusers:\n- name: a\n  user: &a\n    exec:\n      apiVersion: client.authentication.k8s.io/v1\n      \
        command: x\n- name: b\n  user: *a\n- name: c\n  user:\n    <<: *a\n";
    let sandbox = Sandbox::new().file("kc", text);
    let outcome = sandbox.run("lint --fix @DIR@/kc --fail-on never --severity error");
    assert!(outcome.0.contains("KCX309 in `@DIR@/kc` was not fixed"), "{}", outcome.0);
    for user in ["a", "b"] {
        let fixed = format!(": the plugin of user `{user}`");
        assert!(
            outcome.0.contains("fixed KCX309 in `@DIR@/kc`, line ") && outcome.0.contains(&fixed),
            "{}",
            outcome.0
        );
    }
    assert!(!outcome.0.contains("-  user: &a"), "{}", outcome.0);
}

#[test]
fn a_file_that_kubectl_refuses_is_mended_where_a_quote_is_all_that_is_missing() {
    let text = "apiVersion: v1\nkind: Config\ncontexts:\n- name: yes # really\n  context: {cluster: a, user: a, namespace: 0777}\n\
        current-context: yes\nclusters: [{name: a, cluster: {server: 'http://localhost'}}]\nusers: [{name: a}]\n";
    let sandbox = private(Sandbox::new().file("kc", text), "kc");
    assert_eq!(codes(&json(&sandbox, "lint @DIR@/kc -o json")), ["KCX004"; 3]);
    sandbox.run("lint --fix @DIR@/kc").shows(
        r#"
--- stderr
fixed KCX004 in `@DIR@/kc`, line 4: put `yes` in quotes
fixed KCX004 in `@DIR@/kc`, line 5: put `0777` in quotes
fixed KCX004 in `@DIR@/kc`, line 6: put `yes` in quotes
no findings
--- exit 0
--- kc
-- name: yes # really
-  context: {cluster: a, user: a, namespace: 0777}
-current-context: yes
+- name: "yes" # really
+  context: {cluster: a, user: a, namespace: "0777"}
+current-context: "yes"
"#,
    );
}

#[test]
fn reports_for_programs_fit_their_schemas() {
    let made = Made::new();
    let schema = |file: &str| -> jsonschema::Validator {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
        // OASIS' schema has a regular expression with a bracket too many.
        let text = fs::read_to_string(file).unwrap().replace("-[a-zA-Z]{2}]?$", "-[a-zA-Z]{2}$");
        jsonschema::validator_for(&serde_json::from_str(&text).unwrap()).unwrap()
    };
    let (own, sarif) = (schema("docs/schema/lint.json"), schema("tests/fixtures/sarif-2.1.0.schema.json"));
    for code in Code::ALL {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/fixtures/lint/{code}.txt"));
        let text = fs::read_to_string(file).unwrap_or_default();
        let bad = made.fill(text.split("=== ").nth(1).unwrap_or_default()).replacen("bad\n", "", 1);
        let sandbox = Sandbox::new().file("a:ü/kc", &bad);
        for (validator, format) in [(&own, "json"), (&sarif, "sarif")] {
            let report = json(&sandbox, &format!("lint -o {format} @DIR@/a:ü/kc @DIR@/gone"));
            let errors: Vec<String> = validator.iter_errors(&report).map(|error| error.to_string()).collect();
            assert!(errors.is_empty(), "{code} {format}: {errors:?}\n{report:#}");
        }
    }
    let report = json(&bad(), "lint -o sarif @DIR@/kc");
    let result = &report["runs"][0]["results"][1];
    assert_eq!(result["ruleId"], "KCX204");
    assert_eq!(result["locations"][0]["physicalLocation"]["region"]["startLine"], 6);
    let rules = report["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
    assert_eq!(rules[usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()]["id"], "KCX204");
}

#[test]
fn annotations_are_workflow_commands() {
    let sandbox = private(Sandbox::new().file("kc", &BAD.replace("gone #", "\"go\\nne%\" #")), "kc");
    #[cfg(unix)]
    {
        let sandbox = private(Sandbox::new().file("k\nc", BAD), "k\nc").kubeconfig(&["k\nc"]);
        let outcome = sandbox.run("lint -o github --select KCX204").0;
        let want = "/k%0Ac,line=6,col=13,endLine=6,endColumn=32,title=KCX204::the connection to cluster `prod` is not encrypted; use https://\n";
        assert!(outcome.contains(want), "{outcome}");
    }
    sandbox.run("lint -o github --select KCX101 @DIR@/kc").shows(
        "
::error file=@DIR@/kc,line=10,col=14,endLine=10,endColumn=23,title=KCX101::context `prod` names cluster `go\\nne%25`, which does not exist
--- stderr
--- exit 1
no file changed
",
    );
}

#[test]
fn stdin_is_a_file_that_cannot_be_mended() {
    let sandbox = Sandbox::new();
    let run = |words: &[&str]| sandbox.pipe(words, BAD);
    let (code, out, err) = run(&["lint", "-", "-o", "json"]);
    assert_eq!((code, err.as_str()), (Some(1), ""));
    let found: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(codes(&found), ["KCX107", "KCX204", "KCX101", "KCX317"], "{found}");
    let finding = &found["findings"][2];
    assert_eq!((&finding["file"], &finding["start"]["line"]), (&"-".into(), &10.into()), "{finding}");
    for fix in ["--fix", "--unsafe-fixes"] {
        let (code, out, err) = run(&["lint", fix, "-"]);
        assert_eq!((code, out.as_str()), (Some(2), ""));
        assert_eq!(err, "error: stdin cannot be fixed: there is no file to write\nhint: name the file\n");
    }
}

#[test]
fn codes_are_explained() {
    let sandbox = Sandbox::new();
    let one = sandbox.run("lint --explain kcx004").0;
    assert!(
        one.starts_with("KCX004 (error): a word that YAML 1.1 reads as a boolean or a number\n\n"),
        "{one}"
    );
    assert!(one.contains("\n`kcx lint --fix` fixes it.\n\nExample:\n    contexts:\n"), "{one}");
    let all = sandbox.run("lint --explain --all").0;
    for code in Code::ALL {
        assert!(all.lines().any(|line| line.starts_with(&format!("{code} "))), "{code}");
    }
    let outcome = sandbox.run("lint --explain KCX999").0;
    assert!(outcome.contains("unknown code `KCX999`") && outcome.contains("exit 3"), "{outcome}");
    assert!(sandbox.run("lint --explain").0.contains("--- exit 2\n"));
}

#[test]
fn files_and_codes_are_completed() {
    let offered = |words: &str| Sandbox::new().run(words).0.split("--- stderr").next().unwrap().to_owned();
    assert_eq!(
        offered("__completeNoDesc lint --explain KCX10"),
        (101..110).map(|n| format!("KCX{n}\n")).collect::<String>() + ":4\n"
    );
    assert_eq!(
        offered("__completeNoDesc lint --select KCX001,KCX00"),
        (1..10).map(|n| format!("KCX001,KCX00{n}\n")).collect::<String>() + ":4\n"
    );
    assert_eq!(offered("__completeNoDesc validate ./"), ":0\n");
    assert!(
        offered("__complete lint --ignore KCX105")
            .contains("KCX105\ta current context that does not exist\n")
    );
}

#[test]
fn no_secret_is_in_any_report() {
    let text = BAD.replace("http://prod.example", "https://joe:s3cr3t-url@prod.example").replace(
        "password: s3cr3t-pa55",
        "token: s3cr3t-t0ken\n    tokn: s3cr3t-slip\n    client-key-data: czNjcjN0LWtleQ==",
    );
    for text in [text.clone(), text.replace("user: jane", "user: [s3cr3t-list, }")] {
        let sandbox = Sandbox::new().file("kc", &text);
        for format in ["", "-o json", "-o yaml", "-o sarif", "-o github", "--unsafe-fixes --dry-run"] {
            let outcome = sandbox.run(&format!("lint @DIR@/kc {format}")).0;
            assert!(outcome.contains("KCX") || format.contains("fixes"), "{outcome}");
            for secret in ["s3cr3t", "czNj"] {
                assert!(!outcome.contains(secret), "{format}: {outcome}");
            }
        }
    }
}

#[test]
fn names_from_files_reach_no_terminal_as_they_are() {
    let sandbox = Sandbox::new().file("kc", &BAD.replace("name: jane", "name: \"ja\\e[31mne\""));
    for format in ["", "-o github"] {
        let outcome = sandbox.run(&format!("lint @DIR@/kc {format}")).0;
        assert!(!outcome.contains('\u{1b}') && outcome.contains("ja\\x1b[31mne"), "{outcome}");
    }
}

#[cfg(unix)]
#[test]
fn the_disk_is_looked_at() {
    use std::os::unix::fs::PermissionsExt;
    let text =
        format!("{BAD}- name: joe\n  user:\n    client-certificate: gone.crt\n    client-key: joe.key\n");
    let exec = "- name: ann\n  user:\n    exec:\n      apiVersion: client.authentication.k8s.io/v1\n      interactiveMode: Never\n      \
        command: /bin/kcx-is-not-there\n";
    let plugin = exec.replace("ann", "bob").replace("/bin/kcx-is-not-there", "./plugin");
    let sandbox = Sandbox::new()
        .file("d/kc", &(text + exec + &plugin))
        .file("d/joe.key", "no key")
        .file("d/plugin", "#!/bin/sh\n")
        .file("d/kc.lock", "");
    let mode = |name: &str, mode| {
        fs::set_permissions(sandbox.path().join(name), fs::Permissions::from_mode(mode)).unwrap();
    };
    mode("d/kc", 0o644);
    mode("d/joe.key", 0o640);
    mode("d/plugin", 0o755);
    mode("d", 0o777);
    let old = std::time::SystemTime::now() - std::time::Duration::from_hours(1);
    fs::File::options()
        .write(true)
        .open(sandbox.path().join("d/kc.lock"))
        .unwrap()
        .set_modified(old)
        .unwrap();
    let found = json(&sandbox, "lint @DIR@/d/kc -o json --select KCX208,KCX3,KCX5 --ignore KCX317");
    assert_eq!(
        codes(&found),
        ["KCX501", "KCX502", "KCX503", "KCX208", "KCX501", "KCX311", "KCX312", "KCX313"],
        "{found:#}"
    );
    mode("d", 0o700);
    mode("d/plugin", 0o600);
    let found = json(&sandbox, "lint @DIR@/d/kc -o json --select KCX311,KCX313,KCX502");
    assert_eq!(codes(&found), ["KCX311", "KCX311"]);
    assert!(
        found["findings"][1]["message"].as_str().unwrap().contains("is not an executable file"),
        "{found}"
    );
}

#[test]
fn kuberc_is_asked_for_its_policy() {
    let exec = "    exec:\n      apiVersion: client.authentication.k8s.io/v1\n      interactiveMode: Never\n      command: sh\n";
    let text = BAD.replace("    username: jane\n    password: s3cr3t-pa55\n", exec);
    let rc = "apiVersion: kubectl.config.k8s.io/v1beta1\nkind: Preference\ncredentialPluginPolicy: DenyAll\n";
    let mut sandbox = Sandbox::new().file("kc", &text).file("rc", rc);
    assert!(!sandbox.run("lint @DIR@/kc").0.contains("KCX314"));
    sandbox.env.kuberc = Some(sandbox.path().join("rc").into());
    let outcome = sandbox.run("lint @DIR@/kc --select KCX314").0;
    assert!(
        outcome.contains("error[KCX314]: kuberc does not let kubectl start `sh`, the plugin of user `jane`"),
        "{outcome}"
    );
}

/// Users with nothing else around them.
fn users(text: &str) -> String {
    format!("apiVersion: v1\nkind: Config\nusers:\n{text}")
}

/// A file of one user with these fields.
fn user_with(fields: &str) -> Sandbox {
    private(Sandbox::new().file("kc", &users(&format!("- name: a\n  user: {{{fields}}}\n"))), "kc")
}

#[test]
fn a_secret_in_the_place_of_something_else_is_not_said() {
    for user in [
        "client-certificate-data: aGk=, client-key: LS0tLS1CRUdJTiBzM2NyM3Q=",
        "client-certificate-data: aGk=, client-key: \"-----BEGIN KEY-----\\nLS0tczNjcjN0\\n\"",
        "tokenFile: eyJhLS0tczNjcjN0",
        "username: jo, token:LS0tczNjcjN0",
    ] {
        let sandbox = user_with(user);
        for output in ["json", "sarif", "github", "yaml"] {
            let outcome = sandbox.run(&format!("lint @DIR@/kc -o {output}")).0;
            assert!(!outcome.contains("LS0t"), "{user}: {outcome}");
        }
        let outcome = sandbox.run("lint @DIR@/kc").0;
        assert!(!outcome.contains("LS0t") && outcome.contains("did you mean `"), "{user}: {outcome}");
    }
}

#[test]
fn what_is_to_be_typed_is_quoted() {
    for (name, typed) in [
        ("a'b;rm -rf", r"kcx credential seal 'a'\\''b;rm -rf'"),
        ("Jane Doe", "kcx credential seal 'Jane Doe'"),
        ("-x", "kcx credential seal -- -x"),
        ("plain", "kcx credential seal plain"),
    ] {
        let text = users(&format!("- name: \"{name}\"\n  user: {{token: abc}}\n"));
        let sandbox = private(Sandbox::new().file("kc", &text), "kc");
        let outcome = sandbox.run("lint @DIR@/kc --select KCX317 -o json").0;
        assert!(outcome.contains(&format!("`{typed}`")), "{name}: {outcome}");
    }
}

#[test]
fn sealing_is_advised_where_it_works() {
    for (user, why) in [
        (
            "token: abc, exec: {command: x, apiVersion: client.authentication.k8s.io/v1beta1}",
            "an exec plugin of its own",
        ),
        ("client-key-data: aGk=", "without a client certificate"),
        ("client-key-data: aGk=, client-certificate: a.crt", "names a file"),
        ("token: abc, auth-provider: {name: oidc}", "auth-provider"),
    ] {
        let sandbox = user_with(user);
        let outcome = sandbox.run("lint @DIR@/kc --select KCX317 -o json").0;
        assert!(outcome.contains(why) && !outcome.contains("credential seal"), "{user}: {outcome}");
    }
}

#[test]
fn of_several_values_that_need_a_quote_all_are_mended() {
    let text = "contexts:\n- {name: y, context: {cluster: a, user: a}}\n- {name: n, context: {cluster: a, user: a}}\nusers:\n\
        - {name: a, user: {as: x, as-groups: [1, 2]}}\n- name: ''\n- name: 5\n";
    let text = format!("apiVersion: v1\nkind: Config\n{text}");
    let sandbox = private(Sandbox::new().file("kc", &text), "kc");
    let found = json(&sandbox, "lint @DIR@/kc --select KCX00 -o json");
    assert_eq!(codes(&found), ["KCX004"; 4]);
    let found = json(&sandbox, "lint @DIR@/kc --fix --select KCX00 -o json");
    assert!(codes(&found).is_empty(), "{found}");
    let fixed = fs::read_to_string(sandbox.path().join("kc")).unwrap();
    let quoted = ["name: y", "name: n", "name: 5"].map(|it| it.replace(": ", ": \"") + "\"");
    let want = text.replace("[1, 2]", "[\"1\", \"2\"]");
    let want = ["name: y", "name: n", "name: 5"]
        .iter()
        .zip(&quoted)
        .fold(want, |text, (old, new)| text.replace(old, new));
    assert_eq!(fixed, want);
}

#[test]
fn only_where_a_string_is_wanted_a_quote_is_advised() {
    for text in
        ["clusters: [{name: a, cluster: {server: 'https://a', insecure-skip-tls-verify: 1}}]", "users: yes"]
    {
        let sandbox =
            private(Sandbox::new().file("kc", &format!("apiVersion: v1\nkind: Config\n{text}\n")), "kc");
        let found = json(&sandbox, "lint @DIR@/kc -o json");
        assert_eq!(codes(&found), ["KCX003"], "{text}");
        assert!(!found.to_string().contains("quote"), "{found}");
    }
}

#[test]
fn a_dry_run_shows_all_that_the_run_would_do() {
    let text = users(
        "- name: y\n  user:\n    exec:\n      apiVersion: client.authentication.k8s.io/v1\n      command: x\n",
    );
    let sandbox = private(Sandbox::new().file("kc", &text).file("good", "clusters: []\n"), "kc");
    let dry = sandbox.run("lint --fix --dry-run @DIR@/kc").0;
    let run = sandbox.run("lint --fix @DIR@/kc --fail-on never").0;
    for line in ["-- name: y\n", "+- name: \"y\"\n", "+      interactiveMode: "] {
        assert!(dry.contains(line) && run.contains(line), "{line}: {dry}\n{run}");
    }
}

#[test]
fn a_file_that_cannot_be_loaded_does_not_keep_its_neighbours_from_being_mended_in_silence() {
    let sandbox = Sandbox::new().file("good", &users("- name: a\n")).file("broken", "users: [\n");
    let sandbox = sandbox.kubeconfig(&["good", "broken"]);
    let outcome = sandbox.run("lint --fix").0;
    assert!(
        outcome.contains("`@DIR@/broken` cannot be loaded, so fixes that need all files were not applied"),
        "{outcome}"
    );
}

#[test]
fn what_is_not_shown_is_counted_and_no_kubeconfig_is_no_clean_one() {
    let outcome = bad().run("lint @DIR@/kc --severity error --select KCX204 --fail-on warning").0;
    assert_eq!(
        outcome,
        "--- stderr\nno findings; 1 below `error` not shown (`--severity=info` shows all)\n--- exit 1\nno file changed\n"
    );
    let outcome = Sandbox::new().kubeconfig(&["typo"]).run("lint").0;
    assert!(outcome.contains("there is no kubeconfig where kubectl looks for one"), "{outcome}");
}

#[test]
fn the_token_that_counts_is_kept() {
    let text = users("- name: a\n  user: {token: good, tokenFile: gone}\n");
    let mut sandbox = private(Sandbox::new().file("kc", &text).file("empty", ""), "kc");
    let found = json(&sandbox, "lint @DIR@/kc --select KCX208,KCX304 -o json");
    assert_eq!(codes(&found), ["KCX304"]);
    sandbox.run("lint @DIR@/kc --select KCX304 --unsafe-fixes");
    let left = fs::read_to_string(sandbox.path().join("kc")).unwrap();
    assert_eq!(left, users("- name: a\n  user: {token: good}\n"));
    for (user, codes_of) in [
        ("{tokenFile: empty}", vec!["KCX208"]),
        ("{username: jo, password: pw, tokenFile: empty}", vec!["KCX301", "KCX208"]),
        // client-go does not look at a key without a certificate.
        ("{client-key: gone, client-key-data: aGk=}", vec!["KCX303"]),
        ("{token: 'abc '}", vec![]),
        ("{token: 'a c'}", vec!["KCX318"]),
    ] {
        sandbox = sandbox.file("kc", &users(&format!("- name: a\n  user: {user}\n")));
        let found = json(&sandbox, "lint @DIR@/kc --ignore KCX5,KCX317 -o json");
        assert_eq!(codes(&found), codes_of, "{user}: {found}");
    }
}

#[test]
fn a_field_with_a_slip_in_its_name_keeps_its_place_its_value_and_its_comment() {
    let text = users(
        "- name: a\n  user:\n    # first\n    tokn: |\n      abc\n    \"usernam\": jo # mine\n- name: b\n  user: {tokn: a, tokne: b}\n",
    );
    let sandbox = private(Sandbox::new().file("kc", &text), "kc");
    let outcome = sandbox.run("lint @DIR@/kc --select KCX011 --unsafe-fixes").0;
    let left = fs::read_to_string(sandbox.path().join("kc")).unwrap();
    let want = text
        .replace("tokn: |", "token: |")
        .replace("\"usernam\"", "\"username\"")
        .replace("{tokn:", "{token:");
    assert_eq!(left, want, "{outcome}");
    assert!(outcome.contains("unknown field `tokne` in user `b`"), "{outcome}");
    let outcome = sandbox.run("undo -y").0;
    assert!(outcome.contains("set `token` of user `a`, set `username` of user `a`"), "{outcome}");
}

#[cfg(unix)]
#[test]
fn a_file_that_is_there_twice_is_one_finding_and_stdin_is_no_file() {
    let sandbox = private(Sandbox::new().file("a", &BAD.replace("gone", "prod")), "a");
    std::os::unix::fs::symlink("a", sandbox.path().join("b")).unwrap();
    let sandbox = sandbox.kubeconfig(&["a", "b"]);
    let found = json(&sandbox, "lint --select KCX109 -o json");
    assert_eq!(codes(&found), ["KCX109"]);
    assert_eq!(
        found["findings"][0]["message"],
        "the file is listed twice: it is the same file as `/home/jane/a`"
    );
    let sandbox = sandbox.file("stdin", "");
    let (_, found, _) = sandbox.pipe(&["lint", "-", "--select", "KCX50", "-o", "json"], BAD);
    let found: Value = serde_json::from_str(&found).unwrap();
    assert!(codes(&found).is_empty(), "{found}");
}

#[test]
fn the_lowest_severity_to_show_is_one_of_three() {
    Sandbox::with(THREE).run("lint --severity never").shows(
        "
--- stderr
error: `never` is not a value of `--severity`
hint: one of these: info, warning, error
--- exit 2
no file changed
",
    );
    let said = Sandbox::with(THREE).file("k", "contexts:\n- a\n").run("lint k --fail-on never").0;
    assert!(said.contains("--- exit 0"), "{said}");
}

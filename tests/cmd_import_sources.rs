//! `kcx import`: the sources as people have them.

use crate::common::Sandbox;
use kcx::codec::base64;

/// A cluster as kubeadm writes it.
fn cluster(name: &str) -> String {
    format!(
        "\
apiVersion: v1
clusters:
- cluster:
    server: https://{name}.example:6443
  name: kubernetes
contexts:
- context:
    cluster: kubernetes
    user: admin
  name: admin@kubernetes
current-context: admin@kubernetes
kind: Config
preferences: {{}}
users:
- name: admin
  user:
    token: t0ken-of-{name}
"
    )
}

fn secret(name: &str) -> String {
    format!(
        "apiVersion: v1\ndata:\n  ca.crt: Q0E=\n  value: {}\nkind: Secret\nmetadata:\n  name: {name}-kubeconfig\n  namespace: fleet\ntype: cluster.x-k8s.io/secret\n",
        base64::encode(cluster(name))
    )
}

/// `kubectl get secret -o yaml` of several.
fn list(names: &[&str]) -> String {
    let items = names.iter().map(|name| format!("- {}", secret(name).trim_end().replace('\n', "\n  ")));
    format!("apiVersion: v1\nitems:\n{}\nkind: List\n", items.collect::<Vec<_>>().join("\n"))
}

/// An empty home with these files.
fn with(files: &[(&str, &str)]) -> Sandbox {
    files.iter().fold(Sandbox::new(), |sandbox, (name, text)| sandbox.file(name, text))
}

#[test]
fn a_secret_of_cluster_api() {
    let sandbox = with(&[("in/east.yaml", &secret("east")), ("in/plain", &cluster("west"))]);
    sandbox.run("import in/east.yaml --template {object}").shows(
        "
--- stderr
added context `east`, cluster `east`, user `east` in `@DIR@/.kube/config`
the current context is now `east`
next: `kcx status` checks its cluster, `kcx` switches contexts, `kcx undo` undoes the import
--- exit 0
--- .kube/config
+apiVersion: v1
+clusters:
+- cluster:
+    server: https://east.example:6443
+  name: east
+contexts:
+- context:
+    cluster: east
+    user: east
+  name: east
+current-context: east
+kind: Config
+users:
+- name: east
+  user:
+    token: t0ken-of-east
",
    );
    sandbox
        .run("import in/east.yaml --template {object-namespace}/{object}:{key} --into @DIR@/b -o name")
        .shows(
            r#"
fleet/east:value
--- stderr
added context `fleet/east:value`, cluster `fleet/east:value`, user `fleet/east:value` in `@DIR@/b`
--- exit 0
--- b
+apiVersion: v1
+clusters:
+- cluster:
+    server: https://east.example:6443
+  name: fleet/east:value
+contexts:
+- context:
+    cluster: fleet/east:value
+    user: fleet/east:value
+  name: fleet/east:value
+current-context: ""
+kind: Config
+users:
+- name: fleet/east:value
+  user:
+    token: t0ken-of-east
"#,
        );
    sandbox.run("import in/plain --template {object}").shows(
        "
--- stderr
error: `{object}` has no value for `@DIR@/in/plain`, which is no Secret or ConfigMap; nothing was imported
--- exit 2
no file changed
",
    );
}

#[test]
fn a_list_of_secrets() {
    let sandbox = with(&[("in/all.yaml", &list(&["east", "west"]))]);
    sandbox.run("import in/all.yaml").shows(
        "
--- stderr
error: the sources have 2 entries with the same name and other content; nothing was imported
  key `value` of Secret `fleet/west-kubeconfig` in `in/all.yaml` differs from key `value` of Secret `fleet/east-kubeconfig` in `in/all.yaml`: cluster `kubernetes` in `server`; user `admin` in `token`
hint: `--template '{object}'` names the entries after their Secrets, `--on-conflict=rename` keeps both
--- exit 4
no file changed
",
    );
    sandbox.run("import in/all.yaml --template {object}").shows(
        "
--- stderr
added 2 contexts, 2 clusters, 2 users in `@DIR@/.kube/config`
the current context is now `east`
next: `kcx status` checks its cluster, `kcx` switches contexts, `kcx undo` undoes the import
--- exit 0
--- .kube/config
+apiVersion: v1
+clusters:
+- cluster:
+    server: https://east.example:6443
+  name: east
+- cluster:
+    server: https://west.example:6443
+  name: west
+contexts:
+- context:
+    cluster: east
+    user: east
+  name: east
+- context:
+    cluster: west
+    user: west
+  name: west
+current-context: east
+kind: Config
+users:
+- name: east
+  user:
+    token: t0ken-of-east
+- name: west
+  user:
+    token: t0ken-of-west
",
    );
    sandbox.run("import in/all.yaml --template {object}-{cluster} --into @DIR@/new -o json --dry-run").shows(
        r#"
{
    "file": "@DIR@/new",
    "changed": true,
    "dryRun": true,
    "entries": [
        {
            "kind": "cluster",
            "name": "east-kubernetes",
            "outcome": "added",
            "source": "@DIR@/in/all.yaml",
            "object": {
                "kind": "Secret",
                "namespace": "fleet",
                "name": "east-kubeconfig",
                "key": "value"
            }
        },
        {
            "kind": "user",
            "name": "east-kubernetes",
            "outcome": "added",
            "source": "@DIR@/in/all.yaml",
            "object": {
                "kind": "Secret",
                "namespace": "fleet",
                "name": "east-kubeconfig",
                "key": "value"
            }
        },
        {
            "kind": "context",
            "name": "east-kubernetes",
            "outcome": "added",
            "source": "@DIR@/in/all.yaml",
            "object": {
                "kind": "Secret",
                "namespace": "fleet",
                "name": "east-kubeconfig",
                "key": "value"
            }
        },
        {
            "kind": "cluster",
            "name": "west-kubernetes",
            "outcome": "added",
            "source": "@DIR@/in/all.yaml",
            "object": {
                "kind": "Secret",
                "namespace": "fleet",
                "name": "west-kubeconfig",
                "key": "value"
            }
        },
        {
            "kind": "user",
            "name": "west-kubernetes",
            "outcome": "added",
            "source": "@DIR@/in/all.yaml",
            "object": {
                "kind": "Secret",
                "namespace": "fleet",
                "name": "west-kubeconfig",
                "key": "value"
            }
        },
        {
            "kind": "context",
            "name": "west-kubernetes",
            "outcome": "added",
            "source": "@DIR@/in/all.yaml",
            "object": {
                "kind": "Secret",
                "namespace": "fleet",
                "name": "west-kubeconfig",
                "key": "value"
            }
        }
    ],
    "failed": [],
    "risks": [],
    "warnings": []
}
--- stderr
dry run, nothing was written: would have added 2 contexts, 2 clusters, 2 users in `@DIR@/new`
--- exit 0
no file changed
"#,
    );
    let app = "- {kind: Secret, metadata: {name: app}, data: {k: Q0E=}}\nkind: List";
    let sandbox = with(&[("in/all.yaml", &list(&["east"]).replace("kind: List", app))]);
    sandbox.run("import in/all.yaml --template {object} -o name").shows(
        "
east
--- stderr
warning: skipped, because there is no kubeconfig in it: Secret `app` (only the key `k`) of `@DIR@/in/all.yaml`
added context `east`, cluster `east`, user `east` in `@DIR@/.kube/config`
the current context is now `east`
next: `kcx status` checks its cluster, `kcx` switches contexts, `kcx undo` undoes the import
--- exit 0
--- .kube/config
+apiVersion: v1
+clusters:
+- cluster:
+    server: https://east.example:6443
+  name: east
+contexts:
+- context:
+    cluster: east
+    user: east
+  name: east
+current-context: east
+kind: Config
+users:
+- name: east
+  user:
+    token: t0ken-of-east
",
    );
}

#[test]
fn the_config_map_of_kubeadm() {
    let text = "\
apiVersion: v1
data:
  kubeconfig: |
    apiVersion: v1
    clusters:
    - cluster:
        server: https://10.0.0.1:6443
      name: \"\"
    contexts: null
    current-context: \"\"
    kind: Config
    preferences: {}
    users: null
kind: ConfigMap
metadata:
  name: cluster-info
  namespace: kube-public
";
    let sandbox = with(&[("info.yaml", text)]);
    sandbox.run("import info.yaml").shows(
        r#"
--- stderr
added cluster `cluster-info` in `@DIR@/.kube/config`
--- exit 0
--- .kube/config
+apiVersion: v1
+clusters:
+- cluster:
+    server: https://10.0.0.1:6443
+  name: cluster-info
+contexts: null
+current-context: ""
+kind: Config
+users: null
"#,
    );
    sandbox.run("import info.yaml --template edge --into @DIR@/edge").shows(
        r#"
--- stderr
added cluster `edge` in `@DIR@/edge`
--- exit 0
--- edge
+apiVersion: v1
+clusters:
+- cluster:
+    server: https://10.0.0.1:6443
+  name: edge
+contexts: null
+current-context: ""
+kind: Config
+users: null
"#,
    );
}

#[test]
fn objects_without_a_kubeconfig_are_named_with_their_keys() {
    let sandbox = Sandbox::new()
        .file(
            "app.yaml",
            "kind: Secret\nmetadata: {name: app, namespace: x}\ndata: {ca.crt: Q0E=, token: YQ==}\n",
        )
        .file("none.yaml", "kind: ConfigMap\nmetadata: {name: app}\n")
        .file("list.json", "{\"kind\": \"List\", \"items\": []}")
        .file("deployment.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: app}\n");
    sandbox.run("import app.yaml").shows(
        "
--- stderr
error: there is no kubeconfig in Secret `x/app` of `@DIR@/app.yaml`: it has the keys `ca.crt`, `token`; nothing was imported
--- exit 1
no file changed
",
    );
    sandbox.run("import none.yaml").shows(
        "
--- stderr
error: there is no kubeconfig in ConfigMap `app` of `@DIR@/none.yaml`: it has no data; nothing was imported
--- exit 1
no file changed
",
    );
    sandbox.run("import list.json").shows(
        "
--- stderr
error: there is nothing to import in `@DIR@/list.json`: the list has no items; nothing was imported
--- exit 1
no file changed
",
    );
    sandbox.run("import deployment.yaml").shows(
        "
--- stderr
error: cannot read `@DIR@/deployment.yaml`: line 1, column 13: this is not a kubeconfig: `apiVersion` must be `v1`; nothing was imported
   |
 1 | apiVersion: apps/v1
   |             ^^^^^^^
--- exit 1
no file changed
",
    );
}

#[test]
fn base64_once_and_twice_in_quotes_and_in_pieces() {
    let once = base64::encode(cluster("east"));
    let twice = base64::encode(&once);
    let lines: String =
        once.as_bytes().chunks(76).map(|line| String::from_utf8_lossy(line).into_owned() + "\r\n").collect();
    for text in [
        once.clone(),
        twice.clone(),
        base64::encode(twice),
        format!("'{once}'"),
        format!("\"{once}\"\n"),
        format!("\u{feff}{once}"),
        lines.clone(),
        lines.replace("\r\n", "\n  "),
        once.replace('+', "-").replace('/', "_").trim_end_matches('=').to_owned(),
    ] {
        let sandbox = with(&[("in", &text)]);
        let outcome = sandbox.run("import in -o name").0;
        assert!(outcome.starts_with("admin@kubernetes\n"), "{text}\n{outcome}");
    }
    let sandbox = with(&[("in", "")]);
    let wide: Vec<u8> =
        [0xFF, 0xFE].into_iter().chain(once.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    std::fs::write(sandbox.path().join("in"), wide).unwrap();
    assert!(sandbox.run("import in -o name").0.starts_with("admin@kubernetes\n"));
}

#[test]
fn base64_that_was_cut_off_is_refused() {
    let once = base64::encode(cluster("east"));
    let sandbox = with(&[("in", &once[..301]), ("half", &once[..200])]);
    sandbox.run("import in").shows(
        r"
--- stderr
error: cannot read `@DIR@/in`: this looks like base64 that was cut off after 301 characters; nothing was imported
hint: copy the whole text; `base64 < FILE | tr -d '\n'` prints it in one line
--- exit 1
no file changed
",
    );
    sandbox.run("import half").shows(
        r"
--- stderr
error: cannot read `@DIR@/half`: this looks like base64 that was cut off after 200 characters; nothing was imported
hint: copy the whole text; `base64 < FILE | tr -d '\n'` prints it in one line
--- exit 1
no file changed
",
    );
    let twice = base64::encode(&once);
    for length in 40..twice.trim_end_matches('=').len() {
        let outcome = with(&[("in", &twice[..length])]).run("import in").0;
        let is_refused =
            outcome.contains("was cut off after") && outcome.ends_with("--- exit 1\nno file changed\n");
        let is_whole = outcome.contains("    token: t0ken-of-east\n");
        assert!(is_refused || is_whole || outcome.contains("may have been cut off"), "{length}\n{outcome}");
        assert!(!is_refused || !outcome.contains("t0ken"), "{outcome}");
    }
    let secret = secret("east").replace(&once, &once[..301]);
    with(&[("in", &secret)]).run("import in").shows(
        r"
--- stderr
error: cannot read key `value` of Secret `fleet/east-kubeconfig` in `@DIR@/in`: this looks like base64 that was cut off after 301 characters; nothing was imported
hint: copy the whole text; `base64 < FILE | tr -d '\n'` prints it in one line
--- exit 1
no file changed
",
    );
    let cut = cluster("east");
    let cut = &cut[..cut.find("    user: admin").unwrap() - 3];
    with(&[("in", cut)]).run("import in").shows(
        "
--- stderr
error: cannot read `@DIR@/in`: the text ends in the middle of an entry: it was cut off; nothing was imported
hint: copy the whole text
--- exit 1
no file changed
",
    );
    let open = "contexts:\n- name: a\n  context:\n    cluster: c\n    user: u";
    let outcome = with(&[("in", open)]).run("import in --dry-run").0;
    assert!(
        outcome.contains("warning: `@DIR@/in` ends in the middle of a line, and may have been cut off\n"),
        "{outcome}"
    );
}

#[test]
fn a_file_without_entries_is_skipped_among_others() {
    let sandbox = with(&[
        ("in/a", &cluster("east")),
        ("in/b", "contexts: []\n"),
        ("in/c", ""),
        ("in/d", "kind: Secret\nmetadata: {name: app}\ndata: {k: Q0E=}\n"),
    ]);
    sandbox.run("import in/a in/b in/c in/d --dry-run -o name").shows(
        "
admin@kubernetes
--- stderr
warning: skipped: there is nothing to import in `@DIR@/in/b`
warning: skipped: there is nothing to import in `@DIR@/in/c`
warning: skipped: there is no kubeconfig in Secret `app` of `@DIR@/in/d`: it has only the key `k`
dry run, nothing was written: would have added context `admin@kubernetes`, cluster `kubernetes`, user `admin` in `@DIR@/.kube/config`
--- exit 0
no file changed
",
    );
    sandbox.run("import in/* -o name").shows(
        "
admin@kubernetes
--- stderr
warning: skipped: there is nothing to import in `@DIR@/in/b`
warning: skipped: there is nothing to import in `@DIR@/in/c`
warning: skipped: there is no kubeconfig in Secret `app` of `@DIR@/in/d`: it has only the key `k`
added context `admin@kubernetes`, cluster `kubernetes`, user `admin` in `@DIR@/.kube/config`
the current context is now `admin@kubernetes`
next: `kcx status` checks its cluster, `kcx` switches contexts, `kcx undo` undoes the import
--- exit 0
--- .kube/config
+apiVersion: v1
+clusters:
+- cluster:
+    server: https://east.example:6443
+  name: kubernetes
+contexts:
+- context:
+    cluster: kubernetes
+    user: admin
+  name: admin@kubernetes
+current-context: admin@kubernetes
+kind: Config
+users:
+- name: admin
+  user:
+    token: t0ken-of-east
",
    );
    sandbox.run("import in/b").shows(
        "
--- stderr
error: there is nothing to import in `@DIR@/in/b`; nothing was imported
--- exit 1
no file changed
",
    );
    sandbox.run("import in/b in/c").shows(
        "
--- stderr
error: there is nothing to import in `@DIR@/in/b`; nothing was imported
--- exit 1
no file changed
",
    );
}

/// A folder is read like the pattern of all its files, but other files in it are no error.
#[test]
fn a_folder_with_secrets_base64_and_other_files() {
    let carriers = [
        ("in/a-secret.yaml", secret("a")),
        ("in/b-base64", base64::encode(cluster("b"))),
        ("in/c-twice", base64::encode(base64::encode(cluster("c")))),
        ("in/d-list.yaml", list(&["d", "e"])),
        ("in/f.yaml", cluster("f")),
    ];
    let carriers: Vec<(&str, &str)> = carriers.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let names = |sandbox: &Sandbox, source: &str| {
        let said = sandbox.run(&format!("import {source} --on-conflict=rename --dry-run -o name")).0;
        let (names, rest) = said.split_once("--- stderr\n").unwrap();
        assert!(!rest.contains("warning"), "{said}");
        names.to_owned()
    };
    let sandbox = with(&carriers);
    let all = names(&sandbox, "in/*");
    assert_eq!(all.lines().count(), 6, "{all}");
    assert_eq!(names(&sandbox, "in"), all);
    // Cut off, not valid YAML, without a kubeconfig, and what else lies around.
    let once = base64::encode(cluster("x"));
    let sandbox = with(&[
        ("in/a-secret.yaml", &secret("a")),
        ("in/cut", &once[..301]),
        ("in/inside.yaml", &secret("x").replace(&once, &once[..301])),
        ("in/app.yaml", "kind: Secret\nmetadata: {name: app}\ndata: {k: Q0E=}\n"),
        ("in/broken.yaml", "a: [\n"),
        ("in/deployment.yaml", "kind: Deployment\n"),
        ("in/README", "hello\n"),
        ("in/token", "bm90IGEga3ViZWNvbmZpZw=="),
        ("in/empty", ""),
        ("in/below/f.yaml", &cluster("f")),
    ]);
    sandbox.run("import in --dry-run -o name").shows(
        "
admin@kubernetes
--- stderr
warning: left out, because it is not valid YAML: `@DIR@/in/broken.yaml`
warning: left out: cannot read `@DIR@/in/cut`: this looks like base64 that was cut off after 301 characters
warning: left out: cannot read key `value` of Secret `fleet/x-kubeconfig` in `@DIR@/in/inside.yaml`: this looks like base64 that was cut off after 301 characters
warning: skipped: there is no kubeconfig in Secret `app` of `@DIR@/in/app.yaml`: it has only the key `k`
dry run, nothing was written: would have added context `admin@kubernetes`, cluster `kubernetes`, user `admin` in `@DIR@/.kube/config`
--- exit 0
no file changed
",
    );
    // Alone in a folder, what it lacks is the error.
    let app = "kind: Secret\nmetadata: {name: app}\ndata: {k: Q0E=}\n";
    with(&[("in/app.yaml", app), ("in/README", "hello\n")]).run("import in").shows(
        "
--- stderr
error: there is no kubeconfig in Secret `app` of `@DIR@/in/app.yaml`: it has only the key `k`; nothing was imported
--- exit 1
no file changed
",
    );
    // A file that cannot be read is named; the others are imported.
    let sandbox = with(&[("in/a.yaml", &cluster("a"))]);
    let large = std::fs::File::create(sandbox.path().join("in/large")).unwrap();
    large.set_len((512 << 20) + 1).unwrap();
    let outcome = sandbox.run("import in --dry-run -o name");
    drop(large);
    assert!(outcome.0.contains("warning: left out: cannot read `@DIR@/in/large`: "), "{}", outcome.0);
    assert!(outcome.0.starts_with("admin@kubernetes\n"), "{}", outcome.0);
}

#[test]
fn placeholders_are_said_in_one_sentence() {
    let text = cluster("east");
    let token = |token: &str| text.replace("t0ken-of-east", token);
    let omitted = text.replace("    server", "    certificate-authority-data: DATA+OMITTED\n    server");
    let encrypted = "ENC[AES256_GCM,data:Q29u,iv:qrPi=,tag:fQ7I==,type:str]";
    let sandbox = with(&[
        ("redacted", &token("REDACTED")),
        ("omitted", &omitted.replace("t0ken-of-east", "REDACTED")),
        ("sops", &token(encrypted)),
        ("sops-whole", &format!("apiVersion: {encrypted}\nkind: {encrypted}\nsops: {{}}\n")),
        (
            "sops-secret",
            &format!("kind: Secret\nmetadata: {{name: a}}\ndata:\n  value: {encrypted}\nsops: {{}}\n"),
        ),
        ("template", &token("'{{ .Token }}'").replace("name: kubernetes", "name: '${NAME}'")),
        ("template-whole", "clusters:\n{% for c in clusters %}\n- name: {{ c }}\n{% endfor %}\n"),
    ]);
    let mut said = String::new();
    for name in ["redacted", "omitted", "sops", "sops-whole", "sops-secret", "template", "template-whole"] {
        let outcome = sandbox.run(&format!("import {name} --dry-run -o name")).0;
        let lines = outcome.lines().filter(|line| line.starts_with("warning") || line.starts_with("hint"));
        said += &lines.fold(format!("{name}\n"), |text, line| format!("{text}{line}\n"));
    }
    crate::bless::same(
        &said,
        "redacted\nwarning: the token of user `admin` of `@DIR@/redacted` is `REDACTED`, because `kubectl config view` leaves secrets out\nhint: `kubectl config view --raw` prints all values\nomitted\nwarning: the certificate-authority-data of cluster `kubernetes` of `@DIR@/omitted` is `DATA+OMITTED`, because `kubectl config view` leaves secrets out; so has 1 more entry\nhint: `kubectl config view --raw` prints all values\nsops\nwarning: the token of user `admin` of `@DIR@/sops` is encrypted by sops\nhint: `sops --decrypt FILE | kcx import -`\nsops-whole\nhint: the file is encrypted by sops: `sops --decrypt FILE` prints the kubeconfig\nsops-secret\nhint: the file is encrypted by sops: `sops --decrypt FILE` prints the kubeconfig\ntemplate\nwarning: the name of cluster `${NAME}` of `@DIR@/template` looks like a template that has not been filled in; so has 1 more entry\nhint: fill it in, and import the result\nwarning: context `admin@kubernetes` names cluster `kubernetes`, which does not exist\ntemplate-whole\nhint: this looks like a template that has not been filled in\n",
        "kcx",
    );
}

#[test]
fn warnings_are_in_the_json_too() {
    let sandbox = with(&[
        ("redacted", &cluster("east").replace("t0ken-of-east", "REDACTED")),
        ("empty", "contexts: []\n"),
        ("dangling", "contexts: [{name: x, context: {cluster: gone}}]\n"),
    ]);
    let warnings = |words: &str| {
        let outcome = sandbox.run(words).0;
        let (json, said) = outcome.split_once("--- stderr\n").unwrap();
        let report: serde_json::Value = serde_json::from_str(json).unwrap();
        let listed: Vec<String> = serde_json::from_value(report["warnings"].clone()).unwrap();
        let said: Vec<&str> = said.lines().filter_map(|line| line.strip_prefix("warning: ")).collect();
        assert_eq!(listed, said, "{outcome}");
        listed.join("\n")
    };
    let text = warnings("import redacted empty dangling -o json");
    let said = ["is `REDACTED`", "skipped: there is nothing to import", "names cluster `gone`"];
    assert!(said.iter().all(|said| text.contains(said)), "{text}");
    assert!(warnings("import redacted -o json").contains("is `REDACTED`"));
    // With a conflict, too.
    let sandbox = sandbox.file("redacted", &cluster("west").replace("t0ken-of-west", "REDACTED"));
    let outcome = sandbox.run("import redacted -o json").0;
    assert!(
        outcome.contains("--- exit 4\n") && outcome.contains("\"warnings\": [\n        \"the token"),
        "{outcome}"
    );
}

#[test]
fn files_that_are_not_there_are_said() {
    let text = "\
clusters:
- name: c
  cluster: {server: 'https://c', certificate-authority: /Users/me/.minikube/ca.crt}
- name: d
  cluster: {server: 'https://d', certificate-authority: 'C:\\Users\\me\\ca.crt'}
users:
- name: c
  user: {client-certificate: c.crt, client-key: ../c.key}
- name: t
  user: {tokenFile: /var/gone/token}
- name: x
  user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: ./bin/login, interactiveMode: Never}}
";
    let sandbox = with(&[("in/x.yaml", text)]);
    sandbox.run("import in/x.yaml --allow-exec --allow-file --dry-run -o name").shows(
        r"
--- stderr
warning: cluster `c` reads `/Users/me/.minikube/ca.crt` as its certificate-authority, which does not exist
warning: cluster `d` reads `C:\Users\me\ca.crt` as its certificate-authority, which is a path of Windows
warning: user `c` reads `@DIR@/in/c.crt` as its client-certificate, which does not exist
warning: user `c` reads `@DIR@/c.key` as its client-key, which does not exist
warning: user `t` sends the content of `/var/gone/token` as its token, which does not exist
warning: user `x` runs `@DIR@/in/bin/login`, which does not exist
dry run, nothing was written: would have added 2 clusters, 3 users in `@DIR@/.kube/config`
--- exit 0
no file changed
",
    );
    let outcome = sandbox.run("import in/x.yaml --allow-exec --allow-file --dry-run -o json").0;
    let value: serde_json::Value = serde_json::from_str(outcome.split("--- stderr").next().unwrap()).unwrap();
    let texts = value["risks"].as_array().unwrap().iter().map(|risk| risk["text"].as_str().unwrap());
    let missing =
        texts.filter(|text| text.ends_with(", which does not exist") || text.ends_with("a path of Windows"));
    assert_eq!(missing.count(), 6, "{outcome}");
}

#[test]
fn a_conflict_is_reported_in_json() {
    let sandbox = with(&[("in/a", &cluster("east")), ("in/b", &cluster("west"))]);
    sandbox.run("import in/a in/b -o json").shows(
        r#"
{
    "file": "@DIR@/.kube/config",
    "changed": false,
    "dryRun": false,
    "entries": [
        {
            "kind": "cluster",
            "name": "kubernetes",
            "outcome": "added",
            "source": "@DIR@/in/a"
        },
        {
            "kind": "user",
            "name": "admin",
            "outcome": "added",
            "source": "@DIR@/in/a"
        },
        {
            "kind": "context",
            "name": "admin@kubernetes",
            "outcome": "added",
            "source": "@DIR@/in/a"
        },
        {
            "kind": "cluster",
            "name": "kubernetes",
            "outcome": "conflict",
            "source": "@DIR@/in/b",
            "differs": [
                "server"
            ],
            "against": "@DIR@/in/a"
        },
        {
            "kind": "user",
            "name": "admin",
            "outcome": "conflict",
            "source": "@DIR@/in/b",
            "differs": [
                "token"
            ],
            "against": "@DIR@/in/a"
        },
        {
            "kind": "context",
            "name": "admin@kubernetes",
            "outcome": "identical",
            "source": "@DIR@/in/b"
        }
    ],
    "failed": [],
    "risks": [],
    "warnings": []
}
--- stderr
error: the sources have 2 entries with the same name and other content; nothing was imported
  `in/b` differs from `in/a`: cluster `kubernetes` in `server`; user `admin` in `token`
hint: `--template '{file}'` names the entries after their files, `--on-conflict=rename` keeps both
--- exit 4
no file changed
"#,
    );
}

/// `cat a b > config`: kubectl reads the last list of each kind only.
#[test]
fn every_command_that_reads_a_file_with_two_kubeconfigs_says_what_is_not_read() {
    let one = cluster("east").replace("apiVersion: v1\n", "").replace("kind: Config\npreferences: {}\n", "");
    let both = format!("{one}{}", one.replace("kubernetes", "second").replace("admin", "other"));
    for line in [
        "get",
        "get users",
        "import new --dry-run",
        "import .kube/config --into @DIR@/z --dry-run",
        "merge @DIR@/.kube/config",
        "split @DIR@/out",
        "export other@second",
        "diff @DIR@/.kube/config @DIR@/new",
        "delete other@second --dry-run",
        "rename other@second x",
        "copy other@second x",
        "prune --dry-run",
        "credential list",
    ] {
        let outcome = with(&[(".kube/config", &both), ("new", &cluster("west"))]).run(line).0;
        let said = "contains two kubeconfigs; of these, cluster `kubernetes`";
        assert_eq!(outcome.matches(said).count(), 1, "{line}\n{outcome}");
    }
}

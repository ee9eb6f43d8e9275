//! `kcx diff`: what differs, by meaning.

use crate::common::{Sandbox, THREE};
use crate::generate::{Random, secretive};
use std::io::{self, Write};

const TOKEN: &str = "abcdefghijklmnopqrstuvwxyz";

const A: &str = "\
apiVersion: v1
kind: Config
clusters:
- name: c
  cluster: {server: 'https://me:hunter2@c.example', certificate-authority-data: Q0E=}
- name: old
  cluster: {server: https://old}
users:
- name: admin
  user: {token: abcdefghijklmnopqrstuvwxyz, password: hunter2, client-key-data: S0VZ}
- name: cloud
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1
      command: aws
      args: [eks, --profile, mine]
      env: [{name: PROFILE, value: mine}, {name: REGION, value: eu}]
contexts:
- name: a
  context: {cluster: c, user: admin, namespace: web}
current-context: a
";

/// `A` with a change in every kind of place.
const B: &str = "\
apiVersion: v1
kind: Config
clusters:
- name: c
  cluster: {server: 'https://me:hunter3@c.example', certificate-authority-data: Q0I=, proxy-url: 'http://u:hunter4@p'}
- name: new
  cluster: {server: https://new, insecure-skip-tls-verify: true}
users:
- name: admin
  user: {token: ABCDEFGHIJKLMNOPQRSTUVWXYZ, password: hunter5, client-key-data: S0VV, as-groups: [x]}
- name: cloud
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1
      command: gcloud
      args: [eks, --profile=yours]
      env: [{name: REGION, value: us}, {name: PROFILE, value: mine}]
contexts:
- name: a
  context: {cluster: c, user: admin, extensions: [{name: my.tool, extension: {v: 2, who: me}}]}
current-context: b
preferences: {colors: true}
extensions: [{name: e, extension: {seen: true}}]
";

fn two(a: &str, b: &str) -> Sandbox {
    Sandbox::new().file("a", a).file("b", b)
}

#[track_caller]
fn same(a: &str, b: &str) {
    two(a, b).run("diff a b").shows("--- stderr\n--- exit 0\nno file changed\n");
}

#[test]
fn every_kind_of_difference() {
    two(A, B).run("diff a b").shows(
        "
~ cluster `c`
    - certificate-authority-data: sha256:4b650e5c…
    + certificate-authority-data: sha256:bf7b0ead…
    + proxy-url: http://p
    ~ server: https://c.example, changed
+ cluster `new`
- cluster `old`
~ user `admin`
    + as-groups[0]: x
    ~ client-key-data: (secret), changed
    ~ password: (secret), changed
    - token: sha256:71c480df…
    + token: sha256:d6ec6898…
~ user `cloud`
    - exec.args[1]: --profile
    + exec.args[1]: --profile=yours
    - exec.args[2]: mine
    - exec.command: aws
    + exec.command: gcloud
    - exec.env.REGION: eu
    + exec.env.REGION: us
~ context `a`
    + extensions[\"my.tool\"].v: 2
    + extensions[\"my.tool\"].who: me
    - namespace: web
~ current-context
    - a
    + b
~ preferences
    + colors: true
~ extensions
    + e.seen: true
--- stderr
--- exit 1
no file changed
",
    );
    two(A, B).run("diff a b -o name").shows(
        "
cluster/c
cluster/new
cluster/old
user/admin
user/cloud
context/a
current-context
preferences
extensions
--- stderr
--- exit 1
no file changed
",
    );
    two(A, B).run("diff a b -q").shows("--- stderr\n--- exit 1\nno file changed\n");
    two(A, B).run("-q diff a b -o json").shows("--- stderr\n--- exit 1\nno file changed\n");
}

#[test]
fn as_an_object() {
    let b = A
        .replace("- name: old\n  cluster: {server: https://old}\n", "")
        .replace("namespace: web", "namespace: \"\"")
        .replace("current-context: a", "current-context: b");
    two(A, &b).run("diff a b -o json").shows(
        r#"
{
    "same": false,
    "entries": [
        {
            "kind": "cluster",
            "name": "old",
            "change": "removed",
            "fields": [
                {
                    "path": "server",
                    "before": "https://old",
                    "after": null
                }
            ]
        },
        {
            "kind": "context",
            "name": "a",
            "change": "changed",
            "fields": [
                {
                    "path": "namespace",
                    "before": "web",
                    "after": null
                }
            ]
        }
    ],
    "fields": [
        {
            "path": "current-context",
            "before": "a",
            "after": "b"
        }
    ]
}
--- stderr
--- exit 1
no file changed
"#,
    );
    two(A, A).run("diff a b -o yaml").shows(
        "
entries: []
fields: []
same: true
--- stderr
--- exit 0
no file changed
",
    );
    let preferences = "preferences: {colors: true}\nextensions: [{name: x.y, extension: null}]\n";
    let text = two(preferences, "").run("diff b a -o json").0;
    for path in [r#""path": "preferences.colors""#, r#""path": "extensions[\"x.y\"]""#] {
        assert!(text.contains(path), "{text}");
    }
}

#[test]
fn what_means_the_same_is_the_same() {
    same(A, A);
    same("", "kind: Config");
    // Order, comments, quotes, style, unknown fields, and what is null or empty.
    let other = "\
%YAML 1.1
--- # the same
current-context: \"a\"
preferences: {}
x-unknown: 1
extensions: null
contexts: [{context: {user: admin, cluster: c, namespace: 'web', more: 1}, name: a}]
users:
  - user:
      exec:
        interactiveMode: \"\"
        installHint:
        env:
        - value: eu
          name: REGION
        - {name: PROFILE, value: mine}
        args:
          - \"eks\"
          - '--profile'
          - >-
            mine
        command: aws
        provideClusterInfo: false
        apiVersion: client.authentication.k8s.io/v1
      as-groups: []
      token: null
    name: cloud
  - name: admin
    user:
      client-key-data: |
        S0
        VZ
      client-certificate-data: \"\"
      password: hunter2
      token: abcdefghijklmnopqrstuvwxyz
clusters:
- {name: old, cluster: {insecure-skip-tls-verify: no, server: \"https://old\"}}
- {name: c, cluster: {certificate-authority-data: !!binary Q0E=, server: 'https://me:hunter2@c.example'}}
";
    same(A, &other.replace("!!binary ", ""));
    let json = Sandbox::with(A).run("export a -o json").0;
    let json = json.split_once("--- stderr").unwrap().0;
    same(&Sandbox::with(A).run("export a").0.split_once("--- stderr").unwrap().0.replace('\n', "\r\n"), json);
}

#[test]
fn what_kubectl_tells_apart_differs() {
    let user = |body: &str| format!("users: [{{name: u, user: {body}}}]");
    for (a, b, want) in [
        ("{}", "{exec: {}}", "+ exec: {}"),
        ("{as-user-extra: {a: [], b: null}}", "{as-user-extra: {a: null}}", "- as-user-extra.b: []"),
        ("{as-groups: [a, '']}", "{as-groups: [a]}", "- as-groups[1]: \"\""),
        (
            "{auth-provider: {name: x}}",
            "{auth-provider: {name: z}}",
            "- auth-provider.name: x\n    + auth-provider.name: z",
        ),
        (
            "{auth-provider: {name: x, config: {a.b: k}}}",
            "{auth-provider: {name: x}}",
            "- auth-provider.config[\"a.b\"]: k",
        ),
        // A name twice: then the order counts.
        (
            "{exec: {env: [{name: A, value: x}, {name: A, value: z}]}}",
            "{exec: {env: [{name: A, value: z}, {name: A, value: x}]}}",
            "- exec.env[0].value: x\n    + exec.env[0].value: z\n    - exec.env[1].value: z\n    + exec.env[1].value: x",
        ),
        (
            "{extensions: [{name: e, extension: {a.b: 1}}]}",
            "{extensions: [{name: e, extension: {a: {b: 1}}}]}",
            "+ extensions.e.a.b: 1\n    - extensions.e[\"a.b\"]: 1",
        ),
        (
            "{extensions: [{name: e, extension: []}]}",
            "{extensions: [{name: e, extension: {}}]}",
            "- extensions.e: []\n    + extensions.e: {}",
        ),
    ] {
        let text = two(&user(a), &user(b)).run("diff a b").0;
        let start = format!("~ user `u`\n    {want}\n");
        assert!(text.starts_with(&start) && text.contains("--- exit 1\n"), "{text}{start}");
    }
}

#[test]
fn a_path_means_a_file_beside_its_kubeconfig() {
    let config = "users: [{name: u, user: {tokenFile: token, exec: {command: ./login}}}]";
    let absolute = "users: [{name: u, user: {tokenFile: @DIR@/x/token, exec: {command: '@DIR@/x/login'}}}]";
    let sandbox = Sandbox::new().file("x/a", config).file("y/a", config);
    let dir = sandbox.path().to_string_lossy().into_owned();
    let sandbox = sandbox.file("b", &absolute.replace("@DIR@", &dir));
    sandbox.run("diff x/a b").shows("--- stderr\n--- exit 0\nno file changed\n");
    sandbox.run("diff x/a y/a").shows(
        "
~ user `u`
    - exec.command: @DIR@/x/login
    + exec.command: @DIR@/y/login
    - tokenFile: @DIR@/x/token
    + tokenFile: @DIR@/y/token
--- stderr
--- exit 1
no file changed
",
    );
}

#[test]
fn one_file_and_all_of_the_users_own() {
    let (clusters, rest) = THREE.split_once("contexts:\n").unwrap();
    let sandbox = Sandbox::new()
        .file("one", clusters)
        .file("two", &format!("contexts:\n{rest}"))
        .file("all", THREE)
        .kubeconfig(&["one", "two", "none"]);
    sandbox.run("diff all").shows("--- stderr\n--- exit 0\nno file changed\n");
    sandbox.run("diff two").shows(
        "
- cluster `c-dev`
- cluster `c-prod`
--- stderr
--- exit 1
no file changed
",
    );
    sandbox.run("diff all --kubeconfig @DIR@/one -o name").shows(
        "
user/u-dev
user/u-prod
context/dev
context/prod-eu1
context/stale
current-context
--- stderr
--- exit 1
no file changed
",
    );
    // No kubeconfig yet: all of A is new.
    Sandbox::new().file("a", "users: [{name: u}]").run("diff a").shows(
        "
+ user `u`
--- stderr
--- exit 1
no file changed
",
    );
}

#[test]
fn hostile_names_are_harmless() {
    let hostile = "\
users: [{name: \"a\\n\\e[31m\", user: {as-user-extra: {\"k\\n\\e[0m\": [\"v\\n\\u202e\"]}}}]
current-context: \"\\e]0;x\\a\"
";
    let changed = hostile.replace("v\\n", "w\\n").replace("0;x", "0;y");
    let terminal = |sandbox: Sandbox| {
        let mut sandbox = sandbox;
        sandbox.env.stdout_is_terminal = true;
        sandbox.env.no_color = true;
        sandbox
    };
    terminal(two(hostile, &changed)).run("diff a b").shows(
        r#"
~ user `a\n\x1b[31m`
    - as-user-extra["k\n\u001b[0m"][0]: v\n\u202e
    + as-user-extra["k\n\u001b[0m"][0]: w\n\u202e
~ current-context
    - \x1b]0;x\a
    + \x1b]0;y\a
--- stderr
--- exit 1
no file changed
"#,
    );
    terminal(two(hostile, "")).run("diff a b -o name").shows(
        r"
user/a\n\x1b[31m
current-context
--- stderr
--- exit 1
no file changed
",
    );
    let text = two(hostile, &changed).run("diff a b -o json").0;
    assert!(!text.contains('\u{1b}'), "{text}");
}

#[test]
fn colours_are_for_terminals() {
    let red = "\x1b[31m- cluster `old`\x1b[0m\n";
    let mut sandbox = two(A, B);
    assert!(!sandbox.run("diff a b").0.contains('\u{1b}'));
    assert!(sandbox.run("diff a b --color always").0.contains(red));
    sandbox.env.stdout_is_terminal = true;
    let text = sandbox.run("diff a b").0;
    assert!(text.contains(red) && text.contains("\n    \x1b[32m+ b\x1b[0m\n"), "{text}");
    assert!(!sandbox.run("diff a b --color never").0.contains('\u{1b}'));
}

#[test]
fn trouble_is_no_difference() {
    let sandbox = two(A, "users: [{name: u, user: {token: [hunter2]}}]").file("bad", "{");
    for (words, want) in [
        ("diff a none", "error: cannot read `none`: no such file or directory; nothing was compared\n"),
        ("diff .", "error: cannot read `.`: is a directory; nothing was compared\n"),
        ("diff - -", "error: stdin can be read only once, and `-` is given twice\n"),
        (
            "diff a b -o wide",
            "error: `kcx diff` does not support `-o wide`; use `-o name`, `json` or `yaml`\n",
        ),
        (
            "diff a --kubeconfig none",
            "error: cannot read `none`: no such file or directory; nothing was compared\n",
        ),
        (
            "diff bad a",
            "error: cannot read `bad`: line 1, column 1: unclosed bracket '{'; nothing was compared\n   |\n 1 | {\n   | ^\n",
        ),
    ] {
        sandbox.run(words).shows(&format!("--- stderr\n{want}--- exit 2\nno file changed\n"));
    }
    let text = sandbox.run("diff a b").0;
    assert!(text.contains("--- exit 2\n") && !text.contains("hunter2"), "{text}");
    let text = sandbox.run("diff").0;
    assert!(text.contains("<A>") && text.contains("--- exit 2\n"), "{text}");
}

#[test]
fn an_answer_that_nobody_reads_is_an_answer() {
    struct Closed(io::ErrorKind);
    impl Write for Closed {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let sandbox = two(A, B);
    let dir = sandbox.path().to_string_lossy();
    for (kind, output, want) in [
        (io::ErrorKind::BrokenPipe, "json", 1),
        (io::ErrorKind::BrokenPipe, "name", 1),
        (io::ErrorKind::StorageFull, "json", 2),
        (io::ErrorKind::StorageFull, "name", 2),
    ] {
        let words = ["diff", &format!("{dir}/a"), &format!("{dir}/b"), "-o", output].map(str::to_owned);
        let mut err = Vec::new();
        assert_eq!(kcx::cli::run(&words, &sandbox.env, &mut Closed(kind), &mut err), want, "{kind} {output}");
        assert_eq!(err.is_empty(), want == 1, "{kind} {output}");
    }
}

#[test]
fn stdin_is_a_file() {
    let sandbox = two(A, B);
    let run = |words: &[&str], input: &str| sandbox.pipe(words, input);
    assert_eq!(run(&["diff", "-", "a"], A), (Some(0), String::new(), String::new()));
    assert_eq!(run(&["diff", "a", "-", "-oname"], "current-context: x").0, Some(1));
    let (code, out, err) = run(&["diff", "-"], "users: [{name: u}]");
    assert_eq!((code, out.as_str(), err.as_str()), (Some(1), "+ user `u`\n", ""));
    let (code, out, err) = run(&["diff", "a", "-"], "clusters: 1");
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert!(err.starts_with("error: cannot read `-`: "), "{err}");
}

#[test]
fn no_secret_of_either_file_is_shown() {
    let sandbox = two(A, B);
    for words in ["diff a b", "diff b a -o json", "diff a -o yaml", "diff b"] {
        let text = sandbox.run(words).0;
        for secret in ["hunter", "Q0E=", "S0VZ", "S0VV", TOKEN, &TOKEN.to_uppercase()] {
            assert!(!text.contains(secret), "{words} shows {secret}:\n{text}");
        }
    }
    let mut seen = 0;
    for seed in 0..60 {
        let mut random = Random::new(seed);
        let (a, b) = (secretive(&mut random), secretive(&mut random));
        let sandbox = two(&a.text, &b.text);
        for words in ["diff a b", "diff a b -o json", "diff a", "diff b -o yaml"] {
            let text = sandbox.run(words).0;
            assert!(text.contains("--- exit 1\n") || text.contains("--- exit 0\n"), "seed {seed}:\n{text}");
            seen += usize::from(text.contains("(secret)"));
            for secret in a.all.iter().chain(&b.all) {
                assert!(!text.contains(secret), "seed {seed}, {words} shows {secret}:\n{text}");
            }
        }
    }
    assert!(seen > 20, "{seen}");
}

/// A value that is a secret on one side only is hidden on both.
#[test]
fn a_secret_of_one_side_is_hidden() {
    let user = |body: &str| format!("users: [{{name: u, user: {body}}}]\n");
    for (secret, open) in [
        ("{exec: {args: [--token, s3cr3t]}}", "{exec: {args: [--region, eu]}}"),
        (
            "{exec: {env: [{name: TOKEN, value: s3cr3t}, {name: TOKEN, value: s3cr3t}]}}",
            "{exec: {env: [{name: A, value: eu}, {name: A, value: eu}]}}",
        ),
        (
            "{extensions: [{name: e, extension: [{name: TOKEN, value: s3cr3t}]}]}",
            "{extensions: [{name: e, extension: [{name: A, value: eu}]}]}",
        ),
    ] {
        let sandbox = Sandbox::new().file("a", &user(secret)).file("b", &user(open));
        for words in ["a @DIR@/b", "b @DIR@/a", "a @DIR@/b -o json", "b @DIR@/a -o yaml"] {
            let said = sandbox.run(&format!("diff @DIR@/{words}")).0;
            assert!(said.contains("(secret)") && !said.contains("s3cr3t"), "{words}: {said}");
        }
    }
}

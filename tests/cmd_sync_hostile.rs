//! `kcx sync` against accidents and attacks: what must not happen.

use crate::cmd_sync::{LAB_FILE, cluster, lab, program, put, read, sandbox, told};
use std::fs;

#[test]
fn a_file_that_is_empty_for_a_moment_is_not_gone() {
    let sandbox = lab();
    sandbox.run("sync");
    let before = read(&sandbox, LAB_FILE);
    put(&sandbox, "lab/a.yaml", "");
    put(&sandbox, "lab/README.md", "# Clusters\n\n- [a](a.yaml): the first\n");
    told(&sandbox, "sync --prune").shows(
        "
--- stderr
source `lab`: 1 context, nothing to do
warning: cluster `a.yaml` of source `lab`: it has no context any more; its contexts were not changed
--- exit 1
",
    );
    assert_eq!(read(&sandbox, LAB_FILE), before);
}

#[test]
fn a_source_does_not_copy_what_sources_have_written() {
    let sandbox = sandbox("sources:\n- name: self\n  dir: ~/.kube/config.d\n- name: lab\n  dir: ~/lab\n");
    put(&sandbox, "lab/a.yaml", &cluster("a", "https://a", "token: ta"));
    put(&sandbox, ".kube/config.d/mine.yaml", &cluster("m", "https://m", "token: tm"));
    told(&sandbox, "sync");
    told(&sandbox, "sync").shows(
        "
--- stderr
source `self`: 1 context, nothing to do
source `lab`: 1 context, nothing to do
--- exit 0
",
    );
}

#[test]
fn entries_of_the_user_are_never_written() {
    let mut sandbox = lab();
    put(&sandbox, "settings/config.yaml", "sources:\n- {name: lab, dir: ~/lab, into: ~/.kube/config}\n");
    sandbox.env.kubeconfig = None;
    sandbox.run("sync");
    for line in [
        "config set-context mine --cluster=c-dev --user=u-dev",
        "config set-context a --cluster=c-dev --user=u-dev",
    ] {
        sandbox.run(line);
    }
    put(&sandbox, "lab/a.yaml", &cluster("a", "https://new", "token: new"));
    told(&sandbox, "sync").shows(
        "
--- stderr
source `lab`: 1 updated, 1 unchanged in `@DIR@/.kube/config`
  ~ `a`: cluster.server, user.token, context.cluster, context.user
--- exit 0
",
    );
    let text = read(&sandbox, ".kube/config");
    assert!(text.contains("server: https://dev.example") && text.contains("token: s3cr3t"), "{text}");
}

#[test]
fn a_cluster_with_another_id_and_the_same_name_is_the_same_again() {
    let sandbox = lab();
    sandbox.run("sync");
    sandbox.run("--kubeconfig @DIR@/.kube/config.d/lab.yaml config set-context a --namespace=web");
    fs::rename(sandbox.path().join("lab/a.yaml"), sandbox.path().join("lab/z.yaml")).unwrap();
    told(&sandbox, "sync --prune").shows("--- stderr\nsource `lab`: 2 contexts, nothing to do\n--- exit 0\n");
    assert!(read(&sandbox, LAB_FILE).contains("namespace: web"));
}

#[test]
fn what_a_source_takes_back_is_gone() {
    let sandbox = lab();
    let text = cluster("a", "https://a", "token: ta");
    let insecure = text.replace(
        "    server:",
        "    insecure-skip-tls-verify: true\n    proxy-url: http://proxy\n    server:",
    );
    put(&sandbox, "lab/a.yaml", &insecure);
    told(&sandbox, "sync").shows(
        "
--- stderr
warning: cluster `a` connects through the proxy `http://proxy`
warning: cluster `a` does not check the server's certificate
source `lab`: 2 added in `@DIR@/.kube/config.d/lab.yaml`
  + `a`
  + `b`
--- exit 0
",
    );
    put(&sandbox, "lab/a.yaml", &text);
    told(&sandbox, "sync").shows(
        "
--- stderr
source `lab`: 1 updated, 1 unchanged in `@DIR@/.kube/config.d/lab.yaml`
  ~ `a`: cluster.insecure-skip-tls-verify, cluster.proxy-url
--- exit 0
",
    );
    assert!(!read(&sandbox, LAB_FILE).contains("insecure"));
}

#[test]
fn a_source_cannot_rename_a_context_out_of_its_protection() {
    let list = "{\"id\": \"1\", \"name\": \"prod\"}\n";
    let sandbox = program(list);
    let settings = read(&sandbox, "settings/config.yaml");
    put(
        &sandbox,
        "settings/config.yaml",
        &format!("{settings}rules:\n- {{match: 'prod*', confirm: type-name}}\naliases: {{shop: dev}}\n"),
    );
    put(&sandbox, "prog/files/1", &cluster("default", "https://one", "token: t1"));
    told(&sandbox, "sync").shows(
        "
--- stderr
source `prog`: 1 added in `@DIR@/.kube/config.d/prog.yaml`
  + `prod`
--- exit 0
",
    );
    put(&sandbox, "prog/list", "{\"id\": \"1\", \"name\": \"free\"}\n{\"id\": \"2\", \"name\": \"shop\"}\n");
    put(&sandbox, "prog/files/2", &cluster("default", "https://two", "token: t2"));
    told(&sandbox, "sync").shows(
        "
--- stderr
source `prog`: 1 added, 1 updated in `@DIR@/.kube/config.d/prog.yaml`
  ~ `prod` keeps its name: rules protect it, and not `free`
  + `shop-prog` (the name `shop` is taken)
--- exit 0
",
    );
}

#[test]
fn a_broken_file_stops_no_other_source() {
    let both = "sources:\n- name: lab\n  dir: ~/lab\n- name: far\n  dir: ~/far\n";
    for text in ["clusters: [\n", "clusters: 5\n"] {
        let sandbox = lab();
        put(&sandbox, "settings/config.yaml", both);
        put(&sandbox, "far/f.yaml", &cluster("f", "https://f", "token: tf"));
        put(&sandbox, LAB_FILE, text);
        let outcome = told(&sandbox, "sync").0;
        assert!(
            outcome.contains("error: source `lab`: cannot read `@DIR@/.kube/config.d/lab.yaml`: line 1"),
            "{outcome}"
        );
        assert!(
            outcome.contains("source `far`: 1 added in") && outcome.ends_with("--- exit 1\n"),
            "{outcome}"
        );
        assert_eq!(read(&sandbox, LAB_FILE), text);
        assert!(read(&sandbox, ".kube/config.d/far.yaml").contains("https://f"));
        // Only this source has a broken file.
        let outcome = told(&sandbox, "sync lab").0;
        assert!(outcome.ends_with("--- exit 1\n"), "{outcome}");
        let outcome = told(&sandbox, "sync -o json").0;
        assert!(
            outcome.contains(r#""error": "cannot read `@DIR@/.kube/config.d/lab.yaml`: line 1"#),
            "{outcome}"
        );
        fs::remove_file(sandbox.path().join(LAB_FILE)).unwrap();
        told(&sandbox, "sync").shows(
            "
--- stderr
source `lab`: 2 added in `@DIR@/.kube/config.d/lab.yaml`
  + `a`
  + `b`
source `far`: 1 context, nothing to do
--- exit 0
",
        );
    }
}

#[test]
fn names_that_are_swapped_at_the_source_are_swapped_here() {
    let list = "{\"id\": \"1\", \"name\": \"blue\"}\n{\"id\": \"2\", \"name\": \"green\"}\n{\"id\": \"3\", \"name\": \"old\"}\n";
    let sandbox = program(list);
    for (id, server) in [("1", "https://one"), ("2", "https://two"), ("3", "https://three")] {
        put(&sandbox, &format!("prog/files/{id}"), &cluster("default", server, "token: t"));
    }
    sandbox.run("sync");
    sandbox.run("use --global blue");
    let swapped = list
        .replace("blue", "x")
        .replace("green", "blue")
        .replace("\"x\"", "\"green\"")
        .replace("old", "new");
    put(&sandbox, "prog/list", &swapped);
    told(&sandbox, "sync").shows(
        "
--- stderr
source `prog`: 3 updated in `@DIR@/.kube/config.d/prog.yaml`
  ~ `green` (was `blue`)
  ~ `blue` (was `green`)
  ~ `new` (was `old`)
--- exit 0
",
    );
    let servers = |sandbox: &crate::common::Sandbox| {
        ["blue", "green", "new"].map(|name| {
            let shown = sandbox.run(&format!("--kubeconfig @DIR@/.kube/config.d/prog.yaml config view --minify --context {name} -o jsonpath={{.clusters[0].cluster.server}}")).0;
            shown.split("--- stderr").next().unwrap().to_owned()
        })
    };
    assert_eq!(servers(&sandbox), ["https://two", "https://one", "https://three"]);
    let current = sandbox.run("current -o name").0;
    assert!(current.starts_with("green\n"), "{current}");
    told(&sandbox, "sync").shows("--- stderr\nsource `prog`: 3 contexts, nothing to do\n--- exit 0\n");
    told(&sandbox, "undo").shows(
        "
--- stderr
undid change 3 (`kcx sync`, just now), which switched from `blue` to `green`, set `extensions` of context `blue`, set `extensions` of context `green`, 5 more
the current context is now `blue`
--- exit 0
",
    );
    let current = sandbox.run("current -o name").0;
    assert!(current.starts_with("blue\n"), "{current}");
}

#[test]
fn variables_of_a_program_that_a_source_takes_back_are_gone() {
    let sandbox = lab();
    put(&sandbox, "settings/config.yaml", "sources:\n- {name: lab, dir: ~/lab, allow-exec: [get-token]}\n");
    let user = |env: &str| {
        format!(
            "exec: {{apiVersion: client.authentication.k8s.io/v1, command: get-token, interactiveMode: Never{env}}}"
        )
    };
    let with_proxy = cluster("a", "https://a", &user(", env: [{name: AWS_PROFILE, value: lab}]"))
        .replace("    server:", "    proxy-url: http://proxy\n    server:");
    put(&sandbox, "lab/a.yaml", &with_proxy);
    told(&sandbox, "sync").shows(
        "
--- stderr
warning: cluster `a` connects through the proxy `http://proxy`
source `lab`: 2 added in `@DIR@/.kube/config.d/lab.yaml`
  + `a`
  + `b`
--- exit 0
",
    );
    let own = read(&sandbox, LAB_FILE)
        .replace(
            "      - name: AWS_PROFILE",
            "      - name: MINE\n        value: x\n      - name: AWS_PROFILE",
        )
        .replace("    proxy-url:", "    tls-server-name: mine\n    proxy-url:");
    assert!(own.contains("MINE") && own.contains("tls-server-name"), "{own}");
    put(&sandbox, LAB_FILE, &own);
    put(&sandbox, "lab/a.yaml", &cluster("a", "https://a", &user("")));
    told(&sandbox, "sync").shows(
        "
--- stderr
source `lab`: 1 updated, 1 unchanged in `@DIR@/.kube/config.d/lab.yaml`
  ~ `a`: cluster.proxy-url, user.exec.env.AWS_PROFILE; kept your cluster.tls-server-name, user.exec.env.MINE
--- exit 0
",
    );
    let text = read(&sandbox, LAB_FILE);
    assert!(
        text.contains("name: MINE") && !text.contains("AWS_PROFILE") && !text.contains("proxy-url"),
        "{text}"
    );
}

/// Who writes a kubeconfig for another user does not decide what that user's `kcx sync` removes.
#[test]
fn the_mark_of_a_source_is_not_taken_from_another_file() {
    let sandbox = lab();
    sandbox.run("sync");
    let theirs = cluster("x", "https://x", "token: tx").replace(
        "    user: x\n",
        "    user: x\n    extensions:\n    - name: kcx.dev/source\n      extension: {source: lab, id: x.yaml, context: x}\n    - name: other\n      extension: {a: 1}\n",
    );
    put(&sandbox, "theirs", &theirs);
    // An escape does not hide it.
    put(
        &sandbox,
        "escaped",
        &theirs.replace("kcx.dev/source", "\"kcx\\u002edev/source\"").replace("name: x", "name: z"),
    );
    told(&sandbox, "import theirs escaped").shows(
        "
--- stderr
warning: context `x` of `@DIR@/theirs` is marked as brought by a source, and 1 more is like it
hint: the mark was left out: only `kcx sync` may set it, because it updates and removes such contexts
added 2 contexts, 2 clusters, 2 users in `@DIR@/.kube/config`
`kcx use NAME` switches to one of them
--- exit 0
",
    );
    let text = read(&sandbox, ".kube/config");
    assert!(!text.contains("dev/source") && text.contains("name: other"), "{text}");
    told(
        &sandbox,
        "merge @DIR@/.kube/config.d/lab.yaml @DIR@/theirs @DIR@/escaped -O @DIR@/.kube/config.d/lab.yaml",
    )
    .shows(
        "
--- stderr
warning: context `x` of `@DIR@/theirs` is marked as brought by a source, and 1 more is like it
hint: the mark was left out: only `kcx sync` may set it, because it updates and removes such contexts
merged 3 files into `@DIR@/.kube/config.d/lab.yaml` (4 contexts)
--- exit 0
",
    );
    sandbox.run("import theirs --into @DIR@/.kube/config.d/lab.yaml");
    let before = read(&sandbox, LAB_FILE);
    told(&sandbox, "sync --prune").shows("--- stderr\nsource `lab`: 2 contexts, nothing to do\n--- exit 0\n");
    assert_eq!(read(&sandbox, LAB_FILE), before);
    // The user's own mark is no news.
    told(&sandbox, "import @DIR@/.kube/config.d/lab.yaml").shows(
        "
--- stderr
12 entries are already in `@DIR@/.kube/config`; nothing to do
--- exit 0
",
    );
    let merged = told(&sandbox, "merge @DIR@/.kube/config @DIR@/.kube/config.d/lab.yaml").0;
    assert!(merged.contains("source: lab") && !merged.contains("is marked"), "{merged}");
}

#[test]
fn the_old_file_of_a_source_is_named() {
    let sandbox = lab();
    sandbox.run("sync");
    put(
        &sandbox,
        "settings/config.yaml",
        "sources:\n- {name: lab, dir: ~/lab, into: ~/.kube/config.d/new.yaml}\n",
    );
    told(&sandbox, "source list").shows(
        "
NAME   KIND   CONTEXTS   GONE   FILE
lab    dir    2          0      @DIR@/.kube/config.d/new.yaml (2 in @DIR@/.kube/config.d/lab.yaml)
--- stderr
--- exit 0
",
    );
    told(&sandbox, "sync").shows(
        "
--- stderr
source `lab`: 2 added in `@DIR@/.kube/config.d/new.yaml`
  + `a-lab` (the name `a` is taken)
  + `b-lab` (the name `b` is taken)
warning: `@DIR@/.kube/config.d/lab.yaml` has 2 contexts of source `lab`, but does not follow it any more
hint: `kcx delete --kubeconfig @DIR@/.kube/config.d/lab.yaml --label source=lab` removes them
--- exit 0
",
    );
    let json = told(&sandbox, "source list -o json").0;
    assert!(json.contains(r#""elsewhere": ["#) && json.contains("config.d/lab.yaml"), "{json}");
    told(&sandbox, "delete -y --kubeconfig @DIR@/.kube/config.d/lab.yaml --label source=lab").shows(
        "
--- stderr
deleted context `a` from `@DIR@/.kube/config.d/lab.yaml`
deleted context `b` from `@DIR@/.kube/config.d/lab.yaml`
deleted cluster `a` from `@DIR@/.kube/config.d/lab.yaml`
deleted cluster `b` from `@DIR@/.kube/config.d/lab.yaml`
deleted user `a` from `@DIR@/.kube/config.d/lab.yaml`
deleted user `b` from `@DIR@/.kube/config.d/lab.yaml`
--- exit 0
",
    );
    told(&sandbox, "sync").shows(
        "
--- stderr
source `lab`: 2 contexts, nothing to do
--- exit 0
",
    );
}

/// A variable that only selects a profile is no risk, for a source as for an import.
#[test]
fn a_harmless_variable_is_not_worth_a_warning() {
    let user = "exec: {apiVersion: client.authentication.k8s.io/v1, command: get-token, interactiveMode: Never, env: [{name: AWS_PROFILE, value: lab}]}";
    let sandbox = lab();
    put(&sandbox, "lab/a.yaml", &cluster("a", "https://a", user));
    told(&sandbox, "sync --allow-exec=get-token").shows(
        "
--- stderr
source `lab`: 2 added in `@DIR@/.kube/config.d/lab.yaml`
  + `a`
  + `b`
--- exit 0
",
    );
}

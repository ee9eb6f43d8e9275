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

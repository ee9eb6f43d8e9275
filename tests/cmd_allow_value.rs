//! `--allow-exec CMD` as well as `--allow-exec=CMD`: never more is permitted than was meant.

use crate::common::{Sandbox, THREE};
use std::fs;
use std::os::unix::fs::PermissionsExt;

/// A kubeconfig with a user that runs this, under this name.
fn runs(name: &str, command: &str) -> String {
    let exec = format!(
        "{{apiVersion: client.authentication.k8s.io/v1, command: {command}, interactiveMode: Never}}"
    );
    format!("users: [{{name: {name}, user: {{exec: {exec}}}}}]\n")
}

/// `aws` is a program on `PATH`, and in this folder there are two kubeconfigs.
fn sandbox() -> Sandbox {
    let mut sandbox = Sandbox::with(THREE)
        .file("a.yaml", &runs("a", "aws"))
        .file("b.yaml", &runs("b", "gcloud"))
        .file("bin/aws", "#!/bin/sh\n")
        .file("token", "s3cr3t\n")
        .file("broken.yaml", "users: [\n")
        .file("c.yaml", "users: [{name: c, user: {tokenFile: token}}]\n");
    let bin = sandbox.path().join("bin");
    fs::set_permissions(bin.join("aws"), fs::Permissions::from_mode(0o755)).unwrap();
    sandbox.env.path = Some(bin.into());
    sandbox
}

#[track_caller]
fn ends(sandbox: &Sandbox, words: &str, code: i32, part: &str) {
    let said = sandbox.run(words).0;
    assert!(said.contains(&format!("--- exit {code}\n")) && said.contains(part), "{words}: {said}");
}

#[test]
fn the_next_word_is_the_value_unless_it_is_a_source() {
    for (words, code, part) in [
        ("import a.yaml --allow-exec aws", 0, "added user `a`"),
        ("import --allow-exec aws a.yaml", 0, "added user `a`"),
        ("import --allow-exec=aws a.yaml", 0, "added user `a`"),
        ("merge @DIR@/.kube/config --allow-exec aws @DIR@/a.yaml -O @DIR@/.kube/config", 0, "merged 2 files"),
        // Nothing else is permitted.
        ("import a.yaml b.yaml --allow-exec aws", 1, "user `b` would run `gcloud`; nothing was imported"),
        ("import b.yaml --allow-exec aws", 1, "user `b` would run `gcloud`; nothing was imported"),
        ("import --allow-exec aws --allow-exec gcloud a.yaml b.yaml", 0, "added 2 users"),
        // A source is one, whether the flag comes before it or after it.
        ("import --allow-exec a.yaml", 0, "added user `a`"),
        ("import --allow-exec a.yaml b.yaml", 0, "added 2 users"),
        ("import a.yaml --allow-exec b.yaml", 0, "added 2 users"),
        ("import --allow-exec [abc].yaml --allow-file", 0, "added 3 users"),
        ("import a.yaml --allow-exec -y", 0, "added user `a`"),
        // A source that is missing is not taken for a program.
        ("import c.yaml --allow-file broken.yaml", 1, "cannot read `@DIR@/broken.yaml`"),
        ("import a.yaml --allow-exec nothing.yaml", 1, "cannot read `@DIR@/nothing.yaml`"),
        ("import --allow-exec aws", 1, "cannot read `@DIR@/aws`: no such file or directory"),
        ("import c.yaml --allow-file token", 0, "added user `c`"),
        ("import --allow-file token c.yaml", 0, "added user `c`"),
        ("import --allow-file c.yaml", 0, "added user `c`"),
        ("import c.yaml --allow-file other", 1, "would send the content of `@DIR@/token`"),
        ("import a.yaml --allow-exec aws --allow-env AWS_X", 0, "added user `a`"),
        ("import --allow-env a.yaml --allow-exec aws", 0, "added user `a`"),
        ("import a.yaml --allow-exec aws --allow-user u-dev --allow-cluster c-dev", 0, "added user `a`"),
    ] {
        ends(&sandbox(), words, code, part);
    }
}

#[test]
fn a_word_that_could_be_both_is_refused() {
    let sandbox = sandbox().file("aws", &runs("x", "rm")).file("u-dev", &runs("other", "aws"));
    sandbox.run("import a.yaml --allow-exec aws").shows(
        "
--- stderr
error: `aws` after `--allow-exec` is a source, but could also be its value; nothing was done
hint: `--allow-exec=aws` permits that and nothing else
hint: before the flag, `aws` is a source; the flag without a value permits anything of its kind
--- exit 2
no file changed
",
    );
    ends(
        &sandbox,
        "import a.yaml --allow-exec aws --allow-user u-dev",
        2,
        "`aws` after `--allow-exec` is a source",
    );
    ends(
        &sandbox,
        "import a.yaml --allow-exec=aws --allow-user u-dev",
        2,
        "`u-dev` after `--allow-user` is a source",
    );
    ends(&sandbox, "import a.yaml --allow-exec=aws", 0, "added user `a`");
    // As the only argument it is the source.
    ends(&sandbox, "import --allow-exec aws", 0, "added user `x`");
}

#[test]
fn commands_about_contexts_take_a_value_too() {
    let found =
        THREE.replace("dev", "found").replace("prod-eu1", "found-prod").replace("stale", "found-stale");
    let found =
        found.replace("name: u-prod", "name: u-found-prod").replace("user: u-prod", "user: u-found-prod");
    let found = found.replace("c-prod", "c-found-prod").replace("/usr/local/bin/aws", "aws");
    let sandbox = || sandbox().file(".kube/config.d/found.yaml", &found);
    ends(&sandbox(), "use found-prod", 1, "would run `aws`");
    for words in [
        "use found-prod --allow-exec aws",
        "use --allow-exec aws found-prod",
        "use --allow-exec=aws found-prod",
        "found-prod --allow-exec aws",
        "--allow-exec aws found-prod",
        "use --allow-exec found-prod",
        "env found-prod --allow-exec aws",
        "exec found-prod --allow-exec aws --dry-run -- true",
        "exec --allow-exec aws found-prod --dry-run -- true",
    ] {
        ends(&sandbox(), words, 0, "");
    }
    for words in [
        "use found-prod --allow-exec other",
        "env found-prod --allow-exec other",
        "exec found-prod --allow-exec other -- true",
    ] {
        ends(&sandbox(), words, 1, "would run `aws`");
    }
    // A context that could also be a program.
    let sandbox = sandbox();
    assert!(sandbox.run("copy dev aws").0.contains("--- exit 0\n"));
    ends(
        &sandbox,
        "exec dev --allow-exec aws --dry-run -- true",
        2,
        "`aws` after `--allow-exec` is a context",
    );
    ends(&sandbox, "exec dev --allow-exec stale --dry-run -- true", 0, "stale");
}

#[test]
fn completion_offers_what_may_follow() {
    let sandbox = sandbox();
    let offered = |line: &str| {
        let mut words = vec!["__completeNoDesc"];
        words.extend(line.split(' '));
        sandbox.run_words(&words).0
    };
    assert!(
        offered("use --allow-exec aws pr").starts_with("prod-eu1\n"),
        "{}",
        offered("use --allow-exec aws pr")
    );
    assert!(offered("use --allow-exec pr").starts_with("prod-eu1\n"), "{}", offered("use --allow-exec pr"));
}

//! An import finds the entries that the user has renamed, and no others.

use crate::common::Sandbox;

/// A kubeconfig whose entries all have this name.
fn of(name: &str, server: &str, ca: &str, token: &str) -> String {
    format!(
        "clusters: [{{name: {name}, cluster: {{server: '{server}', certificate-authority-data: {ca}}}}}]
contexts: [{{name: {name}, context: {{cluster: {name}, user: {name}}}}}]
users: [{{name: {name}, user: {{token: {token}}}}}]
"
    )
}

fn contexts(sandbox: &Sandbox) -> String {
    let said = sandbox.run("get -o name").0;
    said.split("--- stderr").next().unwrap().split_whitespace().collect::<Vec<_>>().join(" ")
}

const EKS: &str = "arn:aws:eks:eu-west-1:1:cluster/shop";

/// An EKS cluster, imported and renamed.
fn renamed(rename: &[&str]) -> Sandbox {
    let sandbox = Sandbox::new().file("in/eks.yaml", &of("shop-eks", "https://eks", "Q0E=", "a"));
    for words in ["import in/eks.yaml"].iter().chain(rename) {
        assert!(sandbox.run(words).0.contains("--- exit 0\n"), "{words}");
    }
    sandbox
}

#[test]
fn a_renamed_context_is_found_again_by_every_policy() {
    for rename in
        ["rename shop-eks shop", "config rename-context shop-eks shop", "__as kubectx shop=shop-eks"]
    {
        for policy in ["fail", "skip", "overwrite", "rename", "update"] {
            let sandbox = renamed(&[rename]);
            sandbox.run(&format!("import in/eks.yaml --on-conflict={policy}")).shows(
                "
--- stderr
3 entries are already in `@DIR@/.kube/config`; nothing to do
context `shop-eks` has the name `shop` here
--- exit 0
no file changed
",
            );
        }
    }
    // Created again: another address, other certificates, another token.
    let sandbox = renamed(&["rename shop-eks shop", "rename shop store"]);
    let sandbox = sandbox.file("in/eks.yaml", &of("shop-eks", "https://new", "TkVX", "b"));
    let said = sandbox.run("import in/eks.yaml --on-conflict=update --set-current -o name").0;
    assert!(said.starts_with("store\n") && said.contains("+current-context: \"store\""), "{said}");
    assert_eq!(contexts(&sandbox), "store");
    // The name is free again: after an undo, or for a new entry.
    let sandbox = renamed(&["rename shop-eks shop", "undo -y"]);
    assert!(sandbox.run("import in/eks.yaml").0.contains("3 entries are already"));
    assert_eq!(contexts(&sandbox), "shop-eks");
}

#[test]
fn renamed_clusters_and_users_are_found_by_the_cluster() {
    let all = ["rename shop-eks shop", "rename cluster shop-eks shop", "rename user shop-eks shop"];
    let sandbox = renamed(&all);
    let said = sandbox.run("import in/eks.yaml").0;
    assert!(said.contains("3 entries are already") && said.ends_with("no file changed\n"), "{said}");
    // The same address with new certificates is the same cluster, created again.
    let sandbox = sandbox.file("in/eks.yaml", &of("shop-eks", "https://eks", "TkVX", "b"));
    let said = sandbox.run("import in/eks.yaml").0;
    assert!(said.contains("--- exit 4\n") && said.contains("cluster `shop` in `certificate-auth"), "{said}");
    let said = sandbox.run("import in/eks.yaml --on-conflict=update").0;
    assert!(said.contains("updated cluster `shop`, user `shop` in"), "{said}");
    assert_eq!(contexts(&sandbox), "shop");
    assert!(sandbox.run("import in/eks.yaml").0.ends_with("no file changed\n"));
    // To keep both, the new one has its own name.
    let sandbox = sandbox.file("in/eks.yaml", &of("shop-eks", "https://eks", "T1RI", "c"));
    let said = sandbox.run("import in/eks.yaml --on-conflict=rename").0;
    assert!(said.contains("added context `shop-eks`, cluster `shop-eks`, user `shop-eks`"), "{said}");
    assert!(sandbox.run("import in/eks.yaml --on-conflict=rename").0.ends_with("no file changed\n"));
}

#[test]
fn another_cluster_of_that_name_is_another_one() {
    let all = ["rename shop-eks shop", "rename cluster shop-eks shop", "rename user shop-eks shop"];
    // Another address.
    let sandbox = renamed(&all).file("in/eks.yaml", &of("shop-eks", "https://other", "Q0E=", "a"));
    assert!(sandbox.run("import in/eks.yaml --on-conflict=update").0.contains("added context `shop-eks`"));
    assert_eq!(contexts(&sandbox), "shop shop-eks");
    // Every k3s is at the same address of its own machine: the certificate authority decides.
    let k3s = |ca: &str| of("default", "https://127.0.0.1:6443", ca, "a");
    let sandbox = Sandbox::new().file("k3s.yaml", &k3s("Q0E="));
    for words in
        ["import k3s.yaml", "rename default edge", "rename cluster default edge", "rename user default edge"]
    {
        assert!(sandbox.run(words).0.contains("--- exit 0\n"), "{words}");
    }
    assert!(sandbox.run("import k3s.yaml --on-conflict=update").0.ends_with("no file changed\n"));
    let sandbox = sandbox.file("k3s.yaml", &k3s("T1RI"));
    assert!(sandbox.run("import k3s.yaml --on-conflict=update").0.contains("added context `default`"));
    assert_eq!(contexts(&sandbox), "default edge");
    // The rename was in another kubeconfig.
    let sandbox = renamed(&["rename shop-eks shop"]);
    let said = sandbox.run("import in/eks.yaml --into @DIR@/other.yaml").0;
    assert!(said.contains("added context `shop-eks`"), "{said}");
    // Two contexts could be meant.
    let sandbox = renamed(&["rename shop-eks shop", "import in/eks.yaml --context-name shop-eks"]);
    assert_eq!(contexts(&sandbox), "shop");
    let sandbox = renamed(&["rename shop-eks shop", "copy shop shop-eks", "rename shop-eks store"]);
    assert_eq!(contexts(&sandbox), "shop store");
    assert!(sandbox.run("import in/eks.yaml").0.contains("added context `shop-eks` in"));
}

#[test]
fn a_name_for_the_context_alone() {
    let sandbox = Sandbox::new()
        .file("eks.yaml", &of(EKS, "https://eks", "Q0E=", "a").replace(EKS, &format!("'{EKS}'")));
    let said = sandbox.run("import eks.yaml --context-name shop").0;
    assert!(said.contains(&format!("added context `shop`, cluster `{EKS}`, user `{EKS}`")), "{said}");
    assert!(sandbox.run("import eks.yaml --context-name shop").0.ends_with("no file changed\n"));
    for other in ["--name x", "--prefix x", "--suffix x", "--template x"] {
        let said = sandbox.run(&format!("import eks.yaml --context-name shop {other}")).0;
        assert!(said.contains("cannot be used together") && said.contains("--- exit 2\n"), "{said}");
    }
    let two = "contexts: [{name: a, context: {cluster: c}}, {name: b, context: {cluster: c}}]\n";
    let said = sandbox.file("two.yaml", two).run("import two.yaml --context-name shop").0;
    assert!(said.contains("has 2 contexts, and one name cannot serve them all"), "{said}");
}

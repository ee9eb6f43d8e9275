//! Variables that lead helm and the like elsewhere are named after a switch, and once at the prompt.

use crate::common::{Sandbox, THREE};
use kcx::env::leading;
use kcx::session::{Session, hook};

fn with(sandbox: &mut Sandbox, set: &[(&str, &str)]) {
    let value = |name: &str| set.iter().find(|(it, _)| *it == name).map(|(_, value)| (*value).into());
    sandbox.env.leading = leading::set(value);
}

/// A shell with the hook.
fn shell() -> Sandbox {
    let mut sandbox = Sandbox::with(THREE);
    let config = sandbox.path().join(".kube/config");
    let session =
        Session::create(&sandbox.env, std::process::id(), std::slice::from_ref(&config), None).unwrap();
    sandbox.env.kubeconfig = Some(hook::list(&session, &[config]));
    sandbox.env.session = Some(session.folder().into());
    sandbox
}

#[test]
fn a_switch_names_the_variables_that_lead_elsewhere() {
    for mut sandbox in [shell(), Sandbox::with(THREE)] {
        with(
            &mut sandbox,
            &[("HELM_KUBECONTEXT", "dev"), ("HELM_NAMESPACE", "old"), ("HELM_KUBETOKEN", "s3cr3t")],
        );
        let said = sandbox.run("use prod-eu1").0;
        let want = "\
switched to context `prod-eu1`, namespace `web`
warning: HELM_KUBECONTEXT is `dev`: helm goes to that context, not to `prod-eu1`; `unset HELM_KUBECONTEXT` removes it
warning: HELM_NAMESPACE is `old`: helm uses that namespace, not `web`; `unset HELM_NAMESPACE` removes it
warning: HELM_KUBETOKEN is set: helm does not log in as context `prod-eu1` says; `unset HELM_KUBETOKEN` removes it
";
        assert!(said.contains(want), "{said}");
        sandbox.env.shell = Some("/usr/bin/fish".into());
        with(&mut sandbox, &[("HELM_KUBECONTEXT", "prod-eu1"), ("HELM_NAMESPACE", "old")]);
        let said = sandbox.run("ns shop").0;
        assert!(said.contains("not `shop`; `set -e HELM_NAMESPACE` removes it\n---"), "{said}");
        assert!(!sandbox.run("ns old").0.contains("warning"));
    }
}

#[test]
fn the_prompt_names_them_once() {
    let mut sandbox = shell();
    let prompt = |sandbox: &Sandbox| sandbox.run("__sync bash 5").0;
    with(&mut sandbox, &[("HELM_KUBECONTEXT", "prod-eu1"), ("KUBE_CONFIG_PATH", "/elsewhere")]);
    let said = prompt(&sandbox);
    assert!(
        said.contains("\nwarning: HELM_KUBECONTEXT is `prod-eu1`: helm goes to that context, not to `dev`"),
        "{said}"
    );
    assert!(
        said.contains("\nwarning: KUBE_CONFIG_PATH is `/elsewhere`: Terraform reads that kubeconfig"),
        "{said}"
    );
    assert!(!prompt(&sandbox).contains("warning"));
    // A switch has named them already.
    assert!(sandbox.run("use prod-eu1").0.contains("warning: KUBE_CONFIG_PATH"));
    assert!(!prompt(&sandbox).contains("warning"));
    with(&mut sandbox, &[]);
    assert!(!prompt(&sandbox).contains("warning"));
    with(&mut sandbox, &[("HELM_KUBECONTEXT", "dev")]);
    assert!(prompt(&sandbox).contains("warning: HELM_KUBECONTEXT is `dev`"));
    assert!(!prompt(&sandbox).contains("warning"));
}

#[test]
fn the_file_that_the_shell_follows_is_not_elsewhere() {
    let mut sandbox = shell();
    let config = sandbox.path().join(".kube/config").display().to_string();
    with(&mut sandbox, &[("KUBE_CONFIG_PATH", &config)]);
    assert!(!sandbox.run("__sync zsh").0.contains("warning"));
    assert!(sandbox.run("use prod-eu1").0.contains("warning: KUBE_CONFIG_PATH"));
}

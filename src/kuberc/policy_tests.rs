//! Policies for credential plugins: what they allow, and texts that allow more. What kubectl itself makes of them is
//! compared in `tests/real/kuberc.rs`.

use super::super::{Kuberc, NoPreferences};
use super::{NoProgram, NotAllowed, Path, Policy, allow};

const BETA: &str = "apiVersion: kubectl.config.k8s.io/v1beta1\nkind: Preference\n";

fn policy(body: &str) -> Result<Option<bool>, String> {
    let (kuberc, _) = Kuberc::parse(format!("{BETA}{body}")).map_err(|error| error.to_string())?;
    let absent = |path: &Path| Err(NoProgram { path: path.to_owned(), why: "not there".to_owned() });
    let allows = |policy: Policy<'_>| policy.check(Path::new("kcx"), &absent).is_ok();
    Ok(Some(allows(kuberc.policy()?)))
}

#[test]
fn a_policy_decides_and_a_broken_one_stops_everything() {
    assert_eq!(policy(""), Ok(Some(true)));
    assert_eq!(policy("credentialPluginPolicy: AllowAll"), Ok(Some(true)));
    assert_eq!(policy("credentialPluginPolicy: DenyAll"), Ok(Some(false)));
    let list = "credentialPluginPolicy: Allowlist\ncredentialPluginAllowlist: ";
    assert_eq!(policy(&format!("{list}[{{command: kcx}}]")), Ok(Some(true)));
    assert_eq!(policy(&format!("{list}[{{name: kcx}}]")), Ok(Some(true)));
    assert_eq!(policy(&format!("{list}[{{command: aws}}]")), Ok(Some(false)));
    assert!(policy(&format!("{list}[]")).unwrap_err().contains("is empty"));
    assert!(policy("credentialPluginPolicy: Bogus").unwrap_err().contains("unknown plugin policy"));
}

#[test]
fn a_command_is_added_where_the_text_has_its_list() {
    let list = "credentialPluginPolicy: Allowlist # strict\ncredentialPluginAllowlist:\n  # work\n  - command: aws # eks\n";
    let text = format!("# mine\n{BETA}{list}aliases: []\n");
    let want = text.replace("# eks\n", "# eks\n  - command: /opt/kcx\n");
    assert_eq!(allow(&text, &["/opt/kcx"]).as_deref(), Ok(want.as_str()));
    assert_eq!(allow(&want, &["/opt/kcx", "aws"]).as_deref(), Ok(want.as_str()), "it is there already");
    let crlf = text.replace('\n', "\r\n");
    assert_eq!(allow(&crlf, &["/opt/kcx"]), Ok(want.replace('\n', "\r\n")));
    let two = allow(&text, &["a", "b", "a"]).unwrap();
    assert_eq!(two, text.replace("# eks\n", "# eks\n  - command: a\n  - command: b\n"));
    let flow =
        format!("{BETA}credentialPluginPolicy: Allowlist\ncredentialPluginAllowlist: [{{command: aws}}]\n");
    assert_eq!(allow(&flow, &["kcx"]), Ok(flow.replace("aws}]", "aws}, {command: kcx}]")));
}

#[test]
fn a_text_without_a_list_gets_one() {
    let whole =
        format!("{BETA}credentialPluginPolicy: Allowlist\ncredentialPluginAllowlist:\n- command: kcx\n");
    for (text, want) in [
        (String::new(), whole.clone()),
        (BETA.to_owned(), whole.clone()),
        (
            format!("{BETA}credentialPluginPolicy: AllowAll # all\n"),
            whole.replace("Allowlist\n", "Allowlist # all\n"),
        ),
    ] {
        let after = allow(&text, &["kcx"]).unwrap();
        let (kuberc, complaint) = Kuberc::parse(&after).unwrap();
        assert_eq!(kuberc.policy(), Ok(Policy::Allowlist(&["kcx".to_owned()])), "{after}");
        assert_eq!(complaint, None);
        let mut lines: Vec<&str> = after.lines().collect();
        let mut wanted: Vec<&str> = want.lines().collect();
        // Where keys are in order, new ones go to their place.
        lines.sort_unstable();
        wanted.sort_unstable();
        assert_eq!(lines, wanted);
    }
}

#[test]
fn of_several_documents_the_one_that_counts_is_changed() {
    let other = "apiVersion: v1\nkind: ConfigMap\n---\n";
    let text = format!("{other}{BETA}---\n{BETA}");
    let after = allow(&text, &["kcx"]).unwrap();
    let tail = after.strip_prefix(other).unwrap().strip_suffix(&format!("---\n{BETA}")).unwrap();
    assert!(matches!(Kuberc::parse(tail).unwrap().0.policy(), Ok(Policy::Allowlist(_))));
}

#[test]
fn what_kubectl_would_not_take_is_not_written() {
    assert_eq!(allow("", &["./kcx"]), Err(NotAllowed::Command));
    assert_eq!(allow("", &[""]), Err(NotAllowed::Command));
    let alpha = "apiVersion: kubectl.config.k8s.io/v1alpha1\nkind: Preference\n";
    assert_eq!(allow(alpha, &["kcx"]), Err(NotAllowed::Old));
    let deny = format!("{BETA}credentialPluginPolicy: DenyAll\n");
    assert_eq!(allow(&deny, &["kcx"]), Err(NotAllowed::DenyAll));
    assert_eq!(allow(&deny, &[]), Ok(deny.clone()));
    assert_eq!(allow("kind: Config\n", &["kcx"]), Err(NoPreferences::NoneValid.into()));
    let bogus = format!("{BETA}credentialPluginPolicy: Bogus\n");
    assert!(matches!(allow(&bogus, &["kcx"]), Err(NotAllowed::Misconfigured(_))));
    let shared = format!(
        "{BETA}credentialPluginPolicy: Allowlist\ncredentialPluginAllowlist: &x [{{command: a}}]\nx: *x\n"
    );
    let own = shared.replace("a}]\nx: *x", "a}, {command: kcx}]\nx:\n- command: a");
    assert_eq!(allow(&shared, &["kcx"]), Ok(own));
    let merged = format!(
        "{BETA}credentialPluginPolicy: Allowlist\nx: &x {{credentialPluginAllowlist: [{{command: a}}]}}\n<<: *x\n"
    );
    assert!(
        matches!(allow(&merged, &["kcx"]), Err(NotAllowed::Refused(_))),
        "{:?}",
        allow(&merged, &["kcx"])
    );
}

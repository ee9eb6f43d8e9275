//! Laws of kuberc on damaged texts: nothing panics, no policy is mistaken for another, and none is loosened.

use crate::generate::{Random, mutate};
use crate::laws_random::{seeds, tell};
use kcx::env::NoProgram;
use kcx::kuberc::{Kuberc, NoPreferences, Policy, allow, problems};
use std::path::{Path, PathBuf};

const HEAD: &str = "apiVersion: kubectl.config.k8s.io/v1beta1\nkind: Preference\n";

/// The texts to damage.
const TEXTS: [&str; 14] = [
    "credentialPluginPolicy: DenyAll\n",
    "credentialPluginPolicy: AllowAll\n",
    "credentialPluginPolicy: Bogus\n",
    "credentialPluginPolicy: \"DenyAll\" # all\n",
    "credentialPluginPolicy: Allowlist\ncredentialPluginAllowlist:\n- command: aws # work\n- name: /opt/plug\n",
    "credentialPluginPolicy: Allowlist\ncredentialPluginAllowlist: [{command: aws}, {command: gcloud}]\n",
    "credentialPluginPolicy: Allowlist\n",
    "credentialPluginAllowlist: [{command: aws}]\n",
    "credentialPluginPolicy: AllowAll\ncredentialPluginPolicy: DenyAll\n",
    "x: &a DenyAll\ncredentialPluginPolicy: *a\n",
    "credentialPluginPolicy: >-\n  DenyAll\ndefaults: [{command: config view, options: [{name: raw, default: 'true'}]}]\n",
    "aliases:\n- name: q\n  command: config view\n  prependArgs: [a]\ncredentialPluginPolicy: DenyAll\n",
    "credentialPluginPolicy: DenyAll\n---\napiVersion: kubectl.config.k8s.io/v1beta1\nkind: Preference\n",
    "",
];

fn text(random: &mut Random) -> String {
    let body = random.pick(&TEXTS);
    let whole = match random.below(5) {
        0 => {
            let quoted = |text: &str| serde_json::Value::from(text).to_string();
            let policy = quoted(random.pick(&["DenyAll", "AllowAll", "Bogus", "Allowlist"]));
            format!(
                "{{\"apiVersion\": \"kubectl.config.k8s.io/v1beta1\", \"kind\": \"Preference\",\n\
                 \"credentialPluginPolicy\": {policy}, \"credentialPluginAllowlist\": [{{\"command\": \"aws\"}}]}}\n"
            )
        }
        1 => format!("kind: other\n---\n{HEAD}{body}"),
        2 => format!("{HEAD}{body}").replace('\n', "\r\n"),
        _ => format!("{HEAD}{body}"),
    };
    if random.one_in(8) { whole } else { mutate(random, &whole) }
}

/// The decision about a command that follows from these bytes.
#[derive(Debug, PartialEq)]
enum Verdict {
    /// kubectl starts it.
    Runs,
    /// kubectl, or kcx on its behalf, refuses it.
    Refused,
}

fn verdict(bytes: &[u8], command: &str) -> Verdict {
    let find = |path: &Path| -> Result<PathBuf, NoProgram> {
        Err(NoProgram { path: path.to_owned(), why: "not there".to_owned() })
    };
    let runs = match Kuberc::parse(bytes) {
        Ok((kuberc, _)) => {
            kuberc.validate().is_ok()
                && kuberc.policy().is_ok_and(|it| it.check(Path::new(command), &find).is_ok())
        }
        Err(NoPreferences::Unsure { .. }) => false,
        Err(_) => true,
    };
    if runs { Verdict::Runs } else { Verdict::Refused }
}

/// The policy in a text of only these three fields, as an independent parser reads it.
fn plainly(text: &str) -> Option<String> {
    // At the start of a line libyaml skips a byte order mark, which kubectl treats as a letter.
    if text.contains("---")
        || text.contains("...")
        || text.contains('\u{feff}')
        || text.trim_start().starts_with('{')
    {
        return None;
    }
    let serde_yaml::Value::Mapping(root) = serde_yaml::from_str(text).ok()? else { return None };
    let field = |name: &str| root.get(name).and_then(serde_yaml::Value::as_str);
    let known = root.len() == 3
        && field("apiVersion")? == "kubectl.config.k8s.io/v1beta1"
        && field("kind")? == "Preference";
    known.then(|| field("credentialPluginPolicy").map(str::to_owned)).flatten()
}

#[test]
fn damaged_preferences_never_panic_and_allow_nothing_that_the_policy_refuses() {
    let (mut cases, mut refused, mut plain) = (0, 0, 0);
    for seed in seeds(20_000) {
        let random = &mut Random::new(seed);
        let text = text(random);
        let mut bytes = text.clone().into_bytes();
        if random.one_in(4) && !bytes.is_empty() {
            let at = random.below(bytes.len());
            bytes[at] = u8::try_from(random.below(256)).unwrap();
        }
        cases += 1;
        let found = problems(&bytes);
        let runs = verdict(&bytes, "somewhat");
        refused += u64::from(runs == Verdict::Refused);
        if let Ok((kuberc, complaint)) = Kuberc::parse(&bytes) {
            let all = matches!(kuberc.policy(), Ok(Policy::AllowAll));
            let says_all = matches!(kuberc.plugin_policy.as_str(), "" | "AllowAll");
            assert_eq!(all, says_all && kuberc.plugin_allowlist.is_none(), "seed {seed}: {text:?}");
            assert_eq!(
                found.is_empty(),
                complaint.is_none() && kuberc.validate().is_ok(),
                "seed {seed}: {text:?}"
            );
        }
        if let Some(policy) = std::str::from_utf8(&bytes).ok().and_then(plainly) {
            plain += 1;
            let want =
                if ["", "AllowAll"].contains(&policy.as_str()) { Verdict::Runs } else { Verdict::Refused };
            // A word that only YAML 1.1 reads as a boolean is not a string to kubectl, so the file is ignored.
            let is_word = ["yes", "no", "on", "off", "y", "n"].contains(&policy.to_lowercase().as_str());
            assert!(is_word || runs == want || runs == Verdict::Refused, "seed {seed}: {text:?}");
            assert!(is_word || runs == want || want == Verdict::Runs, "seed {seed}: {text:?}");
        }
        if let Ok(text) = std::str::from_utf8(&bytes)
            && let Ok(after) = allow(text, &["kcx-credential"])
        {
            assert_eq!(verdict(after.as_bytes(), "kcx-credential"), Verdict::Runs, "seed {seed}: {text:?}");
            for command in ["somewhat", "aws", "/opt/plug"] {
                let (before, now) = (verdict(&bytes, command), verdict(after.as_bytes(), command));
                assert!(
                    before == now || before == Verdict::Runs,
                    "seed {seed}: loosened for {command}: {text:?}"
                );
            }
        }
    }
    tell("damaged kuberc", cases);
    assert!(cases < 1000 || refused > cases / 10 && plain > cases / 50, "{refused} {plain} of {cases}");
}

//! Every code of `kcx lint` on a kubeconfig that has it, on its clean twin, and fixed. `tests/fixtures/lint/KCX….txt` holds
//! the three; `@NAME@` in it stands for what `made` makes. `KCX_BLESS=1 cargo test --test kcx lint::` records the fixed ones
//! again.

mod agree;
mod details;
mod disk;
mod made;
mod secrets;

pub(crate) use made::Made;

use crate::bless;
use crate::common::Sandbox;
use kcx::kubeconfig::lint::{
    Access, Code, Environment, Finding, Fixability, Program, Severity, check, rules,
};
use kcx::kubeconfig::{Document, Kind, Merged, ParseError, Source};
use std::fs;
use std::io;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// One file of `tests/fixtures/lint`.
struct Fixture {
    bad: String,
    second: Option<String>,
    clean: String,
    fixed: Option<String>,
}

fn file(code: Code) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/fixtures/lint/{code}.txt"))
}

impl Fixture {
    fn of(code: Code, made: &Made) -> Fixture {
        let text = fs::read_to_string(file(code)).unwrap_or_else(|_| panic!("{code} has no fixture"));
        let text = made.fill(&text);
        let part = |name: &str| {
            let (_, rest) = text.split_once(&format!("=== {name}\n"))?;
            Some(rest.split_once("=== ").map_or(rest, |(part, _)| part).to_owned())
        };
        Fixture {
            bad: part("bad").unwrap(),
            second: part("bad, a second file"),
            clean: part("clean").unwrap(),
            fixed: part("fixed"),
        }
    }
}

/// A world that is all right, but for what is called `gone`, `denied` and `/open`, and for what the code is about.
pub(crate) struct World<'m> {
    pub(crate) made: &'m Made,
    pub(crate) trouble: Option<Code>,
}

impl Environment for World<'_> {
    fn now(&self) -> Option<i64> {
        Some(made::NOW)
    }

    fn read(&self, path: &str, _kubeconfig: &Path) -> Option<io::Result<Vec<u8>>> {
        Some(match path {
            "gone.crt" => Err(io::ErrorKind::NotFound.into()),
            "ca.crt" => Ok(self.made.authority.clone().into_bytes()),
            "client.crt" => Ok(self.made.client.clone().into_bytes()),
            "client.key" => Ok(self.made.client_key.clone().into_bytes()),
            "token" | "/run/secrets/token" => Ok(b"abc\n".to_vec()),
            "empty" => Ok(b"\n".to_vec()),
            other => panic!("{other}"),
        })
    }

    fn access(&self, path: &str, kubeconfig: &Path) -> Option<Access> {
        let own = Path::new(path) == kubeconfig;
        Some(Access {
            readable: own && self.trouble == Some(Code::Exposed),
            writable: false,
            replaceable: (own && self.trouble == Some(Code::OpenFolder)).then(|| PathBuf::from("/home/jane")),
        })
    }

    fn program(&self, command: &str, _kubeconfig: &Path) -> Option<Program> {
        Some(match command {
            "gone" => Program::Missing,
            _ => Program::Found { exposed: command.starts_with("/open/") },
        })
    }

    fn allows(&self, command: &str, _kubeconfig: &Path) -> Option<bool> {
        Some(command != "denied")
    }

    fn stale_lock(&self, _kubeconfig: &Path) -> Option<Duration> {
        (self.trouble == Some(Code::StaleLock)).then_some(Duration::from_hours(1))
    }
}

/// The files as one, and what is wrong with each as a text.
pub(crate) fn merged(texts: &[&[u8]]) -> (Merged, Vec<Vec<ParseError>>) {
    let mut problems = Vec::new();
    let source = |(at, text): (usize, &&[u8])| {
        let (document, wrong) = Document::salvage(text.to_vec());
        problems.push(wrong);
        Source { path: PathBuf::from(format!("/home/jane/config-{at}")), document }
    };
    (Merged::new(texts.iter().enumerate().map(source).collect()), problems)
}

pub(crate) fn findings(texts: &[&[u8]], world: &World<'_>) -> Vec<Finding> {
    let (merged, problems) = merged(texts);
    check(&merged, &problems, world, NonZero::new(2).unwrap())
}

fn codes(found: &[Finding]) -> Vec<Code> {
    let mut codes: Vec<Code> = found.iter().map(|it| it.code).collect();
    codes.dedup();
    codes
}

/// A file that cannot be read is none that a fixture could hold: `cmd_lint` has it.
fn with_fixtures() -> impl Iterator<Item = Code> {
    Code::ALL.iter().copied().filter(|code| *code != Code::Unreadable && !is_about_kuberc(*code))
}

fn is_about_kuberc(code: Code) -> bool {
    code >= Code::KubercRefused
}

#[test]
fn each_code_about_kuberc_is_found_in_its_fixture_alone_whether_it_is_named_or_not() {
    let made = Made::new();
    let about = |text: &str, command: &str, code: Code| {
        let mut sandbox = Sandbox::with("apiVersion: v1\nkind: Config\n").file(".kube/kuberc", text);
        sandbox.env.kuberc = None;
        let said = sandbox.run(&format!("lint -o json --select KCX6 {command}")).0;
        let json: serde_json::Value = serde_json::from_str(said.split("--- stderr").next().unwrap()).unwrap();
        let found = json["findings"].as_array().unwrap().clone();
        let fails = said.contains("--- exit 1");
        assert_eq!(fails, !found.is_empty() && code.severity() == Severity::Error, "{said}");
        found
    };
    for code in Code::ALL.iter().copied().filter(|code| is_about_kuberc(*code)) {
        let fixture = Fixture::of(code, &made);
        for command in ["", "@DIR@/.kube/kuberc"] {
            let found = about(&fixture.bad, command, code);
            assert_eq!(found.len(), 1, "{code}: {found:?}");
            assert_eq!(found[0]["code"], code.to_string().as_str());
            assert!(found[0]["file"].as_str().unwrap().ends_with(".kube/kuberc"), "{found:?}");
            assert_eq!(found[0]["start"]["line"], if code == Code::KubercOdd { 4 } else { 3 }, "{found:?}");
            assert!(about(&fixture.clean, command, code).is_empty(), "{code}");
        }
    }
    // A broken text, and one with many documents.
    for (text, code, line) in [
        ("kind: Preference # kubectl.config.k8s.io/v1beta1\nx: [\n", "KCX602", 2),
        ("kind: x\n---\napiVersion: kubectl.config.k8s.io/v1beta1\nkind: Preference\nfoo: 1\n", "KCX603", 5),
        (
            "apiVersion: kubectl.config.k8s.io/v1beta1\nkind: Preference\ncredentialPluginPolicy: Allowlist\n\
          credentialPluginAllowlist: [{command: ./a}]\n",
            "KCX601",
            4,
        ),
    ] {
        let code: Code = code.parse().unwrap();
        let found = about(text, "", code);
        assert_eq!((found.len(), &found[0]["code"]), (1, &code.to_string().into()), "{found:?}");
        assert_eq!(found[0]["start"]["line"], line, "{found:?}");
    }
}

#[test]
fn each_code_is_found_in_its_fixture_and_nowhere_in_its_clean_twin() {
    let made = Made::new();
    for code in with_fixtures() {
        let fixture = Fixture::of(code, &made);
        let texts: Vec<&[u8]> = [Some(&fixture.bad), fixture.second.as_ref()]
            .into_iter()
            .flatten()
            .map(|it| it.as_bytes())
            .collect();
        let found = findings(&texts, &World { made: &made, trouble: Some(code) });
        assert_eq!(codes(&found), [code], "{code}: {found:#?}");
        for finding in &found {
            assert!(!finding.message.ends_with('.') && finding.message.len() > 5, "{}", finding.message);
            let has_place = finding.span.is_some();
            assert_eq!(has_place, !WHOLE_FILE.contains(&code), "{code}");
        }
        let clean = findings(&[fixture.clean.as_bytes()], &World { made: &made, trouble: None });
        assert!(clean.is_empty(), "{code}: {clean:#?}");
    }
}

/// Codes about a file, not about a place in it.
const WHOLE_FILE: [Code; 5] =
    [Code::NoHeader, Code::NoCurrent, Code::Exposed, Code::OpenFolder, Code::StaleLock];

#[test]
fn each_fix_mends_its_fixture_changes_nothing_else_and_can_be_taken_back() {
    let made = Made::new();
    let mut fix_count = 0;
    for rule in rules().filter(|rule| rule.fixability != Fixability::No) {
        let code = rule.code;
        let fixture = Fixture::of(code, &made);
        let mut fixed = fixture.fixed.unwrap_or_else(|| panic!("{code} is fixed to nothing"));
        let sandbox = Sandbox::new().file("kc", &fixture.bad).file("token", "abc");
        let read = || fs::read_to_string(sandbox.path().join("kc")).unwrap();
        let safe = format!("lint --fix --select {code} --fail-on never @DIR@/kc");
        let all = format!("lint --unsafe-fixes --select {code} --fail-on never @DIR@/kc");
        if rule.fixability == Fixability::Unsafe {
            sandbox.run(&safe);
            assert_eq!(read(), fixture.bad, "{code}: --fix alone must leave it");
        }
        let dry = sandbox.run(&format!("{all} --dry-run"));
        assert!(dry.0.contains("@@ "), "{code}: {}", dry.0);
        assert_eq!(read(), fixture.bad, "{code}: a dry run wrote");
        let outcome = sandbox.run(if rule.fixability == Fixability::Safe { &safe } else { &all });
        if bless::on() && read() != fixed {
            let text = fs::read_to_string(file(code)).unwrap();
            fs::write(file(code), with_fixed(&text, &made.unfill(&read()))).unwrap();
            fixed = read();
        }
        assert_eq!(read(), fixed, "{code}: {}", outcome.0);
        assert!(outcome.0.contains(&format!("fixed {code}")), "{code}: {}", outcome.0);
        let left = findings(&[fixed.as_bytes()], &World { made: &made, trouble: None });
        assert!(left.iter().all(|it| it.code != code), "{code}: {left:#?}");
        sandbox.run("undo -y");
        assert_eq!(read(), fixture.bad, "{code}: it could not be taken back");
        fix_count += 1;
    }
    assert!(fix_count >= 10);
    for code in with_fixtures().filter(|code| code.rule().fixability == Fixability::No) {
        assert!(Fixture::of(code, &made).fixed.is_none(), "{code}");
    }
}

/// The text of a fixture with this as its `fixed`, which is its last part.
fn with_fixed(text: &str, fixed: &str) -> String {
    let (before, _) = text.split_once("=== fixed\n").unwrap();
    format!("{before}=== fixed\n{fixed}")
}

#[test]
fn what_a_fixture_is_filled_with_can_be_taken_out_again() {
    let made = Made::new();
    let mut with_fix = 0;
    for code in Code::ALL.iter().copied().filter(|code| *code != Code::Unreadable) {
        let text = fs::read_to_string(file(code)).unwrap();
        assert_eq!(made.unfill(&made.fill(&text)), text, "{code}");
        if let Some(fixed) = Fixture::of(code, &made).fixed {
            assert_eq!(with_fixed(&text, &made.unfill(&fixed)), text, "{code}");
            with_fix += 1;
        }
    }
    assert!(with_fix >= 10);
}

#[test]
fn what_tools_write_has_no_false_error() {
    let made = Made::new();
    let mut files = 0;
    let mut wrong = Vec::new();
    for path in crate::corpus::fixtures("valid") {
        let name = crate::corpus::name(&path).to_owned();
        if !TOOLS.iter().any(|tool| name.starts_with(tool)) {
            continue;
        }
        files += 1;
        let (text, real) = with_real_certificates(fs::read_to_string(&path).unwrap(), &made);
        let (merged, problems) = merged(&[text.as_bytes()]);
        for finding in check(&merged, &problems, &Elsewhere, NonZero::<usize>::MIN) {
            let made_up = !real && [Code::BadCertificate, Code::BadKey].contains(&finding.code);
            let is_right = TRUE.contains(&(name.as_str(), finding.code));
            if finding.code.severity() == Severity::Error && !is_right && !made_up {
                wrong.push(format!("{name}: {} {}", finding.code, finding.message));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(files >= TOOLS.len(), "{files}");
}

/// The machine that the corpus comes from, as far as anybody can tell: no clock, no disk.
struct Elsewhere;

impl Environment for Elsewhere {}

/// The text with a certificate in the place of each that somebody made up, and whether all of them were found.
fn with_real_certificates(mut text: String, made: &Made) -> (String, bool) {
    let mut all = true;
    let document = Document::parse(text.clone().into_bytes()).unwrap();
    for kind in [Kind::Cluster, Kind::User] {
        for index in 0..document.len(kind) {
            let body = document.body(kind, index).unwrap();
            for (field, real) in [
                ("certificate-authority-data", "@CA@"),
                ("client-certificate-data", "@CLIENT@"),
                ("client-key-data", "@CLIENT_KEY@"),
            ] {
                if let Some(old) = body.get(field).and_then(|it| it.as_str()).filter(|it| !it.is_empty()) {
                    let before = text.clone();
                    text = text.replace(&format!("{field}: {old}"), &format!("{field}: {real}"));
                    text = text.replace(&format!("{field}: \"{old}\""), &format!("{field}: \"{real}\""));
                    // Two may have the same.
                    all &= text != before || text.contains(&format!("{field}: {real}"));
                }
            }
        }
    }
    (made.fill(&text), all)
}

/// Beginnings of the names of files that tools have written.
const TOOLS: [&str; 44] = [
    "150-contexts",
    "aks-admin-cert",
    "aks-kubelogin",
    "alibaba-ack",
    "ansible-nice-yaml",
    "argocd",
    "civo",
    "cluster-api",
    "colima",
    "digitalocean-doctl",
    "docker-desktop",
    "eks-",
    "gardener",
    "gitlab-",
    "gke-auth-plugin",
    "gke-install-hint",
    "helm-template",
    "ibm-cloud-oidc",
    "k0s",
    "k3d",
    "k3s",
    "kind",
    "kubeadm-admin",
    "kubectl-20-contexts",
    "kubectl-one-context",
    "kubectl-three-contexts",
    "kubelet",
    "lens-written",
    "linode-lke",
    "microk8s",
    "minikube",
    "multus",
    "oidc-login",
    "openshift-oc-login",
    "oracle-oke",
    "ovh",
    "pinniped",
    "rancher",
    "scaleway",
    "service-account-token",
    "talos",
    "teleport-tsh",
    "terraform-",
    "vcluster",
];

/// Errors that are right.
const TRUE: [(&str, Code); 2] =
    [("eks-eksctl.yaml", Code::ExecApiVersion), ("terraform-eks-module.yaml", Code::ExecApiVersion)];

#[test]
fn of_several_authorities_one_that_is_valid_counts() {
    let made = Made::new();
    let world = World { made: &made, trouble: None };
    for (authority, want) in [("@CA_AND_NEXT@", &[][..]), ("@CA_GONE@", &[Code::Expired])] {
        let text = format!(
            "apiVersion: v1\nkind: Config\nclusters:\n- name: a\n  cluster:\n    server: https://a\n    \
             certificate-authority-data: {authority}\n"
        );
        assert_eq!(codes(&findings(&[made.fill(&text).as_bytes()], &world)), want, "{authority}");
    }
}

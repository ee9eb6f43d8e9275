//! `kcx status` and `kcx whoami` with invalid credentials, and with answers that could mislead a client.

use crate::api_server::{ApiServer, Authority, Behaviour, Setup, Shown, base64, kubeconfig};
use crate::common::Sandbox;
use serde_json::{Value, json};

/// The reports of `kcx status -o json` in the order of these contexts, and the exit code.
fn report(sandbox: &Sandbox, contexts: &[&str]) -> (Vec<Value>, i32) {
    let text = sandbox.run("status -o json --timeout 5s").0;
    let (json, rest) = text.split_once("--- stderr").unwrap();
    let code = rest.split("--- exit ").nth(1).unwrap().lines().next().unwrap().parse().unwrap();
    let reports = serde_json::from_str::<Value>(json).unwrap().as_array().unwrap().clone();
    let of = |name: &&str| reports.iter().find(|report| report["context"] == **name).unwrap().clone();
    (contexts.iter().map(of).collect(), code)
}

#[track_caller]
fn says(report: &Value, reason: &str, message: &str, hint: &str) {
    let text = |field: &str| report[field].as_str().unwrap_or_default();
    assert_eq!(text("reason"), reason, "{report}");
    assert!(text("message").contains(message) && text("hint").contains(hint), "{report}");
}

/// A token that expired long ago: `{"alg":"none"}` and `{"exp":1700000000}`.
const OLD: &str = "eyJhbGciOiJub25lIn0.eyJleHAiOjE3MDAwMDAwMDB9.c2ln";

#[test]
fn what_has_ended_is_said_and_counted() {
    let server = ApiServer::good();
    let demanding = ApiServer::start(Setup { demands_certificate: true, ..Setup::default() });
    let refusing = ApiServer::start(Setup::default().with("/", Behaviour::Unauthorized));
    let user = |authority: &Authority, days: i64| {
        let login = authority.client("carol", &[], days);
        let data = |field: &str, pem: &str| format!("client-{field}-data: {}", base64(pem));
        format!("{{{}, {}}}", data("certificate", &login.certificate), data("key", &login.key))
    };
    let text = kubeconfig(&[
        ("jwt", &server.cluster(), &format!("{{token: {OLD}}}")),
        ("tls", &demanding.cluster(), &user(&demanding.authority, -3)),
        ("good", &refusing.cluster(), &user(&refusing.authority, 9)),
        ("down", "{server: 'https://127.0.0.1:1'}", &user(&refusing.authority, 9)),
        ("none", "{server: 'https://127.0.0.1:1'}", "{token: x}"),
    ])
    .replace("{cluster: c-none, user: u-none}", "{user: u-none}");
    let sandbox = Sandbox::with(&text);
    let (reports, code) = report(&sandbox, &["jwt", "tls", "good"]);
    assert_eq!(code, 1);
    says(&reports[0], "unauthorized", "(401): the token expired ", "log in again");
    says(
        &reports[1],
        "tls",
        "the client certificate expired 2 d 23 h ago, and the server rejected it",
        "log in",
    );
    let left = "(401); the client certificate is valid for 9 d";
    says(&reports[2], "unauthorized", left, "log in again");
    let days: Vec<&Value> = reports.iter().map(|report| &report["certificateDaysLeft"]).collect();
    assert_eq!(days, [&Value::Null, &json!(-3), &json!(9)]);
    let table = sandbox.run("status").0;
    // What the reason says is not repeated, and a certificate that is valid did not make the connection fail.
    assert_eq!(table.matches("the client certificate").count(), 2, "{table}");
    assert!(table.contains("none  failed  the context names no cluster\n"), "{table}");
    assert!(sandbox.run("whoami good").0.contains(left));
    assert!(sandbox.run("whoami jwt").0.contains("(401): the token expired "));
}

#[test]
fn a_login_that_is_taken_for_nobody_is_no_success() {
    let review = |user: Value| {
        let status = json!({"userInfo": user});
        Behaviour::Body(json!({"kind": "SelfSubjectReview", "status": status}).to_string())
    };
    let path = "/apis/authentication.k8s.io";
    let anonymous = json!({"username": "system:anonymous", "groups": ["system:unauthenticated"]});
    let server =
        ApiServer::start(Setup { anonymous: true, ..Setup::default() }.with(path, review(anonymous)));
    let text = kubeconfig(&[
        ("basic", &server.cluster(), "{token: secret-token}"),
        ("nobody", &server.cluster(), "{}"),
    ]);
    let sandbox = Sandbox::with(&text);
    let (reports, code) = report(&sandbox, &["basic", "nobody"]);
    assert_eq!((code, &reports[1]["ok"], &reports[1]["user"]), (1, &json!(true), &json!("system:anonymous")));
    says(&reports[0], "anonymous", "treats you as system:anonymous", "log in again");
    sandbox.run("whoami basic").shows(
        "
--- stderr
error: cannot query the cluster of context `basic`: the cluster treats you as system:anonymous: it does not recognize the credential
hint: log in again with the tool that created this user entry
--- exit 1
no file changed
",
    );
    assert!(sandbox.run("whoami nobody -o name").0.starts_with("system:anonymous\n"));

    let full = json!({"username": "jane", "uid": "u-7", "groups": ["a"], "extra": {"k/x": ["1", "2"]}});
    let server = ApiServer::start(Setup::default().with(path, review(full)));
    let sandbox = Sandbox::with(&server.kubeconfig("{token: secret-token}"));
    sandbox.run("whoami").shows(
        "context  test\nuser     jane\nuid      u-7\ngroups   a\nextra    k/x: 1, 2\n--- stderr\n--- exit 0\nno file changed\n",
    );
    let json = sandbox.run("whoami -o json").0;
    assert!(json.contains("\"uid\": \"u-7\"") && json.contains("\"k/x\""), "{json}");
}

#[test]
fn nobody_is_told_to_trust_who_has_answered() {
    let server = ApiServer::start(Setup { certificate: Shown::WrongName, ..Setup::default() });
    let good = ApiServer::good();
    let system = format!("{{server: '{}'}}", server.url());
    let own = server.cluster();
    let named = own.replace('{', "{tls-server-name: other.test, ");
    let wrong = good.cluster().replace('{', "{tls-server-name: other.test, ");
    let plain = good.cluster().replace("https://", "http://");
    let token = "{token: secret-token}";
    let mut sandbox = Sandbox::with(&kubeconfig(&[
        ("system", &system, token),
        ("own", &own, token),
        ("named", &named, token),
        ("wrong", &wrong, token),
        ("plain", &plain, token),
    ]))
    .file("system.pem", &server.authority.pem());
    sandbox.env.ssl_cert_file = Some(sandbox.path().join("system.pem"));
    sandbox.env.ssl_cert_dir = Some(sandbox.path().join("none").into());
    let (reports, _) = report(&sandbox, &["system", "own", "named", "wrong", "plain"]);
    let names = "is for kubernetes, kubernetes.default and 1 more, not for 127.0.0.1";
    says(&reports[0], "tls", names, "another server responded");
    assert!(!reports[0]["hint"].to_string().contains("tls-server-name"), "{}", reports[0]);
    says(&reports[1], "tls", names, "`tls-server-name: kubernetes` in its cluster");
    says(&reports[2], "tls", "not for other.test", "is not in the certificate");
    says(&reports[3], "tls", "not for other.test", "without it, 127.0.0.1 is expected");
    says(&reports[4], "wants-tls", "does not begin with `https://`", "put `https://` in front");
}

#[cfg(unix)]
#[test]
fn one_bad_context_costs_no_other_its_row() {
    let server = ApiServer::good();
    let cluster = server.cluster();
    let zero = format!("{{server: '{}', certificate-authority: /dev/zero}}", server.url());
    let text = kubeconfig(&[
        ("good", &cluster, "{token: secret-token}"),
        ("pipe", &cluster, "{tokenFile: pipe}"),
        ("zero", &zero, "{token: secret-token}"),
        ("key", &cluster, "{client-certificate: folder, client-key: pipe}"),
        ("\"nul\\0\"", &cluster, "{token: secret-token}"),
        ("huge", &cluster, "{tokenFile: huge}"),
        ("last", &cluster, "{token: secret-token}"),
    ]);
    let sandbox = Sandbox::with(&text).file(".kube/huge", &"x".repeat(2 << 20));
    std::fs::create_dir(sandbox.path().join(".kube/folder")).unwrap();
    let pipe = sandbox.path().join(".kube/pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let (reports, code) = report(&sandbox, &["good", "pipe", "zero", "key", "nul\0", "huge", "last"]);
    let fine: Vec<bool> = reports.iter().map(|report| report["ok"] == true).collect();
    assert_eq!((fine, code), (vec![true, false, false, false, true, false, true], 1), "{reports:?}");
    for (at, file) in [(1, "pipe"), (2, "/dev/zero"), (3, "folder"), (5, "huge")] {
        says(&reports[at], "kubeconfig", file, "");
    }
}

//! Sealed credentials with clients written in Go: helm, and a program on client-go. Their build takes minutes, so these tests
//! are part of `tests/run --long` and `tests/run --clients` alone.

use crate::api_server::{ApiServer, Setup, User};
use crate::keychain::Desktop;
use crate::tools::{KCX_CREDENTIAL, complaint, fine, kubectl};
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Output;

const TOKEN: &str = "tok-55c0a7e91fd24b36";

/// Each client, and how it asks the server for something.
fn clients() -> [(String, &'static [&'static str]); 3] {
    let program = |variable: &str| {
        std::env::var(variable)
            .unwrap_or_else(|_| panic!("{variable} is not set: `tests/run --clients` installs it"))
    };
    [
        (program("KCX_TEST_HELM"), &["list", "--all-namespaces", "-o", "json"]),
        (program("KCX_TEST_GO_CLIENT"), &["the server says: "]),
        (kubectl(), &["get", "namespaces", "-o", "name"]),
    ]
}

fn ask(desktop: &Desktop, (program, words): &(String, &[&str])) -> Output {
    let path = format!("{}:{}", desktop.home.path("bin").display(), std::env::var("PATH").unwrap());
    desktop
        .command(program)
        .args(*words)
        .env("KUBECONFIG", desktop.config())
        .env("PATH", path)
        .output()
        .unwrap()
}

/// A desktop on which `kcx-credential` is found by its bare name, with a user that is sealed for this server.
fn sealed(server: &ApiServer, name: &str) -> Desktop {
    let desktop = Desktop::new();
    fs::create_dir(desktop.home.path("bin")).unwrap();
    std::os::unix::fs::symlink(KCX_CREDENTIAL, desktop.home.path("bin/kcx-credential")).unwrap();
    fs::write(desktop.config(), server.kubeconfig(&format!("{{token: {TOKEN}}}"))).unwrap();
    fine(&desktop.kcx(&["credential", "seal", "--all", "--command", "kcx-credential"]));
    assert!(!fs::read_to_string(desktop.config()).unwrap().contains(TOKEN), "{name}");
    desktop
}

fn server() -> ApiServer {
    let tokens = vec![(TOKEN.to_owned(), User::new("jane", &[]))];
    ApiServer::start(Setup { tokens, ..Setup::default() })
}

#[test]
fn each_gets_the_credential_for_the_cluster_it_was_sealed_for_alone() {
    let bearer = format!("Bearer {TOKEN}");
    for client in clients() {
        let (good, evil) = (server(), server());
        let desktop = sealed(&good, &client.0);
        let said = fine(&ask(&desktop, &client));
        let shown = |server: &ApiServer| {
            server.seen().iter().filter(|seen| seen.header("authorization") == Some(&bearer)).count()
        };
        assert!(shown(&good) > 0, "{}: {said}", client.0);
        let config = fs::read_to_string(desktop.config()).unwrap();
        // `evil` has another authority, too.
        let foreign = server_of(&evil, &config);
        fs::write(desktop.config(), foreign).unwrap();
        let output = ask(&desktop, &client);
        assert!(!output.status.success(), "{}", client.0);
        let said = complaint(&output);
        for wanted in [good.url(), evil.url(), "`kcx credential seal u-test`".to_owned()] {
            assert!(said.contains(&wanted), "{} does not say `{wanted}` but: {said}", client.0);
        }
        assert_eq!(shown(&evil), 0, "{}", client.0);
    }
}

/// The kubeconfig with its cluster replaced by this server.
fn server_of(server: &ApiServer, config: &str) -> String {
    let own = server.kubeconfig("{}");
    let cluster = |text: &str| {
        let begin = text.find("clusters:").unwrap();
        let end = begin + text[begin..].find("users:").unwrap();
        text[begin..end].to_owned()
    };
    config.replace(&cluster(config), &cluster(&own))
}

/// What Go clients pass as cluster information: a plugin writes it down.
#[test]
fn each_passes_the_cluster_with_the_bytes_of_its_authority() {
    for client in clients() {
        let server = server();
        let desktop = Desktop::new();
        let note = desktop.home.path("passed");
        let script = format!(
            "#!/bin/sh\nprintf %s \"$KUBERNETES_EXEC_INFO\" >'{}'\necho '{{\"apiVersion\": \"client.authentication.k8s.io/v1\", \"kind\": \"ExecCredential\", \"status\": {{\"token\": \"{TOKEN}\"}}}}'\n",
            note.display()
        );
        let plugin = desktop.home.write("plugin", script);
        fs::set_permissions(&plugin, fs::Permissions::from_mode(0o700)).unwrap();
        fs::write(desktop.home.path(".kube/ca.crt"), server.authority.pem()).unwrap();
        let user = format!(
            "{{exec: {{apiVersion: client.authentication.k8s.io/v1, command: '{}', interactiveMode: Never, provideClusterInfo: true}}}}",
            plugin.display()
        );
        let data =
            format!("certificate-authority-data: {}", crate::api_server::base64(&server.authority.pem()));
        let config = server.kubeconfig(&user);
        assert!(config.contains(&data), "{config}");
        // The authority is in a file: the plugin gets its bytes.
        fs::write(desktop.config(), config.replace(&data, "certificate-authority: ca.crt")).unwrap();
        fine(&ask(&desktop, &client));
        let passed: Value = serde_json::from_str(&fs::read_to_string(&note).unwrap()).unwrap();
        let cluster = &passed["spec"]["cluster"];
        println!("{}: {cluster}", client.0);
        assert_eq!(cluster["server"], server.url(), "{passed}");
        let authority = crate::api_server::base64(&server.authority.pem());
        assert_eq!(cluster["certificate-authority-data"], authority, "{passed}");
    }
}

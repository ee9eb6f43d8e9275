//! The risks of one entry.

use super::super::decode::Body;
use super::super::schema::Kind;
use super::super::schema::key;
use super::super::typed::{Cluster, User, text};
use super::What;
use super::shown::{shown_arguments, shown_variable};
use super::variable::is_harmless;
use crate::codec::base64;
use serde_json::Value;

/// The risks of this entry alone, the most important first.
///
/// ```
/// use kcx::kubeconfig::Kind;
/// use kcx::kubeconfig::risk::{What, of};
/// let body = serde_json::json!({"exec": {"command": "aws", "args": ["eks", "get-token"]}});
/// let body = body.as_object().expect("a mapping");
/// let args = vec!["eks".to_owned(), "get-token".to_owned()];
/// assert_eq!(of(Kind::User, body), [What::Program { command: "aws".into(), args, provider: None }]);
/// ```
#[must_use]
pub fn of(kind: Kind, body: &Body) -> Vec<What> {
    let mut risks = Vec::new();
    if kind == Kind::User {
        plugin(body, &mut risks);
        provider(body, &mut risks);
    }
    for field in kind.body().fields.iter().filter(|field| field.file) {
        let path = text(body, field.name);
        if !path.is_empty() {
            risks.push(What::File { field: field.name, path: path.to_owned() });
        }
    }
    if kind == Kind::Cluster {
        let cluster = Cluster(body);
        if cluster.skips_tls_verify() {
            risks.push(What::Unchecked);
        }
        if is_plain(cluster) {
            risks.push(What::Plain(cluster.server().to_owned()));
        }
        if !cluster.proxy_url().is_empty() {
            risks.push(What::Proxy(cluster.proxy_url().to_owned()));
        }
    }
    risks
}

/// The files that were embedded: `before` has their paths, `after` their contents.
#[must_use]
pub fn embedded(kind: Kind, before: &Body, after: &Body) -> Vec<What> {
    let files = kind.body().fields.iter().filter(|field| field.file);
    let taken = files.filter_map(|field| {
        let (path, data) = (text(before, field.name), text(after, &format!("{}-data", field.name)));
        if path.is_empty() || after.contains_key(field.name) {
            return None;
        }
        let mark =
            if field.name == key::CLIENT_KEY { "PRIVATE KEY-----" } else { "-----BEGIN CERTIFICATE-----" };
        let content = base64::decode(data).unwrap_or_default();
        let fits = content.windows(mark.len()).any(|window| window == mark.as_bytes());
        Some(What::Embedded { field: field.name, path: path.to_owned(), fits })
    });
    taken.collect()
}

/// True if a credential of this user is created or read outside the kubeconfig: knowing the entry is not knowing the
/// credential.
pub(super) fn fetches(user: &Body) -> bool {
    [key::EXEC, key::AUTH_PROVIDER].iter().any(|field| user.contains_key(*field))
        || Kind::User.body().fields.iter().any(|field| field.file && !text(user, field.name).is_empty())
}

/// True if people choose the credential of this user and it is sent as it is: whoever knows the entry may have guessed it.
pub(super) fn is_guessable(user: &Body) -> bool {
    !User(user).password().is_empty()
}

fn plugin(user: &Body, risks: &mut Vec<What>) {
    let Some(exec) = User(user).exec() else { return };
    let command = exec.command();
    if !command.is_empty() {
        let args: Vec<&str> = exec.args().collect();
        risks.push(What::Program {
            command: command.to_owned(),
            args: shown_arguments(command, &args),
            provider: None,
        });
    }
    for (name, value) in exec.env() {
        let harmless = is_harmless(name, value);
        let value = shown_variable(name, value);
        risks.push(What::Variable { variable: name.to_owned(), value, harmless });
    }
}

/// The programs that older kubectls, and the clients for other languages, run for an auth provider: `gcp` runs
/// `cmd-path` with `cmd-args` (client-go `plugin/pkg/client/auth/gcp`, up to 1.25).
fn provider(user: &Body, risks: &mut Vec<What>) {
    let Some(provider) = User(user).auth_provider() else { return };
    let name = provider.name();
    let config = || provider.config();
    risks.push(What::AuthProvider(name.to_owned()));
    for (key, value) in config() {
        let Some(command) = value.as_str().filter(|value| !value.is_empty()) else { continue };
        if !names_program(key) {
            continue;
        }
        let args = config().filter(|(other, _)| is_arguments(other)).filter_map(|(_, value)| value.as_str());
        let args: Vec<&str> = args.flat_map(str::split_whitespace).collect();
        let provider = Some(name.to_owned());
        let args = shown_arguments(command, &args);
        risks.push(What::Program { command: command.to_owned(), args, provider });
    }
    if let Some((_, Value::String(path))) = config().find(|(key, _)| *key == "idp-certificate-authority")
        && !path.is_empty()
    {
        risks.push(What::File { field: "idp-certificate-authority", path: path.clone() });
    }
}

/// True if a configuration key of an auth provider names a program.
fn names_program(key: &str) -> bool {
    const WORDS: [&str; 8] = ["binary", "cmd", "command", "exec", "helper", "program", "script", "shell"];
    let key = key.to_ascii_lowercase();
    !is_arguments(&key) && WORDS.iter().any(|word| key.contains(word))
}

fn is_arguments(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    key.ends_with("args") || key.ends_with("arguments")
}

/// True if kubectl would connect without TLS: a URL without a scheme means `http`, unless the entry has TLS settings
/// (client-go `rest/url_utils.go` `DefaultServerURL`).
fn is_plain(cluster: Cluster<'_>) -> bool {
    let server = cluster.server().trim_start();
    if server.contains("://") {
        return server.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("http:"));
    }
    !server.is_empty() && !cluster.has_certificate_authority() && !cluster.skips_tls_verify()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(text: &str) -> Body {
        serde_json::from_str(text).unwrap()
    }

    fn words(kind: Kind, text: &str) -> Vec<&'static str> {
        of(kind, &body(text)).iter().map(What::word).collect()
    }

    #[test]
    fn a_program_of_an_auth_provider_is_one() {
        let gcp = r#"{"auth-provider": {"name": "gcp", "config": {"cmd-path": "/bin/sh", "cmd-args": "-c id --token=x",
            "expiry-key": "{.e}"}}}"#;
        let args = ["-c", "id", "--token=REDACTED"].map(str::to_owned).to_vec();
        let program = What::Program { command: "/bin/sh".into(), args, provider: Some("gcp".into()) };
        assert_eq!(of(Kind::User, &body(gcp)), [What::AuthProvider("gcp".into()), program]);
        for key in ["cmd-path", "CMD-PATH", "cmdPath", "command", "exec", "exec-command", "token-helper"] {
            let text = format!(r#"{{"auth-provider": {{"name": "x", "config": {{"{key}": "p"}}}}}}"#);
            assert_eq!(words(Kind::User, &text), ["auth-provider", "program"], "{key}");
        }
        let oidc = r#"{"auth-provider": {"name": "oidc", "config": {"idp-issuer-url": "https://i", "id-token": "t",
            "idp-certificate-authority": "ca.pem"}}}"#;
        assert_eq!(words(Kind::User, oidc), ["auth-provider", "file"]);
    }

    #[test]
    fn secrets_are_not_shown() {
        let text = r#"{"exec": {"command": "p", "args": ["--client-secret", "s3cr3t", "--password=s3cr3t", "a"],
            "env": [{"name": "API_TOKEN", "value": "s3cr3t"}, {"name": "AWS_PROFILE", "value": "dev"}]}}"#;
        let shown = format!("{:?}", of(Kind::User, &body(text)));
        assert!(!shown.contains("s3cr3t") && shown.contains("dev"), "{shown}");
    }

    #[test]
    fn an_address_without_a_scheme_is_plain_unless_there_is_something_about_tls() {
        for (text, plain) in [
            (r#"{"server": "http://h"}"#, true),
            (r#"{"server": "HTTP://h"}"#, true),
            (r#"{"server": "h:8080"}"#, true),
            (r#"{"server": "https://h"}"#, false),
            (r#"{"server": "h:6443", "certificate-authority-data": "Q0E="}"#, false),
            (r#"{"server": "http://h", "certificate-authority-data": "Q0E="}"#, true),
            (r#"{"server": ""}"#, false),
        ] {
            assert_eq!(words(Kind::Cluster, text).contains(&"unencrypted"), plain, "{text}");
        }
    }
}

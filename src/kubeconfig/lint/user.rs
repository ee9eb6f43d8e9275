//! Checks of one user.

use super::super::schema::key;
use super::environment::Program;
use super::{CheckedEntry, Code, backticked, operand, placeholder, trust};
use crate::kubeconfig::merged::Merged;
use crate::kubeconfig::risk::{self, What};
use crate::kubeconfig::schema::Kind;
use crate::kubeconfig::secret;
use crate::kubeconfig::typed::{Exec, User};
use crate::printer::quote;
use serde_json::Value;
use std::collections::HashSet;
use std::path::{Component, Path};

/// Checks a user.
pub(super) fn check(checked: &mut CheckedEntry<'_>) {
    // client-go does not look at a key without a certificate.
    if checked.has(key::CLIENT_CERTIFICATE) || checked.has(key::CLIENT_CERTIFICATE_DATA) {
        checked.path_and_data(key::CLIENT_CERTIFICATE);
        checked.path_and_data(key::CLIENT_KEY);
    }
    methods(checked);
    if let Some(Value::Object(exec)) = checked.body.get(key::EXEC).cloned() {
        let exec = Exec(&exec);
        plugin(checked, exec);
        program(checked, exec.command());
    }
    provider(checked);
    risks(checked);
    if !placeholder::check(checked) {
        secrets(checked);
        trust::client(checked);
        trust::token(checked);
    }
    anonymous(checked);
}

/// The users of all contexts whose cluster has a server that is not asked without encryption.
pub(super) fn asked_over_tls(merged: &Merged) -> HashSet<String> {
    let text = |entry, field| merged.text(entry, field).unwrap_or_default();
    let clusters = merged.holders_by_name(Kind::Cluster);
    let is_encrypted = |cluster: &str| {
        let server = clusters.get(cluster).and_then(|holders| holders.first());
        server
            .map(|&entry| text(entry, key::SERVER))
            .is_some_and(|server| !server.is_empty() && !server.starts_with("http://"))
    };
    let contexts = merged.entries(Kind::Context).into_iter();
    contexts
        .filter(|&context| is_encrypted(&text(context, key::CLUSTER)))
        .map(|context| text(context, key::USER))
        .collect()
}

/// Checks that there is a credential, unless all servers are asked without encryption, where none is sent.
fn anonymous(checked: &mut CheckedEntry<'_>) {
    const CREDENTIALS: [&str; 8] = [
        key::TOKEN,
        key::TOKEN_FILE,
        key::USERNAME,
        key::PASSWORD,
        key::CLIENT_CERTIFICATE,
        key::CLIENT_CERTIFICATE_DATA,
        key::CLIENT_KEY,
        key::CLIENT_KEY_DATA,
    ];
    let is_there = |field: &&str| checked.body.contains_key(*field);
    if CREDENTIALS.iter().any(|field| checked.has(field))
        || [key::EXEC, key::AUTH_PROVIDER].iter().any(is_there)
    {
        return;
    }
    if checked.input.is_asked_over_tls(checked.name) {
        let message = format!("{} has no credential", checked.title());
        checked.report(Code::NoCredential, &[], message);
    }
}

fn methods(checked: &mut CheckedEntry<'_>) {
    let has = |field: &str| checked.has(field);
    let certificate = has(key::CLIENT_CERTIFICATE) || has(key::CLIENT_CERTIFICATE_DATA);
    let key = has(key::CLIENT_KEY) || has(key::CLIENT_KEY_DATA);
    let (token, file) = (has(key::TOKEN), has(key::TOKEN_FILE));
    let basic = has(key::USERNAME) || has(key::PASSWORD);
    let impersonates = [key::AS_UID, key::AS_GROUPS, key::AS_USER_EXTRA].into_iter().find(|field| {
        let value = checked.body.get(*field);
        value.is_some_and(|value| value.as_array().is_none_or(|list| !list.is_empty()))
    });
    let username = has(key::USERNAME);
    let impersonates = impersonates.filter(|_| !has(key::AS));
    if token && basic || file && username {
        let at = if username { key::USERNAME } else { key::PASSWORD };
        let message = format!("{} has both a token and a password", checked.title());
        checked.report(Code::TwoMethods, &[at], message);
    }
    if certificate && !key {
        let at =
            [key::CLIENT_CERTIFICATE, key::CLIENT_CERTIFICATE_DATA].into_iter().find(|it| checked.has(it));
        let message = format!("{} has a client certificate, but no key", checked.title());
        checked.report(Code::CertificateWithoutKey, &[at.unwrap_or_default()], message);
    }
    if key && !certificate {
        let at = [key::CLIENT_KEY, key::CLIENT_KEY_DATA].into_iter().find(|it| checked.has(it));
        let message = format!("{} has a client key, but no certificate", checked.title());
        checked.report(Code::KeyWithoutCertificate, &[at.unwrap_or_default()], message);
    }
    if checked.body.contains_key(key::EXEC) {
        let instead = [
            (token, key::TOKEN),
            (file, key::TOKEN_FILE),
            (username, key::USERNAME),
            (certificate && key, "client certificate"),
        ];
        if let Some((_, instead)) = instead.into_iter().find(|(there, _)| *there) {
            let message =
                format!("the plugin of {} never runs, because there is a {instead}", checked.title());
            checked.report(Code::ExecNeverRuns, &[key::EXEC], message);
        }
        if checked.body.contains_key(key::AUTH_PROVIDER) {
            let message = format!("{} has both exec and auth-provider", checked.title());
            checked.report(Code::ExecAndProvider, &[key::AUTH_PROVIDER], message);
        }
    }
    if let Some(field) = impersonates {
        let message = format!("{} has {field}, but no `as`", checked.title());
        checked.report(Code::Impersonation, &[field], message);
    }
}

/// Checks an exec plugin with the rules of client-go's validation (`clientcmd/validation.go`) and authenticator
/// (`plugin/pkg/client/auth/exec`).
fn plugin(checked: &mut CheckedEntry<'_>, exec: Exec<'_>) {
    let title = checked.title();
    if exec.command().is_empty() {
        checked.report(
            Code::ExecNoCommand,
            &[key::EXEC, key::COMMAND],
            format!("the plugin of {title} has no command"),
        );
    }
    let version = exec.api_version();
    if !["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"].contains(&version) {
        let message = match version {
            "" => format!("the plugin of {title} has no apiVersion"),
            version => {
                format!("the plugin of {title} has an apiVersion that is not known: {}", backticked(version))
            }
        };
        let op = checked.set(&[key::EXEC, key::API_VERSION], "client.authentication.k8s.io/v1beta1");
        checked.report(Code::ExecApiVersion, &[key::EXEC, key::API_VERSION], message).fix_by(op);
    }
    let at = [key::EXEC, key::INTERACTIVE_MODE];
    match exec.interactive_mode() {
        "Never" | "IfAvailable" | "Always" => {}
        // Only v1 requires the mode; an unknown version has a finding of its own.
        "" if version != "client.authentication.k8s.io/v1" => {}
        "" => {
            let op = checked.set(&at, "IfAvailable");
            let message = format!("the plugin of {title} has no interactiveMode");
            checked.report(Code::ExecMode, &at, message).fix_by(op);
        }
        other => {
            let message = format!(
                "the plugin of {title} has an interactiveMode that is not known: {}",
                backticked(other)
            );
            checked.report(Code::ExecMode, &at, message);
        }
    }
    if exec.env().any(|(name, _)| name.is_empty()) {
        let message = format!("the plugin of {title} has a variable without a name");
        checked.report(Code::ExecVariable, &[key::EXEC, key::ENV], message);
    }
}

fn program(checked: &mut CheckedEntry<'_>, command: &str) {
    if command.is_empty() {
        return;
    }
    let (title, at) = (checked.title(), [key::EXEC, key::COMMAND]);
    let kubeconfig = checked.input.merged.path(checked.entry).to_owned();
    let is_path = command.contains(['/', std::path::MAIN_SEPARATOR]);
    if is_path && !std::path::Path::new(command).has_root() {
        let message = format!("the plugin of {title} has a relative path");
        checked.report(Code::ExecRelative, &at, message);
    }
    let environment = checked.input.environment;
    match environment.program(command, &kubeconfig) {
        None | Some(Program::Found { exposed: false }) => {}
        Some(Program::Found { exposed: true }) => {
            let message = format!("the plugin of {title} can be replaced by everybody on this machine");
            checked.report(Code::ExecExposed, &at, message);
        }
        Some(missing) => {
            let why = match (missing, is_path) {
                (Program::NotExecutable, _) => "is not an executable file",
                (_, true) => "does not exist",
                (_, false) => "is not on PATH",
            };
            let exec = User(&checked.body).exec();
            let hint = secret::masked(exec.map(Exec::install_hint).unwrap_or_default());
            let hint = hint
                .lines()
                .find(|line| !line.trim().is_empty())
                .map(|line| quote::visible(line.trim()).into_owned());
            let message = format!("the plugin of {title}, {}, {why}", backticked(command));
            let finding = checked.report(Code::ExecNotFound, &at, message);
            if command.starts_with("~/") {
                finding.hint(placeholder::TILDE);
            } else if let Some(hint) = hint {
                finding.hint(format!("the kubeconfig says: {hint}"));
            }
        }
    }
    if environment.allows(command, &kubeconfig) == Some(false) {
        let message =
            format!("kuberc does not let kubectl start {}, the plugin of {title}", backticked(command));
        checked.report(Code::ExecBlocked, &at, message);
    }
}

fn provider(checked: &mut CheckedEntry<'_>) {
    let Some(provider) = User(&checked.body).auth_provider() else { return };
    let name = provider.name().to_owned();
    let hint = match name.as_str() {
        "oidc" => return,
        "gcp" => {
            "`gcloud container clusters get-credentials CLUSTER` writes the entry with gke-gcloud-auth-plugin"
        }
        "azure" => "`kubelogin convert-kubeconfig` writes the entry with kubelogin",
        _ => "use an exec plugin",
    };
    let message = format!(
        "{} uses the auth provider {}, which kubectl does not support",
        checked.title(),
        backticked(&name)
    );
    checked.report(Code::RemovedProvider, &[key::AUTH_PROVIDER, key::NAME], message).hint(hint);
}

/// Checks for the risks that an import asks about, except the program of an exec plugin, which has its own findings.
fn risks(checked: &mut CheckedEntry<'_>) {
    let risks = risk::of(Kind::User, &checked.body);
    if risks.is_empty() {
        return;
    }
    let title = checked.title();
    let folder = checked.input.merged.path(checked.entry).parent().unwrap_or(Path::new("")).to_owned();
    for risk in risks {
        match risk {
            What::Program { command, provider: Some(_), .. } => {
                let message = format!("older clients run {} to log in as {title}", backticked(&command));
                checked.report(Code::ProviderProgram, &[key::AUTH_PROVIDER, "config"], message);
            }
            What::Variable { variable, .. } if risk::is_dangerous(&variable) => {
                let message = format!("the plugin of {title} gets the variable {}", backticked(&variable));
                checked.report(Code::DangerousVariable, &[key::EXEC, key::ENV], message);
            }
            What::File { field: key::TOKEN_FILE, path } => {
                let path = Path::new(&path);
                let leaves = path.components().any(|part| part == Component::ParentDir);
                if leaves || path.has_root() && !path.starts_with(&folder) {
                    let message =
                        format!("the token of {title} is read from {}", backticked(&path.to_string_lossy()));
                    checked.report(Code::TokenElsewhere, &[key::TOKEN_FILE], message);
                }
            }
            _ => {}
        }
    }
}

fn secrets(checked: &mut CheckedEntry<'_>) {
    let plain = ["token", key::CLIENT_KEY_DATA, "password"].into_iter().find(|field| checked.has(field));
    if let Some(field) = plain {
        let message = format!("{} has its {field} in plain text", checked.title());
        let hint = match checked.input.environment.unsealable(&checked.body) {
            Some(why) => format!("it cannot go into the keychain as it is: {why}"),
            None => format!("`kcx credential seal {}` moves it into the keychain", operand(checked.name)),
        };
        checked.report(Code::PlainSecret, &[field], message).hint(hint);
    }
    let token = checked.text(key::TOKEN);
    // Go's `net/http` removes trailing blanks.
    let sent = token.trim_end_matches([' ', '\t']);
    if sent.contains(|c: char| c.is_whitespace() || c.is_control()) {
        let trimmed = token.trim().to_owned();
        let mends = !trimmed.is_empty() && !trimmed.contains(|c: char| c.is_whitespace() || c.is_control());
        let op = mends.then(|| checked.set(&[key::TOKEN], trimmed));
        let message = format!("the token of {} has a blank or a line break in it", checked.title());
        let finding = checked.report(Code::BlankInToken, &["token"], message);
        if let Some(op) = op {
            finding.fix_by(op);
        }
    }
}

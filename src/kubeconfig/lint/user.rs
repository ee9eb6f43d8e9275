//! Findings about one user.

use super::outside::Program;
use super::{Code, Subject, operand, text, tick, trust};
use crate::kubeconfig::decode::Body;
use crate::kubeconfig::risk::{self, What};
use crate::kubeconfig::schema::Kind;
use crate::kubeconfig::secret;
use crate::printer::quote;
use serde_json::Value;
use std::path::{Component, Path};

/// One user.
pub(super) fn check(subject: &mut Subject<'_>) {
    // client-go does not look at a key without a certificate.
    if subject.has("client-certificate") || subject.has("client-certificate-data") {
        subject.path_and_data("client-certificate");
        subject.path_and_data("client-key");
    }
    methods(subject);
    if let Some(Value::Object(exec)) = subject.body.get("exec").cloned() {
        plugin(subject, &exec);
        program(subject, text(&exec, "command"));
    }
    provider(subject);
    risks(subject);
    secrets(subject);
    trust::client(subject);
    trust::token(subject);
}

fn methods(subject: &mut Subject<'_>) {
    let title = subject.title();
    let has = |field: &str| subject.has(field);
    let certificate = has("client-certificate") || has("client-certificate-data");
    let key = has("client-key") || has("client-key-data");
    let (token, file) = (has("token"), has("tokenFile"));
    let basic = has("username") || has("password");
    let impersonates = ["as-uid", "as-groups", "as-user-extra"].into_iter().find(|field| {
        let value = subject.body.get(*field);
        value.is_some_and(|value| value.as_array().is_none_or(|list| !list.is_empty()))
    });
    let username = has("username");
    let impersonates = impersonates.filter(|_| !has("as"));
    if token && basic || file && username {
        let at = if username { "username" } else { "password" };
        subject.say(Code::TwoMethods, &[at], format!("{title} has both a token and a password"));
    }
    if certificate && !key {
        let at = ["client-certificate", "client-certificate-data"].into_iter().find(|it| subject.has(it));
        let what = format!("{title} has a client certificate, and no key for it");
        subject.say(Code::CertificateWithoutKey, &[at.unwrap_or_default()], what);
    }
    if key && !certificate {
        let at = ["client-key", "client-key-data"].into_iter().find(|it| subject.has(it));
        let what = format!("{title} has a client key, and no certificate for it");
        subject.say(Code::KeyWithoutCertificate, &[at.unwrap_or_default()], what);
    }
    if subject.body.contains_key("exec") {
        let instead = [
            (token, "token"),
            (file, "tokenFile"),
            (username, "username"),
            (certificate && key, "client certificate"),
        ];
        if let Some((_, instead)) = instead.into_iter().find(|(there, _)| *there) {
            let what = format!("the plugin of {title} never runs, because there is a {instead}");
            subject.say(Code::ExecNeverRuns, &["exec"], what);
        }
        if subject.body.contains_key("auth-provider") {
            let what = format!("{title} has both exec and auth-provider");
            subject.say(Code::ExecAndProvider, &["auth-provider"], what);
        }
    }
    if let Some(field) = impersonates {
        subject.say(Code::Impersonation, &[field], format!("{title} has {field}, and no `as`"));
    }
}

/// What client-go's validation wants of a plugin (`clientcmd/validation.go`), and what its authenticator takes
/// (`plugin/pkg/client/auth/exec`).
fn plugin(subject: &mut Subject<'_>, exec: &Body) {
    let title = subject.title();
    if text(exec, "command").is_empty() {
        subject.say(
            Code::ExecNoCommand,
            &["exec", "command"],
            format!("the plugin of {title} has no command"),
        );
    }
    let version = text(exec, "apiVersion");
    if !["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"].contains(&version) {
        let what = match version {
            "" => format!("the plugin of {title} has no apiVersion"),
            version => {
                format!("the plugin of {title} has an apiVersion that is not known: {}", tick(version))
            }
        };
        let op = subject.set(&["exec", "apiVersion"], "client.authentication.k8s.io/v1beta1");
        subject.say(Code::ExecApiVersion, &["exec", "apiVersion"], what).mend(op);
    }
    let at = ["exec", "interactiveMode"];
    match text(exec, "interactiveMode") {
        "Never" | "IfAvailable" | "Always" => {}
        // Without a version that is known there is another finding, and with it this one may go.
        "" if version != "client.authentication.k8s.io/v1" => {}
        "" => {
            let op = subject.set(&at, "IfAvailable");
            let what = format!("the plugin of {title} has no interactiveMode");
            subject.say(Code::ExecMode, &at, what).mend(op);
        }
        other => {
            let what =
                format!("the plugin of {title} has an interactiveMode that is not known: {}", tick(other));
            subject.say(Code::ExecMode, &at, what);
        }
    }
    let variables = exec.get("env").and_then(Value::as_array).into_iter().flatten();
    let nameless = |it: &Value| it.as_object().is_some_and(|it| text(it, "name").is_empty());
    if variables.clone().any(nameless) {
        let what = format!("the plugin of {title} has a variable without a name");
        subject.say(Code::ExecVariable, &["exec", "env"], what);
    }
}

fn program(subject: &mut Subject<'_>, command: &str) {
    if command.is_empty() {
        return;
    }
    let (title, at) = (subject.title(), ["exec", "command"]);
    let kubeconfig = subject.ground.merged.path(subject.entry).to_owned();
    let is_path = command.contains(['/', std::path::MAIN_SEPARATOR]);
    if is_path && !std::path::Path::new(command).has_root() {
        let what = format!("the plugin of {title} has a relative path");
        subject.say(Code::ExecRelative, &at, what);
    }
    let outside = subject.ground.outside;
    match outside.program(command, &kubeconfig) {
        None | Some(Program::Found { exposed: false }) => {}
        Some(Program::Found { exposed: true }) => {
            let what = format!("the plugin of {title} can be replaced by everybody on this machine");
            subject.say(Code::ExecExposed, &at, what);
        }
        Some(missing) => {
            let why = match (missing, is_path) {
                (Program::NotExecutable, _) => "is no program that could be started",
                (_, true) => "is not there",
                (_, false) => "is not on PATH",
            };
            let exec = subject.body.get("exec").and_then(Value::as_object);
            let hint = secret::masked(exec.map(|exec| text(exec, "installHint")).unwrap_or_default());
            let hint = hint
                .lines()
                .find(|line| !line.trim().is_empty())
                .map(|line| quote::visible(line.trim()).into_owned());
            let what = format!("the plugin of {title}, {}, {why}", tick(command));
            let finding = subject.say(Code::ExecNotFound, &at, what);
            if let Some(hint) = hint {
                finding.hint(format!("the kubeconfig says: {hint}"));
            }
        }
    }
    if outside.allows(command, &kubeconfig) == Some(false) {
        let what = format!("kuberc does not let kubectl start {}, the plugin of {title}", tick(command));
        subject.say(Code::ExecBlocked, &at, what);
    }
}

fn provider(subject: &mut Subject<'_>) {
    let Some(Value::Object(provider)) = subject.body.get("auth-provider") else { return };
    let name = text(provider, "name").to_owned();
    let hint = match name.as_str() {
        "oidc" => return,
        "gcp" => {
            "`gcloud container clusters get-credentials CLUSTER` writes the entry with gke-gcloud-auth-plugin"
        }
        "azure" => "`kubelogin convert-kubeconfig` writes the entry with kubelogin",
        _ => "log in by an exec plugin",
    };
    let what = format!(
        "{} logs in by the auth provider {}, which kubectl does not have",
        subject.title(),
        tick(&name)
    );
    subject.say(Code::RemovedProvider, &["auth-provider", "name"], what).hint(hint);
}

/// The risks that an import would ask about, except the program of an exec plugin, which has its own findings.
fn risks(subject: &mut Subject<'_>) {
    let title = subject.title();
    let folder = subject.ground.merged.path(subject.entry).parent().unwrap_or(Path::new("")).to_owned();
    for what in risk::of(Kind::User, &subject.body) {
        match what {
            What::Program { command, provider: Some(_), .. } => {
                let what = format!("older clients run {} to log in as {title}", tick(&command));
                subject.say(Code::ProviderProgram, &["auth-provider", "config"], what);
            }
            What::Variable { variable, .. } if risk::is_dangerous(&variable) => {
                let what = format!("the plugin of {title} gets the variable {}", tick(&variable));
                subject.say(Code::DangerousVariable, &["exec", "env"], what);
            }
            What::File { field: "tokenFile", path } => {
                let path = Path::new(&path);
                let leaves = path.components().any(|part| part == Component::ParentDir);
                if leaves || path.has_root() && !path.starts_with(&folder) {
                    let what = format!("the token of {title} is read from {}", tick(&path.to_string_lossy()));
                    subject.say(Code::TokenElsewhere, &["tokenFile"], what);
                }
            }
            _ => {}
        }
    }
}

fn secrets(subject: &mut Subject<'_>) {
    let plain = ["token", "client-key-data", "password"].into_iter().find(|field| subject.has(field));
    if let Some(field) = plain {
        let what = format!("{} has its {field} in plain text", subject.title());
        let hint = match subject.ground.outside.unsealable(&subject.body) {
            Some(why) => format!("it cannot go into the keychain as it is: {why}"),
            None => format!("`kcx credential seal {}` moves it into the keychain", operand(subject.name)),
        };
        subject.say(Code::PlainSecret, &[field], what).hint(hint);
    }
    let token = subject.text("token");
    // Blanks at the end go on the way (Go's `net/http`).
    let sent = token.trim_end_matches([' ', '\t']);
    if sent.contains(|c: char| c.is_whitespace() || c.is_control()) {
        let trimmed = token.trim().to_owned();
        let mends = !trimmed.is_empty() && !trimmed.contains(|c: char| c.is_whitespace() || c.is_control());
        let op = mends.then(|| subject.set(&["token"], trimmed));
        let what = format!("the token of {} has a blank or a line break in it", subject.title());
        let finding = subject.say(Code::BlankInToken, &["token"], what);
        if let Some(op) = op {
            finding.mend(op);
        }
    }
}

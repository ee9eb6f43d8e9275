//! Asking clusters, for the commands that may: how long, and what becomes of a failure in words.

use super::error::{self, Cause, Error, name};
use super::{World, found, suggest, words};
use crate::cluster::{
    self, Client, Failure, Logins, PluginFailure, ReadOnly, Step, Target, Terminal, TlsFailure,
};
use crate::env::Env;
use crate::kubeconfig::Merged;
use crate::kuberc::Gate;
use crate::printer::quote;
use crate::session::namespaces;
use crate::store::Store;
use std::io;
use std::sync::mpsc;
use std::time::Duration;

/// How long a cluster may take to answer, unless a flag says otherwise.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// Where a context leads; a failure if nobody has permitted yet what a file that was found does there.
pub(super) fn target(merged: &Merged, context: &str, env: &Env) -> Result<Target, Failure> {
    match found::refusal(context, merged, env) {
        Some(why) => Err(Failure::Kubeconfig(why)),
        None => Target::of(merged, context, env),
    }
}

/// Asks the cluster of one context; a plugin may ask the user.
///
/// # Errors
/// Exit code 1, and why there is no answer.
pub(super) fn one<T>(
    context: &str,
    merged: &Merged,
    limit: Duration,
    world: &World<'_>,
    question: impl AsyncFnOnce(&Client) -> Result<T, Failure>,
) -> Result<T, Error> {
    let asked = target(merged, context, world.env).and_then(|target| {
        let logins = Logins::new(terminal(world), Gate::new(world.env));
        let answer = cluster::run(async {
            let client = Client::new(&target, &logins, limit).await?;
            question(&client).await
        });
        answer.unwrap_or_else(|error| Err(Failure::Other(words::io_error(&error))))
    });
    asked.map_err(|failure| failed(context, &failure, limit))
}

/// Whether a plugin may ask the user: there must be somebody, and both streams must lead to them.
pub(super) fn terminal(world: &World<'_>) -> Terminal {
    if world.env.stdin_is_terminal && world.env.stderr_is_terminal {
        Terminal::Yours
    } else {
        Terminal::Taken
    }
}

/// The namespaces of a context's cluster, remembered from now on.
///
/// # Errors
/// As [`one`].
pub(super) fn namespaces(
    context: &str,
    merged: &Merged,
    limit: Duration,
    world: &World<'_>,
) -> Result<Vec<String>, Error> {
    let names = one(context, merged, limit, world, async |client| client.namespaces().await)?;
    if let Ok(target) = Target::of(merged, context, world.env) {
        // They are asked for again where they cannot be remembered.
        let _ = namespaces::remember(world.env, &target.server(), &names);
    }
    Ok(names)
}

/// A server and its namespaces.
type Namespaces = (String, Vec<String>);

/// Asks for the namespaces of a context while the user does something else; the answer comes once.
pub(super) fn behind(store: Store, context: String, env: Env) -> mpsc::Receiver<Result<Namespaces, Failure>> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let unreadable = |_| Failure::Kubeconfig("it cannot be read".to_owned());
        let answer = store.load().map_err(unreadable).and_then(|loaded| {
            let target = target(&loaded.merged, &context, &env)?;
            let logins = Logins::new(Terminal::Taken, Gate::new(&env));
            let names = cluster::run(async {
                let client = Client::new(&target, &logins, PATIENCE).await?;
                client.namespaces().await
            });
            let names = names.unwrap_or_else(|error| Err(Failure::Other(words::io_error(&error))))?;
            Ok((target.server(), names))
        });
        // Who has made a choice listens no more.
        let _ = sender.send(answer);
    });
    receiver
}

/// Makes sure that the cluster of a context has this namespace.
///
/// # Errors
/// Exit code 3 if it has not, 1 if there is no answer.
pub(super) fn demand_namespace(
    wanted: &str,
    context: &str,
    merged: &Merged,
    world: &World<'_>,
) -> Result<(), Error> {
    let asked = one(context, merged, PATIENCE, world, async |client| client.has_namespace(wanted).await);
    let there = asked.map_err(|error| {
        let message = error.message.clone() + "; nothing was switched";
        Error { message, ..error }.hint("without `--check` no cluster is asked")
    })?;
    if there {
        return Ok(());
    }
    let what = format!(
        "there is no namespace {} in the cluster of context {}; nothing was switched",
        name(wanted),
        name(context)
    );
    let known = Target::of(merged, context, world.env)
        .map(|target| namespaces::remembered(world.env, &target.server()))
        .unwrap_or_default();
    let names: Vec<&str> = known.iter().map(String::as_str).collect();
    Err(Error::new(Cause::NotFound, what).hint(match suggest::near(wanted, &names) {
        Some(near) => format!("did you mean {}? `kcx get namespaces` lists all", name(near)),
        None => "`kcx get namespaces` lists all".to_owned(),
    }))
}

/// A proxy to the cluster of a context, for a command that may read and nothing else.
///
/// # Errors
/// Exit code 1: there is no credential, or no port.
pub(super) fn read_only(context: &str, merged: &Merged, world: &World<'_>) -> Result<ReadOnly, Error> {
    let words = |failure: &Failure| because(failure, PATIENCE);
    let started = target(merged, context, world.env).and_then(|target| {
        ReadOnly::start(target, Logins::new(Terminal::Taken, Gate::new(world.env)), PATIENCE, words)
    });
    started.map_err(|failure| failed(context, &failure, PATIENCE))
}

/// The error of a command that asked one cluster.
pub(super) fn failed(context: &str, failure: &Failure, limit: Duration) -> Error {
    let what = format!("context {} has no answer: {}", name(context), because(failure, limit));
    let error = Error::new(Cause::Failed, what);
    match hint(failure, context) {
        Some(hint) => error.hint(hint),
        None => error,
    }
}

/// One word for scripts.
pub(super) fn reason(failure: &Failure) -> &'static str {
    match failure {
        Failure::Kubeconfig(_) | Failure::File(..) => "kubeconfig",
        Failure::Resolve { .. } => "dns",
        Failure::Connect { kind: io::ErrorKind::ConnectionRefused, .. } => "refused",
        Failure::Connect { .. } => "unreachable",
        Failure::Proxy { .. } => "proxy",
        Failure::Tls(_) => "tls",
        Failure::Cut => "closed",
        Failure::NotKubernetes(_) => "not-kubernetes",
        Failure::Unauthorized => "unauthorized",
        Failure::Forbidden(_) => "forbidden",
        Failure::TooMany(_) => "busy",
        Failure::Status(..) | Failure::Other(_) => "error",
        Failure::Plugin(_) => "plugin",
        Failure::TimedOut(_) => "timeout",
    }
}

/// Why there is no answer: one line, harmless on a terminal.
pub(super) fn because(failure: &Failure, limit: Duration) -> String {
    match failure {
        Failure::Kubeconfig(what) | Failure::Other(what) => line(what),
        Failure::File(path, why) => format!("cannot read {}: {}", error::path(path), words::io_text(why)),
        Failure::Resolve { host } => format!("the host name {} is not known", name(host)),
        Failure::Connect { address, kind, why } => match kind {
            io::ErrorKind::ConnectionRefused => format!("{} refuses connections", line(address)),
            _ => format!("{} cannot be reached: {}", line(address), words::io_text(why)),
        },
        Failure::Proxy { proxy, why } => match why {
            None => format!("the proxy {} cannot be reached", line(proxy)),
            Some(why) => format!("the proxy {} leads no further: {}", line(proxy), line(why)),
        },
        Failure::Tls(failure) => tls(failure),
        Failure::Cut => "the connection was closed before the answer".to_owned(),
        Failure::NotKubernetes(what) => format!("this is no API server: {}", line(what)),
        Failure::Unauthorized => "the cluster does not accept the credential (401)".to_owned(),
        Failure::Forbidden(what) => said("not allowed (403)", what),
        Failure::TooMany(wait) => match wait {
            Some(wait) => format!("the cluster is too busy (429): again in {}", error::duration(*wait)),
            None => "the cluster is too busy (429)".to_owned(),
        },
        Failure::Status(code, what) => said(&format!("the cluster answers with status {code}"), what),
        Failure::Plugin(failure) => plugin(failure),
        Failure::TimedOut(step) => {
            let at = match step {
                Step::Plugin => "its credential plugin still runs",
                Step::Resolve => "the host name is still looked up",
                Step::Connect => "nobody takes the connection",
                Step::Proxy => "the proxy leads no further",
                Step::Answer => "the server says nothing",
            };
            format!("no answer within {}: {at}", error::duration(limit))
        }
    }
}

fn said(what: &str, message: &str) -> String {
    if message.is_empty() { what.to_owned() } else { format!("{what}: {}", line(message)) }
}

fn tls(failure: &TlsFailure) -> String {
    match failure {
        TlsFailure::Names { wanted, names } => {
            let names: Vec<String> = names.iter().map(|name| line(name)).collect();
            let names = if names.is_empty() { "others".to_owned() } else { names.join(", ") };
            format!("the certificate of the server is for {names}, not for {}", line(wanted))
        }
        TlsFailure::Expired(ago) => {
            let ago = ago.map(|ago| format!(" {} ago", error::duration(ago))).unwrap_or_default();
            format!("the certificate of the server expired{ago}")
        }
        TlsFailure::NotYet => "the certificate of the server is not valid yet".to_owned(),
        TlsFailure::UnknownIssuer => {
            "the certificate of the server is signed by nobody that the kubeconfig trusts".to_owned()
        }
        TlsFailure::NotTls => "the server does not speak TLS".to_owned(),
        TlsFailure::ClientRefused(alert) => {
            format!("the server does not take the client certificate, or the lack of one ({})", line(alert))
        }
        TlsFailure::Other(what) => format!("no TLS connection: {}", line(what)),
    }
}

fn plugin(failure: &PluginFailure) -> String {
    match failure {
        PluginFailure::Missing { command, .. } => {
            format!("its credential plugin {} is not installed", name(command))
        }
        PluginFailure::NotStarted { command, why } => {
            format!("its credential plugin {} cannot be started: {}", name(command), words::io_text(why))
        }
        PluginFailure::Failed { command, code, stderr } => {
            let how = match code {
                Some(code) => format!("failed with exit code {code}"),
                None => "was ended by a signal".to_owned(),
            };
            said(&format!("its credential plugin {} {how}", name(command)), stderr)
        }
        PluginFailure::Invalid { command, why } => {
            format!("its credential plugin {} gave no credential: {}", name(command), line(why))
        }
        PluginFailure::NotAllowed { command, refusal } => {
            format!("its credential plugin {} was not started: {}", name(command), line(&refusal.why))
        }
        PluginFailure::NeedsTerminal { command } => {
            format!(
                "its credential plugin {} wants to ask something, and there is no terminal",
                name(command)
            )
        }
    }
}

/// What to do about it.
pub(super) fn hint(failure: &Failure, context: &str) -> Option<String> {
    match failure {
        Failure::Tls(TlsFailure::Names { names, .. }) => {
            let usable = names.iter().find(|name| !name.contains('*') && !name.is_empty())?;
            Some(format!("`tls-server-name: {}` in its cluster says whom to expect", line(usable)))
        }
        Failure::Tls(TlsFailure::NotYet) => Some("is the clock of this machine right?".to_owned()),
        Failure::Unauthorized => Some("log in again with the tool that wrote this user".to_owned()),
        Failure::Kubeconfig(_) => Some(format!("`kcx get {}` shows what is written down", line(context))),
        Failure::Plugin(PluginFailure::Missing { hint, .. }) if !hint.trim().is_empty() => Some(line(hint)),
        Failure::Plugin(PluginFailure::NotAllowed { refusal, .. }) => {
            let file = refusal.file.as_deref().map_or_else(|| "kuberc".to_owned(), error::path);
            Some(match refusal.invalid {
                true => format!("kubectl runs no command with {file} as it is; `kcx lint` tells where"),
                false => format!(
                    "kubectl does not start it either: `credentialPluginPolicy` in {file} decides which programs run"
                ),
            })
        }
        Failure::Plugin(PluginFailure::NeedsTerminal { .. }) => {
            Some(format!("`kcx whoami {}` on a terminal lets it ask", line(context)))
        }
        _ => None,
    }
}

/// Another one's text as one line without a control character.
fn line(text: &str) -> String {
    let parts: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    quote::visible(&parts.join("; ")).into_owned()
}

//! Describes why a cluster does not answer: a message, a stable reason for scripts, and a hint. No text of a library is
//! included.

use super::super::error::{self, name};
use super::super::{messages, suggest};
use crate::cluster::{
    CertificateRole, ClientFault, Ended, Failure, Fault, Lifetime, PluginFailure, ProxyFault, Step,
    TlsFailure, Wanted,
};
use crate::codec::duration;
use crate::printer::quote;
use std::io;
use std::time::Duration;

/// The stable reason for scripts.
pub(in crate::cli) fn reason(failure: &Failure) -> &'static str {
    match failure {
        Failure::Kubeconfig(_) | Failure::Dangling(_) | Failure::File(..) => "kubeconfig",
        Failure::Resolve { .. } => "dns",
        Failure::Connect { kind: io::ErrorKind::ConnectionRefused, .. } => "refused",
        Failure::Connect { .. } => "unreachable",
        Failure::Proxy { .. } => "proxy",
        Failure::Tls(_) => "tls",
        Failure::Cut => "closed",
        Failure::WantsTls { .. } => "wants-tls",
        Failure::NotKubernetes(_) => "not-kubernetes",
        Failure::Unauthorized(_) => "unauthorized",
        Failure::Anonymous { .. } => "anonymous",
        Failure::Forbidden(_) => "forbidden",
        Failure::TooMany(_) => "busy",
        Failure::Status(..) | Failure::NoSuchKind(_) | Failure::Other(_) => "error",
        Failure::Plugin(_) => "plugin",
        Failure::TimedOut(_) => "timeout",
    }
}

/// A few words, for a line beside other text.
pub(in crate::cli) fn short(failure: &Failure) -> &'static str {
    match failure {
        Failure::Plugin(PluginFailure::NotAllowed { .. }) => "kuberc forbids its plugin",
        Failure::Resolve { .. } => "unknown host name",
        failure => reason(failure),
    }
}

/// The message: one line, safe to print on a terminal.
pub(in crate::cli) fn because(failure: &Failure, limit: Duration) -> String {
    match failure {
        Failure::Kubeconfig(what) | Failure::Dangling(what) | Failure::Other(what) => line(what),
        Failure::File(path, why) => format!("cannot read {}: {}", error::path(path), messages::io_text(why)),
        Failure::Resolve { host } => format!("cannot resolve the host name {}", name(host)),
        Failure::Connect { address, kind, why } => match kind {
            io::ErrorKind::ConnectionRefused => format!("{} refused the connection", line(address)),
            _ => format!("cannot connect to {}: {}", line(address), messages::io_text(why)),
        },
        Failure::Proxy { proxy, why } => match why {
            None => format!("cannot connect to the proxy {}", line(proxy)),
            Some(why) => {
                let why = match why {
                    ProxyFault::Certificate => "its certificate is not valid",
                    ProxyFault::Closed => "it closed the connection",
                    ProxyFault::Login => "it requires a login",
                    ProxyFault::Refused => "it refused this server",
                };
                format!("the connection through the proxy {} failed: {why}", line(proxy))
            }
        },
        Failure::Tls(failure) => tls(failure),
        Failure::Cut => "the connection was closed before the response".to_owned(),
        Failure::NotKubernetes(what) => format!("this is not a Kubernetes API server: {}", line(what)),
        Failure::WantsTls { said: true } => {
            "the server expects TLS (400), but its address does not begin with `https://`".to_owned()
        }
        Failure::WantsTls { said: false } => {
            "the connection was closed before the response; its address does not begin with `https://`"
                .to_owned()
        }
        Failure::Unauthorized(lifetime) => {
            let what = "the cluster rejected the credential (401)";
            match lifetime {
                None => what.to_owned(),
                Some(Lifetime::Ended(ended)) => format!("{what}: {}", has_ended(*ended)),
                Some(Lifetime::Certificate(left)) => {
                    format!("{what}; the client certificate is valid for {} more", duration::short(*left))
                }
                Some(Lifetime::Token(left)) => {
                    format!("{what}; the token is valid for {} more", duration::short(*left))
                }
            }
        }
        Failure::Anonymous { sent: true } => {
            "the cluster treats you as system:anonymous: it does not recognize the credential".to_owned()
        }
        Failure::Anonymous { sent: false } => {
            "the cluster does not know who you are: no credential is sent over plain HTTP".to_owned()
        }
        Failure::Forbidden(what) => said("not allowed (403)", what),
        Failure::TooMany(wait) => match wait {
            Some(wait) => format!("the cluster is too busy (429); retry in {}", duration::short(*wait)),
            None => "the cluster is too busy (429)".to_owned(),
        },
        Failure::Status(code, what) => said(&format!("the cluster responded with status {code}"), what),
        Failure::Plugin(failure) => plugin(failure),
        Failure::NoSuchKind(no) => {
            format!("the cluster has no kind {}, so `--hide` hides nothing", name(&no.name))
        }
        Failure::TimedOut(step) => {
            let at = match step {
                Step::Plugin => "its credential plugin is still running",
                Step::Resolve => "the host name was not resolved",
                Step::Connect => "the connection was not accepted",
                Step::Proxy => "the proxy did not connect to the server",
                Step::Answer => "the server did not respond",
            };
            format!("timed out after {}: {at}", duration::short(limit))
        }
    }
}

fn said(what: &str, message: &str) -> String {
    if message.is_empty() { what.to_owned() } else { format!("{what}: {}", line(message)) }
}

fn has_ended(ended: Ended) -> String {
    match ended {
        Ended::Certificate(ago) => format!("the client certificate expired {} ago", duration::short(ago)),
        Ended::Token(ago) => format!("the token expired {} ago", duration::short(ago)),
    }
}

/// The largest number of certificate names in a message.
const NAMES: usize = 2;

fn tls(failure: &TlsFailure) -> String {
    let whose = |whose: &CertificateRole| match whose {
        CertificateRole::Server => "the certificate of the server",
        CertificateRole::Authority => "the authority that signed the certificate of the server",
    };
    match failure {
        TlsFailure::Names { wanted, names } => {
            let shown: Vec<String> = names.iter().take(NAMES).map(|name| line(name)).collect();
            let wanted = line(&wanted.name);
            let whom = match names.len() {
                0 => {
                    return format!(
                        "the certificate of the server has no subject alternative name; {wanted} was expected"
                    );
                }
                1 | NAMES => shown.join(", "),
                all => format!("{} and {} more", shown.join(", "), all - NAMES),
            };
            format!("the certificate of the server is for {whom}, not for {wanted}")
        }
        TlsFailure::Expired(who, ago) => format!("{} expired {} ago", whose(who), duration::short(*ago)),
        TlsFailure::NotYet(who) => format!("{} is not valid yet", whose(who)),
        TlsFailure::UnknownIssuer { own: true } => {
            "the certificate of the server is not signed by an authority that the kubeconfig trusts"
                .to_owned()
        }
        TlsFailure::UnknownIssuer { own: false } => {
            "the certificate of the server is not signed by an authority that this machine trusts".to_owned()
        }
        TlsFailure::Unfit(who, fault) => {
            let what = match fault {
                Fault::Broken => "cannot be read",
                Fault::Extension => "has an unknown critical extension",
                Fault::Signature => "is signed with SHA-1 or another algorithm that is not supported",
                Fault::Usage => "is not for servers (extended key usage)",
                Fault::NoAuthority => "may not sign certificates",
                Fault::Length => "allows fewer intermediate certificates than there are (path length)",
                Fault::Constraint => "may not sign for these names (name constraints)",
            };
            format!("{} {what}", whose(who))
        }
        TlsFailure::BadSignature => "the server does not have the key of its certificate".to_owned(),
        TlsFailure::NotTls => "the server does not speak TLS".to_owned(),
        TlsFailure::ClientRefused(fault, ended) => {
            let what = match fault {
                ClientFault::Missing => "the server requires a client certificate",
                ClientFault::Ended => "the server rejected the client certificate as expired",
                ClientFault::Revoked => "the server rejected the client certificate as revoked",
                ClientFault::Stranger => {
                    "the server does not know the authority that signed the client certificate"
                }
                ClientFault::Unfit => "the server rejected the client certificate, or requires one",
            };
            match ended {
                Some(ended) => format!("{}, and the server rejected it", has_ended(*ended)),
                None => what.to_owned(),
            }
        }
        TlsFailure::NoCommon => {
            "the server aborted the TLS handshake: no common cipher, or it requires a client certificate"
                .to_owned()
        }
        TlsFailure::UnknownName => "the server does not know the requested host name".to_owned(),
        TlsFailure::ServerError => "the server aborted the TLS handshake with an internal error".to_owned(),
        TlsFailure::Other => "the TLS handshake failed".to_owned(),
    }
}

fn plugin(failure: &PluginFailure) -> String {
    match failure {
        PluginFailure::Missing { command, .. } => {
            format!("its credential plugin {} is not installed", name(command))
        }
        PluginFailure::NotStarted { command, why } => {
            format!("its credential plugin {} cannot be started: {}", name(command), messages::io_text(why))
        }
        PluginFailure::Failed { command, code, stderr } => {
            let how = match code {
                Some(code) => format!("failed with exit code {code}"),
                None => "was terminated by a signal".to_owned(),
            };
            said(&format!("its credential plugin {} {how}", name(command)), stderr)
        }
        PluginFailure::Invalid { command, why } => {
            format!("its credential plugin {} returned no credential: {}", name(command), line(why))
        }
        PluginFailure::NotAllowed { command, refusal } => {
            format!("its credential plugin {} was not started: {}", name(command), line(&refusal.why))
        }
        PluginFailure::NeedsTerminal { command } => {
            format!("its credential plugin {} must prompt you, and there is no terminal", name(command))
        }
    }
}

/// True if another server than the wanted one may have responded.
pub(in crate::cli) fn is_about_trust(failure: &Failure) -> bool {
    matches!(
        failure,
        Failure::Tls(TlsFailure::Names { .. } | TlsFailure::UnknownIssuer { .. } | TlsFailure::BadSignature)
            | Failure::NotKubernetes(_)
    )
}

/// A hint on how to fix it.
pub(in crate::cli) fn hint(failure: &Failure, context: &str) -> Option<String> {
    match failure {
        Failure::Tls(TlsFailure::Names { wanted, names }) => names_hint(wanted, names),
        Failure::Tls(TlsFailure::NotYet(_)) => Some("check the clock of this machine".to_owned()),
        Failure::Tls(TlsFailure::UnknownIssuer { own: false }) => Some(
            "its cluster has no `certificate-authority`: ask the administrator of the cluster for it"
                .to_owned(),
        ),
        Failure::WantsTls { said: true } => {
            Some("put `https://` in front of the `server` of its cluster".to_owned())
        }
        Failure::WantsTls { said: false } => Some(
            "if the server speaks TLS, put `https://` in front of the `server` of its cluster".to_owned(),
        ),
        Failure::Unauthorized(_)
        | Failure::Anonymous { sent: true }
        | Failure::Tls(TlsFailure::ClientRefused(..)) => {
            Some("log in again with the tool that created this user entry".to_owned())
        }
        Failure::NoSuchKind(no) => {
            let known: Vec<&str> = no.known.iter().map(String::as_str).collect();
            Some(match suggest::near(&no.name, &known) {
                Some(near) => format!("did you mean `--hide {}`?", line(near)),
                None => "`kubectl api-resources` lists the kinds of a cluster".to_owned(),
            })
        }
        Failure::Dangling(_) => Some(format!(
            "`kcx get {}` shows its entries, `kcx prune --contexts` removes contexts that lead nowhere",
            line(context)
        )),
        Failure::Kubeconfig(_) => Some(format!("`kcx get {}` shows its entries", line(context))),
        Failure::Plugin(PluginFailure::Missing { hint, .. }) if !hint.trim().is_empty() => Some(line(hint)),
        Failure::Plugin(PluginFailure::NotAllowed { refusal, .. }) => {
            let file = refusal.file.as_deref().map_or_else(|| "kuberc".to_owned(), error::path);
            Some(match refusal.invalid {
                true => {
                    format!("every kubectl command fails with {file} as it is; `kcx lint` shows the error")
                }
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

/// Never suggests trusting an unverified server: a name is proposed only if the kubeconfig's own authority vouches for
/// the certificate.
fn names_hint(wanted: &Wanted, names: &[String]) -> Option<String> {
    if !wanted.own {
        let what = "another server responded: a proxy or a login page of this network, or the `server` of its cluster is wrong";
        return Some(what.to_owned());
    }
    if wanted.name == wanted.host {
        let usable = names.iter().find(|name| !name.contains('*') && !name.is_empty())?;
        return Some(format!(
            "`tls-server-name: {}` in its cluster makes kubectl expect that name",
            line(usable)
        ));
    }
    Some(match names.contains(&wanted.host) {
        true => format!(
            "the `tls-server-name` of its cluster is wrong: without it, {} is expected, which the certificate has",
            line(&wanted.host)
        ),
        false => "the `tls-server-name` of its cluster is not in the certificate".to_owned(),
    })
}

/// Untrusted text as one line without control characters.
fn line(text: &str) -> String {
    let parts: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    quote::visible(&parts.join("; ")).into_owned()
}

//! The credential plugin: it reads a client's request and prints the answer. `kcx-credential` has only this function;
//! `kcx credential exec`, which version 0.1.0 wrote into kubeconfigs, does the same.
//!
//! A foreign kubeconfig can run it with any arguments and variables. So it has two verbs and a few flags, reads its
//! settings from the account's own folder, ignores variables that would change that, and gives a credential only to the
//! clusters that it was sealed for, or that its own kubeconfig names with the user. [`PluginInputs`] lists what such a
//! kubeconfig can still choose.

pub mod keychains;
mod own;

pub use own::answer as answer_own;

use crate::credential::answer::{self, Request};
use crate::credential::binding::{Binding, Cluster};
use crate::credential::entry::{PROGRAM, Reference};
use crate::credential::own::{OwnUser, VERB};
use crate::credential::{Bundle, KeychainError, folder, record};
use crate::env::Account;
use crate::file;
use crate::file::limits;
use crate::picker;
use crate::printer::quote::{shell, visible};
use crate::secret::Secret;
use crate::settings::{self, Settings};
pub use keychains::PluginError;
use keychains::{Opening, keychain_failure};
use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The inputs of the plugin.
///
/// A foreign kubeconfig can choose `exec_info`, unless the client sets it, and the folder of encrypted files, which is
/// useless without its passphrase. The D-Bus session's address also comes from the environment: another keychain there
/// learns the name of an item, and can only return its own content.
#[derive(Clone, Copy, Debug)]
pub struct PluginInputs<'f> {
    /// `KUBERNETES_EXEC_INFO`: the client's request.
    pub exec_info: Option<&'f OsStr>,
    /// The owner of the keychain.
    pub account: &'f Account,
    /// kcx's data folder, used if the entry names no folder of encrypted files.
    pub data: Option<&'f Path>,
    /// The working folder, from which clients resolve paths: that of the kubeconfig.
    pub cwd: &'f Path,
    /// stdin is a terminal.
    pub stdin_is_terminal: bool,
    /// stderr is a terminal.
    pub stderr_is_terminal: bool,
    /// stdout is a terminal.
    pub stdout_is_terminal: bool,
}

/// The answer for a client.
#[derive(Debug)]
pub struct PluginResponse {
    /// The ExecCredential, with a line end.
    pub bytes: Secret,
    /// A warning for the user, and what to type next.
    pub warning: Option<(String, String)>,
}

/// Answers a client's request for a sealed credential.
///
/// # Errors
/// Exit code 2 on a terminal, 1 for an invalid request, 6 if the keychain does not answer or the credential is for
/// another cluster.
pub fn answer(reference: &Reference, inputs: &PluginInputs<'_>) -> Result<PluginResponse, PluginError> {
    let request = request("a sealed credential", inputs)?;
    let bundle = fetch(reference, &request, inputs)?;
    admit(&bundle, &request, inputs)?;
    let what = format!("the credential `{}`", visible(&reference.id));
    let altered = || keychain_failure(&KeychainError::Altered, reference.place, &what);
    let bytes = answer::json(&bundle, &request.api_version).ok_or_else(altered)?;
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |now| now.as_secs());
    let expired = bundle.expiry().is_some_and(|end| end < i64::try_from(now).unwrap_or(i64::MAX));
    let warning = expired.then(|| {
        let typed = shell(&bundle.user);
        let said = format!("the credential of user `{}` has expired", visible(&bundle.user));
        (said, format!("`kcx credential set {typed}` stores a new one"))
    });
    Ok(PluginResponse { bytes, warning })
}

/// The client's request for `what`.
fn request(what: &str, inputs: &PluginInputs<'_>) -> Result<Request, PluginError> {
    if inputs.stdout_is_terminal {
        return Err(PluginError::new(2, format!("{what} is printed for a program, not for a terminal"))
            .hint("`kcx credential get USER --show` shows it to you"));
    }
    let info = inputs.exec_info.map(OsStr::to_string_lossy);
    Request::parse(info.as_deref(), inputs.stdin_is_terminal)
        .map_err(|error| PluginError::new(1, error.to_string()))
}

/// Reads the stored credential that the reference names.
fn fetch(reference: &Reference, request: &Request, inputs: &PluginInputs<'_>) -> Result<Bundle, PluginError> {
    let credential = settings(inputs.account)?.credential;
    let may_ask = request.interactive && inputs.stderr_is_terminal;
    let opening = Opening {
        reference,
        settings: &credential,
        passphrase_file: reference.passphrase_file.as_ref().map(|file| inputs.cwd.join(file)),
        folder: reference
            .folder
            .as_ref()
            .map(PathBuf::from)
            .or_else(|| inputs.data.map(|data| data.join(folder::NAME))),
        account: Some(inputs.account),
    };
    let what = format!("the credential `{}`", visible(&reference.id));
    let keychain = opening.open(may_ask.then_some(|_: bool| typed()))?;
    let kept = record::get(&*keychain, &reference.id);
    let kept = kept.map_err(|keychain_error| keychain_failure(&keychain_error, reference.place, &what))?;
    Bundle::decode(&kept, &reference.id)
        .ok_or_else(|| keychain_failure(&KeychainError::Altered, reference.place, &what))
}

/// The account's settings; no environment variable changes their location.
fn settings(account: &Account) -> Result<Settings, PluginError> {
    let Some(file) = account.config.as_ref().map(|folder| folder.join(settings::FILE)) else {
        return Ok(Settings::default());
    };
    let failed =
        |why: String| PluginError::new(1, format!("cannot read {}: {why}", visible(&file.to_string_lossy())));
    match file::read(&file, limits::SETTINGS) {
        Ok((bytes, _)) => Settings::parse(bytes).map_err(|error| failed(error.to_string())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Settings::default()),
        Err(error) => Err(failed(error.kind().to_string())),
    }
}

/// Reads a passphrase from the terminal without echo.
fn typed() -> Result<Secret, PluginError> {
    match picker::secret(keychains::PASSPHRASE) {
        Ok(Some(passphrase)) => Ok(passphrase),
        Ok(None) => Err(PluginError::new(130, "no passphrase was given")),
        Err(error) => Err(PluginError::new(6, format!("cannot ask for the passphrase: {}", error.kind()))),
    }
}

/// Fails unless the credential is for the cluster that asks.
fn admit(bundle: &Bundle, request: &Request, inputs: &PluginInputs<'_>) -> Result<(), PluginError> {
    let Binding::Clusters(known) = &bundle.binding else { return Ok(()) };
    let (user, typed) = (visible(&bundle.user), shell(&bundle.user));
    let sealed = format!("the credential of user `{user}` is sealed for {}", bundle.binding.shown());
    let Some(asking) = &request.cluster else {
        return Err(PluginError::new(
            6,
            format!(
                "{sealed}, and this client does not say which cluster it is for; no credential was given"
            ),
        )
        .hint(format!(
            "if the user's `exec` entry has `provideClusterInfo: true`, the client does not support it: \
             `kcx credential seal {typed} --any-cluster` gives the credential to every cluster"
        ))
        .hint(format!("if not, `kcx credential seal {typed}` writes it")));
    };
    let read = |name: &str| Ok(file::read(&inputs.cwd.join(name), limits::CREDENTIAL)?.0);
    let asking = Cluster::of(asking, read).map_err(|unclear| {
        PluginError::new(
            6,
            format!(
                "{sealed}, and the cluster in the request is not valid: {unclear}; no credential was given"
            ),
        )
    })?;
    if known.contains(&asking) {
        return Ok(());
    }
    let said = bundle.binding.shown_beside(&asking);
    Err(PluginError::new(6, format!("{sealed}, not for {said}; no credential was given"))
        .hint(format!("`kcx credential seal {typed}` seals it for the clusters that its contexts name now")))
}

/// The request in a command line of `kcx-credential`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PluginRequest {
    /// A stored credential.
    Credential(Reference),
    /// The credential of a user in a kubeconfig.
    Own(OwnUser),
    /// A text to print.
    Text(String),
}

/// Parses the arguments of `kcx-credential`.
///
/// ```
/// use kcx::plugin::{PluginRequest, read};
/// assert!(matches!(read(&["exec", "bot.7q"]), Ok(PluginRequest::Credential(_))));
/// assert_eq!(read(&["shell"]).unwrap_err().code, 2);
/// ```
///
/// # Errors
/// Exit code 2 for anything else.
pub fn read(words: &[&str]) -> Result<PluginRequest, PluginError> {
    let usage = || {
        PluginError::new(
            2,
            format!("the only commands are `{PROGRAM} exec [FLAG…] ID` and `{PROGRAM} {VERB} --file=FILE --user=USER`"),
        )
            .hint("`kcx credential --help` explains sealed credentials")
    };
    match words {
        ["--version" | "-V"] => Ok(PluginRequest::Text(format!("{PROGRAM} {}\n", env!("CARGO_PKG_VERSION")))),
        ["--help" | "-h"] => Ok(PluginRequest::Text(HELP.to_owned())),
        ["exec", rest @ ..] => Reference::parse(rest).map(PluginRequest::Credential).ok_or_else(usage),
        [VERB, rest @ ..] => OwnUser::parse(rest).map(PluginRequest::Own).ok_or_else(usage),
        _ => Err(usage()),
    }
}

const HELP: &str = "\
Print a credential for a Kubernetes client

Usage: kcx-credential exec [--store=STORE] [--passphrase-file=FILE] [--folder=FOLDER] ID
       kcx-credential own --file=FILE --user=USER

kubectl, helm and the client libraries run this program as the `exec` entry of a user says; it prints an ExecCredential.
`exec` prints what `kcx credential seal` has stored, only for the clusters that it was sealed for. `own` prints the
credential of a user in a kubeconfig, only for the clusters that contexts of that file name with the user. Its settings are those of the account:
~/.config/kcx/config.yaml in the account's home folder, whatever HOME and XDG_CONFIG_HOME say.
";

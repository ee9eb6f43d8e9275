//! Which credential plugins kubectl may run: its policy, its verdict on a command, and a text that allows one more.

use super::decode::{self, Chosen};
use super::{Kuberc, NoPreferences, clean};
use crate::kubeconfig::patch::{self, Refusal, Step};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// `credentialPluginPolicy` with its list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Policy<'k> {
    /// Every command may run: the default.
    AllowAll,
    /// None may.
    DenyAll,
    /// These may.
    Allowlist(&'k [String]),
}

/// Why a kuberc text was not changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAllowed {
    /// kubectl itself takes nothing from it.
    #[error(transparent)]
    NoPreferences(#[from] NoPreferences),
    /// kubectl refuses to run with it; its reason.
    #[error("{0}")]
    Misconfigured(String),
    /// Its version knows no plugin policy.
    #[error("`kubectl.config.k8s.io/v1alpha1` knows no policy for credential plugins")]
    Old,
    /// It cannot be patched safely.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The command is no entry that kubectl takes.
    #[error("a command in the list must be a name or a path in its shortest form")]
    Command,
}

impl Kuberc {
    /// Which credential plugins may run.
    ///
    /// # Errors
    /// Preferences with which kubectl runs nothing at all; its reason.
    pub fn policy(&self) -> Result<Policy<'_>, String> {
        self.validate_policy()?;
        Ok(match (self.plugin_policy.as_str(), &self.plugin_allowlist) {
            ("DenyAll", _) => Policy::DenyAll,
            ("Allowlist", Some(list)) => Policy::Allowlist(list),
            _ => Policy::AllowAll,
        })
    }
}

impl Policy<'_> {
    /// True if kubectl runs this `exec.command`; a relative path stands for one below the kubeconfig's folder already.
    /// `look_up` finds a program: [`crate::env::Env::look_up`].
    ///
    /// The list counts for the command as it is written, for the path that it is found at, and each of its entries for
    /// the path that this one is found at. No link is followed. Source: client-go
    /// `plugin/pkg/client/auth/exec/exec.go` `checkAllowlistLocked`.
    ///
    /// ```
    /// use kcx::cli::config::kuberc::Kuberc;
    /// let text = "apiVersion: kubectl.config.k8s.io/v1beta1\nkind: Preference\n\
    ///             credentialPluginPolicy: Allowlist\ncredentialPluginAllowlist: [{command: aws}]\n";
    /// let (kuberc, _) = Kuberc::parse(text)?;
    /// let policy = kuberc.policy().unwrap();
    /// let found = |name: &str| (name == "aws").then(|| "/usr/bin/aws".into());
    /// assert!(policy.allows("aws", &found));
    /// assert!(!policy.allows("/tmp/aws", &|path| Some(path.into())));
    /// # Ok::<(), kcx::cli::config::kuberc::NoPreferences>(())
    /// ```
    #[must_use]
    pub fn allows(&self, command: &str, look_up: &dyn Fn(&str) -> Option<PathBuf>) -> bool {
        let list = match self {
            Policy::AllowAll => return true,
            Policy::DenyAll => return false,
            Policy::Allowlist(list) => *list,
        };
        let command = clean(command);
        if list.contains(&command) {
            return true;
        }
        let Some(found) = look_up(&command) else { return false };
        list.iter().any(|entry| {
            Path::new(entry) == found
                || Path::new(entry).file_name() == found.file_name()
                    && look_up(entry).is_some_and(|path| path == found)
        })
    }
}

/// A kuberc text in which these commands may run as well; nothing else in it changes, and an empty one becomes a whole
/// one. A policy that is no allowlist yet becomes one: from then on *only* these commands may run.
///
/// ```
/// use kcx::cli::config::kuberc::allow;
/// let text = "apiVersion: kubectl.config.k8s.io/v1beta1\nkind: Preference # mine\n\
///             credentialPluginPolicy: Allowlist\ncredentialPluginAllowlist:\n- command: aws # for work\n";
/// assert_eq!(allow(text, &["kcx"])?, format!("{text}- command: kcx\n"));
/// # Ok::<(), kcx::cli::config::kuberc::NotAllowed>(())
/// ```
///
/// # Errors
/// The text is no kuberc, or cannot be patched safely.
pub fn allow(text: &str, commands: &[&str]) -> Result<String, NotAllowed> {
    if commands.iter().any(|command| command.is_empty() || clean(command) != *command) {
        return Err(NotAllowed::Command);
    }
    let Some(Chosen { span, alpha, kuberc, .. }) = decode::chosen(text)? else {
        let head = "apiVersion: kubectl.config.k8s.io/v1beta1\nkind: Preference\n";
        return Ok(with(head, &Kuberc::default(), commands)?);
    };
    if alpha {
        return Err(NotAllowed::Old);
    }
    kuberc.validate_policy().map_err(NotAllowed::Misconfigured)?;
    let after = with(&text[span.clone()], &kuberc, commands)?;
    Ok(format!("{}{after}{}", &text[..span.start], &text[span.end..]))
}

fn with(text: &str, kuberc: &Kuberc, commands: &[&str]) -> Result<String, Refusal> {
    let key = |key: &str| Step::Key(key.to_owned());
    let known = kuberc.plugin_allowlist.as_deref().unwrap_or_default();
    let mut text = text.to_owned();
    if kuberc.plugin_policy != "Allowlist" && !commands.is_empty() {
        text = patch::set_in(&text, &[key("credentialPluginPolicy")], &Value::from("Allowlist"))?;
    }
    let new = commands.iter().enumerate().filter(|(at, command)| {
        !known.iter().any(|known| known == *command) && !commands[..*at].contains(command)
    });
    for (index, (_, command)) in (known.len()..).zip(new) {
        let path = [key("credentialPluginAllowlist"), Step::Index(index)];
        text = patch::set_in(&text, &path, &json!({ "command": command }))?;
    }
    Ok(text)
}

#[cfg(test)]
#[path = "policy_tests.rs"]
mod tests;

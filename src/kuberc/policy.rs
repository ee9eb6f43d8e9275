//! Which credential plugins kubectl may run: its policy, its decision about a command, and an edit that allows one more.

use super::decode::{self, Chosen};
use super::{Kuberc, NoPreferences, clean};
use crate::env::NoProgram;
use crate::kubeconfig::patch::{self, PathStep, Reason, Refusal};
use crate::printer::quote::go;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// `credentialPluginPolicy` with its list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Policy<'k> {
    /// Every command may run: the default.
    AllowAll,
    /// No command may run.
    DenyAll,
    /// Only these commands may run.
    Allowlist(&'k [String]),
}

/// Why a kuberc text was not changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAllowed {
    /// kubectl itself finds no preferences in it.
    #[error(transparent)]
    NoPreferences(#[from] NoPreferences),
    /// kubectl refuses to run with it, for this reason.
    #[error("{0}")]
    Misconfigured(String),
    /// Its version has no plugin policy.
    #[error("`kubectl.config.k8s.io/v1alpha1` has no policy for credential plugins")]
    Old,
    /// It forbids every command, and kcx does not loosen it.
    #[error("`credentialPluginPolicy` is `DenyAll`")]
    DenyAll,
    /// It cannot be patched safely.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// kubectl does not accept this command as an entry.
    #[error("a command in the list must be a name or a path in its shortest form")]
    Command,
}

impl Kuberc {
    /// Which credential plugins may run.
    ///
    /// # Errors
    /// kubectl's reason to refuse every command with these preferences.
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
    /// Checks whether kubectl would start this `exec.command`; a relative path has been joined to the kubeconfig's
    /// folder already. `find` looks up a program: [`crate::env::Env::find_program`].
    ///
    /// An entry of the list permits the command as spelled, the path at which the command is found, and the path at which the
    /// entry itself is found. Symbolic links are not followed. Source: client-go
    /// `plugin/pkg/client/auth/exec/exec.go` `checkAllowlistLocked`.
    ///
    /// ```
    /// use kcx::env::Env;
    /// use kcx::kuberc::Kuberc;
    /// use std::path::Path;
    /// let text = "apiVersion: kubectl.config.k8s.io/v1beta1\nkind: Preference\n\
    ///             credentialPluginPolicy: Allowlist\ncredentialPluginAllowlist: [{command: aws}]\n";
    /// let (kuberc, _) = Kuberc::parse(text)?;
    /// let policy = kuberc.policy().unwrap();
    /// let find = |program: &Path| Env::default().find_program(program);
    /// assert_eq!(policy.check(Path::new("aws"), &find), Ok(()));
    /// assert!(policy.check(Path::new("/nowhere/aws"), &find).unwrap_err().contains("allowlist"));
    /// # Ok::<(), kcx::kuberc::NoPreferences>(())
    /// ```
    ///
    /// # Errors
    /// kubectl's reason to refuse it.
    pub fn check(
        &self,
        command: &Path,
        find: &dyn Fn(&Path) -> Result<PathBuf, NoProgram>,
    ) -> Result<(), String> {
        let command = crate::path::clean(command);
        let said = |path: &Path| go(&path.to_string_lossy());
        let list = match self {
            Policy::AllowAll => return Ok(()),
            Policy::DenyAll => {
                return Err(format!("plugin {} not allowed: policy set to \"DenyAll\"", said(&command)));
            }
            Policy::Allowlist(list) => *list,
        };
        let lists = |path: &Path| list.iter().any(|entry| Path::new(entry).as_os_str() == path.as_os_str());
        if lists(&command) {
            return Ok(());
        }
        let found = find(&command).map_err(|NoProgram { path, why }| {
            let name = said(&command);
            format!(
                "plugin path {} cannot be resolved for credential plugin allowlist check: exec: {name}: {why}",
                said(&path)
            )
        })?;
        let leads_there = |entry: &String| {
            let entry = Path::new(entry);
            entry.file_name() == found.file_name() && find(entry).is_ok_and(|path| path == found)
        };
        if lists(&found) || list.iter().any(leads_there) {
            return Ok(());
        }
        Err(format!("plugin path {} is not permitted by the credential plugin allowlist", said(&found)))
    }
}

/// A kuberc text in which these commands may run as well; nothing else in it changes, and an empty text becomes a
/// complete kuberc. A policy that allows everything becomes an allowlist: from then on *only* these commands may run.
/// `DenyAll` is an error.
///
/// ```
/// use kcx::kuberc::allow;
/// let text = "apiVersion: kubectl.config.k8s.io/v1beta1\nkind: Preference # mine\n\
///             credentialPluginPolicy: Allowlist\ncredentialPluginAllowlist:\n- command: aws # for work\n";
/// assert_eq!(allow(text, &["kcx"])?, format!("{text}- command: kcx\n"));
/// # Ok::<(), kcx::kuberc::NotAllowed>(())
/// ```
///
/// # Errors
/// The text is not a kuberc, or cannot be patched safely.
pub fn allow(text: &str, commands: &[&str]) -> Result<String, NotAllowed> {
    if commands.iter().any(|command| command.is_empty() || clean(command) != *command) {
        return Err(NotAllowed::Command);
    }
    let Some(Chosen { span, alpha, kuberc, .. }) = decode::chosen(text.as_bytes())? else {
        let head = "apiVersion: kubectl.config.k8s.io/v1beta1\nkind: Preference\n";
        return Ok(with(head, &Kuberc::default(), commands)?);
    };
    if alpha {
        return Err(NotAllowed::Old);
    }
    kuberc.validate().map_err(NotAllowed::Misconfigured)?;
    if kuberc.policy() == Ok(Policy::DenyAll) && !commands.is_empty() {
        return Err(NotAllowed::DenyAll);
    }
    let after = with(&text[span.clone()], &kuberc, commands)?;
    let after = format!("{}{after}{}", &text[..span.start], &text[span.end..]);
    // kubectl can read texts that the patch cannot: JSON, several documents.
    let read = Kuberc::parse(&after)?.0;
    let lists = |command: &&str| matches!(read.policy(), Ok(Policy::Allowlist(list)) if list.iter().any(|it| it == command));
    if !commands.iter().all(lists) {
        return Err(Refusal::nowhere(Reason::Unverified).into());
    }
    Ok(after)
}

fn with(text: &str, kuberc: &Kuberc, commands: &[&str]) -> Result<String, Refusal> {
    let key = |key: &str| PathStep::Key(key.to_owned());
    let known = kuberc.plugin_allowlist.as_deref().unwrap_or_default();
    let mut text = text.to_owned();
    if kuberc.plugin_policy != "Allowlist" && !commands.is_empty() {
        text = patch::set_in(&text, &[key("credentialPluginPolicy")], &Value::from("Allowlist"))?;
    }
    let new = commands.iter().enumerate().filter(|(at, command)| {
        !known.iter().any(|known| known == *command) && !commands[..*at].contains(command)
    });
    for (index, (_, command)) in (known.len()..).zip(new) {
        let path = [key("credentialPluginAllowlist"), PathStep::Index(index)];
        text = patch::set_in(&text, &path, &json!({ "command": command }))?;
    }
    Ok(text)
}

#[cfg(test)]
#[path = "policy_tests.rs"]
mod tests;

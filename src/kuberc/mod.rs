//! kuberc, the client preferences of kubectl: flag defaults, aliases, and which credential plugins may run.
//!
//! `load` finds the file, `decode` parses it. Two parts of kcx use it: `cli::config` applies defaults and aliases to
//! command lines, and [`crate::cluster`] starts a credential plugin only if [`Gate`] admits it.

mod decode;
mod gate;
mod load;
mod policy;
mod problems;
mod value;

pub use gate::{Blocked, Gate, Refusal};
pub use load::{Loaded, file, is_explicit, load, own};
pub use policy::{NotAllowed, Policy, allow};
pub use problems::{Effect, Problem, problems};

use crate::printer::quote::go;
use std::path::Path;

/// The preferences of one file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kuberc {
    /// Flag defaults per command, in file order.
    pub defaults: Vec<Defaults>,
    /// Commands that the user has defined.
    pub aliases: Vec<Alias>,
    /// `credentialPluginPolicy`; empty means `AllowAll`.
    pub plugin_policy: String,
    /// `credentialPluginAllowlist`, by command; an empty list differs from `None`.
    pub plugin_allowlist: Option<Vec<String>>,
}

/// Flag defaults of one command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Defaults {
    /// The command, such as `config view`.
    pub command: String,
    /// The defaults.
    pub options: Vec<OptionDefault>,
}

/// A new name for a command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Alias {
    /// The new name.
    pub name: String,
    /// The command that it stands for.
    pub command: String,
    /// Arguments inserted right after the name.
    pub prepend_args: Vec<String>,
    /// Arguments appended at the end.
    pub append_args: Vec<String>,
    /// Flag defaults.
    pub options: Vec<OptionDefault>,
}

/// The default of one flag.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OptionDefault {
    /// The long name, without dashes.
    pub name: String,
    /// The value, as text.
    pub default: String,
}

/// Why a text contains no preferences.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoPreferences {
    /// No document is a `Preference` of a known version.
    #[error("no valid preferences found")]
    NoneValid,
    /// Something other than a comment follows `---`.
    #[error("invalid Yaml document separator: {0}")]
    Separator(String),
    /// kubectl may read the text differently, or accept what kcx cannot parse: kcx makes no decision based on it.
    #[error("line {line}: kubectl may read this in another way than kcx: {why}")]
    Unsure {
        /// The line of the text, from 1.
        line: usize,
        /// What kcx cannot parse.
        why: String,
    },
}

impl Kuberc {
    /// Parses the first `Preference` of a text of one or more YAML documents; a text without documents means no
    /// preferences.
    ///
    /// The second value is kubectl's `strict decoding error: …` about unknown fields and duplicate keys; everything
    /// else still applies.
    ///
    /// # Errors
    /// Fails if no document is a `Preference` of `kubectl.config.k8s.io/v1alpha1` or `/v1beta1`, if text follows `---`
    /// on its line, or if kcx cannot tell what kubectl reads.
    ///
    /// ```
    /// use kcx::kuberc::Kuberc;
    /// let text = "apiVersion: kubectl.config.k8s.io/v1beta1\nkind: Preference\n\
    ///             defaults: [{command: config view, options: [{name: raw, default: 'true'}]}]\n";
    /// let (kuberc, complaint) = Kuberc::parse(text)?;
    /// assert_eq!(kuberc.defaults[0].options[0].name, "raw");
    /// assert_eq!(complaint, None);
    /// # Ok::<(), kcx::kuberc::NoPreferences>(())
    /// ```
    pub fn parse(text: impl AsRef<[u8]>) -> Result<(Self, Option<String>), NoPreferences> {
        decode::preferences(text.as_ref())
    }

    /// Checks what kubectl checks before it runs any command.
    ///
    /// # Errors
    /// kubectl's reason to refuse to run. The text goes after `error occurred while applying preferences `.
    pub fn validate(&self) -> Result<(), String> {
        let long_names = |options: &[OptionDefault]| match options.iter().find(|o| o.name.starts_with('-')) {
            Some(o) => Err(format!("flag name {} should be in long form without dashes", o.name)),
            None => Ok(()),
        };
        for (at, alias) in self.aliases.iter().enumerate() {
            if alias.name.is_empty() || !alias.name.bytes().all(|byte| byte.is_ascii_alphabetic()) {
                return Err("invalid alias name, can only include alphabetical characters".to_owned());
            }
            long_names(&alias.options)?;
            if self.aliases[..at].iter().any(|other| other.name == alias.name) {
                return Err(format!("duplicate alias name {}", alias.name));
            }
        }
        self.defaults.iter().try_for_each(|defaults| long_names(&defaults.options))?;
        self.validate_policy()
    }

    fn validate_policy(&self) -> Result<(), String> {
        let policy = go(&self.plugin_policy);
        let list = self.plugin_allowlist.as_deref();
        match (self.plugin_policy.as_str(), list) {
            ("" | "AllowAll" | "DenyAll", None) => return Ok(()),
            ("" | "AllowAll" | "DenyAll", Some(_)) => {
                return Err(format!(
                    "misconfigured credential plugin allowlist: plugin policy is {policy} but allowlist is non-nil"
                ));
            }
            ("Allowlist", _) => {}
            _ => return Err(format!("unknown plugin policy: {policy}")),
        }
        let set = "credential plugin policy set to \"Allowlist\", but allowlist is";
        match list {
            None => return Err(format!("{set} unspecified")),
            Some([]) => return Err(format!("{set} empty; use \"DenyAll\" policy instead")),
            Some(list) => {
                for (at, command) in list.iter().enumerate() {
                    let cleaned = clean(command);
                    if command.is_empty() {
                        let number = at + 1;
                        return Err(format!(
                            "misconfigured credential plugin allowlist: empty allowlist entry #{number}"
                        ));
                    }
                    if cleaned != *command {
                        return Err(format!("non-normalized file path: {} vs {}", go(command), go(&cleaned)));
                    }
                }
            }
        }
        Ok(())
    }
}

/// A command of the allowlist or a kubeconfig in its shortest form (Go's `filepath.Clean`).
fn clean(command: &str) -> String {
    crate::path::clean(Path::new(command)).to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests;

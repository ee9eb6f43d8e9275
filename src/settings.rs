//! The user's settings: one optional YAML file with a fixed set of keys. Pure: parses text into values.

mod format;
mod keys;
mod list;
mod named;
mod old;
mod read;
mod recipe;
mod rule;
mod source;

pub use format::{FIELDS, unknown_field};
pub use keys::{SCHEMA, Setting, TEMPLATE, defaults, in_file};
pub use list::{with_source, without_source};
pub use old::{OldKey, old_keys};
pub use recipe::{RECIPES, Recipe};
pub use rule::{Color, Confirm, ContextRule, Rule};
pub use source::{
    Options, SourceOrigin, SourceSettings, TIMEOUT, is_name as is_source_name, origins as source_origins,
};

use crate::credential;
use crate::kubeconfig::{ParseError, Place};
use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

/// The name of the settings file in kcx's settings folder.
pub const FILE: &str = "config.yaml";

/// The default format of the prompt.
pub const FORMAT: &str = "{short}{:namespace}{ [label]}{ (mode)}";

/// The settings, with defaults for keys that are not set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The format of the prompt; see [`crate::prompt`].
    pub format: String,
    /// How contexts are shown, and which of them are protected; the first rule that matches the name applies.
    pub rules: Vec<Rule>,
    /// Patterns of the paths of kubeconfigs to discover; `~` is the home folder.
    pub discovery: Vec<String>,
    /// The program that shows lists to choose from.
    pub picker: Picker,
    /// The list `protect` of earlier versions: protected contexts. What it sets takes precedence over `rules`.
    pub protect: Vec<Rule>,
    /// How long a shell stays on a protected context without a command; `None`: for good.
    pub idle: Option<Duration>,
    /// What imported entries may do without a question.
    pub allowed: ImportPermissions,
    /// True if changes are recorded, so that they can be undone.
    pub journal: bool,
    /// Where and how credentials are stored.
    pub credential: Credential,
    /// The programs that a shell with the hook runs with the user's own `KUBECONFIG`.
    pub own: Vec<String>,
    /// What `KUBECONFIG` of a session names.
    pub session: SessionFiles,
    /// True if a new terminal starts on the context that was last used in one.
    pub restore: bool,
    /// Other names of contexts, each with the context that it leads to.
    pub aliases: BTreeMap<String, String>,
    /// Groups of contexts: names, aliases, patterns, and words that leave out.
    pub groups: BTreeMap<String, Vec<String>>,
    /// Where `kcx sync` gets kubeconfigs from.
    pub sources: Vec<SourceSettings>,
}

/// What `KUBECONFIG` of a session names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SessionFiles {
    /// The overlay and the user's own files.
    #[default]
    List,
    /// One file with the context in force.
    SingleFile,
}

/// What imported entries may do without a question.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportPermissions {
    /// The commands that imported users may run as exec plugins.
    pub exec: Vec<String>,
    /// The names of the variables that imported users may set for them.
    pub env: Vec<String>,
}

/// Where credentials are stored, and how an encrypted store is opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// The kind of store.
    pub store: credential::CredentialStore,
    /// The path of a file whose first line is the passphrase of encrypted files.
    pub passphrase_file: Option<String>,
    /// A program that prints that passphrase, and its arguments.
    pub passphrase_command: Vec<String>,
    /// The timeout of keychain calls in seconds.
    pub timeout: u64,
}

impl Default for Credential {
    fn default() -> Credential {
        Credential {
            store: credential::CredentialStore::default(),
            passphrase_file: None,
            passphrase_command: Vec::new(),
            timeout: 30,
        }
    }
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            format: FORMAT.to_owned(),
            rules: Vec::new(),
            discovery: ["~/.kube/config.d/*.yaml", "~/.kube/config.d/*.yml"].map(str::to_owned).into(),
            picker: Picker::default(),
            protect: Vec::new(),
            idle: None,
            allowed: ImportPermissions::default(),
            journal: true,
            credential: Credential::default(),
            own: Vec::new(),
            session: SessionFiles::default(),
            restore: false,
            aliases: BTreeMap::new(),
            groups: BTreeMap::new(),
            sources: Vec::new(),
        }
    }
}

/// The program that shows lists to choose from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Picker {
    /// kcx's own picker.
    #[default]
    Builtin,
    /// The program `fzf`.
    Fzf,
}

/// An error in the settings file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsError {
    /// What is wrong.
    pub problem: SettingsProblem,
    /// The place in the file; `None` for [`SettingsProblem::Yaml`], which has its own.
    pub place: Option<Place>,
}

/// What can be wrong with the settings file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SettingsProblem {
    /// The file is not valid YAML.
    Yaml(ParseError),
    /// An unknown key.
    Unknown {
        /// The key in the file.
        key: String,
        /// The known keys of this mapping.
        known: &'static [&'static str],
    },
    /// A value of the wrong type or outside the allowed values.
    Value {
        /// The path of the key, such as `rules[0].color`.
        key: String,
        /// What the value must be.
        want: &'static str,
    },
    /// The format of the prompt has a field that does not exist.
    Field {
        /// The text in the braces.
        field: String,
    },
    /// A required key is missing.
    Missing {
        /// The path of the key, such as `rules[0].match`.
        key: String,
    },
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(f, "line {}, column {}: ", place.position.line, place.position.column)?;
        }
        match &self.problem {
            // This error prints its own place.
            SettingsProblem::Yaml(error) => error.fmt(f),
            SettingsProblem::Unknown { key, .. } => {
                write!(f, "there is no setting `{}`", crate::printer::quote::visible(key))
            }
            SettingsProblem::Value { key, want } => write!(f, "`{key}` must be {want}"),
            SettingsProblem::Field { field } => {
                write!(f, "the prompt has no field `{{{}}}`", crate::printer::quote::visible(field))
            }
            SettingsProblem::Missing { key } => write!(f, "`{key}` is missing"),
        }
    }
}

impl std::error::Error for SettingsError {}

impl From<ParseError> for SettingsError {
    fn from(error: ParseError) -> SettingsError {
        SettingsError { problem: SettingsProblem::Yaml(error), place: None }
    }
}

impl Settings {
    /// Parses the bytes of the settings file.
    ///
    /// ```
    /// use kcx::settings::Settings;
    /// let settings = Settings::parse(b"rules:\n- match: 'prod-*'\n  confirm: type-name\n".to_vec())?;
    /// assert!(settings.rule("prod-eu1").is_protected());
    /// assert!(!settings.rule("dev").is_protected());
    /// # Ok::<(), kcx::settings::SettingsError>(())
    /// ```
    ///
    /// # Errors
    /// Returns the first error in the file.
    pub fn parse(bytes: Vec<u8>) -> Result<Settings, SettingsError> {
        read::settings(bytes)
    }
}

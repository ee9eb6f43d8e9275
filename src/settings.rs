//! The user's settings: one optional YAML file with a fixed set of keys. Pure: parses text into values.

mod format;
mod keys;
mod read;

pub use format::{FIELDS, unknown_field};
pub use keys::{SCHEMA, Setting, TEMPLATE, defaults, in_file};

use crate::credential;
use crate::glob::Glob;
use crate::kubeconfig::{ParseError, Place};
use std::fmt;

/// The name of the settings file in kcx's settings folder.
pub const FILE: &str = "config.yaml";

/// The default format of the prompt.
pub const FORMAT: &str = "{short}{:namespace}";

/// The settings, with defaults for keys that are not set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The format of the prompt; see [`crate::prompt`].
    pub format: String,
    /// How contexts are shown; the first rule that matches the name applies.
    pub rules: Vec<DisplayRule>,
    /// Patterns of the paths of kubeconfigs to discover; `~` is the home folder.
    pub discovery: Vec<String>,
    /// The program that shows lists to choose from.
    pub picker: Picker,
    /// The protected contexts; the first rule that matches the name applies.
    pub protect: Vec<Protection>,
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
            allowed: ImportPermissions::default(),
            journal: true,
            credential: Credential::default(),
            own: Vec::new(),
            session: SessionFiles::default(),
        }
    }
}

/// How contexts that match a pattern are shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DisplayRule {
    /// The names of the contexts.
    pub pattern: Glob,
    /// The name to show instead.
    pub short: Option<String>,
    /// A word to show beside the name, such as `prod`.
    pub label: Option<String>,
    /// The color of the text.
    pub color: Option<Color>,
    /// True if the context is shown in bold, and in red unless `color` is set.
    pub danger: bool,
}

/// Makes kcx ask before it changes or uses contexts that match a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Protection {
    /// The names of the contexts.
    pub pattern: Glob,
    /// How the user confirms.
    pub confirm: Confirm,
    /// A word to show beside the name, such as `PROD`.
    pub label: Option<String>,
    /// The color of the text.
    pub color: Option<Color>,
}

/// How the user confirms an action on a protected context.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Confirm {
    /// By typing the name of the context.
    #[default]
    TypeName,
    /// By answering yes.
    Yes,
}

impl Confirm {
    /// The value in the settings file.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Confirm::TypeName => "type-name",
            Confirm::Yes => "yes",
        }
    }
}

/// A color of the terminal's palette; the discriminants are the ANSI color numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Color {
    /// Black.
    Black,
    /// Red.
    Red,
    /// Green.
    Green,
    /// Yellow.
    Yellow,
    /// Blue.
    Blue,
    /// Magenta.
    Magenta,
    /// Cyan.
    Cyan,
    /// White.
    White,
}

/// The names of the colors, in the order of their numbers.
const COLORS: [(&str, Color); 8] = [
    ("black", Color::Black),
    ("red", Color::Red),
    ("green", Color::Green),
    ("yellow", Color::Yellow),
    ("blue", Color::Blue),
    ("magenta", Color::Magenta),
    ("cyan", Color::Cyan),
    ("white", Color::White),
];

impl Color {
    /// The value in the settings file.
    #[must_use]
    pub fn name(self) -> &'static str {
        COLORS[self as usize].0
    }

    /// The ANSI number of the color, from 0.
    #[must_use]
    pub fn number(self) -> u8 {
        self as u8
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
    /// let settings = Settings::parse(b"rules:\n- match: 'prod-*'\n  danger: true\n".to_vec())?;
    /// assert!(settings.rule("prod-eu1").is_some_and(|rule| rule.danger));
    /// assert!(settings.rule("dev").is_none());
    /// # Ok::<(), kcx::settings::SettingsError>(())
    /// ```
    ///
    /// # Errors
    /// Returns the first error in the file.
    pub fn parse(bytes: Vec<u8>) -> Result<Settings, SettingsError> {
        read::settings(bytes)
    }

    /// The first display rule that matches this context.
    #[must_use]
    pub fn rule(&self, context: &str) -> Option<&DisplayRule> {
        self.rules.iter().find(|rule| rule.pattern.matches(context))
    }

    /// The first protection rule that matches this context.
    #[must_use]
    pub fn protection(&self, context: &str) -> Option<&Protection> {
        self.protect.iter().find(|rule| rule.pattern.matches(context))
    }

    /// How this context is shown: its display rule, with the label and color of its protection if they are set. A
    /// protected context has `danger` set.
    ///
    /// ```
    /// use kcx::settings::Settings;
    /// let text = "protect: [{match: '*prod*', label: PROD}]\nrules: [{match: 'prod-eu', short: eu, label: x}]\n";
    /// let rule = Settings::parse(text.into())?.shown("prod-eu").expect("two rules match");
    /// assert_eq!((rule.short.as_deref(), rule.label.as_deref(), rule.danger), (Some("eu"), Some("PROD"), true));
    /// # Ok::<(), kcx::settings::SettingsError>(())
    /// ```
    #[must_use]
    pub fn shown(&self, context: &str) -> Option<DisplayRule> {
        let rule = self.rule(context).cloned();
        let Some(protection) = self.protection(context) else { return rule };
        let pattern = protection.pattern.clone();
        let rule =
            rule.unwrap_or(DisplayRule { pattern, short: None, label: None, color: None, danger: true });
        Some(DisplayRule {
            label: protection.label.clone().or(rule.label),
            color: protection.color.or(rule.color),
            danger: true,
            ..rule
        })
    }
}

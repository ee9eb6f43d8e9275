//! The user's settings: one optional file, every key known and of its type. Pure: the text comes in, values go out.

mod read;

use crate::credential;
use crate::glob::Glob;
use crate::kubeconfig::{ParseError, Place};
use std::fmt;

/// The name of the file in kcx's settings folder.
pub const FILE: &str = "config.yaml";

/// The prompt's format, if the user has no other.
pub const FORMAT: &str = "{short}{:namespace}";

/// What the user has set, or the defaults.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The prompt's format.
    pub format: String,
    /// How contexts are shown; the first rule that matches a name counts.
    pub rules: Vec<DisplayRule>,
    /// The patterns of files to look for kubeconfigs in, `~` for the home folder.
    pub discovery: Vec<String>,
    /// What a list is chosen from with.
    pub picker: Picker,
    /// Which contexts are protected; the first rule that matches a name counts.
    pub protect: Vec<Protection>,
    /// The permissions for foreign entries.
    pub allowed: ImportPermissions,
    /// True if changes are noted, so that they can be taken back.
    pub journal: bool,
    /// Where credentials are kept.
    pub credential: Credential,
}

/// What foreign entries may do without a question.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportPermissions {
    /// The commands that users may run.
    pub exec: Vec<String>,
    /// The variables that those commands may get.
    pub env: Vec<String>,
}

/// Where credentials are kept, and how what is kept there is opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// The place.
    pub store: credential::Place,
    /// The file whose first line is the passphrase of encrypted files.
    pub passphrase_file: Option<String>,
    /// The program that prints that passphrase, and its arguments.
    pub passphrase_command: Vec<String>,
    /// How long a keychain is waited for, in seconds.
    pub timeout: u64,
}

impl Default for Credential {
    fn default() -> Credential {
        Credential {
            store: credential::Place::default(),
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
        }
    }
}

/// How the contexts of one pattern are shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DisplayRule {
    /// Which contexts.
    pub pattern: Glob,
    /// Another name to show.
    pub short: Option<String>,
    /// A word to show beside it, such as `prod`.
    pub label: Option<String>,
    /// Its colour.
    pub color: Option<Color>,
    /// A mistake here hurts: shown in bold red unless there is a colour.
    pub danger: bool,
}

/// That kcx asks before it does something to the contexts of one pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Protection {
    /// Which contexts.
    pub pattern: Glob,
    /// How it asks.
    pub confirm: Confirm,
    /// A word to show beside them, such as `PROD`.
    pub label: Option<String>,
    /// Their colour.
    pub color: Option<Color>,
}

/// How kcx asks before it does something to a protected context.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Confirm {
    /// The context's name has to be typed.
    #[default]
    TypeName,
    /// A yes will do.
    Yes,
}

impl Confirm {
    /// Its word in the settings.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Confirm::TypeName => "type-name",
            Confirm::Yes => "yes",
        }
    }
}

/// A colour of the terminal's palette.
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

/// The names of the colours, in the order of their numbers.
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
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        COLORS[self as usize].0
    }

    /// Its number in the palette, from 0.
    #[must_use]
    pub fn number(self) -> u8 {
        self as u8
    }
}

/// What a list is chosen from with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Picker {
    /// kcx's own list.
    #[default]
    Builtin,
    /// The program `fzf`.
    Fzf,
}

/// Why the settings cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsError {
    /// What is wrong.
    pub problem: SettingsProblem,
    /// Where.
    pub place: Option<Place>,
}

/// What can be wrong with the settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SettingsProblem {
    /// No YAML that kcx reads.
    Yaml(ParseError),
    /// A key that means nothing.
    Unknown {
        /// The key, as the file has it.
        key: String,
        /// The keys there are.
        known: &'static [&'static str],
    },
    /// A value of another type, or none of those there are.
    Value {
        /// The key, such as `rules[0].color`.
        key: String,
        /// What it must be.
        want: &'static str,
    },
    /// A key that must be there.
    Missing {
        /// The key.
        key: String,
    },
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(f, "line {}, column {}: ", place.position.line, place.position.column)?;
        }
        match &self.problem {
            // With its own place.
            SettingsProblem::Yaml(error) => error.fmt(f),
            SettingsProblem::Unknown { key, .. } => {
                write!(f, "there is no setting `{}`", crate::printer::quote::visible(key))
            }
            SettingsProblem::Value { key, want } => write!(f, "`{key}` must be {want}"),
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
    /// Reads the file's bytes.
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
    /// The first thing that is wrong.
    pub fn parse(bytes: Vec<u8>) -> Result<Settings, SettingsError> {
        read::settings(bytes)
    }

    /// The rule for this context.
    #[must_use]
    pub fn rule(&self, context: &str) -> Option<&DisplayRule> {
        self.rules.iter().find(|rule| rule.pattern.matches(context))
    }

    /// The protection of this context.
    #[must_use]
    pub fn protection(&self, context: &str) -> Option<&Protection> {
        self.protect.iter().find(|rule| rule.pattern.matches(context))
    }

    /// How this context is shown: by its rule, with the label and the colour of its protection; what is protected is shown as
    /// a danger.
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

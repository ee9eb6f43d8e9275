//! Rules: how contexts are shown, and which of them kcx asks about.

use super::Settings;
use crate::glob::Glob;
use crate::verdict::Verdict;

/// A rule for the contexts that match a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The names of the contexts.
    pub pattern: Glob,
    /// The name to show instead.
    pub short: Option<String>,
    /// A word to show beside the name, such as `PROD`.
    pub label: Option<String>,
    /// The color of the text.
    pub color: Option<Color>,
    /// How the user confirms an action on the context; `None` if kcx does not ask.
    pub confirm: Option<Confirm>,
    /// The commands that `kcx protect check` refuses on the context, by their verdicts.
    pub refuse: Vec<Verdict>,
}

/// What the rules say about one context.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ContextRule<'s> {
    /// The name to show instead.
    pub short: Option<&'s str>,
    /// A word to show beside the name.
    pub label: Option<&'s str>,
    /// The color of the text. A protected context has one.
    pub color: Option<Color>,
    /// How the user confirms an action on the context, if it is protected.
    pub confirm: Option<Confirm>,
    /// The commands that `kcx protect check` refuses on the context, by their verdicts.
    pub refuse: &'s [Verdict],
}

impl ContextRule<'_> {
    /// True if kcx asks before it uses or changes the context.
    #[must_use]
    pub fn is_protected(&self) -> bool {
        self.confirm.is_some()
    }

    /// The parameters of the SGR escape sequence for the text, such as `1;31`; empty for none. A protected context is bold.
    ///
    /// ```
    /// use kcx::settings::Settings;
    /// let settings = Settings::parse(b"rules: [{match: prod, confirm: yes}, {match: stage, color: yellow}]".to_vec())?;
    /// assert_eq!(["prod", "stage", "dev"].map(|context| settings.rule(context).sgr()), ["1;31", "33", ""]);
    /// # Ok::<(), kcx::settings::SettingsError>(())
    /// ```
    #[must_use]
    pub fn sgr(&self) -> String {
        let bold = if self.is_protected() { "1;" } else { "" };
        self.color.map(|color| format!("{bold}3{}", color.number())).unwrap_or_default()
    }
}

/// How the user confirms an action on a protected context.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confirm {
    /// By typing the name of the context.
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
pub(super) const COLORS: [(&str, Color); 8] = [
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

impl Settings {
    /// What the rules say about this context: the first rule that matches its name applies. What the old list `protect`
    /// sets takes precedence.
    ///
    /// ```
    /// use kcx::settings::Settings;
    /// let text = "protect: [{match: '*prod*', label: PROD}]\nrules: [{match: 'prod-eu', short: eu, label: x}]\n";
    /// let settings = Settings::parse(text.into())?;
    /// let rule = settings.rule("prod-eu");
    /// assert_eq!((rule.short, rule.label, rule.is_protected()), (Some("eu"), Some("PROD"), true));
    /// # Ok::<(), kcx::settings::SettingsError>(())
    /// ```
    #[must_use]
    pub fn rule(&self, context: &str) -> ContextRule<'_> {
        let first = |rule: &&Rule| rule.pattern.matches(context);
        let (rule, old) = (self.rules.iter().find(first), self.protect.iter().find(first));
        let confirm = old.or(rule).and_then(|rule| rule.confirm);
        let color = old.and_then(|old| old.color).or(rule.and_then(|rule| rule.color));
        ContextRule {
            short: rule.and_then(|rule| rule.short.as_deref()),
            label: old.and_then(|old| old.label.as_deref()).or(rule.and_then(|rule| rule.label.as_deref())),
            color: color.or(confirm.map(|_| Color::Red)),
            confirm,
            refuse: rule.map_or(&[], |rule| &rule.refuse),
        }
    }

    /// True if a rule refuses commands.
    #[must_use]
    pub fn refuses(&self) -> bool {
        self.rules.iter().any(|rule| !rule.refuse.is_empty())
    }

    /// True if a rule makes kcx ask.
    #[must_use]
    pub fn protects(&self) -> bool {
        self.protect.iter().chain(&self.rules).any(|rule| rule.confirm.is_some())
    }
}

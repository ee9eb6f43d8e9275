//! Renders the prompt segment: data and a format in, text for one shell out. Pure.
//!
//! Names come from untrusted files, and the program that shows the text may evaluate it again: `PS1="$(kcx prompt)"` is
//! evaluated by bash, by zsh with `prompt_subst`, and by every POSIX shell; `%` is special in zsh and tcsh, `!` in ksh,
//! `#(…)` in tmux. A program that does not evaluate the text would show an escape sequence. Therefore these characters
//! of names are replaced:
//!
//! - control characters, line breaks, and characters that are invisible or change the text direction: by U+FFFD;
//! - `$`, the backtick, the backslash, `!`, `%` and `#`: by `?` if no shell is named ([`Markup::Plain`] and
//!   [`Markup::Ansi`]);
//! - if a shell is named, only the characters that it evaluates: by its escape (`%%`, `##`) if there is one, otherwise by
//!   `?`.
//!
//! All other characters are kept. The text of the format is written by the user and may contain escapes.

mod short;

pub use short::{ShortNames, short, short_among};

use crate::printer::quote;
use crate::settings::{ContextRule, FIELDS};
use std::fmt::Write as _;

/// The values of the format's fields; an empty value is not shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PromptData {
    /// The current context.
    pub context: String,
    /// Its short name, if no rule sets one.
    pub short: String,
    /// The namespace of the current context; `default` if it has none.
    pub namespace: String,
    /// The cluster of the current context.
    pub cluster: String,
    /// The user of the current context.
    pub user: String,
    /// `session` or `global`.
    pub scope: &'static str,
    /// `locked`, `read-only` and `lifted`, as far as they hold.
    pub mode: String,
    /// True while the protection of the current context is lifted.
    pub is_lifted: bool,
    /// True if no kubeconfig has the current context, or the cluster or user that it names.
    pub is_missing: bool,
}

/// The program that shows the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Markup {
    /// Any program; no colors.
    Plain,
    /// Shells that compute the width of the prompt themselves (fish, PowerShell, Nushell): ANSI colors.
    Ansi,
    /// bash: zero-width text between `\x01` and `\x02`.
    Bash,
    /// zsh: zero-width text between `%{` and `%}`; `%` is doubled.
    Zsh,
    /// tmux: its own color markup; `#` is doubled.
    Tmux,
}

/// A part of a format.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece<'f> {
    Text(&'f str),
    Field { before: &'f str, name: &'f str, after: &'f str },
}

/// Parses a format: `{namespace}` is a field; `{:namespace}` and `{ [label]}` are fields with text around them, which is
/// shown only if the field has a value. Braces without a field name in them are text.
fn pieces(format: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let (mut rest, mut from) = (format, 0);
    while let Some(open) = rest[from..].find('{').map(|at| at + from) {
        let inside = rest[open + 1..].find('}').map(|len| &rest[open + 1..open + 1 + len]);
        let Some(inside) = inside else { break };
        match field(inside) {
            Some(piece) => {
                pieces.push(Piece::Text(&rest[..open]));
                pieces.push(piece);
                rest = &rest[open + inside.len() + 2..];
                from = 0;
            }
            None => from = open + 1,
        }
    }
    pieces.push(Piece::Text(rest));
    pieces
}

fn field(inside: &str) -> Option<Piece<'_>> {
    let words = inside.split(|c: char| !c.is_ascii_alphabetic());
    let name = words.into_iter().find(|word| FIELDS.contains(word))?;
    let start = name.as_ptr() as usize - inside.as_ptr() as usize;
    Some(Piece::Field { before: &inside[..start], name, after: &inside[start + name.len()..] })
}

/// Renders the prompt segment; empty if there is no current context. A context that leads nowhere is shown as `NAME?`,
/// whatever the format: no tool can act on it.
///
/// ```
/// use kcx::prompt::{PromptData, Markup, render};
/// use kcx::settings::ContextRule;
/// let data = PromptData { context: "dev".into(), namespace: "web".into(), ..PromptData::default() };
/// assert_eq!(render("{context}{:namespace}{ [label]}", &data, ContextRule::default(), Markup::Plain), "dev:web");
/// ```
#[must_use]
pub fn render(format: &str, data: &PromptData, rule: ContextRule<'_>, markup: Markup) -> String {
    if data.context.is_empty() {
        return String::new();
    }
    let format = if data.is_missing { "{context}?" } else { format };
    let value = |name: &str| match name {
        "context" => data.context.as_str(),
        "short" => rule.short.unwrap_or(&data.short),
        "namespace" => &data.namespace,
        "cluster" => &data.cluster,
        "user" => &data.user,
        "scope" => data.scope,
        "mode" => &data.mode,
        _ => rule.label.unwrap_or_default(),
    };
    let mut text = String::new();
    for piece in pieces(format) {
        match piece {
            Piece::Text(own) => text += &format_text(own, markup),
            Piece::Field { before, name, after } => match value(name) {
                "" => {}
                value => {
                    text += &format_text(before, markup);
                    text += &escaped(value, markup);
                    text += &format_text(after, markup);
                }
            },
        }
    }
    paint(&text, rule, data.is_lifted, markup)
}

/// True if the format has the field `{short}`.
#[must_use]
pub fn shows_short(format: &str) -> bool {
    pieces(format).iter().any(|piece| matches!(piece, Piece::Field { name: "short", .. }))
}

/// The text shown if the kubeconfig cannot be read.
#[must_use]
pub fn broken(markup: Markup) -> String {
    escaped("kubeconfig?", markup)
}

/// A value in which no shell evaluates anything.
fn escaped(text: &str, markup: Markup) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match (c, markup) {
            ('%', Markup::Zsh) => out.push_str("%%"),
            ('#', Markup::Tmux) => out.push_str("##"),
            ('$' | '`' | '\\', Markup::Bash)
            | ('$' | '`' | '\\' | '!', Markup::Zsh)
            | ('$' | '`' | '\\' | '!' | '%' | '#', Markup::Plain | Markup::Ansi) => out.push('?'),
            _ => out.push(safe(c)),
        }
    }
    out
}

/// The text of a format. If no shell is named, it is kept, because it may contain escapes for the program that shows it.
fn format_text(text: &str, markup: Markup) -> String {
    match markup {
        Markup::Plain | Markup::Ansi => text.chars().map(safe).collect(),
        _ => escaped(text, markup),
    }
}

/// The character, or U+FFFD if it is not safe on a terminal.
fn safe(c: char) -> char {
    if quote::visible(c.encode_utf8(&mut [0; 4])).len() == c.len_utf8() { c } else { '\u{fffd}' }
}

/// In the color of the rule; in reverse video while the protection is lifted.
fn paint(text: &str, rule: ContextRule<'_>, is_lifted: bool, markup: Markup) -> String {
    let Some(color) = rule.color.filter(|_| !text.is_empty()) else { return text.to_owned() };
    let on = format!("\x1b[{}{}m", rule.sgr(), if is_lifted { ";7" } else { "" });
    let (on, off) = match markup {
        Markup::Plain => return text.to_owned(),
        Markup::Ansi => (on, "\x1b[0m"),
        Markup::Bash => (format!("\x01{on}\x02"), "\x01\x1b[0m\x02"),
        Markup::Zsh => (format!("%{{{on}%}}"), "%{\x1b[0m%}"),
        Markup::Tmux => {
            let mut style = format!("#[fg={}", color.name());
            let bold = if rule.is_protected() { ",bold" } else { "" };
            let _ = write!(style, "{bold}{}]", if is_lifted { ",reverse" } else { "" });
            (style, "#[default]")
        }
    };
    format!("{on}{text}{off}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{Color, Confirm};

    const NO_RULE: ContextRule<'static> =
        ContextRule { short: None, label: None, color: None, confirm: None, refuse: &[] };

    fn data(context: &str) -> PromptData {
        let text = |text: &str| text.to_owned();
        PromptData {
            context: text(context),
            short: text(context),
            namespace: text("web"),
            cluster: text("c"),
            user: text("u"),
            scope: "global",
            mode: String::new(),
            is_lifted: false,
            is_missing: false,
        }
    }

    fn protected() -> ContextRule<'static> {
        let (color, confirm) = (Some(Color::Red), Some(Confirm::TypeName));
        ContextRule { label: Some("PROD"), color, confirm, ..NO_RULE }
    }

    #[test]
    fn text_around_a_field_is_shown_only_with_a_value() {
        for (format, want) in [
            ("{context}{:namespace}", "dev:web"),
            ("({cluster}/{user}) {scope}", "(c/u) global"),
            ("{short}{ [label]}", "dev"),
            ("{nothing} {short", "{nothing} {short"),
            ("{{context}}", "{dev}"),
            ("{}", "{}"),
            ("", ""),
        ] {
            assert_eq!(render(format, &data("dev"), NO_RULE, Markup::Plain), want, "{format}");
        }
        assert_eq!(render("{short}{ [label]}", &data("dev"), protected(), Markup::Plain), "dev [PROD]");
        assert_eq!(render("x{context}", &PromptData::default(), NO_RULE, Markup::Plain), "");
    }

    #[test]
    fn zero_width_text_is_marked_for_each_shell() {
        for (markup, want) in [
            (Markup::Plain, "p??"),
            (Markup::Ansi, "\x1b[1;31mp??\x1b[0m"),
            (Markup::Bash, "\x01\x1b[1;31m\x02p%#\x01\x1b[0m\x02"),
            (Markup::Zsh, "%{\x1b[1;31m%}p%%#%{\x1b[0m%}"),
            (Markup::Tmux, "#[fg=red,bold]p%###[default]"),
        ] {
            assert_eq!(render("{context}", &data("p%#"), protected(), markup), want);
        }
    }

    #[test]
    fn a_context_whose_protection_is_lifted_is_in_reverse_video() {
        let lifted = PromptData { mode: "lifted".into(), is_lifted: true, ..data("p") };
        for (markup, want) in [
            (Markup::Plain, "p (lifted)"),
            (Markup::Ansi, "\x1b[1;31;7mp (lifted)\x1b[0m"),
            (Markup::Bash, "\x01\x1b[1;31;7m\x02p (lifted)\x01\x1b[0m\x02"),
            (Markup::Zsh, "%{\x1b[1;31;7m%}p (lifted)%{\x1b[0m%}"),
            (Markup::Tmux, "#[fg=red,bold,reverse]p (lifted)#[default]"),
        ] {
            assert_eq!(render("{context}{ (mode)}", &lifted, protected(), markup), want);
        }
    }

    #[test]
    fn shells_evaluate_nothing_in_names() {
        for markup in [Markup::Bash, Markup::Zsh, Markup::Plain, Markup::Ansi] {
            let text = render("{context}", &data("$(touch a)`b`\\[\x1b]0;x\x07"), NO_RULE, markup);
            assert_eq!(text, "?(touch a)?b??[\u{fffd}]0;x\u{fffd}");
        }
    }

    #[test]
    fn the_text_of_a_format_is_kept_if_no_shell_is_named() {
        let text = render("#[fg=red]{context}%f$", &data("#{host}%n!"), NO_RULE, Markup::Plain);
        assert_eq!(text, "#[fg=red]?{host}?n?%f$");
        assert_eq!(render("%{:context}", &data("%n!"), NO_RULE, Markup::Zsh), "%%:%%n?");
    }
}

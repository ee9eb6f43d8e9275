//! Escapes untrusted text: as Go's `%q` for kubectl's messages, with visible escapes for kcx's messages.

use std::borrow::Cow;

use super::golang;
use super::unicode::is_print;

/// Quotes a text as Go's `%q` does (`strconv.Quote`).
///
/// ```
/// assert_eq!(kcx::printer::quote::go("a\"b\tc\u{200b}é"), r#""a\"b\tc\u200bé""#);
/// ```
#[must_use]
pub fn go(text: &str) -> String {
    golang::quote(text.as_bytes(), false)
}

/// Replaces control characters, invisible characters and those that change the text direction by Go's escapes, such as
/// `\x1b`. Other characters are kept.
///
/// ```
/// use kcx::printer::quote::visible;
/// assert_eq!(visible("red \x1b[31m"), r"red \x1b[31m");
/// assert_eq!(visible("été ☃"), "été ☃");
/// ```
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_visible) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if is_visible(c) {
            out.push(c);
        } else {
            golang::escape_sequence(&mut out, c);
        }
    }
    Cow::Owned(out)
}

/// Quotes a word of a command that is shown: for PowerShell on Windows, else for a POSIX shell (2.2.2). Control characters are
/// escaped.
#[must_use]
pub fn shell(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,".contains(c);
    if cfg!(windows) {
        powershell_word(word)
    } else if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        visible(&format!("'{}'", word.replace('\'', "'\\''"))).into_owned()
    }
}

/// Quotes a word of a command that is shown, for PowerShell, with control characters escaped.
///
/// A POSIX shell reads a name with `'` in it as another name, but does not run what is in it.
///
/// ```
/// use kcx::printer::quote::powershell_word;
/// assert_eq!(powershell_word("prod/a"), "prod/a");
/// assert_eq!(powershell_word("--context=prod"), "--context=prod");
/// assert_eq!(powershell_word("it's"), "'it''s'");
/// assert_eq!(powershell_word("-n=a.b"), "'-n=a.b'");
/// assert_eq!(powershell_word("@a"), "'@a'");
/// ```
#[must_use]
pub fn powershell_word(word: &str) -> String {
    // A number, an operator, or a flag with one `-` and a point in it may be more than a word, or another one.
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=%+".contains(c);
    let start = word.strip_prefix("--").unwrap_or(word);
    let is_plain = start.starts_with(|c: char| c.is_ascii_alphabetic() || "_/".contains(c));
    if is_plain && word.chars().all(plain) {
        word.to_owned()
    } else {
        visible(&powershell(word)).into_owned()
    }
}

/// Quotes a text as a string of PowerShell, which takes typographic quotes for quotes.
///
/// ```
/// assert_eq!(kcx::printer::quote::powershell("it’s $HOME"), "'it’’s $HOME'");
/// ```
#[must_use]
pub fn powershell(text: &str) -> String {
    let mut out = "'".to_owned();
    for c in text.chars() {
        out.push(c);
        if matches!(c, '\'' | '\u{2018}'..='\u{201b}') {
            out.push(c);
        }
    }
    out + "'"
}

/// True if a character is printable and visible. Some invisible fillers and joiners have the category letter or mark in
/// Unicode.
pub(crate) fn is_visible(c: char) -> bool {
    let unseen = matches!(
        c,
        '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'
            ..='\u{180f}' | '\u{3164}' | '\u{ffa0}'
    );
    is_print(c) && !unseen
}

/// Like [`visible`], but keeps line ends and tabs.
///
/// ```
/// assert_eq!(kcx::printer::quote::visible_lines("a\u{1b}[31m\tb\n"), "a\\x1b[31m\tb\n");
/// ```
#[must_use]
pub fn visible_lines(text: &str) -> String {
    let parts = text.split_inclusive(['\n', '\t']);
    let visible_part = |part: &str| {
        let inner = part.trim_end_matches(['\n', '\t']);
        format!("{}{}", visible(inner), &part[inner.len()..])
    };
    parts.map(visible_part).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoting_equals_that_of_go() {
        for (text, want) in [
            ("", r#""""#),
            ("a b", r#""a b""#),
            ("\"\\'", r#""\"\\'""#),
            ("\0\x07\x08\t\n\x0b\x0c\r\x1b\x7f", r#""\x00\a\b\t\n\v\f\r\x1b\x7f""#),
            ("\u{85}\u{a0}\u{ad}\u{200b}\u{2028}\u{feff}", r#""\u0085\u00a0\u00ad\u200b\u2028\ufeff""#),
            ("\u{e0001}\u{10ffff}\u{e000}", r#""\U000e0001\U0010ffff\ue000""#),
            ("é日☃😀\u{301}\u{fffd}", "\"é日☃😀\u{301}\u{fffd}\""),
        ] {
            assert_eq!(go(text), want);
        }
    }

    #[test]
    fn invisible_and_control_characters_are_escaped() {
        for (text, want) in [
            ("\x1b]0;x\x07", r"\x1b]0;x\a"),
            ("\u{9b}31m", r"\u009b31m"),
            ("a\u{202e}b\u{2066}c\u{2069}", r"a\u202eb\u2066c\u2069"),
            ("a\u{200b}b\u{2060}c\u{feff}d\u{3164}", r"a\u200bb\u2060c\ufeffd\u3164"),
            ("a\nb\u{2028}c\u{2029}", r"a\nb\u2028c\u2029"),
            ("tag\u{e0041}", r"tag\U000e0041"),
            (r#"back\slash "quoted""#, r#"back\slash "quoted""#),
        ] {
            assert_eq!(visible(text), want);
        }
    }
}

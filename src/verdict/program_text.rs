//! Programs in the words of awk and sed, which can run others.

use super::word::Word;

/// Why it is not known what an awk program does.
pub(super) fn awk(words: &[Word]) -> Option<&'static str> {
    let mut rest = words[1..].iter();
    while let Some(word) = rest.next() {
        let text = word.start();
        match text {
            _ if word.may_be_a_flag() => return Some("runs a program which is not known"),
            "-F" | "-v" => drop(rest.next()),
            "--" | "-e" | "--source" => return rest.next().and_then(runs_others),
            _ if text.starts_with("-F") || text.starts_with("-v") || text == "--posix" => {}
            _ if text.starts_with('-') => return Some("runs a program of a file, which was not read"),
            _ => return runs_others(word),
        }
    }
    None
}

/// Finds `system(…)`, and pipes to and from commands, outside of texts and patterns.
fn runs_others(program: &Word) -> Option<&'static str> {
    let why = Some("runs a program that starts others");
    let Some(text) = program.known() else { return Some("runs a program which is not known") };
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let before = plain.trim_end().chars().next_back();
        // `/` divides after a value, and begins a pattern elsewhere.
        let is_pattern =
            c == '/' && !before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | ')' | ']' | '"'));
        if c == '"' || is_pattern {
            plain.push('"');
            while let Some(inner) = chars.next() {
                match inner {
                    '\\' => drop(chars.next()),
                    _ if inner == c => break,
                    _ => {}
                }
            }
        } else if c == '|' && chars.peek() == Some(&'|') {
            chars.next();
            plain.push(' ');
        } else {
            plain.push(c);
        }
    }
    let mut names = plain.split(|c: char| !c.is_alphanumeric() && c != '_');
    if plain.contains(['|', '@']) || names.any(|name| name == "system") { why } else { None }
}

/// Why it is not known what a call of sed does: its command `e` and the flag `e` of `s` run a command.
pub(super) fn sed(words: &[Word]) -> Option<&'static str> {
    let mut rest = words[1..].iter();
    let mut is_first = true;
    while let Some(word) = rest.next() {
        let text = word.start();
        let script = match text {
            "-e" | "--expression" => rest.next(),
            "-f" | "--file" => return Some("runs a script of a file, which was not read"),
            _ if text.starts_with("--file=") => return Some("runs a script of a file, which was not read"),
            _ if text.starts_with("--expression=") => Some(word),
            _ if text.starts_with('-') => None,
            _ if is_first => Some(word),
            _ => None,
        };
        let Some(script) = script else { continue };
        is_first = false;
        // What is not known is mostly a text to search or to put in.
        if script.start().trim_start_matches("--expression=").split(['\n', ';', '{']).any(sed_runs) {
            return Some("runs commands with `e`");
        }
    }
    None
}

/// True for one command of sed that runs another one.
fn sed_runs(command: &str) -> bool {
    let command = command.trim().trim_start_matches(|c: char| c.is_ascii_digit() || ",$!~+ ".contains(c));
    // An address such as `/x/`.
    let command = match command.strip_prefix('/').and_then(|rest| rest.split_once('/')) {
        Some((_, rest)) => rest.trim_start_matches(|c: char| c.is_ascii_digit() || ",$!I ".contains(c)),
        None => command,
    };
    let mut chars = command.chars();
    match (chars.next(), chars.next()) {
        (Some('e'), None) => true,
        (Some('e'), Some(next)) => next.is_whitespace(),
        (Some('s'), Some(mark)) if !mark.is_alphanumeric() && command.matches(mark).count() > 2 => {
            command.rsplit(mark).next().is_some_and(|flags| flags.contains('e'))
        }
        _ => false,
    }
}

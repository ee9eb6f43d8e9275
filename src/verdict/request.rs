//! Requests of curl and HTTPie: which of them can change something.

use super::shell::Input;
use super::word::Word;

const WHY: &str = "sends a request that can change something";

/// One-letter flags of curl that take a value.
const CURL_VALUES: &str = "AbcCdDeEFhHKmoPQrtTuUwxXyYz";

/// Flags of curl that send something, by the beginnings of their names.
const CURL_SENDS: [&str; 6] = ["data", "form", "upload-file", "json", "config", "quote"];

fn is_safe(method: &str) -> bool {
    ["GET", "HEAD", "OPTIONS", "TRACE"].iter().any(|safe| method.eq_ignore_ascii_case(safe))
}

/// Why it is not known what a call of curl does.
pub(super) fn curl(words: &[Word]) -> Option<&'static str> {
    let (mut sends, mut gets) = (false, false);
    let mut rest = words[1..].iter();
    while let Some(word) = rest.next() {
        let text = word.start();
        if word.is_many() || word.may_be_a_flag() && text.is_empty() && word.raw().starts_with('$') {
            return Some(WHY);
        }
        if let Some(long) = text.strip_prefix("--") {
            let (name, joined) = long.split_once('=').map_or((long, false), |(name, _)| (name, true));
            if name == "get" {
                gets = true;
            } else if name == "data-urlencode" || CURL_SENDS.iter().any(|it| name.starts_with(it)) {
                sends = true;
                rest.next().filter(|_| !joined);
            } else if name.len() > 2 && "request".starts_with(name) {
                let method = if joined { Some(word.without(name.len() + 3)) } else { rest.next().cloned() };
                if !method.is_some_and(|method| method.known().is_some_and(is_safe)) {
                    return Some(WHY);
                }
            }
            continue;
        }
        if !text.starts_with('-') {
            continue;
        }
        for (at, letter) in text.char_indices().skip(1) {
            gets |= letter == 'G';
            if !CURL_VALUES.contains(letter) {
                continue;
            }
            sends |= matches!(letter, 'd' | 'F' | 'T' | 'K' | 'Q');
            let value = match word.without(at + 1) {
                value if value.start().is_empty() && value.open().is_none() => rest.next().cloned(),
                value => Some(value),
            };
            if letter == 'X' && !value.is_some_and(|value| value.known().is_some_and(is_safe)) {
                return Some(WHY);
            }
            break;
        }
    }
    (sends && !gets).then_some(WHY)
}

/// Why it is not known what a call of HTTPie or `xh` does: words such as `a=b`, and an input, make it a `POST`.
pub(super) fn httpie(words: &[Word], input: &Input) -> Option<&'static str> {
    let mut operands = words[1..].iter().filter(|word| !word.start().starts_with('-'));
    let first = operands.next()?;
    let is_method = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphabetic());
    let method = first.known().filter(|text| is_method(text) && *text != "localhost");
    let sends = |word: &Word| {
        let text = word.start().replace("==", "");
        word.is_many()
            || word.may_be_a_flag()
            || text.contains('=') && !text.contains("://")
            || text.contains('@')
    };
    let flags = ["--raw", "--form", "-f", "--multipart", "--json", "-j"];
    let has_flag = words[1..].iter().any(|word| flags.iter().any(|flag| word.start().starts_with(flag)));
    match method {
        Some(method) if is_safe(method) => None,
        Some(_) => Some(WHY),
        None if first.open().is_some() || has_flag || *input != Input::None || operands.any(sends) => {
            Some(WHY)
        }
        None => None,
    }
}

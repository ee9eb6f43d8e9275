//! Go's `unicode` predicates, as far as std lacks them.
//!
//! Letters and numbers are std's, which knows newer ones than Go. The rest is one table of what is no ink: controls,
//! formats, separators, private use, and the planes where nothing is assigned. Single unassigned code points between
//! assigned ones are taken as printable, which spares a table ten times as long.

/// Go's `unicode.IsPrint`: letters, marks, numbers, punctuation, symbols, and the blank alone among spaces.
pub(super) fn is_print(c: char) -> bool {
    c.is_alphanumeric() || c == ' ' || !NO_INK.iter().any(|(first, last)| (*first..=*last).contains(&c))
}

/// Go's `unicode.IsLetter`, but for combining vowel signs and circled letters, which count as letters here.
pub(super) fn is_letter(c: char) -> bool {
    c.is_alphabetic() && !c.is_numeric()
}

const NO_INK: [(char, char); 28] = [
    ('\0', ' '),
    ('\u{7f}', '\u{a0}'),
    ('\u{ad}', '\u{ad}'),
    ('\u{600}', '\u{605}'),
    ('\u{61c}', '\u{61c}'),
    ('\u{6dd}', '\u{6dd}'),
    ('\u{70f}', '\u{70f}'),
    ('\u{890}', '\u{891}'),
    ('\u{8e2}', '\u{8e2}'),
    ('\u{1680}', '\u{1680}'),
    ('\u{180e}', '\u{180e}'),
    ('\u{2000}', '\u{200f}'),
    ('\u{2028}', '\u{202f}'),
    ('\u{205f}', '\u{206f}'),
    ('\u{3000}', '\u{3000}'),
    ('\u{e000}', '\u{f8ff}'),
    ('\u{fdd0}', '\u{fdef}'),
    ('\u{feff}', '\u{feff}'),
    ('\u{fff0}', '\u{fffb}'),
    ('\u{fffe}', '\u{ffff}'),
    ('\u{110bd}', '\u{110bd}'),
    ('\u{110cd}', '\u{110cd}'),
    ('\u{13430}', '\u{1343f}'),
    ('\u{1bca0}', '\u{1bca3}'),
    ('\u{1d173}', '\u{1d17a}'),
    ('\u{1fffe}', '\u{1ffff}'),
    ('\u{2fffe}', '\u{e00ff}'),
    ('\u{e01f0}', '\u{10ffff}'),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_go_prints_is_printable() {
        for c in ['a', ' ', '~', 'é', '日', '☃', '😀', '\u{301}', '\u{fffd}', '\u{fe0f}', '½', '\u{3164}']
        {
            assert!(is_print(c), "{c:?}");
        }
        for c in [
            '\0', '\n', '\u{7f}', '\u{85}', '\u{a0}', '\u{ad}', '\u{200b}', '\u{2028}', '\u{202e}',
            '\u{2066}',
        ] {
            assert!(!is_print(c), "{c:?}");
        }
        for c in ['\u{3000}', '\u{e000}', '\u{feff}', '\u{ffff}', '\u{e0001}', '\u{50000}', '\u{10ffff}'] {
            assert!(!is_print(c), "{c:?}");
        }
    }
}

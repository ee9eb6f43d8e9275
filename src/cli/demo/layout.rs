//! Lines that fit the terminal, broken at words. Escape sequences have no width.

use unicode_width::UnicodeWidthChar;

/// The widest line.
const WIDTH: usize = 80;

/// The width of lines on a terminal with so many columns.
pub(super) fn width(columns: Option<usize>) -> usize {
    columns.map_or(WIDTH, |columns| columns.clamp(40, WIDTH))
}

/// The text with its long lines broken at blanks; what follows a break is indented.
pub(super) fn wrapped(text: &str, columns: usize) -> String {
    text.split_inclusive('\n').map(|line| wrapped_line(line, columns)).collect()
}

fn wrapped_line(line: &str, columns: usize) -> String {
    let mut out = String::new();
    let mut width = 0;
    for word in line.split_inclusive(' ') {
        let word_width = visible_width(word.trim_end());
        // A word behind the indent is as far to the left as it can be.
        if width + word_width > columns && width > INDENT.len() {
            out.truncate(out.trim_end().len());
            out.push('\n');
            out += INDENT;
            width = INDENT.len();
        }
        out += word;
        width += visible_width(word.trim_end_matches('\n'));
    }
    out
}

const INDENT: &str = "  ";

/// The columns that a text takes, without its escape sequences for colours.
fn visible_width(text: &str) -> usize {
    let mut width = 0;
    let mut is_escape = false;
    for c in text.chars() {
        match c {
            '\x1b' => is_escape = true,
            'm' if is_escape => is_escape = false,
            _ if is_escape => {}
            _ => width += c.width().unwrap_or(0),
        }
    }
    width
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_broken_at_words() {
        assert_eq!(wrapped("one two three\nfour\n", 8), "one two\n  three\nfour\n");
        assert_eq!(wrapped("\x1b[1mone\x1b[0m two three", 8), "\x1b[1mone\x1b[0m two\n  three");
        assert_eq!(wrapped("a-word-that-is-longer than", 8), "a-word-that-is-longer\n  than");
        assert_eq!(wrapped("12345678\n", 8), "12345678\n");
    }
}

//! Breaks text into lines of a display width.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The lines of a text, at most `width` columns wide: broken between words, and a longer word within itself.
///
/// ```
/// use kcx::printer::wrap::lines;
/// assert_eq!(lines("to be or not", 6), ["to be", "or not"]);
/// assert_eq!(lines("日本語 abcdef", 5), ["日本", "語", "abcde", "f"]);
/// ```
#[must_use]
pub fn lines(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for line in words(text, width) {
        let (mut part, mut used) = (String::new(), 0);
        for c in line.chars() {
            let wide = c.width().unwrap_or(0);
            if used + wide > width && !part.is_empty() {
                lines.push(std::mem::take(&mut part));
                used = 0;
            }
            part.push(c);
            used += wide;
        }
        lines.push(part);
    }
    lines
}

/// The lines of a text, broken only between words. A line is wider than `width` if it is one word.
#[must_use]
pub fn words(text: &str, width: usize) -> Vec<String> {
    let (mut lines, mut line) = (Vec::new(), String::new());
    for word in text.split(' ') {
        if !line.is_empty() && line.width() + 1 + word.width() > width {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line += word;
    }
    lines.push(line);
    lines
}

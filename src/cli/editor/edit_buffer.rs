//! The text in the user's editor, with explanations above it in comments that are never written to the file.

/// The prefix of every line of the head.
const MARK: &str = "#kcx: ";

/// Adds a head to a text for the editor, and removes it again.
pub(in crate::cli) struct EditBuffer {
    what: String,
    masked: bool,
    newline: &'static str,
    /// True if the text has no line break at its end.
    open_end: bool,
    /// True if the text itself begins like a head.
    has_mark: bool,
}

impl EditBuffer {
    /// Creates a buffer for this text, which `what` describes.
    pub(in crate::cli) fn of(text: &str, what: String, masked: bool) -> EditBuffer {
        let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
        EditBuffer {
            what,
            masked,
            newline,
            open_end: !text.ends_with('\n'),
            has_mark: text.starts_with(MARK),
        }
    }

    /// The head: explanations, and what is wrong with the last attempt, whose lines are this many further down.
    pub(super) fn head(&self, wrong: Option<&dyn Fn(usize) -> String>) -> String {
        let mut lines = vec![
            format!("this is {}: save it and quit the editor to apply your changes", self.what),
            "if it is unchanged or empty, nothing is changed; lines like this one are ignored".to_owned(),
        ];
        if self.masked {
            lines.push(
                "a word like <masked-1> stands for a secret: it keeps the secret, any other value replaces it"
                    .to_owned(),
            );
        }
        if let Some(said) = wrong {
            // The line numbers are those of the editor.
            let offset = lines.len() + said(0).lines().count();
            lines.extend(said(offset).lines().map(str::to_owned));
        }
        lines.iter().map(|line| format!("{MARK}{line}{}", self.newline)).collect()
    }

    /// The head followed by the text.
    pub(super) fn write(&self, head: &str, text: &str) -> String {
        [head, text, if self.open_end { self.newline } else { "" }].concat()
    }

    /// The edited text without the lines of the head.
    pub(super) fn read(&self, text: &str, head: &str) -> String {
        let own: Vec<&str> = head.lines().collect();
        let mut rest = text;
        // An editor that replaces a word everywhere does so in the head, too.
        let is_head = |line: &&str| own.contains(line) || !self.has_mark && line.starts_with(MARK);
        while let Some(line) = rest.lines().next().filter(is_head) {
            let after = &rest[line.len()..];
            rest = after.strip_prefix("\r\n").or_else(|| after.strip_prefix('\n')).unwrap_or(after);
        }
        let mut rest = rest.to_owned();
        // Some editors add a line break at the end, others do not.
        match self.open_end {
            true if rest.ends_with('\n') => {
                rest.truncate(rest.len() - if rest.ends_with("\r\n") { 2 } else { 1 });
            }
            false if !rest.is_empty() && !rest.ends_with('\n') => rest += self.newline,
            _ => {}
        }
        rest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        for text in ["a: 1\n", "a: 1", "a: 1\r\nb: 2\r\n", "#kcx: mine\na: 1\n", "", "a: |\n  x\n\n\n"] {
            let edit_buffer = EditBuffer::of(text, "it".to_owned(), true);
            let head = edit_buffer.head(Some(&|lines| format!("error: line {}\n", lines + 1)));
            assert!(head.contains("#kcx: error: line 5"), "{head}");
            let written = edit_buffer.write(&head, text);
            assert_eq!(edit_buffer.read(&written, &head), text);
            let lines = written.find("#kcx: if it is").unwrap();
            assert_eq!(edit_buffer.read(&written[lines..], &head), text, "a line above it was removed");
        }
        let edit_buffer = EditBuffer::of("a: 1\n", String::new(), false);
        assert_eq!(edit_buffer.read("a: 2", ""), "a: 2\n");
    }
}

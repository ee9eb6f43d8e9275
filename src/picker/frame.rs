//! Renders a picker as the lines of a screen. Pure.
//!
//! ```text
//!   context> peu                                3/120
//!   > prod-eu1  web
//!   * prod-eu2
//!   ──────────────────────────────────────────────────
//!     server  https://prod-eu1.example
//! ```

use super::list::{List, Paint};
use crate::printer::quote;
use unicode_width::UnicodeWidthChar;

/// The style of a piece of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LineStyle {
    /// Default style.
    Plain,
    /// The line at the pointer.
    Pointed,
    /// A character that the query matches.
    Hit,
    /// The title, and the sign of a current or marked item.
    Mark,
    /// Secondary text.
    Dim,
    /// A name in the color of its rule.
    Name(Paint),
    /// A label in the color of its rule.
    Label(Paint),
}

/// The pieces of a line with their styles, from left to right.
pub(crate) type Line = Vec<(String, LineStyle)>;

/// The content of a screen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Frame {
    /// The lines; not more and not wider than the screen.
    pub lines: Vec<Line>,
    /// The position of the cursor: column and line, from 0.
    pub cursor: (usize, usize),
}

/// The minimum height of a screen that shows the preview.
const ROOMY: usize = 10;

/// Renders the list for a screen of this size, with a preview (labels and values) of the item at the pointer.
pub(crate) fn frame(list: &mut List, columns: usize, rows: usize, preview: &[(String, String)]) -> Frame {
    if columns == 0 || rows == 0 {
        return Frame::default();
    }
    let below = match rows {
        ROOMY.. if !preview.is_empty() => (preview.len() + 1).min(rows / 2),
        _ => 0,
    };
    let page = rows - 1 - below;
    list.fit(page);
    let (prompt, column) = prompt(list, columns);
    let mut lines = vec![prompt];
    let shown = list.shown[list.top..].iter().copied().take(page);
    for (row, item) in (list.top..).zip(shown.collect::<Vec<_>>()) {
        lines.push(entry(list, item, row == list.at, columns));
    }
    if below > 0 {
        lines.resize(rows - below, Line::new());
        lines.push(vec![("─".repeat(columns), LineStyle::Dim)]);
        let width = preview.iter().map(|(label, _)| label.len()).max().unwrap_or(0);
        for (label, value) in preview.iter().take(below - 1) {
            let mut line = Writer::new(columns);
            line.text(&format!("  {label:width$}  "), LineStyle::Dim);
            line.middle(&cells(value, LineStyle::Plain, &[]), columns);
            lines.push(line.line);
        }
    }
    Frame { lines, cursor: (column, 0) }
}

/// The line with the query, and the column of the cursor.
fn prompt(list: &List, columns: usize) -> (Line, usize) {
    let mut line = Writer::new(columns);
    line.text(&format!("{}> ", list.title), LineStyle::Mark);
    // Of a query that is too long, the end before the cursor is shown.
    let (before, behind) = list.query.split_at(list.cursor);
    let (before, behind) = (cells(before, LineStyle::Plain, &[]), cells(behind, LineStyle::Plain, &[]));
    let room = columns.saturating_sub(line.used + 1);
    let mut start = before.len();
    let mut width = 0;
    while start > 0 && width + before[start - 1].width <= room {
        start -= 1;
        width += before[start].width;
    }
    before[start..].iter().for_each(|cell| line.cell(cell));
    let column = line.used.min(columns - 1);
    behind.iter().for_each(|cell| line.cell(cell));
    let marked = match list.marked.len() {
        0 => String::new(),
        marked => format!("{marked} marked, "),
    };
    let message = if list.message.is_empty() { String::new() } else { format!("{}, ", list.message) };
    let count = format!("{message}{marked}{}/{}", list.shown.len(), list.items.len());
    if line.used + 2 + count.len() <= columns {
        line.text(&" ".repeat(columns - line.used - count.len()), LineStyle::Plain);
        line.text(&count, LineStyle::Dim);
    }
    (line.line, column)
}

fn entry(list: &mut List, item: usize, pointed: bool, columns: usize) -> Line {
    let hits = list.hits(item);
    let marked = list.marked.contains(&item);
    let item = &list.items[item];
    let style = match item.paint {
        Some(paint) => LineStyle::Name(Paint { is_bold: paint.is_bold || pointed, ..paint }),
        None if pointed => LineStyle::Pointed,
        None => LineStyle::Plain,
    };
    let mut line = Writer::new(columns);
    line.text(if pointed { ">" } else { " " }, if pointed { LineStyle::Pointed } else { LineStyle::Plain });
    line.text(
        if marked {
            "+"
        } else if item.current {
            "*"
        } else {
            " "
        },
        LineStyle::Mark,
    );
    let note = cells(&item.note, item.paint.map_or(LineStyle::Dim, LineStyle::Label), &[]);
    let taken = note.iter().map(|cell| cell.width).sum::<usize>() + if note.is_empty() { 0 } else { 2 };
    // A long name leaves room for the note, unless that is too long itself.
    let room = if taken <= columns / 2 { columns - taken } else { columns };
    line.middle(&cells(&item.name, style, &hits), room);
    if !note.is_empty() {
        line.text("  ", LineStyle::Plain);
        note.iter().for_each(|cell| line.cell(cell));
    }
    line.line
}

/// A character as shown (escaped if necessary) with the combining marks that follow it.
struct Cell {
    text: String,
    width: usize,
    style: LineStyle,
}

/// Splits a text into cells; control characters are escaped.
fn cells(text: &str, style: LineStyle, hits: &[usize]) -> Vec<Cell> {
    let mut cells: Vec<Cell> = Vec::new();
    for (at, c) in text.chars().enumerate() {
        let style = if hits.contains(&at) { LineStyle::Hit } else { style };
        let shown = quote::visible(c.encode_utf8(&mut [0; 4])).into_owned();
        let width = shown.chars().filter_map(UnicodeWidthChar::width).sum();
        match cells.last_mut() {
            // A combining mark belongs to the character before it.
            Some(last) if width == 0 => last.text.push_str(&shown),
            _ => cells.push(Cell { text: shown, width, style }),
        }
    }
    cells
}

/// Builds a line that is not wider than the screen.
struct Writer {
    line: Line,
    used: usize,
    columns: usize,
    full: bool,
}

impl Writer {
    fn new(columns: usize) -> Writer {
        Writer { line: Line::new(), used: 0, columns, full: false }
    }

    fn cell(&mut self, cell: &Cell) {
        // The first cell that does not fit ends the line, even if a later one is narrower.
        self.full |= self.used + cell.width > self.columns;
        if self.full {
            return;
        }
        self.used += cell.width;
        match self.line.last_mut() {
            Some((text, style)) if *style == cell.style => text.push_str(&cell.text),
            _ => self.line.push((cell.text.clone(), cell.style)),
        }
    }

    fn text(&mut self, text: &str, style: LineStyle) {
        cells(text, style, &[]).iter().for_each(|cell| self.cell(cell));
    }

    /// Writes a text; replaces the middle of a text that is too long by `…`. The names that clouds generate differ at
    /// their ends.
    fn middle(&mut self, cells: &[Cell], columns: usize) {
        let room = columns.saturating_sub(self.used);
        let total: usize = cells.iter().map(|cell| cell.width).sum();
        if total <= room {
            return cells.iter().for_each(|cell| self.cell(cell));
        }
        let (head, tail) = (room.saturating_sub(1) / 3, room.saturating_sub(1) - room.saturating_sub(1) / 3);
        let fitting = |cells: &mut dyn Iterator<Item = &Cell>, room: usize| {
            let mut width = 0;
            cells
                .take_while(|cell| {
                    width += cell.width;
                    width <= room
                })
                .count()
        };
        let first = fitting(&mut cells.iter(), head);
        let last = fitting(&mut cells.iter().rev(), tail);
        cells[..first].iter().for_each(|cell| self.cell(cell));
        self.text("…", LineStyle::Dim);
        cells[cells.len() - last..].iter().for_each(|cell| self.cell(cell));
    }
}

#[cfg(test)]
mod tests {
    use super::super::list::{Choice, Key};
    use super::*;
    use proptest::prelude::*;
    use unicode_width::UnicodeWidthStr;

    fn plain(frame: &Frame) -> String {
        let line = |line: &Line| line.iter().map(|(text, _)| text.as_str()).collect::<String>();
        frame.lines.iter().map(|it| format!("{}\n", line(it).trim_end())).collect()
    }

    fn list(names: &[&str]) -> List {
        let item = |name: &&str| Choice { name: (*name).to_owned(), ..Choice::default() };
        List::new("context", names.iter().map(item).collect())
    }

    #[test]
    fn shows_items_and_the_preview() {
        let mut list = list(&["dev", "prod-eu1", "prod-us1"]);
        list.items[0].current = true;
        list.items[1].note = "web".to_owned();
        let preview = [("server".to_owned(), "https://dev".to_owned()), ("user".to_owned(), "u".to_owned())];
        let frame = frame(&mut list, 30, 10, &preview);
        assert_eq!(
            plain(&frame),
            "context>                   3/3\n>*dev\n  prod-eu1  web\n  prod-us1\n\n\n\n\
             ──────────────────────────────\n  server  https://dev\n  user    u\n"
        );
        assert_eq!(frame.cursor, (9, 0));
    }

    #[test]
    fn matched_characters_are_highlighted() {
        let mut list = list(&["prod-eu1"]);
        for c in "deu".chars() {
            list.press(Key::Char(c));
        }
        let frame = frame(&mut list, 40, 5, &[]);
        let hits: String = frame.lines[1]
            .iter()
            .filter(|(_, style)| *style == LineStyle::Hit)
            .map(|(text, _)| text.as_str())
            .collect();
        assert_eq!(hits, "deu");
    }

    #[test]
    fn characters_after_multibyte_ones_are_highlighted() {
        for (name, query) in [("é日-prod", "prd"), ("prod-日é", "pé")] {
            let mut list = list(&[name]);
            query.chars().for_each(|c| drop(list.press(Key::Char(c))));
            let frame = frame(&mut list, 40, 5, &[]);
            let hit = |(text, style): &(String, LineStyle)| (*style == LineStyle::Hit).then(|| text.clone());
            assert_eq!(frame.lines[1].iter().filter_map(hit).collect::<String>(), query);
        }
    }

    #[test]
    fn a_long_name_keeps_both_ends() {
        let mut list = list(&["arn:aws:eks:eu-west-1:123456789012:cluster/shop"]);
        let text = plain(&frame(&mut list, 24, 3, &[]));
        assert_eq!(text.lines().nth(1), Some("> arn:aws…2:cluster/shop"));
    }

    #[test]
    fn a_long_name_leaves_room_for_the_note() {
        let mut list = list(&["arn:aws:eks:eu-west-1:123456789012:cluster/shop", "dev"]);
        list.items[0].note = "PROD".to_owned();
        list.items[1].note = "a note that is longer than that".to_owned();
        let text = plain(&frame(&mut list, 30, 3, &[]));
        assert_eq!(
            text.lines().skip(1).collect::<Vec<_>>(),
            ["> arn:aws…2:cluster/shop  PROD", "  dev  a note that is longer t"]
        );
    }

    #[test]
    fn a_colored_item_is_colored_with_its_note() {
        let mut list = list(&["a", "b"]);
        list.items[1].note = "PROD".to_owned();
        let paint = Paint { color: 1, is_bold: false };
        (list.items[0].paint, list.items[1].paint) = (Some(paint), Some(paint));
        let styles = |frame: &Frame, line: usize| -> Vec<LineStyle> {
            frame.lines[line].iter().map(|(_, style)| *style).collect()
        };
        let frame = frame(&mut list, 30, 3, &[]);
        let pointed = LineStyle::Name(Paint { is_bold: true, ..paint });
        assert_eq!(styles(&frame, 1), [LineStyle::Pointed, LineStyle::Mark, pointed]);
        let (name, label) = (LineStyle::Name(paint), LineStyle::Label(paint));
        assert_eq!(styles(&frame, 2), [LineStyle::Plain, LineStyle::Mark, name, LineStyle::Plain, label]);
    }

    #[test]
    fn control_characters_in_names_are_escaped() {
        let mut list = list(&["\x1b[2Jred", "a\u{202e}b", "日本語", "e\u{301}té", "line\nbreak"]);
        let text = plain(&frame(&mut list, 40, 10, &[]));
        assert_eq!(
            text,
            format!(
                "context> {}5/5\n> \\x1b[2Jred\n  a\\u202eb\n  日本語\n  e\u{301}té\n  line\\nbreak\n",
                " ".repeat(28)
            )
        );
    }

    fn key() -> impl Strategy<Value = Key> {
        prop_oneof![
            any::<char>().prop_map(Key::Char),
            "[a-z0-9 !^$']".prop_map(|text| Key::Char(text.chars().next().unwrap_or('a'))),
            proptest::sample::select(vec![
                Key::Backspace,
                Key::Delete,
                Key::Word,
                Key::Clear,
                Key::Left,
                Key::Right,
                Key::Home,
                Key::End,
                Key::Up,
                Key::Down,
                Key::PageUp,
                Key::PageDown,
                Key::Mark,
                Key::Enter,
            ]),
        ]
    }

    proptest! {
        #[test]
        fn no_frame_is_larger_than_the_screen_or_has_control_characters(
            names in proptest::collection::vec("\\PC{0,12}|[a-z-]{1,30}|.{0,8}", 0..12),
            keys in proptest::collection::vec(key(), 0..20),
            columns in 0_usize..60,
            rows in 0_usize..16,
        ) {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let mut list = list(&names).many();
            let preview = [("file".to_owned(), names.concat())];
            for key in keys {
                list.press(key);
                let frame = frame(&mut list, columns, rows, &preview);
                prop_assert!(frame.lines.len() <= rows);
                prop_assert!(list.at == 0 || list.at < list.shown.len());
                prop_assert!(columns == 0 || frame.cursor.0 < columns);
                for line in &frame.lines {
                    let text: String = line.iter().map(|(text, _)| text.as_str()).collect();
                    let width: usize = line.iter().flat_map(|(text, _)| text.chars()).filter_map(UnicodeWidthChar::width).sum();
                    prop_assert!(width <= columns, "{text:?} {} > {columns}", text.width());
                    prop_assert!(!text.chars().any(char::is_control), "{text:?}");
                }
            }
        }
    }
}

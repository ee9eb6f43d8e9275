//! Renders tables: [`print()`] byte for byte as kubectl, [`screen`] and [`fitted`] for a terminal.
//!
//! kubectl writes names unescaped to a tab writer (`printers.GetNewTabWriter`: Go's text/tabwriter with remembered
//! widths), so a tab in a name starts a cell and a form feed ends the row. [`print()`] does the same; the tables for a terminal
//! escape names.

mod screen;

pub use screen::{Cell, Column, fitted, screen, shortened};

/// The minimum width of a column, including padding.
const LEAST: usize = 6;
/// The number of blanks after the longest cell of a column.
const PADDING: usize = 3;

/// Prints a table as `kubectl config get-contexts` does.
///
/// ```
/// let rows = [vec!["*".into(), "prod".into(), "".into()]];
/// let text = kcx::printer::table::print(Some(&["CURRENT", "NAME", "NAMESPACE"]), &rows);
/// assert_eq!(text, "CURRENT   NAME   NAMESPACE\n*         prod   \n");
/// ```
#[must_use]
pub fn print(header: Option<&[&str]>, rows: &[Vec<String>]) -> String {
    let header = header.map(|cells| cells.join("\t"));
    let text: Vec<String> = header.into_iter().chain(rows.iter().map(|cells| cells.join("\t"))).collect();
    let mut writer = TabWriter::default();
    for row in &text {
        // A form feed ends the row and the block of aligned rows.
        let mut lines = row.split_inclusive(['\n', '\x0c']).collect::<Vec<_>>();
        if row.is_empty() || row.ends_with(['\n', '\x0c']) {
            lines.push("");
        }
        for line in lines {
            let flush = line.ends_with('\x0c');
            let cells: Vec<&str> = line.trim_end_matches(['\n', '\x0c']).split(['\t', '\x0b']).collect();
            let flush = flush || cells.len() == 1;
            writer.lines.push(cells);
            if flush {
                writer.flush();
            }
        }
    }
    writer.flush();
    writer.out
}

/// Go's text/tabwriter with kubectl's settings: cells end with tabs, the last cell of a line does not belong to a
/// column, and a column is as wide as its longest cell in adjacent lines, but not narrower than in earlier blocks.
#[derive(Default)]
struct TabWriter<'a> {
    lines: Vec<Vec<&'a str>>,
    remembered: Vec<usize>,
    out: String,
}

impl TabWriter<'_> {
    fn flush(&mut self) {
        let lines = std::mem::take(&mut self.lines);
        self.format(&lines, &mut Vec::new());
    }

    /// Writes lines; `widths` are those of their first columns.
    fn format(&mut self, mut lines: &[Vec<&str>], widths: &mut Vec<usize>) {
        let column = widths.len();
        let has_column = |cells: &Vec<&str>| cells.len() > column + 1;
        while let Some(start) = lines.iter().position(has_column) {
            let (before, rest) = lines.split_at(start);
            let len = rest.iter().position(|cells| !has_column(cells)).unwrap_or(rest.len());
            let (block, after) = rest.split_at(len);
            self.write(before, widths);
            widths.push(self.width(block, column));
            self.format(block, widths);
            widths.pop();
            lines = after;
        }
        self.write(lines, widths);
    }

    fn width(&mut self, block: &[Vec<&str>], column: usize) -> usize {
        let longest = block.iter().map(|cells| cells[column].chars().count() + PADDING).max();
        if self.remembered.len() == column {
            self.remembered.push(LEAST);
        }
        let remembered = &mut self.remembered[column];
        *remembered = longest.unwrap_or(0).max(*remembered);
        *remembered
    }

    fn write(&mut self, lines: &[Vec<&str>], widths: &[usize]) {
        for cells in lines {
            for (column, cell) in cells.iter().enumerate() {
                self.out.push_str(cell);
                let width = widths.get(column).copied().unwrap_or(0);
                self.out.extend(std::iter::repeat_n(' ', width.saturating_sub(cell.chars().count())));
            }
            self.out.push('\n');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: [&str; 5] = ["CURRENT", "NAME", "CLUSTER", "AUTHINFO", "NAMESPACE"];

    fn rows(rows: &[[&str; 5]]) -> Vec<Vec<String>> {
        rows.iter().map(|cells| cells.map(String::from).to_vec()).collect()
    }

    #[test]
    fn columns_are_as_wide_as_their_longest_cell_in_code_points() {
        let body = rows(&[["*", "été☃", "日本", "u", "q"], ["", "10", "", "", "only"], ["", "", "", "", ""]]);
        let want = format!(
            "CURRENT   NAME   CLUSTER   AUTHINFO   NAMESPACE\n*         été☃   日本        u          q\n{:10}{:28}only\n{:38}\n",
            "", "10", ""
        );
        assert_eq!(print(Some(&HEADER), &body), want);
        assert_eq!(
            print(None, &rows(&[["*", "a", "c1", "u1", ""], ["", "b", "c2", "u2", "ns-b"]])),
            "*     a     c1    u1    \n      b     c2    u2    ns-b\n"
        );
        assert_eq!(print(Some(&HEADER), &[]), "CURRENT   NAME   CLUSTER   AUTHINFO   NAMESPACE\n");
        assert_eq!(print(None, &[]), "");
    }

    /// Recorded from `kubectl config get-contexts` with such names.
    #[test]
    fn control_characters_have_their_meaning_for_the_tab_writer() {
        let body = rows(&[
            ["", "long\x0c\x0bx", "a-long-cluster", "u", "n\n"],
            ["", "nl\nhere", "v\x0btab", "f\x0cfeed", ""],
            ["*", "plain", "k", "u", "日本"],
            ["", "tab\there", "k", "u", ""],
        ]);
        let with_header = "CURRENT   NAME   CLUSTER   AUTHINFO   NAMESPACE\n          long\n          x      \
                           a-long-cluster   u          n\n\n          nl\nhere      v      tab              f\nfeed      \n\
                           *         plain   k                u          日本\n          \
                                     tab     here             k          u     \n";
        let bare = "      long\n      x     a-long-cluster   u     n\n\n       nl\nhere   v     tab              f\n\
                    feed   \n*      plain   k                u     日本\n       tab     here             k     u     \n";
        assert_eq!(print(Some(&HEADER), &body), with_header);
        assert_eq!(print(None, &body), bare);
        let names = ["long\x0c\x0bx", "nl\nhere", "plain", "tab\there"].map(|name| vec![name.to_string()]);
        assert_eq!(print(None, &names), "long\n      x\nnl\nhere\nplain\ntab   here\n");
    }

    #[test]
    fn a_screen_shows_names_aligned_and_escaped() {
        let body = rows(&[["*", "日本", "c\x1b[2J", "u", ""], ["", "tab\there", "c", "u", "n"]]);
        let want = "CURRENT   NAME        CLUSTER    AUTHINFO   NAMESPACE\n\
                    *         日本        c\\x1b[2J   u\n          \
                              tab\\there   c          u          n\n";
        assert_eq!(screen(Some(&HEADER), &body, None), want);
        let cut = screen(Some(&HEADER), &body, Some(13));
        assert_eq!(cut, "CURRENT   NA…\n*         日…\n          ta…\n");
        assert_eq!(screen(None, &[], None), "");
    }
}

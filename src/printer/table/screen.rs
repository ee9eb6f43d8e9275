//! Tables for a terminal: cells are escaped and aligned by display width, and long names are shortened in the middle.

use super::PADDING;
use crate::printer::quote;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The width below which a column is left out rather than shortened, if it may be.
const READABLE: usize = 20;
/// The width below which no column is shortened.
const LEAST: usize = 8;

/// A column, and what becomes of it if the table is wider than the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column<'h> {
    /// What the row is about: its cells are the last ones to be shortened.
    Name(&'h str),
    /// Its cells stay whole.
    Whole(&'h str),
    /// Its cells are shortened.
    Shortened(&'h str),
    /// Its cells are shortened, or it is left out; the last such column first.
    Optional(&'h str),
}

impl<'h> Column<'h> {
    fn header(self) -> &'h str {
        let (Column::Name(header)
        | Column::Whole(header)
        | Column::Shortened(header)
        | Column::Optional(header)) = self;
        header
    }
}

/// A cell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// The whole text.
    pub text: String,
    /// What a table that is too wide shows instead.
    pub short: Option<String>,
    /// The parameters of an SGR escape sequence, such as `31;1`; empty for no colour.
    pub color: String,
}

impl<T: Into<String>> From<T> for Cell {
    fn from(text: T) -> Cell {
        Cell { text: text.into(), ..Cell::default() }
    }
}

/// Prints a table in columns of at most `width`; `None` is any width. What costs the reader least goes first: columns
/// without a text; then references get their short names, are cut, and are left out, the last column first; then names get
/// their short names, and only if that does not suffice they are cut: [`shortened`].
///
/// ```
/// use kcx::printer::table::{Column, fitted};
/// let columns = [Column::Name("NAME"), Column::Whole("NAMESPACE")];
/// let row = |name: &str| vec![name.into(), "web".into()];
/// let rows = [row("arn:aws:eks:eu-west-1:111122223333:cluster/main"), row("arn:aws:eks:eu-west-1:444455556666:cluster/main")];
/// let text = fitted(&columns, &rows, Some(34));
/// assert_eq!(
///     text,
///     "NAME                     NAMESPACE\narn:aws…3:cluster/main   web\narn:aws…6:cluster/main   web\n"
/// );
/// ```
#[must_use]
pub fn fitted(columns: &[Column<'_>], rows: &[Vec<Cell>], width: Option<usize>) -> String {
    let full = |cell: &'_ Cell| quote::visible(&cell.text).into_owned();
    let short = |cell: &'_ Cell| quote::visible(cell.short.as_ref().unwrap_or(&cell.text)).into_owned();
    let mut kept: Vec<usize> = (0..columns.len()).collect();
    let mut texts = texts(columns, rows, &full);
    if let Some(width) = width
        && total(&kept, &texts) > width
    {
        (kept, texts) = fit(columns, &texts, self::texts(columns, rows, &short), width);
    }
    let shown: Vec<&[String]> = kept.iter().map(|&at| texts[at].as_slice()).collect();
    let color = |line: usize, column: usize| {
        let row = line.checked_sub(1).and_then(|row| rows.get(row));
        row.and_then(|row| row.get(kept[column])).map_or("", |cell| cell.color.as_str())
    };
    aligned(&shown, color).iter().map(|line| format!("{line}\n")).collect()
}

/// The columns that are shown in this width, and the texts of all columns.
fn fit(
    columns: &[Column<'_>],
    full: &[Vec<String>],
    short: Vec<Vec<String>>,
    width: usize,
) -> (Vec<usize>, Vec<Vec<String>>) {
    let is_name = |at: usize| matches!(columns[at], Column::Name(_));
    let has_text = |&at: &usize| is_name(at) || full[at].iter().skip(1).any(|text| !text.is_empty());
    let with_text: Vec<usize> = (0..columns.len()).filter(has_text).collect();
    let named: Vec<Vec<String>> =
        (0..columns.len()).map(|at| if is_name(at) { full[at].clone() } else { short[at].clone() }).collect();
    for texts in [named, short.clone()] {
        let mut kept = with_text.clone();
        loop {
            if total(&kept, &texts) <= width {
                return (kept, texts);
            }
            let cut = |at: usize| matches!(columns[at], Column::Shortened(_) | Column::Optional(_));
            if let Some(cap) = limit(&kept, &cut, &texts, width).filter(|&cap| cap >= READABLE) {
                return (kept, cut_to(cap, &cut, texts));
            }
            match kept.iter().rposition(|&at| matches!(columns[at], Column::Optional(_))) {
                Some(last) => drop(kept.remove(last)),
                None => break,
            }
        }
    }
    let kept: Vec<usize> =
        with_text.into_iter().filter(|&at| !matches!(columns[at], Column::Optional(_))).collect();
    let cut = |at: usize| !matches!(columns[at], Column::Whole(_));
    let cap = limit(&kept, &cut, &short, width).unwrap_or(LEAST);
    (kept, cut_to(cap, &cut, short))
}

/// Shortens the cells of some columns.
fn cut_to(cap: usize, cut: &impl Fn(usize) -> bool, mut texts: Vec<Vec<String>>) -> Vec<Vec<String>> {
    for (_, column) in texts.iter_mut().enumerate().filter(|(at, _)| cut(*at)) {
        let header = column.remove(0);
        *column = shortened(std::mem::take(column), cap);
        column.insert(0, header);
    }
    texts
}

/// The lines of these columns of texts, aligned and without trailing blanks; `color` has the color of a line's column.
fn aligned<'c>(columns: &[&[String]], color: impl Fn(usize, usize) -> &'c str) -> Vec<String> {
    let widths: Vec<usize> = columns.iter().map(|column| widest(column)).collect();
    let count = columns.iter().map(|column| column.len()).max().unwrap_or_default();
    let line = |line: usize| {
        let (mut cells, mut pad) = (String::new(), 0);
        for (at, column) in columns.iter().enumerate() {
            let text = &column[line];
            if text.is_empty() {
                pad += widths[at] + PADDING;
                continue;
            }
            cells.extend(std::iter::repeat_n(' ', pad));
            match color(line, at) {
                "" => cells.push_str(text),
                color => cells.extend(["\x1b[", color, "m", text, "\x1b[0m"]),
            }
            pad = widths[at] - text.width() + PADDING;
        }
        cells
    };
    (0..count).map(line).collect()
}

/// The texts of each column, headers first.
fn texts(columns: &[Column<'_>], rows: &[Vec<Cell>], text: &dyn Fn(&Cell) -> String) -> Vec<Vec<String>> {
    let cells = |at: usize| rows.iter().map(move |row| row.get(at).map(text).unwrap_or_default());
    let column = |(at, column): (usize, &Column<'_>)| {
        std::iter::once(column.header().to_owned()).chain(cells(at)).collect()
    };
    columns.iter().enumerate().map(column).collect()
}

fn widest(texts: &[String]) -> usize {
    texts.iter().map(|text| text.width()).max().unwrap_or_default()
}

fn total(kept: &[usize], texts: &[Vec<String>]) -> usize {
    kept.iter().map(|&at| widest(&texts[at])).sum::<usize>() + PADDING * kept.len().saturating_sub(1)
}

/// The largest width to which these columns can be limited so that the table fits; `None` if it does not fit at all.
fn limit(kept: &[usize], cut: &impl Fn(usize) -> bool, texts: &[Vec<String>], width: usize) -> Option<usize> {
    let (others, whole): (Vec<usize>, Vec<usize>) = kept.iter().copied().partition(|&at| cut(at));
    let used: usize = whole.iter().map(|&at| widest(&texts[at])).sum();
    let room = width.checked_sub(used + PADDING * kept.len().saturating_sub(1))?;
    let width = |at: usize, cap: usize| widest(&texts[at]).min(cap).max(texts[at][0].width());
    let fits = |cap: usize| others.iter().map(|&at| width(at, cap)).sum::<usize>() <= room;
    (LEAST..=room).rev().find(|&cap| fits(cap))
}

/// Shortens texts to a width in columns, all at the same place: the one that leaves most of them different. Those that
/// still look alike are shortened at another place, so that the part is shown in which they differ.
///
/// ```
/// use kcx::printer::table::shortened;
/// assert_eq!(shortened(vec!["shop-cluster-dev-1".into(), "shop-cluster-dev-2".into()], 9), ["shop…ev-1", "shop…ev-2"]);
/// ```
#[must_use]
pub fn shortened(texts: Vec<String>, width: usize) -> Vec<String> {
    if widest(&texts) <= width {
        return texts;
    }
    let room = width.saturating_sub(1);
    // The middle first, then places around it.
    let places = (0..=room * 2).map(|step| match step % 2 {
        0 => room / 2 + step / 2,
        _ => (room / 2).saturating_sub(step / 2 + 1),
    });
    let different =
        |head: usize| texts.iter().map(|text| shortened_at(text, head, width)).collect::<HashSet<_>>().len();
    let all = texts.iter().collect::<HashSet<_>>().len();
    let (mut best, mut most) = (room / 2, 0);
    for head in places.filter(|&head| head <= room) {
        let found = different(head);
        if found > most {
            (best, most) = (head, found);
        }
        if most == all {
            break;
        }
    }
    let mut shown: Vec<String> =
        texts.iter().map(|text| shortened_at(text, best, width).into_owned()).collect();
    if most < all {
        tell_apart(&texts, &mut shown, width);
    }
    shown
}

/// Shortens each group of texts that look alike at a place of its own, if there is one that tells them apart.
fn tell_apart(texts: &[String], shown: &mut [String], width: usize) {
    let mut groups: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, text) in shown.iter().enumerate() {
        groups.entry(text.clone()).or_default().push(at);
    }
    for group in groups.into_values() {
        let different = group.iter().map(|&at| &texts[at]).collect::<BTreeSet<_>>();
        let (Some(first), Some(last)) = (different.first(), different.last()) else { continue };
        if different.len() == 1 {
            continue;
        }
        let others: HashSet<&String> = shown
            .iter()
            .enumerate()
            .filter(|(at, _)| group.binary_search(at).is_err())
            .map(|it| it.1)
            .collect();
        // In the order of the texts, the first and the last one have the shortest beginning in common.
        let same = first.chars().zip(last.chars()).take_while(|(one, other)| one == other).count();
        let heads = (0..width).map(Place::Head);
        let parts = [same, same.saturating_sub(width / 2), same.saturating_sub(width.saturating_sub(3))];
        let fits = |place: &Place| {
            let cut: HashSet<String> = different.iter().map(|text| place.of(text, width)).collect();
            cut.len() == different.len() && cut.iter().all(|text| !others.contains(text))
        };
        let place = heads.chain(parts.map(Place::Middle)).find(fits);
        if let Some(place) = place {
            for at in group {
                shown[at] = place.of(&texts[at], width);
            }
        }
    }
}

/// Which part of a text is shown.
#[derive(Clone, Copy)]
enum Place {
    /// So many columns of the beginning, and the end.
    Head(usize),
    /// The part that begins with this character.
    Middle(usize),
}

impl Place {
    fn of(self, text: &str, width: usize) -> String {
        match self {
            Place::Head(head) => shortened_at(text, head, width).into_owned(),
            Place::Middle(_) if text.width() <= width => text.to_owned(),
            Place::Middle(start) => {
                let rest: String = text.chars().skip(start).collect();
                let before = if start == 0 { "" } else { "…" };
                let room = width.saturating_sub(before.width());
                let after = if rest.width() > room { "…" } else { "" };
                let end = fitting(rest.chars(), room.saturating_sub(after.width()));
                format!("{before}{}{after}", &rest[..end])
            }
        }
    }
}

/// A text of at most this width: `head` columns of its beginning, `…`, and of its end what fits.
fn shortened_at(text: &str, head: usize, width: usize) -> Cow<'_, str> {
    if text.width() <= width {
        return Cow::Borrowed(text);
    }
    let begin = fitting(text.chars(), head);
    let end = fitting(text.chars().rev(), width.saturating_sub(head + 1));
    Cow::Owned(format!("{}…{}", &text[..begin], &text[text.len() - end..]))
}

/// The length in bytes of the first characters that fit into a width.
fn fitting(chars: impl Iterator<Item = char>, width: usize) -> usize {
    let mut used = 0;
    chars
        .take_while(|c| {
            used += c.width().unwrap_or(0);
            used <= width
        })
        .map(char::len_utf8)
        .sum()
}

/// Prints a table whose columns all stay whole: lines have no trailing blanks, and cells are escaped by
/// [`quote::visible`]. Lines longer than `width` columns are cut and end with `…`.
///
/// ```
/// let rows = [vec!["日本".into(), "a".into()], vec!["x\x1b".into(), "".into()]];
/// assert_eq!(kcx::printer::table::screen(None, &rows, None), "日本    a\nx\\x1b\n");
/// ```
#[must_use]
pub fn screen(header: Option<&[&str]>, rows: &[Vec<String>], width: Option<usize>) -> String {
    let visible = |cell: &str| quote::visible(cell).into_owned();
    let header = header.map(|cells| cells.iter().map(|cell| visible(cell)).collect());
    let body = rows.iter().map(|cells| cells.iter().map(|cell| visible(cell)).collect());
    let lines: Vec<Vec<String>> = header.into_iter().chain(body).collect();
    let count = lines.iter().map(Vec::len).max().unwrap_or(0);
    let column = |at: usize| lines.iter().map(|cells| cells.get(at).cloned().unwrap_or_default()).collect();
    let columns: Vec<Vec<String>> = (0..count).map(column).collect();
    let columns: Vec<&[String]> = columns.iter().map(Vec::as_slice).collect();
    aligned(&columns, |_, _| "").iter().map(|line| cut(line.trim_end(), width) + "\n").collect()
}

/// Cuts a line to a display width, including the `…` at its end.
fn cut(line: &str, width: Option<usize>) -> String {
    let Some(width) = width.filter(|&width| line.width() > width) else { return line.to_string() };
    let end = fitting(line.chars(), width.saturating_sub(1));
    format!("{}…", &line[..end])
}

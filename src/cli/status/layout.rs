//! The columns of `kcx status` in a terminal of some width. No row is wider: the terminal would break it within a word.

use crate::printer::{table, wrap};
use unicode_width::UnicodeWidthStr;

/// The width that a shortened name has at least.
const LEAST_NAME: usize = 15;
/// The width that a shortened user has at least.
const LEAST_USER: usize = 12;
/// The width in which a reason is readable beside the name.
const LEAST_REASON: usize = 24;
/// The width of a row with a cut name, and without a label and what may be left out.
pub(super) const LEAST_BESIDE_LABEL: usize = 2 + LEAST_NAME + STATUS + 2 + 8;
/// Two blanks, and the status.
const STATUS: usize = 2 + 6;

/// The columns after the status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Columns {
    /// The width of the version; 0 leaves it out.
    version: usize,
    has_latency: bool,
    has_certificate: bool,
    has_user: bool,
}

const ALL: Columns = Columns { version: 14, has_latency: true, has_certificate: true, has_user: true };

/// From all columns to none.
const CHOICES: [Columns; 6] = [
    ALL,
    Columns { version: 9, ..ALL },
    Columns { version: 9, has_certificate: false, ..ALL },
    Columns { version: 9, has_certificate: false, has_user: false, ..ALL },
    Columns { version: 0, has_certificate: false, has_user: false, ..ALL },
    Columns { version: 0, has_latency: false, has_certificate: false, has_user: false },
];
/// The choices in which names are whole.
const WITH_WHOLE_NAMES: usize = 2;
/// The choices in which names have their short forms, and are not cut: a version is worth more than the rest of a name.
const WITH_SHORT_NAMES: usize = 4;

impl Columns {
    /// The width of a row beside the name: the mark, the status and these columns.
    fn width(self) -> usize {
        let version = if self.version == 0 { 0 } else { 2 + self.version };
        let latency = if self.has_latency { 2 + 8 } else { 0 };
        let certificate = if self.has_certificate { 2 + 6 } else { 0 };
        2 + STATUS + version + latency + certificate + if self.has_user { 2 + LEAST_USER } else { 0 }
    }
}

/// The columns, and how the contexts are named.
pub(super) struct Layout {
    /// How the contexts are shown.
    pub(super) names: Vec<String>,
    columns: Columns,
    /// The width of a row; `None` is any width.
    room: Option<usize>,
    /// The width of the columns between the name and the status.
    between: usize,
}

impl Layout {
    /// Finds the columns for a width of `room`. A context keeps its name, or its short name, and other columns are left out
    /// for it; where that does not suffice, names are cut.
    pub(super) fn new(names: Vec<String>, short: Vec<String>, between: usize, room: Option<usize>) -> Layout {
        let layout = |names, columns| Layout { names, columns, room, between };
        let Some(width) = room else { return layout(names, ALL) };
        let left = |columns: Columns| width.saturating_sub(columns.width() + between);
        for (names, count) in [(&names, WITH_WHOLE_NAMES), (&short, WITH_SHORT_NAMES)] {
            let fits = |columns: &Columns| widest(names) <= left(*columns);
            if let Some(columns) = CHOICES.into_iter().take(count).find(fits) {
                return layout(names.clone(), columns);
            }
        }
        let least = LEAST_NAME.min(widest(&short));
        let readable = |columns: &Columns| left(*columns) >= least;
        let rest = CHOICES.into_iter().skip(WITH_SHORT_NAMES - 1);
        let columns = rest.clone().find(readable).or(rest.last()).unwrap_or(ALL);
        layout(table::shortened(short, left(columns).max(LEAST_NAME)), columns)
    }

    /// The width of the column of names.
    pub(super) fn name_width(&self) -> usize {
        widest(&self.names)
    }

    /// The cells after the status.
    pub(super) fn cells(&self, version: &str, latency: &str, certificate: &str, user: &str) -> String {
        let columns = self.columns;
        let mut text = String::new();
        if columns.version > 0 {
            text += &format!("  {:<width$}", self.version(version), width = columns.version);
        }
        if columns.has_latency {
            text += &format!("  {latency:>8}");
        }
        if columns.has_certificate {
            text += &format!("  {certificate:>6}");
        }
        if columns.has_user {
            let room = self.room.map(|room| {
                let used = columns.width() - LEAST_USER + self.between + self.name_width();
                room.saturating_sub(used).max(LEAST_USER)
            });
            let user = user.to_owned();
            text += "  ";
            text += &room.map_or(user.clone(), |room| table::shortened(vec![user], room).concat());
        }
        text
    }

    /// A version in its column: of a long one the beginning, with the whole number.
    fn version(&self, version: &str) -> String {
        let width = self.columns.version;
        if self.room.is_none() || version.width() <= width {
            return version.to_owned();
        }
        let number = version.split(['-', '+']).next().unwrap_or_default();
        if width < ALL.version && number.width() < width {
            return format!("{number}…");
        }
        format!("{}…", version.chars().take(width - 1).collect::<String>())
    }

    /// A reason after the status, in lines that are broken between words and begin below each other.
    pub(super) fn reason(&self, text: &str) -> String {
        let Some(room) = self.room else { return format!("  {text}") };
        let before = 2 + self.name_width() + self.between + STATUS + 2;
        let beside = room.saturating_sub(before);
        if beside >= LEAST_REASON || text.width() <= beside {
            return format!("  {}", wrap::lines(text, beside).join(&format!("\n{}", " ".repeat(before))));
        }
        let below = wrap::lines(text, room.saturating_sub(4).max(1));
        below.iter().map(|line| format!("\n    {line}")).collect()
    }
}

fn widest(names: &[String]) -> usize {
    names.iter().map(|name| name.width()).max().unwrap_or_default().max("NAME".len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(room: usize) -> Layout {
        let names = vec!["arn:aws:eks:eu-west-1:111122223333:cluster/main".to_owned(), "日本語".to_owned()];
        let short = vec!["main@111122223333".to_owned(), "日本語".to_owned()];
        Layout::new(names, short, 0, Some(room))
    }

    #[test]
    fn a_row_is_never_wider_than_the_terminal() {
        for room in 40..140 {
            let layout = layout(room);
            let cells = layout.cells("v1.37.12-eks-a1b2c3d", "1234 ms", "365 d", "arn:aws:iam::1:user/jane");
            let row = 2 + layout.name_width() + STATUS + cells.width();
            assert!(row <= room, "{row} > {room}: {cells}");
            let text = "the certificate of the server is for kubernetes, not for a-very-long-name.of.a.host.example.com";
            let first = 2 + layout.name_width() + STATUS;
            for (at, line) in layout.reason(text).split('\n').enumerate() {
                let width = line.width() + if at == 0 { first } else { 0 };
                assert!(width <= room, "{width} > {room}: {line}");
            }
        }
    }

    #[test]
    fn other_columns_give_way_before_names_are_cut() {
        let shown = |room: usize| {
            let layout = layout(room);
            (
                layout.names[0].clone(),
                layout.cells("v1.37.12-eks-a1b2c3d", "5 ms", "", "jane").trim_end().to_owned(),
            )
        };
        let (long, short) = ("arn:aws:eks:eu-west-1:111122223333:cluster/main", "main@111122223333");
        assert_eq!(shown(120), (long.into(), "  v1.37.12-eks-…      5 ms          jane".into()));
        assert_eq!(shown(100), (long.into(), "  v1.37.12…      5 ms          jane".into()));
        assert_eq!(shown(80), (short.into(), "  v1.37.12-eks-…      5 ms          jane".into()));
        assert_eq!(shown(60), (short.into(), "  v1.37.12…      5 ms".into()));
        assert_eq!(shown(40), (short.into(), "      5 ms".into()));
    }

    #[test]
    fn a_reason_is_broken_between_words_below_its_beginning() {
        let names = vec!["dev".to_owned()];
        let layout = Layout::new(names.clone(), names, 0, Some(45));
        let text = "cannot resolve the host name `api.example`";
        assert_eq!(layout.reason(text), "  cannot resolve the host name\n                `api.example`");
    }
}

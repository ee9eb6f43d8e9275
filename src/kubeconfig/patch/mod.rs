//! Edits of a text as patches: only the bytes that must change, proven by reading the result.
//!
//! An [`Op`] says what is meant. [`apply`] finds the bytes (`locate`, `set`, `insert`, `remove`), writes the new ones
//! in the file's own style (`emit`), reads the result again and compares its meaning with the intended one
//! (`verify`). What cannot be done that way is refused by name. A text in the scanner's narrow style is changed where
//! it stands (`in_place`), so that no second one has to be held.

mod emit;
mod in_place;
mod insert;
mod locate;
mod remove;
mod set;
mod set_in;
mod source_map;
mod verify;

use super::decode::Body;
use super::document::Document;
use super::error::{ParseError, Place};
use super::schema::Kind;
use super::span::{LINE_ENDS, Span};
use serde_json::Value;
use std::borrow::Cow;
use std::fmt;

pub use in_place::{Replaced, Undo};
pub use set_in::set_in;

/// One intended change of one file.
#[derive(Clone, Debug, PartialEq)]
pub enum Op {
    /// Another text for the whole file, as somebody has edited it. It stands alone: no other op goes with it.
    Rewrite {
        /// The text, without a byte order mark.
        text: String,
    },
    /// A top-level field gets a value.
    SetTop {
        /// The field.
        key: String,
        /// Its value.
        value: Value,
    },
    /// A top-level field goes away.
    UnsetTop {
        /// The field.
        key: String,
    },
    /// A new entry at the end of its list.
    Insert {
        /// Which list.
        kind: Kind,
        /// Its name.
        name: String,
        /// Its body.
        body: Body,
    },
    /// A new entry at the end of its list, as it stands in another text.
    Paste {
        /// Which list.
        kind: Kind,
        /// Its name.
        name: String,
        /// Its whole lines there, as the scanner reads them.
        lines: String,
    },
    /// An entry goes away, with the comment directly above it.
    Remove {
        /// Which list.
        kind: Kind,
        /// Its name.
        name: String,
    },
    /// An entry gets another name.
    Rename {
        /// Which list.
        kind: Kind,
        /// The old name.
        from: String,
        /// The new name.
        to: String,
    },
    /// Something inside an entry's body gets a value.
    Set {
        /// Which list.
        kind: Kind,
        /// The entry.
        name: String,
        /// The way from the body to the value.
        path: Vec<PathStep>,
        /// The value.
        value: Value,
    },
    /// Something inside an entry's body goes away.
    Unset {
        /// Which list.
        kind: Kind,
        /// The entry.
        name: String,
        /// The way from the body to the field; ends with a key.
        path: Vec<PathStep>,
    },
    /// Replaces a piece of an entry's text by another text whose effect on the entry is known.
    ReplaceText {
        /// The list of the entry.
        kind: Kind,
        /// The name of the entry.
        name: String,
        /// The text to replace; it must occur exactly once in the file.
        old: String,
        /// The replacement.
        new: String,
        /// The operations on the entry that have the same effect; the result is verified against them.
        effect: Vec<Op>,
    },
}

/// One step into a value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PathStep {
    /// Into a mapping.
    Key(String),
    /// Into a list; one past its end appends.
    Index(usize),
}

/// Why an edit was not made; the text is untouched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Why.
    pub reason: Reason,
    /// Where, if there is one place.
    pub place: Option<Box<Place>>,
}

/// Why an edit cannot be made safely.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Other places repeat this value through an anchor and would change with it.
    Anchor,
    /// The list, or the way to the value, goes through an alias or a merge key.
    Alias,
    /// The value carries a tag.
    Tag,
    /// A comment stands where it would be lost or misplaced.
    Comment,
    /// The layout is not one that kcx knows how to extend.
    Layout,
    /// The entry is not in this text.
    Missing,
    /// The result would not have meant what was intended.
    Unverified,
    /// The result would not have been readable.
    Unreadable(ParseError),
}

impl std::error::Error for Refusal {}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(f, "line {}, column {}: ", place.position.line, place.position.column)?;
        }
        match &self.reason {
            Reason::Anchor => {
                f.write_str("this value has an anchor, and would change wherever it is repeated")
            }
            Reason::Alias => f.write_str("this value is repeated from elsewhere by an alias"),
            Reason::Tag => f.write_str("this value carries a tag"),
            Reason::Comment => f.write_str("a comment stands in the way and would be lost"),
            Reason::Layout => f.write_str("this layout cannot be edited without reformatting it"),
            Reason::Missing => f.write_str("no such entry in this file"),
            Reason::Unverified => f.write_str("the edited text would not mean what was intended"),
            Reason::Unreadable(error) => write!(f, "the edited text would not be readable: {error}"),
        }
    }
}

impl Refusal {
    fn at(document: &Document, span: Span, reason: Reason) -> Refusal {
        Refusal {
            reason,
            place: ParseError::at(document.text(), span, super::Problem::Depth).place.map(Box::new),
        }
    }

    pub(crate) fn nowhere(reason: Reason) -> Refusal {
        Refusal { reason, place: None }
    }
}

impl From<ParseError> for Refusal {
    fn from(error: ParseError) -> Refusal {
        Refusal::nowhere(Reason::Unreadable(error))
    }
}

/// New text for a range of bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Edit {
    pub(super) span: Span,
    pub(super) text: String,
}

/// Makes the changes, in order, and proves the result.
///
/// The bytes outside the patches stay as they are. The result has been read again, and means what the document meant
/// before but for the changes. No ops, or ops that change nothing, give the document back as it is.
///
/// # Errors
/// What cannot be patched safely; the document is untouched.
pub fn apply(document: &Document, ops: &[Op]) -> Result<Document, Refusal> {
    let mut after = document.clone();
    apply_in_place(&mut after, ops)?;
    Ok(after)
}

/// Does to the document itself what [`apply`] does to a copy, and gives what takes it back: of a text that may have
/// 30 MB, one is held.
///
/// ```
/// use kcx::kubeconfig::{Document, patch};
/// let text = "current-context: dev\nkind: Config\n";
/// let mut document = Document::parse(text.as_bytes().to_vec())?;
/// let op = patch::Op::SetTop { key: "current-context".to_owned(), value: "prod".into() };
/// let undo = patch::apply_in_place(&mut document, &[op])?;
/// assert_eq!(document.text(), "current-context: prod\nkind: Config\n");
/// undo.undo(&mut document);
/// assert_eq!(document.text(), text);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// As [`apply`]; the document is as it was.
pub fn apply_in_place(document: &mut Document, ops: &[Op]) -> Result<Undo, Refusal> {
    if let [Op::Rewrite { text }] = ops {
        return rewritten(document, text);
    }
    if let Some(undo) = in_place::apply(document, ops) {
        return Ok(undo);
    }
    match rewrite(document, ops)? {
        Some(after) => Ok(Undo::whole(std::mem::replace(document, after))),
        None => Ok(Undo::nothing()),
    }
}

/// The document with a text that is known already: that it can be read is all there is to prove.
fn rewritten(document: &mut Document, text: &str) -> Result<Undo, Refusal> {
    if document.text() == text {
        return Ok(Undo::nothing());
    }
    let after = Document::read(text.to_owned(), document.encoding())?;
    Ok(Undo::whole(std::mem::replace(document, after)))
}

/// Where an entry stands: its whole lines with the comment directly above them, or in a flow collection itself.
///
/// # Errors
/// An entry that is not there, is repeated from elsewhere, or shares its first line with something else.
pub(super) fn entry_span(document: &Document, kind: Kind, name: &str) -> Result<Span, Refusal> {
    locate::entry_span(document, kind, name)
}

/// Why something that stands here cannot be edited.
pub(super) fn refuse(document: &Document, span: Span) -> Refusal {
    Refusal::at(document, span, Reason::Layout)
}

/// The document with the changes made, in a text of its own; none where nothing changes.
fn rewrite(document: &Document, ops: &[Op]) -> Result<Option<Document>, Refusal> {
    let mut after = Cow::Borrowed(document);
    for ops in locate::groups(ops) {
        let edits = locate::edits(&after, ops)?;
        if edits.is_empty() {
            continue;
        }
        let mut text = splice(after.text(), &edits).ok_or_else(|| Refusal::nowhere(Reason::Layout))?;
        // A file without a final line end keeps having none, also where its last line goes.
        if !after.text().is_empty() && !after.text().ends_with(LINE_ENDS) && text.ends_with(LINE_ENDS) {
            text.truncate(text.trim_end_matches(LINE_ENDS).len());
        }
        after = Cow::Owned(Document::read(text, after.encoding())?);
    }
    verify::verify(document, &after, ops)?;
    Ok(match after {
        Cow::Owned(after) if after.text() != document.text() => Some(after),
        _ => None,
    })
}

/// The text with the edits made; none if they overlap.
fn splice(text: &str, edits: &[Edit]) -> Option<String> {
    let mut edits: Vec<&Edit> = edits.iter().collect();
    edits.sort_by_key(|edit| edit.span.start);
    let mut out = String::with_capacity(text.len() + edits.iter().map(|edit| edit.text.len()).sum::<usize>());
    let mut done = 0;
    for edit in edits {
        out.push_str(text.get(done..edit.span.start)?);
        out.push_str(&edit.text);
        done = edit.span.end;
    }
    out.push_str(text.get(done..)?);
    Some(out)
}

//! Edits a kubeconfig's text by replacing only the bytes that must change, and verifies the result.
//!
//! Input is a parsed document and a list of [`Op`]s. [`apply`] finds the bytes to change (`locate`, `set`, `insert`,
//! `remove`), renders the new text in the style of the file (`emit`), parses the result and compares its content with
//! the expected content (`verify`). An edit that cannot be made this way is refused with a [`Reason`]. A text in the
//! scanner's narrow style is changed in place (`in_place`), so that only one copy of it is in memory.

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
use super::span::Span;
use crate::yaml11::LINE_ENDS;
use locate::Plan;
use serde_json::Value;
use std::borrow::Cow;
use std::fmt;

pub use in_place::{Replaced, Undo};
pub use set_in::set_in;

/// One intended change of one file.
#[derive(Clone, Debug, PartialEq)]
pub enum Op {
    /// Replaces the whole text, after the user has edited it. Must be the only operation.
    Rewrite {
        /// The new text, without a byte order mark.
        text: String,
    },
    /// Sets a top-level field.
    SetTop {
        /// The key of the field.
        key: String,
        /// The new value.
        value: Value,
    },
    /// Removes a top-level field.
    UnsetTop {
        /// The key of the field.
        key: String,
    },
    /// Appends an entry to its list.
    Insert {
        /// The list.
        kind: Kind,
        /// The name of the entry.
        name: String,
        /// The canonical body of the entry.
        body: Body,
    },
    /// Appends an entry to its list, with the text that it has in another file.
    Paste {
        /// The list.
        kind: Kind,
        /// The name of the entry.
        name: String,
        /// The complete lines of the entry in the other file; they must be in the scanner's narrow style.
        lines: String,
    },
    /// Removes an entry and the comment directly above it.
    Remove {
        /// The list.
        kind: Kind,
        /// The name of the entry.
        name: String,
    },
    /// Changes the name of an entry; references to it are not changed.
    Rename {
        /// The list.
        kind: Kind,
        /// The old name.
        from: String,
        /// The new name.
        to: String,
    },
    /// Sets a value in the body of an entry.
    Set {
        /// The list.
        kind: Kind,
        /// The name of the entry.
        name: String,
        /// The path from the body to the value.
        path: Vec<PathStep>,
        /// The new value.
        value: Value,
    },
    /// Removes a field in the body of an entry.
    Unset {
        /// The list.
        kind: Kind,
        /// The name of the entry.
        name: String,
        /// The path from the body to the field; its last step is a key.
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

/// One step of a path into a value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PathStep {
    /// The value of this key of a mapping.
    Key(String),
    /// The item at this index of a list. When setting, the length of the list appends an item.
    Index(usize),
}

/// A refused edit; the text is unchanged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The reason of the refusal.
    pub reason: Reason,
    /// The place in the text that prevents the edit, if there is a single one.
    pub place: Option<Box<Place>>,
}

/// The reason why an edit cannot be made safely.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The value has an anchor, and aliases elsewhere would change with it.
    Anchor,
    /// The list or the path to the value contains an alias or a merge key.
    Alias,
    /// The value has a YAML tag.
    Tag,
    /// A comment would be lost or misplaced.
    Comment,
    /// kcx cannot edit this layout of the text.
    Layout,
    /// The entry does not exist in this text.
    Missing,
    /// The content of the edited text was not the expected content.
    Unverified,
    /// The edited text could not be parsed.
    Unreadable(ParseError),
}

impl std::error::Error for Refusal {}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(f, "line {}, column {}: ", place.position.line, place.position.column)?;
        }
        match &self.reason {
            Reason::Anchor => f.write_str("editing this value would also change its aliases"),
            Reason::Alias => f.write_str("this value comes from an alias or a merge key"),
            Reason::Tag => f.write_str("this value has a YAML tag"),
            Reason::Comment => f.write_str("a comment would be lost"),
            Reason::Layout => f.write_str("this layout cannot be edited without reformatting it"),
            Reason::Missing => f.write_str("no such entry in this file"),
            Reason::Unverified => f.write_str("the edited text would not have the intended content"),
            Reason::Unreadable(error) => write!(f, "the edited text could not be parsed: {error}"),
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

/// A replacement for a range of bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Edit {
    pub(super) span: Span,
    pub(super) text: String,
}

/// Applies the operations in order and verifies the result.
///
/// Bytes outside the patches are not changed. The result has been parsed again, and its content differs from that of
/// the document only by the operations. Operations that change nothing return an equal document.
///
/// # Errors
/// Returns why the edit cannot be made safely.
pub fn apply(document: &Document, ops: &[Op]) -> Result<Document, Refusal> {
    let mut after = document.clone();
    apply_in_place(&mut after, ops)?;
    Ok(after)
}

/// Like [`apply`], but changes the document itself and returns an [`Undo`]. A text may have 30 MB; this holds only one
/// copy of it if possible.
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
/// As [`apply`]; the document is then unchanged.
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

/// Replaces the whole text. The only check is that the new text can be parsed.
fn rewritten(document: &mut Document, text: &str) -> Result<Undo, Refusal> {
    if document.text() == text {
        return Ok(Undo::nothing());
    }
    let after = Document::read(text.to_owned(), document.encoding())?;
    Ok(Undo::whole(std::mem::replace(document, after)))
}

/// The bytes of an entry: in a block list its complete lines with the comment directly above, in a flow list only the
/// item.
///
/// # Errors
/// Fails if the entry does not exist, has an alias or anchor, or shares its first line with another node.
pub(super) fn entry_span(document: &Document, kind: Kind, name: &str) -> Result<Span, Refusal> {
    locate::entry_span(document, kind, name)
}

/// The place where an entry shares values with other places through an anchor. If the entry is edited, they get a copy.
#[must_use]
pub fn shared(document: &Document, kind: Kind, name: &str) -> Option<Refusal> {
    locate::shared(document, kind, name)
}

/// A refusal because of the layout at this span.
pub(super) fn refuse(document: &Document, span: Span) -> Refusal {
    Refusal::at(document, span, Reason::Layout)
}

/// Applies the operations to a copy of the text; `None` if nothing changes.
fn rewrite(document: &Document, ops: &[Op]) -> Result<Option<Document>, Refusal> {
    let mut after = Cow::Borrowed(document);
    for ops in locate::groups(ops) {
        loop {
            let (edits, is_last) = match locate::plan(&after, &ops)? {
                Plan::Do(edits) => (edits, true),
                // Each round leaves fewer aliases.
                Plan::Unshare(edits) => (edits, false),
            };
            if !edits.is_empty() {
                after = Cow::Owned(edited(&after, &edits)?);
            }
            if is_last {
                break;
            }
        }
    }
    verify::verify(document, &after, ops)?;
    Ok(match after {
        Cow::Owned(after) if after.text() != document.text() => Some(after),
        _ => None,
    })
}

/// The document with the edits made.
fn edited(before: &Document, edits: &[Edit]) -> Result<Document, Refusal> {
    let text = splice(before.text(), edits).ok_or_else(|| Refusal::nowhere(Reason::Layout))?;
    // A file without a final line end does not get one, even if its last line is removed; unless it then ends with a block
    // scalar, which includes its line end.
    if !before.text().is_empty() && !before.text().ends_with(LINE_ENDS) && text.ends_with(LINE_ENDS) {
        let trimmed = text.trim_end_matches(LINE_ENDS).to_owned();
        let trimmed = Document::read(trimmed, before.encoding())?;
        if !trimmed.ends_in_open_block() {
            return Ok(trimmed);
        }
    }
    Ok(Document::read(text, before.encoding())?)
}

/// Applies the edits to a text; `None` if they overlap.
fn splice(text: &str, edits: &[Edit]) -> Option<String> {
    let mut edits: Vec<&Edit> = edits.iter().collect();
    edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
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

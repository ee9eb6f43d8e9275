//! The text of a kubeconfig or of one entry for an editor, with secrets masked. Unedited parts are restored byte by
//! byte.
//!
//! A mask is a word such as `<masked-1>` in place of the text of a value. The edited text is verified: decoding it and
//! then replacing masks in the values gives the same content as replacing masks in the text and then decoding it.

mod comments;
mod mask;

use super::document::Document;
use super::error::{ParseError, Problem};
use super::patch::{self, Refusal};
use super::schema::Kind;
use super::secret::documents;
use super::span::Span;
use super::{encoding, parse};
use mask::Masks;
pub(super) use mask::masked_lines;
use serde_json::Value;

/// A masked text, with the data to restore it.
///
/// ```
/// use kcx::kubeconfig::masked_text::MaskedText;
/// use kcx::kubeconfig::{Document, Kind};
/// let text = "users:\n# mine\n- name: me\n  user: {token: 's3cr3t'} # until May\n";
/// let document = Document::parse(text.as_bytes().to_vec())?;
/// let masked = MaskedText::of(&document, Some((Kind::User, "me")), true)?;
/// assert_eq!(masked.text(), "# mine\n- name: me\n  user: {token: '<masked-1>'} # until May\n");
/// let edited = masked.text().replace("until May", "until June");
/// let after = masked.finish(&edited)?;
/// assert_eq!(after.text(), text.replace("May", "June"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct MaskedText<'d> {
    document: &'d Document,
    entry: Option<(Kind, String)>,
    /// The span in the document.
    span: Span,
    text: String,
    masks: Masks,
}

/// The reason why an edited text cannot replace the original.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MaskedTextError {
    /// The edited text cannot be parsed; the place refers to the edited text.
    #[error("{0}")]
    Parse(ParseError),
    /// A mask has been joined with other text, or its quotes have been changed.
    #[error("`{0}` is the mask of a secret: keep it unchanged, or replace it by another value")]
    Mask(String),
    /// A mask with a number that does not exist.
    #[error("`{0}` is not a mask of this text: write the value itself instead")]
    Unknown(String),
    /// The name of the entry has been changed.
    #[error("the name of the {} was changed", .0.word())]
    Renamed(Kind),
    /// More or less than the one entry has been changed.
    #[error("the text must contain exactly one {}", .0.word())]
    Beyond(Kind),
}

impl<'d> MaskedText<'d> {
    /// The whole document, or the lines of an entry with the comment directly above it; with or without masks.
    ///
    /// # Errors
    /// Fails if the entry does not exist or is not a separate part of the text, or if a secret cannot be masked.
    pub fn of(
        document: &'d Document,
        entry: Option<(Kind, &str)>,
        masked: bool,
    ) -> Result<MaskedText<'d>, Refusal> {
        let whole = document.text();
        let span = match entry {
            Some((kind, name)) => patch::entry_span(document, kind, name)?,
            None => Span::new(0, whole.len()),
        };
        let masks = if masked { Masks::of(whole, span, &parse::tree(whole)?)? } else { Masks::default() };
        let (mut text, mut done) = (String::new(), span.start);
        for mask in &masks.list {
            text += &whole[done..mask.span.start];
            text += &mask.word;
            done = mask.span.end;
        }
        text += &whole[done..span.end];
        let entry = entry.map(|(kind, name)| (kind, name.to_owned()));
        let masked = MaskedText { document, entry, span, text, masks };
        // Checks that the unedited text restores the original.
        match masked.finish(&masked.text) {
            Ok(same) if same.text() == whole => Ok(masked),
            _ => Err(patch::refuse(document, span)),
        }
    }

    /// The text to edit.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// True if the text contains masks.
    #[must_use]
    pub fn is_masked(&self) -> bool {
        !self.masks.list.is_empty()
    }

    /// The original text, with secrets.
    #[must_use]
    pub fn original(&self) -> &str {
        self.span.of(self.document.text())
    }

    /// Replaces the masks in an edited text by the secrets.
    #[must_use]
    pub fn restore(&self, edited: &str) -> String {
        self.unmask(edited).0
    }

    /// The document with the original replaced by the edited text.
    ///
    /// # Errors
    /// See [`MaskedTextError`].
    pub fn finish(&self, edited: &str) -> Result<Document, MaskedTextError> {
        let (before, after) =
            (&self.document.text()[..self.span.start], &self.document.text()[self.span.end..]);
        let around = |text: &str| [before, text, after].concat();
        let masked = around(edited);
        let read = |text: &str| -> Result<(Value, Others), ParseError> {
            encoding::check(text)?;
            let tree = parse::tree(text)?;
            let value = tree.root().map_or(Ok(Value::Null), |root| tree.value(text, root))?;
            let others = documents::others(text, &tree).into_iter();
            Ok((value, others.map(|part| documents::value(part.of(text))).collect()))
        };
        let here = |at: usize| at.clamp(before.len(), before.len() + edited.len()) - before.len();
        let at = |span: Option<Span>, problem: Problem| match span {
            Some(span) => MaskedTextError::Parse(ParseError::at(
                edited,
                Span::new(here(span.start), here(span.end).max(here(span.start))),
                problem,
            )),
            None => MaskedTextError::Parse(ParseError::nowhere(problem)),
        };
        let place = |error: &ParseError| error.place.as_ref().map(|place| place.span);
        if let Some(word) = self.masks.unknown(edited) {
            return Err(MaskedTextError::Unknown(word.to_owned()));
        }
        let (mut meant, mut meant_others) =
            read(&masked).map_err(|error| at(place(&error), error.problem))?;
        let (text, moved) = self.unmask(edited);
        let text = around(&text);
        let back = |span: Span| {
            let back = |at: usize| before.len() + moved.back(at.saturating_sub(before.len()));
            Span::new(back(span.start), back(span.end))
        };
        let misread = |error: ParseError| at(place(&error).map(back), error.problem);
        let document = Document::read(text, self.document.encoding()).map_err(misread)?;
        let mut all = std::iter::once(&mut meant).chain(meant_others.iter_mut().flatten());
        if let Some(word) = all.find_map(|meant| self.put_back(meant)) {
            return Err(MaskedTextError::Mask(word));
        }
        let (value, others) = read(document.text()).map_err(misread)?;
        // A document that is not valid YAML has no value and is not compared.
        let parted = |(meant, other): (&Option<Value>, &Option<Value>)| {
            meant.is_some() && other.is_some() && meant != other
        };
        if value != meant
            || others.len() != meant_others.len()
            || meant_others.iter().zip(&others).any(parted)
        {
            let word = self.masks.next(edited, 0).map(|(_, mask)| mask.word.clone());
            return Err(MaskedTextError::Mask(word.unwrap_or_default()));
        }
        self.stays_one(&document, value)?;
        Ok(document)
    }

    /// Replaces masks by secrets; also returns how to map offsets back to the edited text.
    fn unmask(&self, edited: &str) -> (String, OffsetMap) {
        let (mut text, mut moved, mut done) = (String::new(), OffsetMap::default(), 0);
        while let Some((at, mask)) = self.masks.next(edited, done) {
            text += &edited[done..at];
            let start = text.len();
            text += mask.span.of(self.document.text());
            done = at + mask.word.len();
            moved.0.push((Span::new(start, text.len()), Span::new(at, done)));
        }
        text += &edited[done..];
        (text, moved)
    }

    /// Replaces the masks in a value by the values of the secrets. Returns a mask that is only a part of a string.
    fn put_back(&self, value: &mut Value) -> Option<String> {
        match value {
            Value::String(text) => {
                let (_, mask) = self.masks.next(text, 0)?;
                // The value of a block scalar ends with a line end.
                if text.trim_end_matches('\n') != mask.word {
                    return Some(mask.word.clone());
                }
                *value = mask.value.clone();
                None
            }
            Value::Array(items) => items.iter_mut().find_map(|item| self.put_back(item)),
            Value::Object(map) => map.values_mut().find_map(|item| self.put_back(item)),
            _ => None,
        }
    }

    /// Fails unless the edit changed only the content of the entry, not its name.
    fn stays_one(&self, after: &Document, mut value: Value) -> Result<(), MaskedTextError> {
        let Some((kind, name)) = &self.entry else { return Ok(()) };
        let beyond = || MaskedTextError::Beyond(*kind);
        if Kind::ALL.into_iter().any(|kind| after.len(kind) != self.document.len(kind)) {
            return Err(beyond());
        }
        let index = self.document.find(*kind, name).ok_or_else(beyond)?;
        if after.name(*kind, index) != name {
            return Err(MaskedTextError::Renamed(*kind));
        }
        let text = self.document.text();
        let tree = parse::tree(text).map_err(|_| beyond())?;
        let before = tree.root().map(|root| tree.value(text, root)).transpose().map_err(|_| beyond())?;
        let item = |value: &mut Value| {
            value.get_mut(kind.list()).and_then(|list| list.get_mut(index)).map(Value::take)
        };
        let mut before = before.unwrap_or_default();
        if item(&mut before).is_some() && item(&mut value).is_some() && before == value {
            Ok(())
        } else {
            Err(beyond())
        }
    }
}

/// The values of the documents after the first, which kubectl does not read; `None` for one that cannot be parsed.
type Others = Vec<Option<Value>>;

/// Pairs of spans in two texts, in order: replaced parts. Everything else is equal.
#[derive(Default)]
struct OffsetMap(Vec<(Span, Span)>);

impl OffsetMap {
    fn back(&self, at: usize) -> usize {
        match self.0.iter().rev().find(|(now, _)| now.start <= at) {
            Some((now, was)) if at < now.end => was.start,
            Some((now, was)) => was.end + (at - now.end),
            None => at,
        }
    }
}

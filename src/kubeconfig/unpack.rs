//! Finds the kubeconfigs in a text as people have it: several documents, base64 once or twice, Secrets, ConfigMaps and
//! lists of them. For a text that kubectl reads as a kubeconfig the first part is what kubectl reads.
//!
//! ```text
//! text ─► base64? ─► documents ─► kubeconfig
//!            ▲                 └► object ─► value of a key ─┐
//!            └──────────────────────────────────────────────┘
//! ```

mod encoded;
mod object;
mod whole;

pub use object::{Barren, Carrier};

use super::document::Document;
use super::encoding;
use super::error::{ParseError, Problem};
use super::schema::Kind;
use encoded::Content;
use object::Object;
use std::fmt;

/// How often a text is decoded: base64 of base64 in an object that is in base64.
const LEVELS: usize = 4;

/// One kubeconfig.
#[derive(Clone, Debug)]
pub struct Part {
    /// The kubeconfig.
    pub document: Document,
    /// The object that carries it, if there is one.
    pub carrier: Option<Carrier>,
    /// True if its end may be missing: nothing in the text shows that it is complete.
    pub may_be_cut: bool,
}

/// The kubeconfigs of a text.
#[derive(Clone, Debug, Default)]
pub struct Unpacked {
    /// The kubeconfigs, in the order of the text. Without objects, they may be without entries.
    pub parts: Vec<Part>,
    /// The objects without a kubeconfig.
    pub barren: Vec<Barren>,
}

/// The reason why a text has no kubeconfigs. It contains no values of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UnpackError {
    /// It is no kubeconfig, and contains none.
    Parse(ParseError),
    /// It is base64 that was cut off after this number of characters.
    Cut(usize),
    /// It ends in an entry that has no name yet.
    Unfinished,
    /// The value of a key in an object is refused for this reason.
    Inside(Carrier, Box<UnpackError>),
    /// None of its objects carries a kubeconfig; none at all if it is an empty list.
    Barren(Vec<Barren>),
}

impl std::error::Error for UnpackError {}

impl fmt::Display for UnpackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            UnpackError::Parse(error) => error.fmt(f),
            UnpackError::Cut(length) => {
                write!(f, "this looks like base64 that was cut off after {length} characters")
            }
            UnpackError::Unfinished => f.write_str("the text ends in the middle of an entry: it was cut off"),
            UnpackError::Inside(_, error) => error.fmt(f),
            UnpackError::Barren(_) => f.write_str("there is no kubeconfig in the Kubernetes objects"),
        }
    }
}

impl From<ParseError> for UnpackError {
    fn from(error: ParseError) -> UnpackError {
        UnpackError::Parse(error)
    }
}

/// Finds the kubeconfigs in a text. Either all of them are returned, or an error: nothing is read by halves.
///
/// ```
/// use kcx::codec::base64;
/// use kcx::kubeconfig::unpack::unpack;
/// let inside = base64::encode("clusters: [{name: c, cluster: {server: 'https://c'}}]\n");
/// let secret = format!("kind: Secret\nmetadata: {{name: prod-kubeconfig}}\ndata: {{value: {inside}}}\n");
/// let unpacked = unpack(secret.into_bytes())?;
/// let carrier = unpacked.parts[0].carrier.clone().unwrap();
/// assert_eq!((carrier.name.as_str(), carrier.key.as_str()), ("prod-kubeconfig", "value"));
/// # Ok::<(), kcx::kubeconfig::unpack::UnpackError>(())
/// ```
///
/// # Errors
/// See [`UnpackError`].
pub fn unpack(bytes: Vec<u8>) -> Result<Unpacked, UnpackError> {
    let (text, _) = encoding::decode(bytes)?;
    let mut unpacked = Unpacked::default();
    read(&text, Around { levels: LEVELS, is_whole: false }, &mut unpacked)?;
    match (unpacked.parts.is_empty(), std::mem::take(&mut unpacked.barren)) {
        (true, barren) => Err(UnpackError::Barren(barren)),
        (false, barren) => Ok(Unpacked { barren, ..unpacked }),
    }
}

/// What is known about a text from what it was found in.
#[derive(Clone, Copy, Debug)]
struct Around {
    /// The number of times that it may be decoded.
    levels: usize,
    /// True if it has its end.
    is_whole: bool,
}

impl Around {
    /// For a text inside of one that has its end, or of which that is not known.
    fn inside(self, is_whole: bool) -> Around {
        Around { levels: self.levels.saturating_sub(1), is_whole: self.is_whole || is_whole }
    }
}

/// Reads a text that may be in base64.
fn read(text: &str, around: Around, unpacked: &mut Unpacked) -> Result<(), UnpackError> {
    match encoded::decode(text) {
        Content::Cut { length, .. } => Err(UnpackError::Cut(length)),
        Content::Encoded { text, padded, .. } if around.levels > 0 && is_encoded(&text) => {
            read(&text, around.inside(padded), unpacked)
        }
        Content::Encoded { text, length, padded } if around.levels > 0 => {
            let mut inside = Unpacked::default();
            let around = around.inside(padded);
            let found = documents(&text, around, &mut inside);
            if found.is_err() && !around.is_whole && !ends_well(&text) {
                return Err(UnpackError::Cut(length));
            }
            found?;
            judge(&mut inside.parts, &text, around, length)?;
            unpacked.parts.append(&mut inside.parts);
            unpacked.barren.append(&mut inside.barren);
            Ok(())
        }
        _ => {
            let before = unpacked.parts.len();
            documents(text, around, unpacked)?;
            let own = unpacked.parts[before..].iter_mut().filter(|part| part.carrier.is_none());
            if let Some(last) = own.last().filter(|_| !around.is_whole && !ends_well(text)) {
                if whole::has_nameless(&last.document) {
                    return Err(UnpackError::Unfinished);
                }
                last.may_be_cut = !whole::is_whole(&[&last.document])?;
            }
            Ok(())
        }
    }
}

fn is_encoded(text: &str) -> bool {
    !matches!(encoded::decode(text), Content::Plain)
}

/// True if the text ends with a line, or as JSON does.
fn ends_well(text: &str) -> bool {
    text.is_empty() || text.ends_with(['\n', '\r', '}'])
}

/// Refuses kubeconfigs from base64 that are not complete, because it was cut off. Padding is the end of base64, but many
/// texts have none, and the text may have been cut off before.
fn judge(parts: &mut [Part], text: &str, around: Around, length: usize) -> Result<(), UnpackError> {
    let own = parts.iter().filter(|part| part.carrier.is_none()).map(|part| &part.document);
    let own: Vec<&Document> = own.collect();
    let is_cut = match (around.is_whole, ends_well(text)) {
        _ if own.is_empty() => false,
        (true, true) => false,
        (true, false) => whole::dangles(&own)?,
        (false, _) => !whole::is_whole(&own)?,
    };
    if is_cut {
        return Err(UnpackError::Cut(length));
    }
    if let Some(last) = parts.iter_mut().rfind(|part| part.carrier.is_none()) {
        last.may_be_cut = !around.is_whole && !ends_well(text);
    }
    Ok(())
}

/// Reads the documents of a text: kubeconfigs and objects.
fn documents(text: &str, around: Around, unpacked: &mut Unpacked) -> Result<(), UnpackError> {
    let starts = match text.trim_start().starts_with('{') {
        true => objects(text),
        false => markers(text),
    };
    for (at, &start) in starts.iter().enumerate() {
        let part = &text[start..starts.get(at + 1).copied().unwrap_or(text.len())];
        // Preceded by as many line breaks as in the file, so that errors have the right line.
        let lines = "\n".repeat(text[..start].matches('\n').count());
        let parsed = Document::parse((lines + part).into_bytes());
        let may_be_object = match &parsed {
            Ok(document) => is_empty(document) && document.current_context().is_empty(),
            Err(error) => !matches!(error.problem, Problem::NotMapping { .. }),
        };
        let found = if may_be_object { object::read(part) } else { None };
        match (found, parsed) {
            (Some(found), parsed) => {
                let several = unpacked.parts.len();
                for object in found {
                    carried(object, around.inside(ends_well(text)), unpacked)?;
                }
                // The one object is of another kind, which says more than its keys.
                if let Err(error) = parsed
                    && unpacked.parts.len() == several
                    && starts.len() == 1
                    && matches!(unpacked.barren.as_slice(), [one] if !is_carrier(&one.kind))
                {
                    return Err(error.into());
                }
            }
            (None, Ok(document)) => {
                unpacked.parts.push(Part { document, carrier: None, may_be_cut: false });
            }
            (None, Err(error)) => return Err(error.into()),
        }
    }
    Ok(())
}

fn is_carrier(kind: &str) -> bool {
    matches!(kind, "Secret" | "ConfigMap")
}

fn is_empty(document: &Document) -> bool {
    Kind::ALL.into_iter().all(|kind| document.len(kind) == 0)
}

/// Reads the kubeconfigs that an object carries. Values that are something else are passed over.
fn carried(object: Object, around: Around, unpacked: &mut Unpacked) -> Result<(), UnpackError> {
    let mut any = false;
    for (key, text) in object.texts.iter().filter(|_| around.levels > 0) {
        let mut inside = Unpacked::default();
        match read(text, around, &mut inside) {
            Ok(()) => {
                for part in inside.parts.into_iter().filter(|part| !is_empty(&part.document)) {
                    let carrier = part.carrier.unwrap_or_else(|| object.carrier(key));
                    unpacked.parts.push(Part { carrier: Some(carrier), ..part });
                    any = true;
                }
            }
            Err(error) if resembles(text, LEVELS) => {
                return Err(UnpackError::Inside(object.carrier(key), Box::new(error)));
            }
            Err(_) => {}
        }
    }
    if !any {
        unpacked.barren.push(object.barren());
    }
    Ok(())
}

/// True if the text, decoded, has a line that only kubeconfigs have.
fn resembles(text: &str, levels: usize) -> bool {
    match encoded::decode(text) {
        Content::Encoded { text, .. } | Content::Cut { text, .. } if levels > 0 => {
            resembles(&text, levels - 1)
        }
        _ => ["clusters", "contexts", "current-context"].iter().any(|key| {
            let of_json = || text.trim_start().starts_with('{') && text.contains(&format!("\"{key}\""));
            text.lines().any(|line| line.strip_prefix(key).is_some_and(|rest| rest.starts_with(':')))
                || of_json()
        }),
    }
}

/// True if more than one document of this text has entries of a kubeconfig; kubectl reads only the first document.
#[must_use]
pub fn several_kubeconfigs(text: &str) -> bool {
    let starts = markers(text);
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    let parts = starts.iter().zip(ends).map(|(&start, end)| &text[start..end]);
    let has_entries = |part: &str| Document::parse(part.into()).is_ok_and(|document| !is_empty(&document));
    starts.len() > 1 && parts.filter(|part| has_entries(part)).count() > 1
}

/// The starts of the documents in a YAML text. A text with a directive is one document, because the directive belongs to
/// what follows it.
fn markers(text: &str) -> Vec<usize> {
    let (mut starts, mut at) = (vec![0], 0);
    for line in text.split_inclusive('\n') {
        if line.starts_with('%') {
            return vec![0];
        }
        let marks = line
            .strip_prefix("---")
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace));
        if marks && at > 0 {
            starts.push(at);
        }
        at += line.len();
    }
    starts
}

/// The starts of the objects in a JSON text; other text is one document.
fn objects(text: &str) -> Vec<usize> {
    let mut stream = serde_json::Deserializer::from_str(text).into_iter::<serde::de::IgnoredAny>();
    let mut starts = vec![0];
    while let Some(object) = stream.next() {
        if object.is_err() {
            return vec![0];
        }
        let end = stream.byte_offset();
        if !text[end..].trim().is_empty() {
            starts.push(end);
        }
    }
    starts
}

#[cfg(test)]
mod tests;

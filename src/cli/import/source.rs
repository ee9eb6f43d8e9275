//! The sources of an import: finds, reads and decodes them.

use super::super::World;
use super::super::error::{Cause, Error, path};
use super::super::{messages, tilde};
use crate::codec::base64;
use crate::file;
use crate::file::limits;
use crate::kubeconfig::{Document, Kind, ParseError};
use crate::store::discovery;
use std::path::{Path, PathBuf};

/// The name of stdin as a file, from which relative paths in it start.
const STDIN: &str = "-";

/// The path of a source for messages.
pub(super) fn shown(source: &Path) -> String {
    if is_stdin(source) { "stdin".to_owned() } else { path(source) }
}

/// True for the path of stdin.
pub(super) fn is_stdin(source: &Path) -> bool {
    source.file_name().is_some_and(|name| name == STDIN)
}

/// A file to import, or stdin.
pub(super) struct Source {
    /// The absolute path; for stdin, [`STDIN`] in the working folder.
    pub(super) path: PathBuf,
    /// The text for `{file}` in names.
    pub(super) word: String,
    /// The content.
    pub(super) documents: Vec<Document>,
}

/// A source that could not be imported.
pub(super) struct Failed {
    /// The source, as text.
    pub(super) source: String,
    /// The failure.
    pub(super) error: Error,
}

/// The sources for these arguments, in their order, or the reasons why they cannot be imported.
pub(super) fn find(words: &[String], world: &mut World<'_>) -> Vec<Result<Source, Failed>> {
    let mut found = Vec::new();
    for word in words {
        let read = |file: PathBuf| read(&file).map_err(|error| Failed { source: path(&file), error });
        if word == "-" {
            found.push(stdin(world).map_err(|error| Failed { source: "stdin".to_owned(), error }));
            continue;
        }
        let file = world.env.absolute(Path::new(word));
        if file.is_dir() {
            let inside = discovery::find_in(&file);
            for broken in &inside.broken {
                world.warn(&format!("left out, because it is not valid YAML: {}", path(broken)));
            }
            if inside.files.is_empty() {
                let error = Error::new(Cause::Failed, format!("there is no kubeconfig in {}", path(&file)));
                found.push(Err(Failed { source: path(&file), error }));
            }
            found.extend(inside.files.into_iter().map(read));
        } else if file.exists() || !word.contains(['*', '?', '[']) {
            found.push(read(file));
        } else {
            let files = discovery::files(&file);
            if files.is_empty() {
                let error = Error::new(Cause::Failed, format!("no file matches {}", path(Path::new(word))));
                found.push(Err(Failed { source: path(Path::new(word)), error }));
            }
            found.extend(files.into_iter().map(read));
        }
    }
    found
}

fn read(file: &Path) -> Result<Source, Error> {
    let bytes = match file::read_given(file, limits::KUBECONFIG) {
        Ok((bytes, _)) => bytes,
        Err(error) => {
            let why = messages::io_error(&error);
            let failed = Error::new(Cause::Failed, format!("cannot read {}: {why}", path(file)));
            return Err(failed.hints(tilde::hint(file)));
        }
    };
    let word = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    source(bytes, file.to_owned(), word, &path(file))
}

fn stdin(world: &World<'_>) -> Result<Source, Error> {
    let bytes = file::read_stdin(limits::KUBECONFIG).map_err(|error| {
        Error::new(Cause::Failed, format!("cannot read stdin: {}", messages::io_error(&error)))
    })?;
    source(bytes, world.env.cwd.join(STDIN), "stdin".to_owned(), "stdin")
}

fn source(bytes: Vec<u8>, file: PathBuf, word: String, place: &str) -> Result<Source, Error> {
    let documents = documents(bytes).map_err(|error| {
        let details = messages::excerpt(error.place.as_ref());
        Error { details, ..Error::new(Cause::Failed, format!("cannot read {place}: {error}")) }
    })?;
    if Kind::ALL.into_iter().all(|kind| documents.iter().all(|document| document.len(kind) == 0)) {
        return Err(Error::new(Cause::Failed, format!("there is nothing to import in {place}")));
    }
    Ok(Source { path: file, word, documents })
}

/// The kubeconfigs in a text: YAML documents or concatenated JSON objects, plain or in base64.
fn documents(bytes: Vec<u8>) -> Result<Vec<Document>, ParseError> {
    let bytes = match unpacked(&bytes) {
        Some(inside) => inside,
        None => bytes,
    };
    // A text in another encoding is one document.
    let Ok(text) = std::str::from_utf8(&bytes) else { return Ok(vec![Document::parse(bytes)?]) };
    let starts = match text.trim_start_matches('\u{feff}').trim_start().starts_with('{') {
        true => objects(text),
        false => markers(text),
    };
    let mut documents = Vec::new();
    for (at, &start) in starts.iter().enumerate() {
        let part = &text[start..starts.get(at + 1).copied().unwrap_or(text.len())];
        // Preceded by as many line breaks as in the file, so that errors have the right line.
        let lines = "\n".repeat(text[..start].matches('\n').count());
        documents.push(Document::parse((lines + part).into_bytes())?);
    }
    Ok(documents)
}

/// The decoded text, if the whole text is base64.
fn unpacked(bytes: &[u8]) -> Option<Vec<u8>> {
    let digits: Vec<u8> = bytes.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let inside = base64::decode(digits).ok()?;
    inside.contains(&b':').then_some(inside)
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
    let bom = text.len() - text.trim_start_matches('\u{feff}').len();
    let mut stream = serde_json::Deserializer::from_str(&text[bom..]).into_iter::<serde::de::IgnoredAny>();
    let mut starts = vec![0];
    while let Some(object) = stream.next() {
        if object.is_err() {
            return vec![0];
        }
        let end = bom + stream.byte_offset();
        if !text[end..].trim().is_empty() {
            starts.push(end);
        }
    }
    starts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contexts(text: &str) -> Vec<Vec<String>> {
        let documents = documents(text.as_bytes().to_vec()).unwrap();
        let names = |document: &Document| document.names(Kind::Context).map(str::to_owned).collect();
        documents.iter().map(names).collect()
    }

    #[test]
    fn every_document_is_read() {
        let one = "contexts: [{name: a, context: {}}]\n";
        let two = "contexts: [{name: b, context: {}}]\n";
        assert_eq!(contexts(one), [["a"]]);
        assert_eq!(contexts(&format!("{one}---\n{two}")), [["a"], ["b"]]);
        assert_eq!(contexts(&format!("---\n{one}--- # second\n{two}")), [["a"], ["b"]]);
        let json = |name: &str| format!("{{\"contexts\": [{{\"name\": \"{name}\", \"context\": {{}}}}]}}");
        assert_eq!(contexts(&json("a")), [["a"]]);
        assert_eq!(contexts(&format!("{}\n{}\n", json("a"), json("b"))), [["a"], ["b"]]);
        assert_eq!(contexts(&format!("\n{}{}", json("a"), json("b"))), [["a"], ["b"]]);
        let wrapped = base64::encode(format!("{one}---\n{two}"));
        let (left, right) = wrapped.split_at(20);
        assert_eq!(contexts(&format!("{left}\n{right}\n")), [["a"], ["b"]]);
    }

    #[test]
    fn an_error_names_the_line_of_the_whole_text() {
        let error = documents(b"kind: Config\n---\nkind: Config\na: [\n".to_vec()).unwrap_err();
        assert_eq!(error.place.map(|place| place.position.line >= 4), Some(true));
    }
}

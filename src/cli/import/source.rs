//! The sources of an import: finds, reads and unpacks them.

mod explain;
mod folder;

use super::super::World;
use super::super::error::{Cause, Error, name, path};
use super::super::{messages, tilde};
use crate::file;
use crate::file::limits;
use crate::kubeconfig::Kind;
use crate::kubeconfig::unpack::{Barren, Carrier, Part, Unpacked, unpack};
use crate::store::discovery;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// The name of stdin as a file, from which relative paths in it start.
const STDIN: &str = "-";

/// The number of skipped files and objects that are reported individually.
const SHOWN: usize = 5;

/// The origin of an entry: the file, and after it the object in it that carries the kubeconfig. No path has the character
/// between them.
pub(in super::super) fn origin(file: &Path, carrier: Option<&Carrier>) -> PathBuf {
    let Some(Carrier { kind, namespace, name, key }) = carrier else { return file.to_owned() };
    let mut origin = file.as_os_str().to_owned();
    for part in [kind, namespace, name, key] {
        origin.push("\0");
        // The folder of the origin stays that of the file.
        origin.push(part.replace(['\0', '/'], "\u{fffd}"));
    }
    PathBuf::from(origin)
}

/// The file of an origin, and the object in it.
fn parts_of(origin: &Path) -> (PathBuf, Option<Carrier>) {
    let text = origin.to_string_lossy();
    let mut parts = text.split('\0').map(str::to_owned);
    match (parts.next(), parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(file), Some(kind), Some(namespace), Some(name), Some(key)) => {
            (PathBuf::from(file), Some(Carrier { kind, namespace, name, key }))
        }
        _ => (origin.to_owned(), None),
    }
}

/// The origin for messages.
pub(in super::super) fn shown(origin: &Path) -> String {
    let (file, carrier) = parts_of(origin);
    let file = if is_stdin(&file) { "stdin".to_owned() } else { path(&file) };
    match carrier {
        Some(carrier) => format!("{} in {file}", carried(&carrier)),
        None => file,
    }
}

/// A key of an object, for messages.
fn carried(carrier: &Carrier) -> String {
    let Carrier { kind, namespace, name, key } = carrier;
    format!("key {} of {}", self::name(key), object(kind, namespace, name))
}

/// An object, for messages.
fn object(kind: &str, namespace: &str, called: &str) -> String {
    let kind = crate::printer::quote::visible(kind);
    match (namespace, called) {
        (_, "") => format!("a {kind}"),
        ("", called) => format!("{kind} {}", name(called)),
        (namespace, called) => format!("{kind} {}", name(&format!("{namespace}/{called}"))),
    }
}

/// The file of an origin as JSON; stdin is `-`.
pub(in super::super) fn file_value(origin: &Path) -> Value {
    let (file, _) = parts_of(origin);
    if is_stdin(&file) { Value::from(STDIN) } else { Value::from(file.to_string_lossy()) }
}

/// The object of an origin as JSON, if there is one.
pub(in super::super) fn object_value(origin: &Path) -> Option<Value> {
    let Carrier { kind, namespace, name, key } = parts_of(origin).1?;
    Some(json!({"kind": kind, "namespace": namespace, "name": name, "key": key}))
}

/// True for the path of stdin.
pub(super) fn is_stdin(file: &Path) -> bool {
    file.file_name().is_some_and(|name| name == STDIN)
}

/// A file to import, or stdin.
pub(super) struct Source {
    /// The absolute path; for stdin, [`STDIN`] in the working folder.
    pub(super) path: PathBuf,
    /// The text for `{file}` in names.
    pub(super) word: String,
    /// The kubeconfigs in it.
    pub(super) parts: Vec<Part>,
}

/// A source that could not be imported.
pub(in super::super) struct Failed {
    /// The source, as text.
    pub(in super::super) source: String,
    /// The failure.
    pub(in super::super) error: Error,
}

/// Why there are no kubeconfigs in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Unread {
    /// It is a kubeconfig without entries.
    Empty,
    /// It is Kubernetes objects without a kubeconfig.
    Barren,
    /// It is a kubeconfig, or carries one, and cannot be read.
    Damaged,
    /// It is something else.
    Foreign,
}

/// The result of reading a source.
enum Found {
    Source(Source),
    /// It is readable and has no entries.
    Nothing(Failed),
    Failed(Failed),
}

/// True if this file or folder can be imported.
pub(in super::super) fn is_source(word: &str, world: &mut World<'_>) -> bool {
    let found = find(&[word.to_owned()], world);
    !found.is_empty() && found.iter().all(Result::is_ok)
}

/// The sources for these arguments, in their order, or the reasons why they cannot be imported.
///
/// Of several sources, those without entries are skipped, and the user is told.
pub(super) fn find(words: &[String], world: &mut World<'_>) -> Vec<Result<Source, Failed>> {
    let found = read_all(words, world);
    let any = found.iter().any(|found| !matches!(found, Found::Nothing(_)));
    let mut skipped = Vec::new();
    let mut sources = Vec::new();
    for found in found {
        match found {
            Found::Source(source) => sources.push(Ok(source)),
            Found::Nothing(failed) if any => skipped.push(failed.error),
            Found::Nothing(failed) | Found::Failed(failed) => sources.push(Err(failed)),
        }
    }
    for error in skipped.iter().take(SHOWN) {
        world.warn(&format!("skipped: {}", error.message));
    }
    if skipped.len() > SHOWN {
        world.warn(&format!("skipped: {} more sources without entries", skipped.len() - SHOWN));
    }
    sources
}

fn read_all(words: &[String], world: &mut World<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for word in words {
        if word == "-" {
            found.push(stdin(world));
            continue;
        }
        let file = world.env.absolute(Path::new(word));
        if file.is_dir() {
            found.extend(folder::read_all(&file, world));
        } else if file.exists() || !word.contains(['*', '?', '[']) {
            found.push(read(&file, world));
        } else {
            let files = discovery::files(&file);
            if files.is_empty() {
                let error = Error::new(Cause::Failed, format!("no file matches {}", path(Path::new(word))));
                found.push(Found::Failed(Failed { source: path(Path::new(word)), error }));
            }
            found.extend(files.iter().map(|file| read(file, world)));
        }
    }
    found
}

fn read(file: &Path, world: &mut World<'_>) -> Found {
    match file::read_given(file, limits::KUBECONFIG) {
        Ok((bytes, _)) => {
            let word = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            source(bytes, file.to_owned(), word, world)
        }
        Err(error) => {
            let why = messages::io_error(&error);
            let failed = Error::new(Cause::Failed, format!("cannot read {}: {why}", path(file)));
            Found::Failed(Failed { source: path(file), error: failed.hints(tilde::hint(file)) })
        }
    }
}

fn stdin(world: &mut World<'_>) -> Found {
    match file::read_stdin(limits::KUBECONFIG) {
        Ok(bytes) => source(bytes, world.env.cwd.join(STDIN), "stdin".to_owned(), world),
        Err(error) => {
            let why = format!("cannot read stdin: {}", messages::io_error(&error));
            Found::Failed(Failed { source: "stdin".to_owned(), error: Error::new(Cause::Failed, why) })
        }
    }
}

fn source(bytes: Vec<u8>, path: PathBuf, word: String, world: &mut World<'_>) -> Found {
    let source = shown(&path);
    match read_kubeconfigs(bytes, &source) {
        Ok(Unpacked { parts, barren }) => {
            warn_of_barren(&barren, &source, world);
            Found::Source(Source { path, word, parts })
        }
        Err((error, Unread::Empty | Unread::Barren)) => Found::Nothing(Failed { source, error }),
        Err((error, _)) => Found::Failed(Failed { source, error }),
    }
}

/// The kubeconfigs in these bytes, which are called `place` in messages: as YAML or JSON, in several documents, in base64,
/// in Kubernetes objects. At least one of them has an entry.
///
/// # Errors
/// The error, and its kind.
pub(in super::super) fn read_kubeconfigs(bytes: Vec<u8>, place: &str) -> Result<Unpacked, (Error, Unread)> {
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let unpacked = unpack(bytes).map_err(|error| explain::unpacking(&error, place, &text))?;
    let is_empty = |part: &Part| Kind::ALL.into_iter().all(|kind| part.document.len(kind) == 0);
    match unpacked.parts.iter().all(is_empty) {
        true => Err((explain::nothing(place, &text), Unread::Empty)),
        false => Ok(unpacked),
    }
}

/// Names the objects of a source that carry no kubeconfig, while others do.
fn warn_of_barren(barren: &[Barren], place: &str, world: &mut World<'_>) {
    if let Some(all) = explain::list(barren) {
        world.warn(&format!("skipped, because there is no kubeconfig in it: {all} of {place}"));
    }
}

/// Warns about a kubeconfig whose end may be missing.
pub(super) fn warn_of_cut(file: &Path, part: &Part, world: &mut World<'_>) {
    if part.may_be_cut {
        let place = shown(&origin(file, part.carrier.as_ref()));
        world.warn(&format!("{place} ends in the middle of a line, and may have been cut off"));
    }
}

//! The sources in a folder: kubeconfigs, and the files that carry them. A folder may hold other files, too: those are left
//! out, with a word only if they may have been meant.

use super::super::super::World;
use super::super::super::error::{Cause, Error, path};
use super::super::super::messages;
use super::{Failed, Found, Source, Unread, read, read_kubeconfigs, shown, warn_of_barren};
use crate::file::{self, limits};
use crate::kubeconfig::unpack::Unpacked;
use crate::store::discovery::{self, FileKind};
use std::path::Path;

/// The sources in this folder, in the order of their names.
pub(super) fn read_all(folder: &Path, world: &mut World<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for (file, kind) in discovery::all_in(folder) {
        match kind {
            FileKind::Kubeconfig => found.push(read(&file, world)),
            kind => found.extend(other(&file, kind, world)),
        }
    }
    if found.is_empty() {
        let error = Error::new(Cause::Failed, format!("there is no kubeconfig in {}", path(folder)));
        found.push(Found::Failed(Failed { source: path(folder), error }));
    }
    found
}

/// What a file carries that is no kubeconfig itself.
fn other(file: &Path, kind: FileKind, world: &mut World<'_>) -> Option<Found> {
    let place = shown(file);
    let bytes = match file::read_given(file, limits::KUBECONFIG) {
        Ok((bytes, _)) => bytes,
        Err(error) => {
            world.warn(&format!("left out: cannot read {place}: {}", messages::io_error(&error)));
            return None;
        }
    };
    match read_kubeconfigs(bytes, &place) {
        Ok(Unpacked { parts, barren }) => {
            warn_of_barren(&barren, &place, world);
            let word = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            Some(Found::Source(Source { path: file.to_owned(), word, parts }))
        }
        Err((error, Unread::Barren)) => Some(Found::Nothing(Failed { source: place, error })),
        Err((error, Unread::Damaged)) => {
            world.warn(&format!("left out: {}", error.message));
            None
        }
        Err((_, Unread::Empty | Unread::Foreign)) => {
            if kind == FileKind::NoYaml {
                world.warn(&format!("left out, because it is not valid YAML: {place}"));
            }
            None
        }
    }
}

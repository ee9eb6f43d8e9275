//! The files of a merge: finds the kubeconfigs in them, and names their entries.

use super::super::error::{Cause, Error, path};
use super::super::import::Marked;
use super::super::import::source::{self, Failed};
use super::super::{World, stdin, tilde};
use super::{MergeArgs, real};
use crate::file;
use crate::file::limits;
use crate::kubeconfig::import::{FoundIn, Naming, renamed_document};
use crate::kubeconfig::patch::{self, Op};
use crate::kubeconfig::provenance;
use crate::kubeconfig::unpack::{Carrier, UnpackError, several_kubeconfigs, unpack};
use crate::kubeconfig::{Document, Merged, Source, View};
use crate::store::{LoadCause, LoadError};
use std::io;
use std::path::{Path, PathBuf};

/// Loads the files. Without `--keep-going` none of them failed. The output file must not be unreadable: its content would be
/// lost.
///
/// # Errors
/// A file that cannot be read.
pub(super) fn load(args: &MergeArgs, world: &mut World<'_>) -> Result<(Vec<Source>, Vec<Failed>), Error> {
    let target = args.out.as_deref().map(|out| real(out, world.env));
    let own = world.own_store().precedence().paths.clone();
    let own: Vec<PathBuf> = own.iter().map(|path| real(path, world.env)).collect();
    let (mut sources, mut errors, mut failed) = (Vec::new(), Vec::new(), Vec::new());
    let mut marked = Marked::default();
    for file in &args.files {
        let place = real(file, world.env);
        let is_target = Some(&place) == target.as_ref();
        let is_foreign = !is_target && !own.contains(&place);
        let found = one(file, is_target, args, world).and_then(|mut found| {
            if is_foreign {
                found.iter_mut().try_for_each(|source| remove_marks(source, &mut marked))?;
            }
            Ok(found)
        });
        match found {
            Ok(found) => sources.extend(found),
            Err(Unread::Load(error)) if !args.keep_going => errors.push(error),
            Err(error) => {
                if !errors.is_empty() {
                    break;
                }
                let error = error.explained(file);
                if !args.keep_going || is_target {
                    return Err(error);
                }
                world.fail(&error);
                failed.push(Failed { source: source::shown(file), error });
            }
        }
    }
    if !errors.is_empty() {
        return Err(Error { hints: Vec::new(), ..Error::unreadable(&errors, true) });
    }
    marked.warn(world);
    if sources.is_empty() { Err(Error::silent(1)) } else { Ok((sources, failed)) }
}

/// Why a file cannot be merged.
enum Unread {
    Load(LoadError),
    Missing,
    Other(Error),
}

impl Unread {
    fn explained(self, file: &Path) -> Error {
        match self {
            Unread::Load(error) => Error { hints: Vec::new(), ..Error::unreadable(&[error], true) },
            Unread::Missing => {
                let message = format!("cannot read {}: no such file or directory", path(file));
                Error::new(Cause::Failed, message).hints(tilde::hint(file))
            }
            Unread::Other(error) => error,
        }
    }
}

/// The kubeconfigs in one file: the file itself, as kubectl reads it, or those that are packed in it.
fn one(file: &Path, is_target: bool, args: &MergeArgs, world: &mut World<'_>) -> Result<Vec<Source>, Unread> {
    let failed = |cause: LoadCause| Unread::Load(LoadError { path: file.to_owned(), cause });
    let bytes = match stdin::is_meant(file) {
        true => file::read_stdin(limits::KUBECONFIG).map_err(|error| failed(LoadCause::Read(error)))?,
        false => match file::read_given(file, limits::KUBECONFIG) {
            Ok((bytes, _)) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(Unread::Missing),
            Err(error) if error.kind() == io::ErrorKind::IsADirectory => {
                return Err(failed(LoadCause::Read(error)));
            }
            Err(error) => return Err(failed(LoadCause::Open(error))),
        },
    };
    let parts: Vec<(Document, Option<Carrier>)> = match Document::parse(bytes.clone()) {
        Ok(document) => {
            warn_of_others(file, &document, world);
            vec![(document, None)]
        }
        Err(error) => match unpack(bytes.clone()) {
            Err(UnpackError::Parse(_)) => return Err(failed(LoadCause::Parse(error))),
            _ => {
                let unpacked = source::read_kubeconfigs(bytes, &source::shown(file));
                let unpacked = unpacked.map_err(|(error, _)| Unread::Other(error))?;
                unpacked.parts.into_iter().map(|part| (part.document, part.carrier)).collect()
            }
        },
    };
    let mut sources = Vec::new();
    for (document, carrier) in parts {
        let origin = source::origin(file, carrier.as_ref());
        world.note_unread(&origin, &document);
        let document = match naming(args).filter(|_| !is_target) {
            Some(naming) => named(&document, &naming, file, carrier.as_ref()).map_err(Unread::Other)?,
            None => document,
        };
        sources.push(Source { path: origin, document: Some(document) });
    }
    Ok(sources)
}

/// Removes the marks of `kcx sync` from a kubeconfig that is not the user's own.
fn remove_marks(source: &mut Source, marked: &mut Marked) -> Result<(), Unread> {
    let Some(document) = &source.document else { return Ok(()) };
    let removals = provenance::removals(document).map_err(|error| Unread::Other(error.into()))?;
    if removals.is_empty() {
        return Ok(());
    }
    for (context, _) in &removals {
        marked.push(context, source.path.clone());
    }
    let ops: Vec<Op> = removals.into_iter().map(|(_, op)| op).collect();
    let document = patch::apply(document, &ops).map_err(|refusal| {
        let place = source::shown(&source.path);
        let what = format!("cannot leave out the marks of `kcx sync` in {place}: {refusal}");
        let details = super::super::messages::excerpt(refusal.place.as_deref());
        Unread::Other(unnamed(Error { details, ..Error::new(Cause::Failed, what) }))
    })?;
    source.document = Some(document);
    Ok(())
}

/// kubectl reads the first document only, and so does a merge.
fn warn_of_others(file: &Path, document: &Document, world: &mut World<'_>) {
    if several_kubeconfigs(document.text()) {
        let place = source::shown(file);
        world.warn(&format!("{place} has several documents; as by kubectl, only the first is merged"));
        world.hint("`kcx import` reads all of them");
    }
}

fn naming(args: &MergeArgs) -> Option<Naming<'_>> {
    match (&args.template, &args.prefix, &args.suffix) {
        (Some(template), ..) => Some(Naming::Template(template)),
        (None, None, None) => None,
        (None, prefix, suffix) => {
            Some(Naming::Affix(prefix.as_deref().unwrap_or_default(), suffix.as_deref().unwrap_or_default()))
        }
    }
}

/// The document with other names, and all else as it was.
fn named(
    document: &Document,
    naming: &Naming<'_>,
    file: &Path,
    carrier: Option<&Carrier>,
) -> Result<Document, Error> {
    let origin = source::origin(file, carrier);
    let view =
        View::of(&Merged::new(vec![Source { path: origin.clone(), document: Some(document.clone()) }]))?;
    let word = match stdin::is_meant(file) {
        true => "stdin".into(),
        false => file.file_stem().unwrap_or_default().to_string_lossy(),
    };
    let names = naming
        .names(&view, FoundIn { file: &word, carrier })
        .map_err(|error| unnamed(super::super::import::misnamed(&error, &origin)))?;
    renamed_document(document, &view, &names).map_err(|refusal| {
        let what = format!("cannot rename the entries of {} safely: {refusal}", source::shown(&origin));
        let details = super::super::messages::excerpt(refusal.place.as_deref());
        unnamed(Error { details, ..Error::new(Cause::Failed, what) })
    })
}

fn unnamed(error: Error) -> Error {
    Error { message: format!("{}; nothing was merged", error.message), ..error }
}

/// The files of the command line, for the number of those that were merged.
pub(super) fn count(files: &[PathBuf], failed: usize) -> String {
    match files.len() - failed {
        1 => "1 file".to_owned(),
        count => format!("{count} files"),
    }
}

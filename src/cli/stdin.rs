//! A kubeconfig from stdin: the file `-` on a command line.

use super::error::{Cause, Error};
use crate::file;
use crate::kubeconfig::Document;
use crate::store::LoadCause;
use std::path::Path;

/// True if this file is stdin.
pub(super) fn is_meant(file: &Path) -> bool {
    file.as_os_str() == "-"
}

/// Fails if stdin is named twice.
///
/// # Errors
/// Exit code 2.
pub(super) fn once<'f>(files: impl IntoIterator<Item = &'f Path>) -> Result<(), Error> {
    match files.into_iter().filter(|file| is_meant(file)).nth(1) {
        Some(_) => Err(Error::new(Cause::Usage, "stdin can be read only once, and `-` is given twice")),
        None => Ok(()),
    }
}

/// The kubeconfig.
///
/// # Errors
/// It cannot be read.
pub(super) fn document() -> Result<Document, LoadCause> {
    let bytes = file::read_stdin(file::limits::KUBECONFIG).map_err(LoadCause::Read)?;
    Document::parse(bytes).map_err(LoadCause::Parse)
}

//! The user's settings, from `config.yaml` in kcx's folder for settings. Everything works without that file.

use super::error::{Cause, Error, path};
use super::{messages, suggest};
use crate::env::Env;
use crate::file;
use crate::file::limits;
use crate::kubeconfig::Place;
use crate::settings::{FIELDS, OldKey, Settings, SettingsError, SettingsProblem};
use std::io;
use std::path::{Path, PathBuf};

/// The path of the settings, if this system has a folder for them.
#[must_use]
pub(super) fn file(env: &Env) -> Option<PathBuf> {
    env.config.as_ref().map(|folder| folder.join(crate::settings::FILE))
}

/// The path of the settings.
///
/// # Errors
/// This system has no folder for them.
pub(super) fn own(env: &Env) -> Result<PathBuf, Error> {
    file(env).ok_or_else(|| {
        Error::new(Cause::Failed, "this system has no folder for settings")
            .hint("set HOME or XDG_CONFIG_HOME")
    })
}

/// The content of a settings file; `None` if it does not exist.
///
/// # Errors
/// It cannot be read.
pub(super) fn content(file: &Path) -> Result<Option<Vec<u8>>, Error> {
    match file::read(file, limits::SETTINGS) {
        Ok((bytes, _)) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::new(
            Cause::Failed,
            format!("cannot read {}: {}", path(file), messages::io_error(&error)),
        )),
    }
}

/// Permits to replace a settings file only while it has its old content; `undone` is what was not done otherwise.
pub(super) fn if_unchanged(file: &Path, old: &[u8], undone: &str) -> impl FnOnce(&[u8]) -> Result<(), Error> {
    let message = format!("{} was changed meanwhile; {undone}", path(file));
    move |now| if now == old { Ok(()) } else { Err(Error::new(Cause::Conflict, message)) }
}

/// Reads the settings; without a file, the defaults apply.
///
/// # Errors
/// The file cannot be read, or has an unknown field or an invalid value.
pub(super) fn load(env: &Env) -> Result<Settings, Error> {
    let Some(file) = file(env) else { return Ok(Settings::default()) };
    let Some(bytes) = content(&file)? else { return Ok(Settings::default()) };
    let unread = |why: String| Error::new(Cause::Failed, format!("cannot read {}: {why}", path(&file)));
    Settings::parse(bytes).map_err(|error| said(&error, unread(error.to_string())))
}

/// Completes the error about a settings file: the line, and what was probably meant.
#[must_use]
pub(super) fn said(error: &SettingsError, message: Error) -> Error {
    let said = Error { details: messages::excerpt(place(error)), ..message };
    match &error.problem {
        // The keys of earlier versions are not offered.
        SettingsProblem::Unknown { known: [], .. } => said,
        SettingsProblem::Unknown { key, known } => {
            let listed = format!("known here: {}", known.join(", "));
            match suggest::near(key, known) {
                Some(near) => said.hint(format!("did you mean `{near}`? {listed}")),
                None => said.hint(listed),
            }
        }
        SettingsProblem::Field { field } => {
            let word: String = field.chars().filter(char::is_ascii_alphabetic).collect();
            let listed = format!("the fields are {}", FIELDS.join(", "));
            match suggest::near(&word, &FIELDS) {
                Some(near) => said.hint(format!("did you mean `{near}`? {listed}")),
                None => said.hint(listed),
            }
        }
        _ => said,
    }
}

/// The place of an error in the file.
#[must_use]
pub(super) fn place(error: &SettingsError) -> Option<&Place> {
    match &error.problem {
        SettingsProblem::Yaml(inner) => inner.place.as_ref(),
        _ => error.place.as_ref(),
    }
}

/// What to say about a key of an earlier version.
#[must_use]
pub(super) fn old_key(file: &Path, old: &OldKey) -> String {
    format!("{}: line {}: {}", path(file), old.line, old.advice)
}

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

/// Reads the settings; without a file, the defaults apply.
///
/// # Errors
/// The file cannot be read, or has an unknown field or an invalid value.
pub(super) fn load(env: &Env) -> Result<Settings, Error> {
    let Some(file) = file(env) else { return Ok(Settings::default()) };
    let unread = |why: String| Error::new(Cause::Failed, format!("cannot read {}: {why}", path(&file)));
    let bytes = match file::read(&file, limits::SETTINGS) {
        Ok((bytes, _)) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Settings::default()),
        Err(error) => return Err(unread(messages::io_error(&error))),
    };
    Settings::parse(bytes).map_err(|error| said(&error, unread(error.to_string())))
}

/// Completes the error about a settings file: the line, and what was probably meant.
#[must_use]
pub(super) fn said(error: &SettingsError, message: Error) -> Error {
    let said = Error { details: messages::excerpt(place(error)), ..message };
    match &error.problem {
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

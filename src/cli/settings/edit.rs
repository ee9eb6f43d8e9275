//! `kcx settings edit`: the settings file in the user's editor. A text with an error is not saved.

use crate::cli::editor::{self, Draft, EditBuffer, Edited, Editor, Rejected};
use crate::cli::error::{Cause, Error, path};
use crate::cli::{World, messages, settings_file};
use crate::settings::{FILE, Settings, SettingsError, TEMPLATE};
use std::path::Path;

/// Edits the file; a new one begins with all settings as comments.
pub(super) fn run(world: &mut World<'_>) -> Result<(), Error> {
    let file = settings_file::own(world.env)?;
    let old = settings_file::content(&file)?;
    let text = match &old {
        Some(bytes) => std::str::from_utf8(bytes)
            .map_err(|_| Error::new(Cause::Failed, format!("{} is not valid UTF-8", path(&file))))?,
        None => TEMPLATE,
    };
    let editor = Editor::of(world)?;
    let scratch = editor::scratch(false, world)?;
    // An empty file is edited as a template, because an empty text means to cancel.
    let text = if text.trim().is_empty() { TEMPLATE } else { text };
    let wrong = Settings::parse(text.into()).err().map(|error| rejected(&error, &file));
    let unchanged = wrong.as_ref().map(|wrong| wrong.error.clone());
    let buffer = EditBuffer::of(text, path(&file), false);
    let draft = Draft { text, buffer, file: FILE, wrong };
    let check = |text: &str, _, _: &mut World<'_>| match Settings::parse(text.into()) {
        Ok(_) => Ok(()),
        Err(error) => Err(rejected(&error, &file)),
    };
    let edited = match draft.ask(&scratch, &editor, check, world)? {
        Edited::Accepted(edited) => edited,
        Edited::GivenUp(edited, error) => return Err(editor::kept(&edited, FILE, error, world)),
        Edited::Unchanged => {
            world.done("nothing was changed");
            return unchanged.map_or(Ok(()), Err);
        }
    };
    let moved = || {
        let message = format!("{} was changed in the meantime; nothing was written", path(&file));
        Error::new(Cause::Conflict, message).hint("run `kcx settings edit` again: it shows the new content")
    };
    let may_replace = |now: &[u8]| if old.as_deref() == Some(now) { Ok(()) } else { Err(moved()) };
    match world.put(&file, edited.as_bytes(), may_replace) {
        Ok(_) => world.done(&format!("saved {}; `kcx undo` restores what it was", path(&file))),
        Err(error) => return Err(editor::kept(&edited, FILE, error, world)),
    }
    Ok(())
}

fn rejected(error: &SettingsError, file: &Path) -> Rejected {
    let given_up = format!("{} was not changed, because of the edited text: {error}", path(file));
    let said = {
        let error = error.clone();
        Box::new(move |lines| {
            let error = moved(&error, lines);
            let said = settings_file::said(&error, Error::new(Cause::Failed, error.to_string()));
            let hints: String = said.hints.iter().map(|hint| format!("hint: {hint}\n")).collect();
            format!("error: {}\n{}{hints}", said.message, messages::excerpt(settings_file::place(&error)))
        })
    };
    Rejected { said, error: settings_file::said(error, Error::new(Cause::Failed, given_up)) }
}

/// The same error with its line moved down by the length of the head.
fn moved(error: &SettingsError, lines: usize) -> SettingsError {
    let mut error = error.clone();
    let place = match &mut error.problem {
        crate::settings::SettingsProblem::Yaml(inner) => inner.place.as_mut(),
        _ => error.place.as_mut(),
    };
    if let Some(place) = place {
        place.position.line += lines;
    }
    error
}

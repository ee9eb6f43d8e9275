//! A text in the user's editor: a private copy, opened again until it is valid; what is given up is kept.

mod command;
mod edit_buffer;

use super::error::{Cause, Error, path};
use super::{World, messages, terminal};
use crate::file::limits;
use crate::file::{self, Scratch, is_in_memory};
pub(super) use command::Editor;
pub(super) use edit_buffer::EditBuffer;
use std::path::{Path, PathBuf};

/// Why an edited text is not saved.
pub(super) struct Rejected {
    /// The reason for the head of the editor's text, whose lines are this many further down.
    pub said: Box<dyn Fn(usize) -> String>,
    /// The error if the user gives up.
    pub error: Error,
}

/// A text for the editor.
pub(super) struct Draft<'d> {
    /// The text as it is.
    pub text: &'d str,
    /// The head above it.
    pub buffer: EditBuffer,
    /// The name of the copy, which tells the editor its syntax.
    pub file: &'d str,
    /// What is wrong with the text before it was edited.
    pub wrong: Option<Rejected>,
}

/// What became of the text.
pub(super) enum Edited {
    /// It is as it was.
    Unchanged,
    /// It is valid.
    Accepted(String),
    /// It was given up, with the reason.
    GivenUp(String, Error),
}

impl Draft<'_> {
    /// Runs the editor on a copy in this folder until `check` accepts the text. `check` learns whether the user has left the
    /// text as it was rejected.
    ///
    /// # Errors
    /// The editor or the copy failed, or the text is empty.
    pub(super) fn ask(
        self,
        scratch: &Scratch,
        editor: &Editor,
        mut check: impl FnMut(&str, bool, &mut World<'_>) -> Result<(), Rejected>,
        world: &mut World<'_>,
    ) -> Result<Edited, Error> {
        let copy = scratch.folder().join(self.file);
        let failed = |what: &str, error: &std::io::Error| {
            let message = format!("cannot {what} {}: {}", path(&copy), messages::io_error(error));
            Error::new(Cause::Failed, format!("{message}; nothing was changed"))
        };
        let (mut shown, mut wrong, mut first) = (self.text.to_owned(), self.wrong, true);
        loop {
            let head = self.buffer.head(wrong.as_ref().map(|wrong| &*wrong.said));
            file::write_private(&copy, self.buffer.write(&head, &shown).as_bytes())
                .map_err(|error| failed("write", &error))?;
            editor.run(&copy, world.env)?;
            let (bytes, _) = file::read(&copy, limits::KUBECONFIG).map_err(|error| failed("read", &error))?;
            let text = String::from_utf8(bytes).map_err(|_| {
                Error::new(Cause::Failed, "the edited text is not valid UTF-8; nothing was changed")
            })?;
            let text = self.buffer.read(&text, &head);
            if text.trim().is_empty() {
                return Err(Error::new(Cause::Failed, "the edited text is empty; nothing was changed"));
            }
            if text == self.text {
                return Ok(Edited::Unchanged);
            }
            let same = !first && text == shown;
            match check(&text, same, world) {
                Ok(()) => return Ok(Edited::Accepted(text)),
                // There is no user to fix it, or the user has not changed it.
                Err(rejected) if same || !terminal::can_ask(world) => {
                    return Ok(Edited::GivenUp(text, rejected.error));
                }
                Err(rejected) => (shown, wrong, first) = (text, Some(rejected), false),
            }
        }
    }
}

/// The failure, with the path of the saved text, which has no secret in it.
pub(super) fn kept(text: &str, file: &str, error: Error, world: &World<'_>) -> Error {
    match keep(text, file, world) {
        Ok(file) => error.hint(format!("the edited text is kept in {}", path(&file))),
        Err(why) => error.hint(format!("the edited text could not be kept: {}", messages::io_error(&why))),
    }
}

/// A folder for the copy: in memory if possible; a copy with secrets is only ever put in memory.
pub(super) fn scratch(bare: bool, world: &World<'_>) -> Result<Scratch, Error> {
    let runtime = world.env.runtime.as_ref().filter(|folder| file::is_own_folder(folder));
    let runtime = runtime.map(|folder| folder.join("kcx").join("edit"));
    let shared = world.env.memory.as_ref().map(|folder| folder.join(format!("kcx-edit-{}", file::uid())));
    let disk = world.env.state.as_ref().map(|folder| folder.join("edit"));
    let mut last = std::io::Error::from(std::io::ErrorKind::NotFound);
    for (root, is_memory) in [(runtime, true), (shared, true), (disk, false)] {
        let Some(root) = root else { continue };
        let above = root.ancestors().find(|folder| folder.is_dir()).unwrap_or(Path::new("/"));
        if (is_memory || bare) && !is_in_memory(above) {
            continue;
        }
        match Scratch::new(&root) {
            Ok(scratch) => return Ok(scratch),
            Err(error) => last = error,
        }
    }
    if bare {
        let message = "there is no folder in memory, and `--show-secrets` does not write secrets to disk";
        return Err(Error::new(Cause::Failed, message)
            .hint("XDG_RUNTIME_DIR or /dev/shm must be a tmpfs that you can write to")
            .hint("without `--show-secrets` a masked secret can be replaced, too"));
    }
    Err(Error::new(Cause::Failed, format!("no folder for the copy to edit: {}", messages::io_error(&last)))
        .hint("XDG_RUNTIME_DIR or HOME must name a folder that you own and can write to"))
}

/// Saves a text that could not be committed, readable by its owner only.
fn keep(text: &str, file: &str, world: &World<'_>) -> std::io::Result<PathBuf> {
    let root = world.env.state.clone().ok_or(std::io::ErrorKind::NotFound)?.join("given-up");
    file::create_private(&root)?;
    let kept = file::unique_folder(&root)?.join(file);
    file::write_private(&kept, text.as_bytes())?;
    Ok(kept)
}

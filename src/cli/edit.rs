//! `kcx edit`: a kubeconfig, or one entry of it, in the user's editor; checked before it is saved.

mod edit_buffer;
mod editor;

use super::credential::BindingSnapshot;
use super::error::{Cause, Error, name, path};
use super::operand::Operands;
use super::{World, messages, terminal};
use crate::file::limits;
use crate::file::{self, Scratch, is_in_memory};
use crate::kubeconfig::change::Change;
use crate::kubeconfig::masked_text::{MaskedText, MaskedTextError};
use crate::kubeconfig::patch::{Op, Refusal};
use crate::kubeconfig::{Document, Kind, Merged, refs};
use edit_buffer::EditBuffer;
use editor::Editor;
use std::path::{Path, PathBuf};

/// Edit a context, cluster, user or the whole kubeconfig in your editor
///
/// The editor is KUBE_EDITOR, VISUAL or EDITOR. Without a name it opens the whole file, else the lines of that entry.
/// Secrets are shown as words such as `<masked-1>`: an unchanged word keeps the secret, any other text replaces it. If
/// the text cannot be parsed, nothing is saved: the editor opens again with the error at the top. The edited file is a
/// copy that only you can read, in memory if the system supports that; it is always removed.
#[derive(clap::Args, Debug, Default)]
pub struct EditArgs {
    /// NAME, or TYPE NAME: TYPE is context (the default), cluster or user, also as TYPE/NAME [default: the whole file]
    #[arg(value_name = "[TYPE] NAME", num_args = 0..=2)]
    pub words: Vec<String>,

    /// Show secrets. The copy must then be in memory (XDG_RUNTIME_DIR, /dev/shm), but the editor may write secrets to its
    /// swap, backup and undo files
    #[arg(long)]
    pub show_secrets: bool,
}

/// Opens the editor, and saves the edited text.
///
/// # Errors
/// Exit code 3 for an entry that is not there, 4 if it was changed meanwhile, 130 for an empty text, 1 for a text that
/// cannot be saved. Nothing was written then.
pub(super) fn run(args: &EditArgs, world: &mut World<'_>) -> Result<(), Error> {
    world.refuse_output("edit")?;
    let merged = world.load_own()?.merged;
    let wanted = Operands::read("edit", &args.words, &merged)?;
    let entry = match (wanted.names.as_slice(), args.words.is_empty()) {
        ([one], _) => Some((wanted.kind, one.clone())),
        ([], true) => None,
        _ => {
            let message = format!("only one {} can be edited at a time", wanted.kind.word());
            return Err(Error::new(Cause::Usage, message).hint("`kcx edit` alone edits the whole file"));
        }
    };
    let page = Page::of(&merged, entry, world)?;
    let document = page.document(&merged).ok_or_else(|| page.nothing())?;
    let draft = page.draft(document, !args.show_secrets).map_err(|refusal| page.refused(&refusal))?;
    let editor = Editor::of(world)?;
    let Some(edited) = page.ask(&draft, &editor, args.show_secrets, world)? else {
        world.done("nothing was changed");
        return Ok(());
    };
    page.save(&draft, &edited, &merged, !args.show_secrets, world)
}

/// The edited text: the whole file or one entry.
struct Page {
    source: usize,
    file: PathBuf,
    entry: Option<(Kind, String)>,
}

impl Page {
    fn of(merged: &Merged, entry: Option<(Kind, String)>, world: &World<'_>) -> Result<Page, Error> {
        let source = match &entry {
            Some((kind, name)) => {
                merged.find(*kind, name).ok_or_else(|| Error::not_found(merged, *kind, name))?.source
            }
            None => {
                let store = world.own_store();
                let file = store.default_path();
                merged.sources().iter().position(|source| source.path == file).unwrap_or_default()
            }
        };
        let file = merged.sources().get(source).map(|source| source.path.clone()).unwrap_or_default();
        Ok(Page { source, file, entry })
    }

    fn document<'m>(&self, merged: &'m Merged) -> Option<&'m Document> {
        let document = merged.sources().get(self.source)?.document.as_ref();
        document.filter(|document| !document.text().trim().is_empty())
    }

    fn draft<'d>(&self, document: &'d Document, masked: bool) -> Result<MaskedText<'d>, Refusal> {
        MaskedText::of(document, self.entry.as_ref().map(|(kind, name)| (*kind, name.as_str())), masked)
    }

    /// A description for messages.
    fn said(&self) -> String {
        match &self.entry {
            Some((kind, entry)) => format!("{} {} of {}", kind.word(), name(entry), path(&self.file)),
            None => path(&self.file),
        }
    }

    fn nothing(&self) -> Error {
        let message = format!("there is nothing to edit in {}", path(&self.file));
        Error::new(Cause::NotFound, message).hint("`kcx import FILE` adds entries to it")
    }

    fn refused(&self, refusal: &Refusal) -> Error {
        let message = format!("{} cannot be edited by itself: {refusal}", self.said());
        let error = Error::new(Cause::Failed, message);
        let error = match self.entry {
            Some(_) => error.hint("`kcx edit` alone edits the whole file"),
            None => error.hint("`--show-secrets` edits it without masks"),
        };
        Error { details: messages::excerpt(refusal.place.as_deref()), ..error }
    }

    /// Runs the editor until the text is valid; `None` if nothing was changed.
    fn ask(
        &self,
        draft: &MaskedText<'_>,
        editor: &Editor,
        bare: bool,
        world: &mut World<'_>,
    ) -> Result<Option<String>, Error> {
        let scratch = scratch(bare, world)?;
        let is_json = draft.text().trim_start().starts_with('{');
        let copy = scratch.folder().join(if is_json { "kubeconfig.json" } else { "kubeconfig.yaml" });
        let failed = |what: &str, error: &std::io::Error| {
            let message = format!("cannot {what} {}: {}", path(&copy), messages::io_error(error));
            Error::new(Cause::Failed, format!("{message}; nothing was changed"))
        };
        let edit_buffer = EditBuffer::of(draft.text(), self.said(), draft.is_masked());
        let (mut shown, mut wrong) = (draft.text().to_owned(), None);
        loop {
            let head = edit_buffer.head(wrong.as_ref());
            file::write_private(&copy, edit_buffer.write(&head, &shown).as_bytes())
                .map_err(|error| failed("write", &error))?;
            editor.run(&copy)?;
            let (bytes, _) = file::read(&copy, limits::KUBECONFIG).map_err(|error| failed("read", &error))?;
            let text = String::from_utf8(bytes).map_err(|_| {
                Error::new(Cause::Failed, "the edited text is not valid UTF-8; nothing was changed")
            })?;
            let text = edit_buffer.read(&text, &head);
            if text.trim().is_empty() {
                world.done("the edited text is empty; nothing was changed");
                return Err(Error::silent(130));
            }
            if text == draft.text() {
                return Ok(None);
            }
            match draft.finish(&text) {
                Ok(_) => return Ok(Some(text)),
                // There is no user to fix it, or the user has not changed it.
                Err(error) if text == shown || !terminal::can_ask(world) => {
                    return Err(self.kept(&text, bare, self.given_up(&error), world));
                }
                Err(error) => {
                    shown = text;
                    wrong = Some(error);
                }
            }
        }
    }

    fn given_up(&self, error: &MaskedTextError) -> Error {
        let message = format!("{} was not changed, because of the edited text: {error}", self.said());
        let details = edit_buffer::excerpt(error);
        let said = Error { details, ..Error::new(Cause::Failed, message) };
        match (error, &self.entry) {
            (MaskedTextError::Renamed(kind), Some((_, entry))) => said.hint(format!(
                "`kcx rename {}/{entry} NEW` renames it and all references to it",
                kind.word()
            )),
            (MaskedTextError::Beyond(_), _) => said.hint("`kcx edit` alone edits the whole file"),
            _ => said,
        }
    }

    /// The failure, with the path of the saved text, which has no masked secret in it.
    fn kept(&self, text: &str, bare: bool, error: Error, world: &World<'_>) -> Error {
        if bare {
            return error.hint("the edited text is not kept anywhere, because it shows secrets");
        }
        match keep(text, world) {
            Ok(file) => error.hint(format!("the edited text is kept in {}", path(&file))),
            Err(why) => {
                error.hint(format!("the edited text could not be kept: {}", messages::io_error(&why)))
            }
        }
    }

    fn save(
        &self,
        draft: &MaskedText<'_>,
        edited: &str,
        before: &Merged,
        masked: bool,
        world: &mut World<'_>,
    ) -> Result<(), Error> {
        let restored = draft.restore(edited);
        let moved = || {
            let message = format!("{} was changed in the meantime; nothing was written", self.said());
            Error::new(Cause::Conflict, message).hint("run `kcx edit` again: it shows the new content")
        };
        let bindings = BindingSnapshot::of(before, world);
        let saved = world.edit_own(|merged| {
            let now = merged.sources().get(self.source).filter(|source| source.path == self.file);
            let document = now.and_then(|source| source.document.as_ref()).ok_or_else(moved)?;
            let now = self.draft(document, false).map_err(|_| moved())?;
            if now.original() != draft.original() {
                return Err(moved());
            }
            let after = now.finish(&restored).map_err(|_| moved())?;
            let op = Op::Rewrite { text: after.text().to_owned() };
            Ok(vec![Change::At { source: self.source, op }])
        });
        let report = match saved {
            Ok(report) => report,
            Err(error) => return Err(self.kept(edited, !masked, error, world)),
        };
        world.done(&match report.written.is_empty() {
            true => "nothing was changed".to_owned(),
            false => format!("{} is changed", self.said()),
        });
        bindings.update(&world.own_store(), world);
        self.warn(before, world)
    }

    /// Warns about references that are dangling after the edit.
    fn warn(&self, before: &Merged, world: &mut World<'_>) -> Result<(), Error> {
        let known = refs::dangling(before)?;
        let after = world.load_own()?.merged;
        for context in refs::dangling(&after)?.iter().filter(|context| !known.contains(context)) {
            world.warn(&format!(
                "context {} names a cluster or a user that does not exist any more",
                name(context)
            ));
        }
        let current = after.current_context();
        if current != before.current_context()
            && !current.is_empty()
            && after.find(Kind::Context, current).is_none()
        {
            world.warn(&format!("the current context is now {}, which does not exist", name(current)));
        }
        Ok(())
    }
}

/// A folder for the copy: in memory if possible; a copy with secrets is only ever put in memory.
fn scratch(bare: bool, world: &World<'_>) -> Result<Scratch, Error> {
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
fn keep(text: &str, world: &World<'_>) -> std::io::Result<PathBuf> {
    let root = world.env.state.clone().ok_or(std::io::ErrorKind::NotFound)?.join("given-up");
    file::create_private(&root)?;
    let kept = file::unique_folder(&root)?.join("kubeconfig.yaml");
    file::write_private(&kept, text.as_bytes())?;
    Ok(kept)
}

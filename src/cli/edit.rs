//! `kcx edit`: a kubeconfig, or one entry of it, in the user's editor; checked before it is saved.

use super::credential::BindingSnapshot;
use super::editor::{self, Draft, EditBuffer, Edited, Editor, Rejected};
use super::error::{Cause, Error, name, path};
use super::operand::Operands;
use super::{World, lint, messages, terminal};
use crate::kubeconfig::change::Change;
use crate::kubeconfig::lint::{Finding, Severity};
use crate::kubeconfig::masked_text::{MaskedText, MaskedTextError};
use crate::kubeconfig::patch::{Op, Refusal};
use crate::kubeconfig::{Document, Kind, Merged};
use std::path::PathBuf;

/// The name of the edited copy.
const FILE: &str = "kubeconfig.yaml";

/// Edit a context, cluster, user or the whole kubeconfig in your editor
///
/// The editor is KUBE_EDITOR, VISUAL or EDITOR. Without a name it opens the whole file, else the lines of that entry.
/// Secrets are shown as words such as `<masked-1>`: an unchanged word keeps the secret, any other text replaces it. If
/// the text cannot be parsed, or has a new error of `kcx lint`, nothing is saved: the editor opens again with the error at
/// the top. The edited file is a copy that only you can read, in memory if the system supports that; it is always
/// removed.
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
/// Exit code 3 for an entry that is not there, 4 if it was changed meanwhile, 1 for a text that is empty or cannot be
/// saved. Nothing was written then.
pub(super) fn run(args: &EditArgs, world: &mut World<'_>) -> Result<(), Error> {
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
    let Some(edited) = page.ask(&draft, &merged, args.show_secrets, world)? else {
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
        merged: &Merged,
        bare: bool,
        world: &mut World<'_>,
    ) -> Result<Option<String>, Error> {
        let editor = Editor::of(world)?;
        let scratch = editor::scratch(bare, world)?;
        let is_json = draft.text().trim_start().starts_with('{');
        let shown = Draft {
            text: draft.text(),
            buffer: EditBuffer::of(draft.text(), self.said(), draft.is_masked()),
            file: if is_json { "kubeconfig.json" } else { FILE },
            wrong: None,
        };
        let check = |text: &str, same: bool, world: &mut World<'_>| {
            let after = draft.finish(text).map_err(|error| self.invalid(&error))?;
            let new = lint::introduced(merged, &with(merged, self.source, after), world);
            let errors: Vec<Finding> =
                new.into_iter().filter(|it| it.code.severity() == Severity::Error).collect();
            if errors.is_empty() || world.globals.yes {
                return Ok(());
            }
            // Whoever leaves it so may want it so.
            if same && terminal::can_ask(world) && terminal::confirm("Save it anyway?").unwrap_or(false) {
                return Ok(());
            }
            Err(self.faulty(&errors))
        };
        match shown.ask(&scratch, &editor, check, world)? {
            Edited::Unchanged => Ok(None),
            Edited::Accepted(text) => Ok(Some(text)),
            Edited::GivenUp(text, error) => Err(self.kept(&text, bare, error, world)),
        }
    }

    /// The rejection of a text that cannot be read, or that is more than the entry.
    fn invalid(&self, error: &MaskedTextError) -> Rejected {
        let said = {
            let error = error.clone();
            Box::new(move |lines| {
                let error = moved(&error, lines);
                format!("error: {error}\n{}", excerpt(&error))
            })
        };
        let message = format!("{} was not changed, because of the edited text: {error}", self.said());
        let given_up = Error { details: excerpt(error), ..Error::new(Cause::Failed, message) };
        let error = match (error, &self.entry) {
            (MaskedTextError::Renamed(kind), Some((_, entry))) => given_up.hint(format!(
                "`kcx rename {}/{entry} NEW` renames it and all references to it",
                kind.word()
            )),
            (MaskedTextError::Beyond(_), _) => given_up.hint("`kcx edit` alone edits the whole file"),
            _ => given_up,
        };
        Rejected { said, error }
    }

    /// The rejection of a text with which clients fail.
    fn faulty(&self, errors: &[Finding]) -> Rejected {
        let head: String =
            errors.iter().map(|it| format!("error: {}\nhelp: {}\n", in_words(it), help(it))).collect();
        let said = Box::new(move |_| format!("{head}save it unchanged to be asked whether to keep it so\n"));
        let more = match errors.len() - 1 {
            0 => String::new(),
            more => format!(", and {more} more"),
        };
        let first = errors.first().map(in_words).unwrap_or_default();
        let message = format!("{} was not changed, because clients would fail: {first}{more}", self.said());
        let hints = errors.iter().take(1).map(|it| help(it).to_owned());
        let hints = hints.chain(["`-y` saves such a text".to_owned()]).collect();
        Rejected { said, error: Error { hints, ..Error::new(Cause::Failed, message) } }
    }

    /// The failure, with the path of the saved text, which has no masked secret in it.
    fn kept(&self, text: &str, bare: bool, error: Error, world: &World<'_>) -> Error {
        if bare {
            return error.hint("the edited text is not kept anywhere, because it shows secrets");
        }
        editor::kept(text, FILE, error, world)
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
            false => format!("saved {}", self.said()),
        });
        bindings.update(&world.own_store(), world);
        Page::warn(before, world)
    }

    /// Warns about what is suspicious since the edit.
    fn warn(before: &Merged, world: &mut World<'_>) -> Result<(), Error> {
        let after = world.load_own()?.merged;
        for finding in lint::introduced(before, &after, world) {
            if finding.code.severity() >= Severity::Warning {
                world.warn(&in_words(&finding));
                world.hint(help(&finding));
            }
        }
        Ok(())
    }
}

/// The kubeconfig with another text for one file.
fn with(merged: &Merged, source: usize, document: Document) -> Merged {
    let mut sources = merged.sources().to_vec();
    if let Some(source) = sources.get_mut(source) {
        source.document = Some(document);
    }
    Merged::new(sources)
}

fn in_words(finding: &Finding) -> String {
    format!("{} ({})", finding.message, finding.code)
}

fn help(finding: &Finding) -> &str {
    finding.hint.as_deref().unwrap_or(finding.code.rule().help)
}

/// The same error with its line moved down by the length of the head.
fn moved(error: &MaskedTextError, lines: usize) -> MaskedTextError {
    let mut error = error.clone();
    if let MaskedTextError::Parse(inner) = &mut error
        && let Some(place) = &mut inner.place
    {
        place.position.line += lines;
    }
    error
}

/// The line of an error, with a caret.
fn excerpt(error: &MaskedTextError) -> String {
    match error {
        MaskedTextError::Parse(error) => messages::excerpt(error.place.as_ref()),
        _ => String::new(),
    }
}

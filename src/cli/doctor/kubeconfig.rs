//! The checks of the kubeconfigs: the list, the files, their entries, and what ends soon. The findings are those of `kcx lint`.

use super::{Level, Note, Subject};
use crate::cli::error::{name, path};
use crate::cli::lint::FileFinding;
use crate::file;
use crate::kubeconfig::lint::{Code, Fixability, Severity};
use crate::session::{State, kubeconfig_before};
use crate::store::Origin;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The most findings of one check that are shown one by one.
const SHOWN: usize = 3;

/// The list of files, as kubectl and other programs see it.
pub(super) fn list(subject: &mut Subject<'_, '_>) -> Vec<Note> {
    let world = &subject.world;
    let store = world.own_store();
    let precedence = store.precedence();
    let is_set = precedence.origin == Origin::Variable && kubeconfig_before(world.env).is_some();
    let files: Vec<PathBuf> =
        precedence.paths.iter().filter(|file| !file.as_os_str().is_empty()).cloned().collect();
    let is_any = files.iter().any(|file| world.env.absolute(file).exists());
    let mut notes = Vec::new();
    for file in files.iter().filter(|_| is_set) {
        let shown = path(file);
        if file.starts_with("~") {
            let message = format!("KUBECONFIG names {shown}: no program expands `~` there");
            notes.push(
                Note::warning(message)
                    .fix(format!("export KUBECONFIG=\"$HOME{}\"", &file.to_string_lossy()[1..])),
            );
        } else if file.is_relative() {
            let message = format!("KUBECONFIG names {shown}, which is another file in each folder");
            notes.push(Note::warning(message).fix("# give KUBECONFIG absolute paths"));
        } else if is_any && !file.exists() {
            let message = format!("KUBECONFIG names {shown}, which does not exist");
            notes.push(Note::warning(message).fix(format!("# remove {shown} from KUBECONFIG")));
        }
    }
    if !is_any {
        notes.push(
            Note::warning(format!("there is no kubeconfig yet: {}", world.places()))
                .fix("kcx import FILE")
                .fix("kcx demo"),
        );
        return notes;
    }
    let in_session = matches!(world.session(), State::Active(_));
    if let Some((first, last)) = subject.currents().filter(|(first, last)| !in_session && first.1 != last.1) {
        let message = format!(
            "kubectl is on {} of {}, the clients for Python and JavaScript on {} of {}",
            name(&first.1),
            path(&first.0),
            name(&last.1),
            path(&last.0)
        );
        notes.push(Note::warning(message).fix("kcx init").fix("kcx exec NAME --single-file -- CMD"));
    }
    if files.len() > 1 {
        let message = format!(
            "programs that read one file of KUBECONFIG need `--single-file`: there are {}",
            files.len()
        );
        notes.push(Note::info(message).fix("kcx exec NAME --single-file -- CMD"));
    }
    if notes.iter().all(|note| note.level <= Level::Info) {
        notes.insert(0, Note::ok(world.places()));
    }
    notes
}

impl Subject<'_, '_> {
    /// The first and the last file of the user with a current context, and these contexts.
    fn currents(&self) -> Option<((PathBuf, String), (PathBuf, String))> {
        let loaded = self.world.load_own().ok()?;
        let named = loaded.merged.sources().iter().filter_map(|source| {
            let current = source.document.as_ref()?.current_context().to_owned();
            Some((source.path.clone(), current)).filter(|(_, current)| !current.is_empty())
        });
        let named: Vec<_> = named.collect();
        Some((named.first()?.clone(), named.last()?.clone()))
    }

    /// The findings with one of these codes.
    fn among(&self, codes: &[Code]) -> Vec<&FileFinding> {
        self.findings.iter().filter(|it| codes.contains(&it.finding.code)).collect()
    }
}

const READING: [Code; 7] = [
    Code::Unreadable,
    Code::Syntax,
    Code::WrongType,
    Code::Yaml11,
    Code::Base64,
    Code::NotKubeconfig,
    Code::DuplicateName,
];
const ACCESS: [Code; 3] = [Code::Exposed, Code::OpenFolder, Code::StaleLock];
const ENDING: [Code; 5] =
    [Code::Expired, Code::Expiring, Code::NotYetValid, Code::TokenExpired, Code::TokenExpiring];
/// Those that [`super::credentials`] has.
pub(super) const PLUGINS: [Code; 7] = [
    Code::ExecNotFound,
    Code::ExecExposed,
    Code::ExecBlocked,
    Code::RemovedProvider,
    Code::KubercRefused,
    Code::KubercIgnored,
    Code::KubercOdd,
];

/// Every file can be read, and by nobody else, and changed.
pub(super) fn files(subject: &mut Subject<'_, '_>) -> Vec<Note> {
    let broken = subject.world.found().broken.clone();
    let mut notes = each(&subject.among(&READING), |it| match it.finding.fixability() {
        Fixability::Safe => format!("kcx lint --fix {}", typed(it)),
        _ if it.finding.code == Code::WrongType && it.finding.hint.is_some() => {
            format!("kcx import {} --into NEW", typed(it))
        }
        _ => format!("kcx lint {}", typed(it)),
    });
    notes.extend(each(&subject.among(&ACCESS), |it| {
        first_command(it).unwrap_or_else(|| format!("kcx lint {}", typed(it)))
    }));
    notes.extend(not_writable(subject));
    for file in broken {
        let message = format!("{} is left out, because it is not valid YAML", path(&file));
        notes.push(
            Note::warning(message)
                .fix(format!("kcx lint {}", crate::printer::quote::shell(&file.to_string_lossy()))),
        );
    }
    or_ok(notes, "all files can be read, and only by you")
}

/// The folders in which no lock can be created, so that neither kcx nor kubectl can change the files in them.
fn not_writable(subject: &Subject<'_, '_>) -> Vec<Note> {
    let store = subject.world.own_store();
    let files = store.precedence().paths.iter().map(|file| subject.world.env.absolute(file));
    let folders = files.filter(|file| file.exists()).filter_map(|file| file.parent().map(Path::to_owned));
    let folders: BTreeSet<PathBuf> = folders.filter(|folder| !file::is_writable(folder)).collect();
    let note = |folder: PathBuf| {
        let message = format!(
            "{} cannot be written: kcx and kubectl cannot change the kubeconfig there, which needs a lock beside it",
            path(&folder)
        );
        let typed = crate::printer::quote::shell(&folder.to_string_lossy());
        Note::warning(message).fix(format!("chmod u+w {typed}"))
    };
    folders.into_iter().map(note).collect()
}

/// Every context leads to a cluster and a user that can work.
pub(super) fn entries(subject: &mut Subject<'_, '_>) -> Vec<Note> {
    let is_other = |it: &&FileFinding| {
        let others = [&READING[..], &ACCESS, &ENDING, &PLUGINS];
        let code = it.finding.code;
        code.severity() == Severity::Error && !others.iter().any(|list| list.contains(&code))
            || code == Code::NoSuchCurrent
    };
    let found: Vec<&FileFinding> = subject.findings.iter().filter(is_other).collect();
    or_ok(each(&found, |it| format!("kcx lint {}", typed(it))), "every context leads to a cluster and a user")
}

/// No certificate and no token has ended, or ends soon.
pub(super) fn expiry(subject: &mut Subject<'_, '_>) -> Vec<Note> {
    let notes = each(&subject.among(&ENDING), |it| match &it.finding.entry {
        Some((kind, entry)) => format!("kcx get {} {}", kind.list(), crate::printer::quote::shell(entry)),
        None => format!("kcx lint {}", typed(it)),
    });
    or_ok(notes, "no certificate or token ends within 30 days")
}

/// A note for each finding; many are counted.
pub(super) fn each(found: &[&FileFinding], fix: impl Fn(&FileFinding) -> String) -> Vec<Note> {
    let note = |it: &&FileFinding| {
        let level = match it.finding.code.severity() {
            Severity::Error => Level::Error,
            Severity::Warning => Level::Warning,
            Severity::Info => Level::Info,
        };
        let message = format!("{} ({}, {})", it.finding.message, it.finding.code, path(&it.file));
        Note::new(level, message).fix(fix(it))
    };
    let mut sorted = found.to_vec();
    sorted.sort_by_key(|it| std::cmp::Reverse(it.finding.code.severity()));
    let mut notes: Vec<Note> = sorted.iter().take(SHOWN).map(note).collect();
    if let Some(next) = sorted.get(SHOWN) {
        let level = note(next).level;
        notes.push(Note::new(level, format!("{} more like these", sorted.len() - SHOWN)).fix("kcx lint"));
    }
    notes
}

/// The file as an argument of a command.
fn typed(it: &FileFinding) -> String {
    crate::printer::quote::shell(&it.file.to_string_lossy())
}

/// The command that a hint names first.
fn first_command(it: &FileFinding) -> Option<String> {
    let hint = it.finding.hint.as_deref()?;
    let (command, _) = hint.strip_prefix('`')?.split_once('`')?;
    Some(command.to_owned())
}

pub(super) fn or_ok(notes: Vec<Note>, message: &str) -> Vec<Note> {
    if notes.is_empty() { vec![Note::ok(message)] } else { notes }
}

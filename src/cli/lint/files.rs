//! Groups of files that form one kubeconfig, and their findings. A file that cannot be read is a finding too.

use super::super::World;
use super::super::messages;
use super::environment::LintEnvironment;
use crate::file;
use crate::file::limits;
use crate::kubeconfig::error::LineIndex;
use crate::kubeconfig::lint::{self, Code, Finding};
use crate::kubeconfig::{Document, Merged, ParseError, Place, Position, Source};
use crate::store::{Origin, Precedence, Preview, Store};
use std::io;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// Files that form one kubeconfig.
pub(super) struct Group {
    /// The files in loading order, for an edit; `None` for stdin.
    pub(super) precedence: Option<Precedence>,
    pub(super) merged: Merged,
    /// The syntax errors of each file.
    pub(super) problems: Vec<Vec<ParseError>>,
    /// Files that could not be read at all.
    unreadable: Vec<Finding>,
    is_kubeconfig: bool,
    lines: Vec<OnceLock<LineIndex>>,
}

/// A file that is fixed as a text.
pub(super) struct Text<'g> {
    pub(super) before: &'g Document,
    pub(super) after: Document,
    /// The number of remaining errors.
    pub(super) left: usize,
}

impl Group {
    pub(super) fn load(precedence: Precedence) -> Group {
        let explicit = precedence.origin == Origin::Flag;
        let mut group = Group::new(Some(precedence.clone()));
        let mut sources = Vec::new();
        for path in precedence.paths {
            let read = if explicit {
                file::read_given(&path, limits::KUBECONFIG)
            } else {
                file::read(&path, limits::KUBECONFIG)
            };
            let read = match read.map(|(bytes, _)| bytes) {
                Err(error) if error.kind() == io::ErrorKind::NotFound && !explicit => None,
                read => Some(read),
            };
            sources.push(group.source(path, read));
        }
        group.with(sources)
    }

    /// A folder without kubeconfigs.
    pub(super) fn empty(folder: PathBuf, why: &str) -> Group {
        let mut group = Group::new(Some(Precedence::of_file(folder.clone())));
        group.unreadable.push(Finding::unreadable(0, why));
        group.problems.push(Vec::new());
        group.with(vec![Source { path: folder, document: None }])
    }

    /// A file that is not a kubeconfig, with its findings.
    pub(super) fn only(file: PathBuf, found: Vec<Finding>) -> Group {
        let mut group = Group::new(Some(Precedence::of_file(file.clone())));
        group.is_kubeconfig = false;
        group.unreadable = found;
        group.problems.push(Vec::new());
        group.with(vec![Source { path: file, document: None }])
    }

    /// False for stdin, which cannot be fixed.
    pub(super) fn is_file(&self) -> bool {
        self.precedence.is_some()
    }

    /// True if no file exists.
    pub(super) fn is_nowhere(&self) -> bool {
        self.unreadable.is_empty()
            && self.merged.sources().iter().all(|source| source.document.is_none())
            && self.problems.iter().all(Vec::is_empty)
    }

    pub(super) fn stdin(world: &World<'_>) -> Group {
        let read = file::read_stdin(limits::KUBECONFIG);
        let mut group = Group::new(None);
        // Relative paths in it start at the working folder.
        let source = group.source(world.env.cwd.join("stdin"), Some(read));
        group.with(vec![source])
    }

    fn new(precedence: Option<Precedence>) -> Group {
        let merged = Merged::default();
        Group {
            precedence,
            merged,
            problems: Vec::new(),
            unreadable: Vec::new(),
            is_kubeconfig: true,
            lines: Vec::new(),
        }
    }

    fn source(&mut self, path: PathBuf, read: Option<io::Result<Vec<u8>>>) -> Source {
        let at = self.problems.len();
        let (document, problems) = match read {
            None => (None, Vec::new()),
            Some(Ok(bytes)) => Document::salvage(bytes),
            Some(Err(error)) => {
                self.unreadable.push(match error.kind() {
                    io::ErrorKind::NotFound => Finding {
                        hint: Some(
                            "check the path; without FILE your own kubeconfigs are checked".to_owned(),
                        ),
                        ..Finding::unreadable(at, "the file does not exist")
                    },
                    _ => {
                        let why = messages::io_error(&error);
                        Finding::unreadable(at, &format!("the file cannot be read: {why}"))
                    }
                });
                (None, Vec::new())
            }
        };
        self.problems.push(problems);
        Source { path, document }
    }

    fn with(self, sources: Vec<Source>) -> Group {
        let lines = sources.iter().map(|_| OnceLock::new()).collect();
        Group { merged: Merged::new(sources), lines, ..self }
    }

    /// All findings, in the order of the files.
    pub(super) fn findings(&self, environment: &LintEnvironment<'_>) -> Vec<Finding> {
        if !self.is_kubeconfig {
            return self.unreadable.clone();
        }
        let threads = std::thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN);
        let mut found = lint::check(&self.merged, &self.problems, environment, threads);
        if self.precedence.is_none() {
            // stdin is not a file, so findings about the file itself do not apply.
            let beside = [Code::Exposed, Code::OpenFolder, Code::StaleLock];
            found.retain(|it| it.entry.is_some() || !beside.contains(&it.code));
        }
        if !self.unreadable.is_empty() {
            // Its content is unknown.
            let dangles = [Code::DanglingCluster, Code::DanglingUser, Code::NoSuchCurrent];
            let orphans = [Code::OrphanCluster, Code::OrphanUser, Code::NoCurrent];
            found.retain(|it| !dangles.contains(&it.code) && !orphans.contains(&it.code));
            found.extend(self.unreadable.iter().cloned());
            found.sort_by_key(|it| it.source);
        }
        found
    }

    /// A file that cannot be loaded, also after these texts were fixed.
    pub(super) fn broken(&self, texts: &[Option<Text<'_>>]) -> Option<&Path> {
        let left = |at: usize| match &texts[at] {
            Some(text) => text.left,
            None => self.problems[at].len(),
        };
        let unreadable = |at: usize| self.unreadable.iter().any(|it| it.source == at);
        let broken = (0..texts.len()).find(|at| unreadable(*at) || left(*at) > 0)?;
        Some(&self.merged.sources()[broken].path)
    }

    /// The kubeconfig with these texts fixed.
    pub(super) fn with_texts(&self, texts: &[Option<Text<'_>>]) -> Merged {
        let fixed = |(source, text): (&Source, &Option<Text<'_>>)| match text {
            Some(text) => Source { path: source.path.clone(), document: Some(text.after.clone()) },
            None => source.clone(),
        };
        Merged::new(self.merged.sources().iter().zip(texts).map(fixed).collect())
    }

    /// The group with these files changed.
    pub(super) fn with_changes(&self, changed: &[Preview]) -> Group {
        let mut group = Group::new(self.precedence.clone());
        (group.is_kubeconfig, group.unreadable) = (self.is_kubeconfig, self.unreadable.clone());
        let mut sources = Vec::new();
        for (source, problems) in self.merged.sources().iter().zip(&self.problems) {
            match changed.iter().find(|changed| changed.path == source.path) {
                Some(changed) => {
                    let read = Some(Ok(changed.after.render()));
                    sources.push(group.source(source.path.clone(), read));
                }
                None => {
                    group.problems.push(problems.clone());
                    sources.push(source.clone());
                }
            }
        }
        group.with(sources)
    }

    /// The file of a finding, as spelled; stdin is `-`.
    pub(super) fn path(&self, finding: &Finding) -> &Path {
        match self.precedence {
            Some(_) => &self.merged.sources()[finding.source].path,
            None => Path::new("-"),
        }
    }

    /// The place of a finding in its text.
    pub(super) fn place(&self, finding: &Finding) -> Option<Place> {
        if let Some(place) = &finding.place {
            return Some((**place).clone());
        }
        let text = self.text(finding.source)?;
        let lines = self.lines[finding.source].get_or_init(|| LineIndex::of(text));
        Some(Place::among(text, lines, finding.span?))
    }

    /// The position of a finding in its text.
    pub(super) fn position(&self, finding: &Finding) -> Option<Position> {
        if let Some(place) = &finding.place {
            return Some(place.position);
        }
        let text = self.text(finding.source)?;
        let lines = self.lines[finding.source].get_or_init(|| LineIndex::of(text));
        Some(lines.position(text, finding.span?.start))
    }

    /// The position after the last character of a finding.
    pub(super) fn end(&self, finding: &Finding) -> Option<Position> {
        let text = self.text(finding.source)?;
        let lines = self.lines[finding.source].get_or_init(|| LineIndex::of(text));
        Some(lines.position(text, finding.span?.end))
    }

    /// The text of a file, if it could be read.
    pub(super) fn text(&self, source: usize) -> Option<&str> {
        self.merged.sources()[source].document.as_ref().map(Document::text)
    }

    /// The store that edits these files; `None` for stdin, and for a file that is not a kubeconfig.
    pub(super) fn store(&self, world: &World<'_>) -> Option<Store> {
        if !self.is_kubeconfig {
            return None;
        }
        Some(world.with_journal(Store::new(self.precedence.clone()?, world.lock_options(), world.env)))
    }
}

//! Checks kubeconfigs. Input: merged documents with their parse errors; output: [`Finding`]s with their places. Pure:
//! the file system, the clock and PATH are accessed through [`Environment`].
//!
//! `rules` is the table of all codes. `reading` checks the text of a file, `references` checks names over all files.
//! `cluster`, `user` and `trust` check one entry at a time and run on several threads.

mod cluster;
mod date;
mod environment;
mod ignore;
mod locate;
mod memo;
pub mod placeholder;
mod reading;
mod references;
pub mod repair;
pub mod rules;
mod trust;
mod url;
mod user;

pub use environment::{Access, Environment, NoEnvironment, Program};
pub use rules::{Code, Fixability, Rule, Severity, rules};
pub(super) use url::is_local_server;

use super::change::Change;
use super::decode::Body;
use super::document::Document;
use super::error::{ParseError, Place};
use super::merged::{EntryRef, Merged};
use super::patch::{Op, PathStep};
use super::per_kind::PerKind;
use super::schema::Kind;
use super::span::Span;
use super::tree::{NodeId, Tree};
use crate::printer::quote;
use memo::Memo;
use serde_json::Value;
use std::borrow::Cow;
use std::collections::HashSet;
use std::num::NonZero;
use std::sync::OnceLock;

/// One finding.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The code.
    pub code: Code,
    /// The index of the file.
    pub source: usize,
    /// The span in the file; `None` if the finding concerns the whole file.
    pub span: Option<Span>,
    /// The place, if the file could not be read, so that its text is not available.
    pub place: Option<Box<Place>>,
    /// The entry it concerns.
    pub entry: Option<(Kind, String)>,
    /// What is wrong, as a sentence fragment that names the entry. Names are escaped; it contains no secrets.
    pub message: String,
    /// What to do or to type next.
    pub hint: Option<String>,
    /// The fix, if there is one; [`Rule::fixability`] says whether it is safe.
    pub fix: Option<Fix>,
}

/// A fix for a finding.
#[derive(Clone, Debug, PartialEq)]
pub enum Fix {
    /// Changes of the merged kubeconfig.
    Changes(Vec<Change>),
    /// The removal of this context, which leads nowhere.
    Context(String),
    /// Edits of a text that kubectl cannot load, or of which it does not read a part.
    Text(TextFix),
}

/// Edits of a text that fix a finding.
#[derive(Clone, Debug, PartialEq)]
pub struct TextFix {
    /// The edits, sorted and without overlap.
    pub edits: Vec<(Span, String)>,
    /// True if nothing is lost, even if the rule of the code says that a fix may not be what was meant.
    pub is_safe: bool,
    /// What they do.
    pub did: String,
}

impl Finding {
    fn new(code: Code, source: usize, span: Option<Span>, message: String) -> Finding {
        Finding { code, source, span, place: None, entry: None, message, hint: None, fix: None }
    }

    /// The finding for a file that cannot be read for this reason.
    #[must_use]
    pub fn unreadable(source: usize, why: &str) -> Finding {
        Finding::new(Code::Unreadable, source, None, why.to_owned())
    }

    /// A finding about a file that is not a kubeconfig, such as kuberc.
    #[must_use]
    pub fn about(code: Code, source: usize, place: Option<Place>, message: String) -> Finding {
        let span = place.as_ref().map(|place| place.span);
        Finding { place: place.map(Box::new), ..Finding::new(code, source, span, message) }
    }

    /// Whether it can be fixed, and safely.
    #[must_use]
    pub fn fixability(&self) -> Fixability {
        match &self.fix {
            None => Fixability::No,
            Some(Fix::Text(fix)) if fix.is_safe => Fixability::Safe,
            Some(_) => self.code.rule().fixability,
        }
    }

    fn hint(&mut self, hint: impl Into<String>) -> &mut Finding {
        self.hint = Some(hint.into());
        self
    }

    fn fix_by(&mut self, op: Op) -> &mut Finding {
        self.fix = Some(Fix::Changes(vec![Change::At { source: self.source, op }]));
        self
    }
}

/// All findings that need no [`Environment`].
///
/// ```
/// use kcx::kubeconfig::lint::{Code, validate};
/// use kcx::kubeconfig::{Document, Merged, Source};
/// let text = "contexts: [{name: dev, context: {cluster: gone, user: gone}}]\nusers: [{name: gone}]\n\
///     current-context: dev\napiVersion: v1\nkind: Config\n";
/// let document = Some(Document::parse(text.as_bytes().to_vec())?);
/// let merged = Merged::new(vec![Source { path: "config".into(), document }]);
/// let codes: Vec<Code> = validate(&merged).iter().map(|finding| finding.code).collect();
/// assert_eq!(codes, [Code::DanglingCluster]);
/// # Ok::<(), kcx::kubeconfig::ParseError>(())
/// ```
#[must_use]
pub fn validate(merged: &Merged) -> Vec<Finding> {
    check(merged, &[], &NoEnvironment, NonZero::<usize>::MIN)
}

/// All findings that no comment ignores, sorted by file and offset. `problems` are the errors of
/// [`Document::salvage`] for each file. Entries are checked by `threads` threads.
#[must_use]
pub fn check(
    merged: &Merged,
    problems: &[Vec<ParseError>],
    environment: &dyn Environment,
    threads: NonZero<usize>,
) -> Vec<Finding> {
    let names = PerKind::from_fn(|kind| merged.names(kind).into_iter().collect());
    let input = LintInput { merged, names, problems, environment, tls_users: OnceLock::new() };
    let mut found = Vec::new();
    for (source, file) in merged.sources().iter().enumerate() {
        reading::problems(source, file.document.as_ref(), input.problems(source), &mut found);
        if let Some(document) = &file.document {
            reading::text(source, document, input.problems(source).is_empty(), &mut found);
        }
        if file.document.is_some() || !input.problems(source).is_empty() {
            trust::file(&input, source, file.document.as_ref(), &mut found);
        }
    }
    references::check(&input, &mut found);
    let entries: Vec<EntryRef> = Kind::ALL.into_iter().flat_map(|kind| merged.entries(kind)).collect();
    let share = entries.len().div_ceil(threads.get()).max(1);
    found.extend(std::thread::scope(|scope| {
        let input = &input;
        let mut shares = entries.chunks(share);
        let first = shares.next().unwrap_or_default();
        let others: Vec<_> = shares.map(|share| scope.spawn(move || each(input, share))).collect();
        let mut found = each(input, first);
        for other in others {
            match other.join() {
                Ok(more) => found.extend(more),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        found
    }));
    placeholder::explain(merged, &mut found);
    ignore::apply(merged, &mut found);
    found.sort_by_key(|finding| (finding.source, finding.span.map_or(0, |span| span.start), finding.code));
    found
}

fn each(input: &LintInput<'_>, entries: &[EntryRef]) -> Vec<Finding> {
    let (mut found, mut memo) = (Vec::new(), Memo::default());
    for &entry in entries {
        let Some(mut checked) = CheckedEntry::new(input, entry, &mut memo, &mut found) else { continue };
        checked.field_issues();
        match entry.kind {
            Kind::Cluster => cluster::check(&mut checked),
            Kind::User => user::check(&mut checked),
            Kind::Context => references::context(&mut checked),
        }
    }
    found
}

/// The input of all checks.
struct LintInput<'g> {
    merged: &'g Merged,
    /// The names of the entries of each kind.
    names: PerKind<HashSet<&'g str>>,
    problems: &'g [Vec<ParseError>],
    environment: &'g dyn Environment,
    /// The users that a context combines with a cluster that is asked over TLS, on first use.
    tls_users: OnceLock<HashSet<String>>,
}

impl<'g> LintInput<'g> {
    /// True if a context uses this user with a cluster that is asked over TLS.
    fn is_asked_over_tls(&self, user: &str) -> bool {
        self.tls_users.get_or_init(|| user::asked_over_tls(self.merged)).contains(user)
    }

    fn problems(&self, source: usize) -> &'g [ParseError] {
        self.problems.get(source).map_or(&[], Vec::as_slice)
    }

    /// True if every file could be read completely. Otherwise a name that was not found may exist in an unread part.
    fn is_whole(&self) -> bool {
        self.problems.iter().all(Vec::is_empty)
    }
}

/// The entry being checked.
struct CheckedEntry<'s> {
    input: &'s LintInput<'s>,
    entry: EntryRef,
    document: &'s Document,
    /// The nodes of the entry, and the topmost.
    tree: Cow<'s, Tree>,
    item: NodeId,
    name: &'s str,
    body: Cow<'s, Body>,
    memo: &'s mut Memo,
    found: &'s mut Vec<Finding>,
}

impl<'s> CheckedEntry<'s> {
    /// `None` for an entry with parse errors: its missing parts would be reported twice.
    fn new(
        input: &'s LintInput<'s>,
        entry: EntryRef,
        memo: &'s mut Memo,
        found: &'s mut Vec<Finding>,
    ) -> Option<CheckedEntry<'s>> {
        let document = input.merged.sources()[entry.source].document.as_ref()?;
        let problems = input.problems(entry.source);
        if !problems.is_empty() {
            let span = document.span(entry.kind, entry.index);
            let inside = |at: &Span| span.start <= at.start && at.start < span.end;
            if problems.iter().any(|it| it.place.as_ref().is_some_and(|place| inside(&place.span))) {
                return None;
            }
        }
        let (tree, item) = locate::opened(document, entry.kind, entry.index)?;
        let body = document.body_in(&tree, entry.kind, entry.index, item).ok()?;
        let name = document.name(entry.kind, entry.index);
        Some(CheckedEntry { input, entry, document, tree, item, name, body, memo, found })
    }

    /// The kind and the name for messages, such as `` user `jane` ``.
    fn title(&self) -> String {
        format!("{} {}", self.entry.kind.word(), backticked(self.name))
    }

    /// Adds a finding about the field at this path in the body.
    fn report(&mut self, code: Code, path: &[&str], message: impl Into<String>) -> &mut Finding {
        let span = locate::field_of(self.document.text(), &self.tree, self.item, self.entry.kind, path);
        self.report_at(code, span, message)
    }

    fn report_at(&mut self, code: Code, span: Span, message: impl Into<String>) -> &mut Finding {
        let mut finding = Finding::new(code, self.entry.source, Some(span), message.into());
        finding.entry = Some((self.entry.kind, self.name.to_owned()));
        self.found.push(finding);
        let last = self.found.len() - 1;
        &mut self.found[last]
    }

    /// A string field of the body; empty if missing.
    fn text(&self, field: &str) -> &str {
        super::typed::text(&self.body, field)
    }

    fn has(&self, field: &str) -> bool {
        self.body.get(field).is_some_and(|value| value != "")
    }

    fn set(&self, path: &[&str], value: impl Into<Value>) -> Op {
        let (path, name) = (steps(path), self.name.to_owned());
        Op::Set { kind: self.entry.kind, name, path, value: value.into() }
    }

    fn unset(&self, path: &[&str]) -> Op {
        Op::Unset { kind: self.entry.kind, name: self.name.to_owned(), path: steps(path) }
    }

    /// Adds findings about unknown and duplicate keys in the text of the entry.
    fn field_issues(&mut self) {
        let tree = &*self.tree;
        let mut checker = locate::FieldChecker::new(self.document.text(), tree);
        checker.entry(self.entry.kind, self.item);
        let entry = tree.node(self.item).span;
        // Only the first of several unknown keys is renamed to the same field.
        let mut taken: Vec<Vec<PathStep>> = Vec::new();
        for issue in checker.found {
            let title = self.title();
            let (text, kind, name) = (self.document.text(), self.entry.kind, self.name.to_owned());
            let finding = reading::issue(self.entry.source, issue, &title, |unknown, near| {
                let path = unknown.path.as_deref()?;
                let at = |key: &str| {
                    path.iter()
                        .copied()
                        .chain([key])
                        .map(|key| PathStep::Key(key.to_owned()))
                        .collect::<Vec<_>>()
                };
                let value = tree.value(text, unknown.value).ok()?;
                let (old, new) = (at(&unknown.key), at(near));
                if taken.contains(&new) {
                    return None;
                }
                taken.push(new.clone());
                let set = Op::Set { kind, name: name.clone(), path: new, value };
                let effect = vec![set, Op::Unset { kind, name: name.clone(), path: old }];
                let context = locate::unique_context(text, entry, unknown.span);
                let key = unknown.span.of(text).replacen(&unknown.key, near, 1);
                let new = format!("{}{key}", &text[context.start..unknown.span.start]);
                let old = context.of(text).to_owned();
                Some(vec![Op::ReplaceText { kind, name: name.clone(), old, new, effect }])
            });
            let entry = Some((kind, self.name.to_owned()));
            self.found.push(Finding { entry, ..finding });
        }
    }
}

fn steps(path: &[&str]) -> Vec<PathStep> {
    path.iter().map(|key| PathStep::Key((*key).to_owned())).collect()
}

/// A name in backticks, with control characters escaped.
fn backticked(name: &str) -> String {
    format!("`{}`", quote::visible(name))
}

/// A name as an argument of a kcx command in a shell.
fn operand(name: &str) -> String {
    let word = quote::shell(name);
    if name.starts_with('-') { format!("-- {word}") } else { word }
}

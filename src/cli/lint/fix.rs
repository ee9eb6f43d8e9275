//! `--fix`: fixes findings, each with the smallest possible edit.
//!
//! A file that kubectl cannot load is fixed as text, and only if fewer errors remain than before. All other fixes are
//! ordinary edits: decided on the content of the locked files, patched, verified and written.

use super::super::error::{Cause, Error, name, path};
use super::super::{World, unified};
use super::LintArgs;
use super::environment::LintEnvironment;
use super::files::{Group, Text};
use crate::kubeconfig::change::Change;
use crate::kubeconfig::lint::{self, Code, Finding, Fix, Fixability};
use crate::kubeconfig::patch::Op;
use crate::kubeconfig::{Document, Merged, ParseError, Source, Span};
use crate::store::{CommitError, Preview, Store, StoreError};
use std::num::NonZero;
use std::path::Path;

/// The result of `--fix`.
#[derive(Default)]
pub(super) struct Fixed {
    /// Something was written.
    pub(super) written: bool,
    /// With `--dry-run`: something would be written.
    pub(super) would: bool,
    /// The first error.
    pub(super) failed: Option<Error>,
}

/// Makes the fixes that the flags allow. A failure in one group does not stop the others.
pub(super) fn run(
    args: &LintArgs,
    groups: &[Group],
    environment: &LintEnvironment<'_>,
    world: &mut World<'_>,
) -> Fixed {
    let mut fixed = Fixed::default();
    for group in groups {
        if let Err(error) = one(args, group, environment, world, &mut fixed) {
            fixed.failed.get_or_insert(error);
        }
    }
    fixed
}

fn one(
    args: &LintArgs,
    group: &Group,
    environment: &LintEnvironment<'_>,
    world: &mut World<'_>,
    fixed: &mut Fixed,
) -> Result<(), Error> {
    let Some(store) = group.store(world) else { return Ok(()) };
    let texts = texts(args, group, environment, world);
    if !args.dry_run {
        fixed.written |= write(&texts, group, world)?;
    }
    if let Some(broken) = group.broken(&texts) {
        if group.merged.sources().len() > 1 {
            let why =
                format!("{} cannot be loaded, so fixes that need all files were not applied", path(broken));
            world.warn(&why);
        }
        if args.dry_run {
            fixed.would |= tell(texts, Vec::new(), group, world)?;
        }
        return Ok(());
    }
    let merged = group.with_texts(&texts);
    let (previews, refused) = previews(args, &store, &merged, environment, world)?;
    if args.dry_run {
        fixed.would |= tell(texts, previews, group, world)?;
        return Ok(());
    }
    if !previews.is_empty() {
        fixed.written |= changes(args, &store, environment, &refused, world)?;
    }
    Ok(())
}

/// True if the flags allow this finding to be fixed.
fn allowed(args: &LintArgs, finding: &Finding) -> bool {
    let safe = match finding.code.rule().fixability {
        Fixability::No => false,
        Fixability::Safe => true,
        Fixability::Unsafe => args.unsafe_fixes,
    };
    safe && finding.fix.is_some() && args.wants(finding.code) && args.severity.takes(finding.code)
}

/// The findings to fix by changes. An entry that is removed needs no fixes inside.
fn choose(args: &LintArgs, merged: &Merged, environment: &LintEnvironment<'_>) -> Vec<Finding> {
    let found = lint::check(merged, &[], environment, NonZero::<usize>::MIN);
    let mut chosen: Vec<Finding> =
        found.into_iter().filter(|it| allowed(args, it) && matches!(it.fix, Some(Fix::Changes(_)))).collect();
    let goes = |it: &Finding| matches!(it.code, Code::OrphanCluster | Code::OrphanUser);
    let gone: Vec<_> = chosen.iter().filter(|it| goes(it)).map(|it| (it.source, it.entry.clone())).collect();
    chosen.retain(|it| goes(it) || !gone.contains(&(it.source, it.entry.clone())));
    chosen
}

fn changes_of(chosen: &[Finding]) -> Vec<Change> {
    let changes = |it: &Finding| match &it.fix {
        Some(Fix::Changes(changes)) => changes.clone(),
        _ => Vec::new(),
    };
    chosen.iter().flat_map(changes).collect()
}

/// A fix, as [`key`] has it.
type Key = (Code, Option<Op>);

/// Previews the changes, and returns the fixes that cannot be made safely, so that they do not block the others.
fn previews(
    args: &LintArgs,
    store: &Store,
    merged: &Merged,
    environment: &LintEnvironment<'_>,
    world: &mut World<'_>,
) -> Result<(Vec<Preview>, Vec<Key>), Error> {
    let mut refused: Vec<Key> = Vec::new();
    let preview =
        |chosen: &[Finding]| store.preview_of(merged.clone(), |_| Ok::<_, Error>(changes_of(chosen)));
    let mut previews = preview(&choose(args, merged, environment));
    if let Err(CommitError::Store(StoreError::Refused(..))) = previews {
        for finding in choose(args, merged, environment) {
            if let Err(CommitError::Store(StoreError::Refused(file, refusal))) =
                preview(std::slice::from_ref(&finding))
            {
                world.warn(&format!("{} in {} was not fixed: {refusal}", finding.code, path(&file)));
                refused.push(key(&finding));
            }
        }
        previews = preview(&kept(args, merged, environment, &refused));
    }
    let several = store.precedence().paths.len() > 1;
    let previews =
        previews.map_err(|error| Error::not_committed(error, several, world.lock_options().timeout))?;
    Ok((previews, refused))
}

/// Shows what would change: one diff per file with all fixes. False if nothing would.
fn tell(
    texts: Vec<Option<Text<'_>>>,
    previews: Vec<Preview>,
    group: &Group,
    world: &mut World<'_>,
) -> Result<bool, Error> {
    let mut previews = previews.into_iter().peekable();
    let mut all = Vec::new();
    for (source, text) in group.merged.sources().iter().zip(texts) {
        let changed = previews.next_if(|preview| preview.path == source.path);
        all.extend(match text {
            Some(text) => Some(Preview {
                path: source.path.clone(),
                before: text.before.clone(),
                after: changed.map_or(text.after, |preview| preview.after),
                operations: Vec::new(),
            }),
            None => changed,
        });
    }
    world.print_lines(&unified::print(&all))?;
    Ok(!all.is_empty())
}

fn changes(
    args: &LintArgs,
    store: &Store,
    environment: &LintEnvironment<'_>,
    refused: &[Key],
    world: &mut World<'_>,
) -> Result<bool, Error> {
    let mut done = Vec::new();
    let edited = store.edit(|merged| {
        let chosen = kept(args, merged, environment, refused);
        done = chosen.iter().map(|it| say(it, &path(&merged.sources()[it.source].path))).collect();
        Ok::<_, Error>(changes_of(&chosen))
    });
    let report = world.edited(store, edited)?;
    for line in done {
        world.done(&line);
    }
    Ok(!report.written.is_empty())
}

fn kept(
    args: &LintArgs,
    merged: &Merged,
    environment: &LintEnvironment<'_>,
    refused: &[Key],
) -> Vec<Finding> {
    let mut chosen = choose(args, merged, environment);
    chosen.retain(|it| !refused.contains(&key(it)));
    chosen
}

/// The identity of a fix.
fn key(finding: &Finding) -> Key {
    let op = match &finding.fix {
        Some(Fix::Changes(changes)) => changes.first().and_then(|change| match change {
            Change::At { op, .. } => Some(op.clone()),
            _ => None,
        }),
        _ => None,
    };
    (finding.code, op)
}

fn say(finding: &Finding, file: &str) -> String {
    let what = match (finding.code, &finding.fix) {
        (Code::Yaml11, Some(Fix::Text(_, quoted))) => {
            format!("put {} in quotes", name(quoted.trim_matches('"')))
        }
        _ => finding.message.clone(),
    };
    format!("fixed {} in {file}: {what}", finding.code)
}

/// The text fixes for each file of a group.
fn texts<'g>(
    args: &LintArgs,
    group: &'g Group,
    environment: &LintEnvironment<'_>,
    world: &mut World<'_>,
) -> Vec<Option<Text<'g>>> {
    let sources = group.merged.sources().iter().zip(&group.problems);
    let fixed_text = |(source, problems): (&'g Source, &Vec<ParseError>)| {
        let before = source.document.as_ref().filter(|_| !problems.is_empty())?;
        let (mut after, mut left, mut done) = (before.clone(), problems.clone(), Vec::new());
        // The parser reports only one error per list.
        loop {
            let found = findings(&source.path, &after, &left, environment);
            let fix = |it: &Finding| match &it.fix {
                Some(Fix::Text(span, new)) if allowed(args, it) => {
                    Some((say(it, &path(&source.path)), *span, new.clone()))
                }
                _ => None,
            };
            let fixes: Vec<(String, Span, String)> = found.iter().filter_map(fix).collect();
            if fixes.is_empty() {
                break;
            }
            let mut text = after.text().to_owned();
            for (_, span, new) in fixes.iter().rev() {
                text.replace_range(span.start..span.end, new);
            }
            done.extend(fixes.into_iter().map(|(said, ..)| said));
            (after, left) = match Document::salvage(before.encoding().encode(&text)) {
                (Some(after), left) => (after, left),
                (None, _) => return None,
            };
        }
        if done.is_empty() {
            return None;
        }
        let known = |it: &ParseError| problems.iter().any(|old| old.problem == it.problem);
        if let Some(new) = left.iter().find(|it| !known(it)) {
            world.warn(&format!(
                "{} was not fixed: the fix would cause another problem: {new}",
                path(&source.path)
            ));
            return None;
        }
        Some(Text { before, after, left: left.len(), done })
    };
    sources.map(fixed_text).collect()
}

/// The findings of one file by itself.
fn findings(
    path: &Path,
    document: &Document,
    problems: &[ParseError],
    environment: &LintEnvironment<'_>,
) -> Vec<Finding> {
    let source = Source { path: path.to_owned(), document: Some(document.clone()) };
    lint::check(&Merged::new(vec![source]), &[problems.to_vec()], environment, NonZero::<usize>::MIN)
}

/// Writes the fixed texts; true if there are any.
fn write(texts: &[Option<Text<'_>>], group: &Group, world: &mut World<'_>) -> Result<bool, Error> {
    let mut written = false;
    for (source, text) in group.merged.sources().iter().zip(texts) {
        let Some(text) = text else { continue };
        let same = |old: &[u8]| if old == text.before.render() { Ok(()) } else { Err(moved(&source.path)) };
        world.put(&source.path, &text.after.render(), same)?;
        written = true;
        for line in &text.done {
            world.done(line);
        }
    }
    Ok(written)
}

fn moved(file: &Path) -> Error {
    let message = format!("{} was changed in the meantime; nothing was written", path(file));
    Error::new(Cause::Conflict, message).hint("try again")
}

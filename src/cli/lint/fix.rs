//! `--fix`: fixes findings, each with the smallest possible edit.
//!
//! A text that kubectl cannot load, or of which it does not read a part, is fixed as a text, and only if no new problem
//! appears. All other fixes are ordinary edits: decided on the content of the locked files, patched, verified and written.
//! All files of a run are one change, which one `kcx undo` undoes.

mod choice;
mod made;

use super::super::error::{Cause, Error, path};
use super::super::protect::{self, GuardedAction};
use super::super::{World, overlay_update, unified};
use super::LintArgs;
use super::environment::LintEnvironment;
use super::files::{Group, Text};
use crate::kubeconfig::lint::repair::edited;
use crate::kubeconfig::lint::{self, Finding, Fix, TextFix};
use crate::kubeconfig::{Document, Kind, Merged, ParseError, Source, Span};
use crate::store::{Preview, Report, Store, StoreError};
use choice::Choice;
pub(super) use made::Made;
use std::num::NonZero;
use std::path::{Path, PathBuf};

/// The result of `--fix`.
#[derive(Default)]
pub(super) struct Fixed {
    /// What was fixed; with `--dry-run`, what would be.
    pub(super) made: Vec<Made>,
    /// The files that were written, or would be.
    pub(super) files: Vec<Preview>,
    /// The first error.
    pub(super) failed: Option<Error>,
}

/// The fixes of one group.
struct Plan {
    made: Vec<Made>,
    files: Vec<Preview>,
    /// The contexts to remove.
    contexts: Vec<String>,
    /// The store, and the fixes that it would refuse, if all fixes are edits of its files.
    edits: Option<(Store, Choice)>,
}

/// Makes the fixes that the flags allow, or only plans them. A failure in one group does not stop the others.
pub(super) fn run(
    args: &LintArgs,
    groups: &[Group],
    environment: &LintEnvironment<'_>,
    world: &mut World<'_>,
) -> Fixed {
    let (mut fixed, mut plans) = (Fixed::default(), Vec::new());
    for group in groups {
        match plan(args, group, environment, world) {
            Ok(plan) => plans.extend(plan.filter(|plan| !plan.files.is_empty())),
            Err(error) => drop(fixed.failed.get_or_insert(error)),
        }
    }
    if args.dry_run {
        for plan in plans {
            fixed.made.extend(plan.made);
            fixed.files.extend(plan.files);
        }
        return fixed;
    }
    if let Err(error) = write(args, plans, environment, &mut fixed, world) {
        fixed.failed.get_or_insert(error);
    }
    fixed
}

/// Shows the plan of a dry run: one diff per file, and the name of each fix.
pub(super) fn show(fixed: &Fixed, world: &mut World<'_>) -> Result<(), Error> {
    if world.globals.output.is_none() {
        world.print_lines(&unified::print(&fixed.files))?;
    }
    for made in &fixed.made {
        world.done(&format!("would fix {}", made.said));
    }
    Ok(())
}

fn plan(
    args: &LintArgs,
    group: &Group,
    environment: &LintEnvironment<'_>,
    world: &mut World<'_>,
) -> Result<Option<Plan>, Error> {
    let Some(store) = group.store(world) else { return Ok(None) };
    let mut made = Vec::new();
    let texts = texts(args, group, environment, &mut made, world);
    let has_texts = texts.iter().any(Option::is_some);
    if let Some(broken) = group.broken(&texts) {
        if group.merged.sources().len() > 1 {
            let why =
                format!("{} cannot be loaded, so fixes that need all files were not applied", path(broken));
            world.warn(&why);
        }
        let files = combined(group, texts, Vec::new());
        return Ok(Some(Plan { made, files, contexts: Vec::new(), edits: None }));
    }
    let merged = group.with_texts(&texts);
    let renamed = renamed(&group.merged, &merged);
    let (previews, choice) = previews(args, &store, &merged, renamed, environment, world)?;
    let chosen = choice.choose(args, &merged, environment);
    made.extend(chosen.made(&merged));
    let contexts = chosen.contexts().to_vec();
    let files = combined(group, texts, previews);
    Ok(Some(Plan { made, files, contexts, edits: (!has_texts).then_some((store, choice)) }))
}

/// Writes the files of all plans. A single plan of edits decides again on the content of the locked files.
fn write(
    args: &LintArgs,
    plans: Vec<Plan>,
    environment: &LintEnvironment<'_>,
    fixed: &mut Fixed,
    world: &mut World<'_>,
) -> Result<(), Error> {
    let contexts: Vec<String> = plans.iter().flat_map(|plan| plan.contexts.iter().cloned()).collect();
    protect::guard(
        &contexts,
        GuardedAction { verb: "delete", undone: "nothing was fixed", typed: &[] },
        world,
    )?;
    let mut plans = plans;
    let report = if let [Plan { edits: Some((store, choice)), files, .. }] = plans.as_mut_slice() {
        let mut made = Vec::new();
        let edited = store.edit(|merged| {
            let chosen = choice.choose(args, merged, environment);
            made = chosen.made(merged).collect();
            Ok::<_, Error>(chosen.changes())
        });
        let report = world.edited(store, edited)?;
        fixed.made.extend(made);
        fixed.files.append(files);
        report
    } else {
        put_plans(plans, fixed, world)
    };
    for made in &fixed.made {
        world.done(&format!("fixed {}", made.said));
    }
    for context in &contexts {
        overlay_update::update(&report, context, None, world);
    }
    Ok(())
}

/// Writes the files of these plans as one change. If one of them cannot be written, each plan is a change of its own, so that
/// the others are fixed.
fn put_plans(plans: Vec<Plan>, fixed: &mut Fixed, world: &mut World<'_>) -> Report {
    let all: Vec<&Preview> = plans.iter().flat_map(|plan| &plan.files).collect();
    let together = put(&all, world);
    let is_only = plans.len() < 2;
    let mut report = Report::default();
    for plan in plans {
        let written = match &together {
            Ok(written) => Ok(written.clone()),
            Err(_) if is_only => break,
            Err(_) => put(&plan.files.iter().collect::<Vec<_>>(), world),
        };
        match written {
            Ok(written) => {
                report.written.extend(written);
                fixed.made.extend(plan.made);
                fixed.files.extend(plan.files);
            }
            Err(error) => drop(fixed.failed.get_or_insert(error)),
        }
    }
    if is_only && let Err(error) = together {
        fixed.failed.get_or_insert(error);
    }
    report
}

/// Writes these files as one change, unless one of them was changed in the meantime. Returns those that were written.
fn put(files: &[&Preview], world: &mut World<'_>) -> Result<Vec<PathBuf>, Error> {
    if files.is_empty() {
        return Ok(Vec::new());
    }
    let absolute = |file: &&Preview| world.env.absolute(&file.path);
    let contents: Vec<_> = files.iter().map(|file| (absolute(file), file.after.render())).collect();
    let before: Vec<_> = files.iter().map(|file| (absolute(file), file.before.render())).collect();
    let same =
        |path: &Path, old: &[u8]| match before.iter().any(|(file, before)| file == path && before == old) {
            true => Ok(()),
            false => Err(moved(path)),
        };
    world.put_all(&contents, same)
}

fn moved(file: &Path) -> Error {
    let message = format!("{} was changed in the meantime; nothing was written", path(file));
    Error::new(Cause::Conflict, message).hint("try again")
}

/// The clusters and users that are in a file only after the fixes of its text: they were renamed.
fn renamed(before: &Merged, after: &Merged) -> Vec<(Kind, String, usize)> {
    let mut renamed = Vec::new();
    for (at, (before, after)) in before.sources().iter().zip(after.sources()).enumerate() {
        let (Some(before), Some(after)) = (&before.document, &after.document) else { continue };
        if before.text() == after.text() {
            continue;
        }
        for kind in [Kind::Cluster, Kind::User] {
            let new = after.names(kind).filter(|name| before.find(kind, name).is_none());
            renamed.extend(new.map(|name| (kind, name.to_owned(), at)));
        }
    }
    renamed
}

/// Previews the changes, and returns a choice without the fixes that cannot be made safely, so that they do not block the
/// others.
fn previews(
    args: &LintArgs,
    store: &Store,
    merged: &Merged,
    renamed: Vec<(Kind, String, usize)>,
    environment: &LintEnvironment<'_>,
    world: &mut World<'_>,
) -> Result<(Vec<Preview>, Choice), Error> {
    let preview = |choice: &Choice| {
        let chosen = choice.choose(args, merged, environment);
        store.preview_of(merged.clone(), chosen.changes())
    };
    let mut choice = Choice::with_renamed(renamed);
    let mut previews = preview(&choice);
    if let Err(StoreError::Refused(..)) = previews {
        for finding in choice.choose(args, merged, environment).findings() {
            if let Err(StoreError::Refused(file, refusal)) = preview(&choice.only(finding)) {
                world.warn(&format!("{} in {} was not fixed: {refusal}", finding.code, path(&file)));
                choice.refuse(finding);
            }
        }
        previews = preview(&choice);
    }
    let several = store.precedence().paths.len() > 1;
    let previews = previews
        .map_err(|error| Error::not_committed(error.into(), several, world.lock_options().timeout))?;
    Ok((previews, choice))
}

/// Each changed file with all its fixes.
fn combined(group: &Group, texts: Vec<Option<Text<'_>>>, previews: Vec<Preview>) -> Vec<Preview> {
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
    all
}

/// The text fixes for each file of a group.
fn texts<'g>(
    args: &LintArgs,
    group: &'g Group,
    environment: &LintEnvironment<'_>,
    made: &mut Vec<Made>,
    world: &mut World<'_>,
) -> Vec<Option<Text<'g>>> {
    let sources = group.merged.sources().iter().zip(&group.problems);
    sources.map(|(source, problems)| text(args, source, problems, environment, made, world)).collect()
}

fn text<'g>(
    args: &LintArgs,
    source: &'g Source,
    problems: &[ParseError],
    environment: &LintEnvironment<'_>,
    made: &mut Vec<Made>,
    world: &mut World<'_>,
) -> Option<Text<'g>> {
    /// A fix may uncover another finding, but not for ever.
    const ROUNDS: usize = 1000;
    let before = source.document.as_ref()?;
    let (mut after, mut left, mut done) = (before.clone(), problems.to_vec(), Vec::new());
    for _ in 0..ROUNDS {
        let found = findings(&source.path, &after, &left, environment);
        let mut edits: Vec<(Span, String)> = Vec::new();
        for finding in &found {
            let Some(Fix::Text(fix)) = &finding.fix else { continue };
            // One that overlaps another one is for the next round.
            if !choice::is_allowed(args, finding) || overlaps(fix, &edits) {
                continue;
            }
            edits.extend(fix.edits.iter().cloned());
            done.push(Made::of(finding, &fix.did, &source.path, &after));
        }
        if edits.is_empty() {
            break;
        }
        edits.sort_by_key(|(span, _)| (span.start, span.end));
        let text = edited(after.text(), &edits)?;
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
    made.append(&mut done);
    Some(Text { before, after, left: left.len() })
}

/// True if an edit of a fix is at the place of one of these edits.
fn overlaps(fix: &TextFix, edits: &[(Span, String)]) -> bool {
    let meet = |one: &Span, other: &Span| one == other || one.start < other.end && other.start < one.end;
    fix.edits.iter().any(|(one, _)| edits.iter().any(|(other, _)| meet(one, other)))
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

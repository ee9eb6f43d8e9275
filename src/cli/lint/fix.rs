//! `--fix`: findings mended, each as the smallest edit there is.
//!
//! A file that kubectl cannot load is mended as a text, and only where that leaves less wrong with it than before. All else
//! goes the way of every edit: decided on what is in the files under their lock, patched, proven, written.

use super::super::error::{Cause, Error, path};
use super::super::{World, unified};
use super::LintArgs;
use super::facts::Facts;
use super::files::Group;
use crate::kubeconfig::change::Change;
use crate::kubeconfig::lint::{self, Code, Finding, Fix, Mend};
use crate::kubeconfig::patch::Op;
use crate::kubeconfig::{Document, Merged, Span};
use crate::store::{CommitError, Preview, Store};
use std::num::NonZero;

/// Mends what the flags allow; true if anything was written.
///
/// # Errors
/// Why something could not be written; what was written before stays.
pub(super) fn run(
    args: &LintArgs,
    groups: &[Group],
    facts: &Facts<'_>,
    world: &mut World<'_>,
) -> Result<bool, Error> {
    let mut written = false;
    for group in groups {
        let Some(store) = group.store(world) else { continue };
        if group.problems.iter().any(|problems| !problems.is_empty()) {
            written |= texts(args, group, facts, world)?;
        }
        // Files that could not be loaded before may be now.
        let Ok(loaded) = store.load() else { continue };
        let chosen = choose(args, &loaded.merged, facts);
        if chosen.is_empty() {
            continue;
        }
        drop(loaded);
        written |= changes(args, &store, facts, world)?;
    }
    Ok(written)
}

/// True if the flags allow this finding to be mended.
fn allowed(args: &LintArgs, finding: &Finding) -> bool {
    let safe = match finding.code.rule().mend {
        Mend::No => false,
        Mend::Safe => true,
        Mend::Unsafe => args.unsafe_fixes,
    };
    safe && finding.fix.is_some() && args.wants(finding.code) && args.severity.takes(finding.code)
}

/// Findings that changes mend. What goes as a whole needs no mending inside.
fn choose(args: &LintArgs, merged: &Merged, facts: &Facts<'_>) -> Vec<Finding> {
    let found = lint::check(merged, &[], facts, NonZero::<usize>::MIN);
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

fn changes(args: &LintArgs, store: &Store, facts: &Facts<'_>, world: &mut World<'_>) -> Result<bool, Error> {
    // One that cannot be made safely must not keep the others from being made.
    let mut refused: Vec<(Code, Option<Op>)> = Vec::new();
    let whole = store.preview(|merged| Ok::<_, Error>(changes_of(&choose(args, merged, facts))));
    let previews = match whole {
        Err(CommitError::Refused(..)) => {
            let loaded = store.load().map_err(|errors| world.unreadable(&errors))?;
            for finding in choose(args, &loaded.merged, facts) {
                let alone = store.preview(|_| Ok::<_, Error>(changes_of(std::slice::from_ref(&finding))));
                if let Err(CommitError::Refused(file, refusal)) = alone {
                    world.warn(&format!("{} in {} was not mended: {refusal}", finding.code, path(&file)));
                    refused.push(key(&finding));
                }
            }
            let decide = |merged: &Merged| Ok::<_, Error>(changes_of(&kept(args, merged, facts, &refused)));
            store.preview(decide)
        }
        whole => whole,
    };
    let several = store.precedence().paths.len() > 1;
    let previews = previews.map_err(|error| Error::not_committed(error, several, world.patience.timeout))?;
    if args.dry_run {
        world.print_lines(&unified::print(&previews))?;
        return Ok(false);
    }
    let mut done = Vec::new();
    let edited = store.edit(|merged| {
        let chosen = kept(args, merged, facts, &refused);
        done = chosen.iter().map(|it| say(it, &path(&merged.sources()[it.source].path))).collect();
        Ok::<_, Error>(changes_of(&chosen))
    });
    let report = world.edited(store, edited)?;
    for line in done {
        world.done(&line);
    }
    Ok(!report.written.is_empty())
}

fn kept(args: &LintArgs, merged: &Merged, facts: &Facts<'_>, refused: &[(Code, Option<Op>)]) -> Vec<Finding> {
    let mut chosen = choose(args, merged, facts);
    chosen.retain(|it| !refused.contains(&key(it)));
    chosen
}

/// What tells a fix from others.
fn key(finding: &Finding) -> (Code, Option<Op>) {
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
    format!("mended {} in {file}: {}", finding.code, finding.message)
}

/// Files that cannot be loaded.
fn texts(args: &LintArgs, group: &Group, facts: &Facts<'_>, world: &mut World<'_>) -> Result<bool, Error> {
    let found = group.findings(facts);
    let mut written = false;
    for (at, source) in group.merged.sources().iter().enumerate() {
        let Some(before) = &source.document else { continue };
        let own = |it: &&Finding| it.source == at && allowed(args, it);
        let chosen: Vec<(&Finding, Span, &str)> = found
            .iter()
            .filter(own)
            .filter_map(|it| match &it.fix {
                Some(Fix::Text(span, text)) => Some((it, *span, text.as_str())),
                _ => None,
            })
            .collect();
        if chosen.is_empty() {
            continue;
        }
        let mut text = before.text().to_owned();
        for (_, span, new) in chosen.iter().rev() {
            text.replace_range(span.start..span.end, new);
        }
        let bytes = before.encoding().encode(&text);
        let (after, left) = Document::salvage(bytes.clone());
        let Some(after) = after.filter(|_| left.len() + chosen.len() == group.problems[at].len()) else {
            world.warn(&format!(
                "{} was not mended: the result would not be what is meant",
                path(&source.path)
            ));
            continue;
        };
        if args.dry_run {
            let preview = Preview { path: source.path.clone(), before: before.clone(), after };
            world.print_lines(&unified::print(&[preview]))?;
            continue;
        }
        let same = |old: &[u8]| if old == before.render() { Ok(()) } else { Err(moved(&source.path)) };
        world.put(&source.path, &bytes, same)?;
        written = true;
        for (finding, ..) in &chosen {
            world.done(&say(finding, &path(&source.path)));
        }
    }
    Ok(written)
}

fn moved(file: &std::path::Path) -> Error {
    let message = format!("{} was changed meanwhile; nothing was written", path(file));
    Error::new(Cause::Conflict, message).hint("try again")
}

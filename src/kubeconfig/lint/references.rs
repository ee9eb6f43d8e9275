//! Checks of names over all files: hidden entries, orphans, references to missing entries.

use super::super::schema::key;
use super::{CheckedEntry, Code, Finding, Fix, LintInput, backticked, locate, operand};
use crate::kubeconfig::change::Change;
use crate::kubeconfig::error::LineIndex;
use crate::kubeconfig::is_namespace;
use crate::kubeconfig::merged::EntryRef;
use crate::kubeconfig::patch::Op;
use crate::kubeconfig::refs;
use crate::kubeconfig::schema::Kind;
use crate::printer::quote;
use serde_json::Value;
use std::collections::HashMap;

/// Checks names over all files. Missing names are reported only if all files could be read.
pub(super) fn check(input: &LintInput<'_>, found: &mut Vec<Finding>) {
    hidden(input, found);
    if input.is_whole() {
        orphans(input, found);
        current(input, found);
    }
}

fn about(input: &LintInput<'_>, code: Code, entry: EntryRef, message: String) -> Finding {
    let document = input.merged.sources()[entry.source].document.as_ref();
    let span = document.map(|document| locate::field(document, entry.kind, entry.index, &[]));
    let mut finding = Finding::new(code, entry.source, span, message);
    finding.entry = Some((entry.kind, input.merged.name(entry).to_owned()));
    finding
}

fn hidden(input: &LintInput<'_>, found: &mut Vec<Finding>) {
    let merged = input.merged;
    if merged.sources().iter().filter(|source| source.document.is_some()).count() < 2 {
        return;
    }
    let lines: Vec<Option<LineIndex>> =
        merged.sources().iter().map(|source| Some(LineIndex::of(source.document.as_ref()?.text()))).collect();
    let line = |entry: &EntryRef| {
        let document = merged.sources()[entry.source].document.as_ref()?;
        Some(lines[entry.source].as_ref()?.line(document.span(entry.kind, entry.index).start))
    };
    let twins = twins(input, found);
    for kind in Kind::ALL {
        for (name, mut holders) in merged.holders_by_name(kind) {
            holders.retain(|entry| !twins.contains(&entry.source));
            let [first, others @ ..] = holders.as_slice() else { continue };
            let same = |entry: &EntryRef| merged.body(*entry).ok() == merged.body(*first).ok();
            for &entry in others.iter().filter(|entry| entry.source != first.source) {
                let file = backticked(&merged.path(*first).to_string_lossy());
                let line = line(first).unwrap_or(1);
                let more = if same(&entry) { "; both say the same" } else { "" };
                let message = format!(
                    "{} {} is hidden by the one in {file}, line {line}{more}",
                    kind.word(),
                    backticked(name)
                );
                let mut finding = about(input, Code::Hidden, entry, message);
                let of = quote::shell(&merged.path(entry).to_string_lossy());
                let to = operand(name);
                finding.hint(format!(
                    "remove it, or give it a name of its own: `kcx --kubeconfig {of} rename {} {to} NEW`",
                    kind.word(),
                ));
                found.push(finding);
            }
        }
    }
}

/// The indexes of the files that are in the list a second time under another path.
fn twins(input: &LintInput<'_>, found: &mut Vec<Finding>) -> Vec<usize> {
    let sources = input.merged.sources();
    let mut twins = Vec::new();
    for (at, source) in sources.iter().enumerate().filter(|(_, source)| source.document.is_some()) {
        let before = sources[..at].iter().filter(|it| it.document.is_some());
        let Some(first) = before.into_iter().find(|it| input.environment.is_same(&it.path, &source.path))
        else {
            continue;
        };
        let message = format!(
            "the file is listed twice: it is the same file as {}",
            backticked(&first.path.to_string_lossy())
        );
        let mut finding = Finding::new(Code::Hidden, at, None, message);
        finding.hint("leave one of the two out of KUBECONFIG");
        found.push(finding);
        twins.push(at);
    }
    twins
}

fn orphans(input: &LintInput<'_>, found: &mut Vec<Finding>) {
    // Files with only clusters and users are meant to be combined with other files.
    if input.merged.names(Kind::Context).is_empty() {
        return;
    }
    let Ok(orphans) = refs::orphans(input.merged) else { return };
    if orphans.gone.is_empty() {
        return;
    }
    let mut places = HashMap::new();
    for (source, file) in input.merged.sources().iter().enumerate() {
        let Some(document) = &file.document else { continue };
        for kind in [Kind::Cluster, Kind::User] {
            let names = document.names(kind).enumerate();
            places.extend(names.map(|(index, name)| ((source, kind, name), index)));
        }
    }
    for ((kind, name, source), change) in orphans.gone.iter().zip(&orphans.changes) {
        let Some(&index) = places.get(&(*source, *kind, name.as_str())) else { continue };
        let code = if *kind == Kind::Cluster { Code::OrphanCluster } else { Code::OrphanUser };
        let entry = EntryRef { kind: *kind, source: *source, index };
        let mut finding =
            about(input, code, entry, format!("no context names {} {}", kind.word(), backticked(name)));
        finding.hint("`kcx prune` removes what no context names");
        finding.fix = Some(Fix::Changes(vec![change.clone()]));
        found.push(finding);
    }
}

fn current(input: &LintInput<'_>, found: &mut Vec<Finding>) {
    let merged = input.merged;
    let name = merged.current_context();
    let Some(source) = merged.current_source() else {
        if let Some(entry) = merged.entries(Kind::Context).first() {
            let mut finding =
                Finding::new(Code::NoCurrent, entry.source, None, "no context is current".to_owned());
            finding.hint("`kcx use NAME` chooses one");
            found.push(finding);
        }
        return;
    };
    if merged.find(Kind::Context, name).is_some() {
        return;
    }
    let document = merged.sources()[source].document.as_ref();
    let span = document.and_then(|document| {
        let tree = document.tree(&[]).ok()?;
        let pairs = tree.pairs(tree.root()?)?;
        let key = |id| tree.scalar(document.text(), id) == Some("current-context");
        pairs.iter().rev().find(|(id, _)| key(*id)).map(|&(_, value)| tree.node(value).span)
    });
    let message = format!("the current context {} does not exist", backticked(name));
    let mut finding = Finding::new(Code::NoSuchCurrent, source, span, message);
    finding.hint("`kcx use NAME` switches to another one");
    let op = Op::SetTop { key: "current-context".to_owned(), value: Value::from("") };
    finding.fix = Some(Fix::Changes(vec![Change::At { source, op }]));
    found.push(finding);
}

/// Checks a context.
pub(super) fn context(checked: &mut CheckedEntry<'_>) {
    if checked.name.is_empty() {
        checked.report(Code::NoName, &[], "a context has no name");
    }
    for (kind, none, dangling) in [
        (Kind::Cluster, Code::NoCluster, Code::DanglingCluster),
        (Kind::User, Code::NoUser, Code::DanglingUser),
    ] {
        let name = checked.text(kind.word());
        if name.is_empty() {
            let message = format!("{} has no {}", checked.title(), kind.word());
            checked.report(none, &[kind.word()], message);
        } else if checked.input.is_whole() && !checked.input.names[kind].contains(name) {
            let (title, name) = (checked.title(), backticked(name));
            let message = format!("{title} names {} {name}, which does not exist", kind.word());
            let fix = Fix::Context(checked.name.to_owned());
            let finding = checked.report(dangling, &[kind.word()], message);
            finding.fix = Some(fix);
        }
    }
    let namespace = checked.text(key::NAMESPACE);
    if !namespace.is_empty() && !is_namespace(namespace) {
        let message = format!("{} has an invalid namespace {}", checked.title(), backticked(namespace));
        checked.report(Code::BadNamespace, &["namespace"], message);
    }
}

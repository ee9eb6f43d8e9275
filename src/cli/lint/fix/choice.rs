//! Which findings are fixed by changes, and the changes.

use super::super::LintArgs;
use super::super::environment::LintEnvironment;
use super::made::Made;
use crate::cli::error::name;
use crate::kubeconfig::change::Change;
use crate::kubeconfig::lint::{self, Code, Finding, Fix, Fixability};
use crate::kubeconfig::patch::Op;
use crate::kubeconfig::refs::{self, Deletion};
use crate::kubeconfig::{Kind, Merged};
use std::num::NonZero;

/// Chooses the findings to fix.
#[derive(Default)]
pub(super) struct Choice {
    /// The fixes that cannot be made.
    refused: Vec<Key>,
    /// Only this one.
    only: Option<Key>,
    /// The entries that have got their names just now, with the index of their file: no context can name them yet.
    renamed: Vec<(Kind, String, usize)>,
}

/// The identity of a fix.
type Key = (Code, Option<String>, Option<Op>);

/// The chosen findings. An entry that is removed needs no fixes inside.
pub(super) struct Chosen {
    findings: Vec<Finding>,
    contexts: Vec<String>,
    deletion: Deletion,
}

/// True if the flags allow this finding to be fixed.
pub(super) fn is_allowed(args: &LintArgs, finding: &Finding) -> bool {
    let safe = match finding.fixability() {
        Fixability::No => false,
        Fixability::Safe => true,
        Fixability::Unsafe => args.unsafe_fixes,
    };
    safe && args.wants(finding.code) && args.severity.takes(finding.code)
}

impl Choice {
    /// The choice where these entries have got their names just now.
    pub(super) fn with_renamed(renamed: Vec<(Kind, String, usize)>) -> Choice {
        Choice { renamed, ..Choice::default() }
    }

    /// The choice of this finding alone.
    pub(super) fn only(&self, finding: &Finding) -> Choice {
        Choice { refused: Vec::new(), only: Some(key(finding)), renamed: self.renamed.clone() }
    }

    /// Leaves out this finding.
    pub(super) fn refuse(&mut self, finding: &Finding) {
        self.refused.push(key(finding));
    }

    /// The findings to fix in these files.
    pub(super) fn choose(
        &self,
        args: &LintArgs,
        merged: &Merged,
        environment: &LintEnvironment<'_>,
    ) -> Chosen {
        let mut findings = lint::check(merged, &[], environment, NonZero::<usize>::MIN);
        findings.retain(|it| {
            let key = key(it);
            let is_meant = self.only.as_ref().is_none_or(|only| *only == key) && !self.refused.contains(&key);
            let is_renamed = |(kind, name): &(Kind, String)| {
                self.renamed.iter().any(|(a, b, at)| a == kind && b == name && *at == it.source)
            };
            let is_orphan = matches!(it.code, Code::OrphanCluster | Code::OrphanUser);
            is_meant
                && is_allowed(args, it)
                && !matches!(it.fix, Some(Fix::Text(_)))
                && !(is_orphan && it.entry.as_ref().is_some_and(is_renamed))
        });
        let mut contexts: Vec<String> = Vec::new();
        for finding in &findings {
            if let Some(Fix::Context(context)) = &finding.fix
                && !contexts.contains(context)
            {
                contexts.push(context.clone());
            }
        }
        // Where clusters and users without a context are removed, so are those that lose their last one.
        let takes_orphans = [Code::OrphanCluster, Code::OrphanUser].into_iter().all(|code| {
            args.unsafe_fixes && args.wants(code) && args.severity.takes(code) && self.only.is_none()
        });
        let deletion = refs::delete(merged, Kind::Context, &contexts, takes_orphans).unwrap_or_default();
        let removes = |it: &Finding| {
            matches!(it.code, Code::OrphanCluster | Code::OrphanUser)
                || matches!(it.fix, Some(Fix::Context(_)))
        };
        let mut gone = deletion.gone.clone();
        gone.extend(findings.iter().filter(|it| removes(it)).filter_map(|it| {
            let (kind, name) = it.entry.clone()?;
            Some((kind, name, it.source))
        }));
        findings.retain(|it| {
            let Some((kind, name)) = &it.entry else { return true };
            let is_gone = gone.iter().any(|(a, b, at)| a == kind && b == name && *at == it.source);
            removes(it) || !is_gone
        });
        Chosen { findings, contexts, deletion }
    }
}

impl Chosen {
    pub(super) fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The contexts to remove.
    pub(super) fn contexts(&self) -> &[String] {
        &self.contexts
    }

    /// The changes that fix the findings.
    pub(super) fn changes(&self) -> Vec<Change> {
        let changes = self.findings.iter().filter_map(|it| match &it.fix {
            Some(Fix::Changes(changes)) => Some(changes.clone()),
            _ => None,
        });
        changes.flatten().chain(self.deletion.changes.iter().cloned()).collect()
    }

    /// The fixes, each with its place.
    pub(super) fn made(&self, merged: &Merged) -> impl Iterator<Item = Made> {
        let mut made = Vec::new();
        for finding in &self.findings {
            let source = &merged.sources()[finding.source];
            let Some(document) = &source.document else { continue };
            let did =
                if matches!(finding.fix, Some(Fix::Context(_))) { self.did(finding) } else { String::new() };
            made.push(Made::of(finding, &did, &source.path, document));
        }
        made.into_iter()
    }

    /// What the removal of a context has done: once for all entries that went with it.
    fn did(&self, finding: &Finding) -> String {
        let is_last = self.findings.iter().rev().find(|it| matches!(it.fix, Some(Fix::Context(_))));
        let others = self.deletion.gone.iter().filter(|(kind, ..)| *kind != Kind::Context);
        let others: Vec<String> =
            others.map(|(kind, gone, _)| format!("{} {}", kind.word(), name(gone))).collect();
        match is_last.is_some_and(|last| last == finding) && !others.is_empty() {
            true => format!("removed the context, and what only such contexts used: {}", others.join(", ")),
            false => "removed the context".to_owned(),
        }
    }
}

fn key(finding: &Finding) -> Key {
    let op = match &finding.fix {
        Some(Fix::Changes(changes)) => changes.first().and_then(|change| match change {
            Change::At { op, .. } => Some(op.clone()),
            _ => None,
        }),
        _ => None,
    };
    let context = match &finding.fix {
        Some(Fix::Context(context)) => Some(context.clone()),
        _ => None,
    };
    (finding.code, context, op)
}

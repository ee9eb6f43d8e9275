//! What the entries of a source may do: the same risks as for an import, asked for each source at once.

use super::Target;
use crate::cli::World;
use crate::cli::allow::{self, AllowArgs, Consent, Wording};
use crate::cli::discovered;
use crate::cli::error::Error;
use crate::env::Env;
use crate::kubeconfig::risk::{self, Brought, Index, Risk, What};
use crate::kubeconfig::sync::Plan;
use crate::kubeconfig::{Merged, ParseError, View};
use std::collections::BTreeMap;

const WORDING: Wording =
    Wording { question: "Take this from the source?", undone: "nothing of this source was written" };

/// The permissions of each source.
pub(super) struct Trust {
    consents: Vec<Consent>,
    /// The sources about which the user was asked, and agreed.
    agreed: Vec<usize>,
}

impl Trust {
    /// The permissions of these flags, of the settings, and of each source.
    ///
    /// # Errors
    /// The settings cannot be read.
    pub(super) fn new(targets: &[Target], flags: &AllowArgs, world: &World<'_>) -> Result<Trust, Error> {
        let consent = |target: &Target| {
            let mut flags = flags.clone();
            flags.allow_exec.extend(target.settings.allow_exec.iter().cloned());
            Consent::new(&flags, WORDING, world)
        };
        let consents = targets.iter().map(consent).collect::<Result<_, Error>>()?;
        Ok(Trust { consents, agreed: Vec::new() })
    }

    /// Shows the risks, those that are alike in one line.
    pub(super) fn show(&self, risks: &[Risk], world: &mut World<'_>) {
        let mut groups: BTreeMap<(&str, &str), Vec<&Risk>> = BTreeMap::new();
        for risk in allow::shown(risks) {
            let value = risk.what.permission().map_or("", risk::Permission::value);
            groups.entry((risk.what.word(), value)).or_default().push(risk);
        }
        for risks in groups.values() {
            allow::show_alike(risks, world);
        }
    }

    /// Shows the new risks of a source, and asks about those that are not permitted.
    ///
    /// # Errors
    /// A risk is not permitted, or the user declines.
    pub(super) fn ask(
        &mut self,
        at: usize,
        risks: &[Risk],
        merged: &Merged,
        world: &mut World<'_>,
    ) -> Result<(), Error> {
        let open: Vec<Risk> =
            risks.iter().filter(|risk| !self.consents[at].permits(risk, world.env)).cloned().collect();
        let is_old = |risk: &Risk| {
            let body = merged.find(risk.kind, &risk.name).and_then(|entry| merged.body(entry).ok());
            body.is_some_and(|body| risk::of(risk.kind, &body).contains(&risk.what))
        };
        let is_shown =
            |risk: &&Risk| open.contains(risk) || risk.what.permission().is_none() && !is_old(risk);
        let shown: Vec<Risk> = risks.iter().filter(is_shown).cloned().collect();
        self.show(&shown, world);
        if open.is_empty() {
            return Ok(());
        }
        self.consents[at].decide(&open, world)?;
        self.agreed.push(at);
        Ok(())
    }

    /// Fails if there are new risks, because the kubeconfigs have changed meanwhile.
    ///
    /// # Errors
    /// See [`Consent::demand`].
    pub(super) fn demand(&self, at: usize, risks: &[Risk], env: &Env) -> Result<(), Error> {
        self.consents[at].demand(risks, env)
    }

    /// Each risk of a source, and whether it is permitted.
    pub(super) fn judged(&self, at: usize, risks: &[Risk], env: &Env) -> Vec<(Risk, bool)> {
        risks.iter().map(|risk| (risk.clone(), self.consents[at].permits(risk, env))).collect()
    }

    /// What the user has permitted is not asked again when a context is used.
    pub(super) fn remember(&self, plans: &[Option<Plan>], world: &mut World<'_>) {
        for at in &self.agreed {
            let contexts = plans[*at].iter().flat_map(|plan| &plan.contexts).map(|it| it.name.clone());
            discovered::permit(&contexts.collect::<Vec<_>>(), world);
        }
    }
}

/// The risks of a plan. A variable that an entry of the file had before is the user's, or was permitted; what the program does
/// with it is asked with the program.
///
/// # Errors
/// As [`Document::body`](crate::kubeconfig::Document::body).
pub(super) fn risks(
    merged: &Merged,
    file: usize,
    plan: &Plan,
    views: &[&View],
) -> Result<Vec<Risk>, ParseError> {
    if plan.puts.is_empty() {
        return Ok(Vec::new());
    }
    let brought: Vec<Brought<'_>> =
        views.iter().zip(&plan.names).map(|(view, names)| Brought::named(view, names)).collect();
    let (before, after) = (Index::of(merged), Index::edited(merged, &plan.puts, file));
    let mut risks = risk::assess(&before, &after, &brought)?;
    let document = merged.sources()[file].document.as_ref();
    let had = |risk: &Risk| -> Result<bool, ParseError> {
        let Some((document, index)) = document.and_then(|it| Some((it, it.find(risk.kind, &risk.name)?)))
        else {
            return Ok(false);
        };
        let body = document.body(risk.kind, index)?;
        Ok(risk::of(risk.kind, &body).contains(&risk.what))
    };
    let mut own = Vec::new();
    for risk in risks.iter().filter(|risk| matches!(risk.what, What::Variable { .. })) {
        if had(risk)? {
            own.push(risk.clone());
        }
    }
    risks.retain(|risk| !own.contains(risk));
    Ok(risks)
}

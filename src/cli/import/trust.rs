//! The risks of an import, computed from the plan before it is shown, and from the plan under the lock if that is another.

use super::super::allow::{Consent, Wording};
use super::super::credential::Incoming;
use super::super::error::{Cause, Error, path};
use super::super::{World, terminal};
use super::ImportArgs;
use crate::env::Env;
use crate::kubeconfig::change::Change;
use crate::kubeconfig::import::{EntryPlan, Fields, Outcome, Plan};
use crate::kubeconfig::risk::{self, Brought, Index, Risk, What};
use crate::kubeconfig::schema::key;
use crate::kubeconfig::{Body, Kind, Merged, Source, View};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

const WORDING: Wording = Wording { question: "Import this anyway?", undone: "nothing was imported" };

/// The inputs known before there is a plan.
pub(super) struct Trust {
    consent: Consent,
    embedded: Vec<(usize, Kind, String, What)>,
    /// The index of each view's file.
    files: Vec<usize>,
    /// The file of `--into`.
    into: Option<PathBuf>,
    /// The kubeconfigs in use and the index of that file among them, if it is one of them.
    around: Option<(Vec<Source>, usize)>,
}

impl Trust {
    /// From the flags and the settings; `embedded` lists the files that were embedded into the views, `files` has the
    /// number of each view's file.
    ///
    /// # Errors
    /// Fails if the settings or the kubeconfigs in use cannot be read.
    pub(super) fn new(
        args: &ImportArgs,
        embedded: Vec<(usize, Kind, String, What)>,
        files: Vec<usize>,
        world: &World<'_>,
    ) -> Result<Trust, Error> {
        let consent = Consent::new(&args.allow, WORDING, world)?;
        let into = args.into.as_ref().map(|file| world.env.absolute(Path::new(file)));
        let around = into.as_deref().map(|file| around(file, world)).transpose()?.flatten();
        Ok(Trust { consent, embedded, files, into, around })
    }

    /// The risks of this plan.
    ///
    /// # Errors
    /// As [`Document::body`](crate::kubeconfig::Document::body).
    pub(super) fn risks(
        &self,
        merged: &Merged,
        plan: &Plan,
        views: &[View],
        incoming: Option<&Incoming>,
    ) -> Result<Vec<Risk>, Error> {
        let documents: Vec<_> = views.iter().zip(&plan.names).zip(&self.files).collect();
        let brought: Vec<Brought<'_>> = documents
            .chunk_by(|(_, one), (_, other)| one == other)
            .map(|file| Brought::together(file.iter().map(|((view, names), _)| Brought::named(view, names))))
            .collect();
        let all = self.around.as_ref().map(|(sources, at)| {
            let mut sources = sources.clone();
            sources[*at].document = merged.sources().first().and_then(|source| source.document.clone());
            (Merged::new(sources), *at)
        });
        let (merged, at) = all.as_ref().map_or((merged, 0), |(merged, at)| (merged, *at));
        let (before, after) = (Index::of(merged), Index::edited(merged, &plan.changes, at));
        let mut risks = risk::assess(&before, &after, &brought)?;
        let puts = plan.changes.iter().filter_map(|change| match change {
            Change::Put { kind, name, body } => Some(((*kind, name.as_str()), body)),
            _ => None,
        });
        let puts: HashMap<(Kind, &str), &Body> = puts.collect();
        // The one program that kcx itself wrote.
        let made = |name: &str| {
            incoming.zip(puts.get(&(Kind::User, name))).is_some_and(|(incoming, body)| incoming.made(body))
        };
        risks.retain(|risk| {
            !(matches!(risk.what, What::Program { .. } | What::Variable { .. }) && made(&risk.name))
        });
        let updated = plan.entries.iter().filter(|it| it.outcome == Outcome::Updated);
        let updated: HashMap<(Kind, &str), &EntryPlan> =
            updated.map(|it| ((it.kind, it.name.as_str()), it)).collect();
        risks.retain(|risk| {
            updated.get(&(risk.kind, risk.name.as_str())).is_none_or(|it| !is_kept(&it.fields, &risk.what))
        });
        for (view, kind, from, what) in &self.embedded {
            let here = plan.names.get(*view).and_then(|names| names.get(&(*kind, from.clone())));
            if let Some(Some(name)) = here
                && puts.contains_key(&(*kind, name.as_str()))
            {
                risks.push(Risk { kind: *kind, name: name.clone(), what: what.clone() });
            }
        }
        Ok(risks)
    }

    /// Shows the risks and asks about them, and about a file that belongs to another user.
    ///
    /// # Errors
    /// Exit code 1 if a risk is not permitted, and if the user declines.
    pub(super) fn ask(&mut self, plan: &Plan, risks: &[Risk], world: &mut World<'_>) -> Result<(), Error> {
        self.consent.ask(risks, world)?;
        let Some(file) = self.into.as_ref().filter(|file| !plan.changes.is_empty() && is_anothers(file))
        else {
            return Ok(());
        };
        if world.globals.yes {
            return Ok(());
        }
        let what = format!("{} belongs to another user of this machine", path(file));
        if terminal::can_ask(world) {
            world.warn(&what);
            return terminal::ask("Write credentials into it anyway?")?.demand("nothing was imported", world);
        }
        Err(Error::new(Cause::Conflict, format!("{what}; nothing was imported"))
            .hint("`-y` writes it anyway"))
    }

    /// Fails if the kubeconfig changed after the risks were shown, and there are new ones.
    ///
    /// # Errors
    /// As [`Trust::ask`]; nothing was written.
    pub(super) fn demand(&self, risks: &[Risk], env: &Env) -> Result<(), Error> {
        let changed = "the kubeconfig was changed while the import was prepared; run the same command again";
        self.consent.demand(risks, env).map_err(|error| error.hint(changed))
    }

    /// Each risk, and whether it is permitted or needs no permission.
    pub(super) fn judged(&self, risks: &[Risk], env: &Env) -> Vec<(Risk, bool)> {
        risks.iter().map(|risk| (risk.clone(), self.consent.permits(risk, env))).collect()
    }

    /// Warns if others can read the file of `--into`.
    pub(super) fn warn_of_readers(&self, written: bool, world: &mut World<'_>) {
        if let Some(file) = self.into.as_ref().filter(|file| written && others_can_read(file)) {
            world.warn(&format!("other users can read {}, which contains credentials", path(file)));
            world.hint(&format!("`chmod 600 {}`", super::super::messages::path(file)));
        }
    }
}

/// True for a setting of the user that an update keeps.
fn is_kept(fields: &Fields, what: &What) -> bool {
    match what {
        What::Variable { variable, .. } => fields.kept.contains(&format!("exec.env.{variable}")),
        What::Proxy(_) => fields.kept.iter().any(|field| field == key::PROXY_URL),
        _ => false,
    }
}

/// The kubeconfigs in use with this file among them, listed or discovered. `None` if it is neither.
fn around(file: &Path, world: &World<'_>) -> Result<Option<(Vec<Source>, usize)>, Error> {
    let real = |path: &Path| {
        let path = world.env.absolute(path);
        std::fs::canonicalize(&path).unwrap_or(path)
    };
    let own = world.own_store();
    let at = own
        .precedence()
        .paths
        .iter()
        .position(|path| !path.as_os_str().is_empty() && real(path) == real(file));
    let new = if at.is_none() { world.place_of(file) } else { None };
    let Some(place) = at.or(new) else { return Ok(None) };
    // An explicit `--kubeconfig` means exactly one file.
    let errors = |errors: Vec<_>| Error::unreadable(&errors, true);
    let mut sources = own.load().map_err(errors)?.merged.into_sources();
    if new.is_some() {
        sources.insert(place, Source { path: file.to_owned(), document: None });
    }
    Ok(Some((sources, place)))
}

#[cfg(unix)]
fn others_can_read(file: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata(file).is_ok_and(|metadata| metadata.mode() & 0o077 != 0)
}

/// Not known here.
#[cfg(not(unix))]
fn others_can_read(_file: &Path) -> bool {
    false
}

/// True for an existing file that belongs neither to the user nor to the owner of its folder.
#[cfg(unix)]
fn is_anothers(file: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let owner = |path: &Path| std::fs::metadata(path).ok().map(|metadata| metadata.uid());
    let Some(own) = owner(file) else { return false };
    own != rustix::process::geteuid().as_raw() && Some(own) != file.parent().and_then(owner)
}

#[cfg(not(unix))]
fn is_anothers(_: &Path) -> bool {
    false
}

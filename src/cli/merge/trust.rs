//! The risks of a merge into a kubeconfig that is in use.

use super::super::World;
use super::super::error::Error;
use crate::env::Env;
use crate::kubeconfig::merge::MergeResult;
use crate::kubeconfig::risk::{self, Brought, Index, Risk};
use crate::kubeconfig::{Kind, Merged, Source, View};
use crate::store::{Precedence, Store};
use std::path::{Path, PathBuf};

/// The files merged into a kubeconfig that is in use, and the kubeconfigs in use before.
pub(super) struct Foreign {
    out: PathBuf,
    /// The output file and the user's own kubeconfigs.
    before: Merged,
    /// The index of the output file among the user's own; `None` if it is not one of them.
    at: Option<usize>,
    sources: Vec<Source>,
}

impl Foreign {
    /// `None` if the output file is neither one of the merged files nor one that kubectl or discovery reads.
    ///
    /// # Errors
    /// Fails if the kubeconfigs in use cannot be read.
    pub(super) fn new(sources: &[Source], out: &Path, world: &World<'_>) -> Result<Option<Foreign>, Error> {
        let real = |path: &Path| super::real(path, world.env);
        let own = world.own_store();
        let is_out = |path: &&PathBuf| !path.as_os_str().is_empty() && real(path) == real(out);
        let at = own.precedence().paths.iter().position(|path| is_out(&path));
        let found = world.place_of(&world.env.absolute(out));
        let merged = sources.iter().any(|source| real(&source.path) == real(out));
        if at.is_none() && found.is_none() && !merged {
            return Ok(None);
        }
        let unreadable = |errors: Vec<_>| Error::unreadable(&errors, true);
        let mut before = own.load().map_err(unreadable)?.merged.into_sources();
        if at.is_none() {
            // A file that is not a readable kubeconfig gets replaced, and contributes no entries.
            let old = Store::new(Precedence::of_file(out.to_owned()), world.lock_options(), world.env).load();
            let old = old.ok().and_then(|loaded| loaded.merged.into_sources().pop());
            let document = old.and_then(|old| old.document);
            let old = Source { path: world.env.absolute(out), document };
            before.insert(found.unwrap_or(0), old);
        }
        Ok(Some(Foreign {
            out: world.env.absolute(out),
            before: Merged::new(before),
            at: at.or(found),
            sources: absolute(sources, world.env),
        }))
    }

    /// The risks of writing this union; `prepare` turns the entries of a file into those of the result.
    ///
    /// # Errors
    /// As for `prepare`.
    pub(super) fn risks(
        &self,
        union: &MergeResult,
        by_policy: bool,
        env: &Env,
        prepare: impl Fn(View, &Path) -> Result<View, Error>,
    ) -> Result<Vec<Risk>, Error> {
        let document = Some(union.document.clone());
        let after = match self.at {
            Some(at) => {
                let mut sources = self.before.sources().to_vec();
                sources[at].document = document;
                Merged::new(sources)
            }
            None => Merged::new(vec![Source { path: self.out.clone(), document }]),
        };
        let (mut views, mut embedded) = (Vec::new(), Vec::new());
        for source in &self.sources {
            let view = View::of(&Merged::new(vec![source.clone()]))?;
            let prepared = prepare(view.clone(), &self.out)?;
            if !self.is_own(&source.path, env) {
                embedded.extend(
                    embedded_in(&view, &prepared)
                        .map(|risk| risk.rebased(&|path| env.beside(&source.path, path))),
                );
            }
            views.push(prepared);
        }
        let brought = views.iter().enumerate().map(|(at, view)| match at.checked_sub(1) {
            // The plan covers all files but the first.
            Some(at) if by_policy && at < union.plan.names.len() => {
                Brought::named(view, &union.plan.names[at])
            }
            _ => Brought::all(view),
        });
        let brought: Vec<Brought<'_>> = brought.collect();
        let mut risks = risk::assess(&Index::of(&self.before), &Index::of(&after), &brought)?;
        risks.extend(embedded);
        Ok(risks)
    }

    /// True for the output file and the kubeconfigs that were in use before.
    fn is_own(&self, file: &Path, env: &Env) -> bool {
        let file = super::real(file, env);
        super::real(&self.out, env) == file
            || self.before.sources().iter().any(|source| super::real(&source.path, env) == file)
    }
}

/// These entries with absolute paths, as the user's own kubeconfigs have them.
fn absolute(sources: &[Source], env: &Env) -> Vec<Source> {
    sources.iter().map(|source| Source { path: env.absolute(&source.path), ..source.clone() }).collect()
}

/// The files whose contents were embedded into these entries.
fn embedded_in<'v>(view: &'v View, prepared: &'v View) -> impl Iterator<Item = Risk> + 'v {
    Kind::ALL.into_iter().flat_map(move |kind| {
        let entries = prepared.lists[kind].iter();
        let both = entries.filter_map(move |(name, after)| Some((name, view.lists[kind].get(name)?, after)));
        both.flat_map(move |(name, before, after)| {
            let taken = risk::embedded(kind, &before.body, &after.body);
            taken.into_iter().map(move |what| Risk { kind, name: name.clone(), what })
        })
    })
}

//! The risks of a merge into a kubeconfig that is in use.

use super::super::World;
use super::super::error::Error;
use crate::kubeconfig::merge::Union;
use crate::kubeconfig::risk::{self, Brought, Index, Risk};
use crate::kubeconfig::{Merged, Source, View};
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
        let found = world.would_find(&world.env.absolute(out));
        let merged = sources.iter().any(|source| real(&source.path) == real(out));
        if at.is_none() && !found && !merged {
            return Ok(None);
        }
        let unreadable = |errors: Vec<_>| Error::unreadable(&errors, true);
        let mut before = own.load().map_err(unreadable)?.merged.into_sources();
        let mut place = at;
        if at.is_none() {
            // A file that is not a readable kubeconfig gets replaced, and contributes no entries.
            let old = Store::new(Precedence::of_file(out.to_owned()), world.patience, world.env).load();
            let old = old.ok().and_then(|loaded| loaded.merged.into_sources().pop());
            let old = old.unwrap_or(Source { path: out.to_owned(), document: None });
            if found {
                place = Some(before.len());
                before.push(old);
            } else {
                before.insert(0, old);
            }
        }
        Ok(Some(Foreign {
            out: out.to_owned(),
            before: Merged::new(before),
            at: place,
            sources: sources.to_vec(),
        }))
    }

    /// The risks of writing this union; `prepare` turns the entries of a file into those of the result.
    ///
    /// # Errors
    /// As for `prepare`.
    pub(super) fn risks(
        &self,
        union: &Union,
        by_policy: bool,
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
        let mut views = Vec::new();
        for source in &self.sources {
            views.push(prepare(View::of(&Merged::new(vec![source.clone()]))?, &self.out)?);
        }
        let brought = views.iter().enumerate().map(|(at, view)| match at.checked_sub(1) {
            // The plan covers all files but the first.
            Some(at) if by_policy && at < union.plan.names.len() => {
                Brought::named(view, &union.plan.names[at])
            }
            _ => Brought::all(view),
        });
        let brought: Vec<Brought<'_>> = brought.collect();
        Ok(risk::assess(&Index::of(&self.before), &Index::of(&after), &brought)?)
    }
}

//! The marks of `kcx sync` in other kubeconfigs: that a source has brought a context. They are not taken over. The next sync of
//! a source with that name would update the context, or remove it.

use super::source;
use crate::cli::World;
use crate::cli::error::{Error, name};
use crate::kubeconfig::provenance::{self, Provenance};
use crate::kubeconfig::{Kind, Merged, View};
use std::path::PathBuf;

/// The contexts that had a mark, and the files that they come from.
#[derive(Default)]
pub(in crate::cli) struct Marked(Vec<(String, PathBuf)>);

impl Marked {
    pub(in crate::cli) fn push(&mut self, context: &str, origin: PathBuf) {
        self.0.push((context.to_owned(), origin));
    }

    /// Says that the marks were left out.
    pub(in crate::cli) fn warn(&self, world: &mut World<'_>) {
        let Some((context, origin)) = self.0.first() else { return };
        let others = match self.0.len() - 1 {
            0 => String::new(),
            1 => ", and 1 more is like it".to_owned(),
            more => format!(", and {more} more are like it"),
        };
        let (context, file) = (name(context), source::shown(origin));
        world.warn(&format!("context {context} of {file} is marked as brought by a source{others}"));
        world.hint(
            "the mark was left out: only `kcx sync` may set it, because it updates and removes such contexts",
        );
    }
}

/// Removes the marks from what is to be imported. A context that is here with the same mark keeps it, so that to import a
/// file of one's own changes nothing.
pub(super) fn remove(views: &mut [View], own: &Merged, world: &mut World<'_>) -> Result<(), Error> {
    let mut marked = Marked::default();
    for view in views {
        for (context, entry) in &mut view.lists[Kind::Context] {
            let rest = provenance::without(&entry.body);
            if rest == entry.body {
                continue;
            }
            let here = own.find(Kind::Context, context).map(|it| own.body(it)).transpose()?;
            let from = Provenance::of(&entry.body);
            if from.is_none() || here.and_then(|here| Provenance::of(&here)) != from {
                entry.body = rest;
                marked.push(context, entry.origin.clone());
            }
        }
    }
    marked.warn(world);
    Ok(())
}

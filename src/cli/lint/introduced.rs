//! What a change of a kubeconfig adds to the findings: `kcx edit` asks before it saves.

use super::super::World;
use super::environment::LintEnvironment;
use crate::kubeconfig::Merged;
use crate::kubeconfig::lint::{self, Finding};
use std::num::NonZero;

/// The findings after a change that were not there before it.
pub(in crate::cli) fn introduced(before: &Merged, after: &Merged, world: &World<'_>) -> Vec<Finding> {
    let environment = LintEnvironment::of(world.env);
    let threads = NonZero::<usize>::MIN;
    let key = |it: &Finding| (it.code, it.source, it.entry.clone(), it.message.clone());
    let mut known: Vec<_> = lint::check(before, &[], &environment, threads).iter().map(key).collect();
    let mut found = lint::check(after, &[], &environment, threads);
    found.retain(|it| match known.iter().position(|known| *known == key(it)) {
        Some(at) => {
            known.swap_remove(at);
            false
        }
        None => true,
    });
    found
}

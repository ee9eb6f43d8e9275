//! What an import changes, decided before it asks, and once more under the lock if the kubeconfig was changed meanwhile.

use super::super::error::{Cause, Error};
use super::{ImportArgs, conflict};
use crate::env::Env;
use crate::kubeconfig::change::Change;
use crate::kubeconfig::import::{Outcome, Plan, Renames, plan_renamed};
use crate::kubeconfig::{Kind, Merged, View};
use crate::settings::Settings;
use crate::store::Store;

/// What a plan depends on besides the kubeconfigs.
pub(super) struct Deciding<'d> {
    pub(super) args: &'d ImportArgs,
    pub(super) settings: &'d Settings,
    pub(super) store: &'d Store,
    pub(super) renames: &'d Renames,
    pub(super) env: &'d Env,
}

impl Deciding<'_> {
    /// The plan; it may have conflicts.
    pub(super) fn plan(&self, merged: &Merged, views: &[View]) -> Result<Plan, Error> {
        Ok(plan_renamed(merged, views, self.args.on_conflict.into(), self.renames)?)
    }

    /// The changes of a plan.
    ///
    /// # Errors
    /// Exit code 4 for a conflict.
    pub(super) fn changes(&self, merged: &Merged, plan: &Plan, views: &[View]) -> Result<Vec<Change>, Error> {
        let Deciding { args, settings, store, env, .. } = self;
        if plan.conflicts().next().is_some() {
            let error = conflict(plan, store.default_path(), &env.cwd, "nothing was imported");
            let contexts = views.iter().map(|view| view.lists[Kind::Context].len()).sum::<usize>();
            return Err(match (plan.conflicts().all(|it| it.against.is_some()), contexts) {
                (true, _) => error,
                (false, 1) => {
                    error.hint("`--name NAME` gives the imported context and its entries another name")
                }
                (false, _) => error
                    .hint("`--prefix`, `--suffix` and `--template` give the imported entries other names"),
            });
        }
        let mut changes = plan.changes.clone();
        let current = match args.set_current {
            true => Some(current(plan)?),
            false => {
                first_current(merged, plan, args).filter(|current| !settings.rule(current).is_protected())
            }
        };
        if let Some(current) = current.filter(|current| merged.current_context() != current) {
            changes.push(Change::Current(current));
        }
        Ok(changes)
    }
}

/// The current context of the sources, if it is the first one here: without any, kubectl would connect to localhost.
fn first_current(merged: &Merged, plan: &Plan, args: &ImportArgs) -> Option<String> {
    let is_first = merged.current_context().is_empty() && merged.names(Kind::Context).is_empty();
    // A file of its own may be the last of a list, whose current context some clients use.
    plan.current.clone().filter(|_| is_first && args.into.is_none() && !plan.changes.is_empty())
}

/// The current context, and the one that these changes set.
pub(super) fn switch(merged: &Merged, changes: &[Change]) -> (String, Option<String>) {
    let set = changes.iter().find_map(|change| match change {
        Change::Current(context) => Some(context.clone()),
        _ => None,
    });
    (merged.current_context().to_owned(), set)
}

/// The context for `--set-current`: the current context of the sources, or the only context in them.
pub(super) fn current(plan: &Plan) -> Result<String, Error> {
    if let Some(current) = &plan.current {
        return Ok(current.clone());
    }
    let kept = |outcome| outcome != Outcome::Skipped;
    let mut contexts =
        plan.entries.iter().filter(|entry_plan| entry_plan.kind == Kind::Context && kept(entry_plan.outcome));
    match (contexts.next(), contexts.next()) {
        (Some(only), None) => Ok(only.name.clone()),
        _ => Err(Error::new(
            Cause::Usage,
            "`--set-current`: no imported kubeconfig has a current context; nothing was imported",
        )
        .hint("`kcx use NAME` switches afterwards")),
    }
}

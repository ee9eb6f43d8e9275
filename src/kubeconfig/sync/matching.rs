//! The contexts of a source, matched with those of the file, and which of them get new names.

use super::super::schema::Kind;
use super::super::view::View;
use super::names::Named;
use super::own::Own;
use super::renames::{self, Wish};
use super::{Incoming, Planner};

/// The contexts of a cluster, in the order of their names in its kubeconfig.
#[derive(Default)]
pub(super) struct Met {
    /// The names that they are to have.
    pub(super) wanted: Vec<String>,
    /// The contexts of the file that stand for them.
    pub(super) matched: Vec<Option<usize>>,
}

impl Planner<'_> {
    /// Finds the contexts of a cluster whose kubeconfig is known.
    pub(super) fn meet(&mut self, it: &Incoming, view: &View) -> Met {
        let contexts: Vec<&String> = view.lists[Kind::Context].keys().collect();
        let wanted: Vec<String> = contexts.iter().map(|context| self.wanted(it, view, context)).collect();
        let matched = self.matched(&it.id, &contexts, &wanted);
        Met { wanted, matched }
    }

    /// Decides which contexts get the new names that the source gives them: all are renamed at once. `is_elsewhere` is true
    /// for the name of a context of another file.
    pub(super) fn grant<'m>(
        &mut self,
        met: impl Iterator<Item = &'m Met>,
        is_elsewhere: impl Fn(&str) -> bool,
    ) {
        let pairs = met.flat_map(|met| met.matched.iter().zip(&met.wanted));
        let wish = |(own, wanted): (&Option<usize>, &String)| {
            let own = (*own)?;
            let (from, to) = (self.own[own].name.clone(), wanted.clone());
            self.is_renamed(own, wanted).then_some(Wish { own, from, to })
        };
        let wishes: Vec<Wish> = pairs.filter_map(wish).collect();
        let names: Vec<(usize, String)> = wishes.iter().map(|wish| (wish.own, wish.to.clone())).collect();
        // A name that a context of another file has, too, is not free after the rename.
        let may = |wish: &Wish| !is_elsewhere(&wish.to);
        let wishes = wishes.into_iter().filter(may).collect();
        let taken = &self.taken[Kind::Context];
        self.granted = renames::granted(wishes, |name| taken.contains(name));
        let given = names.into_iter().filter(|(own, _)| self.granted.contains(own)).map(|(_, to)| to);
        self.taken[Kind::Context].extend(given);
    }

    /// True if the source has renamed a context, the user has not, and it may have the new name.
    fn is_renamed(&self, own: usize, wanted: &str) -> bool {
        let Own { name, from, .. } = &self.own[own];
        from.wanted != wanted
            && *name == from.given
            && name != wanted
            && (self.options.may_rename)(name, wanted)
    }

    /// For each context of a cluster, the context of the file that stands for it. A cluster with a single context keeps it under
    /// another name, too.
    ///
    /// A cluster that was created again with another id has the contexts of the one before.
    fn matched(&mut self, id: &str, contexts: &[&String], wanted: &[String]) -> Vec<Option<usize>> {
        let all = self.by_id.get(id).cloned().unwrap_or_default();
        let by_name =
            |context: &&String| all.iter().copied().find(|at| self.own[*at].from.context == **context);
        let mut matched: Vec<Option<usize>> = contexts.iter().map(by_name).collect();
        let left: Vec<usize> = all.iter().copied().filter(|at| !matched.contains(&Some(*at))).collect();
        let open: Vec<usize> = (0..matched.len()).filter(|at| matched[*at].is_none()).collect();
        if let ([own], [at]) = (left.as_slice(), open.as_slice()) {
            matched[*at] = Some(*own);
        }
        let is_left = |own: &usize| !self.seen[*own] && !self.ids.contains(self.own[*own].from.id.as_str());
        for at in (0..matched.len()).filter(|_| all.is_empty()) {
            let same = self.by_wanted.get(wanted[at].as_str()).into_iter().flatten().copied();
            let before: Vec<usize> =
                same.filter(is_left).filter(|own| !matched.contains(&Some(*own))).collect();
            if let [own] = before.as_slice() {
                matched[at] = Some(*own);
            }
        }
        for own in matched.iter().flatten() {
            self.seen[*own] = true;
        }
        matched
    }

    fn wanted(&self, it: &Incoming, view: &View, context: &str) -> String {
        let contexts = &view.lists[Kind::Context];
        let named = Named {
            id: &it.id,
            name: it.name.as_deref(),
            context,
            body: contexts.get(context).map(|entry| &entry.body),
            is_only: contexts.len() == 1,
        };
        self.options.names.of(&named).unwrap_or_else(|| context.to_owned())
    }
}

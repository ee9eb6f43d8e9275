//! The entries of one cluster: matched with those of the file, named, and written.

use super::super::decode::Body;
use super::super::error::ParseError;
use super::super::import::{self, Names as NewNames};
use super::super::provenance::Provenance;
use super::super::schema::{Kind, key};
use super::super::typed::Context;
use super::super::view::View;
use super::matching::Met;
use super::names::stem;
use super::optional;
use super::own::Own;
use super::{ContextPlan, Incoming, Outcome, Planner};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

impl Planner<'_> {
    /// Plans a cluster whose kubeconfig is known; returns the names of its entries here.
    pub(super) fn fetched(
        &mut self,
        it: &Incoming,
        view: &View,
        Met { wanted, matched }: &Met,
    ) -> Result<NewNames, ParseError> {
        let contexts: Vec<&String> = view.lists[Kind::Context].keys().collect();
        let mut names = NewNames::new();
        // Clusters and users first: contexts name them.
        let mut written: BTreeMap<(Kind, String), (Vec<String>, Vec<String>)> = BTreeMap::new();
        for kind in [Kind::Cluster, Kind::User] {
            for (raw, entry) in &view.lists[kind] {
                let of = |context: &str| self.names_entry(view, context, kind, raw);
                let users: Vec<usize> = (0..contexts.len()).filter(|at| of(contexts[*at])).collect();
                if users.is_empty() {
                    names.insert((kind, raw.clone()), None);
                    continue;
                }
                let own = users.iter().find_map(|at| matched[*at].and_then(|own| self.entry_of(own, kind)));
                let is_new = own.is_none();
                let first = &wanted[users[0]];
                let is_one = users.iter().all(|at| wanted[*at] == *first);
                let name = own.unwrap_or_else(|| self.free(kind, if is_one { first } else { raw }, &it.id));
                let fields = if is_new {
                    self.puts[kind].insert(name.clone(), import::sorted(&entry.body));
                    Default::default()
                } else {
                    let dropped: BTreeSet<String> = users
                        .iter()
                        .filter_map(|at| matched[*at])
                        .flat_map(|own| self.own[own].from.optional.iter().cloned())
                        .collect();
                    self.update(kind, &name, &entry.body, &dropped)?
                };
                written.insert((kind, raw.clone()), fields);
                names.insert((kind, raw.clone()), Some(name));
            }
        }
        for (at, context) in contexts.into_iter().enumerate() {
            let raw = &view.lists[Kind::Context][context];
            let mut body = raw.body.clone();
            let mut plan = ContextPlan::new(&it.id, "", Outcome::Unchanged);
            let mut optionals = Vec::new();
            for kind in [Kind::Cluster, Kind::User] {
                let Some(Value::String(named)) = body.get_mut(kind.word()) else { continue };
                if let Some((replaced, kept)) = written.get(&(kind, named.clone())) {
                    let fields = |fields: &[String]| -> Vec<String> {
                        fields.iter().map(|field| format!("{}.{field}", kind.word())).collect()
                    };
                    plan.replaced.extend(fields(replaced));
                    plan.kept.extend(fields(kept));
                }
                if let Some(entry) = view.lists[kind].get(named) {
                    optionals.extend(optional::of(kind, &entry.body));
                }
                if let Some(Some(here)) = names.get(&(kind, named.clone())) {
                    named.clone_from(here);
                }
            }
            if let Some(namespace) = self.options.namespace {
                body.insert(key::NAMESPACE.to_owned(), Value::from(namespace));
            }
            let from = Provenance {
                source: self.options.names.source.to_owned(),
                id: it.id.clone(),
                context: context.clone(),
                wanted: wanted[at].clone(),
                given: String::new(),
                cluster: Context(&body).cluster().to_owned(),
                user: Context(&body).user().to_owned(),
                labels: it.labels.clone(),
                changed: it.changed.clone(),
                gone: None,
                optional: optionals,
            };
            self.context(matched[at], from, body, &mut plan);
            // The entries that are written have the names before the renames.
            let here = plan.renamed_from.as_ref().unwrap_or(&plan.name).clone();
            names.insert((Kind::Context, context.clone()), Some(here));
            self.plan.contexts.push(plan);
        }
        Ok(names)
    }

    /// Adds or updates one context.
    fn context(&mut self, own: Option<usize>, mut from: Provenance, body: Body, plan: &mut ContextPlan) {
        let Some(own) = own else {
            let name = self.free(Kind::Context, &from.wanted, &from.id);
            plan.taken = (name != from.wanted).then(|| from.wanted.clone());
            plan.outcome = Outcome::Added;
            from.given.clone_from(&name);
            let mut body = body;
            from.put(&mut body);
            self.puts[Kind::Context].insert(name.clone(), import::sorted(&body));
            plan.name = name;
            return;
        };
        let Own { name, from: before, body: old } = &self.own[own];
        let (name, is_back) = (name.clone(), before.gone.is_some());
        let updated = import::update(Kind::Context, old, &body);
        let fields = updated.fields;
        let replaced = fields.added.iter().chain(&fields.replaced).chain(&fields.removed);
        plan.replaced.extend(replaced.map(|field| format!("context.{field}")));
        // The extension of a source is not the user's.
        let kept = fields.kept.iter().filter(|field| !field.starts_with(key::EXTENSIONS));
        plan.kept.extend(kept.map(|field| format!("context.{field}")));
        from.given.clone_from(&before.given);
        plan.name.clone_from(&name);
        // The source has renamed the context, and the user has not.
        if before.wanted != from.wanted && name == before.given && name != from.wanted {
            if !(self.options.may_rename)(&name, &from.wanted) {
                plan.unprotected = Some(from.wanted.clone());
            } else if !self.granted.contains(&own) {
                plan.taken = Some(from.wanted.clone());
            } else {
                from.given.clone_from(&from.wanted);
                plan.renamed_from = Some(name.clone());
                plan.name.clone_from(&from.wanted);
                self.renames.push((name.clone(), from.wanted.clone()));
            }
        }
        plan.outcome = match (
            is_back,
            plan.replaced.is_empty()
                && plan.renamed_from.is_none()
                && plan.taken.is_none()
                && plan.unprotected.is_none(),
        ) {
            (true, _) => Outcome::Back,
            (false, true) => Outcome::Unchanged,
            (false, false) => Outcome::Updated,
        };
        let mut new = updated.body;
        from.put(&mut new);
        if new != self.own[own].body {
            if plan.outcome == Outcome::Unchanged && self.own[own].from.labels != from.labels {
                plan.replaced.push("labels".to_owned());
                plan.outcome = Outcome::Updated;
            }
            self.puts[Kind::Context].insert(name, new);
        }
    }

    /// Plans a cluster whose kubeconfig has not changed.
    pub(super) fn unchanged(&mut self, it: &Incoming) {
        for at in self.by_id.get(it.id.as_str()).cloned().unwrap_or_default() {
            self.seen[at] = true;
            let own = &self.own[at];
            let from = Provenance { labels: it.labels.clone(), gone: None, ..own.from.clone() };
            let (mut outcome, mut replaced) = (Outcome::Unchanged, Vec::new());
            if from != own.from {
                outcome = if own.from.gone.is_some() { Outcome::Back } else { Outcome::Updated };
                if own.from.labels != from.labels {
                    replaced.push("labels".to_owned());
                }
                let mut body = own.body.clone();
                from.put(&mut body);
                self.puts[Kind::Context].insert(own.name.clone(), body);
            }
            self.plan.contexts.push(ContextPlan { replaced, ..ContextPlan::new(&it.id, &own.name, outcome) });
        }
    }

    /// Marks the contexts that the source no longer has; returns those to remove.
    pub(super) fn gone(&mut self) -> Vec<String> {
        let mut removed = Vec::new();
        for (own, _) in self.own.iter().zip(&self.seen).filter(|(_, is_seen)| !**is_seen) {
            let outcome = match (self.options.prune, own.from.gone.is_some()) {
                (true, _) => Outcome::Removed,
                (false, true) => Outcome::StillGone,
                (false, false) => Outcome::Gone,
            };
            match outcome {
                Outcome::Removed => removed.push(own.name.clone()),
                Outcome::Gone => {
                    let mut body = own.body.clone();
                    Provenance { gone: Some(self.options.today.to_owned()), ..own.from.clone() }
                        .put(&mut body);
                    self.puts[Kind::Context].insert(own.name.clone(), body);
                }
                _ => {}
            }
            self.plan.contexts.push(ContextPlan::new(&own.from.id, &own.name, outcome));
        }
        removed
    }

    fn names_entry(&self, view: &View, context: &str, kind: Kind, raw: &str) -> bool {
        view.lists[Kind::Context][context].body.get(kind.word()).and_then(Value::as_str) == Some(raw)
    }

    /// The place of an entry in the file.
    fn find(&self, kind: Kind, name: &str) -> Option<usize> {
        self.names.as_ref()?.find(kind, name)
    }

    /// The cluster or user of a context of the file, if it is in the file, too.
    fn entry_of(&self, own: usize, kind: Kind) -> Option<String> {
        let own = &self.own[own];
        let given = if kind == Kind::Cluster { &own.from.cluster } else { &own.from.user };
        if !given.is_empty() && self.find(kind, given).is_some() {
            return Some(given.clone());
        }
        // The user has renamed it, or the context leads to an entry of the user.
        let name = own.named(kind);
        let is_own = self.find(kind, name).is_some() && !self.others.contains(&(kind, name.to_owned()));
        is_own.then(|| name.to_owned())
    }

    fn update(
        &mut self,
        kind: Kind,
        name: &str,
        new: &Body,
        dropped: &BTreeSet<String>,
    ) -> Result<(Vec<String>, Vec<String>), ParseError> {
        let Some(index) = self.find(kind, name) else {
            return Ok(Default::default());
        };
        let mut old = self
            .document
            .map(|document| document.body(kind, index))
            .transpose()?
            .unwrap_or_default()
            .into_owned();
        let before = old.clone();
        let mut replaced = optional::take_back(kind, &mut old, new, dropped);
        let updated = import::update(kind, &old, new);
        let fields = updated.fields;
        replaced.extend(fields.added.into_iter().chain(fields.replaced).chain(fields.removed));
        if !import::same(kind, &before, &updated.body) {
            self.puts[kind].insert(name.to_owned(), updated.body);
        }
        Ok((replaced, fields.kept))
    }

    /// A name that no entry has: the wanted one; if this source has it already, one with the last part of the id; else one with
    /// the name of the source, or with a number.
    fn free(&mut self, kind: Kind, wanted: &str, id: &str) -> String {
        let source = self.options.names.source;
        let is_own = self.puts[kind].contains_key(wanted) || self.find(kind, wanted).is_some();
        let by_id = Some(format!("{wanted}-{}", stem(id))).filter(|_| is_own && stem(id) != wanted);
        let candidates =
            std::iter::once(wanted.to_owned()).chain(by_id).chain([format!("{wanted}-{source}")]);
        let numbered = (2..).map(|number: usize| format!("{wanted}-{source}-{number}"));
        let is_free = |name: &String| !self.taken[kind].contains(name);
        let name = candidates.chain(numbered).find(is_free).unwrap_or_default();
        self.taken[kind].insert(name.clone());
        name
    }
}

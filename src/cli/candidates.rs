//! Candidates for completion: the names in the kubeconfigs, with descriptions.

use super::select::Labels;
use super::{World, describe, messages, pick};
use crate::kubeconfig::typed::{Cluster, Context};
use crate::kubeconfig::{EntryRef, Kind, Merged};
use crate::store::Lookup;
use std::cell::{OnceCell, RefCell, RefMut};
use std::collections::BTreeSet;

/// The candidates for a word, and whether file names are candidates too.
#[derive(Debug, Default)]
pub(super) struct Candidates {
    pub(super) candidates: Vec<Candidate>,
    pub(super) files: bool,
}

impl Candidates {
    /// Without file names.
    pub(super) fn of(candidates: Vec<Candidate>) -> Candidates {
        Candidates { candidates, files: false }
    }
}

/// A word that can stand at the cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    /// What it is.
    pub(super) group: Group,
    /// The word.
    pub(super) name: String,
    /// Its description; may be empty.
    pub(super) what: String,
}

impl Candidate {
    /// A candidate without a description if `what` is empty.
    pub(super) fn new(group: Group, name: impl Into<String>, what: impl Into<String>) -> Candidate {
        Candidate { group, name: name.into(), what: what.into() }
    }
}

/// What a candidate is. Shells that can do it list each group below a heading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Group {
    /// Another name of a command.
    Alias,
    /// A change that can be undone.
    Change,
    /// The name of a cluster.
    Cluster,
    /// A command, or the second word of one.
    Command,
    /// The name of a context.
    Context,
    /// An alias of a context.
    ContextAlias,
    /// A group of contexts.
    Contexts,
    /// The code of a finding.
    Finding,
    /// A flag.
    Flag,
    /// The name of a namespace.
    Namespace,
    /// A page of help.
    Topic,
    /// A type of entries.
    Type,
    /// The name of a user.
    User,
    /// A value of a flag or an argument.
    Value,
}

impl Group {
    /// The word for one candidate.
    pub(super) fn word(self) -> &'static str {
        match self {
            Group::Alias | Group::ContextAlias => "alias",
            Group::Change => "change",
            Group::Cluster => "cluster",
            Group::Command => "command",
            Group::Context => "context",
            Group::Contexts => "group",
            Group::Finding => "finding",
            Group::Flag => "flag",
            Group::Namespace => "namespace",
            Group::Topic => "topic",
            Group::Type => "type",
            Group::User => "user",
            Group::Value => "value",
        }
    }
}

impl From<Kind> for Group {
    fn from(kind: Kind) -> Group {
        match kind {
            Kind::Context => Group::Context,
            Kind::Cluster => Group::Cluster,
            Kind::User => Group::User,
        }
    }
}

/// What is printed about each candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// `__completeNoDesc`: its name.
    Names,
    /// `__complete`: its name and description.
    Described,
    /// `__completeGroups`: its group, name and description.
    Grouped,
}

/// A query for names.
#[derive(Clone, Copy, Debug)]
pub(super) struct NameQuery<'t> {
    /// The prefix of the names.
    pub(super) typed: &'t str,
    /// Whether to add descriptions, for which each entry must be read.
    pub(super) describe: bool,
}

/// The names of one run. Each kubeconfig is opened once, however many queries there are.
pub(super) struct Names<'a, 'w> {
    pub(super) world: &'a World<'w>,
    lookup: OnceCell<Option<RefCell<Lookup>>>,
}

impl<'a, 'w> Names<'a, 'w> {
    /// Nothing is read yet.
    pub(super) fn new(world: &'a World<'w>) -> Names<'a, 'w> {
        Names { world, lookup: OnceCell::new() }
    }

    fn lookup(&self) -> Option<RefMut<'_, Lookup>> {
        let lookup = self.lookup.get_or_init(|| self.world.lookup().ok().map(RefCell::new));
        lookup.as_ref().map(RefCell::borrow_mut)
    }

    /// The entries of a kind that fit.
    pub(super) fn entries(&self, kind: Kind, query: NameQuery<'_>) -> Vec<Candidate> {
        if kind == Kind::Context {
            return self.contexts(query);
        }
        let Some(mut lookup) = self.lookup() else { return Vec::new() };
        lookup.whole().map(|merged| fitting(merged, kind, query)).unwrap_or_default()
    }

    /// The contexts that fit.
    pub(super) fn contexts(&self, query: NameQuery<'_>) -> Vec<Candidate> {
        let Some(mut lookup) = self.lookup() else { return Vec::new() };
        lookup.contexts().map(|merged| fitting(merged, Kind::Context, query)).unwrap_or_default()
    }

    /// The contexts that fit, and the aliases of existing contexts.
    pub(super) fn contexts_and_aliases(&self, query: NameQuery<'_>) -> Vec<Candidate> {
        let mut found = self.contexts(query);
        let settings = self.world.settings_or_default();
        let fits = |alias: &str| alias.starts_with(query.typed) && found.iter().all(|it| it.name != alias);
        let aliases: Vec<_> = settings.aliases.iter().filter(|(alias, _)| fits(alias)).collect();
        if let Some(mut lookup) = self.lookup().filter(|_| !aliases.is_empty())
            && let Ok(merged) = lookup.contexts()
        {
            let exists = |context: &str| merged.find(Kind::Context, context).is_some();
            let aliases = aliases.into_iter().filter(|(_, context)| exists(context));
            found.extend(
                aliases.map(|(alias, to)| Candidate::new(Group::ContextAlias, alias, format!("of {to}"))),
            );
        }
        found
    }

    /// The labels of all contexts.
    pub(super) fn labels(&self) -> Vec<Candidate> {
        let settings = self.world.settings_or_default();
        let Some(mut lookup) = self.lookup() else { return Vec::new() };
        let Ok(merged) = lookup.contexts() else { return Vec::new() };
        let entries = merged.entries(Kind::Context);
        let labels = Labels::of_all(&entries, merged, &settings);
        let all: BTreeSet<String> = labels.iter().flat_map(Labels::typed).collect();
        all.into_iter().map(|label| Candidate::new(Group::Value, label, "")).collect()
    }

    /// The groups of the settings that fit, as `@NAME`.
    pub(super) fn groups(&self, query: NameQuery<'_>) -> Vec<Candidate> {
        let settings = self.world.settings_or_default();
        let named = settings.groups.iter().map(|(group, members)| (format!("@{group}"), members.join(", ")));
        let fitting = named.filter(|(word, _)| word.starts_with(query.typed));
        fitting.map(|(word, members)| Candidate::new(Group::Contexts, word, members)).collect()
    }

    /// The known namespaces of a context; `None` stands for the current context.
    pub(super) fn namespaces(&self, context: Option<&str>) -> Vec<Candidate> {
        let Some(mut lookup) = self.lookup() else { return Vec::new() };
        let context = match context.filter(|name| *name != "-") {
            Some(context) => context.to_owned(),
            None => lookup.current_context().to_owned(),
        };
        let known = pick::known_namespaces(&mut lookup, &context, self.world);
        let known = known.map(|(known, _)| known).unwrap_or_default();
        known.into_iter().map(|name| Candidate::new(Group::Namespace, name, "")).collect()
    }
}

fn fitting(merged: &Merged, kind: Kind, query: NameQuery<'_>) -> Vec<Candidate> {
    let fits = |entry: &EntryRef| merged.name(*entry).starts_with(query.typed);
    let named = |entry| {
        let what = if query.describe { what(merged, entry) } else { String::new() };
        Candidate::new(kind.into(), merged.name(entry), what)
    };
    merged.entries(kind).into_iter().filter(fits).map(named).collect()
}

fn what(merged: &Merged, entry: EntryRef) -> String {
    let Ok(body) = merged.body(entry) else { return String::new() };
    match entry.kind {
        Kind::Context => {
            let name = merged.name(entry);
            let said = |what: &str, value: &str| match value {
                "" => None,
                same if same == name => None,
                value => Some(format!("{what} {value}")),
            };
            let context = Context(&body);
            let current = (merged.current_context() == name).then(|| "current".to_owned());
            let fields = [said("namespace", context.namespace()), said("cluster", context.cluster())];
            std::iter::once(current).chain(fields).flatten().collect::<Vec<_>>().join(", ")
        }
        Kind::Cluster => messages::without_login(Cluster(&body).server()),
        Kind::User => describe::auth(&body),
    }
}

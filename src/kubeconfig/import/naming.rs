//! Renames all entries of a kubeconfig, with the references to them.

use super::super::per_kind::PerKind;
use super::super::schema::Kind;
use super::super::unpack::Carrier;
use super::super::view::{View, ViewError};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// How entries are named.
#[derive(Clone, Copy, Debug)]
pub enum Naming<'n> {
    /// The only context, its cluster and its user get this name; other entries are removed.
    Name(&'n str),
    /// The only context gets this name.
    Context(&'n str),
    /// A prefix and a suffix are added to each name.
    Affix(&'n str, &'n str),
    /// Names are made from a template with `{file}`, `{context}`, `{cluster}`, `{user}`, `{namespace}`, and for a kubeconfig
    /// in a Kubernetes object `{object}`, `{object-namespace}` and `{key}`.
    Template(&'n str),
    /// Entries without a name get this one.
    Nameless(&'n str),
}

/// Where a kubeconfig was found, for the placeholders of a template.
#[derive(Clone, Copy, Debug, Default)]
pub struct FoundIn<'n> {
    /// The value of `{file}`.
    pub file: &'n str,
    /// The Kubernetes object that carries it, if there is one.
    pub carrier: Option<&'n Carrier>,
}

impl FoundIn<'_> {
    /// The placeholders that need an object.
    const OF_OBJECT: [&'static str; 3] = ["object", "object-namespace", "key"];

    fn value(&self, word: &str) -> Option<String> {
        let carrier = self.carrier;
        Some(match word {
            "file" => self.file.to_owned(),
            "object" => carrier?.short_name().to_owned(),
            "object-namespace" => carrier?.namespace.clone(),
            "key" => carrier?.key.clone(),
            _ => return None,
        })
    }
}

/// The reason why entries cannot be named so.
#[derive(Debug)]
pub enum NamingError {
    /// A single name was given for this number of contexts.
    Contexts(usize),
    /// Two entries of a list would have the same name.
    Taken(Kind, String),
    /// An entry would have an empty name.
    Empty,
    /// The template contains this unknown placeholder.
    Placeholder(String),
    /// The template contains this placeholder, and no Kubernetes object carries the kubeconfig.
    NoObject(&'static str),
    /// The context names an entry that does not exist.
    Incomplete(ViewError),
}

impl std::error::Error for NamingError {}

impl fmt::Display for NamingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NamingError::Contexts(0) => f.write_str("there is no context to name"),
            NamingError::Contexts(count) => write!(f, "one name was given for {count} contexts"),
            NamingError::Taken(kind, name) => write!(f, "two {} would have the name {name}", kind.list()),
            NamingError::Empty => f.write_str("an entry would have no name"),
            NamingError::Placeholder(word) => write!(f, "unknown placeholder {{{word}}}"),
            NamingError::NoObject(word) => write!(f, "no Kubernetes object has the value of {{{word}}}"),
            NamingError::Incomplete(error) => error.fmt(f),
        }
    }
}

impl Naming<'_> {
    /// Renames the entries of a view, which was found there.
    ///
    /// ```
    /// use kcx::kubeconfig::import::{FoundIn, Naming};
    /// use kcx::kubeconfig::{Document, Kind, Merged, Source, View};
    /// let text = "clusters: [{name: default, cluster: {}}]
    /// contexts: [{name: default, context: {cluster: default}}]";
    /// let document = Some(Document::parse(text.as_bytes().to_vec())?);
    /// let view = View::of(&Merged::new(vec![Source { path: "k3s.yaml".into(), document }]))?;
    /// let view = Naming::Template("{file}-{cluster}").apply(view, FoundIn { file: "edge", carrier: None })?;
    /// assert_eq!(view.lists[Kind::Context]["edge-default"].body["cluster"], "edge-default");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// See [`NamingError`].
    pub fn apply(&self, view: View, found_in: FoundIn<'_>) -> Result<View, NamingError> {
        let view = match (self, view.lists[Kind::Context].len()) {
            (Naming::Name(_), 1) => {
                let contexts: Vec<String> = view.lists[Kind::Context].keys().cloned().collect();
                view.only(&contexts).map_err(NamingError::Incomplete)?
            }
            (Naming::Name(_) | Naming::Context(_), count) if count != 1 => {
                return Err(NamingError::Contexts(count));
            }
            _ => view,
        };
        let names = self.names(&view, found_in)?;
        Ok(renamed(view, &names))
    }

    /// The new names of the entries of a view, by their old ones.
    ///
    /// # Errors
    /// See [`NamingError`].
    pub fn names(
        &self,
        view: &View,
        found_in: FoundIn<'_>,
    ) -> Result<PerKind<BTreeMap<String, String>>, NamingError> {
        if let (Naming::Template(template), None) = (self, found_in.carrier) {
            let is_used = |word: &&str| template.contains(&format!("{{{word}}}"));
            if let Some(word) = FoundIn::OF_OBJECT.into_iter().find(is_used) {
                return Err(NamingError::NoObject(word));
            }
        }
        let mut names: PerKind<BTreeMap<String, String>> = Default::default();
        for kind in Kind::ALL {
            for name in view.lists[kind].keys() {
                let new = self.name(view, kind, name, found_in)?;
                if new.is_empty() {
                    return Err(NamingError::Empty);
                }
                names[kind].insert(name.clone(), new);
            }
        }
        for kind in Kind::ALL {
            let mut taken = BTreeSet::new();
            if let Some(twice) = names[kind].values().find(|new| !taken.insert(new.as_str())) {
                return Err(NamingError::Taken(kind, twice.clone()));
            }
        }
        Ok(names)
    }

    fn name(
        &self,
        view: &View,
        kind: Kind,
        name: &str,
        found_in: FoundIn<'_>,
    ) -> Result<String, NamingError> {
        let template = match self {
            Naming::Name(new) => return Ok((*new).to_owned()),
            Naming::Context(new) if kind == Kind::Context => return Ok((*new).to_owned()),
            Naming::Context(_) => return Ok(name.to_owned()),
            Naming::Affix(prefix, suffix) => return Ok(format!("{prefix}{name}{suffix}")),
            Naming::Nameless(new) => return Ok(if name.is_empty() { *new } else { name }.to_owned()),
            Naming::Template(template) => template,
        };
        let contexts = &view.lists[Kind::Context];
        let of = |context: &str, key: &str| {
            let value = contexts.get(context).and_then(|entry| entry.body.get(key)).and_then(Value::as_str);
            value.unwrap_or_default().to_owned()
        };
        if kind == Kind::Context {
            return fill(template, |word| match word {
                "context" => Some(name.to_owned()),
                "cluster" | "user" | "namespace" => Some(of(name, word)),
                _ => found_in.value(word),
            });
        }
        // A cluster or user gets the new name of the contexts that name it, if they are equal; otherwise the template
        // is filled with its own name.
        let users = contexts.keys().filter(|context| of(context, kind.word()) == name);
        let mut called = users.map(|context| self.name(view, Kind::Context, context, found_in));
        if let Some(first) = called.next().transpose()?
            && called.all(|other| other.is_ok_and(|other| other == first))
        {
            return Ok(first);
        }
        fill(template, |word| match word {
            "context" | "cluster" | "user" => Some(name.to_owned()),
            "namespace" => Some(String::new()),
            _ => found_in.value(word),
        })
    }
}

/// Fills the placeholders of a template.
pub(in crate::kubeconfig) fn fill(
    template: &str,
    mut value: impl FnMut(&str) -> Option<String>,
) -> Result<String, NamingError> {
    let (mut out, mut rest) = (String::new(), template);
    while let Some((before, after)) = rest.split_once('{') {
        let (word, behind) =
            after.split_once('}').ok_or_else(|| NamingError::Placeholder(after.to_owned()))?;
        out += before;
        out += &value(word).ok_or_else(|| NamingError::Placeholder(word.to_owned()))?;
        rest = behind;
    }
    Ok(out + rest)
}

/// Gives every entry its new name, and updates the references.
fn renamed(view: View, names: &PerKind<BTreeMap<String, String>>) -> View {
    let View { lists, current_context, preferences, extensions } = view;
    let new = |kind: Kind, name: &str| names[kind].get(name).cloned();
    let current_context = new(Kind::Context, &current_context).unwrap_or(current_context);
    let mut renamed = View { lists: Default::default(), current_context, preferences, extensions };
    for (kind, list) in lists {
        for (name, mut entry) in list {
            if kind == Kind::Context {
                for kind in [Kind::Cluster, Kind::User] {
                    if let Some(Value::String(named)) = entry.body.get_mut(kind.word())
                        && let Some(new) = new(kind, named)
                    {
                        *named = new;
                    }
                }
            }
            let name = new(kind, &name).unwrap_or(name);
            renamed.lists[kind].insert(name, entry);
        }
    }
    renamed
}

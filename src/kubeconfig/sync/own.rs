//! The contexts of the file that follows a source.

use super::super::decode::Body;
use super::super::document::Document;
use super::super::error::ParseError;
use super::super::provenance::Provenance;
use super::super::schema::Kind;
use super::super::typed::Context;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

/// A context of the file that this source brought.
pub(super) struct Own {
    pub(super) name: String,
    pub(super) from: Provenance,
    pub(super) body: Body,
}

impl Own {
    /// The name of its cluster or user.
    pub(super) fn named(&self, kind: Kind) -> &str {
        let context = Context(&self.body);
        if kind == Kind::Cluster { context.cluster() } else { context.user() }
    }
}

/// The contexts of a file.
#[derive(Default)]
pub(super) struct Contexts {
    /// Those that this source brought. A copy that the user made of such a context is not one of them.
    pub(super) own: Vec<Own>,
    /// The clusters and users that contexts name which the source has not brought.
    pub(super) others: HashSet<(Kind, String)>,
}

impl Contexts {
    /// All contexts of this file.
    pub(super) fn of(document: Option<&Document>, source: &str) -> Result<Contexts, ParseError> {
        let mut contexts = Contexts::default();
        let Some(document) = document else { return Ok(contexts) };
        let mut places: HashMap<(String, String), usize> = HashMap::new();
        for index in 0..document.len(Kind::Context) {
            let body = document.body(Kind::Context, index)?.into_owned();
            let Some(from) = Provenance::of(&body).filter(|from| from.source == source) else {
                let context = Context(&body);
                contexts.others.insert((Kind::Cluster, context.cluster().to_owned()));
                contexts.others.insert((Kind::User, context.user().to_owned()));
                continue;
            };
            let own = Own { name: document.name(Kind::Context, index).to_owned(), from, body };
            match places.entry((own.from.id.clone(), own.from.context.clone())) {
                Entry::Occupied(place) if own.name == own.from.given => contexts.own[*place.get()] = own,
                Entry::Occupied(_) => {}
                Entry::Vacant(place) => {
                    place.insert(contexts.own.len());
                    contexts.own.push(own);
                }
            }
        }
        Ok(contexts)
    }

    /// The places of the source's contexts, by a text of each.
    pub(super) fn by<'c>(&'c self, key: impl Fn(&'c Own) -> &'c str) -> HashMap<&'c str, Vec<usize>> {
        let mut places: HashMap<&str, Vec<usize>> = HashMap::new();
        for (at, own) in self.own.iter().enumerate() {
            places.entry(key(own)).or_default().push(at);
        }
        places
    }
}

//! Renames entries in the text of a kubeconfig: comments, order and unknown fields stay.

use super::super::document::Document;
use super::super::patch::{self, Op, PathStep, Refusal};
use super::super::per_kind::PerKind;
use super::super::schema::Kind;
use super::super::view::View;
use serde_json::Value;
use std::collections::BTreeMap;

/// The document with these names, by the old ones; references to them follow. The view is that of the document.
///
/// ```
/// use kcx::kubeconfig::import::{FoundIn, Naming, renamed_document};
/// use kcx::kubeconfig::{Document, Merged, Source, View};
/// let text = "contexts:\n- name: a # mine\n  context: {cluster: c}\nclusters:\n- name: c\n  cluster: {}\n";
/// let document = Document::parse(text.as_bytes().to_vec())?;
/// let view = View::of(&Merged::new(vec![Source { path: "f".into(), document: Some(document.clone()) }]))?;
/// let names = Naming::Affix("x-", "").names(&view, FoundIn::default())?;
/// let renamed = renamed_document(&document, &view, &names)?;
/// assert_eq!(
///     renamed.text(),
///     "contexts:\n- name: x-a # mine\n  context: {cluster: x-c}\nclusters:\n- name: x-c\n  cluster: {}\n",
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// As [`patch::apply`].
pub fn renamed_document(
    document: &Document,
    view: &View,
    names: &PerKind<BTreeMap<String, String>>,
) -> Result<Document, Refusal> {
    let mut ops = Vec::new();
    let new = |kind: Kind, name: &str| names[kind].get(name).filter(|new| *new != name).cloned();
    for (context, entry) in &view.lists[Kind::Context] {
        for kind in [Kind::Cluster, Kind::User] {
            let named = entry.body.get(kind.word()).and_then(Value::as_str);
            if let Some(to) = named.and_then(|named| new(kind, named)) {
                let path = vec![PathStep::Key(kind.word().to_owned())];
                ops.push(Op::Set {
                    kind: Kind::Context,
                    name: context.clone(),
                    path,
                    value: Value::from(to),
                });
            }
        }
    }
    if let Some(to) = new(Kind::Context, &view.current_context) {
        ops.push(Op::SetTop { key: "current-context".to_owned(), value: Value::from(to) });
    }
    for kind in Kind::ALL {
        let pairs: Vec<(&String, String)> =
            names[kind].iter().filter(|(from, to)| from != to).map(|(from, to)| (from, to.clone())).collect();
        // A new name may be the old one of another entry, which then has to get out of the way first.
        let clashes = pairs.iter().any(|(_, to)| names[kind].contains_key(to));
        // A plain word, so that the entry keeps its style; no name begins like it.
        let is_free = |prefix: &String| {
            names[kind]
                .iter()
                .all(|(from, to)| !from.starts_with(prefix.as_str()) && !to.starts_with(prefix.as_str()))
        };
        let prefix = (0..).map(|n: usize| format!("name-{n}-")).find(is_free).unwrap_or_default();
        let between = |at: usize| format!("{prefix}{at}");
        for (at, (from, to)) in pairs.iter().enumerate() {
            let to = if clashes { between(at) } else { to.clone() };
            ops.push(Op::Rename { kind, from: (*from).clone(), to });
        }
        for (at, (_, to)) in pairs.into_iter().enumerate().filter(|_| clashes) {
            ops.push(Op::Rename { kind, from: between(at), to });
        }
    }
    patch::apply(document, &ops)
}

#[cfg(test)]
mod tests {
    use super::super::{FoundIn, Naming};
    use super::*;
    use crate::kubeconfig::{Merged, Source};

    #[test]
    fn names_that_are_old_names_of_others() {
        let text = "users:\n- name: a\n  user: {token: one}\n- name: aa # second\n  user: {token: two}\n";
        let document = Document::parse(text.as_bytes().to_vec()).unwrap();
        let source = Source { path: "f".into(), document: Some(document.clone()) };
        let view = View::of(&Merged::new(vec![source])).unwrap();
        let names = Naming::Affix("a", "").names(&view, FoundIn::default()).unwrap();
        let renamed = renamed_document(&document, &view, &names).unwrap();
        assert_eq!(renamed.text(), text.replace("aa #", "aaa #").replace("name: a\n", "name: aa\n"));
    }
}

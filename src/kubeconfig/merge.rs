//! Several kubeconfigs made one: the first file's text, edited into the union.

use super::change::{Change, Targets, route};
use super::document::Document;
use super::error::ParseError;
use super::import::{Plan, Policy, plan};
use super::merged::{Merged, Source};
use super::patch::{self, Op, Refusal};
use super::schema::Kind;
use super::view::View;
use serde_json::Value;

/// Several kubeconfigs as one.
#[derive(Clone, Debug)]
pub struct Union {
    /// The first one with what it lacked; as it was if there is a conflict.
    pub document: Document,
    /// What became of the entries of the others.
    pub plan: Plan,
}

/// Makes the union: comments and order of the first kubeconfig stay, what the others have comes behind.
///
/// With [`Policy::First`], kubectl reads in the union what it reads in the list of files. `prepare` changes the view of
/// each kubeconfig before, so that paths are right where the union will stand; [`Ok`] changes nothing.
///
/// ```
/// use kcx::kubeconfig::import::Policy;
/// use kcx::kubeconfig::merge::{MergeError, merge};
/// use kcx::kubeconfig::{Document, Source};
/// let source = |text: &str| Source {
///     path: "config".into(),
///     document: Document::parse(text.as_bytes().to_vec()).ok(),
/// };
/// let one = source("contexts: # mine\n- name: a\n  context: {}\n");
/// let two = source("contexts: [{name: b, context: {cluster: c}}]");
/// let union = merge(vec![one, two], Policy::First, Ok::<_, MergeError>)?;
/// assert_eq!(
///     union.document.text(),
///     "contexts: # mine\n- name: a\n  context: {}\n- name: b\n  context:\n    cluster: c\n",
/// );
/// # Ok::<(), MergeError>(())
/// ```
///
/// # Errors
/// What `prepare` fails with, or a first kubeconfig that cannot be edited safely.
pub fn merge<E: From<MergeError>>(
    sources: Vec<Source>,
    policy: Policy,
    prepare: impl Fn(View) -> Result<View, E>,
) -> Result<Union, E> {
    let failed = |error: ParseError| E::from(MergeError::Parse(error));
    let mut views = Vec::new();
    for source in &sources {
        let view = View::of(&Merged::new(vec![source.clone()])).map_err(failed)?;
        views.push(prepare(view)?);
    }
    let all = Merged::new(sources);
    let preferences = all.preferences().map_err(failed)?;
    let extensions = all.extensions().map_err(failed)?;
    let current = all.current_context().to_owned();
    let mut sources = all.into_sources();
    sources.truncate(1);
    let first = Merged::new(sources);

    let mut changes = Vec::new();
    let mut others = views.into_iter();
    if let Some(own) = others.next() {
        for kind in Kind::ALL {
            for (name, shown) in own.lists[kind as usize].clone() {
                let old =
                    first.find(kind, &name).map(|entry| first.body(entry)).transpose().map_err(failed)?;
                if old.is_none_or(|old| *old != shown.body) {
                    changes.push(Change::Put { kind, name, body: shown.body });
                }
            }
        }
    }
    let others: Vec<View> = others.collect();
    let plan = plan(&first, &others, policy).map_err(failed)?;
    let conflict = plan.conflicts().next().is_some();
    changes.extend(plan.changes.iter().cloned());
    if first.current_context() != current {
        changes.push(Change::Current(current));
    }
    if first.preferences().map_err(failed)? != preferences {
        changes.push(Change::Preferences(preferences));
    }
    let targets = Targets { current: 0, default: 0, explicit: false };
    let mut ops = route(&first, &changes, targets).map_err(failed)?.pop().unwrap_or_default();
    if first.extensions().map_err(failed)? != extensions {
        ops.push(Op::SetTop { key: "extensions".to_owned(), value: Value::Array(extensions) });
    }
    let document = first.into_sources().pop().and_then(|source| source.document);
    let document = match document {
        Some(document) => document,
        None => Document::parse(Vec::new()).map_err(failed)?,
    };
    if conflict {
        return Ok(Union { document, plan });
    }
    let document = patch::apply(&document, &ops).map_err(|refusal| E::from(MergeError::Refused(refusal)))?;
    Ok(Union { document, plan })
}

/// Why kubeconfigs cannot be made one.
#[derive(Debug, thiserror::Error)]
pub enum MergeError {
    /// A part of one cannot be read.
    #[error(transparent)]
    Parse(ParseError),
    /// The first one cannot be edited safely.
    #[error(transparent)]
    Refused(Refusal),
}

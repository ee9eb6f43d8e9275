//! Sets one value in a YAML text that is not a kubeconfig, with the same guarantees.

use super::super::document::Document;
use super::super::name_index::NameIndex;
use super::locate::{Locator, Plan};
use super::{PathStep, Reason, Refusal, splice};
use serde_json::{Map, Value};

/// Sets one value in a YAML text with a single document, which is a mapping or empty. An index equal to the length of a
/// list appends an item.
///
/// Bytes outside the patch are not changed. The result has been parsed again and differs only by that value.
///
/// ```
/// use kcx::kubeconfig::patch::{PathStep, set_in};
/// let text = "names: # of all\n  - a # the first\n";
/// let path = [PathStep::Key("names".to_owned()), PathStep::Index(1)];
/// assert_eq!(set_in(text, &path, &"b".into())?, "names: # of all\n  - a # the first\n  - b\n");
/// # Ok::<(), kcx::kubeconfig::patch::Refusal>(())
/// ```
///
/// # Errors
/// Fails if the edit cannot be made safely or the text is not valid YAML.
pub fn set_in(text: &str, path: &[PathStep], value: &Value) -> Result<String, Refusal> {
    let mut before = Document::plain(text.to_owned())?;
    let mut want = match before.tree(&[])?.root() {
        Some(root) => before.tree(&[])?.value(text, root)?,
        None => Value::Null,
    };
    put(&mut want, path, value).ok_or_else(|| Refusal::nowhere(Reason::Layout))?;
    let after = loop {
        let tree = before.tree(&[])?;
        let locator = Locator::new(&before, &tree, NameIndex::new(&before, 1));
        let edits = match (locator.source.root(), &want) {
            (Some(root), _) => locator.set_path(root, path, value),
            (None, Value::Object(map)) => locator.add_first_content(map),
            (None, _) => return Err(Refusal::nowhere(Reason::Layout)),
        };
        let (edits, is_last) = match locator.planned(edits)? {
            Plan::Do(edits) => (edits, true),
            Plan::Unshare(edits) => (edits, false),
        };
        let text = splice(before.text(), &edits).ok_or_else(|| Refusal::nowhere(Reason::Layout))?;
        if is_last {
            break text;
        }
        before = Document::plain(text)?;
    };
    let read = Document::plain(after)?;
    let tree = read.tree(&[])?;
    let have = tree.root().map(|root| tree.value(read.text(), root)).transpose()?;
    if have.as_ref() != Some(&want) {
        return Err(Refusal::nowhere(Reason::Unverified));
    }
    Ok(read.text().to_owned())
}

/// Sets the same path in a value: the expected content of the patched text.
fn put(place: &mut Value, path: &[PathStep], value: &Value) -> Option<()> {
    let Some((first, rest)) = path.split_first() else {
        *place = value.clone();
        return Some(());
    };
    if place.is_null() {
        *place = match first {
            PathStep::Key(_) => Value::Object(Map::new()),
            PathStep::Index(_) => Value::Array(Vec::new()),
        };
    }
    let inner = match (first, place) {
        (PathStep::Key(key), Value::Object(map)) => map.entry(key.clone()).or_insert(Value::Null),
        (PathStep::Index(index), Value::Array(list)) => {
            if *index == list.len() {
                list.push(Value::Null);
            }
            list.get_mut(*index)?
        }
        _ => return None,
    };
    put(inner, rest, value)
}

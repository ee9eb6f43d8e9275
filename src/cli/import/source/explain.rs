//! The messages for sources from which nothing can be imported.

use super::super::super::error::{Cause, Error, name};
use super::super::super::messages;
use super::{SHOWN, Unread, carried, object};
use crate::kubeconfig::lint::placeholder;
use crate::kubeconfig::unpack::{Barren, UnpackError};

/// The error and its kind.
pub(super) fn unpacking(error: &UnpackError, place: &str, text: &str) -> (Error, Unread) {
    match error {
        UnpackError::Barren(barren) => {
            let error = Error::new(Cause::Failed, no_kubeconfig(barren, place));
            (error.hints(placeholder::explanation(text).map(str::to_owned)), Unread::Barren)
        }
        UnpackError::Inside(carrier, error) => {
            let (error, why) = unpacking(error, &format!("{} in {place}", carried(carrier)), text);
            (error, if why == Unread::Foreign { Unread::Damaged } else { why })
        }
        UnpackError::Cut(_) => {
            let error = Error::new(Cause::Failed, format!("cannot read {place}: {error}"));
            let hint = "copy the whole text; `base64 < FILE | tr -d '\\n'` prints it in one line";
            (error.hint(hint), Unread::Damaged)
        }
        UnpackError::Unfinished => {
            let error = Error::new(Cause::Failed, format!("cannot read {place}: {error}"));
            (error.hint("copy the whole text"), Unread::Damaged)
        }
        UnpackError::Parse(parse) => {
            let details = messages::excerpt(parse.place.as_ref());
            let error = Error::new(Cause::Failed, format!("cannot read {place}: {parse}"));
            let hints = placeholder::explanation(text).map(str::to_owned);
            (Error { details, ..error }.hints(hints), Unread::Foreign)
        }
    }
}

/// The error for a text without entries.
pub(super) fn nothing(place: &str, text: &str) -> Error {
    Error::new(Cause::Failed, format!("there is nothing to import in {place}"))
        .hints(placeholder::explanation(text).map(str::to_owned))
}

fn no_kubeconfig(barren: &[Barren], place: &str) -> String {
    match barren {
        [] => format!("there is nothing to import in {place}: the list has no items"),
        [Barren { kind, namespace, name, keys }] => {
            let object = object(kind, namespace, name);
            format!("there is no kubeconfig in {object} of {place}: it has {}", keys_of(keys))
        }
        many => {
            let list = list(many).unwrap_or_default();
            format!("there is no kubeconfig in the {} objects of {place}: {list}", many.len())
        }
    }
}

/// The first of these objects with their keys; `None` without any.
pub(super) fn list(barren: &[Barren]) -> Option<String> {
    let named =
        |it: &Barren| format!("{} ({})", object(&it.kind, &it.namespace, &it.name), keys_of(&it.keys));
    let mut list: Vec<String> = barren.iter().take(SHOWN).map(named).collect();
    if barren.len() > SHOWN {
        list.push(format!("{} more", barren.len() - SHOWN));
    }
    (!list.is_empty()).then(|| list.join(", "))
}

fn keys_of(keys: &[String]) -> String {
    let shown: Vec<String> = keys.iter().take(SHOWN).map(|key| name(key)).collect();
    match (keys.len(), keys.len().saturating_sub(SHOWN)) {
        (0, _) => "no data".to_owned(),
        (1, _) => format!("only the key {}", shown.join(", ")),
        (_, 0) => format!("the keys {}", shown.join(", ")),
        (_, more) => format!("the keys {} and {more} more", shown.join(", ")),
    }
}

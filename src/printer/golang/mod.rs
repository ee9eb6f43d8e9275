//! Go's text forms of numbers and strings (`strconv`), used by both template languages.

mod number;
mod quote;

pub(super) use number::float;
pub(super) use quote::{Unquoted, describe, escape_sequence, quote, quote_char, unquote, unquote_char};

use serde_json::{Map, Value};

/// The entries of a map in Go's order: sorted by key.
pub(super) fn sorted(map: &Map<String, Value>) -> Vec<(&String, &Value)> {
    let mut entries: Vec<_> = map.iter().collect();
    entries.sort_unstable_by_key(|(key, _)| key.as_str());
    entries
}

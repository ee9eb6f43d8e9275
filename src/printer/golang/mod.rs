//! The pieces of Go's own text forms that both template languages speak: numbers and quoted strings.
//!
//! kubectl's output is Go's output, so these follow Go's `strconv` to the letter. Nothing here knows a template.

mod number;
mod quote;

pub(super) use number::float;
pub(super) use quote::{Unquoted, describe, is_print, quote, quote_char, unquote, unquote_char};

use serde_json::{Map, Value};

/// Returns the entries of a map in the order Go walks and prints them.
pub(super) fn sorted(map: &Map<String, Value>) -> Vec<(&String, &Value)> {
    let mut entries: Vec<_> = map.iter().collect();
    entries.sort_unstable_by_key(|(key, _)| key.as_str());
    entries
}

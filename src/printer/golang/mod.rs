//! The pieces of Go's own text forms that both template languages speak: numbers and quoted strings.
//!
//! kubectl's output is Go's output, so these follow Go's `strconv` to the letter. Nothing here knows a template.

mod number;
mod quote;

pub(super) use number::{float, json_number};
pub(super) use quote::{Unquoted, describe, is_print, quote, quote_char, unquote, unquote_char};

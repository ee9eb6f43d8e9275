//! Printing: a JSON value in, text out, byte for byte what `kubectl config` prints.
//!
//! Pure functions. Choosing what is shown (redaction, order of fields) is the caller's; so is writing it anywhere.

pub mod json;
pub mod kyaml;
pub mod quote;
pub mod table;
pub mod yaml;

mod float;
mod timestamp;
mod unicode;

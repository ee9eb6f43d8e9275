//! Printing: a JSON value in, text out, byte for byte what `kubectl config` prints.
//!
//! Pure functions. Choosing what is shown (redaction, order of fields) is the caller's; so is writing it anywhere.

mod float;
mod golang;
pub mod gotemplate;
pub mod json;
pub mod jsonpath;
pub mod kyaml;
pub mod quote;
pub mod table;
mod timestamp;
mod unicode;
pub mod yaml;

//! Renders JSON values as text, byte for byte as `kubectl config` prints them.
//!
//! Pure functions. The caller chooses the content (redaction, order of fields) and writes the text.

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
pub mod wrap;
pub mod yaml;

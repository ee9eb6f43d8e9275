//! How a value becomes the text a command prints: the output formats of `-o`.
//!
//! Everything here is pure: a value and a format go in, text comes out. Nothing reads a file, knows a flag or
//! decides what is shown; redaction happens before a value gets here.

mod golang;
pub mod gotemplate;
pub mod jsonpath;

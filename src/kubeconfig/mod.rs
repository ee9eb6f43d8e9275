//! The model: pure and silent. No file system, no environment, no clock, no printing.

pub mod resolve;
pub mod scan;
pub mod schema;
pub mod span;

pub use schema::Kind;
pub use span::{Span, Style};

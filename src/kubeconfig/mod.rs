//! The model: pure and silent. No file system, no environment, no clock, no printing.

pub mod decode;
mod document;
pub mod encoding;
pub mod error;
mod parse;
pub mod patch;
pub mod resolve;
pub mod schema;
mod second;
pub mod span;
mod tree;

pub use decode::Body;
pub use document::Document;
pub use error::{ParseError, Position, Problem};
pub use schema::Kind;
pub use span::{Span, Style};

//! The kubeconfig model: parsing, merging, editing, checking. Pure: no file system, no environment, no clock, no
//! output.

pub mod certificate;
pub mod change;
pub mod decode;
pub mod diff;
mod document;
pub mod encoding;
pub mod error;
pub mod import;
mod lazy;
pub mod lint;
pub mod masked_text;
pub mod merge;
mod merged;
mod name_index;
mod namespace;
mod parse;
pub mod patch;
mod per_kind;
pub mod provenance;
pub mod refs;
pub mod risk;
pub mod scan;
pub mod schema;
mod second;
pub mod secret;
pub mod span;
pub mod sync;
pub mod token;
mod tree;
pub mod typed;
pub mod unpack;
pub mod view;
pub mod yaml;

pub use decode::Body;
pub use document::Document;
pub use error::{ParseError, Place, Position, Problem};
pub use merged::{EntryRef, Merged, Source};
pub use namespace::is_namespace;
pub use per_kind::PerKind;
pub use schema::Kind;
pub use span::{Span, Style};
pub use view::View;

//! Leaves out of a cluster's answer what must not be seen: objects of hidden kinds, and of other namespaces.
//!
//! ```text
//!   bytes ─► split    the fields of a list or table, its items or rows one by one; the events of a watch
//!               │
//!            judge    keep an item, or leave it out
//!               │
//!            object   kind, name and namespace of an item, and hidden objects inside it (`mention`: if there can be any),
//!                     also in its texts (`manifest`)
//! ```
//!
//! Pure: bytes in, bytes out. Only one item is in memory at a time, and its size is limited. An item that is kept has the
//! bytes that the cluster sent. It fails closed: an item that cannot be understood is left out, and an answer that cannot
//! be split ends.

mod judge;
mod manifest;
mod mention;
mod object;
mod scan;
mod split;
mod watch;

pub use judge::{Rules, Scope, Seal};

use split::Split;
use watch::Watch;

/// The largest item, event or field that is kept, in bytes. etcd's objects have 1.5 MiB at most.
pub const ITEM: usize = 8 << 20;

/// Why an answer is not passed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Held {
    /// The object is of a hidden kind, or one is in it.
    #[error("the answer is or contains an object of a hidden kind")]
    Hidden,
    /// The object is of another namespace, or of none.
    #[error("the answer is an object of another namespace, or of none")]
    Elsewhere,
    /// It cannot be split.
    #[error("the answer cannot be searched: {0}")]
    Unclear(&'static str),
}

/// Filters one answer.
pub struct Filter {
    of: Of,
    rules: Rules,
}

enum Of {
    Answer(Box<Split>),
    Watch(Watch),
}

impl Filter {
    /// For an object, a list or a table.
    #[must_use]
    pub fn answer(rules: Rules) -> Filter {
        Filter { of: Of::Answer(Box::default()), rules }
    }

    /// For the events of a watch.
    #[must_use]
    pub fn watch(rules: Rules) -> Filter {
        Filter { of: Of::Watch(Watch::default()), rules }
    }

    /// Takes the next bytes, and adds to `out` what may be passed on.
    ///
    /// # Errors
    /// The answer must not be passed on, and what of it was passed on must not count as whole.
    pub fn push(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), Held> {
        match &mut self.of {
            Of::Answer(split) => split.push(bytes, &self.rules, out),
            Of::Watch(watch) => watch.push(bytes, &self.rules, out),
        }
    }

    /// Takes the end.
    ///
    /// # Errors
    /// As [`Filter::push`]; also if the answer is not complete.
    pub fn finish(&mut self, out: &mut Vec<u8>) -> Result<(), Held> {
        match &mut self.of {
            Of::Answer(split) => split.finish(&self.rules, out),
            Of::Watch(watch) => watch.finish(),
        }
    }

    /// True once bytes may be passed on before the end: items are judged one by one.
    #[must_use]
    pub fn streams(&self) -> bool {
        match &self.of {
            Of::Answer(split) => split.streams(),
            Of::Watch(_) => true,
        }
    }
}

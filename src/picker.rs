//! An interactive list with fuzzy search.
//!
//! ```text
//!   keys ─► List      query, matching items, cursor, marks                                   pure
//!            │
//!          frame      the list rendered as lines of a screen of this size                    pure
//!            │
//!          terminal   raw mode, reads keys, draws changed lines, restores the terminal
//! ```
//!
//! [`secret`] reads a secret without showing it.
//!
//! Names come from untrusted files: a frame contains no control characters.

mod frame;
mod list;
mod secret;
mod terminal;

pub use frame::{Frame, Line, LineStyle, frame};
pub use list::{Choice, Key, KeyOutcome, List};
pub use secret::secret;
pub use terminal::{Answer, ask, forget_typed};

//! Choosing from a long list by typing a few letters of what is wanted.
//!
//! ```text
//!   keys ─► List    what is typed, what fits it, where the pointer is, what is marked     pure
//!            │
//!          frame    the same as lines of a screen of this size                             pure
//!            │
//!          terminal raw mode, keys in, changed lines out; leaves the terminal as it was
//! ```
//!
//! [`secret`] asks for what is not to be seen, with the same keys.
//!
//! Names come from files that anyone may have written: a frame holds no character that a terminal would obey.

mod frame;
mod list;
mod secret;
mod terminal;

pub use frame::{Frame, Line, LineStyle, frame};
pub use list::{Choice, Key, KeyOutcome, List};
pub use secret::secret;
pub use terminal::{Answer, ask, forget_typed};

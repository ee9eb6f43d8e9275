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
//! [`secret`] reads a secret without showing it, and [`pause`] waits for a key between two screens.
//!
//! Names come from untrusted files: a frame contains no control characters.
//!
//! # Why two crates for the terminal
//!
//! The list and the secret use crossterm, for keys, raw mode, the screen and its size. Questions that are answered in
//! one line (`cli::terminal`, `cli::pick::plain`) use dialoguer, and nothing else. The list cannot be built on
//! dialoguer's crate `console` (0.16) as it behaves today:
//!
//! - `console::Term::read_key` waits without a time limit. The list changes while it waits, when the namespaces of a
//!   cluster arrive, and it is left on a signal.
//! - `read_key` enters and leaves raw mode for each key, so keys typed or pasted in between are echoed by the terminal.
//! - It reads at most one byte behind `ESC [` and a digit. Of longer sequences, such as Ctrl-Right (`ESC [ 1 ; 5 C`),
//!   the rest would be typed into the query, and `ESC O A`, the arrow of a terminal in application mode, is not known.
//! - It has no alternate screen, and reports no change of the window size.
//!
//! On Unix, raw mode and waiting could be added with rustix; on Windows that needs calls that are `unsafe`.

mod frame;
mod list;
mod pause;
mod secret;
mod terminal;

pub(crate) use list::{Choice, List, Paint};
pub(crate) use pause::{Pause, pause};
pub(crate) use secret::secret;
pub(crate) use terminal::{PickerResult, ask, forget_typed};

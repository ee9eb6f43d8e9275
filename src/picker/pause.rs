//! Waits for a key between two screens.

use super::list::Key;
use super::terminal::{POLL_INTERVAL, poll_stdin, read};
use crate::file::interrupt;
use crossterm::{event, terminal};
use std::io;
use std::time::Duration;

/// What the user wants next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pause {
    /// The next screen.
    Next,
    /// No more screens.
    Leave,
    /// The same by Ctrl-C or Esc, by a signal, or because the terminal was closed.
    Cancelled,
}

/// Waits for Enter, space or `q`. Other keys have no effect.
///
/// # Errors
/// Fails if the terminal cannot be read.
pub(crate) fn pause() -> io::Result<Pause> {
    let _guard = interrupt::Guard::new();
    let _raw = Raw::enter()?;
    loop {
        if interrupt::pending().is_some() || poll_stdin(POLL_INTERVAL).is_err() {
            return Ok(Pause::Cancelled);
        }
        while event::poll(Duration::ZERO)? {
            match read()? {
                Some(Key::Enter | Key::Char(' ')) => return Ok(Pause::Next),
                Some(Key::Char('q' | 'Q')) => return Ok(Pause::Leave),
                Some(Key::Cancel) => return Ok(Pause::Cancelled),
                _ => {}
            }
        }
    }
}

/// Raw mode; restores the terminal on drop.
struct Raw;

impl Raw {
    fn enter() -> io::Result<Raw> {
        terminal::enable_raw_mode()?;
        Ok(Raw)
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        // This fails only if the terminal has been closed.
        let _ = terminal::disable_raw_mode();
    }
}

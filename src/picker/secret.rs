//! Reads a secret from the terminal in raw mode, without showing it. In line mode, the terminal would cut the input at
//! 4,095 bytes, and a pasted token may be longer; and echo would stay off after Ctrl-C.

use crate::file::interrupt;
use crate::secret::Secret;
use crossterm::terminal;
use std::io::{self, Write};
use zeroize::Zeroizing;

/// The initial capacity, so that the buffer does not grow: growing would leave copies of the secret in memory.
const CAPACITY: usize = 64 << 10;

/// Asks for a secret; `None` if the user cancels. An empty secret is valid.
///
/// # Errors
/// Fails if the terminal cannot be read or written.
pub(crate) fn secret(prompt: &str) -> io::Result<Option<Secret>> {
    let _guard = interrupt::Guard::new();
    let mut input = HiddenInput::enter(prompt)?;
    loop {
        match read_byte(&mut input.typed)? {
            SecretInput::Continue => {}
            SecretInput::Done => return Ok(Some(Secret::from(std::mem::take(&mut *input.typed)))),
            SecretInput::Cancel => return Ok(None),
        }
    }
}

/// The effect of a key.
enum SecretInput {
    Continue,
    Done,
    Cancel,
}

/// Removes the last character, including its UTF-8 continuation bytes.
fn remove_last_char(typed: &mut Vec<u8>) {
    while typed.pop().is_some_and(|byte| byte & 0xC0 == 0x80) {}
}

/// Waits for a byte and processes it. This does not use crossterm, which returns only the first 1,024 bytes of pasted
/// text until another key is pressed.
#[cfg(unix)]
fn read_byte(typed: &mut Vec<u8>) -> io::Result<SecretInput> {
    use super::terminal::{POLL_INTERVAL, poll_stdin};
    loop {
        match poll_stdin(POLL_INTERVAL) {
            _ if interrupt::pending().is_some() => return Ok(SecretInput::Cancel),
            Ok(true) => break,
            Ok(false) => {}
            // The terminal has been closed.
            Err(_) => return Ok(SecretInput::Cancel),
        }
    }
    let mut byte = [0];
    if rustix::io::read(io::stdin(), &mut byte)? == 0 {
        return Ok(SecretInput::Cancel);
    }
    match byte[0] {
        b'\r' | b'\n' => return Ok(SecretInput::Done),
        // Ctrl-C, Ctrl-D and Escape.
        0x03 | 0x04 | 0x1b => return Ok(SecretInput::Cancel),
        0x08 | 0x7f => remove_last_char(typed),
        // Ctrl-U and Ctrl-W.
        0x15 | 0x17 => typed.clear(),
        0x00..0x20 => {}
        byte => typed.push(byte),
    }
    Ok(SecretInput::Continue)
}

/// Waits for a key and processes it.
#[cfg(not(unix))]
fn read_byte(typed: &mut Vec<u8>) -> io::Result<SecretInput> {
    use super::list::Key;
    match super::terminal::read()? {
        Some(Key::Enter) => return Ok(SecretInput::Done),
        Some(Key::Cancel) => return Ok(SecretInput::Cancel),
        Some(Key::Backspace) => remove_last_char(typed),
        Some(Key::Clear | Key::Word) => typed.clear(),
        Some(Key::Char(letter)) => typed.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes()),
        _ => {}
    }
    Ok(SecretInput::Continue)
}

/// Raw mode with the typed bytes; restores the terminal on drop.
struct HiddenInput {
    typed: Zeroizing<Vec<u8>>,
}

impl HiddenInput {
    fn enter(prompt: &str) -> io::Result<HiddenInput> {
        terminal::enable_raw_mode()?;
        // From here on, `drop` restores the terminal.
        let input = HiddenInput { typed: Zeroizing::new(Vec::with_capacity(CAPACITY)) };
        let mut out = io::stderr();
        write!(out, "{prompt}: ")?;
        out.flush()?;
        Ok(input)
    }
}

impl Drop for HiddenInput {
    fn drop(&mut self) {
        // This fails only if the terminal has been closed.
        let _ = terminal::disable_raw_mode();
        let _ = io::stderr().write_all(b"\n");
    }
}

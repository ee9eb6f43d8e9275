//! A secret from the terminal, key by key and never shown. The terminal's own line would end after 4,095 bytes, and a
//! pasted token may have more; and it would stay dark after a Ctrl-C.

use crate::file::interrupt;
use crate::secret::Secret;
use crossterm::terminal;
use std::io::{self, Write};
use zeroize::Zeroizing;

/// As much room at once as a secret takes: no copies are left behind by growing.
const ROOM: usize = 64 << 10;

/// Asks for a secret; none if the user wants to give none. An empty one is one.
///
/// # Errors
/// The terminal cannot be read or written.
pub fn secret(prompt: &str) -> io::Result<Option<Secret>> {
    let _guard = interrupt::Guard::new();
    let mut dark = Dark::enter(prompt)?;
    loop {
        match press(&mut dark.typed)? {
            Step::Stay => {}
            Step::Take => return Ok(Some(Secret::from(std::mem::take(&mut *dark.typed)))),
            Step::Leave => return Ok(None),
        }
    }
}

/// What a key comes to.
enum Step {
    Stay,
    Take,
    Leave,
}

/// The last letter goes, however many bytes it has.
fn take_back(typed: &mut Vec<u8>) {
    while typed.pop().is_some_and(|byte| byte & 0xC0 == 0x80) {}
}

/// Waits for a byte. crossterm is not asked here: of what is pasted it keeps all behind the first 1,024 bytes to itself until
/// another key comes.
#[cfg(unix)]
fn press(typed: &mut Vec<u8>) -> io::Result<Step> {
    use super::terminal::{BEAT, alive};
    loop {
        match alive(BEAT) {
            _ if interrupt::pending().is_some() => return Ok(Step::Leave),
            Ok(true) => break,
            Ok(false) => {}
            // The terminal is gone.
            Err(_) => return Ok(Step::Leave),
        }
    }
    let mut byte = [0];
    if rustix::io::read(io::stdin(), &mut byte)? == 0 {
        return Ok(Step::Leave);
    }
    match byte[0] {
        b'\r' | b'\n' => return Ok(Step::Take),
        // Ctrl-C, Ctrl-D and Escape.
        0x03 | 0x04 | 0x1b => return Ok(Step::Leave),
        0x08 | 0x7f => take_back(typed),
        // Ctrl-U and Ctrl-W.
        0x15 | 0x17 => typed.clear(),
        0x00..0x20 => {}
        byte => typed.push(byte),
    }
    Ok(Step::Stay)
}

/// Waits for a key.
#[cfg(not(unix))]
fn press(typed: &mut Vec<u8>) -> io::Result<Step> {
    use super::list::Key;
    match super::terminal::read()? {
        Some(Key::Enter) => return Ok(Step::Take),
        Some(Key::Cancel) => return Ok(Step::Leave),
        Some(Key::Backspace) => take_back(typed),
        Some(Key::Clear | Key::Word) => typed.clear(),
        Some(Key::Char(letter)) => typed.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes()),
        _ => {}
    }
    Ok(Step::Stay)
}

/// The terminal while it shows nothing of what is typed.
struct Dark {
    typed: Zeroizing<Vec<u8>>,
}

impl Dark {
    fn enter(prompt: &str) -> io::Result<Dark> {
        terminal::enable_raw_mode()?;
        // From here on the terminal is given back by `drop`.
        let dark = Dark { typed: Zeroizing::new(Vec::with_capacity(ROOM)) };
        let mut out = io::stderr();
        write!(out, "{prompt}: ")?;
        out.flush()?;
        Ok(dark)
    }
}

impl Drop for Dark {
    fn drop(&mut self) {
        // A terminal that is gone need not be given back.
        let _ = terminal::disable_raw_mode();
        let _ = io::stderr().write_all(b"\n");
    }
}

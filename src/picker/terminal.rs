//! Runs a picker on the terminal: reads keys and draws lines.
//!
//! Draws to stderr, because stdout carries data, and uses the alternate screen of the terminal, so that the main screen
//! is preserved. The terminal is restored on every exit, also on a panic or a signal.

use super::frame::{Frame, Line, LineStyle, frame};
use super::list::{Key, KeyOutcome, List, Paint};
use crate::file::interrupt;
use crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use crossterm::{cursor, queue, style, terminal};
use std::io::{self, Stderr, Write};
use std::time::Duration;

/// The user's choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PickerResult {
    /// The chosen items, as indexes into the list.
    Items(Vec<usize>),
    /// A text that matches no item.
    Typed(String),
    /// The user chose nothing.
    Cancelled,
}

/// The interval in which pending signals are checked.
pub(super) const POLL_INTERVAL: Duration = Duration::from_millis(200);

/// Shows the list until the user has chosen. `update` is called repeatedly; it may change the list and returns
/// whether it did. `preview` returns labels and values to show for the item with this name.
///
/// # Errors
/// Fails if the terminal cannot be read or written.
pub(crate) fn ask(
    list: &mut List,
    colors: bool,
    mut update: impl FnMut(&mut List) -> bool,
    mut preview: impl FnMut(&str) -> Vec<(String, String)>,
) -> io::Result<PickerResult> {
    let _guard = interrupt::Guard::new();
    let mut screen = Screen::enter(colors)?;
    let mut previewed: (Option<usize>, Vec<(String, String)>) = (None, Vec::new());
    loop {
        if previewed.0 != list.pointed() || previewed.0.is_none() {
            let pointed = list.pointed();
            previewed = (pointed, pointed.map(|at| preview(&list.items()[at].name)).unwrap_or_default());
        }
        let (columns, rows) = terminal::size()?;
        screen.draw(&frame(list, columns.into(), rows.into(), &previewed.1), (columns, rows))?;
        // All available keys are processed before the next frame, so that pasted text is drawn once.
        let mut ready = wait(|| {
            let changed = update(list);
            if changed {
                previewed.0 = None;
            }
            changed
        })?;
        while ready {
            if let Some(key) = read()? {
                match list.press(key) {
                    KeyOutcome::Continue => {}
                    KeyOutcome::Chosen(items) => return Ok(PickerResult::Items(items)),
                    KeyOutcome::Typed(text) => return Ok(PickerResult::Typed(text)),
                    KeyOutcome::Cancel => return Ok(PickerResult::Cancelled),
                }
            }
            ready = event::poll(Duration::ZERO)?;
        }
        if interrupt::pending().is_some() {
            return Ok(PickerResult::Cancelled);
        }
    }
}

/// Waits for a terminal event, an update of the list, or a signal; true for a terminal event.
fn wait(mut update: impl FnMut() -> bool) -> io::Result<bool> {
    while poll_stdin(POLL_INTERVAL).is_ok() && interrupt::pending().is_none() {
        if event::poll(Duration::ZERO)? {
            return Ok(true);
        }
        if update() {
            return Ok(false);
        }
    }
    Ok(false)
}

/// Waits until stdin is readable (true), a signal arrives or the time has passed (false). Fails if the terminal has
/// been closed; crossterm would read from a closed terminal forever.
#[cfg(unix)]
pub(super) fn poll_stdin(time: Duration) -> io::Result<bool> {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let stdin = io::stdin();
    let mut keys = [PollFd::new(&stdin, PollFlags::IN)];
    match poll(&mut keys, Some(&Timespec::try_from(time).map_err(io::Error::other)?)) {
        // A change of the window size is a signal, which interrupts the call.
        Ok(_) | Err(rustix::io::Errno::INTR) => {}
        Err(error) => return Err(error.into()),
    }
    match keys[0].revents().intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL) {
        true => Err(io::ErrorKind::BrokenPipe.into()),
        false => Ok(keys[0].revents().contains(PollFlags::IN)),
    }
}

#[cfg(not(unix))]
pub(super) fn poll_stdin(time: Duration) -> io::Result<bool> {
    event::poll(time)
}

/// Discards input that was typed before the question was shown.
pub(crate) fn forget_typed() {
    #[cfg(unix)]
    // This fails if stdin is not a terminal; then there is nothing to discard.
    let _ = rustix::termios::tcflush(io::stdin(), rustix::termios::QueueSelector::IFlush);
}

/// Reads the next event; `None` if it is not a key with a meaning here.
pub(super) fn read() -> io::Result<Option<Key>> {
    let Event::Key(KeyEvent { code, modifiers, kind, .. }) = event::read()? else { return Ok(None) };
    if kind == KeyEventKind::Release {
        return Ok(None);
    }
    let control = modifiers.contains(KeyModifiers::CONTROL);
    Ok(match code {
        KeyCode::Char(c) if control => match c {
            'c' | 'g' | 'd' | 'q' => Some(Key::Cancel),
            'p' | 'k' => Some(Key::Up),
            'n' | 'j' => Some(Key::Down),
            'a' => Some(Key::Home),
            'e' => Some(Key::End),
            'b' => Some(Key::Left),
            'f' => Some(Key::Right),
            'h' => Some(Key::Backspace),
            'u' => Some(Key::Clear),
            'w' => Some(Key::Word),
            'm' => Some(Key::Enter),
            'i' => Some(Key::Mark),
            _ => None,
        },
        KeyCode::Char(c) if !modifiers.contains(KeyModifiers::ALT) => Some(Key::Char(c)),
        KeyCode::Backspace => Some(Key::Backspace),
        KeyCode::Delete => Some(Key::Delete),
        KeyCode::Left => Some(Key::Left),
        KeyCode::Right => Some(Key::Right),
        KeyCode::Home => Some(Key::Home),
        KeyCode::End => Some(Key::End),
        KeyCode::Up | KeyCode::BackTab => Some(Key::Up),
        KeyCode::Down => Some(Key::Down),
        KeyCode::PageUp => Some(Key::PageUp),
        KeyCode::PageDown => Some(Key::PageDown),
        KeyCode::Tab => Some(Key::Mark),
        KeyCode::Enter => Some(Key::Enter),
        KeyCode::Esc => Some(Key::Cancel),
        _ => None,
    })
}

/// The alternate screen in raw mode; restores the terminal on drop.
struct Screen {
    out: Stderr,
    colors: bool,
    /// The lines on the screen, with escapes.
    drawn: Vec<String>,
    size: (u16, u16),
}

impl Screen {
    fn enter(colors: bool) -> io::Result<Screen> {
        terminal::enable_raw_mode()?;
        // From here on, `drop` restores the terminal.
        let mut screen = Screen { out: io::stderr(), colors, drawn: Vec::new(), size: (0, 0) };
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            leave(&mut io::stderr());
            before(panic);
        }));
        // crossterm registers for size changes at its first call.
        event::poll(Duration::ZERO)?;
        queue!(screen.out, terminal::EnterAlternateScreen)?;
        screen.out.flush()?;
        Ok(screen)
    }

    /// Draws the changed lines in one write.
    fn draw(&mut self, frame: &Frame, size: (u16, u16)) -> io::Result<()> {
        let mut bytes = Vec::new();
        queue!(bytes, terminal::BeginSynchronizedUpdate, cursor::Hide)?;
        if size != self.size {
            queue!(bytes, terminal::Clear(terminal::ClearType::All))?;
            (self.drawn, self.size) = (Vec::new(), size);
        }
        let lines: Vec<String> = frame.lines.iter().map(|line| paint(line, self.colors)).collect();
        for row in 0..lines.len().max(self.drawn.len()) {
            let (new, old) = (lines.get(row), self.drawn.get(row));
            if new != old {
                let at = cursor::MoveTo(0, u16::try_from(row).unwrap_or(u16::MAX));
                queue!(bytes, at, terminal::Clear(terminal::ClearType::UntilNewLine))?;
                queue!(bytes, style::Print(new.map_or("", String::as_str)))?;
            }
        }
        let place = |at: usize| u16::try_from(at).unwrap_or(u16::MAX);
        queue!(bytes, cursor::MoveTo(place(frame.cursor.0), place(frame.cursor.1)), cursor::Show)?;
        queue!(bytes, terminal::EndSynchronizedUpdate)?;
        self.drawn = lines;
        self.out.write_all(&bytes)?;
        self.out.flush()
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        leave(&mut self.out);
        // Removes the panic hook of `enter`.
        drop(std::panic::take_hook());
    }
}

fn leave(out: &mut Stderr) {
    // This fails only if the terminal has been closed.
    let _ = queue!(out, cursor::Show, terminal::LeaveAlternateScreen);
    let _ = out.flush();
    let _ = terminal::disable_raw_mode();
}

/// Renders a line with escapes for its styles; without colors only bold, dim and underline are used.
fn paint(line: &Line, colors: bool) -> String {
    let mut text = String::new();
    for (piece, style) in line {
        let code = match (style, colors) {
            (LineStyle::Pointed, _) => "1",
            // Underlined, because the name may be green.
            (LineStyle::Hit, true) => "1;4;32",
            (LineStyle::Hit, false) => "1;4",
            (LineStyle::Mark, true) => "36",
            (LineStyle::Dim, _) => "2",
            (LineStyle::Name(paint) | LineStyle::Label(paint), true) => &paint.sgr(),
            (LineStyle::Name(Paint { is_bold: true, .. }), false) => "1",
            (LineStyle::Label(_), false) => "2",
            (LineStyle::Plain | LineStyle::Mark | LineStyle::Name(_), _) => "",
        };
        text += &if code.is_empty() { piece.clone() } else { format!("\x1b[{code}m{piece}\x1b[0m") };
    }
    text
}

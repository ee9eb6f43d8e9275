//! fzf as the picker.

use super::super::error::{Cause, Error};
use super::super::{child, messages};
use crate::picker::{self, List, PickerResult};
use crate::printer::quote;
use std::io::Write;
use std::process::{Command, Stdio};

#[expect(clippy::disallowed_methods, reason = "the user's choice of a picker")]
pub(super) fn ask(list: &List, colors: bool) -> Result<PickerResult, Error> {
    let failed = |error: &std::io::Error| {
        Error::new(Cause::Failed, format!("cannot start `fzf`: {}", messages::io_error(error)))
            .hint("KCX_PICKER=fzf selects it; `unset KCX_PICKER` selects kcx's own picker")
    };
    // fzf returns the index in the list, so that names may contain any characters.
    let lines: String = list
        .items()
        .iter()
        .enumerate()
        .map(|(at, item)| {
            let painted = |text: &str| {
                let sgr = item.paint.map(picker::Paint::sgr).unwrap_or_default();
                messages::painted(&quote::visible(text), &sgr, colors && !text.is_empty())
            };
            let (name, note) = (painted(&item.name), painted(&item.note));
            let apart = if item.note.is_empty() { "" } else { "  " };
            format!("{at}\t{name}{}{apart}{note}\n", if item.current { " *" } else { "" })
        })
        .collect();
    let prompt = format!("--prompt={}> ", list.title());
    let mut command = Command::new("fzf");
    command.args(["--delimiter=\t", "--with-nth=2..", &prompt]);
    if colors {
        command.arg("--ansi");
    }
    if list.takes_many() {
        command.arg("--multi");
    }
    if list.takes_text() {
        command.arg("--print-query");
    }
    let ended = child::wait(|| {
        let mut fzf = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        if let Some(mut stdin) = fzf.stdin.take() {
            // The user may choose before fzf has read all lines.
            let _ = stdin.write_all(lines.as_bytes());
        }
        fzf.wait_with_output()
    });
    let output = ended.map_err(|error| failed(&error))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let place = |line: &str| line.split('\t').next()?.parse().ok().filter(|at| *at < list.items().len());
    let mut lines = text.lines();
    let typed = if list.takes_text() { lines.next().unwrap_or_default().trim() } else { "" };
    let items: Vec<usize> = lines.filter_map(place).collect();
    // fzf exits with 1 if nothing matches the query.
    let none_fits = output.status.code() == Some(1) && !typed.is_empty();
    Ok(match items.is_empty() {
        false => PickerResult::Items(items),
        true if none_fits => PickerResult::Typed(typed.to_owned()),
        true => PickerResult::Cancelled,
    })
}

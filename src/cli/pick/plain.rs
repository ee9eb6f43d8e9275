//! A numbered list, for terminals that can only print lines.

use super::super::error::Error;
use super::super::terminal::no_terminal;
use crate::picker::{List, PickerResult};
use crate::printer::quote;

pub(super) fn ask(list: &List) -> Result<PickerResult, Error> {
    let items = list.items();
    let width = items.len().to_string().len();
    for (at, item) in items.iter().enumerate() {
        let mark = if item.current { "*" } else { " " };
        let note = if item.note.is_empty() { String::new() } else { format!("  {}", item.note) };
        let line =
            format!("{:>width$} {mark} {}{}", at + 1, quote::visible(&item.name), quote::visible(&note));
        dialoguer::console::Term::stderr().write_line(&line).map_err(|error| no_terminal(&error))?;
    }
    let asked = dialoguer::Input::<String>::new()
        .with_prompt(format!("{} (number or name)", list.title()))
        .allow_empty(true)
        .validate_with(|text: &String| match find(list, text) {
            Some(_) => Ok(()),
            None if text.is_empty() || list.takes_text() => Ok(()),
            None => Err("that is not in the list; an empty line cancels"),
        })
        .interact_text();
    match asked {
        Ok(text) => Ok(match find(list, &text) {
            Some(at) => PickerResult::Items(vec![at]),
            None if text.trim().is_empty() => PickerResult::Cancelled,
            None => PickerResult::Typed(text.trim().to_owned()),
        }),
        Err(dialoguer::Error::IO(error)) if error.kind() == std::io::ErrorKind::Interrupted => {
            Ok(PickerResult::Cancelled)
        }
        Err(dialoguer::Error::IO(error)) => Err(no_terminal(&error)),
    }
}

fn find(list: &List, text: &str) -> Option<usize> {
    let items = list.items();
    let named = items.iter().position(|item| item.name == text);
    let named =
        named.or_else(|| items.iter().position(|item| item.aliases.iter().any(|alias| alias == text)));
    named.or_else(|| text.parse::<usize>().ok()?.checked_sub(1).filter(|at| *at < items.len()))
}

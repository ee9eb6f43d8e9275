//! `kcx demo`: a tour of a few screens on kubeconfigs in a throw-away folder.
//!
//! ```text
//! tour      the screens: comments, and the commands of two terminals
//! terminal  an `Env` for each terminal, with a session of its own; runs a command in this process
//! layout    lines of at most 80 columns
//! ```
//!
//! The commands are real: nothing of the user's is read or written, and no program is started. On a terminal a key leads from
//! screen to screen; otherwise all of them are printed at once.

mod layout;
mod terminal;
mod tour;

use super::World;
use super::credential::command;
use super::error::{Cause, Error};
use super::messages;
use super::terminal::{can_ask, no_terminal};
use crate::credential::entry::PROGRAM;
use crate::file::{self, interrupt};
use crate::picker::{self, Pause};
use std::path::Path;
use terminal::{Place, Terminal};
use tour::{SCREENS, Step};

pub(super) use terminal::Kcx;

/// Try kcx with an example kubeconfig in a temporary folder
///
/// Shows a few screens: switching, two terminals on two contexts, an import with a conflict, lint, undo, sealed credentials,
/// protected contexts. The commands are real. Your own files are not touched, and the folder is removed.
#[derive(clap::Args, Debug, Default)]
pub struct DemoArgs {}

const END: &str = "\
The folder of this tour is gone now. With your own kubeconfig:
  kcx                   choose a context from a list
  kcx NAME              switch to it; `kcx -` goes back
  kcx init --install    give each terminal a context of its own
  kcx import FILE       add the contexts of another kubeconfig
  kcx doctor            look for what commonly goes wrong
  kcx --help            all commands
";

/// Runs the demo; `kcx` runs each of its commands.
///
/// # Errors
/// The folder cannot be created, or stdout is closed. Exit code 130 if the user leaves with Ctrl-C or Esc.
pub(super) fn run(_: &DemoArgs, kcx: Kcx, world: &mut World<'_>) -> Result<(), Error> {
    // A signal would leave the folder behind; the demo looks for one after each command, and while it waits.
    let _guard = interrupt::Guard::new();
    let made = tempfile::Builder::new().prefix("kcx-demo-").tempdir_in(&world.env.temp);
    let folder = made.map_err(|error| failed(&world.env.temp, &error))?;
    let home = folder.path();
    for (name, text) in tour::files(home) {
        write(&home.join(name), &text).map_err(|error| failed(home, &error))?;
    }
    let place = Place {
        home,
        kcx,
        columns: layout::width(world.env.columns),
        colors: world.colors_stdout(),
        has_plugin: command::beside(world).is_some(),
    };
    let mut terminals = [Terminal::new(&place), Terminal::new(&place)];
    let waits = world.env.stdout_is_terminal && can_ask(world) && !world.env.dumb_terminal;
    for (at, screen) in SCREENS.iter().enumerate() {
        if interrupt::pending().is_some() {
            return Ok(());
        }
        let last = at + 1 == SCREENS.len();
        let title = format!("{} of {}: {}", at + 1, SCREENS.len(), screen.title);
        let mut text = format!("{}\n", place.styled(&title, "1"));
        for step in screen.steps {
            text += &show(step, screen.both, &place, &mut terminals);
        }
        world.print(&layout::wrapped(&text, place.columns))?;
        world.print("\n")?;
        if waits
            && !last
            && let Some(left) = leave(&place, world)?
        {
            return left;
        }
    }
    let end = layout::wrapped(END, place.columns);
    drop(folder);
    Ok(world.print(&end)?)
}

/// The text of a step. A terminal with a session has its prompt in front of the command.
fn show(step: &Step, both: bool, place: &Place<'_>, terminals: &mut [Terminal; 2]) -> String {
    match step {
        Step::Say(text) => format!("{}\n", place.styled(&format!("# {text}"), "36")),
        Step::Run(number, command) => {
            let terminal = &mut terminals[number - 1];
            let mut prompt = String::new();
            if both {
                terminal.begin_session(place);
                prompt = format!("[terminal {number}] ");
            }
            prompt += &terminal.prompt(place);
            let command = if command.starts_with("credential seal") && !place.has_plugin {
                // What cargo has built alone has no such program beside it, and nothing here runs it.
                format!("{command} --command {PROGRAM}")
            } else {
                (*command).to_owned()
            };
            let typed = place.styled(&format!("kcx {command}"), "1");
            format!("{prompt}$ {typed}\n{}", terminal.run(&command, place))
        }
    }
}

/// Waits for a key; `Some` if the user leaves.
fn leave(place: &Place<'_>, world: &mut World<'_>) -> Result<Option<Result<(), Error>>, Error> {
    world.print(&place.styled("ENTER: next   q: leave", "2"))?;
    world.out.flush()?;
    let pause = picker::pause().map_err(|error| no_terminal(&error))?;
    // The line of keys is no part of the screens.
    world.print("\r\x1b[K")?;
    Ok(match pause {
        Pause::Next => None,
        Pause::Leave => Some(Ok(())),
        Pause::Cancelled => Some(Err(Error::silent(130))),
    })
}

fn write(path: &Path, text: &str) -> std::io::Result<()> {
    file::create_parents(path)?;
    match file::replace(path, &[text.as_bytes()]) {
        Err(file::ReplaceError::Io { source, .. } | file::ReplaceError::NotAtomic { source, .. }) => {
            Err(source)
        }
        _ => Ok(()),
    }
}

fn failed(place: &Path, error: &std::io::Error) -> Error {
    Error::new(
        Cause::Failed,
        format!("the tour needs a folder in {}: {}", super::error::path(place), messages::io_error(error)),
    )
    .hint("`TMPDIR=FOLDER kcx demo` uses another folder")
}

//! `kcx demo`: a tour on a kubeconfig in a throw-away folder.
//!
//! The commands are real, run in this process on an `Env` of their own: nothing of the user's is read or written.

use super::World;
use super::error::{Cause, Error};
use super::messages;
use crate::env::Env;
use crate::file::{self, interrupt};
use std::io::Write;
use std::path::Path;

/// Try kcx with an example kubeconfig in a temporary folder
///
/// Runs a few commands and prints each with its output. Your own files are not touched, and the folder is removed.
#[derive(clap::Args, Debug, Default)]
pub struct DemoArgs {}

const KUBECONFIG: &str = include_str!("demo/kubeconfig.yaml");

/// The comment before each command, and the command.
const TOUR: [(&str, &str); 8] = [
    ("List the contexts; * marks the current one:", "get"),
    ("Switch. This changes one line of the file:", "use staging"),
    ("Which cluster does kubectl use now?", "current"),
    ("Switch the namespace; the cluster is not queried:", "ns checkout"),
    ("A typo changes nothing:", "use prodction"),
    ("Return to the previous context; `kcx -` is short for it:", "use -"),
    ("List the users and how they log in; secrets are not shown:", "get users"),
    ("`kubectl config` commands work too, with the same output:", "config get-contexts -o name"),
];

/// kcx itself: words and environment in, the exit code out.
pub(super) type Kcx = fn(&[String], &Env, &mut dyn Write, &mut dyn Write) -> i32;

/// Runs the demo; `kcx` runs each of its commands.
///
/// # Errors
/// The folder cannot be created, or stdout is closed.
pub(super) fn run(_: &DemoArgs, kcx: Kcx, world: &mut World<'_>) -> Result<(), Error> {
    // A signal would leave the folder behind; the demo ends within a second.
    let _guard = interrupt::Guard::new();
    let made = tempfile::Builder::new().prefix("kcx-demo-").tempdir_in(&world.env.temp);
    let folder = made.map_err(|error| failed(&world.env.temp, &error))?;
    let home = folder.path();
    let kubeconfig = home.join(".kube").join("config");
    file::create_parents(&kubeconfig).map_err(|error| failed(home, &error))?;
    if let Err(file::ReplaceError::Io { source, .. } | file::ReplaceError::NotAtomic { source, .. }) =
        file::replace(&kubeconfig, &[KUBECONFIG.as_bytes()])
    {
        return Err(failed(home, &source));
    }
    let env = Env {
        kuberc: Some("off".into()),
        home: Some(home.into()),
        state: Some(home.join("state")),
        no_color: true,
        cwd: home.to_owned(),
        temp: home.to_owned(),
        ..Env::default()
    };
    world.print("A tour of kcx, in a temporary home folder with a kubeconfig of three contexts.\n")?;
    for (talk, command) in TOUR {
        let answer = answer(command, kcx, &env, home);
        world.print(&format!("\n# {talk}\n$ kcx {command}\n{answer}"))?;
    }
    let (bytes, _) =
        file::read(&kubeconfig, file::limits::KUBECONFIG).map_err(|error| failed(&kubeconfig, &error))?;
    let changes = changes(KUBECONFIG, &String::from_utf8_lossy(&bytes));
    world.print(&format!(
        "\n# All of that changed one line of the file, and on that line one word. Comments, order and quotes are as they were:\n$ diff ~/config.before ~/.kube/config\n{changes}\n"
    ))?;
    world.print("The folder is gone now. On your own kubeconfig: `kcx` lists, `kcx NAME` switches, `kcx --help` shows the rest.\n")?;
    Ok(())
}

fn failed(place: &Path, error: &std::io::Error) -> Error {
    Error::new(
        Cause::Failed,
        format!("the tour needs a folder in {}: {}", super::error::path(place), messages::io_error(error)),
    )
    .hint("`TMPDIR=FOLDER kcx demo` uses another folder")
}

/// The output of a command, stdout and stderr together, as on a terminal.
fn answer(command: &str, kcx: Kcx, env: &Env, home: &Path) -> String {
    let typed: Vec<String> = command.split(' ').map(str::to_owned).collect();
    let (mut out, mut err) = (Vec::new(), Vec::new());
    kcx(&typed, env, &mut out, &mut err);
    out.extend(err);
    String::from_utf8_lossy(&out).replace(&*home.to_string_lossy(), "~")
}

/// The lines that differ between two texts of as many lines, as `diff` prints them.
fn changes(before: &str, after: &str) -> String {
    let pairs = before.lines().zip(after.lines()).enumerate().filter(|(_, (old, new))| old != new);
    pairs.map(|(at, (old, new))| format!("{0}c{0}\n< {old}\n---\n> {new}\n", at + 1)).collect()
}

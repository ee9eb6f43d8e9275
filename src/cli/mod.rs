//! The commands. This is the only layer that prints, asks the user and exits.
//!
//! Each command is one file, with its arguments and the function that runs it. The layers below never print. The files
//! call each other in one direction only:
//!
//! ```text
//! mod (runs it) ─► invocation (parses the words) ─► args ─► one file per command ─► world, globals, error
//! ```

mod allow;
mod allowlist;
pub mod args;
mod candidates;
mod child;
mod cluster_query;
pub mod command_line;
mod command_names;
mod complete;
pub mod completions;
pub mod config;
mod copy;
pub mod credential;
mod current;
mod delete;
mod demo;
mod describe;
mod diff;
mod discovered;
mod doctor;
mod dropin;
mod edit;
mod editor;
mod env_command;
pub mod error;
mod exec;
mod export;
mod features;
mod fence;
mod fields;
mod formats;
mod get;
pub mod globals;
mod guarded;
pub mod help;
mod history;
mod hook;
mod import;
mod init;
mod init_install;
mod inputs;
mod invocation;
mod leading;
mod lint;
mod locked;
mod loose;
mod merge;
mod messages;
mod namespace;
mod ns;
mod operand;
mod other_name;
mod overlay_migration;
mod overlay_restore;
mod overlay_update;
mod pick;
mod prompt;
mod protect;
mod prune;
mod rename;
mod requested_output;
mod restore;
mod result;
mod scope;
mod select;
mod settings;
mod settings_file;
mod shell;
mod single_file;
mod source;
mod split;
mod status;
mod stdin;
mod store_error;
pub mod suggest;
mod sweep;
mod sync;
mod terminal;
mod tilde;
mod typed;
mod undo;
mod unified;
mod usage_error;
mod use_context;
mod version;
mod whoami;
pub mod world;

use crate::env::Env;
use crate::file::interrupt;
use crate::kubeconfig::Kind;
use crate::printer::quote;
use args::Command;
use clap::error::ErrorKind;
use error::{Cause, Error};
use get::GetArgs;
use invocation::{Called, Hook, Invocation};
use requested_output::Switched;
use std::io::Write;
use use_context::{Typed, UseArgs};
pub use world::World;

/// Runs kcx with the words after the program's name, and returns the exit code.
pub fn run(words: &[String], env: &Env, out: &mut dyn Write, err: &mut dyn Write) -> i32 {
    let invocation = Invocation::read(words, env);
    let mut world = World::new(env, out, err, invocation.called());
    let only_looks = invocation.only_looks();
    let mut code = dispatch(invocation, &mut world);
    if !only_looks && let Err(error) = single_file::refresh(&mut world) {
        let failed = world.fail(&error);
        code = if code == 0 { failed } else { code };
    }
    match interrupt::pending() {
        Some(signal) => 128 + signal,
        None => code,
    }
}

fn dispatch(invocation: Invocation, world: &mut World<'_>) -> i32 {
    // A client runs kcx as a credential plugin, with arguments from the kubeconfig.
    if world.env.exec_info.is_some() && !matches!(invocation, Invocation::CredentialExec(_)) {
        return world.fail(&credential::exec::refusal());
    }
    let answer = match invocation {
        Invocation::CredentialExec(reference) => credential::exec::answer(&reference, world),
        Invocation::Complete { words, form } => return complete::run(&words, form, world),
        Invocation::DropIn { program, words } => {
            restore(world);
            migrate(world);
            return program.run(&words, world);
        }
        Invocation::Hook(Hook::Sync, words) => hook::sync(&words, world),
        Invocation::Hook(Hook::Leave, words) => hook::leave(&words, world),
        Invocation::Hook(Hook::Idle, words) => hook::idle::leave(&words, world),
        Invocation::Hook(Hook::Guard, words) => guarded::run(&words, world),
        Invocation::Hook(Hook::Session, words) => {
            restore(world);
            init::session(&words, world)
        }
        Invocation::Config { words, globals } => {
            world.globals = globals;
            restore(world);
            migrate(world);
            return config::run(&words, world);
        }
        Invocation::Kcx { globals, command } => {
            world.globals = globals;
            // A prompt is silent, and the others report the settings themselves.
            let warns = !matches!(
                command,
                Some(Command::Prompt(_) | Command::Init(_) | Command::Settings(_) | Command::Doctor(_))
            );
            let switched = Switched::by(command.as_ref());
            let answer = command_of_kcx(command, world).map_err(|error| locked::explained(error, world));
            world.warn_of_unread();
            if warns {
                world.warn_of_settings();
            }
            let printed = requested_output::print_result(switched, answer.is_ok(), world);
            answer.and(printed)
        }
        Invocation::Topic(text) => world.print(&typed::typed(&text, world.env)).map_err(Error::from),
        Invocation::Explain { answer, called, command } => unread(&answer, &called, &command, world),
    };
    match answer.and_then(|()| Ok(world.out.flush()?)) {
        Ok(()) => 0,
        Err(error) => world.fail(&error),
    }
}

/// Makes this shell's overlay again if it is missing.
fn restore(world: &mut World<'_>) {
    overlay_restore::restore(&world.lock_options(), world);
}

/// Moves entries that other programs have written into this shell's overlay to the user's own file.
fn migrate(world: &mut World<'_>) {
    if let Some(session) = world.session().active() {
        overlay_migration::migrate(&session, world);
    }
}

fn command_of_kcx(mut command: Option<Command>, world: &mut World<'_>) -> Result<(), Error> {
    let only_looks = command.as_ref().is_some_and(Command::only_looks);
    if !only_looks {
        restore(world);
    }
    match &command {
        _ if only_looks => {}
        // A switch reads the overlay anyway.
        Some(Command::Ns(args)) if !args.scope.global && world.globals.kubeconfig.is_none() => {}
        Some(Command::Use(args)) if !args.scope.global && world.globals.kubeconfig.is_none() => {}
        _ => migrate(world),
    }
    if let Err(error) = requested_output::check(command.as_ref(), world) {
        return Err(match &command {
            Some(Command::Use(args)) => misspelled(args, error, world),
            _ => error,
        });
    }
    if let Some(command) = &mut command {
        loose::settle(command, world)?;
        let flag = world.globals.kubeconfig.as_deref();
        if let Some(undone) = command.left_undone(locked::leads_elsewhere(flag, world)) {
            locked::refuse(undone, world).map_err(|error| locked::with_reason(error, flag, world))?;
        }
    }
    match command {
        None if world.globals.output.is_some() => get::run(&GetArgs::default(), world),
        None => list(world),
        Some(Command::Completions(args)) => completions::run(&args, world),
        // clap found the command after a flag that is not in the table of `command_line`.
        Some(Command::Config { words }) => {
            let words: Vec<String> = std::iter::once("config".to_owned()).chain(words).collect();
            match config::run(&words, world) {
                0 => Ok(()),
                code => Err(Error::silent(code)),
            }
        }
        Some(Command::Copy(args)) => copy::run(&args, world),
        Some(Command::Credential(args)) => credential::run(&args, world),
        Some(Command::Current(args)) => current::run(&args, world),
        Some(Command::Delete(args)) => delete::run(&args, world),
        Some(Command::Demo(args)) => demo::run(&args, run, world),
        Some(Command::Diff(args)) => diff::run(&args, world),
        Some(Command::Doctor(args)) => doctor::run(&args, world),
        Some(Command::Edit(args)) => edit::run(&args, world),
        Some(Command::Env(args)) => env_command::run(&args, world),
        Some(Command::Exec(args)) => exec::run(&args, world),
        Some(Command::Export(args)) => export::run(&args, world),
        Some(Command::Get(args)) => get::run(&args, world),
        Some(Command::History(args)) => history::run(&args, world),
        Some(Command::Import(args)) => import::run(&args, world),
        Some(Command::Init(args)) => init::run(&args, world),
        Some(Command::Lint(args)) => lint::run(&args, world),
        Some(Command::Merge(args)) => merge::run(&args, world),
        Some(Command::Ns(args)) => ns::run(&args, world),
        Some(Command::Prompt(args)) => prompt::run(&args, world),
        Some(Command::Protect(args)) => protect::run(&args, world),
        Some(Command::Prune(args)) => prune::run(&args, world),
        Some(Command::Rename(args)) => rename::run(&args, world),
        Some(Command::Settings(args)) => settings::run(&args, world),
        Some(Command::Shell(args)) => shell::run(&args, world),
        Some(Command::Source(args)) => source::run(&args, world),
        Some(Command::Split(args)) => split::run(&args, world),
        Some(Command::Status(args)) => status::run(&args, world),
        Some(Command::Sync(args)) => sync::run(&args, world),
        Some(Command::Undo(args)) => undo::run(&args, world),
        Some(Command::Use(args)) => {
            use_context::run(&args, world).map_err(|error| misspelled(&args, error, world))
        }
        Some(Command::Version(args)) => version::run(&args, world),
        Some(Command::Whoami(args)) => whoami::run(&args, world),
    }
}

/// A word that is not a command may be a misspelled one, which is reported before any problem with its arguments.
fn misspelled(args: &UseArgs, error: Error, world: &World<'_>) -> Error {
    match args {
        UseArgs { typed: Typed::Bare, name: Some(name), .. } if error.cause == Cause::Usage => {
            no_such_name(name, world).unwrap_or(error)
        }
        _ => error,
    }
}

/// The error for a word that is neither a command nor a context.
fn no_such_name(name: &str, world: &World<'_>) -> Option<Error> {
    let settings = world.settings_or_default();
    match world.load() {
        Ok(loaded) if name == "-" || loaded.merged.find(Kind::Context, name).is_some() => None,
        Ok(_) if settings.alias(name).is_some() || settings.group(name).is_some() => None,
        Ok(loaded) => Some(use_context::neither(&loaded.merged, name)),
        Err(error) => Some(error),
    }
}

/// Handles words that clap could not parse, and the help and version that it prints itself.
fn unread(answer: &clap::Error, called: &Called, command: &str, world: &mut World<'_>) -> Result<(), Error> {
    if let Called::Name { name, kubeconfig } = called {
        world.globals.kubeconfig.clone_from(kubeconfig);
        if let Some(error) = no_such_name(name, world) {
            return Err(error);
        }
    }
    let mut text = answer.render().to_string();
    if answer.kind() == ErrorKind::DisplayVersion {
        text += &features::missing();
    }
    if matches!(answer.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        return Ok(world.print(&typed::typed(&text, world.env))?);
    }
    // An error in a prompt would appear at every command.
    if *called == Called::Prompt && !world.env.stdout_is_terminal {
        return Ok(world.print("kcx?")?);
    }
    if let Some(error) = usage_error::explain(answer, command) {
        return Err(error);
    }
    // The words may contain the value of a script's variable, so they are escaped.
    let safe: String =
        text.chars().map(|c| if c.is_control() && c != '\n' { '\u{fffd}' } else { c }).collect();
    world.tell(&safe);
    Err(Error::silent(Cause::Usage.code()))
}

/// `kcx` without a command: a list to choose from on a terminal, the names of all contexts in a pipe.
fn list(world: &mut World<'_>) -> Result<(), Error> {
    if world.env.stdout_is_terminal && terminal::can_ask(world) {
        return use_context::run(&UseArgs::default(), world);
    }
    let mut lookup = world.lookup()?;
    let names = lookup.contexts().map_err(|errors| world.unreadable(&errors))?.names(Kind::Context);
    if names.is_empty() {
        world.tell_no_contexts();
    }
    // A context without a name would be an empty line.
    let names = names.into_iter().filter(|name| !name.is_empty());
    if !world.env.stdout_is_terminal {
        return Ok(world.print_names(names)?);
    }
    let (settings, colors) = (world.settings_or_default(), world.colors_stdout());
    let line = |name: &str| {
        let rule = settings.rule(name);
        let sgr = rule.sgr();
        let paint = |text: &str| messages::painted(&quote::visible(text), &sgr, colors);
        let label = rule.label.map(|label| format!("  {}", paint(label))).unwrap_or_default();
        format!("{}{label}\n", paint(name))
    };
    let lines: String = names.map(line).collect();
    Ok(world.print(&lines)?)
}

//! What was typed, turned into what is meant; the only layer that prints, asks and exits.
//!
//! A command is a file: its arguments, and what it does with them. Everything below this layer is silent. Three ways
//! lead from the words to a command: `kcx config …` goes by kubectl's rules (`config`), the few forms that shells run
//! all the time are told apart by hand (`hot`), and clap reads the rest (`args`).

pub mod allow;
pub mod args;
mod asking;
mod child;
mod complete;
pub mod completions;
pub mod config;
pub mod copy;
pub mod credential;
pub mod current;
pub mod delete;
pub mod demo;
pub mod diff;
mod dropin;
pub mod edit;
pub mod error;
pub mod exec;
pub mod export;
mod foreign;
mod found;
pub mod get;
pub mod history;
mod hook;
pub mod import;
pub mod init;
pub mod lint;
mod mend;
pub mod merge;
mod namespace;
pub mod ns;
mod operand;
mod pick;
pub mod prompt;
pub mod protect;
pub mod prune;
pub mod rename;
pub mod scope;
mod select;
pub mod settings_file;
pub mod shell;
pub mod split;
pub mod status;
pub mod suggest;
pub mod undo;
mod unified;
pub mod use_context;
pub mod whoami;
mod words;
pub mod world;
pub mod write_flags;

use crate::credential::entry::Reference;
use crate::env::Env;
use crate::file::{LockOptions, interrupt};
use crate::kubeconfig::{Kind, Merged};
use args::{COMMANDS, Cli, Color, Command, Globals, Output};
use clap::Parser;
use clap::error::ErrorKind;
use config::surface::Verb;
use current::CurrentArgs;
use error::{Cause, Error, name};
use get::GetArgs;
use ns::NsArgs;
use prompt::PromptArgs;
use std::borrow::Cow;
use std::cell::OnceCell;
use std::io::Write;
use std::path::Path;
use use_context::{Typed, UseArgs};
pub use world::World;

/// Runs kcx: the words after the program's name in, the exit code out.
pub fn run(words: &[String], env: &Env, out: &mut dyn Write, err: &mut dyn Write) -> i32 {
    let (lock_options, globals, command) = (LockOptions::default(), Globals::default(), called(words));
    let mut world = World { env, out, err, lock_options, globals, command, kubeconfig: OnceCell::new() };
    let code = dispatch(words, &mut world);
    match interrupt::pending() {
        Some(signal) => 128 + signal,
        None => code,
    }
}

/// The command that these words call, for the journal: no other word, for that may be a secret.
fn called(words: &[String]) -> String {
    let mut known = words.iter().filter_map(|word| COMMANDS.iter().find(|command| *command == word));
    match known.next() {
        Some(&"config") => match words.iter().find_map(|word| Verb::find(word)) {
            Some(verb) => format!("kcx config {}", verb.name()),
            None => "kcx config".to_owned(),
        },
        Some(&"ctx") | None => "kcx use".to_owned(),
        Some(command) => format!("kcx {command}"),
    }
}

fn dispatch(words: &[String], world: &mut World<'_>) -> i32 {
    if let Some(reference) = asked(words) {
        crate::secret::keep_memory_private();
        return finish(credential::exec::answer(&reference, world), world);
    }
    // The author of the kubeconfig chose the arguments.
    if world.env.exec_info.is_some() {
        return world.fail(&credential::exec::refusal());
    }
    if let Some((words, describe)) = completing(words, world.env) {
        return complete::run(&words, describe, world);
    }
    if let Some((called, words)) = dropin(words, world.env) {
        called.name().clone_into(&mut world.command);
        if let Some(session) = world.session().active() {
            foreign::move_home(&session, world);
        }
        return called.run(words, world);
    }
    if let Some(answer) = hidden(words, world) {
        return finish(answer, world);
    }
    let hot = hot(words);
    // A switch looks at the overlay anyway; a prompt changes nothing.
    let prompt = words.iter().any(|word| word == "prompt");
    if !prompt
        && !matches!(hot, Some(Hot::Use(_) | Hot::Ns(_)))
        && let Some(session) = world.session().active()
    {
        foreign::move_home(&session, world);
    }
    let (rest, writing) = write_flags::take(words);
    if config::is_called(&rest) {
        return match writing {
            Ok(writing) => {
                world.lock_options = writing.lock_options();
                world.globals.writing = writing;
                config::run(&rest, world)
            }
            Err(error) => world.fail(&error),
        };
    }
    let answer = match hot {
        Some(Hot::List) => list(world),
        Some(Hot::Use(args)) => use_context::run(&args, world),
        Some(Hot::Ns(args)) => ns::run(&args, world),
        Some(Hot::CurrentName) => {
            world.globals.output = Some(Output::Name);
            current::run(&CurrentArgs {}, world)
        }
        Some(Hot::Prompt) => prompt::run(&PromptArgs::default(), world),
        None => parse(words, world),
    };
    finish(answer, world)
}

fn finish(answer: Result<(), Error>, world: &mut World<'_>) -> i32 {
    match answer.and_then(|()| Ok(world.out.flush()?)) {
        Ok(()) => 0,
        Err(error) => world.fail(&error),
    }
}

/// A shell asks what could be typed next, or kubectl does for its plugins: it then calls `kubectl_complete-kcx`. The
/// words of the line, and whether to say what they are.
fn completing<'a>(words: &'a [String], env: &Env) -> Option<(Cow<'a, [String]>, bool)> {
    let called = env.program.as_ref().and_then(|program| Path::new(program).file_name()?.to_str());
    match called.unwrap_or_default().trim_end_matches(".exe").strip_prefix("kubectl_complete-") {
        Some("kcx") => Some((words.into(), true)),
        Some(plugin) => {
            let program = ["__as".to_owned(), format!("kubectl-{plugin}")];
            Some((program.iter().chain(words).cloned().collect(), true))
        }
        None => match words.split_first()? {
            (first, rest) if first == "__complete" => Some((rest.into(), true)),
            (first, rest) if first == "__completeNoDesc" => Some((rest.into(), false)),
            _ => None,
        },
    }
}

/// Called by another program's name, or by `kcx __as NAME …` from an alias of the hook.
fn dropin<'a>(words: &'a [String], env: &Env) -> Option<(dropin::Called, &'a [String])> {
    match words {
        [first, name, rest @ ..] if first == "__as" => {
            dropin::Called::by(name.as_ref()).map(|called| (called, rest))
        }
        _ => env
            .program
            .as_ref()
            .and_then(|program| dropin::Called::by(program.as_ref()))
            .map(|called| (called, words)),
    }
}

/// A client asks for a credential, by the words that stand in the kubeconfig: each of its calls waits for the answer.
fn asked(words: &[String]) -> Option<Reference> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    Reference::parse(words.strip_prefix(&["credential", "exec"])?)
}

/// What the shell hook calls.
fn hidden(words: &[String], world: &mut World<'_>) -> Option<Result<(), Error>> {
    let (first, rest) = words.split_first()?;
    match first.as_str() {
        "__sync" => Some(hook::sync(rest, world)),
        "__leave" => Some(hook::leave(rest, world)),
        "__session" => Some(init::session(rest, world)),
        _ => None,
    }
}

/// What must not pay for clap.
enum Hot {
    List,
    Use(UseArgs),
    Ns(NsArgs),
    CurrentName,
    Prompt,
}

fn hot(words: &[String]) -> Option<Hot> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let switch =
        |name: &str, typed| Hot::Use(UseArgs { name: Some(name.to_owned()), typed, ..UseArgs::default() });
    match words.as_slice() {
        [] => Some(Hot::List),
        ["prompt"] => Some(Hot::Prompt),
        ["-"] => Some(switch("-", Typed::Use)),
        ["use" | "ctx", name] if *name == "-" || !name.starts_with('-') => Some(switch(name, Typed::Use)),
        ["ns", name] if *name == "-" || !name.starts_with('-') => {
            Some(Hot::Ns(NsArgs { name: Some((*name).to_owned()), ..NsArgs::default() }))
        }
        ["current", "-o" | "--output", "name"] | ["current", "-oname" | "--output=name"] => {
            Some(Hot::CurrentName)
        }
        [name] if !name.is_empty() && !name.starts_with('-') && !COMMANDS.contains(name) => {
            Some(switch(name, Typed::Bare))
        }
        _ => None,
    }
}

fn parse(words: &[String], world: &mut World<'_>) -> Result<(), Error> {
    let cli = match Cli::try_parse_from(std::iter::once("kcx").chain(words.iter().map(String::as_str))) {
        Ok(cli) => cli,
        // In a prompt an error would be seen at each line that is typed.
        Err(error)
            if error.use_stderr()
                && !world.env.stdout_is_terminal
                && words.iter().find(|word| !word.starts_with('-')).is_some_and(|word| word == "prompt") =>
        {
            return Ok(world.print("kcx?")?);
        }
        Err(error) => return explain(&error, world),
    };
    world.lock_options = cli.globals.writing.lock_options();
    world.globals = cli.globals;
    refuse_findings(cli.command.as_ref(), world)?;
    match cli.command {
        None if world.globals.output.is_some() => get::run(&GetArgs::default(), world),
        None => list(world),
        Some(Command::Completions(args)) => completions::run(&args, world),
        Some(Command::Config { mut words }) => {
            words.insert(0, "config".to_owned());
            match config::run(&words, world) {
                0 => Ok(()),
                code => Err(Error::silent(code)),
            }
        }
        Some(Command::Current(args)) => current::run(&args, world),
        Some(Command::Copy(args)) => copy::run(&args, world),
        Some(Command::Credential(args)) => credential::run(&args, world),
        Some(Command::Delete(args)) => delete::run(&args, world),
        Some(Command::Demo(args)) => demo::run(&args, world),
        Some(Command::Diff(args)) => diff::run(&args, world),
        Some(Command::Edit(args)) => edit::run(&args, world),
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
        Some(Command::Shell(args)) => shell::run(&args, world),
        Some(Command::Split(args)) => split::run(&args, world),
        Some(Command::Status(args)) => status::run(&args, world),
        Some(Command::Undo(args)) => undo::run(&args, world),
        Some(Command::Use(args)) => use_context::run(&args, world),
        Some(Command::Whoami(args)) => whoami::run(&args, world),
        Some(Command::Other(words)) => other(&words, world),
    }
}

/// clap's help and version on stdout, its errors on stderr.
fn explain(error: &clap::Error, world: &mut World<'_>) -> Result<(), Error> {
    let text = error.render().to_string();
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Ok(world.print(&text)?),
        _ => {
            // Words that were typed may have come from a script's variable.
            let safe: String =
                text.chars().map(|c| if c.is_control() && c != '\n' { '\u{fffd}' } else { c }).collect();
            world.tell(&safe);
            Err(Error::silent(Cause::Usage.code()))
        }
    }
}

/// `kcx` alone: on a terminal a context to pick, in a pipe the names of all.
fn list(world: &mut World<'_>) -> Result<(), Error> {
    if world.env.stdout_is_terminal && pick::can_ask(world) {
        return use_context::run(&UseArgs::default(), world);
    }
    let mut glance = world.glance()?;
    let names = glance.contexts().map_err(|errors| world.unreadable(&errors))?.names(Kind::Context);
    if names.is_empty() {
        let text = format!("there are no contexts in {}; `kcx demo` shows kcx at work", world.places());
        world.done(&text);
    }
    Ok(world.print_names(names)?)
}

/// `kcx NAME …`, where NAME is no command: `kcx use NAME …` if there is such a context.
fn other(words: &[String], world: &mut World<'_>) -> Result<(), Error> {
    let loaded = world.load()?;
    let wanted = words.first().map_or("", String::as_str);
    if wanted != "-" && loaded.merged.find(Kind::Context, wanted).is_none() {
        return Err(neither(&loaded.merged, wanted));
    }
    #[derive(clap::Parser)]
    #[command(name = "kcx use")]
    struct Use {
        #[command(flatten)]
        globals: Globals,
        #[command(flatten)]
        args: UseArgs,
    }
    match Use::try_parse_from(std::iter::once("kcx use").chain(words.iter().map(String::as_str))) {
        Ok(Use { globals, args }) => {
            // Flags may stand on both sides of the name.
            let before = std::mem::take(&mut world.globals);
            world.globals = Globals {
                kubeconfig: globals.kubeconfig.or(before.kubeconfig),
                output: globals.output.or(before.output),
                quiet: globals.quiet || before.quiet,
                yes_i_mean: [before.yes_i_mean, globals.yes_i_mean].concat(),
                color: if globals.color == Color::Auto { before.color } else { globals.color },
                ..globals
            };
            use_context::run(&args, world)
        }
        Err(error) => explain(&error, world),
    }
}

/// Neither a command nor a context.
fn neither(merged: &Merged, wanted: &str) -> Error {
    let error = Error::new(Cause::NotFound, format!("{} is neither a command nor a context", name(wanted)));
    let error = match suggest::near(wanted, &COMMANDS) {
        Some(command) => {
            error.hint(format!("did you mean the command `kcx {command}`? `kcx --help` lists all commands"))
        }
        None => error,
    };
    error.hint(error::known(merged, Kind::Context, wanted))
}

/// The context in force is not there.
fn dangling(merged: &Merged, current: &str) -> Error {
    let message = format!("the current context is {}, and there is none of that name", name(current));
    Error::new(Cause::NotFound, message).hint(error::known(merged, Kind::Context, current))
}

/// How many contexts there are to choose from.
fn listed(merged: &Merged) -> String {
    error::known(merged, Kind::Context, "")
}

/// A command that answers on stderr alone has nothing to print in another format.
fn refuse_output(command: &str, world: &World<'_>) -> Result<(), Error> {
    match world.globals.output {
        None => Ok(()),
        Some(_) => {
            Err(Error::new(Cause::Usage, format!("`kcx {command}` prints no data, so it has no `-o`"))
                .hint("`kcx current -o json` tells where you are"))
        }
    }
}

/// Only `kcx lint` has findings to print.
fn refuse_findings(command: Option<&Command>, world: &World<'_>) -> Result<(), Error> {
    match world.globals.output {
        Some(Output::Sarif | Output::Github) if !matches!(command, Some(Command::Lint(_))) => {
            Err(Error::new(Cause::Usage, "only `kcx lint` prints sarif or github")
                .hint("`-o json` and `-o yaml` are for all commands that print data"))
        }
        _ => Ok(()),
    }
}

fn warn_forgotten(world: &mut World<'_>, noted: std::io::Result<()>) {
    if let Err(error) = noted {
        let why = words::io_error(&error);
        let folder = world.env.state.as_deref().map(error::path).unwrap_or_default();
        world.warn(&format!("`-` will not lead back from here: {folder} cannot be written: {why}"));
    }
}

//! `kcx doctor`: one look at what commonly goes wrong around a kubeconfig. It reads only, and asks no cluster.
//!
//! Each check is one function, which returns what it saw; [`CHECKS`] is the table of them.

mod credentials;
mod installed;
mod kubeconfig;
mod leftovers;
mod own;
mod shell;
mod startup_file;

use super::World;
use super::error::Error;
use super::globals::Output;
use super::lint::{self, FileFinding};
use super::messages::painted;
use super::typed::typed;
use crate::env::Env;
use serde_json::{Value, json};

/// Check the shell hook, kubeconfigs, settings and programs for common problems
///
/// Each problem is printed with the line to type. No cluster is contacted, and nothing is changed. The exit code is 1 if
/// there is an error.
#[derive(clap::Args, Debug, Default)]
#[command(after_help = AFTER)]
pub struct DoctorArgs {
    /// Also print what is in order
    #[arg(long)]
    pub all: bool,
}

const AFTER: &str = "-o json is for scripts: {result, checks: [{check, level, message, fix}]}";

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    /// In order.
    Ok,
    /// Worth knowing.
    Info,
    /// It may go wrong.
    Warning,
    /// It goes wrong.
    Error,
}

impl Level {
    fn word(self) -> &'static str {
        match self {
            Level::Ok => "ok",
            Level::Info => "info",
            Level::Warning => "warning",
            Level::Error => "error",
        }
    }

    fn color(self) -> &'static str {
        match self {
            Level::Ok => "32",
            Level::Info => "36",
            Level::Warning => "1;33",
            Level::Error => "1;31",
        }
    }
}

/// What a check has seen.
struct Note {
    level: Level,
    message: String,
    /// What to type, line by line.
    fix: Vec<String>,
}

impl Note {
    fn new(level: Level, message: impl Into<String>) -> Note {
        Note { level, message: message.into(), fix: Vec::new() }
    }

    fn ok(message: impl Into<String>) -> Note {
        Note::new(Level::Ok, message)
    }

    fn info(message: impl Into<String>) -> Note {
        Note::new(Level::Info, message)
    }

    fn warning(message: impl Into<String>) -> Note {
        Note::new(Level::Warning, message)
    }

    fn error(message: impl Into<String>) -> Note {
        Note::new(Level::Error, message)
    }

    fn fix(mut self, line: impl Into<String>) -> Note {
        self.fix.push(line.into());
        self
    }
}

/// The object of the checks.
struct Subject<'s, 'w> {
    world: &'s mut World<'w>,
    findings: Vec<FileFinding>,
}

type Check = fn(&mut Subject<'_, '_>) -> Vec<Note>;

/// The names of the checks, which scripts may rely on, and the checks.
const CHECKS: [(&str, Check); 16] = [
    ("hook", shell::hook),
    ("prompt", shell::prompt),
    ("completion", shell::completion),
    ("guard", shell::guard),
    ("names", shell::names),
    ("kubeconfig", kubeconfig::list),
    ("files", kubeconfig::files),
    ("entries", kubeconfig::entries),
    ("expiry", kubeconfig::expiry),
    ("kubectl", credentials::kubectl),
    ("plugins", credentials::plugins),
    ("keychain", credentials::keychain),
    ("variables", own::variables),
    ("settings", own::settings),
    ("state", own::state),
    ("leftovers", leftovers::leftovers),
];

/// Runs all checks.
///
/// `-o json` prints one object: `result` (the worst level) and `checks`, each with `check`, `level` (`ok`, `info`,
/// `warning`, `error`), `message` and `fix`, the lines to type.
///
/// # Errors
/// Silent, with exit code 1, if there is an error.
pub(super) fn run(args: &DoctorArgs, world: &mut World<'_>) -> Result<(), Error> {
    let findings = lint::own(world);
    let mut subject = Subject { world, findings };
    let notes: Vec<(&str, Note)> = CHECKS
        .iter()
        .flat_map(|(name, check)| check(&mut subject).into_iter().map(move |note| (*name, note)))
        .collect();
    let worst = notes.iter().map(|(_, note)| note.level).max().unwrap_or(Level::Ok);
    match world.globals.output {
        Some(output @ (Output::Json | Output::Yaml)) => {
            let checks: Vec<Value> =
                notes.iter().map(|(name, note)| as_json(name, note, world.env)).collect();
            world.print_value(output, &json!({"result": worst.word(), "checks": checks}))?;
        }
        Some(Output::Name) => {
            let mut bad: Vec<&str> =
                notes.iter().filter(|(_, note)| note.level > Level::Info).map(|(name, _)| *name).collect();
            bad.dedup();
            world.print_names(bad)?;
        }
        _ => print(&notes, args.all, world)?,
    }
    if worst == Level::Error { Err(Error::silent(1)) } else { Ok(()) }
}

fn as_json(name: &str, note: &Note, env: &Env) -> Value {
    let fix: Vec<_> = note.fix.iter().map(|line| typed(line, env)).collect();
    json!({"check": name, "level": note.level.word(), "message": typed(&note.message, env), "fix": fix})
}

/// Prints what is wrong, the worst first, and what is in order in one line.
fn print(notes: &[(&str, Note)], all: bool, world: &mut World<'_>) -> Result<(), Error> {
    let colors = world.colors_stdout();
    let mut shown: Vec<&(&str, Note)> =
        notes.iter().filter(|(_, note)| all || note.level > Level::Info).collect();
    shown.sort_by_key(|(_, note)| std::cmp::Reverse(note.level));
    let mut text = String::new();
    for (name, note) in &shown {
        let label = painted(&format!("{}:", note.level.word()), note.level.color(), colors);
        text += &format!("{label} {name}: {}\n", typed(&note.message, world.env));
        text.extend(note.fix.iter().map(|line| format!("    {}\n", typed(line, world.env))));
    }
    let bad = |check: &str| notes.iter().any(|(name, note)| *name == check && note.level > Level::Info);
    let good: Vec<&str> = CHECKS.iter().map(|(name, _)| *name).filter(|name| !bad(name)).collect();
    if !all {
        let label = painted("ok:", Level::Ok.color(), colors);
        text += &format!("{label} {}\n", good.join(", "));
    }
    Ok(world.print(&text)?)
}

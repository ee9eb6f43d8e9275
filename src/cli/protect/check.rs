//! `kcx protect check`: prints the verdict on a command line.

use super::judgement::{Decision, JudgedCommand, Judgement, judge, judge_line};
use super::{GuardedAction, guard, listed};
use crate::cli::World;
use crate::cli::error::{Cause, Error, name};
use crate::cli::messages::{self, shell_word};
use crate::cli::terminal;
use crate::file;
use crate::printer::quote;
use crate::printer::table::{Cell, Column, fitted};
use crate::settings::Settings;
use crate::verdict::{LONGEST, Verdict};
use serde_json::{Value, json};

/// Judge a command line without running it
///
/// Reads the command as kubectl, helm, kustomize, flux, argocd, k9s, kubectx, kubens and kcx read theirs, and a line of text
/// as a shell does. Prints for each command whether it is a read, a write, dangerous or unknown, and the context that it would
/// act on. Nothing is run, and no cluster is asked.
///
/// The exit code is 0 if it can be run, 1 if it needs a confirmation, because it is no read and the context is protected, and
/// 2 if it is refused.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct CheckArgs {
    /// A line of shell text; `-` reads it from stdin
    #[arg(long, value_name = "LINE", allow_hyphen_values = true, conflicts_with = "command")]
    pub line: Option<String>,
    /// Ask on the terminal if it needs a confirmation: yes is exit code 0
    #[arg(long)]
    pub ask: bool,
    /// The command and its arguments; a single word with blanks or signs of the shell is a line
    #[arg(last = true, value_name = "CMD", required_unless_present = "line")]
    pub command: Vec<String>,
}

/// Prints the verdict.
///
/// # Errors
/// Exit code 1 or 2 for a command that is not allowed; 2 if that cannot be known.
pub(super) fn run(args: &CheckArgs, world: &mut World<'_>) -> Result<(), Error> {
    // A hook takes exit code 1 for a question that can be confirmed.
    let judgement = judgement(args, world).map_err(|error| match error.cause {
        Cause::Usage => error,
        _ => Error { cause: Cause::Trouble, ..error },
    })?;
    match world.globals.output {
        Some(output) => world.print_value(output, &value(&judgement))?,
        None => print(&judgement, world)?,
    }
    match judgement.decision {
        Decision::Allowed => Ok(()),
        decision => {
            if world.globals.output.is_none() && !world.globals.quiet {
                tell(&judgement, world);
            }
            if args.ask && decision == Decision::Confirm && !judgement.to_confirm.is_empty() {
                let action = GuardedAction { verb: "run this in", undone: "nothing was run", typed: &[] };
                return terminal::on_terminal(world, |asking| guard(&judgement.to_confirm, action, asking));
            }
            Err(Error::silent(decision.code()))
        }
    }
}

fn judgement(args: &CheckArgs, world: &World<'_>) -> Result<Judgement, Error> {
    match (&args.line, args.command.as_slice()) {
        (Some(line), _) if line == "-" => {
            let bytes = file::read_stdin(LONGEST as u64).map_err(|error| {
                let why = messages::io_error(&error);
                Error::new(
                    Cause::Trouble,
                    format!("the line cannot be read from stdin: {why}; it was not judged"),
                )
            })?;
            judge_line(&String::from_utf8_lossy(&bytes), world)
        }
        (Some(line), _) => judge_line(line, world),
        (None, [line])
            if line.contains(|c: char| c.is_whitespace() || "|&;<>()$`\\\"'*?[{#~=".contains(c)) =>
        {
            judge_line(line, world)
        }
        (None, words) => judge(words, world),
    }
}

/// The judgement for scripts.
fn value(judgement: &Judgement) -> Value {
    let command = |command: &JudgedCommand| {
        json!({
            "command": command.command,
            "verdict": command.verdict.word(),
            "decision": command.decision.word(),
            "contexts": command.contexts,
            "contextKnown": command.context_known,
            "protected": command.protected,
            "why": command.why,
        })
    };
    json!({
        "verdict": judgement.verdict.word(),
        "decision": judgement.decision.word(),
        "why": judgement.why,
        "confirm": judgement.to_confirm,
        "refused": judgement.refused,
        "commands": judgement.commands.iter().map(command).collect::<Vec<_>>(),
    })
}

/// The longest command that is shown.
const SHOWN: usize = 60;

fn print(judgement: &Judgement, world: &mut World<'_>) -> Result<(), Error> {
    if judgement.commands.is_empty() {
        world.done("there is no command in this line");
        return Ok(());
    }
    let (settings, colors) = (world.settings_or_default(), world.colors_stdout());
    let cells: Vec<Vec<Cell>> = judgement.commands.iter().map(|it| row(it, &settings, colors)).collect();
    let columns = [
        Column::Whole("VERDICT"),
        Column::Shortened("CONTEXT"),
        Column::Shortened("COMMAND"),
        Column::Whole("REASON"),
    ];
    Ok(world.print(&fitted(&columns, &cells, world.env.columns))?)
}

fn row(command: &JudgedCommand, settings: &Settings, colors: bool) -> Vec<Cell> {
    let contexts: Vec<String> = command.contexts.iter().map(|it| quote::visible(it).into_owned()).collect();
    let context = match (command.context_known, contexts.as_slice()) {
        (false, _) => "?".to_owned(),
        (true, [one, rest @ ..]) if !rest.is_empty() => format!("{one} and {} more", rest.len()),
        (true, all) => all.concat(),
    };
    let color = command.contexts.iter().find(|context| settings.rule(context).is_protected());
    let color = color.filter(|_| colors && command.protected).map(|context| settings.rule(context).sgr());
    let mut text: String = command.command.chars().take(SHOWN).collect();
    if text.len() < command.command.len() {
        text.push('…');
    }
    let context = Cell { color: color.unwrap_or_default(), ..context.as_str().into() };
    vec![
        command.verdict.word().into(),
        context,
        quote::visible(&text).into_owned().as_str().into(),
        command.why.as_str().into(),
    ]
}

/// Says why the command is not allowed, and what to do.
fn tell(judgement: &Judgement, world: &mut World<'_>) {
    if let Some(why) = &judgement.refused {
        world.tell(&format!("refused: {why}\n"));
        return;
    }
    let confirm = &judgement.to_confirm;
    let them = listed(confirm.iter().map(String::as_str));
    let are = if confirm.len() == 1 { "is" } else { "are" };
    // To lift a protection would not help here.
    if world.env.read_only && judgement.verdict == Verdict::Unknown {
        let why = "this shell can only read, and what the command does is not known";
        return world.tell(&format!("needs a confirmation: {why}\n"));
    }
    match judgement.any_context {
        true => world
            .tell(&format!("needs a confirmation: the context is not known, and {them} {are} protected\n")),
        false if confirm.is_empty() => {
            let locked = world.env.locked.as_ref().map(|context| name(&context.to_string_lossy()));
            let why = match locked {
                Some(context) => {
                    format!("this shell is locked to context {context}, and the context is not known")
                }
                None => "the context is not known".to_owned(),
            };
            world.tell(&format!("needs a confirmation: {why}\n"));
        }
        false => world.tell(&format!("needs a confirmation: {them} {are} protected\n")),
    }
    if let [context] = confirm.as_slice() {
        world.hint(&format!(
            "`kcx protect lift 10m {}` stops kcx asking about it for 10 minutes",
            shell_word(context)
        ));
    }
}

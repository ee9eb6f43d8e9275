//! Explains in kcx's words why clap could not parse a command line.

use super::error::{Cause, Error, name};
use super::{formats, help, suggest};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use std::num::{IntErrorKind, ParseIntError};

/// The error for a command line that clap rejected, of a command given by its words after `kcx`; `None` for help and the
/// like.
pub(super) fn explain(answer: &clap::Error, words: &str) -> Option<Error> {
    let usage = text(answer, ContextKind::Usage);
    let usage = usage.lines().next().unwrap_or_default().trim_start_matches("Usage:").trim();
    let command =
        usage.split(' ').take_while(|word| !word.starts_with(['[', '<', '-'])).collect::<Vec<_>>().join(" ");
    let command = if command.is_empty() { format!("kcx {words}").trim_end().to_owned() } else { command };
    let arguments: Vec<String> = list(answer, ContextKind::InvalidArg).iter().map(|it| bare(it)).collect();
    let argument = arguments.first().map(String::as_str).unwrap_or_default();
    let value = text(answer, ContextKind::InvalidValue);
    let help = format!("`{command} --help` shows its flags and examples");
    let usage_error = |message: String| Error::new(Cause::Usage, message);
    let with_usage = |message: String| match usage {
        "" => usage_error(message).hint(help.clone()),
        _ => usage_error(message).hint(format!("usage: {usage}")).hint(help.clone()),
    };
    Some(match answer.kind() {
        ErrorKind::UnknownArgument if argument.starts_with('-') => {
            let error = usage_error(format!("`{command}` has no flag {}", name(argument)));
            match (argument, list(answer, ContextKind::SuggestedArg).first()) {
                ("--context", _) => error
                    .hint("`kcx exec NAME -- COMMAND` runs a command in another context: `kcx exec dev -- kubectl get ns`"),
                ("--ns", _) if has_flag(&command, "namespace") => {
                    error.hint("did you mean `-n` or `--namespace`?")
                }
                (_, Some(near)) => error.hint(format!("did you mean `{near}`?")),
                (_, None) => error,
            }
            .hint(format!("{help}, `kcx help flags` those of all commands"))
        }
        ErrorKind::UnknownArgument => {
            let error = usage_error(format!("`{command}`: unexpected argument {}", name(argument)));
            match command.as_str() {
                "kcx use" => error.hint(format!("`-n {argument}` sets the namespace, too")),
                "kcx ns" => error.hint("`kcx use CONTEXT -n NAMESPACE` sets both"),
                _ => error.hint(format!("usage: {usage}")),
            }
        }
        ErrorKind::InvalidValue if value.is_empty() => {
            with_usage(format!("{} needs a value", name(argument)))
        }
        ErrorKind::InvalidValue if argument == "--output" => {
            return Some(formats::refusal(words, &value));
        }
        ErrorKind::InvalidValue => {
            let valid = list(answer, ContextKind::ValidValue).join(", ");
            usage_error(format!("{} is not a value of {}", name(&value), name(argument)))
                .hint(format!("one of these: {valid}"))
        }
        ErrorKind::ValueValidation => {
            let reason = std::error::Error::source(answer);
            let number = reason.and_then(|reason| reason.downcast_ref::<ParseIntError>());
            let (value, argument) = (name(&value), name(argument));
            usage_error(match (number.map(ParseIntError::kind), reason) {
                (Some(IntErrorKind::Zero), _) => format!("{argument} must be at least 1"),
                (Some(IntErrorKind::PosOverflow), _) => format!("{value} is too large for {argument}"),
                (Some(_), _) => format!("{argument} must be a number, not {value}"),
                (None, Some(reason)) => format!("{value} is not a valid value of {argument}: {reason}"),
                (None, None) => format!("{value} is not a valid value of {argument}"),
            })
        }
        ErrorKind::NoEquals => usage_error(format!("the value of {} follows an `=`", name(argument))),
        ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues if !argument.starts_with('-') => {
            let given = match answer.get(ContextKind::ActualNumValues) {
                Some(ContextValue::Number(1)) => "; 1 was given".to_owned(),
                Some(ContextValue::Number(count)) => format!("; {count} were given"),
                _ => String::new(),
            };
            let needed = needed(list(answer, ContextKind::InvalidArg).first().map_or("", String::as_str));
            with_usage(format!("`{command}` needs {needed}{given}"))
        }
        ErrorKind::TooManyValues | ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => {
            with_usage(format!("`{command}` got the wrong number of arguments"))
        }
        ErrorKind::ArgumentConflict => {
            let others: Vec<String> =
                list(answer, ContextKind::PriorArg).iter().map(|it| name(&bare(it))).collect();
            if command == "kcx exec" && argument == "PATTERN" && others == ["`--global`"] {
                return Some(usage_error("`--global` runs once and takes no context".to_owned()).hint(help));
            }
            usage_error(format!("{} cannot be used together with {}", name(argument), others.join(", ")))
        }
        ErrorKind::MissingRequiredArgument if command == "kcx shell" => {
            usage_error("there is no command to run".to_owned())
                .hint(
                    "put it after `--`: `kcx shell dev -- kubectl get pods`; without `--` a shell is started",
                )
                .hint(help)
        }
        ErrorKind::MissingRequiredArgument if command == "kcx exec" => {
            usage_error("there is no command to run".to_owned())
                .hint("put `--` before it: `kcx exec dev -- kubectl get pods`")
                .hint(help)
        }
        ErrorKind::MissingRequiredArgument => {
            let missing: Vec<String> =
                list(answer, ContextKind::InvalidArg).iter().map(|it| needed(it)).collect();
            with_usage(format!("`{command}` needs {}", missing.join(" and ")))
        }
        ErrorKind::InvalidSubcommand => {
            let word = text(answer, ContextKind::InvalidSubcommand);
            let error = usage_error(format!("`{command}` has no command {}", name(&word)));
            let foreign = suggest::FOREIGN.iter().find(|(other, _)| *other == word && command == "kcx");
            if let Some((_, hint)) = foreign {
                return Some(error.hint(*hint));
            }
            match list(answer, ContextKind::SuggestedSubcommand).first() {
                Some(near) => error.hint(format!("did you mean `{command} {near}`?")),
                None => error,
            }
            .hint(format!("`{command} --help` lists its commands"))
        }
        ErrorKind::MissingSubcommand => {
            usage_error(format!("`{command}` needs a command")).hint(format!("`{command} --help` lists them"))
        }
        _ => return None,
    })
}

/// The names of a required argument, for a message: `OLD` and `NEW` for `<[TYPE] OLD NEW> <[TYPE] OLD NEW>`.
fn needed(argument: &str) -> String {
    if argument.starts_with('-') {
        return name(&bare(argument));
    }
    let inside = argument.strip_prefix('<').and_then(|rest| rest.split_once('>'));
    let words = inside.map_or(argument, |(first, _)| first).split(' ').filter(|word| !word.starts_with('['));
    words.map(|word| name(&bare(word))).collect::<Vec<_>>().join(" and ")
}

/// True if `kcx …` has this long flag of its own.
fn has_flag(command: &str, long: &str) -> bool {
    let mut found = help::command();
    for word in command.split(' ').skip(1) {
        let Some(sub) = found.find_subcommand(word) else { return false };
        found = sub.clone();
    }
    found.get_arguments().any(|arg| arg.get_long() == Some(long))
}

/// An argument without the brackets and the value that clap prints: `--timeout` for `--timeout <DURATION>`.
fn bare(argument: &str) -> String {
    match argument.split_once([' ', '=', '[']) {
        Some((flag, _)) if flag.starts_with('-') => flag.to_owned(),
        _ if argument.starts_with('-') => argument.to_owned(),
        _ => argument.trim_end_matches("...").trim_matches(['[', ']', '<', '>']).to_owned(),
    }
}

fn list(answer: &clap::Error, kind: ContextKind) -> Vec<String> {
    match answer.get(kind) {
        Some(ContextValue::String(one)) => vec![one.clone()],
        Some(ContextValue::Strings(several)) => several.clone(),
        Some(ContextValue::StyledStr(text)) => vec![text.to_string()],
        _ => Vec::new(),
    }
}

fn text(answer: &clap::Error, kind: ContextKind) -> String {
    list(answer, kind).into_iter().next().unwrap_or_default()
}

//! Explains in kcx's words why clap could not parse a command line.

use super::error::{Cause, Error, name};
use super::formats;
use clap::error::{ContextKind, ContextValue, ErrorKind};

/// The error for a command line that clap rejected, of a command given by its words after `kcx`; `None` for help and the
/// like.
pub(super) fn explain(answer: &clap::Error, words: &str) -> Option<Error> {
    let usage = text(answer, ContextKind::Usage);
    let usage = usage.lines().next().unwrap_or_default().trim_start_matches("Usage:").trim();
    let command =
        usage.split(' ').take_while(|word| !word.starts_with(['[', '<', '-'])).collect::<Vec<_>>().join(" ");
    let command = if command.is_empty() { "kcx".to_owned() } else { command };
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
            match list(answer, ContextKind::SuggestedArg).first() {
                Some(near) => error.hint(format!("did you mean `{near}`?")),
                None => error,
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
            let reason =
                std::error::Error::source(answer).map(|reason| format!(": {reason}")).unwrap_or_default();
            usage_error(format!("{} is not a valid value of {}{reason}", name(&value), name(argument)))
        }
        ErrorKind::NoEquals => usage_error(format!("the value of {} follows an `=`", name(argument))),
        ErrorKind::TooManyValues | ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => {
            with_usage(format!("`{command}` got the wrong number of arguments"))
        }
        ErrorKind::ArgumentConflict => {
            let others: Vec<String> =
                list(answer, ContextKind::PriorArg).iter().map(|it| name(&bare(it))).collect();
            usage_error(format!("{} cannot be used together with {}", name(argument), others.join(", ")))
        }
        ErrorKind::MissingRequiredArgument if command == "kcx exec" => {
            usage_error("there is no command to run".to_owned())
                .hint("put `--` before it: `kcx exec dev -- kubectl get pods`")
                .hint(help)
        }
        ErrorKind::MissingRequiredArgument => {
            let missing: Vec<String> = arguments.iter().map(|it| name(it)).collect();
            with_usage(format!("`{command}` needs {}", missing.join(" and ")))
        }
        ErrorKind::InvalidSubcommand => {
            let word = text(answer, ContextKind::InvalidSubcommand);
            let error = usage_error(format!("`{command}` has no command {}", name(&word)));
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

//! Parses an incomplete command line with clap's definitions of kcx.

use crate::cli::use_context::steps;
use clap::{Arg, Command};

/// What the last word can be.
#[derive(Clone, Copy, Debug)]
pub(super) enum Wanted<'c> {
    /// The name of a flag.
    Flag,
    /// The value of this flag.
    Value(&'c Arg),
    /// A command or an argument.
    Argument,
}

/// An incomplete command line.
#[derive(Debug)]
pub(super) struct Line<'c> {
    /// The command, or kcx itself.
    pub(super) command: &'c Command,
    /// The arguments so far.
    pub(super) args: Vec<&'c str>,
    /// The flags that were given and may not be repeated.
    pub(super) given: Vec<&'c str>,
    /// `--` was typed.
    pub(super) dashes: bool,
    /// The value of `--kubeconfig`.
    pub(super) kubeconfig: Option<String>,
    /// What the last word can be.
    pub(super) wanted: Wanted<'c>,
    /// The typed part of the last word.
    pub(super) typed: &'c str,
}

impl<'c> Line<'c> {
    /// Parses the words before the last one, and the last one.
    pub(super) fn read(root: &'c Command, before: &'c [String], typed: &'c str) -> Line<'c> {
        let mut line = Line {
            command: root,
            args: Vec::new(),
            given: Vec::new(),
            dashes: false,
            kubeconfig: None,
            wanted: Wanted::Argument,
            typed,
        };
        let mut open: Option<&Arg> = None;
        for word in before {
            if let Some(arg) = open.take() {
                line.give(arg, Some(word));
            } else if line.dashes || !word.starts_with('-') || steps(word).is_some() {
                line.argument(word);
            } else if word == "--" {
                line.dashes = true;
            } else {
                open = line.flag(word);
            }
        }
        let long = typed.strip_prefix("--").and_then(|flag| flag.split_once('='));
        match (open, long) {
            // A value that follows an `=` may also be left out.
            (Some(arg), _) if arg.is_require_equals_set() => {}
            (Some(arg), _) => line.wanted = Wanted::Value(arg),
            (None, Some((name, value))) if !line.dashes => {
                match line.long(name).filter(|arg| takes_value(arg)) {
                    Some(arg) => (line.wanted, line.typed) = (Wanted::Value(arg), value),
                    None => line.wanted = Wanted::Flag,
                }
            }
            (None, _) if !line.dashes && typed.starts_with('-') => line.wanted = Wanted::Flag,
            (None, _) => {}
        }
        line
    }

    fn argument(&mut self, word: &'c str) {
        let commands = self.command.get_subcommands().find(|command| {
            command.get_name() == word || command.get_all_aliases().any(|alias| alias == word)
        });
        match commands.filter(|_| self.args.is_empty()) {
            Some(command) => self.command = command,
            None => {
                // `kcx NAME` is `kcx use NAME`.
                let switch = self.command.get_subcommands().find(|command| command.get_name() == "use");
                if let Some(switch) = switch.filter(|_| self.command.get_name() == "kcx") {
                    self.command = switch;
                }
                self.args.push(word);
            }
        }
    }

    /// Records a flag; returns the flag if the next word is its value.
    fn flag(&mut self, word: &'c str) -> Option<&'c Arg> {
        if let Some(long) = word.strip_prefix("--") {
            let (name, value) =
                long.split_once('=').map_or((long, None), |(name, value)| (name, Some(value)));
            let arg = self.long(name)?;
            return self.give_or_wait(arg, value);
        }
        for (at, short) in word.char_indices().skip(1) {
            let arg = self.command.get_arguments().find(|arg| arg.get_short() == Some(short))?;
            let rest = &word[at + short.len_utf8()..];
            if takes_value(arg) {
                return self.give_or_wait(arg, Some(rest).filter(|rest| !rest.is_empty()));
            }
            self.give(arg, None);
        }
        None
    }

    fn give_or_wait(&mut self, arg: &'c Arg, value: Option<&str>) -> Option<&'c Arg> {
        if takes_value(arg) && value.is_none() {
            return Some(arg);
        }
        self.give(arg, value);
        None
    }

    fn give(&mut self, arg: &'c Arg, value: Option<&str>) {
        if arg.get_id() == "kubeconfig" {
            self.kubeconfig = value.map(str::to_owned);
        }
        if !matches!(arg.get_action(), clap::ArgAction::Append) {
            self.given.push(arg.get_id().as_str());
        }
    }

    fn long(&self, name: &str) -> Option<&'c Arg> {
        self.command.get_arguments().find(|arg| arg.get_long() == Some(name))
    }
}

fn takes_value(arg: &Arg) -> bool {
    arg.get_action().takes_values()
}

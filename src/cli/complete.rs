//! `kcx __complete WORD… LAST`: completes the last word of a command line, for the scripts in `completions/`.
//!
//! The answer follows cobra's protocol: one candidate per line, with its description after a tab; the last line is `:0` if
//! file names are candidates too, else `:4`. `__completeNoDesc` omits descriptions. For `--flag=VALUE` the candidates are
//! only values.
//! Commands and flags come from clap. `config …` is completed as by kubectl, `__as kubectx …` as by that program. No
//! cluster is queried and no lock is taken. It never fails: after an error there are no candidates.

mod line;

use super::args::Cli;
use super::candidates::{Candidate, Candidates, NameQuery, Names};
use super::{World, command_line, config, dropin, history, operand};
use crate::credential::CredentialStore;
use crate::kubeconfig::lint::rules;
use crate::kubeconfig::{Kind, PerKind};
use crate::store::{Journal, undo};
use clap::CommandFactory;
use clap::builder::PossibleValue;
use line::{Line, Wanted};

/// Prints the candidates; `words` are those after `__complete`.
pub(super) fn run(words: &[String], describe: bool, world: &mut World<'_>) -> i32 {
    let Some((typed, before)) = words.split_last() else {
        return print(&Candidates::default(), "", false, world);
    };
    if let [first, program, rest @ ..] = before
        && first == "__as"
    {
        let called = dropin::Called::by(program.as_ref());
        let answer = called
            .map(|called| called.complete(rest, typed, describe, &Names::new(world)))
            .unwrap_or_default();
        return print(&answer, typed, describe, world);
    }
    if let Some(at) = command_line::find(before).filter(|at| before[*at] == "config") {
        let mut words = command_line::split_config(before, at).words;
        words.push(typed.clone());
        let kubeconfig = command_line::value(before, "kubeconfig");
        return config::complete(&words, kubeconfig, describe, world);
    }
    let mut root = Cli::command();
    root.build();
    let line = Line::read(&root, before, typed);
    world.globals.kubeconfig = line.kubeconfig.as_deref().map(|path| at_home(path, world));
    let mut answer = answer(&line, describe, &Names::new(world));
    if matches!(line.wanted, Wanted::Argument) && !line.dashes {
        // It would be parsed as a flag.
        answer.candidates.retain(|(candidate, _)| !candidate.starts_with('-'));
    }
    print(&answer, line.typed, describe, world)
}

fn print(answer: &Candidates, typed: &str, describe: bool, world: &mut World<'_>) -> i32 {
    let mut text = String::new();
    for (candidate, what) in answer.candidates.iter().filter(|(candidate, _)| candidate.starts_with(typed)) {
        // A candidate with a line break would become two, and an escape character would reach the terminal.
        if candidate.is_empty() || candidate.chars().any(char::is_control) {
            continue;
        }
        text += candidate;
        if describe && !what.is_empty() {
            text.push('\t');
            text.extend(what.chars().filter(|c| !c.is_control()));
        }
        text.push('\n');
    }
    text += if answer.files { ":0\n" } else { ":4\n" };
    // A closed stdout is ignored: the shell no longer waits.
    let _ = world.print(&text);
    0
}

/// A path as the shell would expand it.
fn at_home(path: &str, world: &World<'_>) -> String {
    match (path.strip_prefix("~/"), &world.env.home) {
        (Some(rest), Some(home)) => format!("{}/{rest}", home.to_string_lossy()),
        _ => path.to_owned(),
    }
}

fn answer(line: &Line<'_>, describe: bool, names: &Names<'_, '_>) -> Candidates {
    let query = NameQuery { typed: line.typed, describe };
    match line.wanted {
        Wanted::Flag => Candidates::of(flags(line)),
        Wanted::Value(arg) => value(line, arg, query, names),
        Wanted::Argument if line.args.is_empty() && line.command.has_subcommands() => {
            let mut candidates = commands(line.command);
            if line.command.get_name() == "kcx" {
                candidates.extend(names.contexts(query));
            }
            Candidates::of(candidates)
        }
        // The words of another program.
        Wanted::Argument if line.dashes && line.command.get_positionals().any(clap::Arg::is_last_set) => {
            Candidates { files: true, ..Candidates::default() }
        }
        Wanted::Argument => {
            let many = |arg: &&clap::Arg| arg.get_num_args().is_some_and(|n| n.max_values() > 1);
            let positionals = || line.command.get_positionals().filter(|arg| !arg.is_last_set());
            match positionals().find(many).or_else(|| positionals().nth(line.args.len())) {
                Some(arg) => value(line, arg, query, names),
                None => Candidates::default(),
            }
        }
    }
}

fn commands(command: &clap::Command) -> Vec<Candidate> {
    let shown = command.get_subcommands().filter(|it| !it.is_hide_set());
    let mut candidates = Vec::new();
    for it in shown {
        let about = it.get_about().map(ToString::to_string).unwrap_or_default();
        for name in std::iter::once(it.get_name()).chain(it.get_visible_aliases()) {
            candidates.push((name.to_owned(), about.clone()));
        }
    }
    candidates.sort();
    candidates
}

/// The long forms of flags; short ones are not offered.
fn flags(line: &Line<'_>) -> Vec<Candidate> {
    let free = |arg: &&clap::Arg| !arg.is_hide_set() && !line.given.contains(&arg.get_id().as_str());
    let described = |arg: &clap::Arg| {
        let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
        Some((format!("--{}", arg.get_long()?), help))
    };
    line.command.get_arguments().filter(free).filter_map(described).collect()
}

/// The candidates for an argument.
fn value(line: &Line<'_>, arg: &clap::Arg, query: NameQuery<'_>, names: &Names<'_, '_>) -> Candidates {
    let possible = arg.get_possible_values();
    if !possible.is_empty() {
        let described = |value: &PossibleValue| {
            let help = value.get_help().map(|help| help.to_string().trim_end_matches('.').to_owned());
            (value.get_name().to_owned(), help.unwrap_or_default())
        };
        let values = possible.iter().filter(|value| !value.is_hide_set()).map(described);
        // The last element of a list is completed.
        let done =
            arg.get_value_delimiter().and_then(|end| line.typed.rfind(end).map(|at| at + end.len_utf8()));
        let done = &line.typed[..done.unwrap_or(0)];
        return Candidates::of(values.map(|(value, help)| (format!("{done}{value}"), help)).collect());
    }
    match (line.command.get_name(), arg.get_id().as_str()) {
        (_, "kubeconfig" | "into" | "ca" | "out" | "dir" | "passphrase_file")
        | ("diff", "a" | "b")
        | ("check", "file")
        | ("import", "sources")
        | ("lint" | "merge", "files") => Candidates { files: true, ..Candidates::default() },
        ("lint", "explain" | "ignore" | "select") => Candidates::of(codes(line)),
        ("env" | "use" | "shell" | "whoami", "name") => Candidates::of(names.contexts(query)),
        (_, "yes_i_mean") => Candidates::of(names.contexts(query)),
        ("ns", "name") => Candidates::of(names.namespaces(None)),
        (_, "namespace") => Candidates::of(names.namespaces(line.args.first().copied())),
        ("exec" | "export" | "lift" | "restore" | "status", "patterns" | "names") => {
            Candidates::of(without(&line.args, names.contexts(query).into_iter()))
        }
        ("get" | "delete", "words") => Candidates::of(get(line, query, names)),
        (_, "store") => {
            Candidates::of(CredentialStore::ALL.map(|place| (place.word().to_owned(), String::new())).into())
        }
        ("seal" | "unseal" | "get" | "set" | "remove" | "copy", "users" | "user") => {
            Candidates::of(without(&line.args, names.entries(Kind::User, query).into_iter()))
        }
        ("undo", "change") => Candidates::of(changes(names)),
        ("rename" | "copy" | "edit", "words") => Candidates::of(renamed(line, query, names)),
        _ => Candidates::default(),
    }
}

/// The codes of findings with their titles. The last element of a list is completed.
fn codes(line: &Line<'_>) -> Vec<Candidate> {
    let done = line.typed.rfind(',').map_or("", |end| &line.typed[..=end]);
    rules().map(|rule| (format!("{done}{}", rule.code), rule.title.to_owned())).collect()
}

/// Completes a type or `TYPE/NAME`, and names after a type. A word is offered only if it means exactly one entry.
fn get(line: &Line<'_>, query: NameQuery<'_>, names: &Names<'_, '_>) -> Vec<Candidate> {
    let first = line.args.first().copied();
    if let Some(kind) = first.and_then(operand::kind) {
        return without(&line.args[1..], names.entries(kind, query).into_iter());
    }
    let Some(first) = first else {
        return match operand::typed(line.typed) {
            Some(_) => with_types(line, query, names),
            None => [Kind::Context, Kind::Cluster, Kind::User]
                .map(|kind| (kind.list().to_owned(), format!("the {} of your kubeconfigs", kind.list())))
                .into(),
        };
    };
    // The words before determine the type of this one.
    let is_context =
        names.contexts(NameQuery { typed: first, ..query }).iter().any(|(name, _)| name == first);
    match operand::typed(first).filter(|_| !is_context) {
        Some((kind, _)) if operand::typed(line.typed).is_some_and(|(typed, _)| typed == kind) => {
            with_types(line, query, names)
        }
        Some(_) => Vec::new(),
        None => without(&line.args, alone(query, names).into_iter()),
    }
}

/// The contexts that their name alone identifies: it is neither a type nor some entry's `TYPE/NAME`.
fn alone(query: NameQuery<'_>, names: &Names<'_, '_>) -> Vec<Candidate> {
    let mut found = names.contexts(query);
    found.retain(|(name, _)| operand::kind(name).is_none());
    if found.iter().any(|(name, _)| operand::typed(name).is_some()) {
        let all = NameQuery { typed: "", describe: false };
        let known = PerKind::from_fn(|kind| names.entries(kind, all));
        let is_known = |(kind, rest): (Kind, &str)| known[kind].iter().any(|(name, _)| name == rest);
        found.retain(|(name, _)| !operand::typed(name).is_some_and(is_known));
    }
    found
}

/// Completes `TYPE/NAME`, and contexts with such names, for a word that begins with `TYPE/`.
fn with_types(line: &Line<'_>, query: NameQuery<'_>, names: &Names<'_, '_>) -> Vec<Candidate> {
    let (Some((word, _)), Some((kind, rest))) = (line.typed.split_once('/'), operand::typed(line.typed))
    else {
        return Vec::new();
    };
    let named = |(name, what)| (format!("{word}/{name}"), what);
    let typed: Vec<Candidate> =
        names.entries(kind, NameQuery { typed: rest, ..query }).into_iter().map(named).collect();
    let plain = names.contexts(query);
    let only = |all: &[Candidate], others: &[Candidate]| -> Vec<Candidate> {
        all.iter().filter(|(name, _)| others.iter().all(|(other, _)| other != name)).cloned().collect()
    };
    let candidates = [only(&typed, &plain), only(&plain, &typed)].concat();
    without(&line.args, candidates.into_iter())
}

/// The changes that can be undone, the latest first.
fn changes(names: &Names<'_, '_>) -> Vec<Candidate> {
    let records = undo::known(&Journal::of(names.world.env, ""));
    let in_force = undo::in_force(&records);
    let free = records.iter().filter(|record| in_force.contains(&record.id));
    free.map(|record| (record.id.to_string(), history::what(record, 3))).collect()
}

/// Completes the type or the name of a context first; the new name has no candidates.
fn renamed(line: &Line<'_>, query: NameQuery<'_>, names: &Names<'_, '_>) -> Vec<Candidate> {
    match line.args.as_slice() {
        [] => {
            let typed = get(line, query, names);
            if operand::typed(line.typed).is_some() {
                typed
            } else {
                alone(query, names).into_iter().chain(typed).collect()
            }
        }
        [first] if operand::kind(first).is_some() => get(line, query, names),
        _ => Vec::new(),
    }
}

fn without(given: &[&str], candidates: impl Iterator<Item = Candidate>) -> Vec<Candidate> {
    candidates.filter(|(name, _)| !given.contains(&name.as_str())).collect()
}

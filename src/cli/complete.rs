//! `kcx __complete WORD… LAST`: completes the last word of a command line, for the scripts in `completions/`.
//!
//! The answer follows cobra's protocol: one candidate per line, with its description after a tab; the last line is `:0` if
//! file names are candidates too, else `:4`. `__completeNoDesc` omits descriptions. For `--flag=VALUE` the candidates are
//! only values.
//!
//! Candidates are in the order in which a shell is to list them: commands before contexts, other names of commands last and
//! only for a word that has begun. If they are of several groups, descriptions begin with what the candidate is.
//! `__completeGroups` is for shells that compare what is typed themselves, so that kcx does not know whether a word has begun:
//! it prints all of them, each line with the group, the candidate and its description, which does not repeat the group.
//! Commands and flags come from clap. `config …` is completed as by kubectl, `__as kubectx …` as by that program. No
//! cluster is queried and no lock is taken. It never fails: after an error there are no candidates.

mod line;

use super::args::Cli;
use super::candidates::{Candidate, Candidates, Form, Group, NameQuery, Names};
use super::scope::{Scope, ScopeFlags};
use super::{World, command_line, config, dropin, help, history, operand, use_context};
use crate::credential::CredentialStore;
use crate::kubeconfig::lint::rules;
use crate::kubeconfig::{Kind, PerKind};
use crate::settings::{RECIPES, SourceSettings, source_origins};
use crate::store::{Journal, undo};
use clap::CommandFactory;
use clap::builder::PossibleValue;
use line::{Line, Wanted};

/// Prints the candidates; `words` are those after `__complete`.
pub(super) fn run(words: &[String], form: Form, world: &mut World<'_>) -> i32 {
    let Some((typed, before)) = words.split_last() else {
        return print(&Candidates::default(), "", form, world);
    };
    let describe = form != Form::Names;
    if let [first, program, rest @ ..] = before
        && first == "__as"
    {
        let called = dropin::Called::by(program.as_ref());
        let answer = called
            .map(|called| called.complete(rest, typed, describe, &Names::new(world)))
            .unwrap_or_default();
        return print(&answer, typed, form, world);
    }
    if let Some(at) = command_line::find(before).filter(|at| before[*at] == "config") {
        let mut words = command_line::split_config(before, at).words;
        words.push(typed.clone());
        let kubeconfig = command_line::value(before, "kubeconfig");
        if form == Form::Grouped {
            let (answer, typed) = config::candidates(&words, kubeconfig, world);
            return print(&answer, &typed, form, world);
        }
        return config::complete(&words, kubeconfig, describe, world);
    }
    let mut root = Cli::command();
    root.build();
    let line = Line::read(&root, before, typed);
    world.globals.kubeconfig = line.kubeconfig.as_deref().map(|path| at_home(path, world));
    let mut answer = answer(&line, describe, &Names::new(world));
    if matches!(line.wanted, Wanted::Argument) && !line.dashes {
        // It would be parsed as a flag.
        answer.candidates.retain(|it| !it.name.starts_with('-'));
    }
    print(&answer, line.typed, form, world)
}

/// Prints the candidates that begin with what is typed.
fn print(answer: &Candidates, typed: &str, form: Form, world: &mut World<'_>) -> i32 {
    let fits = |it: &&Candidate| {
        let is_noise = form != Form::Grouped && it.group == Group::Alias && typed.is_empty();
        // A candidate with a line break would become two, and an escape character would reach the terminal.
        it.name.starts_with(typed)
            && !it.name.is_empty()
            && !it.name.chars().any(char::is_control)
            && !is_noise
    };
    let fitting: Vec<&Candidate> = answer.candidates.iter().filter(fits).collect();
    let is_mixed = answer.candidates.iter().any(|it| it.group != answer.candidates[0].group);
    let mut text = String::new();
    for Candidate { group, name, what } in fitting {
        let what: String = what.chars().filter(|c| !c.is_control()).collect();
        let what = match (form, what.as_str()) {
            (Form::Names, _) => String::new(),
            (Form::Described, "") if is_mixed => group.word().to_owned(),
            (Form::Described, _) if is_mixed => format!("{}: {what}", group.word()),
            _ => what,
        };
        if form == Form::Grouped {
            text += group.word();
            text.push('\t');
        }
        text += name;
        if !what.is_empty() {
            text.push('\t');
            text += &what;
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
        Wanted::Flag => Candidates::of([back(line, names), flags(line)].concat()),
        Wanted::Value(arg) => value(line, arg, query, names),
        Wanted::Argument if line.args.is_empty() && line.command.has_subcommands() => {
            let (mut candidates, aliases) = commands(line.command);
            match line.command.get_name() {
                "kcx" => candidates.extend(names.contexts_and_aliases(query)),
                "help" => candidates.extend(topics()),
                _ => {}
            }
            candidates.extend(aliases);
            Candidates::of(candidates)
        }
        // The words of another program.
        Wanted::Argument if line.dashes && line.command.get_positionals().any(clap::Arg::is_last_set) => {
            Candidates { files: true, ..Candidates::default() }
        }
        Wanted::Argument => {
            let is_many = |arg: &&clap::Arg| arg.get_num_args().is_some_and(|n| n.max_values() > 1);
            let positionals = || line.command.get_positionals().filter(|arg| !arg.is_last_set());
            // The one that takes several words takes all that are left.
            match positionals().nth(line.args.len()).or_else(|| positionals().find(is_many)) {
                Some(arg) => value(line, arg, query, names),
                None => Candidates::default(),
            }
        }
    }
}

/// The commands below a command, and their other names.
fn commands(command: &clap::Command) -> (Vec<Candidate>, Vec<Candidate>) {
    let (mut commands, mut aliases) = (Vec::new(), Vec::new());
    for it in command.get_subcommands().filter(|it| !it.is_hide_set()) {
        let about = it.get_about().map(ToString::to_string).unwrap_or_default();
        commands.push(Candidate::new(Group::Command, it.get_name(), about));
        let same = format!("the same as {}", it.get_name());
        aliases
            .extend(it.get_visible_aliases().map(|name| Candidate::new(Group::Alias, name, same.as_str())));
    }
    commands.sort_by(|a, b| a.name.cmp(&b.name));
    aliases.sort_by(|a, b| a.name.cmp(&b.name));
    (commands, aliases)
}

/// The pages of help that belong to no command.
fn topics() -> Vec<Candidate> {
    help::TOPICS.map(|(name, about)| Candidate::new(Group::Topic, name, about)).into()
}

/// The contexts before, as `kcx use` takes them: `-`, `-2` and so on, with their names.
fn back(line: &Line<'_>, names: &Names<'_, '_>) -> Vec<Candidate> {
    const MOST: usize = 9;
    let takes_one = matches!(line.command.get_name(), "kcx" | "use") && line.args.is_empty();
    if !takes_one || line.typed.starts_with("--") {
        return Vec::new();
    }
    let scope = Scope::of(ScopeFlags::default(), names.world).unwrap_or(Scope::Global);
    let current = names.world.store().current_context().ok();
    let previous = use_context::previous(&scope, current.as_deref(), names.world);
    let word = |steps: usize| if steps == 1 { "-".to_owned() } else { format!("-{steps}") };
    let previous = previous.into_iter().take(MOST).zip(1..);
    previous.map(|(context, steps)| Candidate::new(Group::Context, word(steps), context)).collect()
}

/// The long forms of flags; short ones are not offered.
fn flags(line: &Line<'_>) -> Vec<Candidate> {
    let free = |arg: &&clap::Arg| !arg.is_hide_set() && !line.given.contains(&arg.get_id().as_str());
    let described = |arg: &clap::Arg| {
        let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
        Some(Candidate::new(Group::Flag, format!("--{}", arg.get_long()?), help))
    };
    line.command.get_arguments().filter(free).filter_map(described).collect()
}

/// The candidates for an argument.
fn value(line: &Line<'_>, arg: &clap::Arg, query: NameQuery<'_>, names: &Names<'_, '_>) -> Candidates {
    let possible = arg.get_possible_values();
    if !possible.is_empty() {
        // The last element of a list is completed.
        let done =
            arg.get_value_delimiter().and_then(|end| line.typed.rfind(end).map(|at| at + end.len_utf8()));
        let done = &line.typed[..done.unwrap_or(0)];
        let described = |value: &PossibleValue| {
            let help = value.get_help().map(|help| help.to_string().trim_end_matches('.').to_owned());
            Candidate::new(Group::Value, format!("{done}{}", value.get_name()), help.unwrap_or_default())
        };
        // Only `kcx lint` prints these.
        let is_for_lint = |value: &&PossibleValue| {
            arg.get_id() == "output" && matches!(value.get_name(), "sarif" | "github")
        };
        let is_lint = matches!(line.command.get_name(), "lint" | "kcx");
        let shown = possible.iter().filter(|value| !value.is_hide_set() && (is_lint || !is_for_lint(value)));
        return Candidates::of(shown.map(described).collect());
    }
    match (line.command.get_name(), arg.get_id().as_str()) {
        (_, "kubeconfig" | "into" | "ca" | "out" | "dir" | "passphrase_file")
        | ("diff", "a" | "b")
        | ("check", "file")
        | ("import", "sources")
        | ("lint" | "merge", "files") => Candidates { files: true, ..Candidates::default() },
        ("lint", "explain" | "ignore" | "select") => Candidates::of(codes(line)),
        ("env" | "use" | "shell" | "whoami", "name") => Candidates::of(names.contexts_and_aliases(query)),
        (_, "yes_i_mean") => Candidates::of(names.contexts(query)),
        ("ns", "name") => Candidates::of(names.namespaces(None)),
        (_, "namespace") => Candidates::of(names.namespaces(line.args.first().copied())),
        (_, "label") => Candidates::of(names.labels()),
        (_, "exclude") => Candidates::of(words(query, names)),
        ("exec" | "export" | "lift" | "restore" | "status", "patterns" | "names") => {
            Candidates::of(contexts(line, query, names))
        }
        ("get" | "delete", "words") => Candidates::of(get(line, query, names)),
        ("sync", "names") => Candidates::of(without(&line.args, sources(names).into_iter())),
        ("remove" | "test", "name") => Candidates::of(sources(names)),
        ("add", "values") => Candidates { files: true, ..Candidates::default() },
        ("add", "kind") => Candidates::of(kinds(&source_origins())),
        ("script", "recipe") => Candidates::of(kinds(&RECIPES.map(|recipe| recipe.name))),
        (_, "store") => Candidates::of(
            CredentialStore::ALL.map(|place| Candidate::new(Group::Value, place.word(), "")).into(),
        ),
        ("seal" | "unseal" | "get" | "set" | "remove" | "copy", "users" | "user") => {
            Candidates::of(without(&line.args, names.entries(Kind::User, query).into_iter()))
        }
        ("undo", "change") => Candidates::of(changes(names)),
        ("rename" | "copy" | "edit", "words") => Candidates::of(renamed(line, query, names)),
        _ => Candidates::default(),
    }
}

/// The contexts that are not given yet, behind `!` to leave them out.
fn contexts(line: &Line<'_>, query: NameQuery<'_>, names: &Names<'_, '_>) -> Vec<Candidate> {
    let mut found = words(query, names);
    if let Some(typed) = query.typed.strip_prefix('!') {
        let excluded = words(NameQuery { typed, ..query }, names).into_iter();
        found.extend(excluded.map(|it| Candidate { name: format!("!{}", it.name), ..it }));
    }
    without(&line.args, found.into_iter())
}

/// The contexts, aliases and groups.
fn words(query: NameQuery<'_>, names: &Names<'_, '_>) -> Vec<Candidate> {
    [names.contexts_and_aliases(query), names.groups(query)].concat()
}

/// The sources of the settings.
fn sources(names: &Names<'_, '_>) -> Vec<Candidate> {
    let settings = names.world.settings_or_default();
    let named = |source: &SourceSettings| Candidate::new(Group::Value, &source.name, source.origin.word());
    settings.sources.iter().map(named).collect()
}

/// Kinds of sources, with what each brings.
fn kinds(words: &[&str]) -> Vec<Candidate> {
    let about =
        |word: &str| RECIPES.iter().find(|recipe| recipe.name == word).map_or("", |recipe| recipe.about);
    words.iter().map(|word| Candidate::new(Group::Value, *word, about(word))).collect()
}

/// The codes of findings with their titles. The last element of a list is completed.
fn codes(line: &Line<'_>) -> Vec<Candidate> {
    let done = line.typed.rfind(',').map_or("", |end| &line.typed[..=end]);
    rules().map(|rule| Candidate::new(Group::Finding, format!("{done}{}", rule.code), rule.title)).collect()
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
                .map(|kind| {
                    Candidate::new(
                        Group::Type,
                        kind.list(),
                        format!("the {} of your kubeconfigs", kind.list()),
                    )
                })
                .into(),
        };
    };
    // The words before determine the type of this one.
    let is_context = names.contexts(NameQuery { typed: first, ..query }).iter().any(|it| it.name == first);
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
    found.retain(|it| operand::kind(&it.name).is_none());
    if found.iter().any(|it| operand::typed(&it.name).is_some()) {
        let all = NameQuery { typed: "", describe: false };
        let known = PerKind::from_fn(|kind| names.entries(kind, all));
        let is_known = |(kind, rest): (Kind, &str)| known[kind].iter().any(|it| it.name == rest);
        found.retain(|it| !operand::typed(&it.name).is_some_and(is_known));
    }
    found
}

/// Completes `TYPE/NAME`, and contexts with such names, for a word that begins with `TYPE/`.
fn with_types(line: &Line<'_>, query: NameQuery<'_>, names: &Names<'_, '_>) -> Vec<Candidate> {
    let (Some((word, _)), Some((kind, rest))) = (line.typed.split_once('/'), operand::typed(line.typed))
    else {
        return Vec::new();
    };
    let named = |it: Candidate| Candidate { name: format!("{word}/{}", it.name), ..it };
    let typed: Vec<Candidate> =
        names.entries(kind, NameQuery { typed: rest, ..query }).into_iter().map(named).collect();
    let plain = names.contexts(query);
    let only = |all: &[Candidate], others: &[Candidate]| -> Vec<Candidate> {
        all.iter().filter(|it| others.iter().all(|other| other.name != it.name)).cloned().collect()
    };
    let candidates = [only(&typed, &plain), only(&plain, &typed)].concat();
    without(&line.args, candidates.into_iter())
}

/// The changes that can be undone, the latest first.
fn changes(names: &Names<'_, '_>) -> Vec<Candidate> {
    let records = undo::known(&Journal::of(names.world.env, ""));
    let in_force = undo::in_force(&records);
    let free = records.iter().filter(|record| in_force.contains(&record.id));
    free.map(|record| Candidate::new(Group::Change, record.id.to_string(), history::what(record, 3)))
        .collect()
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
    candidates.filter(|it| !given.contains(&it.name.as_str())).collect()
}

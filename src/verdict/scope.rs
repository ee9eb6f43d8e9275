//! What the commands of a line before this one have set: the context, kubeconfigs, variables, aliases and functions.

use super::place::{Choice, Files, Place};
use super::word::Word;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// The file that kubectl reads without `KUBECONFIG`.
const HOME_FILE: &str = "~/.kube/config";

/// The number of files that are remembered as written. Of more, each kubeconfig that is named counts as one.
const MOST_WRITTEN: usize = 500;

/// What the commands so far have set.
#[derive(Clone, Debug, Default)]
pub(super) struct Scope {
    /// What `KUBECONFIG` was set to, if it was.
    files: Option<Files>,
    /// The context that was chosen, or one of several that may have been: a switch can fail.
    choices: Vec<Choice>,
    /// The choices before a switch that may fail. They stay possible unless `&&` follows.
    before: Vec<Choice>,
    /// `HELM_KUBECONTEXT`.
    pub(super) helm_context: Option<Choice>,
    /// A kubeconfig that was named in a flag was given another current context.
    pub(super) elsewhere_switched: bool,
    /// Variables: `None` if the value is not known.
    variables: BTreeMap<String, Option<String>>,
    /// Variables that are set more than once, or under a condition.
    pub(super) unsure: Rc<BTreeSet<String>>,
    /// Aliases of the shell.
    pub(super) aliases: BTreeMap<String, String>,
    /// Functions of the shell.
    pub(super) functions: BTreeSet<String>,
    /// The working folder was changed.
    pub(super) moved: bool,
    /// The working folder is one of kubeconfigs.
    pub(super) among_kubeconfigs: bool,
    /// A variable may be another name of one whose value is known.
    pub(super) references: bool,
    /// `HELM_KUBEAPISERVER` or `KUBERNETES_MASTER` was set, or removed.
    servers: BTreeMap<String, bool>,
    /// `KUBECTL_EXTERNAL_DIFF` was set.
    pub(super) external_diff: bool,
    /// Words of programs that may write files.
    written: Rc<Vec<String>>,
    /// `PATH` was set, so a name may mean any program.
    pub(super) other_programs: bool,
}

impl Scope {
    /// The files that kubeconfigs are read from.
    pub(super) fn files(&self) -> Files {
        self.files.clone().unwrap_or(Files::Shell)
    }

    pub(super) fn set_files(&mut self, files: Files) {
        if self.files() != files {
            self.choices.clear();
            self.before.clear();
        }
        self.files = Some(files);
    }

    fn choices(&self) -> Vec<Choice> {
        if self.choices.is_empty() { vec![Choice::Current] } else { self.choices.clone() }
    }

    /// The contexts that a command without flags acts on.
    pub(super) fn places(&self) -> Vec<Place> {
        self.places_of(&self.files(), None)
    }

    /// The contexts that a command acts on that names these files and this context.
    pub(super) fn places_of(&self, files: &Files, choice: Option<Choice>) -> Vec<Place> {
        let choices = match choice {
            Some(choice) => vec![choice],
            None if *files == self.files() => self.choices(),
            None if self.elsewhere_switched => vec![Choice::Unknown],
            None => vec![Choice::Current],
        };
        let mut places: Vec<Place> = Vec::new();
        for choice in &choices {
            let place = match (files, choice) {
                (Files::Listed(list), Choice::Current) if self.moved && is_relative(list) => Place::Unknown,
                (Files::Listed(list), Choice::Current) if self.may_have_written(list) => Place::Unknown,
                (Files::Listed(_), Choice::Current) if self.elsewhere_switched => Place::Unknown,
                _ => Place::of(files, choice),
            };
            if !places.contains(&place) {
                places.push(place);
            }
        }
        places
    }

    /// A command chooses this context for those that follow, if it succeeds.
    pub(super) fn choose(&mut self, choice: Choice) {
        for old in self.choices() {
            if !self.before.contains(&old) {
                self.before.push(old);
            }
        }
        self.choices = vec![choice];
    }

    /// A command acts in these contexts for certain.
    pub(super) fn fix(&mut self, choice: Choice) {
        self.choices = vec![choice];
        self.before.clear();
    }

    /// The command before has succeeded.
    pub(super) fn succeeded(&mut self) {
        self.before.clear();
    }

    /// The command before may have failed.
    pub(super) fn settle(&mut self) {
        for choice in std::mem::take(&mut self.before) {
            if !self.choices.contains(&choice) {
                self.choices.push(choice);
            }
        }
    }

    /// Takes over the contexts that were chosen in a subshell: they are in files. A branch may not have run.
    pub(super) fn join(&mut self, other: &Scope, with_environment: bool) {
        self.settle();
        for choice in other.choices().into_iter().chain(other.before.iter().cloned()) {
            let mut mine = self.choices();
            if !mine.contains(&choice) {
                mine.push(choice);
                self.choices = mine;
            }
        }
        self.elsewhere_switched |= other.elsewhere_switched;
        self.take_written(other);
        if !with_environment {
            return;
        }
        if self.files() != other.files() {
            self.files = Some(Files::Unknown);
        }
        if self.helm_context != other.helm_context {
            self.helm_context = Some(Choice::Unknown);
        }
        for (name, value) in &other.variables {
            let same = self.variables.get(name) == Some(value);
            self.variables.insert(name.clone(), value.clone().filter(|_| same));
        }
        self.aliases.extend(other.aliases.clone());
        self.functions.extend(other.functions.iter().cloned());
        self.other_programs |= other.other_programs;
        self.moved |= other.moved;
        self.among_kubeconfigs |= other.among_kubeconfigs;
        self.references |= other.references;
        self.external_diff |= other.external_diff;
        self.servers
            .extend(other.servers.iter().filter(|(_, set)| **set).map(|(name, _)| (name.clone(), true)));
    }

    /// True if another scope acts on the same contexts.
    pub(super) fn acts_as(&self, other: &Scope) -> bool {
        let all = |scope: &Scope| {
            let mut scope = scope.clone();
            scope.settle();
            (scope.files(), scope.choices(), scope.helm_context, scope.elsewhere_switched)
        };
        all(self) == all(other)
    }

    /// Nothing is known about contexts from here on: in a loop, a command acts on what a later one has chosen.
    pub(super) fn forget_contexts(&mut self) {
        self.files = Some(Files::Unknown);
        self.choices = vec![Choice::Unknown];
        self.before.clear();
        self.helm_context = Some(Choice::Unknown);
    }

    /// Any file may have been changed, and so the current contexts of kubeconfigs.
    pub(super) fn forget_files(&mut self) {
        self.choices = vec![Choice::Unknown];
        self.before.clear();
        self.elsewhere_switched = true;
    }

    /// What the shell has set is not known any more.
    pub(super) fn forget_shell(&mut self) {
        self.forget_files();
        self.forget_contexts();
        self.moved = true;
        self.variables.values_mut().for_each(|value| *value = None);
    }

    /// The value of a variable is not known any more.
    pub(super) fn doubt(&mut self, name: &str) {
        self.set(name, &Word::anything(""));
    }

    /// Forgets the values of the variables that differ in another scope. True if there are any.
    pub(super) fn doubt_changed(&mut self, other: &Scope) -> bool {
        let differs = |(name, value): (&String, &Option<String>)| {
            (value.is_some() && other.variables.get(name) != Some(value)).then(|| name.clone())
        };
        let names: Vec<String> = self.variables.iter().filter_map(differs).collect();
        names.iter().for_each(|name| drop(self.variables.insert(name.clone(), None)));
        !names.is_empty()
    }

    /// Takes over the files that another scope may have written. True if there are new ones.
    pub(super) fn take_written(&mut self, other: &Scope) -> bool {
        let more = other.written.len() > self.written.len();
        if more {
            self.written = Rc::clone(&other.written);
        }
        more
    }

    /// A program that may write files was given these words.
    pub(super) fn wrote(&mut self, words: impl Iterator<Item = String>) {
        if self.written.len() > MOST_WRITTEN {
            self.elsewhere_switched = true;
            return;
        }
        Rc::make_mut(&mut self.written).extend(words);
    }

    /// True if a command so far may have written one of these files, or if one is no file.
    fn may_have_written(&self, list: &str) -> bool {
        list.split(':').filter(|file| !file.is_empty()).any(|file| {
            let is_stream =
                ["/dev/", "/proc/"].iter().any(|folder| file.starts_with(folder)) && file != "/dev/null";
            is_stream || self.written.iter().any(|word| word.ends_with(file))
        })
    }

    /// Whether this variable with the address of a server was set by the line.
    pub(super) fn server(&self, variable: &str) -> Option<bool> {
        self.servers.get(variable).copied()
    }

    /// The value of a variable: `None` if it is not known.
    pub(super) fn variable(&self, name: &str) -> Option<&str> {
        if self.unsure.contains(name) || self.references || self.was_set("IFS") {
            return None;
        }
        self.variables.get(name)?.as_deref()
    }

    /// True if a command so far may have set this variable.
    pub(super) fn was_set(&self, name: &str) -> bool {
        self.variables.contains_key(name) || self.unsure.contains(name)
    }

    /// What a program sees that is started here.
    pub(super) fn child(&self) -> Scope {
        Scope {
            variables: BTreeMap::new(),
            unsure: Rc::default(),
            aliases: BTreeMap::new(),
            functions: BTreeSet::new(),
            ..self.clone()
        }
    }

    /// Sets a variable.
    pub(super) fn set(&mut self, name: &str, value: &Word) {
        let known = value.known();
        match name {
            "KUBECONFIG" => self.set_files(match known {
                // As without it.
                Some("") => Files::Listed(HOME_FILE.to_owned()),
                Some(files) => Files::Listed(files.to_owned()),
                None => Files::Unknown,
            }),
            "HELM_KUBECONTEXT" => self.helm_context = Some(named(value)),
            "HELM_KUBEAPISERVER" | "KUBERNETES_MASTER" => {
                self.servers.insert(name.to_owned(), known != Some(""));
            }
            "KUBECTL_EXTERNAL_DIFF" => self.external_diff = known != Some(""),
            _ if changes_programs(name) => self.other_programs = true,
            _ => {}
        }
        self.variables.insert(name.to_owned(), known.map(str::to_owned));
    }

    /// Sets a variable of the shell, which programs see only if it was exported before.
    pub(super) fn assign(&mut self, name: &str, value: &Word) {
        match name {
            "KUBECONFIG" | "HELM_KUBECONTEXT" => {
                self.set(name, &Word::anything(""));
                self.variables.insert(name.to_owned(), value.known().map(str::to_owned));
            }
            _ => self.set(name, value),
        }
    }

    /// Removes a variable.
    pub(super) fn unset(&mut self, name: &str) {
        match name {
            // Without it, kubectl reads `~/.kube/config`.
            "KUBECONFIG" => self.set_files(Files::Listed(HOME_FILE.to_owned())),
            "HELM_KUBECONTEXT" => self.helm_context = Some(Choice::Current),
            "HELM_KUBEAPISERVER" | "KUBERNETES_MASTER" => {
                self.servers.insert(name.to_owned(), false);
            }
            "KUBECTL_EXTERNAL_DIFF" => self.external_diff = false,
            _ => {}
        }
        self.variables.insert(name.to_owned(), Some(String::new()));
    }
}

/// The context that a word names.
pub(super) fn named(word: &Word) -> Choice {
    match word.known() {
        Some("") => Choice::Current,
        Some(name) => Choice::Named(name.to_owned()),
        None => Choice::Unknown,
    }
}

/// Variables that decide which program runs.
fn changes_programs(name: &str) -> bool {
    matches!(name, "PATH" | "BASH_ENV" | "ENV" | "SHELLOPTS" | "BASHOPTS")
        || name.starts_with("LD_")
        || name.starts_with("DYLD_")
}

/// True if a file of the list is found from the working folder.
fn is_relative(list: &str) -> bool {
    list.split(':').any(|file| !file.starts_with(['/', '~']))
}

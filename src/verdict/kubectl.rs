//! kubectl: its commands, flags, aliases and defaults.

use super::flags::{Call, Table};
use super::kubectl_effect::{effect, runs_others};
use super::place::{Choice, Files, Place};
use super::scope::{Scope, named};
use super::shell::Input;
use super::word::Word;
use super::{Judge, Unseen, Verdict};
use crate::kuberc::{Kuberc, OptionDefault};

/// kubectl's commands and flags. A test compares them with the help of the real kubectl.
pub const KUBECTL: Table = Table {
    text: include_str!("tables/kubectl.txt"),
    aliases: &[
        ("config rename-context", "config rename"),
        ("config use-context", "config use"),
        ("create configmap", "create cm"),
        ("create cronjob", "create cj"),
        ("create deployment", "create deploy"),
        ("create ingress", "create ing"),
        ("create namespace", "create ns"),
        ("create poddisruptionbudget", "create pdb"),
        ("create priorityclass", "create pc"),
        ("create quota", "create resourcequota"),
        ("create service", "create svc"),
        ("create serviceaccount", "create sa"),
        ("set serviceaccount", "set sa"),
        ("top node", "top no"),
        ("top node", "top nodes"),
        ("top pod", "top po"),
        ("top pod", "top pods"),
    ],
    underscores: true,
};

/// Plugins of krew's index that only read.
const READING_PLUGINS: [&str; 10] = [
    "neat",
    "tree",
    "who-can",
    "lineage",
    "outdated",
    "resource-capacity",
    "view-allocations",
    "view-utilization",
    "deprecations",
    "images",
];

impl Judge<'_> {
    pub(super) fn kubectl(&mut self, words: &[Word], input: &Input, scope: &mut Scope) {
        let call = KUBECTL.read(&words[1..]);
        if call.lost {
            let why = "which command of kubectl it is is not known";
            return self.found(words, Verdict::Unknown, vec![Place::Unknown], why);
        }
        if call.path.is_empty() {
            return self.kubectl_other(words, &call, input, scope);
        }
        // Preferences can add flags, so they count only where a flag can change the verdict.
        let call = match call.class {
            "write" | "dangerous" | "switch" | "edits-context" | "edits-kubeconfig" => {
                match self.with_defaults(words, &call) {
                    Some(call) => call,
                    None => {
                        let why = "kubectl's preferences cannot be read";
                        return self.found(words, Verdict::Unknown, places(&call, scope), why);
                    }
                }
            }
            _ => call,
        };
        self.kubectl_call(words, &call, scope);
    }

    fn kubectl_call(&mut self, words: &[Word], call: &Call, scope: &mut Scope) {
        let path = &call.path;
        if call.is_on("help") {
            return self.found(words, Verdict::Read, Vec::new(), "it prints help");
        }
        if let Some(flag) = &call.strange {
            let why = format!("kcx does not know the flag {flag} of `kubectl {path}`");
            return self.found_call(words, call, Verdict::Unknown, places(call, scope), why);
        }
        if path == "diff" && scope.external_diff {
            let why = "`KUBECTL_EXTERNAL_DIFF` names a program, which was not read";
            return self.found(words, Verdict::Unknown, places(call, scope), why);
        }
        match call.class {
            "local" if runs_others(call) => {
                let why = "it runs programs that the files name, which were not read";
                return self.found(words, Verdict::Unknown, places(call, scope), why);
            }
            "local" => {
                return self.found(
                    words,
                    Verdict::Read,
                    Vec::new(),
                    format!("`kubectl {path}` asks no cluster"),
                );
            }
            "group" => return self.group(words, call, scope),
            "switch" => return self.use_context(words, call, scope),
            "edits-context" => return self.edit_context(words, call, scope),
            "edits-kubeconfig" => {
                let why =
                    format!("`kubectl {path}` changes a kubeconfig, perhaps what a protected context uses");
                self.unseen = Unseen::Files;
                return self.found(words, Verdict::Write, vec![Place::Unknown], why);
            }
            "edits-kuberc" => {
                let why = "it changes kubectl's preferences";
                return self.found(words, Verdict::Write, vec![Place::Unknown], why);
            }
            _ => {}
        }
        let (verdict, why) = effect(call);
        let by_server = || super::helm::is_led(self.surroundings, scope, &["KUBERNETES_MASTER"]);
        let places = match path.as_str() {
            "version" if call.is_on("client") => Vec::new(),
            // Without a kubeconfig, kubectl asks this server.
            _ if verdict > Verdict::Read && by_server() => vec![Place::Unknown],
            _ => places(call, scope),
        };
        self.found_call(words, call, verdict, places, why);
    }

    /// A command that needs another word: kubectl prints help, or runs a plugin.
    fn group(&mut self, words: &[Word], call: &Call, scope: &Scope) {
        match call.operands.first() {
            None => self.found(words, Verdict::Read, Vec::new(), "it prints help"),
            Some(word) => {
                let why = format!("`kubectl {} {}` is no command of kubectl", call.path, word.raw());
                self.found(words, Verdict::Unknown, places(call, scope), why);
            }
        }
    }

    /// A word that is no command: an alias of the user, or a plugin.
    fn kubectl_other(&mut self, words: &[Word], call: &Call, input: &Input, scope: &mut Scope) {
        let Some(name) = call.operands.first().and_then(Word::known) else {
            return self.found(words, Verdict::Read, Vec::new(), "it prints help");
        };
        match name {
            "help" => return self.found(words, Verdict::Read, Vec::new(), "it prints help"),
            "__complete" | "__completeNoDesc" => {
                return self.found(words, Verdict::Read, places(call, scope), "it completes a command line");
            }
            _ => {}
        }
        let kuberc = self.preferences(call);
        let alias = kuberc.as_ref().and_then(|kuberc| kuberc.aliases.iter().find(|alias| alias.name == name));
        let Some(alias) = alias else {
            // kubectl looks for aliases first, and for plugins then.
            let tool = match name {
                "kcx" => Some("kcx"),
                "ctx" => Some("kubectx"),
                "ns" => Some("kubens"),
                _ => None,
            };
            if let Some(tool) = tool.filter(|_| kuberc.is_some()) {
                return self.plugin(tool, words, (call, input), scope);
            }
            if reading_plugin(&call.operands) {
                let why = format!("the plugin `{name}` only reads");
                return self.found(words, Verdict::Read, places(call, scope), why);
            }
            let why =
                format!("`{name}` is no command of kubectl; what a plugin of this name does is not known");
            return self.found(words, Verdict::Unknown, places(call, scope), why);
        };
        let literals = |texts: &[String]| texts.iter().map(|text| Word::literal(text)).collect::<Vec<_>>();
        let Some(at) = words.iter().skip(1).position(|word| word.known() == Some(name)).map(|at| at + 1)
        else {
            return;
        };
        let command: Vec<String> = alias.command.split_whitespace().map(str::to_owned).collect();
        let mut line = vec![words[0].clone()];
        line.extend(defaults(&alias.options, call));
        line.extend_from_slice(&words[1..at]);
        line.extend(literals(&command));
        line.extend(literals(&alias.prepend_args));
        line.extend_from_slice(&words[at + 1..]);
        line.extend(literals(&alias.append_args));
        let expanded = KUBECTL.read(&line[1..]);
        if expanded.path.is_empty() || expanded.lost {
            let why = format!("the alias `{name}` stands for no command of kubectl");
            return self.found(words, Verdict::Unknown, places(call, scope), why);
        }
        let found = self.findings.len();
        self.kubectl_call(words, &expanded, scope);
        for finding in &mut self.findings[found..] {
            finding.why = format!("`{name}` is an alias of `{}`: {}", alias.command, finding.why);
        }
    }

    fn plugin(&mut self, tool: &str, words: &[Word], (call, input): (&Call, &Input), scope: &mut Scope) {
        // kubectl refuses flags before a plugin's name.
        let Some(at) = words.iter().position(|word| word.known() == call.operands[0].known()) else { return };
        let mut line = vec![Word::literal(tool)];
        line.extend_from_slice(&words[at + 1..]);
        match tool {
            "kcx" => self.kcx(&words[at + 1..], words, input, scope),
            "kubectx" => self.kubectx(&line, input, scope),
            _ => self.kubens(&line, scope),
        }
    }

    fn preferences(&self, call: &Call) -> Option<Kuberc> {
        let file = call.value("kuberc").map(|word| word.known());
        match file {
            Some(None) => None,
            file => self.surroundings.kuberc(file.flatten()),
        }
    }

    /// The same call with the defaults of the preferences; `None` if these cannot be read.
    fn with_defaults(&self, words: &[Word], call: &Call) -> Option<Call> {
        let kuberc = self.preferences(call)?;
        let last = |path: &str| path.split_whitespace().last().map(str::to_owned);
        let mut line: Vec<Word> = Vec::new();
        // kubectl compares the last word of a command alone.
        for preference in kuberc.defaults.iter().filter(|it| last(&it.command) == last(&call.path)) {
            line.extend(defaults(&preference.options, call));
        }
        if line.is_empty() {
            return Some(KUBECTL.read(&words[1..]));
        }
        line.extend_from_slice(&words[1..]);
        Some(KUBECTL.read(&line))
    }

    fn use_context(&mut self, words: &[Word], call: &Call, scope: &mut Scope) {
        let choice = call.operands.first().map_or(Choice::Current, named);
        let choice = if call.open { Choice::Unknown } else { choice };
        self.switch_to(words, choice, call.has("kubeconfig"), scope);
    }

    /// A command chooses a context for those after it.
    pub(super) fn switch_to(&mut self, words: &[Word], choice: Choice, elsewhere: bool, scope: &mut Scope) {
        let places = scope.places_of(&scope.files(), Some(choice.clone()));
        self.found(words, Verdict::Read, places, "it chooses a context and changes nothing in a cluster");
        if elsewhere {
            scope.elsewhere_switched = true;
        } else {
            scope.choose(choice);
        }
    }

    fn edit_context(&mut self, words: &[Word], call: &Call, scope: &mut Scope) {
        let name = call.operands.first();
        let places = match (name, call.is_on("current")) {
            _ if call.open => vec![Place::Unknown],
            (_, true) => places(call, scope),
            (Some(name), _) => scope.places_of(&scope.files(), Some(named(name))),
            (None, _) => Vec::new(),
        };
        let only_namespace = call.path == "config set-context"
            && call.flags.iter().all(|(flag, _)| matches!(*flag, "namespace" | "current" | "kubeconfig"));
        if only_namespace && !call.open {
            let why = "it chooses a namespace and changes nothing in a cluster";
            return self.found(words, Verdict::Read, places, why);
        }
        // What the context is afterwards is not known.
        scope.choose(Choice::Unknown);
        self.found(words, Verdict::Write, places, format!("`kubectl {}` changes a kubeconfig", call.path));
    }
}

/// True for plugins that only read, such as `tree` and `krew list`.
fn reading_plugin(operands: &[Word]) -> bool {
    let words: Vec<&str> = operands.iter().map_while(Word::known).collect();
    match words.as_slice() {
        ["krew", "list" | "search" | "info" | "version" | "help", ..] => true,
        [name, ..] => READING_PLUGINS.contains(name),
        [] => false,
    }
}

/// Default flags as words, without those that are typed.
fn defaults(options: &[OptionDefault], call: &Call) -> Vec<Word> {
    let missing = options.iter().filter(|option| !call.has_named(&option.name));
    missing.map(|option| Word::literal(&format!("--{}={}", option.name, option.default))).collect()
}

/// The contexts that kubectl acts on with these flags.
fn places(call: &Call, scope: &Scope) -> Vec<Place> {
    if call.open
        || ["server", "cluster"].iter().any(|flag| call.value(flag).is_some_and(|it| it.known() != Some("")))
    {
        return vec![Place::Unknown];
    }
    let choice = call.value("context").map(named).filter(|choice| *choice != Choice::Current);
    let files = match call.value("kubeconfig").map(Word::known) {
        None | Some(Some("")) => scope.files(),
        Some(Some(file)) => Files::Listed(file.to_owned()),
        Some(None) => Files::Unknown,
    };
    scope.places_of(&files, choice)
}

impl Call {
    /// True if a flag of this name is typed, in kubectl's spelling.
    fn has_named(&self, name: &str) -> bool {
        self.flags.iter().any(|(flag, _)| *flag == name)
    }
}

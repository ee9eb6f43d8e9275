//! Programs by their names: the tools of Kubernetes, the builtins of a shell, and all others.

use super::place::Place;
use super::scope::Scope;
use super::shell::Input;
use super::word::Word;
use super::{Judge, Unseen, Verdict};

/// Programs that work on clusters or run what kcx does not read, with the reason. `*` at the end stands for any ending.
const UNKNOWN: &str = include_str!("tables/unknown.txt");

/// Programs that never run or change what their words name.
const HARMLESS: &str = include_str!("tables/harmless.txt");

/// Folders of the system's programs.
const FOLDERS: [&str; 8] = [
    "/bin",
    "/usr/bin",
    "/sbin",
    "/usr/sbin",
    "/usr/local/bin",
    "/usr/local/sbin",
    "/opt/homebrew/bin",
    "/snap/bin",
];

/// The names of the tools, as people call them.
const TOOLS: [(&str, &str); 16] = [
    ("kubectl", "kubectl"),
    ("k", "kubectl"),
    ("kubecolor", "kubectl"),
    ("oc", "kubectl"),
    ("helm", "helm"),
    ("helm3", "helm"),
    ("kustomize", "kustomize"),
    ("flux", "flux"),
    ("argocd", "argocd"),
    ("k9s", "k9s"),
    ("kubectx", "kubectx"),
    ("kubens", "kubens"),
    ("kcx", "kcx"),
    ("kubectl-kcx", "kcx"),
    ("kubectl-ctx", "kubectx"),
    ("kubectl-ns", "kubens"),
];

/// The name of a program without its folder: in small letters, because some systems do not tell them from capital ones.
pub(super) fn name(program: &str) -> String {
    // `=kubectl` of zsh is the path of the program.
    let program = program.strip_prefix('=').unwrap_or(program);
    let name = program.rsplit(['/', '\\']).next().unwrap_or(program).to_lowercase();
    name.strip_suffix(".exe").map(str::to_owned).unwrap_or(name)
}

fn tool(name: &str) -> Option<&'static str> {
    TOOLS.iter().find(|(called, _)| *called == name).map(|(_, tool)| *tool)
}

impl Judge<'_> {
    /// Judges a program that is no wrapper.
    pub(super) fn program(&mut self, name: &str, words: &[Word], input: &Input, scope: &mut Scope) {
        let program = words[0].known().unwrap_or_default();
        let Some(tool) = tool(name) else { return self.other(name, words, input, scope) };
        if scope.other_programs {
            let why = format!("`PATH` or the like was set before, so `{name}` may be another program");
            return self.found(words, Verdict::Unknown, scope.places(), why);
        }
        if program.starts_with(['.', '~']) && tool != "kcx" {
            let why = format!("`{name}` in a folder of its own may be another program");
            self.found(words, Verdict::Unknown, scope.places(), why);
        }
        match tool {
            "kubectl" => self.kubectl(words, input, scope),
            "helm" => self.helm(words, scope),
            "kustomize" => self.kustomize(words, scope),
            "flux" => self.flux(words, scope),
            "argocd" => self.argocd(words, scope),
            "k9s" => self.k9s(words, scope),
            "kubectx" => self.kubectx(words, input, scope),
            "kubens" => self.kubens(words, scope),
            _ => self.kcx(&words[1..], words, input, scope),
        }
    }

    fn other(&mut self, name: &str, words: &[Word], input: &Input, scope: &mut Scope) {
        let _ = input;
        if self.builtin(name, words, scope) {
            return;
        }
        let program = words[0].known().unwrap_or_default();
        let is_function = scope.functions.contains(program);
        if let Some(why) = unknown_because(name, program, words).filter(|(_, always)| *always || !is_function)
        {
            return self.found(words, Verdict::Unknown, scope.places(), why.0);
        }
        if is_function {
            let why = "a function, whose commands are judged where it is defined";
            return self.found(words, Verdict::Read, Vec::new(), why);
        }
        if !self.writes(name, words, scope) {
            self.found(words, Verdict::Read, Vec::new(), format!("`{name}` is no tool of Kubernetes"));
        }
    }

    /// The builtins of a shell that set or run something; false for another name.
    fn builtin(&mut self, name: &str, words: &[Word], scope: &mut Scope) -> bool {
        match name {
            "export" | "declare" | "typeset" | "local" | "readonly" => self.export(words, scope),
            "set" if words.len() == 1 => {}
            "unset" => words[1..].iter().filter_map(Word::known).for_each(|name| scope.unset(name)),
            "set" => {
                // The words become those of `"$@"`.
                words[1..].iter().for_each(|word| self.heard(word));
            }
            "read" | "mapfile" | "readarray" | "getopts" | "let" | "wait" | "vared" | "printf" | "print"
            | "sysread" | "zparseopts" | "zstat" | "strftime" | "compgen"
                if sets_variables(name, words) =>
            {
                for word in &words[1..] {
                    if word.is_many() || word.may_be_a_flag() {
                        scope.references = true;
                    }
                    let parts = word.start().split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
                    parts.filter(|name| !name.is_empty()).for_each(|name| {
                        // `-vNAME`
                        for name in [Some(name), name.get(1..)].into_iter().flatten() {
                            if scope.was_set(name) || is_leading(name) {
                                scope.doubt(name);
                            }
                        }
                    });
                }
                if matches!(name, "mapfile" | "readarray")
                    && words[1..].iter().any(|word| word.start().starts_with("-C"))
                {
                    self.found(words, Verdict::Unknown, scope.places(), "it runs a text for each line");
                    self.unseen = Unseen::Shell;
                    return true;
                }
            }
            "cd" | "pushd" | "popd" | "z" => {
                scope.moved = true;
                scope.among_kubeconfigs = words[1..].iter().any(|word| word.raw().contains(".kube"));
            }
            "alias" => {
                for word in &words[1..] {
                    if let Some((alias, text)) = word.start().split_once('=') {
                        let text = if word.known().is_some() { text } else { "eval \"$unknown\"" };
                        scope.aliases.insert(alias.to_owned(), text.to_owned());
                    }
                }
            }
            "unalias" => scope.aliases.clear(),
            "eval" => {
                let known: Option<Vec<&str>> = words[1..].iter().map(Word::known).collect();
                let text = known.map(|words| Word::literal(&words.join(" ")));
                if words.len() > 1 {
                    if text.is_none() {
                        let why = "the commands that it runs are not known";
                        self.found(words, Verdict::Unknown, vec![Place::Unknown], why);
                        self.unseen = Unseen::Shell;
                        return true;
                    }
                    self.text_of(words, text.as_ref(), scope);
                }
                return true;
            }
            "trap" if words.len() > 2 => {
                self.text_of(words, words.get(1), scope);
                return true;
            }
            "source" | "." => {
                self.found(words, Verdict::Unknown, scope.places(), "it runs a script, which was not read");
                self.unseen = Unseen::Shell;
                return true;
            }
            _ => return false,
        }
        self.found(words, Verdict::Read, Vec::new(), format!("`{name}` is a builtin of the shell"));
        true
    }
}

/// Variables that lead to a context.
fn is_leading(name: &str) -> bool {
    matches!(name, "KUBECONFIG" | "HELM_KUBECONTEXT" | "HELM_KUBEAPISERVER" | "KUBERNETES_MASTER")
}

/// True if a builtin sets the variables that it names.
fn sets_variables(name: &str, words: &[Word]) -> bool {
    let has = |letter: char| {
        words[1..].iter().any(|word| {
            word.may_be_a_flag() || word.start().starts_with('-') && word.start().contains(letter)
        })
    };
    match name {
        "printf" | "print" => has('v'),
        "wait" => has('p'),
        "compgen" => has('V'),
        _ => true,
    }
}

/// Why it is not known what a program does, and whether that counts for a function of this name.
fn unknown_because(name: &str, program: &str, words: &[Word]) -> Option<(String, bool)> {
    if let Some(plugin) = name.strip_prefix("kubectl-") {
        return Some((format!("what the kubectl plugin `{plugin}` does is not known"), true));
    }
    if !name.is_ascii() {
        return Some(("the program's name has letters that look like others".to_owned(), true));
    }
    if let Some(why) = unknown_program(name, words) {
        return Some((format!("`{name}` {why}"), true));
    }
    if HARMLESS.split_ascii_whitespace().any(|harmless| harmless == name) {
        return None;
    }
    let folder = program.rfind(['/', '\\']).map(|at| &program[..at]);
    if folder.is_some_and(|folder| !FOLDERS.contains(&folder)) {
        return Some(("it is a program of its own, which was not read".to_owned(), false));
    }
    let tool = words[1..].iter().find_map(mentioned)?;
    Some((format!("`{name}` may run `{tool}`"), false))
}

/// Why it is not known what a program does; `None` for one that is no tool of Kubernetes.
fn unknown_program(name: &str, words: &[Word]) -> Option<String> {
    let asks_itself =
        |word: &Word| matches!(word.start(), "--version" | "-V" | "--help" | "version" | "help");
    UNKNOWN.lines().find_map(|line| {
        let (names, why) = line.split_once(" : ")?;
        let (why, only) = why.split_once(" : ").map_or((why, None), |(why, only)| (why, Some(only)));
        let is = |known: &str| known.strip_suffix('*').map_or(known == name, |start| name.starts_with(start));
        let named = names.split_ascii_whitespace().any(is);
        let applies = only.is_none_or(|only| {
            let only: Vec<&str> = only.split_ascii_whitespace().collect();
            words[1..]
                .iter()
                .any(|word| word.open().is_some() || only.iter().any(|only| word.start().starts_with(only)))
        });
        let looks = words.len() == 2 && asks_itself(&words[1]);
        (named && applies && !looks).then(|| why.to_owned())
    })
}

/// A tool that a word mentions.
fn mentioned(word: &Word) -> Option<&'static str> {
    let text = word.start();
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_'));
    let known = |word: &str| tool(word).filter(|_| word.len() > 2);
    words.into_iter().find_map(known)
}

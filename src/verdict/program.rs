//! Programs by their names: the tools of Kubernetes, the builtins of a shell, and all others.

use super::place::Place;
use super::scope::Scope;
use super::shell::Input;
use super::word::Word;
use super::{Judge, Unseen, Verdict, program_text, request};

/// Programs that work on clusters or run what kcx does not read: names, reason, the words that it needs (`*`: none), and the
/// words of calls that only read. `*` at the end of a name or a word stands for any ending.
const UNKNOWN: &str = include_str!("tables/unknown.txt");

/// Programs that run nothing of what their words name, unless the table above says so. Each other program is unknown.
const HARMLESS: &str = include_str!("tables/harmless.txt");

/// Variables whose value is a command that programs run, such as a pager.
const COMMANDS: [&str; 15] = [
    "PAGER",
    "MANPAGER",
    "GIT_PAGER",
    "EDITOR",
    "VISUAL",
    "GIT_EDITOR",
    "GIT_SEQUENCE_EDITOR",
    "KUBE_EDITOR",
    "GIT_SSH_COMMAND",
    "GIT_EXTERNAL_DIFF",
    "KUBECTL_EXTERNAL_DIFF",
    "GIT_ASKPASS",
    "BROWSER",
    "PROMPT_COMMAND",
    "FZF_DEFAULT_COMMAND",
];

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

    /// A variable is set: the value of some is a command that other programs run.
    pub(super) fn command_in(&mut self, variable: &str, value: &Word, scope: &Scope) {
        if COMMANDS.contains(&variable) {
            let words = [Word::literal(variable), value.clone()];
            // It runs later, if at all.
            let unseen = self.unseen;
            self.text_of(&words, Some(value), &mut scope.clone());
            self.unseen = unseen;
        }
    }

    fn other(&mut self, name: &str, words: &[Word], input: &Input, scope: &mut Scope) {
        if self.builtin(name, words, scope) {
            return;
        }
        let program = words[0].known().unwrap_or_default();
        let is_function = scope.functions.contains(program);
        if let Some(why) =
            unknown_because(name, program, words, input).filter(|(_, always)| *always || !is_function)
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
                // It runs later, if at all.
                let mut inner = scope.clone();
                self.text_of(words, words.get(1), &mut inner);
                scope.join(&inner, true);
                return true;
            }
            "source" | "." => {
                let places = script_places(words.get(1), scope);
                self.found(words, Verdict::Unknown, places, "it runs a script, which was not read");
                self.unseen = Unseen::Shell;
                return true;
            }
            _ => return false,
        }
        self.found(words, Verdict::Read, Vec::new(), format!("`{name}` is a builtin of the shell"));
        true
    }
}

/// The contexts that a script acts on: any, if what is in it comes from elsewhere.
pub(super) fn script_places(script: Option<&Word>, scope: &Scope) -> Vec<Place> {
    let is_stream = |word: &Word| {
        word.open().is_some() || ["/dev/", "/proc/"].iter().any(|start| word.start().starts_with(start))
    };
    if script.is_some_and(is_stream) { vec![Place::Unknown] } else { scope.places() }
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
fn unknown_because(name: &str, program: &str, words: &[Word], input: &Input) -> Option<(String, bool)> {
    if let Some(plugin) = name.strip_prefix("kubectl-") {
        return Some((format!("what the kubectl plugin `{plugin}` does is not known"), true));
    }
    if !name.is_ascii() {
        return Some(("the program's name has letters that look like others".to_owned(), true));
    }
    let of_its_words = match name {
        "awk" | "gawk" | "mawk" | "nawk" => program_text::awk(words),
        "sed" | "gsed" => program_text::sed(words),
        "curl" => request::curl(words),
        "http" | "https" | "xh" | "xhs" | "httpie" => request::httpie(words, input),
        _ => None,
    };
    let listed = listed(name, words);
    if let Some(why) = of_its_words.or_else(|| listed.flatten()) {
        return Some((format!("`{name}` {why}"), true));
    }
    if listed.is_some() || HARMLESS.split_ascii_whitespace().any(|harmless| harmless == name) {
        return None;
    }
    let folder = program.rfind(['/', '\\']).map(|at| &program[..at]);
    if folder.is_some_and(|folder| !FOLDERS.contains(&folder)) {
        return Some(("it is a program of its own, which was not read".to_owned(), false));
    }
    Some((format!("kcx does not know the program `{name}`"), false))
}

/// What the table of unknown programs says about this one: `None` if it is not there, `Some(None)` if this call of it only reads.
fn listed(name: &str, words: &[Word]) -> Option<Option<&'static str>> {
    let asks_itself = words.len() == 2
        && matches!(words[1].start(), "--version" | "-V" | "-v" | "--help" | "version" | "help");
    let is = |known: &str| known.strip_suffix('*').map_or(known == name, |start| name.starts_with(start));
    let mut lines = UNKNOWN
        .lines()
        .filter(|line| line.split(" : ").next().is_some_and(|names| names.split_ascii_whitespace().any(is)))
        .map(|line| line.split(" : ").collect::<Vec<_>>())
        .peekable();
    lines.peek()?;
    let applies = |parts: Vec<&'static str>| {
        let (why, only) = (parts.get(1).copied()?, parts.get(2).copied().unwrap_or("*"));
        let at = if only == "*" {
            Some(0)
        } else {
            only.split_ascii_whitespace().find_map(|it| place_of(it, words))
        };
        let reads = parts.get(3).copied().unwrap_or_default();
        let looks =
            at.is_some_and(|at| reads.split_ascii_whitespace().any(|it| reading(it, &words[at + 1..])));
        (at.is_some() && !looks).then_some(why)
    };
    Some(lines.find_map(applies).filter(|_| !asks_itself))
}

/// Where a word that makes a program unknown stands: `word`, `beginning*`, or several that all have to be there, `a+b`.
fn place_of(pattern: &str, words: &[Word]) -> Option<usize> {
    pattern
        .split('+')
        .map(|part| {
            words.iter().enumerate().skip(1).find_map(|(at, word)| {
                let text = word.start();
                let is = match part.strip_suffix('*') {
                    _ if part.is_empty() => text.starts_with('+'),
                    Some(start) if start.starts_with('-') => text.starts_with(start),
                    Some(start) => text.to_lowercase().starts_with(start),
                    None => text == part,
                };
                (is || word.is_many() || word.may_be_a_flag()).then_some(at)
            })
        })
        .collect::<Option<Vec<usize>>>()?
        .into_iter()
        .min()
}

/// True if the words after a program are those of a call that only reads: a flag, the first operand, `first/second`, or
/// `-m+name` for the first two words.
fn reading(pattern: &str, words: &[Word]) -> bool {
    if let Some((first, second)) = pattern.split_once('+') {
        let word = |at: usize| words.get(at).and_then(Word::known);
        return word(0) == Some(first) && word(1) == Some(second);
    }
    if pattern.starts_with('-') {
        return words.iter().any(|word| word.known() == Some(pattern));
    }
    let mut operands = Vec::new();
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        match word.known() {
            // `git -C FOLDER`, `git -c NAME=VALUE`
            Some("-C" | "-c") => drop(rest.next()),
            Some(text) if text.starts_with('-') => {}
            Some(text) => operands.push(text),
            None => break,
        }
    }
    let is = |pattern: &str, at: usize| {
        operands.get(at).is_some_and(|word| match pattern.strip_suffix('*') {
            Some(start) => word.starts_with(start),
            None => *word == pattern,
        })
    };
    match pattern.split_once('/') {
        Some((first, second)) => is(first, 0) && is(second, 1),
        None => is(pattern, 0),
    }
}

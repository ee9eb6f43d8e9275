//! Programs that run another one: `env`, `sudo`, `xargs`, `sh -c` and the like.

use super::flags::{Call, Table};
use super::place::{Files, Place};
use super::scope::Scope;
use super::shell::Input;
use super::word::{Word, join};
use super::{Judge, Unseen, Verdict};

/// The programs that run the rest of their words, with their flags. `+N` is the number of words before the program.
const WRAPPERS: Table = Table { text: include_str!("tables/wrappers.txt"), aliases: &[], underscores: false };

/// The words of a program that runs another one.
struct Wrapped {
    flags: Call,
    rest: Vec<Word>,
}

impl Judge<'_> {
    /// Judges a command with assignments before it.
    pub(super) fn with_assignments(
        &mut self,
        sets: &[Word],
        words: &[Word],
        input: &Input,
        scope: &mut Scope,
    ) {
        if sets.is_empty() {
            return self.command_with(words, input, scope);
        }
        let mut inner = scope.clone();
        for set in sets {
            let name = set.start().split('=').next().unwrap_or_default().to_owned();
            let value = set.without(name.len() + 1);
            self.command_in(&name, &value, &inner);
            inner.set(&name, &value);
        }
        let before = inner.clone();
        self.command_with(words, input, &mut inner);
        if inner.files() == scope.files() {
            scope.join(&inner, false);
        } else if !inner.acts_as(&before) {
            scope.elsewhere_switched = true;
        }
    }

    /// Judges a command.
    pub(super) fn command(&mut self, words: &[Word], scope: &mut Scope) {
        self.command_with(words, &Input::None, scope);
    }

    pub(super) fn command_with(&mut self, words: &[Word], input: &Input, scope: &mut Scope) {
        let Some(first) = words.first() else { return };
        let Some(program) = first.known() else {
            // Its other words, or those that this one becomes, may name a context.
            let open = words.iter().any(|word| word.is_many()) || words[1..].iter().any(Word::may_be_a_flag);
            let places = if open { vec![Place::Unknown] } else { scope.places() };
            self.found(words, Verdict::Unknown, places, "which program runs is not known");
            self.unseen = Unseen::Shell;
            return scope.forget_shell();
        };
        if let Some(text) = scope.aliases.get(program) {
            let text = format!("{text} {}", join(&words[1..]));
            let mut inner = scope.clone();
            inner.aliases.remove(program);
            self.deeper(words, scope, |judge| judge.text(&text, &mut inner));
            scope.join(&inner, true);
            // Shells that run a script know no aliases.
            scope.aliases.remove(program);
        }
        let name = super::program::name(program);
        let mut inner = scope.clone();
        let at = self.depth;
        if at >= super::DEEPEST {
            return self.deeper(words, scope, |_| {});
        }
        self.depth += 1;
        let before = std::mem::replace(&mut self.unseen, Unseen::Nothing);
        self.outer.push(join(words));
        match name.as_str() {
            "env" => self.env(words, input, &mut inner),
            "xargs" | "gxargs" => self.xargs(words, &mut inner),
            "repeat" if words.len() > 2 => self.repeat(words, input, &mut inner),
            "watch" => self.watch(words, &mut inner),
            "find" | "gfind" => self.find(words, input, &mut inner),
            "busybox" | "toybox" => self.command_with(&words[1..], input, &mut inner),
            _ if super::shell_program::SHELLS.contains(&name.as_str()) => {
                self.shell_program(&name, words, input, &mut inner);
            }
            _ if WRAPPERS.arity(&name, "help").is_some()
                && WRAPPERS.commands().any(|(known, _)| known == name) =>
            {
                self.wrapped(&name, words, input, &mut inner);
            }
            _ => self.program(&name, words, input, &mut inner),
        }
        self.depth = at;
        self.outer.pop();
        match self.unseen {
            Unseen::Nothing => {}
            Unseen::Files => inner.forget_files(),
            Unseen::Shell => inner.forget_shell(),
        }
        self.unseen = self.unseen.max(before);
        *scope = inner;
    }

    /// Separates the flags of a wrapper from the program that it runs.
    fn unwrap(&mut self, name: &str, words: &[Word], scope: &Scope) -> Option<Wrapped> {
        // Only flags that stand before the program are the wrapper's.
        let mut end = 1;
        while let Some(word) = words.get(end) {
            let text = word.start();
            if word.may_be_a_flag() {
                self.found(
                    words,
                    Verdict::Unknown,
                    scope.places(),
                    format!("which program `{name}` runs is not known"),
                );
                return None;
            }
            if text == "--" || text == "-" || !text.starts_with('-') {
                break;
            }
            let letter = text.chars().last().filter(|_| !text.starts_with("--")).map(String::from);
            let flag = text.strip_prefix("--").map(str::to_owned).or(letter).unwrap_or_default();
            let is_number = name == "nice" && text[1..].parse::<i32>().is_ok();
            let one = WRAPPERS.arity(name, &flag) == Some(super::flags::Arity::One);
            end += 1 + usize::from(one && !text.contains('=') && !is_number && !joined_value(name, text));
        }
        let end = end.min(words.len());
        let flags: Vec<Word> = words[1..end]
            .iter()
            .filter(|word| name != "nice" || word.start()[1..].parse::<i32>().is_err())
            .cloned()
            .collect();
        let mut line = vec![Word::literal(name)];
        line.extend(flags);
        let call = WRAPPERS.read(&line);
        if let Some(flag) = &call.strange {
            let why =
                format!("the flag {flag} of `{name}` is not known, so which program it runs is not either");
            self.found(words, Verdict::Unknown, scope.places(), why);
            return None;
        }
        let skip = usize::from(words.get(end).is_some_and(|word| word.known() == Some("--")));
        Some(Wrapped { flags: call, rest: words[end + skip..].to_vec() })
    }

    fn wrapped(&mut self, name: &str, words: &[Word], input: &Input, scope: &mut Scope) {
        let Some(Wrapped { flags, mut rest }) = self.unwrap(name, words, scope) else { return };
        let operands = match name {
            "timeout" | "gtimeout" | "taskset" | "flock" | "chrt" => 1,
            _ => 0,
        };
        if rest.iter().take(operands).any(Word::is_many) {
            return self.found(
                words,
                Verdict::Unknown,
                scope.places(),
                format!("which program `{name}` runs is not known"),
            );
        }
        rest.drain(..operands.min(rest.len()));
        if name == "command" && (flags.has("v") || flags.has("V"))
            || flags.has("help")
            || flags.has("version")
        {
            return self.found(words, Verdict::Read, Vec::new(), format!("`{name}` runs nothing here"));
        }
        if matches!(name, "sudo" | "doas") && !flags.has("preserve-env") {
            // Another account has another home.
            scope.set_files(Files::Unknown);
        }
        let sets: Vec<Word> = match name {
            "sudo" => take_assignments(&mut rest),
            _ => Vec::new(),
        };
        if name == "flock" && rest.first().is_some_and(|word| matches!(word.start(), "-c" | "--command")) {
            return self.text_of(words, rest.get(1), scope);
        }
        if rest.is_empty() {
            let (verdict, why) = match name {
                "sudo" | "doas" if flags.has("shell") || flags.has("login") => {
                    let why = "a shell of another account; what is typed there is not seen here";
                    (Verdict::Unknown, why.to_owned())
                }
                _ => (Verdict::Read, format!("`{name}` runs nothing here")),
            };
            let places = if verdict == Verdict::Read { Vec::new() } else { scope.places() };
            return self.found(words, verdict, places, why);
        }
        self.with_assignments(&sets, &rest, input, scope);
    }

    fn env(&mut self, words: &[Word], input: &Input, scope: &mut Scope) {
        let Some(Wrapped { flags, mut rest }) = self.unwrap("env", words, scope) else { return };
        if flags.has("ignore-environment") || rest.first().is_some_and(|word| word.known() == Some("-")) {
            scope.unset("KUBECONFIG");
            scope.unset("HELM_KUBECONTEXT");
            rest.retain(|word| word.known() != Some("-"));
        }
        for (flag, value) in &flags.flags {
            match (*flag, value.as_ref().and_then(Word::known)) {
                ("unset", Some(name)) => scope.unset(name),
                ("chdir", _) => scope.moved = true,
                _ => {}
            }
        }
        if let Some(text) = flags.value("split-string") {
            let text = text.known().map(|text| format!("{text} {}", join(&rest)));
            let text = text.map(|text| Word::literal(&text));
            return self.text_of(words, text.as_ref(), scope);
        }
        let sets = take_assignments(&mut rest);
        if rest.is_empty() {
            return self.found(words, Verdict::Read, Vec::new(), "`env` runs nothing here");
        }
        self.with_assignments(&sets, &rest, input, scope);
    }

    fn xargs(&mut self, words: &[Word], scope: &mut Scope) {
        let Some(Wrapped { flags, mut rest }) = self.unwrap("xargs", words, scope) else { return };
        if rest.is_empty() {
            return self.found(words, Verdict::Read, Vec::new(), "`xargs` runs `echo`");
        }
        let mark = flags.value("replace").or(flags.value("I"));
        match mark.map(|mark| mark.known().unwrap_or_default().to_owned()) {
            Some(mark) if mark.is_empty() => rest.push(Word::anything("…")),
            Some(mark) => rest.iter_mut().for_each(|word| *word = word.with_unknown(&mark)),
            None => rest.push(Word::anything("…")),
        }
        self.command_with(&rest, &Input::Unknown, scope);
    }

    fn watch(&mut self, words: &[Word], scope: &mut Scope) {
        let Some(Wrapped { flags, rest }) = self.unwrap("watch", words, scope) else { return };
        if flags.has("exec") {
            return self.command(&rest, scope);
        }
        let known: Option<Vec<&str>> = rest.iter().map(Word::known).collect();
        let text = known.map(|words| Word::literal(&words.join(" ")));
        match text {
            Some(text) => self.text_of(words, Some(&text), scope),
            // The shell that `watch` starts may split what is not known.
            None => {
                let mut rest = rest;
                rest.iter_mut()
                    .filter(|word| word.open().is_some())
                    .for_each(|word| *word = Word::anything(word.raw()));
                self.command(&rest, scope);
            }
        }
    }

    /// `repeat N COMMAND` of zsh.
    fn repeat(&mut self, words: &[Word], input: &Input, scope: &mut Scope) {
        self.repeated(scope, |judge, scope| judge.command_with(&words[2..], input, scope));
    }

    fn find(&mut self, words: &[Word], input: &Input, scope: &mut Scope) {
        let mut at = 1;
        let mut runs = false;
        while at < words.len() {
            if matches!(words[at].start(), "-exec" | "-execdir" | "-ok" | "-okdir") {
                let end = words[at + 1..].iter().position(|word| matches!(word.known(), Some(";" | "+")));
                let end = end.map_or(words.len(), |end| at + 1 + end);
                let command: Vec<Word> =
                    words[at + 1..end].iter().map(|word| word.with_unknown("{}")).collect();
                self.command_with(&command, input, scope);
                (at, runs) = (end, true);
            }
            at += 1;
        }
        if !runs {
            self.found(words, Verdict::Read, Vec::new(), "`find` runs nothing here");
        }
    }

    /// Judges a text that a program runs as shell commands.
    pub(super) fn text_of(&mut self, words: &[Word], text: Option<&Word>, scope: &mut Scope) {
        match text.map(Word::known) {
            Some(Some(text)) => {
                let text = text.to_owned();
                let outer = scope.clone();
                self.deeper(words, &outer, |judge| judge.text(&text, scope));
            }
            _ => {
                self.found(
                    words,
                    Verdict::Unknown,
                    scope.places(),
                    "the commands that it runs are not known",
                );
            }
        }
    }

    /// `export NAME=VALUE` and the like.
    pub(super) fn export(&mut self, words: &[Word], scope: &mut Scope) {
        for word in &words[1..] {
            self.heard(word);
            match word.start().split_once('=') {
                Some((name, _)) => {
                    let value = word.without(name.len() + 1);
                    self.command_in(name.trim_end_matches('+'), &value, scope);
                    scope.set(name.trim_end_matches('+'), &value);
                }
                None if word.start().starts_with('-') => {
                    // A reference: one variable is another name of a second one.
                    scope.references |= !word.start().starts_with("--") && word.start().contains(['n', 'T']);
                }
                None if word.open().is_some() => {
                    scope.set("KUBECONFIG", &Word::anything(""));
                    scope.set("HELM_KUBECONTEXT", &Word::anything(""));
                }
                // `NAME=VALUE; export NAME`
                None => {
                    let value = scope.variable(word.start()).map(Word::literal);
                    if let Some(value) = value {
                        scope.set(word.start(), &value);
                    }
                }
            }
        }
    }
}

/// True if a word such as `-n5` has the value of its flag.
fn joined_value(name: &str, text: &str) -> bool {
    let Some(letters) = text.strip_prefix('-').filter(|_| !text.starts_with("--")) else { return false };
    let one = |letter: char| WRAPPERS.arity(name, &letter.to_string()) == Some(super::flags::Arity::One);
    letters
        .char_indices()
        .find(|(_, letter)| one(*letter))
        .is_some_and(|(at, letter)| at + letter.len_utf8() < letters.len())
}

/// Takes the words `NAME=VALUE` before a program.
fn take_assignments(words: &mut Vec<Word>) -> Vec<Word> {
    let is_name =
        |name: &str| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let is_set = |word: &&Word| word.start().split_once('=').is_some_and(|(name, _)| is_name(name));
    let count = words.iter().take_while(is_set).count();
    words.drain(..count).collect()
}

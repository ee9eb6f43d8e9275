//! Shells as programs: `sh -c TEXT`, `bash SCRIPT`, `… | sh`.

use super::place::Place;
use super::scope::Scope;
use super::shell::Input;
use super::word::Word;
use super::{Judge, Verdict};

/// Shells that read a text of commands in the common grammar.
pub(super) const SHELLS: [&str; 10] =
    ["sh", "bash", "zsh", "dash", "ksh", "mksh", "ash", "rbash", "rzsh", "fish"];

/// What the words of a shell say.
#[derive(Default)]
struct Start<'w> {
    /// It runs the text in the first word that is no flag.
    command: bool,
    /// It reads its input.
    stdin: bool,
    /// It only looks whether the text can be read.
    checks: bool,
    /// Texts that it runs, given as values of flags.
    texts: Vec<Word>,
    /// The first word that is no flag.
    first: Option<&'w Word>,
}

impl Judge<'_> {
    /// A shell: the text after `-c`, or the one that it is given as input.
    pub(super) fn shell_program(&mut self, name: &str, words: &[Word], input: &Input, scope: &mut Scope) {
        if words[1..].iter().any(|word| matches!(word.known(), Some("--version" | "--help")))
            && words.len() == 2
        {
            return self.found(words, Verdict::Read, Vec::new(), "it only prints about itself");
        }
        let read = if name == "fish" { fish_flags(&words[1..]) } else { sh_flags(name, &words[1..]) };
        let Some(start) = read else {
            let why = "what this shell runs is not known";
            return self.found(words, Verdict::Unknown, vec![Place::Unknown], why);
        };
        if start.checks {
            return self.found(words, Verdict::Read, Vec::new(), "it looks at the text and runs nothing");
        }
        let mut inner = scope.child();
        let only_texts = !start.texts.is_empty() && !start.command;
        self.with_input(input.clone(), |judge| {
            start.texts.iter().for_each(|text| judge.text_of(words, Some(text), &mut inner));
            if start.command {
                judge.text_of(words, start.first, &mut inner);
            }
        });
        if !start.command && !only_texts {
            self.shell_input(words, (start.first, start.stdin), input, &mut inner);
        }
        scope.join(&inner, false);
    }

    /// A shell that runs a script or its input.
    fn shell_input(
        &mut self,
        words: &[Word],
        (script, stdin): (Option<&Word>, bool),
        input: &Input,
        scope: &mut Scope,
    ) {
        match (script, input) {
            (Some(_), _) if !stdin => {
                let places = super::program::script_places(script, scope);
                self.found(words, Verdict::Unknown, places, "it runs a script, which was not read");
            }
            (_, input) => self.typed(words, input, Vec::new(), scope),
        }
    }

    /// An interactive shell, or one that runs the text that it is given.
    pub(super) fn typed(&mut self, words: &[Word], input: &Input, places: Vec<Place>, scope: &mut Scope) {
        match input {
            Input::Text(text) => {
                let outer = scope.clone();
                self.deeper(words, &outer, |judge| judge.text(text, scope));
            }
            Input::Unknown => {
                let why = "a shell runs what it reads from its input";
                self.found(words, Verdict::Unknown, vec![Place::Unknown], why);
            }
            Input::None => {
                let why = "a shell; what is typed there is judged when it is run";
                self.found(words, Verdict::Read, places, why);
            }
        }
    }
}

/// The words of a shell with the flags of `sh`; `None` if they cannot be known.
fn sh_flags<'w>(name: &str, words: &'w [Word]) -> Option<Start<'w>> {
    let mut start = Start::default();
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        let text = word.start();
        if word.may_be_a_flag() {
            return None;
        }
        match text {
            "--rcfile" | "--init-file" | "--emulate" => drop(rest.next()),
            "--" | "-" => {
                start.first = rest.next();
                break;
            }
            _ if text.starts_with("--") => {}
            _ if text.starts_with(['-', '+']) && text.len() > 1 => {
                // `-oNAME` of zsh; other shells take the name from the next word, wherever the letter stands.
                let name_at = text.find('o').filter(|at| at + 1 < text.len());
                let letters = match (name, name_at) {
                    ("zsh" | "rzsh", Some(at)) => &text[..at],
                    ("ksh" | "mksh", Some(_)) => return None,
                    _ => text,
                };
                if text.starts_with('-') {
                    start.command |= letters.contains('c');
                    start.stdin |= letters.contains('s');
                    start.checks |= letters.contains('n');
                }
                for _ in letters.matches(['o', 'O']) {
                    if rest.next().is_some_and(Word::may_be_a_flag) {
                        return None;
                    }
                }
            }
            _ => {
                start.first = Some(word);
                break;
            }
        }
    }
    Some(start)
}

/// The words of fish; `None` if they cannot be known.
fn fish_flags(words: &[Word]) -> Option<Start<'_>> {
    let mut start = Start::default();
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        let text = word.start();
        if word.may_be_a_flag() {
            return None;
        }
        if text == "--" {
            start.first = rest.next();
            break;
        }
        if let Some(long) = text.strip_prefix("--") {
            let (name, joined) = match long.split_once('=') {
                Some((name, _)) => (name, Some(word.without(name.len() + 3))),
                None => (long, None),
            };
            // fish takes the beginning of a name for the name.
            let is = |full: &str| !name.is_empty() && full.starts_with(name);
            if is("command") || is("init-command") {
                start.texts.push(joined.or_else(|| rest.next().cloned())?);
            } else if ["features", "debug", "debug-output", "profile", "profile-startup"].into_iter().any(is)
            {
                if joined.is_none() {
                    rest.next();
                }
            } else if is("no-execute") {
                start.checks = true;
            }
            continue;
        }
        if !text.starts_with('-') || text.len() == 1 {
            start.first = Some(word);
            break;
        }
        for (at, letter) in text.char_indices().skip(1) {
            let after = at + letter.len_utf8();
            match letter {
                'n' => start.checks = true,
                'c' | 'C' | 'f' | 'd' | 'o' | 'D' | 'p' => {
                    let is_last = after == text.len() && word.open().is_none();
                    let value = if is_last { rest.next().cloned() } else { Some(word.without(after)) };
                    if matches!(letter, 'c' | 'C') {
                        start.texts.push(value?);
                    }
                    break;
                }
                _ => {}
            }
        }
    }
    Some(start)
}

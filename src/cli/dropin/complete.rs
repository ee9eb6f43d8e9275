//! Completion of the arguments of `kubectx` and `kubens`.

use super::super::candidates::{Candidate, Candidates, Group, NameQuery, Names};
use super::{Called, Program};

const KUBECTX: [(&str, &str); 7] = [
    ("--current", "show the current context name"),
    ("--help", "show this message"),
    ("--readonly", "start a read-only shell for a context"),
    ("--shell", "start a shell scoped to a context"),
    ("--unset", "unset the current context"),
    ("--version", "show version"),
    ("-d", "delete contexts"),
];

const KUBENS: [(&str, &str); 5] = [
    ("--current", "show the current namespace"),
    ("--force", "accept an invalid namespace name"),
    ("--help", "show this message"),
    ("--unset", "unset the namespace choice (set to 'default')"),
    ("--version", "show version"),
];

impl Called {
    /// The candidates for the last word.
    pub(in super::super) fn complete(
        &self,
        before: &[String],
        typed: &str,
        describe: bool,
        names: &Names<'_, '_>,
    ) -> Candidates {
        let contexts = |typed: &str| names.contexts(NameQuery { typed, describe });
        let before: Vec<&str> = before.iter().map(String::as_str).collect();
        let flags = |flags: &[(&str, &str)]| {
            flags.iter().map(|(flag, what)| Candidate::new(Group::Flag, *flag, *what)).collect()
        };
        let candidates = match (self.program, before.as_slice()) {
            (Program::Kubectx, []) if typed.starts_with('-') => flags(&KUBECTX),
            // NEW=OLD
            (Program::Kubectx, []) => match typed.split_once('=') {
                None => contexts(typed),
                Some((new, old)) => {
                    let renamed = |it: Candidate| Candidate { name: format!("{new}={}", it.name), ..it };
                    contexts(old).into_iter().map(renamed).collect()
                }
            },
            (Program::Kubectx, ["-s" | "--shell" | "-r" | "--readonly"]) => contexts(typed),
            (Program::Kubectx, ["-d", given @ ..]) => {
                let mut left = contexts(typed);
                left.retain(|it| !given.contains(&it.name.as_str()));
                left
            }
            (Program::Kubens, []) if typed.starts_with('-') => flags(&KUBENS),
            (Program::Kubens, [] | ["-f" | "--force"]) => names.namespaces(None),
            _ => Vec::new(),
        };
        Candidates { candidates, files: false }
    }
}

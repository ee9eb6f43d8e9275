//! Completes a command line of `kubectl config` like cobra's hidden command `__complete`.
//!
//! Verbs and flags are completed here; the caller has the names of contexts, clusters and users. Unlike kubectl, it does not
//! query the cluster for `--namespace` values.

use super::command_table::{Command, Flag, HELP, Kind, Verb};
use super::flags::{self, Parsed};

/// The kind of names that complete a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Names {
    /// Names of contexts.
    Contexts,
    /// Names of clusters.
    Clusters,
    /// Names of users.
    Users,
}

/// What the shell does in addition to the candidates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Directive {
    /// Completes file names.
    Default = 0,
    /// Completes nothing.
    NoFileComp = 4,
}

/// The candidates for the last word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// The matching verbs or flags, with their descriptions.
    pub candidates: Vec<(String, String)>,
    /// The kind of names that match; the caller adds those that start with `prefix`.
    pub names: Option<Names>,
    /// The typed part of the name.
    pub prefix: String,
    /// What the shell does in addition.
    pub directive: Directive,
    /// The reason why there are no candidates.
    pub error: Option<String>,
}

impl Completion {
    fn of(directive: Directive) -> Self {
        Self { candidates: Vec::new(), names: None, prefix: String::new(), directive, error: None }
    }

    fn failed(error: String) -> Self {
        Self { error: Some(error), ..Self::of(Directive::Default) }
    }

    /// The text that cobra prints on stdout; `names` are those of the requested kind.
    pub fn stdout<'a>(&self, names: impl IntoIterator<Item = &'a str>) -> String {
        let mut out = String::new();
        for (candidate, description) in &self.candidates {
            out.push_str(format!("{candidate}\t{description}").trim());
            out.push('\n');
        }
        for name in names.into_iter().filter(|name| self.names.is_some() && name.starts_with(&self.prefix)) {
            out.push_str(name.lines().next().unwrap_or_default().trim());
            out.push('\n');
        }
        out.push_str(&format!(":{}\n", self.directive as u8));
        out
    }

    /// The text that cobra prints on stderr.
    pub fn stderr(&self) -> String {
        let error = self.error.as_ref().map(|error| format!("[Debug] [Error] {error}\n")).unwrap_or_default();
        format!("{error}Completion ended with directive: ShellCompDirective{:?}\n", self.directive)
    }
}

/// Completes the last word. `words` are those after `__complete`, so the first name in them is `config`.
///
/// ```
/// use kcx::cli::config::complete::{Names, candidates_for};
/// let words = ["config", "use-context", "pr"].map(str::to_owned);
/// let completion = candidates_for(&words);
/// assert_eq!(completion.names, Some(Names::Contexts));
/// assert_eq!(completion.stdout(["dev", "prod"]), "prod\n:4\n");
/// ```
pub fn candidates_for(words: &[String]) -> Completion {
    let Some((last, before)) = words.split_last() else { return Completion::of(Directive::Default) };
    let (command, words) = flags::find(before);
    let ends_flags = words.iter().any(|word| word == "--");
    let (flag, words, last) = match flag_wanted(command, &words, last) {
        Ok(found) => found,
        Err(_) if ends_flags => (None, words.as_slice(), last.as_str()),
        Err(name) => {
            return match flags::parse_flags(command, &words, &[]) {
                Err(error) => unparsed(&words, &error),
                Ok(_) => Completion::failed(format!(
                    "Subcommand '{}' does not support flag '{name}'",
                    command.path("").rsplit(' ').next().unwrap_or_default()
                )),
            };
        }
    };
    let parsed = match flags::parse_flags(command, words, &[]) {
        Ok(parsed) => parsed,
        Err(error) => return unparsed(words, &error),
    };
    if parsed.flags.is_given(HELP.name) {
        return Completion::of(Directive::NoFileComp);
    }
    if let Some(flag) = flag.filter(|_| !ends_flags) {
        return for_value(command, flag, last);
    }
    if last.starts_with('-') && !last.contains('=') && !ends_flags {
        let mut completion = Completion::of(Directive::NoFileComp);
        completion.candidates = flag_names(command, &parsed, last);
        return completion;
    }
    for_argument(command, &parsed, last)
}

fn unparsed(words: &[String], error: &str) -> Completion {
    Completion::failed(format!("Error while parsing flags from args [{}]: {error}", words.join(" ")))
}

type Wanted<'a> = (Option<&'static Flag>, &'a [String], &'a str);

/// Finds the flag whose value is the last word. The error is the name of an unknown flag.
fn flag_wanted<'a>(command: Command, words: &'a [String], last: &'a str) -> Result<Wanted<'a>, String> {
    let (name, joined, rest, value) = if last.starts_with('-') {
        let Some((name, value)) = last.split_once('=') else { return Ok((None, words, last)) };
        (name, true, words, value)
    } else {
        match words.split_last() {
            Some((flag, rest))
                if flag.len() > 1 && flag.starts_with('-') && flag != "--" && !flag.contains('=') =>
            {
                (flag.as_str(), false, rest, last)
            }
            _ => return Ok((None, words, last)),
        }
    };
    let flag = match name.strip_prefix("--") {
        Some(long) => (long, if long == HELP.name { Some(&HELP) } else { command.flag(long) }),
        None => {
            let at = name.char_indices().next_back().map_or(0, |(at, _)| at);
            let letter = name[at..].chars().next();
            (&name[at..], letter.and_then(|c| if c == 'h' { Some(&HELP) } else { command.shorthand(c) }))
        }
    };
    match flag {
        (name, None) => Err(name.to_owned()),
        (_, Some(flag)) if flag.kind == Kind::Bool && !joined => Ok((None, words, last)),
        (_, Some(flag)) => Ok((Some(flag), rest, value)),
    }
}

/// The candidates for a flag's value. Only the global flags have names as candidates; a verb's own flag with such a name has
/// none.
fn for_value(command: Command, flag: &'static Flag, typed: &str) -> Completion {
    let mut completion = Completion::of(Directive::Default);
    if command.own_flags().contains(flag) {
        return completion;
    }
    completion.names = match flag.name {
        "context" => Some(Names::Contexts),
        "cluster" => Some(Names::Clusters),
        "user" => Some(Names::Users),
        _ => None,
    };
    if completion.names.is_some() || flag.name == "namespace" {
        completion.directive = Directive::NoFileComp;
        typed.clone_into(&mut completion.prefix);
    }
    completion
}

/// The inherited flags, then the command's own ones with `--help`; without flags that were given and cannot be repeated.
fn flag_names(command: Command, parsed: &Parsed, typed: &str) -> Vec<(String, String)> {
    let mut own: Vec<&Flag> = command.own_flags().iter().chain([&HELP]).collect();
    own.sort_by_key(|flag| flag.name);
    let mut out = Vec::new();
    for flag in command.inherited_flags().chain(own) {
        if parsed.flags.is_given(flag.name) && !matches!(flag.kind, Kind::List | Kind::Array) {
            continue;
        }
        let usage = if *flag == HELP {
            format!("{} {}", flag.usage, command.path("kubectl").rsplit(' ').next().unwrap_or_default())
        } else {
            flag.usage.to_owned()
        };
        let short = flag.short.map(|letter| format!("-{letter}"));
        for name in [Some(format!("--{}", flag.name)), short].into_iter().flatten() {
            if name.starts_with(typed) {
                out.push((name, usage.clone()));
            }
        }
    }
    out
}

fn for_argument(command: Command, parsed: &Parsed, typed: &str) -> Completion {
    let first = parsed.args.is_empty();
    let names = match command {
        Command::Config if first => {
            let mut completion = Completion::of(Directive::NoFileComp);
            let fits = Verb::ALL.into_iter().filter(|verb| verb.name().starts_with(typed));
            completion.candidates =
                fits.map(|verb| (verb.name().to_owned(), verb.short().to_owned())).collect();
            return completion;
        }
        Command::Verb(Verb::UseContext | Verb::DeleteContext | Verb::RenameContext | Verb::SetContext) => {
            Names::Contexts
        }
        Command::Verb(Verb::DeleteCluster) => Names::Clusters,
        Command::Verb(Verb::DeleteUser) => Names::Users,
        _ => return Completion::of(Directive::Default),
    };
    let mut completion = Completion::of(Directive::NoFileComp);
    completion.names = first.then_some(names);
    typed.clone_into(&mut completion.prefix);
    completion
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complete(words: &[&str]) -> (String, String) {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let completion = candidates_for(&words);
        (completion.stdout(["a", "ab"]), completion.stderr())
    }

    #[test]
    fn offers_what_kubectl_offers() {
        for (words, want) in [
            (&["config", "use-context", ""][..], "a\nab\n:4\n"),
            (&["config", "use", "ab"], "ab\n:4\n"),
            (&["config", "set-context", "a", ""], ":4\n"),
            (&["config", "set-context", "--cluster", ""], ":0\n"),
            (&["config", "view", "--context=a"], "a\nab\n:4\n"),
            (&["config", "view", "--user", ""], "a\nab\n:4\n"),
            (&["config", "view", "-n", ""], ":4\n"),
            (&["config", "view", "--raw", ""], ":0\n"),
            (&["config", "view", "-h", ""], ":4\n"),
            (&["config", "set-context", "--", "-"], ":4\n"),
            (&["config", "get-contexts", "a"], ":0\n"),
            (&["config", "use-context", "--context=a", "--con"], ":4\n"),
            (
                &["config", "--kubeconfig=/x", "u"],
                "unset\tUnset an individual value in a kubeconfig file\n\
                 use-context\tSet the current-context in a kubeconfig file\n:4\n",
            ),
            (
                &["config", "set-credentials", "--exec-arg=x", "--exec-a"],
                "--exec-api-version\tAPI version of the exec credential plugin for the user entry in kubeconfig\n\
                 --exec-arg\tNew arguments for the exec credential plugin command for the user entry in kubeconfig\n:4\n",
            ),
            (&["config", "view", "--he"], "--help\thelp for view\n:4\n"),
        ] {
            assert_eq!(complete(words).0, want, "{words:?}");
        }
    }

    #[test]
    fn says_on_stderr_what_kubectl_says() {
        let end = "Completion ended with directive: ShellCompDirectiveDefault\n";
        for (words, want) in [
            (
                &["config", "view", "--bogus", ""][..],
                "Error while parsing flags from args [--bogus]: unknown flag: --bogus\n",
            ),
            (
                &["config", "view", "--merge=x", ""],
                "Error while parsing flags from args [--merge=x]: invalid argument \"x\" for \"--merge\" flag: \
                 strconv.ParseBool: parsing \"x\": invalid syntax\n",
            ),
        ] {
            assert_eq!(complete(words).1, format!("[Debug] [Error] {want}{end}"), "{words:?}");
        }
        assert_eq!(
            complete(&["config", "use-context", ""]).1,
            "Completion ended with directive: ShellCompDirectiveNoFileComp\n"
        );
    }
}

//! The verbs by which requests are told apart.

use std::fmt;

/// What a request that only reads does. The names are Kubernetes' where it has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verb {
    /// Reads one object, or a document of the server that is none.
    Get,
    /// Reads a list.
    List,
    /// Reads changes as they happen.
    Watch,
    /// Reads the log of a container or build.
    Logs,
    /// Lets the server check a change without making it.
    DryRun,
    /// Asks about permissions: `kubectl auth can-i`, `kubectl auth whoami`.
    Review,
    /// Reads which types there are, and the version. Always passes.
    Discover,
    /// Anything that is no read. Never passes.
    Other,
}

/// The verbs that can be listed, and their names.
const KNOWN: [(&str, Verb); 6] = [
    ("get", Verb::Get),
    ("list", Verb::List),
    ("watch", Verb::Watch),
    ("logs", Verb::Logs),
    ("dry-run", Verb::DryRun),
    ("review", Verb::Review),
];

/// Verbs that write, or open a connection that could carry anything.
const NEVER: [&str; 20] = [
    "apply",
    "approve",
    "attach",
    "bind",
    "cp",
    "create",
    "debug",
    "delete",
    "deletecollection",
    "edit",
    "escalate",
    "exec",
    "impersonate",
    "patch",
    "port-forward",
    "portforward",
    "proxy",
    "replace",
    "scale",
    "update",
];

impl Verb {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Verb::Discover => "discover",
            Verb::Other => "other",
            verb => KNOWN.iter().find(|(_, known)| *known == verb).map_or("other", |(name, _)| name),
        }
    }
}

/// A word that names no verb that can pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnknownVerb {
    /// It writes, or opens a connection.
    #[error("it does not only read")]
    Never,
    /// There is no such verb.
    #[error("there is no such verb")]
    NoSuch,
}

/// A set of verbs, in the order in which they were given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verbs(Vec<Verb>);

impl Verbs {
    /// Reads words such as `get` and `logs`.
    ///
    /// # Errors
    /// The first word that is no verb that can pass, and why.
    pub fn of(words: &[String]) -> Result<Verbs, (&str, UnknownVerb)> {
        let mut verbs = Vec::new();
        for word in words {
            let plain = word.to_ascii_lowercase();
            let plain = if plain == "log" { "logs" } else { plain.as_str() };
            let Some((_, verb)) = KNOWN.iter().find(|(name, _)| *name == plain) else {
                let why = if NEVER.contains(&plain) { UnknownVerb::Never } else { UnknownVerb::NoSuch };
                return Err((word, why));
            };
            if !verbs.contains(verb) {
                verbs.push(*verb);
            }
        }
        Ok(Verbs(verbs))
    }

    /// The names of all verbs that can be given.
    pub fn names() -> impl Iterator<Item = &'static str> {
        KNOWN.iter().map(|(name, _)| *name)
    }

    /// True if requests of this verb pass.
    #[must_use]
    pub fn allows(&self, verb: Verb) -> bool {
        verb == Verb::Discover || self.0.contains(&verb)
    }
}

impl fmt::Display for Verbs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.0.iter().map(|verb| verb.name()).collect();
        f.write_str(&names.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verbs_are_read_and_what_writes_is_none() {
        let of = |text: &str| {
            let words: Vec<String> = text.split(',').map(str::to_owned).collect();
            Verbs::of(&words).map(|verbs| verbs.to_string()).map_err(|(word, why)| (word.to_owned(), why))
        };
        assert_eq!(of("get,LIST,log,get"), Ok("get,list,logs".to_owned()));
        for word in NEVER {
            assert_eq!(of(&format!("get,{word}")), Err((word.to_owned(), UnknownVerb::Never)));
        }
        assert_eq!(of("see"), Err(("see".to_owned(), UnknownVerb::NoSuch)));
        let all = Verbs::names().map(str::to_owned).collect::<Vec<_>>();
        let verbs = Verbs::of(&all).unwrap();
        assert!(verbs.allows(Verb::Discover) && !verbs.allows(Verb::Other));
    }
}

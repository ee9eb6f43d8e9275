//! Arguments that name entries: `TYPE NAME…`, `TYPE/NAME`, `NAME`. All commands that take a type parse them here.
//!
//! - After a type as a separate word, each NAME is literal, whatever characters it contains.
//! - Without one, a word that is the name of a context means that context; otherwise `TYPE/NAME` means an entry of that
//!   type, and any other word the name of a context.
//! - A word that is both a context's name and `TYPE/NAME` of an existing entry is refused, with both spellings.

use super::error::{Cause, Error, name};
use super::messages::shell_word;
use crate::glob::Glob;
use crate::kubeconfig::{Kind, Merged};

/// Entries of one type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Operands {
    pub(super) kind: Kind,
    pub(super) names: Vec<String>,
}

/// The type that a word names.
pub(super) fn kind(word: &str) -> Option<Kind> {
    match word {
        "context" | "contexts" | "ctx" => Some(Kind::Context),
        "cluster" | "clusters" => Some(Kind::Cluster),
        "user" | "users" => Some(Kind::User),
        _ => None,
    }
}

/// The type and the name in `TYPE/NAME`.
pub(super) fn typed(word: &str) -> Option<(Kind, &str)> {
    let (before, rest) = word.split_once('/')?;
    Some((kind(before)?, rest))
}

/// True for a name that may also be a pattern.
pub(super) fn is_pattern(word: &str) -> bool {
    word.contains(['*', '?', '['])
}

impl Operands {
    /// Parses the words of `kcx VERB`, the first of which may be a type.
    ///
    /// # Errors
    /// Exit code 2 for an ambiguous word, and for words of different types.
    pub(super) fn read(verb: &str, words: &[String], merged: &Merged) -> Result<Operands, Error> {
        if let [first, names @ ..] = words
            && let Some(kind) = kind(first)
        {
            return Ok(Operands { kind, names: names.to_vec() });
        }
        let mut operands = Operands { kind: Kind::Context, names: Vec::new() };
        for (at, word) in words.iter().enumerate() {
            let rest = word.strip_prefix('!').filter(|_| merged.find(Kind::Context, word).is_none());
            let (kind, entry) = one(verb, rest.unwrap_or(word), merged)?;
            if at > 0 && kind != operands.kind {
                let (first, other) = (name(&words[0]), name(word));
                let message =
                    format!("`kcx {verb}` takes one type at a time; {first} and {other} were given");
                return Err(Error::new(Cause::Usage, message));
            }
            operands.kind = kind;
            // `!user/x` leaves a user out.
            let mark = if rest.is_some() { "!" } else { "" };
            operands.names.push(format!("{mark}{entry}"));
        }
        Ok(operands)
    }
}

/// The entry that a single word names to `kcx VERB`, whether it exists or not.
///
/// # Errors
/// Exit code 2 if the word is ambiguous.
pub(super) fn one<'w>(verb: &str, word: &'w str, merged: &Merged) -> Result<(Kind, &'w str), Error> {
    let Some((kind, rest)) = typed(word) else { return Ok((Kind::Context, word)) };
    match (fits(merged, Kind::Context, word), fits(merged, kind, rest)) {
        (true, true) => Err(ambiguous(verb, word, kind, rest)),
        (true, false) => Ok((Kind::Context, word)),
        (false, _) => Ok((kind, rest)),
    }
}

/// True if there is an entry with this name, or one that matches this pattern.
fn fits(merged: &Merged, kind: Kind, wanted: &str) -> bool {
    if merged.find(kind, wanted).is_some() {
        return true;
    }
    if !is_pattern(wanted) {
        return false;
    }
    let glob = Glob::new(wanted);
    merged.names(kind).into_iter().any(|name| glob.matches(name))
}

fn ambiguous(verb: &str, word: &str, kind: Kind, rest: &str) -> Error {
    let message = if is_pattern(word) {
        format!("{} matches contexts and also {}; nothing was done", name(word), kind.list())
    } else {
        format!(
            "{} is a context, but there is also a {} {}; nothing was done",
            name(word),
            kind.word(),
            name(rest)
        )
    };
    let (whole, rest) = (shell_word(word), shell_word(rest));
    let own = kind.word();
    Error::new(Cause::Usage, message)
        .hint(format!("`kcx {verb} context {whole}` or `kcx {verb} {own} {rest}` makes it unambiguous"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kubeconfig::{Document, Source};

    fn merged() -> Merged {
        let text = "contexts: [{name: user/api:6443/bob}, {name: user/host}, {name: cluster/east}, {name: a}]\n\
                    clusters: [{name: east}, {name: cluster/east}]\n\
                    users: [{name: host}, {name: user/host}, {name: context/x}]\n";
        let document = Some(Document::parse(text.as_bytes().to_vec()).unwrap());
        Merged::new(vec![Source { path: "f".into(), document }])
    }

    fn read(line: &[&str]) -> Result<(Kind, Vec<String>), String> {
        let words: Vec<String> = line.iter().map(|word| (*word).to_owned()).collect();
        Operands::read("get", &words, &merged()).map(|it| (it.kind, it.names)).map_err(|error| error.message)
    }

    #[test]
    fn behind_a_type_a_name_is_literal() {
        for (line, kind, want) in [
            (["user", "user/host"], Kind::User, "user/host"),
            (["users", "host"], Kind::User, "host"),
            (["clusters", "cluster/east"], Kind::Cluster, "cluster/east"),
            (["context", "user/host"], Kind::Context, "user/host"),
            (["user", "user"], Kind::User, "user"),
            (["user", ""], Kind::User, ""),
            (["ctx", "."], Kind::Context, "."),
        ] {
            assert_eq!(read(&line), Ok((kind, vec![want.to_owned()])), "{line:?}");
        }
    }

    #[test]
    fn without_a_type_a_context_wins_and_two_meanings_are_refused() {
        for (word, kind, want) in [
            ("user/api:6443/bob", Kind::Context, "user/api:6443/bob"),
            ("user/user/host", Kind::User, "user/host"),
            ("context/user/host", Kind::Context, "user/host"),
            ("user/nobody", Kind::User, "nobody"),
            ("nothing/x", Kind::Context, "nothing/x"),
            ("user/api*", Kind::Context, "user/api*"),
            ("user/", Kind::User, ""),
        ] {
            assert_eq!(read(&[word]), Ok((kind, vec![want.to_owned()])), "{word}");
        }
        for word in ["user/host", "cluster/east", "user/h*"] {
            assert!(read(&[word]).unwrap_err().contains("nothing was done"), "{word}");
        }
        assert!(read(&["a", "user/nobody"]).unwrap_err().contains("one type at a time"));
    }
}

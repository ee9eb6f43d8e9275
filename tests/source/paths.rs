//! The paths that a file names: those of its `use` trees, one for each leaf, and those in its code; and the methods that it
//! calls.

use super::{Spanned, Token, line, tokens};

/// A path of two names or more, or a method, and the line it stands on.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct NamedPath {
    /// A glob is `*`; `a::{self}` is `a`; a call of a method is one name with a dot in front of it.
    pub(crate) names: Vec<String>,
    pub(crate) line: usize,
    pub(crate) is_use: bool,
}

/// All of them, in order; what is below `#[cfg(test)] mod …` is left out.
pub(crate) fn paths(text: &str) -> Vec<NamedPath> {
    let tokens = without_tests(&tokens(text));
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let is_use = tokens[at].word() == Some("use");
        // `impl Trait + use<'a>` names no path.
        if is_use && tokens.get(at + 1).is_some_and(|next| !next.is('<')) {
            at = tree(text, &tokens, at + 1, &[], &mut found);
        } else if tokens[at].word() == Some("in") && at > 0 && tokens[at - 1].is('(') {
            // `pub(in crate::cli)` says who may name it, and names nothing.
            (_, at) = plain(&tokens, at + 1);
        } else if tokens[at].word().is_some() {
            let (names, next) = plain(&tokens, at);
            if names.len() > 1 {
                found.push(NamedPath { names, line: line(text, tokens[at].range.start), is_use: false });
            }
            at = next;
        } else if let Some(method) = method(&tokens[at..]) {
            let line = line(text, tokens[at].range.start);
            found.push(NamedPath { names: vec![format!(".{method}")], line, is_use: false });
            at += 2;
        } else {
            at += 1;
        }
    }
    found
}

/// The name of the method that a dot calls.
fn method(tokens: &[Spanned]) -> Option<&str> {
    let name = tokens.get(1).and_then(Spanned::word)?;
    (tokens[0].is('.') && tokens.get(2).is_some_and(|open| open.is('(') || open.is(':'))).then_some(name)
}

/// Names with `::` between them, from `at`; what stands behind them.
fn plain(tokens: &[Spanned], mut at: usize) -> (Vec<String>, usize) {
    let mut names = Vec::new();
    while let Some(word) = tokens.get(at).and_then(Spanned::word) {
        names.push(word.to_owned());
        at += 1;
        if !separated(tokens, at) || tokens.get(at + 2).is_none_or(|next| next.word().is_none()) {
            break;
        }
        at += 2;
    }
    (names, at)
}

fn separated(tokens: &[Spanned], at: usize) -> bool {
    [at, at + 1].iter().all(|&at| tokens.get(at).is_some_and(|it| it.is(':')))
}

/// One `use` tree below a prefix; returns what stands behind it.
fn tree(text: &str, tokens: &[Spanned], mut at: usize, prefix: &[String], out: &mut Vec<NamedPath>) -> usize {
    let start = at;
    if separated(tokens, at) {
        at += 2;
    }
    let (names, next) = plain(tokens, at);
    let mut path = [prefix, names.as_slice()].concat();
    at = next;
    if !names.is_empty() && separated(tokens, at) {
        at += 2;
    }
    let mut leaf = |path: Vec<String>| {
        let line = line(text, tokens[start.min(tokens.len() - 1)].range.start);
        out.push(NamedPath { names: path, line, is_use: true });
    };
    match tokens.get(at) {
        Some(open) if open.is('{') => {
            at += 1;
            while tokens.get(at).is_some_and(|it| !it.is('}')) {
                at = match tokens[at].is(',') {
                    true => at + 1,
                    false => tree(text, tokens, at, &path, out),
                };
            }
            return at + 1;
        }
        Some(glob) if glob.is('*') => {
            path.push("*".to_owned());
            leaf(path);
            at += 1;
        }
        _ => {
            if path.len() > 1 && path.last().is_some_and(|name| name == "self") {
                path.pop();
            }
            leaf(path);
            if tokens.get(at).and_then(Spanned::word) == Some("as") {
                at += 2;
            }
        }
    }
    at
}

/// The tokens without the modules of unit tests.
fn without_tests(tokens: &[Spanned]) -> Vec<Spanned> {
    let mut kept = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while at < tokens.len() {
        match test_module(&tokens[at..]) {
            Some(length) => at += length,
            None => {
                kept.push(tokens[at].clone());
                at += 1;
            }
        }
    }
    kept
}

/// How many tokens `#[cfg(test)] … mod name { … }` has, if these begin with it.
fn test_module(tokens: &[Spanned]) -> Option<usize> {
    let opening = [
        Token::Sign('#'),
        Token::Sign('['),
        Token::Word("cfg".to_owned()),
        Token::Sign('('),
        Token::Word("test".to_owned()),
        Token::Sign(')'),
        Token::Sign(']'),
    ];
    if tokens.len() < opening.len() || tokens.iter().zip(&opening).any(|(it, want)| it.token != *want) {
        return None;
    }
    let mut at = opening.len();
    // Other attributes.
    while tokens.get(at)?.is('#') {
        at += 1 + closing(&tokens[at + 1..])?;
    }
    if tokens.get(at)?.word() != Some("mod") {
        return None;
    }
    match tokens.get(at + 2)? {
        open if open.is('{') => Some(at + 2 + closing(&tokens[at + 2..])?),
        _ => Some(at + 3),
    }
}

/// How many tokens there are to the end of the bracket that these begin with.
pub(crate) fn closing(tokens: &[Spanned]) -> Option<usize> {
    let mut depth = 0;
    for (at, it) in tokens.iter().enumerate() {
        match it.token {
            Token::Sign('(' | '[' | '{') => depth += 1,
            Token::Sign(')' | ']' | '}') => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(at + 1);
        }
    }
    None
}

#[test]
fn a_use_tree_names_each_leaf_however_it_is_broken() {
    let text = "\
//! use crate::comment;
use crate::{
    cli::World,
    file::{self, lock::*, read as open},
};
pub(crate) use super::super::store;
use std::fs;
pub(in crate::cli) fn f<'a>() -> impl Sized + use<'a> {
    let text = \"use crate::text\";
    std::fs::read::<u8>(crate::path::name(text), kcx::env).field.exists()
}
#[cfg(test)]
#[allow(unused)]
mod tests {
    use std::time::Instant;
    mod deep { use crate::cli; }
}
use crate::glob;
";
    let found: Vec<String> =
        paths(text).iter().map(|it| format!("{} {} {}", it.line, it.names.join("::"), it.is_use)).collect();
    assert_eq!(
        found,
        [
            "3 crate::cli::World true",
            "4 crate::file true",
            "4 crate::file::lock::* true",
            "4 crate::file::read true",
            "6 super::super::store true",
            "7 std::fs true",
            "10 std::fs::read false",
            "10 crate::path::name false",
            "10 kcx::env false",
            "10 .exists false",
            "18 crate::glob true",
        ]
    );
}

//! A type that a public function returns as its error is an error: it has a message and implements [`std::error::Error`].

use kcx::kubeconfig::ParseError;
use kcx::store::CommitError;
use std::collections::BTreeSet;

/// The error types of all `Result<T, E>` in the signatures of a text's public functions, without their paths.
fn results(text: &str) -> BTreeSet<&str> {
    let starts = ["pub fn ", "pub async fn "].into_iter().flat_map(|start| text.match_indices(start));
    let signatures = starts.map(|(at, _)| text[at..].split([';', '{']).next().unwrap());
    let mut found = BTreeSet::new();
    for (at, signature) in signatures.flat_map(|it| it.match_indices("Result<").map(move |(at, _)| (at, it)))
    {
        let inside = &signature[at + "Result<".len()..];
        let (mut depth, mut comma) = (0, None);
        for (at, char) in inside.char_indices() {
            match char {
                '<' | '(' | '[' => depth += 1,
                '>' if inside[..at].ends_with('-') => {}
                '>' | ')' | ']' if depth == 0 => {
                    found.extend(
                        comma.and_then(|comma: usize| inside[comma + 1..at].split(['<', ',']).next()),
                    );
                    break;
                }
                '>' | ')' | ']' => depth -= 1,
                ',' if depth == 0 => comma = comma.or(Some(at)),
                _ => {}
            }
        }
    }
    found.into_iter().map(|path| path.rsplit("::").next().unwrap().trim()).collect()
}

/// Public types that are declared in a text, and whether they derive or implement `Error`.
fn declared(text: &str) -> Vec<(&str, bool)> {
    ["pub enum ", "pub struct "]
        .into_iter()
        .flat_map(|start| text.match_indices(start))
        .map(|(at, start)| {
            let name = text[at + start.len()..].split(|char: char| !char.is_alphanumeric()).next().unwrap();
            let attributes = text[..at].rsplit("\n\n").next().unwrap();
            let is_error =
                attributes.contains("thiserror::Error") || text.contains(&format!("Error for {name}"));
            (name, is_error)
        })
        .collect()
}

#[test]
fn errors_of_public_functions_are_errors() {
    let texts = super::rust("src");
    let results: BTreeSet<&str> = texts.iter().flat_map(|(_, text)| results(text)).collect();
    let mut found = 0;
    for (path, text) in &texts {
        for (name, is_error) in declared(text).into_iter().filter(|(name, _)| results.contains(name)) {
            found += 1;
            assert!(is_error, "{}: `{name}` does not implement `std::error::Error`", path.display());
        }
    }
    assert!(found > 25, "only {found} error types were found");
    fn is_error<E: std::error::Error>() {}
    is_error::<CommitError<ParseError>>();
}

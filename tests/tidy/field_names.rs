//! The keys of kubeconfig fields are spelled in the schema only; other code has the constants of `schema::key`.

use super::{code, none, rust};
use kcx::kubeconfig::schema::{self, Struct, Type};
use std::collections::BTreeSet;

/// Words that also mean other things: they are checked only where a body is read or written.
const COMMON: [&str; 18] = [
    "apiVersion",
    "args",
    "as",
    "cluster",
    "colors",
    "command",
    "config",
    "env",
    "exec",
    "extensions",
    "name",
    "namespace",
    "password",
    "server",
    "token",
    "user",
    "username",
    "value",
];

/// Calls with an argument that is the key of a field.
const CALLS: [&str; 10] = [
    ".get(",
    ".get_mut(",
    ".shift_remove(",
    ".contains_key(",
    ".entry(",
    ".insert(",
    ".text(",
    ".has(",
    " text(",
    "body[",
];

/// Files where these words are not fields of a kubeconfig.
const EXCEPTIONS: [(&str, &str); 4] = [
    ("src/kubeconfig/schema", "the schema itself"),
    ("src/cli/config/command_table/tables.rs", "the flags of kubectl, which are named like fields"),
    ("src/verdict/", "the flags of kubectl and other tools"),
    ("src/kubeconfig/risk.rs", "the words for risks, and the flags that permit them"),
];

fn keys(of: &'static Struct, found: &mut BTreeSet<&'static str>) {
    for field in of.fields {
        found.insert(field.name);
        match field.ty {
            Type::Struct(inner) | Type::Structs(inner) => keys(inner, found),
            _ => {}
        }
    }
}

/// The string literals of a line, with what is before each of them.
fn literals(line: &str) -> Vec<(&str, &str)> {
    let parts: Vec<&str> = line.split('"').collect();
    let mut at = 0;
    let mut found = Vec::new();
    for (index, part) in parts.iter().enumerate() {
        if index % 2 == 1 {
            found.push((&line[..at - 1], *part));
        }
        at += part.len() + 1;
    }
    found
}

/// True if what is before a literal makes it an argument of one of [`CALLS`].
fn is_argument(before: &str) -> bool {
    let Some(open) = before.rfind(['(', '[']) else { return false };
    let is_simple = |char: char| char.is_alphanumeric() || "_.&*, ".contains(char);
    before[open + 1..].chars().all(is_simple) && CALLS.iter().any(|call| before[..=open].ends_with(call))
}

#[test]
fn fields_are_spelled_in_the_schema_only() {
    let mut all = BTreeSet::new();
    for of in [&schema::CLUSTER, &schema::USER, &schema::CONTEXT, &schema::PREFERENCES] {
        keys(of, &mut all);
    }
    let mut wrong = Vec::new();
    for (path, text) in rust("src") {
        let file = path.to_str().unwrap().replace('\\', "/");
        if file.ends_with("tests.rs") || EXCEPTIONS.iter().any(|(exception, _)| file.starts_with(exception)) {
            continue;
        }
        let text = text.split("#[cfg(test)]").next().unwrap();
        for line in code(text) {
            for (before, word) in literals(line) {
                if before.ends_with('b') || !all.contains(word) {
                    continue;
                }
                if !COMMON.contains(&word) || is_argument(before) {
                    wrong.push(format!("{file}: \"{word}\" in `{}`", line.trim()));
                }
            }
        }
    }
    none(&wrong);
}

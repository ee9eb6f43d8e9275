//! No test waits for a time to pass where it could wait for what it needs: not in Rust, and not in a script that it runs.

use super::{files, none, root};
use crate::source::{Token, line, tokens};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Pauses that stay: the file, how many it has, and why.
const PAUSES: [(&str, usize, &str); 8] = [
    ("tests/api_server/answers.rs", 1, "a slow server is slow"),
    (
        "tests/real/screen.rs",
        2,
        "the one place that polls: nobody tells what a terminal shows, or that a file has come",
    ),
    (
        "tests/real/credential.rs",
        2,
        "the kernel tells nobody that it lists a key no more; a program is killed at random moments",
    ),
    ("tests/real/exec_prepare.rs", 1, "kcx tells the runs nothing of a context that failed"),
    ("tests/real/faults.rs", 1, "a program is killed at random moments"),
    ("tests/real/faults_kcx.rs", 1, "a program is killed at random moments"),
    ("tests/run", 1, "a registry that is away is asked again, later each time"),
    ("tests/tidy/pauses.rs", 6, "the texts below"),
];

/// True if `sleep` with a time behind it stands in a script.
fn pauses(script: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || "_-".contains(c);
    let time = |rest: &str| {
        let rest = rest.trim_start_matches([' ', '"', '\'']);
        rest.starts_with(|c: char| c.is_ascii_digit() || c == '$' || c == '{')
    };
    script.match_indices("sleep").any(|(at, word)| {
        let rest = &script[at + word.len()..];
        !script[..at].ends_with(is_part)
            && rest.starts_with([' ', '"', '\'', '('])
            && time(rest.trim_start_matches('('))
    })
}

/// The lines of a file that pause.
fn places(path: &Path, text: &str) -> Vec<usize> {
    if path.extension().is_none_or(|extension| extension != "rs") {
        let lines =
            text.lines().enumerate().filter(|(_, text)| !text.trim_start().starts_with('#') && pauses(text));
        return lines.map(|(at, _)| at + 1).collect();
    }
    let tokens = tokens(text);
    let is_pause = |at: &usize| match &tokens[*at].token {
        // `sleep` and `sleep_until`, of threads and of tokio, called or brought in by `use`.
        Token::Word(word) => {
            let is_declared = at.checked_sub(1).is_some_and(|before| tokens[before].word() == Some("fn"));
            matches!(word.as_str(), "sleep" | "sleep_until" | "sleep_ms" | "park_timeout") && !is_declared
        }
        // The words of a command may be literals of their own.
        Token::Text(text) => {
            let next = tokens[at + 1..].iter().find_map(|it| match &it.token {
                Token::Text(text) => Some(text.as_str()),
                _ => None,
            });
            pauses(text) || text == "sleep" && next.is_some_and(|next| pauses(&format!("sleep {next}")))
        }
        _ => false,
    };
    (0..tokens.len()).filter(is_pause).map(|at| line(text, tokens[at].range.start)).collect()
}

#[test]
fn no_test_sleeps() {
    let known: BTreeMap<&Path, usize> =
        PAUSES.iter().map(|(file, count, _)| (Path::new(file), *count)).collect();
    let mut wrong = Vec::new();
    for path in files("tests") {
        // Kubeconfigs and recorded answers are other people's text.
        if path.starts_with("tests/fixtures") || path.extension().is_some_and(|it| it == "jsonl") {
            continue;
        }
        let text = String::from_utf8_lossy(&fs::read(root().join(&path)).unwrap()).into_owned();
        let (found, allowed) = (places(&path, &text), known.get(path.as_path()).copied().unwrap_or(0));
        if found.len() != allowed {
            wrong.push(format!(
                "{}: {} pauses, not {allowed}: in lines {found:?}",
                path.display(),
                found.len()
            ));
        }
    }
    wrong.extend(
        known
            .keys()
            .filter(|path| !root().join(path).exists())
            .map(|it| format!("{}: is gone", it.display())),
    );
    none(&wrong);
}

#[test]
fn a_pause_is_seen_in_rust_and_in_scripts() {
    let rust = |text: &str| places(Path::new("a.rs"), text);
    for text in [
        "std::thread::sleep(LONG);",
        "tokio::time::sleep(LONG).await;",
        "use std::{thread::{self, sleep}};",
        "f(\"exec sleep 100\")",
        "f(\"while :; do sleep 0.1; done\")",
        "f([\"sleep\", \"1000\"])",
        "f(r#\"time.sleep(5)\"#)",
    ] {
        assert_eq!(rust(text), [1], "{text}");
    }
    for text in
        ["// thread::sleep(LONG)", "fn sleep() {}", "f(\"tail -f /dev/null\")", "f(\"no-sleep 1, asleep 2\")"]
    {
        assert_eq!(rust(text), [0; 0], "{text}");
    }
    assert_eq!(places(Path::new("run"), "# sleep 1\nsleep \"$pause\"\nsleep 1"), [2, 3]);
}

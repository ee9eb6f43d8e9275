//! What the pages call by name exists: commands and flags. Their words are plain, and their lines short.

use super::blocks::words;
use super::links::prose;
use super::{Page, pages, root};
use crate::source::{self, Token};
use kcx::cli::command_line::COMMANDS;
use kcx::env::Env;
use std::collections::BTreeMap;
use std::fs;

/// Phrases that read as translated, or that say something else than what is meant; and what is said instead.
const PHRASES: &[(&str, &str)] = &[
    ("by itself goes past", "bypasses"),
    ("takes back", "undoes"),
    ("taken back", "undone"),
    ("until the next start", "until the next reboot"),
    ("in the place of another", "falls back to another"),
    ("counts by content", "compares the contents"),
    ("comes to light", "kcx tells you"),
    ("Off a terminal", "Without a terminal"),
    ("off a terminal", "without a terminal"),
    ("At a terminal", "On a terminal"),
    ("at a terminal", "on a terminal"),
    ("is there already", "already exists"),
    ("have no answer", "did not answer"),
    ("goes along", "is removed too"),
    ("take along", "also remove"),
    ("is obeyed after", "takes effect after"),
    ("is called", "is named"),
    ("Mend", "Fix"),
    ("all the same", "anyway"),
    ("makes no sense", "usage error"),
    ("made again", "restored"),
    ("nothing tells", "its context is lost"),
    ("MENDED", "FIXED"),
    ("mended", "fixed"),
    ("mends", "fixes"),
    ("told why", "kcx says why"),
    ("no answer", "no response, or: timed out"),
    ("took too long", "timed out"),
    ("blank behind", "followed by a space"),
    ("knows no ", "unknown …"),
    ("stands before", "takes precedence over"),
    ("stand anywhere", "be given anywhere"),
    ("another one than", "not this one"),
    ("have their defaults", "are at their defaults"),
    ("others on this machine", "other users"),
    ("is not there", "does not exist"),
    ("passes over", "skips"),
    ("for good", "permanently"),
    ("for ever", "permanently"),
    ("no current context any more", "unset the current context"),
    ("token or key of its own any more", "no longer contains"),
    ("has lost its own context", "its context is not in force"),
    ("what is well", "what is in order"),
    ("nothing of yours", "your own files are not"),
    ("goes past", "bypasses"),
    ("past the largest", "larger than"),
    ("takes no further", "unexpected argument"),
    ("must be a text", "must be a string"),
    ("is reached through", "comes from"),
    ("Move this into your own", "Move them to your"),
    ("invalid digit", "is not a number"),
];

#[test]
fn the_words_are_plain() {
    let mut wrong = Vec::new();
    for page in pages() {
        for (line, text) in prose(&page) {
            wrong.extend(found(text).map(|found| format!("{}:{line}: {found}", page.name())));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// The phrases in a text.
fn found(text: &str) -> impl Iterator<Item = String> {
    PHRASES
        .iter()
        .filter(move |(phrase, _)| text.contains(phrase))
        .map(|(phrase, better)| format!("`{phrase}`; better: {better}"))
}

/// The string literals of the program, and the comments that are its help.
#[test]
fn the_words_of_messages_and_of_the_help_are_plain() {
    let (mut wrong, mut count) = (Vec::new(), 0);
    let mut folders = vec![root().join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let is_tests = path.file_stem().is_some_and(|stem| stem.to_string_lossy().ends_with("tests"));
            if path.extension().is_none_or(|ending| ending != "rs") || is_tests {
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            for spanned in source::tokens(&text) {
                let Token::Text(literal) = &spanned.token else { continue };
                count += 1;
                let at = source::line(&text, spanned.range.start);
                wrong.extend(found(literal).map(|found| format!("{}:{at}: {found}", path.display())));
            }
        }
    }
    for command in COMMANDS {
        wrong
            .extend(found(&printed(&format!("{command} --help"))).map(|found| format!("{command}: {found}")));
    }
    assert!(count > 5_000, "only {count} literals were found");
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// What kcx prints on stdout; empty after an error.
fn printed(words: &str) -> String {
    let home = tempfile::tempdir().unwrap();
    let env = Env { home: Some(home.path().into()), cwd: home.path().into(), ..Env::default() };
    let words: Vec<String> = words.split(' ').map(str::to_owned).collect();
    let mut text = Vec::new();
    let code = kcx::cli::run(&words, &env, &mut text, &mut std::io::sink());
    if code == 0 { String::from_utf8(text).unwrap() } else { String::new() }
}

/// The help of a command, with the flags that all commands have; empty for a word that is no command.
fn help(command: &str) -> String {
    let own = printed(&format!("{command} --help"));
    if own.is_empty() {
        own
    } else {
        own + &printed("help flags") + &printed("help permissions") + &printed("help limits")
    }
}

/// The command lines of a page: code spans, and lines of `sh` and `console` blocks.
fn command_lines(page: &Page) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (at, line) in prose(page) {
        let spans = line.split('`').skip(1).step_by(2);
        found.extend(spans.map(|span| (at, span.replace("\\|", "|"))));
    }
    let mut kind = "";
    for (at, line) in page.text.lines().enumerate() {
        if let Some(now) = line.strip_prefix("```") {
            kind = now;
        } else if kind == "sh" || kind.starts_with("console") {
            let line = line.strip_prefix("$ ").unwrap_or(line);
            found.push((at + 1, line.split(" # ").next().unwrap().to_owned()));
        }
    }
    found.retain(|(_, line)| line.starts_with("kcx "));
    found
}

#[test]
fn commands_and_flags_exist() {
    let mut helps: BTreeMap<String, String> = BTreeMap::new();
    let mut wrong = Vec::new();
    for page in pages() {
        for (at, line) in command_lines(&page) {
            let place = format!("{}:{at}: {line}", page.name());
            let words = words(&line);
            let own: Vec<&str> = words[1..]
                .iter()
                .map(String::as_str)
                .take_while(|word| *word != "--" && *word != "|")
                .collect();
            let Some(first) = own.iter().find(|word| !word.starts_with('-')) else { continue };
            // kubectl's own words are checked beside kubectl; `help` has no flags.
            if matches!(*first, "config" | "help") {
                continue;
            }
            // `kcx NAME` and `kcx prod`: a context.
            let is_command = COMMANDS.contains(first);
            let command = match (*first, own.iter().skip_while(|word| word != &first).nth(1)) {
                ("credential" | "protect" | "settings", Some(verb))
                    if verb.starts_with(|c: char| c.is_ascii_lowercase()) =>
                {
                    format!("{first} {}", verb.split(['|', '\\']).next().unwrap())
                }
                _ if is_command => (*first).to_owned(),
                _ => "use".to_owned(),
            };
            let text = helps.entry(command.clone()).or_insert_with_key(|command| help(command));
            if text.is_empty() {
                wrong.push(format!("{place}: `kcx {command} --help` fails"));
            }
            for word in &own {
                let flag = word.split(['=', '|', ']', '[']).next().unwrap();
                let known = |flag: &str| text.split([' ', ',', '=', '[', '`', '\n']).any(|word| word == flag);
                if flag.len() > 1 && flag.starts_with('-') && !known(flag) && !flag.starts_with("--help") {
                    wrong.push(format!("{place}: `kcx {command}` has no {flag}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

//! The lists in the pages have all that there is: codes, settings, variables, commands, exit codes.

use super::{Page, compare, root};
use kcx::cli::command_line::COMMANDS;
use kcx::cli::error::Cause;
use kcx::kubeconfig::lint::{Fixability, Rule, rules};
use kcx::settings::{Settings, SettingsProblem};
use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;

const BEGIN: &str = "<!-- written by tests/readme/lists.rs -->\n";
const END: &str = "<!-- end -->";

/// The first column of all tables of a page, where it is code: `a`, `b` are two.
fn first_column(page: &Page) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for line in page.text.lines() {
        let Some(cell) = line.strip_prefix("| ").and_then(|rest| rest.split(" | ").next()) else { continue };
        found.extend(cell.split('`').skip(1).step_by(2).map(str::to_owned));
    }
    found
}

#[track_caller]
fn all_in(page: &str, wanted: impl IntoIterator<Item = String>) {
    let page = Page::read(page);
    let listed = first_column(&page);
    let missing: Vec<String> = wanted.into_iter().filter(|name| !listed.contains(name)).collect();
    assert!(missing.is_empty(), "{}: no row for {}", page.name(), missing.join(", "));
}

fn code(rule: &Rule) -> String {
    let fix = match rule.fixability {
        Fixability::No => "",
        Fixability::Safe => " `--fix` fixes it.",
        Fixability::Unsafe => " `--unsafe-fixes` fixes it in the way that was probably intended.",
    };
    let mut text = format!("### {}\n\n**{}** ({}).", rule.code, rule.title, rule.severity.word());
    write!(
        text,
        " {}{fix}\n\n```text\n{}\n```\n\n",
        rule.help,
        rule.example.trim_end().trim_start_matches('\u{feff}').replace('\r', "")
    )
    .unwrap();
    text
}

#[test]
fn every_code_of_lint_is_explained() {
    let page = Page::read("docs/lint-codes.md");
    let (before, rest) = page.text.split_once(BEGIN).unwrap();
    let (_, after) = rest.split_once(END).unwrap();
    let codes: String = rules().map(code).collect();
    compare(&page, &format!("{before}{BEGIN}\n{codes}{END}{after}"), "is not what `kcx lint --explain` says");
}

/// The known keys of a mapping, as the error for an unknown one names them.
fn known(text: &str) -> &'static [&'static str] {
    match Settings::parse(text.as_bytes().to_vec()) {
        Err(error) => match error.problem {
            SettingsProblem::Unknown { known, .. } => known,
            _ => &[],
        },
        Ok(_) => &[],
    }
}

#[test]
fn every_setting_is_listed() {
    let mut all = BTreeSet::new();
    for top in known("bogus: 1") {
        let below = known(&format!("{top}: {{bogus: 1}}"));
        let items = known(&format!("{top}: [{{bogus: 1}}]"));
        all.extend(below.iter().map(|key| format!("{top}.{key}")));
        all.extend(items.iter().map(|key| format!("{top}[].{key}")));
        if below.is_empty() && items.is_empty() {
            all.insert((*top).to_owned());
        }
    }
    assert!(all.contains("prompt.format") && all.contains("rules[].match"), "{all:?}");
    all_in("docs/settings.md", all.clone());
    let listed = first_column(&Page::read("docs/settings.md"));
    let gone: Vec<&String> = listed
        .iter()
        .filter(|name| {
            name.chars().all(|c| c.is_ascii_lowercase() || ".-[]".contains(c)) && !all.contains(*name)
        })
        .collect();
    assert!(gone.is_empty(), "docs/settings.md: there are no such settings: {gone:?}");
}

/// The names in capitals that a text has: of variables.
fn variables(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|c: char| !(c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_'));
    words.filter(|word| word.len() > 3)
}

#[test]
fn every_variable_is_listed() {
    // `env` is the only module that reads the environment; names in it are in quotes.
    let env = ["src/env.rs", "src/env/leading.rs"]
        .map(|file| fs::read_to_string(root().join(file)).unwrap())
        .concat();
    let quoted = env.split('"').skip(1).step_by(2);
    let mut all: BTreeSet<String> = quoted.flat_map(variables).map(str::to_owned).collect();
    // The hooks and the programs that kcx starts have variables of kcx's own.
    let mut folders = vec![root().join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if !path.ends_with("tests.rs") {
                let text = fs::read_to_string(&path).unwrap_or_default();
                let own = variables(&text).filter(|name| name.starts_with("KCX_") && name.len() > 4);
                all.extend(own.filter(|name| !name.starts_with("KCX_TEST_")).map(str::to_owned));
            }
        }
    }
    // What Windows has in the place of HOME and of the dot in a name.
    let windows = ["HOMEDRIVE", "HOMEPATH", "USERPROFILE", "PATHEXT"];
    all.retain(|name| !windows.contains(&&**name) && *name != "HOME" && *name != "PATH");
    assert!(all.contains("KCX_PICKER") && all.contains("KUBECONFIG"), "{all:?}");
    all_in("docs/settings.md", all);
}

#[test]
fn the_help_has_the_variables_that_kcx_reads() {
    let mut text = Vec::new();
    let words = ["help", "environment"].map(str::to_owned);
    assert_eq!(kcx::cli::run(&words, &kcx::env::Env::default(), &mut text, &mut std::io::sink()), 0);
    let help = String::from_utf8(text).unwrap();
    let page = Page::read("docs/settings.md").text;
    let (_, page) = page.split_once("kcx's own:").unwrap();
    let (page, _) = page.split_once("Of kubectx,").unwrap();
    let first = page.lines().filter_map(|line| line.strip_prefix("| `")?.split(" |").next());
    let first = first.filter(|names| !names.contains("KCX_COMMIT"));
    let listed: BTreeSet<&str> = first.flat_map(variables).collect();
    assert_eq!(variables(&help).collect::<BTreeSet<_>>(), listed);
}

#[test]
fn every_command_is_listed() {
    let page = Page::read("docs/commands.md");
    let spans: Vec<&str> = page.text.split('`').skip(1).step_by(2).collect();
    let is_listed = |command: &&&str| {
        let call = format!("kcx {command}");
        spans
            .iter()
            .any(|span| span.strip_prefix(&call).is_some_and(|rest| rest.is_empty() || rest.starts_with(' ')))
    };
    let missing: Vec<&&str> = COMMANDS.iter().filter(|command| !is_listed(command)).collect();
    assert!(missing.is_empty(), "docs/commands.md: {missing:?}");
}

#[test]
fn every_exit_code_is_listed() {
    let causes =
        [Cause::Failed, Cause::Usage, Cause::NotFound, Cause::Conflict, Cause::Locked, Cause::Keychain];
    let codes = causes.map(|cause| cause.code().to_string());
    all_in("docs/scripts.md", codes.into_iter().chain(["0".to_owned(), "130".to_owned()]));
}

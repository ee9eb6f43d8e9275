//! What a list of candidates looks like in zsh, fish and bash: commands, then contexts, in columns.

use crate::screen::{Pane, Screen};
use clap::CommandFactory;
use kcx::cli::args::Cli;
use kcx::cli::command_line::COMMANDS;
use serde_json::json;

/// In the order of a list. The first are other people's text that would like to be run, or to colour the list.
const NAMES: [&str; 8] = [
    "$(touch PWNED)",
    "%F{red}red%f",
    "a:b\\c",
    "arn:aws:eks:eu-central-1:111122223333:cluster/main",
    "dev",
    "end\\",
    "gke_acme-dev_europe-west1_checkout",
    "staging",
];

const ZSH: &str = "PROMPT='$ '\nautoload -Uz compinit && compinit -u -D\neval \"$(kcx init zsh)\"\n";
const STYLES: &str = "zstyle ':completion:*' group-name ''\nzstyle ':completion:*' format '[%d]'\n";

/// A home with contexts of these names and of as many more, and names that no list can show; and a shell in it.
fn shell(program: &str, rc: (&str, &str), more: usize) -> Screen {
    let more = (0..more).map(|number| format!("team-{number:03}"));
    let hidden = ["line\nbreak", "esc\u{1b}[2J"].map(str::to_owned);
    let names: Vec<String> = NAMES.iter().map(|name| (*name).to_owned()).chain(more).chain(hidden).collect();
    let named = |name: &String| {
        let cluster =
            if name == "dev" { "kind" } else { "a-cluster-whose-name-is-longer-than-the-rest-of-a-line" };
        json!({"name": name, "context": {"cluster": cluster, "namespace": "web"}})
    };
    let contexts: Vec<_> = names.iter().map(named).collect();
    let config = json!({"contexts": contexts, "current-context": "dev"}).to_string();
    let screen = Screen::new(&[(".kube/config", &config), rc]);
    screen.start(program, 80, 60);
    screen.main().wait("a prompt", |seen| seen.trim_end().ends_with('$'));
    screen
}

/// The commands without their other names, in the order of a list.
fn commands() -> Vec<&'static str> {
    let root = Cli::command();
    let aliases: Vec<&str> = root.get_subcommands().flat_map(clap::Command::get_visible_aliases).collect();
    COMMANDS.into_iter().filter(|name| !aliases.contains(name)).collect()
}

/// What is listed below the line behind `typed`.
fn listed(pane: &Pane<'_>, typed: &str, tabs: &[&str], last: &str) -> Vec<String> {
    pane.text(typed);
    pane.wait_for(&format!("$ {}", typed.trim_end()));
    pane.press(tabs);
    let seen = pane.wait(last, |seen| seen.lines().any(|line| line.starts_with(last)));
    let lines: Vec<String> = seen.lines().map(str::to_owned).collect();
    let typed = lines.iter().position(|line| line.ends_with(&format!("$ {}", typed.trim_end()))).unwrap();
    lines[typed + 1..].iter().take_while(|line| !line.contains(" $")).cloned().collect()
}

/// Each line has the name, and the text behind `gap` where it is in the others, unless the name is longer than half a line.
#[track_caller]
fn aligned(lines: &[String], names: &[&str], gap: &str) {
    assert_eq!(lines.len(), names.len(), "{lines:#?}");
    let mut columns = Vec::new();
    for (line, name) in lines.iter().zip(names) {
        let rest = line.strip_prefix(name).unwrap_or_else(|| panic!("{name}: {line}"));
        let at = rest.find(gap).unwrap_or_else(|| panic!("no text: {line}"));
        assert!(rest[..at].trim().is_empty() && line.chars().count() < 80, "{line}");
        if name.len() <= 40 {
            columns.push(name.len() + at);
        }
    }
    columns.dedup();
    assert_eq!(columns.len(), 1, "{lines:#?}");
}

#[test]
fn zsh_lists_commands_before_contexts_in_columns() {
    let commands = commands();
    for (styles, heads) in
        [("", [None, None, None]), (STYLES, [Some("[command]"), Some("[context]"), Some("[alias]")])]
    {
        let screen = shell("zsh -d", (".zshrc", &format!("{styles}{ZSH}")), 0);
        let pane = screen.main();
        let mut lines = listed(&pane, "kcx ", &["Tab"], "staging");
        let expect = |lines: &mut Vec<String>, at: usize, head: usize| {
            if let Some(head) = heads[head] {
                assert_eq!(lines.remove(at), head);
            }
        };
        expect(&mut lines, 0, 0);
        expect(&mut lines, commands.len(), 1);
        let (first, rest) = lines.split_at(commands.len());
        aligned(first, &commands, "  -- ");
        aligned(rest, &NAMES, "  -- ");
        assert!(rest[4].ends_with("-- current, namespace web, cluster kind"), "{rest:#?}");
        // Other names of commands are for those who type them.
        pane.press(&["C-u", "C-l"]);
        let mut lines = listed(&pane, "kcx v", &["Tab"], "validate");
        expect(&mut lines, 0, 0);
        expect(&mut lines, 1, 2);
        let texts =
            ["version  -- Print the version and how this kcx was built", "validate  -- the same as lint"];
        assert_eq!(lines, texts);
        // One group needs no question of order, and has its heading too.
        pane.press(&["C-u", "C-l"]);
        let mut lines = listed(&pane, "kcx protect ", &["Tab"], "restore");
        expect(&mut lines, 0, 0);
        let words = lines.iter().map(|line| line.split(' ').next().unwrap()).collect::<Vec<_>>();
        assert!(["lift", "restore"].iter().all(|word| words.contains(word)), "{lines:?}");
        assert!(!screen.path("PWNED").exists());
    }
}

#[test]
fn zsh_does_not_bury_the_commands_below_many_contexts() {
    let commands = commands();
    for styles in ["", STYLES] {
        let screen = shell("zsh -d", (".zshrc", &format!("{styles}{ZSH}")), 300);
        let pane = screen.main();
        let mut lines = listed(&pane, "kcx ", &["Tab"], "whoami");
        assert_eq!(lines.remove(0), "308 contexts: type the first letters of one");
        lines.retain(|line| line != "[command]");
        aligned(&lines, &commands, "  -- ");
        pane.press(&["C-u", "C-l"]);
        let mut lines = listed(&pane, "kcx team-00", &["Tab"], "team-009");
        lines.retain(|line| line != "[context]");
        let teams: Vec<String> = (0..10).map(|number| format!("team-00{number}")).collect();
        aligned(&lines, &teams.iter().map(String::as_str).collect::<Vec<_>>(), "  -- ");
        // Who raises zsh's own limit gets all of them.
        pane.press(&["C-u", "C-l"]);
        pane.text("LISTMAX=1000");
        pane.press(&["Enter"]);
        listed(&pane, "kcx ", &["Tab"], "team-299");
    }
}

#[test]
fn fish_says_what_each_one_is_and_keeps_the_order() {
    const RC: (&str, &str) = (
        ".config/fish/config.fish",
        "set fish_greeting\nset fish_autosuggestion_enabled 0\nfunction fish_prompt; printf '$ '; end\n\
         kcx init fish | source\n",
    );
    let commands = commands();
    let screen = shell("fish", RC, 0);
    let pane = screen.main();
    // The second key opens the whole list.
    let lines = listed(&pane, "kcx ", &["Tab", "Tab"], "staging");
    let (first, rest) = lines.split_at(commands.len());
    for (lines, names, what) in [(first, &commands[..], "(command: "), (rest, &NAMES[..], "(context: ")] {
        assert_eq!(lines.len(), names.len(), "{lines:#?}");
        for (line, name) in lines.iter().zip(names) {
            assert!(line.starts_with(name) && line.contains(what) && line.chars().count() <= 80, "{line}");
        }
    }
    assert!(!screen.path("PWNED").exists());
    let screen = shell("fish", RC, 300);
    let pane = screen.main();
    let lines = listed(&pane, "kcx ", &["Tab"], "…and ");
    assert!(lines[0].starts_with(commands[0]) && lines[20].starts_with(commands[20]), "{lines:#?}");
    // A single group needs no label.
    pane.press(&["Escape", "C-u", "C-l"]);
    let lines = listed(&pane, "kcx use team-29", &["Tab"], "team-299");
    assert!(lines.len() == 10 && lines.iter().all(|line| !line.contains("context: ")), "{lines:#?}");
}

#[test]
fn bash_keeps_the_order() {
    let rc = (".bashrc", "PS1='$ '\neval \"$(kcx init bash)\"\n");
    let commands = commands();
    let screen = shell("bash --noprofile", rc, 0);
    let pane = screen.main();
    // A long name has a line alone, so all have.
    let lines = listed(&pane, "kcx ", &["Tab", "Tab"], "staging");
    let quoted =
        [r"\$\(touch\ PWNED\)", r"%F\{red\}red%f", r"a:b\\c", NAMES[3], "dev", r"end\\", NAMES[6], "staging"];
    assert_eq!(lines, [&commands[..], &quoted].concat());
    assert!(!screen.path("PWNED").exists());
    let screen = shell("bash --noprofile", rc, 300);
    let pane = screen.main();
    pane.text("kcx ");
    pane.press(&["Tab", "Tab"]);
    pane.wait_for("possibilities? (y or n)");
    pane.text("y");
    let seen = pane.wait_for("--More--");
    let lines: Vec<&str> = seen.lines().collect();
    let first = lines.iter().position(|line| line.starts_with(commands[0])).expect("the first command");
    assert_eq!(lines[first..first + commands.len()], commands, "{seen}");
}

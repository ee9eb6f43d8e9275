//! The man pages in `docs/man`: one a command, from the definitions that `--help` prints.
//!
//! `KCX_BLESS=1 cargo test --test kcx man` writes them. They name no date and no version, so they change with the text alone.

use crate::bless;
use clap::{Command, CommandFactory};
use clap_mangen::Man;
use clap_mangen::roff::{Inline, Roff, bold, roman};
use kcx::cli::args::Cli;
use kcx::cli::config::command_table::Verb;
use kcx::cli::help::{self, GROUPS, TOPICS, examples::EXAMPLES};
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/man")
}

/// One page, in the order in which it is read.
struct Page {
    text: String,
}

impl Page {
    /// The title, the name, what may be typed, and the description.
    fn new(command: &Command) -> Page {
        let man = Man::new(command.clone());
        let title = command.get_display_name().unwrap_or(command.get_name()).to_uppercase();
        // An empty argument, here the date, is more than clap_mangen can write.
        let mut page = Page { text: format!(".TH {title} 1 \"\" kcx \"kcx manual\"\n") };
        page.add(|out| man.render_name_section(out));
        page.add(|out| man.render_synopsis_section(out));
        page.section("DESCRIPTION");
        page.prose(
            &command.get_long_about().or(command.get_about()).map(ToString::to_string).unwrap_or_default(),
        );
        page
    }

    /// A section as clap_mangen writes it, with words in backticks set in bold as everywhere else.
    fn add(&mut self, render: impl Fn(&mut Vec<u8>) -> std::io::Result<()>) {
        let mut out = Vec::new();
        render(&mut out).unwrap();
        for line in String::from_utf8(out).unwrap().lines() {
            // Each section would define the apostrophe again.
            let is_defined = line.contains(".ds Aq ") && self.text.contains(line);
            if !is_defined {
                self.text += in_bold(line).trim_end();
                self.text.push('\n');
            }
        }
    }

    fn roff(&mut self, roff: &Roff) {
        self.add(|out| roff.to_writer(out));
    }

    fn section(&mut self, title: &str) {
        self.roff(Roff::new().control("SH", [title]));
    }

    /// Paragraphs; lines that are indented stay as they are.
    fn prose(&mut self, text: &str) {
        let mut roff = Roff::new();
        let mut is_code = false;
        for line in text.lines() {
            if is_code != line.starts_with(' ') {
                is_code = !is_code;
                roff.control(if is_code { "EX" } else { "EE" }, []);
            }
            match line.trim() {
                "" => roff.control("PP", []),
                _ if is_code => {
                    assert!(line.replace('`', "").len() <= 73, "it would not fit 80 columns: {line}");
                    roff.text([roman(line)])
                }
                trimmed => roff.text([roman(trimmed)]),
            };
        }
        if is_code {
            roff.control("EE", []);
        }
        self.roff(&roff);
    }

    /// A term, and what it means.
    fn item(&mut self, term: Inline, meaning: &str) {
        self.roff(Roff::new().control("TP", []).text([term]).text([roman(meaning)]));
    }

    /// The end of the page: other pages.
    fn see_also(&mut self, names: &[String]) {
        self.section("SEE ALSO");
        let mut line = Vec::new();
        for name in names {
            line.extend([roman(if line.is_empty() { "" } else { ", " }), bold(name.as_str()), roman("(1)")]);
        }
        self.roff(Roff::new().text(line));
    }
}

/// A line of roff with the words in backticks set in bold.
fn in_bold(line: &str) -> String {
    let parts: Vec<&str> = line.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return line.to_owned();
    }
    let set =
        |(at, part): (usize, &&str)| if at % 2 == 1 { format!("\\fB{part}\\fR") } else { (*part).to_owned() };
    parts.iter().enumerate().map(set).collect()
}

/// The command for the pages, with its subcommands' names set.
fn root() -> Command {
    let mut root = help::command()
        .disable_help_subcommand(true)
        .override_usage("kcx COMMAND [ARGUMENTS]\nkcx NAME [-n NAMESPACE]\nkcx -")
        .mut_subcommands(|command| {
            let shown = |arg: clap::Arg| {
                let has_value = arg.get_action().takes_values();
                arg.hide_short_help(false).hide_possible_values(has_value)
            };
            command.subcommand_value_name("COMMAND").mut_args(shown)
        });
    root.build();
    root
}

/// What all pages about a command have: flags, examples, exit codes.
fn page(command: &Command, name: &str) -> Page {
    let mut page = Page::new(command);
    if let Some(text) = Cli::command().find_subcommand(name).and_then(Command::get_after_help) {
        page.prose(&format!("\n{text}"));
    }
    if command.get_arguments().any(|arg| !arg.is_hide_set()) {
        let man = Man::new(command.clone());
        page.add(|out| man.render_options_section(out));
        page.prose("\nThe flags that all commands have are in `kcx`(1).");
        if command.get_arguments().any(|arg| arg.get_id() == "no_secrets") {
            page.prose("`kcx help limits` lists those that limit what a program may read.");
        }
        if command.get_arguments().any(|arg| arg.get_long().is_some_and(|long| long.starts_with("allow-"))) {
            page.prose("`kcx help permissions` lists those that permit what an entry would do, such as run a program.");
        }
    }
    let examples = EXAMPLES.iter().find(|(it, _)| *it == name).map_or([].as_slice(), |(_, lines)| lines);
    if !examples.is_empty() {
        page.section("EXAMPLES");
        for (line, meaning) in examples {
            page.item(bold(*line), meaning);
        }
    }
    page
}

fn exit_codes(page: &mut Page) {
    page.section("EXIT STATUS");
    for line in help::topic("exit-codes").unwrap().lines() {
        match line.split_once("  ") {
            Some((code, meaning)) if code.parse::<u8>().is_ok() => page.item(bold(code), meaning.trim()),
            _ => page.prose(&format!("{line}\n")),
        }
    }
}

/// The rows of the tables below a heading of `docs/settings.md`, without links.
fn rows(heading: &str, below: &str) -> Vec<(String, String)> {
    let text = fs::read_to_string(folder().with_file_name("settings.md")).unwrap();
    let section = text.split("\n## ").find(|section| section.starts_with(heading)).unwrap();
    let part = section.split_once(below).unwrap().1;
    let rows = part
        .lines()
        .skip_while(|line| !line.starts_with("|---"))
        .skip(1)
        .take_while(|line| line.starts_with('|'));
    rows.map(|row| {
        let mut cells = row.trim_matches('|').split('|').map(|cell| plain(cell.trim()));
        (cells.next().unwrap().replace('`', ""), cells.next().unwrap())
    })
    .collect()
}

/// A text without the addresses of its links.
fn plain(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, link)) = rest.split_once('[') {
        let Some((words, after)) = link.split_once("](") else { break };
        out = out + before + words;
        rest = after.split_once(')').map_or("", |(_, rest)| rest);
    }
    out + rest
}

/// What the three lines of the synopsis mean.
const SWITCH: &str = "
`kcx` alone lets you choose a context from a list, `kcx NAME` switches to one, and `kcx -` goes back to the one before.";

fn overview(root: &Command) -> Page {
    let mut page = Page::new(root);
    page.prose(SWITCH);
    page.section("COMMANDS");
    for (title, names) in GROUPS {
        page.roff(Roff::new().control("SS", [title]));
        for name in names {
            let command = root.find_subcommand(name).unwrap();
            let about = command.get_about().map(ToString::to_string).unwrap_or_default();
            page.roff(
                Roff::new()
                    .control("TP", [])
                    .text([bold(format!("kcx-{name}")), roman("(1)")])
                    .text([roman(about)]),
            );
        }
    }
    page.section("TOPICS");
    for (topic, about) in TOPICS {
        page.item(bold(format!("kcx help {topic}")), about);
    }
    let mut flags = Cli::command().disable_help_flag(true).mut_args(|arg| arg.hide_short_help(false));
    for name in flags.get_subcommands().map(|it| it.get_name().to_owned()).collect::<Vec<_>>() {
        flags = flags.mut_subcommand(name, |command| command.hide(true));
    }
    let man = Man::new(flags.disable_help_subcommand(true));
    page.add(|out| man.render_options_section(out));
    exit_codes(&mut page);
    page.section("ENVIRONMENT");
    for below in ["kcx's own:", "Of kubectl and Go", "Of the terminal and the system:", "Of kubectx"] {
        // Those of the first row are read by the build.
        for (variable, meaning) in
            rows("Variables", below).iter().filter(|(name, _)| !name.contains("KCX_COMMIT"))
        {
            page.item(bold(variable.as_str()), meaning);
        }
    }
    page.section("FILES");
    page.item(bold("~/.kube/config"), "your kubeconfig, unless `KUBECONFIG` or `--kubeconfig` names others");
    page.item(bold("~/.config/kcx/config.yaml"), "the settings: see `kcx-settings`(1)");
    for (folder, meaning) in rows("Folders", "") {
        page.item(bold(folder), &meaning);
    }
    page.see_also(&["kubectl".to_owned()]);
    page
}

/// All pages by their file names.
fn pages() -> BTreeMap<String, String> {
    let root = root();
    let mut all = BTreeMap::from([("kcx.1".to_owned(), overview(&root).text)]);
    for (_, group) in GROUPS {
        for name in group {
            let command = root.find_subcommand(name).unwrap();
            let below: Vec<&Command> = command.get_subcommands().filter(|it| !it.is_hide_set()).collect();
            let mut also = vec!["kcx".to_owned()];
            also.extend(below.iter().map(|it| format!("kcx-{name}-{}", it.get_name())));
            also.extend(group.iter().filter(|it| *it != name).map(|it| format!("kcx-{it}")));
            let mut page = page(command, name);
            match *name {
                "config" => {
                    page.section("VERBS");
                    page.prose("`kcx help config` and the name of a verb shows its flags.");
                    Verb::ALL.iter().for_each(|verb| page.item(bold(verb.name()), verb.short()));
                    page.section("EXIT STATUS");
                    page.prose("That of `kubectl config`.");
                    also.push("kubectl".to_owned());
                }
                "credential" => {
                    page.section("THE PROGRAM KCX-CREDENTIAL");
                    page.prose(PROGRAM);
                    exit_codes(&mut page);
                }
                _ => exit_codes(&mut page),
            }
            page.see_also(&also);
            all.insert(format!("kcx-{name}.1"), page.text);
            for it in below {
                let full = format!("{name} {}", it.get_name());
                let mut page = self::page(it, &full);
                exit_codes(&mut page);
                page.see_also(&["kcx".to_owned(), format!("kcx-{name}")]);
                all.insert(format!("kcx-{name}-{}.1", it.get_name()), page.text);
            }
        }
    }
    all
}

/// The program and the command share a page: a manual has one page of a name.
const PROGRAM: &str = "\
`kcx credential` with a blank is the command above, which you type. `kcx-credential` with a dash is a program of its own, which \
kubectl and other clients start: the entry of a sealed user names it. It takes the arguments of that entry, answers with the \
credential if the client asks for a cluster that the credential was sealed for, and does nothing else. Without it in `PATH`, or \
where the entry says it is, sealed users cannot log in.";

#[test]
fn the_pages_are_fresh() {
    let pages = pages();
    if bless::on() {
        fs::create_dir_all(folder()).unwrap();
        pages.iter().for_each(|(name, text)| fs::write(folder().join(name), text).unwrap());
    }
    for entry in fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        if !pages.contains_key(path.file_name().unwrap().to_str().unwrap()) {
            assert!(bless::on(), "{} is of no command", path.display());
            fs::remove_file(path).unwrap();
        }
    }
    for (name, text) in &pages {
        let kept = fs::read_to_string(folder().join(name)).unwrap_or_default();
        let differs = kept.lines().zip(text.lines()).find(|(kept, now)| kept != now);
        assert!(
            kept == *text,
            "docs/man/{name} is stale: `KCX_BLESS=1 cargo test --test kcx man` writes it\n{differs:?}"
        );
    }
}

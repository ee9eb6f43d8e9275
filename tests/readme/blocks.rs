//! Every `console` block is run, and must print what it shows. Nothing but kcx runs in it, in this process.
//!
//! ```text
//! console         a home with the kubeconfig of `kcx demo`
//! console empty   a home without a kubeconfig, and `team.yaml` in it
//! console then    the home that the block before has left
//! yaml settings   kcx's settings in all blocks below it on the page
//! ```
//!
//! A line `$ kcx …` runs kcx, `$ echo $?` is the exit code before it, `$ cat FILE` shows a file. Nothing else may stand
//! behind a `$`.

use super::{Page, compare, pages};
use kcx::env::Env;
use kcx::settings::Settings;
use std::cell::RefCell;
use std::fs;
use std::io::{self, Write};
use std::rc::Rc;
use tempfile::TempDir;

const KUBECONFIG: &str = include_str!("../../src/cli/demo/kubeconfig.yaml");
const TEAM: &str = include_str!("team.yaml");

/// One screen, for both streams.
#[derive(Clone, Default)]
struct Screen(Rc<RefCell<Vec<u8>>>);

impl Write for Screen {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The words of a command line; quotes hold blanks together.
pub(super) fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    for c in line.chars() {
        match quote {
            Some(end) if c == end => quote = None,
            None if c == '\'' || c == '"' => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            None if c.is_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

/// A home of its own.
struct Home {
    folder: TempDir,
    code: i32,
}

impl Home {
    fn new(files: &[(&str, &str)], settings: Option<&str>) -> Home {
        let home = Home { folder: tempfile::tempdir().unwrap(), code: 0 };
        for (name, text) in files {
            home.write(name, text);
        }
        if let Some(text) = settings {
            home.write(".config/kcx/config.yaml", text);
        }
        home
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// A command, and what it prints.
    fn run(&mut self, line: &str) -> String {
        let home = self.folder.path();
        let words = words(line);
        let printed = match &*words[0] {
            "echo" => format!("{}\n", self.code),
            "cat" => fs::read_to_string(home.join(words[1].trim_start_matches("~/"))).unwrap(),
            "kcx" => {
                let env = Env {
                    home: Some(home.into()),
                    state: Some(home.join(".local/state/kcx")),
                    config: Some(home.join(".config/kcx")),
                    kuberc: Some("off".into()),
                    cwd: home.into(),
                    temp: home.into(),
                    ..Env::default()
                };
                let screen = Screen::default();
                self.code = kcx::cli::run(&words[1..], &env, &mut screen.clone(), &mut screen.clone());
                String::from_utf8(screen.0.take()).unwrap()
            }
            _ => panic!("a console block runs kcx alone: {line}"),
        };
        let end = if printed.is_empty() || printed.ends_with('\n') { "" } else { "\n" };
        format!("$ {line}\n{}{end}", printed.replace(home.to_str().unwrap(), "/home/me"))
    }
}

/// The page with what its blocks print now, and how many there are.
fn now(page: &Page) -> (String, usize) {
    let (mut text, mut blocks) = (String::new(), 0);
    let mut home: Option<Home> = None;
    let mut settings = None;
    let mut lines = page.text.lines();
    while let Some(line) = lines.next() {
        text += &format!("{line}\n");
        let Some(kind) = line.strip_prefix("```") else { continue };
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        let place = format!("{}: {kind}: {}", page.name(), block.first().unwrap_or(&""));
        match kind.split(' ').collect::<Vec<_>>()[..] {
            ["console", ref how @ ..] => {
                blocks += 1;
                let current = match how {
                    [] => home.insert(Home::new(&[(".kube/config", KUBECONFIG)], settings)),
                    ["empty"] => home.insert(Home::new(&[("team.yaml", TEAM)], settings)),
                    ["then"] => home.as_mut().unwrap_or_else(|| panic!("{place}: there is no block before")),
                    _ => panic!("{place}: an unknown kind of block"),
                };
                for line in block.iter().filter_map(|line| line.strip_prefix("$ ")) {
                    text += &current.run(line);
                }
            }
            _ => {
                text.extend(block.iter().map(|line| format!("{line}\n")));
                if kind == "yaml settings" {
                    let yaml = block.join("\n");
                    if let Err(error) = Settings::parse(yaml.clone().into()) {
                        panic!("{place}: {error}");
                    }
                    settings = Some(&*yaml.leak());
                }
            }
        }
        text += "```\n";
    }
    (text, blocks)
}

#[test]
fn the_blocks_show_what_happens() {
    let mut blocks = 0;
    for page in pages() {
        let (text, found) = now(&page);
        blocks += found;
        compare(&page, &text, "shows something else than what happens");
    }
    assert!(blocks > 20, "{blocks}");
}

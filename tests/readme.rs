//! The README: every `console` block in it is run and must print what it shows, on the kubeconfig of `kcx demo`.
//!
//! A block starts anew; `$ kcx …` runs in this process, `$ echo $?` is the exit code before it. Nothing else may
//! stand behind a `$`. `KCX_BLESS=1 cargo test readme` writes what was printed into the README.

#![cfg(unix)]

use kcx::env::Env;
use std::cell::RefCell;
use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::rc::Rc;

const KUBECONFIG: &str = include_str!("../src/cli/demo/kubeconfig.yaml");
const BEGIN: &str = "```console\n";
const END: &str = "```";

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

/// The words of a command line; single quotes hold blanks together.
fn words(line: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for (n, part) in line.split('\'').enumerate() {
        if n % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}

/// What a block prints when it is run.
fn run(block: &str) -> String {
    let home = tempfile::tempdir().unwrap();
    let kubeconfig = home.path().join(".kube/config");
    fs::create_dir(home.path().join(".kube")).unwrap();
    fs::write(&kubeconfig, KUBECONFIG).unwrap();
    let env = Env {
        home: Some(home.path().into()),
        state: Some(home.path().join(".local/state/kcx")),
        kuberc: Some("off".into()),
        cwd: home.path().into(),
        temp: home.path().into(),
        ..Env::default()
    };
    let mut text = String::new();
    let mut code = 0;
    for line in block.lines().filter_map(|line| line.strip_prefix("$ ")) {
        text += &format!("$ {line}\n");
        if line == "echo $?" {
            text += &format!("{code}\n");
            continue;
        }
        let words = words(line);
        assert_eq!(words[0], "kcx", "{line}");
        let screen = Screen::default();
        code = kcx::cli::run(&words[1..], &env, &mut screen.clone(), &mut screen.clone());
        let printed = String::from_utf8(screen.0.take()).unwrap();
        text += &printed.replace(home.path().to_str().unwrap(), "/home/me");
    }
    text
}

#[test]
fn the_readme_shows_what_happens() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = fs::read_to_string(&path).unwrap();
    let mut now = String::new();
    let mut rest = readme.as_str();
    let mut blocks = 0;
    while let Some((before, after)) = rest.split_once(BEGIN) {
        let (block, after) = after.split_once(END).unwrap();
        now += &format!("{before}{BEGIN}{}{END}", run(block));
        rest = after;
        blocks += 1;
    }
    now += rest;
    assert!(blocks > 0);
    if crate::bless::on() {
        fs::write(&path, &now).unwrap();
    } else {
        assert!(
            now == readme,
            "README.md shows something else; `KCX_BLESS=1 cargo test readme` makes it:\n{now}"
        );
    }
}

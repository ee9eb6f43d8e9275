//! A sealed world for the tests of commands: a temporary folder is the home, the working folder and the state.
//!
//! A command's whole outcome is one text: stdout, stderr, exit code and what became of the files.

use crate::bless;
use kcx::env::Env;
use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use tempfile::TempDir;

pub(crate) struct Sandbox {
    dir: TempDir,
    pub(crate) env: Env,
}

pub(crate) struct Outcome(pub(crate) String);

impl Sandbox {
    pub(crate) fn new() -> Sandbox {
        let dir = tempfile::Builder::new().prefix("kcx-test-").tempdir().unwrap();
        let home = dir.path().to_owned();
        let env = Env {
            kuberc: Some("off".into()),
            marks: Some(Vec::new()),
            home: Some(home.clone().into()),
            state: Some(home.join("state")),
            temp: home.clone(),
            cwd: home,
            ..Env::default()
        };
        Sandbox { dir, env }
    }

    /// A sandbox with this `~/.kube/config`.
    pub(crate) fn with(text: &str) -> Sandbox {
        Sandbox::new().file(".kube/config", text)
    }

    pub(crate) fn file(self, name: &str, text: &str) -> Sandbox {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    /// Sets `KUBECONFIG` to these files of the sandbox.
    pub(crate) fn kubeconfig(mut self, names: &[&str]) -> Sandbox {
        self.env.kubeconfig =
            Some(std::env::join_paths(names.iter().map(|name| self.path().join(name))).unwrap());
        self
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Runs the program itself with this on stdin: exit code, stdout and stderr.
    pub(crate) fn pipe(&self, words: &[&str], input: &str) -> (Option<i32>, String, String) {
        let mut child = Command::new(env!("CARGO_BIN_EXE_kcx"))
            .args(words)
            .current_dir(self.path())
            .env_clear()
            .env("HOME", self.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // It may not want it.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let output = child.wait_with_output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    }

    /// Runs `kcx` with these words; `@DIR@` is the sandbox.
    pub(crate) fn run(&self, words: &str) -> Outcome {
        self.run_words(&words.split_whitespace().collect::<Vec<_>>())
    }

    /// Like [`Sandbox::run`], for words with blanks, and empty words.
    pub(crate) fn run_words(&self, words: &[&str]) -> Outcome {
        let dir = self.path().to_string_lossy().into_owned();
        let words: Vec<String> = words.iter().map(|word| word.replace("@DIR@", &dir)).collect();
        let before = self.files();
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let code = kcx::cli::run(&words, &self.env, &mut out, &mut err);
        let mut text = String::from_utf8(out).unwrap();
        text += &format!("--- stderr\n{}--- exit {code}\n", String::from_utf8(err).unwrap());
        text += &changes(&before, &self.files());
        Outcome(text.replace(&dir, "@DIR@"))
    }

    /// All files but kcx's own memory.
    fn files(&self) -> BTreeMap<String, String> {
        let (mut files, mut folders) = (BTreeMap::new(), vec![self.path().to_owned()]);
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let name = path.strip_prefix(self.path()).unwrap().to_string_lossy().into_owned();
                if path.is_dir() && name != "state" {
                    folders.push(path);
                } else if path.is_file() {
                    files.insert(name, fs::read_to_string(&path).unwrap_or_default());
                }
            }
        }
        files
    }
}

impl Outcome {
    /// Compares the outcome with what is recorded: see `bless`.
    #[track_caller]
    pub(crate) fn shows(&self, want: &str) {
        bless::same(&self.0, want, "kcx");
    }
}

/// The lines that differ, between what is equal at both ends.
fn changes(before: &BTreeMap<String, String>, after: &BTreeMap<String, String>) -> String {
    let mut text = String::new();
    let names: std::collections::BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    for name in names {
        let (old, new) = (before.get(name), after.get(name));
        if old == new {
            continue;
        }
        let lines = |file: Option<&String>| -> Vec<String> {
            file.map(|text| text.split_inclusive('\n').map(str::to_owned).collect()).unwrap_or_default()
        };
        let (old, new) = (lines(old), lines(new));
        let head = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
        let room = old.len().min(new.len()) - head;
        let tail = old.iter().rev().zip(new.iter().rev()).take(room).take_while(|(a, b)| a == b).count();
        text += &format!("--- {name}\n");
        for (sign, lines) in [('-', &old[head..old.len() - tail]), ('+', &new[head..new.len() - tail])] {
            text.extend(lines.iter().map(|line| format!("{sign}{}\n", line.trim_end_matches('\n'))));
        }
    }
    if text.is_empty() { "no file changed\n".to_owned() } else { text }
}

/// Three contexts, as kubectl writes them, with a comment.
pub(crate) const THREE: &str = "\
apiVersion: v1
clusters:
- cluster:
    server: https://dev.example
  name: c-dev
- cluster:
    certificate-authority-data: Q0E=
    server: https://prod.example
  name: c-prod
contexts:
- context:
    cluster: c-dev
    user: u-dev
  name: dev
- context:
    cluster: c-prod
    namespace: web # the shop
    user: u-prod
  name: prod-eu1
- context:
    cluster: gone
    user: u-dev
  name: stale
current-context: dev # for now
kind: Config
users:
- name: u-dev
  user:
    token: s3cr3t
- name: u-prod
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1
      args: [eks, get-token]
      command: /usr/local/bin/aws
";

//! The oracle: what the real kubectl answered, replayed against kcx. A line of `oracle/cases.jsonl` is a test.
//!
//! Compared as a user would: exit code; stdout byte for byte; stderr byte for byte where kubectl's words are its own
//! (advice `match`), else whether there is any; the files afterwards, a changed one by what a kubeconfig reader finds
//! in it, an untouched one by its time too; and that nothing else is left behind. Where kcx means to do better than
//! kubectl (advice `improve`) its own answer is recorded beside, as `ours`, and compared to the byte.
//! `oracle/record KUBECTL` records kubectl's answers again; `KCX_BLESS=1 cargo test --test kcx oracle` those of kcx.

#![cfg(unix)]

use crate::bless;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kcx::kubeconfig::{Document, Merged, Source, View};
use kcx::printer::json;
use serde::Serialize;
use serde_json::ser::Formatter;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{PermissionsExt, chown, lchown, symlink};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Who runs a case where the tests run as root: nobody, so that an unreadable file is unreadable.
const ORDINARY: u32 = 65534;
/// What a case calls its folder.
const FOLDER: &str = "@DIR@";
/// Where kcx keeps its own state, which kubectl has none of.
const OWN: [&str; 3] = [".local/state/kcx", ".cache/kcx", ".config/kcx"];

fn long_ago() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_000_000_000)
}

fn cases_file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle/cases.jsonl")
}

fn cases() -> Vec<Value> {
    let text = fs::read_to_string(cases_file()).unwrap();
    let about_config = |case: &Value| list(&case["args"]).iter().take(3).any(|word| word == "config");
    text.lines().map(|line| serde_json::from_str(line).unwrap()).filter(about_config).collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn says(list_: &Value, word: &str) -> bool {
    list(list_).iter().any(|item| item == word)
}

/// The content of a file or stream: text, or base64 of what is none.
fn bytes(value: &Value) -> Vec<u8> {
    match value {
        Value::String(text) => text.clone().into_bytes(),
        other => match other["b64"].as_str() {
            Some(b64) => STANDARD.decode(b64).unwrap(),
            None => text(&other["text"]).as_bytes().to_vec(),
        },
    }
}

fn replace(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(at) = rest.windows(from.len()).position(|window| window == from.as_bytes()) {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(to.as_bytes());
        rest = &rest[at + from.len()..];
    }
    out.extend_from_slice(rest);
    out
}

/// What one run did.
struct Answer {
    exit: i64,
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    files: BTreeMap<String, Content>,
    untouched: BTreeSet<String>,
}

#[derive(Debug, PartialEq)]
enum Content {
    Bytes(Vec<u8>),
    Symlink(String),
}

impl Answer {
    fn recorded(case: &Value) -> Answer {
        let content = |value: &Value| match value["symlink"].as_str() {
            Some(target) => Content::Symlink(target.to_owned()),
            None => Content::Bytes(bytes(value)),
        };
        let files = case["files_after"].as_object().unwrap().iter();
        Answer {
            exit: case["exit"].as_i64().unwrap(),
            stdout: bytes(&case["stdout"]),
            stderr: bytes(&case["stderr"]),
            files: files
                .filter(|(_, value)| value["dir"] != true)
                .map(|(name, value)| (name.clone(), content(value)))
                .collect(),
            untouched: list(&case["unchanged"]).iter().map(|name| text(name).to_owned()).collect(),
        }
    }

    /// The answer as a case holds it, in the place of an older one. Modes and empty folders are not compared: they stay.
    fn record(&self, old: &Value) -> Value {
        let shown = |bytes: &[u8]| match std::str::from_utf8(bytes) {
            Ok(text) if !text.contains('\0') => json!(text),
            _ => json!({"b64": STANDARD.encode(bytes)}),
        };
        let mut files = old["files_after"].as_object().unwrap().clone();
        files.retain(|name, value| value["dir"] == true || self.files.contains_key(name));
        for (name, content) in &self.files {
            let content = match content {
                Content::Bytes(bytes) => shown(bytes),
                Content::Symlink(target) => json!({"symlink": target}),
            };
            files.insert(name.clone(), content);
        }
        let mut new = old.clone();
        new["stdout"] = shown(&self.stdout);
        new["stderr"] = shown(&self.stderr);
        new["exit"] = json!(self.exit);
        new["files_after"] = Value::Object(files);
        new["unchanged"] = json!(self.untouched);
        new
    }

    /// Runs a case in a folder of its own.
    fn of(case: &Value, binary: &Path) -> Answer {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let here = root.to_str().unwrap();
        let full = |value: &Value| text(value).replace(FOLDER, here);
        let as_root = lay(&root, &case["files"], here);
        let mut command = Command::new(binary);
        command
            .args(list(&case["args"]).iter().map(full))
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", &root)
            .envs(case["env"].as_object().into_iter().flatten().map(|(name, value)| (name, full(value))))
            .current_dir(root.join(text(&case["cwd"])))
            .stdin(Stdio::null());
        if as_root {
            command.uid(ORDINARY).gid(ORDINARY);
        }
        let output = command.output().unwrap();
        let mut answer = Answer {
            exit: output.status.code().unwrap_or(-1).into(),
            stdout: replace(&output.stdout, here, FOLDER),
            stderr: replace(&output.stderr, here, FOLDER),
            files: BTreeMap::new(),
            untouched: BTreeSet::new(),
        };
        answer.look(&root, &root);
        answer
    }

    fn look(&mut self, root: &Path, folder: &Path) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let metadata = path.symlink_metadata().unwrap();
            let here = root.to_str().unwrap();
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            if metadata.is_dir() {
                if !OWN.contains(&name.as_str()) {
                    self.look(root, &path);
                }
            } else if metadata.is_symlink() {
                let target = fs::read_link(&path).unwrap().to_str().unwrap().replace(here, FOLDER);
                self.files.insert(name, Content::Symlink(target));
            } else {
                // A file the case took all rights from is still its owner's.
                if fs::read(&path).is_err() {
                    fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
                }
                let content = replace(&fs::read(&path).unwrap(), here, FOLDER);
                if metadata.modified().unwrap() == long_ago() {
                    self.untouched.insert(name.clone());
                }
                self.files.insert(name, Content::Bytes(content));
            }
        }
    }
}

/// Lays the files of a case; true if they are nobody's, because this is root.
fn lay(root: &Path, files: &Value, here: &str) -> bool {
    let mut modes = Vec::new();
    let mut stamps = Vec::new();
    for (name, value) in files.as_object().into_iter().flatten() {
        let path = root.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let mode = value["mode"].as_str().map(|mode| u32::from_str_radix(mode, 8).unwrap());
        if let Some(target) = value["symlink"].as_str() {
            symlink(target.replace(FOLDER, here), &path).unwrap();
        } else if value["dir"] == true {
            fs::create_dir_all(&path).unwrap();
            modes.push((path, mode.unwrap_or(0o755)));
        } else {
            fs::write(&path, replace(&bytes(value), FOLDER, here)).unwrap();
            stamps.push(path.clone());
            modes.push((path, mode.unwrap_or(0o600)));
        }
    }
    for path in stamps {
        File::options().write(true).open(path).unwrap().set_modified(long_ago()).unwrap();
    }
    fs::set_permissions(root, Permissions::from_mode(0o755)).unwrap();
    let as_root = chown(root, Some(ORDINARY), Some(ORDINARY)).is_ok();
    if as_root {
        give_away(root);
    }
    for (path, mode) in modes.iter().rev() {
        fs::set_permissions(path, Permissions::from_mode(*mode)).unwrap();
    }
    as_root
}

fn give_away(folder: &Path) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        lchown(&path, Some(ORDINARY), Some(ORDINARY)).unwrap();
        if path.symlink_metadata().unwrap().is_dir() {
            give_away(&path);
        }
    }
}

/// What kcx's own reader finds in a file, itself held equal to kubectl's by the corpus; none if it is no kubeconfig.
fn meaning(content: &Content) -> Option<String> {
    let Content::Bytes(bytes) = content else { return None };
    let document = Document::parse(replace(bytes, FOLDER, "/DIR")).ok()?;
    let source = Source { path: PathBuf::new(), document: Some(document) };
    Some(json::print(&View::of(&Merged::new(vec![source])).unwrap().to_value()))
}

/// A stream as it is compared: kcx's name for kubectl's, sorted where kubectl's order is random.
fn stream(bytes: &[u8], unordered: bool) -> Vec<u8> {
    let bytes = replace(bytes, "kcx config", "kubectl config");
    if !unordered {
        return bytes;
    }
    let mut lines: Vec<&[u8]> = bytes.split_inclusive(|&byte| byte == b'\n').collect();
    lines.sort_unstable();
    lines.concat()
}

/// What is wrong with an answer; kcx's own recorded answer is to be met exactly.
fn differences(case: &Value, want: &Answer, got: &Answer, exactly: bool) -> Vec<String> {
    let mut wrong = Vec::new();
    if want.exit != got.exit {
        wrong.push(format!("exit {}, want {}", got.exit, want.exit));
    }
    let same = |name, want: &[u8], got: &[u8]| {
        let unordered = says(&case["unordered"], name);
        stream(want, unordered) == stream(got, unordered)
    };
    // Help is kcx's own.
    if case["help_text"] != true && !same("stdout", &want.stdout, &got.stdout) {
        wrong.push(format!("stdout {:?}", String::from_utf8_lossy(&got.stdout)));
    }
    let literally = exactly || case["advice"] == "match";
    if want.stderr.is_empty() != got.stderr.is_empty()
        || literally && !same("stderr", &want.stderr, &got.stderr)
    {
        wrong.push(format!("stderr {:?}", String::from_utf8_lossy(&got.stderr)));
    }
    let names: BTreeSet<&String> = want.files.keys().chain(got.files.keys()).collect();
    for name in names {
        match (want.files.get(name), got.files.get(name)) {
            (Some(_), None) => wrong.push(format!("{name} is missing")),
            (None, Some(_)) => wrong.push(format!("{name} is left behind")),
            (want, got) if want == got => {}
            (Some(want), Some(got))
                if !exactly && meaning(want).is_some() && meaning(want) == meaning(got) => {}
            (_, Some(Content::Bytes(got))) => {
                wrong.push(format!("{name} reads differently: {:?}", String::from_utf8_lossy(got)));
            }
            (_, got) => wrong.push(format!("{name} is {got:?}")),
        }
    }
    for name in want.untouched.difference(&got.untouched) {
        wrong.push(format!("{name} was touched"));
    }
    wrong
}

/// What is wrong with the answer to a case; and the case with kcx's own answer recorded again, if that is asked for.
fn judge(case: &Value, binary: &Path) -> Option<(String, Option<Value>)> {
    let got = Answer::of(case, binary);
    let wrong = match case["advice"] == "improve" {
        true => differences(case, &Answer::recorded(&case["ours"]), &got, true),
        false => std::iter::once(case)
            .chain(list(&case["variants"]))
            .map(|want| differences(case, &Answer::recorded(want), &got, false))
            .min_by_key(Vec::len)
            .unwrap_or_default(),
    };
    let recorded = (bless::on() && case["advice"] == "improve").then(|| {
        let mut case = case.clone();
        case["ours"] = got.record(&case["ours"]);
        case
    });
    let told = || format!("{} {}: {}", text(&case["id"]), case["args"], wrong.join("; "));
    (!wrong.is_empty()).then(|| (told(), recorded))
}

/// JSON with a blank behind each `:` and `,`, as `oracle/record` writes it.
struct Spaced;

impl Formatter for Spaced {
    fn begin_array_value<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        writer.write_all(if first { b"" } else { b", " })
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        writer.write_all(if first { b"" } else { b", " })
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b": ")
    }
}

fn line(case: &Value) -> String {
    let mut line = Vec::new();
    case.serialize(&mut serde_json::Serializer::with_formatter(&mut line, Spaced)).unwrap();
    String::from_utf8(line).unwrap()
}

/// The lines of all cases with these in place of those that have their names.
fn with_cases(lines: &str, cases: &[Value]) -> String {
    let new = |old: &str| {
        let id = serde_json::from_str::<Value>(old).unwrap()["id"].clone();
        cases.iter().find(|case| case["id"] == id).map_or(old.to_owned(), line)
    };
    lines.lines().map(|line| new(line) + "\n").collect()
}

#[test]
fn kcx_answers_as_kubectl_did() {
    let cases = cases();
    assert!(cases.len() >= 490);
    // Nobody can run it where it is built, if that is in root's home.
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(&folder, Permissions::from_mode(0o755)).unwrap();
    let binary = folder.path().join("kcx");
    // By a process of its own: what another test starts meanwhile would hold the copy open for writing.
    assert!(Command::new("cp").arg(env!("CARGO_BIN_EXE_kcx")).arg(&binary).status().unwrap().success());
    let next = AtomicUsize::new(0);
    // More threads than processors: where a lock is held, kcx waits for it.
    let wrong: Vec<(String, Option<Value>)> = std::thread::scope(|scope| {
        let work = || {
            let take = || cases.get(next.fetch_add(1, Ordering::Relaxed));
            std::iter::from_fn(take).filter_map(|case| judge(case, &binary)).collect::<Vec<_>>()
        };
        let workers: Vec<_> = (0..8).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    let (blessed, wrong): (Vec<_>, Vec<_>) = wrong.into_iter().partition(|(_, case)| case.is_some());
    let blessed: Vec<Value> = blessed.into_iter().filter_map(|(_, case)| case).collect();
    if !blessed.is_empty() {
        let lines = fs::read_to_string(cases_file()).unwrap();
        fs::write(cases_file(), with_cases(&lines, &blessed)).unwrap();
    }
    let wrong: Vec<String> = wrong.into_iter().map(|(told, _)| told).collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

#[test]
fn an_answer_of_our_own_is_recorded_in_its_place() {
    let lines = fs::read_to_string(cases_file()).unwrap();
    let case = cases().into_iter().find(|case| case["advice"] == "improve").unwrap();
    // What was recorded is recorded again as the same bytes.
    let mut new = case.clone();
    new["ours"] = Answer::recorded(&case["ours"]).record(&case["ours"]);
    assert!(with_cases(&lines, &[new.clone()]) == lines, "{}", line(&new));
    let mut answer = Answer::recorded(&case["ours"]);
    answer.stderr = b"another word\n".to_vec();
    answer.files.insert("new".to_owned(), Content::Bytes(vec![0xff]));
    new["ours"] = answer.record(&case["ours"]);
    let now = with_cases(&lines, &[new.clone()]);
    let changed: Vec<&str> = now.lines().zip(lines.lines()).filter(|(a, b)| a != b).map(|(a, _)| a).collect();
    assert_eq!(changed, [line(&new)]);
    assert!(differences(&new, &Answer::recorded(&new["ours"]), &answer, true).is_empty());
}

#[test]
fn every_case_has_a_name_of_its_own() {
    let cases = cases();
    let names: BTreeSet<&str> = cases.iter().map(|case| text(&case["id"])).collect();
    assert_eq!(names.len(), cases.len());
}

//! The verdicts of `kcx protect check` beside the real tools: kubectl's and helm's own help name no command and no flag that the
//! tables lack, and what bash and dash start for a line is never worse than what was said about it.

use crate::tools::kubectl;
use kcx::kuberc::Kuberc;
use kcx::verdict::{Arity, Finding, HELM, KUBECTL, Place, Surroundings, Table, Verdict, line, words};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A tool in an empty home.
struct Tool {
    program: PathBuf,
    home: tempfile::TempDir,
}

impl Tool {
    fn new(program: impl Into<PathBuf>) -> Tool {
        Tool { program: program.into(), home: tempfile::tempdir().unwrap() }
    }

    /// What it prints, without any cluster.
    fn says(&self, words: &[&str]) -> (bool, String) {
        let mut command = Command::new(&self.program);
        command.args(words).env_clear().env("HOME", self.home.path()).stdin(Stdio::null());
        let output = command.output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        (output.status.success(), text.into_owned())
    }

    /// The help of a command.
    fn help(&self, path: &str) -> String {
        let words: Vec<&str> = path.split_whitespace().chain(["--help"]).collect();
        self.says(&words).1
    }

    /// Whether a flag takes the next word, which pflag says if there is none. Help is asked for first, so nothing is run.
    fn takes_a_word(&self, path: &str, flag: &str) -> bool {
        let words: Vec<&str> = path.split_whitespace().chain(["--help", flag]).collect();
        let (succeeded, text) = self.says(&words);
        // kubectl looks for this one before it reads flags.
        let lacks = text.contains("flag needs an argument") || text.contains("kuberc file is not found");
        assert!(succeeded || lacks, "{path} {flag}: {text}");
        lacks
    }
}

/// The commands that a help lists.
fn commands(help: &str) -> Vec<String> {
    let (mut found, mut inside) = (Vec::new(), false);
    for line in help.lines() {
        match line.strip_prefix("  ").map(|line| line.split("  ").next().unwrap_or_default()) {
            _ if !line.starts_with(' ') => inside = line.ends_with(':') && line.contains("Commands"),
            Some(name) if inside && !name.is_empty() && !name.contains(' ') => found.push(name.to_owned()),
            _ => {}
        }
    }
    found
}

/// The flags that a help lists, long and short.
fn flags(help: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for line in help.lines().map(str::trim_start).filter(|line| line.starts_with('-')) {
        for word in line.split([' ', ',']).take_while(|word| word.is_empty() || word.starts_with('-')) {
            let flag = word.split(['=', '[', ':']).next().unwrap_or_default();
            let (long, letters) = (flag.starts_with("--"), flag.trim_start_matches('-'));
            if long && letters.len() > 1 || letters.len() == 1 {
                found.insert(flag.to_owned());
            }
        }
    }
    found
}

/// Compares a table with the help of a tool; `everywhere` is the help about the flags of all commands.
fn compare(table: Table, tool: &Tool, everywhere: &str, skip: &[&str]) {
    let known: BTreeMap<&str, &str> = table.commands().collect();
    let (mut wrong, mut asked): (Vec<String>, BTreeMap<(String, String), bool>) =
        (Vec::new(), BTreeMap::new());
    let (mut paths, mut commands_seen, mut flags_seen) = (vec![String::new()], 0, 0);
    while let Some(path) = paths.pop() {
        let help = tool.help(&path);
        for name in commands(&help).into_iter().filter(|name| !skip.contains(&name.as_str())) {
            let sub = format!("{path} {name}").trim_start().to_owned();
            if !known.contains_key(sub.as_str()) {
                wrong.push(format!("the command {sub} is missing"));
            }
            commands_seen += 1;
            paths.push(sub);
        }
        let all = if path.is_empty() { flags(everywhere) } else { flags(&help) };
        for flag in all {
            let name = flag.trim_start_matches('-');
            let Some(arity) = table.arity(&path, name) else {
                wrong.push(format!("the flag {flag} of {path} is missing"));
                continue;
            };
            flags_seen += 1;
            // A flag of this name was tried with another command, and help describes it in the same way there.
            let described = help.split(&format!("--{name}")).nth(1).unwrap_or_default();
            let is_switch = ["=false", "=true", "  "].iter().any(|start| described.starts_with(start));
            let key = (flag.clone(), format!("{arity:?} {is_switch}"));
            let takes = *asked.entry(key).or_insert_with(|| tool.takes_a_word(&path, &flag));
            if takes != (arity == Arity::One) {
                wrong.push(format!("the flag {flag} of {path} is {arity:?}, and takes a word: {takes}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(commands_seen > 50 && flags_seen > 300, "{commands_seen} commands, {flags_seen} flags");
}

#[test]
fn the_table_has_all_commands_and_flags_of_kubectl() {
    let tool = Tool::new(kubectl());
    let everywhere = tool.says(&["options"]).1;
    compare(KUBECTL, &tool, &everywhere, &[]);
}

/// `tests/run --clients` has helm; the table has the flags of helm 3 and 4 together.
#[cfg(feature = "built")]
#[test]
fn the_table_has_all_commands_and_flags_of_helm() {
    let program = std::env::var_os("KCX_TEST_HELM").expect("KCX_TEST_HELM: `tests/run --clients` builds it");
    let tool = Tool::new(program);
    let everywhere = tool.help("");
    compare(HELM, &tool, &everywhere, &[]);
}

#[cfg(not(feature = "built"))]
const _: Table = HELM;

struct Nothing;

impl Surroundings for Nothing {
    fn kuberc(&self, _: Option<&str>) -> Option<Kuberc> {
        Some(Kuberc::default())
    }

    fn variable(&self, _: &str) -> Option<String> {
        None
    }

    fn protected(&self) -> Option<Vec<String>> {
        Some(vec!["production".to_owned()])
    }
}

fn worst(findings: &[Finding]) -> Verdict {
    findings.iter().map(|it| it.verdict).max().unwrap_or(Verdict::Read)
}

/// The contexts of those that are no reads.
fn places(findings: &[Finding]) -> Vec<Place> {
    findings.iter().filter(|it| it.verdict > Verdict::Read).flat_map(|it| it.places.clone()).collect()
}

/// The tools, which only write down how they are called.
const TOOLS: [&str; 14] = [
    "kubectl",
    "helm",
    "flux",
    "argocd",
    "kustomize",
    "k9s",
    "kubectx",
    "kubens",
    "kcx",
    "k",
    "KUBECTL",
    "kubectl.exe",
    "kubecolor",
    "oc",
];
const CALLED: &str = "#!/bin/sh
{ printf '%s\\0' env ${KUBECONFIG:+\"KUBECONFIG=$KUBECONFIG\"} ${HELM_KUBECONTEXT:+\"HELM_KUBECONTEXT=$HELM_KUBECONTEXT\"} \\
  \"${0##*/}\" \"$@\"; printf '\\1\\0'; } >> \"$CALLS\"
";

/// What else a line finds.
const PROGRAMS: [&str; 16] = [
    "env", "xargs", "timeout", "nice", "nohup", "setsid", "stdbuf", "flock", "find", "sh", "bash", "cat",
    "grep", "echo", "base64", "true",
];

/// The variables that lines of the table use without setting them.
const VARIABLES: [&str; 14] =
    ["NS", "POD", "X", "CTX", "FLAGS", "VERB", "WHAT", "KIND", "F", "CMD", "ARGS", "REGION", "ID", "FLAG"];

/// Runs a line in a shell that has these tools alone, and returns how they were called.
fn calls(text: &str, shell: &str, value: &str, home: &Path) -> Vec<Vec<String>> {
    let (bin, calls) = (home.join("bin"), home.join("calls"));
    let _ = fs::remove_file(&calls);
    let mut command = Command::new(bin.join("timeout"));
    command
        .args(["2", shell, "-c", text])
        .env_clear()
        .env("PATH", &bin)
        .env("HOME", home)
        .env("CALLS", &calls);
    command.envs(VARIABLES.map(|name| (name, value))).current_dir(home);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
    let text = fs::read_to_string(&calls).unwrap_or_default();
    let calls =
        text.split_terminator("\u{1}\0").map(|call| call.split_terminator('\0').map(str::to_owned).collect());
    calls.collect()
}

#[test]
fn what_a_shell_starts_is_never_worse_than_the_verdict() {
    let home = tempfile::tempdir().unwrap();
    let bin = home.path().join("bin");
    fs::create_dir(&bin).unwrap();
    for tool in TOOLS {
        fs::write(bin.join(tool), CALLED).unwrap();
        fs::set_permissions(bin.join(tool), fs::Permissions::from_mode(0o755)).unwrap();
    }
    for program in PROGRAMS {
        let found = ["/usr/bin", "/bin"]
            .iter()
            .map(|folder| Path::new(folder).join(program))
            .find(|path| path.exists());
        symlink(found.unwrap(), bin.join(program)).unwrap();
    }
    let (mut count, mut wrong) = (0, Vec::new());
    let rows =
        include_str!("../verdict/table.txt").lines().filter(|row| !row.is_empty() && !row.starts_with('#'));
    for row in rows {
        let text = row.splitn(3, " | ").nth(2).unwrap().replace('␤', "\n");
        let said = line(&text, &Nothing);
        let (verdict, told) = (worst(&said), places(&said));
        let anywhere = told.iter().any(|place| matches!(place, Place::Unknown | Place::Matching(_)));
        // The tools do not write down the context that they are told to choose.
        let switches = ["kubectx", "kcx ", "use", "unset", "-u "].iter().any(|word| text.contains(word));
        let evil = ["--context=evil", "a --context evil delete ns b"].map(|value| ("/bin/bash", value));
        for (shell, value) in [("/bin/bash", "a"), ("/bin/dash", "a")].into_iter().chain(evil) {
            if value != "a" && !text.contains('$') {
                continue;
            }
            for call in calls(&text, shell, value, home.path()) {
                count += 1;
                let really = words(&call, &Nothing);
                if worst(&really) > verdict && verdict != Verdict::Unknown {
                    wrong.push(format!("{text:?} is {verdict:?}, and {shell} starts {call:?}"));
                }
                for place in places(&really) {
                    let place = match place {
                        Place::Elsewhere(files) => {
                            Place::Elsewhere(files.replace(home.path().to_str().unwrap(), "~"))
                        }
                        place => place,
                    };
                    let is_told = told.contains(&place) || anywhere || place == Place::Current && switches;
                    if !is_told {
                        wrong.push(format!(
                            "{text:?} acts on {told:?}, and {shell} starts {call:?} on {place:?}"
                        ));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count > 800, "{count}");
}

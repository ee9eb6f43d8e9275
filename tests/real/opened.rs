//! What a command opens: the settings and each kubeconfig once, a file that is switched once more under its lock.

use crate::tools::{Home, KCX, fine};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::NamedTempFile;

/// A kubeconfig with these contexts, as kubectl writes it; the first one is current.
fn usual(names: &[&str]) -> String {
    let list = |lines: &str| names.iter().map(|name| lines.replace("NAME", name)).collect::<String>();
    format!(
        "apiVersion: v1\nclusters:\n{}contexts:\n{}current-context: {}\nkind: Config\nusers:\n{}",
        list("- cluster:\n    server: https://NAME.example\n  name: NAME\n"),
        list("- context:\n    cluster: NAME\n    user: NAME\n  name: NAME\n"),
        names[0],
        list("- name: NAME\n  user:\n    token: t\n")
    )
}

/// The same in a style that needs the full parser.
fn unusual(names: &[&str]) -> String {
    let list = |entry: &str| {
        let entries: Vec<String> = names.iter().map(|name| entry.replace("NAME", name)).collect();
        entries.join(", ")
    };
    format!(
        "{{apiVersion: v1, kind: Config, clusters: [{}], contexts: [{}], users: [{}], current-context: {}}}\n",
        list("{name: NAME, cluster: {server: 'https://NAME.example'}}"),
        list("{name: NAME, context: {cluster: NAME, user: NAME}}"),
        list("{name: NAME, user: {token: t}}"),
        names[0]
    )
}

/// A home with `~/.kube/config`, so many files in `~/.kube/config.d`, and settings.
struct Case {
    home: Home,
    /// In a session: what the hook exports.
    exports: Vec<(String, String)>,
}

impl Case {
    fn new(found: usize, text: fn(&[&str]) -> String) -> Case {
        let home = Home::new();
        for folder in [".kube/config.d", ".config/kcx", "run"] {
            fs::create_dir_all(home.path(folder)).unwrap();
        }
        home.write(".config/kcx/config.yaml", "rules: [{match: 'never-*', confirm: type-name}]\n");
        home.write(".kube/config", text(&["a", "b"]));
        for at in 0..found {
            home.write(&format!(".kube/config.d/{at:03}.yaml"), text(&[&format!("f{at}")]));
        }
        Case { home, exports: Vec::new() }
    }

    /// The same in a shell with the hook.
    fn in_session(found: usize, text: fn(&[&str]) -> String) -> Case {
        let mut case = Case::new(found, text);
        let own = std::process::id().to_string();
        let facts = fine(&case.command(KCX).args(["__session", "nushell", &own]).output().unwrap());
        let facts: BTreeMap<String, String> = serde_json::from_str(&facts).unwrap();
        case.exports = facts.into_iter().collect();
        case
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env_clear().env("HOME", self.home.dir.path()).env("XDG_RUNTIME_DIR", self.home.path("run"));
        command.env("PATH", std::env::var_os("PATH").unwrap()).current_dir(self.home.dir.path());
        command.envs(self.exports.iter().map(|(name, value)| (name, value)));
        command
    }

    /// How often a command opens each file and each folder of this home: before it takes a lock, and from then on.
    fn opens(&self, args: &[&str]) -> [BTreeMap<PathBuf, usize>; 2] {
        let log = NamedTempFile::new().unwrap();
        let mut strace = self.command("strace");
        strace.args(["-f", "-qq", "-z", "-e", "trace=open,openat,openat2,link,linkat", "-o"]).arg(log.path());
        fine(&strace.arg(KCX).args(args).output().unwrap());
        let (mut opens, mut locked) = ([BTreeMap::new(), BTreeMap::new()], 0);
        for line in fs::read_to_string(log.path()).unwrap().lines() {
            // A lock begins as a file without a name.
            if line.contains(".lock\"") || line.contains("O_TMPFILE") {
                locked = 1;
            }
            let path = PathBuf::from(line.split('"').nth(1).unwrap_or_default());
            if line.contains("open") && path.starts_with(self.home.dir.path()) {
                *opens[locked].entry(path).or_default() += 1;
            }
        }
        opens
    }

    /// The file that a switch writes in a session.
    fn overlay(&self) -> Option<PathBuf> {
        let session = self.exports.iter().find(|(name, _)| name == "KCX_SESSION");
        session.map(|(_, folder)| Path::new(folder).join("kcx-overlay.yaml"))
    }

    fn kubeconfigs(&self) -> Vec<PathBuf> {
        let listed = self.exports.iter().find(|(name, _)| name == "KUBECONFIG");
        let listed = listed.into_iter().flat_map(|(_, list)| std::env::split_paths(list));
        let found = fs::read_dir(self.home.path(".kube/config.d")).unwrap().map(|file| file.unwrap().path());
        let mut all: Vec<PathBuf> = listed.chain(found).chain([self.home.path(".kube/config")]).collect();
        all.sort();
        all.dedup();
        all
    }
}

const READING: [&[&str]; 12] = [
    &["prompt"],
    &["prompt", "--shell", "bash"],
    &["current"],
    &["current", "-o", "name"],
    &["get", "-o", "name"],
    &["__complete", ""],
    &["__complete", "use", ""],
    &["__complete", "use", "a", "-n", ""],
    &["__complete", "get", "users", ""],
    &["__complete", "rename", "context/"],
    &["__complete", "delete", "a", ""],
    &["__as", "kubectx", "-c"],
];

/// Each kubeconfig and the settings are opened once, the folder once for each of the two patterns.
#[track_caller]
fn opened_once(case: &Case, opens: &BTreeMap<PathBuf, usize>, what: &str) {
    let times = |path: &Path| opens.get(path).copied().unwrap_or(0);
    for file in case.kubeconfigs() {
        assert!(times(&file) <= 1, "{what}: {} is opened {} times", file.display(), times(&file));
    }
    let settings = times(&case.home.path(".config/kcx/config.yaml"));
    assert!(settings <= 1, "{what}: the settings are opened {settings} times");
    let folder = times(&case.home.path(".kube/config.d"));
    assert!(folder <= 2, "{what}: the folder is opened {folder} times");
    assert!(case.kubeconfigs().iter().any(|file| times(file) == 1), "{what}: nothing is opened: {opens:?}");
}

/// Under the lock the file that is written is compared, if it was changed just now, and replaced; the others are at most
/// compared.
#[track_caller]
fn opened_again_once(case: &Case, opens: &BTreeMap<PathBuf, usize>, written: &Path, what: &str) {
    let times = |path: &Path| opens.get(path).copied().unwrap_or(0);
    for file in case.kubeconfigs() {
        let most = if file == written { 2 } else { 1 };
        assert!(times(&file) <= most, "{what}: {} is opened {} times more", file.display(), times(&file));
    }
    assert!(times(written) > 0, "{what}: {} is not written: {opens:?}", written.display());
}

fn check(found: usize, text: fn(&[&str]) -> String, what: &str) {
    for (case, what) in [
        (Case::new(found, text), format!("{what}, {found} found")),
        (Case::in_session(found, text), format!("{what}, {found} found, in a session")),
    ] {
        for args in READING {
            let [opens, locked] = case.opens(args);
            opened_once(&case, &opens, &format!("{what}: {args:?}"));
            assert!(locked.is_empty(), "{what}: {args:?} takes a lock");
        }
        let overlay = case.overlay();
        let (home, found) = (case.home.path(".kube/config"), case.home.path(".kube/config.d/000.yaml"));
        // Without a session the namespace is written where the context is.
        let namespace = |file: &Path| overlay.clone().unwrap_or(file.to_owned());
        let (other, file) = if found.exists() { ("f0", &found) } else { ("b", &home) };
        let switch = overlay.clone().unwrap_or(home.clone());
        let switches: [(&[&str], PathBuf); 6] = [
            (&["use", other], switch.clone()),
            (&["ns", "web"], namespace(file)),
            (&["a", "-q"], switch.clone()),
            (&["-q", "use", "-"], switch.clone()),
            (&["__as", "kubectx", "a"], switch),
            (&["ns", "-q", "x"], namespace(&home)),
        ];
        for (args, written) in switches {
            let what = format!("{what}: {args:?}");
            let [opens, locked] = case.opens(args);
            opened_once(&case, &opens, &what);
            opened_again_once(&case, &locked, &written, &what);
            // A command that needs no settings looks at the end whether they can be read.
            let settings = case.home.path(".config/kcx/config.yaml");
            let times = [&opens, &locked].map(|opens| opens.get(&settings).copied().unwrap_or(0));
            assert!(times.iter().sum::<usize>() <= 1, "{what}: the settings are opened {times:?} times");
        }
    }
}

#[test]
fn settings_and_kubeconfigs_are_opened_once() {
    for found in [0, 1, 200] {
        check(found, usual, "kubectl's style");
    }
}

#[test]
fn files_that_need_the_full_parser_are_opened_once() {
    for found in [0, 3] {
        check(found, unusual, "another style");
    }
}

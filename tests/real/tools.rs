//! The two programs side by side, in a home of their own: kcx as it was built, and the real kubectl.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

/// Two contexts of one cluster: `dev`, the current one, and `prod` with a namespace.
pub(crate) const DEV_AND_PROD: &str = "\
apiVersion: v1
clusters:
- cluster:
    server: https://dev.example
  name: c
contexts:
- context:
    cluster: c
    user: u
  name: dev
- context:
    cluster: c
    namespace: web
    user: u
  name: prod
current-context: dev
kind: Config
users:
- name: u
  user: {}
";

pub(crate) const KCX: &str = env!("CARGO_BIN_EXE_kcx");

/// The program that clients run for a sealed credential.
pub(crate) const KCX_CREDENTIAL: &str = env!("CARGO_BIN_EXE_kcx-credential");

/// The folder with the Python client `kubernetes`; `tests/run` installs it.
pub(crate) fn python_client() -> String {
    std::env::var("KCX_TEST_PYTHON_CLIENT").expect("KCX_TEST_PYTHON_CLIENT: `tests/run` installs it")
}

/// The folder with the Python client `kubernetes_asyncio`; `tests/run` installs it.
pub(crate) fn python_asyncio_client() -> String {
    std::env::var("KCX_TEST_ASYNCIO_CLIENT").expect("KCX_TEST_ASYNCIO_CLIENT: `tests/run` installs it")
}

/// The folder with the JavaScript client `@kubernetes/client-node` in its `node_modules`; `tests/run` installs it.
pub(crate) fn js_client() -> String {
    std::env::var("KCX_TEST_JS_CLIENT").expect("KCX_TEST_JS_CLIENT: `tests/run` installs it")
}

/// The real kubectl: `KCX_TEST_KUBECTL`, else the one in the `PATH`.
pub(crate) fn kubectl() -> String {
    std::env::var("KCX_TEST_KUBECTL").unwrap_or_else(|_| "kubectl".to_owned())
}

/// Nushell: `KCX_TEST_NUSHELL`, else the one in the `PATH`.
pub(crate) fn nushell() -> String {
    std::env::var("KCX_TEST_NUSHELL").unwrap_or_else(|_| which("nu"))
}

/// A program as the shell would find it.
pub(crate) fn which(program: &str) -> String {
    if program.contains('/') {
        return program.to_owned();
    }
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let found =
        std::env::split_paths(&folders).map(|folder| folder.join(program)).find(|path| path.is_file());
    found.expect(program).to_string_lossy().into_owned()
}

/// A home folder with nothing in it but what a test puts there.
pub(crate) struct Home {
    pub(crate) dir: TempDir,
}

impl Home {
    pub(crate) fn new() -> Home {
        Home { dir: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, text).unwrap();
        path
    }

    /// A command in this home, with these kubeconfigs.
    pub(crate) fn command(&self, program: &str, kubeconfig: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.env_clear().env("HOME", self.dir.path()).env("KUBECONFIG", kubeconfig);
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.current_dir(self.dir.path());
        command
    }

    pub(crate) fn kcx(&self, file: &Path, args: &[&str]) -> Output {
        self.command(KCX, file).args(args).output().unwrap()
    }

    pub(crate) fn kubectl(&self, file: &Path, args: &[&str]) -> Output {
        self.command(&kubectl(), file).args(args).output().unwrap()
    }

    /// The names in this folder, but for kcx's memory: that is one file for the contexts before, one for the names before, and the journal.
    pub(crate) fn names(&self) -> Vec<String> {
        let memory = self.dir.path().join(".local/state/kcx");
        if memory.exists() {
            let names = names(&memory);
            assert!(
                names
                    .iter()
                    .all(|name| ["history.jsonl", "journal", "renames.jsonl"].contains(&name.as_str())),
                "{names:?}"
            );
        }
        let mut names = names(self.dir.path());
        names.retain(|name| name != ".local");
        names
    }
}

/// The folders of all sessions in a home folder.
pub(crate) fn sessions(home: &Path) -> Vec<PathBuf> {
    let folders = fs::read_dir(home.join(".local/state/kcx/sessions")).into_iter().flatten();
    folders.map(|folder| folder.unwrap().path()).filter(|path| path.is_dir()).collect()
}

/// Makes all files of sessions two days old, so that the next start of kcx looks for those that nobody uses.
pub(crate) fn two_days_pass(home: &Path) {
    let folders = [".local/state/kcx/sessions", ".local/share/kcx/guards"].map(|name| home.join(name));
    let touched = Command::new("find")
        .args(folders)
        .args(["-exec", "touch", "-c", "-h", "-d", "2 days ago", "{}", "+"])
        .status();
    assert!(touched.unwrap().success());
}

pub(crate) fn names(folder: &Path) -> Vec<String> {
    let name = |entry: std::io::Result<fs::DirEntry>| entry.unwrap().file_name().into_string().unwrap();
    let mut names: Vec<String> = fs::read_dir(folder).unwrap().map(name).collect();
    names.sort();
    names
}

/// The command line as words for another program to run: an environment, then kcx.
pub(crate) fn kcx_words(home: &Home, kubeconfig: &str, args: &[&str]) -> Vec<String> {
    let home = format!("HOME={}", home.dir.path().display());
    let kubeconfig = format!("KUBECONFIG={kubeconfig}");
    ["env", "-i", &home, &kubeconfig, KCX].iter().chain(args).map(|word| (*word).to_owned()).collect()
}

#[track_caller]
pub(crate) fn fine(output: &Output) -> String {
    assert!(output.status.success(), "{}: {}", output.status, String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

pub(crate) fn complaint(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

pub(crate) const TWO: &str = "apiVersion: v1 # mine\nkind: Config\nclusters:\n- name: c\n  cluster: {server: 'https://c'}\nusers:\n- name: u\n  user: {token: t}\ncontexts:\n# the first\n- name: a\n  context: {cluster: c, user: u}\n- name: b\n  context: {cluster: c, user: u} # why\ncurrent-context: a\n";

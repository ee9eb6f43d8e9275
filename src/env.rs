//! The facts about the world that kcx depends on, as plain data: every environment variable it reads is a field here,
//! and nothing else in kcx reads one. Tests make an `Env` of their own.

#![expect(clippy::disallowed_methods, reason = "the one place where the facts are read")]

mod account;

pub use account::{Account, PluginInvocation};

use std::ffi::{OsStr, OsString};
use std::io::IsTerminal;
use std::path::{Path, PathBuf};

/// Environment variables, folders and terminals.
#[derive(Clone, Debug, Default)]
pub struct Env {
    /// `KUBECONFIG`: the list of kubeconfigs.
    pub kubeconfig: Option<OsString>,
    /// `KUBERC`: kubectl's preferences, or `off`.
    pub kuberc: Option<OsString>,
    /// `KUBECTL_KUBERC` is `false`, in any case: kubectl then has no preferences and no flag for them. Any other value
    /// has no effect.
    pub kuberc_disabled: bool,
    /// `KCX_SESSION`: the folder of this shell's session, as the hook exports it.
    pub session: Option<OsString>,
    /// `XDG_RUNTIME_DIR`: a folder in memory that goes when the user logs out.
    pub runtime: Option<PathBuf>,
    /// A folder in memory that everybody may write to, where the system has one.
    pub memory: Option<PathBuf>,
    /// `KUBE_EDITOR`, `VISUAL` or `EDITOR`, whichever is set first: how the user edits a file.
    pub editor: Option<OsString>,
    /// `KUBERNETES_EXEC_INFO`: what kubectl wants of a credential plugin.
    pub exec_info: Option<OsString>,
    /// The folder for what must not be lost (`$XDG_DATA_HOME/kcx` and its like).
    pub data: Option<PathBuf>,
    /// `SHELL`: the user's shell.
    pub shell: Option<OsString>,
    /// Overrides the account that the system reports: see [`Env::account`].
    pub account: Option<Account>,
    /// The name that kcx was called by.
    pub program: Option<OsString>,
    /// `KUBECTL`: the kubectl that kubectx and kubens call.
    pub kubectl: Option<OsString>,
    /// `XDG_CACHE_HOME`, if it is set: kubectx remembers there, else in `~/.kube`.
    pub cache: Option<PathBuf>,
    /// `KUBECTX_IGNORE_FZF` is set: kubectx and kubens then list where they would ask.
    pub kubectx_lists: bool,
    /// `KUBECTX_ISOLATED_SHELL` is `1`: a shell that kubectx itself has bound to one context.
    pub kubectx_isolated: bool,
    /// `KCX_PICKER`: `fzf` or `builtin`.
    pub picker: Option<OsString>,
    /// `TERM` is `dumb` or missing: lines can be printed, and that is all.
    pub dumb_terminal: bool,
    /// `HTTPS_PROXY`, or `https_proxy`: the proxy to servers with TLS that name none themselves.
    pub https_proxy: Option<OsString>,
    /// `HTTP_PROXY`, or `http_proxy`: the same without TLS.
    pub http_proxy: Option<OsString>,
    /// `NO_PROXY`, or `no_proxy`: servers that are asked without those.
    pub no_proxy: Option<OsString>,
    /// `SSL_CERT_FILE`: replaces the files where Go looks for the system's authorities.
    pub ssl_cert_file: Option<PathBuf>,
    /// `SSL_CERT_DIR`: replaces the folders likewise, separated by colons.
    pub ssl_cert_dir: Option<OsString>,
    /// The process that started this one.
    pub parent: u32,
    /// `HOME`, or what stands for it on Windows.
    pub home: Option<OsString>,
    /// The folder for what kcx remembers (`$XDG_STATE_HOME/kcx` and its like).
    pub state: Option<PathBuf>,
    /// The folder for the user's settings (`$XDG_CONFIG_HOME/kcx` and its like).
    pub config: Option<PathBuf>,
    /// `NO_COLOR` is set and not empty.
    pub no_color: bool,
    /// The width of the terminal behind stdout, if it is one.
    pub columns: Option<usize>,
    /// The folder for temporary files.
    pub temp: PathBuf,
    /// `PATH`: where programs are looked for.
    pub path: Option<OsString>,
    /// The working folder.
    pub cwd: PathBuf,
    /// stdin is a terminal.
    pub stdin_is_terminal: bool,
    /// stderr is a terminal.
    pub stderr_is_terminal: bool,
    /// stdout is a terminal.
    pub stdout_is_terminal: bool,
}

impl Env {
    /// The environment of this process.
    #[must_use]
    pub fn real() -> Env {
        let var = std::env::var_os;
        let stdout_is_terminal = std::io::stdout().is_terminal();
        Env {
            kubeconfig: var("KUBECONFIG"),
            kuberc: var("KUBERC"),
            kuberc_disabled: var("KUBECTL_KUBERC").is_some_and(|value| value.eq_ignore_ascii_case("false")),
            session: var("KCX_SESSION").filter(|folder| !folder.is_empty()),
            runtime: dirs::runtime_dir(),
            memory: cfg!(target_os = "linux").then(|| PathBuf::from("/dev/shm")),
            editor: ["KUBE_EDITOR", "VISUAL", "EDITOR"]
                .into_iter()
                .find_map(|name| var(name).filter(|editor| !editor.is_empty())),
            exec_info: var("KUBERNETES_EXEC_INFO"),
            data: dirs::data_local_dir().map(|folder| folder.join("kcx")),
            shell: var("SHELL"),
            account: None,
            program: std::env::args_os().next(),
            kubectl: var("KUBECTL").filter(|program| !program.is_empty()),
            cache: var("XDG_CACHE_HOME").filter(|folder| !folder.is_empty()).map(PathBuf::from),
            kubectx_lists: var("KUBECTX_IGNORE_FZF").is_some_and(|value| !value.is_empty()),
            kubectx_isolated: var("KUBECTX_ISOLATED_SHELL").is_some_and(|value| value == "1"),
            picker: var("KCX_PICKER").filter(|picker| !picker.is_empty()),
            dumb_terminal: !cfg!(windows) && var("TERM").is_none_or(|term| term.is_empty() || term == "dumb"),
            https_proxy: either("HTTPS_PROXY", "https_proxy"),
            http_proxy: either("HTTP_PROXY", "http_proxy"),
            no_proxy: either("NO_PROXY", "no_proxy"),
            ssl_cert_file: var("SSL_CERT_FILE").filter(|file| !file.is_empty()).map(PathBuf::from),
            ssl_cert_dir: var("SSL_CERT_DIR").filter(|folders| !folders.is_empty()),
            parent: parent(),
            home: home(),
            state: dirs::state_dir().or_else(dirs::data_local_dir).map(|folder| folder.join("kcx")),
            config: dirs::config_dir().map(|folder| folder.join("kcx")),
            no_color: var("NO_COLOR").is_some_and(|value| !value.is_empty()),
            columns: stdout_is_terminal.then(columns).flatten(),
            temp: std::env::temp_dir(),
            path: var("PATH"),
            cwd: std::env::current_dir().unwrap_or_default(),
            stdin_is_terminal: std::io::stdin().is_terminal(),
            stderr_is_terminal: std::io::stderr().is_terminal(),
            stdout_is_terminal,
        }
    }

    /// The account that kcx runs as. The system is asked only when needed: a prompt does not pay for it.
    #[must_use]
    pub fn account(&self) -> Account {
        self.account.clone().unwrap_or_else(Account::real)
    }

    /// A path made absolute against the working folder, lexically: links are not followed (Go's `filepath.Abs`).
    #[must_use]
    pub fn absolute(&self, path: &Path) -> PathBuf {
        crate::path::clean(&self.cwd.join(path))
    }

    /// The program that a name or a path stands for (Go's `exec.LookPath`): a path as it is, a name in the folders of
    /// `PATH`; none where there is no such program, or one only in a folder that is named from the working one.
    #[must_use]
    pub fn look_up(&self, program: &str) -> Option<PathBuf> {
        self.find_program(Path::new(program)).ok()
    }

    /// [`Env::look_up`] for any path, with Go's reason if there is no program.
    ///
    /// # Errors
    /// Fails if there is no such program.
    pub fn find_program(&self, program: &Path) -> Result<PathBuf, NoProgram> {
        let fails = |path: &Path, why: &str| Err(NoProgram { path: path.to_owned(), why: why.to_owned() });
        if program.as_os_str().to_string_lossy().contains(std::path::is_separator) {
            let path = self.cwd.join(program);
            return match path.metadata() {
                Err(error) => {
                    let text = error.to_string();
                    let text = text.split(" (os error").next().unwrap_or_default().to_lowercase();
                    fails(program, &format!("stat {}: {text}", program.display()))
                }
                Ok(metadata) if metadata.is_dir() => fails(program, "is a directory"),
                Ok(_) if !is_program(&path) => fails(program, "permission denied"),
                Ok(_) => Ok(program.to_owned()),
            };
        }
        // In Go an empty `PATH` contains no folder, not the working folder.
        let path = self.path.iter().filter(|path| !path.is_empty());
        let folders: Vec<PathBuf> = path.flat_map(std::env::split_paths).collect();
        let names = names(program.as_os_str());
        let mut places = folders.iter().flat_map(|folder| names.iter().map(|name| folder.join(name)));
        match places.find(|path| is_program(&self.cwd.join(path))) {
            None => fails(program, "executable file not found in $PATH"),
            Some(path) if path.is_absolute() => Ok(path),
            Some(path) => fails(&path, "cannot run executable found relative to current directory"),
        }
    }

    /// A path that stands in a file, made absolute: from the folder of that file, lexically.
    #[must_use]
    pub fn beside(&self, file: &Path, path: &str) -> PathBuf {
        let folder = self.absolute(file).parent().map(Path::to_owned).unwrap_or_default();
        crate::path::clean(&folder.join(path))
    }
}

/// Why a name or a path does not lead to a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoProgram {
    /// The path looked at last: the name or path itself, or a program found through a relative folder of `PATH`.
    pub path: PathBuf,
    /// The reason, in the words of Go's `os/exec`.
    pub why: String,
}

/// The file of this very program, as the system knows it.
#[must_use]
pub fn own_program() -> Option<PathBuf> {
    std::env::current_exe().ok()
}

#[cfg(unix)]
fn is_program(path: &Path) -> bool {
    use rustix::fs::{Access, access};
    path.metadata().is_ok_and(|metadata| !metadata.is_dir()) && access(path, Access::EXEC_OK).is_ok()
}

#[cfg(not(unix))]
fn is_program(path: &Path) -> bool {
    path.is_file()
}

/// The file names that a program may have.
#[cfg(not(windows))]
fn names(program: &OsStr) -> Vec<OsString> {
    vec![program.to_owned()]
}

#[cfg(windows)]
fn names(program: &OsStr) -> Vec<OsString> {
    let known = std::env::var("PATHEXT").unwrap_or_else(|_| ".COM;.EXE;.BAT;.CMD".to_owned());
    let with_extension = known.split(';').map(|extension| {
        let mut name = program.to_owned();
        name.push(extension);
        name
    });
    std::iter::once(program.to_owned()).chain(with_extension).collect()
}

/// Go takes the spelling in capitals first, too.
fn either(first: &str, second: &str) -> Option<OsString> {
    [first, second].into_iter().filter_map(std::env::var_os).find(|value| !value.is_empty())
}

#[cfg(unix)]
fn parent() -> u32 {
    std::os::unix::process::parent_id()
}

#[cfg(not(unix))]
fn parent() -> u32 {
    0
}

#[cfg(not(windows))]
fn home() -> Option<OsString> {
    // Not the account's folder where HOME is empty: kubectl then looks into `.kube` of the working folder.
    std::env::var_os("HOME")
}

/// client-go `homedir`: the first of the three with a kubeconfig, else the first there is.
#[cfg(windows)]
fn home() -> Option<OsString> {
    let var = std::env::var_os;
    let drive = var("HOMEDRIVE").zip(var("HOMEPATH")).map(|(mut drive, path)| {
        drive.push(path);
        drive
    });
    let homes = [var("HOME"), drive.clone(), var("USERPROFILE")];
    let with_config =
        homes.into_iter().flatten().find(|home| Path::new(home).join(".kube").join("config").exists());
    let known = [var("HOME"), var("USERPROFILE"), drive];
    with_config
        .or_else(|| known.into_iter().flatten().find(|home| Path::new(home).exists()))
        .or_else(|| dirs::home_dir().map(PathBuf::into_os_string))
}

#[cfg(unix)]
fn columns() -> Option<usize> {
    rustix::termios::tcgetwinsize(std::io::stdout())
        .ok()
        .map(|size| usize::from(size.ws_col))
        .filter(|&width| width > 0)
}

#[cfg(not(unix))]
fn columns() -> Option<usize> {
    None
}

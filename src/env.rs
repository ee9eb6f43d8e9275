//! The environment of the process as plain data: variables, folders and terminals. Every environment variable that kcx
//! reads is a field here; no other module reads one. Tests construct their own `Env`.

#![expect(clippy::disallowed_methods, reason = "the only module that reads the environment")]

mod account;
#[cfg(any(windows, test))]
mod home;
pub mod leading;

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
    /// True if `KUBECTL_KUBERC` is `false` (case-insensitive): kubectl then has no preferences and no flag for them. Any
    /// other value has no effect.
    pub kuberc_disabled: bool,
    /// `KCX_SESSION`: the folder of this shell's session, as the hook exports it.
    pub session: Option<OsString>,
    /// `KCX_LOCKED`: the context that this shell is locked to, as `kcx shell --locked` exports it.
    pub locked: Option<OsString>,
    /// `KCX_LOCKED_FILE`: the kubeconfig of this locked shell.
    pub locked_file: Option<PathBuf>,
    /// True if `KCX_READ_ONLY` is set and not empty: this shell has a proxy that passes only reads.
    pub read_only: bool,
    /// `KCX_YES_I_MEAN`: the protected context in which the guard of the hook is to run a command without a question.
    pub yes_i_mean: Option<OsString>,
    /// `XDG_RUNTIME_DIR`: a folder in memory that is removed when the user logs out.
    pub runtime: Option<PathBuf>,
    /// A folder in memory that all users can write to (`/dev/shm`), if the system has one.
    pub memory: Option<PathBuf>,
    /// The first of `KUBE_EDITOR`, `VISUAL` and `EDITOR` that is set: the user's editor.
    pub editor: Option<OsString>,
    /// `KUBERNETES_EXEC_INFO`: the request of a client to its credential plugin.
    pub exec_info: Option<OsString>,
    /// The folder for data that must not be lost (`$XDG_DATA_HOME/kcx` or the system's equivalent).
    pub data: Option<PathBuf>,
    /// `STARSHIP_SHELL`: the shell for which starship draws the prompt.
    pub starship: Option<OsString>,
    /// `TMUX` and `TMUX_PANE`: the server and the pane that this shell is in, if `KCX_TMUX` says that the hook is to tell tmux
    /// the context.
    pub tmux: Option<OsString>,
    /// See [`Env::tmux`].
    pub tmux_pane: Option<OsString>,
    /// `SHELL`: the user's shell.
    pub shell: Option<OsString>,
    /// Overrides the account that the system reports: see [`Env::account`].
    pub account: Option<Account>,
    /// `argv[0]`: the name by which kcx was called.
    pub program: Option<OsString>,
    /// `XDG_CACHE_HOME`: where kubectx keeps its state, if set; otherwise in `~/.kube`.
    pub cache: Option<PathBuf>,
    /// True if `KUBECTX_IGNORE_FZF` is set: kubectx and kubens then print the list instead of asking.
    pub kubectx_lists: bool,
    /// True if `_KUBECTX_FORCE_COLOR` is set: kubectx and kubens print colours even into a pipe.
    pub kubectx_colors: bool,
    /// Those of `KUBECTX_CURRENT_FGCOLOR` and `KUBECTX_CURRENT_BGCOLOR` that are set: kubectx warns about them.
    pub kubectx_deprecated: Vec<&'static str>,
    /// Variables that lead programs past the context in force.
    pub leading: Vec<leading::LeadingVariable>,
    /// True if `DEBUG` is set, even empty: kubectx and kubens print an error a second time.
    pub kubectx_debugs: bool,
    /// True if `KUBECTX_ISOLATED_SHELL` is `1`: kubectx has started this shell for one context.
    pub kubectx_isolated: bool,
    /// `KCX_PICKER`: `fzf` or `builtin`.
    pub picker: Option<OsString>,
    /// True if `TERM` is `dumb` or missing: the terminal supports no escape sequences.
    pub dumb_terminal: bool,
    /// `HTTPS_PROXY` or `https_proxy`: the proxy for https servers of clusters without `proxy-url`.
    pub https_proxy: Option<OsString>,
    /// `HTTP_PROXY` or `http_proxy`: the same for http servers.
    pub http_proxy: Option<OsString>,
    /// `NO_PROXY` or `no_proxy`: the servers for which these proxies are not used.
    pub no_proxy: Option<OsString>,
    /// `SSL_CERT_FILE`: replaces the files in which Go looks for the system's certificate authorities.
    pub ssl_cert_file: Option<PathBuf>,
    /// `SSL_CERT_DIR`: replaces the folders in which Go looks for them, separated by colons.
    pub ssl_cert_dir: Option<OsString>,
    /// Overrides the marks of other programs in the environment: see [`Env::marks`].
    pub marks: Option<Vec<&'static str>>,
    /// The id of the parent process.
    pub parent: u32,
    /// `HOME`, or its equivalent on Windows.
    pub home: Option<OsString>,
    /// The folder for state (`$XDG_STATE_HOME/kcx` or the system's equivalent).
    pub state: Option<PathBuf>,
    /// The folder for settings (`$XDG_CONFIG_HOME/kcx` or the system's equivalent).
    pub config: Option<PathBuf>,
    /// `XDG_CONFIG_HOME`: where fish, elvish and PowerShell have their start-up files, if set; otherwise in `~/.config`.
    pub config_home: Option<PathBuf>,
    /// `ZDOTDIR`: where zsh has its start-up files, if set; otherwise in the home.
    pub zsh_folder: Option<PathBuf>,
    /// True if `NO_COLOR` is set and not empty.
    pub no_color: bool,
    /// The width of the terminal in columns, if stdout is a terminal.
    pub columns: Option<usize>,
    /// The folder for temporary files.
    pub temp: PathBuf,
    /// `PATH`: the folders in which programs are searched.
    pub path: Option<OsString>,
    /// The working folder.
    pub cwd: PathBuf,
    /// True if stdin is a terminal.
    pub stdin_is_terminal: bool,
    /// True if stderr is a terminal.
    pub stderr_is_terminal: bool,
    /// True if stdout is a terminal.
    pub stdout_is_terminal: bool,
}

/// Those of starship, powerlevel10k, oh-my-posh and kubie, and the functions that would stand before kcx and kubectl.
const MARKS: [&str; 8] = [
    "STARSHIP_SHELL",
    "P9K_TTY",
    "_P9K_TTY",
    "POSH_SESSION_ID",
    "POSH_THEME",
    "KUBIE_ACTIVE",
    "BASH_FUNC_kcx%%",
    "BASH_FUNC_kubectl%%",
];

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
            locked: var("KCX_LOCKED").filter(|context| !context.is_empty()),
            locked_file: var("KCX_LOCKED_FILE").map(PathBuf::from).filter(|file| file.is_absolute()),
            read_only: var("KCX_READ_ONLY").is_some_and(|value| !value.is_empty()),
            yes_i_mean: var("KCX_YES_I_MEAN").filter(|context| !context.is_empty()),
            runtime: dirs::runtime_dir(),
            memory: cfg!(target_os = "linux").then(|| PathBuf::from("/dev/shm")),
            editor: ["KUBE_EDITOR", "VISUAL", "EDITOR"]
                .into_iter()
                .find_map(|name| var(name).filter(|editor| !editor.is_empty())),
            exec_info: var("KUBERNETES_EXEC_INFO"),
            data: dirs::data_local_dir().map(|folder| folder.join("kcx")),
            starship: var("STARSHIP_SHELL"),
            tmux: var("KCX_TMUX").filter(|value| !value.is_empty()).and_then(|_| var("TMUX")),
            tmux_pane: var("TMUX_PANE"),
            shell: var("SHELL"),
            account: None,
            program: std::env::args_os().next(),
            cache: var("XDG_CACHE_HOME").filter(|folder| !folder.is_empty()).map(PathBuf::from),
            kubectx_lists: var("KUBECTX_IGNORE_FZF").is_some_and(|value| !value.is_empty()),
            kubectx_colors: var("_KUBECTX_FORCE_COLOR").is_some_and(|value| !value.is_empty()),
            kubectx_deprecated: ["KUBECTX_CURRENT_FGCOLOR", "KUBECTX_CURRENT_BGCOLOR"]
                .into_iter()
                .filter(|name| var(name).is_some())
                .collect(),
            leading: leading::set(|name| std::env::var_os(name)),
            kubectx_debugs: var("DEBUG").is_some(),
            kubectx_isolated: var("KUBECTX_ISOLATED_SHELL").is_some_and(|value| value == "1"),
            picker: var("KCX_PICKER").filter(|picker| !picker.is_empty()),
            dumb_terminal: !cfg!(windows) && var("TERM").is_none_or(|term| term.is_empty() || term == "dumb"),
            https_proxy: either("HTTPS_PROXY", "https_proxy"),
            http_proxy: either("HTTP_PROXY", "http_proxy"),
            no_proxy: either("NO_PROXY", "no_proxy"),
            ssl_cert_file: var("SSL_CERT_FILE").filter(|file| !file.is_empty()).map(PathBuf::from),
            ssl_cert_dir: var("SSL_CERT_DIR").filter(|folders| !folders.is_empty()),
            marks: None,
            parent: parent(),
            home: home(),
            state: dirs::state_dir().or_else(dirs::data_local_dir).map(|folder| folder.join("kcx")),
            config: dirs::config_dir().map(|folder| folder.join("kcx")),
            config_home: var("XDG_CONFIG_HOME").map(PathBuf::from).filter(|folder| folder.is_absolute()),
            zsh_folder: var("ZDOTDIR").map(PathBuf::from).filter(|folder| folder.is_absolute()),
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

    /// The account that kcx runs as. The user database is read only when this is called, so that a prompt does not read
    /// it.
    #[must_use]
    pub fn account(&self) -> Account {
        self.account.clone().unwrap_or_else(Account::real)
    }

    /// The variables by which other programs are known to run, and functions of bash that are exported. Only `kcx doctor`
    /// and the hook need them.
    #[must_use]
    pub fn marks(&self) -> Vec<&'static str> {
        let is_set = |name: &&str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        self.marks.clone().unwrap_or_else(|| MARKS.into_iter().filter(is_set).collect())
    }

    /// Makes a path absolute against the working folder, lexically: symbolic links are not followed (Go's
    /// `filepath.Abs`).
    #[must_use]
    pub fn absolute(&self, path: &Path) -> PathBuf {
        crate::path::clean(&self.cwd.join(path))
    }

    /// Finds a program (Go's `exec.LookPath`): a path is used as it is, a name is searched in the folders of `PATH`. `None`
    /// if there is no such program, or if it is found through a relative folder of `PATH`.
    #[must_use]
    pub fn look_up(&self, program: &str) -> Option<PathBuf> {
        self.find_program(Path::new(program)).ok()
    }

    /// Like [`Env::look_up`], for any path, with Go's reason if there is no program.
    ///
    /// # Errors
    /// Fails if there is no such program.
    pub fn find_program(&self, program: &Path) -> Result<PathBuf, NoProgram> {
        let fails = |path: &Path, why: &str| Err(NoProgram { path: path.to_owned(), why: why.to_owned() });
        if program.as_os_str().to_string_lossy().contains(std::path::is_separator) {
            let mut found = names(program.as_os_str()).into_iter().map(PathBuf::from);
            if let Some(found) = found.find(|found| cfg!(windows) && is_program(&self.cwd.join(found))) {
                return Ok(found);
            }
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

    /// The name by which a program is started. Windows itself finds only files that end in `.exe` by their names; this also
    /// finds those of `PATHEXT`, such as `az.cmd`.
    #[must_use]
    pub fn startable(&self, program: &str) -> OsString {
        let found = cfg!(windows).then(|| self.look_up(program)).flatten();
        found.map_or_else(|| program.into(), PathBuf::into_os_string)
    }

    /// Makes a path that a file contains absolute against the folder of that file, lexically.
    #[must_use]
    pub fn beside(&self, file: &Path, path: &str) -> PathBuf {
        let folder = self.absolute(file).parent().map(Path::to_owned).unwrap_or_default();
        crate::path::clean(&folder.join(path))
    }
}

/// The reason why a name or a path does not lead to a program.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {why}", path.display())]
pub struct NoProgram {
    /// The last path tried: the given name or path, or a program found through a relative folder of `PATH`.
    pub path: PathBuf,
    /// The reason, in the words of Go's `os/exec`.
    pub why: String,
}

/// The names of all environment variables, for commands that hide some of them from a program. kcx reads the values of none
/// but those in [`Env`].
#[must_use]
pub fn variables() -> Vec<OsString> {
    std::env::vars_os().map(|(name, _)| name).collect()
}

/// The words of the command line, as they are.
#[must_use]
pub fn own_words() -> Vec<OsString> {
    std::env::args_os().skip(1).collect()
}

/// The path of the running executable.
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

/// As in Go, a name without an extension is none of a program: `az` may be a script for bash beside `az.cmd`.
#[cfg(windows)]
fn names(program: &OsStr) -> Vec<OsString> {
    let known = std::env::var("PATHEXT").unwrap_or_else(|_| ".COM;.EXE;.BAT;.CMD".to_owned());
    let with_extension = known.split(';').map(|extension| {
        let mut name = program.to_owned();
        name.push(extension);
        name
    });
    let own = Path::new(program).extension().map(|_| program.to_owned());
    own.into_iter().chain(with_extension).collect()
}

/// The first of two variables that is not empty. Go also prefers the upper-case name.
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
    // If HOME is empty, the account's home is not used: kubectl then reads `.kube` in the working folder.
    std::env::var_os("HOME")
}

#[cfg(windows)]
fn home() -> Option<OsString> {
    home::find(|name| std::env::var_os(name))
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
    crossterm::terminal::size().ok().map(|(width, _)| usize::from(width)).filter(|&width| width > 0)
}

#[cfg(test)]
#[cfg(windows)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_found_by_their_names_without_an_ending() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["az", "az.cmd", "tool.ps1"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        let path = Some(folder.path().as_os_str().to_owned());
        let env = Env { path, cwd: folder.path().to_owned(), ..Env::default() };
        assert_eq!(
            env.startable("az").to_ascii_lowercase(),
            folder.path().join("az.cmd").as_os_str().to_ascii_lowercase()
        );
        assert_eq!(env.startable(".\\az").to_ascii_lowercase(), ".\\az.cmd");
        assert_eq!(env.startable("tool.ps1"), folder.path().join("tool.ps1"));
        assert_eq!(env.startable("tool"), "tool");
    }
}

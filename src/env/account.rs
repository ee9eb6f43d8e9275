//! The account that a process runs as, and what a credential plugin was called with: what cannot be led astray by
//! variables that a foreign kubeconfig sets.

#![expect(clippy::disallowed_methods, reason = "the one place where the facts are read")]

use std::ffi::OsString;
use std::io::IsTerminal;
use std::path::PathBuf;

/// The folders of an account, as the system knows them: what a plugin reads that anybody may have run with variables of
/// his own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// The home.
    pub home: Option<PathBuf>,
    /// Its name.
    pub name: Option<String>,
    /// The folder for the user's settings.
    pub config: Option<PathBuf>,
    /// The folder for what must not be lost.
    pub data: Option<PathBuf>,
}

/// The variables that an account's program gets beside its own: those that lead to the terminal and to the session, and
/// no program to other files.
const SESSION: [&str; 9] = [
    "DBUS_SESSION_BUS_ADDRESS",
    "DISPLAY",
    "GPG_TTY",
    "LANG",
    "LC_ALL",
    "TERM",
    "WAYLAND_DISPLAY",
    "XAUTHORITY",
    "XDG_RUNTIME_DIR",
];

/// Where an account's program is looked for.
const PROGRAMS: &str = if cfg!(target_os = "macos") {
    "/opt/homebrew/bin:/opt/local/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
} else {
    "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
};

impl Account {
    /// The account that this process runs as: by its entry in the system's list of accounts, and by no variable.
    #[must_use]
    pub fn real() -> Account {
        let (home, name) = passwd().unzip();
        match home.filter(|home: &PathBuf| home.is_absolute()) {
            Some(home) => Account::at(home, name),
            None => Account::default(),
        }
    }

    /// An account with this home.
    #[must_use]
    #[cfg(unix)]
    pub fn at(home: PathBuf, name: Option<String>) -> Account {
        let [config, data] = match cfg!(target_os = "macos") {
            true => ["Library/Application Support"; 2],
            false => [".config", ".local/share"],
        };
        let [config, data] = [config, data].map(|folder| Some(home.join(folder).join("kcx")));
        Account { home: Some(home), name, config, data }
    }

    /// An account with this home. Windows is asked for the other folders, not the environment.
    #[must_use]
    #[cfg(not(unix))]
    pub fn at(home: PathBuf, name: Option<String>) -> Account {
        let [config, data] = [dirs::config_dir(), dirs::data_local_dir()]
            .map(|folder| folder.map(|folder| folder.join("kcx")));
        Account { home: Some(home), name, config, data }
    }

    /// The variables for a program of the account.
    #[must_use]
    pub fn variables(&self) -> Vec<(&'static str, OsString)> {
        let mut variables: Vec<(&'static str, OsString)> =
            SESSION.into_iter().filter_map(|name| Some((name, std::env::var_os(name)?))).collect();
        if cfg!(unix) {
            variables.push(("PATH", PROGRAMS.into()));
            variables.extend(self.home.iter().map(|home| ("HOME", home.clone().into_os_string())));
            for variable in ["USER", "LOGNAME"] {
                variables.extend(self.name.iter().map(|name| (variable, name.into())));
            }
        } else {
            // The system's own programs do not start without these.
            let system = ["PATH", "SystemRoot", "USERPROFILE", "APPDATA", "LOCALAPPDATA"];
            variables.extend(system.into_iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
        }
        variables
    }
}

/// The home and the name of the account that this process runs as.
#[cfg(unix)]
fn passwd() -> Option<(PathBuf, String)> {
    let user = nix::unistd::User::from_uid(nix::unistd::geteuid()).ok()??;
    Some((user.dir, user.name))
}

#[cfg(not(unix))]
fn passwd() -> Option<(PathBuf, String)> {
    dirs::home_dir().map(|home| (home, String::new()))
}

/// What a credential plugin was called with.
#[derive(Clone, Debug, Default)]
pub struct Called {
    /// The words after the program's name.
    pub words: Vec<String>,
    /// `KUBERNETES_EXEC_INFO`: what the client wants of it.
    pub exec_info: Option<OsString>,
    /// The working folder.
    pub cwd: PathBuf,
    /// stdin, stderr and stdout are terminals.
    pub terminals: [bool; 3],
}

impl Called {
    /// Of this process.
    #[must_use]
    pub fn real() -> Called {
        Called {
            words: std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned()).collect(),
            exec_info: std::env::var_os("KUBERNETES_EXEC_INFO"),
            cwd: std::env::current_dir().unwrap_or_default(),
            terminals: [
                std::io::stdin().is_terminal(),
                std::io::stderr().is_terminal(),
                std::io::stdout().is_terminal(),
            ],
        }
    }
}

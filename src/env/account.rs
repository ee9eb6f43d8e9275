//! The account that a process runs as, and the invocation of the credential plugin. An untrusted kubeconfig can set
//! environment variables of a plugin; it cannot change this data.

#![expect(clippy::disallowed_methods, reason = "the only module that reads the environment")]

use std::ffi::OsString;
use std::io::IsTerminal;
use std::path::PathBuf;

/// The folders of an account according to the system. The credential plugin uses these, because an untrusted kubeconfig
/// can set its environment variables.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// The home folder.
    pub home: Option<PathBuf>,
    /// The name of the account.
    pub name: Option<String>,
    /// kcx's folder for settings.
    pub config: Option<PathBuf>,
    /// kcx's folder for data.
    pub data: Option<PathBuf>,
}

/// The variables that a program of the account inherits: those of the terminal and the session. No variable that changes
/// which files a program reads is among them.
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

/// The `PATH` of a program of the account.
const PROGRAMS: &str = if cfg!(target_os = "macos") {
    "/opt/homebrew/bin:/opt/local/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
} else {
    "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
};

impl Account {
    /// The account that this process runs as, from the system's user database; variables have no effect.
    #[must_use]
    pub fn real() -> Account {
        let (home, name) = passwd().unzip();
        match home.filter(|home: &PathBuf| home.is_absolute()) {
            Some(home) => Account::at(home, name),
            None => Account::default(),
        }
    }

    /// An account with this home folder.
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

    /// An account with this home folder. Windows reports the other folders; the environment is not read.
    #[must_use]
    #[cfg(not(unix))]
    pub fn at(home: PathBuf, name: Option<String>) -> Account {
        let [config, data] = [dirs::config_dir(), dirs::data_local_dir()]
            .map(|folder| folder.map(|folder| folder.join("kcx")));
        Account { home: Some(home), name, config, data }
    }

    /// The environment of a program of the account.
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
            // Programs of the system do not start without these.
            let system = ["PATH", "SystemRoot", "USERPROFILE", "APPDATA", "LOCALAPPDATA"];
            variables.extend(system.into_iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
        }
        variables
    }
}

/// The home folder and the name of the account that this process runs as.
#[cfg(unix)]
fn passwd() -> Option<(PathBuf, String)> {
    let user = nix::unistd::User::from_uid(nix::unistd::geteuid()).ok()??;
    Some((user.dir, user.name))
}

#[cfg(not(unix))]
fn passwd() -> Option<(PathBuf, String)> {
    dirs::home_dir().map(|home| (home, String::new()))
}

/// The arguments and the environment with which a client started the credential plugin.
#[derive(Clone, Debug, Default)]
pub struct PluginInvocation {
    /// The arguments after the name of the program.
    pub words: Vec<String>,
    /// `KUBERNETES_EXEC_INFO`: the client's request.
    pub exec_info: Option<OsString>,
    /// The working folder.
    pub cwd: PathBuf,
    /// Whether stdin, stderr and stdout are terminals.
    pub terminals: [bool; 3],
}

impl PluginInvocation {
    /// The invocation of this process.
    #[must_use]
    pub fn real() -> PluginInvocation {
        PluginInvocation {
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

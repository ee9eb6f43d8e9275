//! The account that a process runs as, and the arguments of a credential plugin: facts that a foreign kubeconfig cannot
//! change by setting variables.

#![expect(clippy::disallowed_methods, reason = "the one place where the facts are read")]

use std::ffi::OsString;
use std::io::IsTerminal;
use std::path::PathBuf;

/// The folders of an account, as the system reports them: the plugin uses them because a foreign kubeconfig can set its
/// environment variables.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// The home folder.
    pub home: Option<PathBuf>,
    /// Its name.
    pub name: Option<String>,
    /// The folder for settings.
    pub config: Option<PathBuf>,
    /// The folder for data.
    pub data: Option<PathBuf>,
}

/// The variables that an account's program inherits: those of the terminal and the session, none that changes which
/// files a program reads.
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

/// The `PATH` of an account's program.
const PROGRAMS: &str = if cfg!(target_os = "macos") {
    "/opt/homebrew/bin:/opt/local/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
} else {
    "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
};

impl Account {
    /// The account that this process runs as, from the system's user database; no variable has an effect.
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

    /// An account with this home. Windows reports the other folders; the environment is not read.
    #[must_use]
    #[cfg(not(unix))]
    pub fn at(home: PathBuf, name: Option<String>) -> Account {
        let [config, data] = [dirs::config_dir(), dirs::data_local_dir()]
            .map(|folder| folder.map(|folder| folder.join("kcx")));
        Account { home: Some(home), name, config, data }
    }

    /// The environment of an account's program.
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

/// The arguments and the environment of a credential plugin.
#[derive(Clone, Debug, Default)]
pub struct PluginInvocation {
    /// The arguments after the program's name.
    pub words: Vec<String>,
    /// `KUBERNETES_EXEC_INFO`: the client's request.
    pub exec_info: Option<OsString>,
    /// The working folder.
    pub cwd: PathBuf,
    /// Whether stdin, stderr and stdout are terminals.
    pub terminals: [bool; 3],
}

impl PluginInvocation {
    /// Those of this process.
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

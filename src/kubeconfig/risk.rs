//! What entries from elsewhere could do here: run programs, read files, send credentials to servers. This is the one
//! place that decides what a risk is; import, merge, lint, files that discovery finds and the moving of entries out of an
//! overlay ask it.
//!
//! [`of`] looks at one entry alone. [`assess`] compares a kubeconfig before and after a change: it finds the entries that
//! are new, and the contexts that would combine a user with a cluster that nobody has combined before.

mod assess;
mod entry;
mod index;
mod variable;

pub use assess::{Brought, assess, is_known_pair};
pub use entry::{embedded, of};
pub use index::Index;
pub use variable::is_dangerous;

use super::schema::Kind;
use std::path::PathBuf;

/// One thing to know about an entry before it is let in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Risk {
    /// The list of the entry.
    pub kind: Kind,
    /// The name of the entry.
    pub name: String,
    /// What it could do.
    pub what: What,
}

/// What an entry could do. Secrets in arguments and values are masked.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum What {
    /// A user runs a program whenever it is needed.
    Program {
        /// The command, as it is started.
        command: String,
        /// Its arguments.
        args: Vec<String>,
        /// The auth provider that runs it; none for an exec plugin.
        provider: Option<String>,
    },
    /// The program gets a variable.
    Variable {
        /// The variable's name.
        variable: String,
        /// Its value.
        value: String,
        /// True if it is known that the variable can only select a profile, region or the like.
        harmless: bool,
    },
    /// A user logs in by an auth provider, inside a client.
    AuthProvider(String),
    /// A field names a file that is read whenever the entry is needed.
    File {
        /// The field.
        field: &'static str,
        /// The file.
        path: String,
    },
    /// The content of a file was put in the place of its path.
    Embedded {
        /// The field that named the file.
        field: &'static str,
        /// The file.
        path: String,
        /// True if the file holds what such a field is for: a certificate, or a key.
        fits: bool,
    },
    /// The server's certificate is not checked.
    Unchecked,
    /// Nothing is encrypted on the way to this server.
    Plain(String),
    /// Everything goes through this proxy.
    Proxy(String),
    /// A context would send the credentials of a user that did not come with it.
    BorrowedUser {
        /// The user.
        user: String,
        /// The cluster that would get the credentials.
        cluster: String,
        /// The address of that cluster; empty if there is no such cluster.
        server: String,
    },
    /// A context would reach a cluster that did not come with it.
    BorrowedCluster {
        /// The cluster.
        cluster: String,
        /// Its address.
        server: String,
        /// The user that would be logged in there; empty for none.
        user: String,
    },
    /// A context names an entry that is nowhere.
    Missing(Kind, String),
}

/// What has to be permitted before an entry with such a risk is let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Permission<'r> {
    /// To run this command.
    Exec(&'r str),
    /// To run a program with this variable.
    Env(&'r str),
    /// To read this file.
    File(&'r str),
    /// To use this user, which is there already.
    User(&'r str),
    /// To reach this cluster, which is there already.
    Cluster(&'r str),
}

impl Risk {
    /// The same with paths that mean the same in every folder: those of files, and of a command with a separator in it.
    #[must_use]
    pub fn rebased(mut self, absolute: &dyn Fn(&str) -> PathBuf) -> Risk {
        match &mut self.what {
            What::Program { command: path, provider: None, .. } if path.contains(std::path::is_separator) => {
                *path = absolute(path).to_string_lossy().into_owned();
            }
            What::File { field, path } if *field != "idp-certificate-authority" => {
                *path = absolute(path).to_string_lossy().into_owned();
            }
            _ => {}
        }
        self
    }
}

impl What {
    /// A stable word for scripts.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            What::Program { .. } => "program",
            What::Variable { .. } => "variable",
            What::AuthProvider(_) => "auth-provider",
            What::File { field: "tokenFile", .. } => "token-file",
            What::File { .. } => "file",
            What::Embedded { .. } => "embedded-file",
            What::Unchecked => "unchecked-certificate",
            What::Plain(_) => "unencrypted",
            What::Proxy(_) => "proxy",
            What::BorrowedUser { .. } => "borrowed-user",
            What::BorrowedCluster { .. } => "borrowed-cluster",
            What::Missing(..) => "missing-entry",
        }
    }

    /// What has to be permitted; none for what is only shown.
    ///
    /// A certificate or key that is read from a file never leaves this machine as a secret; the content of a `tokenFile` is
    /// sent to the server.
    #[must_use]
    pub fn permission(&self) -> Option<Permission<'_>> {
        match self {
            What::Program { command, .. } => Some(Permission::Exec(command)),
            What::Variable { variable, harmless: false, .. } => Some(Permission::Env(variable)),
            What::File { field: "tokenFile", path } | What::Embedded { path, fits: false, .. } => {
                Some(Permission::File(path))
            }
            What::BorrowedUser { user, .. } => Some(Permission::User(user)),
            What::BorrowedCluster { cluster, .. } => Some(Permission::Cluster(cluster)),
            _ => None,
        }
    }
}

impl<'r> Permission<'r> {
    /// The name of the flag that gives it, and of the setting where there is one: `allow-exec`.
    #[must_use]
    pub fn flag(self) -> &'static str {
        match self {
            Permission::Exec(_) => "allow-exec",
            Permission::Env(_) => "allow-env",
            Permission::File(_) => "allow-file",
            Permission::User(_) => "allow-user",
            Permission::Cluster(_) => "allow-cluster",
        }
    }

    /// What exactly is permitted.
    #[must_use]
    pub fn value(self) -> &'r str {
        match self {
            Permission::Exec(value)
            | Permission::Env(value)
            | Permission::File(value)
            | Permission::User(value)
            | Permission::Cluster(value) => value,
        }
    }
}

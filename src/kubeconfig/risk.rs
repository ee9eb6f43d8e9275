//! The risks of foreign entries: they can run programs, read files and send credentials to servers. This is the one
//! place that decides what a risk is, for import, merge, lint, discovered files and entries moved out of an overlay.
//!
//! [`of`] looks at a single entry. [`assess`] compares a kubeconfig before and after a change: it finds new entries,
//! and contexts that would combine a user with a cluster for the first time.

mod assess;
mod entry;
mod index;
mod shown;
mod variable;

pub use assess::{Brought, assess, is_known_pair};
pub use entry::{embedded, of};
pub use index::Index;
pub use variable::is_dangerous;

use super::schema::Kind;
use std::path::PathBuf;

/// A risk of one entry.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Risk {
    /// The list of the entry.
    pub kind: Kind,
    /// The name of the entry.
    pub name: String,
    /// The possible effect.
    pub what: What,
}

/// The possible effect of an entry. Secrets in arguments and values are masked.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum What {
    /// A user runs a program whenever its credential is needed.
    Program {
        /// The command, as it is started.
        command: String,
        /// Its arguments.
        args: Vec<String>,
        /// The auth provider that runs it; `None` for an exec plugin.
        provider: Option<String>,
    },
    /// The program gets an environment variable.
    Variable {
        /// The variable's name.
        variable: String,
        /// Its value.
        value: String,
        /// True if the variable is known to select only a profile, region or the like.
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
    /// The content of a file was embedded in place of its path.
    Embedded {
        /// The field that named the file.
        field: &'static str,
        /// The file.
        path: String,
        /// True if the content fits the field: a certificate or a key.
        fits: bool,
    },
    /// The server's certificate is not checked.
    Unchecked,
    /// The connection to this server is not encrypted.
    Plain(String),
    /// All traffic goes through this proxy.
    Proxy(String),
    /// A context would send the credentials of an existing user to another cluster.
    BorrowedUser {
        /// The user.
        user: String,
        /// The cluster that would get the credentials.
        cluster: String,
        /// The URL of that cluster; empty if it does not exist.
        server: String,
    },
    /// A context would reach an existing cluster with another user.
    BorrowedCluster {
        /// The cluster.
        cluster: String,
        /// Its URL.
        server: String,
        /// The user that would be logged in there; empty without one.
        user: String,
    },
    /// A context names an entry that does not exist.
    Missing(Kind, String),
}

/// The permission that an entry with such a risk needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Permission<'r> {
    /// To run this command.
    Exec(&'r str),
    /// To run a program with this variable.
    Env(&'r str),
    /// To read this file.
    File(&'r str),
    /// To use this existing user.
    User(&'r str),
    /// To reach this existing cluster.
    Cluster(&'r str),
}

impl Risk {
    /// The same risk with absolute paths: of files, and of a command that contains a separator.
    #[must_use]
    pub fn rebased(mut self, absolute: &dyn Fn(&str) -> PathBuf) -> Risk {
        match &mut self.what {
            What::Program { command: path, provider: None, .. } if path.contains(std::path::is_separator) => {
                *path = absolute(path).to_string_lossy().into_owned();
            }
            What::File { field, path } if *field != "idp-certificate-authority" => {
                *path = absolute(path).to_string_lossy().into_owned();
            }
            What::Embedded { path, .. } => *path = absolute(path).to_string_lossy().into_owned(),
            _ => {}
        }
        self
    }
}

impl What {
    /// The name of the risk for scripts; it never changes.
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

    /// The permission it needs; `None` for a risk that is only shown.
    ///
    /// No secret of a certificate or key file leaves this machine; the content of a `tokenFile` is sent to the server.
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
    /// The name of the flag, and of the setting if there is one: `allow-exec`.
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

    /// The permitted command, variable, file, user or cluster.
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

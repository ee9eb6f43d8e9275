//! `kcx credential`: stores secrets in a keychain instead of the kubeconfig, and gives them to kubectl.

mod args;
mod binding_snapshot;
pub(super) mod command;
mod copy;
mod copy_warnings;
pub mod exec;
mod get;
mod incoming;
mod keychains;
mod list;
mod owner;
mod rebind;
mod remove;
pub mod seal;
mod sealing;
mod set;
pub mod unseal;
mod user_clusters;
mod users;

use super::World;
use super::error::Error;
pub(super) use binding_snapshot::BindingSnapshot;
pub(super) use copy_warnings::{leaves, merged, shared};
pub(super) use incoming::Incoming;
pub use keychains::{Keychains, StoreArgs};

/// Store credentials in the keychain instead of the kubeconfig
///
/// `seal` moves tokens and client keys from the kubeconfig into the keychain, and writes an `exec` entry with which
/// kubectl and every other client get them from `kcx-credential`; `unseal` moves them back, byte for byte. A credential
/// is given only to the clusters that it was sealed for: those of the user's contexts at that time. `kcx credential seal
/// USER` for a sealed user updates this list.
#[derive(clap::Args, Debug)]
pub struct CredentialArgs {
    /// The subcommand.
    #[command(subcommand)]
    pub verb: Verb,
}

/// The subcommands. Their help texts are the comments of their arguments.
#[derive(clap::Subcommand, Debug)]
#[expect(missing_docs, reason = "a comment here would hide the longer one of the arguments")]
pub enum Verb {
    Seal(seal::SealArgs),
    Unseal(unseal::UnsealArgs),
    Exec(exec::ExecArgs),
    List(list::ListArgs),
    Get(get::GetArgs),
    Set(set::SetArgs),
    Remove(remove::RemoveArgs),
    Copy(copy::CopyArgs),
}

impl Verb {
    /// True if it only shows what it would change.
    #[must_use]
    pub fn is_dry_run(&self) -> bool {
        match self {
            Verb::Seal(args) => args.dry_run,
            Verb::Unseal(args) => args.dry_run,
            _ => false,
        }
    }

    /// True if it changes a kubeconfig or a stored secret.
    pub(in crate::cli) fn writes(&self) -> bool {
        !self.is_dry_run() && !matches!(self.name(), "exec" | "list" | "get" | "get --part")
    }

    /// True if it prints a secret.
    pub(in crate::cli) fn gives(&self) -> bool {
        matches!(self, Verb::Get(_))
    }

    /// Its words after `kcx credential`, with a flag that changes what it prints.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Verb::Seal(_) => "seal",
            Verb::Unseal(_) => "unseal",
            Verb::Exec(_) => "exec",
            Verb::List(args) if args.prune => "list --prune",
            Verb::List(_) => "list",
            Verb::Get(args) if args.part.is_some() => "get --part",
            Verb::Get(_) => "get",
            Verb::Set(_) => "set",
            Verb::Remove(_) => "remove",
            Verb::Copy(_) => "copy",
        }
    }
}

/// The names of the verbs, for completion.
pub const VERBS: [&str; 8] = ["copy", "exec", "get", "list", "remove", "seal", "set", "unseal"];

/// Runs the subcommand.
///
/// # Errors
/// Exit code 6 if a keychain is missing or locked, or lacks an item.
pub fn run(args: &CredentialArgs, world: &mut World<'_>) -> Result<(), Error> {
    match &args.verb {
        Verb::Seal(args) => seal::run(args, world),
        Verb::Unseal(args) => unseal::run(args, world),
        Verb::Exec(args) => exec::run(args, world),
        Verb::List(args) => list::run(args, world),
        Verb::Get(args) => get::run(args, world),
        Verb::Set(args) => set::run(args, world),
        Verb::Remove(args) => remove::run(args, world),
        Verb::Copy(args) => copy::run(args, world),
    }
}

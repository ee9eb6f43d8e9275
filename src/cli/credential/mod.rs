//! `kcx credential`: secrets out of the kubeconfig and into a keychain, and from there to kubectl.

mod args;
mod command;
mod copy;
mod copy_warnings;
pub mod exec;
mod follow;
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
pub(super) use copy_warnings::{leaves, merged, shared};
pub(super) use follow::Watch;
pub(super) use incoming::Incoming;
pub use keychains::{Keychains, StoreArgs};

/// Keep credentials in the keychain instead of in the kubeconfig
///
/// `seal` takes tokens and client keys out of the kubeconfig and leaves an entry by which kubectl and every other client
/// asks `kcx-credential` for them; `unseal` brings them back, byte for byte. A credential is given to the clusters that it was
/// sealed for, those that the user's contexts name, and to no other; `kcx credential seal USER` of a sealed user binds it to
/// the clusters that its contexts name now.
#[derive(clap::Args, Debug)]
pub struct CredentialArgs {
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

/// The verbs. Help is what stands above the arguments of each.
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

/// The names of the verbs, for completion.
pub const VERBS: [&str; 8] = ["copy", "exec", "get", "list", "remove", "seal", "set", "unseal"];

/// Does it.
///
/// # Errors
/// Exit code 6 where a keychain is missing, locked, or does not have what it should.
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

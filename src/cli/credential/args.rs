//! The flags of `kcx credential seal`; `set` and `import` also construct them.

use super::keychains::StoreArgs;

/// Move the secrets of users from the kubeconfig into the keychain
///
/// Tokens, and client keys with their certificates, are moved. An `exec` entry replaces them, with which kubectl, helm
/// and other clients run `kcx-credential`. It gives the credential only to the clusters of the user's contexts at this
/// time. Sealing a sealed user again updates that list, and the path of a `kcx-credential` that no longer exists; with
/// `--all`, the list only for users sealed without one. Passwords are not moved: an exec plugin cannot deliver them.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct SealArgs {
    /// Users, or patterns: `'prod-*'`
    #[arg(value_name = "USER")]
    pub users: Vec<String>,

    /// All users; those that cannot be sealed are reported and stay as they are
    #[arg(long, conflicts_with = "users")]
    pub all: bool,

    /// Also seal the contents of files that a user names; the files themselves are not removed
    #[arg(long)]
    pub files: bool,

    /// Print what would change, with secrets masked, and write nothing
    #[arg(long)]
    pub dry_run: bool,

    /// Give the credential to every cluster; for clients that do not tell the plugin which cluster they use
    #[arg(long)]
    pub any_cluster: bool,

    /// The program that clients run [default: `kcx-credential` if PATH finds the one in the folder of kcx, else its path]
    #[arg(long, value_name = "COMMAND")]
    pub command: Option<String>,

    /// Add `kcx-credential` to the allowlist in your kuberc if kubectl's policy for credential plugins would refuse it
    #[arg(long)]
    pub to_kuberc: bool,

    /// The keychain.
    #[command(flatten)]
    pub store: StoreArgs,
}

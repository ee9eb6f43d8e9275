//! The flags of `kcx credential seal`. `set` and `import` fill them in themselves.

use super::keychains::StoreArgs;

/// Move the secrets of users from the kubeconfig into the keychain
///
/// Moves tokens, and client keys with their certificates. An `exec` entry takes their place: kubectl, helm and other clients
/// then ask `kcx-credential`. It gives the credential only to the clusters that the user's contexts name now. Sealing a
/// sealed user again replaces that list of clusters; `--all` does so only for users sealed by version 0.1.0, which have no
/// list. Passwords stay: no plugin can deliver them.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct SealArgs {
    /// Users, or patterns: `'prod-*'`
    #[arg(value_name = "USER")]
    pub users: Vec<String>,

    /// All users; those that cannot be sealed are named and stay as they are
    #[arg(long, conflicts_with = "users")]
    pub all: bool,

    /// What is in the files that a user names, too; the files themselves stay where they are
    #[arg(long)]
    pub files: bool,

    /// Print what would change, secrets masked, and write nothing
    #[arg(long)]
    pub dry_run: bool,

    /// Give the credential to every cluster: for clients that do not tell the plugin which cluster they talk to
    #[arg(long)]
    pub any_cluster: bool,

    /// The command that clients run [default: `kcx-credential` if PATH finds the one beside this kcx, else its path]
    #[arg(long, value_name = "COMMAND")]
    pub command: Option<String>,

    /// Add `kcx-credential` to the allowlist in your kuberc if kubectl's policy for credential plugins would refuse it
    #[arg(long)]
    pub to_kuberc: bool,

    /// The keychain.
    #[command(flatten)]
    pub store: StoreArgs,
}

//! The flags of `kcx import` that name entries, change values and settle conflicts.

use crate::kubeconfig::import::Policy;
use std::path::PathBuf;

/// How imported entries are called.
#[derive(clap::Args, Debug, Default)]
#[command(next_help_heading = "Names")]
pub struct NamingArgs {
    /// Call the one context, its cluster and its user NAME
    #[arg(long, value_name = "NAME", conflicts_with_all = ["prefix", "suffix", "template"])]
    pub name: Option<String>,

    /// Put this in front of every name
    #[arg(long, value_name = "TEXT", conflicts_with = "template")]
    pub prefix: Option<String>,

    /// Put this behind every name
    #[arg(long, value_name = "TEXT", conflicts_with = "template")]
    pub suffix: Option<String>,

    /// Make names of {file}, {context}, {cluster}, {user} and {namespace}: '{file}-{cluster}'
    #[arg(long, value_name = "TEXT")]
    pub template: Option<String>,
}

/// What else is changed on the way.
#[derive(clap::Args, Debug, Default)]
#[command(next_help_heading = "Values")]
pub struct RewriteArgs {
    /// The address of the one cluster
    #[arg(long, value_name = "URL")]
    pub server: Option<String>,

    /// The name that the server's certificate is checked for
    #[arg(long, value_name = "NAME")]
    pub tls_server_name: Option<String>,

    /// Do not check the server's certificate
    #[arg(long, conflicts_with = "ca")]
    pub insecure: bool,

    /// The certificate authority of the one cluster
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,

    /// The namespace of all contexts
    #[arg(long, value_name = "NAMESPACE")]
    pub namespace: Option<String>,

    /// Put the contents of certificates and keys in place of their paths
    #[arg(long)]
    pub embed_certs: bool,
}

/// A [`Policy`], as it is typed.
#[derive(clap::ValueEnum, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnConflict {
    /// See [`Policy::Fail`].
    #[default]
    Fail,
    /// See [`Policy::Skip`].
    Skip,
    /// See [`Policy::Overwrite`].
    Overwrite,
    /// See [`Policy::Rename`].
    Rename,
    /// See [`Policy::Update`].
    Update,
}

impl From<OnConflict> for Policy {
    fn from(policy: OnConflict) -> Policy {
        match policy {
            OnConflict::Fail => Policy::Fail,
            OnConflict::Skip => Policy::Skip,
            OnConflict::Overwrite => Policy::Overwrite,
            OnConflict::Rename => Policy::Rename,
            OnConflict::Update => Policy::Update,
        }
    }
}

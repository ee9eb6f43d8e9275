//! The flags of `kcx import` that name entries, change values and settle conflicts.

use crate::kubeconfig::import::Policy;
use std::path::PathBuf;

/// How imported entries are named.
#[derive(clap::Args, Debug, Default)]
#[command(next_help_heading = "Names")]
pub struct NamingArgs {
    /// Name the context, its cluster and its user; for one context
    #[arg(long, value_name = "NAME", conflicts_with_all = ["prefix", "suffix", "template"])]
    pub name: Option<String>,

    /// Name the context alone; its cluster and its user keep their names
    #[arg(long, value_name = "NAME", conflicts_with_all = ["name", "prefix", "suffix", "template"])]
    pub context_name: Option<String>,

    /// Add this text before every imported name
    #[arg(long, value_name = "TEXT", conflicts_with = "template")]
    pub prefix: Option<String>,

    /// Add this text after every imported name
    #[arg(long, value_name = "TEXT", conflicts_with = "template")]
    pub suffix: Option<String>,

    /// Build names from {file}, {context}, {cluster}, {user}, {namespace}; for Secrets also {object}, {object-namespace},
    /// {key}
    #[arg(long, value_name = "TEXT")]
    pub template: Option<String>,
}

/// The fields that an import changes.
#[derive(clap::Args, Debug, Default)]
#[command(next_help_heading = "Values")]
pub struct RewriteArgs {
    /// Replace the server's address; for an import of one cluster
    #[arg(long, value_name = "URL")]
    pub server: Option<String>,

    /// Set the name that the server's certificate must have
    #[arg(long, value_name = "NAME")]
    pub tls_server_name: Option<String>,

    /// Do not verify the server's certificate
    #[arg(long, conflicts_with = "ca")]
    pub insecure: bool,

    /// Set the certificate authority; for an import of one cluster
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,

    /// Set the namespace of all imported contexts
    #[arg(long, value_name = "NAMESPACE")]
    pub namespace: Option<String>,

    /// Replace paths of certificates and keys by their contents
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

//! `kcx split [DIR]`: writes a separate kubeconfig for every context.

use super::error::Error;
use super::{World, credential, export};
use crate::kubeconfig::{Kind, View};
use std::path::PathBuf;

/// Write a separate kubeconfig for each context
#[derive(clap::Args, Debug, Default)]
#[command(after_help = AFTER)]
pub struct SplitArgs {
    /// The folder [default: the current one]
    #[arg(value_name = "DIR", default_value = ".", hide_default_value = true)]
    pub dir: PathBuf,

    /// Replace paths of certificates and keys by their contents
    #[arg(long)]
    pub flatten: bool,
}

const AFTER: &str = "\
This is the same as `kcx export --all --dir DIR`: one file for each context, named after it, with only what it needs, \
including credentials, readable only by its owner. If a context refers to an entry that does not exist, no file is \
written. An existing file with other content is not changed, unless -y is given. Your own kubeconfig is not changed.";

/// Writes them.
///
/// # Errors
/// Exit code 3 for a context with a dangling reference; 4 for a file that already exists with other content.
pub(super) fn run(args: &SplitArgs, world: &mut World<'_>) -> Result<(), Error> {
    let print = export::printer(world);
    let merged = world.load()?.merged;
    let contexts: Vec<String> = merged.names(Kind::Context).into_iter().map(str::to_owned).collect();
    if contexts.is_empty() {
        return Err(export::nothing(world));
    }
    let views = export::each(&View::of(&merged)?, &contexts, args.flatten, world.env)?;
    export::into_folder(&args.dir, &contexts, &views, print, &merged, world)?;
    credential::leaves(&views, world);
    Ok(())
}

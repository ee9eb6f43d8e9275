//! `kcx split [DIR]`: writes a separate kubeconfig for every context.

use super::error::Error;
use super::{World, credential, export};
use crate::kubeconfig::{Kind, View};
use std::path::PathBuf;

/// Write a kubeconfig of its own for each context
#[derive(clap::Args, Debug, Default)]
#[command(after_help = AFTER)]
pub struct SplitArgs {
    /// The folder; the current one if none is given
    #[arg(value_name = "DIR", default_value = ".", hide_default_value = true)]
    pub dir: PathBuf,

    /// Put the contents of certificates and keys in place of their paths
    #[arg(long)]
    pub flatten: bool,
}

const AFTER: &str = "\
It does what `kcx export --all --dir DIR` does: a file for each context, named after it, with what it needs and nothing \
else, credentials included, for its owner alone. If a context names what is not there, no file is written. A file that \
holds something else already stays as it is, unless -y is given. Your own kubeconfig stays as it is.";

/// Writes them.
///
/// # Errors
/// Exit code 3 for a context that names what is not there; 4 for a file that is there already.
pub fn run(args: &SplitArgs, world: &mut World<'_>) -> Result<(), Error> {
    let print = export::printer("split", world)?;
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

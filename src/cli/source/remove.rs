//! `kcx source remove`: a source less in the settings.

use crate::cli::error::{Cause, Error, name, path};
use crate::cli::{World, settings_file, sync};
use crate::settings::without_source;

/// Remove a source from the settings; its contexts stay
#[derive(clap::Args, Debug)]
pub struct RemoveArgs {
    /// The name of the source
    #[arg(value_name = "NAME")]
    pub name: String,
}

/// Removes it.
///
/// # Errors
/// Exit code 3 for an unknown source.
pub(super) fn run(args: &RemoveArgs, world: &mut World<'_>) -> Result<(), Error> {
    let targets = sync::select(std::slice::from_ref(&args.name), world)?;
    let Some(target) = targets.first() else { return Ok(()) };
    let file = settings_file::own(world.env)?;
    let old = settings_file::content(&file)?.unwrap_or_default();
    let new = without_source(&String::from_utf8_lossy(&old), &args.name).ok_or_else(|| {
        let what = format!("cannot change the list `sources` in {}; nothing was removed", path(&file));
        Error::new(Cause::Failed, what).hint("`kcx settings edit` opens it")
    })?;
    world.put(&file, new.as_bytes(), settings_file::if_unchanged(&file, &old, "nothing was removed"))?;
    world.done(&format!("removed source {} from {}", name(&args.name), path(&file)));
    if target.file.exists() {
        world.done(&format!("its contexts stay in {}", path(&target.file)));
    }
    Ok(())
}

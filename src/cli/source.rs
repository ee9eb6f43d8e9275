//! `kcx source`: the sources of `kcx sync`.

mod add;
mod list;
mod remove;
mod test;

use super::World;
use super::error::{Cause, Error, name};
use crate::settings::RECIPES;
use crate::source;

/// List, add, remove and try the sources of `kcx sync`
///
/// A source is a folder, a Git repository, a program, or one of the recipes of kcx: they ask `aws`, `az`, `gcloud`, `kind` and
/// others.
#[derive(clap::Args, Debug)]
pub struct SourceArgs {
    /// The action
    #[command(subcommand)]
    pub what: What,
}

/// What to do with sources.
#[derive(clap::Subcommand, Debug)]
pub enum What {
    /// List the sources
    List,
    /// Add a source to the settings
    Add(add::AddArgs),
    /// Remove a source from the settings; its contexts stay
    Remove(remove::RemoveArgs),
    /// Ask a source for its clusters, and check its answers
    Test(test::TestArgs),
    /// Print the script of a recipe, as a start for your own
    Script {
        /// The recipe: aws, azure, capi, cluster-profile, gcloud, k3d, kind, rancher or ssh
        #[arg(value_name = "RECIPE")]
        recipe: String,
    },
}

impl What {
    /// True if it changes the settings.
    pub(super) fn writes(&self) -> bool {
        matches!(self, What::Add(_) | What::Remove(_))
    }

    /// The word of the subcommand.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            What::List => "list",
            What::Add(_) => "add",
            What::Remove(_) => "remove",
            What::Test(_) => "test",
            What::Script { .. } => "script",
        }
    }
}

/// Runs the subcommand.
///
/// # Errors
/// Exit code 3 for an unknown source or recipe.
pub(super) fn run(args: &SourceArgs, world: &mut World<'_>) -> Result<(), Error> {
    match &args.what {
        What::List => list::run(world),
        What::Add(args) => add::run(args, world),
        What::Remove(args) => remove::run(args, world),
        What::Test(args) => test::run(args, world),
        What::Script { recipe } => match source::script(recipe) {
            Some(script) => Ok(world.print(&script)?),
            None => Err(Error::new(Cause::NotFound, format!("there is no recipe {}", name(recipe)))
                .hint(format!("the recipes are {}", RECIPES.map(|recipe| recipe.name).join(", ")))),
        },
    }
}

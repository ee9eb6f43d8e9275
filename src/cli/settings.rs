//! `kcx settings`: the settings file, and what is in force.

mod edit;
mod names;
mod show;

pub(super) use names::problems;

use super::error::{Cause, Error, name, path};
use super::{World, settings_file};
use crate::glob::Glob;
use crate::kubeconfig::Kind;
use crate::settings::{OldKey, SCHEMA, Setting, Settings, SettingsError, in_file, old_keys};
use std::path::{Path, PathBuf};

/// Show, edit and check the settings of kcx
///
/// The settings are one optional file, `~/.config/kcx/config.yaml` (`kcx settings path` prints its path). Without a
/// subcommand it is `kcx settings show`.
#[derive(clap::Args, Debug)]
#[command(after_help = AFTER)]
pub struct SettingsArgs {
    /// The action [default: show]
    #[command(subcommand)]
    pub what: Option<What>,
}

const AFTER: &str = "\
For editors: `kcx settings schema > ~/.config/kcx/schema.json`, and at the top of the settings \
`# yaml-language-server: $schema=schema.json`.

Variables: KCX_PICKER (fzf or builtin) overrides `picker`; KUBE_EDITOR, VISUAL and EDITOR name the editor; NO_COLOR turns \
colors off; XDG_CONFIG_HOME, XDG_STATE_HOME and XDG_DATA_HOME move kcx's own folders.";

/// What to do with the settings.
#[derive(clap::Subcommand, Debug)]
pub enum What {
    /// Print the path of the settings file
    Path,
    /// Print all settings, and where each value comes from
    Show,
    /// Edit the settings file in your editor; it is checked before it is saved
    Edit,
    /// Check a settings file
    Check {
        /// The file [default: your own]
        #[arg(value_name = "FILE")]
        file: Option<String>,
    },
    /// Print the JSON Schema of the settings file, for editors
    Schema,
}

impl What {
    /// True if it changes the settings.
    pub(super) fn writes(&self) -> bool {
        matches!(self, What::Edit)
    }

    /// The word of the subcommand.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            What::Path => "path",
            What::Show => "show",
            What::Edit => "edit",
            What::Check { .. } => "check",
            What::Schema => "schema",
        }
    }
}

/// Runs the subcommand.
///
/// # Errors
/// The file cannot be read or is not valid.
pub(super) fn run(args: &SettingsArgs, world: &mut World<'_>) -> Result<(), Error> {
    match &args.what {
        None | Some(What::Show) => show::run(world),
        Some(What::Path) => {
            let file = settings_file::own(world.env)?;
            world.print_names([&*file.to_string_lossy()])?;
            if !file.exists() {
                world.done("the file does not exist; `kcx settings edit` creates it");
            }
            Ok(())
        }
        Some(What::Edit) => edit::run(world),
        Some(What::Check { file }) => check(file.as_deref(), world),
        Some(What::Schema) => Ok(world.print(SCHEMA)?),
    }
}

/// Reports the first error, keys of earlier versions, and rules, aliases and groups that match no context.
fn check(file: Option<&str>, world: &mut World<'_>) -> Result<(), Error> {
    let given = file.map(PathBuf::from);
    let file = given.clone().map_or_else(|| settings_file::own(world.env), Ok)?;
    let Some(bytes) = settings_file::content(&file)? else {
        if given.is_some() {
            let message = format!("cannot read {}: no such file or directory", path(&file));
            return Err(Error::new(Cause::NotFound, message));
        }
        world.done(&format!("{} does not exist: all settings are at their defaults", path(&file)));
        return Ok(());
    };
    let wrong = |error: SettingsError| {
        settings_file::said(&error, Error::new(Cause::Failed, format!("{}: {error}", path(&file))))
    };
    let settings = Settings::parse(bytes.clone()).map_err(wrong)?;
    let (old, set) = (old_keys(&bytes).map_err(wrong)?, in_file(bytes).map_err(wrong)?);
    tell_old(&file, &old, world);
    // A kubeconfig that cannot be read is another matter.
    if let Ok(loaded) = world.load_own() {
        let names = loaded.merged.names(Kind::Context);
        for (key, text) in unused(&set, &names) {
            world.warn(&format!("{key}: {} matches no context", name(&text)));
        }
        for problem in problems(&settings, &loaded.merged) {
            world.warn(&problem);
        }
    }
    world.done(&format!("{} has no errors", path(&file)));
    Ok(())
}

/// Warns about keys of earlier versions, with the lines to write instead.
fn tell_old(file: &Path, old: &[OldKey], world: &mut World<'_>) {
    for old in old {
        world.warn(&settings_file::old_key(file, old));
        // A single line is part of the advice.
        for line in old.write.iter().filter(|_| old.write.len() > 1) {
            world.tell(&format!("    {line}\n"));
        }
    }
}

/// The rules that match none of these contexts, with their patterns.
fn unused(set: &[Setting], names: &[&str]) -> Vec<(String, String)> {
    let pattern = |it: &Setting| Some((it.key.clone(), it.value.get("match")?.as_str()?.to_owned()));
    let mut rules: Vec<(String, String)> = set.iter().filter_map(pattern).collect();
    rules.retain(|(_, pattern)| {
        let pattern = Glob::new(pattern);
        !names.is_empty() && !names.iter().any(|name| pattern.matches(name))
    });
    rules
}

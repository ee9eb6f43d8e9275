//! `kcx version`: the facts of this build, for bug reports.

use super::World;
use super::error::Error;
use super::globals::Output;
use crate::{cluster, credential};
use serde_json::json;

/// Print the version and how this kcx was built
///
/// For a bug report: `kcx version -o json`. `kcx --version` prints one line.
#[derive(clap::Args, Debug, Default)]
pub struct VersionArgs {}

/// The triple of the machine that it was built for: what `.ci/package` says, else what the compiler tells a program.
fn target() -> String {
    if let Some(target) = option_env!("KCX_TARGET") {
        return target.to_owned();
    }
    let library = match () {
        () if cfg!(target_env = "gnu") => "-gnu",
        () if cfg!(target_env = "musl") => "-musl",
        () if cfg!(target_env = "msvc") => "-msvc",
        () => "",
    };
    format!("{}-{}{library}", std::env::consts::ARCH, std::env::consts::OS)
}

/// The Cargo features that it has.
fn features() -> Vec<&'static str> {
    let all = [("cluster", cluster::BUILT), ("keychain", credential::system::BUILT)];
    all.into_iter().filter(|(_, built)| *built).map(|(name, _)| name).collect()
}

/// Prints them. `-o json` prints one object: `version`, `target`, `static` (whether the C library is linked in), `profile`,
/// `features` and `commit` (null unless the build was told).
///
/// # Errors
/// stdout is closed.
pub(super) fn run(_: &VersionArgs, world: &mut World<'_>) -> Result<(), Error> {
    let (version, target, features) = (env!("CARGO_PKG_VERSION"), target(), features());
    let is_static = cfg!(target_feature = "crt-static");
    // `.ci/package` sets these; there is no build script that would ask Cargo or Git.
    let built_with = if cfg!(debug_assertions) { "debug" } else { "release" };
    let profile = option_env!("KCX_PROFILE").unwrap_or(built_with);
    let commit = option_env!("KCX_COMMIT");
    if let Some(output @ (Output::Json | Output::Yaml)) = world.globals.output {
        let value = json!({
            "version": version,
            "target": target,
            "static": is_static,
            "profile": profile,
            "features": features,
            "commit": commit,
        });
        return Ok(world.print_value(output, &value)?);
    }
    if world.globals.output == Some(Output::Name) {
        return Ok(world.print(&format!("{version}\n"))?);
    }
    let linked = if is_static { "static" } else { "dynamic" };
    let features = if features.is_empty() { "none".to_owned() } else { features.join(", ") };
    let commit = commit.map(|commit| format!("commit:   {commit}\n")).unwrap_or_default();
    Ok(world.print(&format!(
        "kcx {version}\ntarget:   {target} ({linked})\nprofile:  {profile}\nfeatures: {features}\n{commit}"
    ))?)
}

//! The state files of kubectx and kubens. They are only read, so that the first `-` works after moving to kcx.

use super::super::World;
use crate::file;
use std::path::{Path, PathBuf};

/// The context before kubectx's last switch.
pub(super) fn context(world: &World<'_>) -> Option<String> {
    read(&folder(world)?.join("kubectx"))
}

/// The namespace before kubens' last switch in this context.
pub(super) fn namespace(context: &str, world: &World<'_>) -> Option<String> {
    // kubens uses the name as a path; kcx ignores one that leaves the folder.
    if context.split('/').any(|part| matches!(part, "" | "." | "..")) {
        return None;
    }
    read(&folder(world)?.join("kubens").join(context))
}

fn folder(world: &World<'_>) -> Option<PathBuf> {
    let home = || world.env.home.as_ref().map(|home| PathBuf::from(home).join(".kube"));
    world.env.cache.clone().or_else(home)
}

fn read(path: &Path) -> Option<String> {
    let (bytes, _) = file::read(path, 4096).ok()?;
    let text = String::from_utf8(bytes).ok()?.trim().to_owned();
    (!text.is_empty()).then_some(text)
}

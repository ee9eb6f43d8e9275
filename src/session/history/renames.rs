//! Renames in the history. A rename is a line of its own, so that recording it loses no line that another shell appends at
//! the same time. Only reading replaces the names of the lines before it.

use super::{SwitchRecord, place_of_file};
use crate::env::Env;
use memchr::memmem;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// One rename of a context.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub(super) struct RenameRecord {
    renamed: String,
    to: String,
    /// The paths of the kubeconfigs: switches of all shells in other kubeconfigs are about other contexts.
    #[serde(default)]
    files: Vec<String>,
}

impl RenameRecord {
    pub(super) fn new(env: &Env, files: &[PathBuf], from: &str, to: &str) -> RenameRecord {
        let files = files.iter().map(|file| place_of_file(env, file)).collect();
        RenameRecord { renamed: from.to_owned(), to: to.to_owned(), files }
    }

    /// True for each session, whose id is no path, and for these files.
    fn concerns(&self, place: &str) -> bool {
        !Path::new(place).is_absolute() || self.files.iter().any(|file| file == place)
    }
}

/// The history with the new names in place of the old ones, without the renames.
pub(super) fn applied(text: Vec<u8>) -> Vec<u8> {
    if memmem::find(&text, b"\"renamed\":").is_none() {
        return text;
    }
    let mut later: Vec<RenameRecord> = Vec::new();
    let mut lines: Vec<Vec<u8>> = Vec::new();
    for line in text.split(|byte| *byte == b'\n').rev() {
        if let Ok(rename) = serde_json::from_slice(line) {
            later.push(rename);
        } else if let Ok(switch) = serde_json::from_slice(line) {
            lines.extend(serde_json::to_vec(&renamed(switch, &later)));
        }
    }
    lines.reverse();
    lines.into_iter().flat_map(|line| [line, b"\n".to_vec()]).flatten().collect()
}

/// The switch with the names that its contexts have after these renames, of which the last one comes first.
fn renamed(mut switch: SwitchRecord, later: &[RenameRecord]) -> SwitchRecord {
    for rename in later.iter().rev().filter(|rename| rename.concerns(&switch.place)) {
        for name in [Some(&mut switch.context), switch.from.as_mut()].into_iter().flatten() {
            if *name == rename.renamed {
                name.clone_from(&rename.to);
            }
        }
    }
    switch
}

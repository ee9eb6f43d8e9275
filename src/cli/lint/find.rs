//! Determines what is checked: the user's own kubeconfigs as one group, or each named file by itself.

use super::super::World;
use super::super::messages;
use super::files::Group;
use super::preferences;
use crate::store::{Precedence, discovery};
use std::path::{Path, PathBuf};

/// The groups for these arguments. Files that cannot be read are included, as findings.
pub(super) fn find(args: &super::LintArgs, world: &World<'_>) -> Vec<Group> {
    if args.files.is_empty() {
        let precedence = world.own_store().precedence().clone();
        return vec![Group::load(precedence)];
    }
    let mut groups = Vec::new();
    for word in &args.files {
        if word == "-" {
            groups.push(Group::stdin(world));
            continue;
        }
        let absolute = world.env.absolute(Path::new(word));
        if let Some(group) = preferences::named(word, world.env) {
            groups.push(group);
            continue;
        }
        if word.is_empty() || !absolute.is_dir() {
            groups.push(Group::load(Precedence::of_file(PathBuf::from(word))));
            continue;
        }
        let found = discovery::find_in(&absolute);
        let mut files: Vec<PathBuf> = found.files.into_iter().chain(found.broken).collect();
        files.sort();
        if files.is_empty() {
            let why = match absolute.read_dir() {
                Ok(_) => "there is no kubeconfig in this folder".to_owned(),
                Err(error) => format!("the folder cannot be read: {}", messages::io_error(&error)),
            };
            groups.push(Group::empty(PathBuf::from(word), &why));
        }
        groups.extend(files.into_iter().map(|file| Group::load(Precedence::of_file(file))));
    }
    groups
}

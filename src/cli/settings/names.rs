//! Aliases and groups of the settings that lead to no context, or that cannot be typed.

use crate::cli::command_line::COMMANDS;
use crate::cli::error::name;
use crate::cli::select::{Pool, SelectFlags, Selector};
use crate::kubeconfig::{Kind, Merged};
use crate::settings::Settings;

/// What is wrong with the aliases and groups, each with its key. Without contexts nothing is.
pub(in crate::cli) fn problems(settings: &Settings, merged: &Merged) -> Vec<String> {
    let pool = Pool::entries(Kind::Context, merged);
    if pool.is_empty() {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (alias, context) in &settings.aliases {
        let key = name(&format!("aliases.{alias}"));
        if pool.find(context).is_none() {
            found.push(format!("{key} leads to context {}, which does not exist", name(context)));
        }
        if pool.find(alias).is_some() {
            found.push(format!("{key} is never used: it is also the name of a context"));
        } else if COMMANDS.contains(&alias.as_str()) {
            let typed = format!("kcx use {alias}");
            found.push(format!("{key} is also a command: {} is its long form", name(&typed)));
        }
    }
    for (group, members) in &settings.groups {
        let key = name(&format!("groups.{group}"));
        let word = format!("@{group}");
        if pool.find(&word).is_some() {
            found.push(format!("{key} is never used: {} is also the name of a context", name(&word)));
        }
        for member in members {
            let words = [member.clone()];
            let selected = Selector::of(&words, SelectFlags::NONE, settings).select(&pool);
            found.extend(selected.unmatched.into_iter().map(|it| format!("{key}: {}", it.error.message)));
        }
    }
    found
}

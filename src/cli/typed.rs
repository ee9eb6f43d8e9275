//! Commands as they have to be typed: `kubectl kcx …` where kcx is installed as kubectl's plugin alone, as krew does.

use super::command_names::COMMANDS;
use crate::env::Env;
use std::borrow::Cow;
use std::path::Path;

/// The name of kubectl's plugin.
const PLUGIN: &str = "kubectl-kcx";

/// The text with its commands as they have to be typed.
pub(super) fn typed<'t>(text: &'t str, env: &Env) -> Cow<'t, str> {
    if is_plugin_alone(env) { Cow::Owned(as_plugin(text)) } else { Cow::Borrowed(text) }
}

fn is_plugin_alone(env: &Env) -> bool {
    let called = env.program.as_deref().and_then(|program| Path::new(program).file_stem());
    called.is_some_and(|called| called == PLUGIN) && env.look_up("kcx").is_none()
}

/// `kcx` is a command where the name of one follows, or what stands for one.
fn as_plugin(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 64);
    let mut rest = text;
    while let Some(at) = rest.find("kcx ") {
        let (before, from) = rest.split_at(at);
        out += before;
        let is_word = !out.ends_with(|c: char| c.is_alphanumeric() || "-_./~".contains(c));
        if is_word && !out.ends_with("kubectl ") && is_command(&from["kcx ".len()..]) {
            out += "kubectl ";
        }
        out += "kcx ";
        rest = &from["kcx ".len()..];
    }
    out + rest
}

fn is_command(text: &str) -> bool {
    let word = text.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
    match word {
        "" => text.starts_with(['-', '[', '<', '(']),
        "help" => true,
        word => COMMANDS.contains(&word) || word.bytes().all(|byte| byte.is_ascii_uppercase()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_commands_are_named_as_those_of_the_plugin() {
        for (text, want) in [
            ("`kcx use dev`, then kcx use -", "`kubectl kcx use dev`, then kubectl kcx use -"),
            (
                "Usage: kcx use [NAME]\n  kcx -   back",
                "Usage: kubectl kcx use [NAME]\n  kubectl kcx -   back",
            ),
            ("eval \"$(kcx init zsh)\"", "eval \"$(kubectl kcx init zsh)\""),
            ("kcx reads it; /bin/kcx use; kubectl kcx get", "kcx reads it; /bin/kcx use; kubectl kcx get"),
        ] {
            assert_eq!(as_plugin(text), want);
        }
    }
}

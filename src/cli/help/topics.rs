//! The help that belongs to no command.

use super::{WIDTH, global_flags, is_permission};
use crate::cli::args::Cli;
use clap::{Arg, Command, CommandFactory};

/// The topics of `kcx help TOPIC`, and what each is about.
pub const TOPICS: [(&str, &str); 3] = [
    ("exit-codes", "What each exit code means"),
    ("flags", "The flags that all commands have"),
    ("permissions", "The flags that permit a risk of an entry"),
];

/// The text of `kcx help TOPIC`.
#[must_use]
pub fn topic(name: &str) -> Option<String> {
    match name {
        "flags" => Some(flags()),
        "permissions" => Some(permissions()),
        "exit-codes" => Some(EXIT_CODES.to_owned()),
        _ => None,
    }
}

fn flags() -> String {
    let root = Cli::command();
    let title = "The flags that all commands have. They can be given anywhere before `--`.";
    page(title, global_flags(&root).cloned())
}

fn permissions() -> String {
    let title = "A kubeconfig can run programs, read files and send credentials somewhere. These flags permit what kcx\n\
                 would otherwise ask about; `kcx import --dry-run FILE` shows it.";
    let root = Cli::command();
    let import = root.find_subcommand("import");
    let flags = import.into_iter().flat_map(Command::get_arguments).filter(|arg| is_permission(arg));
    page(title, flags.cloned())
}

/// A title and flags.
fn page(title: &str, flags: impl Iterator<Item = Arg>) -> String {
    let all = Command::new("kcx").disable_help_flag(true).max_term_width(WIDTH).help_template("{all-args}");
    let mut all = all.args(flags.map(|flag| flag.hide_short_help(false)));
    format!("{title}\n\n{}\n", all.render_help().to_string().trim_end())
}

const EXIT_CODES: &str = "\
0    done; also when there was nothing to do
1    failed; a check found errors; or a question was answered with no
2    the command line is wrong, or `-y` is missing; `kcx diff`: cannot compare
3    there is no such context, cluster, user or file
4    a name is already used by something else, or the file was changed in the meantime
5    kcx could not get the lock of a file, or a file cannot be written
6    the keychain is missing or locked
126  `kcx exec`, `kcx shell`: the command cannot be run
127  `kcx exec`, `kcx shell`: the command does not exist
130  Ctrl-C, or Esc in a list; another signal: 128 plus its number

`kcx exec` returns the exit code of a command that runs once.
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_topic_has_a_page() {
        assert!(TOPICS.iter().all(|(name, _)| topic(name).is_some_and(|text| !text.is_empty())));
    }
}

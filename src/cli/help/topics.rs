//! The help that belongs to no command.

use super::{WIDTH, global_flags, is_limit, is_permission};
use crate::cli::args::Cli;
use clap::{Arg, Command, CommandFactory};

/// The topics of `kcx help TOPIC`, and what each is about.
pub const TOPICS: [(&str, &str); 5] = [
    ("environment", "The variables that kcx reads"),
    ("exit-codes", "What each exit code means"),
    ("flags", "The flags that all commands have"),
    ("limits", "The flags that limit what a program may read"),
    ("permissions", "The flags that permit a risk of an entry"),
];

/// The text of `kcx help TOPIC`.
#[must_use]
pub fn topic(name: &str) -> Option<String> {
    match name {
        "flags" => Some(flags()),
        "limits" => Some(limits()),
        "permissions" => Some(permissions()),
        "environment" => Some(ENVIRONMENT.to_owned()),
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

fn limits() -> String {
    let title = "With these flags, `kcx exec` and `kcx shell` limit what programs can read in the cluster. Each of them\n\
                 includes `--read-only`.";
    // Within their command: some exclude other flags of it.
    let exec = Cli::command().find_subcommand("exec").cloned().unwrap_or_default();
    let mut exec = plain(exec).mut_args(|arg| {
        let hide = !is_limit(&arg);
        arg.hide(hide)
    });
    format!("{title}\n\n{}\n", exec.render_help().to_string().trim_end())
}

/// A title and flags.
fn page(title: &str, flags: impl Iterator<Item = Arg>) -> String {
    let mut all = plain(Command::new("kcx")).args(flags.map(|flag| flag.hide_short_help(false)));
    format!("{title}\n\n{}\n", all.render_help().to_string().trim_end())
}

/// A command whose help lists its flags and nothing else.
fn plain(command: Command) -> Command {
    command.disable_help_flag(true).max_term_width(WIDTH).help_template("{all-args}")
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

const ENVIRONMENT: &str = "\
kcx's own:
  KCX_LOCKED     set in a locked shell: its context
  KCX_LOCKED_FILE    set in a locked shell: its kubeconfig
  KCX_PICKER     `fzf` or `builtin`: the list to pick from, instead of the setting
  KCX_PROMPT     set by the hook: the text for the prompt
  KCX_READ_ONLY  set to 1 in a shell or a run that can only read
  KCX_SESSION    set by the hook: the folder of this shell's session
  KCX_SOURCE     set for the program of a source: the name of the source
  KCX_TMUX       set to anything, in tmux: the hook tells tmux the context of the pane
  KCX_YES_I_MEAN the protected context in which the guard of the hook asks no question

Of kubectl and Go, with the same meaning:
  KUBECONFIG     the list of kubeconfigs
  KUBE_EDITOR, VISUAL, EDITOR    the editor for `kcx edit`; the first one that is set
  KUBERC, KUBECTL_KUBERC         kubectl's preferences, with the policy for credential plugins
  HTTPS_PROXY, HTTP_PROXY, NO_PROXY
                 proxies for requests to clusters; lower case works, too
  SSL_CERT_FILE, SSL_CERT_DIR    the certificate authorities of the system
  KUBERNETES_EXEC_INFO           set by a client that asks for a sealed credential

Of the terminal and the system:
  NO_COLOR       no colors; `--color always` overrides it
  TERM           with `dumb`, lists to pick from are numbered instead of drawn
  SHELL          the shell for `kcx init` without a name, and for `kcx shell`
  XDG_CONFIG_HOME, ZDOTDIR       where settings and start-up files are
  XDG_CACHE_HOME                 where kubectx keeps its last context, for the first `kubectx -`
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_topic_has_a_page() {
        assert!(TOPICS.iter().all(|(name, _)| topic(name).is_some_and(|text| !text.is_empty())));
    }
}

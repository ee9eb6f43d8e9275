//! The command line of kcx's own commands, for clap: what there is, and the flags that all of them take.
//!
//! The doc comments are the help. Which words never come here is decided in `cli/mod.rs`.

use super::lock_flags::LockFlags;
use super::{
    completions, current, demo, diff, exec, export, get, import, init, merge, ns, prompt, shell, split,
    use_context,
};

/// One fast switch for kubeconfigs, and edits that never lose a byte.
#[derive(clap::Parser, Debug)]
#[command(name = "kcx", version, after_help = AFTER)]
pub struct Cli {
    /// What all commands take.
    #[command(flatten)]
    pub globals: Globals,
    /// The command; none lists the contexts.
    #[command(subcommand)]
    pub command: Option<Command>,
}

const AFTER: &str = "\
kcx alone lists the contexts; `kcx NAME` is `kcx use NAME`, `kcx -` goes back to the previous one.

  kcx prod -n web         switch to context prod, namespace web
  kcx get users -o wide   see who logs in how, and in which file
  kcx demo                see it work on a throw-away kubeconfig";

/// The flags that every command takes.
#[derive(clap::Args, Clone, Debug, Default)]
#[command(next_help_heading = "Global options")]
pub struct Globals {
    /// Use this kubeconfig and no other
    #[arg(long, global = true, value_name = "FILE")]
    pub kubeconfig: Option<String>,

    /// Print as name, wide, json or yaml
    #[arg(short, long, global = true, value_name = "FORMAT", hide_possible_values = true)]
    pub output: Option<Output>,

    /// Say nothing on success
    #[arg(short, long, global = true)]
    pub quiet: bool,

    /// Colour messages: auto, always or never
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        default_value = "auto",
        hide_possible_values = true,
        hide_default_value = true
    )]
    pub color: Color,

    /// Answer yes to every question
    #[arg(short, long, global = true)]
    pub yes: bool,

    /// Locks.
    #[command(flatten)]
    pub locks: LockFlags,
}

/// An output format.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    /// Names, one a line.
    Name,
    /// A table with more columns.
    Wide,
    /// JSON.
    Json,
    /// YAML.
    Yaml,
}

/// When to colour.
#[derive(clap::ValueEnum, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The commands.
#[derive(clap::Subcommand, Debug)]
pub enum Command {
    /// Print the completion script for a shell
    Completions(completions::CompletionsArgs),
    /// Do what `kubectl config` does, with the same words, without losing a byte
    #[command(disable_help_flag = true)]
    Config {
        /// The words after `config`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "VERB")]
        words: Vec<String>,
    },
    /// Show the current context, its namespace, cluster and user
    Current(current::CurrentArgs),
    /// Take a tour on a kubeconfig in a throw-away folder
    Demo(demo::DemoArgs),
    /// Show what differs between two kubeconfigs, by meaning
    Diff(diff::DiffArgs),
    /// Run a command once for each matching context
    Exec(exec::ExecArgs),
    /// Print contexts as a kubeconfig of their own
    Export(export::ExportArgs),
    /// List contexts, clusters or users
    #[command(visible_alias = "list")]
    Get(get::GetArgs),
    /// Bring the entries of other kubeconfigs into yours
    Import(Box<import::ImportArgs>),
    /// Print the hook that gives each shell a context of its own
    Init(init::InitArgs),
    /// Print several kubeconfigs as one
    Merge(merge::MergeArgs),
    /// Switch the namespace of the current context
    Ns(ns::NsArgs),
    /// Print the current context for a prompt
    Prompt(prompt::PromptArgs),
    /// Start a shell with a context of its own
    Shell(shell::ShellArgs),
    /// Write a kubeconfig of its own for each context
    Split(split::SplitArgs),
    /// Switch to another context
    #[command(visible_alias = "ctx")]
    Use(use_context::UseArgs),
    /// A context's name, or a slip.
    #[command(external_subcommand)]
    Other(Vec<String>),
}

/// The names of the commands, for "did you mean".
pub const COMMANDS: [&str; 19] = [
    "completions",
    "config",
    "ctx",
    "current",
    "demo",
    "diff",
    "exec",
    "export",
    "get",
    "help",
    "import",
    "init",
    "list",
    "merge",
    "ns",
    "prompt",
    "shell",
    "split",
    "use",
];

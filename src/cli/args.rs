//! The command line of kcx's own commands, for clap: what there is, and the flags that all of them take.
//!
//! The doc comments are the help. Which words never come here is decided in `cli/mod.rs`.

use super::write_flags::WriteFlags;
use super::{
    completions, copy, credential, current, delete, demo, diff, edit, exec, export, get, history, import,
    init, lint, merge, ns, prompt, protect, prune, rename, shell, split, status, undo, use_context, whoami,
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

    /// Do it although CONTEXT is protected (see `kcx protect`); may be given several times
    #[arg(long, global = true, hide_short_help = true, value_name = "CONTEXT")]
    pub yes_i_mean: Vec<String>,

    /// How to write.
    #[command(flatten)]
    pub writing: WriteFlags,
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
    /// SARIF 2.1.0, for `kcx lint`.
    Sarif,
    /// Annotations of a workflow, for `kcx lint`.
    Github,
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

/// The commands. Help is what stands above the arguments of each.
#[derive(clap::Subcommand, Debug)]
#[expect(missing_docs, reason = "a comment here would hide the longer one of the arguments")]
pub enum Command {
    Completions(completions::CompletionsArgs),
    /// Do what `kubectl config` does, with the same words, without losing a byte
    #[command(disable_help_flag = true)]
    Config {
        /// The words after `config`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "VERB")]
        words: Vec<String>,
    },
    Copy(copy::CopyArgs),
    Credential(credential::CredentialArgs),
    Current(current::CurrentArgs),
    Delete(delete::DeleteArgs),
    Demo(demo::DemoArgs),
    Diff(diff::DiffArgs),
    Edit(edit::EditArgs),
    Exec(exec::ExecArgs),
    Export(export::ExportArgs),
    #[command(visible_alias = "list")]
    Get(get::GetArgs),
    History(history::HistoryArgs),
    Import(Box<import::ImportArgs>),
    Init(init::InitArgs),
    #[command(visible_alias = "validate")]
    Lint(lint::LintArgs),
    Merge(merge::MergeArgs),
    Ns(ns::NsArgs),
    Prompt(prompt::PromptArgs),
    Protect(protect::ProtectArgs),
    Prune(prune::PruneArgs),
    Rename(rename::RenameArgs),
    Shell(shell::ShellArgs),
    Split(split::SplitArgs),
    Status(status::StatusArgs),
    Undo(undo::UndoArgs),
    #[command(visible_alias = "ctx")]
    Use(use_context::UseArgs),
    Whoami(whoami::WhoamiArgs),
    /// A context's name, or a slip.
    #[command(external_subcommand)]
    Other(Vec<String>),
}

/// The names of the commands, for "did you mean".
pub const COMMANDS: [&str; 32] = [
    "completions",
    "config",
    "copy",
    "credential",
    "ctx",
    "current",
    "delete",
    "demo",
    "diff",
    "edit",
    "exec",
    "export",
    "get",
    "help",
    "history",
    "import",
    "init",
    "lint",
    "list",
    "merge",
    "ns",
    "prompt",
    "protect",
    "prune",
    "rename",
    "shell",
    "split",
    "status",
    "undo",
    "use",
    "validate",
    "whoami",
];

//! The flags that all of kcx's own commands take. No command is known here: every command imports this file.

use crate::codec::duration;
use crate::file::LockOptions;
use std::time::Duration;

/// The flags that every command takes.
#[derive(clap::Args, Clone, Debug, Default)]
#[command(next_help_heading = "Global options")]
pub struct Globals {
    /// Use only this kubeconfig
    #[arg(long, global = true, value_name = "FILE")]
    pub kubeconfig: Option<String>,

    /// The output format: name, wide, json or yaml
    #[arg(short, long, global = true, value_name = "FORMAT", hide_possible_values = true)]
    pub output: Option<Output>,

    /// Print nothing on success
    #[arg(short, long, global = true)]
    pub quiet: bool,

    /// Use colors: auto (on a terminal), always or never
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

    /// Act although CONTEXT is protected (see `kcx protect`); can be repeated
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

/// The flags about writing. `kcx config` takes them as well: kubectl has no word for them.
#[derive(clap::Args, Clone, Debug, Default)]
#[command(next_help_heading = "Writing")]
pub struct WriteFlags {
    /// Wait this long for the lock of another program: `500ms`, `5s`, `1m`, `0` [default: 5s]
    #[arg(long, global = true, hide_short_help = true, value_name = "DURATION", value_parser = duration::parse)]
    pub lock_timeout: Option<Duration>,

    /// Remove an existing lock, whichever program created it
    #[arg(long, global = true, hide_short_help = true)]
    pub break_lock: bool,

    /// Remove an existing lock that is older than this
    #[arg(long, global = true, hide_short_help = true, value_name = "DURATION", value_parser = duration::parse)]
    pub break_lock_after: Option<Duration>,

    /// Do not record the change: `kcx undo` cannot undo it
    #[arg(long, global = true, hide_short_help = true)]
    pub no_journal: bool,
}

impl WriteFlags {
    /// The options for taking the lock.
    #[must_use]
    pub fn lock_options(&self) -> LockOptions {
        let default = LockOptions::default();
        LockOptions {
            timeout: self.lock_timeout.unwrap_or(default.timeout),
            break_after: self.break_lock_after,
            break_now: self.break_lock,
        }
    }
}

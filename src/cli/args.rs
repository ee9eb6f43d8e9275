//! The definitions of kcx's own commands, for clap.
//!
//! The doc comments are the help. This is the only file that knows all commands; only the front door
//! (`invocation`), completion and the dispatcher import it. The flags that all commands take are in `globals`.

use super::allow::AllowArgs;
use super::globals::Globals;
use super::{
    completions, copy, credential, current, delete, demo, diff, doctor, edit, env_command, exec, export, get,
    history, import, init_install, lint, merge, ns, prompt, protect, prune, rename, settings, shell, source,
    split, status, sync, undo, use_context, version, whoami,
};

/// Switch contexts fast, and edit kubeconfigs without losing comments or order.
#[derive(clap::Parser, Debug)]
#[command(name = "kcx", version, args_override_self = true)]
pub struct Cli {
    /// The flags of all commands.
    #[command(flatten)]
    pub globals: Globals,
    /// The command; none lists the contexts.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// The commands. Their help texts are the comments of their arguments.
#[derive(clap::Subcommand, Debug)]
#[expect(missing_docs, reason = "a comment here would hide the longer one of the arguments")]
pub enum Command {
    Completions(completions::CompletionsArgs),
    /// Do what `kubectl config` does, but keep comments and order
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
    Doctor(doctor::DoctorArgs),
    Edit(edit::EditArgs),
    Env(env_command::EnvArgs),
    Exec(Box<exec::ExecArgs>),
    Export(Box<export::ExportArgs>),
    #[command(visible_alias = "list")]
    Get(get::GetArgs),
    History(history::HistoryArgs),
    Import(Box<import::ImportArgs>),
    Init(init_install::InitArgs),
    #[command(visible_alias = "validate")]
    Lint(lint::LintArgs),
    Merge(Box<merge::MergeArgs>),
    Ns(ns::NsArgs),
    Prompt(prompt::PromptArgs),
    Protect(protect::ProtectArgs),
    Prune(prune::PruneArgs),
    Rename(rename::RenameArgs),
    Settings(settings::SettingsArgs),
    Shell(Box<shell::ShellArgs>),
    Source(source::SourceArgs),
    Split(split::SplitArgs),
    Status(status::StatusArgs),
    Sync(Box<sync::SyncArgs>),
    Undo(undo::UndoArgs),
    #[command(visible_alias = "ctx")]
    Use(use_context::UseArgs),
    Version(version::VersionArgs),
    Whoami(whoami::WhoamiArgs),
}

impl Command {
    /// The flags about permissions, of a command that has them.
    pub(super) fn allow_mut(&mut self) -> Option<&mut AllowArgs> {
        match self {
            Command::Env(args) => Some(&mut args.allow),
            Command::Exec(args) => Some(&mut args.allow),
            Command::Export(args) => Some(&mut args.service_account.allow),
            Command::Import(args) => Some(&mut args.allow),
            Command::Merge(args) => Some(&mut args.allow),
            Command::Shell(args) => Some(&mut args.allow),
            Command::Use(args) => Some(&mut args.allow),
            Command::Whoami(args) => Some(&mut args.allow),
            _ => None,
        }
    }

    /// True if it was given the one context that it takes.
    pub(super) fn has_its_context(&self) -> bool {
        match self {
            Command::Env(args) => args.name.is_some(),
            Command::Shell(args) => args.name.is_some(),
            Command::Use(args) => args.name.is_some(),
            Command::Whoami(args) => args.name.is_some(),
            _ => false,
        }
    }

    /// True if it leaves everything as it is, even this shell's session: other programs run it all the time.
    #[must_use]
    pub(super) fn only_looks(&self) -> bool {
        match self {
            Command::Prompt(_) => true,
            Command::Protect(args) => matches!(args.what, Some(protect::What::Check(_))),
            _ => false,
        }
    }

    /// True if it only shows what it would change.
    #[must_use]
    pub fn is_dry_run(&self) -> bool {
        match self {
            Command::Credential(args) => args.verb.is_dry_run(),
            Command::Delete(args) => args.dry_run,
            Command::Prune(args) => args.dry_run,
            Command::Undo(args) => args.dry_run,
            _ => false,
        }
    }

    /// What a locked shell refuses to do: whatever leads to another cluster, and whatever changes the user's own files, which
    /// all other shells use. It says what was not done. `elsewhere`: `--kubeconfig` or `KUBECONFIG` names another kubeconfig.
    pub(super) fn left_undone(&self, elsewhere: bool) -> Option<&'static str> {
        const UNCHANGED: &str = "nothing was changed";
        match self {
            _ if self.is_dry_run() => None,
            Command::Exec(args) => (elsewhere || args.global).then_some("nothing was run"),
            Command::Status(_) | Command::Whoami(_) => elsewhere.then_some("no cluster was asked"),
            Command::Ns(_) => elsewhere.then_some("nothing was switched"),
            // These print credentials.
            Command::Export(_) => elsewhere.then_some("nothing was exported"),
            Command::Split(_) => elsewhere.then_some("nothing was written"),
            Command::Env(_) => Some("nothing was printed"),
            Command::Sync(args) => (!args.dry_run).then_some("nothing was synchronized"),
            Command::Import(args) => (!args.dry_run).then_some("nothing was imported"),
            Command::Init(args) => (args.install && !args.dry_run).then_some("nothing was written"),
            Command::Lint(args) => (args.fix && !args.dry_run).then_some(UNCHANGED),
            Command::Credential(args) if args.verb.writes() => Some(UNCHANGED),
            Command::Credential(args) => (elsewhere && args.verb.gives()).then_some("nothing was printed"),
            Command::Protect(args) => {
                args.what.as_ref().is_some_and(protect::What::writes).then_some(UNCHANGED)
            }
            Command::Settings(args) => {
                args.what.as_ref().is_some_and(settings::What::writes).then_some(UNCHANGED)
            }
            Command::Source(args) => args.what.writes().then_some(UNCHANGED),
            Command::Copy(_)
            | Command::Delete(_)
            | Command::Edit(_)
            | Command::Prune(_)
            | Command::Rename(_)
            | Command::Undo(_) => Some(UNCHANGED),
            // The first three check it themselves, after their arguments. The others only read, or write a file that is not
            // the user's own.
            Command::Config { .. }
            | Command::Shell(_)
            | Command::Use(_)
            | Command::Completions(_)
            | Command::Current(_)
            | Command::Demo(_)
            | Command::Diff(_)
            | Command::Doctor(_)
            | Command::Get(_)
            | Command::History(_)
            | Command::Merge(_)
            | Command::Prompt(_)
            | Command::Version(_) => None,
        }
    }

    /// The words of the command after `kcx`, with a flag that changes what it prints.
    #[must_use]
    pub fn words(&self) -> String {
        let name = self.name().trim_start_matches("kcx ");
        let verb = match self {
            Command::Credential(args) => args.verb.name(),
            Command::Exec(args) if args.global => "--global",
            Command::Lint(args) if args.explain.is_some() => "--explain",
            Command::Prompt(args) if args.preset.is_some() => "--preset",
            Command::Protect(args) => args.what.as_ref().map_or("", protect::What::name),
            Command::Settings(args) => args.what.as_ref().map_or("", settings::What::name),
            Command::Source(args) => args.what.name(),
            Command::Status(args) if args.watch.is_some() => "--watch",
            Command::Sync(args) if args.watch.is_some() => "--watch",
            _ => "",
        };
        format!("{name} {verb}").trim_end().to_owned()
    }

    /// The name of the command in the journal.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Command::Completions(_) => "kcx completions",
            Command::Config { .. } => "kcx config",
            Command::Copy(_) => "kcx copy",
            Command::Credential(_) => "kcx credential",
            Command::Current(_) => "kcx current",
            Command::Delete(_) => "kcx delete",
            Command::Demo(_) => "kcx demo",
            Command::Diff(_) => "kcx diff",
            Command::Doctor(_) => "kcx doctor",
            Command::Edit(_) => "kcx edit",
            Command::Env(_) => "kcx env",
            Command::Exec(_) => "kcx exec",
            Command::Export(_) => "kcx export",
            Command::Get(_) => "kcx get",
            Command::History(_) => "kcx history",
            Command::Import(_) => "kcx import",
            Command::Init(_) => "kcx init",
            Command::Lint(_) => "kcx lint",
            Command::Merge(_) => "kcx merge",
            Command::Ns(_) => "kcx ns",
            Command::Prompt(_) => "kcx prompt",
            Command::Protect(_) => "kcx protect",
            Command::Prune(_) => "kcx prune",
            Command::Rename(_) => "kcx rename",
            Command::Settings(_) => "kcx settings",
            Command::Shell(_) => "kcx shell",
            Command::Source(_) => "kcx source",
            Command::Split(_) => "kcx split",
            Command::Status(_) => "kcx status",
            Command::Sync(_) => "kcx sync",
            Command::Undo(_) => "kcx undo",
            Command::Use(_) => "kcx use",
            Command::Version(_) => "kcx version",
            Command::Whoami(_) => "kcx whoami",
        }
    }
}

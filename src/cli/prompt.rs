//! `kcx prompt`: the current context for a shell's prompt. It never fails, never waits, and prints nothing to stderr.

mod as_value;

use super::error::Error;
use super::globals::{Color, Output};
use super::typed::typed;
use super::{World, protect};
use crate::kubeconfig::Kind;
use crate::kubeconfig::schema::key;
use crate::prompt::{self, Markup, PromptData, broken, render};
use crate::session::hook::Shell;
use crate::store::Lookup;
use serde_json::Value;
use std::ffi::OsStr;
use std::path::Path;
use std::time::Duration;

/// Print the current context for a prompt
///
/// A format has the fields {context}, {short}, {namespace}, {cluster}, {user}, {scope}, {label}, {mode}. Other text inside the
/// braces of a field is shown only if the field has a value: `{short}{:namespace}{ [label]}{ (mode)}`. {mode} is `locked` or
/// `read-only` in such a shell, and `lifted` while the protection of the context is. `-o json` prints the values, for status
/// bars and editors.
#[derive(clap::Args, Debug, Default)]
pub struct PromptArgs {
    /// The format of the prompt
    #[arg(long)]
    pub format: Option<String>,

    /// The program that shows it: bash, elvish, fish, nushell, plain, powershell, tmux or zsh
    #[arg(long, value_name = "SHELL", hide_possible_values = true)]
    pub shell: Option<Target>,

    /// Print the settings for oh-my-posh, powerlevel10k, ps1, starship or tmux that show this prompt
    #[arg(long, value_name = "TOOL", hide_possible_values = true)]
    pub preset: Option<Preset>,
}

/// The program that shows the prompt.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// bash.
    Bash,
    /// elvish.
    Elvish,
    /// fish.
    Fish,
    /// Nushell.
    #[value(alias = "nu")]
    Nushell,
    /// No shell.
    Plain,
    /// PowerShell.
    #[value(alias = "pwsh")]
    Powershell,
    /// tmux's status line.
    Tmux,
    /// zsh.
    Zsh,
}

/// A tool that shows a prompt.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preset {
    /// oh-my-posh.
    OhMyPosh,
    /// powerlevel10k.
    #[value(alias = "p10k")]
    Powerlevel10k,
    /// A plain `PS1` of bash or `PROMPT` of zsh.
    Ps1,
    /// starship.
    Starship,
    /// tmux's status line.
    Tmux,
}

impl Preset {
    fn text(self) -> &'static str {
        match self {
            Preset::OhMyPosh => include_str!("presets/oh-my-posh"),
            Preset::Powerlevel10k => include_str!("presets/powerlevel10k.zsh"),
            Preset::Ps1 => include_str!("presets/ps1.sh"),
            Preset::Starship => include_str!("presets/starship.toml"),
            Preset::Tmux => include_str!("presets/tmux.conf"),
        }
    }
}

/// Prints it.
///
/// # Errors
/// stdout is closed.
pub(super) fn run(args: &PromptArgs, world: &mut World<'_>) -> Result<(), Error> {
    if let Some(preset) = args.preset {
        return Ok(world.print(&typed(preset.text(), world.env))?);
    }
    if let Some(output @ (Output::Json | Output::Yaml)) = world.globals.output {
        let value = as_value::of(args.format.as_deref(), world);
        return Ok(world.print_value(output, &value)?);
    }
    let colored = match (world.globals.color, args.shell) {
        (Color::Always, _) => true,
        (Color::Never, _) => false,
        (Color::Auto, None | Some(Target::Plain)) => world.env.stdout_is_terminal && !world.env.no_color,
        (Color::Auto, Some(_)) => !world.env.no_color,
    };
    let markup = markup(args.shell.unwrap_or(Target::Plain), colored);
    let mut text = segment(args.format.as_deref(), markup, colored, world);
    if world.env.stdout_is_terminal && !text.is_empty() {
        text.push('\n');
    }
    Ok(world.print(&text)?)
}

/// What the hook shows in a shell.
pub(super) struct Shown {
    /// The text.
    pub(super) text: String,
    /// The current context, if the kubeconfigs can be read.
    pub(super) context: Option<String>,
    /// Whether kcx asks about it, if its protection is not lifted.
    pub(super) is_protected: bool,
    /// For how long its protection is still lifted.
    pub(super) lifted: Option<Duration>,
}

/// What the hook shows in this shell.
pub(super) fn shown(shell: Shell, world: &World<'_>) -> Shown {
    let target = match shell {
        Shell::Bash => Target::Bash,
        Shell::Elvish => Target::Elvish,
        Shell::Fish => Target::Fish,
        Shell::Nushell => Target::Nushell,
        Shell::Powershell => Target::Powershell,
        Shell::Zsh => Target::Zsh,
    };
    // starship itself marks the escape sequences of the variable for the shell, and escapes the rest.
    let target = if shown_by_starship(shell, world) { Target::Plain } else { target };
    let colored = !world.env.no_color;
    let markup = markup(target, colored);
    segment_of(None, markup, colored, world).unwrap_or_else(|| Shown {
        text: broken(markup),
        context: None,
        is_protected: false,
        lifted: None,
    })
}

/// The text for tmux.
pub(super) fn for_tmux(world: &World<'_>) -> String {
    let colored = !world.env.no_color;
    segment(None, Markup::Tmux, colored, world)
}

/// True if starship draws the prompt of this shell.
fn shown_by_starship(shell: Shell, world: &World<'_>) -> bool {
    world.env.starship.as_ref().is_some_and(|name| Shell::of(Path::new(name)) == Some(shell))
}

/// True if the shell is to export the text: to starship, which is another program, and to the shells that a zsh with
/// powerlevel10k starts, whose first prompt is drawn before the hook runs.
pub(super) fn is_exported(shell: Shell, world: &World<'_>) -> bool {
    let p10k = || world.env.marks().iter().any(|mark| mark.ends_with("P9K_TTY"));
    shown_by_starship(shell, world) || shell == Shell::Zsh && p10k()
}

/// The current context; `None` if there is none, or if a kubeconfig cannot be read.
pub(super) fn current(world: &World<'_>) -> Option<PromptData> {
    facts(&mut world.store().lookup().ok()?).filter(|facts| !facts.context.is_empty())
}

/// Escapes a text for a shell, with or without colours. elvish shows escape sequences as text.
fn markup(target: Target, colored: bool) -> Markup {
    match target {
        Target::Elvish => Markup::Plain,
        Target::Bash => Markup::Bash,
        Target::Zsh => Markup::Zsh,
        Target::Tmux => Markup::Tmux,
        _ if colored => Markup::Ansi,
        _ => Markup::Plain,
    }
}

fn segment(format: Option<&str>, markup: Markup, colored: bool, world: &World<'_>) -> String {
    segment_of(format, markup, colored, world).map_or_else(|| broken(markup), |shown| shown.text)
}

/// `None` if a kubeconfig cannot be read.
fn segment_of(format: Option<&str>, markup: Markup, colored: bool, world: &World<'_>) -> Option<Shown> {
    let settings = world.settings_or_default();
    let mut lookup = world.store().lookup().ok()?;
    let mut facts = facts(&mut lookup)?;
    let mut rule = settings.rule(&facts.context);
    let lifted = if rule.is_protected() { protect::lifted(&facts.context, world) } else { None };
    (facts.mode, facts.is_lifted) = (mode(&facts.context, lifted, world), lifted.is_some());
    rule.color = rule.color.filter(|_| colored);
    let format = format.unwrap_or(&settings.format);
    if prompt::shows_short(format) && rule.short.is_none() {
        facts.short = short(&facts.context, &mut lookup)?;
    }
    let (text, is_protected) = (render(format, &facts, rule, markup), rule.is_protected());
    Some(Shown { text, context: Some(facts.context), is_protected, lifted })
}

/// What is special about this shell or this context. A locked shell that another `KUBECONFIG` has led elsewhere is not locked
/// there.
fn mode(context: &str, lifted: Option<Duration>, world: &World<'_>) -> String {
    let is_locked = world.env.locked.as_deref() == Some(OsStr::new(context));
    let lock = match (is_locked, world.env.read_only) {
        (true, true) => Some("read-only"),
        (true, false) => Some("locked"),
        _ => None,
    };
    lock.into_iter().chain(lifted.map(|_| "lifted")).collect::<Vec<_>>().join(", ")
}

/// The short name of a context among all that exist. Most names are never shortened: then the others are not read.
fn short(context: &str, lookup: &mut Lookup) -> Option<String> {
    if prompt::short(context) == context {
        return Some(context.to_owned());
    }
    let names = lookup.contexts().ok()?.names(Kind::Context);
    Some(prompt::short_among(context, names))
}

/// `None` if a kubeconfig cannot be read.
fn facts(lookup: &mut Lookup) -> Option<PromptData> {
    let context = lookup.current_context().to_owned();
    if context.is_empty() {
        return Some(PromptData::default());
    }
    let pinned = lookup.current_file().is_some_and(|file| lookup.precedence().is_session_file(file));
    let Some(body) = lookup.body(Kind::Context, &context).ok()? else {
        return Some(PromptData { context, is_missing: true, ..PromptData::default() });
    };
    let field = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let namespace = Some(field(key::NAMESPACE)).filter(|namespace| !namespace.is_empty());
    let (cluster, user) = (field(key::CLUSTER), field(key::USER));
    // The index has the names of all files: nothing more is read.
    let is_gone = |kind: Kind, name: &str| !name.is_empty() && !lookup.has(kind, name);
    let is_missing = is_gone(Kind::Cluster, &cluster) || is_gone(Kind::User, &user);
    Some(PromptData {
        namespace: namespace.unwrap_or_else(|| "default".to_owned()),
        cluster,
        user,
        short: context.clone(),
        scope: if pinned { "session" } else { "global" },
        mode: String::new(),
        is_lifted: false,
        is_missing,
        context,
    })
}

//! Warns of variables that lead helm and other programs past the context in force: after a switch, and once at the prompt.

use super::error::name;
use super::init::own_files;
use super::{World, prompt};
use crate::env::leading::{LeadingVariable, Leads, elsewhere};
use crate::session::hook::Shell;
use std::path::PathBuf;

/// Warns after a switch to this context and namespace.
pub(super) fn warn(context: &str, namespace: &str, world: &mut World<'_>) {
    if world.env.leading.is_empty() || world.globals.kubeconfig.is_some() {
        return;
    }
    let session = world.session().active();
    let follows = if session.is_some() { Vec::new() } else { own_files(world) };
    let shell = Shell::of_user(world.env).unwrap_or(Shell::Bash);
    let lines = lines(context, namespace, &follows, shell, world);
    for line in &lines {
        world.warn(line);
    }
    if let Some(session) = session {
        // Otherwise the prompt warns again.
        let _ = session.record_warned(&lines.join("\n"));
    }
}

/// Warns at the prompt of this shell, unless it has done so.
pub(super) fn warn_at_prompt(shell: Shell, world: &mut World<'_>) {
    let Some(session) = world.session().active() else { return };
    let warned = session.warned();
    if world.env.leading.is_empty() && warned.is_empty() {
        return;
    }
    let Some(current) = prompt::current(world) else { return };
    let follows = if current.scope == "session" { Vec::new() } else { own_files(world) };
    let lines = lines(&current.context, &current.namespace, &follows, shell, world);
    let text = lines.join("\n");
    if warned == text || session.record_warned(&text).is_err() {
        return;
    }
    for line in &lines {
        world.warn(line);
    }
}

fn lines(
    context: &str,
    namespace: &str,
    follows: &[PathBuf],
    shell: Shell,
    world: &World<'_>,
) -> Vec<String> {
    let found = elsewhere(&world.env.leading, context, namespace, follows);
    found.into_iter().map(|variable| line(variable, context, namespace, shell)).collect()
}

fn line(variable: &LeadingVariable, context: &str, namespace: &str, shell: Shell) -> String {
    let LeadingVariable { name: variable, program, leads, value } = variable;
    let namespace = if namespace.is_empty() { "default" } else { namespace };
    let (is, what) = match leads {
        Leads::Context => (name(value), format!("goes to that context, not to {}", name(context))),
        Leads::Namespace => (name(value), format!("uses that namespace, not {}", name(namespace))),
        Leads::Kubeconfig => (name(value), "reads that kubeconfig, not this shell's".to_owned()),
        Leads::Login => ("set".to_owned(), format!("does not log in as context {} says", name(context))),
    };
    format!("{variable} is {is}: {program} {what}; `{}` removes it", shell.unset(variable))
}

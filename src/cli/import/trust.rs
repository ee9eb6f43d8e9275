//! What an import could do on this machine: shown to the user, and where it runs programs, allowed by the user.

use super::super::World;
use super::super::credential::Incoming;
use super::super::error::{Cause, Error, name};
use super::super::{pick, settings_file, words};
use super::ImportArgs;
use crate::kubeconfig::change::Change;
use crate::kubeconfig::import::{Plan, Risk, risks};
use std::path::Path;

/// Shows what there is to look at in what would be written.
///
/// # Errors
/// A user would run a command that nobody has allowed. Nothing was written.
pub(super) fn check(
    plan: &Plan,
    incoming: Option<&Incoming>,
    args: &ImportArgs,
    world: &mut World<'_>,
) -> Result<(), Error> {
    let (mut lines, mut refused) = (Vec::new(), Vec::new());
    let rules = settings_file::load(world.env)?.allow_exec;
    for change in &plan.changes {
        let Change::Put { kind, name: entry, body } = change else { continue };
        let verdict = plan.verdicts.iter().find(|verdict| verdict.kind == *kind && verdict.name == *entry);
        let folder = verdict.and_then(|verdict| verdict.origin.parent()).unwrap_or(Path::new("/"));
        // The one plugin that is no stranger.
        let own = incoming.is_some_and(|incoming| incoming.made(body));
        for risk in risks(*kind, body).into_iter().filter(|risk| !own || !matches!(risk, Risk::Exec(..))) {
            if let Risk::Exec(command, _) = &risk
                && !is_allowed(command, args.allow_exec.iter().chain(&rules), world)
            {
                refused.push((entry.clone(), command.clone()));
            }
            lines.extend(said(&risk, folder).map(|said| format!("{} {} {said}", kind.word(), name(entry))));
        }
    }
    for line in &lines {
        world.warn(line);
    }
    let Some((user, command)) = refused.first() else { return Ok(()) };
    // A dry run lets nothing in.
    if args.dry_run {
        return Ok(());
    }
    if pick::can_ask(world) {
        let question = "Let kubectl run these programs for the imported users?";
        return match pick::confirm(question)? {
            true => Ok(()),
            false => Err(Error::new(Cause::Silent(130), "")),
        };
    }
    let others = match refused.len() {
        1 => String::new(),
        count => format!(", and {} more would run programs", count - 1),
    };
    let message = format!("user {} would run {}{others}; nothing was imported", name(user), name(command));
    Err(Error::new(Cause::Failed, message)
        .hint(format!(
            "`--allow-exec={}` allows this command, `--allow-exec` any",
            words::shell_word(command)
        ))
        .hint("`import: {allow-exec: […]}` in kcx's settings allows commands for good"))
}

/// A command is allowed by its own words only: `aws` does not allow `/tmp/aws`.
fn is_allowed<'r>(command: &str, mut rules: impl Iterator<Item = &'r String>, world: &World<'_>) -> bool {
    let is_path = |word: &str| word.contains(std::path::is_separator);
    rules.any(|rule| {
        rule.is_empty()
            || rule == command
            || is_path(rule) && is_path(command) && world.env.absolute(Path::new(rule)) == Path::new(command)
    })
}

fn said(risk: &Risk, folder: &Path) -> Option<String> {
    Some(match risk {
        Risk::Exec(command, args) => {
            let words: Vec<String> =
                std::iter::once(command).chain(args).map(|word| words::shell_word(word)).collect();
            format!("runs `{}`", words.join(" "))
        }
        Risk::Variable(variable, value) => {
            format!("runs it with {}", name(&format!("{variable}={value}")))
        }
        Risk::AuthProvider(plugin) => format!("logs in by the old plugin {}", name(plugin)),
        Risk::File(_, file) if Path::new(file).starts_with(folder) => return None,
        Risk::File(field, file) => format!("reads {} as its {field}", name(file)),
        Risk::Unchecked => "does not check the server's certificate".to_owned(),
        Risk::Plain(server) => format!("talks to {} unencrypted", name(&words::without_login(server))),
        Risk::Proxy(proxy) => format!("goes through the proxy {}", name(&words::without_login(proxy))),
    })
}

//! `kcx use NAME`: another current context.

use super::error::{self, Cause, Error, name};
use super::{World, namespace, previous};
use crate::kubeconfig::change::Change;
use crate::kubeconfig::{Kind, Merged};
use crate::store::{Report, precedence};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Switch to another context
///
/// The name must be given exactly; `-` is the context before the last switch. Only the line with `current-context` (and
/// with `-n` the one with the namespace) changes, in the file that kubectl would write it to.
#[derive(clap::Args, Debug, Default)]
pub struct UseArgs {
    /// The context, or `-` for the previous one
    #[arg(value_name = "NAME|-")]
    pub name: Option<String>,

    /// Set the context's namespace too
    #[arg(short, long, value_name = "NS", conflicts_with = "unset")]
    pub namespace: Option<String>,

    /// Take a namespace that no cluster could have
    #[arg(long)]
    pub force: bool,

    /// Leave no context current
    #[arg(long, conflicts_with = "name")]
    pub unset: bool,

    /// Write the user's own kubeconfig (the default)
    #[arg(long)]
    pub global: bool,

    /// Switch this shell alone; needs the shell hook
    #[arg(long, conflicts_with = "global")]
    pub session: bool,

    /// It was typed as `kcx NAME`, and may have been meant as a command.
    #[arg(skip)]
    pub bare: bool,
}

/// Switches.
///
/// # Errors
/// Exit code 3 for a name that is not there; nothing was written then.
pub fn run(args: &UseArgs, world: &mut World<'_>) -> Result<(), Error> {
    super::refuse_output("use", world)?;
    if args.session {
        return Err(Error::new(
            Cause::Usage,
            "this version cannot switch one shell alone yet; nothing was written",
        )
        .hint("without `--session` the context is switched in the kubeconfig, for all shells"));
    }
    if let Some(wanted) = &args.namespace {
        namespace::check(wanted, args.force)?;
    }
    let file = world.store().default_path().to_owned();
    let target = match args.name.as_deref() {
        None if args.unset => String::new(),
        None => {
            return Err(Error::new(Cause::Usage, "no context was named")
                .hint("`kcx use NAME` switches, `kcx use -` goes back, `kcx get` lists what there is"));
        }
        Some("-") => previous::context(world.env, &file).ok_or_else(|| {
            Error::new(
                Cause::NotFound,
                format!("no switch away from a context of {} is known", error::path(&file)),
            )
            .hint("`-` goes back to where the last `kcx use` came from")
        })?,
        Some(name) => name.to_owned(),
    };
    let mut before = Before::default();
    let report = world.edit(|merged| {
        before = Before::of(merged, &target)?;
        decide(merged, &target, args)
    })?;
    remember(world, &target, args, &before, &file, &report);
    if !args.unset
        && let Some(dangling) = &before.dangling
    {
        world.warn(dangling);
    }
    world.done(&said(world, &target, args, &before, &report));
    Ok(())
}

fn decide(merged: &Merged, target: &str, args: &UseArgs) -> Result<Vec<Change>, Error> {
    let mut changes = vec![Change::Current(target.to_owned())];
    if args.unset {
        return Ok(changes);
    }
    let entry = merged.find(Kind::Context, target).ok_or_else(|| unknown(merged, target, args))?;
    if let Some(namespace) = &args.namespace {
        let mut body = merged.body(entry)?.into_owned();
        body.insert("namespace".to_owned(), Value::from(namespace.as_str()));
        changes.push(Change::Put { kind: Kind::Context, name: target.to_owned(), body });
    }
    Ok(changes)
}

fn unknown(merged: &Merged, target: &str, args: &UseArgs) -> Error {
    if args.bare {
        return super::neither(merged, target);
    }
    let error = Error::not_found(merged, Kind::Context, target);
    if args.name.as_deref() != Some("-") {
        return error;
    }
    Error { message: format!("the previous context {} is not there any more", name(target)), ..error }
}

/// What was so before the switch.
#[derive(Default)]
struct Before {
    current: String,
    /// The file of the context's entry, which need not be the one that says what is current.
    origin: PathBuf,
    namespace: String,
    dangling: Option<String>,
}

impl Before {
    fn of(merged: &Merged, target: &str) -> Result<Before, Error> {
        let current = merged.current_context().to_owned();
        let Some(entry) = merged.find(Kind::Context, target) else {
            return Ok(Before { current, ..Before::default() });
        };
        let namespace = merged.text(entry, "namespace")?;
        let origin = merged.path(entry).to_owned();
        Ok(Before { current, origin, namespace, dangling: dangling(merged, target)? })
    }
}

/// What a context names that is not there, in words.
pub(super) fn dangling(merged: &Merged, context: &str) -> Result<Option<String>, Error> {
    let Some(entry) = merged.find(Kind::Context, context) else { return Ok(None) };
    let mut missing = Vec::new();
    for kind in [Kind::Cluster, Kind::User] {
        let named = merged.text(entry, kind.word())?;
        // A context without a user is allowed, one without a cluster useless.
        if named.is_empty() && kind == Kind::Cluster {
            missing.push("names no cluster".to_owned());
        } else if !named.is_empty() && merged.find(kind, &named).is_none() {
            missing.push(format!("names {} {}, which is not there", kind.word(), name(&named)));
        }
    }
    Ok((!missing.is_empty()).then(|| format!("context {} {}", name(context), missing.join(", and "))))
}

fn remember(
    world: &mut World<'_>,
    target: &str,
    args: &UseArgs,
    before: &Before,
    file: &Path,
    report: &Report,
) {
    if report.written.is_empty() {
        return;
    }
    let mut noted = Ok(());
    if before.current != target {
        noted = previous::remember_context(world.env, file, &before.current);
    }
    if args.namespace.as_ref().is_some_and(|namespace| *namespace != before.namespace) {
        noted = noted.and(previous::remember_namespace(world.env, &before.origin, target, &before.namespace));
    }
    super::warn_forgotten(world, noted);
}

fn said(world: &World<'_>, target: &str, args: &UseArgs, before: &Before, report: &Report) -> String {
    let done = !report.written.is_empty();
    let mut text = match (args.unset, done) {
        (true, true) => format!("no context is current any more; it was {}", name(&before.current)),
        (true, false) => "no context is current, as before".to_owned(),
        (false, true) => format!("switched to context {}", name(target)),
        (false, false) => format!("already on context {}", name(target)),
    };
    if let Some(namespace) =
        args.namespace.as_ref().or(Some(&before.namespace)).filter(|namespace| !namespace.is_empty())
    {
        text += &format!(", namespace {}", name(namespace));
        if !written(world, report).is_empty() {
            text.push(',');
        }
    }
    text + &written(world, report)
}

/// Names the files that were written, unless it is the one everybody expects.
pub(super) fn written(world: &World<'_>, report: &Report) -> String {
    let usual = precedence::home_file(world.env);
    let others: Vec<String> =
        report.written.iter().filter(|file| **file != usual).map(|file| error::path(file)).collect();
    if others.is_empty() { String::new() } else { format!(" in {}", others.join(", ")) }
}

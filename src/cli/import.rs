//! `kcx import`: the entries of other kubeconfigs, brought into the user's own.

mod args;
mod decide;
mod follow;
mod marks;
mod placeholder;
mod report;
pub(super) mod source;
mod trust;

use super::allow::AllowArgs;
use super::allowlist::Allowing;
use super::error::{Cause, Error, name, path};
use super::globals::Output;
use super::{
    World, allow, allowlist,
    credential::{BindingSnapshot, Incoming},
    messages, tilde, unified,
};
use crate::env::Env;
use crate::kubeconfig::View;
use crate::kubeconfig::change::Change;
use crate::kubeconfig::import::{FoundIn, Naming, NamingError, Plan, Rewrite};
use crate::kubeconfig::risk::{self, What};
use crate::kubeconfig::view::ViewError;
use crate::kubeconfig::{Kind, Merged};
use crate::store::{Store, renames};
pub(super) use args::{NamingArgs, OnConflict, RewriteArgs};
use decide::Deciding;
pub(super) use marks::Marked;
use placeholder::Placeholders;
pub(super) use report::{conflict, entry_value};
pub(super) use source::is_source;
use source::{Failed, Source};
use std::path::Path;
use trust::Trust;

/// Add the entries of other kubeconfigs to yours
///
/// Importing twice changes nothing. A different entry of the same name is a conflict: nothing is written unless
/// `--on-conflict` resolves it. kcx asks before it adds entries that run programs or send files.
#[derive(clap::Args, Debug, Default)]
pub struct ImportArgs {
    /// Files, folders, patterns, or `-` for stdin: YAML or JSON, plain, in base64, or in Secrets and ConfigMaps
    #[arg(value_name = "SRC", required = true)]
    pub sources: Vec<String>,

    /// Write into this file, and look for conflicts only there
    #[arg(long, value_name = "FILE")]
    pub into: Option<String>,

    /// Names
    #[command(flatten)]
    pub naming: NamingArgs,

    /// Values
    #[command(flatten)]
    pub rewrite: RewriteArgs,

    /// Permissions
    #[command(flatten)]
    pub allow: AllowArgs,

    /// On a conflict: fail, skip, overwrite, rename or update
    #[arg(long, value_name = "POLICY", default_value = "fail", hide_possible_values = true)]
    pub on_conflict: OnConflict,

    /// Switch to the current context of what is imported, in this shell too
    #[arg(long)]
    pub set_current: bool,

    /// Permit the programs in kubectl's preferences (kuberc), too
    #[arg(long)]
    pub to_kuberc: bool,

    /// Store the secrets in the keychain, and never in a file
    #[arg(long)]
    pub seal: bool,

    /// Print what would change, with secrets masked, and write nothing
    #[arg(long)]
    pub dry_run: bool,

    /// If a source cannot be read, import the others and exit with 1
    #[arg(long)]
    pub keep_going: bool,
}

/// Imports kubeconfigs.
///
/// # Errors
/// Exit code 4 for a conflict of names; 1 for an unreadable source or a missing permission. Nothing is written then.
pub(super) fn run(args: &ImportArgs, world: &mut World<'_>) -> Result<(), Error> {
    if matches!(world.globals.output, Some(Output::Json | Output::Yaml)) {
        world.begin_warnings();
    }
    let Sources { mut views, embedded, files, failed } = sources(args, world)?;
    if let Some(file) = &args.into {
        tilde::refuse(Path::new(file))?;
    }
    let store = match &args.into {
        Some(file) => Store::new(world.precedence(Some(file)), world.lock_options(), world.env),
        None => world.own_store(),
    };
    let store = world.with_journal(store);
    let several = store.precedence().paths.len() > 1;
    let loaded = store.load().map_err(|errors| Error::unreadable(&errors, several))?;
    world.note_unread_of(&loaded.merged);
    marks::remove(&mut views, &loaded.merged, world)?;
    let bindings = BindingSnapshot::of(&loaded.merged, world);
    let mut incoming = match args.seal {
        true => Some(Incoming::take(&mut views, &loaded.merged, args.to_kuberc, args.dry_run, world)?),
        false => None,
    };
    let settings = world.settings_or_default();
    let renames = renames::load(world.env, &store.precedence().paths);
    let deciding = Deciding { args, settings: &settings, store: &store, renames: &renames, env: world.env };
    let first = deciding.plan(&loaded.merged, &views)?;
    let changes = match deciding.changes(&loaded.merged, &first, &views) {
        Ok(changes) => changes,
        Err(error) => {
            report::conflicts(&first, &failed, args.dry_run, store.default_path(), world)?;
            return Err(error);
        }
    };
    let mut trust = Trust::new(args, embedded, files, world)?;
    let mut risks = trust.risks(&loaded.merged, &first, &views, incoming.as_ref())?;
    let allowing = args.to_kuberc.then(|| allowlist::prepare(&views, &loaded.merged, world)).transpose()?;
    if let Some(allowing) = &allowing {
        allowing.announce(world);
    }
    if args.dry_run {
        allow::show(&risks, world);
    } else if let Err(error) = trust.ask(&first, &risks, world) {
        report::refused(&risks, &trust, store.default_path(), world)?;
        return Err(error);
    }
    if let Some(incoming) = incoming.as_mut().filter(|_| !args.dry_run) {
        incoming.keep(first.changes.iter().filter_map(|change| match change {
            Change::Put { kind: Kind::User, body, .. } => Some(body),
            _ => None,
        }))?;
    }
    let (mut planned, mut refused, env) = (first, false, world.env);
    let mut current = decide::switch(&loaded.merged, &changes);
    let mut again = |merged: &Merged| {
        planned = deciding.plan(merged, &views)?;
        let changes = deciding.changes(merged, &planned, &views)?;
        current = decide::switch(merged, &changes);
        risks = trust.risks(merged, &planned, &views, incoming.as_ref())?;
        trust.demand(&risks, env).inspect_err(|_| refused = true)?;
        Ok(changes)
    };
    let edited = if args.dry_run {
        match store.preview_of(loaded.merged, changes) {
            Ok(previews) => {
                if world.globals.output.is_none() {
                    world.print_lines(&unified::print(&previews))?;
                }
                Ok(!previews.is_empty())
            }
            Err(error) => Err(Error::not_committed(error.into(), several, world.lock_options().timeout)),
        }
    } else {
        let edited = store.edit_decided(loaded, changes, &mut again);
        if let Some(incoming) = &incoming {
            incoming.settle(&store);
        }
        world.edited(&store, edited).map(|report| !report.written.is_empty())
    };
    let target = store.default_path();
    let changed = match edited {
        Ok(changed) => changed,
        // The kubeconfig is another one than the first decision was about.
        Err(error) if refused => {
            report::refused(&risks, &trust, target, world)?;
            return Err(error);
        }
        Err(error) => {
            report::conflicts(&planned, &failed, args.dry_run, target, world)?;
            return Err(error);
        }
    };
    trust.warn_of_readers(changed && !args.dry_run, world);
    let risks = trust.judged(&risks, world.env);
    let told = report::Report { plan: &planned, failed: &failed, changed, dry_run: args.dry_run, risks };
    told.tell(target, world)?;
    let done = if args.dry_run {
        allowing.map_or(Ok(()), |allowing| allowing.commit(true, world))
    } else {
        let set = current.1.as_deref().filter(|_| changed);
        report::next(&planned, &current.0, set, args.into.is_none(), world);
        after(args, &planned, allowing, world)
    };
    if changed && !args.dry_run {
        bindings.report(&store, world);
    }
    let follows = args.set_current && args.into.is_none() && !args.dry_run;
    // The result is complete, whatever failed after the import.
    told.print(target, follows, world)?;
    done?;
    if failed.is_empty() { Ok(()) } else { Err(Error::silent(1)) }
}

/// What follows an import: this shell is switched, and kubectl permits the programs.
fn after(
    args: &ImportArgs,
    planned: &Plan,
    allowing: Option<Allowing>,
    world: &mut World<'_>,
) -> Result<(), Error> {
    let followed = match args.set_current && args.into.is_none() {
        true => decide::current(planned).and_then(|context| follow::follow(&context, world)),
        false => Ok(()),
    };
    let allowed = allowing.map_or(Ok(()), |allowing| allowing.commit(false, world));
    followed.and(allowed)
}

/// What to import.
struct Sources {
    views: Vec<View>,
    /// The embedded files: which view they were embedded into, and their entry.
    embedded: Vec<(usize, Kind, String, What)>,
    /// The number of each view's file.
    files: Vec<usize>,
    /// Sources that could not be read, with `--keep-going`.
    failed: Vec<Failed>,
}

fn sources(args: &ImportArgs, world: &mut World<'_>) -> Result<Sources, Error> {
    let mut sources =
        Sources { views: Vec::new(), embedded: Vec::new(), files: Vec::new(), failed: Vec::new() };
    for (file, found) in source::find(&args.sources, world).into_iter().enumerate() {
        let prepared = found.and_then(|source| {
            let file = source.path.clone();
            prepare(source, args, world).map_err(|error| Failed { source: source::shown(&file), error })
        });
        match prepared {
            Ok(prepared) => {
                for (view, embedded) in prepared {
                    let at = sources.views.len();
                    let embedded = embedded.into_iter().map(|(kind, name, what)| (at, kind, name, what));
                    sources.embedded.extend(embedded);
                    sources.views.push(view);
                    sources.files.push(file);
                }
            }
            Err(Failed { error, .. }) if !args.keep_going => {
                let message = format!("{}; nothing was imported", error.message);
                return Err(Error { message, ..error }.hints(unbound_value(args, world.env)));
            }
            Err(it) => {
                world.fail(&it.error);
                sources.failed.push(it);
            }
        }
    }
    Ok(sources)
}

/// A hint for a source that was probably meant as the value of a flag: `--allow-exec aws`.
fn unbound_value(args: &ImportArgs, env: &Env) -> Option<String> {
    let allow = &args.allow;
    let flags = [
        ("exec", &allow.allow_exec),
        ("env", &allow.allow_env),
        ("file", &allow.allow_file),
        ("user", &allow.allow_user),
        ("cluster", &allow.allow_cluster),
    ];
    let is_name = |word: &str| word != "-" && !word.contains(['/', '*', '?', '[']);
    let mut words = args.sources.iter().filter(|word| is_name(word));
    let word = words.find(|word| !env.absolute(Path::new(word)).exists())?;
    let (flag, _) = flags.into_iter().find(|(_, values)| values.iter().any(String::is_empty))?;
    Some(format!(
        "the value of `--allow-{flag}` follows a `=`: `--allow-{flag}={}`",
        messages::shell_word(word)
    ))
}

/// A view and the files that were embedded into it.
type Prepared = (View, Vec<(Kind, String, What)>);

fn prepare(source: Source, args: &ImportArgs, world: &mut World<'_>) -> Result<Vec<Prepared>, Error> {
    let Source { path: file, word, parts } = source;
    let naming = match &args.naming {
        NamingArgs { name: Some(name), .. } => Some(Naming::Name(name)),
        NamingArgs { context_name: Some(name), .. } => Some(Naming::Context(name)),
        NamingArgs { template: Some(template), .. } => Some(Naming::Template(template)),
        NamingArgs { prefix: None, suffix: None, .. } => None,
        NamingArgs { prefix, suffix, .. } => {
            Some(Naming::Affix(prefix.as_deref().unwrap_or_default(), suffix.as_deref().unwrap_or_default()))
        }
    };
    let given = &args.rewrite;
    let rewrite = Rewrite {
        server: given.server.clone(),
        tls_server_name: given.tls_server_name.clone(),
        insecure: given.insecure,
        ca: given.ca.as_ref().map(|ca| world.env.absolute(ca).to_string_lossy().into_owned()),
        namespace: given.namespace.clone(),
    };
    let (mut views, mut placeholders) = (Vec::new(), Placeholders::default());
    for part in parts {
        source::warn_of_cut(&file, &part, world);
        let (document, carrier) = (part.document, part.carrier);
        let origin = source::origin(&file, carrier.as_ref());
        world.note_unread(&origin, &document);
        let source = crate::kubeconfig::Source { path: origin.clone(), document: Some(document) };
        let mut view = View::of(&Merged::new(vec![source]))?;
        let naming = naming.or(carrier.as_ref().map(|carrier| Naming::Nameless(carrier.short_name())));
        if let Some(naming) = naming {
            let found_in = FoundIn { file: &word, carrier: carrier.as_ref() };
            view = naming.apply(view, found_in).map_err(|error| misnamed(&error, &origin))?;
        }
        placeholders.note(&view);
        rewrite.apply(&mut view).map_err(|error| {
            let place = source::shown(&origin);
            Error::new(Cause::Usage, format!("{place}: {error}")).hint("import one cluster at a time")
        })?;
        view = view.rebase(&|path, origin| world.env.beside(origin, path));
        let mut embedded = Vec::new();
        if given.embed_certs {
            let before = view.clone();
            view = embed(view, "--embed-certs", world.env)?;
            for kind in [Kind::Cluster, Kind::User] {
                for (name, shown) in &before.lists[kind] {
                    let whats = risk::embedded(kind, &shown.body, &view.lists[kind][name].body);
                    embedded.extend(whats.into_iter().map(|what| (kind, name.clone(), what)));
                }
            }
        }
        views.push((view, embedded));
    }
    placeholders.warn(&file, world);
    Ok(views)
}

/// Replaces paths by the contents of the files; a missing file is an error.
pub(super) fn embed(view: View, flag: &str, env: &Env) -> Result<View, Error> {
    let read = |file: &str, origin: &Path| {
        let file = env.beside(origin, file);
        let bytes = crate::file::read(&file, 1 << 24).map(|(bytes, _)| bytes);
        (file, bytes)
    };
    view.flatten(&read).map_err(|error| match error {
        ViewError::Read(file, error) => Error::new(
            Cause::Failed,
            format!("cannot read {}: {}", path(&file), super::messages::io_error(&error)),
        )
        .hint(format!("without `{flag}` its path is kept")),
        error => Error::new(Cause::Failed, error.to_string()),
    })
}

/// The error for entries that cannot be named so.
pub(super) fn misnamed(error: &NamingError, file: &Path) -> Error {
    let place = source::shown(file);
    match error {
        NamingError::Contexts(0) => Error::new(Cause::Usage, format!("{place} has no context to name")),
        NamingError::Contexts(count) => Error::new(
            Cause::Usage,
            format!("{place} has {count} contexts, and one name cannot serve them all"),
        )
        .hint("`--prefix`, `--suffix` or `--template` give each a name"),
        NamingError::Taken(kind, taken) => Error::new(
            Cause::Usage,
            format!("two {} of {place} would have the name {}", kind.list(), name(taken)),
        ),
        NamingError::Empty => {
            Error::new(Cause::Usage, format!("an entry of {place} would have an empty name"))
        }
        NamingError::Placeholder(word) => Error::new(
            Cause::Usage,
            format!("{} is not a placeholder of a template", name(&format!("{{{word}}}"))),
        )
        .hint("the placeholders are {file}, {context}, {cluster}, {user} and {namespace}; for Secrets and ConfigMaps also {object}, {object-namespace} and {key}"),
        NamingError::NoObject(word) => Error::new(
            Cause::Usage,
            format!("`{{{word}}}` has no value for {place}, which is no Secret or ConfigMap"),
        ),
        NamingError::Incomplete(ViewError::Missing(kind, missing)) => Error::new(
            Cause::NotFound,
            format!("the context of {place} names {} {}, which is not in it", kind.word(), name(missing)),
        ),
        NamingError::Incomplete(error) => Error::new(Cause::Failed, format!("{place}: {error}")),
    }
}

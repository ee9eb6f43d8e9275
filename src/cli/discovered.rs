//! Permissions for contexts of discovered kubeconfigs, which are listed without a question. Before kcx switches to such a
//! context, runs a command in it or runs its programs, it asks about the same risks as an import. A permission is stored
//! and is valid until the entries change.

use super::allow::{self, AllowArgs, Consent, Wording};
use super::error::{self, Error, path};
use super::{World, messages};
use crate::codec::hash::hex;
use crate::env::Env;
use crate::file;
use crate::kubeconfig::risk::{self, Brought, Index, Risk};
use crate::kubeconfig::{Kind, Merged, ParseError, PerKind, Source, View};
use crate::session::Selection;
use crate::settings::{ImportPermissions, Settings};
use crate::source;
use crate::store::{Lookup, Precedence, discovery};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// Asks about those of these contexts that come from discovered files.
///
/// # Errors
/// Exit code 1 if a risk is not permitted, or the user declines.
pub(super) fn guard(
    contexts: &[String],
    allow: &AllowArgs,
    wording: Wording,
    world: &mut World<'_>,
) -> Result<(), Error> {
    let open = open(contexts, world)?;
    ask(open, allow, wording, world)
}

/// Like [`guard`], for one context of the user's own files, which are loaded already.
///
/// # Errors
/// As [`guard`].
pub(super) fn guard_loaded(
    context: &str,
    own: &Merged,
    allow: &AllowArgs,
    wording: Wording,
    world: &mut World<'_>,
) -> Result<(), Error> {
    let mut open = BTreeMap::new();
    if let Some(settings) = settings(own.sources().iter().map(|source| source.path.as_path()), world)
        && let Some(unknown) = unknown(context, own, &settings, world.env)?
    {
        open.insert(context.to_owned(), unknown);
    }
    ask(open, allow, wording, world)
}

/// Like [`guard`], for one context of the user's own files. The files are loaded whole only if the context, its cluster or
/// its user may come from a discovered file.
///
/// # Errors
/// As [`guard`].
pub(super) fn guard_looked_up(
    context: &Selection,
    own: &mut Lookup,
    allow: &AllowArgs,
    wording: Wording,
    world: &mut World<'_>,
) -> Result<(), Error> {
    let Some(settings) = settings(own.precedence().paths.iter().map(PathBuf::as_path), world) else {
        return Ok(());
    };
    let names = |kind: Kind| match kind {
        Kind::Context => context.context.as_str(),
        _ => context.body.as_ref().and_then(|body| body.get(kind.word())?.as_str()).unwrap_or_default(),
    };
    let is_new = |kind: Kind| {
        own.holders(kind, names(kind)).into_iter().any(|file| is_found(file, &settings.discovery, world.env))
    };
    if !Kind::ALL.into_iter().any(is_new) {
        return Ok(());
    }
    let own = own.whole().map_err(|errors| world.unreadable(&errors))?;
    guard_loaded(&context.context, own, allow, wording, world)
}

fn ask(
    open: BTreeMap<String, Unknown>,
    allow: &AllowArgs,
    wording: Wording,
    world: &mut World<'_>,
) -> Result<(), Error> {
    let open: Vec<Unknown> = open.into_values().collect();
    let risks: Vec<Risk> = open.iter().flat_map(|it| it.risks.iter().cloned()).collect();
    if risks.is_empty() {
        return Ok(());
    }
    let mut files: Vec<String> = open.iter().map(|it| path(&it.file)).collect();
    files.dedup();
    world.warn(&format!("{} could do this, and it is not permitted yet:", files.join(", ")));
    Consent::new(allow, wording, world)?.ask(&risks, world)?;
    for it in open {
        // If the permission cannot be saved, the question is asked again.
        let _ = it.remember(world.env);
    }
    Ok(())
}

/// Remembers that the user has permitted what these contexts do. If a permission cannot be saved, the question is asked again.
pub(super) fn permit(contexts: &[String], world: &mut World<'_>) {
    for it in open(contexts, world).into_iter().flat_map(BTreeMap::into_values) {
        let _ = it.remember(world.env);
    }
}

/// For each of these contexts that may not be used without a permission, why. Without a terminal one such context does not
/// stop the others.
///
/// # Errors
/// Fails if the settings or the kubeconfigs cannot be read.
pub(super) fn refused(
    contexts: &[String],
    allow: &AllowArgs,
    wording: Wording,
    world: &mut World<'_>,
) -> Result<BTreeMap<String, Error>, Error> {
    let mut refused = BTreeMap::new();
    for (context, unknown) in open(contexts, world)? {
        match Consent::new(allow, wording, world)?.demand(&unknown.risks, world.env) {
            Ok(()) => drop(unknown.remember(world.env)),
            Err(error) => {
                refused.insert(context, error);
            }
        }
    }
    Ok(refused)
}

/// Those of these contexts about which the user was not asked yet.
fn open(contexts: &[String], world: &mut World<'_>) -> Result<BTreeMap<String, Unknown>, Error> {
    let mut open = BTreeMap::new();
    let own = world.own_store();
    let Some(settings) = settings(own.precedence().paths.iter().map(PathBuf::as_path), world) else {
        return Ok(open);
    };
    let merged = world.load_own()?.merged;
    for context in contexts {
        if let Some(unknown) = unknown(context, &merged, &settings, world.env)? {
            open.insert(context.clone(), unknown);
        }
    }
    Ok(open)
}

/// The settings, if one of the user's own files may have been found by their patterns.
fn settings<'f>(own: impl Iterator<Item = &'f Path> + Clone, world: &World<'_>) -> Option<Rc<Settings>> {
    // With a single file there is no discovery.
    if world.globals.kubeconfig.is_some() || own.clone().count() < 2 {
        return None;
    }
    let settings = world.settings_or_default();
    own.into_iter().any(|file| is_found(file, &settings.discovery, world.env)).then_some(settings)
}

/// Decides whether a context may be used without asking the user.
#[derive(Clone, Debug)]
pub(super) struct Rules {
    settings: Settings,
    list: Precedence,
    /// The entries in this shell's overlay that need a permission.
    held: Vec<(Kind, String)>,
}

impl Rules {
    /// The rules in this shell.
    pub(super) fn of(world: &World<'_>) -> Rules {
        let held = world.session().active().map(|session| session.unapproved().entries);
        Rules {
            settings: (*world.settings_or_default()).clone(),
            list: world.precedence(None),
            held: held.unwrap_or_default(),
        }
    }

    /// Why a program of this context must not run: the context comes from a discovered file, or uses an entry that another
    /// program wrote into this shell's overlay, and the user has not permitted it.
    pub(super) fn refusal(&self, context: &str, merged: &Merged, env: &Env) -> Option<String> {
        self.discovered(context, merged, env).or_else(|| self.held(context, merged))
    }

    fn discovered(&self, context: &str, merged: &Merged, env: &Env) -> Option<String> {
        if merged.sources().len() < 2 {
            return None;
        }
        let unknown = unknown(context, merged, &self.settings, env);
        let unknown = match unknown {
            Ok(unknown) => unknown?,
            Err(error) => return Some(error.to_string()),
        };
        let consent = Consent::by_settings(self.settings.allowed.clone());
        let open = unknown.risks.iter().find(|risk| !consent.permits(risk, env))?;
        Some(format!(
            "{}, and what {} does is not permitted yet; `kcx use {}` asks",
            allow::would(open),
            path(&unknown.file),
            messages::shell_word(context)
        ))
    }

    fn held(&self, context: &str, merged: &Merged) -> Option<String> {
        if self.held.is_empty() {
            return None;
        }
        let entry = merged.find(Kind::Context, context)?;
        [Kind::Cluster, Kind::User].into_iter().find_map(|kind| {
            let name = merged.text(entry, kind.word()).ok()?;
            let file = merged.path(merged.find(kind, &name)?);
            (self.list.is_session_file(file) && self.held.contains(&(kind, name.clone()))).then(|| {
                format!(
                    "its {} {} was written by another program into {}, and is not permitted yet; `kcx import {}` asks",
                    kind.word(),
                    error::name(&name),
                    path(file),
                    messages::shell_word(&file.to_string_lossy())
                )
            })
        })
    }
}

/// Entries that the user was not asked about yet.
struct Unknown {
    file: PathBuf,
    risks: Vec<Risk>,
    /// A digest of the entries.
    digest: String,
}

impl Unknown {
    fn place(&self, env: &Env) -> Option<PathBuf> {
        Some(env.state.as_ref()?.join("permitted").join(&self.digest))
    }

    fn remember(&self, env: &Env) -> std::io::Result<()> {
        let place = self.place(env).ok_or(std::io::ErrorKind::NotFound)?;
        if let Some(folder) = place.parent() {
            file::create_private(folder)?;
        }
        file::write_private(&place, b"")
    }
}

/// The risks of a context that need a permission; empty if it is not from a discovered file, or was permitted as it is.
fn unknown(
    context: &str,
    merged: &Merged,
    settings: &Settings,
    env: &Env,
) -> Result<Option<Unknown>, ParseError> {
    let Some(entry) = merged.find(Kind::Context, context) else { return Ok(None) };
    let named = |kind: Kind| merged.text(entry, kind.word());
    let mut names = PerKind::default();
    names[Kind::Cluster] = named(Kind::Cluster)?;
    names[Kind::User] = named(Kind::User)?;
    names[Kind::Context] = context.to_owned();
    let entries: Vec<_> = names.iter().filter_map(|(kind, name)| merged.find(kind, name)).collect();
    let is_new = |source: &Source| is_found(&source.path, &settings.discovery, env);
    let found = entries.iter().find(|entry| is_new(&merged.sources()[entry.source]));
    let Some(found) = found.filter(|_| !merged.sources().iter().all(is_new)) else { return Ok(None) };
    let (new, old): (Vec<Source>, Vec<Source>) = merged.sources().iter().cloned().partition(is_new);
    let before = Merged::new(old);
    let mut views = Vec::new();
    for source in new.into_iter().filter(|source| entries.iter().any(|it| merged.path(*it) == source.path)) {
        views.push(View::of(&Merged::new(vec![source]))?);
    }
    let brought: Vec<Brought<'_>> = views.iter().map(Brought::all).collect();
    let (before, after) = (Index::of(&before), Index::of(merged).only(&names));
    let mut risks = Vec::new();
    for risk in risk::assess(&before, &after, &brought)? {
        if risk.what.permission().is_some() && !risk::is_known_pair(&before, &after, &risk)? {
            let file = merged.find(risk.kind, &risk.name).map(|entry| merged.path(entry).to_owned());
            let file = file.unwrap_or_default();
            let risk = risk.rebased(&|path| env.beside(&file, path));
            if !is_permitted_by_source(&risk, &file, settings, env) {
                risks.push(risk);
            }
        }
    }
    if risks.is_empty() {
        return Ok(None);
    }
    let mut hash = Sha256::new();
    hash.update(names.values().map(String::as_str).collect::<Vec<_>>().join("\0"));
    // An overlay has the same context with another namespace.
    for entry in entries.iter().filter(|entry| entry.kind != Kind::Context) {
        let entry = *entry;
        let body = serde_json::to_vec(merged.body(entry)?.as_ref()).unwrap_or_default();
        // The paths in an entry start at the folder of its file.
        let file = env.absolute(merged.path(entry));
        hash.update(format!("{}\0{}\0{}\0", entry.kind.word(), merged.name(entry), body.len()));
        hash.update(format!("{}\0", file.display()));
        hash.update(body);
    }
    let digest = hex(&hash.finalize()[..16]);
    let unknown = Unknown { file: merged.path(*found).to_owned(), risks, digest };
    let known = unknown.place(env).is_some_and(|place| place.is_file());
    Ok((!known).then_some(unknown))
}

/// True if the file follows a source whose settings permit this program.
fn is_permitted_by_source(risk: &Risk, file: &Path, settings: &Settings, env: &Env) -> bool {
    let file = env.absolute(file);
    let mut sources = settings.sources.iter().filter(|source| source::file(source, env) == file);
    sources.any(|source| {
        let permitted = ImportPermissions { exec: source.allow_exec.clone(), env: Vec::new() };
        risk.what.permission().is_some() && Consent::by_settings(permitted).permits(risk, env)
    })
}

fn is_found(file: &Path, patterns: &[String], env: &Env) -> bool {
    !file.as_os_str().is_empty() && discovery::would_find(patterns, &env.absolute(file), env)
}

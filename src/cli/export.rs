//! `kcx export`: prints contexts as a separate kubeconfig.

mod file_name;
mod service_account;

use super::error::{Cause, Error, name, path};
use super::globals::Output;
use super::select::{Pool, SelectFlags, Selector};
use super::{World, credential, locked, messages, select};
use crate::env::Env;
use crate::kubeconfig::view::ViewError;
use crate::kubeconfig::{Kind, Merged, View};
use crate::printer::{json, yaml};
use file_name::file_names;
use serde_json::Value;
use service_account::ServiceAccountArgs;
use std::path::{Path, PathBuf};

/// Print contexts as a separate kubeconfig, with their clusters and users
///
/// It contains only what these contexts need, including credentials. Its paths are absolute, so it can be moved to any
/// folder of this machine; with --flatten it contains certificates and keys instead of their paths, and can be used on
/// other machines. The namespaces are those in force in this shell. With --as-service-account it has a short-lived token
/// of that account instead of your credential, and can be used anywhere.
#[derive(clap::Args, Debug, Default)]
pub struct ExportArgs {
    /// The contexts, by name or pattern (`prod-*`); `'!x'` leaves x out [default: the current one]
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,

    /// Which contexts of these.
    #[command(flatten)]
    pub select: SelectFlags,

    /// All contexts
    #[arg(long, conflicts_with = "names")]
    pub all: bool,

    /// Write to this file instead of stdout; a new file is readable only by its owner
    #[arg(short = 'O', long, value_name = "FILE")]
    pub out: Option<PathBuf>,

    /// Write one file for each context into this folder
    #[arg(long, value_name = "DIR", conflicts_with = "out")]
    pub dir: Option<PathBuf>,

    /// Replace paths of certificates and keys by their contents
    #[arg(long)]
    pub flatten: bool,

    /// A token instead of the user's credential.
    #[command(flatten)]
    pub service_account: ServiceAccountArgs,
}

/// Prints or writes it.
///
/// # Errors
/// Exit code 3 for a context that does not exist or has dangling references; 4 for a file that exists already.
pub(super) fn run(args: &ExportArgs, world: &mut World<'_>) -> Result<(), Error> {
    if let Some(account) = &args.service_account.account {
        return service_account::run(account, args, world);
    }
    service_account::refuse_permissions(&args.service_account)?;
    let print = printer(world);
    let loaded = world.load()?;
    let (merged, settings) = (&loaded.merged, world.settings_or_default());
    let (pool, selector) =
        (Pool::entries(Kind::Context, merged), Selector::of(&args.names, &args.select, &settings));
    let contexts = if !args.all && !selector.is_given() {
        vec![select::current(merged, "`kcx export NAME` exports that one")?]
    } else if pool.is_empty() && args.names.is_empty() {
        return Err(nothing(world));
    } else {
        selector.names(&pool)?
    };
    let all = View::of(merged)?;
    if let Some(folder) = &args.dir {
        let views = each(&all, &contexts, args.flatten, world.env)?;
        into_folder(folder, &contexts, &views, print, merged, world)?;
        credential::leaves(&views, world);
        return Ok(());
    }
    let view = own(&all, &contexts, args.flatten, world.env)?;
    let value = view.to_value();
    credential::leaves([&view], world);
    let Some(file) = &args.out else {
        let output = world.globals.output.unwrap_or(Output::Yaml);
        let printed = match world.env.stdout_is_terminal {
            true => world.print_value(output, &value),
            false => world.print(&print(&value)),
        };
        return Ok(printed?);
    };
    let text = print(&value);
    let count = contexts.len();
    let what =
        if count == 1 { format!("context {}", name(&contexts[0])) } else { format!("{count} contexts") };
    let new = write(&[(file.to_owned(), text)], merged, world)? == 1;
    let file = path(file);
    world.done(&if new {
        format!("exported {what} to {file}")
    } else {
        format!("{file} already contains {what}")
    });
    Ok(())
}

/// The output format of a command that prints or writes kubeconfigs.
///
/// # Errors
/// Exit code 2 for a format that is not one of a kubeconfig.
pub(super) fn printer(world: &World<'_>) -> fn(&Value) -> String {
    if world.globals.output == Some(Output::Json) { json::print } else { yaml::print }
}

/// The error if there are no contexts to export.
pub(super) fn nothing(world: &World<'_>) -> Error {
    world.no_contexts()
}

/// A kubeconfig for each of these contexts.
///
/// # Errors
/// As [`own`].
pub(super) fn each(all: &View, contexts: &[String], flatten: bool, env: &Env) -> Result<Vec<View>, Error> {
    contexts.iter().map(|context| own(all, &[context], flatten, env)).collect()
}

/// Writes a file for each of these contexts into a folder, and says how many.
///
/// # Errors
/// Exit code 4 for a file that exists with other content; no file is written then.
pub(super) fn into_folder(
    folder: &Path,
    contexts: &[String],
    views: &[View],
    print: fn(&Value) -> String,
    merged: &Merged,
    world: &mut World<'_>,
) -> Result<(), Error> {
    let files: Vec<(PathBuf, String)> = views
        .iter()
        .zip(file_names(contexts))
        .map(|(view, file)| (folder.join(file), print(&view.to_value())))
        .collect();
    let written = write(&files, merged, world)?;
    let (count, folder) = (contexts.len(), path(folder));
    let files = if count == 1 { "1 file".to_owned() } else { format!("{count} files") };
    world.done(&match written {
        0 if count == 1 => format!("{files} in {folder} is up to date"),
        0 => format!("{files} in {folder} are up to date"),
        written if written == count => format!("wrote {files} into {folder}"),
        written => format!("wrote {written} of {files} into {folder}; the others are up to date"),
    });
    Ok(())
}

/// These contexts as a kubeconfig that works in any folder.
///
/// # Errors
/// A context has a dangling reference, or a file cannot be read.
pub(super) fn own<N: AsRef<str>>(
    all: &View,
    contexts: &[N],
    flatten: bool,
    env: &Env,
) -> Result<View, Error> {
    let mut view = all.only(contexts).map_err(|error| incomplete(error, contexts))?;
    if flatten {
        view = embedded(view, contexts, env)?;
    }
    Ok(view.rebase(&|path, origin| env.beside(origin, path)))
}

/// The view with the contents of its certificate files.
fn embedded<N: AsRef<str>>(view: View, contexts: &[N], env: &Env) -> Result<View, Error> {
    let read = |path: &str, origin: &Path| {
        let file = env.beside(origin, path);
        let bytes = crate::file::read(&file, 1 << 24).map(|(bytes, _)| bytes);
        (file, bytes)
    };
    view.flatten(&read).map_err(|error| incomplete(error, contexts))
}

fn incomplete<N: AsRef<str>>(error: ViewError, contexts: &[N]) -> Error {
    let whose = match contexts {
        [one] => format!("context {}", name(one.as_ref())),
        _ => "one of the contexts".to_owned(),
    };
    match error {
        ViewError::Missing(kind, missing) => {
            let what = format!("{whose} names {} {}, which does not exist", kind.word(), name(&missing));
            Error::new(Cause::NotFound, format!("{what}; nothing was exported"))
        }
        ViewError::Read(file, error) => Error::new(
            Cause::Failed,
            format!("cannot read {}: {}; nothing was exported", path(&file), messages::io_error(&error)),
        )
        .hint("without `--flatten` its path is exported"),
        ViewError::Parse(error) => error.into(),
        ViewError::Both | ViewError::NoContext => {
            Error::new(Cause::Failed, format!("{whose} cannot be exported: {error}"))
        }
    }
}

/// Writes files, all or none, as one change. Returns the number of those that did not have this content already.
fn write(files: &[(PathBuf, String)], merged: &Merged, world: &mut World<'_>) -> Result<usize, Error> {
    let mut targets = Vec::new();
    for (file, text) in files {
        targets.push((target(file, merged, world.env)?, text.as_bytes().to_vec()));
    }
    locked::refuse_own(targets.iter().map(|(target, _)| target.as_path()), "nothing was written", world)?;
    let (yes, locked) = (world.globals.yes, locked::replaces_nothing(world));
    let shown = |target: &Path| {
        let at = targets.iter().position(|(path, _)| path == target);
        path(at.map_or(target, |at| files[at].0.as_path()))
    };
    let may_replace = |target: &Path, _: &[u8]| match &locked {
        Some(locked) => Err(locked.clone()),
        None if yes => Ok(()),
        None => Err(exists(&shown(target))),
    };
    let written = world.put_all(&targets, may_replace)?;
    #[cfg(unix)]
    for (target, (file, _)) in targets.iter().map(|(target, _)| target).zip(files) {
        use std::os::unix::fs::MetadataExt;
        if std::fs::metadata(target).is_ok_and(|metadata| metadata.mode() & 0o077 != 0) {
            world.warn(&format!("other users can read {}, which contains credentials", path(file)));
            world.hint(&format!("`chmod 600 {}`", messages::path(file)));
        }
    }
    Ok(written.len())
}

/// Writes a kubeconfig as YAML, whatever the output format is.
///
/// # Errors
/// Exit code 4 for a file that exists with other content.
fn write_yaml(file: &Path, value: &Value, merged: &Merged, world: &mut World<'_>) -> Result<(), Error> {
    write(&[(file.to_owned(), yaml::print(value))], merged, world).map(drop)
}

/// The absolute path of a file to write.
///
/// # Errors
/// Exit code 4 for a kubeconfig that is exported.
fn target(file: &Path, merged: &Merged, env: &Env) -> Result<PathBuf, Error> {
    let real = |path: &Path| std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let target = env.absolute(file);
    let mut sources = merged.sources().iter().filter(|source| source.document.is_some());
    if sources.any(|source| real(&env.absolute(&source.path)) == real(&target)) {
        let message =
            format!("{} is one of the kubeconfigs that are exported; nothing was written", path(file));
        return Err(Error::new(Cause::Conflict, message).hint("name another file"));
    }
    Ok(target)
}

/// The error for a file that exists; `file` is as messages show it.
fn exists(file: &str) -> Error {
    let message = format!("{file} already exists with other content; nothing was written");
    Error::new(Cause::Conflict, message).hint("`-y` replaces it")
}

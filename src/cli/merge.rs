//! `kcx merge`: merges several kubeconfigs into one.

mod load;
mod report;
mod trust;

use super::allow::{AllowArgs, Consent, Wording};
use super::error::{Cause, Error, path};
use super::globals::Output;
use super::import::source::Failed;
use super::import::{OnConflict, embed};
use super::{World, credential, locked, messages, stdin};
use crate::env::Env;
use crate::kubeconfig::import::Policy;
use crate::kubeconfig::merge::{MergeError, MergeResult, merge};
use crate::kubeconfig::risk::Risk;
use crate::kubeconfig::{Document, Kind, Merged, Source, View};
use crate::printer::{json, yaml};
use report::Report;
use std::path::{Path, PathBuf};

/// Merge several kubeconfigs into one
///
/// Without --on-conflict, the rules are kubectl's for a list of files: of two entries with the same name, the first is
/// used. The result is the text of the first file, with the missing entries of the others added. Relative paths are
/// rewritten for the folder of the result. If the result is a kubeconfig in use, kcx shows what the added entries could
/// do, and you must permit it, as with `kcx import`.
#[derive(clap::Args, Debug, Default)]
pub struct MergeArgs {
    /// The kubeconfigs, also in base64, Secrets and ConfigMaps; earlier files take precedence; `-` is stdin
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,

    /// Write the result to this file instead of stdout; it may be one of FILE
    #[arg(short = 'O', long, value_name = "OUT")]
    pub out: Option<PathBuf>,

    /// Replace paths of certificates and keys by their contents
    #[arg(long)]
    pub flatten: bool,

    /// Permissions
    #[command(flatten)]
    pub allow: AllowArgs,

    /// Add this text before every name in the files, except in OUT
    #[arg(long, value_name = "TEXT", conflicts_with = "template", help_heading = "Names")]
    pub prefix: Option<String>,

    /// Add this text after every name in the files, except in OUT
    #[arg(long, value_name = "TEXT", conflicts_with = "template", help_heading = "Names")]
    pub suffix: Option<String>,

    /// Build names as `kcx import --template` does, except in OUT: {file}, {context}, {cluster}, {user}, {namespace}
    #[arg(long, value_name = "TEXT", help_heading = "Names")]
    pub template: Option<String>,

    /// If a file cannot be read, merge the others and exit with 1
    #[arg(long)]
    pub keep_going: bool,

    /// How to resolve a conflict with a different entry of the same name, instead of kubectl's rule: fail, skip, overwrite,
    /// rename or update
    #[arg(long, value_name = "POLICY", hide_possible_values = true)]
    pub on_conflict: Option<OnConflict>,
}

const WORDING: Wording = Wording { question: "Write this anyway?", undone: "nothing was written" };

/// Prints or writes it.
///
/// # Errors
/// A file that cannot be read; exit code 4 for names that are taken, or a file that is there already.
pub(super) fn run(args: &MergeArgs, world: &mut World<'_>) -> Result<(), Error> {
    stdin::once(args.files.iter().map(PathBuf::as_path))?;
    let (sources, failed) = load::load(args, world)?;
    let first = sources.first().map(|source| source.path.clone()).unwrap_or_default();
    let before = args.out.as_deref().and_then(|out| {
        let out = real(out, world.env);
        let source = sources.iter().find(|source| real(&source.path, world.env) == out);
        Some(source?.document.as_ref()?.render())
    });
    let is_blank = |document: &Document| document.text().trim().is_empty();
    let blank = sources.first().and_then(|it| it.document.as_ref()).is_some_and(is_blank);
    let foreign = match &args.out {
        // Otherwise the existing file stays.
        Some(out) if before.is_some() || world.globals.yes || !real(out, world.env).exists() => {
            trust::Foreign::new(&sources, out, world)?
        }
        _ => None,
    };
    let union = union(sources, args, world.env)?;
    let report = |changed: bool, refused: bool, world: &mut World<'_>| match &args.out {
        Some(out) => Report { out, plan: &union.plan, failed: &failed, changed, refused }.print(world),
        None => Ok(()),
    };
    if union.plan.conflicts().next().is_some() {
        report(false, false, world)?;
        return Err(super::import::conflict(&union.plan, &first, &world.env.cwd, "nothing was merged"));
    }
    report::hidden(&union.plan, &first, world);
    credential::merged(&union.document, world);
    let text = match &args.out {
        // Then `-o` is the format of the report.
        Some(_) => text(&union.document, blank, None)?,
        None => text(&union.document, blank, world.globals.output)?,
    };
    let Some(out) = &args.out else {
        let text = text.as_deref().unwrap_or(union.document.text());
        match world.globals.output {
            Some(Output::Json) if world.env.stdout_is_terminal => world.print(&json::escaped(text))?,
            _ => world.print_lines(text)?,
        }
        return ended(&failed);
    };
    if let Some(foreign) = foreign {
        let prepare = |view: View, here: &Path| prepare(view, here, args, world.env);
        let risks = foreign.risks(&union, args.on_conflict.is_some(), world.env, prepare)?;
        let beside = |path: &str| world.env.beside(out, path);
        let risks: Vec<Risk> = risks.into_iter().map(|risk| risk.rebased(&beside)).collect();
        if let Err(error) = Consent::new(&args.allow, WORDING, world)?.ask(&risks, world) {
            report(false, true, world)?;
            return Err(error);
        }
    }
    let bytes = text.map_or_else(|| union.document.render(), String::into_bytes);
    let new = write(out, &bytes, &before, world)?;
    report(new, false, world)?;
    let merged = Merged::new(vec![Source { path: out.clone(), document: Some(union.document) }]);
    let contexts = match merged.names(Kind::Context).len() {
        1 => "1 context".to_owned(),
        count => format!("{count} contexts"),
    };
    let out = path(out);
    world.done(&if new {
        let files = load::count(&args.files, failed.len());
        format!("merged {files} into {out} ({contexts})")
    } else {
        format!("{out} already has all {contexts}; nothing to do")
    });
    ended(&failed)
}

/// Fails if files could not be read, which was reported before.
fn ended(failed: &[Failed]) -> Result<(), Error> {
    if failed.is_empty() { Ok(()) } else { Err(Error::silent(1)) }
}

fn union(sources: Vec<Source>, args: &MergeArgs, env: &Env) -> Result<MergeResult, Error> {
    // Relative paths in printed output start at the folder of the first file.
    let first = sources.first().map(|source| source.path.clone()).unwrap_or_default();
    let here = args.out.clone().unwrap_or_else(|| first.clone());
    let policy = args.on_conflict.map(Policy::from);
    let prepare = |view: View| prepare(view, &here, args, env).map_err(PrepareError::Other);
    merge(sources, policy, prepare).map_err(|error: PrepareError| match error {
        PrepareError::Other(error) => error,
        PrepareError::Merge(MergeError::Parse(error)) => error.into(),
        PrepareError::Merge(MergeError::Refused(refusal)) => {
            let what = format!("cannot edit {} safely, and nothing was merged: {refusal}", path(&first));
            Error { details: messages::excerpt(refusal.place.as_deref()), ..Error::new(Cause::Failed, what) }
        }
    })
}

/// The entries of one file as they appear in the result, which is written to `here`.
fn prepare(view: View, here: &Path, args: &MergeArgs, env: &Env) -> Result<View, Error> {
    let folder = |file: &Path| env.absolute(file).parent().map(Path::to_owned);
    let here = folder(here);
    let view = if args.flatten { embed(view, "--flatten", env)? } else { view };
    Ok(view.rebase(&|file, origin| match folder(origin) == here {
        true => PathBuf::from(file),
        false => env.beside(origin, file),
    }))
}

enum PrepareError {
    Other(Error),
    Merge(MergeError),
}

impl From<MergeError> for PrepareError {
    fn from(error: MergeError) -> PrepareError {
        PrepareError::Merge(error)
    }
}

impl From<Error> for PrepareError {
    fn from(error: Error) -> PrepareError {
        PrepareError::Other(error)
    }
}

/// The merged kubeconfig in another format, if one is requested or if there is no text to preserve.
fn text(document: &Document, blank: bool, output: Option<Output>) -> Result<Option<String>, Error> {
    let view = || -> Result<View, Error> {
        let source = Source { path: PathBuf::new(), document: Some(document.clone()) };
        Ok(View::of(&Merged::new(vec![source]))?)
    };
    Ok(match output {
        Some(Output::Json) => Some(json::print(&view()?.to_value())),
        None if !blank => None,
        _ => Some(yaml::print(&view()?.to_value())),
    })
}

/// The file itself, with symbolic links resolved.
fn real(file: &Path, env: &Env) -> PathBuf {
    let file = env.absolute(file);
    std::fs::canonicalize(&file).unwrap_or(file)
}

/// Writes the file; false if it had this content already. If it is one of the merged files, it must be unchanged since it
/// was read.
fn write(out: &Path, bytes: &[u8], before: &Option<Vec<u8>>, world: &mut World<'_>) -> Result<bool, Error> {
    locked::refuse_own([out], "nothing was written", world)?;
    let (yes, locked) = (world.globals.yes, locked::replaces_nothing(world));
    let may_replace = |old: &[u8]| match before {
        _ if locked.is_some() => locked.map_or(Ok(()), Err),
        Some(before) if old == before => Ok(()),
        Some(_) => {
            let message = format!("{} was changed in the meantime; nothing was written", path(out));
            Err(Error::new(Cause::Conflict, message).hint("try again"))
        }
        None if yes => Ok(()),
        None => {
            let message = format!("{} already exists with other content; it was not changed", path(out));
            Err(Error::new(Cause::Conflict, message).hint("`-y` replaces it"))
        }
    };
    world.put(&world.env.absolute(out), bytes, may_replace)
}

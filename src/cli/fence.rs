//! The flags by which `kcx shell` and `kcx exec` limit what a program can do in the cluster.

use super::error::{Cause, Error, name, path};
use super::{World, locked, messages};
use crate::cluster::fence::{Fence, Hidden, UnknownVerb, Verbs};
use crate::cluster::{Audit, Bounds};
use crate::file;
use crate::kubeconfig::is_namespace;
use crate::session::Selection;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The longest line of an audit, in bytes.
const LINE: u64 = 64 << 10;
/// The heading of the flags that limit reading: `kcx help limits` explains them together.
pub(super) const LIMITS: &str = "Limits";

/// What a program may do.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct FenceArgs {
    /// Allow only reads: a proxy takes the place of the credential. Prevents accidents, not attacks: a program can still
    /// open your files
    #[arg(long, conflicts_with_all = ["single_file", "embed"])]
    pub read_only: bool,

    /// Refuse Secrets and tokens, and leave them out of all answers
    #[arg(long, help_heading = LIMITS, conflicts_with_all = ["single_file", "embed"])]
    pub no_secrets: bool,

    /// The same for these kinds: `configmaps`, `certificates.cert-manager.io`
    #[arg(long, help_heading = LIMITS, value_name = "KIND", value_delimiter = ',', conflicts_with_all = ["single_file", "embed"])]
    pub hide: Vec<String>,

    /// Refuse what is in no namespace or in another one, and leave it out of all answers
    #[arg(long, help_heading = LIMITS, value_name = "NS", value_delimiter = ',', conflicts_with_all = ["single_file", "embed"])]
    pub namespaces: Vec<String>,

    /// Allow only these verbs: get, list, watch, logs, dry-run, review
    #[arg(long, help_heading = LIMITS, value_name = "VERB", value_delimiter = ',', conflicts_with_all = ["single_file", "embed"])]
    pub verbs: Vec<String>,

    /// Append a line of JSON for each request to FILE
    #[arg(long, help_heading = LIMITS, value_name = "FILE", conflicts_with_all = ["single_file", "embed"])]
    pub audit: Option<PathBuf>,
}

impl FenceArgs {
    /// True if programs get a proxy.
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        self.read_only
            || self.no_secrets
            || !self.hide.is_empty()
            || !self.namespaces.is_empty()
            || !self.verbs.is_empty()
            || self.audit.is_some()
    }

    /// What the proxies let through. `wanted` is the namespace that was asked for by a flag.
    ///
    /// # Errors
    /// Exit code 2 for a value that makes no sense.
    pub(super) fn fence(&self, wanted: Option<&str>, undone: &str) -> Result<Fence, Error> {
        let wrong = |message: String| Error::new(Cause::Usage, format!("{message}; {undone}"));
        let hidden = Hidden::of(self.no_secrets, &self.hide)
            .map_err(|(text, why)| wrong(format!("`--hide`: {} cannot be hidden: {why}", name(text))))?;
        if let Some(odd) = self.namespaces.iter().find(|it| !is_namespace(it)) {
            return Err(wrong(format!("`--namespaces`: {} is not a valid name of a namespace", name(odd))));
        }
        let verbs = Verbs::of(&self.verbs).map_err(|(word, why)| {
            let known = Verbs::names().collect::<Vec<_>>().join(", ");
            let error = wrong(format!("`--verbs`: {} cannot be allowed: {why}", name(word)));
            error.hint(match why {
                UnknownVerb::Never => {
                    format!("behind the proxy only reads pass: {known}; without it, `--locked` alone")
                }
                UnknownVerb::NoSuch => format!("the verbs are {known}"),
            })
        })?;
        let fence = Fence {
            hidden,
            namespaces: (!self.namespaces.is_empty()).then(|| self.namespaces.clone().into()),
            verbs: (!self.verbs.is_empty()).then_some(verbs),
        };
        match wanted.filter(|wanted| !fence.has_namespace(wanted)) {
            None => Ok(fence),
            Some(wanted) => {
                let list = self.namespaces.join(",");
                Err(wrong(format!("namespace {} is not one of `--namespaces {list}`", name(wanted))))
            }
        }
    }

    /// Says that the namespace in which a run begins is no limit, if it could be taken for one.
    pub(super) fn explain_namespace(&self, wanted: Option<&str>, world: &mut World<'_>) {
        if let Some(wanted) = wanted.filter(|_| self.is_read_only() && self.namespaces.is_empty()) {
            world.warn(&format!(
                "`--namespace` is where it starts, and no limit; `--namespaces {}` is one",
                messages::shell_word(wanted)
            ));
        }
    }

    /// As [`FenceArgs::fence`], with the audit file, which is opened for the whole command.
    ///
    /// # Errors
    /// As [`FenceArgs::fence`]; exit code 1 if the file cannot be opened.
    pub(super) fn bounds(
        &self,
        wanted: Option<&str>,
        undone: &str,
        world: &World<'_>,
    ) -> Result<Bounds, Error> {
        let fence = self.fence(wanted, undone)?;
        let audit = self.audit.as_ref().map(|file| {
            demand_own_file(file, undone, world)?;
            let opened = file::open_to_append(&world.env.absolute(file)).map_err(|error| {
                let why = messages::io_error(&error);
                let message = format!("the audit file {} cannot be opened: {why}; {undone}", path(file));
                Error::new(Cause::Failed, message).hint("`--audit FILE` appends to a regular file of yours")
            });
            opened.map(|file| Arc::new(Audit::new(file)))
        });
        Ok(Bounds { fence, audit: audit.transpose()? })
    }
}

/// Fails for an audit file that has other content, and for one that is a kubeconfig.
fn demand_own_file(file: &Path, undone: &str, world: &World<'_>) -> Result<(), Error> {
    let target = world.env.absolute(file);
    let wrong = |why: &str| {
        let message = format!("the audit file {} {why}; {undone}", path(file));
        Error::new(Cause::Failed, message).hint("`--audit FILE` appends to a file that has nothing else")
    };
    let (store, own) = (world.store(), world.own_store());
    let mut known = store.precedence().paths.iter().chain(&own.precedence().paths);
    if known.any(|known| locked::is_same(known, &target, world.env)) {
        return Err(wrong("is one of your kubeconfigs"));
    }
    locked::refuse_own([target.as_path()], undone, world)?;
    match file::last_line(&target, LINE) {
        Ok(line) if !line.is_empty() && !Audit::has_written(&line) => {
            Err(wrong("has other content: its last line is not that of an audit"))
        }
        // What cannot be read is explained when it is opened.
        _ => Ok(()),
    }
}

/// Moves a run into the first of the namespaces that it may read, unless it is in one.
pub(super) fn settle(selection: &mut Selection, fence: &Fence) {
    let current = Some(selection.namespace()).filter(|it| !it.is_empty()).unwrap_or("default");
    if !fence.has_namespace(current)
        && let Some(first) = fence.namespaces.as_ref().and_then(|names| names.first())
    {
        selection.set_namespace(first);
    }
}

//! The environment of one run: a session without secrets, and the variables that make programs use it.

use super::super::child::Processes;
use super::super::cluster_query::ClusterAccess;
use super::super::error::{Cause, Error};
use super::super::single_file::{self, SingleFiles};
use super::super::{World, child, fence, scope};
use super::ExecArgs;
use super::variables::{self, Kubeconfig};
use crate::cluster::{Bounds, ReadOnly, RequestLog};
use crate::kubeconfig::{Kind, Merged};
use crate::session::history::History;
use crate::session::{Selection, Session, hook};
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::process::Command;

/// The data that all runs share.
pub(super) struct SharedRunEnv<'r> {
    pub(super) args: &'r ExecArgs,
    pub(super) merged: &'r Merged,
    /// Makes the files, if each run gets a single one.
    pub(super) single: Option<SingleFiles<'r>>,
    pub(super) files: Vec<PathBuf>,
    pub(super) history: History,
    /// The contexts that lack a permission, with the reason.
    pub(super) refused: BTreeMap<String, Error>,
    /// Queries clusters, if there is a proxy.
    pub(super) access: ClusterAccess<'r>,
    /// What the proxies let through.
    pub(super) bounds: Bounds,
    /// The names of all variables in the environment.
    pub(super) variables: Vec<OsString>,
    /// What is started: the first word of the command.
    pub(super) program: OsString,
}

/// A context that can be run in.
pub(super) struct Ready {
    pub(super) selection: Selection,
    pub(super) proxy: Option<ReadOnly>,
}

/// The resources of a run while it lasts.
pub(super) struct RunEnv {
    session: Session,
    /// The proxy between the run and its cluster.
    proxy: Option<ReadOnly>,
}

impl SharedRunEnv<'_> {
    /// The context of a run, with the namespace to use.
    pub(super) fn selection(&self, context: &str) -> Result<Selection, Error> {
        if let Some(error) = self.refused.get(context) {
            return Err(error.clone());
        }
        let Some(entry) = self.merged.find(Kind::Context, context) else {
            return Err(Error::not_found(self.merged, Kind::Context, context));
        };
        let mut selection = Selection::new(context, Some(self.merged.body(entry)?.into_owned()), None);
        // The current context keeps its namespace; another one gets the namespace that was last used in it.
        let last = || match context == self.merged.current_context() {
            true => None,
            false => self.history.last_namespace(context, selection.namespace()),
        };
        if let Some(namespace) = self.args.namespace.clone().or_else(last) {
            selection.set_namespace(&namespace);
        }
        fence::settle(&mut selection, &self.bounds.fence);
        for (what, text) in [("name", selection.context.as_str()), ("namespace", selection.namespace())] {
            if text.contains('\0') {
                let message = format!(
                    "its {what} contains a NUL character, which an environment variable cannot contain"
                );
                return Err(Error::new(Cause::Failed, message));
            }
        }
        Ok(selection)
    }

    /// Creates a session for a run, and the command that runs in it.
    pub(super) fn begin(
        &self,
        ready: Ready,
        world: &mut World<'_>,
    ) -> Result<(Selection, RunEnv, Command), Error> {
        let Ready { selection, proxy } = ready;
        let own = scope::own_body(self.merged, &selection.context, world.store().precedence())?;
        let session = child::begin(&selection, own.as_ref(), &self.files, "the context of a run", world)?;
        let run_env = RunEnv { session, proxy };
        match self.kubeconfig(&selection, &run_env, world) {
            Ok((kind, kubeconfig)) => {
                let command = self.command(&selection, kind, &kubeconfig, &run_env);
                Ok((selection, run_env, command))
            }
            Err(error) => {
                let _ = run_env.session.remove();
                Err(error)
            }
        }
    }

    /// Writes the file of a run that does not get the list.
    fn kubeconfig(
        &self,
        selection: &Selection,
        run_env: &RunEnv,
        world: &mut World<'_>,
    ) -> Result<(Kubeconfig, OsString), Error> {
        let session = &run_env.session;
        if let Some(proxy) = &run_env.proxy {
            let text = single_file::proxied(selection, proxy);
            return Ok((
                Kubeconfig::Proxied,
                single_file::put(session, &session.locked_file(), &text)?.into(),
            ));
        }
        let Some(single) = &self.single else {
            return Ok((Kubeconfig::List, hook::list(session, &self.files)));
        };
        let file = single.put(selection, session, self.args.single.locked, world)?;
        Ok((if self.args.single.locked { Kubeconfig::Locked } else { Kubeconfig::Single }, file.into()))
    }

    #[expect(clippy::disallowed_methods, reason = "the command is the user's own")]
    fn command(
        &self,
        selection: &Selection,
        kind: Kubeconfig,
        kubeconfig: &OsStr,
        run_env: &RunEnv,
    ) -> Command {
        let mut command = Command::new(&self.program);
        command.args(self.args.command.iter().skip(1));
        variables::lead(&mut command, kind, kubeconfig, &selection.context, &self.variables);
        match kind {
            Kubeconfig::List | Kubeconfig::Single => command.env("KCX_SESSION", run_env.session.folder()),
            Kubeconfig::Locked | Kubeconfig::Proxied => command.env_remove("KCX_SESSION"),
        };
        if matches!(kind, Kubeconfig::Locked | Kubeconfig::Proxied) {
            let reads_only = kind == Kubeconfig::Proxied;
            variables::mark_locked(&mut command, &selection.context, kubeconfig, reads_only);
        }
        // kubectl keys its discovery cache by host and port, and another proxy may soon get this port.
        if kind == Kubeconfig::Proxied {
            command.env("KUBECACHEDIR", run_env.session.folder().join("kube-cache"));
        }
        match selection.namespace() {
            "" => command.env_remove("HELM_NAMESPACE"),
            namespace => command.env("HELM_NAMESPACE", namespace),
        };
        command
    }
}

impl RunEnv {
    /// What the read-only proxy of this run refused, if there is a proxy.
    pub(super) fn log(&self) -> Option<RequestLog> {
        self.proxy.as_ref().map(ReadOnly::log)
    }

    /// Ends the run: moves entries that it wrote to the user's own files, and removes the session. `others` are the
    /// processes of the runs that go on.
    pub(super) fn end(self, others: &[u32], world: &mut World<'_>) {
        if self.proxy.is_none() {
            single_file::absorb_locked(&self.session, world);
        }
        child::end(&self.session, Processes::ChildrenBut(others), world);
    }
}

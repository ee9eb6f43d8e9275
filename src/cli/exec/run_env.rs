//! The environment of one run: a session without secrets, and the variables that make programs use it.

use super::super::child::Processes;
use super::super::cluster_query::ClusterAccess;
use super::super::error::{Cause, Error, name, path};
use super::super::{World, child, export, messages, scope};
use super::ExecArgs;
use super::variables::{self, Kubeconfig};
use crate::cluster::{ReadOnly, RequestLog};
use crate::codec::base64;
use crate::file;
use crate::kubeconfig::schema::key;
use crate::kubeconfig::{Kind, Merged, View};
use crate::printer::yaml;
use crate::session::history::History;
use crate::session::{Selection, Session, hook};
use secrecy::ExposeSecret;
use serde_json::json;
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::process::Command;

/// The data that all runs share.
pub(super) struct SharedRunEnv<'r> {
    pub(super) args: &'r ExecArgs,
    pub(super) merged: &'r Merged,
    /// The complete kubeconfig, if each run gets a single file.
    pub(super) all: Option<View>,
    pub(super) files: Vec<PathBuf>,
    pub(super) history: History,
    /// The contexts that lack a permission, with the reason.
    pub(super) refused: BTreeMap<String, Error>,
    /// Queries clusters, if there is a proxy.
    pub(super) access: ClusterAccess<'r>,
    /// The names of all variables in the environment.
    pub(super) variables: Vec<OsString>,
}

/// A context that can be run in.
pub(super) struct Ready {
    pub(super) selection: Selection,
    pub(super) proxy: Option<ReadOnly>,
}

/// The resources of a run while it lasts.
pub(super) struct RunEnv {
    session: Session,
    /// The single file for a program that reads no list, and its original content.
    single: Option<(PathBuf, String)>,
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
        world: &World<'_>,
    ) -> Result<(Selection, RunEnv, Command), Error> {
        let Ready { selection, proxy } = ready;
        let own = scope::own_body(self.merged, &selection.context, world.store().precedence())?;
        let session = child::begin(&selection, own.as_ref(), &self.files, "the context of a run", world)?;
        let mut run_env = RunEnv { session, single: None, proxy };
        let kubeconfig = match (&run_env.proxy, &self.all) {
            (Some(proxy), _) => guarded(&selection, proxy, &run_env.session),
            (None, None) => Ok(hook::list(&run_env.session, &self.files)),
            (None, Some(all)) => self.alone(&selection, all, &mut run_env, world),
        };
        match kubeconfig {
            Ok(kubeconfig) => {
                let command = self.command(&selection, &kubeconfig, &run_env);
                Ok((selection, run_env, command))
            }
            Err(error) => {
                let _ = run_env.session.remove();
                Err(error)
            }
        }
    }

    /// Writes a file with only this context.
    fn alone(
        &self,
        selection: &Selection,
        all: &View,
        run_env: &mut RunEnv,
        world: &World<'_>,
    ) -> Result<OsString, Error> {
        let mut view = export::own(all, &[&selection.context], false, world.env)?;
        if let (Some(shown), Some(body)) =
            (view.lists[Kind::Context].get_mut(&selection.context), &selection.body)
        {
            shown.body.clone_from(body);
        }
        let text = yaml::print(&view.to_value());
        let file = put(&run_env.session, &text)?;
        run_env.single = Some((file.clone(), text));
        Ok(file.into())
    }

    #[expect(clippy::disallowed_methods, reason = "the command is the user's own")]
    fn command(&self, selection: &Selection, kubeconfig: &OsStr, run_env: &RunEnv) -> Command {
        let (program, rest) = self
            .args
            .command
            .split_first()
            .map_or(("", [].as_slice()), |(program, rest)| (program.as_str(), rest));
        let mut command = Command::new(program);
        command.args(rest);
        let kind = match (&run_env.single, &run_env.proxy) {
            (_, Some(_)) => Kubeconfig::Proxied,
            (Some(_), None) => Kubeconfig::Single,
            (None, None) => Kubeconfig::List,
        };
        variables::lead(&mut command, kind, kubeconfig, &selection.context, &self.variables);
        match kind {
            Kubeconfig::List => command.env("KCX_SESSION", run_env.session.folder()),
            Kubeconfig::Single | Kubeconfig::Proxied => command.env_remove("KCX_SESSION"),
        };
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

    /// The command cannot be started.
    pub(super) fn not_started(&self, error: &std::io::Error) -> Error {
        let program = name(self.args.command.first().map_or("", String::as_str));
        Error::new(Cause::Failed, format!("cannot start {program}: {}", messages::io_error(error)))
    }
}

/// Writes a file for the proxy, which passes only reads and keeps the credential.
fn guarded(selection: &Selection, proxy: &ReadOnly, session: &Session) -> Result<OsString, Error> {
    let named = |field: &str| selection.body.as_ref().and_then(|body| body.get(field)).cloned();
    let (cluster, user) = (named("cluster").unwrap_or_default(), named("user").unwrap_or_default());
    let ca = base64::encode(proxy.certificate());
    let mut context = json!({"cluster": cluster, "user": user});
    if !selection.namespace().is_empty() {
        context["namespace"] = selection.namespace().into();
    }
    let text = yaml::print(&json!({
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{
            "name": cluster,
            "cluster": {"server": proxy.server(), (key::CERTIFICATE_AUTHORITY_DATA): ca},
        }],
        "users": [{"name": user, "user": {"token": proxy.token().expose_secret()}}],
        "contexts": [{"name": selection.context, "context": context}],
        "current-context": selection.context,
    }));
    put(session, &text).map(Into::into)
}

impl RunEnv {
    /// What the read-only proxy of this run refused, if there is a proxy.
    pub(super) fn log(&self) -> Option<RequestLog> {
        self.proxy.as_ref().map(ReadOnly::log)
    }

    /// Ends the run: moves entries that it wrote to the user's own files, and removes the session. `others` are the
    /// processes of the runs that go on.
    pub(super) fn end(self, others: &[u32], world: &mut World<'_>) {
        if let Some((file, text)) = &self.single {
            // Changes of the single file belong to no other file, so a copy is saved.
            let kept = match file::read(file, file::limits::KUBECONFIG) {
                Ok((now, _)) if now == text.as_bytes() => Ok(None),
                Ok((now, _)) => keep(&now, &self.session, world).map(Some),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
                Err(error) => Err(error),
            };
            match kept {
                Ok(None) => {}
                Ok(Some(kept)) => world.warn(&format!(
                    "the command changed only its copy of the kubeconfig, now in {}",
                    path(&kept)
                )),
                Err(error) => world.warn(&format!(
                    "the command changed its copy of the kubeconfig, which could not be kept: {}",
                    messages::io_error(&error)
                )),
            }
        }
        child::end(&self.session, Processes::ChildrenBut(others), world);
    }
}

/// Writes the single file of a run, readable by its owner only; it is removed with the session.
fn put(session: &Session, text: &str) -> Result<PathBuf, Error> {
    session.put_single(text.as_bytes()).map_err(|error| {
        let folder = path(session.folder());
        Error::new(Cause::Failed, format!("cannot write into {folder}: {}", messages::io_error(&error)))
    })
}

/// Saves a changed copy outside of the sessions' folder.
fn keep(copy: &[u8], session: &Session, world: &World<'_>) -> std::io::Result<PathBuf> {
    let folder = world.env.state.clone().ok_or(std::io::ErrorKind::NotFound)?.join("changed");
    file::create_private(&folder)?;
    let kept = folder.join(format!("{}.yaml", session.id()));
    file::write_private(&kept, copy)?;
    Ok(kept)
}

//! `kubens`. Source: kubectx 0.11, `cmd/kubens`. An intended difference: a switch does not query the cluster whether the
//! namespace exists, so it works without that permission and without a network.

use super::super::World;
use super::super::cluster_query::{self, DEFAULT_TIMEOUT};
use super::super::error::Cause;
use super::super::ns::{self, NsArgs};
use super::super::scope::{Scope, ScopeFlags};
use super::super::{locked, pick};
use super::ctx::version;
use super::{DropinError, asks, legacy, list, not_chosen, refuse, said, success};
use crate::kubeconfig::Kind;
use crate::kubeconfig::schema::key;
use crate::printer::quote;
use crate::session::history::History;

pub(super) fn run(args: &[&str], called: &str, world: &mut World<'_>) -> Result<(), DropinError> {
    match args {
        [] if asks(world) => {
            let (_, now) = current(world)?;
            let known = namespaces(world)?;
            let wanted = pick::one_of("namespace", &known, &now, world).map_err(not_chosen)?;
            switch_to(&wanted, false, world)
        }
        [] => list_all(world),
        ["-h" | "--help"] => Ok(world.print(&help(called))?),
        ["-V" | "--version"] => Ok(world.print(&version("kubens"))?),
        ["-c" | "--current"] => {
            let (context, namespace) = current(world)?;
            if world.lookup()?.has(Kind::Context, &context) {
                return Ok(world.print_names([namespace.as_str()])?);
            }
            refuse(format!("failed to read namespace of {}", quote::go(&context)))
        }
        ["-u" | "--unset"] => {
            switch("default", false, world)?;
            success("Active namespace is \"", "default", "\".", world);
            Ok(())
        }
        [wanted] => switch_to(wanted, false, world),
        [wanted, "-f" | "--force"] | ["-f" | "--force", wanted] => switch_to(wanted, true, world),
        [_, _] => {
            let quoted: Vec<String> = args.iter().map(|word| quote::go(word)).collect();
            refuse(format!("unsupported arguments [{}]", quoted.join(" ")))
        }
        _ => refuse("too many arguments"),
    }
}

/// The current context and its namespace.
fn current(world: &World<'_>) -> Result<(String, String), DropinError> {
    let merged = world.load()?.merged;
    let context = merged.current_context().to_owned();
    if context.is_empty() {
        return refuse("current-context is not set");
    }
    let namespace = match merged.find(Kind::Context, &context) {
        Some(entry) => merged.text(entry, key::NAMESPACE)?,
        None => String::new(),
    };
    Ok((context, if namespace.is_empty() { "default".to_owned() } else { namespace }))
}

fn switch_to(wanted: &str, force: bool, world: &mut World<'_>) -> Result<(), DropinError> {
    if wanted.starts_with('-') && wanted != "-" {
        return refuse(format!("unsupported option {}", quote::go(wanted)));
    }
    let wanted = if wanted == "-" { previous(world)? } else { wanted.to_owned() };
    switch(&wanted, force, world)?;
    success("Active namespace is \"", &wanted, "\"", world);
    Ok(())
}

fn switch(wanted: &str, force: bool, world: &mut World<'_>) -> Result<(), DropinError> {
    current(world)?;
    let args = NsArgs { name: Some(wanted.to_owned()), force, ..NsArgs::default() };
    ns::run(&args, world).map_err(|error| match error.cause {
        // The name is not a valid namespace name.
        Cause::Usage => said(format!("no namespace exists with name \"{}\"", quote::visible(wanted))),
        _ => error.into(),
    })
}

/// If there was no namespace before, it is `default`.
fn previous(world: &World<'_>) -> Result<String, DropinError> {
    let (context, _) = current(world)?;
    let place = ns::place(&Scope::of(ScopeFlags::default(), world)?, &context, world)?;
    let known = History::load(world.env).previous_namespace(&place, &context);
    let known = known.map(|name| if name.is_empty() { "default".to_owned() } else { name });
    known.or_else(|| legacy::namespace(&context, world)).ok_or_else(|| {
        said(format!("No previous namespace found for current context ({})", quote::visible(&context)))
    })
}

/// The namespaces of the cluster, listed by kcx's own client.
fn list_all(world: &mut World<'_>) -> Result<(), DropinError> {
    let (_, current) = current(world)?;
    let names = namespaces(world)?;
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    Ok(list(&names, &current, world)?)
}

fn namespaces(world: &World<'_>) -> Result<Vec<String>, DropinError> {
    locked::refuse_elsewhere(None, "no cluster was asked", world)?;
    let merged = world.load()?.merged;
    let found = cluster_query::list_namespaces(merged.current_context(), &merged, DEFAULT_TIMEOUT, world);
    found.map(|found| cluster_query::names(&found)).map_err(|failure| {
        let why = cluster_query::because(&failure, DEFAULT_TIMEOUT);
        said(format!("could not list namespaces (is the cluster accessible?): {why}"))
    })
}

fn help(called: &str) -> String {
    format!(
        "\
Switch between Kubernetes namespaces.

USAGE:
  {called}                    : list the namespaces in the current context
  {called} <NAME>             : change the active namespace of current context
  {called} <NAME> --force/-f  : accept an invalid namespace name
  {called} -                  : switch to the previous namespace in this context
  {called} -c, --current      : show the current namespace
  {called} -h,--help          : show this message
  {called} -u,--unset         : unset the namespace choice (set to 'default')
  {called} -V,--version       : show version
"
    )
}

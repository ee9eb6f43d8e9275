//! `kcx whoami [CONTEXT]`: the user as the cluster identifies it.

use super::allow::{AllowArgs, Wording};
use super::error::Error;
use super::globals::Output;
use super::{World, cluster_query, discovered, features, other_name, select};
use crate::codec::duration;
use crate::kubeconfig::Kind;
use crate::printer::quote;
use serde_json::json;
use std::time::Duration;

/// Show which user the cluster sees
///
/// Prints the name, UID, groups and extra fields by which the cluster knows you, like `kubectl auth whoami`, for any
/// context. `-o name` prints only the name. The exit code is 1 if you have a credential and the cluster still sees
/// `system:anonymous`.
#[derive(clap::Args, Debug, Default)]
pub struct WhoamiArgs {
    /// The context [default: the current one]
    #[arg(value_name = "CONTEXT")]
    pub name: Option<String>,

    /// The time limit for the response [default: 10s]
    #[arg(long, value_name = "DURATION", value_parser = duration::parse_limit)]
    pub timeout: Option<Duration>,

    /// Permissions
    #[command(flatten)]
    pub allow: AllowArgs,
}

/// Queries the cluster.
///
/// # Errors
/// Exit code 3 if the context does not exist, 1 if there is no answer.
pub(super) fn run(args: &WhoamiArgs, world: &mut World<'_>) -> Result<(), Error> {
    features::demand_cluster()?;
    let merged = world.load()?.merged;
    let context = match &args.name {
        None => select::current(&merged, "`kcx whoami NAME` queries another one")?,
        Some(wanted) if merged.find(Kind::Context, wanted).is_some() => wanted.clone(),
        Some(wanted) => match other_name::context(wanted, &merged, "no cluster was queried", world)? {
            Some(context) => context,
            None => return Err(Error::not_found(&merged, Kind::Context, wanted)),
        },
    };
    let wording = Wording { question: "Query it anyway?", undone: "no cluster was queried" };
    discovered::guard(std::slice::from_ref(&context), &args.allow, wording, world)?;
    let limit = args.timeout.unwrap_or(cluster_query::DEFAULT_TIMEOUT);
    let who = cluster_query::one(&context, &merged, limit, world, async |client| client.who().await)?;
    let value = || {
        let uid = Some(&who.uid).filter(|uid| !uid.is_empty());
        json!({"context": context, "user": who.name, "uid": uid, "groups": who.groups, "extra": who.extra})
    };
    match world.globals.output {
        Some(Output::Name) => Ok(world.print_names([who.name.as_str()])?),
        Some(output @ (Output::Json | Output::Yaml)) => Ok(world.print_value(output, &value())?),
        _ => {
            let list = |values: &[String]| {
                values.iter().map(|value| quote::visible(value)).collect::<Vec<_>>().join(", ")
            };
            let mut text =
                format!("context  {}\nuser     {}\n", quote::visible(&context), quote::visible(&who.name));
            if !who.uid.is_empty() {
                text += &format!("uid      {}\n", quote::visible(&who.uid));
            }
            text += &format!("groups   {}\n", list(&who.groups));
            for (field, values) in &who.extra {
                text += &format!("extra    {}: {}\n", quote::visible(field), list(values));
            }
            Ok(world.print(&text)?)
        }
    }
}

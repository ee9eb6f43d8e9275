//! `kcx export --as-service-account`: a kubeconfig with a short-lived token of a service account.

mod failure;
mod kubeconfig;
mod objects;
mod report;

use super::super::allow::{AllowArgs, Wording};
use super::super::cluster_query::{self, ContextCluster};
use super::super::error::{Cause, Error, name, path};
use super::super::globals::Output;
use super::super::protect::{self, GuardedAction};
use super::super::select::{self, Pool, Selector};
use super::super::{World, discovered, features, locked, namespace, tilde};
use super::ExportArgs;
use crate::cluster::{IssuedToken, ServiceAccount};
use crate::codec::duration;
use crate::kubeconfig::{Kind, Merged};
use failure::Refused;
use jiff::Timestamp;
use report::Report;
use secrecy::ExposeSecret;
use std::path::Path;
use std::time::Duration;

/// The flags for a token of a service account.
#[derive(clap::Args, Clone, Debug, Default)]
#[command(next_help_heading = "Service account")]
pub struct ServiceAccountArgs {
    /// Export a token of this account instead of your credential
    #[arg(long = "as-service-account", value_name = "NS/NAME", value_parser = account, conflicts_with_all = ["all", "dir"])]
    pub account: Option<ServiceAccount>,

    /// How long the token is valid [default: 1h]
    #[arg(long, value_name = "DURATION", requires = "account", value_parser = duration::parse_limit)]
    pub duration: Option<Duration>,

    /// The namespace of the context [default: that of the account]
    #[arg(short, long, value_name = "NS", requires = "account")]
    pub namespace: Option<String>,

    /// Create an account that can read its namespace
    #[arg(long, requires = "account")]
    pub create_viewer: bool,

    /// Let it read all namespaces
    #[arg(long, requires = "create_viewer")]
    pub cluster_wide: bool,

    /// Delete the account that kcx has created, and end its tokens
    #[arg(long, requires = "account", conflicts_with_all = ["create_viewer", "duration", "namespace", "out"])]
    pub revoke: bool,

    /// Print what would be done, and do nothing
    #[arg(long, requires = "account")]
    pub dry_run: bool,

    /// The time limit for each answer of the cluster [default: 10s]
    #[arg(long, value_name = "DURATION", requires = "account", value_parser = duration::parse_limit)]
    pub timeout: Option<Duration>,

    /// Permissions
    #[command(flatten)]
    pub allow: AllowArgs,
}

fn account(text: &str) -> Result<ServiceAccount, &'static str> {
    ServiceAccount::parse(text).ok_or("a service account is NAMESPACE/NAME, both of a-z, 0-9 and `-`")
}

/// How long a token is valid if nothing else is asked for.
const HOUR: Duration = Duration::from_secs(3600);
/// A difference that is smaller is one of the clocks.
const TOLERANCE: u64 = 60;

/// What is to be done with an account of a cluster.
struct Job<'j> {
    context: String,
    account: &'j ServiceAccount,
    flags: &'j ServiceAccountArgs,
    cluster: ContextCluster,
}

impl Job<'_> {
    fn limit(&self) -> Duration {
        self.flags.timeout.unwrap_or(cluster_query::DEFAULT_TIMEOUT)
    }

    /// The lifetime that is asked for, in whole seconds.
    fn seconds(&self) -> u64 {
        seconds(self.flags)
    }
}

fn seconds(flags: &ServiceAccountArgs) -> u64 {
    let asked = flags.duration.unwrap_or(HOUR);
    asked.as_secs() + u64::from(asked.subsec_nanos() > 0)
}

/// Exports a token of this account, or revokes what kcx has created for it.
///
/// # Errors
/// Exit code 3 without the account or its namespace; 4 for a file that exists, and for objects that kcx has not created; 1 if
/// the cluster refuses.
pub(super) fn run(account: &ServiceAccount, args: &ExportArgs, world: &mut World<'_>) -> Result<(), Error> {
    features::demand_cluster()?;
    let flags = &args.service_account;
    let undone = if flags.revoke { "nothing was revoked" } else { "nothing was exported" };
    locked::refuse(undone, world)?;
    failure::demand_lifetime(seconds(flags))?;
    if let Some(namespace) = &flags.namespace {
        namespace::check(namespace, false).map_err(|error| Error { hints: Vec::new(), ..error })?;
    }
    let merged = world.load()?.merged;
    let context = context(args, &merged, undone, world)?;
    if let Some(file) = &args.out {
        demand_free(file, &merged, world)?;
    }
    let contexts = std::slice::from_ref(&context);
    if !flags.dry_run {
        let verb = if flags.revoke { "revoke tokens in" } else { "issue a token in" };
        protect::guard(contexts, GuardedAction { verb, undone, typed: &[] }, world)?;
    }
    let wording = Wording { question: "Query it anyway?", undone };
    discovered::guard(contexts, &flags.allow, wording, world)?;
    let limit = flags.timeout.unwrap_or(cluster_query::DEFAULT_TIMEOUT);
    let cluster = ContextCluster::new(&context, &merged, limit, world)
        .map_err(|failure| failure::undone(cluster_query::failed(&context, &failure, limit), undone))?;
    let job = Job { context, account, flags, cluster };
    let mut report = Report::new(&job, args.out.as_deref());
    let is_reported = flags.revoke || flags.dry_run || args.out.is_some();
    if is_reported {
        world.begin_warnings();
    }
    let done = match flags.revoke {
        true => objects::revoke(&job, &mut report, world),
        false => export(&job, args, &merged, &mut report, world),
    };
    // After a failure the report says what was done before.
    if is_reported && (done.is_ok() || report.has_changes()) {
        report.print(world)?;
    }
    done
}

/// Fails if the file could not be written, before a token is requested for it.
fn demand_free(file: &Path, merged: &Merged, world: &World<'_>) -> Result<(), Error> {
    tilde::refuse(file)?;
    let target = super::target(file, merged, world.env)?;
    if target.exists() && !world.globals.yes { Err(super::exists(&path(file))) } else { Ok(()) }
}

/// Fails if there are permissions without an account: an export of the user's credential asks about nothing.
pub(super) fn refuse_permissions(flags: &ServiceAccountArgs) -> Result<(), Error> {
    let AllowArgs { allow_exec, allow_env, allow_file, allow_user, allow_cluster, loose: _ } = &flags.allow;
    if [allow_exec, allow_env, allow_file, allow_user, allow_cluster].iter().all(|list| list.is_empty()) {
        return Ok(());
    }
    let message = "permissions are for an export with `--as-service-account`; nothing was exported";
    Err(Error::new(Cause::Usage, message))
}

/// The context that the words mean.
fn context(args: &ExportArgs, merged: &Merged, undone: &str, world: &mut World<'_>) -> Result<String, Error> {
    let settings = world.settings_or_default();
    let (pool, selector) =
        (Pool::entries(Kind::Context, merged), Selector::of(&args.names, &args.select, &settings));
    if !selector.is_given() {
        return select::current(merged, "`kcx export NAME --as-service-account NS/NAME` takes that one");
    }
    if pool.is_empty() && args.names.is_empty() {
        return Err(super::nothing(world));
    }
    let mut names = selector.names(&pool)?;
    match (names.pop(), names.len()) {
        (Some(one), 0) => Ok(one),
        (_, others) => {
            let message =
                format!("`--as-service-account` takes one context, and these are {}; {undone}", others + 1);
            Err(Error::new(Cause::Usage, message).hint("`kcx get NAME` shows which contexts a word means"))
        }
    }
}

/// Requests a token, and writes or prints a kubeconfig with it.
fn export(
    job: &Job<'_>,
    args: &ExportArgs,
    merged: &Merged,
    report: &mut Report<'_>,
    world: &mut World<'_>,
) -> Result<(), Error> {
    // A kubeconfig that cannot be written needs no token.
    let kubeconfig = kubeconfig::without_token(job, merged, world)?;
    let account = name(&job.account.to_string());
    if job.flags.create_viewer {
        objects::create(job, report, world)?;
    }
    if job.flags.dry_run {
        if !job.flags.create_viewer {
            objects::demand_account(job)?;
        }
        let asked = duration::short(Duration::from_secs(job.seconds()));
        let file = args.out.as_deref().map(|file| format!(", and write {}", path(file))).unwrap_or_default();
        let text = format!("would request a token of service account {account} for {asked}{file}\n");
        return report.print_plan(&text, world);
    }
    let issued = job.cluster.ask(async |client| {
        let token = client.create_token(job.account, job.seconds()).await;
        token.map_err(|failure| Refused::at("create", "serviceaccounts/token", failure))
    });
    let issued = issued.map_err(|refused| failure::token(&refused, job))?;
    let value = kubeconfig.with(issued.token.expose_secret());
    let Some(file) = &args.out else {
        let output = world.globals.output.unwrap_or(Output::Yaml);
        match world.env.stdout_is_terminal {
            true => world.print_value(output, &value)?,
            false => {
                let text = super::printer(world)(&value);
                world.print(&text)?;
            }
        }
        tell_end(&issued, job, world);
        return Ok(());
    };
    super::write_yaml(file, &value, merged, world)?;
    report.issued(job.seconds(), &issued);
    let (context, file) = (name(&job.context), path(file));
    world.done(&format!("exported context {context} as service account {account} to {file}"));
    tell_end(&issued, job, world);
    Ok(())
}

/// Says until when a token is valid, and if that is not what was asked for.
fn tell_end(issued: &IssuedToken, job: &Job<'_>, world: &mut World<'_>) {
    let left = issued.expires.as_second().saturating_sub(Timestamp::now().as_second());
    let shown = |seconds: i64| duration::short(Duration::from_secs(seconds.unsigned_abs()));
    if left <= 0 {
        world.warn(&format!(
            "the token expired at {}, {} ago: the clocks of this machine and of the cluster differ, or the cluster issues expired tokens",
            issued.expires,
            shown(left)
        ));
        return;
    }
    world.done(&format!("its token is valid until {}, for {}", issued.expires, shown(left)));
    let given = issued.seconds.unwrap_or(left);
    let asked = i64::try_from(job.seconds()).unwrap_or(i64::MAX);
    if given.abs_diff(asked) > TOLERANCE {
        world.warn(&format!("the cluster issued a token for {}, and not for {}", shown(given), shown(asked)));
    }
}

//! The objects of an account that may only read: created and deleted after a question, and only if kcx made them.

use super::super::super::World;
use super::super::super::error::{Cause, Error, name};
use super::super::super::terminal;
use super::Job;
use super::failure::{self, Refused};
use super::report::{Outcome, Report};
use crate::cluster::{Failure, LABEL, Presence, ServiceAccount, VIEW, ViewerObject};

/// Creates the account and its binding, those of them that are missing.
///
/// # Errors
/// Exit code 4 if an object of that name is not kcx's own, 3 without the namespace, 2 if it cannot ask, 1 if the cluster
/// refuses or the user declines.
pub(super) fn create(job: &Job<'_>, report: &mut Report<'_>, world: &mut World<'_>) -> Result<(), Error> {
    const UNDONE: &str = "nothing was created";
    let binding = if job.flags.cluster_wide { ViewerObject::ClusterBinding } else { ViewerObject::Binding };
    let found = job.cluster.ask(async |client| {
        match client.has_namespace(&job.account.namespace).await {
            // Who may not read namespaces may still create accounts.
            Ok(true) | Err(Failure::Forbidden(_)) => {}
            Ok(false) => return Ok(None),
            Err(failure) => return Err(Refused::from(failure)),
        }
        let mut found = Vec::new();
        for object in [ViewerObject::Account, binding] {
            found.push((object, look(client, object, job.account).await?));
        }
        Ok(Some(found))
    });
    let found = found.map_err(|refused| failure::error(&refused, job, UNDONE))?;
    let found = found.ok_or_else(|| no_namespace(job, UNDONE))?;
    if let Some((object, labelled)) = found.iter().find_map(|(object, presence)| foreign(*object, presence)) {
        return Err(not_own(object, labelled, job, UNDONE));
    }
    let (missing, existing): (Vec<_>, Vec<_>) =
        found.into_iter().partition(|(_, presence)| *presence == Presence::Absent);
    for (object, _) in existing {
        report.object(object, Outcome::Existing);
        world.done(&format!("{} exists already", described(object, job.account)));
    }
    let missing: Vec<ViewerObject> = missing.into_iter().map(|(object, _)| object).collect();
    let plan: String = missing.iter().map(|object| planned(*object, job.account)).collect();
    if job.flags.dry_run {
        missing.iter().for_each(|object| report.object(*object, Outcome::Created));
        report.plan(&plan);
        return Ok(());
    }
    if missing.is_empty() {
        return Ok(());
    }
    confirm(&plan, "Create", missing.len(), UNDONE, job, world)?;
    let mut made = Vec::new();
    let done = job.cluster.ask(async |client| {
        for object in &missing {
            let created = client.create(*object, job.account).await;
            created.map_err(|failure| Refused::at("create", object.resource(), failure))?;
            made.push(*object);
        }
        Ok(())
    });
    for object in &made {
        report.object(*object, Outcome::Created);
        world.done(&format!("created {}", described(*object, job.account)));
    }
    done.map_err(|refused| not_created(&refused, missing[made.len()], !made.is_empty(), job))
}

/// Deletes the account and the bindings that kcx has created.
///
/// # Errors
/// Exit code 3 if there is none, 4 if kcx has not created them, 2 if it cannot ask, 1 if the cluster refuses or the user declines.
pub(super) fn revoke(job: &Job<'_>, report: &mut Report<'_>, world: &mut World<'_>) -> Result<(), Error> {
    const UNDONE: &str = "nothing was revoked";
    let mut unknown = false;
    let found = job.cluster.ask(async |client| {
        let mut found = Vec::new();
        // Bindings first: without the account they would wait for another one of its name.
        for object in [ViewerObject::ClusterBinding, ViewerObject::Binding, ViewerObject::Account] {
            match look(client, object, job.account).await {
                Err(Refused { failure: Failure::Forbidden(_), .. })
                    if object == ViewerObject::ClusterBinding =>
                {
                    unknown = true;
                }
                presence => found.push((object, presence?)),
            }
        }
        Ok(found)
    });
    let found = found.map_err(|refused| failure::error(&refused, job, UNDONE))?;
    let own: Vec<(ViewerObject, &String)> = found
        .iter()
        .filter_map(|(object, presence)| match presence {
            Presence::Own { uid } => Some((*object, uid)),
            _ => None,
        })
        .collect();
    let others: Vec<(ViewerObject, bool)> =
        found.iter().filter_map(|(object, presence)| foreign(*object, presence)).collect();
    if own.is_empty() {
        return Err(match others.last() {
            Some((object, labelled)) => not_own(*object, *labelled, job, UNDONE),
            None => {
                let account = name(&job.account.to_string());
                let context = name(&job.context);
                let what = format!(
                    "kcx has created no service account {account} in the cluster of context {context}"
                );
                Error::new(Cause::NotFound, format!("{what}; {UNDONE}"))
            }
        });
    }
    for (object, _) in others {
        report.object(object, Outcome::Foreign);
        world.warn(&format!("kcx has not created {}, and leaves it", described(object, job.account)));
    }
    if unknown {
        let binding = described(ViewerObject::ClusterBinding, job.account);
        world.warn(&format!("you may not see whether there is a {binding}; if there is, it stays"));
    }
    let line =
        |(object, _): &(ViewerObject, &String)| format!("would delete {}\n", described(*object, job.account));
    let plan: String = own.iter().map(line).collect();
    if job.flags.dry_run {
        own.iter().for_each(|(object, _)| report.object(*object, Outcome::Deleted));
        return report.print_plan(&plan, world);
    }
    confirm(&plan, "Delete", own.len(), UNDONE, job, world)?;
    let mut gone = Vec::new();
    let done = job.cluster.ask(async |client| {
        for (object, uid) in &own {
            let deleted = client.delete(*object, job.account, uid).await;
            deleted.map_err(|failure| Refused::at("delete", object.resource(), failure))?;
            gone.push(*object);
        }
        Ok(())
    });
    for object in &gone {
        report.object(*object, Outcome::Deleted);
        let ends = if *object == ViewerObject::Account { "; its tokens are no longer valid" } else { "" };
        world.done(&format!("deleted {}{ends}", described(*object, job.account)));
    }
    done.map_err(|refused: Refused| {
        let left = described(own[gone.len()].0, job.account);
        let undone = format!("{left} was not deleted");
        match refused.failure {
            Failure::Status(409, _) => changed(&undone),
            _ => failure::error(&refused, job, &undone),
        }
    })
}

/// Fails if the cluster says that there is no such account.
///
/// # Errors
/// Exit code 3; 1 if there is no answer.
pub(super) fn demand_account(job: &Job<'_>) -> Result<(), Error> {
    let presence = job.cluster.ask(async |client| look(client, ViewerObject::Account, job.account).await);
    match presence {
        Ok(Presence::Absent) => Err(failure::no_account(job)),
        // Who may not read accounts may still get their tokens.
        Ok(_) | Err(Refused { failure: Failure::Forbidden(_), .. }) => Ok(()),
        Err(refused) => Err(failure::error(&refused, job, "nothing was exported")),
    }
}

async fn look(
    client: &crate::cluster::Client,
    object: ViewerObject,
    account: &ServiceAccount,
) -> Result<Presence, Refused> {
    let presence = client.look_for(object, account).await;
    presence.map_err(|failure| Refused::at("get", object.resource(), failure))
}

/// An object that is not kcx's own, and whether it has kcx's label.
fn foreign(object: ViewerObject, presence: &Presence) -> Option<(ViewerObject, bool)> {
    match presence {
        Presence::Foreign { labelled } => Some((object, *labelled)),
        _ => None,
    }
}

/// An object, for a message.
fn described(object: ViewerObject, account: &ServiceAccount) -> String {
    let namespace = name(&account.namespace);
    match object {
        ViewerObject::Account => format!("service account {}", name(&account.to_string())),
        ViewerObject::Binding => {
            format!("role binding {} in namespace {namespace}", name(&object.name(account)))
        }
        ViewerObject::ClusterBinding => format!("cluster role binding {}", name(&object.name(account))),
    }
}

fn planned(object: ViewerObject, account: &ServiceAccount) -> String {
    let role = format!(": it can read {{}} with the cluster role `{VIEW}`, which reads no Secrets");
    let right = match object {
        ViewerObject::Account => String::new(),
        ViewerObject::Binding => role.replace("{}", "this namespace"),
        ViewerObject::ClusterBinding => role.replace("{}", "all namespaces"),
    };
    format!("would create {}{right}\n", described(object, account))
}

fn confirm(
    plan: &str,
    verb: &str,
    count: usize,
    undone: &str,
    job: &Job<'_>,
    world: &mut World<'_>,
) -> Result<(), Error> {
    if world.globals.yes {
        return Ok(());
    }
    world.tell(plan);
    let context = name(&job.context);
    let it = if count == 1 { "it" } else { "them" };
    if !terminal::can_ask(world) {
        let what = format!("changes in the cluster of context {context} need a confirmation; {undone}");
        let hint = format!("`-y` {}s {it}", verb.to_lowercase());
        return Err(Error::new(Cause::Usage, what).hint(hint));
    }
    terminal::ask(&format!("{verb} {it} in the cluster of context {context}?"))?.demand(undone, world)
}

fn no_namespace(job: &Job<'_>, undone: &str) -> Error {
    let (namespace, context) = (name(&job.account.namespace), name(&job.context));
    let what = format!("there is no namespace {namespace} in the cluster of context {context}; {undone}");
    Error::new(Cause::NotFound, what).hint("kcx creates accounts only in namespaces that exist")
}

fn not_own(object: ViewerObject, labelled: bool, job: &Job<'_>, undone: &str) -> Error {
    let why = match labelled {
        false => format!("it does not have the label `{LABEL}: kcx`"),
        true => "it was changed, and binds another role or other subjects".to_owned(),
    };
    let what = described(object, job.account);
    let error =
        Error::new(Cause::Conflict, format!("{what} exists, and kcx has not created it: {why}; {undone}"));
    let kind = object.kind().to_lowercase();
    let named = object.name(job.account);
    let place = object.namespace(job.account).map(|it| format!(" -n {it}")).unwrap_or_default();
    match (object, job.flags.revoke) {
        (ViewerObject::Account, false) => error.hint("without `--create-viewer` a token of it is exported"),
        _ => error.hint(format!("`kubectl delete {kind} {named}{place}` deletes it")),
    }
}

fn not_created(refused: &Refused, object: ViewerObject, has_account: bool, job: &Job<'_>) -> Error {
    let undone = format!("{} was not created", described(object, job.account));
    let error = match refused.failure {
        Failure::Status(404, _) if object == ViewerObject::Account => no_namespace(job, &undone),
        Failure::Status(409, _) => changed(&undone),
        _ => failure::error(refused, job, &undone),
    };
    match has_account {
        true => error.hint("the account has no rights yet; the same command goes on, `--revoke` deletes it"),
        false => error,
    }
}

fn changed(undone: &str) -> Error {
    let what = format!("the cluster has changed in the meantime; {undone}");
    Error::new(Cause::Conflict, what).hint("try again")
}

//! `kcx copy`: copies an entry under another name.

use super::error::{Error, name};
use super::{World, credential, rename, select};
use crate::kubeconfig::{Kind, refs};

/// Copy a context, cluster or user under another name
///
/// The copy is in the same file. A copied context uses the same cluster and user.
#[derive(clap::Args, Debug, Default)]
pub struct CopyArgs {
    /// OLD NEW, or TYPE OLD NEW: TYPE is context (the default), cluster or user, also as TYPE/OLD; `.` without a TYPE is the current context
    #[arg(value_name = "[TYPE] OLD NEW", required = true, num_args = 2..=3)]
    pub words: Vec<String>,
}

/// Copies it.
///
/// # Errors
/// Exit code 3 if the entry does not exist, 4 if the new name is taken.
pub(super) fn run(args: &CopyArgs, world: &mut World<'_>) -> Result<(), Error> {
    let (kind, old, new) = rename::pair("copy", &args.words, world)?;
    let mut user = None;
    world.edit_own(|merged| {
        user = merged
            .find(Kind::User, &old)
            .filter(|_| kind == Kind::User)
            .map(|it| merged.body(it))
            .transpose()?
            .map(std::borrow::Cow::into_owned);
        let change = refs::copy(merged, kind, &old, &new)?;
        let change = change.ok_or_else(|| Error::not_found(merged, kind, &old))?;
        rename::free(merged, kind, &new, "copied")?;
        Ok(vec![change])
    })?;
    world.done(&format!("{} {} is a copy of {}", kind.word(), name(&new), name(&old)));
    if kind == Kind::Context {
        select::warn_of_hidden_alias(&new, Some(&old), world);
    }
    if let Some(body) = user {
        credential::shared(&body, &old, &new, world);
    }
    Ok(())
}

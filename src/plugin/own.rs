//! `kcx-credential own`: the credential of a user in one of the user's own kubeconfigs, for a copy of the entry without it.

use super::{PluginError, PluginInputs, PluginResponse, request};
use crate::credential::Bundle;
use crate::credential::answer::{self, Request};
use crate::credential::binding::Cluster;
use crate::credential::own::{self, OwnError, OwnUser};
use crate::file;
use crate::file::limits;
use crate::printer::quote::visible;
use std::path::Path;

/// Answers a client's request for the credential of a user in a kubeconfig.
///
/// # Errors
/// Exit code 2 on a terminal, 6 if the credential is for another cluster, 1 for everything else.
pub fn answer(own: &OwnUser, inputs: &PluginInputs<'_>) -> Result<PluginResponse, PluginError> {
    let request = request("a credential", inputs)?;
    let (user, kubeconfig) = (visible(&own.user), visible(&own.file));
    let failed =
        |why: String| PluginError::new(1, format!("no credential of user `{user}` in {kubeconfig}: {why}"));
    let (bytes, _) = file::read(Path::new(&own.file), limits::KUBECONFIG)
        .map_err(|error| failed(format!("the file cannot be read: {}", error.kind())))?;
    let folder = Path::new(&own.file).parent().unwrap_or(Path::new(&own.file));
    let read = |named: &str| Ok(file::read(&folder.join(named), limits::CREDENTIAL)?.0);
    let bundle = own::bundle_of(bytes, &own.user, &read).map_err(|error| match error {
        // The error would show a line of the file, which the author of a foreign kubeconfig may have chosen.
        OwnError::Parse(_) => failed("the file is not a kubeconfig".to_owned()),
        OwnError::File(named, error) => {
            failed(format!("{} cannot be read: {}", visible(&named), error.kind()))
        }
    })?;
    let bundle = bundle.ok_or_else(|| {
        failed("its entry no longer contains a token or key".to_owned())
            .hint("`kcx use CONTEXT` writes the kubeconfig of this shell anew")
    })?;
    admit(own, &bundle, &request, inputs)?;
    let bytes = answer::json(&bundle, &request.api_version)
        .ok_or_else(|| failed("it is neither a token nor a certificate with its key".to_owned()))?;
    Ok(PluginResponse { bytes, warning: None })
}

/// Fails unless a context of the kubeconfig names the asking cluster with the user.
fn admit(
    own: &OwnUser,
    bundle: &Bundle,
    request: &Request,
    inputs: &PluginInputs<'_>,
) -> Result<(), PluginError> {
    let (user, kubeconfig) = (visible(&own.user), visible(&own.file));
    let whose = format!("the credential of user `{user}` in {kubeconfig} is for {}", bundle.binding.shown());
    let Some(asking) = &request.cluster else {
        let why = "this client does not say which cluster it is for; no credential was given";
        return Err(PluginError::new(6, format!("{whose}, and {why}"))
            .hint("`--single-file --embed` gives it a file that contains the credential"));
    };
    let read = |name: &str| Ok(file::read(&inputs.cwd.join(name), limits::CREDENTIAL)?.0);
    let asking = Cluster::of(asking, read).map_err(|unclear| {
        let why = format!("the cluster in the request is not valid: {unclear}; no credential was given");
        PluginError::new(6, format!("{whose}, and {why}"))
    })?;
    if bundle.binding.covers(&asking) {
        return Ok(());
    }
    let said = bundle.binding.shown_beside(&asking);
    Err(PluginError::new(6, format!("{whose}, not for {said}; no credential was given"))
        .hint("`kcx use CONTEXT` writes the kubeconfig of this shell anew, with the cluster as it is now"))
}

//! `kcx credential set`: stores a new secret for a user, without writing it into a kubeconfig.

use super::super::error::{Cause, Error, name};
use super::super::result::CredentialChange;
use super::super::{World, messages, terminal};
use super::args::SealArgs;
use super::get::Part;
use super::keychains::{Keychains, StoreArgs, keychain_failure};
use super::owner;
use super::sealing::Sealer;
use super::user_clusters::UserClusters;
use super::users;
use crate::codec::base64;
use crate::credential::plan::{self, NotSealable, SealAssessment};
use crate::credential::{KeychainError, entry, record};
use crate::file::limits;
use crate::kubeconfig::Kind;
use crate::kubeconfig::schema::key;
use crate::secret::Secret;
use std::collections::BTreeMap;
use std::io::Read;

/// Store a new secret for a user
///
/// The secret is read from stdin, or from the terminal without echo; never from the command line, which other users can
/// read. A user that is not sealed yet is sealed.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct SetArgs {
    /// The user
    #[arg(value_name = "USER")]
    pub user: String,

    /// token, certificate or key [default: token]
    #[arg(long, value_name = "PART", hide_possible_values = true)]
    pub part: Option<Part>,

    /// Give the credential to every cluster, if the user is not sealed yet
    #[arg(long)]
    pub any_cluster: bool,

    /// The keychain, for a user that is not sealed yet.
    #[command(flatten)]
    pub store: StoreArgs,
}

/// Stores the secret.
///
/// # Errors
/// Exit code 3 for an unknown user; 6 for failures of the keychain.
pub(super) fn run(args: &SetArgs, world: &mut World<'_>) -> Result<(), Error> {
    let loaded = world.load_own()?;
    let part = args.part.unwrap_or(Part::Token);
    let found = users::named(std::slice::from_ref(&args.user), &loaded.merged)?.into_iter().next();
    let Some(user) = found else {
        return Err(Error::not_found(&loaded.merged, Kind::User, &args.user).hint(format!(
            "`kcx config set-credentials {}` creates a user without a secret",
            messages::shell_word(&args.user)
        )));
    };
    let secret = read(part, &args.user, world)?;
    let mut keychains = Keychains::new(&args.store);
    let who = format!("user {}", name(&args.user));
    let field = part.field();
    if let Some(reference) = user.reference() {
        let ask = terminal::can_ask(world);
        let keychain = keychains.get(&reference, ask, world)?;
        let what = format!("the credential of {who}");
        let failed =
            |keychain_error: &KeychainError| keychain_failure(keychain_error, reference.place, &what);
        let mut bundle = match users::fetch(&reference, &who, &mut keychains, world) {
            Ok(bundle) => {
                owner::check(&user, &reference, &bundle, &loaded.merged, world).map_err(|error| Error {
                    message: format!("{}; nothing was stored", error.message),
                    ..error
                })?;
                bundle
            }
            // A missing or invalid credential is what this command replaces.
            Err(_)
                if matches!(
                    record::get(&*keychain, &reference.id),
                    Err(KeychainError::NotFound | KeychainError::Altered)
                ) =>
            {
                let file = world.env.absolute(&user.file).to_string_lossy().into_owned();
                let binding = UserClusters::of(&loaded.merged, world)?.binding(&user.name);
                crate::credential::Bundle { user: user.name.clone(), file, binding, ..Default::default() }
            }
            Err(error) => return Err(error),
        };
        bundle.set(field, secret);
        let label = entry::label(&bundle.user, &bundle.file);
        let kept = bundle.encode(&reference.id).ok_or_else(|| failed(&KeychainError::Altered))?;
        record::put(&*keychain, &reference.id, &label, &kept)
            .map_err(|keychain_error| failed(&keychain_error))?;
        world.note_credential(CredentialChange::Stored, Some(&args.user), &reference);
        world.done(&format!("{who} now has a new {} in {}", part.word(), reference.place.word()));
        return Ok(());
    }
    let mut values = match plan::assess(&user.body, false) {
        SealAssessment::Ready(fields) => {
            let document = user.document(&loaded.merged).ok_or_else(|| Error::silent(1))?;
            plan::values(document, user.index, &fields).map_err(|reason| refuse(&who, reason))?
        }
        SealAssessment::Nothing if user.body.get(key::EXEC).is_none_or(serde_json::Value::is_null) => {
            BTreeMap::new()
        }
        SealAssessment::Nothing => return Err(refuse(&who, NotSealable::Exec)),
        SealAssessment::Files(fields) => return Err(refuse(&who, NotSealable::NeedsFiles(fields[0]))),
        SealAssessment::Refused(reason) => return Err(refuse(&who, reason)),
        SealAssessment::Sealed(_) => BTreeMap::new(),
    };
    values.insert(field.to_owned(), secret);
    if values.contains_key(key::CLIENT_CERTIFICATE_DATA) != values.contains_key(key::CLIENT_KEY_DATA) {
        return Err(refuse(&who, NotSealable::Half));
    }
    let seal = SealArgs { store: args.store.clone(), any_cluster: args.any_cluster, ..SealArgs::default() };
    let mut sealing = Sealer::new(&seal, world)?;
    sealing
        .add(&user, values, true, &loaded.merged, world)
        .map_err(|error| Error { message: format!("{}; nothing was stored", error.message), ..error })?;
    sealing.seal(&seal, &mut keychains, world)
}

fn refuse(who: &str, reason: NotSealable) -> Error {
    Error::new(Cause::Failed, format!("{who} cannot be sealed: {reason}; nothing was stored"))
}

/// Reads the secret from stdin or the terminal, in the format of the field.
fn read(part: Part, user: &str, world: &mut World<'_>) -> Result<Secret, Error> {
    let secret = if world.env.stdin_is_terminal {
        if part != Part::Token || !world.env.stderr_is_terminal {
            return Err(Error::new(Cause::Usage, format!("a {} cannot be typed at the prompt", part.word()))
                .hint(format!(
                    "`kcx credential set {} --part {} < FILE`",
                    messages::shell_word(user),
                    part.word()
                )));
        }
        terminal::password(&format!("New token of {}", name(user)), None, world)?
    } else {
        let mut bytes = Vec::with_capacity(1 << 16);
        let read = std::io::stdin().lock().take(limits::CREDENTIAL + 1).read_to_end(&mut bytes);
        let secret = Secret::from(bytes);
        read.map_err(|error| {
            Error::new(Cause::Failed, format!("cannot read stdin: {}", messages::io_error(&error)))
        })?;
        if secret.bytes().len() as u64 > limits::CREDENTIAL {
            return Err(Error::new(Cause::Failed, "stdin has more than 1 MiB; nothing was stored"));
        }
        secret
    };
    let Some(text) = secret.text().map(str::trim).filter(|text| !text.is_empty()) else {
        return Err(Error::new(
            Cause::Failed,
            format!("the {} is empty or not UTF-8 text; nothing was stored", part.word()),
        ));
    };
    match part {
        Part::Token if text.contains(char::is_whitespace) => {
            Err(Error::new(Cause::Failed, "the token contains a blank or a line break; nothing was stored"))
        }
        Part::Token => Ok(Secret::from(text)),
        Part::Certificate | Part::Key if !text.contains("-----BEGIN ") => Err(Error::new(
            Cause::Failed,
            format!("the {} is not in PEM format; nothing was stored", part.word()),
        )),
        Part::Certificate | Part::Key => Ok(Secret::from(base64::encode(format!("{text}\n")))),
    }
}

//! `kcx credential get`: prints a sealed secret.

use super::super::error::{Cause, Error, name};
use super::super::globals::Output;
use super::super::{World, messages};
use super::keychains::{Keychains, StoreArgs};
use super::users;
use crate::credential::Bundle;
use crate::credential::expiry::rfc3339;
use crate::kubeconfig::schema::key;
use crate::secret::Secret;
use serde_json::json;

/// A part of a credential.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The bearer token.
    Token,
    /// The client certificate, as PEM.
    Certificate,
    /// The client key, as PEM.
    Key,
}

impl Part {
    pub(super) fn of(self, bundle: &Bundle) -> Option<Secret> {
        match self {
            Part::Token => bundle.token(),
            Part::Certificate => bundle.certificate(),
            Part::Key => bundle.key(),
        }
    }

    pub(super) fn word(self) -> &'static str {
        match self {
            Part::Token => "token",
            Part::Certificate => "certificate",
            Part::Key => "key",
        }
    }

    /// The field of a kubeconfig.
    pub(super) fn field(self) -> &'static str {
        match self {
            Part::Token => "token",
            Part::Certificate => key::CLIENT_CERTIFICATE_DATA,
            Part::Key => key::CLIENT_KEY_DATA,
        }
    }
}

/// Print a sealed secret
///
/// The output must be a pipe or a file, unless `--show` is given.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct GetArgs {
    /// The user
    #[arg(value_name = "USER")]
    pub user: String,

    /// token, certificate or key; needed if the user has more than one of them
    #[arg(long, value_name = "PART", hide_possible_values = true)]
    pub part: Option<Part>,

    /// Allow output to a terminal
    #[arg(long)]
    pub show: bool,

    /// Read the passphrase of the encrypted files from the first line of this file
    #[arg(long, value_name = "FILE")]
    pub passphrase_file: Option<String>,
}

/// Prints the secret.
///
/// # Errors
/// Exit code 2 on a terminal without `--show`; 6 for failures of the keychain.
pub(super) fn run(args: &GetArgs, world: &mut World<'_>) -> Result<(), Error> {
    if world.env.stdout_is_terminal && !args.show {
        return Err(Error::new(Cause::Usage, "a secret is not shown on a terminal")
            .hint("`--show` shows it; `> FILE` or `| PROGRAM` redirects it"));
    }
    let loaded = world.load_own()?;
    let (_, reference) = users::sealed(&args.user, &loaded.merged)?;
    drop(loaded);
    let store = StoreArgs { store: None, passphrase_file: args.passphrase_file.clone() };
    let who = format!("user {}", name(&args.user));
    let bundle = users::fetch(&reference, &who, &mut Keychains::new(&store), world)?;
    if let (None, Some(output @ (Output::Json | Output::Yaml))) = (args.part, world.globals.output) {
        let text = |part: Part| part.of(&bundle).and_then(|secret| secret.text().map(str::to_owned));
        let value = json!({
            "user": args.user,
            "token": text(Part::Token),
            "certificate": text(Part::Certificate),
            "key": text(Part::Key),
            "expires": bundle.expiry().and_then(rfc3339),
        });
        return Ok(world.print_value(output, &value)?);
    }
    let part = match args.part {
        Some(part) => part,
        None if bundle.token().is_none() || bundle.key().is_none() => {
            if bundle.token().is_some() {
                Part::Token
            } else {
                Part::Key
            }
        }
        None => {
            let message = format!("{who} has a token and a client key");
            return Err(Error::new(Cause::Usage, message).hint("`--part token`, `certificate` or `key`"));
        }
    };
    let secret = part.of(&bundle).ok_or_else(|| {
        let who_typed = messages::shell_word(&args.user);
        Error::new(Cause::NotFound, format!("{who} has no {}", part.word()))
            .hint(format!("`kcx credential get {who_typed} -o json` shows all parts"))
    })?;
    world.out.write_all(secret.bytes())?;
    let ended = secret.bytes().ends_with(b"\n");
    Ok(world.print(if ended { "" } else { "\n" })?)
}

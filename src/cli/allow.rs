//! Messages for the risks of foreign entries, and the user's permissions: risks are shown, and on a terminal the user is
//! asked. Without a terminal, the command is refused, and the error names the flags that permit exactly those risks.

use super::error::{Cause, Error, name};
use super::{World, messages, terminal};
use crate::env::Env;
use crate::kubeconfig::risk::{Permission, Risk, What};
use crate::kubeconfig::schema::key;
use crate::settings::ImportPermissions;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;

/// What is permitted beforehand.
#[derive(clap::Args, Clone, Debug, Default)]
#[command(next_help_heading = "Permissions")]
pub struct AllowArgs {
    /// Permit the new users to run this program; without CMD, any program. Can be repeated
    #[arg(long, value_name = "CMD", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    pub allow_exec: Vec<String>,

    /// Permit the programs to get this environment variable; without NAME, any variable
    #[arg(long, value_name = "NAME", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    pub allow_env: Vec<String>,

    /// Permit the new entries to send this file as a token, or to embed it as a certificate; without FILE, any file
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    pub allow_file: Vec<String>,

    /// Permit the new contexts to log in as this user of yours; without NAME, as any user
    #[arg(long, value_name = "NAME", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    pub allow_user: Vec<String>,

    /// Permit the new contexts to connect to this cluster of yours; without NAME, any cluster
    #[arg(long, value_name = "NAME", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    pub allow_cluster: Vec<String>,

    /// Words that may be values: see `loose`.
    #[arg(skip)]
    pub loose: Vec<LooseValue>,
}

/// A word that follows one of these flags without an `=`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LooseValue {
    /// The flag, without dashes.
    pub flag: &'static str,
    /// The word.
    pub word: String,
}

impl AllowArgs {
    /// The values of a flag.
    pub(super) fn values_mut(&mut self, flag: &str) -> &mut Vec<String> {
        match flag {
            "allow-env" => &mut self.allow_env,
            "allow-file" => &mut self.allow_file,
            "allow-user" => &mut self.allow_user,
            "allow-cluster" => &mut self.allow_cluster,
            _ => &mut self.allow_exec,
        }
    }
}

/// The texts of a command's question about foreign entries.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wording {
    /// The question: `Import this anyway?`
    pub(super) question: &'static str,
    /// What is skipped without permission: `nothing was imported`.
    pub(super) undone: &'static str,
}

/// The permissions that the user has given.
pub(super) struct Consent {
    flags: AllowArgs,
    settings: ImportPermissions,
    /// The risks that the user accepted on the terminal.
    agreed: Vec<Risk>,
    wording: Wording,
}

impl Consent {
    /// Takes the permissions from these flags and from the settings.
    ///
    /// # Errors
    /// Fails if the settings cannot be read.
    pub(super) fn new(flags: &AllowArgs, wording: Wording, world: &World<'_>) -> Result<Consent, Error> {
        let settings = world.settings()?.allowed.clone();
        Ok(Consent { flags: flags.clone(), settings, agreed: Vec::new(), wording })
    }

    /// Takes the permissions from the settings alone; nothing is asked.
    pub(super) fn by_settings(settings: ImportPermissions) -> Consent {
        let wording = Wording { question: "", undone: "" };
        Consent { flags: AllowArgs::default(), settings, agreed: Vec::new(), wording }
    }

    /// True if this risk needs no permission, or is permitted.
    pub(super) fn permits(&self, risk: &Risk, env: &Env) -> bool {
        let Some(permission) = risk.what.permission() else { return true };
        let none = Vec::new();
        let (flags, settings) = match permission {
            Permission::Exec(_) => (&self.flags.allow_exec, &self.settings.exec),
            Permission::Env(_) => (&self.flags.allow_env, &self.settings.env),
            Permission::File(_) => (&self.flags.allow_file, &none),
            Permission::User(_) => (&self.flags.allow_user, &none),
            Permission::Cluster(_) => (&self.flags.allow_cluster, &none),
        };
        flags.iter().chain(settings).any(|rule| covers(rule, permission, env)) || self.agreed.contains(risk)
    }

    /// Shows these risks, and asks about those that still need a permission.
    ///
    /// # Errors
    /// See [`Consent::demand`]; exit code 1 if the user declines.
    pub(super) fn ask(&mut self, risks: &[Risk], world: &mut World<'_>) -> Result<(), Error> {
        show(risks, world);
        self.decide(risks, world)
    }

    /// Asks about those of these risks that still need a permission. They have been shown.
    ///
    /// # Errors
    /// As [`Consent::ask`].
    pub(super) fn decide(&mut self, risks: &[Risk], world: &mut World<'_>) -> Result<(), Error> {
        if risks.iter().all(|risk| self.permits(risk, world.env)) {
            return Ok(());
        }
        if !terminal::can_ask(world) {
            return self.demand(risks, world.env);
        }
        terminal::ask(self.wording.question)?.demand(self.wording.undone, world)?;
        self.agreed.extend(risks.iter().cloned());
        Ok(())
    }

    /// The flags that permit exactly the risks not permitted yet.
    pub(super) fn flags(&self, risks: &[Risk], env: &Env) -> Vec<String> {
        let open = risks.iter().filter(|risk| !self.permits(risk, env));
        let permissions: BTreeSet<Permission<'_>> = open.filter_map(|risk| risk.what.permission()).collect();
        permissions.into_iter().map(flag).collect()
    }

    /// Fails if one of these risks needs a permission and does not have it.
    ///
    /// # Errors
    /// The error says what would happen, and which flags permit it.
    pub(super) fn demand(&self, risks: &[Risk], env: &Env) -> Result<(), Error> {
        let open: Vec<&Risk> = risks.iter().filter(|risk| !self.permits(risk, env)).collect();
        let Some(first) = open.first() else { return Ok(()) };
        let more = match open.len() {
            1 => String::new(),
            2 => ", and 1 more permission is needed".to_owned(),
            count => format!(", and {} more permissions are needed", count - 1),
        };
        let message = format!("{}{more}; {}", would(first), self.wording.undone);
        let flags = self.flags(risks, env).join(" ");
        let exact = open.iter().filter_map(|risk| risk.what.permission()).all(|it| !it.value().is_empty());
        let error = Error::new(Cause::Failed, message).hint(match exact {
            true => format!("`{flags}` permits that and nothing else"),
            false => format!("`{flags}` permits that; a flag without a value permits anything of its kind"),
        });
        let lasting = |it: &Permission<'_>| matches!(it, Permission::Exec(_) | Permission::Env(_));
        Err(match open.iter().filter_map(|risk| risk.what.permission()).find(lasting) {
            Some(it) => error
                .hint(format!("`import: {{{}: […]}}` in kcx's settings permits it permanently", it.flag())),
            None => error,
        })
    }
}

/// The flag that gives exactly this permission. An empty name has no flag of its own: the one without a value permits any.
pub(super) fn flag(permission: Permission<'_>) -> String {
    if permission.value().is_empty() {
        return format!("--{}", permission.flag());
    }
    format!("--{}={}", permission.flag(), messages::shell_word(permission.value()))
}

/// A rule matches exactly: `aws` does not permit `/tmp/aws`. Paths may be relative to the working folder.
fn covers(rule: &str, permission: Permission<'_>, env: &Env) -> bool {
    let value = permission.value();
    let is_path = |word: &str| word.contains(std::path::is_separator);
    let paths = match permission {
        Permission::Exec(_) => is_path(rule) && is_path(value),
        Permission::File(_) => true,
        _ => false,
    };
    rule.is_empty() || rule == value || paths && env.absolute(Path::new(rule)) == Path::new(value)
}

/// The risks that are shown: not a variable that only selects a profile, a region or the like.
pub(super) fn shown(risks: &[Risk]) -> impl Iterator<Item = &Risk> {
    risks.iter().filter(|risk| !matches!(risk.what, What::Variable { harmless: true, .. }))
}

/// Shows these risks.
pub(super) fn show(risks: &[Risk], world: &mut World<'_>) {
    for risk in shown(risks) {
        world.warn(&said(risk));
    }
}

/// Shows risks that differ in their entries only, as one. They are [`shown`].
pub(super) fn show_alike(risks: &[&Risk], world: &mut World<'_>) {
    let Some(first) = risks.first() else { return };
    let others = match risks.len() {
        1 => String::new(),
        2 => ", and 1 more is like it".to_owned(),
        count => format!(", and {} more are like it", count - 1),
    };
    world.warn(&format!("{}{others}", said(first)));
}

/// A risk as JSON.
pub(super) fn value(risk: &Risk, allowed: bool) -> Value {
    let mut value = json!({
        "risk": risk.what.word(),
        "kind": risk.kind.word(),
        "name": risk.name,
        "text": said(risk),
    });
    let permission = risk.what.permission();
    value["needs"] = permission.map_or(Value::Null, |it| Value::from(flag(it)));
    value["allowed"] = Value::from(allowed);
    value
}

/// What an entry does, as a sentence without its full stop.
fn said(risk: &Risk) -> String {
    format!("{} {} {}", risk.kind.word(), name(&risk.name), does(&risk.what))
}

/// What an entry would do.
pub(super) fn would(risk: &Risk) -> String {
    let entry = format!("{} {}", risk.kind.word(), name(&risk.name));
    match &risk.what {
        What::Program { command, .. } => format!("{entry} would run {}", name(command)),
        What::Variable { variable, .. } => format!("{entry} would run its program with {}", name(variable)),
        What::File { path, .. } => format!("{entry} would send the content of {}", name(path)),
        What::Embedded { path, .. } => format!("{entry} would embed {}", name(path)),
        what => format!("{entry} {}", does(what)),
    }
}

/// What is wrong with a path that leads to no file.
fn absent(path: &str) -> &'static str {
    match Path::new(path).exists() {
        true => "",
        false if crate::kubeconfig::view::is_of_windows(path) => ", which is a path of Windows",
        false => ", which does not exist",
    }
}

fn does(what: &What) -> String {
    let server = |server: &str| name(&messages::without_login(server));
    match what {
        What::Program { command, args, provider } => {
            let words: Vec<String> =
                std::iter::once(command).chain(args).map(|word| messages::shell_word(word)).collect();
            let by =
                provider.as_ref().map(|it| format!(" with the old plugin {}", name(it))).unwrap_or_default();
            let is_path = command.contains(std::path::is_separator);
            format!("runs `{}`{by}{}", words.join(" "), if is_path { absent(command) } else { "" })
        }
        What::Variable { variable, value, .. } => {
            format!("runs its program with {}", name(&format!("{variable}={value}")))
        }
        What::AuthProvider(provider) => format!("logs in with the old plugin {}", name(provider)),
        What::File { field: key::TOKEN_FILE, path } => {
            format!("sends the content of {} as its token{}", name(path), absent(path))
        }
        What::File { field, path } => format!("reads {} as its {field}{}", name(path), absent(path)),
        What::Embedded { field, path, fits: true } => format!("embeds {} as its {field}", name(path)),
        What::Embedded { field, path, fits: false } => {
            format!("embeds {} as its {field}, although it is not one", name(path))
        }
        What::Unchecked => "does not check the server's certificate".to_owned(),
        What::Plain(at) => format!("connects to {} without encryption", server(at)),
        What::Proxy(proxy) => format!("connects through the proxy {}", server(proxy)),
        What::BorrowedUser { user, cluster, server: at } if at.is_empty() => {
            format!("would log in at cluster {} as your user {}", name(cluster), name(user))
        }
        What::BorrowedUser { user, server: at, .. } => {
            format!("would log in at {} as your user {}", server(at), name(user))
        }
        What::BorrowedCluster { cluster, server: at, user } => {
            let user = match user.as_str() {
                "" => "without a user".to_owned(),
                user => format!("as user {}", name(user)),
            };
            format!("would reach your cluster {} at {} {user}", name(cluster), server(at))
        }
        What::Missing(kind, missing) => {
            format!("names {} {}, which does not exist", kind.word(), name(missing))
        }
    }
}

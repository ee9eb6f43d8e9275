//! `config set-credentials NAME`.

use super::super::call::Call;
use super::super::failure::ConfigError;
use super::file_ref;
use super::set_cluster::{embed, put_file};
use super::set_context::put;
use crate::kubeconfig::change::Change;
use crate::kubeconfig::schema::key;
use crate::kubeconfig::{Body, Kind, Merged};
use crate::printer::quote;
use serde_json::{Map, Value};

/// The changes by `--exec-env` or `--auth-provider-arg`.
#[derive(Clone, Debug, Default)]
struct Pairs {
    set: Vec<(String, String)>,
    remove: Vec<String>,
}

/// `--client-certificate` or `--client-key`: the field, the path if given, and the content to embed.
type FileFlag = (&'static str, Option<String>, Option<Vec<u8>>);

/// The changes that the flags request.
struct Wanted {
    files: [FileFlag; 2],
    token: Option<String>,
    username: Option<String>,
    password: Option<String>,
    provider: Option<String>,
    provider_args: Pairs,
    command: Option<String>,
    api_version: Option<String>,
    args: Option<Vec<String>>,
    env: Pairs,
    interactive: Option<String>,
    cluster_info: Option<bool>,
}

pub(in super::super) fn run(call: &mut Call<'_, '_>) -> Result<(), ConfigError> {
    let [name] = call.typed.args.as_slice() else {
        let message = format!("unexpected args: {}", call.go_args());
        return Err(call.help_and_fail(&message));
    };
    let name = name.clone();
    let provider_args = pairs("auth-provider-arg", &call.typed.flags.list("auth-provider-arg"))
        .map_err(|message| call.help_and_fail(&message))?;
    let env = pairs("exec-env", &call.typed.flags.list("exec-env"))
        .map_err(|message| call.help_and_fail(&message))?;
    let wanted = wanted(call, &name, env, provider_args)?;
    let (store, env) = (&call.store, call.world.env);
    let report = store.edit(|merged: &Merged| -> Result<_, ConfigError> {
        let mut body = match merged.find(Kind::User, &name) {
            Some(entry) => merged.body(entry)?.into_owned(),
            None => Body::new(),
        };
        let before = body.clone();
        for (field, path, embedded) in &wanted.files {
            if let Some(path) = path {
                put_file(&mut body, field, path, embedded.as_deref(), env);
            }
        }
        methods(&mut body, &wanted);
        provider(&mut body, &wanted);
        exec(&mut body, &wanted);
        if body != before {
            file_ref::relativize(
                &mut body,
                Kind::User,
                &file_ref::base(merged, store, env, Kind::User, &name),
            );
        }
        Ok(vec![Change::Put { kind: Kind::User, name: name.clone(), body }])
    })?;
    call.world.tell_notes(&report);
    Ok(call.world.print(&format!("User {} set.\n", quote::go(&name)))?)
}

fn wanted(call: &Call<'_, '_>, name: &str, env: Pairs, provider_args: Pairs) -> Result<Wanted, ConfigError> {
    let flags = &call.typed.flags;
    let text = |flag: &str| flags.string(flag).map(str::to_owned);
    let full = |flag: &str| flags.string(flag).is_some_and(|value| !value.is_empty());
    if name.is_empty() {
        return Err(ConfigError::new("you must specify a non-empty user name"));
    }
    if full("token") && (full("username") || full("password")) {
        return Err(ConfigError::new(
            "you cannot specify more than one authentication method at the same time: --token, --username/--password",
        ));
    }
    let embeds = flags.bool("embed-certs") == Some(true);
    if embeds && !full(key::CLIENT_CERTIFICATE) && !full(key::CLIENT_KEY) {
        return Err(ConfigError::new("you must specify a --client-certificate or --client-key to embed"));
    }
    let file = |field: &'static str| -> Result<_, ConfigError> {
        let path = text(field);
        let bytes = match path.as_deref().filter(|path| embeds && !path.is_empty()) {
            Some(path) => Some(embed(field, path, &call.world.env.cwd)?),
            None => None,
        };
        Ok((field, path, bytes))
    };
    let files = [file(key::CLIENT_CERTIFICATE)?, file(key::CLIENT_KEY)?];
    let interactive = text("exec-interactive-mode");
    if interactive.as_deref().is_some_and(|mode| !matches!(mode, "IfAvailable" | "Never" | "Always")) {
        return Err(ConfigError::new(
            "invalid interactive mode type, can be only IfAvailable, Never, Always",
        ));
    }
    Ok(Wanted {
        files,
        token: text(key::TOKEN),
        username: text(key::USERNAME),
        password: text(key::PASSWORD),
        provider: text(key::AUTH_PROVIDER),
        provider_args,
        command: text("exec-command"),
        api_version: text("exec-api-version"),
        args: Some(flags.list("exec-arg")).filter(|args| !args.is_empty()),
        env,
        interactive,
        cluster_info: flags.bool("exec-provide-cluster-info"),
    })
}

/// Parses the pairs: `K=V` sets, `K-` removes. A value may end with `-`; a key must have a letter.
fn pairs(flag: &str, words: &[String]) -> Result<Pairs, String> {
    let mut pairs = Pairs::default();
    let mut invalid = Vec::new();
    for word in words {
        match word.split_once('=') {
            Some((key, value)) if !key.is_empty() => pairs.set.push((key.to_owned(), value.to_owned())),
            None if word.len() > 1 && word.ends_with('-') => {
                pairs.remove.push(word[..word.len() - 1].to_owned());
            }
            _ => invalid.push(word.as_str()),
        }
    }
    if invalid.is_empty() { Ok(pairs) } else { Err(format!("invalid {flag} format: {}", invalid.join(", "))) }
}

/// A new token removes the user name and password, and the reverse. Certificates and plugins are kept.
fn methods(body: &mut Body, wanted: &Wanted) {
    let full = |value: &Option<String>| value.as_deref().is_some_and(|value| !value.is_empty());
    put(body, key::TOKEN, wanted.token.as_deref());
    if full(&wanted.token) {
        body.shift_remove(key::USERNAME);
        body.shift_remove(key::PASSWORD);
    }
    put(body, key::USERNAME, wanted.username.as_deref());
    put(body, key::PASSWORD, wanted.password.as_deref());
    if full(&wanted.username) || full(&wanted.password) {
        body.shift_remove(key::TOKEN);
    }
}

fn provider(body: &mut Body, wanted: &Wanted) {
    if let Some(name) = &wanted.provider
        && body.get(key::AUTH_PROVIDER).and_then(|provider| provider.get(key::NAME)).and_then(Value::as_str)
            != Some(name)
    {
        let mut provider = Map::new();
        put(&mut provider, key::NAME, Some(name));
        body.insert(key::AUTH_PROVIDER.to_owned(), Value::Object(provider));
    }
    let Some(Value::Object(provider)) = body.get_mut(key::AUTH_PROVIDER) else { return };
    // kubectl writes an empty mapping if there was none, even without pairs.
    let config = provider.entry(key::CONFIG).or_insert_with(|| Value::Object(Map::new()));
    if let Value::Object(config) = config {
        for key in &wanted.provider_args.remove {
            config.shift_remove(key);
        }
        for (key, value) in &wanted.provider_args.set {
            config.insert(key.clone(), Value::from(value.as_str()));
        }
    }
}

fn exec(body: &mut Body, wanted: &Wanted) {
    if let Some(command) = &wanted.command {
        let exec = body.entry(key::EXEC).or_insert_with(|| Value::Object(Map::new()));
        if let Value::Object(exec) = exec {
            put(exec, key::COMMAND, Some(command));
            // The old arguments were for the old command.
            exec.shift_remove(key::ARGS);
        }
    }
    let Some(Value::Object(exec)) = body.get_mut(key::EXEC) else { return };
    put(exec, key::API_VERSION, wanted.api_version.as_deref());
    if let Some(args) = &wanted.args {
        exec.insert(key::ARGS.to_owned(), Value::from(args.clone()));
    }
    put(exec, key::INTERACTIVE_MODE, wanted.interactive.as_deref());
    match wanted.cluster_info {
        Some(true) => drop(exec.insert(key::PROVIDE_CLUSTER_INFO.to_owned(), Value::Bool(true))),
        Some(false) => drop(exec.shift_remove(key::PROVIDE_CLUSTER_INFO)),
        None => {}
    }
    environment(exec, &wanted.env);
}

/// Removals apply to all variables with the name; assignments change the first one or are appended, in the given order.
fn environment(exec: &mut Body, pairs: &Pairs) {
    if pairs.set.is_empty() && pairs.remove.is_empty() {
        return;
    }
    let named =
        |item: &Value, name: &str| item.get(key::NAME).and_then(Value::as_str).unwrap_or_default() == name;
    let mut list = match exec.get(key::ENV) {
        Some(Value::Array(list)) => list.clone(),
        _ => Vec::new(),
    };
    list.retain(|item| !pairs.remove.iter().any(|name| named(item, name)));
    for (name, value) in &pairs.set {
        let pair = Map::from_iter([
            ("name".to_owned(), Value::from(name.as_str())),
            ("value".to_owned(), Value::from(value.as_str())),
        ]);
        match list.iter_mut().find(|item| named(item, name)) {
            Some(item) => *item = Value::Object(pair),
            None => list.push(Value::Object(pair)),
        }
    }
    exec.insert(key::ENV.to_owned(), Value::Array(list));
}

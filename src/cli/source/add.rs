//! `kcx source add`: a source more in the settings.

use crate::cli::error::{Cause, Error, name, path};
use crate::cli::{World, settings_file, suggest};
use crate::kubeconfig::schema::key;
use crate::settings::{RECIPES, Settings, source_origins, with_source};
use serde_json::{Map, Value, json};

/// Add a source to the settings
#[derive(clap::Args, Debug)]
pub struct AddArgs {
    /// The name of the source, and of its file in ~/.kube/config.d
    #[arg(value_name = "NAME")]
    pub name: String,

    /// What it is: dir, git, command, or a recipe such as aws
    #[arg(value_name = "KIND")]
    pub kind: String,

    /// Its folder, URL, program (after `--`, with its arguments) or main value; and options as KEY=VALUE
    #[arg(value_name = "VALUE")]
    pub values: Vec<String>,

    /// The file that it keeps in step
    #[arg(long, value_name = "FILE")]
    pub into: Option<String>,

    /// A template for the names of its contexts, such as '{source}-{name}'
    #[arg(long, value_name = "TEMPLATE")]
    pub names: Option<String>,

    /// Permit its users to run this program. Can be repeated
    #[arg(long, value_name = "CMD")]
    pub allow_exec: Vec<String>,

    /// The namespace of its contexts
    #[arg(long, value_name = "NAMESPACE")]
    pub namespace: Option<String>,

    /// The time limit of each call to it, in seconds (60 by default)
    #[arg(long, value_name = "SECONDS")]
    pub timeout: Option<u64>,
}

/// Adds it.
///
/// # Errors
/// Exit code 2 for a source that makes no sense, 4 if the name is taken.
pub(super) fn run(args: &AddArgs, world: &mut World<'_>) -> Result<(), Error> {
    let file = settings_file::own(world.env)?;
    let settings = world.settings()?;
    if settings.sources.iter().any(|source| source.name == args.name) {
        let message = format!("there is a source {} already; nothing was added", name(&args.name));
        return Err(Error::new(Cause::Conflict, message)
            .hint(format!("`kcx source remove {}` removes it", args.name)));
    }
    let item = item(args)?;
    // The same errors as in the file.
    let alone = json!({"sources": [item]}).to_string();
    if let Err(error) = Settings::parse(alone.into()) {
        let text = error.to_string();
        let text = text.split_once(": ").map_or(text.as_str(), |(_, what)| what).replace("sources[0].", "");
        return Err(Error::new(Cause::Usage, format!("{text}; nothing was added"))
            .hint("`kcx source add --help` shows the kinds and their options"));
    }
    let old = settings_file::content(&file)?.unwrap_or_default();
    let text = String::from_utf8_lossy(&old);
    let new = with_source(&text, &item).ok_or_else(|| {
        Error::new(
            Cause::Failed,
            format!("cannot add to the list `sources` in {}; nothing was added", path(&file)),
        )
        .hint("`kcx settings edit` opens it: write one source a line")
    })?;
    world.put(&file, new.as_bytes(), settings_file::if_unchanged(&file, &old, "nothing was added"))?;
    world.done(&format!("added source {} to {}", name(&args.name), path(&file)));
    world.done(&format!(
        "`kcx source test {0}` asks it for its clusters, `kcx sync {0}` adds them",
        args.name
    ));
    Ok(())
}

/// The source as in the settings file.
fn item(args: &AddArgs) -> Result<Value, Error> {
    let kinds = source_origins();
    let usage = |message: String| Error::new(Cause::Usage, format!("{message}; nothing was added"));
    if !kinds.contains(&args.kind.as_str()) {
        let near = suggest::near(&args.kind, &kinds).map(|near| format!("did you mean {}? ", name(near)));
        return Err(usage(format!("there is no kind of source {}", name(&args.kind))).hint(format!(
            "{}the kinds are {}",
            near.unwrap_or_default(),
            kinds.join(", ")
        )));
    }
    let mut item = Map::new();
    item.insert(key::NAME.to_owned(), Value::from(args.name.as_str()));
    let value = match args.kind.as_str() {
        "command" => match args.values.is_empty() {
            true => {
                return Err(usage("no program was named".to_owned())
                    .hint("`kcx source add NAME command -- PROG ARG…`"));
            }
            false => json!(args.values),
        },
        "dir" => match args.values.as_slice() {
            [folder] => Value::from(folder.as_str()),
            _ => return Err(usage("a folder, or a pattern in quotes, is needed".to_owned())),
        },
        "git" => options("url", &["branch", "path", "url"], &args.values).map_err(usage)?,
        recipe => {
            let recipe = RECIPES.iter().find(|it| it.name == recipe).copied();
            let (main, known) = recipe.map_or(("", &[] as &[&str]), |recipe| (recipe.main, recipe.options));
            options(main, known, &args.values).map_err(usage)?
        }
    };
    item.insert(args.kind.clone(), value);
    let texts = [("into", &args.into), ("names", &args.names), ("namespace", &args.namespace)];
    for (field, text) in texts {
        if let Some(text) = text {
            item.insert(field.to_owned(), Value::from(text.as_str()));
        }
    }
    if !args.allow_exec.is_empty() {
        item.insert("allow-exec".to_owned(), json!(args.allow_exec));
    }
    if let Some(seconds) = args.timeout {
        item.insert("timeout".to_owned(), Value::from(seconds));
    }
    Ok(Value::Object(item))
}

/// True for a word that looks like `KEY=VALUE`.
fn is_option(word: &str) -> bool {
    let is_key = |key: &str| !key.is_empty() && key.chars().all(|c| c.is_ascii_lowercase() || c == '-');
    word.split_once('=').is_some_and(|(key, _)| is_key(key))
}

/// The options of a source: `KEY=VALUE`, where a repeated key makes a list, and one value alone for the main option.
fn options(main: &str, known: &[&str], words: &[String]) -> Result<Value, String> {
    let mut options: Map<String, Value> = Map::new();
    for word in words {
        let (key, value) = match word.split_once('=').filter(|(key, _)| known.contains(key)) {
            Some(pair) => pair,
            None if known.is_empty() => {
                return Err(format!("this kind has no options, and {} was given", name(word)));
            }
            None if main.is_empty() || is_option(word) => {
                return Err(format!("{} is no option; the options are {}", name(word), known.join(", ")));
            }
            None => (main, word.as_str()),
        };
        match options.get_mut(key) {
            None => {
                options.insert(key.to_owned(), Value::from(value));
            }
            Some(Value::Array(list)) => list.push(Value::from(value)),
            Some(first) => *first = json!([first.clone(), value]),
        }
    }
    let only = options.len() == 1;
    match options.get(main) {
        Some(value @ Value::String(_)) if only => Ok(value.clone()),
        None if options.is_empty() => Ok(Value::Bool(true)),
        _ => Ok(Value::Object(options)),
    }
}

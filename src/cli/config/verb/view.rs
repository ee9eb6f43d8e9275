//! `config view`: loads, minifies, flattens or redacts, and prints.

use super::super::super::store_error::LoadText;
use super::super::super::{locked, messages};
use super::super::call::Call;
use super::super::command_table::{Command, Verb};
use super::super::failure::ConfigError;
use super::super::flags::{Flags, UsageError};
use crate::env::Env;
use crate::kubeconfig::View;
use crate::printer::{gotemplate, json, jsonpath, kyaml, quote, yaml};
use crate::store::{LoadError, Origin};
use serde_json::Value;
use std::io;

/// `ENOENT`, and `ERROR_FILE_NOT_FOUND` of Windows.
const NOT_FOUND: i32 = 2;

pub(in super::super) fn run(call: &mut Call<'_, '_>) -> Result<(), ConfigError> {
    if !call.typed.args.is_empty() {
        let message = format!("unexpected arguments: {}", call.go_args());
        return Err(UsageError::usage(message, Command::Verb(Verb::View)).into());
    }
    let flags = &call.typed.flags;
    let printer = Printer::of(flags, call.world.env)?;
    let alone = flags.bool("merge") == Some(false);
    if alone && call.store.precedence().origin != Origin::Flag {
        return Err(ConfigError::new("if merge==false a precise file must be specified"));
    }
    let loaded =
        if alone { call.store.load().map_err(|errors| alone_error(&errors))? } else { call.store.load()? };
    if alone && loaded.merged.is_empty() {
        return Err(ConfigError::new(format!(
            "open {}: {}",
            messages::path(call.store.default_path()),
            messages::go_error(&io::Error::from_raw_os_error(NOT_FOUND))
        )));
    }
    let mut view = View::of(&loaded.merged)?;
    let [minify, flatten, raw] = ["minify", "flatten", "raw"].map(|flag| flags.bool(flag) == Some(true));
    if minify {
        view = view.minify(flags.string("context").filter(|context| !context.is_empty()))?;
    }
    if flatten || raw {
        // These print credentials.
        locked::refuse_elsewhere(flags.string("kubeconfig"), "nothing was printed", call.world)?;
    }
    let env = call.world.env;
    view = match (flatten, raw) {
        (true, _) => view.flatten(&|path, origin| {
            let file = env.beside(origin, path);
            let bytes = crate::file::read(&file, 1 << 24).map(|(bytes, _)| bytes);
            (file, bytes)
        })?,
        (false, true) => view,
        (false, false) => view.redact(),
    };
    let value = view.to_value();
    // A pipe gets exactly kubectl's bytes. On a terminal, control characters are escaped.
    match printer {
        Printer::Yaml if env.stdout_is_terminal => return Ok(call.world.print(&yaml::visible(&value))?),
        Printer::Json if env.stdout_is_terminal => return Ok(call.world.print(&json::visible(&value))?),
        _ => {}
    }
    let bytes = printer.print(&value)?;
    // The output of a template may be binary; on a terminal it is escaped.
    match std::str::from_utf8(&bytes) {
        Ok(text) => Ok(call.world.print_lines(text)?),
        Err(_) if call.world.env.stdout_is_terminal => {
            Ok(call.world.print_lines(&String::from_utf8_lossy(&bytes))?)
        }
        Err(_) => Ok(call.world.out.write_all(&bytes)?),
    }
}

/// Without merging, kubectl's message does not name the file.
fn alone_error(errors: &[LoadError]) -> ConfigError {
    let texts: Vec<String> = errors.iter().map(|error| LoadText::of(error, false).alone).collect();
    ConfigError::new(texts.join("\n"))
}

/// An output format of kubectl.
enum Printer {
    Yaml,
    Json,
    Kyaml,
    Name,
    JsonPath { template: jsonpath::Template, as_json: bool, allow_missing: bool },
    GoTemplate { template: gotemplate::Template, strict: bool },
}

const FORMATS: &str = "go-template,go-template-file,json,jsonpath,jsonpath-as-json,jsonpath-file,kyaml,name,template,templatefile,yaml";

impl Printer {
    /// The printer for the flags. Source: cli-runtime `print_flags.go`.
    fn of(flags: &Flags, env: &Env) -> Result<Printer, ConfigError> {
        let output = flags.string("output");
        let template = flags.string("template").unwrap_or_default();
        let output = match output {
            None if !template.is_empty() => "go-template",
            None => "yaml",
            Some(output) => output,
        };
        match output.to_lowercase().as_str() {
            "yaml" => return Ok(Printer::Yaml),
            "json" => return Ok(Printer::Json),
            "kyaml" => return Ok(Printer::Kyaml),
            "name" | "" => return Ok(Printer::Name),
            _ => {}
        }
        let allow_missing = flags.bool("allow-missing-template-keys") != Some(false);
        let (format, text) = match output.split_once('=') {
            Some((format, text)) if template.is_empty() => (format, text.to_owned()),
            None => (output, template.to_owned()),
            // `--template` together with a format that has its own template matches no printer.
            Some(_) => ("", String::new()),
        };
        let path = matches!(format, "jsonpath" | "jsonpath-as-json" | "jsonpath-file");
        if !path && !matches!(format, "go-template" | "go-template-file" | "template" | "templatefile") {
            let name = quote::go(output);
            return Err(ConfigError::new(format!(
                "unable to match a printer suitable for the output format {name}, allowed formats are: {FORMATS}"
            )));
        }
        if text.is_empty() {
            return Err(ConfigError::new("template format specified but no template given"));
        }
        let text = if format.ends_with("file") { read(&text, env)? } else { text };
        if path {
            let template =
                jsonpath::Template::parse(&text).map_err(|error| ConfigError::new(error.to_string()))?;
            return Ok(Printer::JsonPath { template, as_json: format == "jsonpath-as-json", allow_missing });
        }
        let template =
            gotemplate::Template::parse(&text).map_err(|error| ConfigError::new(error.to_string()))?;
        Ok(Printer::GoTemplate { template, strict: !allow_missing })
    }

    fn print(&self, value: &Value) -> Result<Vec<u8>, ConfigError> {
        let text = match self {
            Printer::Yaml => yaml::print(value),
            Printer::Json => json::print(value),
            Printer::Kyaml => kyaml::print(value),
            Printer::Name => "config/<unknown>\n".to_owned(),
            Printer::JsonPath { template, as_json, allow_missing } => {
                let printed = if *as_json {
                    template.print_as_json(value, *allow_missing)
                } else {
                    template.print(value, *allow_missing)
                };
                printed.map_err(|error| ConfigError::new(error.to_string()))?
            }
            Printer::GoTemplate { template, strict } => {
                return template.print(value, *strict).map_err(|error| ConfigError::new(error.to_string()));
            }
        };
        Ok(text.into_bytes())
    }
}

fn read(path: &str, env: &Env) -> Result<String, ConfigError> {
    let failed = |why: String| ConfigError::new(format!("error reading --template {path}, {why}"));
    let (bytes, _) = crate::file::read_given(&env.cwd.join(path), crate::file::limits::TEMPLATE)
        .map_err(|error| failed(format!("open {path}: {}", messages::go_error(&error))))?;
    String::from_utf8(bytes).map_err(|_| failed("it is not UTF-8 text".to_owned()))
}

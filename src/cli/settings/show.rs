//! `kcx settings show`: each setting with its value and where that comes from.

use super::tell_old;
use crate::cli::error::{Cause, Error, path};
use crate::cli::globals::Output;
use crate::cli::{World, messages, settings_file};
use crate::printer::table;
use crate::settings::{OldKey, Setting, SettingsError, defaults, in_file, old_keys};
use serde_json::{Value, json};
use std::path::Path;

/// A setting in force.
struct Row {
    key: String,
    value: Value,
    from: From,
}

/// Where a value comes from.
enum From {
    Default,
    Line(usize),
    Variable(&'static str),
}

/// Prints them. `-o json` prints one object: `file`, `exists`, `settings`, each with `key`, `value` and `source`
/// (`default`, `file` with `line`, or `variable` with its name), and `old`: the keys of earlier versions, each with `key`,
/// `line`, `advice` and `write`, the lines to write instead.
pub(super) fn run(world: &mut World<'_>) -> Result<(), Error> {
    let file = settings_file::own(world.env)?;
    let bytes = settings_file::content(&file)?;
    let exists = bytes.is_some();
    let bytes = bytes.unwrap_or_default();
    let wrong = |error: SettingsError| {
        let message = format!("cannot read {}: {error}", path(&file));
        settings_file::said(&error, Error::new(Cause::Failed, message))
            .hint("`kcx settings edit` opens it at this place")
    };
    let (old, set) = (old_keys(&bytes).map_err(wrong)?, in_file(bytes).map_err(wrong)?);
    let rows = rows(&set, world);
    match world.globals.output {
        Some(output @ (Output::Json | Output::Yaml)) => {
            let settings: Vec<Value> = rows.iter().map(as_json).collect();
            let old: Vec<Value> = old.iter().map(old_as_json).collect();
            let file = file.to_string_lossy();
            let shown = json!({"file": file, "exists": exists, "settings": settings, "old": old});
            world.print_value(output, &shown)?;
        }
        Some(Output::Name) => {
            let names: String = rows.iter().map(|row| format!("{}\n", row.key)).collect();
            world.print_lines(&names)?;
        }
        _ => {
            let cells: Vec<Vec<String>> =
                rows.iter().map(|row| vec![row.key.clone(), text(&row.value), from(row, &file)]).collect();
            let header = ["SETTING", "VALUE", "FROM"];
            let text = match world.env.stdout_is_terminal {
                true => table::screen(Some(&header), &cells, world.env.columns),
                false => table::print(Some(&header), &cells),
            };
            world.print(&text)?;
            tell_old(&file, &old, world);
            if !exists {
                world.done(&format!("{} does not exist; `kcx settings edit` creates it", path(&file)));
            }
        }
    }
    Ok(())
}

/// The settings in the order of the table; those of the file take precedence over defaults.
fn rows(set: &[Setting], world: &World<'_>) -> Vec<Row> {
    let mut rows = Vec::new();
    for (key, default) in defaults() {
        // The old list of protected contexts stands beside the rules.
        let own = set.iter().filter(|it| it.name() == key || key == "rules" && it.name() == "protect");
        let mut own: Vec<Row> = own
            .map(|it| Row { key: it.key.clone(), value: it.value.clone(), from: From::Line(it.line) })
            .collect();
        if own.is_empty() {
            own.push(Row { key: key.to_owned(), value: default, from: From::Default });
        }
        rows.extend(own);
    }
    if let Some(picker) = &world.env.picker
        && let Some(row) = rows.iter_mut().find(|row| row.key == "picker")
    {
        (row.value, row.from) = (json!(picker.to_string_lossy()), From::Variable("KCX_PICKER"));
    }
    rows
}

fn from(row: &Row, file: &Path) -> String {
    match row.from {
        From::Default => "default".to_owned(),
        From::Line(line) => format!("{}:{line}", messages::path(file)),
        From::Variable(name) => name.to_owned(),
    }
}

fn as_json(row: &Row) -> Value {
    let mut object = json!({"key": row.key, "value": row.value});
    match row.from {
        From::Default => object["source"] = json!("default"),
        From::Line(line) => {
            object["source"] = json!("file");
            object["line"] = json!(line);
        }
        From::Variable(name) => {
            object["source"] = json!("variable");
            object["variable"] = json!(name);
        }
    }
    object
}

fn old_as_json(old: &OldKey) -> Value {
    json!({"key": old.key, "line": old.line, "advice": old.advice, "write": old.write})
}

/// A value for the table.
fn text(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) if items.is_empty() => "none".to_owned(),
        Value::Object(fields) if fields.is_empty() => "none".to_owned(),
        Value::Array(items) => items.iter().map(text).collect::<Vec<_>>().join(", "),
        Value::Object(fields) => {
            let fields = fields.iter().map(|(key, value)| format!("{key}: {}", text(value)));
            fields.collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
}

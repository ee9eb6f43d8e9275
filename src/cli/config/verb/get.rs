//! `config get-clusters`, `get-contexts`, `get-users`.

use super::super::call::Call;
use super::super::failure::ConfigError;
use crate::kubeconfig::{Kind, Merged, ParseError};
use crate::printer::table;

pub(in super::super) fn clusters(call: &mut Call<'_, '_>) -> Result<(), ConfigError> {
    names(call, Kind::Cluster)
}

pub(in super::super) fn users(call: &mut Call<'_, '_>) -> Result<(), ConfigError> {
    names(call, Kind::User)
}

/// kubectl lists clusters in random order; kcx sorts them, as kubectl sorts users.
fn names(call: &mut Call<'_, '_>, kind: Kind) -> Result<(), ConfigError> {
    let loaded = call.store.load()?;
    let lines: String = loaded.merged.names(kind).iter().map(|name| format!("{name}\n")).collect();
    Ok(call.world.print_lines(&format!("NAME\n{lines}"))?)
}

const HEADER: [&str; 5] = ["CURRENT", "NAME", "CLUSTER", "AUTHINFO", "NAMESPACE"];

pub(in super::super) fn contexts(call: &mut Call<'_, '_>) -> Result<(), ConfigError> {
    let output = call.typed.flags.string("output").unwrap_or_default();
    if !matches!(output, "" | "name") {
        return Err(ConfigError::new(format!(
            "--output {output} is not available in kubectl config get-contexts; resetting to default output format"
        )));
    }
    let names_only = output == "name";
    let loaded = call.store.load()?;
    let merged = &loaded.merged;
    let (mut rows, mut missing) = (Vec::new(), Vec::new());
    if call.typed.args.is_empty() {
        for name in merged.names(Kind::Context) {
            rows.extend(row(merged, name, names_only)?);
        }
    } else {
        let mut wanted: Vec<&String> = call.typed.args.iter().collect();
        missing.extend(
            wanted
                .iter()
                .filter(|name| merged.find(Kind::Context, name).is_none())
                .map(|name| (*name).clone()),
        );
        wanted.sort();
        for name in wanted {
            rows.extend(row(merged, name, names_only)?);
        }
    }
    let headers = !names_only && call.typed.flags.bool("no-headers") != Some(true);
    let table = table::print(headers.then_some(&HEADER), &rows);
    call.world.print_lines(&table)?;
    let line = |name: &String| format!("context {name} not found\n");
    match missing.as_slice() {
        [] => Ok(()),
        [one] => Err(ConfigError { text: format!("error: {}", line(one)), code: 1 }),
        several => Err(ConfigError { text: several.iter().map(line).collect(), code: 1 }),
    }
}

fn row(merged: &Merged, name: &str, name_only: bool) -> Result<Option<Vec<String>>, ParseError> {
    let Some(entry) = merged.find(Kind::Context, name) else { return Ok(None) };
    if name_only {
        return Ok(Some(vec![name.to_owned()]));
    }
    let current = if merged.current_context() == name { "*" } else { "" };
    let mut cells = vec![current.to_owned(), name.to_owned()];
    for field in ["cluster", "user", "namespace"] {
        cells.push(merged.text(entry, field)?);
    }
    Ok(Some(cells))
}

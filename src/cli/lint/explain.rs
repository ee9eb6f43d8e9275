//! `--explain`: the table of findings, one row or all.

use super::super::World;
use super::super::error::{Cause, Error};
use super::code;
use crate::kubeconfig::lint::{Fixability, Rule, rules};
use crate::printer::table;
use std::fmt::Write;

/// Explains a code, or all.
///
/// # Errors
/// The code does not exist.
pub(super) fn run(word: &str, all: bool, world: &mut World<'_>) -> Result<(), Error> {
    if all {
        return Ok(world.print(&table())?);
    }
    if word.is_empty() {
        return Err(Error::new(Cause::Usage, "no code was named")
            .hint("`kcx lint --explain KCX101`, or `--explain --all`"));
    }
    let text = one(code(word)?.rule());
    Ok(world.print(&text)?)
}

/// One row, with all it says.
fn one(rule: &Rule) -> String {
    let fixed_by = match rule.fixability {
        Fixability::No => "",
        Fixability::Safe => "\n`kcx lint --fix` fixes it.\n",
        Fixability::Unsafe => "\n`kcx lint --unsafe-fixes` fixes it in the way that was probably intended.\n",
    };
    let mut text = format!(
        "{} ({}): {}\n\n{}\n{fixed_by}\nExample:\n",
        rule.code,
        rule.severity.word(),
        rule.title,
        rule.help
    );
    for line in rule.example.lines() {
        // Infallible: it goes into a string.
        let _ = writeln!(
            text,
            "    {}",
            line.escape_debug().to_string().replace("\\\'", "'").replace("\\\"", "\"")
        );
    }
    text
}

/// All rows, a line each.
fn table() -> String {
    let row = |rule: &Rule| {
        let fixed_by = match rule.fixability {
            Fixability::No => "",
            Fixability::Safe => "--fix",
            Fixability::Unsafe => "--unsafe-fixes",
        };
        [&rule.code.to_string(), rule.severity.word(), rule.title, fixed_by].map(str::to_owned).to_vec()
    };
    let rows: Vec<Vec<String>> = rules().map(row).collect();
    table::screen(Some(&["CODE", "SEVERITY", "ABOUT", "FIXED BY"]), &rows, None)
}

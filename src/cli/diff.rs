//! `kcx diff A [B]`: shows the semantic differences between two kubeconfigs.

mod display;

use super::error::{Cause, Error, name};
use super::globals::Output;
use super::messages::painted;
use super::{World, stdin};
use crate::kubeconfig::diff::{Difference, DifferenceKind, FieldDifference, Section, diff};
use crate::kubeconfig::{Document, Merged, Source, View};
use crate::printer::quote;
use crate::store::{self, LoadCause, LoadError};
use display::{display, spelled};
use serde_json::{Value, json};
use std::io;
use std::path::{Path, PathBuf};

/// Show the differences between two kubeconfigs, by meaning
#[derive(clap::Args, Debug, Default)]
#[command(after_help = AFTER)]
pub struct DiffArgs {
    /// A kubeconfig; `-` is stdin
    #[arg(value_name = "A")]
    pub a: PathBuf,

    /// Another kubeconfig; `-` is stdin
    #[arg(value_name = "B")]
    pub b: Option<PathBuf>,
}

const AFTER: &str = "\
`-` marks A and `+` marks B; with only A, `-` marks your own kubeconfig and `+` marks A. Texts with the same meaning for \
kubectl are equal: order, comments, quotes, JSON or YAML, and fields that kubectl does not know are ignored. A relative \
path is resolved from the folder of its kubeconfig. Secrets are shown as fingerprints; those that could be guessed are \
not shown at all.

-o name prints the entries that differ, as cluster/NAME; -o json prints them with their fields; -q prints nothing.

The exit code is 0 if nothing differs, 1 if something differs, and 2 after an error, as with diff(1).";

/// Compares two kubeconfigs.
///
/// `-o json` and `-o yaml` print one object. `same` is true if nothing differs. `entries` is a list of `{kind, name, change,
/// fields}`, where `kind` is `cluster`, `user` or `context`, and `change` is `added`, `removed` or `changed`. `fields`, of
/// an entry or of the kubeconfig itself, is a list of `{path, before, after}`; a missing value is null. A path is like
/// `exec.args[0]`; a key with characters other than letters, digits, `-`, `_` and `/` is quoted: `extensions["a.b"].c`. The
/// value of a secret is its fingerprint. If only one side has an entry, all of its fields are listed.
///
/// # Errors
/// Silent, with exit code 1, if something differs; 2 for everything else.
pub(super) fn run(args: &DiffArgs, world: &mut World<'_>) -> Result<(), Error> {
    match compare(args, world) {
        Ok(true) => Ok(()),
        Ok(false) => Err(Error::silent(1)),
        Err(error) => match error.cause {
            Cause::Silent(_) | Cause::Usage => Err(error),
            _ => Err(Error { cause: Cause::Trouble, ..error }),
        },
    }
}

/// True if they are the same.
fn compare(args: &DiffArgs, world: &mut World<'_>) -> Result<bool, Error> {
    let output = world.globals.output;
    stdin::once(args.b.iter().chain([&args.a]).map(PathBuf::as_path))?;
    let (before, after) = match &args.b {
        Some(b) => (named(&args.a, world)?, named(b, world)?),
        None => {
            let own = world.load_own().map_err(not_compared)?.merged;
            (view(&own, world)?, named(&args.a, world)?)
        }
    };
    let found = diff(&before, &after);
    let text = match output {
        _ if world.globals.quiet => String::new(),
        Some(Output::Name) => {
            let names: Vec<String> = found.iter().map(|difference| full_name(&difference.section)).collect();
            heard(world.print_names(names.iter().map(String::as_str)))?;
            String::new()
        }
        Some(output @ (Output::Json | Output::Yaml)) => {
            heard(world.print_value(output, &object(&found)))?;
            String::new()
        }
        _ => {
            let colors = world.colors_stdout();
            found.iter().map(|difference| block(difference, colors)).collect()
        }
    };
    heard(world.print(&text).and_then(|()| world.out.flush()))?;
    Ok(found.is_empty())
}

/// A closed stdout does not change the result.
fn heard(printed: io::Result<()>) -> Result<(), Error> {
    match printed {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        printed => Ok(printed?),
    }
}

/// One file as kubectl would load it by itself.
fn named(file: &Path, world: &World<'_>) -> Result<View, Error> {
    let document =
        if stdin::is_meant(file) { stdin::document() } else { from_disk(&world.env.absolute(file)) };
    let unreadable = |cause| {
        let error = LoadError { path: file.to_owned(), cause };
        not_compared(Error { hints: Vec::new(), ..Error::unreadable(&[error], false) })
    };
    let document = document.map_err(unreadable)?;
    world.note_unread(file, &document);
    let document = Some(document);
    view(&Merged::new(vec![Source { path: file.to_owned(), document }]), world)
}

fn from_disk(file: &Path) -> Result<Document, LoadCause> {
    match store::read_given(file)? {
        Some((document, _)) => Ok(document),
        None => Err(LoadCause::Open(io::Error::new(io::ErrorKind::NotFound, "no such file or directory"))),
    }
}

fn view(merged: &Merged, world: &World<'_>) -> Result<View, Error> {
    let view = View::of(merged).map_err(|error| not_compared(error.into()))?;
    Ok(view.rebase(&|path, origin| world.env.beside(origin, path)))
}

fn not_compared(error: Error) -> Error {
    Error { message: error.message + "; nothing was compared", ..error }
}

/// A difference as lines for a person.
fn block(difference: &Difference<'_>, colors: bool) -> String {
    let what = match difference.section {
        Section::Entry(kind, entry) => format!("{} {}", kind.word(), name(entry)),
        section => word(section).to_owned(),
    };
    let line = |sign: &str, text: &str| {
        let color = match sign {
            "-" => "31",
            "+" => "32",
            _ => "33",
        };
        painted(&format!("{sign} {text}"), color, colors)
    };
    let sign = match difference.kind {
        DifferenceKind::Added => "+",
        DifferenceKind::Removed => "-",
        DifferenceKind::Changed => "~",
    };
    let mut text = line(sign, &what) + "\n";
    if difference.kind == DifferenceKind::Changed {
        for field in &difference.fields {
            for (sign, told) in told(field) {
                text += &format!("    {}\n", line(sign, &told));
            }
        }
    }
    text
}

/// The lines for a field: the old and the new value, or a single line that it changed if both are shown the same.
fn told(field: &FieldDifference) -> Vec<(&'static str, String)> {
    let told = |value: &Value| {
        let value = quote::visible(&display::line(value, field.secrecy)).into_owned();
        match spelled("", &field.path).as_str() {
            "" => value,
            path => format!("{}: {value}", quote::visible(path)),
        }
    };
    let (before, after) = (field.before.as_ref().map(told), field.after.as_ref().map(told));
    if before == after {
        let value = before.unwrap_or_default();
        return vec![("~", format!("{value}, changed"))];
    }
    let lines = [("-", before), ("+", after)];
    lines.into_iter().filter_map(|(sign, told)| Some((sign, told?))).collect()
}

/// All differences as a value, see [`run`].
fn object(found: &[Difference<'_>]) -> Value {
    let (mut entries, mut top) = (Vec::new(), Vec::new());
    for Difference { section, kind: change, fields } in found {
        match section {
            Section::Entry(kind, name) => {
                let change = match change {
                    DifferenceKind::Added => "added",
                    DifferenceKind::Removed => "removed",
                    DifferenceKind::Changed => "changed",
                };
                let fields: Vec<Value> = fields.iter().map(|field| member("", field)).collect();
                entries.push(json!({"kind": kind.word(), "name": name, "change": change, "fields": fields}));
            }
            section => top.extend(fields.iter().map(|field| member(word(*section), field))),
        }
    }
    json!({"same": found.is_empty(), "entries": entries, "fields": top})
}

fn member(root: &str, field: &FieldDifference) -> Value {
    let display = |value: &Option<Value>| value.as_ref().map(|value| display(value, field.secrecy));
    json!({"path": spelled(root, &field.path), "before": display(&field.before), "after": display(&field.after)})
}

/// `-o name`.
fn full_name(section: &Section<'_>) -> String {
    match section {
        Section::Entry(kind, name) => format!("{}/{name}", kind.word()),
        section => word(*section).to_owned(),
    }
}

/// The key of a section, or of the list it is in.
fn word(section: Section<'_>) -> &'static str {
    match section {
        Section::Entry(kind, _) => kind.list(),
        Section::CurrentContext => "current-context",
        Section::Preferences => "preferences",
        Section::Extensions => "extensions",
    }
}

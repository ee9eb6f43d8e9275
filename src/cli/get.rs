//! `kcx get [TYPE] [NAME…]`: lists entries.

mod namespaces;

use super::error::{self, Cause, Error, name};
use super::globals::Output;
use super::operand::Operands;
use super::{World, messages, select};
use crate::kubeconfig::error::LineIndex;
use crate::kubeconfig::schema::key;
use crate::kubeconfig::typed::{Cluster, Context, User};
use crate::kubeconfig::{Body, EntryRef, Kind, Merged, secret, view};
use crate::printer::table;
use crate::store::Precedence;
use serde_json::Value;
use std::cell::OnceCell;
use std::collections::HashMap;

/// List contexts, clusters or users, or the namespaces of the current context's cluster
///
/// TYPE is `contexts` (the default), `clusters` or `users`, also in the singular; `ctx` is short for contexts. NAME can be a
/// pattern (`prod-*`), or TYPE/NAME as in kubectl. A context named `user/x` takes precedence; if there is also a user
/// `x`, write the type as a separate word. `-o wide` adds the file and line of each entry. Only `namespaces` (or `ns`)
/// queries the cluster.
#[derive(clap::Args, Debug, Default)]
pub struct GetArgs {
    /// A type, and names or patterns of entries [default: all]
    #[arg(value_name = "TYPE|NAME")]
    pub words: Vec<String>,
}

/// Lists them.
///
/// # Errors
/// Exit code 3 for an unknown name; the others have been printed.
pub(super) fn run(args: &GetArgs, world: &mut World<'_>) -> Result<(), Error> {
    if let [first, names @ ..] = args.words.as_slice()
        && namespaces::are_meant(first)
    {
        return namespaces::run(names, world);
    }
    let loaded = world.load()?;
    if let Some(names) = namespaces::typed(&args.words, &loaded.merged)? {
        return namespaces::run(&names, world);
    }
    world.warn_of_broken();
    let merged = &loaded.merged;
    let wanted = Operands::read("get", &args.words, merged)?;
    let mut entries = merged.entries(wanted.kind);
    if entries.is_empty() && wanted.names.is_empty() && world.globals.output.is_none() {
        let text = format!("there are no {} in {}", wanted.kind.list(), world.places());
        world.done(&text);
        return Ok(());
    }
    let names = merged.holders_by_name(wanted.kind);
    let (found, missing) = select::among(
        &wanted.names,
        |name| names.contains_key(name),
        || entries.iter().map(|entry| merged.name(*entry)).collect(),
    );
    if !wanted.names.is_empty() {
        entries.retain(|entry| found.contains(merged.name(*entry)));
    }
    let origins = Origins::new(merged, names, world);
    print(world, merged, &origins, wanted.kind, &entries)?;
    tell_hidden(world, merged, &origins, &entries);
    match missing.as_slice() {
        [] => Ok(()),
        [one] => Err(select::missing(merged, wanted.kind, one)),
        several => {
            let names: Vec<String> = several.iter().map(|missing| name(missing)).collect();
            let message = format!("no {} named {}", wanted.kind.list(), names.join(", "));
            let hint = error::known(merged, wanted.kind, "");
            Err(Error::new(Cause::NotFound, message).hint(hint))
        }
    }
}

/// The files and lines of entries, for many entries at once.
struct Origins<'m> {
    merged: &'m Merged,
    precedence: Precedence,
    holders: HashMap<&'m str, Vec<EntryRef>>,
    /// The line index of each file, on first use.
    lines: Vec<OnceCell<LineIndex>>,
}

impl<'m> Origins<'m> {
    fn new(merged: &'m Merged, holders: HashMap<&'m str, Vec<EntryRef>>, world: &World<'_>) -> Origins<'m> {
        let precedence = world.precedence(world.globals.kubeconfig.as_deref());
        let lines = merged.sources().iter().map(|_| OnceCell::new()).collect();
        Origins { merged, precedence, holders, lines }
    }

    /// The files that have an entry of this name, without overlays: the first one is in force and hides the others.
    fn own(&self, entry: EntryRef) -> impl Iterator<Item = EntryRef> {
        let holders = self.holders.get(self.merged.name(entry)).map_or([].as_slice(), Vec::as_slice);
        holders
            .iter()
            .copied()
            .skip_while(|holder| self.precedence.is_session_file(self.merged.path(*holder)))
    }

    /// `FILE:LINE`.
    fn place(&self, entry: EntryRef) -> String {
        let Some(document) = &self.merged.sources()[entry.source].document else { return String::new() };
        let lines = self.lines[entry.source].get_or_init(|| LineIndex::of(document.text()));
        let line = lines.line(document.span(entry.kind, entry.index).start);
        format!("{}:{line}", messages::path(self.merged.path(entry)))
    }
}

/// The number of hidden contexts that are reported individually.
const HIDDEN: usize = 5;

/// Warns about contexts that are hidden by a context of the same name in an earlier file.
fn tell_hidden(world: &mut World<'_>, merged: &Merged, origins: &Origins<'_>, entries: &[EntryRef]) {
    if world.globals.output.is_some_and(|output| output != Output::Wide) {
        return;
    }
    let hidden = |entry: &EntryRef| {
        let own = origins.own(*entry).next().unwrap_or(*entry);
        origins.own(*entry).skip(1).map(move |other| (other, own))
    };
    let hidden: Vec<(EntryRef, EntryRef)> =
        entries.iter().filter(|entry| entry.kind == Kind::Context).flat_map(hidden).collect();
    for (other, own) in hidden.iter().take(HIDDEN) {
        let what = merged.name(*other);
        world.warn(&format!(
            "context {} of {} is hidden by the one in {}",
            name(what),
            origins.place(*other),
            origins.place(*own)
        ));
        let (file, what) =
            (messages::shell_word(&merged.path(*other).to_string_lossy()), messages::shell_word(what));
        world.hint(&format!("`kcx --kubeconfig {file} rename {what} NEW` makes it visible"));
    }
    if hidden.len() > HIDDEN {
        world.warn(&format!(
            "{} more contexts are hidden by others with the same names",
            hidden.len() - HIDDEN
        ));
    }
}

fn print(
    world: &mut World<'_>,
    merged: &Merged,
    origins: &Origins<'_>,
    kind: Kind,
    entries: &[EntryRef],
) -> Result<(), Error> {
    let output = world.globals.output;
    match output {
        Some(Output::Name) => return Ok(world.print_names(entries.iter().map(|entry| merged.name(*entry)))?),
        Some(output @ (Output::Json | Output::Yaml)) => {
            let mut items = Vec::new();
            for entry in entries {
                let mut body = merged.body(*entry)?.into_owned();
                secret::hide(&mut body, kind);
                items.push(view::item(kind, merged.name(*entry), &body));
            }
            return Ok(world.print_value(output, &Value::Array(items))?);
        }
        _ => {}
    }
    if entries.is_empty() {
        return Ok(());
    }
    let wide = output == Some(Output::Wide);
    let mut header: Vec<&str> = match kind {
        Kind::Context => vec!["CURRENT", "NAME", "CLUSTER", "USER", "NAMESPACE"],
        Kind::Cluster => vec!["NAME", "SERVER", "TLS"],
        Kind::User => vec!["NAME", "AUTH"],
    };
    if wide {
        header.extend(if kind == Kind::Context { ["SERVER", "FILE"].as_slice() } else { &["FILE"] });
    }
    let clusters =
        if wide && kind == Kind::Context { merged.holders_by_name(Kind::Cluster) } else { HashMap::new() };
    let mut rows = Vec::new();
    for entry in entries {
        let mut row = row(merged, *entry)?;
        if wide && kind == Kind::Context {
            let cluster = clusters.get(row[2].as_str()).and_then(|holders| holders.first());
            let server = cluster.map_or(Ok(String::new()), |cluster| merged.text(*cluster, key::SERVER))?;
            row.push(messages::without_login(&server));
        }
        if wide {
            row.push(origins.place(origins.own(*entry).next().unwrap_or(*entry)));
        }
        rows.push(row);
    }
    let text = table::screen(Some(&header), &rows, world.env.columns);
    Ok(world.print(&text)?)
}

fn row(merged: &Merged, entry: EntryRef) -> Result<Vec<String>, Error> {
    let (name, body) = (merged.name(entry), merged.body(entry)?);
    Ok(match entry.kind {
        Kind::Context => {
            let current = if merged.current_context() == name { "*" } else { "" };
            let mut row = vec![current.to_owned(), name.to_owned()];
            let context = Context(&body);
            row.extend([context.cluster(), context.user(), context.namespace()].map(str::to_owned));
            row
        }
        Kind::Cluster => {
            let cluster = Cluster(&body);
            vec![name.to_owned(), messages::without_login(cluster.server()), tls(cluster).to_owned()]
        }
        Kind::User => vec![name.to_owned(), auth(&body)],
    })
}

/// How the cluster is authenticated.
fn tls(cluster: Cluster<'_>) -> &'static str {
    if cluster.server().starts_with("http:") {
        "none"
    } else if cluster.skips_tls_verify() {
        "unverified"
    } else if cluster.has_certificate_authority() {
        "own CA"
    } else {
        "system CAs"
    }
}

/// How the user is authenticated. Arguments may be secrets, so only the name of a program is shown.
pub(super) fn auth(body: &Body) -> String {
    let user = User(body);
    let mut methods = Vec::new();
    for (has, method) in [
        (user.has_client_certificate(), "cert"),
        (!user.token().is_empty() || !user.token_file().is_empty(), "token"),
        (!user.username().is_empty() || !user.password().is_empty(), "password"),
    ] {
        if has {
            methods.push(method.to_owned());
        }
    }
    if let Some(exec) = user.exec() {
        methods.push(format!("exec {}", exec.command().rsplit(['/', '\\']).next().unwrap_or_default()));
    }
    if let Some(provider) = user.auth_provider() {
        methods.push(provider.name().to_owned());
    }
    if methods.is_empty() { "none".to_owned() } else { methods.join(", ") }
}

//! The tables of `kcx get`.

use super::super::World;
use super::super::describe::{auth, certificate_end, token_end, until};
use super::super::error::Error;
use super::super::globals::Output;
use super::super::messages;
use super::super::select::{Labels, SOURCE};
use super::{Origins, tls};
use crate::kubeconfig::typed::{Cluster, Context};
use crate::kubeconfig::{EntryRef, Kind, Merged};
use crate::printer::table::{Cell, Column, fitted};
use crate::prompt::ShortNames;
use jiff::Timestamp;

/// The table of these entries, in the columns of the terminal; `-o wide` has all columns, and is never shortened.
pub(super) fn table(
    merged: &Merged,
    origins: &Origins<'_>,
    kind: Kind,
    entries: &[EntryRef],
    world: &World<'_>,
) -> Result<String, Error> {
    let wide = world.globals.output == Some(Output::Wide);
    let colors = world.colors_stdout();
    let rule = |entry: &EntryRef| origins.settings.rule(merged.name(*entry));
    let labels = kind == Kind::Context && entries.iter().any(|entry| rule(entry).label.is_some());
    let now = Timestamp::now().as_second();
    let mut columns = match kind {
        Kind::Context => vec![
            Column::Whole("CURRENT"),
            Column::Name("NAME"),
            Column::Optional("CLUSTER"),
            Column::Optional("USER"),
            Column::Whole("NAMESPACE"),
        ],
        Kind::Cluster => vec![Column::Name("NAME"), Column::Shortened("SERVER"), Column::Whole("TLS")],
        Kind::User => vec![Column::Name("NAME"), Column::Shortened("AUTH")],
    };
    if labels {
        columns.push(Column::Whole("LABEL"));
    }
    let aliases = |entry: &EntryRef| origins.settings.aliases_of(merged.name(*entry)).collect::<Vec<_>>();
    let has_aliases = kind == Kind::Context && wide && entries.iter().any(|entry| !aliases(entry).is_empty());
    if has_aliases {
        columns.push(Column::Whole("ALIASES"));
    }
    let sources: Vec<String> = match kind == Kind::Context && wide {
        true => Labels::of_all(entries, merged, &origins.settings)
            .into_iter()
            .map(|mut labels| labels.pairs.remove(SOURCE).unwrap_or_default())
            .collect(),
        false => Vec::new(),
    };
    let has_sources = sources.iter().any(|source| !source.is_empty());
    if has_sources {
        columns.push(Column::Whole("SOURCE"));
    }
    if wide {
        let more = if kind == Kind::Context { ["SERVER", "FILE"].as_slice() } else { &["FILE"] };
        columns.extend(more.iter().copied().map(Column::Whole));
    }
    // The certificate and the token of a user, where one has an end.
    let mut has_ends = [false; 2];
    let width = world.env.columns.filter(|_| !wide);
    // A pipe gets whole names.
    let short = [Kind::Context, Kind::Cluster, Kind::User]
        .map(|kind| width.map(|_| ShortNames::new(merged.names(kind))).unwrap_or_default());
    let [short_contexts, short_clusters, short_users] = &short;
    let shown = |name: &str, names: &ShortNames| Cell { short: names.of(name), ..name.into() };
    let mut rows = Vec::new();
    for (at, entry) in entries.iter().enumerate() {
        let (name, body) = (merged.name(*entry), merged.body(*entry)?);
        let mut row: Vec<Cell> = match kind {
            Kind::Context => {
                let (context, current) = (Context(&body), merged.is_current(name));
                let rule = rule(entry);
                let own = if colors { rule.sgr() } else { String::new() };
                let color = if colors && current && own.is_empty() { "32;1".to_owned() } else { own.clone() };
                let mut row = vec![
                    if current { "*" } else { "" }.into(),
                    Cell { color, ..shown(name, short_contexts) },
                    shown(context.cluster(), short_clusters),
                    shown(context.user(), short_users),
                    context.namespace().into(),
                ];
                if labels {
                    row.push(Cell { color: own, ..rule.label.unwrap_or_default().into() });
                }
                if has_aliases {
                    row.push(aliases(entry).join(", ").into());
                }
                if has_sources {
                    row.push(sources[at].as_str().into());
                }
                if wide {
                    row.push(origins.server(context.cluster())?.into());
                }
                row
            }
            Kind::Cluster => {
                let cluster = Cluster(&body);
                vec![
                    shown(name, short_clusters),
                    messages::without_login(cluster.server()).into(),
                    tls(cluster).into(),
                ]
            }
            Kind::User => {
                let ends = [certificate_end(&body), token_end(&body)];
                let cell = |end: Option<i64>| {
                    let has_expired = end.is_some_and(|end| end < now);
                    let color = if colors && has_expired { "31" } else { "" }.to_owned();
                    Cell { color, ..end.map(|end| until(end, now)).unwrap_or_default().into() }
                };
                has_ends.iter_mut().zip(&ends).for_each(|(has, end)| *has |= end.is_some());
                let [certificate, token] = ends.map(cell);
                vec![shown(name, short_users), auth(&body).into(), certificate, token]
            }
        };
        if wide {
            row.push(origins.place(origins.own(*entry).next().unwrap_or(*entry)).into());
        }
        rows.push(row);
    }
    if kind == Kind::User {
        for (has, column) in has_ends.into_iter().zip(["CERTIFICATE", "TOKEN"]).rev() {
            let at = if column == "TOKEN" { 3 } else { 2 };
            match has {
                true => columns.insert(2, Column::Whole(column)),
                false => rows.iter_mut().for_each(|row| drop(row.remove(at))),
            }
        }
    }
    Ok(fitted(&columns, &rows, width))
}

//! Lets the user choose from a list: its entries, their order and descriptions.

mod fzf;
mod plain;

use super::World;
use super::error::{Cause, Error, name};
use super::select::Labels;
use super::terminal::{cancelled, no_terminal};
use super::{cluster_query, describe, messages, select};
use crate::cluster;
use crate::kubeconfig::schema::key;
use crate::kubeconfig::typed::Cluster;
use crate::kubeconfig::{EntryRef, Kind};
use crate::picker::{self, Choice, List, Paint, PickerResult};
use crate::printer::quote;
use crate::session::history::History;
use crate::session::namespace_cache;
use crate::settings::{Color, ContextRule, Picker};
use crate::store::Lookup;
use std::collections::{HashMap, HashSet};
use std::time::{Duration, SystemTime};

/// Lets the user choose one context; `title` names the purpose.
///
/// # Errors
/// Exit code 130 if nothing was chosen.
pub(super) fn context(title: &str, world: &mut World<'_>) -> Result<String, Error> {
    contexts(title, false, world)?.pop().ok_or_else(cancelled)
}

/// Lets the user choose contexts, several if `many`.
///
/// # Errors
/// Exit code 130 if nothing was chosen.
pub(super) fn contexts(title: &str, many: bool, world: &mut World<'_>) -> Result<Vec<String>, Error> {
    choose(title, many, |_| true, world)
}

/// Lets the user choose one of these contexts.
///
/// # Errors
/// Exit code 130 if nothing was chosen.
pub(super) fn context_of(contexts: &[String], title: &str, world: &mut World<'_>) -> Result<String, Error> {
    let is_one = |name: &str| contexts.iter().any(|context| context == name);
    choose(&quote::visible(title), false, is_one, world)?.pop().ok_or_else(cancelled)
}

fn choose(
    title: &str,
    many: bool,
    is_shown: impl Fn(&str) -> bool,
    world: &mut World<'_>,
) -> Result<Vec<String>, Error> {
    let mut lookup = world.lookup()?;
    let merged = lookup.contexts().map_err(|errors| world.unreadable(&errors))?;
    let mut names = merged.names(Kind::Context);
    if names.is_empty() {
        return Err(world.no_contexts());
    }
    names.retain(|name| is_shown(name));
    let current = merged.current_context();
    let recent = History::load(world.env).recent_contexts();
    let mut items = items(recent_first(names, &recent, current), current);
    let settings = world.settings_or_default();
    for item in &mut items {
        let rule = settings.rule(&item.name);
        item.aliases = settings.aliases_of(&item.name).map(str::to_owned).collect();
        item.note = rule.label.unwrap_or_default().to_owned();
        if !item.aliases.is_empty() {
            let apart = if item.note.is_empty() { "" } else { "  " };
            item.note += &format!("{apart}({})", item.aliases.join(", "));
        }
        let paint = |color: Color| Paint { color: color.number(), is_bold: rule.is_protected() };
        item.paint = rule.color.map(paint);
    }
    let entries: Vec<EntryRef> =
        items.iter().filter_map(|item| merged.find(Kind::Context, &item.name)).collect();
    for (item, labels) in items.iter_mut().zip(Labels::of_all(&entries, merged, &settings)) {
        item.labels = labels.typed().collect();
    }
    let list = List::new(title, items);
    let list = if many { list.many() } else { list };
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |now| now.as_secs());
    ask(list, None, |context| preview(&mut lookup, context, i64::try_from(now).unwrap_or(i64::MAX)), world)
}

/// Lets the user choose or type a namespace for the current context: the known ones immediately, and those of the cluster
/// when it answers.
///
/// # Errors
/// Exit code 130 if nothing was chosen.
pub(super) fn namespace(world: &mut World<'_>) -> Result<String, Error> {
    let mut lookup = world.lookup()?;
    let contexts = lookup.contexts().map_err(|errors| world.unreadable(&errors))?;
    let context = select::current(contexts, "`kcx use NAME` switches to one")?;
    let (known, now) = known_namespaces(&mut lookup, &context, world)?;
    let list = List::new("namespace", items(known.iter().map(String::as_str).collect(), &now)).free();
    if !cluster::BUILT {
        let list = list.with_message("built without cluster access: these are the known ones");
        return ask(list, None, |_| Vec::new(), world)?.pop().ok_or_else(cancelled);
    }
    let env = world.env;
    let answer = cluster_query::behind(context, world);
    let mut news = |list: &mut List, wait: Duration| {
        let Ok(answer) = answer.recv_timeout(wait) else { return false };
        match answer {
            Ok((server, names)) => {
                // Without the cache, they are queried again the next time.
                let _ = namespace_cache::store(env, &server, &names);
                list.replace(now_there(&known, &names, &now));
            }
            Err(failure) => {
                list.set_message(&format!("cannot list namespaces: {}", cluster_query::short(&failure)));
            }
        }
        true
    };
    let list = list.with_message("querying the cluster");
    ask(list, Some(&mut news), |_| Vec::new(), world)?.pop().ok_or_else(cancelled)
}

/// The namespaces of the cluster, previously used ones first; names that it does not have come last.
fn now_there(known: &[String], there: &[String], now: &str) -> Vec<Choice> {
    let (has, seen): (HashSet<&String>, HashSet<&String>) = (there.iter().collect(), known.iter().collect());
    let mut rest: Vec<&String> = there.iter().filter(|name| !seen.contains(name)).collect();
    rest.sort();
    let (mut names, gone): (Vec<&String>, Vec<&String>) = known.iter().partition(|name| has.contains(name));
    names.extend(rest);
    let item = |name: &&String, note: &str| Choice {
        name: (*name).clone(),
        note: note.to_owned(),
        current: *name == now,
        ..Choice::default()
    };
    let there = names.iter().map(|name| item(name, ""));
    there.chain(gone.iter().map(|name| item(name, "not in the cluster"))).collect()
}

/// Lets the user choose one of these names, or type another.
///
/// # Errors
/// Exit code 130 if nothing was chosen.
pub(super) fn one_of(
    title: &str,
    names: &[String],
    current: &str,
    world: &mut World<'_>,
) -> Result<String, Error> {
    let names = names.iter().map(String::as_str).collect();
    let list = List::new(title, items(names, current)).free();
    ask(list, None, |_| Vec::new(), world)?.pop().ok_or_else(cancelled)
}

/// The known namespaces, the most likely first, and the current one of this context: those used in this context, those of
/// all contexts of its cluster, and those that the cluster had at the last query.
pub(super) fn known_namespaces(
    lookup: &mut Lookup,
    context: &str,
    world: &World<'_>,
) -> Result<(Vec<String>, String), Error> {
    let merged = lookup.contexts().map_err(|errors| world.unreadable(&errors))?;
    let (mut known, mut now, mut cluster) = (Vec::new(), "default".to_owned(), String::new());
    if let Some(entry) = merged.find(Kind::Context, context) {
        cluster = merged.text(entry, key::CLUSTER)?;
        now = Some(merged.text(entry, key::NAMESPACE)?).filter(|name| !name.is_empty()).unwrap_or(now);
        known = History::load(world.env).recent_namespaces(context);
    }
    for entry in merged.entries(Kind::Context) {
        if merged.text(entry, key::CLUSTER)? == cluster {
            known.push(merged.text(entry, key::NAMESPACE)?);
        }
    }
    known.push("default".to_owned());
    let cluster = lookup.body(Kind::Cluster, &cluster).map_err(|errors| world.unreadable(&errors))?;
    if let Some(server) = cluster.and_then(|body| cluster::server(Cluster(&body).server())) {
        known.extend(namespace_cache::cached(world.env, &server));
    }
    let mut seen = HashSet::new();
    known.retain(|name| !name.is_empty() && seen.insert(name.clone()));
    current_second(&mut known, &now);
    Ok((known, now))
}

/// Sorts the last used ones first.
fn recent_first<'n>(mut names: Vec<&'n str>, recent: &[String], current: &str) -> Vec<&'n str> {
    let used: HashMap<&str, usize> =
        recent.iter().enumerate().map(|(at, name)| (name.as_str(), at)).collect();
    if !used.is_empty() {
        names.sort_by_key(|name| used.get(name).copied().unwrap_or(usize::MAX));
    }
    current_second(&mut names, current);
    names
}

/// Moves the current one behind the previous one, so that the first line switches back.
fn current_second<N: AsRef<str>>(names: &mut [N], current: &str) {
    if names.first().is_some_and(|name| name.as_ref() == current) && names.len() > 1 {
        names.swap(0, 1);
    }
}

fn items(names: Vec<&str>, current: &str) -> Vec<Choice> {
    let item = |name: &str| Choice { name: name.to_owned(), current: name == current, ..Choice::default() };
    names.into_iter().map(item).collect()
}

/// Waits this long for an answer, and adds it to the list; false if there is none.
type News<'n> = dyn FnMut(&mut List, Duration) -> bool + 'n;

/// How long a picker that cannot update its list waits for a cluster before it shows the known names.
const FIRST: Duration = Duration::from_secs(2);

/// Runs the picker that the user has configured.
fn ask(
    mut list: List,
    news: Option<&mut News<'_>>,
    preview: impl FnMut(&str) -> Vec<(String, String)>,
    world: &mut World<'_>,
) -> Result<Vec<String>, Error> {
    let fzf = match world.env.picker.as_ref().map(|picker| picker.to_string_lossy()).as_deref() {
        Some("fzf") => true,
        Some("builtin") => false,
        None => world.settings()?.picker == Picker::Fzf,
        Some(other) => {
            let message = format!("KCX_PICKER is {}, which is not a picker", name(other));
            return Err(Error::new(Cause::Usage, message).hint("it must be `builtin` or `fzf`"));
        }
    };
    let mut none = |_: &mut List, _| false;
    let news = news.unwrap_or(&mut none);
    if fzf || world.env.dumb_terminal {
        news(&mut list, FIRST);
        list.set_message("");
    }
    let answer = if fzf {
        fzf::ask(&list, !world.env.no_color)?
    } else if world.env.dumb_terminal {
        plain::ask(&list)?
    } else {
        picker::ask(&mut list, !world.env.no_color, |list| news(list, Duration::ZERO), preview)
            .map_err(|error| no_terminal(&error))?
    };
    match answer {
        PickerResult::Items(items) => Ok(items.iter().map(|item| list.items()[*item].name.clone()).collect()),
        PickerResult::Typed(text) => Ok(vec![text]),
        PickerResult::Cancelled => Err(cancelled()),
    }
}

/// The preview of a context: server, user, kind of login, expiry and file. It contains no secret.
fn preview(lookup: &mut Lookup, context: &str, now: i64) -> Vec<(String, String)> {
    let mut said: Vec<(&str, String)> = Vec::new();
    let precedence = lookup.precedence().clone();
    let Ok(merged) = lookup.contexts() else { return Vec::new() };
    let Some(entry) = merged.find(Kind::Context, context) else { return Vec::new() };
    let text = |field| merged.text(entry, field).unwrap_or_default();
    let (cluster, user, namespace) = (text(key::CLUSTER), text(key::USER), text(key::NAMESPACE));
    let labels: Vec<String> = merged
        .body(entry)
        .map(|body| Labels::new(Some(&body), ContextRule::default()).typed().collect())
        .unwrap_or_default();
    let file = messages::path(merged.path(super::scope::own_entry(merged, entry, &precedence)));
    let mut body = |kind, name: &str| lookup.body(kind, name).ok().flatten();
    match body(Kind::Cluster, &cluster) {
        Some(body) => said.push(("server", messages::without_login(Cluster(&body).server()))),
        None => said.push(("cluster", format!("{cluster} does not exist"))),
    }
    match body(Kind::User, &user) {
        Some(body) => {
            said.push(("user", format!("{user} ({})", describe::auth(&body))));
            if let Some(end) = describe::certificate_end(&body) {
                said.push(("certificate", describe::until(end, now)));
            }
            if let Some(end) = describe::token_end(&body) {
                said.push(("token", describe::until(end, now)));
            }
        }
        None if user.is_empty() => said.push(("user", "none".to_owned())),
        None => said.push(("user", format!("{user} does not exist"))),
    }
    if !namespace.is_empty() {
        said.push(("namespace", namespace));
    }
    if !labels.is_empty() {
        said.push(("labels", labels.join(", ")));
    }
    said.push(("file", file));
    said.into_iter().map(|(label, value)| (label.to_owned(), value)).collect()
}

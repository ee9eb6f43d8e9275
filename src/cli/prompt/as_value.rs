//! `kcx prompt -o json`: the values of the prompt, for status bars and editors. Like the prompt itself, it never fails.

use super::{Markup, PromptData, facts, mode, segment, short};
use crate::cli::{World, protect};
use crate::settings::{Color, ContextRule};
use serde_json::{Value, json};

/// The values; without a current context they are null.
pub(super) fn of(format: Option<&str>, world: &World<'_>) -> Value {
    let settings = world.settings_or_default();
    let lookup = world.store().lookup().ok();
    let found = lookup.and_then(|mut lookup| {
        let data = facts(&mut lookup)?;
        let short = short(&data.context, &mut lookup)?;
        Some(PromptData { short, ..data })
    });
    let state = match &found {
        None => "unreadable",
        Some(data) if data.context.is_empty() => "unset",
        Some(data) if data.is_missing => "missing",
        Some(_) => "ok",
    };
    let data = found.unwrap_or_default();
    let rule = if data.context.is_empty() { ContextRule::default() } else { settings.rule(&data.context) };
    let lifted = if rule.is_protected() { protect::lifted(&data.context, world) } else { None };
    let mode = mode(&data.context, lifted, world);
    let short = rule.short.map_or(data.short, str::to_owned);
    let known = |text: String| Some(text).filter(|text| !text.is_empty());
    json!({
        "state": state,
        "text": segment(format, Markup::Plain, false, world),
        "context": known(data.context.clone()),
        "short": known(short),
        "namespace": known(data.namespace),
        "cluster": known(data.cluster),
        "user": known(data.user),
        "scope": known(data.scope.to_owned()),
        "label": rule.label,
        "color": rule.color.map(Color::name),
        "protected": rule.is_protected(),
        "liftedForSeconds": lifted.map(|left| left.as_secs()),
        "locked": world.env.locked.is_some(),
        "readOnly": world.env.read_only,
        "mode": known(mode),
    })
}

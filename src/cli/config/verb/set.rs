//! `config set PROPERTY VALUE` and `config unset PROPERTY`.

use super::super::super::credential::BindingSnapshot;
use super::super::call::Call;
use super::super::failure::ConfigError;
use super::super::value::parse_bool;
use super::property::Property;
use super::session_namespace;
use crate::codec::base64;
use crate::kubeconfig::change::Change;
use crate::kubeconfig::schema::{Field, Struct, Type, key};
use crate::kubeconfig::{Body, Kind, Merged};
use crate::printer::quote;
use serde_json::{Map, Value};

pub(in super::super) fn set(call: &mut Call<'_, '_>) -> Result<(), ConfigError> {
    let [property, value] = call.typed.args.as_slice() else { return Err(call.unexpected_args()) };
    let (property, value) = (property.clone(), value.clone());
    let raw = call.typed.flags.bool("set-raw-bytes") == Some(true);
    if value.is_empty() {
        return Err(ConfigError::new("you cannot use set to unset a property"));
    }
    if property.is_empty() {
        return Err(ConfigError::new("you must specify a property"));
    }
    if set_in_session(call, &property, &value)? {
        return Ok(call.world.print(&format!("Property {} set.\n", quote::go(&property)))?);
    }
    let (world, mut bindings) = (&*call.world, BindingSnapshot::default());
    let report = call.store.edit(|merged: &Merged| {
        bindings = BindingSnapshot::of(merged, world);
        let parsed = Property::parse(&property).map_err(ConfigError::new)?;
        assign(merged, parsed, &property, &value, raw)
    })?;
    call.world.tell_notes(&report);
    bindings.update(&call.store, call.world);
    Ok(call.world.print(&format!("Property {} set.\n", quote::go(&property)))?)
}

/// True if the property is the namespace of the context in force in a session, which was set there. An empty value
/// removes it.
fn set_in_session(call: &mut Call<'_, '_>, property: &str, value: &str) -> Result<bool, ConfigError> {
    match Property::parse(property) {
        Ok(Property::Field(Kind::Context, context, field, rest))
            if field.name == "namespace" && rest.is_empty() =>
        {
            Ok(session_namespace::set(call, Some(&context), value)?.is_some())
        }
        _ => Ok(false),
    }
}

fn assign(
    merged: &Merged,
    property: Property,
    text: &str,
    value: &str,
    raw: bool,
) -> Result<Vec<Change>, ConfigError> {
    let map = || ConfigError::new(format!("can't set a map to a value: {}", quote::visible(text)));
    match property {
        Property::Current => Ok(vec![Change::Current(value.to_owned())]),
        Property::Fixed => Ok(Vec::new()),
        Property::Preferences(None) => {
            Err(ConfigError::new("unable to locate path under preferences: name a field of it"))
        }
        Property::Preferences(Some(field)) if matches!(field.ty, Type::Bool) => {
            let mut preferences = merged.preferences()?;
            switch(&mut preferences, field.name, parse_bool(value).map_err(ConfigError::new)?);
            Ok(vec![Change::Preferences(preferences)])
        }
        Property::Extension => Err(no_extension(text)),
        Property::Preferences(Some(_)) | Property::Extensions | Property::List(_) | Property::Entry(..) => {
            Err(map())
        }
        Property::Field(kind, name, field, rest) => {
            let mut body = match merged.find(kind, &name) {
                Some(entry) => merged.body(entry)?.into_owned(),
                // kubectl makes a new entry, but not by a property that it cannot resolve.
                None if matches!(field.ty, Type::Struct(_)) && !rest.is_empty() => {
                    return Err(unresolved(text).hint(format!(
                        "no {} is named {}",
                        kind.word(),
                        super::super::super::error::name(&name)
                    )));
                }
                None => Body::new(),
            };
            assign_field(&mut body, field, &rest, text, value, raw)?;
            Ok(vec![Change::Put { kind, name, body }])
        }
    }
}

/// kubectl's message for a property that it cannot resolve.
fn unresolved(text: &str) -> ConfigError {
    ConfigError::new(format!("unable to parse one or more field values of {text}"))
}

fn no_extension(text: &str) -> ConfigError {
    ConfigError::instead_of_panic(format!(
        "an extension has no value that `set` could write: {}",
        quote::visible(text)
    ))
}

fn switch(body: &mut Body, field: &str, on: bool) {
    match on {
        true => drop(body.insert(field.to_owned(), Value::Bool(true))),
        false => drop(body.shift_remove(field)),
    }
}

fn assign_field(
    body: &mut Body,
    field: &Field,
    rest: &[String],
    text: &str,
    value: &str,
    raw: bool,
) -> Result<(), ConfigError> {
    let name = field.name.to_owned();
    match (field.ty, rest) {
        (Type::String, _) => drop(body.insert(name, Value::from(value))),
        (Type::Bool, _) => switch(body, field.name, parse_bool(value).map_err(ConfigError::new)?),
        (Type::Bytes, _) if raw => drop(body.insert(name, Value::from(base64::encode(value)))),
        (Type::Bytes, _) => {
            let bytes = base64::decode(value)
                .map_err(|error| ConfigError::new(format!("error decoding input value: {error}")))?;
            body.insert(name, Value::from(base64::encode(bytes)));
        }
        (Type::Strings, _) => return Err(ConfigError::new("unrecognized slice type. string")),
        (Type::StringsMap, [_, ..]) => return Err(ConfigError::new("string is not of type struct")),
        // kubectl cannot resolve properties of these fields; kcx sets those that are plain values.
        (Type::Struct(inner), [first, below @ ..]) => {
            let found = inner.find(first).filter(|field| match field.ty {
                Type::StringMap => below.len() == 1,
                Type::String | Type::Bool => below.is_empty(),
                _ => false,
            });
            let Some(found) = found else { return Err(unresolved(text)) };
            if found.name == key::INTERACTIVE_MODE && !["Never", "IfAvailable", "Always"].contains(&value) {
                let message = "invalid interactive mode type, can be only IfAvailable, Never, Always";
                return Err(ConfigError::new(message));
            }
            let child = body.entry(name).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(child) = child {
                assign_field(child, found, below, text, value, raw)?;
            }
        }
        (Type::StringMap, [key]) => {
            let child = body.entry(name).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(child) = child {
                child.insert(key.clone(), Value::from(value));
            }
        }
        (Type::Struct(_), []) => {
            return Err(ConfigError::instead_of_panic(format!(
                "{} has fields of its own: set those",
                quote::visible(text)
            )));
        }
        _ => return Err(ConfigError::new(format!("can't set a map to a value: {}", quote::visible(text)))),
    }
    Ok(())
}

pub(in super::super) fn unset(call: &mut Call<'_, '_>) -> Result<(), ConfigError> {
    let [property] = call.typed.args.as_slice() else { return Err(call.unexpected_args()) };
    let property = property.clone();
    if property.is_empty() {
        return Err(ConfigError::new("you must specify a property"));
    }
    if set_in_session(call, &property, "")? {
        return Ok(call.world.print(&format!("Property {} unset.\n", quote::go(&property)))?);
    }
    let removed = match Property::parse(&property) {
        Ok(Property::Entry(kind, name)) => Some((kind, name)),
        _ => None,
    };
    let store = if removed.is_some() { call.own_store() } else { call.store.clone() };
    let (world, mut bindings) = (&*call.world, BindingSnapshot::default());
    let report = store.edit(|merged: &Merged| {
        bindings = BindingSnapshot::of(merged, world);
        let parsed = Property::parse(&property).map_err(ConfigError::new)?;
        clear(merged, parsed, &property)
    })?;
    call.world.tell_notes(&report);
    bindings.update(&store, call.world);
    if let Some((Kind::Context, name)) = removed {
        call.update_overlays(&report, &name, None);
    }
    Ok(call.world.print(&format!("Property {} unset.\n", quote::go(&property)))?)
}

fn clear(merged: &Merged, property: Property, text: &str) -> Result<Vec<Change>, ConfigError> {
    match property {
        Property::Current => Ok(vec![Change::Current(String::new())]),
        Property::Fixed => Ok(Vec::new()),
        Property::Preferences(None) => Ok(vec![Change::Preferences(Body::new())]),
        Property::Preferences(Some(field)) => {
            let mut preferences = merged.preferences()?;
            preferences.shift_remove(field.name);
            Ok(vec![Change::Preferences(preferences)])
        }
        Property::Extensions => Ok(vec![Change::DropExtensions]),
        Property::Extension => Err(no_extension(text)),
        Property::List(kind) => {
            let remove = |name: &str| Change::Remove { kind, name: name.to_owned() };
            Ok(merged.names(kind).into_iter().map(remove).collect())
        }
        Property::Entry(kind, name) => {
            Ok(merged.find(kind, &name).map(|_| Change::Remove { kind, name }).into_iter().collect())
        }
        Property::Field(kind, name, field, rest) if !rest.is_empty() => {
            match (field.ty, merged.find(kind, &name)) {
                (Type::StringsMap, _) => Err(ConfigError::new("string is not of type struct")),
                // kubectl cannot resolve properties of these fields; kcx removes them.
                (Type::Struct(inner), Some(entry)) => {
                    let mut body = merged.body(entry)?.into_owned();
                    if let Some(Value::Object(child)) = body.get_mut(field.name) {
                        clear_below(child, inner, &rest, text)?;
                    }
                    Ok(vec![Change::Put { kind, name, body }])
                }
                _ => Err(unresolved(text)),
            }
        }
        Property::Field(kind, name, field, _) => {
            let Some(entry) = merged.find(kind, &name) else {
                return Err(ConfigError::new(format!(
                    "current map key `{}` is invalid",
                    quote::visible(&name)
                )));
            };
            let mut body = merged.body(entry)?.into_owned();
            body.shift_remove(field.name);
            Ok(vec![Change::Put { kind, name, body }])
        }
    }
}

/// Removes a property of the value of a field; a mapping that is empty then is removed, too.
fn clear_below(
    value: &mut Map<String, Value>,
    fields: &Struct,
    path: &[String],
    text: &str,
) -> Result<(), ConfigError> {
    let (Some(first), below) = (path.first(), &path[1..]) else { return Err(unresolved(text)) };
    let field = fields.find(first).ok_or_else(|| unresolved(text))?;
    match (field.ty, below) {
        // Without these, clients refuse the entry.
        (_, []) if [key::COMMAND, key::API_VERSION, key::NAME].contains(&field.name) => {
            return Err(unresolved(text));
        }
        (_, []) => drop(value.shift_remove(field.name)),
        (Type::StringMap, [key]) => {
            if let Some(Value::Object(map)) = value.get_mut(field.name) {
                map.shift_remove(key);
                if map.is_empty() {
                    value.shift_remove(field.name);
                }
            }
        }
        _ => return Err(unresolved(text)),
    }
    Ok(())
}

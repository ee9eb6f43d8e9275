//! The property names of `config set` and `config unset`, such as `users.me.token`.
//!
//! They are split at every dot; there is no escape. A name ends before the first part that is a field. Source: kubectl
//! `navigation_step_parser.go`; the fields are those of client-go's internal types.

use crate::kubeconfig::Kind;
use crate::kubeconfig::schema::{Field, PREFERENCES, Type};

/// The target of a property name.
#[derive(Clone, Debug)]
pub(super) enum Property {
    /// `current-context`.
    Current,
    /// `kind` and `apiVersion`: accepted, but never written.
    Fixed,
    /// `preferences`, or a field of it.
    Preferences(Option<&'static Field>),
    /// `extensions`.
    Extensions,
    /// One extension, in any list of extensions.
    Extension,
    /// `clusters`, `users`, `contexts`.
    List(Kind),
    /// One entry.
    Entry(Kind, String),
    /// A field of an entry, and the remaining parts of the name.
    Field(Kind, String, &'static Field, Vec<String>),
}

impl Property {
    /// Parses a property name.
    ///
    /// # Errors
    /// kubectl's message.
    pub(super) fn parse(text: &str) -> Result<Property, String> {
        let parts: Vec<&str> = text.split('.').collect();
        let leaf = |property: Property| match parts.len() {
            1 => Ok(property),
            _ => Err(below(text)),
        };
        match parts[0] {
            "current-context" => leaf(Property::Current),
            "kind" | "apiVersion" => leaf(Property::Fixed),
            "preferences" => match parts.get(1) {
                None => Ok(Property::Preferences(None)),
                Some(name) => match PREFERENCES.find_internal(name) {
                    Some(field) if parts.len() == 2 => Ok(Property::Preferences(Some(field))),
                    Some(field) if matches!(field.ty, Type::Extensions) => Ok(Property::Extension),
                    Some(_) => Err(below(text)),
                    None => Err(format!("unable to parse {text} after [] at api.Preferences")),
                },
            },
            "extensions" if parts.len() == 1 => Ok(Property::Extensions),
            "extensions" => Ok(Property::Extension),
            list => match Kind::from_list(list) {
                Some(kind) => entry(kind, &parts[1..], text),
                None => Err(format!("unable to parse {text} after [] at api.Config")),
            },
        }
    }
}

fn below(text: &str) -> String {
    format!("unable to parse one or more field values of {text}")
}

fn entry(kind: Kind, parts: &[&str], text: &str) -> Result<Property, String> {
    if parts.is_empty() {
        return Ok(Property::List(kind));
    }
    let found =
        parts.iter().enumerate().skip(1).find_map(|(at, part)| Some((at, kind.body().find_internal(part)?)));
    let Some((at, field)) = found else { return Ok(Property::Entry(kind, parts.join("."))) };
    let rest: Vec<String> = parts[at + 1..].iter().map(|part| (*part).to_owned()).collect();
    if !rest.is_empty() && matches!(field.ty, Type::Extensions) {
        return Ok(Property::Extension);
    }
    if !rest.is_empty() && matches!(field.ty, Type::String | Type::Bool | Type::Bytes | Type::Strings) {
        return Err(below(text));
    }
    Ok(Property::Field(kind, parts[..at].join("."), field, rest))
}

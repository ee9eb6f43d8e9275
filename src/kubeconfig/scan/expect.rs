//! The keys and values that are allowed at a place of a kubeconfig, so that kubectl accepts every accepted text.
//!
//! It tracks which collection is open, which keys it has, and which values they may have. Lines are parsed in `grammar`.

use super::base64;
use super::lex::{Form, Value};
use crate::kubeconfig::schema::{self, Kind, Struct, Type};
use crate::yaml11::{self, Plain};

/// The allowed value of a key.
#[derive(Clone, Copy, Debug)]
pub(super) enum Want {
    /// An unknown field, or a value inside an extension.
    Anything,
    /// A field of the schema.
    Typed(Type),
    /// `apiVersion`: `v1`.
    Version,
    /// `kind`: `Config`.
    Config,
    /// The name of an entry or an extension.
    Name,
    /// `clusters`, `users` or `contexts`.
    Entries(Kind),
}

/// An open mapping, which determines the meaning of its keys.
#[derive(Clone, Copy, Debug)]
pub(super) enum Map {
    Root,
    Entry(Kind),
    Extension,
    Known(&'static Struct),
    Text,
    Lists,
    Any,
}

/// An open list, which determines the meaning of its items.
#[derive(Clone, Copy, Debug)]
pub(super) enum List {
    Entries(Kind),
    Extensions,
    Structs(&'static Struct),
    Text,
    Any,
}

impl Map {
    /// The number of a known key, and its allowed value.
    #[inline(always)]
    pub(super) fn find(self, key: &[u8]) -> Option<(usize, Want)> {
        // First and separately, because it is by far the most frequent key.
        if let Map::Known(known) = self {
            let index = known.index(key)?;
            return Some((index, Want::Typed(known.fields[index].ty)));
        }
        match self {
            Map::Root => Some(match key {
                b"apiVersion" => (0, Want::Version),
                b"kind" => (1, Want::Config),
                b"current-context" => (2, Want::Typed(Type::String)),
                b"clusters" => (3, Want::Entries(Kind::Cluster)),
                b"users" => (4, Want::Entries(Kind::User)),
                b"contexts" => (5, Want::Entries(Kind::Context)),
                b"preferences" => (6, Want::Typed(Type::Struct(&schema::PREFERENCES))),
                b"extensions" => (7, Want::Typed(Type::Extensions)),
                _ => return None,
            }),
            Map::Entry(_) if key == b"name" => Some((0, Want::Name)),
            // Spelled out: comparing with a constant takes two instructions, comparing with a slice a call.
            Map::Entry(kind) => {
                let body = match kind {
                    Kind::Cluster => key == b"cluster",
                    Kind::User => key == b"user",
                    Kind::Context => key == b"context",
                };
                body.then(|| (1, Want::Typed(Type::Struct(kind.body()))))
            }
            Map::Extension => match key {
                b"name" => Some((0, Want::Name)),
                b"extension" => Some((1, Want::Anything)),
                _ => None,
            },
            Map::Known(_) | Map::Text | Map::Lists | Map::Any => None,
        }
    }

    /// The allowed value of a key that [`Map::find`] does not know.
    ///
    /// In the root mapping, kubectl's version check also matches other spellings of `apiVersion` and `kind`.
    pub(super) fn unknown(self, key: &[u8]) -> Option<Want> {
        match self {
            Map::Text => Some(Want::Typed(Type::String)),
            Map::Lists => Some(Want::Typed(Type::Strings)),
            Map::Root if key.eq_ignore_ascii_case(b"apiVersion") || key.eq_ignore_ascii_case(b"kind") => None,
            _ => Some(Want::Anything),
        }
    }
}

impl List {
    /// The mapping that opens as an item of the list.
    pub(super) fn item(self) -> Option<Map> {
        match self {
            List::Entries(kind) => Some(Map::Entry(kind)),
            List::Extensions => Some(Map::Extension),
            List::Structs(known) => Some(Map::Known(known)),
            List::Any => Some(Map::Any),
            List::Text => None,
        }
    }

    /// True if the list may contain this item, which is not a block.
    pub(super) fn allows(self, value: Value, text: &[u8]) -> bool {
        match (self, value.form) {
            (List::Text, Form::Plain) => yaml11::plain_in_line(value.content(text)) == Plain::Str,
            (List::Text, Form::Single | Form::Double) => true,
            (List::Any, _) => Want::Anything.allows(value, text),
            _ => false,
        }
    }
}

impl Want {
    /// The mapping that opens below a key with this value.
    pub(super) fn map(self) -> Option<Map> {
        match self {
            Want::Anything => Some(Map::Any),
            Want::Typed(Type::Struct(known)) => Some(Map::Known(known)),
            Want::Typed(Type::StringMap) => Some(Map::Text),
            Want::Typed(Type::StringsMap) => Some(Map::Lists),
            _ => None,
        }
    }

    /// The list that opens below a key with this value.
    pub(super) fn list(self) -> Option<List> {
        match self {
            Want::Anything => Some(List::Any),
            Want::Entries(kind) => Some(List::Entries(kind)),
            Want::Typed(Type::Strings) => Some(List::Text),
            Want::Typed(Type::Structs(known)) => Some(List::Structs(known)),
            Want::Typed(Type::Extensions) => Some(List::Extensions),
            _ => None,
        }
    }

    /// True if the key may have an empty value.
    pub(super) fn allows_nothing(self) -> bool {
        !matches!(self, Want::Name | Want::Version | Want::Config)
    }

    /// True if the key may have this value, which is not a block.
    #[inline(always)]
    pub(super) fn allows(self, value: Value, text: &[u8]) -> bool {
        if value.form == Form::Plain {
            return self.allows_plain(&text[value.start..value.end]);
        }
        match value.form {
            Form::Nothing => self.allows_nothing(),
            Form::Plain => false,
            Form::Single | Form::Double => self.allows_text(value.content(text)),
            Form::EmptyMap => self.map().is_some(),
            Form::EmptyList => self.list().is_some(),
        }
    }

    #[inline(always)]
    fn allows_plain(self, text: &[u8]) -> bool {
        if yaml11::is_surely_string(text) {
            return self.allows_text(text);
        }
        match (yaml11::plain_in_line(text), self) {
            (Plain::Str, _) => self.allows_text(text),
            // JSON has no infinities; other floats are left to the full parser.
            (Plain::Float(_), _) => false,
            (_, Want::Anything) | (Plain::Bool(_), Want::Typed(Type::Bool)) => true,
            (Plain::Null, _) => self.allows_nothing(),
            _ => false,
        }
    }

    /// True if the key may have this string.
    #[inline(always)]
    fn allows_text(self, text: &[u8]) -> bool {
        if let Want::Typed(Type::String) = self {
            return true;
        }
        match self {
            Want::Anything => true,
            Want::Typed(Type::Bytes) => base64::end(text, 0) == Some(text.len()),
            Want::Version => text == b"v1",
            Want::Config => text == b"Config",
            Want::Name => !text.is_empty(),
            _ => false,
        }
    }
}

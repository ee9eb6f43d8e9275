//! A merged kubeconfig as decoded values, for output: minify, flatten, redact, print. Values of a view are not written
//! back to the files they come from.

use super::decode::Body;
use super::error::ParseError;
use super::merged::{EntryRef, Merged};
use super::per_kind::PerKind;
use super::schema::key;
use super::schema::{Field, Kind, PREFERENCES, Redaction, Struct, Type};
use crate::codec::base64;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// The content of a merged kubeconfig, with entries sorted by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct View {
    /// The entries by name.
    pub lists: PerKind<BTreeMap<String, ViewEntry>>,
    /// `current-context`.
    pub current_context: String,
    /// `preferences`.
    pub preferences: Body,
    /// Top-level `extensions`.
    pub extensions: Vec<Value>,
}

/// An entry of a [`View`].
#[derive(Clone, Debug, PartialEq)]
pub struct ViewEntry {
    /// The canonical body.
    pub body: Body,
    /// The path of its file, as given.
    pub origin: PathBuf,
}

/// An error in making a view.
#[derive(Debug)]
pub enum ViewError {
    /// A part of a file cannot be decoded.
    Parse(ParseError),
    /// Minify: there is no current context.
    NoContext,
    /// Minify: an entry of this kind and name does not exist.
    Missing(Kind, String),
    /// Flatten: an entry has both a path and the data for one field.
    Both,
    /// Flatten: this file cannot be read.
    Read(PathBuf, io::Error),
}

impl std::error::Error for ViewError {}

impl fmt::Display for ViewError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ViewError::Parse(error) => error.fmt(f),
            ViewError::NoContext => f.write_str("current-context must exist in order to minify"),
            ViewError::Missing(kind, name) => write!(f, "cannot locate {} {name}", kind.word()),
            ViewError::Both => f.write_str("cannot have values for both path and contents"),
            ViewError::Read(path, error) => write!(f, "open {}: {error}", path.display()),
        }
    }
}

impl From<ParseError> for ViewError {
    fn from(error: ParseError) -> ViewError {
        ViewError::Parse(error)
    }
}

/// Reads a file that a kubeconfig refers to. Arguments: the path in the kubeconfig, and the path of the kubeconfig.
/// Returns the absolute path and the content.
pub type ReadFile<'r> = &'r dyn Fn(&str, &Path) -> (PathBuf, io::Result<Vec<u8>>);

/// The replacement for a hidden string.
pub const REDACTED: &str = "REDACTED";
/// The replacement for hidden base64 data.
pub const OMITTED: &str = "DATA+OMITTED";

impl View {
    /// A view of the whole merged kubeconfig.
    ///
    /// # Errors
    /// As [`Document::body`](crate::kubeconfig::Document::body).
    pub fn of(merged: &Merged) -> Result<View, ParseError> {
        let view = View {
            current_context: merged.current_context().to_owned(),
            preferences: merged.preferences()?,
            extensions: merged.extensions()?,
            ..View::default()
        };
        view.with(merged, Kind::ALL.into_iter().flat_map(|kind| merged.entries(kind)))
    }

    /// Adds these entries.
    pub(super) fn with(
        mut self,
        merged: &Merged,
        entries: impl IntoIterator<Item = EntryRef>,
    ) -> Result<View, ParseError> {
        for entry in entries {
            let (body, origin) = (merged.body(entry)?.into_owned(), merged.path(entry).to_owned());
            let name = merged.name(entry).to_owned();
            self.lists[entry.kind].insert(name, ViewEntry { body, origin });
        }
        Ok(self)
    }

    /// A view with only one context (the current one by default) and the cluster and user it names. Source: client-go
    /// `api/helpers.go` `MinifyConfig`.
    ///
    /// # Errors
    /// Fails if there is no current context, or if the context, its cluster or its user does not exist.
    pub fn minify(&self, context: Option<&str>) -> Result<View, ViewError> {
        match context.unwrap_or(&self.current_context) {
            "" => Err(ViewError::NoContext),
            context => self.only(&[context]),
        }
    }

    /// A view with only these contexts and the clusters and users they name; `kcx export` and `kcx split` write it.
    /// If none of them is the current context, the first becomes the current context.
    ///
    /// ```
    /// use kcx::kubeconfig::{Document, Kind, Merged, Source, View};
    /// let text = "clusters: [{name: c}, {name: d}]\nusers: [{name: u}]\n\
    ///             contexts: [{name: a, context: {cluster: c, user: u}}, {name: b, context: {cluster: d}}]\n";
    /// let document = Document::parse(text.as_bytes().to_vec())?;
    /// let all = View::of(&Merged::new(vec![Source { path: "config".into(), document: Some(document) }]))?;
    /// let own = all.only(&["b"]).expect("what it names is there");
    /// assert!(own.lists[Kind::Cluster].keys().eq(["d"]));
    /// assert!(own.lists[Kind::User].is_empty());
    /// assert_eq!(own.current_context, "b");
    /// # Ok::<(), kcx::kubeconfig::ParseError>(())
    /// ```
    ///
    /// # Errors
    /// Fails if a context, or a cluster or user that it names, does not exist.
    pub fn only<N: AsRef<str>>(&self, contexts: &[N]) -> Result<View, ViewError> {
        let mut kept = View {
            lists: Default::default(),
            current_context: self.current_context.clone(),
            preferences: self.preferences.clone(),
            extensions: self.extensions.clone(),
        };
        let mut keep = |kind: Kind, name: &str| match self.lists[kind].get(name) {
            Some(entry) => {
                kept.lists[kind].insert(name.to_owned(), entry.clone());
                Ok(entry)
            }
            None => Err(ViewError::Missing(kind, name.to_owned())),
        };
        for context in contexts {
            let entry = keep(Kind::Context, context.as_ref())?;
            for kind in [Kind::Cluster, Kind::User] {
                if let Some(name) = entry.body.get(kind.word()).and_then(Value::as_str) {
                    keep(kind, name)?;
                }
            }
        }
        if !contexts.iter().any(|context| context.as_ref() == self.current_context) {
            kept.current_context =
                contexts.first().map_or(String::new(), |context| context.as_ref().to_owned());
        }
        Ok(kept)
    }

    /// Makes all paths independent of the folder of their file. `absolute` maps a path and the path of the file that
    /// contains it to an absolute path.
    #[must_use]
    pub fn rebase(mut self, absolute: &dyn Fn(&str, &Path) -> PathBuf) -> View {
        for kind in [Kind::Cluster, Kind::User] {
            for ViewEntry { body, origin } in self.lists[kind].values_mut() {
                rebase(body, kind, &|path| absolute(path, origin));
            }
        }
        self
    }

    /// Replaces the paths of certificate and key files by the contents of the files. Source: client-go `api/helpers.go`
    /// `FlattenConfig`.
    ///
    /// # Errors
    /// Fails if an entry has both the path and the data, or if a file cannot be read.
    pub fn flatten(mut self, read: ReadFile<'_>) -> Result<View, ViewError> {
        // Users before clusters, as in client-go.
        for kind in [Kind::User, Kind::Cluster] {
            for entry in self.lists[kind].values_mut() {
                for field in kind.body().fields.iter().filter(|field| field.file) {
                    let data = format!("{}-data", field.name);
                    if kind.body().find(&data).is_none() {
                        continue;
                    }
                    let Some(path) = entry.body.get(field.name).and_then(Value::as_str).map(str::to_owned)
                    else {
                        continue;
                    };
                    if entry.body.get(&data).is_some_and(|data| data != "") {
                        return Err(ViewError::Both);
                    }
                    let (path, bytes) = read(&path, &entry.origin);
                    let bytes = bytes.map_err(|error| ViewError::Read(path, error))?;
                    entry.body.shift_remove(field.name);
                    entry.body.insert(data, Value::from(base64::encode(bytes)));
                }
            }
        }
        Ok(self)
    }

    /// Replaces the secrets that `kubectl config view` hides.
    #[must_use]
    pub fn redact(mut self) -> View {
        for kind in Kind::ALL {
            for entry in self.lists[kind].values_mut() {
                redact(&mut entry.body, kind.body());
            }
        }
        self
    }

    /// The view as a JSON value with fields in client-go's order. All output formats of `config view` render this
    /// value.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let mut map = Map::new();
        map.insert("kind".to_owned(), Value::from("Config"));
        map.insert(key::API_VERSION.to_owned(), Value::from("v1"));
        let preferences = fill(&self.preferences, &PREFERENCES);
        if !preferences.is_empty() {
            map.insert("preferences".to_owned(), Value::Object(preferences));
        }
        for kind in Kind::ALL {
            let list: Vec<Value> =
                self.lists[kind].iter().map(|(name, entry)| item(kind, name, &entry.body)).collect();
            map.insert(
                kind.list().to_owned(),
                if list.is_empty() { Value::Null } else { Value::Array(list) },
            );
        }
        map.insert("current-context".to_owned(), Value::from(self.current_context.as_str()));
        if !self.extensions.is_empty() {
            map.insert(key::EXTENSIONS.to_owned(), Value::Array(self.extensions.clone()));
        }
        Value::Object(map)
    }
}

/// An entry as the JSON value that kubectl prints.
#[must_use]
pub fn item(kind: Kind, name: &str, body: &Body) -> Value {
    let body = Value::Object(fill(body, kind.body()));
    Value::Object(Map::from_iter([("name".to_owned(), Value::from(name)), (kind.word().to_owned(), body)]))
}

/// Makes the paths of a body absolute: those of certificates, keys and tokens, and an exec command with a path
/// separator. Source: client-go `loader.go` `ResolveLocalPaths`. A path of Windows stays as it is on other systems.
pub fn rebase(body: &mut Body, kind: Kind, absolute: &dyn Fn(&str) -> PathBuf) {
    let set = |value: &mut Value| {
        if let Value::String(path) = value
            && !path.is_empty()
            && !is_of_windows(path)
        {
            *path = absolute(path).to_string_lossy().into_owned();
        }
    };
    for field in kind.body().fields.iter().filter(|field| field.file) {
        body.get_mut(field.name).map(set);
    }
    let command = body.get_mut(key::EXEC).and_then(|exec| exec.get_mut(key::COMMAND));
    let is_path =
        |command: &&mut Value| command.as_str().is_some_and(|text| text.contains(std::path::MAIN_SEPARATOR));
    command.filter(is_path).map(set);
}

/// True for an absolute path of Windows on another system, such as `C:\\Users\\me\\ca.crt`: there it would be a name
/// in the current folder.
#[must_use]
pub fn is_of_windows(path: &str) -> bool {
    let drive = matches!(path.as_bytes(), [letter, b':', b'\\' | b'/', ..] if letter.is_ascii_alphabetic());
    cfg!(not(windows)) && (drive || path.starts_with("\\\\"))
}

/// Replaces the secrets of a body by [`REDACTED`] and [`OMITTED`].
pub fn redact(body: &mut Body, schema: &Struct) {
    for field in schema.fields {
        let Some(value) = body.get_mut(field.name) else { continue };
        match field.redaction {
            Redaction::None => {}
            Redaction::Text => *value = Value::from(REDACTED),
            // client-go replaces an empty key, too, but not an empty certificate.
            Redaction::Data if field.name == key::CLIENT_KEY_DATA || value != "" => {
                *value = Value::from(OMITTED);
            }
            Redaction::Data => {}
        }
    }
}

/// Adds the fields that client-go prints even if they are missing, and removes empty ones that it omits.
fn fill(body: &Body, schema: &'static Struct) -> Body {
    let mut full = Body::new();
    for field in schema.fields {
        match (body.get(field.name), field.always) {
            (Some(Value::String(text)), false) if text.is_empty() => {}
            (Some(Value::Array(list)), false) if list.is_empty() => {}
            (Some(value), _) => drop(full.insert(field.name.to_owned(), nested(field, value))),
            (None, true) => drop(full.insert(field.name.to_owned(), zero(field))),
            (None, false) => {}
        }
    }
    full
}

fn nested(field: &Field, value: &Value) -> Value {
    match (field.ty, value) {
        (Type::Struct(schema), Value::Object(map)) => Value::Object(fill(map, schema)),
        (Type::Structs(schema), Value::Array(list)) => {
            let filled = list
                .iter()
                .map(|item| item.as_object().map_or(Value::Null, |map| Value::Object(fill(map, schema))));
            Value::Array(filled.collect())
        }
        _ => value.clone(),
    }
}

fn zero(field: &Field) -> Value {
    match field.ty {
        Type::String | Type::Bytes => Value::from(""),
        Type::Bool => Value::Bool(false),
        _ => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::is_of_windows;

    #[cfg(not(windows))]
    #[test]
    fn paths_of_windows_are_known() {
        for path in ["C:\\a", "c:/a", "\\\\host\\share"] {
            assert!(is_of_windows(path), "{path}");
        }
        for path in ["/a", "a", "C:a", "C:", "", "a\\b", "1:/a"] {
            assert!(!is_of_windows(path), "{path}");
        }
    }
}

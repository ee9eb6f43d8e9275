//! Decodes clusters, users and contexts with client-go's rules.
//!
//! A body is decoded into a canonical form: a JSON object with the known fields that are set, in client-go's order, with
//! strings, booleans and numbers resolved, base64 encoded again, and maps sorted. Unknown fields are only in the text. Two
//! bodies have the same meaning for kubectl exactly if their canonical forms are equal. Source: client-go
//! `clientcmd/api/v1`.

mod values;

use super::error::{ParseError, Problem};
use super::per_kind::PerKind;
use super::schema::key;
use super::schema::{Field, Kind, PREFERENCES, Struct, Type};
use super::tree::{Content, NodeId, Pair, Tree};
use crate::yaml11::Plain;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashSet;

/// A canonical body.
pub type Body = Map<String, Value>;

/// A decoded entry of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Named {
    /// The name; may be empty.
    pub name: String,
    /// The canonical body.
    pub body: Body,
    /// The node of the item.
    pub node: NodeId,
}

/// A decoded file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct File {
    /// The entries of each kind, in the order of the text.
    pub lists: PerKind<Vec<Named>>,
    /// `current-context`; may be empty.
    pub current_context: String,
    /// `preferences`, canonical.
    pub preferences: Body,
    /// Top-level `extensions`, canonical: sorted by name.
    pub extensions: Vec<Value>,
}

impl File {
    /// The list of a kind.
    #[must_use]
    pub fn list(&self, kind: Kind) -> &[Named] {
        &self.lists[kind]
    }
}

/// Decodes a whole document.
///
/// # Errors
/// The first reason for which kubectl refuses to load the file.
pub fn file(source: &str, tree: &Tree) -> Result<File, ParseError> {
    Decoder { source, tree, problems: None }.file()
}

/// Decodes the valid parts of a kubeconfig, and collects all problems; values with a problem are omitted. Without problems
/// the result equals that of [`file`].
pub(super) fn salvage(source: &str, tree: &Tree) -> (File, Vec<ParseError>) {
    let decoder = Decoder { source, tree, problems: Some(RefCell::default()) };
    let file = decoder.file();
    let mut problems = decoder.problems.map(RefCell::into_inner).unwrap_or_default();
    let file = file.unwrap_or_else(|error| {
        problems.push(error);
        File::default()
    });
    (file, problems)
}

/// Decodes one item of a list, for a part of a file that the scanner has accepted.
pub(super) fn entry(source: &str, tree: &Tree, kind: Kind, item: NodeId) -> Result<Named, ParseError> {
    Decoder { source, tree, problems: None }.entry(kind, item, &|| kind.word().to_owned())
}

/// Decodes a top-level `preferences` or `extensions` value.
pub(super) fn preferences(source: &str, tree: &Tree, node: NodeId) -> Result<Body, ParseError> {
    Decoder { source, tree, problems: None }.body(node, &PREFERENCES, &|| "preferences".to_owned())
}

/// Decodes a top-level `extensions` value.
pub(super) fn extensions(source: &str, tree: &Tree, node: NodeId) -> Result<Vec<Value>, ParseError> {
    Decoder { source, tree, problems: None }.extensions(node, &|| "extensions".to_owned())
}

/// The key `interactiveMode`.
pub(super) const MODE: &str = key::INTERACTIVE_MODE;

/// The mode that client-go sets for the versions of `exec` that do not have the field.
pub(super) fn implied_mode(schema: &'static Struct, body: &Body) -> Option<&'static str> {
    let old = |version: &str| {
        matches!(version, "client.authentication.k8s.io/v1beta1" | "client.authentication.k8s.io/v1alpha1")
    };
    let exec = std::ptr::eq(schema, &raw const super::schema::EXEC);
    (exec && body.get(key::API_VERSION).and_then(Value::as_str).is_some_and(old)).then_some("IfAvailable")
}

/// Sets the default mode.
pub(super) fn fill_mode(schema: &'static Struct, body: &mut Body) {
    if let Some(mode) = implied_mode(schema, body).filter(|_| !body.contains_key(MODE)) {
        body.insert(MODE.to_owned(), Value::from(mode));
    }
}

/// The path of a field in an error; built only when it is needed.
type Path<'p> = &'p dyn Fn() -> String;

struct Decoder<'t> {
    source: &'t str,
    tree: &'t Tree,
    /// The collected problems; `None` if the first problem ends decoding.
    problems: Option<RefCell<Vec<ParseError>>>,
}

impl<'t> Decoder<'t> {
    fn file(&self) -> Result<File, ParseError> {
        let mut file = File::default();
        let Some(root) = self.tree.root() else { return Ok(file) };
        if self.is_null(root) {
            return Ok(file);
        }
        if self.tree.pairs(root).is_none() {
            return self.fail(root, Problem::NotMapping { found: self.type_of(root) });
        }
        let fields = self.mapping(root, &String::new)?;
        self.salvage(self.version(&fields))?;
        for pair in &fields {
            match &*pair.key {
                "current-context" => {
                    let current = self.string(pair.value, &|| "current-context".to_owned());
                    file.current_context = self.salvage(current)?.into_owned();
                }
                "preferences" if !self.is_null(pair.value) => {
                    let preferences = self.body(pair.value, &PREFERENCES, &|| "preferences".to_owned());
                    file.preferences = self.salvage(preferences)?;
                }
                "extensions" => {
                    let extensions = self.extensions(pair.value, &|| "extensions".to_owned());
                    file.extensions = self.salvage(extensions)?;
                }
                key => {
                    if let Some(kind) = Kind::from_list(key) {
                        file.lists[kind] = self.salvage(self.list(kind, pair.value))?;
                    }
                }
            }
        }
        Ok(file)
    }

    /// The decoded value. If problems are collected, an error is added to them and the result is the default value.
    fn salvage<T: Default>(&self, read: Result<T, ParseError>) -> Result<T, ParseError> {
        match (read, &self.problems) {
            (Err(error), Some(problems)) => {
                problems.borrow_mut().push(error);
                Ok(T::default())
            }
            (read, _) => read,
        }
    }

    /// The number of collected problems.
    fn found(&self) -> usize {
        self.problems.as_ref().map_or(0, |problems| problems.borrow().len())
    }

    fn fail<T>(&self, node: NodeId, problem: Problem) -> Result<T, ParseError> {
        Err(ParseError::at(self.source, self.tree.node(node).span, problem))
    }

    fn wrong<T>(&self, node: NodeId, path: Path<'_>, want: &'static str) -> Result<T, ParseError> {
        let found = self.type_of(node);
        let field = path();
        self.fail(
            node,
            match (want, found) {
                ("a string", read_as @ ("a boolean" | "a number")) => Problem::Yaml11 { field, read_as },
                _ => Problem::Type { field, want, found },
            },
        )
    }

    /// The type of a node, for a message.
    fn type_of(&self, node: NodeId) -> &'static str {
        let id = self.tree.follow(node);
        match &self.tree.node(id).content {
            Content::Sequence { .. } => "a list",
            Content::Mapping { .. } => "a mapping",
            Content::Alias(_) | Content::Folded => "something else",
            Content::Scalar { .. } => match self.tree.meaning(self.source, id) {
                Some(Plain::Null) => "null",
                Some(Plain::Bool(_)) => "a boolean",
                Some(Plain::Int(_) | Plain::Uint(_) | Plain::Float(_)) => "a number",
                Some(Plain::Str) | None => "a string",
            },
        }
    }

    fn is_null(&self, node: NodeId) -> bool {
        self.tree.meaning(self.source, self.tree.follow(node)) == Some(Plain::Null)
    }

    fn mapping(&self, node: NodeId, path: Path<'_>) -> Result<Vec<Pair<'t>>, ParseError> {
        if self.tree.pairs(node).is_none() {
            return self.wrong(node, path, "a mapping");
        }
        self.tree.fields(self.source, self.tree.follow(node))
    }

    fn items(&self, node: NodeId, path: Path<'_>) -> Result<&'t [NodeId], ParseError> {
        match self.tree.items(node) {
            Some(items) => Ok(items),
            None if self.is_null(node) => Ok(&[]),
            None => self.wrong(node, path, "a list"),
        }
    }

    /// A string; null is an empty one.
    fn string(&self, node: NodeId, path: Path<'_>) -> Result<Cow<'t, str>, ParseError> {
        let id = self.tree.follow(node);
        match self.tree.meaning(self.source, id) {
            Some(Plain::Null) => Ok(Cow::Borrowed("")),
            Some(Plain::Str) => self.tree.string(self.source, id),
            _ => self.wrong(node, path, "a string"),
        }
    }

    /// `apiVersion` and `kind` are matched case-insensitively; of several spellings the bytewise last one is used.
    fn version(&self, fields: &[Pair<'t>]) -> Result<(), ParseError> {
        for (field, want) in [("apiVersion", "v1"), ("kind", "Config")] {
            let mut named: Vec<_> =
                fields.iter().filter(|pair| pair.key.eq_ignore_ascii_case(field)).collect();
            named.sort_by(|a, b| a.key.cmp(&b.key));
            for pair in &named {
                self.string(pair.value, &|| field.to_owned())?;
            }
            if let Some(last) = named.iter().rfind(|pair| !self.is_null(pair.value)) {
                let text = self.string(last.value, &|| field.to_owned())?;
                // A version is `group/version` with an empty group here: `/v1` equals `v1`.
                let text =
                    if field == "apiVersion" { text.strip_prefix('/').unwrap_or(&text) } else { &text };
                if !text.is_empty() && text != want {
                    return self.fail(last.value, Problem::NotKubeconfig { field, want });
                }
            }
        }
        Ok(())
    }

    fn list(&self, kind: Kind, node: NodeId) -> Result<Vec<Named>, ParseError> {
        let mut seen = HashSet::new();
        let items = self.items(node, &|| kind.list().to_owned())?;
        let mut list = Vec::with_capacity(items.len());
        for (index, &item) in items.iter().enumerate() {
            let before = self.found();
            let named = self.entry(kind, item, &|| format!("{}[{index}]", kind.list()));
            let Some(named) = self.salvage(named.map(Some))? else { continue };
            // An entry whose name could not be decoded is not a duplicate of an entry without a name.
            let unread = named.name.is_empty() && self.found() > before;
            if !unread && !seen.insert(named.name.clone()) {
                let twice = Problem::Duplicate { kind, name: named.name.clone() };
                self.salvage(self.fail::<()>(item, twice))?;
            }
            list.push(named);
        }
        Ok(list)
    }

    fn entry(&self, kind: Kind, item: NodeId, path: Path<'_>) -> Result<Named, ParseError> {
        let mut named = Named { name: String::new(), body: Body::new(), node: item };
        if self.is_null(item) {
            return Ok(named);
        }
        for pair in self.mapping(item, path)? {
            if pair.key == "name" {
                named.name =
                    self.salvage(self.string(pair.value, &|| format!("{}.name", path())))?.into_owned();
            } else if pair.key == kind.word() && !self.is_null(pair.value) {
                let body = self.body(pair.value, kind.body(), &|| format!("{}.{}", path(), kind.word()));
                named.body = self.salvage(body)?;
            }
        }
        Ok(named)
    }

    fn body(&self, node: NodeId, schema: &'static Struct, path: Path<'_>) -> Result<Body, ParseError> {
        let mut body = Body::new();
        if self.is_null(node) {
            return Ok(body);
        }
        let fields = self.mapping(node, path)?;
        for field in schema.fields {
            let Some(pair) = fields.iter().find(|pair| pair.key == field.name) else { continue };
            if self.is_null(pair.value) {
                continue;
            }
            let value = self.field(field, pair.value, &|| format!("{}.{}", path(), field.name));
            if let Some(value) = self.salvage(value)? {
                body.insert(field.name.to_owned(), value);
            }
        }
        fill_mode(schema, &mut body);
        Ok(body)
    }

    /// The value of a field; `None` for an empty value, which equals a missing one.
    fn field(
        &self,
        field: &'static Field,
        node: NodeId,
        path: Path<'_>,
    ) -> Result<Option<Value>, ParseError> {
        let full = |text: Cow<'_, str>| (!text.is_empty()).then(|| Value::from(text));
        Ok(match field.ty {
            Type::String => full(self.string(node, path)?),
            Type::Bool => match self.tree.meaning(self.source, self.tree.follow(node)) {
                Some(Plain::Bool(value)) => value.then_some(Value::Bool(true)),
                _ => return self.wrong(node, path, "true or false"),
            },
            Type::Bytes => Some(Value::String(self.bytes(node, path)?)),
            Type::Strings => Some(self.strings(node, path)?),
            Type::StringMap => Some(Value::Object(
                self.sorted(node, path, &|value, path| Ok(Value::from(self.string(value, path)?)))?,
            )),
            Type::StringsMap => {
                Some(Value::Object(self.sorted(node, path, &|value, path| match self.is_null(value) {
                    true => Ok(Value::Null),
                    false => self.strings(value, path),
                })?))
                .filter(|map| map.as_object().is_some_and(|map| !map.is_empty()))
            }
            Type::Struct(schema) => Some(Value::Object(self.body(node, schema, path)?)),
            Type::Structs(schema) => {
                let mut list = Vec::new();
                for (index, &item) in self.items(node, path)?.iter().enumerate() {
                    list.push(Value::Object(self.body(item, schema, &|| format!("{}[{index}]", path()))?));
                }
                Some(Value::Array(list))
            }
            Type::Extensions => {
                let list = self.extensions(node, path)?;
                (!list.is_empty()).then_some(Value::Array(list))
            }
        })
    }
}

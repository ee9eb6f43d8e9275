//! The schema of kubeconfigs: name, type and attributes of every field, in client-go's order.
//!
//! Decoding, printing, redacting, flattening and `config set` use these tables. Source: client-go
//! `tools/clientcmd/api/v1/types.go` and `api/types.go`.

pub mod key;

use serde::{Deserialize, Serialize};

/// The three lists of a kubeconfig.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// `clusters`: named servers.
    Cluster,
    /// `users`: named identities (client-go: AuthInfo).
    User,
    /// `contexts`: a cluster, a user and a namespace under one name.
    Context,
}

impl Kind {
    /// All kinds, in client-go's order.
    pub const ALL: [Kind; 3] = [Kind::Cluster, Kind::User, Kind::Context];

    /// The singular: `cluster`, `user`, `context`; also the key of the entry's body.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Kind::Cluster => "cluster",
            Kind::User => "user",
            Kind::Context => "context",
        }
    }

    /// The key of the list: `clusters`, `users`, `contexts`.
    #[must_use]
    pub fn list(self) -> &'static str {
        match self {
            Kind::Cluster => "clusters",
            Kind::User => "users",
            Kind::Context => "contexts",
        }
    }

    /// The kind whose list has this key.
    #[must_use]
    pub fn from_list(key: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.list() == key)
    }

    /// The fields of an entry's body.
    #[must_use]
    pub fn body(self) -> &'static Struct {
        match self {
            Kind::Cluster => &CLUSTER,
            Kind::User => &USER,
            Kind::Context => &CONTEXT,
        }
    }
}

/// A mapping with known fields. kubectl ignores unknown fields; kcx preserves them.
#[derive(Debug)]
pub struct Struct {
    /// The fields, in the order in which client-go prints them as JSON.
    pub fields: &'static [Field],
    /// A hash table: the index of a field at the [`digest`] of its name.
    places: [u8; 64],
}

/// A perfect hash of the field names: length and last character distinguish all fields of a mapping. [`Struct::new`]
/// checks this at compile time.
const fn digest(name: &[u8]) -> usize {
    match name {
        [.., last] => (name.len() + 2 * *last as usize) % 64,
        [] => 0,
    }
}

impl Struct {
    const fn new(fields: &'static [Field]) -> Struct {
        let mut places = [u8::MAX; 64];
        let mut index = 0;
        while index < fields.len() {
            let place = &mut places[digest(fields[index].name.as_bytes())];
            assert!(*place == u8::MAX, "two fields with the same digest");
            *place = index as u8;
            index += 1;
        }
        Struct { fields, places }
    }

    /// The index of the field of this name; names are case-sensitive.
    #[must_use]
    #[inline]
    pub fn index(&self, name: &[u8]) -> Option<usize> {
        let index = usize::from(self.places[digest(name)]);
        (self.fields.get(index)?.name.as_bytes() == name).then_some(index)
    }

    /// The field of this name; names are case-sensitive.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&'static Field> {
        Some(&self.fields[self.index(name.as_bytes())?])
    }

    /// The field with this name in `kubectl config set` (client-go's internal name).
    #[must_use]
    pub fn find_internal(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.internal == name)
    }
}

/// A field of a mapping.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// The key in the file.
    pub name: &'static str,
    /// The name in `kubectl config set`; differs only for the impersonation fields.
    pub internal: &'static str,
    /// The type of the value.
    pub ty: Type,
    /// True if kubectl prints the field even if it is empty.
    pub always: bool,
    /// How `config view` hides the value.
    pub redaction: Redaction,
    /// True if the value is a path, relative to the folder of the kubeconfig.
    pub file: bool,
}

/// The type of a field.
#[derive(Clone, Copy, Debug)]
pub enum Type {
    /// A string.
    String,
    /// A boolean.
    Bool,
    /// Bytes, written as standard base64.
    Bytes,
    /// A list of strings.
    Strings,
    /// A mapping of strings to strings.
    StringMap,
    /// A mapping of strings to lists of strings.
    StringsMap,
    /// A mapping with known fields.
    Struct(&'static Struct),
    /// A list of mappings with known fields.
    Structs(&'static Struct),
    /// A list of `{name, extension}`, where the extension may be anything.
    Extensions,
}

/// How `config view` hides the value of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Redaction {
    /// Shown.
    None,
    /// Shown as `REDACTED`.
    Text,
    /// Shown as `DATA+OMITTED`.
    Data,
}

const fn field(name: &'static str, ty: Type) -> Field {
    Field { name, internal: name, ty, always: false, redaction: Redaction::None, file: false }
}

const fn always(field: Field) -> Field {
    Field { always: true, ..field }
}

const fn file(name: &'static str) -> Field {
    Field { file: true, ..field(name, Type::String) }
}

const fn secret(name: &'static str, ty: Type, redaction: Redaction) -> Field {
    Field { redaction, ..field(name, ty) }
}

const fn internal(internal: &'static str, field: Field) -> Field {
    Field { internal, ..field }
}

/// The body of a cluster.
pub static CLUSTER: Struct = Struct::new(&[
    always(field(key::SERVER, Type::String)),
    field(key::TLS_SERVER_NAME, Type::String),
    field(key::INSECURE_SKIP_TLS_VERIFY, Type::Bool),
    file(key::CERTIFICATE_AUTHORITY),
    secret(key::CERTIFICATE_AUTHORITY_DATA, Type::Bytes, Redaction::Data),
    field(key::PROXY_URL, Type::String),
    field(key::DISABLE_COMPRESSION, Type::Bool),
    field(key::EXTENSIONS, Type::Extensions),
]);

/// The body of a user.
pub static USER: Struct = Struct::new(&[
    file(key::CLIENT_CERTIFICATE),
    secret(key::CLIENT_CERTIFICATE_DATA, Type::Bytes, Redaction::Data),
    file(key::CLIENT_KEY),
    secret(key::CLIENT_KEY_DATA, Type::Bytes, Redaction::Data),
    secret(key::TOKEN, Type::String, Redaction::Text),
    file(key::TOKEN_FILE),
    internal("act-as", field(key::AS, Type::String)),
    internal("act-as-uid", field(key::AS_UID, Type::String)),
    internal("act-as-groups", field(key::AS_GROUPS, Type::Strings)),
    internal("act-as-user-extra", field(key::AS_USER_EXTRA, Type::StringsMap)),
    field(key::USERNAME, Type::String),
    secret(key::PASSWORD, Type::String, Redaction::Text),
    field(key::AUTH_PROVIDER, Type::Struct(&AUTH_PROVIDER)),
    field(key::EXEC, Type::Struct(&EXEC)),
    field(key::EXTENSIONS, Type::Extensions),
]);

/// The body of a context.
pub static CONTEXT: Struct = Struct::new(&[
    always(field(key::CLUSTER, Type::String)),
    always(field(key::USER, Type::String)),
    field(key::NAMESPACE, Type::String),
    field(key::EXTENSIONS, Type::Extensions),
]);

/// `auth-provider` of a user.
pub static AUTH_PROVIDER: Struct =
    Struct::new(&[always(field(key::NAME, Type::String)), always(field(key::CONFIG, Type::StringMap))]);

/// `exec` of a user. The command is a file only where it has a slash.
pub static EXEC: Struct = Struct::new(&[
    always(field(key::COMMAND, Type::String)),
    always(field(key::ARGS, Type::Strings)),
    always(field(key::ENV, Type::Structs(&EXEC_ENV))),
    field(key::API_VERSION, Type::String),
    field(key::INSTALL_HINT, Type::String),
    always(field(key::PROVIDE_CLUSTER_INFO, Type::Bool)),
    field(key::INTERACTIVE_MODE, Type::String),
]);

/// One variable of `exec.env`.
pub static EXEC_ENV: Struct =
    Struct::new(&[always(field(key::NAME, Type::String)), always(field(key::VALUE, Type::String))]);

/// `preferences`.
pub static PREFERENCES: Struct =
    Struct::new(&[field(key::COLORS, Type::Bool), field(key::EXTENSIONS, Type::Extensions)]);

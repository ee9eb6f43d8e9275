//! Updates an entry with a newer version of it: what the newer one sets replaces the old value, and what only the user has
//! set stays, unless both together would mean something else.

use super::super::decode::{Body, MODE, implied_mode};
use super::super::schema::{EXEC, Field, Kind, key};
use super::super::typed::text;
use serde_json::Value;

/// What an update does to the fields of an entry. A nested field has a name with dots: `exec.env.AWS_PROFILE`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields {
    /// Fields that only the newer version has.
    pub added: Vec<String>,
    /// Fields with another value.
    pub replaced: Vec<String>,
    /// Fields that contradict the newer version, such as another way to log in.
    pub removed: Vec<String>,
    /// Fields that only the existing entry has, and its namespace.
    pub kept: Vec<String>,
}

/// An entry after an update.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Updated {
    /// Its body.
    pub body: Body,
    /// What happened to its fields.
    pub fields: Fields,
}

/// How a client verifies the server. A newer setting replaces all of them: kubectl refuses a certificate authority
/// together with `insecure-skip-tls-verify`.
const TRUST: [&str; 3] =
    [key::INSECURE_SKIP_TLS_VERIFY, key::CERTIFICATE_AUTHORITY, key::CERTIFICATE_AUTHORITY_DATA];

/// How a user logs in. A newer way replaces all others: kubectl would choose one of several without saying so.
const LOGIN: [&str; 10] = [
    key::CLIENT_CERTIFICATE,
    key::CLIENT_CERTIFICATE_DATA,
    key::CLIENT_KEY,
    key::CLIENT_KEY_DATA,
    key::TOKEN,
    key::TOKEN_FILE,
    key::USERNAME,
    key::PASSWORD,
    key::AUTH_PROVIDER,
    key::EXEC,
];

/// Whom a user impersonates.
const IMPERSONATION: [&str; 4] = [key::AS, key::AS_UID, key::AS_GROUPS, key::AS_USER_EXTRA];

/// Updates the body of an entry with a newer one.
///
/// ```
/// use kcx::kubeconfig::Kind;
/// use kcx::kubeconfig::import::update;
/// use serde_json::json;
/// let old = json!({"server": "https://a", "proxy-url": "socks5://bastion", "insecure-skip-tls-verify": true});
/// let new = json!({"server": "https://b", "certificate-authority-data": "Q0E="});
/// let updated = update(Kind::Cluster, old.as_object().unwrap(), new.as_object().unwrap());
/// let body = json!({"server": "https://b", "certificate-authority-data": "Q0E=", "proxy-url": "socks5://bastion"});
/// assert_eq!(updated.body, *body.as_object().unwrap());
/// assert_eq!(updated.fields.removed, ["insecure-skip-tls-verify"]);
/// assert_eq!(updated.fields.kept, ["proxy-url"]);
/// ```
#[must_use]
pub fn update(kind: Kind, old: &Body, new: &Body) -> Updated {
    let mut updated = Updated::default();
    for field in kind.body().fields {
        let before = old.get(field.name);
        match (field.name, before, set(new, field.name)) {
            (key::EXEC, Some(Value::Object(before)), Some(Value::Object(after)))
                if is_same_program(before, after) =>
            {
                let exec = updated.exec(before, after);
                updated.body.insert(key::EXEC.to_owned(), Value::Object(exec));
            }
            (key::EXTENSIONS, Some(Value::Array(before)), Some(Value::Array(after))) => {
                let list = updated.named(key::EXTENSIONS, before, after);
                updated.body.insert(key::EXTENSIONS.to_owned(), Value::Array(list));
            }
            (key::NAMESPACE, Some(before), Some(after)) if is_set(before) && before != after => {
                updated.keep(field, before);
            }
            (_, before, Some(after)) => {
                updated.note(field.name.to_owned(), before, after);
                updated.body.insert(field.name.to_owned(), after.clone());
            }
            (_, Some(before), None) if contradicts(kind, field.name, old, new) => {
                if is_set(before) {
                    updated.fields.removed.push(field.name.to_owned());
                }
            }
            (_, Some(before), None) => updated.keep(field, before),
            (_, None, None) => {}
        }
    }
    updated
}

/// True if an entry is what an update with this newer version made of the one `before`, and the newer version determines
/// which server gets which credential. The entry may lack what the newer version lacks: a source takes back what it set.
pub(in crate::kubeconfig) fn determines(kind: Kind, new: &Body, before: &Body, after: &Body) -> bool {
    let Updated { body, fields } = update(kind, before, new);
    let decides = match kind {
        Kind::Cluster => set(new, key::SERVER).is_some(),
        Kind::User => !fields.kept.iter().any(|field| LOGIN.contains(&field.as_str())),
        Kind::Context => false,
    };
    decides && is_within(after, &body, new)
}

/// True if `after` is the body `updated`, or lacks fields of it that `new` does not have either.
fn is_within(after: &Body, updated: &Body, new: &Body) -> bool {
    let none = Body::new();
    let map = |value: Option<&Value>| value.and_then(Value::as_object).unwrap_or(&none).clone();
    let list = |value: Option<&Value>| value.and_then(Value::as_array).cloned().unwrap_or_default();
    let is_same = |(field, value): (&String, &Value)| match (field.as_str(), updated.get(field)) {
        (_, Some(before)) if before == value => true,
        (key::EXEC, before @ Some(_)) => is_within(&map(Some(value)), &map(before), &map(new.get(field))),
        (key::ENV, before @ Some(_)) => {
            let (value, new) = (list(Some(value)), list(new.get(field)));
            let is_left = |it: &Value| value.contains(it) || new.iter().all(|new| called(new) != called(it));
            value.iter().all(|it| list(before).contains(it)) && list(before).iter().all(is_left)
        }
        _ => false,
    };
    after.iter().all(is_same)
        && updated.keys().all(|field| after.contains_key(field) || set(new, field).is_none())
}

impl Updated {
    fn keep(&mut self, field: &Field, value: &Value) {
        if is_set(value) {
            self.fields.kept.push(field.name.to_owned());
        }
        self.body.insert(field.name.to_owned(), value.clone());
    }

    fn note(&mut self, name: String, before: Option<&Value>, after: &Value) {
        match before.filter(|before| is_set(before)) {
            None => self.fields.added.push(name),
            Some(before) if before == after => {}
            Some(_) => self.fields.replaced.push(name),
        }
    }

    /// The same program with new arguments: the variables that the user has added stay.
    fn exec(&mut self, old: &Body, new: &Body) -> Body {
        let mut exec = Body::new();
        // The decoder fills in the mode that an old version implies.
        let implied = implied_mode(&EXEC, new);
        for field in EXEC.fields {
            let name = format!("{}.{}", key::EXEC, field.name);
            let before = old.get(field.name);
            let after = set(new, field.name)
                .filter(|after| field.name != MODE || implied.is_none() || after.as_str() != implied);
            let value = match (field.name, before, after) {
                (key::ENV, Some(Value::Array(before)), Some(Value::Array(after))) => {
                    Value::Array(self.named(&name, before, after))
                }
                (key::ENV, Some(before @ Value::Array(own)), None) => {
                    self.fields.kept.extend(own.iter().map(|it| format!("{name}.{}", called(it))));
                    before.clone()
                }
                (_, before, Some(after)) => {
                    self.note(name, before, after);
                    after.clone()
                }
                (key::ARGS, Some(before), None) => {
                    if is_set(before) {
                        self.fields.removed.push(name);
                    }
                    continue;
                }
                (_, Some(before), None) => {
                    if is_set(before) && (field.name != MODE || before.as_str() != implied) {
                        self.fields.kept.push(name);
                    }
                    before.clone()
                }
                (MODE, None, None) => match new.get(MODE) {
                    Some(mode) => mode.clone(),
                    None => continue,
                },
                (_, None, None) => continue,
            };
            exec.insert(field.name.to_owned(), value);
        }
        exec
    }

    /// The items of the old list, each with the value of the new item of its name, and then those that are new.
    fn named(&mut self, list: &str, old: &[Value], new: &[Value]) -> Vec<Value> {
        let mut items = Vec::with_capacity(old.len());
        for before in old {
            let name = format!("{list}.{}", called(before));
            let after = new.iter().find(|it| called(it) == called(before));
            match after {
                Some(after) if after == before => {}
                Some(_) => self.fields.replaced.push(name),
                None => self.fields.kept.push(name),
            }
            items.push(after.unwrap_or(before).clone());
        }
        for after in new.iter().filter(|it| old.iter().all(|old| called(old) != called(it))) {
            self.fields.added.push(format!("{list}.{}", called(after)));
            items.push(after.clone());
        }
        if list == key::EXTENSIONS {
            // As the decoder sorts them.
            items.sort_by(|one, other| called(one).cmp(called(other)));
        }
        items
    }
}

/// True if a field of the existing entry would give the newer version another meaning.
fn contradicts(kind: Kind, field: &str, old: &Body, new: &Body) -> bool {
    let has = |field: &str| set(new, field).is_some();
    let any = |group: &[&str]| group.contains(&field) && group.iter().any(|field| has(field));
    match kind {
        // Who logs in where is one setting.
        Kind::Context => {
            let is_other = |other: &str| has(other) && text(old, other) != text(new, other);
            field == key::USER && is_other(key::CLUSTER) || field == key::CLUSTER && is_other(key::USER)
        }
        Kind::Cluster => any(&TRUST),
        Kind::User if IMPERSONATION.contains(&field) => any(&IMPERSONATION),
        Kind::User => {
            let certificate = [key::CLIENT_CERTIFICATE, key::CLIENT_CERTIFICATE_DATA];
            let private_key = [key::CLIENT_KEY, key::CLIENT_KEY_DATA];
            // A renewed certificate without its key belongs to the key that is here.
            let keeps_key = private_key.contains(&field)
                && certificate.iter().any(|it| has(it))
                && !private_key.iter().any(|it| has(it));
            // A file with a name alone expects the user to add the password.
            let only_name = LOGIN.iter().all(|field| has(field) == (*field == key::USERNAME));
            let keeps_password =
                field == key::PASSWORD && only_name && text(old, key::USERNAME) == text(new, key::USERNAME);
            any(&LOGIN) && !keeps_key && !keeps_password
        }
    }
}

fn is_same_program(one: &Body, other: &Body) -> bool {
    let command = text(one, key::COMMAND);
    !command.is_empty() && command == text(other, key::COMMAND)
}

/// The name of an item of a list; empty without one.
fn called(item: &Value) -> &str {
    item.get(key::NAME).and_then(Value::as_str).unwrap_or_default()
}

/// The value of a field, unless it equals a missing one.
fn set<'b>(body: &'b Body, field: &str) -> Option<&'b Value> {
    body.get(field).filter(|value| is_set(value))
}

fn is_set(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(truth) => *truth,
        Value::String(text) => !text.is_empty(),
        Value::Array(list) => !list.is_empty(),
        Value::Object(map) => !map.is_empty(),
        Value::Number(_) => true,
    }
}

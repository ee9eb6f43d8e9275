//! Splits an answer: an object is kept or held as a whole, a list or table item by item.

use super::judge::{ItemKind, Rules};
use super::object::{Object, Unclear};
use super::scan::Scan;
use super::{Held, ITEM};
use serde_json::Value;
use std::collections::BTreeSet;

/// The largest number of fields of a list or table.
const FIELDS: usize = 64;

/// An answer that comes bit by bit.
#[derive(Default)]
pub(super) struct Split {
    at: At,
    scan: Scan,
    /// The key or value that is not complete yet.
    part: Vec<u8>,
    /// The part is too large to be kept.
    is_large: bool,
    /// The key of the field that is being read: its bytes, and decoded.
    key: (Vec<u8>, String),
    /// The fields so far, as bytes of an object. Once items are judged one by one these have been passed on.
    held: Vec<u8>,
    fields: Vec<(String, Vec<u8>)>,
    keys: BTreeSet<String>,
    list: ItemKind,
    /// It has items or rows.
    is_list: bool,
    in_rows: bool,
    /// A field, or an item of the current array, was passed on, so that the next one needs a comma.
    after_field: bool,
    after_item: bool,
}

/// What comes next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum At {
    #[default]
    Begin,
    FieldOrEnd,
    Field,
    InKey,
    Colon,
    Value,
    InValue,
    AfterValue,
    ItemOrEnd,
    Item,
    InItem,
    AfterItem,
    End,
}

impl Split {
    pub(super) fn streams(&self) -> bool {
        self.is_list
    }

    pub(super) fn push(&mut self, bytes: &[u8], rules: &Rules, out: &mut Vec<u8>) -> Result<(), Held> {
        let mut rest = bytes;
        loop {
            if matches!(self.at, At::InKey | At::InValue | At::InItem) {
                let (taken, ended) = self.scan.take(rest);
                let limit = if self.at == At::InItem { ITEM } else { ITEM.saturating_sub(self.held.len()) };
                if self.part.len() + taken > limit {
                    // An item is left out; its bytes are only counted.
                    self.is_large = true;
                    self.part.clear();
                }
                if self.is_large && self.at != At::InItem {
                    return Err(Held::Unclear("it is too large"));
                }
                if !self.is_large {
                    self.part.extend_from_slice(&rest[..taken]);
                }
                rest = &rest[taken..];
                if !ended {
                    return Ok(());
                }
                self.part_ended(rules, out)?;
            }
            rest = rest.trim_ascii_start();
            let Some(byte) = rest.first() else { return Ok(()) };
            if self.next(*byte, rules, out)? {
                rest = &rest[1..];
            }
        }
    }

    /// Takes the first byte of what comes next; false if the byte belongs to a key, a value or an item.
    fn next(&mut self, byte: u8, rules: &Rules, out: &mut Vec<u8>) -> Result<bool, Held> {
        let part = |at| Ok((at, false));
        let (at, taken) = match (self.at, byte) {
            (At::Begin, b'{') => (At::FieldOrEnd, true),
            (At::FieldOrEnd | At::AfterValue, b'}') => (At::End, true),
            (At::FieldOrEnd | At::Field, b'"') => part(At::InKey)?,
            (At::Colon, b':') => (At::Value, true),
            (At::Value, b'[') if matches!(self.key.1.as_str(), "items" | "rows") => {
                self.begin_items(rules, out)?;
                (At::ItemOrEnd, true)
            }
            (At::Value, b',' | b'}' | b']' | b':') => return Err(ODD),
            (At::Value, _) => part(At::InValue)?,
            (At::AfterValue, b',') => (At::Field, true),
            (At::ItemOrEnd | At::AfterItem, b']') => {
                out.push(b']');
                (At::AfterValue, true)
            }
            // Only objects: a list of anything else is no list of Kubernetes.
            (At::ItemOrEnd | At::Item, b'{') => part(At::InItem)?,
            (At::AfterItem, b',') => (At::Item, true),
            _ => return Err(ODD),
        };
        if !taken {
            (self.scan, self.is_large) = (Scan::default(), false);
            self.part.clear();
        }
        self.at = at;
        Ok(taken)
    }

    fn part_ended(&mut self, rules: &Rules, out: &mut Vec<u8>) -> Result<(), Held> {
        match self.at {
            At::InKey => {
                let key: String = serde_json::from_slice(&self.part).map_err(|_| ODD)?;
                // One reader takes the first, another the last, a third does not tell their case apart.
                if !self.keys.insert(key.to_lowercase()) || self.keys.len() > FIELDS && self.is_list {
                    return Err(Held::Unclear("a field comes twice"));
                }
                self.key = (std::mem::take(&mut self.part), key);
                self.at = At::Colon;
            }
            At::InValue => {
                self.field(rules, out)?;
                self.at = At::AfterValue;
            }
            _ => {
                let is_kept = !self.is_large
                    && match self.in_rows {
                        true => rules.keeps_row(&self.part),
                        false => rules.keeps_item(&self.part, &self.list),
                    };
                if is_kept {
                    if self.after_item {
                        out.push(b',');
                    }
                    out.extend_from_slice(&self.part);
                    self.after_item = true;
                }
                self.at = At::AfterItem;
            }
        }
        Ok(())
    }

    /// A field that is no array of items.
    fn field(&mut self, rules: &Rules, out: &mut Vec<u8>) -> Result<(), Held> {
        let text = || serde_json::from_slice::<String>(&self.part).ok();
        match self.key.1.as_str() {
            "kind" => self.list.kind = text(),
            "apiVersion" => self.list.api_version = text(),
            // An empty list of Go.
            "items" | "rows" if self.part == b"null" && !self.is_list => self.begin_list(rules, out)?,
            _ => {}
        }
        if self.is_list {
            let (key, value) = (std::mem::take(&mut self.key), std::mem::take(&mut self.part));
            return self.pass(&key.0, &key.1, &value, rules, out);
        }
        let (raw, key) = &self.key;
        self.held.push(if self.held.is_empty() { b'{' } else { b',' });
        self.held.extend_from_slice(raw);
        self.held.push(b':');
        self.held.extend_from_slice(&self.part);
        self.fields.push((key.clone(), self.part.clone()));
        Ok(())
    }

    /// Passes on a field of a list.
    fn pass(
        &mut self,
        raw: &[u8],
        key: &str,
        value: &[u8],
        rules: &Rules,
        out: &mut Vec<u8>,
    ) -> Result<(), Held> {
        rules.check_field(value)?;
        if matches!(key, "kind" | "apiVersion") {
            rules.check_list(&self.list)?;
        }
        self.begin_field(raw, out);
        match key {
            "metadata" if rules.scope.is_wide() => out.extend_from_slice(&metadata(value, rules)?),
            _ => out.extend_from_slice(value),
        }
        Ok(())
    }

    fn begin_field(&mut self, raw: &[u8], out: &mut Vec<u8>) {
        out.push(if self.after_field { b',' } else { b'{' });
        self.after_field = true;
        out.extend_from_slice(raw);
        out.push(b':');
    }

    /// The answer is a list: what is known of it is passed on.
    fn begin_list(&mut self, rules: &Rules, out: &mut Vec<u8>) -> Result<(), Held> {
        rules.check_list(&self.list)?;
        self.is_list = true;
        self.held = Vec::new();
        for (key, value) in std::mem::take(&mut self.fields) {
            let raw = Value::from(key.as_str()).to_string();
            self.pass(raw.as_bytes(), &key, &value, rules, out)?;
        }
        Ok(())
    }

    fn begin_items(&mut self, rules: &Rules, out: &mut Vec<u8>) -> Result<(), Held> {
        if !self.is_list {
            self.begin_list(rules, out)?;
        }
        let (raw, key) = std::mem::take(&mut self.key);
        self.in_rows = key == "rows";
        self.begin_field(&raw, out);
        out.push(b'[');
        self.after_item = false;
        Ok(())
    }

    pub(super) fn finish(&mut self, rules: &Rules, out: &mut Vec<u8>) -> Result<(), Held> {
        if self.at != At::End {
            return Err(Held::Unclear("it is not complete"));
        }
        if self.is_list {
            out.extend_from_slice(b"}\n");
            return Ok(());
        }
        self.held.extend_from_slice(if self.held.is_empty() { b"{}" } else { b"}" });
        rules.check_object(&self.held)?;
        let is_failure = self.list.kind.as_deref() == Some("Status");
        match self.fields.iter().find(|(key, _)| key == "metadata") {
            // The `Status` of an expired list has the place where to go on.
            Some(_) if is_failure && rules.scope.is_wide() => {
                let mut status: Value = serde_json::from_slice(&self.held).map_err(|_| ODD)?;
                cleaned(&mut status["metadata"], rules);
                out.extend_from_slice(status.to_string().as_bytes());
            }
            _ => out.append(&mut self.held),
        }
        out.push(b'\n');
        Ok(())
    }
}

const ODD: Held = Held::Unclear("it is not an object in JSON");

/// The metadata of a list without what it tells about objects that are left out.
fn metadata(bytes: &[u8], rules: &Rules) -> Result<Vec<u8>, Held> {
    // Of two fields of one name, only one is left here.
    let mut value: Value = serde_json::from_slice(bytes).map_err(|_| ODD)?;
    cleaned(&mut value, rules);
    Ok(value.to_string().into_bytes())
}

fn cleaned(metadata: &mut Value, rules: &Rules) {
    let Some(fields) = metadata.as_object_mut() else { return };
    fields.retain(|key, _| ["resourceVersion", "selfLink", "continue"].contains(&key.as_str()));
    if let Some(next) = fields.get_mut("continue") {
        let sealed = next.as_str().filter(|next| !next.is_empty()).map(|next| (rules.seal)(next));
        *next = sealed.unwrap_or_default().into();
    }
}

/// The object of an event that is a table: its rows filtered, and whether one is left.
pub(super) fn table(bytes: &[u8], rules: &Rules) -> Result<(Vec<u8>, bool), Held> {
    let (mut split, mut out) = (Split::default(), Vec::with_capacity(bytes.len()));
    split.push(bytes, rules, &mut out)?;
    split.finish(rules, &mut out)?;
    let has_row = split.is_list && split.after_item;
    out.truncate(out.trim_ascii_end().len());
    Ok((out, has_row))
}

/// The kind of an object that is not judged yet.
pub(super) fn kind_of(bytes: &[u8], rules: &Rules) -> Result<Object, Unclear> {
    Object::read(bytes, false, &rules.hidden)
}

//! The events of a watch: each is kept or left out as a whole, except that a table is filtered row by row.

use super::judge::{self, Rules};
use super::object::Unclear;
use super::scan::{Scan, fields};
use super::split::{kind_of, table};
use super::{Held, ITEM};
use serde_json::{Value, json};

/// Events that come bit by bit.
#[derive(Default)]
pub(super) struct Watch {
    scan: Scan,
    event: Vec<u8>,
    in_event: bool,
    is_large: bool,
    /// The columns of a table that was left out: only the first one has them.
    columns: Option<Vec<u8>>,
}

/// The annotation of the bookmark that ends a watch's first events.
const INITIAL_END: &str = "k8s.io/initial-events-end";

impl Watch {
    pub(super) fn push(&mut self, bytes: &[u8], rules: &Rules, out: &mut Vec<u8>) -> Result<(), Held> {
        let mut rest = bytes;
        loop {
            if !self.in_event {
                rest = rest.trim_ascii_start();
                match rest.first() {
                    None => return Ok(()),
                    Some(b'{') => (self.scan, self.in_event, self.is_large) = (Scan::default(), true, false),
                    Some(_) => return Err(Held::Unclear("it is not a stream of events")),
                }
                self.event.clear();
            }
            let (taken, ended) = self.scan.take(rest);
            if self.event.len() + taken > ITEM {
                self.is_large = true;
                self.event = Vec::new();
            }
            if !self.is_large {
                self.event.extend_from_slice(&rest[..taken]);
            }
            rest = &rest[taken..];
            if !ended {
                return Ok(());
            }
            self.in_event = false;
            if !self.is_large {
                let event = std::mem::take(&mut self.event);
                self.event(&event, rules, out)?;
                self.event = event;
            }
        }
    }

    pub(super) fn finish(&self) -> Result<(), Held> {
        if self.in_event { Err(Held::Unclear("it is not complete")) } else { Ok(()) }
    }

    /// Passes on an event, if it may be seen.
    fn event(&mut self, event: &[u8], rules: &Rules, out: &mut Vec<u8>) -> Result<(), Held> {
        let Some(fields) = fields(event) else { return Ok(()) };
        let (kind, object) = match fields.as_slice() {
            [(kind, text), (object, value)] if (kind.as_str(), object.as_str()) == ("type", "object") => {
                (text, value)
            }
            [(object, value), (kind, text)] if (kind.as_str(), object.as_str()) == ("type", "object") => {
                (text, value)
            }
            _ => return Ok(()),
        };
        let kind: String = serde_json::from_slice(kind).unwrap_or_default();
        let read = match kind_of(object, rules) {
            Ok(read) => read,
            Err(Unclear::Hidden | Unclear::Odd) => return Ok(()),
        };
        let is_table =
            judge::is_table(read.api_version.as_deref().unwrap_or(""), read.kind.as_deref().unwrap_or(""));
        match kind.as_str() {
            "ADDED" | "MODIFIED" | "DELETED" if is_table => self.table(&kind, object, rules, out),
            "ADDED" | "MODIFIED" | "DELETED" => {
                if rules.check_event(object).is_ok() {
                    out.extend_from_slice(event);
                    out.push(b'\n');
                }
                Ok(())
            }
            "BOOKMARK" if !is_table => {
                if let (Some(kind), Some(bookmark)) = (&read.kind, bookmark(object))
                    && rules.hidden.kind(read.group(), kind).is_none()
                {
                    out.extend_from_slice(bookmark.to_string().as_bytes());
                    out.push(b'\n');
                }
                Ok(())
            }
            "ERROR" if judge::is_status(&read) => {
                out.extend_from_slice(event);
                out.push(b'\n');
                Ok(())
            }
            "ERROR" => Err(Held::Unclear("it ends with an error of an unknown form")),
            _ => Ok(()),
        }
    }

    fn table(&mut self, kind: &str, object: &[u8], rules: &Rules, out: &mut Vec<u8>) -> Result<(), Held> {
        const COLUMNS: &str = "columnDefinitions";
        let Ok((text, has_row)) = table(object, rules) else { return Ok(()) };
        let Some(mut fields) = fields(&text) else { return Ok(()) };
        let own =
            fields.iter().position(|(key, value)| key == COLUMNS && value.len() > 2 && *value != b"null");
        if !has_row {
            if let Some(at) = own {
                self.columns = Some(fields[at].1.to_vec());
            }
            return Ok(());
        }
        let kept = self.columns.take();
        if own.is_none()
            && let Some(columns) = &kept
        {
            fields.retain(|(key, _)| key != COLUMNS);
            fields.push((COLUMNS.to_owned(), columns.as_slice()));
        }
        out.extend_from_slice(format!("{{\"type\":{},\"object\":{{", json!(kind)).as_bytes());
        for (at, (key, value)) in fields.iter().enumerate() {
            if at > 0 {
                out.push(b',');
            }
            out.extend_from_slice(json!(key).to_string().as_bytes());
            out.push(b':');
            out.extend_from_slice(value);
        }
        out.extend_from_slice(b"}}\n");
        Ok(())
    }
}

/// A bookmark with what a client needs of it, and nothing else. Its object has no name and no namespace.
fn bookmark(object: &[u8]) -> Option<Value> {
    let object: Value = serde_json::from_slice(object).ok()?;
    let (metadata, text) = (&object["metadata"], |value: &Value| value.as_str().map(str::to_owned));
    let mut kept = json!({"resourceVersion": text(&metadata["resourceVersion"])?, "creationTimestamp": null});
    if metadata["annotations"][INITIAL_END] == "true" {
        kept["annotations"] = json!({INITIAL_END: "true"});
    }
    let object =
        json!({"kind": text(&object["kind"])?, "apiVersion": text(&object["apiVersion"])?, "metadata": kept});
    Some(json!({"type": "BOOKMARK", "object": object}))
}

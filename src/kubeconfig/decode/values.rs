//! Decodes values with a special form: lists of strings, maps, bytes and extensions.

use super::{Body, Decoder, Path};
use crate::codec::base64;
use crate::kubeconfig::error::{ParseError, Problem, stem};
use crate::kubeconfig::scan;
use crate::kubeconfig::tree::NodeId;
use crate::yaml11::Plain;
use serde_json::{Map, Value};
use std::borrow::Cow;

impl Decoder<'_> {
    pub(super) fn strings(&self, node: NodeId, path: Path<'_>) -> Result<Value, ParseError> {
        let items = self.items(node, path)?;
        let strings = items
            .iter()
            .enumerate()
            .map(|(index, &item)| Ok(Value::from(self.string(item, &|| format!("{}[{index}]", path()))?)));
        Ok(Value::Array(strings.collect::<Result<_, ParseError>>()?))
    }

    pub(super) fn sorted(
        &self,
        node: NodeId,
        path: Path<'_>,
        read: &dyn Fn(NodeId, Path<'_>) -> Result<Value, ParseError>,
    ) -> Result<Body, ParseError> {
        let mut fields = self.mapping(node, path)?;
        fields.sort_by(|a, b| a.key.cmp(&b.key));
        let mut map = Map::new();
        for pair in fields {
            let value = read(pair.value, &|| {
                format!("{}.{}", path(), crate::printer::quote::visible(stem(&pair.key)))
            })?;
            map.insert(pair.key.into_owned(), value);
        }
        Ok(map)
    }

    /// Bytes: standard base64, or a list of numbers, as Go's JSON decoder accepts them.
    pub(super) fn bytes(&self, node: NodeId, path: Path<'_>) -> Result<String, ParseError> {
        if let Some(items) = self.tree.items(node) {
            let byte = |&item: &NodeId| match self.tree.meaning(self.source, self.tree.follow(item)) {
                Some(Plain::Int(value)) => u8::try_from(value).ok(),
                // In JSON, 1.0 is 1; but Go does not accept -0 as an unsigned number.
                Some(Plain::Float(value)) if value.fract() == 0.0 && (0.0..256.0).contains(&value) => {
                    value.is_sign_positive().then_some(value as u8)
                }
                Some(Plain::Null) => Some(0),
                _ => None,
            };
            return match items.iter().map(byte).collect::<Option<Vec<u8>>>() {
                Some(bytes) => Ok(base64::encode(bytes)),
                None => self.wrong(node, path, "base64"),
            };
        }
        let text = self.string(node, path)?;
        match canonical(text) {
            Some(text) => Ok(text),
            None => self.fail(node, Problem::Base64 { field: path() }),
        }
    }

    /// `[{name, extension}]`, sorted by name. A name whose extension is null may occur again.
    pub(super) fn extensions(&self, node: NodeId, path: Path<'_>) -> Result<Vec<Value>, ParseError> {
        let mut found: Vec<(String, Value)> = Vec::new();
        for (index, &item) in self.items(node, path)?.iter().enumerate() {
            let (mut name, mut extension) = (String::new(), Value::Null);
            if !self.is_null(item) {
                for pair in self.mapping(item, &|| format!("{}[{index}]", path()))? {
                    match &*pair.key {
                        "name" => {
                            name = self
                                .string(pair.value, &|| format!("{}[{index}].name", path()))?
                                .into_owned();
                        }
                        "extension" => extension = self.tree.value(self.source, pair.value)?,
                        _ => {}
                    }
                }
            }
            match found.iter_mut().find(|(known, _)| *known == name) {
                Some((_, value)) if value.is_null() => *value = extension,
                Some(_) => return self.fail(item, Problem::DuplicateExtension { field: path() }),
                None => found.push((name, extension)),
            }
        }
        found.sort_by(|a, b| a.0.cmp(&b.0));
        let pair = |(name, mut extension): (String, Value)| {
            extension.sort_all_objects();
            Value::Object(Map::from_iter([
                ("name".to_owned(), Value::String(name)),
                ("extension".to_owned(), extension),
            ]))
        };
        Ok(found.into_iter().map(pair).collect())
    }
}

/// The base64 that Go writes for the bytes of this base64; `None` if it is invalid.
fn canonical(text: Cow<'_, str>) -> Option<String> {
    // Only the last four digits have several spellings, and they are almost always in Go's.
    let last = text.len().checked_sub(4).and_then(|at| text.get(at..)).filter(|_| scan::is_base64(&text));
    if last.is_some_and(|last| base64::decode(last).is_ok_and(|bytes| base64::encode(bytes) == last)) {
        return Some(text.into_owned());
    }
    base64::decode(&*text).ok().map(base64::encode)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_is_what_decoding_and_encoding_give() {
        for text in [
            "",
            "Q0E=",
            "Q0F=",
            "LS0t",
            "LS0tLQ==",
            "LS0tLR==",
            "LS\n0t\r\n",
            "LS0",
            "LS0=LS0t",
            "=",
            "====",
            "é",
        ] {
            assert_eq!(canonical(text.into()), base64::decode(text).ok().map(base64::encode), "{text}");
        }
    }
}

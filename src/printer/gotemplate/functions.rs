//! The functions of templates: Go's built-in ones, and kubectl's `exists` and `base64decode`.
//!
//! Errors contain types where Go's contain values.

use std::cmp::Ordering;

use percent_encoding::{AsciiSet, percent_encode};

use super::format;
use super::value::{Data, Text, Val};
use crate::codec::{base64, percent::NOT_UNRESERVED};

/// The type of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Parameter {
    /// Any value, as a `reflect.Value`.
    Value,
    /// Any value, as an `interface{}`.
    Any,
    /// A string.
    Text,
}

/// True if there is a function of this name.
pub(super) fn exists(name: &str) -> bool {
    parameters(name).is_some()
}

/// The fixed parameters of a function, and the type of further arguments if it is variadic.
pub(super) fn parameters(name: &str) -> Option<(&'static [Parameter], Option<Parameter>)> {
    use Parameter::{Any, Text, Value};
    Some(match name {
        "and" | "or" | "call" | "index" | "slice" | "eq" => (&[Value], Some(Value)),
        "len" | "not" => (&[Value], None),
        "ne" | "lt" | "le" | "gt" | "ge" => (&[Value, Value], None),
        "html" | "js" | "urlquery" | "print" | "println" => (&[], Some(Any)),
        "printf" => (&[Text], Some(Any)),
        "exists" => (&[Any], Some(Any)),
        "base64decode" => (&[Text], None),
        _ => return None,
    })
}

/// Calls a function with checked arguments; `callee` is the source text of the first one.
pub(super) fn call<'v>(name: &str, values: &[Val<'v>], callee: Option<&str>) -> Result<Val<'v>, String> {
    let first = values.first().cloned().unwrap_or(Val::Missing);
    let rest = values.get(1..).unwrap_or_default();
    let second = rest.first().cloned().unwrap_or(Val::Missing);
    let truth = |flag| Ok(Val::Plain(Data::Bool(flag)));
    let text = |bytes: Vec<u8>| Ok(Val::Plain(Data::text(bytes)));
    match name {
        "and" | "or" => Ok(values.last().cloned().unwrap_or(Val::Missing)),
        "not" => truth(!first.is_true()),
        "len" => length(&first),
        "index" => index(first.unboxed(), rest),
        "slice" => slice(first.unboxed(), rest),
        "eq" => truth(equal(&first, rest)?),
        "ne" => truth(!equal(&first, rest)?),
        "lt" => truth(less(&first, &second)?),
        "le" => truth(less(&first, &second)? || equal(&first, rest)?),
        "gt" => truth(!(less(&first, &second)? || equal(&first, rest)?)),
        "ge" => truth(!less(&first, &second)?),
        "print" => text(format::print(values)?),
        "println" => text(format::println(values)?),
        "printf" => text(format::printf(&bytes(&first), rest)?),
        "html" => text(html(&shown(values)?)),
        "js" => text(js(&shown(values)?)),
        "urlquery" => text(url_query(&shown(values)?)),
        "exists" => truth(reaches(first, rest)),
        "base64decode" => {
            text(base64::decode(bytes(&first)).map_err(|error| format!("base64 decode failed: {error}"))?)
        }
        _ => match first.unboxed().data() {
            None => Err("call of nil".to_owned()),
            Some(data) => {
                let callee = callee.map_or_else(|| format!("<{} Value>", data.type_name()), str::to_owned);
                Err(format!("non-function {callee} of type {}", data.type_name()))
            }
        },
    }
}

fn bytes(value: &Val<'_>) -> Vec<u8> {
    if let Some(Data::Text(text)) = value.data() { text.to_vec() } else { Vec::new() }
}

fn length<'v>(item: &Val<'v>) -> Result<Val<'v>, String> {
    let length = match item.data() {
        Some(Data::Text(text)) => text.len(),
        Some(Data::Map(map)) => map.len(),
        Some(Data::List(list)) => list.len(),
        Some(data) => return Err(format!("len of type {}", data.type_name())),
        None if matches!(item, Val::Nil) => return Err("len of nil pointer".to_owned()),
        None => return Err("reflect: call of reflect.Value.Type on zero Value".to_owned()),
    };
    Ok(Val::Plain(Data::Int(i64::try_from(length).unwrap_or(i64::MAX))))
}

fn index<'v>(mut item: Val<'v>, indexes: &[Val<'v>]) -> Result<Val<'v>, String> {
    if matches!(item, Val::Missing) {
        return Err("index of untyped nil".to_owned());
    }
    for index in indexes {
        let index = index.clone().unboxed();
        item = match item.data() {
            None => return Err("index of nil pointer".to_owned()),
            Some(Data::List(list)) => {
                let at = position(&index, list.len())?;
                list.get(at).map(Val::element).ok_or("reflect: slice index out of range")?
            }
            Some(Data::Text(text)) => {
                let at = position(&index, text.len())?;
                let byte = text.get(at).ok_or("reflect: string index out of range")?;
                Val::Plain(Data::Byte(*byte))
            }
            Some(Data::Map(map)) => match index.data() {
                None => return Err("value is nil; should be of type string".to_owned()),
                Some(Data::Text(key)) => {
                    key_of(key).and_then(|key| map.get(key)).map_or(Val::Nil, Val::element)
                }
                Some(data) => {
                    return Err(format!("value has type {}; should be string", data.type_name()));
                }
            },
            Some(data) => return Err(format!("can't index item of type {}", data.type_name())),
        };
    }
    Ok(item)
}

/// Bytes as a key of the data; `None` if they are not UTF-8, because such a key does not exist.
fn key_of(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

/// Checks an index. The length itself is valid as the end of a slice.
fn position(index: &Val<'_>, length: usize) -> Result<usize, String> {
    let int = match index {
        Val::Missing => return Err("cannot index slice/array with nil".to_owned()),
        Val::Plain(data) => data.integer(),
        Val::Nil | Val::Boxed(_) => None,
    };
    let Some(int) = int else {
        return Err(format!("cannot index slice/array with type {}", index.type_name()));
    };
    match usize::try_from(int) {
        Ok(at) if at <= length => Ok(at),
        _ => Err(format!("index out of range: {int}")),
    }
}

fn slice<'v>(item: Val<'v>, indexes: &[Val<'v>]) -> Result<Val<'v>, String> {
    let Some(data) = item.data() else { return Err("slice of untyped nil".to_owned()) };
    if indexes.len() > 3 {
        return Err(format!("too many slice indexes: {}", indexes.len()));
    }
    let length = match data {
        Data::Text(_) if indexes.len() == 3 => return Err("cannot 3-index slice a string".to_owned()),
        Data::Text(text) => text.len(),
        Data::List(list) => list.len(),
        data => return Err(format!("can't slice item of type {}", data.type_name())),
    };
    let mut bounds = [0, length, length];
    for (bound, index) in bounds.iter_mut().zip(indexes) {
        *bound = position(index, length)?;
    }
    for pair in bounds.windows(2).take(indexes.len().max(2) - 1) {
        if pair[0] > pair[1] {
            return Err(format!("invalid slice index: {} > {}", pair[0], pair[1]));
        }
    }
    let range = bounds[0]..bounds[1];
    Ok(Val::Plain(match data {
        Data::List(list) => Data::List(&list[range]),
        Data::Text(Text::Borrowed(text)) => Data::Text(Text::Borrowed(&text[range])),
        Data::Text(Text::Shared(text)) => Data::text(&text[range]),
        _ => return Ok(item),
    }))
}

/// True if `index` would find a value.
fn reaches<'v>(mut item: Val<'v>, indexes: &[Val<'v>]) -> bool {
    if indexes.is_empty() {
        return true;
    }
    for index in indexes {
        let index = index.clone().unboxed();
        item = match item.data() {
            Some(Data::List(list)) => match index.data().and_then(Data::integer).map(usize::try_from) {
                Some(Ok(at)) if at < list.len() => Val::element(&list[at]),
                _ => return false,
            },
            Some(Data::Text(text)) => match index.data().and_then(Data::integer).map(usize::try_from) {
                Some(Ok(at)) if at < text.len() => Val::Plain(Data::Byte(text[at])),
                _ => return false,
            },
            Some(Data::Map(map)) => match index.data() {
                None => map.get("").map_or(Val::Nil, Val::element),
                Some(Data::Text(key)) => {
                    key_of(key).and_then(|key| map.get(key)).map_or(Val::Nil, Val::element)
                }
                Some(_) => return false,
            },
            _ => return false,
        };
    }
    item.data().is_some()
}

fn incompatible(left: &Data<'_>, right: &Data<'_>) -> String {
    format!("incompatible types for comparison: {} and {}", left.type_name(), right.type_name())
}

/// True if `left` equals one of the others.
fn equal(left: &Val<'_>, others: &[Val<'_>]) -> Result<bool, String> {
    if others.is_empty() {
        return Err("missing argument for comparison".to_owned());
    }
    for right in others {
        let equal = match (left.data(), right.data()) {
            (None, None) => true,
            (None, Some(_)) | (Some(_), None) => false,
            (Some(Data::Bool(left)), Some(Data::Bool(right))) => left == right,
            (Some(Data::Float(left)), Some(Data::Float(right))) => left == right,
            (Some(Data::Complex(a, b)), Some(Data::Complex(c, d))) => a == c && b == d,
            (Some(Data::Text(left)), Some(Data::Text(right))) => left[..] == right[..],
            (Some(left), Some(right)) => match (left.integer(), right.integer()) {
                (Some(left), Some(right)) => left == right,
                _ => return Err(not_comparable(left, right)),
            },
        };
        if equal {
            return Ok(true);
        }
    }
    Ok(false)
}

fn not_comparable(left: &Data<'_>, right: &Data<'_>) -> String {
    match (left, right) {
        (Data::Map(_), Data::Map(_)) | (Data::List(_), Data::List(_)) => {
            format!("non-comparable type {}", right.type_name())
        }
        (Data::Map(_) | Data::List(_), Data::Map(_) | Data::List(_)) => {
            format!("non-comparable types {}, {}", left.type_name(), right.type_name())
        }
        _ => incompatible(left, right),
    }
}

fn less(left: &Val<'_>, right: &Val<'_>) -> Result<bool, String> {
    let bad_type = || Err("invalid type for comparison".to_owned());
    let (Some(left), Some(right)) = (left.data(), right.data()) else { return bad_type() };
    let ordering = match (left, right) {
        (Data::Map(_) | Data::List(_), _) | (_, Data::Map(_) | Data::List(_)) => return bad_type(),
        (Data::Bool(_), Data::Bool(_)) | (Data::Complex(..), Data::Complex(..)) => return bad_type(),
        (Data::Float(left), Data::Float(right)) => left.partial_cmp(right),
        (Data::Text(left), Data::Text(right)) => Some(left.cmp(right)),
        _ => match (left.integer(), right.integer()) {
            (Some(left), Some(right)) => Some(left.cmp(&right)),
            _ => return Err(incompatible(left, right)),
        },
    };
    Ok(ordering == Some(Ordering::Less))
}

/// The arguments of an escaping function as one text; a nil is printed like a missing value.
fn shown(values: &[Val<'_>]) -> Result<Vec<u8>, String> {
    let missing = || Val::Plain(Data::Text(Text::Borrowed(b"<no value>")));
    let values: Vec<_> =
        values.iter().map(|value| if value.data().is_none() { missing() } else { value.clone() }).collect();
    format::print(&values)
}

fn html(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for &byte in text {
        match byte {
            0 => out.extend_from_slice("\u{fffd}".as_bytes()),
            b'"' => out.extend_from_slice(b"&#34;"),
            b'\'' => out.extend_from_slice(b"&#39;"),
            b'&' => out.extend_from_slice(b"&amp;"),
            b'<' => out.extend_from_slice(b"&lt;"),
            b'>' => out.extend_from_slice(b"&gt;"),
            _ => out.push(byte),
        }
    }
    out
}

fn js(text: &[u8]) -> Vec<u8> {
    let mut out = String::with_capacity(text.len());
    let mut bytes = Vec::new();
    for chunk in text.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '\\' | '\'' | '"' => out.extend(['\\', c]),
                '<' | '>' | '&' | '=' | '\0'..='\x1f' => out.push_str(&format!("\\u{:04X}", u32::from(c))),
                _ if crate::printer::unicode::is_print(c) || c == '\x7f' => out.push(c),
                _ => out.push_str(&format!("\\u{:04X}", u32::from(c))),
            }
        }
        bytes.append(&mut std::mem::take(&mut out).into_bytes());
        bytes.extend_from_slice(chunk.invalid());
    }
    bytes
}

/// Go's `url.QueryEscape`.
fn url_query(text: &[u8]) -> Vec<u8> {
    const NOT_PLAIN: AsciiSet = NOT_UNRESERVED.remove(b' ');
    percent_encode(text, &NOT_PLAIN).to_string().replace(' ', "+").into_bytes()
}

//! The results of an evaluation: output, children and comparison.

use serde_json::Value;

use super::golang;
use super::json;

/// A result: a value in the data or a literal of the template.
#[derive(Clone, Copy, Debug)]
pub(super) enum ResultItem<'a> {
    Data(&'a Value),
    Text(&'a str),
    /// A byte of a string, from a wildcard on the string.
    Byte(u8),
    Int(i64),
    Float(f64),
    Bool(bool),
    /// The current object in a `range` over an empty result or null.
    Nothing,
}

impl<'a> ResultItem<'a> {
    /// Appends the result as text: maps and lists as JSON, other values as Go prints them.
    pub(super) fn print(self, out: &mut String) {
        match self {
            Self::Nothing => out.push_str("<no value>"),
            Self::Text(text) => out.push_str(text),
            Self::Byte(byte) => out.push_str(&byte.to_string()),
            Self::Int(int) => out.push_str(&int.to_string()),
            Self::Float(float) => out.push_str(&golang::float(float, 'g', None)),
            Self::Bool(flag) => out.push_str(&flag.to_string()),
            Self::Data(Value::String(text)) => out.push_str(text),
            Self::Data(Value::Number(number)) => {
                out.push_str(&golang::float(number.as_f64().unwrap_or(f64::NAN), 'g', None));
            }
            Self::Data(value) => out.push_str(&json::compact(value)),
        }
    }

    /// Returns the result as a JSON value.
    pub(super) fn to_json(self) -> Value {
        match self {
            Self::Nothing => Value::Null,
            Self::Data(value) => value.clone(),
            Self::Text(text) => text.into(),
            Self::Byte(byte) => byte.into(),
            Self::Int(int) => int.into(),
            Self::Float(float) => float.into(),
            Self::Bool(flag) => flag.into(),
        }
    }

    /// Returns the scalar value, as Go's `reflect` sees it.
    pub(super) fn scalar(self) -> Scalar<'a> {
        match self {
            Self::Text(text) => Scalar::Text(text),
            Self::Byte(byte) => Scalar::Int(byte.into()),
            Self::Int(int) => Scalar::Int(int),
            Self::Float(float) => Scalar::Float(float),
            Self::Bool(flag) => Scalar::Bool(flag),
            Self::Data(Value::String(text)) => Scalar::Text(text),
            Self::Data(Value::Bool(flag)) => Scalar::Bool(*flag),
            Self::Data(Value::Number(number)) => Scalar::Float(number.as_f64().unwrap_or(f64::NAN)),
            Self::Data(_) | Self::Nothing => Scalar::None,
        }
    }

    pub(super) fn is_null(self) -> bool {
        matches!(self, Self::Data(Value::Null))
    }

    pub(super) fn type_name(self) -> &'static str {
        match self {
            Self::Nothing | Self::Data(Value::Null) => "<nil>",
            Self::Text(_) | Self::Data(Value::String(_)) => "string",
            Self::Byte(_) => "uint8",
            Self::Int(_) => "int",
            Self::Float(_) | Self::Data(Value::Number(_)) => "float64",
            Self::Bool(_) | Self::Data(Value::Bool(_)) => "bool",
            Self::Data(Value::Array(_)) => "[]interface {}",
            Self::Data(Value::Object(_)) => "map[string]interface {}",
        }
    }
}

/// The value of a result without children.
pub(super) enum Scalar<'a> {
    Text(&'a str),
    Int(i64),
    Float(f64),
    Bool(bool),
    None,
}

/// Returns the children of a result; those of a string are its bytes.
pub(super) fn children(item: ResultItem<'_>) -> Vec<ResultItem<'_>> {
    match item {
        ResultItem::Data(Value::Array(list)) => list.iter().map(ResultItem::Data).collect(),
        ResultItem::Data(Value::Object(map)) => {
            golang::sorted(map).into_iter().map(|(_, value)| ResultItem::Data(value)).collect()
        }
        _ => match item.scalar() {
            Scalar::Text(text) => text.bytes().map(ResultItem::Byte).collect(),
            _ => Vec::new(),
        },
    }
}

/// Compares as client-go's filters, without type conversions.
pub(super) fn compare(operator: &str, left: ResultItem<'_>, right: ResultItem<'_>) -> Result<bool, String> {
    if !matches!(operator, "<" | ">" | "==" | "!=" | "<=" | ">=") {
        return Err(format!("unrecognized filter operator {operator}"));
    }
    let bad_type = || Err("invalid type for comparison".to_owned());
    let (less, equal) = match (left.scalar(), right.scalar()) {
        (Scalar::None, _) | (_, Scalar::None) => return bad_type(),
        (Scalar::Bool(_), Scalar::Bool(_)) if !matches!(operator, "==" | "!=") => return bad_type(),
        (Scalar::Bool(left), Scalar::Bool(right)) => (false, left == right),
        (Scalar::Text(left), Scalar::Text(right)) => (left < right, left == right),
        (Scalar::Int(left), Scalar::Int(right)) => (left < right, left == right),
        (Scalar::Float(left), Scalar::Float(right)) => (left < right, left == right),
        // Numbers of the data are float64: they can be compared to 1.0, but not to 1.
        _ => return Err("incompatible types for comparison".to_owned()),
    };
    Ok(match operator {
        "<" => less,
        "<=" => less || equal,
        ">" => !less && !equal,
        ">=" => !less,
        "==" => equal,
        _ => !equal,
    })
}

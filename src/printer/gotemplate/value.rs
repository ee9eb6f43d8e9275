//! The values of a template: Go's view of decoded JSON.
//!
//! Go distinguishes a missing value, a nil, a nil in an interface, and a value with and without an interface. Its
//! errors and some functions depend on this, so it is represented here.

use std::ops::Deref;
use std::rc::Rc;

use serde_json::{Map, Value};

/// A value with its type.
#[derive(Clone, Debug)]
pub(super) enum Data<'v> {
    Bool(bool),
    /// An `int`: a literal, an index or a length.
    Int(i64),
    /// An `int64`: an integer of the data.
    Int64(i64),
    /// A `uint8`: a byte of a string.
    Byte(u8),
    Float(f64),
    Complex(f64, f64),
    Text(Text<'v>),
    Map(&'v Map<String, Value>),
    List(&'v [Value]),
}

/// A Go string: bytes that are borrowed from the data or computed.
#[derive(Clone, Debug)]
pub(super) enum Text<'v> {
    Borrowed(&'v [u8]),
    Shared(Rc<[u8]>),
}

/// The value of an expression.
#[derive(Clone, Debug)]
pub(super) enum Val<'v> {
    /// No value: a missing key, or an untyped nil.
    Missing,
    /// A nil in an interface: a null of the data.
    Nil,
    /// A value of a known type.
    Plain(Data<'v>),
    /// A value in an interface: an element of the data.
    Boxed(Data<'v>),
}

impl Deref for Text<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Borrowed(bytes) => bytes,
            Self::Shared(bytes) => bytes,
        }
    }
}

impl<'v> Data<'v> {
    /// Returns a JSON value; `None` for null.
    pub(super) fn of(value: &'v Value) -> Option<Self> {
        Some(match value {
            Value::Null => return None,
            Value::Bool(flag) => Self::Bool(*flag),
            Value::Number(number) => match number.as_i64() {
                Some(int) => Self::Int64(int),
                None => Self::Float(number.as_f64().unwrap_or(f64::NAN)),
            },
            Value::String(text) => Self::Text(Text::Borrowed(text.as_bytes())),
            Value::Array(list) => Self::List(list),
            Value::Object(map) => Self::Map(map),
        })
    }

    /// Returns computed bytes as a string.
    pub(super) fn text(bytes: impl Into<Rc<[u8]>>) -> Self {
        Self::Text(Text::Shared(bytes.into()))
    }

    /// Returns the name of the type in Go.
    pub(super) fn type_name(&self) -> &'static str {
        match self {
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Int64(_) => "int64",
            Self::Byte(_) => "uint8",
            Self::Float(_) => "float64",
            Self::Complex(..) => "complex128",
            Self::Text(_) => "string",
            Self::Map(_) => "map[string]interface {}",
            Self::List(_) => "[]interface {}",
        }
    }

    /// True if the value counts as true for `if`: not zero and not empty.
    pub(super) fn is_true(&self) -> bool {
        match self {
            Self::Bool(flag) => *flag,
            Self::Int(int) | Self::Int64(int) => *int != 0,
            Self::Byte(byte) => *byte != 0,
            Self::Float(float) => *float != 0.0,
            Self::Complex(real, imaginary) => *real != 0.0 || *imaginary != 0.0,
            Self::Text(text) => !text.is_empty(),
            Self::Map(map) => !map.is_empty(),
            Self::List(list) => !list.is_empty(),
        }
    }

    /// Returns an integer of any size.
    pub(super) fn integer(&self) -> Option<i64> {
        match self {
            Self::Int(int) | Self::Int64(int) => Some(*int),
            Self::Byte(byte) => Some((*byte).into()),
            _ => None,
        }
    }
}

impl<'v> Val<'v> {
    /// Returns an element of the data.
    pub(super) fn element(value: &'v Value) -> Self {
        Data::of(value).map_or(Self::Nil, Self::Boxed)
    }

    /// Removes the interface of the value.
    pub(super) fn unboxed(self) -> Self {
        match self {
            Self::Boxed(data) => Self::Plain(data),
            Self::Nil => Self::Missing,
            other => other,
        }
    }

    /// Returns the value itself, if there is one.
    pub(super) fn data(&self) -> Option<&Data<'v>> {
        match self {
            Self::Plain(data) | Self::Boxed(data) => Some(data),
            Self::Missing | Self::Nil => None,
        }
    }

    pub(super) fn is_true(&self) -> bool {
        self.data().is_some_and(Data::is_true)
    }

    /// Returns the name of the static type in Go.
    pub(super) fn type_name(&self) -> &'static str {
        match self {
            Self::Missing | Self::Nil | Self::Boxed(_) => "interface {}",
            Self::Plain(data) => data.type_name(),
        }
    }
}

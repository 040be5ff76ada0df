//! Values of properties: what JSON can say, without JSON.

use crate::Instant;

/// One value. Maps keep the order in which they were written, so that encoding is deterministic and a
/// reader gets back what was sent.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Nothing known.
    Null,
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number with a fraction, or too large for [`Value::Int`]; always finite.
    Float(f64),
    /// A text.
    Text(Box<str>),
    /// Values in order.
    List(Vec<Value>),
    /// Named values in the order written; names are unique.
    Map(Vec<(Box<str>, Value)>),
}

impl Value {
    /// A text value.
    pub fn text(text: impl Into<Box<str>>) -> Value {
        Value::Text(text.into())
    }

    /// The text, when it is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The instant, written as a text or as a typed value of JSON-LD (`@type`, `@value`).
    pub fn as_instant(&self) -> Option<Instant> {
        match self {
            Value::Text(text) => Instant::parse(text),
            Value::Map(members) => members.iter().find(|(name, _)| &**name == "@value")?.1.as_instant(),
            _ => None,
        }
    }

    /// The number, when it is one.
    pub fn as_number(&self) -> Option<f64> {
        match self {
            Value::Int(n) => Some(*n as f64),
            Value::Float(n) => Some(*n),
            _ => None,
        }
    }

    /// The member of a map.
    pub fn get(&self, name: &str) -> Option<&Value> {
        match self {
            Value::Map(members) => members.iter().find(|(n, _)| &**n == name).map(|(_, v)| v),
            _ => None,
        }
    }

    /// Heap and inline bytes, roughly; caches weigh entities by it.
    pub fn weight(&self) -> usize {
        let own = size_of::<Value>();
        match self {
            Value::Text(text) => own + text.len(),
            Value::List(items) => own + items.iter().map(Value::weight).sum::<usize>(),
            Value::Map(members) => {
                own + members.iter().map(|(n, v)| 16 + n.len() + v.weight()).sum::<usize>()
            }
            _ => own,
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::Text(text.into())
    }
}

impl From<i64> for Value {
    fn from(n: i64) -> Value {
        Value::Int(n)
    }
}

impl From<f64> for Value {
    /// A number that is not finite has no meaning as a figure and becomes null.
    fn from(n: f64) -> Value {
        if n.is_finite() { Value::Float(n) } else { Value::Null }
    }
}

impl From<bool> for Value {
    fn from(b: bool) -> Value {
        Value::Bool(b)
    }
}

//! JSON as the kernel keeps it, and back: what a service stores as one attribute.

use nacre_model::Value;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

/// Anything that serialises, as a stored value.
pub fn of(what: &impl Serialize) -> Value {
    serde_json::to_value(what).map_or(Value::Null, stored)
}

/// A stored value as what it was; `None` when it is something else.
pub fn read<T: DeserializeOwned>(value: &Value) -> Option<T> {
    serde_json::from_value(json(value)).ok()
}

fn stored(json: Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(b) => Value::Bool(b),
        Json::Number(n) => match (n.as_i64(), n.as_f64()) {
            (Some(i), _) => Value::Int(i),
            (None, Some(f)) => Value::Float(f),
            (None, None) => Value::Null,
        },
        Json::String(s) => Value::Text(s.into()),
        Json::Array(items) => Value::List(items.into_iter().map(stored).collect()),
        Json::Object(members) => {
            Value::Map(members.into_iter().map(|(k, v)| (k.into_boxed_str(), stored(v))).collect())
        }
    }
}

/// A stored value as JSON.
pub fn json(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(b) => Json::Bool(*b),
        Value::Int(i) => Json::from(*i),
        Value::Float(f) => Json::from(*f),
        Value::Text(s) => Json::from(&**s),
        Value::List(items) => Json::Array(items.iter().map(json).collect()),
        Value::Map(members) => Json::Object(members.iter().map(|(k, v)| (k.to_string(), json(v))).collect()),
    }
}

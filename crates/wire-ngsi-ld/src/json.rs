//! JSON read once and strictly: UTF-8, unique names, bounded depth; and the way between JSON and
//! [`nacre_model::Value`].
//!
//! Limits: [`DEPTH_MAX`] levels; the size of a body is bounded where it is received. A number is kept as
//! `i64` where it is whole and fits, else as `f64`; one that is neither is refused, not rounded to infinity.

use std::fmt;

use nacre_model::Value;
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value as Json};

use crate::errors::NgsiError;

/// How deep arrays and objects may be nested.
pub const DEPTH_MAX: usize = 64;

/// Reads a whole body. Errors tell line and column (CIM 009 §5.5.4: not JSON is InvalidRequest).
pub fn parse(bytes: &[u8]) -> Result<Json, NgsiError> {
    // Some clients put a byte order mark in front; RFC 8259 §8.1 allows to ignore it.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|e| {
        let (line, column) = place(&bytes[..e.valid_up_to()]);
        NgsiError::invalid(format!("the body is not UTF-8 at line {line}, column {column}"))
    })?;
    if text.bytes().all(|b| b.is_ascii_whitespace()) {
        return Err(NgsiError::invalid("the body is empty; a JSON document is needed"));
    }
    let mut from = serde_json::Deserializer::from_str(text);
    let read = Node { depth: 0 }.deserialize(&mut from).and_then(|json| from.end().map(|()| json));
    read.map_err(|e| NgsiError::invalid(format!("the body is not JSON that can be taken: {e}")))
}

fn place(before: &[u8]) -> (usize, usize) {
    let line = before.iter().filter(|b| **b == b'\n').count() + 1;
    let column = before.iter().rev().take_while(|b| **b != b'\n').count() + 1;
    (line, column)
}

#[derive(Clone, Copy)]
struct Node {
    depth: usize,
}

impl Node {
    fn inner<E: serde::de::Error>(self) -> Result<Node, E> {
        if self.depth >= DEPTH_MAX {
            return Err(E::custom(format_args!("nested deeper than {DEPTH_MAX} levels")));
        }
        Ok(Node { depth: self.depth + 1 })
    }
}

impl<'de> DeserializeSeed<'de> for Node {
    type Value = Json;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Json, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, b: bool) -> Result<Json, E> {
        Ok(Json::Bool(b))
    }

    fn visit_i64<E>(self, n: i64) -> Result<Json, E> {
        Ok(Json::from(n))
    }

    fn visit_u64<E>(self, n: u64) -> Result<Json, E> {
        // Beyond i64 the value becomes a float, as everything later would make it.
        Ok(i64::try_from(n).map_or_else(|_| Json::from(n as f64), Json::from))
    }

    fn visit_f64<E: serde::de::Error>(self, n: f64) -> Result<Json, E> {
        Number::from_f64(n).map(Json::Number).ok_or_else(|| E::custom("a number too large to keep"))
    }

    fn visit_str<E>(self, text: &str) -> Result<Json, E> {
        Ok(Json::String(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Json, E> {
        Ok(Json::String(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Json, A::Error> {
        let inner = self.inner()?;
        let mut items = Vec::new();
        while let Some(item) = from.next_element_seed(inner)? {
            items.push(item);
        }
        Ok(Json::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Json, A::Error> {
        let inner = self.inner()?;
        let mut members = Map::new();
        while let Some(name) = from.next_key::<String>()? {
            if members.contains_key(&name) {
                return Err(A::Error::custom(format_args!("the name `{name}` stands twice in one object")));
            }
            let value = from.next_value_seed(inner)?;
            members.insert(name, value);
        }
        Ok(Json::Object(members))
    }
}

/// A value of a property from JSON; numbers keep their kind.
pub fn value_in(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(b) => Value::Bool(*b),
        Json::Number(n) => n.as_i64().map_or_else(|| Value::from(n.as_f64().unwrap_or_default()), Value::Int),
        Json::String(text) => Value::text(text.as_str()),
        Json::Array(items) => Value::List(items.iter().map(value_in).collect()),
        Json::Object(members) => {
            Value::Map(members.iter().map(|(n, v)| (n.as_str().into(), value_in(v))).collect())
        }
    }
}

/// The same way back.
pub fn value_out(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(b) => Json::Bool(*b),
        Value::Int(n) => Json::from(*n),
        Value::Float(n) => Json::from(*n),
        Value::Text(text) => Json::String(text.to_string()),
        Value::List(items) => Json::Array(items.iter().map(value_out).collect()),
        Value::Map(members) => {
            Json::Object(members.iter().map(|(n, v)| (n.to_string(), value_out(v))).collect())
        }
    }
}

/// What a JSON value is, for error messages.
pub fn kind_name(json: &Json) -> &'static str {
    match json {
        Json::Null => "null",
        Json::Bool(_) => "a boolean",
        Json::Number(_) => "a number",
        Json::String(_) => "a text",
        Json::Array(_) => "an array",
        Json::Object(_) => "an object",
    }
}

/// Cuts a text for an error message.
pub fn shorten(text: &str) -> String {
    match text.char_indices().nth(80) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn detail(body: &[u8]) -> String {
        let error = parse(body).expect_err("refused");
        assert_eq!(error.status(), 400);
        assert!(error.type_uri().ends_with("InvalidRequest"));
        error.detail
    }

    #[test]
    fn refuses_what_is_ambiguous_and_says_where() {
        let twice = detail(b"{\"a\": 1,\n \"a\": 2}");
        assert!(twice.contains("`a` stands twice") && twice.contains("line 2"), "{twice}");
        assert!(detail(b"").contains("empty") && detail(b" \n").contains("empty"));
        assert!(detail(b"{\"a\": \"\n\xff\"}").contains("line 2, column 1"));
        for bad in ["{", "[1,]", "{\"a\" 1}", "nul", "{} {}", "1e999", "'a'", "NaN", "[1 2]", "\"\\ud800\""] {
            detail(bad.as_bytes());
        }
        assert!(parse(b"\xef\xbb\xbf{}").is_ok());
    }

    #[test]
    fn depth_is_bounded() {
        let nested = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
        assert!(parse(nested(DEPTH_MAX).as_bytes()).is_ok());
        assert!(detail(nested(DEPTH_MAX + 1).as_bytes()).contains("64 levels"));
        detail(nested(200_000).as_bytes());
        detail("{\"a\":".repeat(200_000).as_bytes());
    }

    #[test]
    fn numbers_keep_their_kind() {
        let of = |text: &str| value_in(&parse(text.as_bytes()).expect("json"));
        assert_eq!(of("1"), Value::Int(1));
        assert_eq!(of("1.0"), Value::Float(1.0));
        assert_eq!(of("9223372036854775807"), Value::Int(i64::MAX));
        assert_eq!(of("9223372036854775808"), Value::Float(9_223_372_036_854_775_808.0));
        assert_eq!(value_out(&of("1.0")).to_string(), "1.0");
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::Bool),
            any::<i64>().prop_map(Value::Int),
            any::<f64>().prop_filter("finite", |n| n.is_finite()).prop_map(Value::Float),
            ".*".prop_map(|t: String| Value::text(t)),
        ];
        leaf.prop_recursive(4, 32, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::List),
                prop::collection::btree_map(".{0,4}", inner, 0..6)
                    .prop_map(|m| Value::Map(m.into_iter().map(|(n, v)| (n.into(), v)).collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn out_printed_and_read_again_is_the_same(v in value()) {
            let text = value_out(&v).to_string();
            let again = value_in(&parse(text.as_bytes()).expect("json"));
            prop_assert_eq!(value_out(&again).to_string(), text);
        }

        #[test]
        fn any_bytes_are_json_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse(&bytes);
        }
    }
}

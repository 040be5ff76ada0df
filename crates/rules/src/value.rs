//! Values inside expressions: what CEL knows, and how entity attributes become it.
//!
//! Numbers of attributes are always fractions ([`Val::Float`]), so that `level / 2` means the same whether a sensor
//! sent `3` or `3.0`. A text that reads as a date-time acts as a time wherever a time is needed.

use std::collections::BTreeMap;
use std::sync::Arc;

use nacre_model::{Content, EntityId, Geometry, Instant, Value};

/// Most parts of one value; a larger attribute counts as missing.
pub const PARTS_MAX: usize = 20_000;
/// Most positions of a shape that expressions see; a larger shape shows its kind only.
const POSITIONS_MAX: usize = 1_000;

/// Named values.
pub type Members = BTreeMap<Arc<str>, Val>;

/// One value.
#[derive(Debug, Clone, PartialEq)]
pub enum Val {
    /// Nothing.
    Null,
    /// Yes or no.
    Bool(bool),
    /// A whole number, from a literal or a count.
    Int(i64),
    /// A number; every number of an attribute.
    Float(f64),
    /// A text.
    Text(Arc<str>),
    /// A point in time.
    Time(Instant),
    /// A stretch of time, milliseconds.
    Span(i64),
    /// Values in order.
    List(Arc<Vec<Val>>),
    /// Named values.
    Map(Arc<Members>),
}

impl Val {
    /// A text.
    pub fn text(text: &str) -> Val {
        Val::Text(text.into())
    }

    /// The number, when it is one.
    pub fn number(&self) -> Option<f64> {
        match self {
            Val::Int(n) => Some(*n as f64),
            Val::Float(n) => Some(*n),
            _ => None,
        }
    }

    /// The text, when it is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Val::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The point in time: a time, or a text that reads as one.
    pub fn time(&self) -> Option<Instant> {
        match self {
            Val::Time(at) => Some(*at),
            Val::Text(text) => Instant::parse(text),
            _ => None,
        }
    }

    /// The member of a map.
    pub fn get(&self, name: &str) -> Option<&Val> {
        match self {
            Val::Map(members) => members.get(name),
            _ => None,
        }
    }

    /// The kind in a word, for messages.
    pub fn kind(&self) -> &'static str {
        match self {
            Val::Null => "null",
            Val::Bool(_) => "bool",
            Val::Int(_) => "int",
            Val::Float(_) => "double",
            Val::Text(_) => "string",
            Val::Time(_) => "timestamp",
            Val::Span(_) => "duration",
            Val::List(_) => "list",
            Val::Map(_) => "map",
        }
    }

    /// A scalar as text, as `string()` gives it; none for a list, a map or null.
    pub fn printed(&self) -> Option<String> {
        Some(match self {
            Val::Bool(b) => b.to_string(),
            Val::Int(n) => n.to_string(),
            Val::Float(n) => n.to_string(),
            Val::Text(text) => text.to_string(),
            Val::Time(at) => at.to_string(),
            Val::Span(ms) => format!("{}s", *ms as f64 / 1_000.0),
            Val::Null | Val::List(_) | Val::Map(_) => return None,
        })
    }

    /// How many parts it has, itself included, counted no further than `limit`. Parts that are shared count each time
    /// they are met.
    pub fn parts(&self, limit: usize) -> usize {
        let mut left = limit;
        count(self, &mut left);
        limit - left
    }

    /// The value as the model has it; none beyond [`PARTS_MAX`] parts.
    pub fn to_model(&self) -> Option<Value> {
        (self.parts(PARTS_MAX + 1) <= PARTS_MAX).then(|| model(self))
    }
}

fn count(val: &Val, left: &mut usize) {
    if *left == 0 {
        return;
    }
    *left -= 1;
    match val {
        Val::List(items) => items.iter().for_each(|v| count(v, left)),
        Val::Map(members) => members.values().for_each(|v| count(v, left)),
        _ => {}
    }
}

fn model(val: &Val) -> Value {
    match val {
        Val::Null => Value::Null,
        Val::Bool(b) => Value::Bool(*b),
        Val::Int(n) => Value::Int(*n),
        // A whole figure is stored as a whole number; beyond 2^53 a fraction cannot tell its neighbours apart.
        Val::Float(n) if n.fract() == 0.0 && n.abs() <= 9_007_199_254_740_992.0 => Value::Int(*n as i64),
        Val::Float(n) => Value::from(*n),
        Val::Text(text) => Value::text(&**text),
        Val::Time(at) => Value::text(at.to_string()),
        Val::Span(ms) => Value::text(format!("{}s", *ms as f64 / 1_000.0)),
        Val::List(items) => Value::List(items.iter().map(model).collect()),
        Val::Map(members) => Value::Map(members.iter().map(|(n, v)| ((&**n).into(), model(v))).collect()),
    }
}

/// A value of the model; none beyond [`PARTS_MAX`] parts.
pub fn from_model(value: &Value) -> Option<Val> {
    let mut left = PARTS_MAX;
    from_part(value, &mut left)
}

/// The text of a date-time in the written form of NGSI-LD (CIM 009 §4.6.3): `{"@type": "DateTime", "@value": "…"}`.
pub fn typed_text(value: &Value) -> Option<&str> {
    let kind = value.get("@type")?.as_text()?;
    matches!(kind, "DateTime" | "Date" | "Time").then(|| value.get("@value")?.as_text())?
}

fn from_part(value: &Value, left: &mut usize) -> Option<Val> {
    *left = left.checked_sub(1)?;
    Some(match value {
        Value::Null => Val::Null,
        Value::Bool(b) => Val::Bool(*b),
        Value::Int(n) => Val::Float(*n as f64),
        Value::Float(n) => Val::Float(*n),
        Value::Text(text) => Val::text(text),
        Value::List(items) => {
            Val::List(Arc::new(items.iter().map(|v| from_part(v, left)).collect::<Option<_>>()?))
        }
        Value::Map(members) => match typed_text(value) {
            Some(text) => Val::text(text),
            None => {
                let one = |(n, v): &(Box<str>, Value)| Some((Arc::from(&**n), from_part(v, left)?));
                Val::Map(Arc::new(members.iter().map(one).collect::<Option<_>>()?))
            }
        },
    })
}

/// What an attribute says; `short` shortens the terms of a vocabulary. None when it is too large.
pub fn from_content(content: &Content, short: &dyn Fn(&nacre_model::Iri) -> String) -> Option<Val> {
    let texts =
        |all: &[nacre_model::Iri]| Val::List(Arc::new(all.iter().map(|o| Val::text(o.as_str())).collect()));
    Some(match content {
        Content::Property(value) | Content::Json(value) => from_model(value)?,
        Content::Relationship { objects, many: false, .. } if objects.len() == 1 => {
            Val::text(objects[0].as_str())
        }
        Content::Relationship { objects, .. } | Content::ListRelationship { objects, .. } => {
            if objects.len() > PARTS_MAX {
                return None;
            }
            texts(objects)
        }
        Content::Geo(shape) => shape_val(shape),
        Content::Language(words) => {
            let one = |(n, v): &(Box<str>, Value)| Some((Arc::from(&**n), from_model(v)?));
            Val::Map(Arc::new(words.iter().map(one).collect::<Option<_>>()?))
        }
        Content::Vocab { terms, many: false } if terms.len() == 1 => Val::text(&short(&terms[0])),
        Content::Vocab { terms, .. } => {
            Val::List(Arc::new(terms.iter().take(PARTS_MAX).map(|t| Val::text(&short(t))).collect()))
        }
        Content::List(items) => {
            let mut left = PARTS_MAX;
            Val::List(Arc::new(items.iter().map(|v| from_part(v, &mut left)).collect::<Option<_>>()?))
        }
    })
}

/// The id of an entity.
pub fn from_id(id: &EntityId) -> Val {
    Val::text(id.as_str())
}

/// A shape as `{type, coordinates}`: of a point `[longitude, latitude]`, of all others the list of their positions.
fn shape_val(shape: &Geometry) -> Val {
    let mut members = Members::new();
    members.insert("type".into(), Val::text(shape.type_name()));
    let pair = |p: &nacre_model::Position| {
        Val::List(Arc::new(vec![Val::Float(p.longitude), Val::Float(p.latitude)]))
    };
    if let Geometry::Point(p) = shape {
        members.insert("coordinates".into(), pair(p));
    } else if shape.positions().count() <= POSITIONS_MAX {
        members.insert("coordinates".into(), Val::List(Arc::new(shape.positions().map(pair).collect())));
    }
    Val::Map(Arc::new(members))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_attributes_are_fractions_and_date_times_texts() {
        assert_eq!(from_model(&Value::Int(3)), Some(Val::Float(3.0)));
        let written = Value::Map(vec![
            ("@type".into(), Value::from("DateTime")),
            ("@value".into(), Value::from("2026-11-23T01:30:00Z")),
        ]);
        let val = from_model(&written).expect("small");
        assert_eq!(val, Val::text("2026-11-23T01:30:00Z"));
        assert_eq!(val.time().map(|t| t.to_string()).as_deref(), Some("2026-11-23T01:30:00.000Z"));
    }

    #[test]
    fn a_value_with_too_many_parts_is_none() {
        let large = Value::List(vec![Value::Null; PARTS_MAX]);
        assert_eq!(from_model(&large), None);
        // Shared parts count each time: a small value in memory can be a huge one when written out.
        let mut val = Val::Null;
        for _ in 0..60 {
            val = Val::List(Arc::new(vec![val.clone(), val]));
        }
        assert_eq!(val.to_model(), None);
    }
}

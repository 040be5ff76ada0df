//! The three forms of an attribute made one: keyValues, normalized NGSI v2, normalized NGSI-LD.

use std::borrow::Cow;

use serde_json::Value;

use super::correction::{Correction, CorrectionCode};
use super::shown;

/// An attribute, whatever form it came in.
#[derive(Debug, Clone)]
pub(super) struct Attribute<'a> {
    /// The name it came with.
    pub name: String,
    /// Its value.
    pub value: Cow<'a, Value>,
    /// The type it says it has (`Property`, `geo:point`, …).
    pub kind: Option<&'a str>,
    /// Its unit, code or text.
    pub unit: Option<String>,
    /// The instant it carries itself.
    pub observed_at: Option<&'a Value>,
}

/// Unwraps an attribute. A list of several instances (multi-attributes of NGSI-LD) is dropped: none is the right one.
pub(super) fn attribute<'a>(name: &str, member: &'a Value) -> Result<Attribute<'a>, Box<Correction>> {
    let member = match member {
        Value::Array(list) if list.len() == 1 => &list[0],
        Value::Array(list) if list.iter().any(|m| inner(m).is_some()) => {
            let why = (
                "同一属性有多个实例，无法取舍，未采用",
                "several instances of one attribute, none of which is the right one; dropped",
            );
            return Err(Box::new(CorrectionCode::GivenTwice.of(name, &shown(member), "", why)));
        }
        other => other,
    };
    let Some(value) = inner(member) else {
        return Ok(Attribute {
            name: name.to_owned(),
            value: Cow::Borrowed(member),
            kind: None,
            unit: None,
            observed_at: None,
        });
    };
    let metadata = |key: &str| member.get("metadata").and_then(|m| m.get(key)).map(scalar);
    let own = |key: &str| member.get(key).map(scalar);
    let unit = ["unitCode", "unit", "unitText", "uom"]
        .into_iter()
        .find_map(|key| own(key).or_else(|| metadata(key)));
    let observed_at = own("observedAt").or_else(|| {
        ["dateObserved", "timestamp", "TimeInstant", "observedAt"].into_iter().find_map(metadata)
    });
    Ok(Attribute {
        name: name.to_owned(),
        value: Cow::Borrowed(scalar(value)),
        kind: member.get("type").and_then(Value::as_str),
        unit: unit.and_then(Value::as_str).map(str::trim).filter(|u| !u.is_empty()).map(str::to_owned),
        observed_at,
    })
}

/// The value inside a normalized attribute; none for anything else.
fn inner(member: &Value) -> Option<&Value> {
    member.as_object()?;
    member.get("value").or_else(|| member.get("@value"))
}

/// Unwraps what may itself be wrapped once more: `{"value": …}`, `{"@value": …}`.
fn scalar(value: &Value) -> &Value {
    inner(value).unwrap_or(value)
}

//! Water quality others have published in the form of Smart Data Models, dirty as it is, made into values that can be judged.
//!
//! Layout: `shape` (keyValues, NGSI v2 and NGSI-LD become one form) → `names` (what an attribute means) → `number` and `units`
//! (text to a figure in the unit of the parameter) → `value` (sentinels, impossible values, oxygen in percent) beside `instant`
//! and `place` → `refused` and `correction` (what is said of it all) → `list` (many entities, and duplicates).
//!
//! The invariant: nothing is changed, dropped or assumed without a [`Correction`] that says what it was and what it became, and
//! nothing is invented: what is below detection stays at the limit of detection with a flag, what is unknown stays out.

mod correction;
mod instant;
mod list;
mod names;
mod number;
mod place;
mod refused;
mod shape;
mod units;
mod value;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::gb3838::Parameter;
use shape::Attribute;

pub use correction::{Correction, CorrectionCode};
pub use list::{CleanedAll, Duplicate, clean_all};
pub use refused::Refused;

/// The most attributes one entity may have.
pub const ATTRIBUTES_MAX: usize = 500;
/// The longest text, in bytes, that is read as a number, a date, a place or a name.
pub const TEXT_BYTES_MAX: usize = 200;

/// The tide at which a tidal creek was sampled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Tide {
    /// 涨潮.
    Rising,
    /// 落潮.
    Falling,
}

/// One entity, readable: each value in the unit of its parameter, and all that was done to get there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Cleaned {
    /// The id as given.
    pub entity_id: String,
    /// When it was observed, in milliseconds of UTC since 1970.
    pub observed_at_ms: i64,
    /// Where, as longitude and latitude in degrees, in the datum it was given in.
    pub location: Option<(f64, f64)>,
    /// The values; the flag says that the figure is the limit of detection, and the true value below it.
    pub values: Vec<(Parameter, f64, bool)>,
    /// The tide, where the source gave it.
    pub tide: Option<Tide>,
    /// The attributes of which nothing was taken.
    pub ignored: Vec<String>,
    /// Every change, drop and assumption.
    pub corrections: Vec<Correction>,
}

/// Reads one entity, keyValues or normalized, NGSI v2 or NGSI-LD.
///
/// `received_ms` is when it came in: the instant of an entity that gives none, and the bound a date cannot be beyond.
pub fn clean(entity: &Value, received_ms: i64) -> Result<Cleaned, Refused> {
    let members = entity.as_object().ok_or(Refused::NotAnEntity)?;
    if members.len() > ATTRIBUTES_MAX {
        return Err(Refused::TooLarge { found: members.len() });
    }
    let entity_id = text_of(members.get("id").or_else(|| members.get("@id")));
    let entity_id = entity_id.filter(|id| id.len() <= TEXT_BYTES_MAX).ok_or(Refused::NoId)?;
    let kind = text_of(members.get("type").or_else(|| members.get("@type")));
    if let Some(kind) = kind.filter(|kind| !speaks_of_water(kind)) {
        return Err(Refused::OtherType { found: shorten(&kind) });
    }

    let mut corrections = Vec::new();
    let mut ignored = Vec::new();
    let mut readings = Vec::new();
    let mut tide = None;
    for (name, member) in members {
        if matches!(name.as_str(), "id" | "@id" | "type" | "@type" | "@context") {
            continue;
        }
        if instant::is_date(name) || place::is_place(name) {
            continue;
        }
        let mut attribute = match shape::attribute(name, member) {
            Ok(attribute) => attribute,
            Err(why) => {
                corrections.push(*why);
                continue;
            }
        };
        if names::key(name) == "measurand" {
            value::measurands(&attribute, &mut readings, &mut ignored, &mut corrections);
        } else if let Some(meaning) = names::meaning(name) {
            attribute.unit = attribute.unit.or_else(|| names::unit_in(name));
            readings.push((meaning, attribute));
        } else if let Some(found) = tide_of(name, &attribute.value) {
            tide = Some(found);
        } else {
            if let Some(why) = names::ambiguous(name) {
                corrections.push(CorrectionCode::AmbiguousName.of(name, &shown(&attribute.value), "", why));
            }
            ignored.push(shorten(name));
        }
    }
    let own: Vec<(&str, &Value)> =
        readings.iter().filter_map(|(_, a)| Some((a.name.as_str(), a.observed_at?))).collect();
    let observed_at_ms = instant::find(members, &own, received_ms, &mut ignored, &mut corrections)?;
    let location = place::find(members, &mut ignored, &mut corrections);
    let values = value::values(readings, &mut corrections);
    Ok(Cleaned { entity_id, observed_at_ms, location, values, tide, ignored, corrections })
}

/// A text that is there and not empty; of a list (NGSI-LD allows several types) the members, joined.
fn text_of(value: Option<&Value>) -> Option<String> {
    let text = match value? {
        Value::String(text) => text.trim().to_owned(),
        Value::Array(list) => list.iter().filter_map(Value::as_str).take(8).collect::<Vec<_>>().join(" "),
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}

/// Whether a type can hold water quality; one of air or weather would give its temperature for that of the water.
fn speaks_of_water(kind: &str) -> bool {
    let kind = kind.to_lowercase();
    ["water", "river", "lake", "水", "河", "湖"].iter().any(|word| kind.contains(word))
}

/// The tide, from an attribute that is named so.
fn tide_of(name: &str, value: &Value) -> Option<Tide> {
    if !matches!(names::key(name).as_str(), "tide" | "tidalstate" | "潮汐" | "潮" | "涨落潮") {
        return None;
    }
    match value.as_str()?.trim().to_lowercase().as_str() {
        "rising" | "flood" | "涨潮" | "涨" => Some(Tide::Rising),
        "falling" | "ebb" | "落潮" | "落" | "退潮" => Some(Tide::Falling),
        _ => None,
    }
}

/// A value as it is shown in a correction: text bare, all else as JSON, long ones cut.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => shorten(text),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::Array(list) if list.len() <= 4 && list.iter().all(|v| !v.is_array() && !v.is_object()) => {
            let list: Vec<String> = list.iter().map(shown).collect();
            format!("[{}]", list.join(","))
        }
        Value::Array(_) => "[…]".to_owned(),
        Value::Object(_) => "{…}".to_owned(),
    }
}

/// A text cut to a length that can be shown.
fn shorten(text: &str) -> String {
    const SHOWN_CHARS_MAX: usize = 80;
    if text.chars().nth(SHOWN_CHARS_MAX).is_none() {
        return text.to_owned();
    }
    text.chars().take(SHOWN_CHARS_MAX).chain(['…']).collect()
}

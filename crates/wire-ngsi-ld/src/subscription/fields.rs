//! Members of JSON as what they must be, with errors that say where.

use nacre_model::{Instant, Iri};
use serde_json::{Map, Value as Json};

use crate::context::Context;
use crate::datetime;
use crate::entity_out::NULL;
use crate::errors::NgsiError;

/// Most entity selectors, watched attributes, header pairs, names of a projection.
pub const ITEMS_MAX: usize = 500;

pub(super) fn is_null(json: &Json) -> bool {
    json.is_null() || json.as_str() == Some(NULL)
}

pub(super) fn object<'j>(json: &'j Json, at: &str) -> Result<&'j Map<String, Json>, NgsiError> {
    json.as_object().ok_or_else(|| NgsiError::bad("an object is expected").at(at))
}

pub(super) fn text<'j>(json: &'j Json, at: &str) -> Result<&'j str, NgsiError> {
    json.as_str().ok_or_else(|| NgsiError::bad("a text is expected").at(at))
}

pub(super) fn boolean(json: &Json, at: &str) -> Result<bool, NgsiError> {
    json.as_bool().ok_or_else(|| NgsiError::bad("true or false is expected").at(at))
}

pub(super) fn positive(json: &Json, at: &str) -> Result<f64, NgsiError> {
    let number = json.as_f64().filter(|n| *n > 0.0);
    number.ok_or_else(|| NgsiError::bad("a number greater than 0 is expected").at(at))
}

pub(super) fn instant(json: &Json, at: &str) -> Result<Instant, NgsiError> {
    datetime::expect(text(json, at)?, at.trim_start_matches('/')).map_err(|e| e.at(at))
}

pub(super) fn uri(text: &str, at: &str) -> Result<Iri, NgsiError> {
    Iri::new(text).map_err(|e| NgsiError::bad(e.to_string()).at(at))
}

/// An array that must hold something.
pub(super) fn items<T>(
    json: &Json,
    at: &str,
    one: impl Fn(&Json, &str) -> Result<T, NgsiError>,
) -> Result<Vec<T>, NgsiError> {
    let all = json.as_array().filter(|a| !a.is_empty() && a.len() <= ITEMS_MAX);
    let all =
        all.ok_or_else(|| NgsiError::bad(format!("an array of 1 to {ITEMS_MAX} items is expected")).at(at))?;
    all.iter().enumerate().map(|(i, v)| one(v, &format!("{at}/{i}"))).collect()
}

pub(super) fn attribute(json: &Json, at: &str, context: &Context) -> Result<Iri, NgsiError> {
    let name = text(json, at)?;
    if matches!(name, "id" | "type" | "scope" | "@context" | "") {
        return Err(NgsiError::bad(format!("`{name}` is no attribute")).at(at));
    }
    context.expand(name).map_err(|e| e.at(at))
}

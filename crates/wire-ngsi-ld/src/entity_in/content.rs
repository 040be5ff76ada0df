//! What an attribute says, by kind (CIM 009 §4.5.2, §4.5.3, §4.5.18 to §4.5.24).

use nacre_model::{AttributeKind, Content, Iri, Value};
use serde_json::Value as Json;

use super::attribute::Reader;
use super::path::Path;
use super::{Nulls, geometry};
use crate::context::Context;
use crate::errors::NgsiError;
use crate::json::{kind_name, shorten, value_in};
use crate::names::NULL;

/// Reads the content of a kind.
pub(super) fn read(
    reader: &Reader<'_>,
    kind: AttributeKind,
    json: &Json,
    at: Path<'_>,
) -> Result<Content, NgsiError> {
    Ok(match kind {
        AttributeKind::Property => Content::Property(value(reader, json, at)?),
        AttributeKind::GeoProperty => Content::Geo(geometry::geometry(json, at)?),
        AttributeKind::Relationship => {
            let (objects, many) = iris(json, at)?;
            Content::Relationship { objects, many, object_types: Vec::new() }
        }
        AttributeKind::LanguageProperty => Content::Language(language_map(reader, json, at)?),
        AttributeKind::VocabProperty => {
            Content::Vocab { terms: terms(reader.context, json, at)?, many: json.is_array() }
        }
        AttributeKind::JsonProperty => {
            if json.as_str() == Some(NULL) {
                return Err(null_refused(at));
            }
            Content::Json(value_in(json))
        }
        AttributeKind::ListProperty => {
            let items = list(json, "valueList", at)?;
            let read = |(i, item): (usize, &Json)| value(reader, item, at.item(i));
            Content::List(items.iter().enumerate().map(read).collect::<Result<_, _>>()?)
        }
        AttributeKind::ListRelationship => {
            let items = list(json, "objectList", at)?;
            let read = |(i, item): (usize, &Json)| match item.get("object") {
                Some(object) => iri(object, at.item(i).member("object")),
                None => iri(item, at.item(i)),
            };
            let objects = items.iter().enumerate().map(read).collect::<Result<_, _>>()?;
            Content::ListRelationship { objects, object_types: Vec::new() }
        }
    })
}

fn null_refused(at: Path<'_>) -> NgsiError {
    at.bad(format!("`{NULL}` deletes, and stands only in updates and merges; leave the member out"))
}

/// A value of a property; nulls are refused in every depth.
fn value(reader: &Reader<'_>, json: &Json, at: Path<'_>) -> Result<Value, NgsiError> {
    check_value(reader, json, at, true)?;
    Ok(value_in(json))
}

fn check_value(reader: &Reader<'_>, json: &Json, at: Path<'_>, top: bool) -> Result<(), NgsiError> {
    match json {
        Json::Null => Err(at.bad(
            "null is no value in NGSI-LD (JSON-LD would drop it); leave it out, use a JsonProperty, \
             or write {\"@type\": \"@json\", \"@value\": null}",
        )),
        // §5.5.4: inside a value it deletes a member, which only a merge can do.
        Json::String(text) if text == NULL && (top || reader.nulls != Nulls::Anywhere) => {
            Err(null_refused(at))
        }
        Json::Array(items) => {
            items.iter().enumerate().try_for_each(|(i, item)| check_value(reader, item, at.item(i), false))
        }
        // A JSON literal is kept as it is (§4.5.0).
        Json::Object(members) if members.get("@type").and_then(Json::as_str) == Some("@json") => Ok(()),
        Json::Object(members) => {
            if members.contains_key("@context") {
                return Err(at.member("@context").bad("a value cannot have its own `@context`"));
            }
            members.iter().try_for_each(|(name, item)| check_value(reader, item, at.member(name), false))
        }
        _ => Ok(()),
    }
}

fn list<'j>(json: &'j Json, member: &str, at: Path<'_>) -> Result<&'j Vec<Json>, NgsiError> {
    json.as_array().ok_or_else(|| at.bad(format!("`{member}` is an array, not {}", kind_name(json))))
}

fn iri(json: &Json, at: Path<'_>) -> Result<Iri, NgsiError> {
    let Some(text) = json.as_str() else {
        return Err(at.bad(format!("a URI is needed here, not {}", kind_name(json))));
    };
    if text == NULL {
        return Err(null_refused(at));
    }
    Iri::new(text).map_err(|_| {
        at.bad(format!("`{}` is no URI; one such as `urn:ngsi-ld:Street:440105013` is needed", shorten(text)))
    })
}

fn iris(json: &Json, at: Path<'_>) -> Result<(Vec<Iri>, bool), NgsiError> {
    match json {
        Json::Array(items) if items.is_empty() => Err(at.bad("a Relationship needs at least one object")),
        Json::Array(items) => {
            let read = |(i, item): (usize, &Json)| iri(item, at.item(i));
            Ok((items.iter().enumerate().map(read).collect::<Result<_, _>>()?, true))
        }
        one => Ok((vec![iri(one, at)?], false)),
    }
}

/// One term or an array of terms, expanded.
pub(super) fn terms(context: &Context, json: &Json, at: Path<'_>) -> Result<Vec<Iri>, NgsiError> {
    let term = |json: &Json, at: Path<'_>| match json.as_str() {
        Some(NULL) => Err(null_refused(at)),
        Some(text) => context.expand(text).map_err(|e| e.at(at.to_string())),
        None => Err(at.bad(format!("a term is needed here, not {}", kind_name(json)))),
    };
    match json {
        Json::Array(items) if items.is_empty() => Err(at.bad("at least one term is needed")),
        Json::Array(items) => items.iter().enumerate().map(|(i, item)| term(item, at.item(i))).collect(),
        one => Ok(vec![term(one, at)?]),
    }
}

fn language_map(reader: &Reader<'_>, json: &Json, at: Path<'_>) -> Result<Vec<(Box<str>, Value)>, NgsiError> {
    let Json::Object(members) = json else {
        return Err(at.bad(format!(
            "a languageMap is an object such as {{\"zh\": \"珠江\", \"en\": \"Pearl River\"}}, not {}",
            kind_name(json)
        )));
    };
    let mut map = Vec::with_capacity(members.len());
    for (tag, json) in members {
        let there = at.member(tag);
        let plain = tag.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if tag != "@none" && (!plain || tag.is_empty() || tag.starts_with('-')) {
            return Err(
                there.bad(format!("`{}` is no language tag (BCP 47), such as `zh-Hans`", shorten(tag)))
            );
        }
        let text_ok =
            |json: &Json| json.as_str().is_some_and(|t| t != NULL || reader.nulls == Nulls::Anywhere);
        let ok = match json {
            Json::Array(items) => {
                !items.is_empty() && items.iter().all(|i| text_ok(i) && i.as_str() != Some(NULL))
            }
            one => text_ok(one),
        };
        if !ok {
            return Err(there.bad("a languageMap holds texts, or arrays of texts"));
        }
        map.push((tag.as_str().into(), value_in(json)));
    }
    Ok(map)
}

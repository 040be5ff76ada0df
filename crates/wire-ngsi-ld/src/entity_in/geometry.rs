//! GeoJSON geometries on the way in (RFC 7946; CIM 009 §4.7).

use nacre_model::geometry::{GeometryError, Rings};
use nacre_model::{Geometry, Position};
use serde_json::Value as Json;

use super::path::Path;
use crate::errors::NgsiError;
use crate::json::kind_name;

/// The geometries of CIM 009 §4.7.1: all but GeometryCollection.
const TYPES: [&str; 6] = ["Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon"];

/// Reads a GeoJSON geometry; `pointer` is where it stands, for errors.
pub fn geometry_in(json: &Json, pointer: &str) -> Result<Geometry, NgsiError> {
    geometry(json, Path::ROOT).map_err(|e| e.under(pointer))
}

/// True when an object is a geometry and nothing else, so that its kind can be inferred.
pub(super) fn looks_like_geometry(json: &Json) -> bool {
    let kind = json.get("type").or_else(|| json.get("@type")).and_then(Json::as_str);
    json.get("coordinates").is_some() && kind.is_some_and(|t| TYPES.contains(&t))
}

/// Reads a geometry.
pub(super) fn geometry(json: &Json, at: Path<'_>) -> Result<Geometry, NgsiError> {
    let Json::Object(members) = json else {
        return Err(at.bad(format!(
            "a GeoProperty needs a GeoJSON geometry such as {{\"type\": \"Point\", \"coordinates\": [113.32, 23.1]}}, not {}",
            kind_name(json)
        )));
    };
    let Some(kind) = members.get("type").or_else(|| members.get("@type")).and_then(Json::as_str) else {
        return Err(at.member("type").bad("a geometry needs a `type`, such as `Point`"));
    };
    if !TYPES.contains(&kind) {
        return Err(at
            .member("type")
            .bad(format!("`{kind}` is no geometry; one of {} is", TYPES.join(", "))));
    }
    let there = at.member("coordinates");
    let Some(coordinates) = members.get("coordinates") else {
        return Err(there.bad("a geometry needs `coordinates`"));
    };
    let geometry = match kind {
        "Point" => Geometry::Point(position(coordinates, there)?),
        "MultiPoint" => Geometry::MultiPoint(line(coordinates, there)?),
        "LineString" => Geometry::LineString(line(coordinates, there)?),
        "MultiLineString" => Geometry::MultiLineString(rings(coordinates, there)?),
        "Polygon" => Geometry::Polygon(rings(coordinates, there)?),
        _ => Geometry::MultiPolygon(
            items(coordinates, there)?
                .iter()
                .enumerate()
                .map(|(i, polygon)| rings(polygon, there.item(i)))
                .collect::<Result<_, _>>()?,
        ),
    };
    geometry.checked().map_err(|e| there.bad(explain(&e)))
}

/// Swapped coordinates match nothing in silence, so they are told apart.
fn explain(error: &GeometryError) -> String {
    match error {
        GeometryError::OutOfRange { longitude, latitude }
            if latitude.abs() > 90.0 && longitude.abs() <= 90.0 && latitude.abs() <= 180.0 =>
        {
            format!(
                "latitude {latitude} is over 90; GeoJSON puts longitude first: [{latitude}, {longitude}]?"
            )
        }
        other => other.to_string(),
    }
}

fn items<'a>(json: &'a Json, at: Path<'_>) -> Result<&'a Vec<Json>, NgsiError> {
    json.as_array().ok_or_else(|| at.bad(format!("an array is needed here, not {}", kind_name(json))))
}

fn rings(json: &Json, at: Path<'_>) -> Result<Rings, NgsiError> {
    items(json, at)?.iter().enumerate().map(|(i, ring)| line(ring, at.item(i))).collect()
}

fn line(json: &Json, at: Path<'_>) -> Result<Vec<Position>, NgsiError> {
    items(json, at)?.iter().enumerate().map(|(i, p)| position(p, at.item(i))).collect()
}

fn position(json: &Json, at: Path<'_>) -> Result<Position, NgsiError> {
    let needed = || at.bad("a position is an array of two or three numbers: longitude, latitude, altitude");
    let numbers = json.as_array().filter(|n| (2..=3).contains(&n.len())).ok_or_else(needed)?;
    let number = |i: usize| numbers.get(i).map(|n| n.as_f64().ok_or_else(needed)).transpose();
    let (Some(longitude), Some(latitude), altitude) = (number(0)?, number(1)?, number(2)?) else {
        return Err(needed());
    };
    Ok(Position { longitude, latitude, altitude })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn reads_all_kinds() {
        for (kind, coordinates) in [
            ("Point", json!([113.32, 23.1])),
            ("Point", json!([113, 23, 4.5])),
            ("MultiPoint", json!([[113.32, 23.1]])),
            ("LineString", json!([[1, 2], [3, 4]])),
            ("MultiLineString", json!([[[1, 2], [3, 4]]])),
            ("Polygon", json!([[[0, 0], [1, 0], [1, 1], [0, 0]]])),
            ("MultiPolygon", json!([[[[0, 0], [1, 0], [1, 1], [0, 0]]]])),
        ] {
            let json = json!({"type": kind, "coordinates": coordinates});
            assert!(looks_like_geometry(&json));
            assert_eq!(geometry_in(&json, "/location/value").expect("valid").type_name(), kind);
        }
    }

    #[test]
    fn self_intersection_is_allowed() {
        let bow_tie = json!({"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]});
        assert!(geometry_in(&bow_tie, "").is_ok());
    }

    #[test]
    fn bad_geometries_are_told_with_their_place() {
        for (json, pointer, says) in [
            (json!("here"), "", "GeoJSON geometry"),
            (json!({"coordinates": []}), "/type", "needs a `type`"),
            (json!({"type": "Circle", "coordinates": []}), "/type", "no geometry"),
            (json!({"type": "GeometryCollection", "geometries": []}), "/type", "no geometry"),
            (json!({"type": "Point"}), "/coordinates", "needs `coordinates`"),
            (json!({"type": "Point", "coordinates": [1]}), "/coordinates", "two or three"),
            (json!({"type": "Point", "coordinates": ["1", 2]}), "/coordinates", "two or three"),
            (
                json!({"type": "Point", "coordinates": [23.1, 113.32]}),
                "/coordinates",
                "longitude first: [113.32, 23.1]",
            ),
            (json!({"type": "LineString", "coordinates": [[1, 2]]}), "/coordinates", "at least 2"),
            (json!({"type": "LineString", "coordinates": [[1, 2], 3]}), "/coordinates/1", "two or three"),
            (
                json!({"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 1]]]}),
                "/coordinates",
                "ring",
            ),
            (json!({"type": "Polygon", "coordinates": [[0, 0], [1, 0]]}), "/coordinates/0/0", "two or three"),
        ] {
            let error = geometry_in(&json, "/location").expect_err("refused");
            assert_eq!(error.pointer.as_deref(), Some(format!("/location{pointer}").as_str()), "{json}");
            assert!(error.detail.contains(says), "{error}");
        }
    }
}

//! Geo-queries (CIM 009 §4.10): `georel`, `geometry`, `coordinates`, `geoproperty`.
//!
//! A latitude over 90 is refused instead of matching nothing; a polygon that crosses itself is taken.

use nacre_kernel::query::{GeoQuery, GeoRelation};
use nacre_model::{Geometry, Position};
use serde_json::Value as Json;

use crate::context::Context;
use crate::errors::NgsiError;

/// Longest text of coordinates in bytes.
pub const COORDINATES_BYTES_MAX: usize = 1 << 20;

/// The four parameters as they come.
#[derive(Debug, Clone, Copy, Default)]
pub struct GeoParameters<'a> {
    /// How the entity lies to the geometry.
    pub georel: Option<&'a str>,
    /// The type of the reference geometry.
    pub geometry: Option<&'a str>,
    /// Its coordinates, as JSON.
    pub coordinates: Option<&'a str>,
    /// The attribute asked about; the default is `location`.
    pub geoproperty: Option<&'a str>,
}

impl GeoParameters<'_> {
    /// The query they make; none where none is given. Some without the others are an error.
    pub fn parse(&self, context: &Context) -> Result<Option<GeoQuery>, NgsiError> {
        let needed = |name: &str| {
            NgsiError::bad(format!("a geo-query needs `{name}` beside the other parameters")).at(name)
        };
        if [self.georel, self.geometry, self.coordinates, self.geoproperty].iter().all(Option::is_none) {
            return Ok(None);
        }
        let georel = self.georel.ok_or_else(|| needed("georel"))?;
        let type_name = self.geometry.ok_or_else(|| needed("geometry"))?;
        let text = self.coordinates.ok_or_else(|| needed("coordinates"))?;
        let coordinates = coordinates_of(text)?;
        query(georel, type_name, &coordinates, self.geoproperty, context).map(Some)
    }
}

/// Reads `geoQ` of a subscription or of a query in a body; coordinates are an array, or a text that holds one.
pub fn from_json(json: &Json, context: &Context) -> Result<GeoQuery, NgsiError> {
    let text = |name: &str| {
        let found = json.get(name).and_then(Json::as_str);
        found.ok_or_else(|| {
            NgsiError::bad(format!("`{name}` of a geo-query must be a text")).at(format!("/{name}"))
        })
    };
    let geoproperty = json.get("geoproperty").map(|_| text("geoproperty")).transpose()?;
    let (georel, type_name) = (text("georel")?, text("geometry")?);
    match json.get("coordinates") {
        Some(Json::String(text)) => query(georel, type_name, &coordinates_of(text)?, geoproperty, context),
        Some(array @ Json::Array(_)) => query(georel, type_name, array, geoproperty, context),
        _ => Err(NgsiError::bad("`coordinates` of a geo-query must be an array").at("/coordinates")),
    }
}

fn coordinates_of(text: &str) -> Result<Json, NgsiError> {
    if text.len() > COORDINATES_BYTES_MAX {
        let what = format!("more than {COORDINATES_BYTES_MAX} bytes of coordinates");
        return Err(NgsiError::bad(what).at("coordinates"));
    }
    serde_json::from_str(text)
        .map_err(|e| NgsiError::bad(format!("the coordinates are no JSON array: {e}")).at("coordinates"))
}

fn query(
    georel: &str,
    type_name: &str,
    coordinates: &Json,
    geoproperty: Option<&str>,
    context: &Context,
) -> Result<GeoQuery, NgsiError> {
    Ok(GeoQuery {
        property: context.expand(geoproperty.unwrap_or("location"))?,
        relation: relation(georel)?,
        geometry: geometry(type_name, coordinates)?,
    })
}

fn relation(georel: &str) -> Result<GeoRelation, NgsiError> {
    Ok(match georel {
        "within" => GeoRelation::Within,
        "contains" => GeoRelation::Contains,
        "intersects" => GeoRelation::Intersects,
        "equals" => GeoRelation::Equals,
        "disjoint" => GeoRelation::Disjoint,
        "overlaps" => GeoRelation::Overlaps,
        near => return distance(near),
    })
}

fn distance(georel: &str) -> Result<GeoRelation, NgsiError> {
    let wrong = || {
        let what = format!(
            "`{georel}` is no spatial relation: within, contains, intersects, equals, disjoint, overlaps, \
             near;maxDistance==2000 or near;minDistance==2000 (metres) are"
        );
        NgsiError::bad(what).at("georel")
    };
    let modifier = georel.strip_prefix("near;").ok_or_else(wrong)?;
    let (name, metres) = modifier.split_once("==").ok_or_else(wrong)?;
    let plain = metres.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'+' | b'-'));
    let metres: f64 = metres.parse().ok().filter(|_| plain).ok_or_else(wrong)?;
    if !(metres.is_finite() && metres > 0.0) {
        return Err(NgsiError::bad("the distance must be a positive number of metres").at("georel"));
    }
    match name {
        "maxDistance" => Ok(GeoRelation::NearMax(metres)),
        "minDistance" => Ok(GeoRelation::NearMin(metres)),
        _ => Err(wrong()),
    }
}

/// A geometry from its type name and coordinates (RFC 7946 §3.1.1), checked.
pub fn geometry(type_name: &str, coordinates: &Json) -> Result<Geometry, NgsiError> {
    let made = match type_name {
        "Point" => position(coordinates).map(Geometry::Point),
        "MultiPoint" => line(coordinates).map(Geometry::MultiPoint),
        "LineString" => line(coordinates).map(Geometry::LineString),
        "MultiLineString" => lines(coordinates).map(Geometry::MultiLineString),
        "Polygon" => lines(coordinates).map(Geometry::Polygon),
        "MultiPolygon" => items(coordinates, lines).map(Geometry::MultiPolygon),
        other => {
            let what = format!(
                "`{other}` is no geometry a query can use: Point, MultiPoint, LineString, MultiLineString, \
                 Polygon and MultiPolygon are"
            );
            return Err(NgsiError::bad(what).at("geometry"));
        }
    };
    let form = || {
        let what =
            format!("these are not the coordinates of a {type_name}: longitude first, nested as in GeoJSON");
        NgsiError::bad(what).at("coordinates")
    };
    made.ok_or_else(form)?.checked().map_err(|e| NgsiError::bad(e.to_string()).at("coordinates"))
}

fn items<T>(json: &Json, one: impl Fn(&Json) -> Option<T>) -> Option<Vec<T>> {
    json.as_array()?.iter().map(one).collect()
}

fn lines(json: &Json) -> Option<Vec<Vec<Position>>> {
    items(json, line)
}

fn line(json: &Json) -> Option<Vec<Position>> {
    items(json, position)
}

fn position(json: &Json) -> Option<Position> {
    match json.as_array()?.as_slice() {
        [longitude, latitude, rest @ ..] if rest.len() <= 1 => Some(Position {
            longitude: longitude.as_f64()?,
            latitude: latitude.as_f64()?,
            altitude: rest.first().map(|a| a.as_f64().ok_or(())).transpose().ok()?,
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(georel: &str, type_name: &str, coordinates: &str) -> Result<GeoQuery, NgsiError> {
        let parameters = GeoParameters {
            georel: Some(georel),
            geometry: Some(type_name),
            coordinates: Some(coordinates),
            geoproperty: None,
        };
        parameters.parse(&Context::core()).map(|q| q.expect("given"))
    }

    #[test]
    fn a_distance_and_a_point() {
        let query = read("near;maxDistance==2000", "Point", "[113.3, 23.1]").expect("valid");
        assert_eq!(query.relation, GeoRelation::NearMax(2000.0));
        assert_eq!(query.property, Context::core().expand("location").expect("a name"));
        assert_eq!(query.geometry.bounds().map(|b| (b.west, b.north)), Some((113.3, 23.1)));
        assert!(
            matches!(read("near;minDistance==0.5", "Point", "[1,2]"), Ok(q) if q.relation == GeoRelation::NearMin(0.5))
        );
    }

    #[test]
    fn each_geometry_has_its_nesting() {
        let bow = "[[[0,0],[2,2],[2,0],[0,2],[0,0]]]";
        for (type_name, coordinates) in [
            ("MultiPoint", "[[0,0],[1,1]]"),
            ("LineString", "[[0,0],[1,1,5]]"),
            ("MultiLineString", "[[[0,0],[1,1]]]"),
            ("Polygon", bow),
            ("MultiPolygon", &format!("[{bow}]")),
        ] {
            assert!(read("intersects", type_name, coordinates).is_ok(), "{type_name}");
            assert!(read("intersects", "Point", coordinates).is_err(), "{type_name}");
        }
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        for (georel, type_name, coordinates) in [
            ("near", "Point", "[0,0]"),
            ("near;maxDistance=2000", "Point", "[0,0]"),
            ("near;maxDistance==-1", "Point", "[0,0]"),
            ("near;maxDistance==0", "Point", "[0,0]"),
            ("near;maxDistance==inf", "Point", "[0,0]"),
            ("near;distance==1", "Point", "[0,0]"),
            ("beside", "Point", "[0,0]"),
            ("within", "Circle", "[0,0]"),
            ("within", "GeometryCollection", "[]"),
            ("within", "Point", "[23.1,113.3]"),
            ("within", "Point", "[0]"),
            ("within", "Point", "0,0"),
            ("within", "Point", "[0,\"0\"]"),
            ("within", "Polygon", "[[[0,0],[1,1],[1,0]]]"),
            ("within", "Polygon", "[[0,0],[1,1],[1,0],[0,0]]"),
        ] {
            assert!(read(georel, type_name, coordinates).is_err(), "{georel} {type_name} {coordinates}");
        }
        let lonely = GeoParameters { geoproperty: Some("location"), ..GeoParameters::default() };
        assert!(lonely.parse(&Context::core()).is_err());
        assert!(matches!(GeoParameters::default().parse(&Context::core()), Ok(None)));
    }

    #[test]
    fn a_body_may_hold_an_array_or_its_text() {
        let context = Context::core();
        for coordinates in [json!([8, 40]), json!("[8,40]")] {
            let body = json!({
                "georel": "near;maxDistance==1", "geometry": "Point", "coordinates": coordinates, "geoproperty": "at"
            });
            let query = from_json(&body, &context).expect("valid");
            assert_eq!(query.property, context.expand("at").expect("a name"));
        }
        assert!(from_json(&json!({"georel": "within", "geometry": "Point"}), &context).is_err());
    }
}

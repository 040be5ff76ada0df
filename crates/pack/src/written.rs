//! Values as people write them in packs, scenarios and data, turned into attributes by the definition of the
//! attribute, and attributes turned back into JSON.
//!
//! Written forms: a plain value (`2.4`, `劣V`), the local id of a relationship's target, `[lon, lat]` or GeoJSON for
//! a geometry, `{zh: …, en: …}` for texts in languages, and the NGSI-LD concise form where a unit or a time of
//! observation is stated: `{value: 2.4, unitCode: M1, observedAt: …}` (CIM 009 §4.5.0).

use nacre_model::{Attribute, Content, Geometry, Instant, Iri, Position, Value};
use serde_json::{Map, Value as Json, json};

use crate::type_def::{AttributeDef, Kind, TypeDef};

/// The attribute that a written value means, or why it means none.
pub fn attribute(def: &AttributeDef, written: &Json) -> Result<Attribute, String> {
    if let Json::Object(members) = written
        && let Some(full) = concise(def, members)?
    {
        return Ok(full);
    }
    let mut made = Attribute::new(content(def, written)?);
    if let Kind::Number { unit: Some(unit), .. } = def.kind {
        made.unit_code = Some(unit.code.into());
    }
    Ok(made)
}

/// The attributes of an entity of a type from its written members, `id` and `type` left out. Names the type does not
/// define are read as plain properties, so that the check of the type can report them.
pub fn attributes<'a>(
    def: &TypeDef,
    members: impl IntoIterator<Item = (&'a str, &'a Json)>,
) -> Result<Vec<(String, Attribute)>, String> {
    let mut made = Vec::new();
    for (name, written) in members {
        let found = match def.attribute(name) {
            Some(def) => attribute(def, written).map_err(|why| format!("`{name}` {why}"))?,
            None => Attribute::property(value(written)),
        };
        made.push((name.to_owned(), found));
    }
    Ok(made)
}

/// Reads the concise or normalized form, when the object is one.
fn concise(def: &AttributeDef, members: &Map<String, Json>) -> Result<Option<Attribute>, String> {
    let Some(inner) = ["value", "object", "languageMap", "json"].iter().find_map(|key| members.get(*key))
    else {
        return Ok(None);
    };
    let mut made = Attribute::new(content(def, inner)?);
    for (name, member) in members {
        let text = member.as_str();
        match (name.as_str(), text) {
            ("value" | "object" | "languageMap" | "json" | "type", _) => {}
            ("unitCode", Some(unit)) => made.unit_code = Some(unit.into()),
            ("observedAt", Some(at)) => {
                made.observed_at =
                    Some(Instant::parse(at).ok_or_else(|| format!("has no instant in `{at}`"))?);
            }
            _ => return Err(format!("has a member `{name}` that data files cannot carry")),
        }
    }
    if let Kind::Number { unit: Some(unit), .. } = def.kind {
        made.unit_code.get_or_insert_with(|| unit.code.into());
    }
    Ok(Some(made))
}

fn content(def: &AttributeDef, written: &Json) -> Result<Content, String> {
    match &def.kind {
        Kind::Relationship { to } => {
            let many = written.is_array();
            let objects = written.as_array().map_or_else(|| vec![written], |list| list.iter().collect());
            let target = |object: &Json| {
                let text = object.as_str().ok_or("points to something that is no id")?;
                let urn = match to.as_slice() {
                    _ if text.contains(':') => text.to_owned(),
                    [only] => format!("urn:ngsi-ld:{only}:{text}"),
                    _ => {
                        return Err(format!(
                            "points to `{text}`; write the whole URN, its type is not fixed"
                        ));
                    }
                };
                Iri::new(&urn).map_err(|error| error.to_string())
            };
            let objects = objects.into_iter().map(target).collect::<Result<Vec<_>, _>>()?;
            Ok(Content::Relationship { objects, many, object_types: Vec::new() })
        }
        Kind::Geo(_) => geometry(written).map(Content::Geo),
        Kind::Language => {
            let languages = written.as_object().ok_or("needs a text for each language: { zh: …, en: … }")?;
            Ok(Content::Language(
                languages.iter().map(|(l, text)| (l.as_str().into(), value(text))).collect(),
            ))
        }
        _ => Ok(Content::Property(value(written))),
    }
}

/// A JSON value as a value of the model.
pub fn value(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(b) => Value::Bool(*b),
        Json::Number(n) => n.as_i64().map_or_else(|| n.as_f64().unwrap_or(f64::NAN).into(), Value::Int),
        Json::String(text) => Value::text(text.as_str()),
        Json::Array(items) => Value::List(items.iter().map(value).collect()),
        Json::Object(members) => {
            Value::Map(members.iter().map(|(k, v)| (k.as_str().into(), value(v))).collect())
        }
    }
}

/// A value of the model as JSON.
pub fn to_json(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(b) => (*b).into(),
        Value::Int(n) => (*n).into(),
        Value::Float(n) => (*n).into(),
        Value::Text(text) => (&**text).into(),
        Value::List(items) => items.iter().map(to_json).collect(),
        Value::Map(members) => members.iter().map(|(k, v)| (k.to_string(), to_json(v))).collect(),
    }
}

/// GeoJSON geometry, or `[lon, lat]` for a point.
pub fn geometry(written: &Json) -> Result<Geometry, String> {
    let kind = written.get("type").and_then(Json::as_str);
    let coordinates = written.get("coordinates").unwrap_or(written);
    let made = match kind {
        None | Some("Point") => Geometry::Point(position(coordinates)?),
        Some("LineString") => Geometry::LineString(list(coordinates, position)?),
        Some("Polygon") => Geometry::Polygon(list(coordinates, ring)?),
        Some("MultiPoint") => Geometry::MultiPoint(list(coordinates, position)?),
        Some("MultiLineString") => Geometry::MultiLineString(list(coordinates, ring)?),
        Some("MultiPolygon") => Geometry::MultiPolygon(list(coordinates, |polygon| list(polygon, ring))?),
        Some(other) => return Err(format!("is a `{other}`, which is no geometry here")),
    };
    made.checked().map_err(|error| error.to_string())
}

fn ring(json: &Json) -> Result<Vec<Position>, String> {
    list(json, position)
}

fn list<T>(json: &Json, read: impl Fn(&Json) -> Result<T, String>) -> Result<Vec<T>, String> {
    json.as_array().ok_or("has coordinates that are no list")?.iter().map(read).collect()
}

fn position(json: &Json) -> Result<Position, String> {
    let numbers: Option<Vec<f64>> = json.as_array().and_then(|list| list.iter().map(Json::as_f64).collect());
    match numbers.as_deref() {
        Some([longitude, latitude]) => {
            Ok(Position { longitude: *longitude, latitude: *latitude, altitude: None })
        }
        Some([longitude, latitude, altitude]) => {
            Ok(Position { longitude: *longitude, latitude: *latitude, altitude: Some(*altitude) })
        }
        _ => Err("has a position that is not [longitude, latitude]".to_owned()),
    }
}

/// The value alone: what a scenario compares and a table shows.
pub fn reduced(attribute: &Attribute) -> Json {
    match &attribute.content {
        Content::Property(value) | Content::Json(value) => to_json(value),
        Content::List(values) => values.iter().map(to_json).collect(),
        Content::Geo(geometry) => geo_json(geometry),
        Content::Language(texts) => texts.iter().map(|(l, text)| (l.to_string(), to_json(text))).collect(),
        Content::Relationship { objects, many, .. } => several(objects, *many),
        Content::Vocab { terms, many } => several(terms, *many),
        Content::ListRelationship { objects, .. } => several(objects, true),
    }
}

fn several(objects: &[Iri], many: bool) -> Json {
    match objects {
        [only] if !many => only.as_str().into(),
        _ => objects.iter().map(|object| Json::from(object.as_str())).collect(),
    }
}

/// The NGSI-LD normalized form.
pub fn normalized(attribute: &Attribute) -> Json {
    let mut members = Map::new();
    members.insert("type".to_owned(), attribute.content.kind().name().into());
    let member = match attribute.content {
        Content::Relationship { .. } => "object",
        Content::Language(_) => "languageMap",
        Content::Vocab { .. } => "vocab",
        Content::Json(_) => "json",
        Content::List(_) => "valueList",
        Content::ListRelationship { .. } => "objectList",
        Content::Property(_) | Content::Geo(_) => "value",
    };
    members.insert(member.to_owned(), reduced(attribute));
    if let Some(unit) = &attribute.unit_code {
        members.insert("unitCode".to_owned(), (&**unit).into());
    }
    if let Some(at) = attribute.observed_at {
        members.insert("observedAt".to_owned(), at.to_string().into());
    }
    Json::Object(members)
}

/// A geometry as GeoJSON.
pub fn geo_json(geometry: &Geometry) -> Json {
    let at = |p: &Position| match p.altitude {
        Some(altitude) => json!([p.longitude, p.latitude, altitude]),
        None => json!([p.longitude, p.latitude]),
    };
    let line = |line: &Vec<Position>| line.iter().map(at).collect::<Json>();
    let rings = |rings: &Vec<Vec<Position>>| rings.iter().map(line).collect::<Json>();
    let coordinates = match geometry {
        Geometry::Point(p) => at(p),
        Geometry::MultiPoint(points) | Geometry::LineString(points) => line(points),
        Geometry::MultiLineString(lines) | Geometry::Polygon(lines) => rings(lines),
        Geometry::MultiPolygon(polygons) => polygons.iter().map(rings).collect(),
        Geometry::Collection(members) => {
            let members: Json = members.iter().map(geo_json).collect();
            return json!({"type": "GeometryCollection", "geometries": members});
        }
    };
    json!({"type": geometry.type_name(), "coordinates": coordinates})
}

/// True when two JSON values say the same; 1 and 1.0 do.
pub fn same(a: &Json, b: &Json) -> bool {
    match (a, b) {
        (Json::Number(x), Json::Number(y)) => x.as_f64() == y.as_f64(),
        (Json::Array(x), Json::Array(y)) => x.len() == y.len() && x.iter().zip(y).all(|(x, y)| same(x, y)),
        (Json::Object(x), Json::Object(y)) => {
            x.len() == y.len() && x.iter().all(|(k, x)| y.get(k).is_some_and(|y| same(x, y)))
        }
        _ => a == b,
    }
}

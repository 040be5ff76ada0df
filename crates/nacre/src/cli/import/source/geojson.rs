//! GeoJSON (RFC 7946): the features of a collection. Properties are columns, the geometry is the column `geometry`, and
//! the identifier of a feature the column `id`.

use std::ops::Range;

use nacre_wire_ngsi_ld::json;
use serde::Deserialize;
use serde_json::Value as Json;
use serde_json::value::RawValue;

use super::{Content, ROWS_MAX, Row};
use crate::cli::import::Problem;

/// The column of geometries.
pub const GEOMETRY: &str = "geometry";

/// A text, and where its features stand.
#[derive(Debug)]
pub struct Features {
    text: String,
    places: Vec<(usize, Range<usize>)>,
}

#[derive(Deserialize)]
struct Collection<'a> {
    #[serde(rename = "type")]
    kind: String,
    #[serde(borrow, default)]
    features: Vec<&'a RawValue>,
}

/// Finds the features, and the names of all their properties.
pub fn open(text: String) -> Result<(Vec<String>, Features), String> {
    let needed = "needed: a GeoJSON FeatureCollection";
    let collection: Collection<'_> = serde_json::from_str(&text).map_err(|e| format!("{e}; {needed}"))?;
    if collection.kind != "FeatureCollection" {
        return Err(format!("this is a `{}`; {needed}", collection.kind));
    }
    if collection.features.len() > ROWS_MAX {
        return Err(format!("more than {ROWS_MAX} features: split the file"));
    }
    let (mut line, mut counted) = (1, 0);
    let mut places = Vec::with_capacity(collection.features.len());
    for feature in &collection.features {
        let start = feature.get().as_ptr() as usize - text.as_ptr() as usize;
        line += text[counted..start].matches('\n').count();
        counted = start;
        places.push((line, start..start + feature.get().len()));
    }
    let features = Features { text, places };
    let mut columns: Vec<String> = vec!["id".into()];
    let mut known: std::collections::HashSet<String> = columns.iter().cloned().collect();
    for (_, place) in &features.places {
        let Ok(feature) = json::parse(features.text[place.clone()].as_bytes()) else { continue };
        for name in feature["properties"].as_object().into_iter().flat_map(|p| p.keys()) {
            if known.insert(name.clone()) {
                columns.push(name.clone());
            }
        }
    }
    // A property may have that name too: the geometry goes first.
    columns.retain(|name| name != GEOMETRY);
    columns.push(GEOMETRY.into());
    Ok((columns, features))
}

impl Features {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// The rows.
    pub fn rows<'a>(&'a self, columns: &'a [String]) -> impl Iterator<Item = Row> + 'a {
        self.places.iter().map(move |(line, place)| {
            let content = row(columns, &self.text[place.clone()]);
            Row { line: *line, content: content.map_err(|reason| Problem::new("", "json", reason)) }
        })
    }
}

fn row(columns: &[String], text: &str) -> Result<Content, String> {
    let mut feature = json::parse(text.as_bytes()).map_err(|e| e.detail)?;
    if feature["type"] != "Feature" {
        return Err("a member of `features` is no Feature".into());
    }
    let mut take = |name: &str| match name {
        GEOMETRY => feature.get_mut(GEOMETRY).map_or(Json::Null, Json::take),
        "id" if feature.get("id").is_some_and(|id| !id.is_null()) => feature["id"].take(),
        _ => feature["properties"].get_mut(name).map_or(Json::Null, Json::take),
    };
    let cell = |value: Json| match value {
        Json::String(text) if text.trim().is_empty() => Json::Null,
        other => other,
    };
    Ok(Content::Cells(columns.iter().map(|name| cell(take(name))).collect()))
}

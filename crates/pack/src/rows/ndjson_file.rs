//! NDJSON: one entity a line, NGSI-LD concise or normalized, terms as the pack defines them. For what a table cannot
//! say well: polygons, times of observation, long texts.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::{Map, Value as Json};

use super::Row;
use crate::code;
use crate::finding::{Findings, Place};
use crate::folder::File;
use crate::type_def::TypeDef;
use crate::written;

pub(super) fn rows(def: &TypeDef, file: &File, findings: &mut Findings) -> Vec<Row> {
    let mut rows = Vec::new();
    for (i, line) in file.text.lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        let entity = match serde_json::from_str::<Unique>(line) {
            Ok(Unique(entity)) => entity,
            Err(error) => {
                let place = Place::new(i + 1, error.column());
                let message = error.to_string();
                let message = message.split(" at line ").next().unwrap_or_default().to_owned();
                findings.push(code::NDJSON, &file.shown, place, message);
                continue;
            }
        };
        let place = Place::new(i + 1, 1);
        if let Some(kind) = entity.get("type")
            && kind.as_str() != Some(&def.name)
        {
            let message = format!("type is {kind}, the file holds `{}`", def.name);
            findings.push(code::NDJSON, &file.shown, place, message);
            continue;
        }
        let id = entity.get("id").and_then(Json::as_str).map(str::to_owned);
        let members = entity.iter().filter(|(name, _)| !matches!(name.as_str(), "id" | "type"));
        let attributes = written::attributes(def, members.map(|(name, json)| (name.as_str(), json)));
        rows.push(Row { place, id, attributes });
    }
    rows
}

/// A JSON object whose own keys are unique; JSON readers would silently keep the last.
struct Unique(Map<String, Json>);

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Unique, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Unique;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an entity")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Unique, A::Error> {
                let mut members = Map::new();
                while let Some((key, value)) = access.next_entry::<String, Json>()? {
                    if members.contains_key(&key) {
                        return Err(serde::de::Error::custom(format_args!("key `{key}` stands twice")));
                    }
                    members.insert(key, value);
                }
                Ok(Unique(members))
            }
        }
        deserializer.deserialize_map(Members)
    }
}

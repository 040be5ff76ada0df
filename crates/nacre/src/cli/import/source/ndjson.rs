//! NDJSON: an entity a line, in NGSI-LD.

use nacre_wire_ngsi_ld::json;
use serde_json::Value as Json;

use super::{Content, Row};
use crate::cli::import::Problem;

/// The rows; empty lines are passed over.
pub fn rows(text: &str) -> impl Iterator<Item = Row> + '_ {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines.map(|(i, line)| {
        let content = match json::parse(line.as_bytes()) {
            Ok(Json::Object(entity)) => Ok(Content::Entity(entity)),
            Ok(_) => Err("the line is no JSON object; needed: one entity a line".to_owned()),
            Err(e) => {
                Err(e.detail.replace("the body is not JSON that can be taken", "not JSON that can be taken"))
            }
        };
        Row { line: i + 1, content: content.map_err(|reason| Problem::new("", "json", reason)) }
    })
}

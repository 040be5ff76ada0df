//! Sample and seed data: CSV and NDJSON files whose name says the type, read into entities with file and line.
//!
//! `data/street.csv`, `data/landmark.bridges.csv` and `data/district.ndjson` hold entities of the types `Street`,
//! `Landmark` and `District`: the part before the first dot is the file name of the type.

mod csv_file;
mod ndjson_file;

use std::collections::HashMap;

use nacre_model::Attribute;
use serde_json::{Map, Value as Json};

use crate::code::{self, Code};
use crate::entity_check::{Extent, Rule};
use crate::finding::{Findings, Place};
use crate::folder::File;
use crate::type_def::TypeDef;
use crate::written;

/// Most rows in one data file.
pub const ROWS_MAX: usize = 200_000;

/// Where an entity comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Origin {
    /// `sample/` of a pack: shown as sample everywhere, never loaded unless asked.
    Sample,
    /// `data/` of a pack.
    Data,
    /// `data/` of a district.
    District,
}

/// An entity of a data file, checked against its type.
#[derive(Debug, Clone)]
pub struct SeedEntity {
    /// URN.
    pub id: String,
    /// Short type name.
    pub entity_type: String,
    /// Short name → attribute, in the order written.
    pub attributes: Vec<(String, Attribute)>,
    /// Where it comes from.
    pub origin: Origin,
    /// File as shown in findings.
    pub file: String,
    /// Where in the file.
    pub place: Place,
}

impl SeedEntity {
    /// The entity in NGSI-LD normalized form, terms of the default context, no `@context`.
    pub fn json(&self) -> Json {
        let mut members = Map::new();
        members.insert("id".to_owned(), self.id.as_str().into());
        members.insert("type".to_owned(), self.entity_type.as_str().into());
        for (name, attribute) in &self.attributes {
            members.insert(name.clone(), written::normalized(attribute));
        }
        Json::Object(members)
    }

    /// `file:line`, for reports.
    pub fn source(&self) -> String {
        format!("{}:{}", self.file, self.place.line)
    }

    /// The attribute with a short name.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|(n, _)| n == name).map(|(_, attribute)| attribute)
    }

    /// The value alone of the attribute with a short name.
    pub fn value(&self, name: &str) -> Option<Json> {
        self.attribute(name).map(written::reduced)
    }
}

/// A row before its id and values are checked.
struct Row {
    place: Place,
    id: Option<String>,
    attributes: Result<Vec<(String, Attribute)>, String>,
}

/// Reads one data file of a type. Rows that break a rule are reported and left out.
pub(crate) fn read(def: &TypeDef, file: &File, origin: Origin, findings: &mut Findings) -> Vec<SeedEntity> {
    let rows = match file.extension() {
        "csv" => csv_file::rows(def, file, findings),
        _ => ndjson_file::rows(def, file, findings),
    };
    if rows.len() > ROWS_MAX {
        findings.push(code::TOO_MANY, &file.shown, Place::START, format!("more than {ROWS_MAX} rows"));
    }
    let mut entities = Vec::new();
    let mut first: HashMap<String, u32> = HashMap::new();
    for row in rows.into_iter().take(ROWS_MAX) {
        let mut say = |code: Code, message: String| findings.push(code, &file.shown, row.place, message);
        let mut attributes = match row.attributes {
            Ok(attributes) => attributes,
            Err(message) => {
                say(code::ENTITY_VALUE, message);
                continue;
            }
        };
        let Some(id) = row.id else {
            say(code::BAD_ID, "the row has no `id`".to_owned());
            continue;
        };
        let id = match urn(def, &id) {
            Ok(id) => id,
            Err(message) => {
                say(code::BAD_ID, message);
                continue;
            }
        };
        if let Some(line) = first.insert(id.clone(), row.place.line) {
            say(code::DUPLICATE_ID, format!("`{id}` stands twice, first on line {line}"));
            continue;
        }
        def.normalise(attributes.iter_mut().map(|(name, attribute)| (name.as_str(), attribute)));
        let violations = def.check(Extent::Whole, attributes.iter().map(|(n, a)| (n.as_str(), a)));
        for violation in &violations {
            let code =
                if violation.rule == Rule::Required { code::REQUIRED_VALUE } else { code::ENTITY_VALUE };
            say(code, violation.message.clone());
        }
        if !violations.is_empty() {
            continue;
        }
        if origin == Origin::Sample {
            attributes.push(("sample".to_owned(), Attribute::property(true)));
        }
        let entity_type = def.name.clone();
        entities.push(SeedEntity {
            id,
            entity_type,
            attributes,
            origin,
            file: file.shown.clone(),
            place: row.place,
        });
    }
    entities
}

/// The URN of a written id, or why it is none.
pub(crate) fn urn(def: &TypeDef, written: &str) -> Result<String, String> {
    let local = match written.strip_prefix("urn:ngsi-ld:") {
        None => written,
        Some(rest) => match rest.split_once(':') {
            Some((kind, local)) if kind == def.name => local,
            _ => return Err(format!("`{written}` is no id of `{}`", def.name)),
        },
    };
    let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':');
    if local.is_empty() || local.len() > 120 || !local.chars().all(good) {
        return Err(format!("`{written}` is no id: letters, digits, `-`, `_`, `.` and `:`, at most 120"));
    }
    Ok(def.urn(local))
}

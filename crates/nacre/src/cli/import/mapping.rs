//! What the columns of a file mean.
//!
//! ```yaml
//! type: Street
//! id: "urn:ngsi-ld:Street:{编号}"
//! datum: wgs84                     # or gcj02, bd09
//! columns:
//!   名称: { attribute: name }
//!   面积: { attribute: area, unit: KMK }
//!   所属: { attribute: partOf, kind: relationship, id: "urn:ngsi-ld:District:{所属}" }
//!   经度: { attribute: location, kind: longitude }
//!   纬度: { attribute: location, kind: latitude }
//!   时间: { kind: observedAt }
//! constants:
//!   sourceNote: "2026 年报表"
//! ```

use std::fmt::Write as _;
use std::path::Path;

use nacre_pack::type_def::Kind as TypeKind;
use nacre_pack::{TypeDef, finding::Findings};
use serde_json::Value as Json;

use super::source::Table;
use crate::cli::exit::Failure;

/// What a column becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Kind {
    Property,
    Relationship,
    Geometry,
    Longitude,
    Latitude,
    ObservedAt,
    /// Used in the id only.
    Ignore,
}

impl Kind {
    const ALL: [(Kind, &'static str); 7] = [
        (Kind::Property, "property"),
        (Kind::Relationship, "relationship"),
        (Kind::Geometry, "geometry"),
        (Kind::Longitude, "longitude"),
        (Kind::Latitude, "latitude"),
        (Kind::ObservedAt, "observedAt"),
        (Kind::Ignore, "ignore"),
    ];

    fn parse(text: &str) -> Option<Kind> {
        Kind::ALL.iter().find(|(_, name)| *name == text).map(|(kind, _)| *kind)
    }

    fn name(self) -> &'static str {
        Kind::ALL.iter().find(|(kind, _)| *kind == self).map_or("", |(_, name)| name)
    }
}

/// One column.
#[derive(Debug, Clone)]
pub struct Column {
    /// As in the header.
    pub name: String,
    /// Attribute it fills; empty where the kind needs none.
    pub attribute: String,
    /// How.
    pub kind: Kind,
    /// Unit of its numbers.
    pub unit: Option<String>,
    /// How the target's id is made; `{column}` stands for a cell.
    pub id: Option<String>,
    /// Values stay texts although they look like numbers.
    pub text: bool,
}

/// The whole mapping.
#[derive(Debug, Clone)]
pub struct Mapping {
    /// Type of the entities.
    pub type_name: String,
    /// How an id is made.
    pub id: String,
    /// Datum of coordinates.
    pub datum: String,
    /// Columns in order.
    pub columns: Vec<Column>,
    /// Attributes that are the same for all rows.
    pub constants: Vec<(String, Json)>,
}

impl Mapping {
    /// Reads a mapping file; every mistake is told.
    pub fn read(path: &Path) -> Result<Mapping, Failure> {
        let shown = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|e| Failure::failed(format!("{shown}: {e}")))?;
        let mut findings = Findings::default();
        let node = nacre_pack::yaml::parse(&shown, &text, &mut findings);
        let problems: Vec<String> = findings.into_sorted().iter().map(ToString::to_string).collect();
        let Some(node) = node.filter(|_| problems.is_empty()) else {
            return Err(Failure::usage(problems.join("\n")));
        };
        let json = node.to_json();
        let mut wrong = Vec::new();
        let mut columns = Vec::new();
        for name in json.as_object().into_iter().flat_map(|o| o.keys()) {
            if !["type", "id", "datum", "columns", "constants"].contains(&name.as_str()) {
                wrong.push(format!("{shown}: unknown member `{name}`"));
            }
        }
        for (name, column) in json["columns"].as_object().into_iter().flatten() {
            let kind = column["kind"].as_str().unwrap_or("property");
            let Some(kind) = Kind::parse(kind) else {
                let known: Vec<&str> = Kind::ALL.iter().map(|(_, n)| *n).collect();
                wrong.push(format!("{shown}: `{name}` has the kind `{kind}`; known: {}", known.join(", ")));
                continue;
            };
            let attribute = column["attribute"].as_str().unwrap_or_default().to_owned();
            if attribute.is_empty() && !matches!(kind, Kind::ObservedAt | Kind::Ignore) {
                wrong.push(format!("{shown}: `{name}` names no attribute"));
            }
            columns.push(Column {
                name: name.clone(),
                attribute,
                kind,
                unit: column["unit"].as_str().map(str::to_owned),
                id: column["id"].as_str().map(str::to_owned),
                text: column["text"].as_bool().unwrap_or(false),
            });
        }
        if !wrong.is_empty() {
            return Err(Failure::usage(wrong.join("\n")));
        }
        let text = |name: &str| json[name].as_str().unwrap_or_default().to_owned();
        let constants = json["constants"].as_object().into_iter().flatten();
        Ok(Mapping {
            type_name: text("type"),
            id: text("id"),
            datum: text("datum"),
            columns,
            constants: constants.map(|(n, v)| (n.clone(), v.clone())).collect(),
        })
    }

    /// Guesses from the header and the type's definition.
    pub fn guess(table: &Table, type_name: Option<&str>, def: Option<&TypeDef>) -> Result<Mapping, Failure> {
        if table.entities {
            return Ok(Mapping::of_type(type_name.unwrap_or_default()));
        }
        let Some(type_name) = type_name else {
            return Err(Failure::usage("--type is needed: which type of entity is a row?"));
        };
        let mut mapping = Mapping::of_type(type_name);
        for name in &table.columns {
            mapping.columns.push(guess_column(name, def));
        }
        let is_id =
            |c: &&String| ["id", "code", "编号", "代码", "编码", "序号"].contains(&c.to_lowercase().as_str());
        let Some(column) = table.columns.iter().find(is_id).or_else(|| table.columns.first()) else {
            return Err(Failure::usage("the file has no columns"));
        };
        mapping.id = format!("urn:ngsi-ld:{type_name}:{{{column}}}");
        if let Some(c) = mapping.columns.iter_mut().find(|c| c.name == *column && c.name == "id") {
            c.kind = Kind::Ignore;
        }
        Ok(mapping)
    }

    fn of_type(type_name: &str) -> Mapping {
        Mapping {
            type_name: type_name.to_owned(),
            id: String::new(),
            datum: "wgs84".into(),
            columns: Vec::new(),
            constants: Vec::new(),
        }
    }

    /// As a file to edit.
    pub fn to_yaml(&self) -> String {
        let quoted = |text: &str| Json::from(text).to_string();
        let mut out =
            format!("type: {}\nid: {}\ndatum: {}\ncolumns:\n", self.type_name, quoted(&self.id), self.datum);
        for c in &self.columns {
            let mut parts = Vec::new();
            if !c.attribute.is_empty() {
                parts.push(format!("attribute: {}", quoted(&c.attribute)));
            }
            if c.kind != Kind::Property {
                parts.push(format!("kind: {}", c.kind.name()));
            }
            parts.extend(c.unit.as_ref().map(|u| format!("unit: {u}")));
            parts.extend(c.id.as_ref().map(|id| format!("id: {}", quoted(id))));
            if c.text {
                parts.push("text: true".into());
            }
            // Writing to a string does not fail.
            let _ = writeln!(out, "  {}: {{ {} }}", quoted(&c.name), parts.join(", "));
        }
        out
    }
}

fn guess_column(name: &str, def: Option<&TypeDef>) -> Column {
    let plain = |attribute: &str, kind| Column {
        name: name.to_owned(),
        attribute: attribute.to_owned(),
        kind,
        unit: None,
        id: None,
        text: false,
    };
    let known = def.and_then(|d| {
        d.attributes
            .iter()
            .find(|a| a.name == name || a.title.zh == name || a.title.en.eq_ignore_ascii_case(name))
    });
    match name.to_lowercase().as_str() {
        "经度" | "lon" | "lng" | "longitude" => return plain("location", Kind::Longitude),
        "纬度" | "lat" | "latitude" => return plain("location", Kind::Latitude),
        "geometry" => return plain("location", Kind::Geometry),
        "observedat" | "观测时间" | "采集时间" => return plain("", Kind::ObservedAt),
        _ => {}
    }
    let Some(known) = known else {
        let safe = name.chars().all(|c| c.is_alphanumeric() || c == '_');
        return plain(
            &if safe { name.to_owned() } else { name.replace(|c: char| !c.is_alphanumeric(), "_") },
            Kind::Property,
        );
    };
    let mut column = plain(&known.name, Kind::Property);
    match &known.kind {
        TypeKind::Relationship { to } => {
            column.kind = Kind::Relationship;
            column.id = to.first().map(|t| format!("urn:ngsi-ld:{t}:{{{name}}}"));
        }
        TypeKind::Number { unit, .. } => column.unit = unit.map(|u| u.code.to_owned()),
        kind if kind.is_geo() => column.kind = Kind::Geometry,
        TypeKind::Boolean | TypeKind::Json => {}
        _ => column.text = true,
    }
    column
}

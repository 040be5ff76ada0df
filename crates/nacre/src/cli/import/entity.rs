//! A row becomes an entity, or a list of what is wrong with it.

use std::sync::Arc;

use nacre_model::datum::Datum;
use nacre_model::{EntityId, Instant, Position};
use nacre_pack::{Extent, TypeDef, written};
use nacre_wire_ngsi_ld::{Context, entity_in};
use serde_json::{Map, Value as Json, json};

use super::mapping::{Column, Kind, Mapping};
use super::{Refused, Row};
use crate::cli::exit::Failure;

/// Makes entities after a mapping and checks them as the server will, and against the type.
pub struct Maker {
    mapping: Mapping,
    def: Option<Arc<TypeDef>>,
    datum: Datum,
    sample: bool,
    context: Arc<Context>,
}

impl Maker {
    /// Checks what concerns all rows.
    pub fn new(mapping: Mapping, def: Option<Arc<TypeDef>>, sample: bool) -> Result<Maker, Failure> {
        let datum = if mapping.datum.is_empty() { "wgs84" } else { &mapping.datum };
        let datum = Datum::parse(datum).ok_or_else(|| {
            Failure::usage(format!("the datum `{datum}` is not known; known: wgs84, gcj02, bd09"))
        })?;
        Ok(Maker { mapping, def, datum, sample, context: Context::core() })
    }

    /// The mapping in use.
    pub fn mapping(&self) -> &Mapping {
        &self.mapping
    }

    /// The id and the entity in NGSI-LD.
    pub fn make(&self, row: &Row) -> Result<(String, Json), Vec<Refused>> {
        let mut problems = Vec::new();
        let entity = if self.mapping.columns.is_empty() {
            let mut members: Map<String, Json> = row.cells.iter().cloned().collect();
            if !members.contains_key("type") && !self.mapping.type_name.is_empty() {
                members.insert("type".into(), self.mapping.type_name.clone().into());
            }
            members
        } else {
            self.mapped(row, &mut problems)
        };
        let mut entity = entity;
        for (name, value) in &self.mapping.constants {
            entity.entry(name.clone()).or_insert_with(|| json!({"type": "Property", "value": value}));
        }
        if self.sample {
            entity.insert("sample".into(), json!({"type": "Property", "value": true}));
        }
        let entity = Json::Object(entity);
        let id = entity["id"].as_str().unwrap_or_default().to_owned();
        if problems.is_empty() {
            self.check(row, &entity, &mut problems);
        }
        if problems.is_empty() { Ok((id, entity)) } else { Err(problems) }
    }

    fn mapped(&self, row: &Row, problems: &mut Vec<Refused>) -> Map<String, Json> {
        let mut entity = Map::new();
        match filled(&self.mapping.id, row) {
            Ok(id) => drop(entity.insert("id".into(), id.into())),
            Err(column) => {
                problems.push(refused(row, &column, "missing_id", "the id needs this cell, which is empty"))
            }
        }
        entity.insert("type".into(), self.mapping.type_name.clone().into());
        let observed_at = self.observed_at(row, problems);
        let (mut longitude, mut latitude) = (None, None);
        for column in &self.mapping.columns {
            let Some(cell) = cell(row, &column.name) else { continue };
            let attribute = match column.kind {
                Kind::Ignore | Kind::ObservedAt => continue,
                Kind::Longitude | Kind::Latitude => {
                    match number(cell) {
                        Some(n) if column.kind == Kind::Longitude => longitude = Some((column, n)),
                        Some(n) => latitude = Some(n),
                        None => problems.push(refused(
                            row,
                            &column.name,
                            "not_a_number",
                            "needed: degrees as a number",
                        )),
                    }
                    continue;
                }
                Kind::Geometry => self.geometry(row, column, cell, problems),
                Kind::Relationship => relationship(row, column, cell, problems),
                Kind::Property => property(row, column, cell, problems),
            };
            let Some(mut attribute) = attribute else { continue };
            if let (Some(at), Some(object), Kind::Property) =
                (&observed_at, attribute.as_object_mut(), column.kind)
            {
                object.insert("observedAt".into(), at.clone().into());
            }
            entity.insert(column.attribute.clone(), attribute);
        }
        if let (Some((column, longitude)), Some(latitude)) = (longitude, latitude) {
            let at = self.datum.to_wgs84(Position { longitude, latitude, altitude: None });
            let point = json!({"type": "Point", "coordinates": [round(at.longitude), round(at.latitude)]});
            entity.insert(column.attribute.clone(), json!({"type": "GeoProperty", "value": point}));
        }
        entity
    }

    fn observed_at(&self, row: &Row, problems: &mut Vec<Refused>) -> Option<String> {
        let column = self.mapping.columns.iter().find(|c| c.kind == Kind::ObservedAt)?;
        let text = cell(row, &column.name)?.as_str()?.to_owned();
        let at = instant(&text);
        if at.is_none() {
            let reason =
                format!("`{text}` is no time; needed: 2026-11-23 09:30 (北京时间) or 2026-11-23T01:30:00Z");
            problems.push(refused(row, &column.name, "not_a_time", &reason));
        }
        at.map(|at| at.to_string())
    }

    fn geometry(&self, row: &Row, column: &Column, cell: &Json, problems: &mut Vec<Refused>) -> Option<Json> {
        let parsed = match cell {
            Json::String(text) => serde_json::from_str(text).unwrap_or(Json::Null),
            other => other.clone(),
        };
        match written::geometry(&parsed) {
            Ok(geometry) => {
                let moved = if self.datum == Datum::Wgs84 {
                    geometry
                } else {
                    geometry.map(&|p| self.datum.to_wgs84(p))
                };
                Some(json!({"type": "GeoProperty", "value": written::geo_json(&moved)}))
            }
            Err(why) => {
                problems.push(refused(row, &column.name, "not_a_geometry", &why));
                None
            }
        }
    }

    /// What the server would refuse, and what the type does.
    fn check(&self, row: &Row, entity: &Json, problems: &mut Vec<Refused>) {
        if entity["id"].as_str().is_some_and(|id| EntityId::new(id).is_err()) {
            let reason =
                format!("`{}` is no id; needed: an absolute URI", entity["id"].as_str().unwrap_or_default());
            problems.push(refused(row, "id", "invalid_id", &reason));
            return;
        }
        let draft = match entity_in::parse_entity(entity, &self.context, entity_in::Mode::Create) {
            Ok(draft) => draft,
            Err(error) => {
                let column = error.pointer.clone().unwrap_or_default();
                problems.push(refused(row, &column, "invalid_entity", &error.detail));
                return;
            }
        };
        let Some(def) = &self.def else { return };
        let names: Vec<(String, &nacre_model::Attribute)> = draft
            .attributes
            .iter()
            .flat_map(|(name, all)| all.iter().map(|a| (self.context.compact(name.as_str()).into_owned(), a)))
            .filter(|(name, _)| !(self.sample && name == "sample"))
            .collect();
        for violation in def.check(Extent::Whole, names.iter().map(|(n, a)| (n.as_str(), *a))) {
            problems.push(refused(row, &violation.attribute, violation.rule.name(), &violation.message));
        }
    }
}

fn refused(row: &Row, column: &str, code: &str, reason: &str) -> Refused {
    Refused { line: row.line, column: column.to_owned(), code: code.to_owned(), reason: reason.to_owned() }
}

fn cell<'a>(row: &'a Row, column: &str) -> Option<&'a Json> {
    row.cells.iter().find(|(name, _)| name == column).map(|(_, value)| value)
}

fn shown(cell: &Json) -> String {
    cell.as_str().map_or_else(|| cell.to_string(), str::to_owned)
}

/// A template with its `{column}`s filled; the first empty one is the error.
fn filled(template: &str, row: &Row) -> Result<String, String> {
    let (mut out, mut rest) = (String::new(), template);
    while let Some((before, after)) = rest.split_once('{') {
        let (column, after) = after.split_once('}').ok_or_else(|| template.to_owned())?;
        out.push_str(before);
        out.push_str(&shown(cell(row, column).ok_or_else(|| column.to_owned())?));
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

fn number(cell: &Json) -> Option<f64> {
    match cell {
        Json::Number(n) => n.as_f64(),
        Json::String(text) => text.replace([',', '，', ' '], "").parse().ok(),
        _ => None,
    }
    .filter(|n: &f64| n.is_finite())
}

/// Degrees to a hundredth of a millimetre: a conversion invents no more.
fn round(degrees: f64) -> f64 {
    (degrees * 1e10).round() / 1e10
}

fn property(row: &Row, column: &Column, cell: &Json, problems: &mut Vec<Refused>) -> Option<Json> {
    let value = match cell {
        Json::String(text) if column.text => Json::String(text.clone()),
        other if column.text && !other.is_object() && !other.is_array() => Json::String(shown(other)),
        Json::String(text) => typed(text, column.unit.is_some()),
        other => other.clone(),
    };
    if column.unit.is_some() && !value.is_number() {
        let reason = format!("`{}` is no number, and the column has a unit", shown(cell));
        problems.push(refused(row, &column.name, "not_a_number", &reason));
        return None;
    }
    let mut attribute = json!({"type": "Property", "value": value});
    if let Some(unit) = &column.unit {
        attribute["unitCode"] = unit.clone().into();
    }
    Some(attribute)
}

/// A cell's text as what it says. A text with leading zeros is a code, not a number.
fn typed(text: &str, number_wanted: bool) -> Json {
    match text {
        "true" | "TRUE" | "是" => return true.into(),
        "false" | "FALSE" | "否" => return false.into(),
        _ => {}
    }
    let code = text.len() > 1 && text.starts_with('0') && !text.starts_with("0.");
    if code && !number_wanted {
        return text.into();
    }
    let plain = text.replace([',', '，'], "");
    if let Ok(n) = plain.parse::<i64>() {
        return n.into();
    }
    match plain.parse::<f64>() {
        Ok(n) if n.is_finite() && plain.bytes().any(|b| b.is_ascii_digit()) => n.into(),
        _ => text.into(),
    }
}

fn relationship(row: &Row, column: &Column, cell: &Json, problems: &mut Vec<Refused>) -> Option<Json> {
    let target = match &column.id {
        Some(template) if !shown(cell).starts_with("urn:") => filled(template, row).unwrap_or_default(),
        _ => shown(cell),
    };
    if EntityId::new(&target).is_err() {
        let reason = format!("`{target}` is no id; give the column an `id` template");
        problems.push(refused(row, &column.name, "invalid_target", &reason));
        return None;
    }
    Some(json!({"type": "Relationship", "object": target}))
}

/// A time as it stands in tables: with zone, or Beijing time without.
fn instant(text: &str) -> Option<Instant> {
    if text.ends_with('Z') || text.get(11..).is_some_and(|t| t.contains(['+', '-'])) {
        return Instant::parse(text);
    }
    let text = text.replace('/', "-").replace(' ', "T");
    let text = match text.len() {
        10 => format!("{text}T00:00:00"),
        16 => format!("{text}:00"),
        _ => text,
    };
    const BEIJING_MS: i64 = 8 * 3_600_000;
    Instant::parse(&text).map(|at| at.plus_ms(-BEIJING_MS))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn maker(columns: &[(&str, &str, Kind)]) -> Maker {
        let column = |(name, attribute, kind): &(&str, &str, Kind)| Column {
            name: (*name).into(),
            attribute: (*attribute).into(),
            kind: *kind,
            unit: None,
            id: None,
            text: false,
        };
        let mapping = Mapping {
            type_name: "Lamp".into(),
            id: "urn:ngsi-ld:Lamp:{编号}".into(),
            datum: "gcj02".into(),
            columns: columns.iter().map(column).collect(),
            constants: Vec::new(),
        };
        Maker::new(mapping, None, false).expect("maker")
    }

    fn row(cells: &[(&str, Json)]) -> Row {
        Row { line: 2, cells: cells.iter().map(|(n, v)| ((*n).to_owned(), v.clone())).collect() }
    }

    #[test]
    fn coordinates_are_converted_at_the_edge() {
        let maker = maker(&[("经度", "location", Kind::Longitude), ("纬度", "location", Kind::Latitude)]);
        let row = row(&[
            ("编号", json!("7")),
            ("经度", json!("116.41024449916938")),
            ("纬度", json!(39.916_404_281_501_64)),
        ]);
        let (id, entity) = maker.make(&row).expect("entity");
        assert_eq!(id, "urn:ngsi-ld:Lamp:7");
        assert_eq!(entity["location"]["value"]["coordinates"], json!([116.404, 39.915]));
    }

    #[test]
    fn codes_keep_their_zeros_and_times_without_zone_are_beijing_time() {
        assert_eq!(typed("007", false), json!("007"));
        assert_eq!(typed("1,234.5", false), json!(1234.5));
        let at = instant("2026-11-23 09:30").expect("time");
        assert_eq!(at.to_string(), "2026-11-23T01:30:00.000Z");
    }

    #[test]
    fn an_empty_id_cell_is_told_with_its_column() {
        let problems = maker(&[]).make(&row(&[])).expect_err("refused");
        assert!(!problems.is_empty());
        let maker = maker(&[("名称", "name", Kind::Property)]);
        let problems = maker.make(&row(&[("名称", json!("灯"))])).expect_err("refused");
        assert_eq!((problems[0].column.as_str(), problems[0].code.as_str()), ("编号", "missing_id"));
    }
}

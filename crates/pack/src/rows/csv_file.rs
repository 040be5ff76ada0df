//! CSV: a header, then one entity a row.
//!
//! Columns: `id`, the name of an attribute, or `attribute.part`: `lon` and `lat` for a point, a language for texts in
//! languages, `unit` and `observedAt` for any attribute. An empty cell is an absent attribute; several values are
//! separated by `|`; a geometry other than a point is GeoJSON in one cell. Lines that begin with `#` are notes.

use std::collections::HashSet;

use nacre_model::Attribute;
use serde_json::{Map, Value as Json, json};

use super::{ROWS_MAX, Row};
use crate::code;
use crate::finding::{Findings, Place};
use crate::folder::File;
use crate::near::did_you_mean;
use crate::type_def::{AttributeDef, Kind, TypeDef};
use crate::written;

enum Column<'a> {
    Id,
    Whole(&'a AttributeDef),
    Part(&'a AttributeDef, String),
    Unknown,
}

pub(super) fn rows(def: &TypeDef, file: &File, findings: &mut Findings) -> Vec<Row> {
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(file.text.as_bytes());
    let header = match reader.headers() {
        Ok(header) => header.clone(),
        Err(error) => {
            findings.push(code::CSV, &file.shown, Place::START, error.to_string().to_lowercase());
            return Vec::new();
        }
    };
    let at = Place::new(header_line(&file.text), 1);
    let columns = columns(def, &header, &file.shown, at, findings);
    let mut rows = Vec::new();
    for record in reader.records().take(ROWS_MAX + 1) {
        match record {
            Ok(record) => {
                let line = record.position().map_or(1, csv::Position::line);
                rows.push(row(&columns, &record, Place::new(usize::try_from(line).unwrap_or(1), 1)));
            }
            Err(error) => {
                let line = error.position().map_or(1, csv::Position::line);
                let place = Place::new(usize::try_from(line).unwrap_or(1), 1);
                let message = match error.kind() {
                    csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
                        format!("the row has {len} cells, the header {expected_len}")
                    }
                    _ => error.to_string().to_lowercase(),
                };
                findings.push(code::CSV, &file.shown, place, message);
            }
        }
    }
    rows
}

fn header_line(text: &str) -> usize {
    text.lines().position(|line| !line.starts_with('#') && !line.trim().is_empty()).unwrap_or(0) + 1
}

fn columns<'a>(
    def: &'a TypeDef,
    header: &csv::StringRecord,
    file: &str,
    at: Place,
    findings: &mut Findings,
) -> Vec<Column<'a>> {
    let mut seen = HashSet::new();
    let mut columns = Vec::new();
    for name in header {
        if name.is_empty() || !seen.insert(name) {
            let what = if name.is_empty() {
                "a column has no name".into()
            } else {
                format!("column `{name}` stands twice")
            };
            findings.push(code::CSV, file, at, what);
            columns.push(Column::Unknown);
            continue;
        }
        let (base, part) = name.split_once('.').map_or((name, None), |(base, part)| (base, Some(part)));
        let column = match (def.attribute(base), part) {
            (None, None) if base == "id" => Column::Id,
            (Some(attribute), None) => Column::Whole(attribute),
            (Some(attribute), Some(part)) if part_fits(attribute, part) => {
                Column::Part(attribute, part.to_owned())
            }
            _ => {
                let known = def.attributes.iter().map(|a| a.name.as_str()).chain(["id"]);
                let help = did_you_mean(base, known);
                let message = format!("column `{name}` is no attribute of `{}`", def.name);
                findings.push_with_help(code::UNKNOWN_COLUMN, file, at, message, help);
                Column::Unknown
            }
        };
        columns.push(column);
    }
    if !columns.iter().any(|c| matches!(c, Column::Id)) {
        findings.push(code::CSV, file, at, "there is no column `id`");
    }
    columns
}

fn part_fits(attribute: &AttributeDef, part: &str) -> bool {
    match &attribute.kind {
        Kind::Geo(_) => matches!(part, "lon" | "lat" | "observedAt"),
        Kind::Language => part.len() <= 12 && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'),
        Kind::Number { .. } => matches!(part, "unit" | "observedAt"),
        _ => part == "observedAt",
    }
}

fn row(columns: &[Column<'_>], record: &csv::StringRecord, place: Place) -> Row {
    let mut id = None;
    let mut cells: Vec<(&AttributeDef, Cell<'_>)> = Vec::new();
    for (column, text) in columns.iter().zip(record) {
        let text = text.trim();
        let (def, part) = match column {
            _ if text.is_empty() => continue,
            Column::Id => {
                id = Some(text.to_owned());
                continue;
            }
            Column::Unknown => continue,
            Column::Whole(def) => (*def, None),
            Column::Part(def, part) => (*def, Some(part.as_str())),
        };
        let slot = match cells.iter().position(|(known, _)| known.name == def.name) {
            Some(slot) => slot,
            None => {
                cells.push((def, Cell::default()));
                cells.len() - 1
            }
        };
        match part {
            None => cells[slot].1.whole = Some(text),
            Some(part) => cells[slot].1.parts.push((part, text)),
        }
    }
    let attributes = cells.into_iter().filter_map(|(def, cell)| {
        cell.attribute(def).map_err(|why| format!("`{}` {why}", def.name)).transpose()
    });
    let attributes = attributes.map(|made| made.map(|(def, attribute)| (def.name.clone(), attribute)));
    Row { place, id, attributes: attributes.collect() }
}

#[derive(Default)]
struct Cell<'a> {
    whole: Option<&'a str>,
    parts: Vec<(&'a str, &'a str)>,
}

impl Cell<'_> {
    fn attribute<'d>(&self, def: &'d AttributeDef) -> Result<Option<(&'d AttributeDef, Attribute)>, String> {
        let part = |name: &str| self.parts.iter().find(|(n, _)| *n == name).map(|(_, text)| *text);
        let plain = match (&def.kind, self.whole) {
            (_, Some(text)) if def.many => {
                Some(text.split('|').map(|t| cell(def, t.trim())).collect::<Result<_, _>>()?)
            }
            (_, Some(text)) => Some(cell(def, text)?),
            (Kind::Geo(_), None) => match (part("lon"), part("lat")) {
                (Some(lon), Some(lat)) => Some(json!([number(lon)?, number(lat)?])),
                (None, None) => None,
                _ => return Err("has only one of `lon` and `lat`".to_owned()),
            },
            (Kind::Language, None) => {
                let texts: Map<String, Json> = self
                    .parts
                    .iter()
                    .filter(|(name, _)| *name != "observedAt")
                    .map(|(language, text)| ((*language).to_owned(), Json::from(*text)))
                    .collect();
                (!texts.is_empty()).then_some(Json::Object(texts))
            }
            (_, None) => None,
        };
        let Some(plain) = plain else {
            let stray = self.parts.first().map(|(name, _)| *name);
            return stray.map_or(Ok(None), |name| Err(format!("has `{name}` but no value")));
        };
        let mut made = written::attribute(def, &plain)?;
        if let Some(unit) = part("unit") {
            made.unit_code = Some(unit.into());
        }
        if let Some(at) = part("observedAt") {
            let instant =
                nacre_model::Instant::parse(at).ok_or_else(|| format!("has no instant in `{at}`"))?;
            made.observed_at = Some(instant);
        }
        Ok(Some((def, made)))
    }
}

fn cell(def: &AttributeDef, text: &str) -> Result<Json, String> {
    match &def.kind {
        Kind::Number { integer: true, .. } => {
            text.parse::<i64>().map(Json::from).map_err(|_| format!("is `{text}`, not a whole number"))
        }
        Kind::Number { .. } => number(text),
        Kind::Boolean => match text {
            "true" => Ok(true.into()),
            "false" => Ok(false.into()),
            _ => Err(format!("is `{text}`; write `true` or `false`")),
        },
        Kind::Json | Kind::Geo(_) => {
            serde_json::from_str(text).map_err(|error| format!("is no JSON: {error}"))
        }
        _ => Ok(text.into()),
    }
}

fn number(text: &str) -> Result<Json, String> {
    let good = text.parse::<f64>().ok().filter(|n| n.is_finite());
    if let (Some(_), Ok(whole)) = (good, text.parse::<i64>()) {
        return Ok(whole.into());
    }
    good.map(Json::from).ok_or_else(|| format!("is `{text}`, not a number"))
}

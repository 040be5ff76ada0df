//! The cells of a row become attributes in the normalized form of NGSI-LD.

use nacre_model::datum::Datum;
use nacre_model::{EntityId, Position};
use nacre_pack::{TypeDef, units, written};
use serde_json::{Map, Value as Json, json};

use super::Problem;
use super::cells::{self, Reads, Template};
use super::mapping::{Column, Kind, Mapping};

/// The columns of a mapping, bound to those of a file.
pub struct Columns {
    columns: Vec<Bound>,
    empty: Vec<String>,
    datum: Datum,
}

/// A column, and where it is in a row.
struct Bound {
    column: Column,
    index: usize,
    reads: Reads,
    target: Option<Template>,
}

/// What a row has given so far.
type Made = Map<String, Json>;

impl Columns {
    /// Binds the columns of a mapping; one that the file does not have is a mistake.
    pub fn new(
        mapping: &Mapping,
        file: &[String],
        def: Option<&TypeDef>,
        datum: Datum,
    ) -> Result<Columns, String> {
        let mut columns = Vec::new();
        for column in &mapping.columns {
            let Some(index) = file.iter().position(|name| *name == column.name) else {
                let there = file.join(", ");
                return Err(format!("the mapping names the column `{}`, the file has: {there}", column.name));
            };
            let known = def.and_then(|def| def.attribute(&column.attribute));
            let reads = column.reads.or(known.map(|a| Reads::of(&a.kind))).unwrap_or(Reads::Text);
            let target = column.id.as_deref().map(|id| Template::parse(id, file)).transpose()?;
            columns.push(Bound { column: column.clone(), index, reads, target });
        }
        Ok(Columns { columns, empty: mapping.empty.clone(), datum })
    }

    /// The column that fills an attribute.
    pub fn of_attribute(&self, attribute: &str) -> Option<&str> {
        let bound = self.columns.iter().find(|b| b.column.attribute == attribute)?;
        Some(&bound.column.name)
    }

    /// All attributes of a row.
    pub fn attributes(&self, cells: &[Json], problems: &mut Vec<Problem>) -> Made {
        let mut made = Made::new();
        for bound in &self.columns {
            let Some(cell) = self.cell(cells, bound) else { continue };
            let attribute = match bound.column.kind {
                Kind::Property => bound.property(cell),
                Kind::Relationship => bound.relationship(cell, cells),
                Kind::Geometry => self.geometry(bound, cell),
                Kind::Language => Ok(bound.text(cell, &made)),
                Kind::Longitude => self.point(bound, cells).transpose().unwrap_or_else(|| {
                    Err(bound.problem("coordinate", "there is a longitude and no latitude".into()))
                }),
                Kind::Latitude => match self.pair(bound, Kind::Longitude).and_then(|b| self.cell(cells, b)) {
                    // Made with its longitude.
                    Some(_) => continue,
                    None => Err(bound.problem("coordinate", "there is a latitude and no longitude".into())),
                },
                Kind::Unit | Kind::ObservedAt | Kind::Ignore => continue,
            };
            match attribute {
                Ok(attribute) => drop(made.insert(bound.column.attribute.clone(), attribute)),
                Err(problem) => problems.push(problem),
            }
        }
        for bound in &self.columns {
            let Some(cell) = self.cell(cells, bound) else { continue };
            let done = match bound.column.kind {
                Kind::Unit => bound.unit(cell, &mut made),
                Kind::ObservedAt => bound.observed_at(cell, &mut made),
                _ => Ok(()),
            };
            problems.extend(done.err());
        }
        made
    }

    fn cell<'a>(&self, cells: &'a [Json], bound: &Bound) -> Option<&'a Json> {
        let cell = cells.get(bound.index).filter(|cell| !cell.is_null())?;
        let empty = cell.as_str().is_some_and(|text| self.empty.iter().any(|e| e == text));
        (!empty).then_some(cell)
    }

    fn pair(&self, bound: &Bound, kind: Kind) -> Option<&Bound> {
        self.columns.iter().find(|b| b.column.kind == kind && b.column.attribute == bound.column.attribute)
    }

    fn point(&self, bound: &Bound, cells: &[Json]) -> Result<Option<Json>, Problem> {
        let (Some(other), Some(cell)) = (self.pair(bound, Kind::Latitude), self.cell(cells, bound)) else {
            return Ok(None);
        };
        let Some(other_cell) = self.cell(cells, other) else { return Ok(None) };
        let longitude = bound.degrees(cell, 180.0)?;
        let latitude = other.degrees(other_cell, 90.0)?;
        let moved = self.datum.to_wgs84(Position { longitude, latitude, altitude: None });
        let at = if self.datum == Datum::Wgs84 { moved } else { rounded(moved) };
        let point = json!({"type": "Point", "coordinates": [at.longitude, at.latitude]});
        Ok(Some(json!({"type": "GeoProperty", "value": point})))
    }

    fn geometry(&self, bound: &Bound, cell: &Json) -> Result<Json, Problem> {
        let parsed = match cell {
            Json::String(text) => serde_json::from_str(text).unwrap_or(Json::Null),
            other => other.clone(),
        };
        let geometry = written::geometry(&parsed)
            .map_err(|why| bound.problem("geometry", format!("the geometry {why}; needed: GeoJSON")))?;
        let geometry = match self.datum {
            Datum::Wgs84 => geometry,
            datum => geometry.map(&|p| rounded(datum.to_wgs84(p))),
        };
        Ok(json!({"type": "GeoProperty", "value": written::geo_json(&geometry)}))
    }
}

/// To a hundredth of a millimetre: a conversion invents no more.
fn rounded(p: Position) -> Position {
    let round = |degrees: f64| (degrees * 1e10).round() / 1e10;
    Position { longitude: round(p.longitude), latitude: round(p.latitude), ..p }
}

impl Bound {
    fn problem(&self, code: &'static str, reason: String) -> Problem {
        Problem::new(&self.column.name, code, reason)
    }

    fn value(&self, cell: &Json) -> Result<Json, Problem> {
        let value = self.reads.value(cell).map_err(|(code, reason)| self.problem(code, reason))?;
        Ok(if value.is_number() { cells::scaled(&value, self.column.factor) } else { value })
    }

    /// The pieces of a cell, when several values may stand in it.
    fn pieces(&self, cell: &Json) -> Option<Vec<Json>> {
        if let Json::Array(all) = cell {
            return (self.reads != Reads::Json).then(|| all.clone());
        }
        let separator = self.column.separator.as_deref()?;
        let pieces = cell.as_str()?.split(separator).map(str::trim).filter(|p| !p.is_empty());
        Some(pieces.map(Json::from).collect())
    }

    fn property(&self, cell: &Json) -> Result<Json, Problem> {
        let value = match self.pieces(cell) {
            Some(pieces) => pieces.iter().map(|piece| self.value(piece)).collect::<Result<Json, _>>()?,
            None => self.value(cell)?,
        };
        let mut attribute = json!({"type": "Property", "value": value});
        if let Some(unit) = &self.column.unit {
            if self.pieces(cell).is_none() && !attribute["value"].is_number() {
                let reason = format!(
                    "`{}` is no number, and the column has a unit",
                    cells::short(&cells::shown(cell))
                );
                return Err(self.problem("number", reason));
            }
            attribute["unitCode"] = unit.clone().into();
        }
        Ok(attribute)
    }

    fn relationship(&self, cell: &Json, row: &[Json]) -> Result<Json, Problem> {
        let one = |piece: &Json| {
            let target = match &self.target {
                Some(template) => {
                    let mut row = row.to_vec();
                    row[self.index] = piece.clone();
                    template.fill(&row)?
                }
                None => cells::shown(piece),
            };
            match EntityId::new(&target) {
                Ok(_) => Ok(Json::from(target)),
                Err(_) => {
                    let reason = format!(
                        "`{target}` is no id; give the column an `id` such as urn:ngsi-ld:Street:{{{}}}",
                        self.column.name
                    );
                    Err(self.problem("target", reason))
                }
            }
        };
        let object = match self.pieces(cell) {
            Some(pieces) => pieces.iter().map(one).collect::<Result<Json, _>>()?,
            None => one(cell)?,
        };
        Ok(json!({"type": "Relationship", "object": object}))
    }

    /// The texts of an attribute, with that of one more language.
    fn text(&self, cell: &Json, made: &Made) -> Json {
        let standing = made.get(&self.column.attribute).filter(|a| a["type"] == "LanguageProperty");
        let mut attribute =
            standing.cloned().unwrap_or_else(|| json!({"type": "LanguageProperty", "languageMap": {}}));
        let language = self.column.language.as_deref().unwrap_or("zh");
        attribute["languageMap"][language] = cells::shown(cell).into();
        attribute
    }

    fn degrees(&self, cell: &Json, most: f64) -> Result<f64, Problem> {
        let shown = cells::shown(cell);
        let degrees = cells::number(cell).and_then(|n| n.as_f64());
        let Some(degrees) = degrees else {
            let reason = format!("`{}` is no number; needed: degrees such as 113.3235", cells::short(&shown));
            return Err(self.problem("coordinate", reason));
        };
        if degrees.abs() > most {
            let reason =
                format!("{degrees} is beyond {most} degrees; are longitude and latitude interchanged?");
            return Err(self.problem("coordinate", reason));
        }
        Ok(degrees)
    }

    fn unit(&self, cell: &Json, made: &mut Made) -> Result<(), Problem> {
        let Some(Json::Object(attribute)) = made.get_mut(&self.column.attribute) else { return Ok(()) };
        let shown = cells::shown(cell);
        if units::find(&shown).is_none() {
            let hint = units::suggest(&shown).map_or("needed: a UN/CEFACT code".to_owned(), |u| {
                format!("write `{}` ({}, {})", u.code, u.symbol, u.name_zh)
            });
            return Err(self.problem("unit", format!("`{}` is no unit code; {hint}", cells::short(&shown))));
        }
        attribute.insert("unitCode".into(), shown.into());
        Ok(())
    }

    fn observed_at(&self, cell: &Json, made: &mut Made) -> Result<(), Problem> {
        let shown = cells::shown(cell);
        let Some(at) = cells::instant(&shown) else {
            let reason = format!("`{}` {}", cells::short(&shown), cells::TIME_NEEDED);
            return Err(self.problem("time", reason));
        };
        let mine = |name: &str| self.column.attribute.is_empty() || self.column.attribute == name;
        for (_, attribute) in made.iter_mut().filter(|(name, _)| mine(name)) {
            if let Json::Object(members) = attribute {
                members.insert("observedAt".into(), at.to_string().into());
            }
        }
        Ok(())
    }
}

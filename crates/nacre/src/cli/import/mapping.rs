//! What the columns of a file mean.
//!
//! ```yaml
//! type: Street
//! id: "urn:ngsi-ld:Street:{编号}"
//! datum: gcj02                     # of coordinates: wgs84 (the default), gcj02, bd09
//! empty: ["-", "暂无"]             # cells that count as empty
//! columns:
//!   名称: { attribute: name }
//!   面积(亩): { attribute: area, reads: number, unit: MTK, factor: 666.67 }
//!   重点: { attribute: focus, separator: "|" }
//!   所属: { attribute: partOf, kind: relationship, id: "urn:ngsi-ld:District:{所属}" }
//!   英文名: { attribute: title, kind: language, language: en }
//!   经度: { attribute: location, kind: longitude }
//!   纬度: { attribute: location, kind: latitude }
//!   时间: { kind: observedAt }       # of all attributes; with `attribute`, of that one
//! constants:
//!   sourceNote: "2026 年报表"
//! ```

use std::fmt::Write as _;
use std::path::Path;

use nacre_pack::finding::Findings;
use nacre_pack::units;
use nacre_pack::yaml::Node;
use serde_json::Value as Json;

use super::cells::Reads;
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
    /// Text in one language.
    Language,
    /// Unit code of an attribute.
    Unit,
    ObservedAt,
    /// Used in templates only.
    Ignore,
}

impl Kind {
    const ALL: [(Kind, &'static str); 9] = [
        (Kind::Property, "property"),
        (Kind::Relationship, "relationship"),
        (Kind::Geometry, "geometry"),
        (Kind::Longitude, "longitude"),
        (Kind::Latitude, "latitude"),
        (Kind::Language, "language"),
        (Kind::Unit, "unit"),
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
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// As in the header.
    pub name: String,
    /// Attribute it fills; empty where the kind needs none.
    pub attribute: String,
    /// How.
    pub kind: Kind,
    /// How its cells are read; not stated: as the type says, else as text.
    pub reads: Option<Reads>,
    /// Unit of its numbers, a code.
    pub unit: Option<String>,
    /// What its numbers are multiplied by.
    pub factor: f64,
    /// What stands between several values in a cell.
    pub separator: Option<String>,
    /// How the target's id is made; `{column}` stands for a cell.
    pub id: Option<String>,
    /// Language of its texts.
    pub language: Option<String>,
    /// A remark in the mapping file.
    pub note: Option<String>,
}

impl Column {
    /// A column that fills an attribute.
    pub fn new(name: &str, attribute: &str, kind: Kind) -> Column {
        Column {
            name: name.to_owned(),
            attribute: attribute.to_owned(),
            kind,
            reads: None,
            unit: None,
            factor: 1.0,
            separator: None,
            id: None,
            language: None,
            note: None,
        }
    }
}

/// The whole mapping.
#[derive(Debug, Clone, Default)]
pub struct Mapping {
    /// Type of the entities.
    pub type_name: String,
    /// How an id is made.
    pub id: String,
    /// Datum of coordinates; empty means WGS84.
    pub datum: String,
    /// Cells that count as empty.
    pub empty: Vec<String>,
    /// Columns in order.
    pub columns: Vec<Column>,
    /// Attributes that are the same for all rows.
    pub constants: Vec<(String, Json)>,
}

impl Mapping {
    /// Reads a mapping file; every mistake is told with its line.
    pub fn read(path: &Path) -> Result<Mapping, Failure> {
        let shown = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|e| Failure::failed(format!("{shown}: {e}")))?;
        Mapping::parse(&shown, &text).map_err(|problems| Failure::usage(problems.join("\n")))
    }

    /// Reads the text of a mapping file.
    pub fn parse(shown: &str, text: &str) -> Result<Mapping, Vec<String>> {
        let mut findings = Findings::default();
        let node = nacre_pack::yaml::parse(shown, text, &mut findings);
        let problems: Vec<String> = findings.into_sorted().iter().map(ToString::to_string).collect();
        let Some(node) = node.filter(|_| problems.is_empty()) else { return Err(problems) };
        let mut reader = Reader { shown, wrong: Vec::new() };
        let mapping = reader.mapping(&node);
        if reader.wrong.is_empty() { Ok(mapping) } else { Err(reader.wrong) }
    }

    /// As a file to edit.
    pub fn to_yaml(&self) -> String {
        let quoted = |text: &str| Json::from(text).to_string();
        let mut out = String::new();
        // Writing to a string does not fail.
        let _ = writeln!(out, "type: {}\nid: {}", quoted(&self.type_name), quoted(&self.id));
        let _ = writeln!(out, "datum: {}", if self.datum.is_empty() { "wgs84" } else { &self.datum });
        if !self.empty.is_empty() {
            let _ = writeln!(out, "empty: {}", Json::from(self.empty.clone()));
        }
        let _ = writeln!(out, "columns:");
        for c in &self.columns {
            let mut parts = Vec::new();
            if !c.attribute.is_empty() {
                parts.push(format!("attribute: {}", quoted(&c.attribute)));
            }
            if c.kind != Kind::Property {
                parts.push(format!("kind: {}", c.kind.name()));
            }
            parts.extend(c.reads.map(|r| format!("reads: {}", r.name())));
            parts.extend(c.unit.as_ref().map(|u| format!("unit: {}", quoted(u))));
            if c.factor != 1.0 {
                parts.push(format!("factor: {}", c.factor));
            }
            parts.extend(c.separator.as_ref().map(|s| format!("separator: {}", quoted(s))));
            parts.extend(c.id.as_ref().map(|id| format!("id: {}", quoted(id))));
            parts.extend(c.language.as_ref().map(|l| format!("language: {}", quoted(l))));
            let note = c.note.as_ref().map(|n| format!("  # {n}")).unwrap_or_default();
            let _ = writeln!(out, "  {}: {{ {} }}{note}", quoted(&c.name), parts.join(", "));
        }
        if !self.constants.is_empty() {
            let _ = writeln!(out, "constants:");
            for (name, value) in &self.constants {
                let _ = writeln!(out, "  {}: {value}", quoted(name));
            }
        }
        out
    }
}

struct Reader<'a> {
    shown: &'a str,
    wrong: Vec<String>,
}

impl Reader<'_> {
    fn wrong(&mut self, at: &Node, key: &str, what: String) {
        let place = at.key_place(key);
        self.wrong.push(format!("{}:{}:{}: {what}", self.shown, place.line, place.column));
    }

    fn known(&mut self, node: &Node, names: &[&str]) {
        for (key, _) in node.members().iter().filter(|(key, _)| !names.contains(&key.name.as_str())) {
            self.wrong(
                node,
                &key.name,
                format!("there is no `{}` here; known: {}", key.name, names.join(", ")),
            );
        }
    }

    /// A member that must be a text; numbers are taken as written.
    fn text(&mut self, node: &Node, name: &str) -> Option<String> {
        let member = node.get(name).filter(|m| !m.is_null())?;
        let text = match member.to_json() {
            Json::String(text) => Some(text),
            Json::Number(n) => Some(n.to_string()),
            _ => None,
        };
        if text.is_none() {
            self.wrong(node, name, format!("`{name}` must be a text"));
        }
        text
    }

    fn mapping(&mut self, node: &Node) -> Mapping {
        self.known(node, &["type", "id", "datum", "empty", "columns", "constants"]);
        let mut mapping = Mapping {
            type_name: self.text(node, "type").unwrap_or_default(),
            id: self.text(node, "id").unwrap_or_default(),
            datum: self.text(node, "datum").unwrap_or_default(),
            ..Mapping::default()
        };
        let empty = node.get("empty").map(|e| e.items()).unwrap_or_default();
        mapping.empty = empty.iter().map(|e| super::cells::shown(&e.to_json())).collect();
        if let Some(columns) = node.get("columns") {
            for (key, column) in columns.members() {
                let column = self.column(columns, &key.name, column);
                mapping.columns.extend(column);
            }
        }
        let constants = node.get("constants").map(Node::members).unwrap_or_default();
        mapping.constants =
            constants.iter().map(|(key, value)| (key.name.clone(), value.to_json())).collect();
        mapping
    }

    fn column(&mut self, above: &Node, name: &str, node: &Node) -> Option<Column> {
        let before = self.wrong.len();
        self.known(node, &["attribute", "kind", "reads", "unit", "factor", "separator", "id", "language"]);
        let names = |all: &[&str]| all.join(", ");
        let kind = self.text(node, "kind").unwrap_or_else(|| "property".into());
        let kind = Kind::parse(&kind).unwrap_or_else(|| {
            let known = names(&Kind::ALL.map(|(_, n)| n));
            self.wrong(node, "kind", format!("there is no kind `{kind}`; known: {known}"));
            Kind::Ignore
        });
        let attribute = self.text(node, "attribute").unwrap_or_default();
        if attribute.is_empty() && !matches!(kind, Kind::ObservedAt | Kind::Ignore) {
            self.wrong(
                above,
                name,
                format!("`{name}` names no `attribute`; for a column of no use: kind: ignore"),
            );
        }
        let mut column = Column::new(name, &attribute, kind);
        if let Some(reads) = self.text(node, "reads") {
            column.reads = Reads::parse(&reads);
            if column.reads.is_none() {
                let known = names(&Reads::ALL.map(|(_, n)| n));
                self.wrong(node, "reads", format!("a cell cannot be read as `{reads}`; known: {known}"));
            }
        }
        column.unit = self.text(node, "unit");
        if let Some(unit) = column.unit.as_ref().filter(|u| units::find(u).is_none()) {
            let hint = units::suggest(unit).map_or("needed: a UN/CEFACT code".to_owned(), |u| {
                format!("write `{}` ({}, {})", u.code, u.symbol, u.name_zh)
            });
            self.wrong(node, "unit", format!("`{unit}` is no unit code; {hint}"));
        }
        if let Some(factor) = node.get("factor") {
            column.factor = factor.number().unwrap_or(0.0);
            if !column.factor.is_normal() {
                self.wrong(node, "factor", "`factor` must be a number other than 0".into());
            }
        }
        column.separator = self.text(node, "separator").filter(|s| !s.is_empty());
        column.id = self.text(node, "id");
        column.language = self.text(node, "language");
        if kind == Kind::Language && column.language.is_none() {
            self.wrong(above, name, format!("`{name}` needs its `language`, such as zh or en"));
        }
        (self.wrong.len() == before).then_some(column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mapping_reads_what_it_writes() {
        let text = "type: Lamp\nid: \"urn:ngsi-ld:Lamp:{编号}\"\ndatum: gcj02\nempty: [\"-\", 无]\ncolumns:\n  \
            面积(亩): { attribute: area, reads: number, unit: MTK, factor: 666.67 }\n  \
            重点: { attribute: focus, separator: \"|\" }\n  \
            英文: { attribute: title, kind: language, language: en }\n  \
            所属: { attribute: partOf, kind: relationship, id: \"urn:ngsi-ld:Street:{所属}\" }\n  \
            时间: { kind: observedAt }\nconstants:\n  note: \"#1: 表\"\n  checked: true\n";
        let mapping = Mapping::parse("m.yaml", text).expect("mapping");
        let again = Mapping::parse("m.yaml", &mapping.to_yaml()).expect("what it wrote");
        assert_eq!(again.columns, mapping.columns);
        assert_eq!((again.empty, again.constants), (mapping.empty, mapping.constants));
        assert_eq!((again.id, again.datum), (mapping.id, mapping.datum));
    }

    #[test]
    fn every_mistake_is_told_with_its_line_and_what_to_do() {
        let text = "type: Lamp\nwrong: 1\ncolumns:\n  a: { attribute: a, unit: 千瓦时 }\n  b: { kind: colour }\n  \
            c: { kind: longitude }\n  d: { attribute: d, reads: money }\n  e: { attribute: e, factor: 0 }\n";
        let wrong = Mapping::parse("m.yaml", text).expect_err("mistakes");
        let all = wrong.join("\n");
        for said in [
            "m.yaml:2:1: there is no `wrong` here",
            "m.yaml:4:22: `千瓦时` is no unit code; write `KWH`",
            "m.yaml:5:8: there is no kind `colour`; known: property",
            "m.yaml:6:3: `c` names no `attribute`",
            "m.yaml:7:22: a cell cannot be read as `money`",
            "m.yaml:8:22: `factor` must be a number",
        ] {
            assert!(all.contains(said), "no `{said}` in\n{all}");
        }
    }
}

//! Compiled entity types: what the rest of Nacre knows of a noun.

use std::sync::Arc;

use regex::Regex;

use crate::checks::Check;
use crate::code_list::CodeList;
use crate::units::Unit;

/// A word or sentence in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Words {
    /// 中文.
    pub zh: String,
    /// English.
    pub en: String,
}

/// How widely an attribute may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Classification {
    /// 公开.
    Public,
    /// 内部, the default.
    Internal,
    /// 个人信息.
    Personal,
    /// 敏感个人信息.
    Sensitive,
}

impl Classification {
    /// The classification with a name.
    pub fn parse(name: &str) -> Option<Classification> {
        Some(match name {
            "public" => Classification::Public,
            "internal" => Classification::Internal,
            "personal" => Classification::Personal,
            "sensitive" => Classification::Sensitive,
            _ => return None,
        })
    }

    /// The name a pack writes.
    pub fn name(self) -> &'static str {
        match self {
            Classification::Public => "public",
            Classification::Internal => "internal",
            Classification::Personal => "personal",
            Classification::Sensitive => "sensitive",
        }
    }
}

/// An entity type.
#[derive(Debug, Clone)]
pub struct TypeDef {
    /// Short NGSI-LD type name: `Street`.
    pub name: String,
    /// File name without extension: `street`. Data files are named by it.
    pub file_stem: String,
    /// The pack that defines it.
    pub pack: String,
    /// Name for people.
    pub title: Words,
    /// What it is and what it is not.
    pub description: Words,
    /// The Smart Data Model it follows.
    pub model: Option<String>,
    /// Where the definition comes from.
    pub source: Option<String>,
    /// Its entities change by verbs of the platform only, never by writing the entity.
    pub governed: bool,
    /// The attribute shown as its name, when the type has it.
    pub label: Option<String>,
    /// Attributes in the order shown.
    pub attributes: Vec<AttributeDef>,
}

impl TypeDef {
    /// The attribute with a short name.
    pub fn attribute(&self, name: &str) -> Option<&AttributeDef> {
        self.attributes.iter().find(|a| a.name == name)
    }

    /// The URN of an entity of this type; a text that is a URN already stays.
    pub fn urn(&self, local: &str) -> String {
        if local.starts_with("urn:") {
            local.to_owned()
        } else {
            format!("urn:ngsi-ld:{}:{local}", self.name)
        }
    }
}

/// An attribute of a type.
#[derive(Debug, Clone)]
pub struct AttributeDef {
    /// Short name, as in NGSI-LD.
    pub name: String,
    /// Name for people.
    pub title: Words,
    /// Meaning.
    pub description: Option<Words>,
    /// What kind of attribute and which values.
    pub kind: Kind,
    /// Several values are allowed.
    pub many: bool,
    /// Every entity has it.
    pub required: bool,
    /// Views keep an index of its values.
    pub index: bool,
    /// How widely it may be shown.
    pub classification: Classification,
    /// An example, as the pack writes it.
    pub example: Option<serde_json::Value>,
    /// Where the definition comes from.
    pub source: Option<String>,
}

/// Kind of attribute with what belongs to it.
#[derive(Debug, Clone)]
pub enum Kind {
    /// A text with its rule.
    Text(TextRule),
    /// A number.
    Number {
        /// Whole numbers only.
        integer: bool,
        /// Its unit.
        unit: Option<&'static Unit>,
        /// Smallest value, included.
        min: Option<f64>,
        /// Largest value, included.
        max: Option<f64>,
    },
    /// Yes or no.
    Boolean,
    /// A day: `2026-11-23`.
    Date,
    /// An instant with zone.
    DateTime,
    /// An absolute URI.
    Uri,
    /// Any JSON.
    Json,
    /// Points to entities of these types.
    Relationship {
        /// Their short names; any type when empty.
        to: Vec<String>,
    },
    /// A geometry; `None` allows any.
    Geo(Option<Shape>),
    /// One text a language.
    Language,
}

/// Geometries an attribute may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Shape {
    Point,
    Line,
    Polygon,
}

/// Which texts are allowed.
#[derive(Debug, Clone)]
pub enum TextRule {
    /// Any text.
    Free,
    /// One of these words.
    Enum(Vec<String>),
    /// A code of a list.
    Codes(Arc<CodeList>),
    /// Texts that match as a whole.
    Pattern(Regex),
    /// Numbers with a check digit.
    Check(Check),
}

impl Kind {
    /// The kind in a word, for tables and messages.
    pub fn name(&self) -> &'static str {
        match self {
            Kind::Text(TextRule::Check(check)) => check.name(),
            Kind::Text(TextRule::Codes(_)) => "code",
            Kind::Text(_) => "text",
            Kind::Number { integer: true, .. } => "integer",
            Kind::Number { .. } => "number",
            Kind::Boolean => "boolean",
            Kind::Date => "date",
            Kind::DateTime => "datetime",
            Kind::Uri => "uri",
            Kind::Json => "json",
            Kind::Relationship { .. } => "relationship",
            Kind::Geo(Some(Shape::Point)) => "point",
            Kind::Geo(Some(Shape::Line)) => "line",
            Kind::Geo(Some(Shape::Polygon)) => "polygon",
            Kind::Geo(None) => "geometry",
            Kind::Language => "language",
        }
    }

    /// True for geometries.
    pub fn is_geo(&self) -> bool {
        matches!(self, Kind::Geo(_))
    }
}

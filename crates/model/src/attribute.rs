//! One attribute instance of an entity, in the eight kinds of NGSI-LD (CIM 009 §4.5).

use crate::geometry::Geometry;
use crate::id::Iri;
use crate::time::Instant;
use crate::value::Value;

/// What an attribute says.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// A value.
    Property(Value),
    /// Targets of a relationship; `many` remembers that an array was written, even of one.
    Relationship {
        /// URIs of the targets, in order.
        objects: Vec<Iri>,
        /// An array was written.
        many: bool,
        /// Types of the targets, where given (`objectType`).
        object_types: Vec<Iri>,
    },
    /// A geometry in WGS84 / CGCS2000.
    Geo(Geometry),
    /// Language tag → text or array of texts, in the order written.
    Language(Vec<(Box<str>, Value)>),
    /// Expanded terms; `many` as for relationships.
    Vocab {
        /// The terms.
        terms: Vec<Iri>,
        /// An array was written.
        many: bool,
    },
    /// JSON that is kept as it is and never expanded.
    Json(Value),
    /// An ordered list of values.
    List(Vec<Value>),
    /// An ordered list of relationship targets.
    ListRelationship {
        /// URIs of the targets, in order.
        objects: Vec<Iri>,
        /// Types of the targets, where given.
        object_types: Vec<Iri>,
    },
}

/// The kind alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum AttributeKind {
    Property,
    Relationship,
    GeoProperty,
    LanguageProperty,
    VocabProperty,
    JsonProperty,
    ListProperty,
    ListRelationship,
}

impl AttributeKind {
    /// The NGSI-LD type name.
    pub fn name(self) -> &'static str {
        match self {
            AttributeKind::Property => "Property",
            AttributeKind::Relationship => "Relationship",
            AttributeKind::GeoProperty => "GeoProperty",
            AttributeKind::LanguageProperty => "LanguageProperty",
            AttributeKind::VocabProperty => "VocabProperty",
            AttributeKind::JsonProperty => "JsonProperty",
            AttributeKind::ListProperty => "ListProperty",
            AttributeKind::ListRelationship => "ListRelationship",
        }
    }
}

impl Content {
    /// The kind of this content.
    pub fn kind(&self) -> AttributeKind {
        match self {
            Content::Property(_) => AttributeKind::Property,
            Content::Relationship { .. } => AttributeKind::Relationship,
            Content::Geo(_) => AttributeKind::GeoProperty,
            Content::Language(_) => AttributeKind::LanguageProperty,
            Content::Vocab { .. } => AttributeKind::VocabProperty,
            Content::Json(_) => AttributeKind::JsonProperty,
            Content::List(_) => AttributeKind::ListProperty,
            Content::ListRelationship { .. } => AttributeKind::ListRelationship,
        }
    }

    /// Targets, when this is a relationship of either kind.
    pub fn objects(&self) -> &[Iri] {
        match self {
            Content::Relationship { objects, .. } | Content::ListRelationship { objects, .. } => objects,
            _ => &[],
        }
    }
}

/// One instance of an attribute, as a client states it. What the platform adds (createdAt, modifiedAt)
/// stands in [`crate::Instance`].
#[derive(Debug, Clone, PartialEq)]
pub struct Attribute {
    /// What it says.
    pub content: Content,
    /// Which of several instances of the same attribute this is; the default one has none.
    pub dataset_id: Option<Iri>,
    /// When it was true in the world.
    pub observed_at: Option<Instant>,
    /// Unit of a number, a UN/CEFACT code.
    pub unit_code: Option<Box<str>>,
    /// When it stops being visible.
    pub expires_at: Option<Instant>,
    /// Attributes of the attribute, in the order written.
    pub attributes: Vec<(Iri, Vec<Attribute>)>,
}

impl Attribute {
    /// An attribute with nothing but its content.
    pub fn new(content: Content) -> Attribute {
        Attribute {
            content,
            dataset_id: None,
            observed_at: None,
            unit_code: None,
            expires_at: None,
            attributes: Vec::new(),
        }
    }

    /// A property.
    pub fn property(value: impl Into<Value>) -> Attribute {
        Attribute::new(Content::Property(value.into()))
    }

    /// A relationship to one target.
    pub fn relationship(object: Iri) -> Attribute {
        Attribute::new(Content::Relationship { objects: vec![object], many: false, object_types: Vec::new() })
    }

    /// The same with the time of observation.
    #[must_use]
    pub fn observed(mut self, at: Instant) -> Attribute {
        self.observed_at = Some(at);
        self
    }

    /// Heap and inline bytes, roughly.
    pub fn weight(&self) -> usize {
        let content = match &self.content {
            Content::Property(v) | Content::Json(v) => v.weight(),
            Content::Relationship { objects, .. } | Content::ListRelationship { objects, .. } => {
                64 * objects.len()
            }
            Content::Geo(g) => 24 * g.positions().count(),
            Content::Language(m) => m.iter().map(|(k, v)| k.len() + 16 + v.weight()).sum(),
            Content::Vocab { terms, .. } => 64 * terms.len(),
            Content::List(v) => v.iter().map(Value::weight).sum(),
        };
        let sub: usize =
            self.attributes.iter().flat_map(|(_, all)| all.iter().map(|a| 40 + a.weight())).sum();
        size_of::<Attribute>() + content + sub
    }
}

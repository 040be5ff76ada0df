//! What can be asked of the twin: the syntax tree of queries. Names are expanded IRIs; how a query is written
//! (NGSI-LD `q`, a pack view, a rule) is the business of the crate that parses it.
//!
//! Layout: this file holds the tree; [`matching`] says whether an entity fits it; [`geo`] answers geometry;
//! [`plan`] finds candidates through the indexes.

pub mod geo;
pub mod matching;
pub mod plan;

use std::sync::Arc;

use nacre_model::{EntityId, Geometry, Instant, Iri, Seq, Value};
use regex::Regex;

/// A query over entities. All parts present must hold.
#[derive(Debug, Clone, Default)]
pub struct Query {
    /// Wanted types; none means any.
    pub types: Option<TypeSelection>,
    /// Wanted ids; empty means any.
    pub ids: Vec<EntityId>,
    /// Wanted form of the id.
    pub id_pattern: Option<Pattern>,
    /// At least one of these attributes must be there; empty means no condition.
    pub attributes: Vec<Iri>,
    /// Condition on attribute values.
    pub filter: Option<Filter>,
    /// Condition on a geometry.
    pub geo: Option<GeoQuery>,
    /// Condition on scopes.
    pub scopes: Option<ScopeQuery>,
    /// Only instances with these dataset ids count (`None` inside: the default instance); empty means all.
    pub datasets: Vec<Option<Iri>>,
}

/// A page of an answer and what to count.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    /// Leave out this many first.
    pub offset: u64,
    /// At most this many.
    pub limit: u64,
    /// Whether the total is wanted.
    pub count: bool,
}

/// As of when to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AsOf {
    /// The present.
    #[default]
    Now,
    /// After this record.
    Seq(Seq),
    /// After the last record that is not later than this.
    Instant(Instant),
}

/// Boolean combination of types (CIM 009 §4.17).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TypeSelection {
    /// Has this type.
    Is(Iri),
    /// Any of these.
    Any(Vec<TypeSelection>),
    /// All of these.
    All(Vec<TypeSelection>),
}

/// A compiled regular expression that shows its source.
#[derive(Debug, Clone)]
pub struct Pattern(pub Arc<Regex>);

impl Pattern {
    /// Compiles with a bound on the automaton's size, so that a hostile pattern costs an error, not memory.
    pub fn new(source: &str) -> Result<Pattern, regex::Error> {
        regex::RegexBuilder::new(source).size_limit(1 << 20).build().map(|r| Pattern(Arc::new(r)))
    }
}

/// Condition on attribute values (CIM 009 §4.9).
#[derive(Debug, Clone)]
pub enum Filter {
    /// All hold.
    All(Vec<Filter>),
    /// One holds.
    Any(Vec<Filter>),
    /// The attribute is there.
    Exists(Path),
    /// The attribute is not there.
    Absent(Path),
    /// The value compares so.
    Compare {
        /// Left side.
        path: Path,
        /// How.
        operator: Operator,
        /// Right side.
        operand: Operand,
    },
}

/// Where a value lies: attribute, its sub-attributes, then members inside the value; or what a relationship leads to.
#[derive(Debug, Clone, PartialEq)]
pub struct Path {
    /// Expanded name of the attribute, then of sub-attributes (`a.b.c`).
    pub names: Vec<PathStep>,
    /// Members of a structured value, or a language tag (`a[b.c]`).
    pub members: Vec<Box<str>>,
    /// Follow the relationship `names` to entities (of these types, if given) and go on there
    /// (`a{Type}.b`).
    pub linked: Option<Box<LinkedPath>>,
}

/// A step of [`Path::names`].
#[derive(Debug, Clone, PartialEq)]
pub enum PathStep {
    /// A (sub-)attribute.
    Attribute(Iri),
    /// A member the platform knows for each attribute or entity.
    System(SystemMember),
}

/// Members that are not attributes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum SystemMember {
    CreatedAt,
    ModifiedAt,
    ObservedAt,
    UnitCode,
    DatasetId,
    ExpiresAt,
}

/// What a relationship leads to.
#[derive(Debug, Clone, PartialEq)]
pub struct LinkedPath {
    /// Types of the target; empty means any.
    pub types: Vec<Iri>,
    /// The path in the target.
    pub path: Path,
}

/// A comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Operator {
    Equal,
    Unequal,
    Greater,
    GreaterEqual,
    Less,
    LessEqual,
    MatchPattern,
    NotMatchPattern,
}

/// What is compared with.
#[derive(Debug, Clone)]
pub enum Operand {
    /// One value; a text that is a date-time also compares as an instant, one that is a URI also with relationship
    /// targets and vocabulary terms (expanded by the parser into [`Operand::Term`]).
    Value(Value),
    /// A text together with the IRI it expands to in the request's context.
    Term {
        /// As written.
        text: Box<str>,
        /// Expanded.
        iri: Iri,
    },
    /// Any of these (only with equal and unequal).
    List(Vec<Operand>),
    /// From the first to the second, both included.
    Range(Value, Value),
    /// A regular expression.
    Pattern(Pattern),
}

/// Condition on a geometry (CIM 009 §4.10).
#[derive(Debug, Clone)]
pub struct GeoQuery {
    /// Which attribute; the default is `location`.
    pub property: Iri,
    /// How the entity's geometry must lie to `geometry`.
    pub relation: GeoRelation,
    /// The reference.
    pub geometry: Geometry,
}

/// Spatial relations.
#[derive(Debug, Clone, Copy, PartialEq)]
#[allow(missing_docs)]
pub enum GeoRelation {
    /// Within this many metres (great circle).
    NearMax(f64),
    /// Farther than this many metres.
    NearMin(f64),
    Within,
    Contains,
    Intersects,
    Equals,
    Disjoint,
    Overlaps,
}

/// Condition on scopes (CIM 009 §4.19).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScopeQuery {
    /// The scope fits this pattern.
    Is(Vec<ScopeLevel>),
    /// Any of these.
    Any(Vec<ScopeQuery>),
    /// All of these.
    All(Vec<ScopeQuery>),
}

/// One level of a scope pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScopeLevel {
    /// Exactly this name.
    Name(Box<str>),
    /// Any one level (`+`).
    One,
    /// This and everything below, also nothing (`#`, only last).
    Below,
}

//! Finding candidates: which index promises the fewest, and reading it. Whatever an index yields is checked against
//! the whole query afterwards, so that a coarse index costs time, never truth.

use std::collections::BTreeSet;

use nacre_model::{AttributeKind, EntityId, Value};
use nacre_views::{IndexPlan, Reader, ViewError};

use super::geo::search_box;
use super::{Filter, Operand, Operator, PathStep, Query, TypeSelection};

/// Where candidates come from.
#[derive(Debug, Clone)]
pub enum Source {
    /// Exactly these.
    Ids(Vec<EntityId>),
    /// All of these types, merged in order of id.
    Types(Vec<nacre_model::Iri>),
    /// All there are.
    All,
}

/// Ids in order, none twice.
pub type Candidates<'a> = Box<dyn Iterator<Item = Result<EntityId, ViewError>> + Send + 'a>;

/// More ids than this from a secondary index are not gathered; the type index is walked instead.
const GATHER_MAX: usize = 200_000;

/// Chooses the source for a query on current state.
pub fn choose(query: &Query, reader: &Reader, indexes: &IndexPlan) -> Result<Source, ViewError> {
    if !query.ids.is_empty() {
        let ids: BTreeSet<EntityId> = query.ids.iter().cloned().collect();
        return Ok(Source::Ids(ids.into_iter().collect()));
    }
    let types = query.types.as_ref().map(needed_types);
    let by_type = match &types {
        None => u64::MAX,
        Some(types) => types.iter().map(|t| reader.count_of_type(t)).sum::<Result<u64, _>>()?,
    };
    if by_type > 64
        && let Some(ids) = secondary(query, reader, indexes)?
    {
        return Ok(Source::Ids(ids.into_iter().collect()));
    }
    Ok(types.map_or(Source::All, Source::Types))
}

/// Types of which an entity must have at least one.
fn needed_types(selection: &TypeSelection) -> Vec<nacre_model::Iri> {
    match selection {
        TypeSelection::Is(t) => vec![t.clone()],
        TypeSelection::Any(all) => all.iter().flat_map(needed_types).collect(),
        TypeSelection::All(all) => all.first().map(needed_types).unwrap_or_default(),
    }
}

fn secondary(
    query: &Query,
    reader: &Reader,
    indexes: &IndexPlan,
) -> Result<Option<BTreeSet<EntityId>>, ViewError> {
    if let Some(filter) = &query.filter {
        for condition in conjuncts(filter) {
            if let Some(ids) = by_condition(condition, reader, indexes)? {
                return Ok(Some(ids));
            }
        }
    }
    if let Some(geo) = &query.geo
        && let Some(bounds) = search_box(geo)
    {
        let ids = reader.ids_in_box(&geo.property, &bounds)?;
        if ids.len() <= GATHER_MAX {
            return Ok(Some(ids.into_iter().collect()));
        }
    }
    Ok(None)
}

fn conjuncts(filter: &Filter) -> Vec<&Filter> {
    match filter {
        Filter::All(all) => all.iter().flat_map(conjuncts).collect(),
        other => vec![other],
    }
}

fn by_condition(
    condition: &Filter,
    reader: &Reader,
    indexes: &IndexPlan,
) -> Result<Option<BTreeSet<EntityId>>, ViewError> {
    let Filter::Compare { path, operator, operand } = condition else { return Ok(None) };
    let ([PathStep::Attribute(name)], true, None) =
        (path.names.as_slice(), path.members.is_empty(), &path.linked)
    else {
        return Ok(None);
    };
    let gather = |ids: &mut dyn Iterator<Item = Result<EntityId, ViewError>>| {
        let ids: BTreeSet<EntityId> = ids.take(GATHER_MAX + 1).collect::<Result<_, _>>()?;
        Ok(Some(ids).filter(|ids| ids.len() <= GATHER_MAX))
    };
    // An index knows only its own kinds; where an attribute is of another kind in some entity, it is not asked.
    let kinds = reader.kinds_of(name)?;
    let only = |wanted: &[AttributeKind]| kinds.iter().all(|k| wanted.contains(k));
    if *operator == Operator::Equal && only(&[AttributeKind::Relationship, AttributeKind::ListRelationship]) {
        let target = match operand {
            Operand::Value(Value::Text(text)) => Some(text),
            Operand::Term { text, .. } => Some(text),
            _ => None,
        };
        if let Some(target) = target {
            return gather(&mut reader.ids_related(target, name));
        }
    }
    if !indexes.attributes.contains(name) || !only(&[AttributeKind::Property, AttributeKind::ListProperty]) {
        return Ok(None);
    }
    let exact = |v: &Value| v.as_text().is_none_or(|t| nacre_model::Instant::parse(t).is_none());
    let text;
    let (low, high) = match (operator, operand) {
        (Operator::Equal, Operand::Range(low, high)) if exact(low) && exact(high) => (Some(low), Some(high)),
        (Operator::Equal, Operand::Value(v)) if exact(v) => (Some(v), Some(v)),
        (Operator::Equal, Operand::Term { text: t, .. }) => {
            text = Value::Text(t.clone());
            (Some(&text), Some(&text))
        }
        (
            Operator::Greater | Operator::GreaterEqual,
            Operand::Value(v @ (Value::Int(_) | Value::Float(_))),
        ) => (Some(v), None),
        (Operator::Less | Operator::LessEqual, Operand::Value(v @ (Value::Int(_) | Value::Float(_)))) => {
            (None, Some(v))
        }
        _ => return Ok(None),
    };
    gather(&mut reader.ids_by_value(name, low, high))
}

/// Reads the source, beginning with the first id that is not before `from`.
pub fn candidates<'a>(source: &'a Source, reader: &'a Reader, ever: bool) -> Candidates<'a> {
    match source {
        Source::Ids(ids) => Box::new(ids.iter().cloned().map(Ok)),
        Source::All if ever => Box::new(reader.all_ids_ever()),
        Source::All => reader.all_ids(None),
        Source::Types(types) if types.len() == 1 => reader.ids_of_type(&types[0], ever),
        Source::Types(types) => {
            Box::new(Merged::new(types.iter().map(|t| reader.ids_of_type(t, ever)).collect()))
        }
    }
}

/// Several ordered streams as one, without repetition.
struct Merged<'a> {
    streams: Vec<std::iter::Peekable<Candidates<'a>>>,
}

impl<'a> Merged<'a> {
    fn new(streams: Vec<Candidates<'a>>) -> Merged<'a> {
        Merged { streams: streams.into_iter().map(Iterator::peekable).collect() }
    }
}

impl Iterator for Merged<'_> {
    type Item = Result<EntityId, ViewError>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut least: Option<EntityId> = None;
        for stream in &mut self.streams {
            match stream.peek() {
                Some(Err(_)) => return stream.next(),
                Some(Ok(id)) if least.as_ref().is_none_or(|l| id < l) => least = Some(id.clone()),
                _ => {}
            }
        }
        let least = least?;
        for stream in &mut self.streams {
            while matches!(stream.peek(), Some(Ok(id)) if *id == least) {
                stream.next();
            }
        }
        Some(Ok(least))
    }
}

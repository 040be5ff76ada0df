//! Whether an entity fits a query. Pure; the only thing it cannot see by itself, the target of a relationship, comes
//! in through [`Links`].
//!
//! What has expired is not there. Several instances of an attribute: one that fits is enough. A list: one item that
//! fits is enough (CIM 009 §4.9).

use std::cmp::Ordering;
use std::sync::Arc;

use nacre_model::{Attribute, Content, Entity, EntityId, Instance, Instant, Iri, Value};

use super::{
    Filter, LinkedPath, Operand, Operator, Path, PathStep, Query, ScopeLevel, ScopeQuery, SystemMember,
    TypeSelection, geo,
};

/// Access to the targets of relationships.
pub trait Links {
    /// The entity a relationship leads to, as of the same moment.
    fn entity(&self, id: &EntityId) -> Option<Arc<Entity>>;
}

/// No relationship leads anywhere.
pub struct NoLinks;

impl Links for NoLinks {
    fn entity(&self, _: &EntityId) -> Option<Arc<Entity>> {
        None
    }
}

/// Whether `entity` fits `query` at `now`.
pub fn matches(query: &Query, entity: &Entity, now: Instant, links: &dyn Links) -> bool {
    !entity.expired(now)
        && (query.ids.is_empty() || query.ids.contains(&entity.id))
        && query.id_pattern.as_ref().is_none_or(|p| p.0.is_match(entity.id.as_str()))
        && query.types.as_ref().is_none_or(|t| has_type(t, &entity.types))
        && (query.attributes.is_empty()
            || query.attributes.iter().any(|a| has_attribute(entity, a, query, now)))
        && query.scopes.as_ref().is_none_or(|s| in_scope(s, entity))
        && query.geo.as_ref().is_none_or(|g| fits_geometry(g, entity, query, now))
        && query.filter.as_ref().is_none_or(|f| fits(f, &Scene { entity, query, now, links }))
}

/// Whether types satisfy a selection.
pub fn has_type(selection: &TypeSelection, types: &[Iri]) -> bool {
    match selection {
        TypeSelection::Is(t) => types.contains(t),
        TypeSelection::Any(all) => all.iter().any(|s| has_type(s, types)),
        TypeSelection::All(all) => all.iter().all(|s| has_type(s, types)),
    }
}

fn counted<'a>(
    entity: &'a Entity,
    name: &Iri,
    query: &'a Query,
    now: Instant,
) -> impl Iterator<Item = &'a Instance> + use<'a> {
    entity.attributes.get(name).into_iter().flatten().filter(move |i| {
        !i.expired(now) && (query.datasets.is_empty() || query.datasets.contains(&i.attribute.dataset_id))
    })
}

fn has_attribute(entity: &Entity, name: &Iri, query: &Query, now: Instant) -> bool {
    counted(entity, name, query, now).next().is_some()
}

fn fits_geometry(asked: &super::GeoQuery, entity: &Entity, query: &Query, now: Instant) -> bool {
    counted(entity, &asked.property, query, now).any(|i| match &i.attribute.content {
        Content::Geo(geometry) => geo::holds(asked, geometry),
        _ => false,
    })
}

fn in_scope(query: &ScopeQuery, entity: &Entity) -> bool {
    match query {
        ScopeQuery::Any(all) => all.iter().any(|q| in_scope(q, entity)),
        ScopeQuery::All(all) => all.iter().all(|q| in_scope(q, entity)),
        ScopeQuery::Is(pattern) => entity.scopes.iter().any(|s| {
            let levels: Vec<&str> = s.as_str().split('/').skip(1).collect();
            fits_scope(pattern, &levels)
        }),
    }
}

fn fits_scope(pattern: &[ScopeLevel], levels: &[&str]) -> bool {
    match (pattern, levels) {
        ([], []) | ([ScopeLevel::Below], _) => true,
        ([ScopeLevel::One, pattern @ ..], [_, levels @ ..]) => fits_scope(pattern, levels),
        ([ScopeLevel::Name(name), pattern @ ..], [level, levels @ ..]) => {
            **name == **level && fits_scope(pattern, levels)
        }
        _ => false,
    }
}

struct Scene<'a> {
    entity: &'a Entity,
    query: &'a Query,
    now: Instant,
    links: &'a dyn Links,
}

fn fits(filter: &Filter, scene: &Scene<'_>) -> bool {
    match filter {
        Filter::All(all) => all.iter().all(|f| fits(f, scene)),
        Filter::Any(all) => all.iter().any(|f| fits(f, scene)),
        Filter::Exists(path) => exists(path, scene),
        Filter::Absent(path) => !exists(path, scene),
        Filter::Compare { path, operator, operand } => {
            let found = find(path, scene);
            match operator {
                // Unequal and "does not match" speak of all values, the others of any.
                Operator::Unequal | Operator::NotMatchPattern => {
                    !found.is_empty() && !found.iter().any(|v| compares(v, positive(*operator), operand))
                }
                operator => found.iter().any(|v| compares(v, *operator, operand)),
            }
        }
    }
}

/// An attribute is there even when its value is an empty list.
fn exists(path: &Path, scene: &Scene<'_>) -> bool {
    match (path.names.as_slice(), path.members.is_empty(), &path.linked) {
        ([PathStep::Attribute(name)], true, None) => {
            counted(scene.entity, name, scene.query, scene.now).next().is_some()
        }
        _ => !find(path, scene).is_empty(),
    }
}

fn positive(operator: Operator) -> Operator {
    match operator {
        Operator::Unequal => Operator::Equal,
        Operator::NotMatchPattern => Operator::MatchPattern,
        other => other,
    }
}

/// A value found at a path.
#[derive(Debug, Clone, PartialEq)]
enum Found {
    Value(Value),
    /// A relationship target or a vocabulary term.
    Term(Iri),
    Instant(Instant),
}

/// Most links followed from one entity for one path.
const LINKS_MAX: usize = 100;

fn find(path: &Path, scene: &Scene<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    let Some((first, rest)) = path.names.split_first() else { return found };
    match first {
        PathStep::System(member) => {
            let at = match member {
                SystemMember::CreatedAt => Some(scene.entity.created_at),
                SystemMember::ModifiedAt => Some(scene.entity.modified_at),
                SystemMember::ExpiresAt => scene.entity.expires_at,
                _ => None,
            };
            found.extend(at.map(Found::Instant));
        }
        PathStep::Attribute(name) => {
            for instance in counted(scene.entity, name, scene.query, scene.now) {
                match rest {
                    [PathStep::System(SystemMember::CreatedAt)] => {
                        found.push(Found::Instant(instance.created_at))
                    }
                    [PathStep::System(SystemMember::ModifiedAt)] => {
                        found.push(Found::Instant(instance.modified_at))
                    }
                    _ => descend(&instance.attribute, rest, path, scene, &mut found),
                }
            }
        }
    }
    found
}

fn descend(
    attribute: &Attribute,
    steps: &[PathStep],
    path: &Path,
    scene: &Scene<'_>,
    found: &mut Vec<Found>,
) {
    match steps.split_first() {
        None => match &path.linked {
            None => contents(attribute, &path.members, found),
            Some(linked) => follow(attribute, linked, scene, found),
        },
        Some((PathStep::System(member), _)) => found.extend(match member {
            SystemMember::ObservedAt => attribute.observed_at.map(Found::Instant),
            SystemMember::ExpiresAt => attribute.expires_at.map(Found::Instant),
            SystemMember::UnitCode => attribute.unit_code.clone().map(|u| Found::Value(Value::Text(u))),
            SystemMember::DatasetId => attribute.dataset_id.clone().map(Found::Term),
            SystemMember::CreatedAt | SystemMember::ModifiedAt => None,
        }),
        Some((PathStep::Attribute(name), rest)) => {
            for sub in attribute.attributes.iter().filter(|(n, _)| n == name).flat_map(|(_, all)| all) {
                descend(sub, rest, path, scene, found);
            }
        }
    }
}

fn follow(attribute: &Attribute, linked: &LinkedPath, scene: &Scene<'_>, found: &mut Vec<Found>) {
    for object in attribute.content.objects().iter().take(LINKS_MAX) {
        let Some(target) = EntityId::new(object.as_str()).ok().and_then(|id| scene.links.entity(&id)) else {
            continue;
        };
        let of_type = linked.types.is_empty() || linked.types.iter().any(|t| target.types.contains(t));
        if of_type && !target.expired(scene.now) {
            let there = Scene { entity: &target, query: scene.query, now: scene.now, links: scene.links };
            found.extend(find(&linked.path, &there));
        }
    }
}

fn contents(attribute: &Attribute, members: &[Box<str>], found: &mut Vec<Found>) {
    match &attribute.content {
        Content::Property(value) | Content::Json(value) => values(value, members, found),
        Content::List(items) => items.iter().for_each(|v| values(v, members, found)),
        Content::Relationship { objects, .. } | Content::ListRelationship { objects, .. } => {
            found.extend(objects.iter().cloned().map(Found::Term));
        }
        Content::Vocab { terms, .. } => found.extend(terms.iter().cloned().map(Found::Term)),
        Content::Geo(geometry) => {
            if members.is_empty() {
                found.push(Found::Value(Value::text(geometry.type_name())));
            }
        }
        Content::Language(map) => {
            let wanted = members.first().map_or("*", |m| &**m);
            for (_, text) in map.iter().filter(|(tag, _)| wanted == "*" || &**tag == wanted) {
                values(text, &[], found);
            }
        }
    }
}

fn values(value: &Value, members: &[Box<str>], found: &mut Vec<Found>) {
    match (value, members.split_first()) {
        (Value::List(items), _) => items.iter().for_each(|v| values(v, members, found)),
        (value, None) => found.push(Found::Value(typed(value).clone())),
        (Value::Map(_), Some((name, rest))) => {
            if let Some(inner) = value.get(name) {
                values(inner, rest, found);
            }
        }
        _ => {}
    }
}

/// The value inside a typed value (`{"@type": "DateTime", "@value": …}`).
fn typed(value: &Value) -> &Value {
    value.get("@value").unwrap_or(value)
}

fn compares(found: &Found, operator: Operator, operand: &Operand) -> bool {
    // §4.9: targets and terms have no order and are not matched by pattern.
    if matches!(found, Found::Term(_)) && operator != Operator::Equal {
        return false;
    }
    match operand {
        Operand::List(all) => all.iter().any(|o| compares(found, operator, o)),
        Operand::Range(low, high) => {
            let within =
                |v: &Value, wanted: &[Ordering]| order(found, v).is_some_and(|o| wanted.contains(&o));
            within(low, &[Ordering::Greater, Ordering::Equal])
                && within(high, &[Ordering::Less, Ordering::Equal])
        }
        Operand::Pattern(pattern) => match found {
            Found::Value(Value::Text(text)) => pattern.0.is_match(text),
            Found::Term(iri) => pattern.0.is_match(iri.as_str()),
            _ => false,
        },
        Operand::Term { text, iri } => match found {
            Found::Term(term) => ordered(term.cmp(iri), operator) || &**text == term.as_str(),
            found => order(found, &Value::Text(text.clone())).is_some_and(|o| ordered(o, operator)),
        },
        Operand::Value(value) => order(found, value).is_some_and(|o| ordered(o, operator)),
    }
}

fn ordered(order: Ordering, operator: Operator) -> bool {
    match operator {
        Operator::Equal => order.is_eq(),
        Operator::Unequal => order.is_ne(),
        Operator::Greater => order.is_gt(),
        Operator::GreaterEqual => order.is_ge(),
        Operator::Less => order.is_lt(),
        Operator::LessEqual => order.is_le(),
        Operator::MatchPattern | Operator::NotMatchPattern => false,
    }
}

/// How a found value compares with an operand; values of different kinds do not.
fn order(found: &Found, operand: &Value) -> Option<Ordering> {
    match (found, operand) {
        (Found::Instant(at), Value::Text(text)) => Instant::parse(text).map(|o| at.cmp(&o)),
        (Found::Term(iri), Value::Text(text)) => Some(iri.as_str().cmp(text)),
        (Found::Value(Value::Bool(a)), Value::Bool(b)) => Some(a.cmp(b)),
        (Found::Value(Value::Null), Value::Null) => Some(Ordering::Equal),
        (Found::Value(Value::Text(a)), Value::Text(b)) => {
            let looks_like_time = |t: &str| t.len() >= 19 && t.as_bytes()[4] == b'-';
            if looks_like_time(a)
                && looks_like_time(b)
                && let (Some(a), Some(b)) = (Instant::parse(a), Instant::parse(b))
            {
                return Some(a.cmp(&b));
            }
            Some(a.cmp(b))
        }
        (Found::Value(a), b) => a.as_number()?.partial_cmp(&b.as_number()?),
        _ => None,
    }
}

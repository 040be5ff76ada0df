//! From rows of history to instances in a window.
//!
//! Rows come oldest first, from the first row of the entity on: whether an attribute existed, and since when, follows
//! from them. An instance restated for the same time of observation (CIM 009 §5.6.12) takes the place of the older
//! one. What was withdrawn does not count, not even as something that could be deleted.

use std::collections::HashMap;

use indexmap::IndexMap;
use nacre_model::{
    Attribute, AttributeKind, Change, Content, DeleteReach, Entity, EntityId, Geometry, Instance, Instant,
    Iri, Scope, Seq, Value,
};
use nacre_views::HistoryRow;
use nacre_views::reader::RowState;

use super::query::{TemporalQuery, TimeProperty};
use crate::errors::{ErrorKind, NgsiError};

/// How many instances of one entity a query may hold in memory.
pub const INSTANCES_MAX: usize = 1_000_000;

/// An instance of the past.
#[derive(Debug, Clone, PartialEq)]
pub struct PastInstance {
    /// What was stated; of a deleted one only kind and dataset id count.
    pub attribute: Attribute,
    /// When the attribute came to be.
    pub created_at: Instant,
    /// When this was stated.
    pub modified_at: Instant,
    /// When it was deleted, if this tells of a deletion.
    pub deleted_at: Option<Instant>,
    /// Record, and index among the changes of the entity's row.
    pub instance: (Seq, u32),
}

impl PastInstance {
    /// The time that counts for a query.
    pub fn time(&self, property: TimeProperty) -> Option<Instant> {
        match (property, self.deleted_at) {
            (TimeProperty::DeletedAt, at) => at,
            (_, Some(_)) => None,
            (TimeProperty::ObservedAt, None) => self.attribute.observed_at,
            (TimeProperty::CreatedAt, None) => Some(self.created_at),
            (TimeProperty::ModifiedAt, None) => Some(self.modified_at),
        }
    }
}

/// The instances of one attribute in the window, by time.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PastAttribute {
    /// Oldest first; newest first once cut with `lastN`.
    pub instances: Vec<PastInstance>,
    /// The kind, also when a cut has left no instance.
    pub kind: Option<AttributeKind>,
}

/// Scopes from one moment on.
#[derive(Debug, Clone, PartialEq)]
pub struct PastScopes {
    /// None means they were taken away.
    pub scopes: Vec<Scope>,
    /// When.
    pub at: Instant,
    /// When the entity first had scopes.
    pub created_at: Instant,
}

/// An entity through time, as far as it lies in the window.
#[derive(Debug, Clone, PartialEq)]
pub struct Evolution {
    /// Which entity.
    pub id: EntityId,
    /// Its latest types; none means that nothing is known of it.
    pub types: Vec<Iri>,
    /// Its latest scopes.
    pub scopes: Vec<Scope>,
    /// When it came to be.
    pub created_at: Instant,
    /// When any part of it last changed.
    pub modified_at: Instant,
    /// When it was deleted, if it is gone now.
    pub deleted_at: Option<Instant>,
    /// When it expires.
    pub expires_at: Option<Instant>,
    /// Scopes in the window.
    pub past_scopes: Vec<PastScopes>,
    /// Instances in the window; attributes without any are not there.
    pub attributes: IndexMap<Iri, PastAttribute>,
}

impl Evolution {
    /// Whether anything is known of the entity.
    pub fn is_known(&self) -> bool {
        !self.types.is_empty()
    }

    /// Whether any of these attributes (of all, when none are named) has an instance in the window: a query leaves
    /// out entities without (CIM 009 §5.7.4.4).
    pub fn has_instances(&self, names: &[Iri]) -> bool {
        self.attributes
            .iter()
            .any(|(n, a)| !a.instances.is_empty() && (names.is_empty() || names.contains(n)))
    }

    /// An entity that has all instances of the window at once, for `q`, geo-query and the rest to be asked of.
    pub fn as_entity(&self) -> Entity {
        let instance = |p: &PastInstance| Instance {
            attribute: p.attribute.clone(),
            created_at: p.created_at,
            modified_at: p.modified_at,
        };
        let stated = |a: &PastAttribute| -> Vec<Instance> {
            a.instances.iter().filter(|p| p.deleted_at.is_none()).map(instance).collect()
        };
        Entity {
            id: self.id.clone(),
            types: self.types.clone(),
            scopes: self.scopes.clone(),
            attributes: self
                .attributes
                .iter()
                .map(|(n, a)| (n.clone(), stated(a)))
                .filter(|(_, all)| !all.is_empty())
                .collect(),
            created_at: self.created_at,
            modified_at: self.modified_at,
            expires_at: None,
            seq: Seq::ZERO,
            revision: 0,
        }
    }
}

/// Makes an evolution of all rows of an entity, oldest first. What has expired at `now` is not there.
pub fn assemble<'r>(
    id: &EntityId,
    rows: impl IntoIterator<Item = &'r HistoryRow>,
    query: &TemporalQuery,
    now: Instant,
) -> Result<Evolution, NgsiError> {
    let mut collector = Collector::new(id, query, now);
    for row in rows {
        collector.push(row)?;
    }
    Ok(collector.finish())
}

/// Takes rows one by one and keeps what lies in the window.
pub struct Collector<'q> {
    query: &'q TemporalQuery,
    now: Instant,
    evolution: Evolution,
    standing: HashMap<Key, Standing>,
    observed: HashMap<(Key, Instant), usize>,
    kept: Vec<Option<(Iri, PastInstance)>>,
}

/// Attribute and dataset.
type Key = (Iri, Option<Iri>);

struct Standing {
    kind: AttributeKind,
    created_at: Instant,
}

impl<'q> Collector<'q> {
    /// Begins before the first row.
    pub fn new(id: &EntityId, query: &'q TemporalQuery, now: Instant) -> Collector<'q> {
        let evolution = Evolution {
            id: id.clone(),
            types: Vec::new(),
            scopes: Vec::new(),
            created_at: Instant::MIN,
            modified_at: Instant::MIN,
            deleted_at: None,
            expires_at: None,
            past_scopes: Vec::new(),
            attributes: IndexMap::new(),
        };
        let (standing, observed, kept) = (HashMap::new(), HashMap::new(), Vec::new());
        Collector { query, now, evolution, standing, observed, kept }
    }

    /// Takes the next row.
    pub fn push(&mut self, row: &HistoryRow) -> Result<(), NgsiError> {
        for (index, change) in row.changes.iter().enumerate() {
            let index = u32::try_from(index).unwrap_or(u32::MAX);
            if !row.hidden.contains(&index) {
                self.change(change, row, (row.seq, index));
            }
        }
        if let (RowState::Full(entity), true) = (&row.state, self.evolution.types.is_empty()) {
            // The rows before this one were not given.
            let e = &mut self.evolution;
            (e.types, e.scopes) = (entity.types.clone(), entity.scopes.clone());
            (e.created_at, e.expires_at) = (entity.created_at, entity.expires_at);
        }
        self.evolution.modified_at = row.at;
        if self.kept.len() > INSTANCES_MAX {
            let what =
                format!("more than {INSTANCES_MAX} instances of one entity; ask for a smaller time range");
            return Err(NgsiError::new(ErrorKind::TooComplexQuery, what));
        }
        Ok(())
    }

    fn change(&mut self, change: &Change, row: &HistoryRow, instance: (Seq, u32)) {
        let evolution = &mut self.evolution;
        match change {
            Change::CreateEntity { types, scopes, expires_at, .. } => {
                evolution.types.clone_from(types);
                evolution.created_at = row.at;
                evolution.expires_at = *expires_at;
                evolution.deleted_at = None;
                self.scopes(scopes, row.at);
            }
            Change::SetTypes { types, .. } => evolution.types.clone_from(types),
            Change::SetExpiry { expires_at, .. } => evolution.expires_at = *expires_at,
            Change::SetScopes { scopes, .. } => self.scopes(scopes, row.at),
            Change::DeleteEntity { .. } => {
                evolution.deleted_at = Some(row.at);
                self.delete(None, &DeleteReach::All, row.at, instance);
            }
            Change::DeleteAttribute { name, reach, .. } => self.delete(Some(name), reach, row.at, instance),
            Change::SetAttribute { name, attribute, .. } => {
                self.state(name, attribute, row.at, instance, false)
            }
            Change::AddHistory { name, attribute, .. } => self.state(name, attribute, row.at, instance, true),
            Change::EraseHistory { name: None, instance: None, .. } => {
                let id = evolution.id.clone();
                *self = Collector::new(&id, self.query, self.now);
            }
            _ => {}
        }
    }

    fn scopes(&mut self, scopes: &[Scope], at: Instant) {
        let evolution = &mut self.evolution;
        let had = std::mem::replace(&mut evolution.scopes, scopes.to_vec());
        if had.is_empty() && scopes.is_empty() {
            return;
        }
        let created_at = evolution.past_scopes.last().map_or(at, |p| p.created_at);
        evolution.past_scopes.push(PastScopes { scopes: scopes.to_vec(), at, created_at });
    }

    fn state(&mut self, name: &Iri, attribute: &Attribute, at: Instant, instance: (Seq, u32), added: bool) {
        let key = (name.clone(), attribute.dataset_id.clone());
        let kind = attribute.content.kind();
        let standing = self.standing.entry(key.clone()).or_insert(Standing { kind, created_at: at });
        standing.kind = kind;
        // An instance added to history came to be when it was added; a restated one when the attribute did.
        let created_at = if added { at } else { standing.created_at };
        let attribute = attribute.clone();
        let observed_at = attribute.observed_at;
        let past = PastInstance { attribute, created_at, modified_at: at, deleted_at: None, instance };
        let place = self.kept.len();
        if let Some(older) = observed_at.and_then(|o| self.observed.insert((key, o), place))
            && let Some(kept) = self.kept.get_mut(older)
        {
            *kept = None;
        }
        self.keep(name, past);
    }

    fn delete(&mut self, name: Option<&Iri>, reach: &DeleteReach, at: Instant, instance: (Seq, u32)) {
        let gone = |(n, dataset): &Key| {
            name.is_none_or(|name| name == n)
                && match reach {
                    DeleteReach::All => true,
                    DeleteReach::Dataset(id) => id == dataset,
                }
        };
        let mut deleted: Vec<(Key, Standing)> = self.standing.extract_if(|key, _| gone(key)).collect();
        deleted.sort_by(|(a, _), (b, _)| a.cmp(b));
        for ((name, dataset_id), standing) in deleted {
            let mut attribute = Attribute::new(empty(standing.kind));
            attribute.dataset_id = dataset_id;
            let created_at = standing.created_at;
            self.keep(
                &name,
                PastInstance { attribute, created_at, modified_at: at, deleted_at: Some(at), instance },
            );
        }
    }

    /// Keeps what lies in the window. A place is taken in any case: places are what `observed` remembers.
    fn keep(&mut self, name: &Iri, past: PastInstance) {
        let seen = past.attribute.expires_at.is_none_or(|at| at > self.now)
            && past.time(self.query.property).is_some_and(|at| self.query.contains(at));
        self.kept.push(seen.then(|| (name.clone(), past)));
    }

    /// Ends after the last row.
    pub fn finish(self) -> Evolution {
        let (query, mut evolution) = (self.query, self.evolution);
        for (name, past) in self.kept.into_iter().flatten() {
            let attribute = evolution.attributes.entry(name).or_default();
            attribute.kind.get_or_insert(past.attribute.content.kind());
            attribute.instances.push(past);
        }
        for attribute in evolution.attributes.values_mut() {
            attribute.instances.sort_by_key(|p| p.time(query.property));
        }
        let in_window = |p: &PastScopes| match query.property {
            TimeProperty::DeletedAt => p.scopes.is_empty() && query.contains(p.at),
            TimeProperty::CreatedAt => !p.scopes.is_empty() && query.contains(p.created_at),
            _ => !p.scopes.is_empty() && query.contains(p.at),
        };
        evolution.past_scopes.retain(in_window);
        evolution
    }
}

/// Content of a kind that says nothing, for tombstones.
fn empty(kind: AttributeKind) -> Content {
    match kind {
        AttributeKind::Property => Content::Property(Value::Null),
        AttributeKind::Relationship => {
            Content::Relationship { objects: Vec::new(), many: false, object_types: Vec::new() }
        }
        AttributeKind::GeoProperty => Content::Geo(Geometry::Collection(Vec::new())),
        AttributeKind::LanguageProperty => Content::Language(Vec::new()),
        AttributeKind::VocabProperty => Content::Vocab { terms: Vec::new(), many: false },
        AttributeKind::JsonProperty => Content::Json(Value::Null),
        AttributeKind::ListProperty => Content::List(Vec::new()),
        AttributeKind::ListRelationship => {
            Content::ListRelationship { objects: Vec::new(), object_types: Vec::new() }
        }
    }
}

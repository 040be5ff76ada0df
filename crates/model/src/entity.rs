//! An entity as it stands: types, scopes, attribute instances, and the times the platform keeps.

use indexmap::IndexMap;

use crate::attribute::Attribute;
use crate::id::{EntityId, Iri, Scope, Seq};
use crate::time::Instant;

/// An attribute instance with the times the platform keeps for it.
#[derive(Debug, Clone, PartialEq)]
pub struct Instance {
    /// What a client stated.
    pub attribute: Attribute,
    /// When this instance first came to be.
    pub created_at: Instant,
    /// When it was last stated.
    pub modified_at: Instant,
}

impl Instance {
    /// Whether the instance is past its `expiresAt` at `now` and so no longer to be seen.
    pub fn expired(&self, now: Instant) -> bool {
        self.attribute.expires_at.is_some_and(|at| at <= now)
    }
}

/// The state of an entity after a record.
///
/// Invariants: at least one type; types and scopes without repetition; for each attribute at least one
/// instance and at most one per dataset id.
#[derive(Debug, Clone, PartialEq)]
pub struct Entity {
    /// Its id.
    pub id: EntityId,
    /// Expanded types, in the order stated.
    pub types: Vec<Iri>,
    /// Scopes, in the order stated.
    pub scopes: Vec<Scope>,
    /// Instances by attribute name, in the order first stated.
    pub attributes: IndexMap<Iri, Vec<Instance>>,
    /// When it came to be.
    pub created_at: Instant,
    /// When any part of it last changed.
    pub modified_at: Instant,
    /// When it stops being visible.
    pub expires_at: Option<Instant>,
    /// The record that made this state.
    pub seq: Seq,
    /// How many records made it, from 1; history keeps a full state at regular revisions.
    pub revision: u64,
}

impl Entity {
    /// Whether the entity is past its `expiresAt`.
    pub fn expired(&self, now: Instant) -> bool {
        self.expires_at.is_some_and(|at| at <= now)
    }

    /// The instance of `name` with this dataset id.
    pub fn instance(&self, name: &str, dataset_id: Option<&Iri>) -> Option<&Instance> {
        self.attributes.get(name)?.iter().find(|i| i.attribute.dataset_id.as_ref() == dataset_id)
    }

    /// Heap and inline bytes, roughly.
    pub fn weight(&self) -> usize {
        let attributes: usize = self
            .attributes
            .values()
            .map(|all| 64 + all.iter().map(|i| 16 + i.attribute.weight()).sum::<usize>())
            .sum();
        size_of::<Entity>()
            + self.id.as_str().len()
            + 32 * (self.types.len() + self.scopes.len())
            + attributes
    }
}

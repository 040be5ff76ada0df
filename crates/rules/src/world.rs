//! What the engine asks of its surroundings, and what it is told.

use std::sync::Arc;

use nacre_model::{Entity, EntityId, Instant, Iri, Seq};

/// The entities as they stand. Called from within [`crate::Engine`] only; answers must not depend on the clock.
pub trait World {
    /// An entity.
    fn entity(&self, id: &EntityId) -> Option<Arc<Entity>>;
    /// Numeric values of an attribute (short name) observed in `(from, to]`, oldest first.
    fn history(&self, id: &EntityId, attribute: &str, from: Instant, to: Instant) -> Vec<(Instant, f64)>;
    /// Ids of the entities of a type (short name), always in the same order.
    fn of_type(&self, short: &str) -> Vec<EntityId>;
    /// The short name of an expanded one. Always the same for the same name.
    fn short(&self, iri: &Iri) -> String;
}

/// One record as it touched one entity.
#[derive(Debug, Clone, Copy)]
pub struct Observed<'a> {
    /// Which entity.
    pub id: &'a EntityId,
    /// The entity before the record; none when it came to be.
    pub before: Option<&'a Entity>,
    /// The entity after the record; none when it ceased to be.
    pub after: Option<&'a Entity>,
    /// Expanded names of the attributes the record stated or took away.
    pub changed: &'a [Iri],
    /// The record. A record is taken once: an older or equal one of the same entity adds to windows and nothing else.
    /// [`Seq::ZERO`] is not counted.
    pub seq: Seq,
    /// When the record was decided.
    pub at: Instant,
}

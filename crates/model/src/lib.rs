//! The vocabulary every other crate speaks: ids, instants, values, geometry, entities and the changes
//! that records carry. No JSON, no bytes, no IO; nothing here depends on another crate of ours.
//!
//! Reading order: [`id`] → [`time`] → [`value`] → [`geometry`] → [`attribute`] → [`entity`] →
//! [`change`] → [`record`]; [`datum`] converts Chinese map datums at the edge, [`world`] is the only door
//! to clock and randomness.

pub mod attribute;
pub mod change;
pub mod datum;
pub mod entity;
pub mod geometry;
pub mod id;
pub mod record;
pub mod time;
pub mod value;
pub mod world;

pub use attribute::{Attribute, AttributeKind, Content};
pub use change::{Change, DeleteReach};
pub use entity::{Entity, Instance};
pub use geometry::{Bounds, Geometry, Position};
pub use id::{Actor, DocumentKey, EntityId, IdError, Iri, Scope, Seq, TenantId};
pub use record::Record;
pub use time::Instant;
pub use value::Value;
pub use world::{Clock, Entropy, ManualClock, SystemClock};

//! Entities and fragments of entities on the way in: normalized, concise or simplified JSON becomes a draft
//! for a command (CIM 009 §4.5, §5.5.4).
//!
//! Every error names the JSON pointer of the place and what to do. What a broker alone writes (`createdAt`,
//! `instanceId`, `previousValue`…) is passed over, so that a client may send back what it read.
//!
//! `valueType` is kept as a sub-attribute named [`VALUE_TYPE`].

mod attribute;
mod content;
mod entity;
mod fragment;
mod geometry;
mod given;
mod path;
mod temporal;

pub use attribute::VALUE_TYPE;
pub use entity::{Mode, parse_entity, parse_fragment, parse_update};
pub use fragment::{MergeOptions, parse_attribute, parse_merge, parse_partial, place_language};
pub use geometry::geometry_in;
pub use temporal::{parse_instance, parse_temporal_entity, parse_temporal_fragment};

/// Where `urn:ngsi-ld:null` may stand (§5.5.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Nulls {
    /// Nowhere.
    Refused,
    /// As attribute, as content, as member of an attribute: partial updates.
    Members,
    /// Inside values too: merges.
    Anywhere,
}

#[cfg(test)]
mod tests;

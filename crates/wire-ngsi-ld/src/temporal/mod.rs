//! The temporal evolution of entities (CIM 009 §4.5.6 to §4.5.9, §4.5.19, §4.11, §5.7.3, §5.7.4).
//!
//! Reading order: [`query`] (what is asked) with [`period`] → [`evolution`] (history rows become instances in the
//! window) → [`page`] (`lastN`, and the cut of a 206) → `write` and `aggregate` (the three forms).
//!
//! A caller collects each entity of a page, keeps those that pass the rest of the query
//! ([`Evolution::as_entity`] stands for the instances in the window), cuts all of them at one instant, and writes.

pub mod aggregate;
pub mod evolution;
pub mod page;
pub mod period;
pub mod query;
mod write;

#[cfg(test)]
mod tests;

use nacre_model::Seq;

pub use evolution::{Collector, Evolution, PastAttribute, PastInstance, assemble};
pub use page::{ContentRange, cut};
pub use period::Period;
pub use query::{
    Aggregation, Method, Relation, TemporalFormat, TemporalParameters, TemporalQuery, TimeProperty,
};
pub use write::{write_evolution, write_evolutions};

use crate::entity_out::INSTANCE_PREFIX;

/// The instance id of a change: its record and its index among the changes of the entity's row.
pub fn instance_id(seq: Seq, index: u32) -> String {
    format!("{INSTANCE_PREFIX}{seq}-{index}")
}

/// Reads an instance id of ours; none for any other.
pub fn parse_instance_id(id: &str) -> Option<(Seq, u32)> {
    let plain = |n: &str| n.bytes().all(|b| b.is_ascii_digit()) && (n == "0" || !n.starts_with('0'));
    let (seq, index) =
        id.strip_prefix(INSTANCE_PREFIX)?.split_once('-').filter(|(a, b)| plain(a) && plain(b))?;
    Some((Seq(seq.parse().ok()?), index.parse().ok()?))
}

//! Many entities at once: what was refused, and which came twice.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Cleaned, Refused, clean};

/// An entity that came again with the same instant. The first stays; this one is left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Duplicate {
    /// The id of both.
    pub entity_id: String,
    /// The instant of both.
    pub observed_at_ms: i64,
    /// The place of the one kept in the list given, from 0.
    pub kept: usize,
    /// The place of the one left out.
    pub dropped: usize,
    /// Whether their values are the same; if not, somebody should look.
    pub same_values: bool,
}

/// A list, cleaned. Every entity given is in exactly one of the three.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CleanedAll {
    /// What can be used, with its place in the list given.
    pub cleaned: Vec<(usize, Cleaned)>,
    /// What was refused, with its place.
    pub refused: Vec<(usize, Refused)>,
    /// What came again.
    pub duplicates: Vec<Duplicate>,
}

/// Cleans a list and finds duplicates: the same entity at the same instant.
pub fn clean_all(list: &[Value], received_ms: i64) -> CleanedAll {
    let mut all = CleanedAll::default();
    let mut seen: HashMap<(String, i64), usize> = HashMap::new();
    for (place, entity) in list.iter().enumerate() {
        let cleaned = match clean(entity, received_ms) {
            Ok(cleaned) => cleaned,
            Err(why) => {
                all.refused.push((place, why));
                continue;
            }
        };
        let key = (cleaned.entity_id.clone(), cleaned.observed_at_ms);
        let Some(first) = seen.get(&key).and_then(|n| all.cleaned.get(*n)) else {
            seen.insert(key, all.cleaned.len());
            all.cleaned.push((place, cleaned));
            continue;
        };
        let (kept, same_values) = (first.0, first.1.values == cleaned.values);
        let Cleaned { entity_id, observed_at_ms, .. } = cleaned;
        all.duplicates.push(Duplicate { entity_id, observed_at_ms, kept, dropped: place, same_values });
    }
    all
}

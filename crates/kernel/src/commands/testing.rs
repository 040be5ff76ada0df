//! A state for tests: entities and documents in maps.

use std::collections::BTreeMap;
use std::sync::Arc;

use nacre_model::change::apply;
use nacre_model::{Change, DocumentKey, Entity, EntityId, Instant, Seq, Value};
use nacre_views::HistoryRow;

use super::State;
use crate::refusal::Refusal;

#[derive(Default)]
pub(crate) struct MapState {
    pub(crate) entities: BTreeMap<EntityId, Arc<Entity>>,
    pub(crate) documents: BTreeMap<DocumentKey, Arc<Value>>,
}

impl MapState {
    pub(crate) fn apply(&mut self, changes: &[Change], seq: u64, at: i64) {
        for id in
            changes.iter().filter_map(Change::entity).cloned().collect::<std::collections::BTreeSet<_>>()
        {
            let before = self.entities.remove(&id).map(|e| (*e).clone());
            let own = changes.iter().filter(|c| c.entity() == Some(&id));
            if let Some(after) = apply(before, own, Seq(seq), Instant(at)) {
                self.entities.insert(id, Arc::new(after));
            }
        }
    }
}

impl State for MapState {
    fn entity(&self, id: &EntityId) -> Result<Option<Arc<Entity>>, Refusal> {
        Ok(self.entities.get(id).cloned())
    }

    fn document(&self, key: &DocumentKey) -> Option<Arc<Value>> {
        self.documents.get(key).cloned()
    }

    fn history_row(&self, _: &EntityId, _: Seq) -> Result<Option<HistoryRow>, Refusal> {
        Ok(None)
    }

    fn has_history(&self, id: &EntityId) -> Result<bool, Refusal> {
        Ok(self.entities.contains_key(id))
    }
}

//! The store in memory: a persistent ordered map, so that a snapshot is a clone of its root. For scenarios, tests and
//! the seeded simulation.

use std::sync::Arc;

use imbl::OrdMap;
use parking_lot::RwLock;

use crate::store::{Batch, Pairs, Snapshot, Space, Store, ViewError};

type Map = OrdMap<(Space, Vec<u8>), Arc<[u8]>>;

/// See the module.
#[derive(Default)]
pub struct MemoryStore {
    map: RwLock<Map>,
}

struct MemorySnapshot(Map);

fn get(map: &Map, space: Space, key: &[u8]) -> Option<Vec<u8>> {
    map.get(&(space, key.to_vec())).map(|v| v.to_vec())
}

impl Store for MemoryStore {
    fn get(&self, space: Space, key: &[u8]) -> Result<Option<Vec<u8>>, ViewError> {
        Ok(get(&self.map.read(), space, key))
    }

    fn snapshot(&self) -> Box<dyn Snapshot> {
        Box::new(MemorySnapshot(self.map.read().clone()))
    }

    fn write(&self, batch: Batch) -> Result<(), ViewError> {
        let mut map = self.map.write();
        for (space, key, value) in batch.writes {
            match value {
                Some(value) => map.insert((space, key), value.into()),
                None => map.remove(&(space, key)),
            };
        }
        Ok(())
    }

    fn sync(&self) -> Result<(), ViewError> {
        Ok(())
    }

    fn disk_bytes(&self) -> u64 {
        0
    }
}

impl MemorySnapshot {
    fn range(&self, space: Space, from: &[u8], to: &[u8]) -> std::ops::Range<(Space, Vec<u8>)> {
        (space, from.to_vec())..(space, to.to_vec())
    }
}

impl Snapshot for MemorySnapshot {
    fn get(&self, space: Space, key: &[u8]) -> Result<Option<Vec<u8>>, ViewError> {
        Ok(get(&self.0, space, key))
    }

    fn scan<'a>(&'a self, space: Space, from: &[u8], to: &[u8]) -> Pairs<'a> {
        if from >= to {
            return Box::new(std::iter::empty());
        }
        Box::new(self.0.range(self.range(space, from, to)).map(|((_, k), v)| Ok((k.clone(), v.to_vec()))))
    }

    fn scan_back<'a>(&'a self, space: Space, from: &[u8], to: &[u8]) -> Pairs<'a> {
        if from >= to {
            return Box::new(std::iter::empty());
        }
        Box::new(
            self.0.range(self.range(space, from, to)).rev().map(|((_, k), v)| Ok((k.clone(), v.to_vec()))),
        )
    }
}

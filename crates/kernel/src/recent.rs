//! What readers see before the views have it: the newest durable state of entities, and a cache of decoded ones.
//!
//! A commit publishes here first; the views follow and then the entry is forgotten. So a client reads its own writes
//! without waiting for the engine, and never reads what is not durable.
//!
//! Invariant: what the cache holds of an entity is its newest durable state. A reader that loads an older state from
//! the store while a commit passes by must not put it into the cache: the shard's `last` tells.

use std::collections::HashMap;
use std::sync::Arc;

use nacre_model::{Entity, EntityId, Seq};
use nacre_views::Touched;
use parking_lot::RwLock;
use quick_cache::Weighter;
use quick_cache::sync::Cache;

const SHARDS: usize = 64;

#[derive(Default)]
struct Shard {
    entries: HashMap<EntityId, (Seq, Option<Arc<Entity>>)>,
    last: Seq,
}

#[derive(Clone)]
struct Weight;

impl Weighter<EntityId, Arc<Entity>> for Weight {
    fn weight(&self, id: &EntityId, entity: &Arc<Entity>) -> u64 {
        (entity.weight() + 2 * id.as_str().len() + 64) as u64
    }
}

/// See the module.
pub struct Recent {
    shards: Vec<RwLock<Shard>>,
    cache: Cache<EntityId, Arc<Entity>, Weight>,
}

/// What is known without asking the store.
pub enum Lookup {
    /// The newest state.
    Known(Option<Arc<Entity>>),
    /// Ask the store, then [`Recent::remember`] with this.
    Unknown(Ticket),
}

/// A place in time of one shard.
#[derive(Debug, Clone, Copy)]
pub struct Ticket(Seq);

impl Recent {
    /// A cache of about this many bytes.
    pub fn new(cache_bytes: u64) -> Recent {
        let entities = (cache_bytes / 1500).clamp(1_000, 10_000_000) as usize;
        Recent {
            shards: (0..SHARDS).map(|_| RwLock::default()).collect(),
            cache: Cache::with_weighter(entities, cache_bytes, Weight),
        }
    }

    fn shard(&self, id: &EntityId) -> &RwLock<Shard> {
        let hash = id
            .as_str()
            .bytes()
            .rev()
            .take(16)
            .fold(0usize, |h, b| h.wrapping_mul(31).wrapping_add(usize::from(b)));
        &self.shards[hash % SHARDS]
    }

    /// Makes the states after a record the newest durable ones.
    pub fn publish(&self, touched: &[Touched], seq: Seq) {
        for t in touched {
            let mut shard = self.shard(&t.id).write();
            shard.last = seq;
            shard.entries.insert(t.id.clone(), (seq, t.after.clone()));
            match &t.after {
                Some(entity) => self.cache.insert(t.id.clone(), entity.clone()),
                None => drop(self.cache.remove(&t.id)),
            }
        }
    }

    /// The views have these now.
    pub fn forget(&self, touched: &[Touched], seq: Seq) {
        for t in touched {
            let mut shard = self.shard(&t.id).write();
            if shard.entries.get(&t.id).is_some_and(|(s, _)| *s <= seq) {
                shard.entries.remove(&t.id);
            }
        }
    }

    /// The newest durable state, if it is at hand.
    pub fn lookup(&self, id: &EntityId) -> Lookup {
        let shard = self.shard(id).read();
        if let Some((_, state)) = shard.entries.get(id) {
            return Lookup::Known(state.clone());
        }
        match self.cache.get(id) {
            Some(entity) => Lookup::Known(Some(entity)),
            None => Lookup::Unknown(Ticket(shard.last)),
        }
    }

    /// Keeps what the store had, unless a commit passed by meanwhile.
    pub fn remember(&self, entity: &Arc<Entity>, ticket: Ticket) {
        let shard = self.shard(&entity.id).read();
        if shard.last == ticket.0 {
            self.cache.insert(entity.id.clone(), entity.clone());
        }
    }

    /// A cached state, for readers of a snapshot that contains records up to `seq`: valid when not newer.
    pub fn cached_until(&self, id: &EntityId, seq: Seq) -> Option<Arc<Entity>> {
        let shard = self.shard(id).read();
        if shard.entries.contains_key(id) {
            return None;
        }
        self.cache.get(id).filter(|e| e.seq <= seq)
    }
}

//! Settings of a tenant's kernel, with the limits that keep memory bounded.

use std::sync::Arc;

use nacre_model::{Clock, Entropy, SystemClock};
use nacre_views::{FjallOptions, IndexPlan};
use rand::{Rng, SeedableRng};

use crate::door::SharedDoor;

/// Everything the kernel is given from outside.
#[derive(Clone)]
pub struct Options {
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Makes a source of salts for each tenant.
    pub entropy: Arc<dyn Fn() -> Box<dyn Entropy> + Send + Sync>,
    /// The policy.
    pub door: SharedDoor,
    /// Attributes indexed because packs declare it.
    pub indexes: IndexPlan,
    /// Size of a journal segment, bytes.
    pub segment_bytes: u64,
    /// Commands that may wait; more are refused as overloaded.
    pub queue_length: usize,
    /// Bytes of records in one group commit, about.
    pub commit_bytes: usize,
    /// Records the views may be behind before commands wait.
    pub lag_max: u64,
    /// Memory for decoded entities, bytes.
    pub cache_bytes: u64,
    /// The engine's settings.
    pub engine: FjallOptions,
}

impl Options {
    /// Defaults for a server.
    pub fn new(door: SharedDoor) -> Options {
        Options {
            clock: Arc::new(SystemClock),
            entropy: Arc::new(|| Box::new(SystemEntropy::default())),
            door,
            indexes: IndexPlan::default(),
            segment_bytes: 64 << 20,
            queue_length: 8192,
            commit_bytes: 1 << 20,
            lag_max: 50_000,
            cache_bytes: 128 << 20,
            engine: FjallOptions::default(),
        }
    }
}

/// A cryptographic generator seeded by the operating system.
pub struct SystemEntropy(rand::rngs::StdRng);

impl Default for SystemEntropy {
    fn default() -> SystemEntropy {
        SystemEntropy(rand::rngs::StdRng::from_rng(&mut rand::rng()))
    }
}

impl Entropy for SystemEntropy {
    fn fill(&mut self, bytes: &mut [u8]) {
        self.0.fill_bytes(bytes);
    }
}

/// A generator that gives the same bytes for the same seed, for simulation and scenarios.
pub struct SeededEntropy(rand::rngs::StdRng);

impl SeededEntropy {
    /// From a seed.
    pub fn new(seed: u64) -> SeededEntropy {
        SeededEntropy(rand::rngs::StdRng::seed_from_u64(seed))
    }
}

impl Entropy for SeededEntropy {
    fn fill(&mut self, bytes: &mut [u8]) {
        self.0.fill_bytes(bytes);
    }
}

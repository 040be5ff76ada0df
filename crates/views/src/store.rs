//! The embedded engine behind a narrow trait: ordered keys in a few spaces, atomic batches, snapshots.
//!
//! Two engines implement it: fjall on disk and a persistent tree in memory (scenarios, simulation). Both pass the
//! same suite (`tests/store_suite.rs`).

use thiserror::Error;

/// A family of keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Space {
    /// Current state by entity.
    Entities,
    /// One row for each record that touched an entity.
    History,
    /// Index entries.
    Index,
    /// Marker, counters, documents, idempotency keys.
    Meta,
    /// Delivery cursors: kept when the rest is rebuilt.
    Cursors,
}

impl Space {
    /// All spaces.
    pub const ALL: [Space; 5] = [Space::Entities, Space::History, Space::Index, Space::Meta, Space::Cursors];

    /// Its name on disk.
    pub fn name(self) -> &'static str {
        match self {
            Space::Entities => "entities",
            Space::History => "history",
            Space::Index => "index",
            Space::Meta => "meta",
            Space::Cursors => "cursors",
        }
    }
}

/// Why the views cannot be read or written.
#[derive(Debug, Clone, Error)]
pub enum ViewError {
    /// The engine failed; the journal is untouched and `nacre rebuild` makes new views.
    #[error("the storage engine failed: {0}")]
    Engine(String),
    /// Stored bytes cannot be decoded; `nacre rebuild` makes new views.
    #[error("{space} holds bytes that cannot be read: {why}")]
    Damaged {
        /// Where.
        space: &'static str,
        /// What is wrong.
        why: String,
    },
    /// The views are of another format than this program's.
    #[error("the views are of format {found}, this program reads {expected}; `nacre rebuild` makes new ones")]
    Format {
        /// On disk.
        found: u64,
        /// Wanted.
        expected: u64,
    },
}

/// Writes that happen together or not at all. Later writes to the same key win.
#[derive(Debug, Default)]
pub struct Batch {
    /// Key and value; no value means the key goes.
    pub writes: Vec<(Space, Vec<u8>, Option<Vec<u8>>)>,
}

impl Batch {
    /// Puts a key.
    pub fn put(&mut self, space: Space, key: Vec<u8>, value: Vec<u8>) {
        self.writes.push((space, key, Some(value)));
    }

    /// Removes a key.
    pub fn remove(&mut self, space: Space, key: Vec<u8>) {
        self.writes.push((space, key, None));
    }
}

/// Keys and values in order.
pub type Pairs<'a> = Box<dyn Iterator<Item = Result<(Vec<u8>, Vec<u8>), ViewError>> + Send + 'a>;

/// A state of the store that does not change.
pub trait Snapshot: Send + Sync {
    /// The value of a key.
    fn get(&self, space: Space, key: &[u8]) -> Result<Option<Vec<u8>>, ViewError>;

    /// Pairs with `from <= key < to` in ascending order.
    fn scan<'a>(&'a self, space: Space, from: &[u8], to: &[u8]) -> Pairs<'a>;

    /// The same pairs in descending order.
    fn scan_back<'a>(&'a self, space: Space, from: &[u8], to: &[u8]) -> Pairs<'a>;
}

/// The engine.
pub trait Store: Send + Sync {
    /// The newest value of a key.
    fn get(&self, space: Space, key: &[u8]) -> Result<Option<Vec<u8>>, ViewError>;

    /// The present state, held still.
    fn snapshot(&self) -> Box<dyn Snapshot>;

    /// Writes all or nothing; visible to snapshots taken from now on, on the disk only after [`Store::sync`].
    fn write(&self, batch: Batch) -> Result<(), ViewError>;

    /// Makes everything written so far survive a power cut.
    fn sync(&self) -> Result<(), ViewError>;

    /// Bytes on disk, where there is one.
    fn disk_bytes(&self) -> u64;
}

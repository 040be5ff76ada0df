//! Views: what follows from the journal and can be rebuilt from it. Current state, history, indexes, documents,
//! and the hashes of the log's tiles.
//!
//! Reading order: [`store`] (the narrow trait the engine hides behind) with [`fjall_store`] and [`memory_store`] →
//! [`keys`] (what lies where) → [`index`] (which index entries an entity has) → [`writer`] (a batch of records
//! becomes one atomic batch of keys) → [`reader`] (a snapshot that answers) → [`tiles`].
//!
//! Invariants: a batch is applied whole, together with the sequence it reaches; applying a batch again changes
//! nothing; nothing here is the only copy of anything but delivery cursors, whose loss costs repeated deliveries.

pub mod cells;
pub mod fjall_store;
pub mod index;
pub mod keys;
pub mod memory_store;
pub mod reader;
pub mod store;
pub mod tiles;
pub mod writer;

pub use fjall_store::{FjallOptions, FjallStore};
pub use index::IndexPlan;
pub use memory_store::MemoryStore;
pub use reader::{HistoryRow, Reader};
pub use store::{Batch, Pairs, Snapshot, Space, Store, ViewError};
pub use writer::{Applied, Touched, Writer};

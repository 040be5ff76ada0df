//! The transparency log as pure functions: Merkle hashing and proofs of RFC 6962 / RFC 9162, C2SP tlog-tiles,
//! C2SP checkpoints and signed notes.
//!
//! Reading order: [`hash`] → [`tree`] (append and root) → [`tile`] (how hashes are kept and served) →
//! [`proof`] (inclusion, consistency) → [`note`] (signatures) → [`checkpoint`] (a signed tree head).
//!
//! Invariants: no IO, no clock, no randomness; every parser is strict (one text form a value) and bounded.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test stops at the first surprise"))]

pub mod checkpoint;
pub mod entries;
pub mod hash;
pub mod key;
pub mod note;
pub mod proof;
pub mod tile;
pub mod tree;

pub use checkpoint::{Checkpoint, CheckpointError};
pub use entries::{BundleError, decode_bundle, encode_bundle};
pub use hash::{Hash, HashError, empty_root, leaf_hash, node_hash};
pub use key::{Algorithm, KeyError, SignerKey, VerifierKey};
pub use note::{Note, NoteError, NoteSignature};
pub use proof::{
    NodeSource, ProofError, consistency_proof, inclusion_proof, root_of, verify_consistency, verify_inclusion,
};
pub use tile::{MemoryTiles, TILE_WIDTH, Tile, TileError, TileKind, TileStore};
pub use tree::{Frontier, FrontierError};

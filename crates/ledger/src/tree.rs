//! The frontier: the right edge of the tree, which is all that an append and a root need.
//!
//! It keeps the roots of the perfect subtrees that make up the tree, largest first: one for each 1 bit of the
//! size. An append costs one inner node on average, a root at most one a level. A node that completes a
//! level divisible by 8 is at the same time an entry of a tile level, so the frontier also says what has to be
//! appended to the tiles ([`Frontier::append_with`]).
//!
//! Byte form, version 1: `NACREFRT`, version u8 = 1, size u64 little-endian, then the hashes, largest subtree first.
//!
//! Invariant: `roots.len() == size.count_ones()`.

use thiserror::Error;

use crate::hash::{HASH_BYTES, Hash, empty_root, node_hash};
use crate::tile::{TILE_HEIGHT, TileStore};

const MAGIC: &[u8; 8] = b"NACREFRT";
const VERSION: u8 = 1;
const HEAD_BYTES: usize = MAGIC.len() + 1 + 8;

/// Right edge of a Merkle tree. Cheap to clone (at most 64 hashes).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Frontier {
    size: u64,
    roots: Vec<Hash>,
}

/// Why bytes are not a frontier.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FrontierError {
    /// The bytes do not begin as a frontier does.
    #[error("the bytes are no frontier of a tree")]
    NotAFrontier,
    /// The version is newer than this program.
    #[error("the frontier has format {version}, this program reads up to {VERSION}")]
    Version {
        /// Version found.
        version: u8,
    },
    /// The number of hashes does not fit the size.
    #[error("a frontier of {size} entries has another length than {bytes} bytes")]
    Length {
        /// Entries of the tree.
        size: u64,
        /// Length found.
        bytes: usize,
    },
}

impl FrontierError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            FrontierError::NotAFrontier => "frontier_not_one",
            FrontierError::Version { .. } => "frontier_version",
            FrontierError::Length { .. } => "frontier_length",
        }
    }
}

impl Frontier {
    /// The frontier of the empty tree.
    pub fn new() -> Frontier {
        Frontier::default()
    }

    /// Number of entries in the tree.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Appends a leaf hash.
    pub fn append(&mut self, leaf: Hash) {
        self.append_with(leaf, |_, _| {});
    }

    /// Appends a leaf hash and tells, lowest level first, which hashes this adds to which tile level.
    pub fn append_with(&mut self, leaf: Hash, mut on_tile_hash: impl FnMut(u8, Hash)) {
        on_tile_hash(0, leaf);
        let mut node = leaf;
        // Each trailing 1 bit of the old size is a perfect subtree of that level which now gets its right sibling.
        for level in 1..=self.size.trailing_ones() as u8 {
            let Some(left) = self.roots.pop() else { break };
            node = node_hash(&left, &node);
            if level.is_multiple_of(TILE_HEIGHT) {
                on_tile_hash(level / TILE_HEIGHT, node);
            }
        }
        self.roots.push(node);
        self.size += 1;
        debug_assert_eq!(self.roots.len(), self.size.count_ones() as usize);
    }

    /// Appends leaf hashes and returns what they add to the tile levels, in order.
    pub fn append_all(&mut self, leaves: impl IntoIterator<Item = Hash>) -> Vec<(u8, Hash)> {
        let mut appends = Vec::new();
        for leaf in leaves {
            self.append_with(leaf, |level, hash| appends.push((level, hash)));
        }
        appends
    }

    /// Root of the tree (RFC 6962 §2.1).
    pub fn root(&self) -> Hash {
        let mut rest = self.roots.iter().rev();
        let Some(last) = rest.next() else { return empty_root() };
        rest.fold(*last, |right, left| node_hash(left, &right))
    }

    /// Rebuilds the frontier of the first `size` entries from the tiles.
    pub fn from_tiles<S: TileStore + ?Sized>(tiles: &S, size: u64) -> Result<Frontier, S::Error> {
        let mut roots = Vec::with_capacity(size.count_ones() as usize);
        let mut start = 0;
        for level in (0..64).rev().filter(|level| size >> level & 1 == 1) {
            roots.push(tiles.perfect(level, start >> level)?);
            start += 1 << level;
        }
        Ok(Frontier { size, roots })
    }

    /// The frontier as bytes, to be resumed later.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(HEAD_BYTES + self.roots.len() * HASH_BYTES);
        out.extend_from_slice(MAGIC);
        out.push(VERSION);
        out.extend_from_slice(&self.size.to_le_bytes());
        self.roots.iter().for_each(|root| out.extend_from_slice(&root.0));
        out
    }

    /// Reads what [`Frontier::to_bytes`] wrote.
    pub fn from_bytes(bytes: &[u8]) -> Result<Frontier, FrontierError> {
        let rest = bytes.strip_prefix(MAGIC).ok_or(FrontierError::NotAFrontier)?;
        let (&version, rest) = rest.split_first().ok_or(FrontierError::NotAFrontier)?;
        if version != VERSION {
            return Err(FrontierError::Version { version });
        }
        let (size, hashes) = rest.split_first_chunk().ok_or(FrontierError::NotAFrontier)?;
        let size = u64::from_le_bytes(*size);
        if hashes.len() != size.count_ones() as usize * HASH_BYTES {
            return Err(FrontierError::Length { size, bytes: bytes.len() });
        }
        let (hashes, _) = hashes.as_chunks::<HASH_BYTES>();
        Ok(Frontier { size, roots: hashes.iter().map(|hash| Hash(*hash)).collect() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_round_trip_and_are_strict() {
        let mut frontier = Frontier::new();
        for n in 0..300u32 {
            frontier.append(crate::leaf_hash(&n.to_le_bytes()));
        }
        let bytes = frontier.to_bytes();
        assert_eq!(Frontier::from_bytes(&bytes).unwrap(), frontier);
        assert_eq!(Frontier::from_bytes(&bytes[..bytes.len() - 1]).unwrap_err().code(), "frontier_length");
        assert_eq!(Frontier::from_bytes(&bytes[..10]).unwrap_err().code(), "frontier_not_one");
        let mut newer = bytes;
        newer[8] = 2;
        assert_eq!(Frontier::from_bytes(&newer), Err(FrontierError::Version { version: 2 }));
    }
}

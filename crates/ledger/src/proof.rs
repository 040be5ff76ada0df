//! Inclusion and consistency proofs: generation after RFC 9162 §2.1.3.1 and §2.1.4.1, verification after
//! §2.1.3.2 and §2.1.4.2 (the same trees and proofs as RFC 6962).
//!
//! Generation asks a [`NodeSource`] for perfect subtrees only, so that tiles are enough. Verification needs
//! nothing but its arguments; it accepts exactly one proof for given sizes and hashes.

use thiserror::Error;

use crate::hash::{Hash, empty_root, node_hash};
use crate::tile::TileStore;

/// Reader of the tree's perfect subtrees.
pub trait NodeSource {
    /// Why a read can fail.
    type Error;

    /// Root of the perfect subtree over entries `[index·2^level, (index+1)·2^level)`.
    fn node(&self, level: u8, index: u64) -> Result<Hash, Self::Error>;
}

impl<S: TileStore + ?Sized> NodeSource for S {
    type Error = S::Error;

    fn node(&self, level: u8, index: u64) -> Result<Hash, S::Error> {
        self.perfect(level, index)
    }
}

/// Why a proof cannot be made or is not accepted. `E` is the error of the node source.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ProofError<E = std::convert::Infallible> {
    /// The entry is not in a tree of this size.
    #[error("entry {index} is not in a tree of {size} entries")]
    Index {
        /// The entry, counted from 0.
        index: u64,
        /// Size of the tree.
        size: u64,
    },
    /// The older tree is larger than the newer.
    #[error("a tree of {old_size} entries is not the beginning of one with {new_size}")]
    Sizes {
        /// Size of the older tree.
        old_size: u64,
        /// Size of the newer tree.
        new_size: u64,
    },
    /// The proof has another number of hashes than the sizes ask for.
    #[error("the proof has the wrong number of hashes ({hashes})")]
    Length {
        /// Hashes given.
        hashes: usize,
    },
    /// The proof leads to another root.
    #[error("the proof leads to another root")]
    Root,
    /// A node could not be read.
    #[error("a node of the tree could not be read")]
    Source(#[source] E),
}

impl<E> ProofError<E> {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            ProofError::Index { .. } => "proof_index",
            ProofError::Sizes { .. } => "proof_sizes",
            ProofError::Length { .. } => "proof_length",
            ProofError::Root => "proof_root",
            ProofError::Source(_) => "proof_source",
        }
    }
}

/// Largest power of two smaller than `n` (n ≥ 2): where RFC 9162 splits a tree.
fn split(n: u64) -> u64 {
    1 << (63 - (n - 1).leading_zeros())
}

/// Root over entries `[start, end)`, where `start` is a multiple of a power of two not smaller than the width.
fn range_root<S: NodeSource + ?Sized>(source: &S, start: u64, end: u64) -> Result<Hash, S::Error> {
    let mut nodes = Vec::new();
    let mut at = start;
    while at < end {
        let level = 63 - (end - at).leading_zeros();
        nodes.push(source.node(level as u8, at >> level)?);
        at += 1 << level;
    }
    let mut nodes = nodes.into_iter().rev();
    let Some(last) = nodes.next() else { return Ok(empty_root()) };
    Ok(nodes.fold(last, |right, left| node_hash(&left, &right)))
}

/// Root of the first `size` entries.
pub fn root_of<S: NodeSource + ?Sized>(source: &S, size: u64) -> Result<Hash, S::Error> {
    range_root(source, 0, size)
}

/// Proof that entry `index` is in the tree of the first `size` entries, lowest node first.
pub fn inclusion_proof<S: NodeSource + ?Sized>(
    source: &S,
    index: u64,
    size: u64,
) -> Result<Vec<Hash>, ProofError<S::Error>> {
    if index >= size {
        return Err(ProofError::Index { index, size });
    }
    // From the root down; each step keeps the half with the entry and notes the root of the other one.
    let (mut start, mut end) = (0, size);
    let mut proof = Vec::new();
    while end - start > 1 {
        let middle = start + split(end - start);
        let (from, to) = if index < middle { (middle, end) } else { (start, middle) };
        proof.push(range_root(source, from, to).map_err(ProofError::Source)?);
        (start, end) = if index < middle { (start, middle) } else { (middle, end) };
    }
    proof.reverse();
    Ok(proof)
}

/// Proof that the tree of the first `old_size` entries is the beginning of that of the first `new_size`.
/// Every tree continues the empty one and itself: these proofs are empty.
pub fn consistency_proof<S: NodeSource + ?Sized>(
    source: &S,
    old_size: u64,
    new_size: u64,
) -> Result<Vec<Hash>, ProofError<S::Error>> {
    if old_size > new_size {
        return Err(ProofError::Sizes { old_size, new_size });
    }
    if old_size == 0 || old_size == new_size {
        return Ok(Vec::new());
    }
    let (mut start, mut end) = (0, new_size);
    let mut proof = Vec::new();
    // SUBPROOF of RFC 9162 §2.1.4.1, from the root down.
    while old_size != end {
        let middle = start + split(end - start);
        let (from, to) = if old_size <= middle { (middle, end) } else { (start, middle) };
        proof.push(range_root(source, from, to).map_err(ProofError::Source)?);
        (start, end) = if old_size <= middle { (start, middle) } else { (middle, end) };
    }
    if start != 0 {
        // The old tree ends with this subtree but is more than it: the verifier does not know its root.
        proof.push(range_root(source, start, end).map_err(ProofError::Source)?);
    }
    proof.reverse();
    Ok(proof)
}

/// Checks that the entry with this leaf hash is at `index` in the tree with this size and root.
pub fn verify_inclusion(
    leaf: &Hash,
    index: u64,
    size: u64,
    proof: &[Hash],
    root: &Hash,
) -> Result<(), ProofError> {
    if index >= size {
        return Err(ProofError::Index { index, size });
    }
    // RFC 9162 §2.1.3.2; `fn` and `sn` there are `at` and `last` here.
    let (mut at, mut last) = (index, size - 1);
    let mut hash = *leaf;
    for node in proof {
        if last == 0 {
            return Err(ProofError::Length { hashes: proof.len() });
        }
        if at & 1 == 1 || at == last {
            hash = node_hash(node, &hash);
            while at & 1 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(&hash, node);
        }
        at >>= 1;
        last >>= 1;
    }
    match (last == 0, hash == *root) {
        (false, _) => Err(ProofError::Length { hashes: proof.len() }),
        (true, false) => Err(ProofError::Root),
        (true, true) => Ok(()),
    }
}

/// Checks that the tree with the new size and root continues the tree with the old size and root.
pub fn verify_consistency(
    old_size: u64,
    old_root: &Hash,
    new_size: u64,
    new_root: &Hash,
    proof: &[Hash],
) -> Result<(), ProofError> {
    if old_size > new_size {
        return Err(ProofError::Sizes { old_size, new_size });
    }
    let wrong_length = ProofError::Length { hashes: proof.len() };
    if old_size == 0 || old_size == new_size {
        let expected = if old_size == 0 { empty_root() } else { *new_root };
        return match (proof.is_empty(), *old_root == expected) {
            (false, _) => Err(wrong_length),
            (true, false) => Err(ProofError::Root),
            (true, true) => Ok(()),
        };
    }
    // RFC 9162 §2.1.4.2. An old tree that is perfect is a node of the new one: its root is the first hash.
    let (first, rest) = match (old_size.is_power_of_two(), proof.split_first()) {
        (_, None) => return Err(wrong_length),
        (true, Some(_)) => (*old_root, proof),
        (false, Some((first, rest))) => (*first, rest),
    };
    let (mut at, mut last) = (old_size - 1, new_size - 1);
    while at & 1 == 1 {
        at >>= 1;
        last >>= 1;
    }
    let (mut old_hash, mut new_hash) = (first, first);
    for node in rest {
        if last == 0 {
            return Err(wrong_length);
        }
        if at & 1 == 1 || at == last {
            old_hash = node_hash(node, &old_hash);
            new_hash = node_hash(node, &new_hash);
            while at & 1 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            new_hash = node_hash(&new_hash, node);
        }
        at >>= 1;
        last >>= 1;
    }
    match (last == 0, old_hash == *old_root && new_hash == *new_root) {
        (false, _) => Err(wrong_length),
        (true, false) => Err(ProofError::Root),
        (true, true) => Ok(()),
    }
}

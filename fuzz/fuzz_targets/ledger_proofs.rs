//! Any sizes, hashes and proofs: verification ends, never panics, and accepts nothing for a root that no proof of
//! the fuzzer can lead to.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nacre_ledger::{Hash, ProofError, leaf_hash, verify_consistency, verify_inclusion};

fuzz_target!(|input: (u64, u64, [u8; 32], Vec<[u8; 32]>)| {
    let (first, second, hash, proof) = input;
    let proof: Vec<Hash> = proof.into_iter().map(Hash).collect();
    let root = leaf_hash(b"a root that nobody has hashed to");
    if Hash(hash) != root && proof.iter().all(|node| *node != root) {
        assert_ne!(verify_inclusion(&Hash(hash), first, second, &proof, &root), Ok::<(), ProofError>(()));
        if first > 0 {
            assert!(verify_consistency(first, &Hash(hash), second, &root, &proof).is_err());
        }
    }
});

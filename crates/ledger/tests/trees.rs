//! The tree, tiles and proofs against the recursive definitions of RFC 6962 §2.1, and against the roots that
//! the certificate-transparency projects use as their known answers.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use nacre_ledger::{
    Frontier, Hash, MemoryTiles, consistency_proof, empty_root, inclusion_proof, leaf_hash, node_hash,
    root_of, verify_consistency, verify_inclusion,
};
use proptest::prelude::*;

/// MTH of RFC 6962 §2.1, word for word.
fn naive_root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => empty_root(),
        [one] => *one,
        more => {
            let (left, right) = more.split_at(naive_split(more.len()));
            node_hash(&naive_root(left), &naive_root(right))
        }
    }
}

fn naive_split(n: usize) -> usize {
    let mut k = 1;
    while k * 2 < n {
        k *= 2;
    }
    k
}

/// PATH of RFC 6962 §2.1.1.
fn naive_path(m: usize, leaves: &[Hash]) -> Vec<Hash> {
    if leaves.len() == 1 {
        return Vec::new();
    }
    let (left, right) = leaves.split_at(naive_split(leaves.len()));
    let (mut path, other) = match m.checked_sub(left.len()) {
        None => (naive_path(m, left), right),
        Some(m) => (naive_path(m, right), left),
    };
    path.push(naive_root(other));
    path
}

/// SUBPROOF of RFC 6962 §2.1.2.
fn naive_subproof(m: usize, leaves: &[Hash], whole: bool) -> Vec<Hash> {
    if m == leaves.len() {
        return if whole { Vec::new() } else { vec![naive_root(leaves)] };
    }
    let (left, right) = leaves.split_at(naive_split(leaves.len()));
    let (mut proof, other) = if m <= left.len() {
        (naive_subproof(m, left, whole), right)
    } else {
        (naive_subproof(m - left.len(), right, false), left)
    };
    proof.push(naive_root(other));
    proof
}

fn leaves(n: usize) -> Vec<Hash> {
    (0..n as u64).map(|n| leaf_hash(&n.to_le_bytes())).collect()
}

fn tiles(leaves: &[Hash]) -> (Frontier, MemoryTiles) {
    let (mut frontier, mut tiles) = (Frontier::new(), MemoryTiles::new());
    tiles.extend(frontier.append_all(leaves.iter().copied()));
    (frontier, tiles)
}

#[test]
fn known_roots_of_certificate_transparency() {
    let entries =
        ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
    let roots = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];
    let bytes = |hex: &str| -> Vec<u8> {
        (0..hex.len() / 2).map(|n| u8::from_str_radix(&hex[2 * n..2 * n + 2], 16).unwrap()).collect()
    };
    let mut frontier = Frontier::new();
    assert_eq!(frontier.root().to_string(), roots[0]);
    for (entry, root) in entries.iter().zip(&roots[1..]) {
        frontier.append(leaf_hash(&bytes(entry)));
        assert_eq!(frontier.root().to_string(), *root, "size {}", frontier.size());
    }
}

#[test]
fn every_proof_of_every_small_tree_is_the_naive_one_and_only_it_verifies() {
    let all = leaves(40);
    let (_, tiles) = tiles(&all);
    for size in 0..=all.len() {
        let root = naive_root(&all[..size]);
        for index in 0..size {
            let proof = inclusion_proof(&tiles, index as u64, size as u64).unwrap();
            assert_eq!(proof, naive_path(index, &all[..size]));
            let verify = |index: usize, proof: &[Hash]| {
                verify_inclusion(&all[index], index as u64, size as u64, proof, &root)
            };
            assert_eq!(verify(index, &proof), Ok(()));
            let longer = [&proof[..], &[root]].concat();
            assert!(verify(index, &longer).is_err());
            if let Some((_, shorter)) = proof.split_last() {
                assert!(verify(index, shorter).is_err());
            }
            for other in (0..size).filter(|other| *other != index) {
                assert!(verify(other, &proof).is_err());
            }
        }
        for old in 0..=size {
            let old_root = naive_root(&all[..old]);
            let proof = consistency_proof(&tiles, old as u64, size as u64).unwrap();
            if old > 0 {
                assert_eq!(proof, naive_subproof(old, &all[..size], true));
            }
            let verify = |old_root: &Hash, new_root: &Hash, proof: &[Hash]| {
                verify_consistency(old as u64, old_root, size as u64, new_root, proof)
            };
            assert_eq!(verify(&old_root, &root, &proof), Ok(()));
            assert!(verify(&leaf_hash(b"other"), &root, &proof).is_err());
            assert!(old == 0 || verify(&old_root, &leaf_hash(b"other"), &proof).is_err());
            assert!(verify(&old_root, &root, &[&proof[..], &[root]].concat()).is_err());
            if let Some((_, shorter)) = proof.split_last() {
                assert!(verify(&old_root, &root, shorter).is_err());
            }
        }
        assert!(inclusion_proof(&tiles, size as u64, size as u64).is_err());
    }
}

#[test]
fn three_tile_levels() {
    let all = leaves(66_000);
    let (frontier, tiles) = tiles(&all);
    let root = frontier.root();
    assert_eq!(root, root_of(&tiles, 66_000).unwrap());
    assert_eq!(Frontier::from_tiles(&tiles, 66_000).unwrap(), frontier);
    for index in [0, 255, 256, 65_535, 65_536, 65_999] {
        let proof = inclusion_proof(&tiles, index, 66_000).unwrap();
        assert_eq!(verify_inclusion(&all[index as usize], index, 66_000, &proof, &root), Ok(()));
    }
    for old in [1, 256, 257, 65_535, 65_536, 65_537] {
        let old_root = root_of(&tiles, old).unwrap();
        let proof = consistency_proof(&tiles, old, 66_000).unwrap();
        assert_eq!(verify_consistency(old, &old_root, 66_000, &root, &proof), Ok(()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn random_trees(size in 1usize..1500, index: proptest::sample::Index, old: proptest::sample::Index, flip in 0usize..256) {
        let all = leaves(size);
        let (frontier, tiles) = tiles(&all);
        let root = naive_root(&all);
        prop_assert_eq!(frontier.root(), root);
        prop_assert_eq!(Frontier::from_tiles(&tiles, size as u64).unwrap(), frontier.clone());
        prop_assert_eq!(Frontier::from_bytes(&frontier.to_bytes()).unwrap(), frontier);

        let index = index.index(size);
        let mut proof = inclusion_proof(&tiles, index as u64, size as u64).unwrap();
        prop_assert_eq!(&proof, &naive_path(index, &all));
        prop_assert!(verify_inclusion(&all[index], index as u64, size as u64, &proof, &root).is_ok());
        let old = 1 + old.index(size);
        let mut consistency = consistency_proof(&tiles, old as u64, size as u64).unwrap();
        prop_assert_eq!(&consistency, &naive_subproof(old, &all, true));
        let old_root = naive_root(&all[..old]);
        prop_assert!(verify_consistency(old as u64, &old_root, size as u64, &root, &consistency).is_ok());

        // One flipped bit anywhere in a proof spoils it.
        if let Some(node) = proof.get_mut(flip % 7) {
            node.0[flip / 8] ^= 1 << (flip % 8);
            prop_assert!(verify_inclusion(&all[index], index as u64, size as u64, &proof, &root).is_err());
        }
        if let Some(node) = consistency.get_mut(flip % 7) {
            node.0[flip / 8] ^= 1 << (flip % 8);
            prop_assert!(verify_consistency(old as u64, &old_root, size as u64, &root, &consistency).is_err());
        }
    }
}

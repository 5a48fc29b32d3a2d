//! The tree and its proofs, against roots that were worked out by hand and against the definition, word for word.

use proptest::prelude::*;

use super::*;

/// Above this size nothing new happens: it has every form of right edge up to seven levels.
const MOST: u64 = 70;

fn leaves(size: u64) -> Vec<Hash> {
    (0..size)
        .map(|number| Hash::of_leaf(&number.to_be_bytes()))
        .collect()
}

fn root(leaves: &[Hash]) -> Hash {
    let mut frontier = Frontier::default();
    leaves.iter().for_each(|leaf| frontier.push(*leaf));
    frontier.root()
}

fn path(leaves: &[Hash], parts: Vec<Range<u64>>) -> Vec<Hash> {
    let mut roots = Roots::of(parts);
    leaves.iter().for_each(|leaf| roots.push(*leaf));
    roots.finish()
}

/// RFC 6962, section 2.1, as it is defined.
mod defined {
    use super::Hash;

    fn split(leaves: &[Hash]) -> (&[Hash], &[Hash]) {
        let mut k = 1;
        while k * 2 < leaves.len() {
            k *= 2;
        }
        leaves.split_at(k)
    }

    pub(super) fn root(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => Hash::of_nothing(),
            [leaf] => *leaf,
            _ => {
                let (left, right) = split(leaves);
                Hash::of_node(&root(left), &root(right))
            }
        }
    }

    pub(super) fn inclusion(index: usize, leaves: &[Hash]) -> Vec<Hash> {
        if leaves.len() == 1 {
            return Vec::new();
        }
        let (left, right) = split(leaves);
        let (mut path, other) = match index.checked_sub(left.len()) {
            None => (inclusion(index, left), right),
            Some(index) => (inclusion(index, right), left),
        };
        path.push(root(other));
        path
    }

    pub(super) fn consistency(old: usize, leaves: &[Hash], known: bool) -> Vec<Hash> {
        if old == leaves.len() {
            return if known { Vec::new() } else { vec![root(leaves)] };
        }
        let (left, right) = split(leaves);
        let (mut path, other) = if old <= left.len() {
            (consistency(old, left, known), right)
        } else {
            (consistency(old - left.len(), right, false), left)
        };
        path.push(root(other));
        path
    }
}

#[test]
fn roots_are_those_worked_out_by_hand() {
    // SHA-256 of 00 and one letter for a leaf, of 01 and two hashes for a node.
    let expected = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "022a6979e6dab7aa5ae4c3e5e45f7e977112a7e63593820dbec1ec738a24f93c",
        "b137985ff484fb600db93107c77b0365c80d78f5b429ded0fd97361d077999eb",
        "36642e73c2540ab121e3a6bf9545b0a24982cd830eb13d3cd19de3ce6c021ec1",
        "33376a3bd63e9993708a84ddfe6c28ae58b83505dd1fed711bd924ec5a6239f0",
        "fe14a5426fbd70c0fa73f52342afed0da0bd23c4838662ccf6b88a3070ead97b",
        "e069fc12e231ccfd4516bf1617945fb3ccd5cc8910d92d6265289f088f777fdd",
        "4ae191939f548d9934740b88dea2c5cb89bb8870fc4505cd79dec6bbfaaee9cb",
    ];
    let letters: Vec<Hash> = "abcdefg".bytes().map(|letter| Hash::of_leaf(&[letter])).collect();
    for (size, expected) in expected.into_iter().enumerate() {
        assert_eq!(root(&letters[..size]).to_string(), expected, "{size} leaves");
    }
}

#[test]
fn the_right_edge_has_the_root_of_the_definition_and_survives_its_bytes() {
    let leaves = leaves(MOST);
    let mut frontier = Frontier::default();
    for size in 0..=leaves.len() {
        assert_eq!(frontier.root(), defined::root(&leaves[..size]), "{size} leaves");
        let bytes = frontier.to_bytes();
        assert_eq!(
            Frontier::from_bytes(frontier.size(), &bytes),
            Some(frontier.clone())
        );
        assert_eq!(
            Frontier::from_bytes(frontier.size(), &[&bytes[..], &[0]].concat()),
            None
        );
        assert_eq!(Frontier::from_bytes(frontier.size() * 2 + 1, &bytes), None);
        if let Some(leaf) = leaves.get(size) {
            frontier.push(*leaf);
        }
    }
}

#[test]
fn every_leaf_of_every_tree_is_proven_and_at_no_other_place() {
    for size in 1..=MOST {
        let leaves = leaves(size);
        let root = root(&leaves);
        for (index, leaf) in (0..).zip(&leaves) {
            let path = path(&leaves, inclusion_parts(index, size));
            let place = usize::try_from(index).unwrap();
            assert_eq!(path, defined::inclusion(place, &leaves), "{index} of {size}");
            for claimed in 0..=size {
                let proven = includes(&root, size, claimed, leaf, &path);
                assert_eq!(proven, claimed == index, "{index} of {size} as {claimed}");
            }
        }
    }
}

#[test]
fn every_tree_is_proven_to_begin_with_every_smaller_one_and_no_other() {
    let leaves = leaves(MOST);
    let roots: Vec<Hash> = (0..=leaves.len()).map(|size| root(&leaves[..size])).collect();
    for new in 1..=leaves.len() {
        for old in 1..=new {
            let (small, large) = (old as u64, new as u64);
            let path = path(&leaves[..new], consistency_parts(small, large));
            assert_eq!(
                path,
                defined::consistency(old, &leaves[..new], true),
                "{old} of {new}"
            );
            for claimed in 0..=new {
                let proven = extends(claimed as u64, &roots[claimed], large, &roots[new], &path);
                assert_eq!(proven, claimed == old, "{old} of {new} as {claimed}");
            }
            assert!(!extends(small, &roots[old - 1], large, &roots[new], &path));
            assert!(!extends(small, &roots[old], large, &roots[new - 1], &path));
        }
    }
}

#[test]
fn nothing_is_proven_of_what_is_not_there() {
    assert!(inclusion_parts(3, 3).is_empty() && inclusion_parts(0, 0).is_empty());
    assert!(consistency_parts(0, 3).is_empty() && consistency_parts(4, 3).is_empty());
    let leaves = leaves(3);
    assert!(!includes(&root(&leaves), 3, 3, &leaves[2], &[]));
    assert!(!extends(4, &root(&leaves), 3, &root(&leaves), &[]));
}

proptest! {
    #[test]
    fn a_proof_with_anything_changed_proves_nothing(
        size in 2..200_u64, at in any::<prop::sample::Index>(), old in any::<prop::sample::Index>(),
        place in any::<prop::sample::Index>(), bit in 0..8_u8, byte in 0..32_usize,
    ) {
        let leaves = leaves(size);
        let whole = root(&leaves);
        let index = at.index(leaves.len());
        let proof = path(&leaves, inclusion_parts(index as u64, size));
        let proves = |proof: &[Hash]| includes(&whole, size, index as u64, &leaves[index], proof);
        prop_assert!(proves(&proof));
        for wrong in spoiled(&proof, place, byte, bit) {
            prop_assert!(!proves(&wrong));
        }

        let old = old.index(leaves.len() - 1) + 1;
        let proof = path(&leaves, consistency_parts(old as u64, size));
        let before = root(&leaves[..old]);
        let proves = |proof: &[Hash]| extends(old as u64, &before, size, &whole, proof);
        prop_assert!(proves(&proof));
        for wrong in spoiled(&proof, place, byte, bit) {
            prop_assert!(!proves(&wrong));
        }
    }
}

/// A proof with one bit changed, one hash less, one hash more.
fn spoiled(proof: &[Hash], place: prop::sample::Index, byte: usize, bit: u8) -> [Vec<Hash>; 3] {
    let at = place.index(proof.len());
    let (mut changed, mut shorter, mut longer) = (proof.to_vec(), proof.to_vec(), proof.to_vec());
    changed[at].0[byte] ^= 1 << bit;
    shorter.remove(at);
    longer.insert(at, proof[at]);
    [changed, shorter, longer]
}

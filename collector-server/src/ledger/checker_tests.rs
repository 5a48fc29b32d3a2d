//! Whatever is done to a ledger is found, and where.

use zeef_proto::id::UserId;
use zeef_proto::{OrganisationId, UnixTime};

use super::*;
use crate::ledger::{Actor, Event, OrganisationEvent};

const TIME: UnixTime = UnixTime(1_785_924_000);

/// Entries as a store holds them, chained, each looking at one device more.
fn ledger(size: u64) -> Vec<StoredEntry> {
    chained((0..size).map(|index| (index, index)))
}

/// Entries of these indexes and counts, chained.
fn chained(of: impl Iterator<Item = (u64, u64)>) -> Vec<StoredEntry> {
    let mut previous = Hash::NONE;
    of.map(|(index, devices)| {
        let entry = Entry {
            index,
            at: TIME,
            actor: Actor::User(UserId::from_bytes([9; 16])),
            event: Event::Of(
                OrganisationId::from_bytes([1; 16]),
                OrganisationEvent::DevicesListed(devices),
            ),
            previous,
        };
        let bytes = entry.to_bytes();
        previous = Hash::of_leaf(&bytes);
        StoredEntry {
            index,
            bytes,
            leaf: previous,
        }
    })
    .collect()
}

fn head(of: &[StoredEntry]) -> Head {
    let mut frontier = Frontier::default();
    of.iter().for_each(|stored| frontier.push(stored.leaf));
    Head {
        size: frontier.size(),
        root: frontier.root(),
        time: TIME,
    }
}

fn check(entries: &[StoredEntry], kept: &[Head], newest: &Head) -> Result<Checked, Fault> {
    let mut checker = Checker::new(kept.to_vec());
    entries.iter().try_for_each(|stored| checker.take(stored))?;
    checker.finish(Some(newest))
}

#[test]
fn a_ledger_as_it_was_written_passes_with_every_head_it_ever_had() {
    for size in 1..20 {
        let entries = ledger(size);
        let kept: Vec<Head> = (0..=entries.len()).map(|size| head(&entries[..size])).collect();
        let checked = check(&entries, &kept, &head(&entries)).unwrap();
        assert_eq!((checked.size, checked.kept), (size, kept.len()));
        assert_eq!(checked.root, head(&entries).root);
    }
    let empty = Checker::new(Vec::new()).finish(None).unwrap();
    assert_eq!((empty.size, empty.root), (0, Hash::of_nothing()));
}

#[test]
fn a_changed_entry_is_found_where_it_is() {
    let entries = ledger(9);
    for at in 0..entries.len() {
        for byte in 0..entries[at].bytes.len() {
            let mut changed = entries.clone();
            changed[at].bytes[byte] ^= 1;
            let found = check(&changed, &[], &head(&entries));
            assert_eq!(found, Err(Fault::Changed(at as u64)));
        }
    }
}

#[test]
fn an_entry_that_was_hashed_anew_is_found_where_it_is_or_in_what_follows() {
    let entries = ledger(9);
    for at in 0..9 {
        let mut changed = entries.clone();
        changed[at as usize] =
            chained((0..9).map(|index| (index, index + u64::from(index == at)))).swap_remove(at as usize);
        let expected = if at == 8 {
            Fault::Rewritten { first: 0, last: 8 }
        } else {
            Fault::Unchained(at + 1)
        };
        assert_eq!(check(&changed, &[], &head(&entries)), Err(expected));
    }
}

#[test]
fn a_dropped_entry_is_found_whether_it_leaves_a_gap_or_not() {
    let entries = ledger(9);
    for at in 0..8 {
        let mut gap = entries.clone();
        gap.remove(at as usize);
        assert_eq!(check(&gap, &[], &head(&entries)), Err(Fault::Dropped(at)));
        for (index, stored) in (0..).zip(&mut gap) {
            stored.index = index;
        }
        assert_eq!(check(&gap, &[], &head(&entries)), Err(Fault::Moved(at)));
    }
}

#[test]
fn entries_in_another_order_are_found() {
    let entries = ledger(9);
    for at in 0..8 {
        let mut moved = entries.clone();
        moved.swap(at, at + 1);
        for (index, stored) in (0..).zip(&mut moved) {
            stored.index = index;
        }
        let found = check(&moved, &[], &head(&entries));
        assert_eq!(found, Err(Fault::Moved(at as u64)));
    }
}

#[test]
fn a_ledger_that_was_cut_off_is_found_by_the_newest_head_and_by_a_kept_one() {
    let entries = ledger(9);
    for size in 0..9 {
        let cut = &entries[..size];
        let expected = Err(Fault::CutOff {
            first: size as u64,
            last: 8,
        });
        assert_eq!(check(cut, &[], &head(&entries)), expected);
        // The newest head was put back as well.
        assert_eq!(check(cut, &[head(&entries)], &head(cut)), expected);
    }
}

#[test]
fn a_ledger_that_was_written_anew_is_found_by_a_head_that_was_kept() {
    let entries = ledger(9);
    for at in 0..9 {
        let anew = chained((0..9).map(|index| (index, index + u64::from(index == at))));
        assert_eq!(check(&anew, &[], &head(&anew)).unwrap().size, 9);
        let kept = [3, 6, 9].map(|size| head(&entries[..size]));
        let first = at / 3 * 3;
        let expected = Fault::Rewritten {
            first,
            last: first + 2,
        };
        assert_eq!(check(&anew, &kept, &head(&anew)), Err(expected), "{at}");
    }
}

#[test]
fn an_entry_that_no_head_covers_is_found() {
    let entries = ledger(9);
    assert_eq!(
        check(&entries, &[], &head(&entries[..7])),
        Err(Fault::Unsigned(7))
    );
    let mut checker = Checker::new(Vec::new());
    checker.take(&entries[0]).unwrap();
    assert_eq!(checker.finish(None), Err(Fault::Unsigned(0)));
}

#[test]
fn an_entry_of_a_version_to_come_is_said_to_be_unreadable() {
    let mut entries = ledger(1);
    entries[0].bytes[0] = 2;
    entries[0].leaf = Hash::of_leaf(&entries[0].bytes);
    assert_eq!(check(&entries, &[], &head(&entries)), Err(Fault::Unreadable(0)));
}

#[test]
fn a_fault_says_what_happened_and_names_the_entry() {
    for (fault, said) in [
        (Fault::Changed(3), "entry 3 was changed"),
        (Fault::Dropped(3), "entry 3 is missing"),
        (Fault::CutOff { first: 3, last: 8 }, "entries 3 to 8 are missing"),
        (
            Fault::Rewritten { first: 3, last: 8 },
            "entries 3 to 8 is not what was signed",
        ),
    ] {
        assert!(fault.to_string().contains(said), "{fault}");
    }
}

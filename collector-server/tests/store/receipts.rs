//! Receipts: what they prove, and that nothing in them can be changed.

use zeef_collector::erasure::{Kind, Receipt, ReceiptError, Subject};
use zeef_collector::ledger::Actor;
use zeef_collector::ledger::{LedgerKey, read};
use zeef_collector::store::erasure::ErasureStore;
use zeef_collector::store::ledger::LedgerStore;
use zeef_proto::field::{Parse, Username};
use zeef_proto::id::ReceiptId;

use crate::fixture::{Installation, START, full, unique};

const USER: &str = "j.jansen";

/// An erasure of a person, and its receipt.
async fn receipt(zeef: &Installation) -> Vec<u8> {
    let device = zeef.device().await;
    zeef.send(device, full(1, "lap-17", USER, "10.0.3.17"), START)
        .await;
    let subject = Subject::Person(Username::parse(USER).unwrap());
    let id = ReceiptId::from_random([unique(); 16]);
    let erased = zeef
        .store
        .erase(zeef.organisation, subject, id, Actor::Administrator, START)
        .await
        .unwrap();
    assert_eq!(zeef.store.erased(id).await.unwrap(), Some(erased.clone()));
    let proven = read::inclusion(&zeef.store, erased.entry).await.unwrap();
    Receipt::new(erased.facts, proven).to_bytes()
}

#[tokio::test]
async fn a_receipt_verifies_by_the_ledgers_key_and_by_no_other() {
    let zeef = Installation::new().await;
    let file = receipt(&zeef).await;
    let key = zeef.store.ledger_identity().await.unwrap().key;
    for known in [None, Some(key)] {
        let read = Receipt::verify(&file, known).unwrap();
        assert_eq!(read.facts.kind, Kind::Person);
        assert_eq!((read.facts.counts.values(), read.facts.keys.len()), (1, 1));
        assert!(read.facts.policy.is_some());
    }
    let other = Receipt::verify(&file, Some(LedgerKey([1; 32])));
    assert_eq!(other.unwrap_err(), ReceiptError::OtherKey);
}

#[tokio::test]
async fn a_receipt_names_nobody() {
    let zeef = Installation::new().await;
    let file = String::from_utf8(receipt(&zeef).await).unwrap();
    for needle in [USER, "lap-17", "10.0.3.17", "Jansen"] {
        assert!(!file.contains(needle), "{needle}");
    }
}

#[tokio::test]
async fn a_receipt_with_any_byte_changed_cut_or_added_is_none() {
    let zeef = Installation::new().await;
    let file = receipt(&zeef).await;
    for at in 0..file.len() {
        for bit in 0..8 {
            let mut changed = file.clone();
            changed[at] ^= 1 << bit;
            assert!(Receipt::verify(&changed, None).is_err(), "bit {bit} of byte {at}");
        }
        assert!(Receipt::verify(&file[..at], None).is_err(), "cut at {at}");
    }
    for more in [&b"\n"[..], b" ", b"{}"] {
        assert!(Receipt::verify(&[&file[..], more].concat(), None).is_err());
        assert!(Receipt::verify(&[more, &file[..]].concat(), None).is_err());
    }
}

#[tokio::test]
async fn a_receipt_has_one_spelling() {
    let zeef = Installation::new().await;
    let file = String::from_utf8(receipt(&zeef).await).unwrap();
    let value: serde_json::Value = serde_json::from_str(&file).unwrap();
    let members = ["entry", "facts", "head", "path", "version"];
    assert!(
        value.as_object().unwrap().keys().eq(members),
        "in the order of their names"
    );
    let pretty = serde_json::to_string_pretty(&value).unwrap() + "\n";
    let escaped = file.replacen("\"kind\":\"person\"", "\"kind\":\"\\u0070erson\"", 1);
    let twice = file.replacen("{\"entry\":", "{\"version\":1,\"entry\":", 1);
    let exponent = file.replacen("\"version\":1}\n", "\"version\":1e0}\n", 1);
    let more = file.replacen("\"version\":1}\n", "\"version\":1,\"w\":1}\n", 1);
    for other in [pretty, escaped, twice, exponent, more] {
        assert_ne!(other, file);
        assert_eq!(
            Receipt::verify(other.as_bytes(), None).unwrap_err(),
            ReceiptError::Form
        );
    }
}

#[tokio::test]
async fn facts_of_one_receipt_do_not_go_with_the_proof_of_another() {
    let zeef = Installation::new().await;
    let (first, second) = (receipt(&zeef).await, receipt(&zeef).await);
    let facts = |file: &[u8]| serde_json::from_slice::<serde_json::Value>(file).unwrap()["facts"].to_string();
    let text = String::from_utf8(second.clone()).unwrap();
    let mixed = text.replacen(&facts(&second), &facts(&first), 1);
    assert_ne!(mixed, text);
    assert_eq!(
        Receipt::verify(mixed.as_bytes(), None).unwrap_err(),
        ReceiptError::Facts
    );
}

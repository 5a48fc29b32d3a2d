//! Access packages: what is in them, that nobody else is, and that no byte of one can be changed unseen.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use flate2::read::DeflateDecoder;
use serde_json::Value;
use zeef_collector::ledger::{Actor, Entry, Event, OrganisationEvent};
use zeef_collector::package::{Made, Order, PackageError, Scope, make, verify};
use zeef_collector::store::StoreError;
use zeef_collector::store::ledger::{LedgerStore, Look, LookedAt};
use zeef_collector::web::Language;
use zeef_proto::field::{Parse, Username};
use zeef_proto::policy::Policy;
use zeef_proto::wire::Report;
use zeef_proto::{DeviceId, OrganisationId};

use crate::fixture::{Installation, REFERENCE_POLICY, START, full, signed, stored};

fn order(zeef: &Installation, scope: Scope) -> Order {
    Order {
        organisation: zeef.organisation,
        scope,
        language: Language::English,
        policy: Some((signed(REFERENCE_POLICY), Policy::parse(REFERENCE_POLICY).unwrap())),
        by: Actor::Administrator,
        now: START.plus(60),
    }
}

fn person(name: &str) -> Scope {
    Scope::Person(Username::parse(name).unwrap())
}

pub(crate) async fn made(zeef: &Installation, scope: Scope, file: &Path) -> Made {
    make(&zeef.store, &order(zeef, scope), file).await.unwrap()
}

/// The files of an archive by name.
pub(crate) fn files(archive: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut rest = archive;
    while rest.starts_with(b"PK\x03\x04") {
        let number = |at: usize| u32::from_le_bytes(rest[at..at + 4].try_into().unwrap()) as usize;
        let name = usize::from(u16::from_le_bytes(rest[26..28].try_into().unwrap()));
        let (named, content) = (&rest[30..30 + name], &rest[30 + name..30 + name + number(18)]);
        let mut text = Vec::new();
        if rest[8] == 8 {
            DeflateDecoder::new(content).read_to_end(&mut text).unwrap();
        } else {
            text.extend(content);
        }
        assert_eq!(text.len(), number(22));
        files.insert(String::from_utf8(named.to_vec()).unwrap(), text);
        rest = &rest[30 + name + number(18)..];
    }
    files
}

fn text(files: &BTreeMap<String, Vec<u8>>, name: &str) -> String {
    String::from_utf8(files[name].clone()).unwrap()
}

/// A device that two people use.
async fn shared(zeef: &Installation) -> DeviceId {
    let device = zeef.device().await;
    let users = ["j.jansen", "p.bakker"].map(|name| Username::parse(name).unwrap());
    let report = Report {
        usernames: Some(users.to_vec()),
        ..full(1, "lap-17", "j.jansen", "10.0.3.17")
    };
    assert!(stored(&zeef.send(device, report, START).await));
    device
}

#[tokio::test]
async fn each_value_stands_in_every_form_with_why_it_is_held_and_who_looked() {
    let zeef = Installation::new().await;
    let device = zeef.reporting().await;
    let at = LookedAt::Device(zeef.organisation, device);
    let look = Look {
        by: Actor::Administrator,
        at,
    };
    zeef.store.record_look(look, START).await.unwrap();
    let file = zeef.file("package.zip");
    let made = made(&zeef, Scope::Organisation, &file).await;
    let archive = std::fs::read(&file).unwrap();
    let files = files(&archive);
    let data: Value = serde_json::from_slice(&files["data.json"]).unwrap();
    assert_eq!(data["devices"][0]["id"], device.to_string());
    let values = data["devices"][0]["values"].as_array().unwrap();
    assert_eq!(values.len() as u64, made.facts.counts.values);
    let (csv, page) = (text(&files, "data.csv"), text(&files, "overview.html"));
    for value in values {
        let reason = &value["reasons"][0];
        assert!(
            !reason["purpose"].as_str().unwrap().is_empty(),
            "{}",
            value["field"]
        );
        assert!(
            !reason["grounds"].as_array().unwrap().is_empty(),
            "{}",
            value["field"]
        );
        let held = value["value"].as_str().unwrap();
        assert!(csv.contains(held) && page.contains(held), "{}", value["field"]);
    }
    assert!(!data["devices"][0]["protocol"].as_array().unwrap().is_empty());
    let looked = data["looked"].as_array().unwrap();
    assert_eq!(looked.len(), 1);
    assert_eq!(
        (&looked[0]["what"], &looked[0]["device"]),
        (&"device_read".into(), &data["devices"][0]["id"])
    );
    assert!(page.contains("looked at a device") && !page.contains("<script"));
    assert_eq!(files.len(), 6);
}

#[tokio::test]
async fn a_persons_package_has_their_devices_and_nobody_elses_name() {
    let zeef = Installation::new().await;
    let own = shared(&zeef).await;
    let other = zeef.device().await;
    assert!(stored(
        &zeef
            .send(other, full(1, "lap-18", "m.dewit", "10.0.3.18"), START)
            .await
    ));
    let file = zeef.file("package.zip");
    let made = made(&zeef, person("J.Jansen"), &file).await;
    assert_eq!((made.facts.counts.devices, made.facts.counts.redacted), (1, 1));
    let files = files(&std::fs::read(&file).unwrap());
    for name in [
        "data.json",
        "data.csv",
        "overview.html",
        "README.txt",
        "manifest.json",
    ] {
        let text = text(&files, name);
        for not_theirs in ["p.bakker", "m.dewit", "lap-18"] {
            assert!(!text.contains(not_theirs), "{name}");
        }
    }
    assert!(text(&files, "data.json").contains(&own.to_string()));
    assert!(text(&files, "data.csv").contains("(somebody else)"));
    let manifest = text(&files, "manifest.json");
    assert!(!manifest.to_lowercase().contains("jansen"));
}

#[tokio::test]
async fn a_package_is_whole_and_no_byte_of_it_can_be_changed_or_cut_off() {
    let zeef = Installation::new().await;
    zeef.reporting().await;
    let file = zeef.file("package.zip");
    let made = made(&zeef, Scope::Organisation, &file).await;
    let whole = std::fs::read(&file).unwrap();
    let key = zeef.store.ledger_identity().await.unwrap().key;
    assert_eq!(verify(&whole[..], Some(key)).unwrap().facts, made.facts);
    let other = zeef_collector::ledger::LedgerKey([1; 32]);
    assert!(verify(&whole[..], Some(other)).is_err());
    for at in 0..whole.len() {
        let mut changed = whole.clone();
        changed[at] ^= 1 << (at % 8);
        assert!(verify(&changed[..], Some(key)).is_err(), "byte {at}");
        assert!(verify(&whole[..at], Some(key)).is_err(), "cut at {at}");
    }
    assert!(verify(&[&whole[..], b"\0"].concat()[..], Some(key)).is_err());
}

#[tokio::test]
async fn what_is_held_of_one_instant_has_one_spelling() {
    let zeef = Installation::new().await;
    let device = shared(&zeef).await;
    zeef.reporting().await;
    let (one, two) = (zeef.file("one.zip"), zeef.file("two.zip"));
    let first = made(&zeef, Scope::Device(device), &one).await;
    let second = made(&zeef, Scope::Device(device), &two).await;
    assert_eq!(first.facts.counts.values, second.facts.counts.values);
    // The second tells of the first: who looked.
    assert!(second.facts.counts.looks > first.facts.counts.looks);
    let [first, second] = [one, two].map(|file| files(&std::fs::read(file).unwrap()));
    for name in ["README.txt", "data.csv", "data.schema.json"] {
        assert_eq!(first[name], second[name], "{name}");
    }
}

#[tokio::test]
async fn the_ledger_says_of_which_devices_a_package_was_made_and_a_refused_one_leaves_nothing() {
    let zeef = Installation::new().await;
    let device = zeef.reporting().await;
    let file = zeef.file("package.zip");
    let made = made(&zeef, Scope::Device(device), &file).await;
    let entries = zeef.store.ledger_from(made.entry - 1, 2).await.unwrap();
    let events: Vec<_> = entries
        .iter()
        .map(|stored| Entry::from_bytes(&stored.bytes).unwrap().event)
        .collect();
    let mark = zeef
        .store
        .device_mark(zeef.organisation, device)
        .await
        .unwrap()
        .unwrap();
    let digest = made.facts.digest();
    assert_eq!(
        events,
        [
            OrganisationEvent::DeviceRead(mark),
            OrganisationEvent::PackageMade { digest, devices: 1 }
        ]
        .map(|event| Event::Of(zeef.organisation, event))
    );
    let none = zeef.file("none.zip");
    let absent = Scope::Device(DeviceId::from_bytes([9; 16]));
    let refused = make(&zeef.store, &order(&zeef, absent), &none).await;
    assert!(matches!(
        refused,
        Err(PackageError::Store(StoreError::NotFound(_)))
    ));
    let elsewhere = Order {
        organisation: OrganisationId::from_bytes([8; 16]),
        ..order(&zeef, Scope::Organisation)
    };
    let refused = make(&zeef.store, &elsewhere, &none).await;
    assert!(matches!(
        refused,
        Err(PackageError::Store(StoreError::NotFound(_)))
    ));
    assert!(!none.exists());
    let there = make(&zeef.store, &order(&zeef, Scope::Organisation), &file).await;
    assert!(matches!(there, Err(PackageError::File(_))));
}

#[tokio::test]
async fn a_person_of_whom_nothing_is_held_is_told_so() {
    let zeef = Installation::new().await;
    zeef.reporting().await;
    let file = zeef.file("package.zip");
    let made = made(&zeef, person("p.bakker"), &file).await;
    assert_eq!(made.facts.counts.devices, 0);
    let files = files(&std::fs::read(&file).unwrap());
    assert!(text(&files, "overview.html").contains("No device is held"));
}

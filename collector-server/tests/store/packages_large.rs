//! An access package of an organisation with many devices. On files alone: a server takes minutes to be told of them.

use serde_json::Value;
use zeef_collector::package::{Scope, verify};
use zeef_collector::store::InventoryStore;
use zeef_collector::store::batch::RecordsOutcome;
use zeef_proto::DeviceId;
use zeef_proto::wire::MAX_RECORDS;

use crate::fixture::{Installation, START, site};
use crate::packages::{files, made};

#[tokio::test]
async fn a_package_of_five_thousand_devices_has_each_of_them_once() {
    const BATCHES: usize = 5_000_usize.div_ceil(MAX_RECORDS);
    let zeef = Installation::without_subscription().await;
    let speaker = zeef.collecting(&["wifi"]).await;
    for batch in 0..BATCHES {
        let told = (0..MAX_RECORDS).map(|one| {
            let number = batch * MAX_RECORDS + one;
            let links = format!(r#""links":["1c7f0d07a2b3.1:{number:0>21}A"]"#);
            site(
                "unifi",
                "wifi",
                &format!(r#""device_name":"dev-{number}",{links}"#),
            )
        });
        let outcome = zeef.tell(speaker, batch as u64 + 1, told.collect(), START).await;
        assert!(matches!(outcome, RecordsOutcome::Stored { .. }), "{outcome:?}");
    }
    let mut devices: Vec<DeviceId> = Vec::new();
    let mut after = None;
    while let Some(last) = {
        let ids = zeef
            .store
            .device_ids(Some(zeef.organisation), after, 1_000)
            .await
            .unwrap();
        devices.extend(ids.iter().map(|(_, device)| *device));
        ids.last().copied()
    } {
        after = Some(last);
    }
    assert_eq!(devices.len(), BATCHES * MAX_RECORDS + 1);
    let file = zeef.file("package.zip");
    let made = made(&zeef, Scope::Organisation, &file).await;
    assert_eq!(made.facts.counts.devices, devices.len() as u64);
    let archive = std::fs::read(&file).unwrap();
    assert!(verify(&archive[..], None).is_ok());
    let data: Value = serde_json::from_slice(&files(&archive)["data.json"]).unwrap();
    let listed: Vec<_> = data["devices"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["id"].clone())
        .collect();
    let expected: Vec<Value> = devices.iter().map(|id| id.to_string().into()).collect();
    assert_eq!(listed, expected);
}

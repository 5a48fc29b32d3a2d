//! Mutated batches of records thrown at the port: what holds for reports holds for them.

use proptest::collection::vec;
use proptest::prelude::*;
use zeef_collector::ledger::Actor;
use zeef_proto::wire::{RecordBatch, path};

use crate::closed_wire::{CANARY, is_documented, mutated, mutation};
use crate::device::{Device, batch};
use crate::harness::Harness;
use crate::target::{Target, check_refusal, runner};

const RECORDS: [&str; 2] = [
    r#"{"source":"unifi","product":"wifi","about":"site-device","device_name":"lap-18","private_ips":["10.0.3.18"],"links":["1c7f0d07a2b3.2:XykOR8JeD9J86b_2UNTRkg"]}"#,
    r#"{"source":"eset-protect","product":"antivirus","about":"this-device","device_name":"lap-17","usernames":["j.jansen"]}"#,
];

#[test]
fn whatever_is_done_to_a_batch_only_documented_values_are_stored_and_no_refusal_repeats_a_value() {
    let target = Target::new(async |harness: &Harness| {
        let organisation = harness
            .organisation("Bakkerij Jansen", &["antivirus", "wifi"])
            .await;
        let device = Device::enrolled(harness, &harness.token(organisation, 1).await).await;
        let now = zeef_proto::Clock::now(&harness.clock);
        let store = harness.store();
        store
            .allow_site(organisation, device.id, true, Actor::Administrator, now)
            .await
            .unwrap();
        device
    });
    let (sequence, refused) = (std::cell::Cell::new(0), std::cell::Cell::new(0));
    let mutations = (
        vec(mutation(), 0..3),
        prop_oneof![Just("/records/0"), Just("/records/1"), Just("")],
    );
    runner()
        .run(&mutations, |(mutations, place)| {
            let body = mutated(batch(sequence.get() + 1, &RECORDS), place, &mutations);
            let response = target.post(path::RECORDS, &body);
            if response.status == 200 {
                let taken = RecordBatch::read(&body).expect("only a batch is acknowledged");
                sequence.set(taken.sequence);
            } else {
                refused.set(refused.get() + 1);
                check_refusal(&response, &["anary", "lap-1", "jansen", "XykO", "10.0"])?;
            }
            let store = target.harness.store();
            let ids = target.wait(store.device_ids(None, None, 1_000)).unwrap();
            let held = target.wait(store.devices(ids, crate::harness::START)).unwrap();
            for one in held.iter().flat_map(|device| &device.observations) {
                prop_assert!(
                    is_documented(one.field, &one.value) && !one.value.contains(CANARY),
                    "{}",
                    one.field
                );
                let wifi = one.origin.product() == "wifi";
                let of_wifi = ["device_name", "private_ip", "public_ip"];
                prop_assert!(!wifi || of_wifi.contains(&one.field.name()), "{}", one.field);
            }
            Ok(())
        })
        .unwrap();
    assert!(sequence.get() > 10, "unchanged batches are stored");
    assert!(refused.get() > 10, "changed ones are refused");
}

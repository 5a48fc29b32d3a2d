//! Mutated batches of records thrown at the port: what holds for reports holds for them.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use zeef_proto::wire::{ProblemCode, RecordBatch, path};

use crate::closed_wire::{CANARY, is_documented, mutated, mutation};
use crate::device::{Device, batch};
use crate::harness::Harness;

const RECORDS: [&str; 2] = [
    r#"{"source":"unifi","product":"wifi","about":"site-device","device_name":"lap-18","private_ips":["10.0.3.18"],"links":["1c7f0d07a2b3.2:XykOR8JeD9J86b_2UNTRkg"]}"#,
    r#"{"source":"eset-protect","product":"antivirus","about":"this-device","device_name":"lap-17","usernames":["j.jansen"]}"#,
];

#[test]
fn whatever_is_done_to_a_batch_only_documented_values_are_stored_and_no_refusal_repeats_a_value() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let (harness, device) = runtime.block_on(async {
        let harness = Harness::with(|config| {
            config.agents.limits.requests_per_device = zeef_collector::config::Rate(1_000_000);
        })
        .await;
        let organisation = harness
            .organisation("Bakkerij Jansen", &["antivirus", "wifi"])
            .await;
        let device = Device::enrolled(&harness, &harness.token(organisation, 1).await).await;
        harness
            .store()
            .allow_site(
                organisation,
                device.id,
                true,
                zeef_proto::Clock::now(&harness.clock),
            )
            .await
            .unwrap();
        (harness, device)
    });
    let client = std::cell::RefCell::new(runtime.block_on(device.connect(&harness)).unwrap());
    let (sequence, refused) = (std::cell::Cell::new(0), std::cell::Cell::new(0));
    let mut runner = TestRunner::new(Config {
        cases: 400,
        failure_persistence: None,
        ..Config::default()
    });
    let mutations = (
        vec(mutation(), 0..3),
        prop_oneof![Just("/records/0"), Just("/records/1"), Just("")],
    );
    runner
        .run(&mutations, |(mutations, target)| {
            let body = mutated(batch(sequence.get() + 1, &RECORDS), target, &mutations);
            let response = runtime
                .block_on(client.borrow_mut().post(path::RECORDS, &body))
                .expect("the connection stays");
            if response.status == 200 {
                let taken = RecordBatch::read(&body).expect("only a batch is acknowledged");
                sequence.set(taken.sequence);
            } else {
                refused.set(refused.get() + 1);
                let problem = response.problem();
                prop_assert!(
                    matches!(
                        problem.code,
                        ProblemCode::InvalidMessage | ProblemCode::WireVersion | ProblemCode::SequenceFork
                    ),
                    "{problem:?}"
                );
                let answer = String::from_utf8_lossy(&response.body).into_owned();
                for part in ["anary", "lap-1", "jansen", "XykO", "10.0"] {
                    prop_assert!(!answer.contains(part), "{answer}");
                }
            }
            let ids = runtime
                .block_on(harness.store().device_ids(None, None, 1_000))
                .unwrap();
            let held = runtime
                .block_on(harness.store().devices(ids, crate::harness::START))
                .unwrap();
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

//! Batches of records of other products, and their replies.

use zeef_collector::ledger::Actor;
use zeef_proto::field::Field;
use zeef_proto::wire::{ProblemCode, RecordsReply, path};

use crate::device::{Device, batch};
use crate::harness::Harness;
use crate::operations::get;

const OWN: &str =
    r#"{"source":"eset-protect","product":"antivirus","about":"this-device","device_name":"lap-17"}"#;
const PHONE: &str = r#"{"source":"unifi","product":"wifi","about":"site-device","device_name":"phone-3","private_ips":["10.0.4.3"],"links":["1c7f0d07a2b3.2:XykOR8JeD9J86b_2UNTRkg"]}"#;
const PHONE_WITH_USER: &str = r#"{"source":"unifi","product":"wifi","about":"site-device","device_name":"phone-4","usernames":["j.jansen"]}"#;

/// A device of an organisation that has antivirus and Wi-Fi.
async fn device(harness: &Harness) -> Device {
    let organisation = harness
        .organisation("Bakkerij Jansen", &["antivirus", "wifi"])
        .await;
    Device::enrolled(harness, &harness.token(organisation, 1).await).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_is_acknowledged_counted_and_held_and_metrics_tell_numbers_alone() {
    let harness = Harness::new().await;
    let device = device(&harness).await;
    let allowed = harness.store().allow_site(
        device.organisation,
        device.id,
        true,
        Actor::Administrator,
        zeef_proto::Clock::now(&harness.clock),
    );
    assert!(allowed.await.unwrap());
    let mut client = device.connect(&harness).await.unwrap();
    let body = batch(1, &[OWN, PHONE, PHONE_WITH_USER]);
    let reply: RecordsReply = client.post(path::RECORDS, &body).await.unwrap().read();
    assert_eq!(
        (
            reply.acknowledged,
            reply.stored,
            reply.not_documented,
            reply.ambiguous,
            reply.policy
        ),
        (1, 2, 1, 0, 1)
    );
    assert_eq!(reply.products.len(), 2);
    let again: RecordsReply = client.post(path::RECORDS, &body).await.unwrap().read();
    assert_eq!(
        (again.acknowledged, again.stored, again.not_documented),
        (1, 0, 0)
    );

    assert!(
        harness
            .stored(&device)
            .await
            .values(Field::DeviceName)
            .eq(["lap-17"])
    );
    let ids = harness
        .store()
        .device_ids(Some(device.organisation), None, 10)
        .await
        .unwrap();
    assert_eq!(ids.len(), 2);
    let metrics = get(harness.collector.operations, "/metrics").await;
    for line in [
        "zeef_records_total{result=\"stored\"} 2",
        "zeef_records_total{result=\"not-documented\"} 1",
    ] {
        assert!(metrics.contains(line), "{line} in {metrics}");
    }
    assert!(!metrics.contains("phone-3") && !metrics.contains("unifi"));
}

#[tokio::test(flavor = "multi_thread")]
async fn records_of_a_site_are_refused_whole_until_an_administrator_allows_them() {
    let harness = Harness::new().await;
    let device = device(&harness).await;
    let mut client = device.connect(&harness).await.unwrap();
    let body = batch(1, &[OWN, PHONE]);
    let refused = client.post(path::RECORDS, &body).await.unwrap();
    assert_eq!(refused.code(), ProblemCode::SiteNotAllowed);
    assert!(!String::from_utf8_lossy(&refused.body).contains("phone-3"));
    assert!(harness.stored(&device).await.observations.is_empty());
    let allowed = harness.store().allow_site(
        device.organisation,
        device.id,
        true,
        Actor::Administrator,
        zeef_proto::Clock::now(&harness.clock),
    );
    assert!(allowed.await.unwrap());
    // On the connection that was open already.
    let reply: RecordsReply = client.post(path::RECORDS, &body).await.unwrap().read();
    assert_eq!(reply.stored, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_report_may_not_send_records_either() {
    let harness = Harness::new().await;
    let device = device(&harness).await;
    let body = batch(2, &[OWN]);
    let anonymous = harness
        .anonymous()
        .await
        .post(path::RECORDS, &body)
        .await
        .unwrap();
    assert_eq!(anonymous.code(), ProblemCode::CertificateRequired);
    let mut client = device.connect(&harness).await.unwrap();
    assert_eq!(client.post(path::RECORDS, &body).await.unwrap().status, 200);
    for (body, code) in [
        (batch(1, &[OWN]), ProblemCode::SequenceFork),
        (batch(3, &[]), ProblemCode::InvalidMessage),
        (
            String::from_utf8(batch(3, &[OWN]))
                .unwrap()
                .replace("\"wire\":1", "\"wire\":2")
                .into_bytes(),
            ProblemCode::WireVersion,
        ),
        (vec![b' '; zeef_proto::wire::MAX_BODY + 1], ProblemCode::TooLarge),
    ] {
        let response = device
            .connect(&harness)
            .await
            .unwrap()
            .post(path::RECORDS, &body)
            .await
            .unwrap();
        assert_eq!(response.code(), code);
    }
    assert_eq!(
        client.get(path::RECORDS).await.unwrap().code(),
        ProblemCode::MethodNotAllowed
    );
    harness
        .store()
        .revoke_device(
            device.organisation,
            device.id,
            Actor::Administrator,
            zeef_proto::Clock::now(&harness.clock),
        )
        .await
        .unwrap();
    let response = client.post(path::RECORDS, &batch(3, &[OWN])).await.unwrap();
    assert_eq!(response.code(), ProblemCode::Revoked);
}

//! Reports and their replies.

use zeef_proto::field::Field;
use zeef_proto::policy::SignedPolicy;
use zeef_proto::wire::{ProblemCode, ReportReply, path};

use crate::device::{Device, full, heartbeat};
use crate::harness::{Harness, START};

#[tokio::test(flavor = "multi_thread")]
async fn a_report_is_acknowledged_and_its_values_are_held() {
    let harness = Harness::new().await;
    let device = harness.device().await;
    let mut client = device.connect(&harness).await.unwrap();
    let reply: ReportReply = client
        .post(path::REPORT, &full(1).to_bytes())
        .await
        .unwrap()
        .read();
    assert_eq!(
        (reply.acknowledged, reply.send_all, reply.policy, reply.time),
        (1, false, 1, START)
    );
    assert_eq!(reply.products.len(), 1);
    let stored = harness.stored(&device).await;
    assert_eq!(stored.values(Field::DeviceName).collect::<Vec<_>>(), ["lap-17"]);
    assert_eq!(stored.values(Field::Username).collect::<Vec<_>>(), ["j.jansen"]);
    // The connection came over loopback: there is no public address to know.
    assert_eq!(stored.values(Field::PublicIp).count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retry_is_acknowledged_a_gap_asks_for_all_and_a_fork_is_refused() {
    let harness = Harness::new().await;
    let device = harness.device().await;
    let mut client = device.connect(&harness).await.unwrap();
    let first = full(1).to_bytes();
    for _ in 0..2 {
        assert_eq!(
            client
                .post(path::REPORT, &first)
                .await
                .unwrap()
                .read::<ReportReply>()
                .acknowledged,
            1
        );
    }
    let gap: ReportReply = client
        .post(path::REPORT, &heartbeat(5).to_bytes())
        .await
        .unwrap()
        .read();
    assert!(gap.send_all);
    for forked in [full(5), heartbeat(2)] {
        let response = client.post(path::REPORT, &forked.to_bytes()).await.unwrap();
        assert_eq!(response.code(), ProblemCode::SequenceFork);
    }
    assert!(harness.stored(&device).await.agent.unwrap().suspected_clone);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_that_no_product_documents_is_refused_by_name() {
    let harness = Harness::new().await;
    let organisation = harness.organisation("Zonder product", &[]).await;
    let device = Device::enrolled(&harness, &harness.token(organisation, 1).await).await;
    let mut client = device.connect(&harness).await.unwrap();
    let response = client.post(path::REPORT, &full(1).to_bytes()).await.unwrap();
    assert_eq!(response.code(), ProblemCode::NotDocumented);
    let detail = response.problem().detail.unwrap();
    assert!(
        detail.contains("device_name") && !detail.contains("lap-17"),
        "{detail}"
    );
    assert!(harness.stored(&device).await.observations.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_published_policy_is_served_to_devices() {
    let harness = Harness::new().await;
    let device = harness.device().await;
    let served: SignedPolicy = device
        .connect(&harness)
        .await
        .unwrap()
        .get(path::POLICY)
        .await
        .unwrap()
        .read();
    assert_eq!(Some(served), harness.store().policy().await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn other_addresses_and_methods_are_refused_as_such() {
    let harness = Harness::new().await;
    let device = harness.device().await;
    let mut client = device.connect(&harness).await.unwrap();
    for (method, path, code) in [
        ("GET", "/v1/nothing", ProblemCode::NotFound),
        ("POST", "/v1/report/", ProblemCode::NotFound),
        ("GET", path::REPORT, ProblemCode::MethodNotAllowed),
        ("POST", path::POLICY, ProblemCode::MethodNotAllowed),
        ("PUT", path::DEVICE, ProblemCode::MethodNotAllowed),
        ("GET", path::ENROLMENT, ProblemCode::MethodNotAllowed),
        ("DELETE", path::RECOVERY, ProblemCode::MethodNotAllowed),
    ] {
        let response = client.request(method, path, b"").await.unwrap();
        assert_eq!(response.code(), code, "{method} {path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_wire_version_is_named_as_the_reason() {
    let harness = Harness::new().await;
    let device = harness.device().await;
    let mut report = heartbeat(1);
    report.wire = 2;
    let mut client = device.connect(&harness).await.unwrap();
    let response = client.post(path::REPORT, &report.to_bytes()).await.unwrap();
    assert_eq!(response.code(), ProblemCode::WireVersion);
}

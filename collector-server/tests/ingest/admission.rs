//! Who gets in.

use std::time::Duration;

use rcgen::KeyPair;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use zeef_collector::ledger::Actor;
use zeef_collector::pki::{DeviceKey, IssuingAuthority, Root};
use zeef_proto::time::{DAY, HOUR};
use zeef_proto::wire::{ProblemCode, path};
use zeef_proto::{Clock, UnixTime};

use crate::client::Client;
use crate::device::{Device, heartbeat, request};
use crate::harness::{Harness, START};

/// A device with a certificate by `authority`, made at `made`.
fn with_certificate_of(authority: &IssuingAuthority, like: &Device, made: UnixTime) -> Device {
    let key = KeyPair::generate().unwrap();
    let der = data_encoding::BASE64URL_NOPAD
        .decode(request(&key).as_bytes())
        .unwrap();
    let device_key = DeviceKey::from_request(&der).unwrap();
    let issued = authority
        .certify_device(&device_key, like.organisation, like.id, made)
        .unwrap();
    Device {
        organisation: like.organisation,
        id: like.id,
        key,
        chain: issued.chain.to_vec(),
    }
}

fn authority_of(harness: &Harness) -> IssuingAuthority {
    let read = |name: &str| std::fs::read_to_string(harness.file(name)).unwrap();
    IssuingAuthority::from_pem(
        &read("authority/root.pem"),
        &read("authority/issuing.pem"),
        &read("authority/issuing.key"),
    )
    .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_client_certificate_only_enrolment_and_recovery_answer() {
    let harness = Harness::new().await;
    for (method, path) in [
        ("POST", path::REPORT),
        ("POST", path::RENEWAL),
        ("GET", path::POLICY),
        ("DELETE", path::DEVICE),
        ("GET", "/"),
    ] {
        let mut client = harness.anonymous().await;
        let response = client.request(method, path, b"{}").await.unwrap();
        assert_eq!(response.code(), ProblemCode::CertificateRequired, "{path}");
        client.closed().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_of_this_authority_gets_in() {
    let harness = Harness::new().await;
    let device = harness.device().await;
    assert!(device.is_let_in(&harness).await);
    assert!(
        with_certificate_of(&authority_of(&harness), &device, START)
            .is_let_in(&harness)
            .await
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_of_another_authority_does_not() {
    let harness = Harness::new().await;
    let device = harness.device().await;
    let (root, pem) = Root::create(START).unwrap();
    let issuing = root.certify_issuing(START).unwrap();
    let foreign = IssuingAuthority::from_pem(&pem.certificate, &issuing.certificate, &issuing.key).unwrap();
    assert!(
        !with_certificate_of(&foreign, &device, START)
            .is_let_in(&harness)
            .await
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_has_lapsed_or_not_begun_does_not() {
    let harness = Harness::new().await;
    let device = harness.device().await;
    let future = with_certificate_of(&authority_of(&harness), &device, START.plus(DAY));
    assert!(!future.is_let_in(&harness).await);
    harness.clock.forward(DAY);
    assert!(future.is_let_in(&harness).await);
    harness.clock.forward(90 * DAY);
    assert!(!device.is_let_in(&harness).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_servers_own_certificate_is_no_devices() {
    let harness = Harness::new().await;
    let device = harness.device().await;
    let server = authority_of(&harness)
        .certify_server(&["localhost".to_owned()], START)
        .unwrap();
    let config = harness.trust.with_certificate(server.chain, server.key);
    let let_in = match Client::connect(harness.collector.agents, &config).await {
        Ok(mut client) => client.get(path::POLICY).await.is_ok(),
        Err(_) => false,
    };
    assert!(!let_in);
    assert!(device.is_let_in(&harness).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_device_is_refused_at_its_next_request_on_an_open_connection() {
    let harness = Harness::new().await;
    let device = harness.device().await;
    let mut client = device.connect(&harness).await.unwrap();
    let body = heartbeat(1).to_bytes();
    assert_eq!(client.post(path::REPORT, &body).await.unwrap().status, 200);
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
    let renewal = Device::renewal(&device.key);
    for (method, path, body) in [
        ("POST", path::REPORT, heartbeat(2).to_bytes()),
        ("POST", path::RENEWAL, renewal),
        ("GET", path::POLICY, Vec::new()),
        ("DELETE", path::DEVICE, Vec::new()),
    ] {
        let response = client.request(method, path, &body).await.unwrap();
        assert_eq!(response.code(), ProblemCode::Revoked, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_was_ended_is_told_that_it_is_gone() {
    let harness = Harness::new().await;
    let device = harness.device().await;
    let mut client = device.connect(&harness).await.unwrap();
    let left = client.request("DELETE", path::DEVICE, b"").await.unwrap();
    assert_eq!((left.status, left.body.len()), (204, 0));
    assert!(harness.stored_as(device.organisation, device.id).await.is_none());
    let response = client.post(path::REPORT, &heartbeat(1).to_bytes()).await.unwrap();
    assert_eq!(response.code(), ProblemCode::Gone);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_connection_does_not_outlive_its_certificate() {
    let harness = Harness::new().await;
    let device = harness.device().await;
    let mut client = device.connect(&harness).await.unwrap();
    assert_eq!(client.get(path::POLICY).await.unwrap().status, 200);
    harness.clock.forward(91 * DAY);
    let response = client.get(path::POLICY).await.unwrap();
    assert_eq!(response.code(), ProblemCode::CertificateRequired);
    client.closed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resumed_session_does_not_outlive_its_certificate() {
    let harness = Harness::new().await;
    let device = harness.device().await;
    let config = device.config(&harness);
    harness.clock.forward(90 * DAY - HOUR);
    let mut first = Client::connect(harness.collector.agents, &config).await.unwrap();
    assert_eq!(first.get(path::POLICY).await.unwrap().status, 200);
    let mut second = Client::connect(harness.collector.agents, &config).await.unwrap();
    assert!(second.resumed());
    assert_eq!(second.get(path::POLICY).await.unwrap().status, 200);
    harness.clock.forward(2 * HOUR);
    assert!(harness.clock.now() > START.plus(90 * DAY));
    let mut third = Client::connect(harness.collector.agents, &config).await.unwrap();
    assert!(third.resumed());
    assert_eq!(
        third.get(path::POLICY).await.unwrap().code(),
        ProblemCode::CertificateRequired
    );
}

/// What was revoked stays refused: a resumed session says who comes, and each request asks whether it may.
#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_resumed_at_another_collector_and_lets_no_revoked_device_in() {
    let harness = Harness::new().await;
    let other = harness.another_collector().await;
    let (device, revoked) = (harness.device().await, harness.device().await);
    for (device, expected) in [(&device, None), (&revoked, Some(ProblemCode::Revoked))] {
        let config = device.config(&harness);
        let mut first = Client::connect(harness.collector.agents, &config).await.unwrap();
        assert_eq!(first.get(path::POLICY).await.unwrap().status, 200);
        if expected.is_some() {
            let (now, store) = (harness.clock.now(), harness.store());
            let revoked = store.revoke_device(device.organisation, device.id, Actor::Administrator, now);
            assert!(revoked.await.unwrap());
        }
        let mut second = Client::connect(other.agents, &config).await.unwrap();
        assert!(second.resumed());
        let answer = second.get(path::POLICY).await.unwrap();
        assert_eq!((answer.status != 200).then(|| answer.code()), expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_1_2_is_answered_with_the_alert_for_it() {
    let harness = Harness::new().await;
    let mut stream = TcpStream::connect(harness.collector.agents).await.unwrap();
    // RFC 5246, 7.4.1.2: a hello of TLS 1.2 with one suite and signature_algorithms.
    let mut hello = vec![0x03, 0x03];
    hello.extend([7; 32]);
    hello.extend([0, 0, 2, 0xc0, 0x2b, 1, 0]);
    hello.extend([0, 8, 0, 13, 0, 4, 0, 2, 4, 3]);
    let mut record = vec![
        0x16,
        0x03,
        0x03,
        0,
        u8::try_from(hello.len() + 4).unwrap(),
        1,
        0,
        0,
    ];
    record.push(u8::try_from(hello.len()).unwrap());
    record.extend(hello);
    stream.write_all(&record).await.unwrap();
    let mut answer = Vec::new();
    let read = stream.read_to_end(&mut answer);
    tokio::time::timeout(Duration::from_secs(10), read)
        .await
        .unwrap()
        .unwrap();
    // RFC 8446, 6.2: a fatal alert, protocol_version.
    assert_eq!(answer, [0x15, 0x03, 0x03, 0, 2, 2, 70]);
}

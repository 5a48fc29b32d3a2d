//! A certificate counts at each request; its successor overlaps it; a lapsed one is recovered only with its key.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that cannot go on says where"
)]

use std::sync::Arc;

use data_encoding::BASE64URL_NOPAD;
use http::Method;
use zeef_proto::time::{DAY, HOUR};
use zeef_proto::wire::{
    ProblemCode, RecoveryChallenge, RecoveryRequest, RenewalReply, RenewalRequest, VERSION, path,
    recovery_message,
};
use zeef_tests::clock::now;
use zeef_tests::device::{Answer, DeviceKey, Dial, Fields, Identity, RawDevice};
use zeef_tests::installation::Host;
use zeef_tests::{Authority, FakeClock, Installation, Settings};

/// A collector whose clock a test sets, and a device whose certificate holds for an hour more.
async fn with_an_hour_left() -> (Arc<FakeClock>, Installation, RawDevice) {
    let clock = Arc::new(FakeClock::new());
    let collector = Installation::started_with(Settings::default(), Host::with_clock(&clock));
    let token = collector.customer("Bakkerij Jansen", 1);
    let mut device = RawDevice::enrol(&collector.contact(), &token).await;
    let (start, end) = (now().plus(-DAY), now().plus(HOUR));
    device.take_identity(Authority::of(&collector).device(device.organisation, device.id, start, end));
    (clock, collector, device)
}

fn says_lapsed(answer: &Answer) {
    let problem = answer.problem();
    assert_eq!(problem.code, ProblemCode::CertificateRequired);
    assert!(problem.detail.unwrap_or_default().contains("lapsed"));
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_an_open_connection_nor_a_resumed_session_outlives_the_certificate() {
    let (clock, collector, mut device) = with_an_hour_left().await;
    device.dial = device.dial.resuming();
    device.report(1, &Fields::numbered(1)).await;
    let mut open = device.dial.connect().await.unwrap();
    assert_eq!(open.ask(Method::GET, path::POLICY, "").await.unwrap().status, 200);

    clock.set_ahead(2 * HOUR);
    says_lapsed(&open.ask(Method::GET, path::POLICY, "").await.unwrap());
    let resumed = device.dial.tls().await.unwrap();
    let kind = resumed.get_ref().1.handshake_kind();
    assert_eq!(kind, Some(rustls::HandshakeKind::Resumed));
    let mut resumed = zeef_tests::device::Connection::over(resumed).await.unwrap();
    let body = Fields::numbered(2).report(2);
    says_lapsed(&resumed.ask(Method::POST, path::REPORT, body).await.unwrap());
    assert_eq!(collector.only_device().values("device_name"), ["name-1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_former_certificate_holds_beside_its_successor_until_it_lapses() {
    let (clock, collector, mut device) = with_an_hour_left().await;
    let former = device.identity.clone();
    let key = DeviceKey::generate();
    let request = RenewalRequest {
        wire: VERSION,
        request: key.request(),
    };
    let answer = device
        .ask(Method::POST, path::RENEWAL, serde_json::to_vec(&request).unwrap())
        .await
        .unwrap();
    let reply: RenewalReply = answer.json();
    device.report(1, &Fields::numbered(1)).await;
    device.take_identity(Identity::issued(key, &reply));
    device.report(2, &Fields::numbered(2)).await;
    device.take_identity(former);
    device.report(3, &Fields::numbered(3)).await;
    assert_eq!(collector.only_device().values("device_name"), ["name-3"]);

    clock.set_ahead(2 * HOUR);
    device.hang_up();
    assert!(
        device.send(Fields::numbered(4).report(4)).await.is_err(),
        "the handshake fails"
    );
}

/// A recovery of `lapsed`, signed by `signer`.
async fn recover(dial: &Dial, lapsed: &Identity, signer: &DeviceKey) -> Answer {
    let mut connection = dial.connect().await.unwrap();
    let challenge: RecoveryChallenge = connection
        .ask(Method::GET, path::RECOVERY, "")
        .await
        .unwrap()
        .json();
    connection
        .ask(
            Method::POST,
            path::RECOVERY,
            signed(lapsed, signer, challenge.nonce),
        )
        .await
        .unwrap()
}

fn signed(lapsed: &Identity, signer: &DeviceKey, nonce: String) -> Vec<u8> {
    let request = DeviceKey::generate().request();
    let recovery = RecoveryRequest {
        wire: VERSION,
        certificate: BASE64URL_NOPAD.encode(&lapsed.chain[0]),
        signature: signer.sign(&recovery_message(&nonce, &request)),
        nonce,
        request,
    };
    serde_json::to_vec(&recovery).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lapsed_certificate_is_recovered_with_its_own_key_and_with_no_other() {
    let (clock, collector, device) = with_an_hour_left().await;
    let dial = Dial::new(&collector.contact(), None);
    clock.set_ahead(2 * HOUR);
    let refused = recover(&dial, &device.identity, &DeviceKey::generate()).await;
    assert_eq!(refused.code(), ProblemCode::RecoveryRefused);

    let (start, end) = (now().plus(-DAY), now().plus(-HOUR));
    let forged = Authority::stranger(&collector).device(device.organisation, device.id, start, end);
    let refused = recover(&dial, &forged, &forged.key).await;
    assert_eq!(refused.code(), ProblemCode::RecoveryRefused);
    assert_eq!(
        recover(&dial, &device.identity, &device.identity.key)
            .await
            .status,
        200
    );

    collector.revoke(&device.id.to_string());
    let refused = recover(&dial, &device.identity, &device.identity.key).await;
    assert_eq!(refused.code(), ProblemCode::Revoked);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recorded_recovery_is_worthless_after_five_minutes() {
    let (clock, collector, device) = with_an_hour_left().await;
    let dial = Dial::new(&collector.contact(), None);
    let mut connection = dial.connect().await.unwrap();
    let challenge: RecoveryChallenge = connection
        .ask(Method::GET, path::RECOVERY, "")
        .await
        .unwrap()
        .json();
    let recorded = signed(&device.identity, &device.identity.key, challenge.nonce);
    clock.set_ahead(301);
    let answer = connection
        .ask(Method::POST, path::RECOVERY, recorded)
        .await
        .unwrap();
    assert_eq!(answer.code(), ProblemCode::RecoveryRefused);
}

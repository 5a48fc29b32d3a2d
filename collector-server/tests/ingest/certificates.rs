//! Renewal and recovery.

use rcgen::KeyPair;
use zeef_collector::ledger::Actor;
use zeef_proto::time::DAY;
use zeef_proto::wire::{ProblemCode, RecoveryChallenge, RenewalReply, path};

use crate::client::Client;
use crate::device::{Device, chain, recovery};
use crate::harness::Harness;

#[tokio::test(flavor = "multi_thread")]
async fn a_renewed_certificate_serves_and_the_former_one_until_it_lapses() {
    let harness = Harness::new().await;
    let old = harness.device().await;
    harness.clock.forward(50 * DAY);
    let key = KeyPair::generate().unwrap();
    let mut client = old.connect(&harness).await.unwrap();
    let reply: RenewalReply = client
        .post(path::RENEWAL, &Device::renewal(&key))
        .await
        .unwrap()
        .read();
    let new = Device {
        chain: chain(&reply),
        key,
        ..old
    };
    let old = Device {
        chain: old.chain,
        key: old.key,
        organisation: new.organisation,
        id: new.id,
    };
    assert!(old.is_let_in(&harness).await && new.is_let_in(&harness).await);
    harness.clock.forward(50 * DAY);
    assert!(!old.is_let_in(&harness).await);
    assert!(new.is_let_in(&harness).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lapsed_certificate_is_recovered_by_proof_of_its_key() {
    let harness = Harness::new().await;
    let old = harness.device().await;
    harness.clock.forward(400 * DAY);
    assert!(!old.is_let_in(&harness).await);
    let key = KeyPair::generate().unwrap();
    let reply: RenewalReply = Device::recovery(&harness, &old, &old.key, &key).await.read();
    let new = Device {
        chain: chain(&reply),
        key,
        ..old
    };
    assert!(new.is_let_in(&harness).await);
    assert_eq!(
        harness
            .stored(&new)
            .await
            .agent
            .unwrap()
            .certificate
            .unwrap()
            .not_after,
        reply.not_after
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_is_recovered_at_another_collector_than_gave_the_challenge() {
    let harness = Harness::new().await;
    let other = harness.another_collector().await;
    let old = harness.device().await;
    harness.clock.forward(400 * DAY);
    let challenge: RecoveryChallenge = harness
        .anonymous()
        .await
        .get(path::RECOVERY)
        .await
        .unwrap()
        .read();
    let next = KeyPair::generate().unwrap();
    let body = recovery(&challenge.nonce, &old, &old.key, &next);
    let mut client = Client::connect(other.agents, &harness.trust.anonymous())
        .await
        .unwrap();
    assert_eq!(client.post(path::RECOVERY, &body).await.unwrap().status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_other_key_no_foreign_certificate_and_no_old_challenge_recovers() {
    let harness = Harness::new().await;
    let (old, other) = (harness.device().await, harness.device().await);
    let elsewhere = Harness::new().await.device().await;
    harness.clock.forward(100 * DAY);
    let next = KeyPair::generate().unwrap();
    for response in [
        Device::recovery(&harness, &old, &other.key, &next).await,
        Device::recovery(&harness, &elsewhere, &elsewhere.key, &next).await,
    ] {
        assert_eq!(response.code(), ProblemCode::RecoveryRefused);
    }
    let mut client = harness.anonymous().await;
    let challenge: RecoveryChallenge = client.get(path::RECOVERY).await.unwrap().read();
    let body = recovery(&challenge.nonce, &old, &old.key, &next);
    // What was signed is this request, not another one.
    let swapped = recovery(&challenge.nonce, &old, &old.key, &KeyPair::generate().unwrap());
    let mixed: serde_json::Value = serde_json::from_slice(&body).unwrap();
    let mut mixed_body: serde_json::Value = serde_json::from_slice(&swapped).unwrap();
    mixed_body["signature"] = mixed["signature"].clone();
    let response = client
        .post(path::RECOVERY, mixed_body.to_string().as_bytes())
        .await
        .unwrap();
    assert_eq!(response.code(), ProblemCode::RecoveryRefused);
    harness.clock.forward(301);
    let response = client.post(path::RECOVERY, &body).await.unwrap();
    assert_eq!(response.code(), ProblemCode::RecoveryRefused);
    assert!(response.problem().detail.unwrap().contains("challenge"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_device_does_not_recover_and_an_ended_one_is_told_to_stop() {
    let harness = Harness::new().await;
    let (revoked, ended) = (harness.device().await, harness.device().await);
    harness.clock.forward(100 * DAY);
    let store = harness.store();
    store
        .revoke_device(
            revoked.organisation,
            revoked.id,
            Actor::Administrator,
            zeef_proto::Clock::now(&harness.clock),
        )
        .await
        .unwrap();
    let now = zeef_proto::Clock::now(&harness.clock);
    store
        .end_device(ended.organisation, ended.id, Actor::Administrator, now)
        .await
        .unwrap();
    let next = KeyPair::generate().unwrap();
    let refused = Device::recovery(&harness, &revoked, &revoked.key, &next).await;
    assert_eq!(refused.code(), ProblemCode::Revoked);
    let gone = Device::recovery(&harness, &ended, &ended.key, &next).await;
    assert_eq!(gone.code(), ProblemCode::Gone);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewal_needs_a_sound_request() {
    let harness = Harness::new().await;
    let device = harness.device().await;
    let mut client = device.connect(&harness).await.unwrap();
    for (body, code) in [
        (
            &br#"{"wire":1,"request":"AAAA"}"#[..],
            ProblemCode::InvalidRequest,
        ),
        (br#"{"wire":1}"#, ProblemCode::InvalidMessage),
        (br#"{"wire":9,"request":"AAAA"}"#, ProblemCode::WireVersion),
    ] {
        assert_eq!(client.post(path::RENEWAL, body).await.unwrap().code(), code);
    }
}

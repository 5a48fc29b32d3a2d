//! Tokens and first certificates.

use rcgen::KeyPair;
use zeef_collector::ledger::Actor;
use zeef_proto::Clock;
use zeef_proto::time::DAY;
use zeef_proto::wire::{EnrolmentReply, ProblemCode, path};

use crate::device::{Device, enrolment, enrolment_value, heartbeat};
use crate::harness::{Harness, random};

#[tokio::test(flavor = "multi_thread")]
async fn a_token_buys_a_certificate_with_policy_and_products() {
    let harness = Harness::new().await;
    let organisation = harness
        .organisation("Bakkerij Jansen", &["antivirus", "rmm"])
        .await;
    let secret = harness.token(organisation, 1).await;
    let key = KeyPair::generate().unwrap();
    let mut client = harness.anonymous().await;
    let reply: EnrolmentReply = client
        .post(path::ENROLMENT, &enrolment(&secret, &key))
        .await
        .unwrap()
        .read();
    assert_eq!(reply.organisation, organisation);
    let products: Vec<_> = reply.products.iter().map(|product| product.as_str()).collect();
    assert_eq!(products, ["antivirus", "rmm"]);
    assert!(reply.policy.document.contains("Vokus"));
    assert_eq!(reply.certificate.chain.len(), 2);
    assert!(reply.certificate.renew_after < reply.certificate.not_after);
    assert_eq!(reply.certificate.not_after, harness.clock.now().plus(90 * DAY));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_gets_the_same_device_and_another_key_needs_another_use() {
    let harness = Harness::new().await;
    let organisation = harness.organisation("Bakkerij Jansen", &["antivirus"]).await;
    let secret = harness.token(organisation, 1).await;
    let key = KeyPair::generate().unwrap();
    let mut client = harness.anonymous().await;
    let first: EnrolmentReply = client
        .post(path::ENROLMENT, &enrolment(&secret, &key))
        .await
        .unwrap()
        .read();
    let again: EnrolmentReply = client
        .post(path::ENROLMENT, &enrolment(&secret, &key))
        .await
        .unwrap()
        .read();
    assert_eq!(first.device, again.device);
    let other = enrolment(&secret, &KeyPair::generate().unwrap());
    let refused = client.post(path::ENROLMENT, &other).await.unwrap();
    assert_eq!(refused.code(), ProblemCode::TokenRefused);
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_expired_revoked_and_malformed_secrets_are_not_told_apart() {
    let harness = Harness::new().await;
    let organisation = harness.organisation("Bakkerij Jansen", &["antivirus"]).await;
    let revoked = harness.token(organisation, 1).await;
    let id = harness.store().tokens(organisation).await.unwrap()[0].id;
    harness
        .store()
        .revoke_token(
            organisation,
            id,
            Actor::Administrator,
            zeef_proto::Clock::now(&harness.clock),
        )
        .await
        .unwrap();
    let expired = harness.token(organisation, 1).await;
    harness.clock.forward(366 * DAY);
    let key = KeyPair::generate().unwrap();
    let mut bodies: Vec<_> = [&random::<32>()[..], &expired, &revoked, b"", b"short"]
        .map(|secret| enrolment_value(secret, &key))
        .to_vec();
    let mut malformed = bodies[0].clone();
    malformed["secret"] = "*".into();
    bodies.push(malformed);
    let mut client = harness.anonymous().await;
    let mut answers = Vec::new();
    for body in bodies {
        let response = client
            .post(path::ENROLMENT, body.to_string().as_bytes())
            .await
            .unwrap();
        assert_eq!(response.code(), ProblemCode::TokenRefused);
        answers.push(response.body);
    }
    answers.dedup();
    assert_eq!(answers.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_one_organisation_gives_nothing_of_another() {
    let harness = Harness::new().await;
    let ours = harness.organisation("Bakkerij Jansen", &["antivirus"]).await;
    let theirs = harness.organisation("Garage de Vries", &["antivirus"]).await;
    let ours_secret = harness.token(ours, 1).await;
    let device = Device::enrolled(&harness, &ours_secret).await;
    assert_eq!(device.organisation, ours);
    assert!(harness.stored_as(theirs, device.id).await.is_none());
    // The key of a device of one organisation, with a token of the other: another device.
    let body = enrolment(&harness.token(theirs, 1).await, &device.key);
    let reply: EnrolmentReply = harness
        .anonymous()
        .await
        .post(path::ENROLMENT, &body)
        .await
        .unwrap()
        .read();
    assert_eq!(reply.organisation, theirs);
    assert_ne!(reply.device, device.id);
    let mut client = device.connect(&harness).await.unwrap();
    assert_eq!(
        client
            .post(path::REPORT, &heartbeat(1).to_bytes())
            .await
            .unwrap()
            .status,
        200
    );
    assert!(
        harness
            .stored_as(theirs, reply.device)
            .await
            .unwrap()
            .last_contact
            .is_none()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_enrolment_is_refused_and_spends_no_token() {
    let harness = Harness::new().await;
    let organisation = harness.organisation("Bakkerij Jansen", &["antivirus"]).await;
    let secret = harness.token(organisation, 1).await;
    let key = KeyPair::generate().unwrap();
    let whole = enrolment_value(&secret, &key);
    let changed = |key: &str, value: serde_json::Value| {
        let mut changed = whole.clone();
        changed[key] = value;
        changed.to_string()
    };
    let wrong_kind = KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap();
    let mut client = harness.anonymous().await;
    for (body, code) in [
        (changed("wire", 2.into()), ProblemCode::WireVersion),
        (changed("hostname", "lap-17".into()), ProblemCode::InvalidMessage),
        (changed("platform", "amiga".into()), ProblemCode::InvalidMessage),
        (changed("request", "AAAA".into()), ProblemCode::InvalidRequest),
        (changed("request", "*".into()), ProblemCode::InvalidRequest),
        (
            enrolment_value(&secret, &wrong_kind).to_string(),
            ProblemCode::InvalidRequest,
        ),
        ("{".to_owned(), ProblemCode::InvalidMessage),
        (String::new(), ProblemCode::InvalidMessage),
    ] {
        let response = client.post(path::ENROLMENT, body.as_bytes()).await.unwrap();
        assert_eq!(response.code(), code, "{body}");
    }
    assert_eq!(
        harness.store().tokens(organisation).await.unwrap()[0].uses_left,
        1
    );
    assert_eq!(
        client
            .post(path::ENROLMENT, whole.to_string().as_bytes())
            .await
            .unwrap()
            .status,
        200
    );
}

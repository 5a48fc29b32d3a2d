//! Who is not let in, and why nothing is told to a collector that is not the right one.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that cannot go on says where"
)]

use http::Method;
use zeef_proto::time::DAY;
use zeef_proto::wire::{ProblemCode, path};
use zeef_tests::clock::now;
use zeef_tests::device::{Broken, DeviceKey, Dial, Fields, RawDevice};
use zeef_tests::{Authority, Installation};

/// What a collector says to a report over this connection, or how the connection breaks.
async fn report_over(dial: &Dial) -> Result<ProblemCode, Broken> {
    let body = Fields::numbered(1).report(1);
    let answer = dial
        .connect()
        .await?
        .ask(Method::POST, path::REPORT, body)
        .await?;
    Ok(answer.code())
}

fn alert(result: Result<ProblemCode, Broken>) -> String {
    match result {
        Err(Broken(text)) => text,
        Ok(code) => panic!("the handshake held, and the answer was {code}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_client_certificate_everything_but_enrolment_and_recovery_is_refused() {
    let collector = Installation::started();
    let dial = Dial::new(&collector.contact(), None);
    for (method, path) in [
        (Method::POST, path::REPORT),
        (Method::POST, path::RENEWAL),
        (Method::GET, path::POLICY),
        (Method::DELETE, path::DEVICE),
        (Method::GET, "/"),
    ] {
        let answer = dial.connect().await.unwrap().ask(method, path, "").await.unwrap();
        assert_eq!(answer.code(), ProblemCode::CertificateRequired, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_of_another_authority_is_refused_though_it_looks_alike() {
    let collector = Installation::started();
    let token = collector.customer("Bakkerij Jansen", 1);
    let device = RawDevice::enrol(&collector.contact(), &token).await;
    let forged = Authority::stranger(&collector).device(
        device.organisation,
        device.id,
        now().plus(-DAY),
        now().plus(DAY),
    );
    let said = alert(report_over(&Dial::new(&collector.contact(), Some(&forged))).await);
    assert!(said.contains("alert"), "{said}");
    assert!(collector.only_device().values("device_name").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn expired_and_not_yet_valid_certificates_are_refused_in_the_handshake() {
    let collector = Installation::started();
    let token = collector.customer("Bakkerij Jansen", 1);
    let device = RawDevice::enrol(&collector.contact(), &token).await;
    let authority = Authority::of(&collector);
    let with = |from, until| {
        let identity = authority.device(
            device.organisation,
            device.id,
            now().plus(from),
            now().plus(until),
        );
        Dial::new(&collector.contact(), Some(&identity))
    };
    let said = alert(report_over(&with(-2 * DAY, -60)).await);
    assert!(said.contains("CertificateExpired"), "{said}");
    let said = alert(report_over(&with(3_600, DAY)).await);
    assert!(said.contains("alert"), "{said}");
    let sound = with(-60, DAY)
        .connect()
        .await
        .unwrap()
        .ask(Method::GET, path::POLICY, "")
        .await;
    assert_eq!(sound.unwrap().status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_for_a_device_that_never_enrolled_is_refused() {
    let collector = Installation::started();
    let token = collector.customer("Bakkerij Jansen", 1);
    let device = RawDevice::enrol(&collector.contact(), &token).await;
    let other = "6f1b0c7e-0d4f-4a7e-9b62-1d8f0a3c5e21".parse().unwrap();
    let identity =
        Authority::of(&collector).device(device.organisation, other, now().plus(-DAY), now().plus(DAY));
    let said = report_over(&Dial::new(&collector.contact(), Some(&identity)))
        .await
        .unwrap();
    assert_eq!(said, ProblemCode::CertificateUnknown);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_device_is_refused_at_its_next_request_also_on_an_open_connection() {
    let collector = Installation::started();
    let token = collector.customer("Bakkerij Jansen", 1);
    let mut device = RawDevice::enrol(&collector.contact(), &token).await;
    device.report(1, &Fields::numbered(1)).await;
    collector.revoke(&device.id.to_string());

    let mut before = device.dial.connect().await.unwrap();
    for (method, path, body) in [
        (Method::POST, path::REPORT, Fields::numbered(2).report(2)),
        (Method::GET, path::POLICY, Vec::new()),
        (
            Method::POST,
            path::RENEWAL,
            br#"{"wire":1,"request":""}"#.to_vec(),
        ),
        (Method::DELETE, path::DEVICE, Vec::new()),
    ] {
        // The connection on which the report was acknowledged, and a new one.
        let kept = device.ask(method.clone(), path, body.clone()).await.unwrap();
        let fresh = before.ask(method, path, body).await.unwrap();
        if path == path::RENEWAL {
            assert_eq!((kept.status / 100, fresh.status / 100), (4, 4));
        } else {
            assert_eq!(
                (kept.code(), fresh.code()),
                (ProblemCode::Revoked, ProblemCode::Revoked),
                "{path}"
            );
        }
    }
    assert_eq!(collector.only_device().values("device_name"), ["name-1"]);
    assert_eq!(collector.only_device().state(), "revoked");
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_1_2_is_not_spoken() {
    let collector = Installation::started();
    let dial = Dial::with_versions(&collector.contact(), None, &[&rustls::version::TLS12]);
    let said = dial.tls().await.expect_err("TLS 1.2 must fail").to_string();
    assert!(said.contains("ProtocolVersion"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_gives_a_device_of_its_own_organisation_and_of_no_other() {
    let collector = Installation::started();
    let (first, second) = (
        collector.customer("Bakkerij Jansen", 5),
        collector.customer("Slagerij Bakker", 1),
    );
    let ours = RawDevice::enrol(&collector.contact(), &first).await;
    let mut theirs = RawDevice::enrol(&collector.contact(), &second).await;
    assert_ne!(ours.organisation, theirs.organisation);

    // The same key under another organisation's token: never a device of the first.
    let dial = Dial::new(&collector.contact(), None);
    let answer = RawDevice::try_enrol(&dial, &second, &ours.identity.key)
        .await
        .unwrap();
    assert_eq!(answer.code(), ProblemCode::TokenRefused, "its only use was spent");

    // A certificate that claims a device of one organisation for another: not known.
    let (start, end) = (now().plus(-DAY), now().plus(DAY));
    let crossed = Authority::of(&collector).device(theirs.organisation, ours.id, start, end);
    let said = report_over(&Dial::new(&collector.contact(), Some(&crossed)))
        .await
        .unwrap();
    assert_eq!(said, ProblemCode::CertificateUnknown);

    theirs.report(1, &Fields::numbered(7)).await;
    let list = collector
        .run(&["device", "list", "--organisation", "Slagerij Bakker", "--json"])
        .json();
    assert_eq!(list.as_array().unwrap().len(), 1);
    assert_eq!(list[0]["id"], theirs.id.to_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn used_up_expired_revoked_and_unknown_tokens_are_refused_alike() {
    let collector = Installation::started();
    let token = collector.customer("Bakkerij Jansen", 1);
    let dial = Dial::new(&collector.contact(), None);
    let key = DeviceKey::generate();
    let first = RawDevice::try_enrol(&dial, &token, &key).await.unwrap();
    assert_eq!(first.status, 200);
    let again = RawDevice::try_enrol(&dial, &token, &key).await.unwrap();
    let device = |answer: &zeef_tests::device::Answer| answer.json::<serde_json::Value>()["device"].clone();
    assert_eq!(
        device(&first),
        device(&again),
        "a retry with the same key is the same device"
    );

    let made = collector
        .run(&["token", "create", "--organisation", "Bakkerij Jansen", "--json"])
        .json();
    let id = made["id"].as_str().unwrap();
    drop(
        collector
            .run(&["token", "revoke", "--organisation", "Bakkerij Jansen", id])
            .done(),
    );
    let mut unknown: zeef_proto::wire::EnrolmentToken = token.parse().unwrap();
    unknown.secret = [7; 32];
    let mut said = Vec::new();
    for token in [token.as_str(), made["token"].as_str().unwrap(), &unknown.expose()] {
        let answer = RawDevice::try_enrol(&dial, token, &DeviceKey::generate())
            .await
            .unwrap();
        assert_eq!(answer.code(), ProblemCode::TokenRefused);
        said.push(answer.text());
    }
    said.dedup();
    assert_eq!(
        said.len(),
        1,
        "which of the three it was is nobody's business: {said:?}"
    );
}

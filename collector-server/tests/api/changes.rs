//! What programs change.

use http::Method;
use serde_json::json;
use zeef_collector::access::{Reach, Role};
use zeef_collector::erasure::Receipt;
use zeef_collector::ledger::{Actor, Entry, Event, OrganisationEvent};
use zeef_collector::store::ledger::LedgerStore;
use zeef_collector::store::{AdministrationStore, InventoryStore};
use zeef_proto::time::HOUR;

use crate::installation::{Installation, MadeUp};
use crate::program::{Program, service};

const LAPTOP: MadeUp<'_> = MadeUp {
    name: "LAP-17",
    users: &["j.jansen"],
    private: &["10.0.3.17"],
    macs: &[],
    public: None,
};

#[tokio::test]
async fn a_device_is_revoked_kept_and_erased_with_a_receipt_that_verifies() {
    let installation = Installation::new().await;
    let bakery = installation.organisation("Bakkerij Jansen", &["antivirus"]).await;
    let device = installation.device(bakery, LAPTOP).await;
    let (token, secret) = service(&installation, Role::Administrator, Reach::All).await;
    let program = Program::new(&installation, Some(secret));
    let path = format!("/organisations/{bakery}/devices/{device}");
    assert_eq!(program.act(&format!("{path}/keep")).await.status, 204);
    assert_eq!(program.act(&format!("{path}/revoke")).await.status, 204);
    assert_eq!(program.get(&path).await.json()["state"], "revoked");
    let erased = program.act(&format!("{path}/erase")).await;
    assert_eq!(erased.status, 200);
    let receipt = Receipt::verify(erased.body.as_bytes(), None).unwrap();
    assert_eq!(
        (receipt.facts.organisation, receipt.facts.counts.devices),
        (bakery, 1)
    );
    assert!(!erased.body.contains("jansen"));
    for path in [path.clone(), format!("{path}/erase"), format!("{path}/revoke")] {
        let method = if path.ends_with('e') {
            Method::POST
        } else {
            Method::GET
        };
        assert_eq!(
            program.ask(&method, &path, None).await.problem(),
            "not-found",
            "{path}"
        );
    }
    let entries = installation
        .store
        .ledger_before(Some(bakery), i64::MAX as u64, 20)
        .await
        .unwrap();
    let done: Vec<_> = entries
        .iter()
        .map(|stored| Entry::from_bytes(&stored.bytes).unwrap())
        .filter(|entry| entry.actor == Actor::Service(token))
        .collect();
    for kept in [
        done.iter()
            .any(|entry| matches!(entry.event, Event::Of(_, OrganisationEvent::DeviceKept(_)))),
        done.iter()
            .any(|entry| matches!(entry.event, Event::Of(_, OrganisationEvent::DeviceRevoked(_)))),
        done.iter()
            .any(|entry| matches!(entry.event, Event::Of(_, OrganisationEvent::Erased { .. }))),
    ] {
        assert!(kept, "{done:?}");
    }
}

#[tokio::test]
async fn an_enrolment_token_is_shown_once_listed_and_revoked() {
    let installation = Installation::new().await;
    let bakery = installation.organisation("Bakkerij Jansen", &["antivirus"]).await;
    let program = Program::administrator(&installation).await;
    let path = format!("/organisations/{bakery}/enrolment-tokens");
    let made = program.post(&path, &json!({ "uses": 3, "hours": 24 })).await;
    assert_eq!(made.status, 201);
    let made = made.json();
    assert!(made["token"].as_str().unwrap().starts_with("zeef1."));
    assert_eq!(made["expires_at"], installation.now().plus(24 * HOUR).to_string());
    let listed = program.get(&path).await.json();
    assert_eq!(
        (&listed[0]["id"], &listed[0]["uses_left"]),
        (&made["id"], &json!(3))
    );
    assert!(listed[0].get("token").is_none());
    let one = format!("{path}/{}", made["id"].as_str().unwrap());
    assert_eq!(program.ask(&Method::DELETE, &one, None).await.status, 204);
    assert_eq!(program.get(&path).await.json()[0]["revoked"], true);
    for (body, field) in [
        (json!({ "uses": 0, "hours": 24 }), "uses"),
        (json!({ "uses": 1, "hours": 10_000 }), "hours"),
    ] {
        let refused = program.post(&path, &body).await;
        assert_eq!(refused.status, 422);
        assert_eq!(refused.json()["field"], field);
    }
}

#[tokio::test]
async fn a_subscription_is_started_and_ended() {
    let installation = Installation::new().await;
    let bakery = installation.organisation("Bakkerij Jansen", &[]).await;
    let device = installation.device(bakery, LAPTOP).await;
    let program = Program::administrator(&installation).await;
    let path = format!("/organisations/{bakery}/subscriptions");
    let started = program.post(&path, &json!({ "product": "antivirus" })).await;
    assert_eq!(started.status, 201);
    let id = started.json()["id"].as_str().unwrap().to_owned();
    installation.report(bakery, device, 2, LAPTOP).await;
    let held = installation
        .store
        .device(bakery, device, installation.now())
        .await
        .unwrap()
        .unwrap();
    assert!(!held.observations.is_empty());
    let ended = program.post(&format!("{path}/{id}/end"), &json!({})).await;
    assert_eq!(ended.status, 204);
    let listed = program.get(&path).await.json();
    assert_eq!(listed[0]["ends"], installation.now().to_string());
    let held = installation
        .store
        .device(bakery, device, installation.now())
        .await
        .unwrap()
        .unwrap();
    assert!(held.observations.is_empty());
    for (body, field) in [
        (json!({ "product": "toaster" }), "product"),
        (json!({ "product": "rmm", "starts": "tomorrow" }), "starts"),
        (
            json!({ "product": "rmm", "starts": "2026-09-01T00:00:00Z", "ends": "2026-08-01T00:00:00Z" }),
            "ends",
        ),
    ] {
        let refused = program.post(&path, &body).await;
        assert_eq!(
            (refused.status.as_u16(), &refused.json()["field"]),
            (422, &json!(field))
        );
    }
    assert_eq!(installation.store.subscriptions(bakery).await.unwrap().len(), 1);
}

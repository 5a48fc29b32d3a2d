//! Lists, searches, and one device.

use serde_json::{Value, json};
use zeef_collector::store::records::Subscription;
use zeef_proto::{DeviceId, OrganisationId};

use crate::installation::{Installation, MadeUp};
use crate::program::Program;

const LAPTOP: MadeUp<'_> = MadeUp {
    name: "LAP-17",
    users: &["j.jansen"],
    private: &["10.0.3.17"],
    macs: &["00:1a:2b:3c:4d:5e"],
    public: Some("203.0.113.7"),
};

async fn bakery(installation: &Installation) -> (OrganisationId, DeviceId) {
    let bakery = installation.organisation("Bakkerij Jansen", &["antivirus"]).await;
    (bakery, installation.device(bakery, LAPTOP).await)
}

fn names(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().unwrap().iter();
    items
        .map(|item| item["device_names"][0].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn a_list_is_walked_by_its_cursors_and_ends() {
    let installation = Installation::new().await;
    let bakery = installation.organisation("Bakkerij Jansen", &["antivirus"]).await;
    for number in 1..=5 {
        let name = format!("pc-{number}");
        let made_up = MadeUp {
            name: &name,
            ..MadeUp::default()
        };
        installation.device(bakery, made_up).await;
    }
    let program = Program::administrator(&installation).await;
    let mut walked = Vec::new();
    let mut next = String::new();
    for _ in 0..3 {
        let page = program
            .get(&format!("/devices?limit=2&reversed=true{next}"))
            .await
            .json();
        assert_eq!(page["total"], 5);
        walked.extend(names(&page));
        next = page["next"]
            .as_str()
            .map(|cursor| format!("&cursor={cursor}"))
            .unwrap_or_default();
    }
    assert_eq!(walked, ["pc-5", "pc-4", "pc-3", "pc-2", "pc-1"]);
    assert_eq!(next, "");

    let first = program.get("/devices?limit=2&reversed=true").await.json();
    let cursor = first["next"].as_str().unwrap();
    let other = program.get(&format!("/devices?limit=2&cursor={cursor}")).await;
    assert_eq!(other.problem(), "input");
    let filtered = program.get("/devices?state=silent").await.json();
    assert_eq!((&filtered["total"], &filtered["next"]), (&json!(0), &Value::Null));
}

#[tokio::test]
async fn a_search_finds_by_a_part_and_a_lookup_by_the_whole_address() {
    let installation = Installation::new().await;
    let (bakery, device) = bakery(&installation).await;
    let program = Program::administrator(&installation).await;
    for term in ["jans", "10.0.3.0/24", "1a2b3c", "lap"] {
        let found = program
            .post("/devices/search", &json!({ "term": term }))
            .await
            .json();
        assert_eq!(names(&found), ["LAP-17"], "{term}");
    }
    let none = program
        .post("/devices/search", &json!({ "term": "pietersen" }))
        .await
        .json();
    assert_eq!(none["total"], 0);
    for address in ["10.0.3.17", "203.0.113.7", "00-1A-2B-3C-4D-5E"] {
        let found = program
            .post("/devices/lookup", &json!({ "address": address }))
            .await
            .json();
        assert_eq!(found[0]["id"], device.to_string(), "{address}");
        let asked = json!({ "address": address, "organisation": bakery });
        assert_eq!(program.post("/devices/lookup", &asked).await.json(), found);
    }
    let part = program
        .post("/devices/lookup", &json!({ "address": "10.0.3.1" }))
        .await;
    assert_eq!(part.json(), json!([]));
    let name = program
        .post("/devices/lookup", &json!({ "address": "LAP-17" }))
        .await;
    assert_eq!((name.status.as_u16(), name.problem().as_str()), (422, "field"));
    assert!(!name.body.contains("LAP-17"));
}

#[tokio::test]
async fn one_device_has_every_value_with_its_end_and_what_allows_it() {
    use zeef_collector::ledger::Actor;
    use zeef_collector::store::AdministrationStore;
    use zeef_proto::time::DAY;
    let installation = Installation::new().await;
    let (bakery, device) = bakery(&installation).await;
    let now = installation.now();
    let subscriptions: Vec<Subscription> = installation.store.subscriptions(bakery).await.unwrap();
    installation
        .store
        .end_subscription(
            bakery,
            subscriptions[0].id,
            now.plus(DAY),
            Actor::Administrator,
            now,
        )
        .await
        .unwrap();
    let program = Program::administrator(&installation).await;
    let path = format!("/organisations/{bakery}/devices/{device}");
    let shown = program.get(&path).await.json();
    assert_eq!(shown["state"], "reporting");
    assert_eq!(shown["products"], json!(["antivirus"]));
    assert_eq!(shown["platform"], "windows");
    assert_eq!(shown["agent"]["sequence"], 1);
    let values = shown["observations"].as_array().unwrap();
    assert_eq!(values.len(), 5);
    for value in values {
        assert_eq!(value["expires_at"], now.plus(DAY).to_string());
        assert_eq!(value["source"], "native");
        let reason = &value["reasons"][0];
        assert_eq!(
            (&reason["product"], &reason["grounds"]),
            (&json!("antivirus"), &json!(["contract"]))
        );
        assert!(reason["purpose"]["nl"].as_str().unwrap().len() > 10);
        assert_eq!(reason["term"], "service");
    }
}

#[tokio::test]
async fn what_the_client_has_already_is_not_sent_again_until_it_changes() {
    let installation = Installation::new().await;
    let (bakery, device) = bakery(&installation).await;
    let mut program = Program::administrator(&installation).await;
    let path = format!("/organisations/{bakery}/devices/{device}");
    let first = program.get(&path).await;
    let tag = first.header("etag").to_owned();
    assert!(tag.len() > 20, "{tag}");
    program.headers = vec![("if-none-match", format!("\"other\", W/{tag}"))];
    let again = program.get(&path).await;
    assert_eq!((again.status.as_u16(), again.body.as_str()), (304, ""));
    installation
        .report(
            bakery,
            device,
            2,
            MadeUp {
                users: &["p.pietersen"],
                ..LAPTOP
            },
        )
        .await;
    let changed = program.get(&path).await;
    assert_eq!(changed.status, 200);
    assert_ne!(changed.header("etag"), tag);
    let others = Program::administrator(&installation).await.get(&path).await;
    assert_ne!(
        others.header("etag"),
        changed.header("etag"),
        "keyed by the token"
    );
}

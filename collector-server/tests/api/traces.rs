//! A read by token is a read: it is in the ledger before it is answered.

use serde_json::json;
use zeef_collector::access::{Reach, Role};
use zeef_collector::ledger::{Actor, Entry, Event, InstallationEvent, OrganisationEvent};
use zeef_collector::store::ledger::LedgerStore;

use crate::installation::{Installation, MadeUp};
use crate::program::{Program, personal, service};

async fn looks(installation: &Installation, by: Actor) -> Vec<Event> {
    let entries = installation.store.ledger_from(0, 1_000).await.unwrap();
    let entries = entries
        .iter()
        .map(|stored| Entry::from_bytes(&stored.bytes).unwrap());
    let own = entries.filter(|entry| entry.actor == by);
    own.map(|entry| entry.event).collect()
}

#[tokio::test]
async fn each_answer_with_devices_leaves_who_saw_how_many_of_whom() {
    let installation = Installation::new().await;
    let bakery = installation.organisation("Bakkerij Jansen", &["antivirus"]).await;
    let laptop = MadeUp {
        name: "LAP-17",
        users: &["j.jansen"],
        private: &["10.0.3.17"],
        ..MadeUp::default()
    };
    let device = installation.device(bakery, laptop).await;
    let (token, secret) = service(&installation, Role::Technician, Reach::All).await;
    let program = Program::new(&installation, Some(secret));
    program.get("/devices").await;
    program
        .post("/devices/search", &json!({ "term": "jansen" }))
        .await;
    program
        .post("/devices/lookup", &json!({ "address": "10.0.3.17" }))
        .await;
    program
        .post("/devices/lookup", &json!({ "address": "10.0.3.18" }))
        .await;
    program
        .get(&format!("/organisations/{bakery}/devices/{device}"))
        .await;
    let of = |event| Event::Of(bakery, event);
    let seen = looks(&installation, Actor::Service(token)).await;
    let mark = installation
        .store
        .device_mark(bakery, device)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        seen,
        [
            of(OrganisationEvent::DevicesListed(1)),
            of(OrganisationEvent::DevicesSearched(1)),
            of(OrganisationEvent::DevicesSearched(1)),
            Event::Installation(InstallationEvent::SearchedInVain),
            of(OrganisationEvent::DeviceRead(mark)),
        ]
    );
}

#[tokio::test]
async fn a_persons_token_looks_in_that_persons_name() {
    let installation = Installation::new().await;
    let bakery = installation.organisation("Bakkerij Jansen", &["antivirus"]).await;
    let made_up = MadeUp {
        name: "LAP-17",
        ..MadeUp::default()
    };
    installation.device(bakery, made_up).await;
    let anna = installation.person("anna").await;
    let (_, secret) = personal(&installation, anna, Role::Administrator).await;
    Program::new(&installation, Some(secret)).get("/devices").await;
    let seen = looks(&installation, Actor::User(anna)).await;
    assert_eq!(seen, [Event::Of(bakery, OrganisationEvent::DevicesListed(1))]);
}

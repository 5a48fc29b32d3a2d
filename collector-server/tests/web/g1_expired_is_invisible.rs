//! G1 and G8 on pages and in exports: a value is shown until its last second, and a clock set back does not bring it back.

use zeef_collector::access::{Reach, Role};
use zeef_collector::ledger::Actor;
use zeef_collector::store::{AdministrationStore, InventoryStore};
use zeef_proto::time::DAY;
use zeef_proto::{DeviceId, OrganisationId, UnixTime};

use crate::browser::Browser;
use crate::installation::{Installation, MadeUp};

const MINUTE: i64 = 60;

const LAPTOP: MadeUp<'_> = MadeUp {
    name: "LAP-17",
    users: &["j.jansen"],
    private: &["10.0.3.17"],
    macs: &["00:1a:2b:3c:4d:5e"],
    public: Some("203.0.113.7"),
};

/// An installation with a laptop whose service ends after so many seconds: whose it is, its id, and when that is.
async fn ending_in(
    installation: Installation,
    seconds: i64,
) -> (Installation, OrganisationId, DeviceId, UnixTime) {
    let bakery = installation.organisation("Bakkerij Jansen", &[]).await;
    let service = installation.subscribe(bakery, "antivirus").await;
    let device = installation.device(bakery, LAPTOP).await;
    let ends = installation.now().plus(seconds);
    let store = &installation.store;
    store
        .end_subscription(bakery, service, ends, Actor::Administrator, installation.now())
        .await
        .unwrap();
    (installation, bakery, device, ends)
}

#[tokio::test]
async fn a_value_is_on_pages_and_in_exports_until_its_last_second_and_does_not_come_back() {
    shown_until_the_last_second(Installation::new().await).await;
}

#[tokio::test]
async fn on_a_server_too_a_value_is_on_pages_and_in_exports_until_its_last_second() {
    shown_until_the_last_second(Installation::on_a_server().await).await;
}

async fn shown_until_the_last_second(installation: Installation) {
    let (installation, bakery, device, _) = ending_in(installation, 2 * DAY).await;
    let anna = installation.person("anna").await;
    let contact = installation
        .person_as("jansen", Role::CustomerContact, Reach::of([bakery]))
        .await;
    let page = format!("/devices/{bakery}/{device}");
    for (step, shown) in [
        (2 * DAY - 1, true),
        (1, false),
        (1, false),
        // Set back, by a little and by a lot.
        (-2, false),
        (-DAY, false),
    ] {
        installation.clock.move_by(step);
        let mut browser = Browser::signed_in(&installation, anna).await;
        let list = browser.get("/inventory").await.text();
        let found = browser.search(&[("term", "jansen")]).await.text();
        let one = browser.get(&page).await.text();
        let [csv, json] = ["csv", "json"].map(|form| format!("/inventory/export.{form}"));
        let (csv, json) = (browser.get(&csv).await.body, browser.get(&json).await.body);
        let mut of_contact = Browser::signed_in(&installation, contact).await;
        let told = of_contact.get(&format!("/portal{page}")).await.text();
        for text in [&list, &found, &one, &csv, &json, &told] {
            assert_eq!(text.contains("j.jansen"), shown, "{step}\n{text}");
            assert_eq!(text.contains("10.0.3.17"), shown, "{step}\n{text}");
        }
    }
}

#[tokio::test]
async fn a_search_under_a_clock_set_back_does_not_tell_by_its_hits_what_has_expired() {
    let (installation, bakery, device, ends) = ending_in(Installation::new().await, 2 * MINUTE).await;
    let anna = installation.person("anna").await;
    let mut browser = Browser::signed_in(&installation, anna).await;
    let search = [("term", "jansen")];
    assert_eq!(browser.search(&search).await.listed(), ["LAP-17"]);
    // The store has seen its end, and the index of the search has not.
    let ended = installation.store.device(bakery, device, ends).await;
    let ended = ended.unwrap().unwrap();
    assert!(ended.observations.is_empty());
    installation.clock.move_by(MINUTE);
    let found = browser.search(&search).await;
    assert!(!found.body.contains(&device.to_string()), "{}", found.text());
}

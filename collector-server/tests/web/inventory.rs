//! The list: search, filter, order, pages.

use http::StatusCode;
use zeef_collector::ledger::Actor;
use zeef_collector::store::{AdministrationStore, AgentStore};
use zeef_proto::time::DAY;

use crate::browser::Browser;
use crate::installation::{Installation, MadeUp};

const LAPTOP: MadeUp<'_> = MadeUp {
    name: "LAP-17",
    users: &["j.jansen"],
    private: &["10.0.3.17", "10.0.3.4"],
    macs: &["00:1a:2b:3c:4d:5e"],
    public: Some("203.0.113.7"),
};

fn named(name: &str) -> MadeUp<'_> {
    MadeUp {
        name,
        ..MadeUp::default()
    }
}

async fn with_two() -> (Installation, Browser) {
    let installation = Installation::new().await;
    let bakery = installation
        .organisation("Bakkerij Jansen", &["antivirus", "rmm"])
        .await;
    installation.device(bakery, LAPTOP).await;
    let notary = installation
        .organisation("Notariskantoor De Wit", &["antivirus"])
        .await;
    let other = MadeUp {
        users: &["m.dewit"],
        private: &["192.168.1.20"],
        ..named("kantoor-2")
    };
    installation.device(notary, other).await;
    let anna = installation.person("anna").await;
    let browser = Browser::signed_in(&installation, anna).await;
    (installation, browser)
}

#[tokio::test]
async fn a_device_is_found_by_any_of_its_values_in_any_spelling() {
    let (_installation, mut browser) = with_two().await;
    for typed in [
        "10.0.3.17",
        "lap-17",
        "JANSEN",
        "00-1A-2B-3C-4D-5E",
        "001a.2b3c.4d5e",
        "10.0.3.0/24",
        "203.0.113.7",
        "0.3.1",
        // A vendor's prefix, with and without separators.
        "00:1A:2B",
        "00-1a-2b",
        "001a.2b",
        "001A2B",
    ] {
        let page = browser.search(&[("term", typed)]).await;
        assert_eq!(page.listed(), ["LAP-17"], "{typed}");
        assert!(page.body.contains("<mark>"), "{typed}");
    }
    let page = browser.search(&[("term", "nobody at all")]).await;
    assert!(page.listed().is_empty());
    assert!(page.text().contains("No device found"));
}

#[tokio::test]
async fn devices_without_an_agent_are_marked_found_by_what_was_said_of_them_and_can_be_listed_alone() {
    let installation = Installation::new().await;
    let bakery = installation
        .organisation("Bakkerij Jansen", &["rmm", "wifi"])
        .await;
    let device = installation.device(bakery, LAPTOP).await;
    let phone = r#"{"source":"unifi","product":"wifi","about":"site-device","device_name":"phone-3","private_ips":["10.0.4.3"]}"#;
    installation.tell(bakery, device, &[phone]).await;
    let anna = installation.person("anna").await;
    let mut browser = Browser::signed_in(&installation, anna).await;
    let all = browser.get("/inventory").await;
    assert_eq!(all.listed(), ["LAP-17", "phone-3"]);
    assert_eq!(all.text().matches("Reporting No agent").count(), 1);
    assert_eq!(
        browser.search(&[("term", "10.0.4.3")]).await.listed(),
        ["phone-3"]
    );
    assert_eq!(
        browser.get("/inventory?state=no-agent").await.listed(),
        ["phone-3"]
    );
    assert_eq!(
        browser.get("/inventory?state=reporting").await.listed(),
        ["LAP-17", "phone-3"]
    );
    // Silent after a week, and gone with its last value.
    installation.hours_pass(8 * 24);
    let mut browser = Browser::signed_in(&installation, anna).await;
    assert_eq!(
        browser.get("/inventory?state=silent").await.listed(),
        ["LAP-17", "phone-3"]
    );
    installation.hours_pass(180 * 24);
    let mut browser = Browser::signed_in(&installation, anna).await;
    let left = browser.get("/inventory").await;
    assert_eq!(left.listed(), ["LAP-17"]);
    assert!(left.text().contains("1 device"));
}

#[tokio::test]
async fn no_address_on_any_page_holds_a_value_or_what_was_searched_for() {
    let (_installation, mut browser) = with_two().await;
    let found = browser.search(&[("term", "j.jansen")]).await;
    let device = found
        .addresses()
        .into_iter()
        .find(|address| address.starts_with("/devices/"))
        .unwrap();
    let pages = [found, browser.get("/inventory").await, browser.get(&device).await];
    for address in pages.iter().flat_map(super::browser::Answer::addresses) {
        let lower = address.to_lowercase();
        for value in [
            "jansen",
            "lap-17",
            "10.0.3.17",
            "001a2b",
            "00:1a",
            "203.0.113.7",
            "bakkerij",
        ] {
            assert!(!lower.contains(value), "{value} in {address}");
        }
    }
}

#[tokio::test]
async fn a_search_is_kept_while_sorting_and_lost_with_its_session() {
    let (installation, mut browser) = with_two().await;
    let found = browser.search(&[("term", "a"), ("sort", "user")]).await;
    assert_eq!(found.listed(), ["LAP-17", "kantoor-2"]);
    let turned = found
        .addresses()
        .into_iter()
        .find(|a| a.contains("sort=user") && a.contains("reversed"))
        .unwrap();
    assert!(turned.contains("q="));
    let page = browser.get(&turned).await;
    assert_eq!(page.listed(), ["kantoor-2", "LAP-17"]);
    assert!(page.body.contains("aria-sort=\"descending\""));
    assert!(page.body.contains("value=\"a\""));

    let bert = installation.person("bert").await;
    let mut other = Browser::signed_in(&installation, bert).await;
    let page = other.get(&turned).await;
    assert!(
        page.text()
            .contains("The search belonged to a session that has ended")
    );
    assert!(!page.body.contains("value=\"a\""));
}

#[tokio::test]
async fn filters_narrow_by_organisation_product_and_state() {
    let (installation, mut browser) = with_two().await;
    let organisations = installation.store.organisations().await.unwrap();
    let notary = organisations[1].id.to_string();
    assert_eq!(
        browser.search(&[("organisation", &notary)]).await.listed(),
        ["kantoor-2"]
    );
    assert_eq!(browser.search(&[("product", "rmm")]).await.listed(), ["LAP-17"]);
    assert_eq!(browser.search(&[("state", "silent")]).await.listed(), [""; 0]);
    installation.clock.move_by(7 * DAY);
    let anna = installation.person("later").await;
    let mut browser = Browser::signed_in(&installation, anna).await;
    assert_eq!(
        browser.search(&[("state", "silent")]).await.listed(),
        ["kantoor-2", "LAP-17"]
    );
    assert_eq!(browser.search(&[("state", "reporting")]).await.listed(), [""; 0]);
}

#[tokio::test]
async fn the_list_follows_the_store() {
    let (installation, mut browser) = with_two().await;
    assert_eq!(browser.get("/inventory").await.listed(), ["kantoor-2", "LAP-17"]);
    let organisation = installation.store.organisations().await.unwrap()[0].id;
    let device = installation.device(organisation, named("balie-1")).await;
    assert_eq!(
        browser.get("/inventory").await.listed(),
        ["balie-1", "kantoor-2", "LAP-17"]
    );
    installation
        .report(organisation, device, 2, named("zaal-1"))
        .await;
    assert_eq!(
        browser.get("/inventory").await.listed(),
        ["kantoor-2", "LAP-17", "zaal-1"]
    );
    installation
        .store
        .revoke_device(organisation, device, Actor::Administrator, installation.now())
        .await
        .unwrap();
    assert_eq!(browser.search(&[("state", "revoked")]).await.listed(), ["zaal-1"]);
    installation
        .store
        .end_device(organisation, device, Actor::Administrator, installation.now())
        .await
        .unwrap();
    assert_eq!(browser.get("/inventory").await.listed(), ["kantoor-2", "LAP-17"]);
}

#[tokio::test]
async fn a_value_is_found_and_shown_until_its_term_and_not_at_it() {
    let installation = Installation::new().await;
    let bakery = installation.organisation("Bakkerij Jansen", &[]).await;
    let subscription = installation.subscribe(bakery, "antivirus").await;
    installation.device(bakery, LAPTOP).await;
    let ends = installation.now().plus(600);
    installation
        .store
        .end_subscription(
            bakery,
            subscription,
            ends,
            Actor::Administrator,
            installation.now(),
        )
        .await
        .unwrap();
    let anna = installation.person("anna").await;
    let mut browser = Browser::signed_in(&installation, anna).await;
    let device = browser.get("/inventory").await.addresses();
    let device = device
        .iter()
        .find(|address| address.starts_with("/devices/"))
        .unwrap();
    installation.clock.move_by(599);
    assert_eq!(browser.search(&[("term", "jansen")]).await.listed(), ["LAP-17"]);
    assert!(browser.get(device).await.body.contains("j.jansen"));
    installation.clock.move_by(1);
    let page = browser.search(&[("term", "j.jansen")]).await;
    assert!(page.listed().is_empty());
    for path in ["/inventory", device] {
        let page = browser.get(path).await;
        assert_eq!(page.status, StatusCode::OK);
        for value in [
            "LAP-17",
            "j.jansen",
            "10.0.3.17",
            "00:1a:2b:3c:4d:5e",
            "203.0.113.7",
        ] {
            assert!(!page.body.contains(value), "{value} on {path}");
        }
    }
}

#[tokio::test]
async fn a_long_list_comes_in_pages() {
    let installation = Installation::new().await;
    let bakery = installation.organisation("Bakkerij Jansen", &["rmm"]).await;
    for number in 1..=51 {
        installation.device(bakery, named(&format!("pc-{number}"))).await;
    }
    let anna = installation.person("anna").await;
    let mut browser = Browser::signed_in(&installation, anna).await;
    let first = browser.get("/inventory").await;
    assert_eq!(first.listed().len(), 50);
    assert_eq!(first.listed()[8..10], ["pc-9", "pc-10"]);
    assert!(first.text().contains("1–50 of 51"));
    let second = browser.get("/inventory?page=2").await;
    assert_eq!(second.listed(), ["pc-51"]);
    assert!(second.addresses().contains(&"/inventory".to_owned()));
    assert_eq!(browser.get("/inventory?page=999999").await.listed(), ["pc-51"]);
    assert_eq!(
        browser
            .get("/inventory?page=x&sort=x&state=x&organisation=x")
            .await
            .listed()
            .len(),
        50
    );
}

#[tokio::test]
async fn an_empty_inventory_says_what_to_do() {
    let installation = Installation::new().await;
    let anna = installation.person("anna").await;
    let mut browser = Browser::signed_in(&installation, anna).await;
    assert!(
        browser
            .get("/inventory")
            .await
            .addresses()
            .contains(&"/enrol".to_owned())
    );
}

#[tokio::test]
async fn values_that_cannot_be_read_give_a_plain_page_and_no_part_of_them() {
    let (installation, mut browser) = with_two().await;
    let device = browser.get("/inventory").await.addresses();
    let device = device
        .iter()
        .find(|address| address.starts_with("/devices/"))
        .unwrap();
    installation.spoil_values();
    for path in ["/inventory", device] {
        let page = browser.get(path).await;
        assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE, "{path}");
        assert!(
            page.text()
                .contains("The data cannot be read for the moment. Nothing was changed.")
        );
        assert!(!page.body.contains("LAP-17"));
    }
    assert_eq!(browser.get("/policy").await.status, StatusCode::OK);
}

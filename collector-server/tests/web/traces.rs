//! Looking leaves a trace: who saw what is in the ledger before the page is answered.

use http::StatusCode;
use zeef_collector::ledger::{Actor, Entry};
use zeef_collector::store::ledger::LedgerStore;
use zeef_proto::id::UserId;

use crate::browser::Browser;
use crate::installation::{Installation, MadeUp};

const LAPTOP: MadeUp<'_> = MadeUp {
    name: "LAP-17",
    users: &["j.jansen"],
    private: &["10.0.3.17"],
    macs: &[],
    public: None,
};

/// What this person's visits have left since they signed in, with its details.
async fn traces(installation: &Installation, person: UserId) -> Vec<String> {
    let stored = installation.store.ledger_from(0, 1_000).await.unwrap();
    let entries = stored
        .iter()
        .map(|stored| Entry::from_bytes(&stored.bytes).unwrap());
    let own = entries.filter(|entry| entry.actor == Actor::User(person));
    own.skip(1)
        .map(|entry| {
            let of = entry.event.organisation().map(|id| id.to_string());
            let details = entry
                .event
                .details()
                .into_iter()
                .map(|(_, value)| value.to_string());
            let details: String = details.collect();
            format!("{} {} {details}", entry.event.name(), of.unwrap_or_default())
        })
        .collect()
}

#[tokio::test]
async fn each_page_with_devices_leaves_who_saw_how_many_of_whom() {
    let installation = Installation::new().await;
    let bakery = installation.organisation("Bakkerij Jansen", &["rmm"]).await;
    let notary = installation.organisation("Notariskantoor De Wit", &["rmm"]).await;
    let device = installation.device(bakery, LAPTOP).await;
    for name in ["kantoor-1", "kantoor-2"] {
        installation.device(notary, MadeUp { name, ..LAPTOP }).await;
    }
    let anna = installation.person("anna").await;
    let mut browser = Browser::signed_in(&installation, anna).await;

    assert_eq!(browser.get("/inventory").await.listed().len(), 3);
    let page = format!("/devices/{bakery}/{device}");
    assert_eq!(browser.get(&page).await.status, StatusCode::OK);
    assert_eq!(browser.search(&[("term", "kantoor")]).await.listed().len(), 2);
    assert!(browser.search(&[("term", "piet")]).await.listed().is_empty());

    let mark = installation.store.device_mark(bakery, device).await.unwrap();
    let (mut told, mark) = (traces(&installation, anna).await, mark.unwrap());
    // Organisations are noted in the order of their ids.
    told[..2].sort();
    let mut listed = [
        format!("devices_listed {bakery} 1"),
        format!("devices_listed {notary} 2"),
    ];
    listed.sort();
    assert_eq!(told[..2], listed);
    // A search begins on the page with the whole list.
    told.retain(|trace| !listed.contains(trace));
    assert_eq!(
        told,
        [
            format!("device_read {bakery} \"{mark}\""),
            format!("devices_searched {notary} 2"),
            "searched_in_vain  ".to_owned(),
        ]
    );
}

#[tokio::test]
async fn pages_without_devices_leave_nothing() {
    let installation = Installation::new().await;
    let bakery = installation.organisation("Bakkerij Jansen", &["rmm"]).await;
    let anna = installation.person("anna").await;
    let mut browser = Browser::signed_in(&installation, anna).await;
    let nobody = format!("/devices/{bakery}/6f1b0c7e-0d4f-4a7e-9b62-1d8f0a3c5e21");
    for path in ["/inventory", "/policy", "/account", &nobody] {
        browser.get(path).await;
    }
    assert_eq!(traces(&installation, anna).await, [""; 0]);
}

#[tokio::test]
async fn what_cannot_be_noted_is_not_shown() {
    let installation = Installation::new().await;
    let bakery = installation.organisation("Bakkerij Jansen", &["rmm"]).await;
    let device = installation.device(bakery, LAPTOP).await;
    let anna = installation.person("anna").await;
    let mut browser = Browser::signed_in(&installation, anna).await;
    let pages = ["/inventory".to_owned(), format!("/devices/{bakery}/{device}")];
    for page in &pages {
        assert!(browser.get(page).await.body.contains("LAP-17"));
    }
    installation.spoil_ledger();
    for page in &pages {
        let answer = browser.get(page).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(!answer.body.contains("LAP-17") && !answer.body.contains("j.jansen"));
    }
}

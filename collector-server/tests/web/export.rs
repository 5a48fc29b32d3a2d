//! The list as a file: exactly what the filters name, within reach, noted before it is given.

use http::StatusCode;
use serde_json::Value;
use zeef_collector::access::{Reach, Role};
use zeef_collector::ledger::{Entry, Event, OrganisationEvent};
use zeef_collector::store::ledger::LedgerStore;

use crate::browser::{Answer, Browser};
use crate::installation::{Installation, MadeUp};

fn named<'a>(name: &'a str, users: &'a [&'a str]) -> MadeUp<'a> {
    MadeUp {
        name,
        users,
        ..MadeUp::default()
    }
}

/// The names of the devices in a file of JSON.
fn names(answer: &Answer) -> Vec<String> {
    let rows: Vec<Value> = serde_json::from_str(&answer.body).unwrap();
    let name = |row: &Value| row["names"][0].as_str().unwrap().to_owned();
    rows.iter().map(name).collect()
}

/// What the ledger was told last, by the newest first.
async fn noted(installation: &Installation, count: usize) -> Vec<Event> {
    let newest = installation
        .store
        .ledger_before(None, u64::MAX >> 1, count)
        .await
        .unwrap();
    newest
        .iter()
        .map(|stored| Entry::from_bytes(&stored.bytes).unwrap().event)
        .collect()
}

#[tokio::test]
async fn a_file_has_all_devices_of_the_query_in_its_order_and_the_ledger_says_how_many() {
    let installation = Installation::new().await;
    let bakery = installation.organisation("Bakkerij Jansen", &["antivirus"]).await;
    for number in 0..60 {
        installation
            .device(bakery, named(&format!("lap-{number}"), &[]))
            .await;
    }
    let notary = installation.organisation("De Wit", &["antivirus"]).await;
    installation.device(notary, named("kantoor-2", &[])).await;
    let anna = installation.person("anna").await;
    let mut browser = Browser::signed_in(&installation, anna).await;
    let all = browser.get("/inventory/export.json").await;
    assert_eq!(names(&all).len(), 61);
    let one = browser
        .get(&format!(
            "/inventory/export.json?organisation={bakery}&reversed=yes&page=2"
        ))
        .await;
    let expected: Vec<String> = (0..60).rev().map(|number| format!("lap-{number}")).collect();
    assert_eq!(names(&one), expected);
    let event = OrganisationEvent::DevicesExported(60);
    assert_eq!(noted(&installation, 1).await, [Event::Of(bakery, event)]);
}

#[tokio::test]
async fn a_search_is_exported_without_its_term_in_the_address_and_a_lost_one_exports_nothing() {
    let installation = Installation::new().await;
    let bakery = installation.organisation("Bakkerij Jansen", &["antivirus"]).await;
    installation.device(bakery, named("lap-1", &["j.jansen"])).await;
    installation.device(bakery, named("lap-2", &["p.bakker"])).await;
    let anna = installation.person("anna").await;
    let mut browser = Browser::signed_in(&installation, anna).await;
    let page = browser.search(&[("term", "jansen")]).await;
    let addresses = page.addresses();
    let file = addresses
        .iter()
        .find(|one| one.starts_with("/inventory/export.json"))
        .unwrap();
    assert!(!file.contains("jansen"));
    assert_eq!(names(&browser.get(file).await), ["lap-1"]);
    let lost = browser.get("/inventory/export.csv?q=of-another-session").await;
    assert_eq!(lost.status, StatusCode::SEE_OTHER);
    let in_vain = browser.search(&[("term", "nobody")]).await;
    assert!(in_vain.listed().is_empty());
}

#[tokio::test]
async fn a_limited_account_exports_what_it_reaches() {
    let installation = Installation::new().await;
    let own = installation.organisation("Bakkerij Jansen", &["antivirus"]).await;
    let other = installation.organisation("De Wit", &["antivirus"]).await;
    installation.device(own, named("own", &[])).await;
    installation.device(other, named("other", &[])).await;
    let person = installation
        .person_as("bram", Role::Technician, Reach::of([own]))
        .await;
    let mut browser = Browser::signed_in(&installation, person).await;
    assert_eq!(names(&browser.get("/inventory/export.json").await), ["own"]);
    let asked = format!("/inventory/export.json?organisation={other}");
    assert!(names(&browser.get(&asked).await).is_empty());
}

#[tokio::test]
async fn a_name_that_is_a_formula_is_text_in_the_file() {
    let installation = Installation::new().await;
    let bakery = installation.organisation("=Jansen", &["antivirus"]).await;
    installation.device(bakery, named("lap-1", &[])).await;
    let anna = installation.person("anna").await;
    let mut browser = Browser::signed_in(&installation, anna).await;
    let file = browser.get("/inventory/export.csv").await;
    assert_eq!(
        file.header("content-type"),
        "text/csv; charset=utf-8; header=present"
    );
    assert_eq!(file.header("cache-control"), "no-store");
    assert!(file.header("content-disposition").starts_with("attachment"));
    let text = &file.body;
    assert!(
        text.starts_with('\u{feff}') && text.contains("\"'=Jansen\",\"lap-1\""),
        "{text}"
    );
}

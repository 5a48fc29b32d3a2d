//! Columns that a person chooses, and views that are saved.

use http::StatusCode;
use zeef_collector::store::views::{MOST_VIEWS, SavedView, ViewStore};

use crate::browser::{Answer, Browser};
use crate::installation::{Installation, MadeUp};

const LAPTOP: MadeUp<'_> = MadeUp {
    name: "LAP-17",
    users: &["j.jansen"],
    private: &["10.0.3.17"],
    macs: &["00:1a:2b:3c:4d:5e"],
    public: Some("203.0.113.7"),
};

async fn with_one() -> (Installation, Browser) {
    let installation = Installation::new().await;
    let bakery = installation.organisation("Bakkerij Jansen", &["rmm"]).await;
    installation.device(bakery, LAPTOP).await;
    let anna = installation.person("anna").await;
    let browser = Browser::signed_in(&installation, anna).await;
    (installation, browser)
}

/// Sends a form of the list at an address; where that leads.
async fn send(browser: &mut Browser, path: &str, to: &str, fields: &[(&str, &str)]) -> Answer {
    let secret = browser.get("/inventory").await.form_secret();
    let own = [("form", secret.as_str()), ("to", to)];
    let fields: Vec<_> = own.into_iter().chain(fields.iter().copied()).collect();
    browser.post(path, &fields).await
}

/// The values in the list's one row.
fn row(page: &Answer) -> String {
    let body = page.body.split("<tbody").nth(1).unwrap();
    body.split("</tbody>").next().unwrap().to_owned()
}

#[tokio::test]
async fn chosen_columns_stand_in_the_address_and_are_remembered() {
    let (installation, mut browser) = with_one().await;
    let all = row(&browser.get("/inventory").await);
    assert!(all.contains("j.jansen") && all.contains("10.0.3.17") && !all.contains("203.0.113.7"));
    let chosen = [("column-mac", "on"), ("column-public", "on")];
    let to = "/inventory?state=reporting&page=3&hint=password";
    let answer = send(&mut browser, "/inventory/columns", to, &chosen).await;
    assert_eq!(answer.location(), "/inventory?state=reporting&columns=public-mac");
    for address in [answer.location(), "/inventory"] {
        let page = browser.get(address).await;
        let row = row(&page);
        for there in ["LAP-17", "203.0.113.7", "00:1a:2b:3c:4d:5e", "Reporting"] {
            assert!(row.contains(there), "{there} at {address}");
        }
        for absent in ["j.jansen", "10.0.3.17", "Bakkerij Jansen"] {
            assert!(!row.contains(absent), "{absent} at {address}");
        }
    }
    // What an address says counts more than what is remembered, and another browser remembers nothing.
    let named = row(&browser.get("/inventory?columns=user").await);
    assert!(named.contains("j.jansen") && !named.contains("00:1a:2b:3c:4d:5e"));
    let bart = installation.person("bart").await;
    let mut other = Browser::signed_in(&installation, bart).await;
    assert!(row(&other.get("/inventory").await).contains("10.0.3.17"));
    let none = send(&mut other, "/inventory/columns", "/inventory", &[]).await;
    assert_eq!(none.location(), "/inventory?columns=none");
    assert!(!row(&other.get("/inventory").await).contains("10.0.3.17"));
}

#[tokio::test]
async fn a_search_keeps_the_columns_of_its_address() {
    let (_installation, mut browser) = with_one().await;
    let found = browser.search(&[("term", "jansen"), ("columns", "mac")]).await;
    assert_eq!(found.listed(), ["LAP-17"]);
    assert!(!row(&found).contains("10.0.3.17"));
    assert!(found.body.contains("name=\"columns\" value=\"mac\""));
}

#[tokio::test]
async fn a_view_is_saved_without_what_was_searched_for_and_offered_from_then_on() {
    let (installation, mut browser) = with_one().await;
    let found = browser
        .search(&[("term", "jansen"), ("state", "reporting"), ("sort", "user")])
        .await;
    let to = found.body.split("name=\"to\" value=\"").nth(1).unwrap();
    let to = to.split('"').next().unwrap().replace("&#38;", "&");
    assert!(to.contains("q="), "{to}");
    let name = [("name", "  Stille <b>laptops</b>  ")];
    let answer = send(&mut browser, "/inventory/views", &to, &name).await;
    assert!(!answer.location().contains("q="), "{}", answer.location());
    let page = browser.get(answer.location()).await;
    assert!(page.text().contains("The view was saved."));
    // A name is a text and no markup.
    assert!(page.text().contains("Stille &#60;b&#62;laptops&#60;/b&#62;"));
    let asked = "state=reporting&sort=user&columns=organisation-user-address-mac-contact";
    let address = format!("/inventory?{asked}");
    let page = browser.get("/inventory").await;
    assert!(page.addresses().contains(&address), "{:?}", page.addresses());
    assert!(!page.body.contains("aria-current=\"page\"><bdi>Stille"));
    let page = browser.get(&address).await;
    assert!(page.body.contains("aria-current=\"page\"><bdi>Stille"));

    let name = [("name", "Stille <b>laptops</b>")];
    let answer = send(&mut browser, "/inventory/views/forget", &address, &name).await;
    assert_eq!(answer.location(), address);
    assert!(!browser.get(&address).await.body.contains("Stille"));
    let anna = installation.person("bart").await;
    assert!(installation.store.views(anna).await.unwrap().is_empty());
}

#[tokio::test]
async fn views_are_each_accounts_own_and_no_more_than_it_may_have() {
    let (installation, mut browser) = with_one().await;
    let bart = installation.person("bart").await;
    for number in 0..MOST_VIEWS {
        let view = SavedView {
            name: format!("view {number}"),
            asked: "sort=user".to_owned(),
        };
        assert!(installation.store.save_view(bart, view).await.unwrap());
    }
    assert!(!browser.get("/inventory").await.body.contains("view 7"));
    let mut other = Browser::signed_in(&installation, bart).await;
    let name = [("name", "one more")];
    let answer = send(&mut other, "/inventory/views", "/inventory", &name).await;
    let page = other.get(answer.location()).await.text();
    assert!(page.contains("You have 50 views") && page.contains("Nothing was saved"));
}

#[tokio::test]
async fn a_view_without_a_name_or_with_one_that_is_too_long_is_refused() {
    let (_installation, mut browser) = with_one().await;
    let long = "x".repeat(61);
    for name in ["", "   ", "a\nb", long.as_str()] {
        let answer = send(&mut browser, "/inventory/views", "/inventory", &[("name", name)]).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{name:?}");
    }
    // An address that is not the list's leads to the list all the same.
    let name = [("name", "all")];
    let to = "//evil.example/inventory?sort=user&evil=yes";
    let answer = send(&mut browser, "/inventory/views", to, &name).await;
    assert!(answer.location().starts_with("/inventory?sort=user&columns="));
    assert!(!answer.location().contains("evil"));
}

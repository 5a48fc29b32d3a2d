//! A person's own tokens for the API.

use http::StatusCode;
use zeef_collector::access::{Reach, Role, Scope};
use zeef_collector::store::api_tokens::ApiTokenStore;

use crate::browser::{Answer, Browser};
use crate::installation::Installation;

async fn make(browser: &mut Browser, fields: &[(&str, &str)]) -> Answer {
    let secret = browser.get("/account/tokens").await.form_secret();
    let fields: Vec<_> = fields
        .iter()
        .copied()
        .chain([("form", secret.as_str())])
        .collect();
    browser.post("/account/tokens", &fields).await
}

const WISH: [(&str, &str); 4] = [
    ("name", "nightly <b>export</b>"),
    ("scope", "inventory:read"),
    ("scope", "policy:read"),
    ("days", "90"),
];

#[tokio::test]
async fn a_token_is_shown_once_then_listed_and_revoked() {
    let installation = Installation::new().await;
    let reach = Reach::of([installation.organisation("Bakkerij Jansen", &[]).await]);
    let anna = installation.person_as("anna", Role::Technician, reach).await;
    let mut browser = Browser::signed_in(&installation, anna).await;
    let made = make(&mut browser, &WISH).await;
    let token = made
        .body
        .split("class=\"copied\">")
        .nth(1)
        .unwrap()
        .split('<')
        .next()
        .unwrap();
    assert!(token.starts_with("zeef_"), "{token}");
    let secret = zeef_collector::api::token::Secret::parse(token).unwrap();
    let admitted = installation
        .store
        .admitted(secret.hash(), installation.now())
        .await;
    assert_eq!(admitted.unwrap().unwrap().user, Some(anna));
    let listed = browser.get("/account/tokens").await;
    assert!(!listed.body.contains(token) && !listed.body.contains("<b>export"));
    assert!(listed.text().contains("See the policy") && listed.text().contains("never"));

    let mut other = Browser::signed_in(&installation, installation.person("bert").await).await;
    let path = listed
        .addresses()
        .into_iter()
        .find(|address| address.ends_with("/revoke"))
        .unwrap();
    let form = other.get("/account/tokens").await.form_secret();
    assert_eq!(
        other.post(&path, &[("form", &form)]).await.status,
        StatusCode::NOT_FOUND
    );
    let form = listed.form_secret();
    let revoked = browser.post(&path, &[("form", &form)]).await;
    assert_eq!(revoked.location(), "/account/tokens?revoked=yes");
    assert!(installation.store.api_tokens(None).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_mistake_is_said_and_what_was_filled_in_stays() {
    let installation = Installation::new().await;
    let anna = installation.person("anna").await;
    let mut browser = Browser::signed_in(&installation, anna).await;
    for (fields, reason) in [
        (&[("name", "export"), ("days", "30")][..], "Tick at least one"),
        (
            &[("name", "  "), ("scope", "policy:read"), ("days", "30")],
            "Say what it is for",
        ),
        (
            &[("name", "export"), ("scope", "policy:read"), ("days", "9999")],
            "how long it is good",
        ),
    ] {
        let answer = make(&mut browser, fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.text().contains(reason), "{reason}");
        let kept = fields.iter().any(|(_, value)| *value == "export");
        assert_eq!(answer.body.contains("value=\"export\""), kept);
        let ticked = fields.iter().any(|(name, _)| *name == "scope");
        assert_eq!(answer.body.contains(" checked"), ticked);
    }
    assert!(installation.store.api_tokens(None).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_person_is_offered_what_the_role_may_and_no_more() {
    let installation = Installation::new().await;
    for role in Role::ALL {
        let reach = Reach::of([]);
        let person = installation.person_as(role.name(), role, reach).await;
        let mut browser = Browser::signed_in(&installation, person).await;
        let page = browser.get("/account/tokens").await;
        for scope in Scope::ALL {
            let is_offered = page.body.contains(&format!("value=\"{scope}\""));
            assert_eq!(is_offered, role.may(scope.permission()), "{role} {scope}");
        }
    }
}

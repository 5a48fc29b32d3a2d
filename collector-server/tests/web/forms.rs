//! Forms that are not ours, or come too late, change nothing.

use http::StatusCode;

use crate::browser::Browser;
use crate::installation::Installation;

const NEW: (&str, &str) = ("new", "vier paarse fietsen");
const REPEAT: (&str, &str) = ("repeat", "vier paarse fietsen");

#[tokio::test]
async fn a_form_without_this_sessions_secret_is_refused() {
    let installation = Installation::new().await;
    let anna = installation.person("anna").await;
    let mut browser = Browser::signed_in(&installation, anna).await;
    let mut other = Browser::signed_in(&installation, anna).await;
    let others_secret = other.get("/inventory").await.form_secret();
    for fields in [
        vec![NEW, REPEAT],
        vec![NEW, REPEAT, ("form", "")],
        vec![NEW, REPEAT, ("form", &others_secret)],
    ] {
        let answer = browser.post("/account/password", &fields).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        assert!(answer.text().contains("Nothing was changed"));
    }
    for path in ["/inventory", "/sign-out", "/account/shortcut"] {
        assert_eq!(
            browser.post(path, &[]).await.status,
            StatusCode::FORBIDDEN,
            "{path}"
        );
    }
    assert!(!browser.get("/account").await.text().contains("Current password"));
}

#[tokio::test]
async fn a_form_from_another_site_is_refused_even_with_the_secret() {
    let installation = Installation::new().await;
    let anna = installation.person("anna").await;
    let mut browser = Browser::signed_in(&installation, anna).await;
    let secret = browser.get("/inventory").await.form_secret();
    for site in ["cross-site", "same-site", "none"] {
        browser.site = site;
        for path in [
            "/inventory",
            "/sign-out",
            "/account/password",
            "/account/shortcut",
            "/sign-in",
            "/language",
        ] {
            let answer = browser.post(path, &[("form", &secret), NEW, REPEAT]).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{site} {path}");
        }
        assert_eq!(
            browser.open_link(&installation, anna).await.status,
            StatusCode::FORBIDDEN
        );
    }
    assert_eq!(browser.get("/inventory").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_form_whose_session_has_ended_says_so_and_shows_the_way_on() {
    let installation = Installation::new().await;
    let anna = installation.person("anna").await;
    let mut browser = Browser::signed_in(&installation, anna).await;
    let secret = browser.get("/account").await.form_secret();
    installation.hours_pass(1);
    let answer = browser
        .post("/account/password", &[("form", &secret), NEW, REPEAT])
        .await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert!(answer.text().contains("The session has ended"));
    assert!(answer.addresses().contains(&"/sign-in".to_owned()));
}

#[tokio::test]
async fn what_is_no_form_of_the_page_gets_a_plain_page() {
    let installation = Installation::new().await;
    let anna = installation.person("anna").await;
    let mut browser = Browser::signed_in(&installation, anna).await;
    let secret = browser.get("/account").await.form_secret();
    let answer = browser.post("/account/password", &[("form", &secret)]).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    let huge = "x".repeat(20_000);
    let answer = browser
        .post("/account/password", &[("form", &secret), ("new", &huge), REPEAT])
        .await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    let answer = browser.post("/policy", &[("form", &secret)]).await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
    assert!(answer.text().contains("does not take this kind of request"));
    assert_eq!(
        browser.get("/inventory?page=1&page=2").await.status,
        StatusCode::BAD_REQUEST
    );
}

//! A person's own account.

use http::StatusCode;
use zeef_collector::store::people::PeopleStore;

use crate::browser::{Answer, Browser};
use crate::installation::Installation;

async fn set(browser: &mut Browser, current: &str, new: &str, repeat: &str) -> Answer {
    let secret = browser.get("/account").await.form_secret();
    let fields = [
        ("form", secret.as_str()),
        ("current", current),
        ("new", new),
        ("repeat", repeat),
    ];
    browser.post("/account/password", &fields).await
}

#[tokio::test]
async fn a_first_password_needs_no_other_and_a_second_one_does() {
    let installation = Installation::new().await;
    let anna = installation.person("anna").await;
    let mut browser = Browser::signed_in(&installation, anna).await;
    for (new, repeat, reason) in [
        ("kort", "kort", "shorter than 12"),
        ("welkom-123456", "welkom-123456", "common passwords"),
        ("vier paarse fietsen", "vijf paarse fietsen", "not the same"),
        ("dit is van ANNA zelf", "dit is van ANNA zelf", "account's name"),
    ] {
        let answer = set(&mut browser, "", new, repeat).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.text().contains(reason), "{new}");
        assert!(!answer.body.contains(new));
    }
    let answer = set(&mut browser, "", "vier paarse fietsen", "vier paarse fietsen").await;
    assert_eq!(answer.location(), "/account?saved=yes");
    assert!(
        browser
            .get("/account?saved=yes")
            .await
            .text()
            .contains("The password was saved.")
    );

    let answer = set(
        &mut browser,
        "wrong",
        "vijf groene fietsen",
        "vijf groene fietsen",
    )
    .await;
    assert!(answer.text().contains("The current password is not right"));
    let answer = set(
        &mut browser,
        "vier paarse fietsen",
        "vijf groene fietsen",
        "vijf groene fietsen",
    )
    .await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let credentials = [("name", "anna"), ("password", "vijf groene fietsen")];
    assert_eq!(
        browser.fresh().post("/sign-in", &credentials).await.status,
        StatusCode::SEE_OTHER
    );
}

#[tokio::test]
async fn a_new_password_ends_the_other_sessions_and_keeps_this_one() {
    let installation = Installation::new().await;
    let anna = installation.person("anna").await;
    let mut here = Browser::signed_in(&installation, anna).await;
    let mut elsewhere = Browser::signed_in(&installation, anna).await;
    set(&mut here, "", "vier paarse fietsen", "vier paarse fietsen").await;
    assert_eq!(here.get("/inventory").await.status, StatusCode::OK);
    assert_eq!(elsewhere.get("/inventory").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_removed_account_is_signed_out() {
    let installation = Installation::new().await;
    let anna = installation.person("anna").await;
    let mut browser = Browser::signed_in(&installation, anna).await;
    installation
        .store
        .remove_user(anna, installation.now())
        .await
        .unwrap();
    assert_eq!(browser.get("/inventory").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn the_language_follows_the_choice_then_the_browser_then_dutch() {
    let installation = Installation::new().await;
    let mut browser = Browser::new(&installation);
    browser.language = "fr";
    assert!(browser.get("/sign-in").await.body.contains("<html lang=\"nl\">"));
    browser.language = "fr, en;q=0.5";
    assert!(browser.get("/sign-in").await.body.contains("<html lang=\"en\">"));
    let answer = browser
        .post(
            "/language",
            &[("language", "nl"), ("to", "/sign-in?next=/policy")],
        )
        .await;
    assert_eq!(answer.location(), "/sign-in?next=/policy");
    assert!(browser.get("/sign-in").await.body.contains("<html lang=\"nl\">"));
    let answer = browser
        .post("/language", &[("language", "nl"), ("to", "//evil.example")])
        .await;
    assert_eq!(answer.location(), "/");
    let answer = browser.post("/language", &[("language", "xx")]).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn the_shortcuts_can_be_turned_off() {
    let installation = Installation::new().await;
    let anna = installation.person("anna").await;
    let mut browser = Browser::signed_in(&installation, anna).await;
    let page = browser.get("/account").await;
    assert!(page.body.contains("data-keys"));
    browser
        .post(
            "/account/shortcut",
            &[("form", &page.form_secret()), ("shortcut", "off")],
        )
        .await;
    let page = browser.get("/inventory").await;
    assert!(!page.body.contains("data-keys") && !page.body.contains("<kbd"));
}

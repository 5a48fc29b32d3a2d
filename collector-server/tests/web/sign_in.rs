//! Signing in and out, and how long a session lasts.

use http::StatusCode;
use zeef_collector::ledger::Actor;
use zeef_collector::store::people::PeopleStore;
use zeef_collector::web::{one_time_link, password};

use crate::browser::{Browser, LOOPBACK};
use crate::installation::Installation;

const PASSWORD: &str = "vier paarse fietsen";

async fn with_password(installation: &Installation, name: &str) {
    let person = installation.person(name).await;
    installation
        .store
        .set_password(
            person,
            password::hash(PASSWORD),
            None,
            Actor::Administrator,
            installation.now(),
        )
        .await
        .unwrap();
}

async fn enter(browser: &mut Browser, name: &str, password: &str) -> StatusCode {
    browser
        .post("/sign-in", &[("name", name), ("password", password)])
        .await
        .status
}

async fn is_in(browser: &mut Browser) -> bool {
    browser.get("/inventory").await.status == StatusCode::OK
}

#[tokio::test]
async fn a_link_signs_in_once_and_only_by_its_button() {
    let installation = Installation::new().await;
    let anna = installation.person("anna").await;
    let link = one_time_link(
        &*installation.store,
        Actor::Administrator,
        installation.now(),
        anna,
        LOOPBACK,
    )
    .await
    .unwrap();
    let path = link.strip_prefix(LOOPBACK).unwrap();
    let mut browser = Browser::new(&installation);
    for _ in 0..2 {
        let page = browser.get(path).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(browser.cookies.is_empty());
    }
    let answer = browser.press(path).await;
    assert_eq!(
        (answer.status, answer.location()),
        (StatusCode::SEE_OTHER, "/inventory?hint=password")
    );
    let first = browser.get("/inventory?hint=password").await;
    assert!(first.text().contains("This account has no password yet"));
    let mut other = browser.fresh();
    let spent = other.post(path, &[]).await;
    assert_eq!(spent.status, StatusCode::GONE);
    assert!(spent.text().contains("zeef-collector user link"));
    assert!(!is_in(&mut other).await);
}

#[tokio::test]
async fn a_link_lapses_after_fifteen_minutes() {
    let installation = Installation::new().await;
    let anna = installation.person("anna").await;
    let mut browser = Browser::new(&installation);
    for (seconds, expected) in [(899, StatusCode::SEE_OTHER), (900, StatusCode::GONE)] {
        let link = one_time_link(
            &*installation.store,
            Actor::Administrator,
            installation.now(),
            anna,
            LOOPBACK,
        )
        .await
        .unwrap();
        installation.clock.move_by(seconds);
        let answer = browser
            .fresh()
            .post(link.strip_prefix(LOOPBACK).unwrap(), &[])
            .await;
        assert_eq!(answer.status, expected, "{seconds}");
    }
    let made_up = browser.post("/sign-in/bm8gc3VjaCBsaW5r", &[]).await;
    assert_eq!(made_up.status, StatusCode::GONE);
}

#[tokio::test]
async fn a_password_signs_in_and_a_wrong_one_looks_like_an_unknown_name() {
    let installation = Installation::new().await;
    with_password(&installation, "Anna").await;
    installation.person("bert").await;
    let mut browser = Browser::new(&installation);
    let mut refusals = Vec::new();
    for (name, password) in [
        ("anna", "wrong"),
        ("nobody", PASSWORD),
        ("bert", ""),
        ("bert", "bert"),
    ] {
        let answer = browser
            .post("/sign-in", &[("name", name), ("password", password)])
            .await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{name}");
        assert!(!answer.body.contains(PASSWORD));
        refusals.push(answer.body.replace(&format!("value=\"{name}\""), ""));
    }
    assert!(refusals.windows(2).all(|pair| pair[0] == pair[1]));
    assert_eq!(
        enter(&mut browser, " anna ", PASSWORD).await,
        StatusCode::SEE_OTHER
    );
    assert!(is_in(&mut browser).await);
}

#[tokio::test]
async fn guessing_must_wait_and_does_not_lock_the_owner_out() {
    let installation = Installation::new().await;
    with_password(&installation, "anna").await;
    let mut guesser = Browser::new(&installation);
    guesser.peer = "198.51.100.66:1".parse().unwrap();
    for _ in 0..5 {
        assert_eq!(
            enter(&mut guesser, "anna", "guess").await,
            StatusCode::UNAUTHORIZED
        );
    }
    let held = guesser
        .post("/sign-in", &[("name", "anna"), ("password", PASSWORD)])
        .await;
    assert_eq!(held.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(held.header("retry-after"), "1");
    let mut owner = guesser.fresh();
    owner.peer = "203.0.113.7:1".parse().unwrap();
    assert_eq!(enter(&mut owner, "anna", PASSWORD).await, StatusCode::SEE_OTHER);
    installation.clock.move_by(1);
    assert_eq!(enter(&mut guesser, "anna", PASSWORD).await, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_session_ends_half_an_hour_after_its_last_use() {
    let installation = Installation::new().await;
    let anna = installation.person("anna").await;
    let mut browser = Browser::signed_in(&installation, anna).await;
    for _ in 0..3 {
        installation.clock.move_by(1_700);
        assert!(is_in(&mut browser).await);
    }
    installation.clock.move_by(1_800);
    let answer = browser.get("/devices/a/b").await;
    assert_eq!(
        (answer.status, answer.location()),
        (StatusCode::SEE_OTHER, "/sign-in?next=/devices/a/b")
    );
}

#[tokio::test]
async fn a_session_ends_after_twelve_hours_however_much_it_is_used() {
    let installation = Installation::new().await;
    let anna = installation.person("anna").await;
    let mut browser = Browser::signed_in(&installation, anna).await;
    for _ in 0..48 {
        assert!(is_in(&mut browser).await);
        installation.clock.move_by(900);
    }
    assert!(!is_in(&mut browser).await);
}

#[tokio::test]
async fn signing_out_ends_the_session_for_whoever_has_its_cookie() {
    let installation = Installation::new().await;
    let anna = installation.person("anna").await;
    let mut browser = Browser::signed_in(&installation, anna).await;
    let mut copy = browser.clone();
    let secret = browser.get("/inventory").await.form_secret();
    let answer = browser.post("/sign-out", &[("form", &secret)]).await;
    assert_eq!(answer.location(), "/sign-in");
    assert!(browser.cookies.is_empty());
    assert!(!is_in(&mut copy).await);
}

#[tokio::test]
async fn each_sign_in_gets_a_new_secret_and_a_given_one_is_never_taken_on() {
    let installation = Installation::new().await;
    let anna = installation.person("anna").await;
    let mut browser = Browser::new(&installation);
    let planted = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    browser.cookies.insert("zeef".to_owned(), planted.to_owned());
    browser.open_link(&installation, anna).await;
    let first = browser.cookies["zeef"].clone();
    browser.open_link(&installation, anna).await;
    assert_ne!(first, planted);
    assert_ne!(first, browser.cookies["zeef"]);
}

#[tokio::test]
async fn after_signing_in_one_goes_on_where_one_was_and_never_elsewhere() {
    let installation = Installation::new().await;
    with_password(&installation, "anna").await;
    let mut browser = Browser::new(&installation);
    for (next, expected) in [
        ("/policy", "/policy"),
        ("", "/inventory"),
        ("//evil.example", "/inventory"),
        ("https://evil.example/", "/inventory"),
    ] {
        let fields = [("name", "anna"), ("password", PASSWORD), ("next", next)];
        let answer = browser.post("/sign-in", &fields).await;
        assert_eq!(answer.location(), expected, "{next}");
    }
}

#[tokio::test]
async fn over_tls_the_cookie_is_bound_to_the_host() {
    let installation = Installation::new().await;
    with_password(&installation, "anna").await;
    let mut browser = Browser::at(&installation, "https://zeef.example");
    let answer = browser
        .post("/sign-in", &[("name", "anna"), ("password", PASSWORD)])
        .await;
    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with("__Host-zeef="));
    assert!(cookie.ends_with("; Path=/; HttpOnly; SameSite=Strict; Secure"));
    assert_eq!(answer.header("strict-transport-security"), "max-age=31536000");
    assert!(is_in(&mut browser).await);
}

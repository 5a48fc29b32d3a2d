//! Second factors: setting one up, signing in with it, losing it.

use data_encoding::BASE32_NOPAD;
use http::StatusCode;
use zeef_collector::config::SecondFactor;
use zeef_collector::ledger::Actor;
use zeef_collector::otp::{Secret, Step};
use zeef_collector::store::people::PeopleStore;
use zeef_collector::store::sign_in::SignInStore;
use zeef_collector::web::password;
use zeef_proto::id::UserId;

use crate::browser::{Answer, Browser};
use crate::installation::Installation;

const PAGE: &str = "/account/second-factor";
const PASSWORD: &str = "vier paarse fietsen";

/// The secret that the page offers, as its link to an authenticator has it.
fn offered(page: &Answer) -> Secret {
    let text = page.body.split("secret=").nth(1).unwrap();
    let bytes = BASE32_NOPAD.decode(&text.as_bytes()[..32]).unwrap();
    Secret::from_bytes(bytes.try_into().unwrap())
}

fn hidden(page: &Answer, name: &str) -> String {
    let start = format!("name=\"{name}\" value=\"");
    page.body
        .split(&start)
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .to_owned()
}

fn recovery_codes(page: &Answer) -> Vec<String> {
    let items = page.body.split("<li><code>").skip(1);
    items
        .map(|item| item.split('<').next().unwrap().to_owned())
        .collect()
}

/// What the authenticator shows now.
fn shown(installation: &Installation, secret: &Secret) -> String {
    secret.code(Step::at(installation.now())).expose()
}

/// An account with a password and a second factor, and the browser that set it up.
struct Anna {
    id: UserId,
    secret: Secret,
    codes: Vec<String>,
    browser: Browser,
}

async fn anna(installation: &Installation) -> Anna {
    let id = installation.person("anna").await;
    let mut browser = Browser::signed_in(installation, id).await;
    let hash = password::hash(PASSWORD);
    let by = Actor::Administrator;
    installation
        .store
        .set_password(id, hash, None, by, installation.now())
        .await
        .unwrap();
    browser
        .post("/sign-in", &[("name", "anna"), ("password", PASSWORD)])
        .await;
    let page = browser.get(PAGE).await;
    let secret = offered(&page);
    let answer = browser
        .post(
            PAGE,
            &[
                ("form", &page.form_secret()),
                ("current", PASSWORD),
                ("code", &shown(installation, &secret)),
            ],
        )
        .await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    installation.clock.move_by(30);
    Anna {
        id,
        secret,
        codes: recovery_codes(&answer),
        browser,
    }
}

/// Enters the password and gives the page that asks for the code.
async fn asked(browser: &mut Browser) -> Answer {
    let page = browser
        .post(
            "/sign-in",
            &[("name", "anna"), ("password", PASSWORD), ("next", "/policy")],
        )
        .await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text().contains("Enter the code"));
    page
}

async fn enter(browser: &mut Browser, page: &Answer, code: &str) -> Answer {
    let fields = [
        ("ticket", hidden(page, "ticket")),
        ("next", hidden(page, "next")),
        ("code", code.to_owned()),
    ];
    let fields: Vec<_> = fields
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    browser.post("/sign-in/code", &fields).await
}

async fn is_in(browser: &mut Browser) -> bool {
    browser.get("/account").await.status == StatusCode::OK
}

#[tokio::test]
async fn a_second_factor_counts_once_a_code_has_proven_it() {
    let installation = Installation::new().await;
    let id = installation.person("anna").await;
    let mut browser = Browser::signed_in(&installation, id).await;
    let mut elsewhere = Browser::signed_in(&installation, id).await;
    let page = browser.get(PAGE).await;
    assert!(page.body.contains("<svg class=\"qr\""));
    let secret = offered(&page);
    let wrong = [("form", page.form_secret()), ("code", "000000".to_owned())];
    let wrong: Vec<_> = wrong
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let answer = browser.post(PAGE, &wrong).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.text().contains("These digits are not right"));
    assert!(installation.store.second_factor(id).await.unwrap().is_none());

    let before = browser.cookies.clone();
    let code = shown(&installation, &secret);
    let answer = browser
        .post(PAGE, &[("form", &page.form_secret()), ("code", &code)])
        .await;
    assert_eq!(recovery_codes(&answer).len(), 10);
    assert_ne!(browser.cookies, before, "the session has another secret");
    assert!(is_in(&mut browser).await);
    assert!(!is_in(&mut elsewhere).await);
    let page = browser.get(PAGE).await;
    assert!(!page.body.contains("otpauth:"));
    assert!(page.text().contains("Recovery codes left: 10."));
}

#[tokio::test]
async fn who_has_a_password_shows_it_to_set_a_second_factor_up() {
    let installation = Installation::new().await;
    let id = installation.person("anna").await;
    let mut browser = Browser::signed_in(&installation, id).await;
    let page = browser.get("/account").await;
    let fields = [
        ("form", page.form_secret()),
        ("new", PASSWORD.to_owned()),
        ("repeat", PASSWORD.to_owned()),
    ];
    let fields: Vec<_> = fields
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    browser.post("/account/password", &fields).await;
    let page = browser.get(PAGE).await;
    let code = shown(&installation, &offered(&page));
    for current in ["", "wrong"] {
        let answer = browser
            .post(
                PAGE,
                &[
                    ("form", &page.form_secret()),
                    ("current", current),
                    ("code", &code),
                ],
            )
            .await;
        assert!(answer.text().contains("The current password is not right"));
    }
    assert!(installation.store.second_factor(id).await.unwrap().is_none());
}

#[tokio::test]
async fn the_password_alone_lets_nobody_in_and_a_code_does_once() {
    let installation = Installation::new().await;
    let anna = anna(&installation).await;
    let mut browser = anna.browser.fresh();
    let page = asked(&mut browser).await;
    assert!(browser.cookies.is_empty());
    assert!(!page.body.contains(PASSWORD));
    let code = shown(&installation, &anna.secret);
    let answer = enter(&mut browser, &page, &format!("{} {}", &code[..3], &code[3..])).await;
    assert_eq!(answer.location(), "/policy");
    assert!(is_in(&mut browser).await);

    let mut other = anna.browser.fresh();
    let page = asked(&mut other).await;
    let answer = enter(&mut other, &page, &code).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.text().contains("was used already"));
    installation.clock.move_by(30);
    let code = shown(&installation, &anna.secret);
    assert_eq!(
        enter(&mut other, &answer, &code).await.status,
        StatusCode::SEE_OTHER
    );
}

#[tokio::test]
async fn a_link_asks_for_the_code_too() {
    let installation = Installation::new().await;
    let anna = anna(&installation).await;
    let mut browser = anna.browser.fresh();
    let page = browser.open_link(&installation, anna.id).await;
    assert!(page.text().contains("Enter the code"));
    assert!(!is_in(&mut browser).await);
    enter(&mut browser, &page, &shown(&installation, &anna.secret)).await;
    assert!(is_in(&mut browser).await);
}

#[tokio::test]
async fn a_recovery_code_lets_in_once_and_says_what_to_do_next() {
    let installation = Installation::new().await;
    let anna = anna(&installation).await;
    let mut browser = anna.browser.fresh();
    let page = asked(&mut browser).await;
    let answer = enter(&mut browser, &page, &anna.codes[0].to_uppercase()).await;
    assert_eq!(answer.location(), "/account/second-factor?recovered=yes");
    let page = browser.get("/account/second-factor?recovered=yes").await;
    assert!(page.text().contains("A recovery code was used."));
    assert!(page.text().contains("Recovery codes left: 9."));
    let mut other = anna.browser.fresh();
    let page = asked(&mut other).await;
    assert!(
        enter(&mut other, &page, &anna.codes[0])
            .await
            .text()
            .contains("not right")
    );

    let page = browser.get(PAGE).await;
    let fields = [("form", page.form_secret()), ("code", anna.codes[1].clone())];
    let fields: Vec<_> = fields
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let answer = browser.post("/account/second-factor/remove", &fields).await;
    assert_eq!(answer.location(), "/account/second-factor?removed=yes");
    let page = browser.get("/account/second-factor?removed=yes").await;
    assert!(page.text().contains("The second factor was removed"));
    assert_ne!(offered(&page).as_bytes(), anna.secret.as_bytes());
}

#[tokio::test]
async fn new_recovery_codes_cost_a_code_and_take_the_place_of_the_former() {
    let installation = Installation::new().await;
    let anna = anna(&installation).await;
    let mut browser = anna.browser.clone();
    let page = browser.get(PAGE).await;
    let form = page.form_secret();
    let make = "/account/second-factor/codes";
    let answer = browser.post(make, &[("form", &form), ("code", "123")]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let code = shown(&installation, &anna.secret);
    let answer = browser.post(make, &[("form", &form), ("code", &code)]).await;
    let codes = recovery_codes(&answer);
    assert!(codes.len() == 10 && !codes.contains(&anna.codes[0]));
    let mut other = browser.fresh();
    let page = asked(&mut other).await;
    let former = enter(&mut other, &page, &anna.codes[0]).await;
    assert_eq!(former.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        enter(&mut other, &page, &codes[0]).await.status,
        StatusCode::SEE_OTHER
    );
}

#[tokio::test]
async fn guessing_codes_must_wait_also_with_the_password_entered_anew_and_locks_nobody_out() {
    let installation = Installation::new().await;
    let anna = anna(&installation).await;
    let mut guesser = anna.browser.fresh();
    guesser.peer = "198.51.100.66:1".parse().unwrap();
    for _ in 0..5 {
        let page = asked(&mut guesser).await;
        let answer = enter(&mut guesser, &page, "000000").await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let page = asked(&mut guesser).await;
    let held = enter(&mut guesser, &page, &shown(&installation, &anna.secret)).await;
    assert_eq!(held.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(held.header("retry-after"), "1");
    let mut owner = anna.browser.fresh();
    let page = asked(&mut owner).await;
    enter(&mut owner, &page, &shown(&installation, &anna.secret)).await;
    assert!(is_in(&mut owner).await);
}

#[tokio::test]
async fn a_code_that_comes_too_late_or_with_a_made_up_ticket_begins_anew() {
    let installation = Installation::new().await;
    let anna = anna(&installation).await;
    let mut browser = anna.browser.fresh();
    let page = asked(&mut browser).await;
    installation.clock.move_by(300);
    let code = shown(&installation, &anna.secret);
    let late = enter(&mut browser, &page, &code).await;
    assert_eq!(late.status, StatusCode::UNAUTHORIZED);
    assert!(late.text().contains("The code came too late."));
    let made_up = [("ticket", "AAAA"), ("code", code.as_str())];
    let answer = browser.post("/sign-in/code", &made_up).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert!(!is_in(&mut browser).await);
    assert_eq!(browser.get("/sign-in/code").await.location(), "/sign-in");
}

#[tokio::test]
async fn where_it_is_required_nothing_is_shown_before_it_is_set_up() {
    let mut installation = Installation::new().await;
    installation.second_factor = SecondFactor::Required;
    let id = installation.person("anna").await;
    let mut browser = Browser::signed_in(&installation, id).await;
    for path in ["/", "/inventory", "/policy", "/account"] {
        assert_eq!(browser.get(path).await.location(), PAGE, "{path}");
    }
    let page = browser.get(PAGE).await;
    assert!(
        page.text()
            .contains("This installation asks for a second factor.")
    );
    let form = page.form_secret();
    let refused = browser
        .post("/account/shortcut", &[("form", &form), ("shortcut", "off")])
        .await;
    assert_eq!(refused.location(), PAGE);
    let code = shown(&installation, &offered(&page));
    browser.post(PAGE, &[("form", &form), ("code", &code)]).await;
    assert_eq!(browser.get("/inventory").await.status, StatusCode::OK);
}

#[tokio::test]
async fn signing_out_everywhere_ends_every_session_of_the_account() {
    let installation = Installation::new().await;
    let id = installation.person("anna").await;
    let mut here = Browser::signed_in(&installation, id).await;
    let mut elsewhere = Browser::signed_in(&installation, id).await;
    let form = here.get("/account").await.form_secret();
    let answer = here
        .post("/account/sign-out-everywhere", &[("form", &form)])
        .await;
    assert_eq!(answer.location(), "/sign-in");
    assert!(here.cookies.is_empty());
    assert!(!is_in(&mut elsewhere).await);
}

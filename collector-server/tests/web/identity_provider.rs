//! Signing in at an identity provider that is one: oidc-provider, run for real.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use http::StatusCode;
use serde_json::json;
use zeef_collector::access::{Reach, Role};
use zeef_collector::clock::SystemClock;
use zeef_collector::config::{OpenId, SecondFactor};
use zeef_collector::ledger::Actor;
use zeef_collector::openid::Provider;
use zeef_collector::store::people::{PeopleStore, User};
use zeef_collector::web::PROVIDER_ANSWER;
use zeef_proto::Clock;
use zeef_tests::process::Process;
use zeef_tests::secrets::Secrets;
use zeef_tests::wait;

use crate::browser::{Answer, Browser, LOOPBACK};
use crate::installation::Installation;

const SECRET: &str = "a password & more: of the client";

/// The provider's process; ends with the test.
struct Running {
    process: Option<Process>,
    issuer: String,
}

impl Running {
    fn start() -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/openid");
        let people = json!({
            "anna": { "groups": ["staff"], "preferred_username": "a.jansen" },
            "bert": { "groups": ["boss", "staff"], "preferred_username": "bert" },
            "carla": { "groups": ["customer"], "customers": ["Bakkerij Jansen"], "preferred_username": "carla" },
            "dirk": { "groups": ["customer"], "customers": ["nobody"] },
            "eva": { "groups": ["gardener"] },
        });
        let mut command = Command::new("node");
        command
            .current_dir(folder)
            .arg("provider.mjs")
            .args([format!("{LOOPBACK}{PROVIDER_ANSWER}"), people.to_string()])
            .stdin(Stdio::piped());
        let process = Process::start(command, "oidc-provider", Secrets::default());
        // It says that it is not meant for production.
        process.allow_error("");
        let issuer = wait::until("the provider's address", || {
            let text = process.stdout();
            let line = text.lines().next().map(str::to_owned);
            line.filter(|line| line.starts_with("http://") && text.ends_with('\n'))
        });
        Self {
            process: Some(process),
            issuer,
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(process) = self.process.take() {
            process.kill();
        }
    }
}

pub(crate) fn openid(installation: &Installation, issuer: &str) -> OpenId {
    let secret = installation.file("openid.secret");
    std::fs::write(&secret, format!("{SECRET}\n")).unwrap();
    let roles = [
        ("boss", Role::Administrator),
        ("staff", Role::Technician),
        ("customer", Role::CustomerContact),
    ];
    OpenId {
        issuer: issuer.to_owned(),
        name: "Example Login".to_owned(),
        client_id: "zeef".to_owned(),
        client_secret_file: Some(secret),
        certificate_authority: None,
        role_claim: "groups".to_owned(),
        roles: BTreeMap::from(roles.map(|(value, role)| (value.to_owned(), role))),
        organisation_claim: None,
    }
}

/// An installation that knows the provider, in the time that the provider lives in.
async fn installation(issuer: &str, change: impl FnOnce(&mut OpenId)) -> Installation {
    let mut installation = Installation::new().await;
    installation
        .clock
        .move_by(SystemClock.now().since(installation.now()));
    let mut openid = openid(&installation, issuer);
    change(&mut openid);
    let redirect = format!("{LOOPBACK}{PROVIDER_ANSWER}");
    installation.provider = Some(Arc::new(Provider::new(openid, redirect).unwrap()));
    installation
}

/// A browser at the provider: one person's cookies there.
struct There {
    client: reqwest::Client,
    cookies: BTreeMap<String, String>,
    issuer: String,
}

impl There {
    fn new(issuer: &str) -> Self {
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(zeef_collector::net::trust::client(None).unwrap())
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .unwrap();
        Self {
            client,
            cookies: BTreeMap::new(),
            issuer: issuer.to_owned(),
        }
    }

    async fn send(&mut self, address: &str, form: Option<String>) -> (Option<String>, String) {
        let request = match form {
            None => self.client.get(address),
            Some(form) => self
                .client
                .post(address)
                .header("content-type", "application/x-www-form-urlencoded")
                .body(form),
        };
        let cookies: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let answer = request.header("cookie", cookies.join("; ")).send().await.unwrap();
        for cookie in answer.headers().get_all("set-cookie") {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        let location = answer.headers().get("location");
        let location = location.map(|location| location.to_str().unwrap().to_owned());
        (location, answer.text().await.unwrap())
    }

    /// Signs in as `name` and agrees; gives the address that leads back to the collector.
    async fn sign_in(&mut self, address: &str, name: &str) -> String {
        let mut address = address.to_owned();
        for _ in 0..12 {
            let (location, page) = self.send(&address, None).await;
            let onward = match location {
                Some(onward) => onward,
                None => {
                    let action = page.split("action=\"").nth(1).unwrap_or_else(|| panic!("{page}"));
                    let action = action.split('"').next().unwrap().to_owned();
                    let form = if page.contains("value=\"login\"") {
                        format!("prompt=login&login={name}&password=x")
                    } else {
                        "prompt=consent".to_owned()
                    };
                    let action = self.absolute(&action);
                    self.send(&action, Some(form)).await.0.unwrap()
                }
            };
            if let Some(path) = onward.strip_prefix(LOOPBACK) {
                return path.to_owned();
            }
            address = self.absolute(&onward);
        }
        panic!("the provider leads in circles");
    }

    fn absolute(&self, address: &str) -> String {
        if address.starts_with('/') {
            format!("{}{address}", self.issuer)
        } else {
            address.to_owned()
        }
    }
}

/// The whole way there and back.
async fn sign_in(browser: &mut Browser, issuer: &str, name: &str) -> Answer {
    let asked = browser.get("/sign-in/provider?next=/policy").await;
    assert_eq!(asked.status, StatusCode::SEE_OTHER, "{}", asked.text());
    let back = There::new(issuer).sign_in(asked.location(), name).await;
    browser.get(&back).await
}

async fn account(installation: &Installation, name: &str) -> Option<User> {
    installation.store.user_by_name(name.to_owned()).await.unwrap()
}

async fn is_in(browser: &mut Browser) -> bool {
    browser.get("/account").await.status == StatusCode::OK
}

#[tokio::test]
async fn the_first_sign_in_makes_an_account_and_the_next_ones_are_of_it() {
    let running = Running::start();
    let mut installation = installation(&running.issuer, |_| {}).await;
    // What the provider asks for beside the password is its own matter.
    installation.second_factor = SecondFactor::Required;
    let mut browser = Browser::new(&installation);
    let page = browser.get("/sign-in?next=/policy").await;
    assert!(page.text().contains("Sign in with Example Login"));
    let arrived = sign_in(&mut browser, &running.issuer, "anna").await;
    assert_eq!(arrived.status, StatusCode::OK, "{}", arrived.text());
    assert!(arrived.body.contains("content=\"0; url=/policy\""));
    assert!(is_in(&mut browser).await);
    assert_eq!(browser.cookies.len(), 1, "what was asked is forgotten");
    let made = account(&installation, "a.jansen").await.unwrap();
    assert_eq!((made.role, &made.reach), (Role::Technician, &Reach::All));
    assert!(made.password_hash.is_none());

    // The role follows the claims at each sign-in, as long as somebody is left to administer.
    installation
        .store
        .set_role(
            made.id,
            Role::Administrator,
            Reach::All,
            Actor::Administrator,
            installation.now(),
        )
        .await
        .unwrap();
    let mut other = browser.fresh();
    sign_in(&mut other, &running.issuer, "anna").await;
    assert!(is_in(&mut other).await);
    let last = account(&installation, "a.jansen").await.unwrap();
    assert_eq!(last.role, Role::Administrator);
    installation.person("beheer").await;
    sign_in(&mut other.fresh(), &running.issuer, "anna").await;
    let again = account(&installation, "a.jansen").await.unwrap();
    assert_eq!((again.id, again.role), (made.id, Role::Technician));
    assert_eq!(installation.store.users().await.unwrap().len(), 2);
}

#[tokio::test]
async fn claims_decide_who_comes_in_and_whom_it_reaches() {
    let running = Running::start();
    let installation = installation(&running.issuer, |openid| {
        openid.organisation_claim = Some("customers".to_owned());
    })
    .await;
    let bakery = installation.organisation("Bakkerij Jansen", &["antivirus"]).await;
    let mut browser = Browser::new(&installation);
    sign_in(&mut browser, &running.issuer, "bert").await;
    let bert = account(&installation, "bert").await.unwrap();
    assert_eq!((bert.role, bert.reach), (Role::Administrator, Reach::All));
    sign_in(&mut browser.fresh(), &running.issuer, "carla").await;
    let carla = account(&installation, "carla").await.unwrap();
    assert_eq!(
        (carla.role, carla.reach),
        (Role::CustomerContact, Reach::of([bakery]))
    );
    for (name, said) in [
        ("anna", "names no organisation"),
        ("dirk", "names no organisation"),
        ("eva", "gives you no role"),
    ] {
        let mut browser = browser.fresh();
        let answer = sign_in(&mut browser, &running.issuer, name).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{name}");
        assert!(answer.text().contains(said), "{}", answer.text());
        assert!(!is_in(&mut browser).await);
    }
    assert_eq!(installation.store.users().await.unwrap().len(), 2);
}

#[tokio::test]
async fn an_account_of_the_same_name_is_not_taken_over() {
    let running = Running::start();
    let installation = installation(&running.issuer, |_| {}).await;
    let bert = installation.person("Bert").await;
    let mut browser = Browser::new(&installation);
    let answer = sign_in(&mut browser, &running.issuer, "bert").await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert!(answer.text().contains("An account of this name exists already"));
    assert!(!is_in(&mut browser).await);
    assert_eq!(account(&installation, "bert").await.unwrap().id, bert);
}

#[tokio::test]
async fn an_answer_counts_once_and_in_the_browser_that_asked() {
    let running = Running::start();
    let installation = installation(&running.issuer, |_| {}).await;
    let mut browser = Browser::new(&installation);
    let asked = browser.get("/sign-in/provider").await;
    let back = There::new(&running.issuer)
        .sign_in(asked.location(), "anna")
        .await;
    let mut other = browser.fresh();
    other.get("/sign-in/provider").await;
    for browser in [&mut other, &mut browser.fresh()] {
        let answer = browser.get(&back).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        assert!(answer.text().contains("was not begun in this browser"));
        assert!(!is_in(browser).await);
    }
    let held = browser.cookies.clone();
    assert_eq!(browser.get(&back).await.status, StatusCode::OK);
    // The provider gives a token for a code once.
    let mut again = browser.fresh();
    again.cookies = held;
    assert_eq!(again.get(&back).await.status, StatusCode::BAD_GATEWAY);
    installation.clock.move_by(601);
    assert_eq!(again.get(&back).await.status, StatusCode::BAD_REQUEST);
    let wrong = again.get(&back.replace("code=", "error=access_denied&no=")).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn who_is_turned_away_there_is_told_so_here() {
    let running = Running::start();
    let installation = installation(&running.issuer, |_| {}).await;
    let mut browser = Browser::new(&installation);
    let asked = browser.get("/sign-in/provider").await;
    let state = asked.location().split("state=").nth(1).unwrap();
    let state = state.split('&').next().unwrap();
    let path = format!("{PROVIDER_ANSWER}?error=access_denied&state={state}");
    let answer = browser.get(&path).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.text().contains("did not let you in"));
    let path = format!("{PROVIDER_ANSWER}?code=x&state={state}&iss=https%3A%2F%2Fother.example");
    assert_eq!(browser.get(&path).await.status, StatusCode::BAD_GATEWAY);
}

#[tokio::test]
async fn a_provider_that_is_away_leaves_the_other_ways_in() {
    let issuer = {
        let running = Running::start();
        running.issuer.clone()
    };
    let installation = installation(&issuer, |_| {}).await;
    let anna = installation.person("anna").await;
    let mut browser = Browser::new(&installation);
    let answer = browser.get("/sign-in/provider").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.text().contains("cannot be reached"));
    browser.open_link(&installation, anna).await;
    assert!(is_in(&mut browser).await);
}

//! Who gets what: every route, asked by every role, for its own organisation and for another's.

use http::Method;
use zeef_collector::access::{Reach, Role};
use zeef_collector::web::{Needs, routes};
use zeef_proto::id::ReceiptId;
use zeef_proto::id::{SubscriptionId, UserId};
use zeef_proto::{DeviceId, OrganisationId};

use crate::browser::{Answer, Browser, LOOPBACK};
use crate::installation::{Installation, MadeUp};

/// What each route lets through, written by hand: `all` for anybody, `session` for whoever is signed in, else a letter for
/// each role that may: administrator, (privacy) officer, technician, contact.
const EXPECTED: &[(&str, &str, &str)] = &[
    ("GET", "/", "session"),
    ("GET", "/inventory", "aot"),
    ("POST", "/inventory", "aot"),
    ("GET", "/inventory/export.csv", "aot"),
    ("GET", "/inventory/export.json", "aot"),
    ("POST", "/inventory/columns", "aot"),
    ("POST", "/inventory/views", "aot"),
    ("POST", "/inventory/views/forget", "aot"),
    ("GET", "/devices/{organisation}/{device}", "aot"),
    ("GET", "/devices/{organisation}/{device}/revoke", "at"),
    ("POST", "/devices/{organisation}/{device}/revoke", "at"),
    ("GET", "/devices/{organisation}/{device}/keep", "at"),
    ("POST", "/devices/{organisation}/{device}/keep", "at"),
    ("GET", "/devices/{organisation}/{device}/site/allow", "at"),
    ("POST", "/devices/{organisation}/{device}/site/allow", "at"),
    ("GET", "/devices/{organisation}/{device}/site/deny", "at"),
    ("POST", "/devices/{organisation}/{device}/site/deny", "at"),
    ("GET", "/devices/{organisation}/{device}/erase", "ao"),
    ("POST", "/devices/{organisation}/{device}/erase", "ao"),
    ("GET", "/receipts/{organisation}/{receipt}", "ao"),
    ("GET", "/receipts/{organisation}/{receipt}/file", "ao"),
    ("GET", "/enrol", "at"),
    ("GET", "/enrol/{organisation}", "at"),
    ("POST", "/enrol/{organisation}", "at"),
    ("POST", "/enrol/{organisation}/tokens/{token}/revoke", "at"),
    ("GET", "/policy", "aotc"),
    ("GET", "/requests", "ao"),
    ("GET", "/requests/new", "aot"),
    ("POST", "/requests/new", "aot"),
    ("GET", "/requests/{organisation}/{request}", "ao"),
    ("POST", "/requests/{organisation}/{request}", "ao"),
    ("POST", "/requests/{organisation}/{request}/review", "ao"),
    ("GET", "/policy/notice", "aotc"),
    ("GET", "/policy/notice.md", "aotc"),
    ("GET", "/policy/notice.json", "aotc"),
    ("GET", "/policy/register", "aotc"),
    ("GET", "/policy/register.md", "aotc"),
    ("GET", "/policy/register.json", "aotc"),
    ("GET", "/policy/changes", "aotc"),
    ("GET", "/retention", "ao"),
    ("GET", "/ledger", "ao"),
    ("POST", "/ledger/verify", "ao"),
    ("GET", "/ledger/head.json", "ao"),
    ("GET", "/report", "ao"),
    ("GET", "/portal", "c"),
    ("GET", "/portal/devices/{organisation}", "c"),
    ("GET", "/portal/devices/{organisation}/{device}", "c"),
    ("GET", "/portal/looks/{organisation}", "c"),
    ("GET", "/portal/requests/new", "c"),
    ("POST", "/portal/requests/new", "c"),
    ("GET", "/organisations", "a"),
    ("POST", "/organisations", "a"),
    ("GET", "/organisations/{organisation}", "a"),
    ("POST", "/organisations/{organisation}/subscriptions", "a"),
    (
        "GET",
        "/organisations/{organisation}/subscriptions/{subscription}/end",
        "a",
    ),
    (
        "POST",
        "/organisations/{organisation}/subscriptions/{subscription}/end",
        "a",
    ),
    ("POST", "/organisations/{organisation}/silence", "a"),
    ("GET", "/accounts", "a"),
    ("POST", "/accounts", "a"),
    ("GET", "/accounts/{user}", "a"),
    ("POST", "/accounts/{user}/role", "a"),
    ("GET", "/accounts/{user}/link", "a"),
    ("POST", "/accounts/{user}/link", "a"),
    ("GET", "/accounts/{user}/remove", "a"),
    ("POST", "/accounts/{user}/remove", "a"),
    ("GET", "/sign-in", "all"),
    ("POST", "/sign-in", "all"),
    ("GET", "/sign-in/code", "all"),
    ("POST", "/sign-in/code", "all"),
    ("GET", "/sign-in/provider", "all"),
    ("GET", "/sign-in/provider/answer", "all"),
    ("GET", "/sign-in/{secret}", "all"),
    ("POST", "/sign-in/{secret}", "all"),
    ("POST", "/sign-out", "session"),
    ("GET", "/account", "session"),
    ("GET", "/account/password", "session"),
    ("POST", "/account/password", "session"),
    ("GET", "/account/tokens", "session"),
    ("POST", "/account/tokens", "session"),
    ("POST", "/account/tokens/{token}/revoke", "session"),
    ("POST", "/account/shortcut", "session"),
    ("POST", "/account/sign-out-everywhere", "session"),
    ("GET", "/account/second-factor", "session"),
    ("POST", "/account/second-factor", "session"),
    ("GET", "/account/second-factor/codes", "session"),
    ("POST", "/account/second-factor/codes", "session"),
    ("GET", "/account/second-factor/remove", "session"),
    ("POST", "/account/second-factor/remove", "session"),
    ("POST", "/language", "all"),
    ("GET", "/assets/{hash}/{name}", "all"),
];

/// What came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// The handler answered, if only to refuse a form that proves nothing.
    Through,
    /// Sign in first.
    SignIn,
    /// The role may not.
    NotAllowed,
    /// As if there were no such thing.
    Absent,
}

fn outcome(answer: &Answer) -> Outcome {
    let asks_to_sign_in = answer.location().starts_with("/sign-in?next=");
    match answer.status.as_u16() {
        401 => Outcome::SignIn,
        303 if asks_to_sign_in => Outcome::SignIn,
        403 if answer.text().contains("Not for this account") => Outcome::NotAllowed,
        404 => Outcome::Absent,
        _ => Outcome::Through,
    }
}

/// An organisation with one subscription, one device, a request of the device's id, the receipt of another device that was
/// erased, and somebody who speaks for it.
#[derive(Clone, Copy)]
struct Place {
    organisation: OrganisationId,
    subscription: SubscriptionId,
    device: DeviceId,
    user: UserId,
    receipt: ReceiptId,
}

async fn place(installation: &Installation, name: &str) -> Place {
    let organisation = installation.organisation(name, &[]).await;
    let subscription = installation.subscribe(organisation, "antivirus").await;
    let user = installation
        .person_as(name, Role::CustomerContact, Reach::of([organisation]))
        .await;
    let made_up = MadeUp {
        name: "LAP-17",
        users: &["j.jansen"],
        ..MadeUp::default()
    };
    let device = installation.device(organisation, made_up).await;
    let request = zeef_proto::id::RequestId::from_bytes(*device.as_bytes());
    installation.request(organisation, request).await;
    let erased = installation.device(organisation, made_up).await;
    Place {
        organisation,
        subscription,
        device,
        user,
        receipt: installation.erase(organisation, erased).await,
    }
}

fn path(pattern: &str, place: Place) -> String {
    pattern
        .replace("{organisation}", &place.organisation.to_string())
        .replace("{subscription}", &place.subscription.to_string())
        .replace("{device}", &place.device.to_string())
        .replace("{user}", &place.user.to_string())
        .replace("{request}", &place.device.to_string())
        .replace("{receipt}", &place.receipt.to_string())
        .replace("{token}", "6f1b0c7e-0d4f-4a7e-9b62-1d8f0a3c5e21")
        .replace("{secret}", &"A".repeat(43))
        .replace("{hash}", "0")
        .replace("{name}", "none")
}

/// Forms go without their proof: so what is let through changes nothing.
async fn ask(browser: &mut Browser, method: &Method, path: &str) -> Outcome {
    let answer = if *method == Method::GET {
        browser.get(path).await
    } else {
        browser.post(path, &[]).await
    };
    outcome(&answer)
}

#[tokio::test]
async fn every_route_is_in_the_list_of_what_is_expected_and_needs_what_it_says() {
    let installation = Installation::new().await;
    let listed = routes(installation.state(LOOPBACK));
    let of = |route: &zeef_collector::web::Route| (route.method.to_string(), route.path.to_owned());
    let mut there: Vec<_> = listed.iter().map(of).collect();
    let mut expected: Vec<_> = EXPECTED
        .iter()
        .map(|(method, path, _)| ((*method).to_owned(), (*path).to_owned()))
        .collect();
    there.sort();
    expected.sort();
    assert_eq!(there, expected);
    for route in listed {
        let may = may(&route.method, route.path);
        match route.needs {
            Needs::Nothing => assert_eq!(may, "all", "{route:?}"),
            Needs::Session => assert_eq!(may, "session", "{route:?}"),
            Needs::Permission(_) => assert!(!["all", "session"].contains(&may), "{route:?}"),
        }
    }
}

fn may(method: &Method, path: &str) -> &'static str {
    let line = EXPECTED
        .iter()
        .find(|line| line.0 == method.as_str() && line.1 == path);
    line.unwrap_or_else(|| panic!("{method} {path}")).2
}

#[tokio::test]
async fn each_role_gets_what_is_its_own_and_nothing_of_another_organisation() {
    let installation = Installation::new().await;
    let own = place(&installation, "Bakkerij Jansen").await;
    let foreign = place(&installation, "Garage De Vries").await;
    let limited = Reach::of([own.organisation]);
    let mut people = vec![(None, 'n', Reach::All)];
    for (role, letter) in Role::ALL.into_iter().zip("aotc".chars()) {
        people.push((Some(role), letter, limited.clone()));
        if !role.is_limited() {
            people.push((Some(role), letter, Reach::All));
        }
    }
    for (number, (role, letter, reach)) in people.into_iter().enumerate() {
        let mut browser = match role {
            None => Browser::new(&installation),
            Some(role) => {
                let name = format!("person-{number}");
                let person = installation.person_as(&name, role, reach.clone()).await;
                Browser::signed_in(&installation, person).await
            }
        };
        for route in routes(installation.state(LOOPBACK)) {
            let may = may(&route.method, route.path);
            for (place, is_own) in [(own, true), (foreign, false)] {
                let expected = match (may, role) {
                    // What is open says for itself whether a link or an asset is there.
                    ("all", _) => continue,
                    (_, None) => Outcome::SignIn,
                    ("session", Some(_)) => Outcome::Through,
                    (letters, Some(_)) if !letters.contains(letter) => Outcome::NotAllowed,
                    _ if route.path.contains("{organisation}") && !is_own && reach != Reach::All => {
                        Outcome::Absent
                    }
                    _ => Outcome::Through,
                };
                let path = path(route.path, place);
                let found = ask(&mut browser, &route.method, &path).await;
                assert_eq!(
                    found, expected,
                    "{} {} by {role:?}, own: {is_own}, {reach:?}",
                    route.method, route.path
                );
            }
        }
    }
}

#[tokio::test]
async fn whoever_is_limited_sees_counts_and_names_of_its_own_organisations_alone() {
    let installation = Installation::new().await;
    let own = place(&installation, "Bakkerij Jansen").await;
    let foreign = place(&installation, "Garage De Vries").await;
    let person = installation
        .person_as("tech", Role::Technician, Reach::of([own.organisation]))
        .await;
    let mut browser = Browser::signed_in(&installation, person).await;
    for path in [
        "/inventory".to_owned(),
        format!("/inventory?organisation={}", foreign.organisation),
    ] {
        let page = browser.get(&path).await;
        assert!(!page.text().contains("Garage De Vries"), "{path}");
        assert!(!page.body.contains(&foreign.organisation.to_string()) || path.contains("organisation="));
        assert!(!page.body.contains(&foreign.device.to_string()));
    }
    let found = browser.search(&[("term", "jansen")]).await;
    assert_eq!(found.listed(), ["LAP-17"]);
    assert!(found.text().contains("1 device"));
}

#[tokio::test]
async fn another_role_holds_from_the_next_page_on() {
    use zeef_collector::ledger::Actor;
    use zeef_collector::store::people::PeopleStore;
    let installation = Installation::new().await;
    let person = installation.person("anna").await;
    let mut browser = Browser::signed_in(&installation, person).await;
    assert_eq!(outcome(&browser.get("/inventory").await), Outcome::Through);
    let own = place(&installation, "Bakkerij Jansen").await;
    installation
        .store
        .set_role(
            person,
            Role::CustomerContact,
            Reach::of([own.organisation]),
            Actor::Administrator,
            installation.now(),
        )
        .await
        .unwrap();
    assert_eq!(outcome(&browser.get("/inventory").await), Outcome::NotAllowed);
    let menu = browser.get("/policy").await;
    assert!(!menu.body.contains("href=\"/inventory\""));
}

//! Who gets what: every operation, asked by every role, for its own organisation and for another's.

use http::Method;
use serde_json::{Value, json};
use zeef_collector::access::{Reach, Role, Scope};
use zeef_collector::api::{Needs, Route, routes};
use zeef_collector::store::api_tokens::Holder;
use zeef_proto::{DeviceId, OrganisationId};

use crate::installation::{Installation, MadeUp};
use crate::program::{Answer, Program, make, service};

/// What each operation lets through, written by hand: `all` for anybody, else a letter for each role that may:
/// administrator, (privacy) officer, technician, contact.
const EXPECTED: [(&str, &str, &str); 21] = [
    ("GET", "/openapi.json", "all"),
    ("GET", "/organisations", "aot"),
    ("GET", "/devices", "aot"),
    ("POST", "/devices/search", "aot"),
    ("POST", "/devices/lookup", "aot"),
    ("GET", "/organisations/{organisation}/devices/{device}", "aot"),
    (
        "POST",
        "/organisations/{organisation}/devices/{device}/revoke",
        "at",
    ),
    (
        "POST",
        "/organisations/{organisation}/devices/{device}/keep",
        "at",
    ),
    (
        "POST",
        "/organisations/{organisation}/devices/{device}/erase",
        "ao",
    ),
    ("GET", "/organisations/{organisation}/enrolment-tokens", "at"),
    ("POST", "/organisations/{organisation}/enrolment-tokens", "at"),
    (
        "DELETE",
        "/organisations/{organisation}/enrolment-tokens/{token}",
        "at",
    ),
    ("GET", "/organisations/{organisation}/subscriptions", "a"),
    ("POST", "/organisations/{organisation}/subscriptions", "a"),
    (
        "POST",
        "/organisations/{organisation}/subscriptions/{subscription}/end",
        "a",
    ),
    ("GET", "/policy", "aotc"),
    ("GET", "/retention", "ao"),
    ("GET", "/ledger/head", "ao"),
    ("GET", "/ledger/entries", "ao"),
    ("GET", "/ledger/entries/{index}/proof", "ao"),
    ("GET", "/accounts", "a"),
];

/// What came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// The handler answered, if only to refuse what it was given.
    Through,
    /// No good token.
    Unauthenticated,
    /// The token may not.
    Forbidden,
    /// As if there were no such thing.
    Absent,
}

fn outcome(answer: &Answer) -> Outcome {
    match answer.status.as_u16() {
        401 => Outcome::Unauthenticated,
        403 => Outcome::Forbidden,
        404 => Outcome::Absent,
        _ => Outcome::Through,
    }
}

/// An organisation with one device.
type Place = (OrganisationId, DeviceId);

async fn place(installation: &Installation, name: &str) -> Place {
    let organisation = installation.organisation(name, &["antivirus"]).await;
    let made_up = MadeUp {
        name: "LAP-17",
        users: &["j.jansen"],
        private: &["10.0.3.17"],
        ..MadeUp::default()
    };
    (organisation, installation.device(organisation, made_up).await)
}

/// Nothing is changed: what would be, is asked for a device, token or subscription that is not there, or wrongly. Gives
/// what a caller gets whom the guard lets through.
async fn ask(program: &Program, route: &Route, (organisation, device): Place) -> (Answer, bool) {
    let made_up = "6f1b0c7e-0d4f-4a7e-9b62-1d8f0a3c5e21";
    let changes = route.once && route.path.contains("{device}");
    let device = if changes {
        made_up.to_owned()
    } else {
        device.to_string()
    };
    let path = route
        .path
        .replace("{organisation}", &organisation.to_string())
        .replace("{device}", &device)
        .replace("{token}", made_up)
        .replace("{subscription}", made_up)
        .replace("{index}", "0");
    let body: Option<Value> = match route.path {
        "/devices/search" => Some(json!({ "term": "jansen" })),
        "/devices/lookup" => Some(json!({ "address": "10.0.3.17" })),
        path if path.ends_with("/end") => Some(json!({})),
        _ if route.method == Method::POST && !changes => Some(json!({ "not": "known" })),
        _ => None,
    };
    let absent = changes || path.contains(made_up);
    (program.ask(&route.method, &path, body.as_ref()).await, absent)
}

fn may(route: &Route) -> &'static str {
    let line = EXPECTED
        .iter()
        .find(|line| line.0 == route.method.as_str() && line.1 == route.path);
    line.unwrap_or_else(|| panic!("{route:?}")).2
}

#[test]
fn every_operation_is_in_the_list_of_what_is_expected_and_needs_what_it_says() {
    let listed = routes();
    let mut there: Vec<_> = listed
        .iter()
        .map(|route| (route.method.as_str(), route.path))
        .collect();
    let mut expected: Vec<_> = EXPECTED
        .iter()
        .map(|(method, path, _)| (*method, *path))
        .collect();
    there.sort_unstable();
    expected.sort_unstable();
    assert_eq!(there, expected);
    for route in &listed {
        assert_eq!(route.needs == Needs::Nothing, may(route) == "all", "{route:?}");
    }
}

#[tokio::test]
async fn each_role_gets_what_is_its_own_and_nothing_of_another_organisation() {
    let installation = Installation::new().await;
    let own = place(&installation, "Bakkerij Jansen").await;
    let foreign = place(&installation, "Garage De Vries").await;
    let limited = Reach::of([own.0]);
    let mut callers = vec![(None, 'n', Reach::All)];
    for (role, letter) in Role::ALL.into_iter().zip("aotc".chars()) {
        callers.push((Some(role), letter, limited.clone()));
        if !role.is_limited() {
            callers.push((Some(role), letter, Reach::All));
        }
    }
    for (role, letter, reach) in callers {
        let token = match role {
            None => None,
            Some(role) => Some(service(&installation, role, reach.clone()).await.1),
        };
        let program = Program::new(&installation, token);
        for route in routes() {
            let may = may(&route);
            for (place, is_own) in [(own, true), (foreign, false)] {
                let (answer, absent) = ask(&program, &route, place).await;
                let within = reach == Reach::All;
                let expected = match role {
                    _ if may == "all" => Outcome::Through,
                    None => Outcome::Unauthenticated,
                    Some(_) if !may.contains(letter) => Outcome::Forbidden,
                    _ if route.path.contains("{organisation}") && !is_own && !within => Outcome::Absent,
                    // The first entry is the installation's: whoever is limited has no proof of it.
                    _ if route.path.contains("{index}") && !within => Outcome::Absent,
                    _ if absent => Outcome::Absent,
                    _ => Outcome::Through,
                };
                assert_eq!(
                    outcome(&answer),
                    expected,
                    "{} {} by {role:?}, own: {is_own}, {reach:?}: {}",
                    route.method,
                    route.path,
                    answer.body
                );
                let foreign_name = answer.body.contains("Garage De Vries");
                let foreign_device = answer.body.contains(&foreign.1.to_string());
                assert!(
                    within || role.is_none() || !(foreign_name || foreign_device),
                    "{} {} by {role:?}",
                    route.method,
                    route.path
                );
            }
        }
    }
}

#[tokio::test]
async fn a_token_is_narrowed_by_its_scopes() {
    let installation = Installation::new().await;
    let own = place(&installation, "Bakkerij Jansen").await;
    for scope in Scope::ALL {
        let holder = Holder::Service(Role::Administrator, Reach::All);
        let (_, token) = make(&installation, holder, Role::Administrator, &[scope]).await;
        let program = Program::new(&installation, Some(token));
        for route in routes() {
            let (answer, _) = ask(&program, &route, own).await;
            let is_let_through = match route.needs {
                Needs::Nothing => true,
                Needs::Permission(permission) => permission == scope.permission(),
            };
            assert_eq!(
                outcome(&answer) != Outcome::Forbidden,
                is_let_through,
                "{scope} {route:?} {}",
                answer.body
            );
        }
    }
}

#[tokio::test]
async fn a_persons_token_has_what_the_account_has_and_ends_with_it() {
    use zeef_collector::ledger::Actor;
    use zeef_collector::store::people::PeopleStore;
    let installation = Installation::new().await;
    let own = place(&installation, "Bakkerij Jansen").await;
    let foreign = place(&installation, "Garage De Vries").await;
    let reach = Reach::of([own.0]);
    let anna = installation.person_as("anna", Role::Technician, reach).await;
    let (_, token) = crate::program::personal(&installation, anna, Role::Technician).await;
    let program = Program::new(&installation, Some(token));
    let of = |place: Place| format!("/organisations/{}/devices/{}", place.0, place.1);
    assert_eq!(program.get(&of(own)).await.status, 200);
    assert_eq!(program.get(&of(foreign)).await.status, 404);
    let (store, now) = (&installation.store, installation.now());
    let reach = Reach::of([foreign.0]);
    store
        .set_role(anna, Role::Technician, reach, Actor::Administrator, now)
        .await
        .unwrap();
    assert_eq!(program.get(&of(own)).await.status, 404);
    assert_eq!(program.get(&of(foreign)).await.status, 200);
    store.remove_user(anna, Actor::Administrator, now).await.unwrap();
    assert_eq!(program.get(&of(foreign)).await.problem(), "unauthenticated");
}

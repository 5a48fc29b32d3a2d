//! What goes wrong is said in one form, without repeating what was sent.

use axum::body::Body;
use http::{Method, Request, header};
use serde_json::json;
use zeef_collector::api::routes;

use crate::installation::Installation;
use crate::program::Program;

#[tokio::test]
async fn failures_of_the_framework_are_problems_too() {
    let installation = Installation::new().await;
    let program = Program::administrator(&installation).await;
    assert_eq!(program.get("").await.problem(), "not-found");
    assert_eq!(program.get("/").await.problem(), "not-found");
    assert_eq!(program.get("/nothing/there").await.problem(), "not-found");
    let method = program.ask(&Method::DELETE, "/devices", None).await;
    assert_eq!(
        (method.problem().as_str(), method.header("allow")),
        ("method", "GET,HEAD")
    );
    assert_eq!(program.get("/devices?limit=many").await.problem(), "input");
    assert_eq!(program.get("/devices?limit=201").await.problem(), "input");
    assert_eq!(program.get("/devices?name=LAP-17").await.problem(), "input");
    assert_eq!(program.act("/devices/search").await.problem(), "media-type");
    let long = json!({ "term": "x".repeat(70_000) });
    let long = program.post("/devices/search", &long).await;
    assert_eq!(
        (long.status.as_u16(), long.problem().as_str()),
        (413, "too-large")
    );
    let unread = program
        .post(
            "/devices/search",
            &json!({ "term": "jansen", "telephone": "0612345678" }),
        )
        .await;
    assert_eq!(unread.problem(), "input");
    assert!(!unread.body.contains("jansen") && !unread.body.contains("0612345678"));
}

#[tokio::test]
async fn every_answer_keeps_out_of_caches_and_reads_no_cookie() {
    let installation = Installation::new().await;
    let program = Program::administrator(&installation).await;
    for path in ["/devices", "/openapi.json", "/none", "/policy"] {
        let answer = program.get(path).await;
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("set-cookie"), "", "{path}");
        assert!(
            answer
                .header("content-security-policy")
                .contains("default-src 'none'")
        );
    }
    let person = installation.person("anna").await;
    let link = zeef_collector::web::one_time_link(
        &*installation.store,
        zeef_collector::ledger::Actor::Administrator,
        installation.now(),
        person,
        "http://127.0.0.1:8080",
    )
    .await
    .unwrap();
    assert!(link.contains("/sign-in/"));
    let mut other = Program::new(&installation, None);
    other.headers = vec![("cookie", "zeef_session=AAAA; __Host-zeef_session=AAAA".to_owned())];
    assert_eq!(other.get("/devices").await.problem(), "unauthenticated");
}

#[tokio::test]
async fn what_is_no_good_token_opens_nothing() {
    let installation = Installation::new().await;
    let good = Program::administrator(&installation).await.token.unwrap();
    for authorization in [
        String::new(),
        "Bearer".to_owned(),
        format!("Basic {good}"),
        format!("Bearer {}", &good[5..]),
        format!("Bearer {good}A"),
        format!("Bearer zeef_{}", "A".repeat(43)),
    ] {
        let program = Program::new(&installation, None);
        let request = Request::get("/api/v1/devices")
            .header(header::AUTHORIZATION, authorization)
            .body(Body::empty())
            .unwrap();
        let answer = program.send(request).await;
        assert_eq!(answer.problem(), "unauthenticated");
        assert_eq!(answer.header("www-authenticate"), "Bearer");
    }
    let in_address = Program::new(&installation, None);
    let answer = in_address.get(&format!("/devices?access_token={good}")).await;
    assert_eq!(answer.problem(), "unauthenticated");
}

#[tokio::test]
async fn a_token_that_asks_too_often_waits_until_the_next_minute_and_holds_up_nobody_else() {
    let installation = Installation::new().await;
    let program = Program::administrator(&installation).await;
    let first = program.get("/openapi.json").await;
    let limit: u32 = first.header("ratelimit-limit").parse().unwrap();
    assert_eq!(first.header("ratelimit-remaining"), (limit - 1).to_string());
    for _ in 1..limit {
        program.get("/retention").await;
    }
    let refused = program.get("/retention").await;
    assert_eq!(
        (refused.status.as_u16(), refused.problem().as_str()),
        (429, "too-many")
    );
    assert_eq!(refused.header("retry-after"), "60");
    let other = Program::administrator(&installation).await;
    assert_eq!(other.get("/retention").await.status, 200);
    installation.clock.move_by(60);
    assert_eq!(program.get("/retention").await.status, 200);
}

#[tokio::test]
async fn no_operation_takes_a_value_of_a_person_in_its_address() {
    for route in routes() {
        let parameters: Vec<_> = route.path.split('{').skip(1).collect();
        for parameter in parameters {
            let name = parameter.split('}').next().unwrap();
            assert!(
                ["organisation", "device", "token", "subscription", "index"].contains(&name),
                "{route:?}"
            );
        }
    }
}

//! Datto RMM: a bearer token that is bought with key and secret, and pages that name the next one.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use crate::harness;
use crate::pulling::{Place, page, put_token, query, status};
use crate::server::{Answer, Request};

const DEVICES: &str = "source = 'datto-rmm'\npull = 'devices'";
const SECRET: &str = "made-up-key\n+s=cr&t%\n";

/// A device as version 2 of the interface documents it.
fn device(number: u64) -> Value {
    json!({
        "id": number, "uid": format!("canary-uid-{number}"), "siteId": 7, "siteName": "canary-site",
        "deviceType": { "category": "Laptop", "type": "Main System Chassis" },
        "hostname": format!("LAP-{number}"), "intIpAddress": format!("10.0.3.{number}"),
        "extIpAddress": "203.0.113.5", "lastLoggedInUser": "CONTOSO\\j.jansen",
        "description": "canary-description", "domain": "canary.example",
        "udf": { "udf1": "canary-note", "udf2": null }, "online": true,
    })
}

fn devices(number: u64, next: Option<&str>) -> Answer {
    page(&json!({
        "pageDetails": { "count": 1, "totalCount": 3, "prevPageUrl": null, "nextPageUrl": next },
        "devices": [device(number)],
    }))
}

/// What a request asks for.
enum Asked {
    /// A bearer token.
    Token,
    /// This page, with this bearer token.
    Page(u64, String),
}

fn asked(request: &Request) -> Asked {
    if request.line == "POST /auth/oauth/token" {
        assert_eq!(
            request.header("authorization"),
            Some("Basic cHVibGljLWNsaWVudDpwdWJsaWM=")
        );
        assert_eq!(
            request.header("content-type"),
            Some("application/x-www-form-urlencoded")
        );
        return Asked::Token;
    }
    assert!(request.line.starts_with("GET /api/v2/account/devices?max=250"));
    let number = query(&request.line, "page").map_or(0, |page| page.parse().unwrap());
    Asked::Page(number, request.header("authorization").unwrap().to_owned())
}

fn token(number: usize) -> Answer {
    page(
        &json!({ "access_token": format!("bearer-{number}"), "token_type": "bearer", "expires_in": 360_000 }),
    )
}

fn next_page(request: &Request, number: u64) -> String {
    let host = request.header("host").unwrap();
    format!("https://{host}/api/v2/account/devices?max=250&page={number}")
}

#[tokio::test]
async fn pages_are_followed_with_a_bearer_token_and_only_documented_fields_leave_the_sieve() {
    let place = Place::new(SECRET);
    let server = place.serve(|request| match asked(request) {
        Asked::Token => {
            let form = String::from_utf8(request.body.clone()).unwrap();
            assert_eq!(
                form,
                "grant_type=password&username=made-up-key&password=%2Bs%3Dcr%26t%25"
            );
            token(1)
        }
        Asked::Page(number, bearer) => {
            assert_eq!(bearer, "Bearer bearer-1");
            devices(
                number,
                (number < 2).then(|| next_page(request, number + 1)).as_deref(),
            )
        }
    });
    let mut pulling = place.pull(&server, DEVICES);
    assert_eq!(pulling.go_on().await, 900);
    assert_eq!(pulling.trouble(), None);
    let pieces = pulling.pieces();
    let complete: Vec<bool> = pieces.iter().map(|(_, complete)| *complete).collect();
    assert_eq!(complete, [false, false, true]);
    let sieve = harness::source("datto-rmm");
    for (number, (bytes, _)) in pieces.into_iter().enumerate() {
        assert_eq!(
            harness::run(&sieve, bytes).only(),
            json!({
                "device_name": format!("LAP-{number}"), "usernames": ["j.jansen"],
                "private_ips": [format!("10.0.3.{number}")], "public_ips": ["203.0.113.5"],
            })
        );
    }
}

#[tokio::test]
async fn a_bearer_token_that_expires_between_pages_is_bought_anew_and_the_page_asked_for_again() {
    let place = Place::new(SECRET);
    let bought = AtomicUsize::new(0);
    let server = place.serve(move |request| match asked(request) {
        Asked::Token => token(bought.fetch_add(1, Ordering::SeqCst) + 1),
        // Good for two pages.
        Asked::Page(number, bearer) if bearer == format!("Bearer bearer-{}", number / 2 + 1) => devices(
            number,
            (number < 5).then(|| next_page(request, number + 1)).as_deref(),
        ),
        Asked::Page(..) => status(401, ""),
    });
    let mut pulling = place.pull(&server, DEVICES);
    assert_eq!(pulling.go_on().await, 900);
    assert_eq!(pulling.trouble(), None);
    let pieces = pulling.pieces();
    assert_eq!(pieces.len(), 6);
    assert!(pieces[5].1);
}

#[tokio::test]
async fn a_key_that_is_refused_is_said_and_a_new_one_is_used_within_the_hour() {
    let place = Place::new(SECRET);
    let server = place.serve(|request| match asked(request) {
        Asked::Token if request.body.ends_with(b"password=new") => token(1),
        Asked::Token => Answer {
            status: 400,
            ..page(&json!({ "error": "invalid_grant" }))
        },
        Asked::Page(..) => devices(0, None),
    });
    let mut pulling = place.pull(&server, DEVICES);
    assert_eq!(pulling.go_on().await, 3_600);
    let trouble = pulling.trouble().unwrap();
    assert!(trouble.contains("does not take the token"), "{trouble}");
    assert!(!trouble.contains("made-up-key") && !trouble.contains("cr&t"));
    put_token(&place.token(), "made-up-key\nnew");
    assert_eq!(pulling.go_on().await, 900);
    assert_eq!(pulling.trouble(), None);
    assert_eq!(pulling.pieces().len(), 1);
}

#[tokio::test]
async fn a_next_page_elsewhere_is_not_asked_for_and_the_pages_before_it_count() {
    let elsewhere = Place::new(SECRET).serve(|_| status(200, ""));
    let foreign = format!("{}/api/v2/account/devices?page=1", elsewhere.url());
    for next in [
        foreign,
        "/api/v2/account/users".to_owned(),
        "http://localhost/api/v2/account/devices?page=1".to_owned(),
    ] {
        let place = Place::new(SECRET);
        let server = place.serve(move |request| match asked(request) {
            Asked::Token => token(1),
            Asked::Page(..) => devices(0, Some(&next)),
        });
        let mut pulling = place.pull(&server, DEVICES);
        assert_eq!(pulling.go_on().await, 900);
        assert!(pulling.trouble().unwrap().contains("outside of its own server"));
        let pieces = pulling.pieces();
        assert_eq!(pieces.len(), 1);
        assert!(!pieces[0].1, "the round is not complete");
        assert_eq!(server.requests().len(), 2);
    }
    assert!(elsewhere.requests().is_empty());
}

#[tokio::test]
async fn pages_that_run_in_a_circle_end_the_round() {
    let place = Place::new(SECRET);
    let server = place.serve(|request| match asked(request) {
        Asked::Token => token(1),
        Asked::Page(number, _) => devices(number, Some(&next_page(request, (number + 1) % 3))),
    });
    let mut pulling = place.pull(&server, DEVICES);
    assert_eq!(pulling.go_on().await, 900);
    assert!(pulling.trouble().unwrap().contains("in a circle"));
    // The first page, asked for as page 0, is another address than the one without a number.
    assert_eq!(pulling.pieces().len(), 4);
}

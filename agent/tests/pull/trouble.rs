//! What goes wrong: it is said without a value, what came before counts, and it is tried again in time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use serde_json::json;

use crate::pulling::{Place, page, put_token, query, status};
use crate::server::{Answer, Request};

const CLIENTS: &str = "source = 'unifi'\npull = 'clients'\nparameters = { site = 'default' }";

/// The page that was asked for, of three.
fn clients(request: &Request) -> Answer {
    let offset: u64 = query(&request.line, "offset").unwrap().parse().unwrap();
    page(&json!({ "offset": offset, "limit": 200, "count": 200, "totalCount": 600, "data": [] }))
}

fn offsets(requests: &[Request]) -> Vec<String> {
    requests
        .iter()
        .map(|request| query(&request.line, "offset").unwrap())
        .collect()
}

#[tokio::test]
async fn a_token_that_was_renewed_is_read_at_once_and_the_page_asked_for_again() {
    let place = Place::new("old");
    let token = place.token();
    let server = place.serve(move |request| {
        let second = query(&request.line, "offset").unwrap() == "200";
        match request.header("x-api-key") {
            Some("old") if second => {
                put_token(&token, "new");
                status(401, "")
            }
            Some("new") if !second => status(403, ""),
            _ => clients(request),
        }
    });
    let mut pulling = place.pull(&server, CLIENTS);
    // The third page refuses the new token for good.
    assert_eq!(pulling.go_on().await, 3_600);
    assert_eq!(offsets(&server.requests()), ["0", "200", "200", "400", "400"]);
    assert_eq!(pulling.pieces().len(), 2);
    assert_eq!(
        pulling.trouble().unwrap(),
        "the server does not take the token (status 403); put a valid one into the token file, which is read again \
         within the hour"
    );
}

#[tokio::test]
async fn a_server_that_asks_for_patience_gets_it_and_the_round_goes_on_where_it_was() {
    for (head, waited) in [("retry-after: 120", 120), ("retry-after: 86400", 3_600)] {
        let place = Place::new("key");
        let busy = AtomicBool::new(true);
        let server = place.serve(move |request| {
            let second = query(&request.line, "offset").unwrap() == "200";
            if second && busy.swap(false, Ordering::SeqCst) {
                status(429, head)
            } else {
                clients(request)
            }
        });
        let mut pulling = place.pull(&server, CLIENTS);
        assert_eq!(pulling.go_on().await, waited);
        assert!(pulling.trouble().unwrap().contains("status 429"));
        assert_eq!(pulling.go_on().await, 900);
        assert_eq!(pulling.trouble(), None);
        assert_eq!(offsets(&server.requests()), ["0", "200", "200", "400"]);
        assert_eq!(pulling.pieces().len(), 3);
    }
}

#[tokio::test]
async fn a_server_that_is_down_is_asked_again_after_growing_waits() {
    let place = Place::new("key");
    let requests = AtomicUsize::new(0);
    let server = place.serve(move |request| {
        if requests.fetch_add(1, Ordering::SeqCst) < 6 {
            status(503, "")
        } else {
            clients(request)
        }
    });
    let mut pulling = place.pull(&server, CLIENTS);
    for failures in 0..6 {
        let waited = pulling.go_on().await;
        assert!(
            (1..=1 << failures).contains(&waited),
            "{waited} s after {failures}"
        );
        assert!(pulling.trouble().unwrap().contains("status 503"));
    }
    assert_eq!(pulling.go_on().await, 900);
    assert_eq!(pulling.trouble(), None);
}

#[tokio::test]
async fn nobody_who_listens_is_a_reason_to_wait() {
    let place = Place::new("key");
    let server = place.serve(clients);
    let mut pulling = place.pull(&server, CLIENTS);
    let address = server.address;
    drop(server);
    // The port is free again when its thread has ended.
    let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(30);
    while std::net::TcpStream::connect(address).is_ok() {
        assert!(tokio::time::Instant::now() < deadline);
        tokio::task::yield_now().await;
    }
    assert_eq!(pulling.go_on().await, 1);
    assert!(pulling.trouble().unwrap().contains("cannot be reached"));
}

fn broken(kind: &str) -> Answer {
    let json = "content-type: application/json";
    let answer = |body: &str, head: &str| {
        Answer {
            status: 200,
            head: String::new(),
            body: body.as_bytes().to_vec(),
        }
        .with_head(head)
    };
    match kind {
        "not well-formed" => answer("{\"count\": 1, \"totalCount\": 2, \"data\": [", json),
        "not JSON by its content type" => answer("{}", "content-type: text/html"),
        "is not JSON by" => answer("{}", "x-content-type: application/json"),
        "ended in the middle" => answer("{\"data\": [", &format!("{json}\r\ncontent-length: 4000")),
        "larger than 8 MiB" => answer("{", &format!("{json}\r\ncontent-length: 8388609")),
        "larger than" => answer(&" ".repeat(9 << 20), &format!("{json}\r\nconnection: close")),
        "status 302" => status(302, "location: https://localhost/login"),
        "status 404" => status(404, ""),
        "status 204" => status(204, ""),
        _ => panic!("{kind}"),
    }
}

#[tokio::test]
async fn a_broken_page_ends_the_round_and_the_pages_before_it_count() {
    for kind in [
        "not well-formed",
        "not JSON by its content type",
        "is not JSON by",
        "ended in the middle",
        "larger than 8 MiB",
        "larger than",
        "status 302",
        "status 404",
        "status 204",
    ] {
        let place = Place::new("key");
        let sound = Arc::new(AtomicBool::new(false));
        let asked = sound.clone();
        let server = place.serve(move |request| {
            if query(&request.line, "offset").unwrap() == "200" && !asked.load(Ordering::SeqCst) {
                broken(kind)
            } else {
                clients(request)
            }
        });
        let mut pulling = place.pull(&server, CLIENTS);
        assert_eq!(pulling.go_on().await, 900, "{kind}");
        let trouble = pulling.trouble().unwrap();
        assert!(trouble.contains(kind), "{trouble}");
        assert_eq!(offsets(&server.requests()), ["0", "200"], "{kind}");
        let pieces = pulling.pieces();
        assert!(pieces.len() == 1 && !pieces[0].1, "{kind}");

        sound.store(true, Ordering::SeqCst);
        assert_eq!(pulling.go_on().await, 900, "{kind}");
        assert_eq!(pulling.trouble(), None, "{kind}");
        assert_eq!(pulling.pieces().len(), 3, "all of the next round, {kind}");
    }
}

#[tokio::test]
async fn a_page_that_says_nothing_of_the_others_is_handed_on_and_the_round_is_not_complete() {
    for (members, text) in [
        (json!({ "data": [] }), "how many records"),
        (json!({ "count": 0, "totalCount": 9, "data": [] }), "in a circle"),
    ] {
        let place = Place::new("key");
        let server = place.serve(move |_| page(&members));
        let mut pulling = place.pull(&server, CLIENTS);
        assert_eq!(pulling.go_on().await, 900);
        assert!(pulling.trouble().unwrap().contains(text));
        let pieces = pulling.pieces();
        assert!(pieces.len() == 1 && !pieces[0].1);
    }
}

#[tokio::test]
async fn a_redirection_is_not_followed() {
    let elsewhere = Place::new("key").serve(clients);
    let place = Place::new("key");
    let location = format!("location: {}/", elsewhere.url());
    let server = place.serve(move |_| status(307, &location));
    let mut pulling = place.pull(&server, CLIENTS);
    assert_eq!(pulling.go_on().await, 900);
    assert!(pulling.trouble().unwrap().contains("redirects"));
    assert!(elsewhere.requests().is_empty());
}

#[tokio::test]
async fn a_token_file_that_cannot_be_used_is_said_and_nothing_is_asked() {
    for (token, text) in [
        ("", "does not hold one token"),
        ("one\ntwo", "does not hold one token"),
        ("a token", "does not hold one token"),
        ("t\u{f6}ken", "does not hold one token"),
    ] {
        let place = Place::new(token);
        let server = place.serve(clients);
        let mut pulling = place.pull(&server, CLIENTS);
        assert_eq!(pulling.go_on().await, 3_600);
        assert!(pulling.trouble().unwrap().contains(text), "{token}");
        std::fs::remove_file(place.token()).unwrap();
        assert_eq!(pulling.go_on().await, 3_600);
        assert!(pulling.trouble().unwrap().contains("cannot be read"));
        assert!(server.requests().is_empty());
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_token_that_others_can_read_is_not_used() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new("key");
    std::fs::set_permissions(place.token(), std::fs::Permissions::from_mode(0o640)).unwrap();
    let server = place.serve(clients);
    let mut pulling = place.pull(&server, CLIENTS);
    assert_eq!(pulling.go_on().await, 3_600);
    assert!(pulling.trouble().unwrap().contains("open to other accounts"));
    assert!(server.requests().is_empty());
}

//! UniFi: pages by offset and limit, and the older interface without pages.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use serde_json::{Value, json};
use tokio::sync::mpsc::channel;
use zeef_agent::intake::health::Health;
use zeef_agent::intake::piece::Mark;
use zeef_agent::intake::pull::run;
use zeef_proto::time::DAY;
use zeef_proto::{Clock, UnixTime};

use crate::harness;
use crate::pulling::{Place, Pulling, START, page, query, status};
use crate::server::{Answer, Request};

const KEY: &str = "Zk9-made-up-key";
const SITE: &str = "88f7af54-98f8-306a-a1c7-c9349722b1f6";
const INTEGRATION: &str = "source = 'unifi'\npull = 'clients'\n\
                           parameters = { site = '88f7af54-98f8-306a-a1c7-c9349722b1f6' }";

/// A client as the integration API documents it. What is not documented for Wi-Fi is easily told apart.
fn client(number: u64) -> Value {
    json!({
        "type": "WIRELESS",
        "id": format!("canary-id-{number}"),
        "name": format!("phone-{number}"),
        "connectedAt": "2026-03-01T09:30:00Z",
        "ipAddress": format!("10.0.{}.{}", number / 250, number % 250 + 1),
        "macAddress": format!("00:1a:2b:00:{:02x}:{:02x}", number / 256, number % 256),
        "uplinkDeviceId": "canary-uplink",
        "access": { "type": "GUEST", "authorization": { "note": "canary-note of a visitor" } },
    })
}

/// A page of so many clients, as was asked for.
fn answer(request: &Request, total: u64) -> Answer {
    if request.header("x-api-key") != Some(KEY) {
        return status(401, "");
    }
    let path = format!("GET /proxy/network/integration/v1/sites/{SITE}/clients?");
    assert!(request.line.starts_with(&path), "{}", request.line);
    let number = |name| query(&request.line, name).unwrap().parse::<u64>().unwrap();
    let (offset, limit) = (number("offset"), number("limit"));
    let data: Vec<Value> = (offset..total.min(offset + limit)).map(client).collect();
    page(&json!({
        "offset": offset, "limit": limit, "count": data.len(), "totalCount": total, "data": data,
    }))
}

#[tokio::test]
async fn all_pages_are_fetched_and_only_documented_fields_leave_the_sieve() {
    let place = Place::new(KEY);
    let server = place.serve(|request| answer(request, 450));
    let mut pulling = place.pull(&server, INTEGRATION);
    assert_eq!(pulling.go_on().await, 900);
    assert_eq!(pulling.trouble(), None);
    let pieces = pulling.pieces();
    let complete: Vec<bool> = pieces.iter().map(|(_, complete)| *complete).collect();
    assert_eq!(complete, [false, false, true]);

    let sieve = harness::source("unifi");
    let mut names = Vec::new();
    for (bytes, _) in pieces {
        assert!(String::from_utf8_lossy(&bytes).contains("canary"));
        for record in harness::run(&sieve, bytes).records {
            assert_eq!(record.as_object().unwrap().len(), 2, "{record}");
            assert_eq!(record["private_ips"].as_array().unwrap().len(), 1);
            names.push(record["device_name"].as_str().unwrap().to_owned());
            let text = record.to_string();
            assert!(!text.contains("canary") && !text.contains("00:1a"), "{text}");
        }
    }
    let expected: Vec<String> = (0..450).map(|number| format!("phone-{number}")).collect();
    assert_eq!(names, expected);
}

#[tokio::test]
async fn the_older_interface_is_one_page() {
    let place = Place::new(&format!("{KEY}\n"));
    let server = place.serve(|request| {
        assert_eq!(request.line, "GET /proxy/network/api/s/default/stat/sta");
        assert_eq!(request.header("x-api-key"), Some(KEY));
        assert_eq!(request.header("accept"), Some("application/json"));
        page(&json!({
            "meta": { "rc": "ok" },
            "data": [{ "_id": "canary", "mac": "00:1a:2b:3c:4d:5e", "is_wired": false, "hostname": "tablet",
                       "ip": "192.168.1.20", "essid": "canary", "user_id": "canary" }],
        }))
    });
    let lines = "source = 'unifi'\npull = 'clients-legacy'\nparameters = { site = 'default' }";
    let mut pulling = place.pull(&server, lines);
    assert_eq!(pulling.go_on().await, 900);
    let pieces = pulling.pieces();
    assert_eq!(pieces.len(), 1);
    let outcome = harness::run(&harness::source("unifi"), &pieces[0].0);
    assert_eq!(
        outcome.only(),
        json!({ "device_name": "tablet", "private_ips": ["192.168.1.20"] })
    );
}

#[tokio::test]
async fn a_site_without_clients_is_a_complete_round_and_the_next_is_made_when_it_is_time() {
    let place = Place::new(KEY);
    let server = place.serve(|request| answer(request, 0));
    let mut pulling = place.pull(&server, INTEGRATION);
    for _ in 0..2 {
        assert_eq!(pulling.go_on().await, 900);
        let complete: Vec<bool> = pulling.pieces().iter().map(|(_, complete)| *complete).collect();
        assert_eq!(complete, [true]);
    }
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn a_restart_does_not_pull_before_it_is_due() {
    let place = Place::new(KEY);
    let server = place.serve(|request| answer(request, 1));
    let lines = format!("{INTEGRATION}\nroots = '{}'", place.roots().display());
    let settings = place.table(&server.url(), &lines).unwrap();
    let mut pulling = Pulling::new(settings, Some(&Mark::Pulled(START.plus(-100))));
    pulling.pass();
    assert_eq!(pulling.clock.now(), START.plus(800));
    pulling.go_on().await;
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn no_page_is_asked_for_before_there_is_room_for_the_one_before() {
    /// A day later each time it is asked.
    struct Leaping(AtomicI64);
    impl Clock for Leaping {
        fn now(&self) -> UnixTime {
            UnixTime(self.0.fetch_add(DAY, Ordering::SeqCst))
        }
    }
    let place = Place::new(KEY);
    let server = place.serve(|request| answer(request, 1_000));
    let lines = format!("{INTEGRATION}\nroots = '{}'", place.roots().display());
    let settings = place.table(&server.url(), &lines).unwrap();
    let (out, mut pieces) = channel(1);
    let clock = Arc::new(Leaping(AtomicI64::new(START.0)));
    let running = tokio::spawn(run(settings, None, out, clock, Health::default()));
    let mut complete = 0;
    for taken in 1..=12 {
        complete += u32::from(pieces.recv().await.unwrap().mark.is_some());
        // One in the channel, one that waits for room, one that is asked for.
        assert!(server.requests().len() <= taken + 3);
    }
    assert_eq!(complete, 2, "five pages make a round");
    drop(pieces);
    running.await.unwrap();
}

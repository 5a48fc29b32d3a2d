//! What lies on the disk: sealed values, and nothing of what is gone.

use zeef_collector::ledger::Actor;
use zeef_collector::store::{AgentStore, InventoryStore};

use crate::engine::Part;
use crate::fixture::{Installation, START, counts, full, links, site, token};

const NEEDLES: [&str; 3] = ["needle-in-name", "needle.in.user", "10.77.66.55"];

fn holds(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}

#[tokio::test]
async fn no_file_holds_a_value_in_the_clear() {
    let zeef = Installation::new().await;
    let device = zeef.device().await;
    zeef.send_from(
        device,
        full(1, NEEDLES[0], NEEDLES[1], NEEDLES[2]),
        Some("203.0.113.77"),
        START,
    )
    .await;
    zeef.store.checkpoint().await.unwrap();
    let bytes = zeef.engine().bytes_on_disk();
    assert!(
        holds(&bytes, b"Bakkerij Jansen"),
        "the scan sees what is stored in the clear"
    );
    for needle in NEEDLES.iter().chain(&["203.0.113.77", "00:1a:2b:3c:4d:5e"]) {
        assert!(!holds(&bytes, needle.as_bytes()), "{needle}");
    }
}

#[tokio::test]
async fn no_file_holds_what_a_record_said_or_the_token_by_which_it_is_linked() {
    let zeef = Installation::new().await;
    let device = zeef.collecting(&["internet"]).await;
    let values = r#""device_name":"needle-in-record","private_ips":["10.77.66.54"],"public_ips":["203.0.113.78"],
        "service_id":"NEEDLE-SRV-1","line_id":"NEEDLE-L-2""#;
    let records = vec![
        site("internet-csv", "internet", &format!("{values},{}", links("n"))),
        site("draytek", "internet", values),
    ];
    assert_eq!(counts(&zeef.tell(device, 1, records, START).await), (2, 0, 0));
    zeef.store.checkpoint().await.unwrap();
    let bytes = zeef.engine().bytes_on_disk();
    assert!(
        holds(&bytes, b"internet-csv"),
        "the scan sees what is stored in the clear"
    );
    let token = token('n');
    let hash = token.split_once(':').unwrap().1;
    for needle in [
        "needle-in-record",
        "NEEDLE-SRV-1",
        "NEEDLE-L-2",
        "10.77.66.54",
        "203.0.113.78",
        &token,
        hash,
    ] {
        assert!(!holds(&bytes, needle.as_bytes()), "{needle}");
    }
}

#[tokio::test]
async fn an_ended_devices_sealed_values_and_key_leave_the_disk() {
    let zeef = Installation::new().await;
    let device = zeef.device().await;
    zeef.send(device, full(1, "lap-17", "j.jansen", "10.0.3.17"), START)
        .await;
    let blob = |part, sql| zeef.engine().raw(part).bytes(sql);
    let sealed = blob(
        Part::Database,
        "SELECT sealed FROM observation WHERE field = 'username'",
    );
    let wrapped = blob(Part::KeyStore, "SELECT wrapped FROM device_key");
    assert!(
        holds(&zeef.engine().bytes_on_disk(), &sealed) && holds(&zeef.engine().bytes_on_disk(), &wrapped)
    );

    zeef.store
        .end_device(zeef.organisation, device, Actor::Administrator, START)
        .await
        .unwrap();
    assert!(zeef.store.checkpoint().await.unwrap());
    let bytes = zeef.engine().bytes_on_disk();
    assert!(!holds(&bytes, &sealed) && !holds(&bytes, &wrapped));
}

//! What is past its term is gone: at that instant from every list and page, and soon from the database.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that cannot go on says where"
)]

use std::sync::Arc;

use zeef_proto::time::DAY;
use zeef_proto::wire::ProblemCode;
use zeef_tests::clock::now;
use zeef_tests::device::{Fields, RawDevice};
use zeef_tests::installation::{Device, Host};
use zeef_tests::{FakeClock, Installation, Settings};

fn is_bare(device: &Device) -> bool {
    device.0["observations"].as_array().unwrap().is_empty()
}

#[tokio::test(flavor = "multi_thread")]
async fn values_end_with_the_service_without_anybody_doing_anything() {
    let clock = Arc::new(FakeClock::new());
    let mut collector = Installation::started_with(Settings::default(), Host::with_clock(&clock));
    drop(collector.run(&["organisation", "add", "Bakkerij Jansen"]).done());
    let ends = now().plus(30 * DAY).to_string();
    drop(
        collector
            .run(&[
                "subscription",
                "add",
                "--organisation",
                "Bakkerij Jansen",
                "rmm",
                "--until",
                &ends,
            ])
            .done(),
    );
    let token = collector.token("Bakkerij Jansen", 1);
    let mut device = RawDevice::enrol(&collector.contact(), &token).await;
    device.report(1, &Fields::numbered(1)).await;
    let browser = collector.signed_in("beheer").await;
    let page = format!("/devices/{}/{}", device.organisation, device.id);
    assert!(browser.page(&page).await.contains("name-1"));

    clock.set_ahead(30 * DAY - 60);
    assert_eq!(collector.only_device().values("device_name"), ["name-1"]);
    clock.set_ahead(30 * DAY + 60);
    assert!(
        is_bare(&collector.only_device()),
        "at that instant, before any purge"
    );

    collector.stop();
    collector.configure(|settings| settings.purge_interval = "1s");
    collector.start();
    // Thirty days are more than a collector is off for: the clock is believed once somebody says so.
    drop(collector.run(&["retention", "confirm-clock"]).done());
    collector
        .process()
        .wait_for_log("expired values were deleted observations=4");
    assert_eq!(collector.metric("zeef_purged_observations_total").await, 4);
    assert!(
        collector.devices().is_empty(),
        "without a service, the device itself is not kept"
    );
    // A clock that is set back revives nothing: it is deleted, and not just hidden.
    clock.set_ahead(0);
    assert!(collector.devices().is_empty());
    device.hang_up();
    let late = device.send(Fields::numbered(2).report(2)).await.unwrap();
    assert_eq!(late.code(), ProblemCode::Gone);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_was_ended_is_on_no_page_from_then_on_and_its_name_finds_nothing() {
    let collector = Installation::started();
    let token = collector.customer("Bakkerij Jansen", 2);
    let mut device = RawDevice::enrol(&collector.contact(), &token).await;
    let mut other = RawDevice::enrol(&collector.contact(), &token).await;
    device.report(1, &Fields::numbered(4711)).await;
    other.report(1, &Fields::numbered(815)).await;
    let browser = collector.signed_in("beheer").await;
    let page = browser.page("/inventory").await;
    assert!(page.contains("name-4711") && page.contains("name-815"));

    // By another process, beside the collector and its index.
    collector.end(&device.id.to_string());
    let page = browser.page("/inventory").await;
    assert!(!page.contains("name-4711") && page.contains("name-815"));
    let found = collector
        .run(&["device", "list", "--with", "name-4711", "--json"])
        .json();
    assert_eq!(found, serde_json::json!([]));
    let late = device.send(Fields::numbered(4712).report(2)).await.unwrap();
    assert_eq!(late.status, 410, "a late report does not bring it back");
    assert!(!browser.page("/inventory").await.contains("name-4712"));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_sees_a_page_without_having_signed_in_and_a_link_signs_in_once() {
    let collector = Installation::started();
    let token = collector.customer("Bakkerij Jansen", 1);
    let mut device = RawDevice::enrol(&collector.contact(), &token).await;
    device.report(1, &Fields::numbered(1)).await;
    let page = format!("/devices/{}/{}", device.organisation, device.id);
    for path in ["/inventory", "/policy", "/account", &page] {
        let answer = collector.page_unsigned(path).await.unwrap();
        assert_eq!(answer.status, 303, "{path}");
        assert!(answer.header("location").starts_with("/sign-in"), "{path}");
        assert!(!answer.text().contains("name-1"), "{path}");
    }
    let browser = collector.signed_in("beheer").await;
    assert!(browser.page(&page).await.contains("name-1"));
    drop(collector.run(&["user", "remove", "beheer"]).done());
    assert_eq!(
        browser.open(&page).await.unwrap().status,
        303,
        "an account that is gone is signed out"
    );
}

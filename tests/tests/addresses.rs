//! Where a device comes from is what the connection says, or a listed proxy; never a header, never the device.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that cannot go on says where"
)]

use std::net::IpAddr;

use http::Method;
use zeef_proto::wire::path;
use zeef_tests::device::{DeviceKey, Dial, Fields, RawDevice, proxy_header};
use zeef_tests::installation::Host;
use zeef_tests::{Installation, Settings};

const PROXY: [u8; 4] = [127, 0, 0, 77];

fn proxy() -> IpAddr {
    PROXY.into()
}

fn behind_proxy() -> (Installation, String) {
    let settings = Settings {
        proxies: vec![proxy().to_string()],
        ..Settings::default()
    };
    let collector = Installation::started_with(settings, Host::default());
    let token = collector.customer("Bakkerij Jansen", 5);
    (collector, token)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listed_proxy_says_from_where_the_device_comes() {
    let (collector, token) = behind_proxy();
    let mut device = RawDevice::enrol(&collector.contact(), &token).await;
    device.report(1, &Fields::numbered(1)).await;
    assert!(
        collector.only_device().values("public_ip").is_empty(),
        "a loopback address is nobody's public one"
    );

    device.hang_up();
    device.dial = device.dial.from(proxy()).after(proxy_header("198.51.100.7:5000"));
    device.report(2, &Fields::default()).await;
    assert_eq!(collector.only_device().values("public_ip"), ["198.51.100.7"]);

    device.hang_up();
    device.dial = device.dial.after(proxy_header("203.0.113.9:5000"));
    device.report(3, &Fields::default()).await;
    assert_eq!(
        collector.only_device().values("public_ip"),
        ["203.0.113.9"],
        "only the present one is kept"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_is_not_listed_and_a_listed_one_without_header_are_not_heard() {
    let (collector, token) = behind_proxy();
    let dial = Dial::new(&collector.contact(), None);
    let key = DeviceKey::generate();
    let stranger = dial
        .clone()
        .from("127.0.0.78".parse().unwrap())
        .after(proxy_header("198.51.100.7:5000"));
    assert!(RawDevice::try_enrol(&stranger, &token, &key).await.is_err());
    assert!(
        RawDevice::try_enrol(&dial.clone().from(proxy()), &token, &key)
            .await
            .is_err()
    );
    assert!(
        RawDevice::try_enrol(
            &dial
                .clone()
                .from(proxy())
                .after(b"GET / HTTP/1.1\r\n\r\n".to_vec()),
            &token,
            &key
        )
        .await
        .is_err()
    );
    assert!(collector.devices().is_empty());
    assert_eq!(
        RawDevice::try_enrol(&dial, &token, &key).await.unwrap().status,
        200
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn forwarding_headers_are_ignored_from_everybody() {
    let (collector, token) = behind_proxy();
    let device = RawDevice::enrol(&collector.contact(), &token).await;
    let headers = [
        ("host", "collector"),
        ("x-forwarded-for", "198.51.100.66"),
        ("x-real-ip", "198.51.100.66"),
        ("forwarded", "for=198.51.100.66"),
    ];
    let dials = [
        device.dial.clone(),
        device
            .dial
            .clone()
            .from(proxy())
            .after(proxy_header("203.0.113.9:5000")),
    ];
    for (number, dial) in (1..).zip(dials) {
        let body = Fields::numbered(number).report(number);
        let mut connection = dial.connect().await.unwrap();
        assert_eq!(
            connection
                .ask_with(Method::POST, path::REPORT, &headers, body)
                .await
                .unwrap()
                .status,
            200
        );
    }
    assert_eq!(collector.only_device().values("public_ip"), ["203.0.113.9"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn bounds_of_newcomers_count_by_the_address_that_the_proxy_says() {
    let settings = Settings {
        proxies: vec![proxy().to_string()],
        enrolments: 2,
        ..Settings::default()
    };
    let collector = Installation::started_with(settings, Host::default());
    let token = collector.customer("Bakkerij Jansen", 5);
    let dial = Dial::new(&collector.contact(), None)
        .from(proxy())
        .after(proxy_header("198.51.100.7:5000"));
    let mut answers = Vec::new();
    for _ in 0..3 {
        answers.push(
            RawDevice::try_enrol(&dial, &token, &DeviceKey::generate())
                .await
                .unwrap(),
        );
    }
    assert_eq!(
        answers.iter().map(|answer| answer.status).collect::<Vec<_>>(),
        [200, 200, 429]
    );
    let wait: u32 = answers[2].header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
}

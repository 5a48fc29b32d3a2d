//! Size, time, number and rate.

use std::time::Duration;

use rcgen::KeyPair;
use zeef_collector::config::Rate;
use zeef_proto::wire::{MAX_BODY, ProblemCode, path};

use crate::client::Client;
use crate::device::{enrolment, heartbeat};
use crate::harness::{Harness, random};
use crate::proxy::behind_proxy;

#[tokio::test(flavor = "multi_thread")]
async fn a_body_above_16_kib_is_refused_and_one_of_that_size_is_read() {
    let harness = Harness::new().await;
    let device = harness.device().await;
    let mut padded = heartbeat(1).to_bytes();
    padded.resize(MAX_BODY, b' ');
    let mut client = device.connect(&harness).await.unwrap();
    assert_eq!(client.post(path::REPORT, &padded).await.unwrap().status, 200);
    padded.push(b' ');
    let response = client.post(path::REPORT, &padded).await.unwrap();
    assert_eq!(response.code(), ProblemCode::TooLarge);
    client.closed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_says_it_is_huge_is_refused_before_it_comes() {
    let harness = Harness::new().await;
    let device = harness.device().await;
    let mut client = device.connect(&harness).await.unwrap();
    let head = b"POST /v1/report HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000000000\r\n\r\n";
    client.send(head).await.unwrap();
    assert_eq!(client.response().await.unwrap().code(), ProblemCode::TooLarge);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_in_pieces_is_put_together_and_bounded() {
    let harness = Harness::new().await;
    let device = harness.device().await;
    let mut client = device.connect(&harness).await.unwrap();
    let head = "POST /v1/report HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n";
    let chunks = |bytes: &[u8], size: usize| {
        let mut text = head.as_bytes().to_vec();
        for chunk in bytes.chunks(size) {
            text.extend(format!("{:x}\r\n", chunk.len()).into_bytes());
            text.extend(chunk);
            text.extend(b"\r\n");
        }
        text.extend(b"0\r\n\r\n");
        text
    };
    client.send(&chunks(&heartbeat(1).to_bytes(), 7)).await.unwrap();
    assert_eq!(client.response().await.unwrap().status, 200);
    client
        .send(&chunks(&vec![b' '; MAX_BODY + 1], 1_000))
        .await
        .unwrap();
    assert_eq!(client.response().await.unwrap().code(), ProblemCode::TooLarge);
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_headers_and_slow_bodies_end_the_connection() {
    let harness = Harness::with(|config| config.agents.request_timeout = Duration::from_secs(1)).await;
    let device = harness.device().await;
    let mut client = device.connect(&harness).await.unwrap();
    client.send(b"POST /v1/report HTTP/1.1\r\nhost: ").await.unwrap();
    client.closed().await;
    let mut client = device.connect(&harness).await.unwrap();
    client
        .send(b"POST /v1/report HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\n{")
        .await
        .unwrap();
    let response = client.response().await.unwrap();
    assert_eq!(response.code(), ProblemCode::InvalidMessage);
    assert!(response.problem().detail.unwrap().contains("slow"));
    client.closed().await;
    // An idle connection is closed as well.
    device.connect(&harness).await.unwrap().closed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_beyond_the_bound_are_told_when_to_come_back() {
    let harness = Harness::with(|config| config.agents.max_connections = 1).await;
    let device = harness.device().await;
    // The place of the connection that enrolled comes free when the collector notices its end.
    let place = async {
        loop {
            let mut client = device.connect(&harness).await.unwrap();
            if client.get(path::POLICY).await.unwrap().status == 200 {
                return client;
            }
        }
    };
    let mut first = tokio::time::timeout(Duration::from_secs(20), place)
        .await
        .unwrap();
    let mut second = device.connect(&harness).await.unwrap();
    let response = second.get(path::POLICY).await.unwrap();
    assert_eq!(response.code(), ProblemCode::Unavailable);
    assert!(response.header("retry-after").is_some());
    second.closed().await;
    assert_eq!(first.get(path::POLICY).await.unwrap().status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_cannot_keep_the_others_out() {
    let harness = Harness::with(|config| {
        config.agents.max_connections_per_address = 3;
        config.agents.proxies = vec!["127.0.0.0/8".parse().unwrap()];
    })
    .await;
    let anonymous = harness.trust.anonymous();
    let mut held = Vec::new();
    for _ in 0..3 {
        let stream = behind_proxy(&harness, "198.51.100.66").await;
        held.push(Client::over(stream, &anonymous).await.unwrap());
    }
    let stream = behind_proxy(&harness, "198.51.100.66").await;
    assert!(Client::over(stream, &anonymous).await.is_err());
    let stream = behind_proxy(&harness, "198.51.100.7").await;
    let mut other = Client::over(stream, &anonymous).await.unwrap();
    assert_eq!(other.get(path::RECOVERY).await.unwrap().status, 200);
    assert_eq!(held[0].get(path::RECOVERY).await.unwrap().status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_requests_are_told_when_to_come_back() {
    let harness = Harness::with(|config| {
        config.agents.limits.requests_per_device = Rate(2);
        config.agents.limits.enrolments_per_address = Rate(3);
    })
    .await;
    let (device, other) = (harness.device().await, harness.device().await);
    let mut client = device.connect(&harness).await.unwrap();
    for _ in 0..2 {
        assert_eq!(client.get(path::POLICY).await.unwrap().status, 200);
    }
    let response = client.get(path::POLICY).await.unwrap();
    assert_eq!(response.code(), ProblemCode::TooManyRequests);
    let seconds: i64 = response.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=60).contains(&seconds));
    assert!(other.is_let_in(&harness).await);

    let guess = enrolment(&random::<32>(), &KeyPair::generate().unwrap());
    let mut anonymous = harness.anonymous().await;
    assert_eq!(
        anonymous.post(path::ENROLMENT, &guess).await.unwrap().code(),
        ProblemCode::TokenRefused
    );
    assert_eq!(
        anonymous.post(path::ENROLMENT, &guess).await.unwrap().code(),
        ProblemCode::TooManyRequests
    );
    // A known device that lost its certificate is not kept out by them, and has the same bound.
    for _ in 0..3 {
        assert_eq!(anonymous.get(path::RECOVERY).await.unwrap().status, 200);
    }
    assert_eq!(
        anonymous.get(path::RECOVERY).await.unwrap().code(),
        ProblemCode::TooManyRequests
    );

    harness.clock.forward(seconds);
    assert_eq!(client.get(path::POLICY).await.unwrap().status, 200);
}

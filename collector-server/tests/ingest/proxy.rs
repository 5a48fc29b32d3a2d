//! The peer's address: from the connection, or from a listed proxy, never from a header of the request.

use ppp::v2::{Builder, Command, Protocol, Version};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use zeef_proto::field::Field;
use zeef_proto::wire::path;

use crate::client::Client;
use crate::device::{Device, enrolment, full, heartbeat};
use crate::harness::Harness;

/// A connection for which a listed proxy names `source`.
pub(crate) async fn behind_proxy(harness: &Harness, source: &str) -> TcpStream {
    let source = std::net::SocketAddr::new(source.parse().unwrap(), 5_000);
    let header = Builder::with_addresses(
        Version::Two | Command::Proxy,
        Protocol::Stream,
        (source, harness.collector.agents),
    )
    .build()
    .unwrap();
    let mut stream = TcpStream::connect(harness.collector.agents).await.unwrap();
    stream.write_all(&header).await.unwrap();
    stream
}

async fn with_proxy() -> Harness {
    Harness::with(|config| config.agents.proxies = vec!["127.0.0.0/8".parse().unwrap()]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_address_that_a_listed_proxy_names_is_the_devices_public_one() {
    let harness = with_proxy().await;
    let organisation = harness.organisation("Bakkerij Jansen", &["antivirus"]).await;
    let secret = harness.token(organisation, 1).await;
    let key = rcgen::KeyPair::generate().unwrap();
    let mut client = Client::over(
        behind_proxy(&harness, "198.51.100.7").await,
        &harness.trust.anonymous(),
    )
    .await
    .unwrap();
    let reply: zeef_proto::wire::EnrolmentReply = client
        .post(path::ENROLMENT, &enrolment(&secret, &key))
        .await
        .unwrap()
        .read();
    let device = Device {
        organisation,
        id: reply.device,
        chain: crate::device::chain(&reply.certificate),
        key,
    };
    let stream = behind_proxy(&harness, "198.51.100.7").await;
    let mut client = Client::over(stream, &device.config(&harness)).await.unwrap();
    assert_eq!(
        client
            .post(path::REPORT, &full(1).to_bytes())
            .await
            .unwrap()
            .status,
        200
    );
    let stored = harness.stored(&device).await;
    assert_eq!(
        stored.values(Field::PublicIp).collect::<Vec<_>>(),
        ["198.51.100.7"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listed_proxy_must_send_the_header() {
    let harness = with_proxy().await;
    assert!(
        Client::connect(harness.collector.agents, &harness.trust.anonymous())
            .await
            .is_err()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn from_others_the_header_is_a_bad_connection() {
    let harness = Harness::new().await;
    let mut stream = behind_proxy(&harness, "198.51.100.7").await;
    let mut answer = Vec::new();
    // A TLS alert or a reset; no handshake in any case.
    drop(stream.read_to_end(&mut answer).await);
    assert!(answer.len() <= 7, "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn forwarding_headers_of_a_request_are_ignored() {
    let harness = Harness::new().await;
    let device = harness.device().await;
    let mut client = device.connect(&harness).await.unwrap();
    let body = heartbeat(1).to_bytes();
    let head = format!(
        "POST {} HTTP/1.1\r\nhost: localhost\r\nx-forwarded-for: 198.51.100.7\r\nforwarded: for=198.51.100.7\r\n\
         x-real-ip: 198.51.100.7\r\ncontent-length: {}\r\n\r\n",
        path::REPORT,
        body.len()
    );
    client.send(&[head.as_bytes(), &body].concat()).await.unwrap();
    assert_eq!(client.response().await.unwrap().status, 200);
    assert_eq!(harness.stored(&device).await.values(Field::PublicIp).count(), 0);
}

//! An agent tells its secret to the collector that its token names, and to nobody else.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that cannot go on says where"
)]

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use zeef_proto::wire::EnrolmentToken;
use zeef_tests::proxy::WebProxy;
use zeef_tests::relay::Relay;
use zeef_tests::{Agent, Installation, Machine};

/// An agent that is not enrolled, and a customer's token.
fn newcomer(collector: &Installation) -> (Agent, String) {
    let machine = Arc::new(Machine::new("lap-17"));
    collector.knows(&machine);
    (Agent::new(&machine), collector.customer("Bakkerij Jansen", 1))
}

fn secret_of(token: &str) -> String {
    let token: EnrolmentToken = token.parse().unwrap();
    data_encoding::BASE64URL_NOPAD.encode(&token.secret)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_with_another_roots_fingerprint_keeps_its_secret() {
    let collector = Installation::started();
    let (agent, good) = newcomer(&collector);
    let mut token: EnrolmentToken = good.parse().unwrap();
    token.root_fingerprint[0] ^= 1;
    // The relay has a certificate that the true collector's authority signed, and reads everything in plain text.
    let relay = Relay::before(&collector).await;
    let said = agent.try_enroll(&relay.url(), &token.expose()).refused(1);
    assert!(said.contains("not the collector that the token names"), "{said}");
    assert_eq!(
        String::from_utf8_lossy(&relay.seen()),
        "",
        "not a byte was sent after the certificate was seen"
    );
    drop(agent.run(&["status"]).refused(3));

    agent.enroll(&relay.url(), &good);
    let seen = String::from_utf8_lossy(&relay.seen()).into_owned();
    assert!(
        seen.contains(&secret_of(&good)),
        "and the search looks for the right thing"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_under_another_name_is_not_trusted() {
    let collector = Installation::started();
    let (agent, token) = newcomer(&collector);
    let gate = gate_to(collector.port(8443)).await;
    let said = agent
        .try_enroll(&format!("https://127.0.0.1:{}", gate.port()), &token)
        .refused(1);
    assert!(said.contains("not for this address"), "{said}");
    assert!(collector.devices().is_empty());
    agent.enroll(&collector.url(), &token);
}

#[test]
fn a_collector_that_was_installed_anew_is_another_one() {
    let first = Installation::started();
    let (mut agent, token) = newcomer(&first);
    agent.enroll(&first.url(), &token);
    agent.start();
    agent.wait_for_report(1);
    agent.stop();
    drop(first);

    let second = Installation::started();
    second.organisation("Slagerij Bakker");
    let said = agent
        .try_enroll(&second.url(), &second.token("Slagerij Bakker", 1))
        .refused(2);
    assert!(said.contains("unenroll"), "{said}");
    let other = Agent::new(&Arc::new(Machine::new("lap-18")));
    let said = other.try_enroll(&second.url(), &token).refused(1);
    assert!(said.contains("not the collector that the token names"), "{said}");
    assert!(second.devices().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_behind_a_web_proxy_goes_through_it_and_the_proxy_sees_only_where_to() {
    let collector = Installation::started();
    let (mut agent, token) = newcomer(&collector);
    let proxy = WebProxy::start(collector.address()).await;
    let mut enroll = agent.command(&["enroll", "--url", &collector.url(), "--proxy", &proxy.url()]);
    enroll.env("ZEEF_ENROLL_TOKEN", &token);
    drop(zeef_tests::command::run(enroll).done());
    agent.start();
    agent.wait_for_report(1);
    agent.stop();
    let asked = proxy.asked();
    assert!(asked.len() >= 2, "enrolment and report went through: {asked:?}");
    assert!(
        asked.iter().all(|one| *one == collector.port(8443).to_string()),
        "{asked:?}"
    );
}

#[test]
fn a_proxy_that_is_not_there_is_named_as_the_reason() {
    let collector = Installation::started();
    let (agent, token) = newcomer(&collector);
    let mut enroll = agent.command(&[
        "enroll",
        "--url",
        &collector.url(),
        "--proxy",
        "http://127.0.0.1:9",
    ]);
    enroll.env("ZEEF_ENROLL_TOKEN", &token);
    let said = zeef_tests::command::run(enroll).refused(5);
    assert!(said.contains("proxy"), "{said}");
    assert!(collector.devices().is_empty());
}

/// A port on 127.0.0.1 that passes everything on.
async fn gate_to(target: SocketAddr) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut inner, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut outer = TcpStream::connect(target).await?;
                copy_bidirectional(&mut inner, &mut outer).await
            });
        }
    });
    address
}

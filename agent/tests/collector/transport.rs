//! Who is trusted, and how what goes wrong is told.

use std::sync::Arc;

use zeef_agent::clock::SystemClock;
use zeef_agent::transport::{Connection, Distrust, ExchangeError, Trust};
use zeef_proto::wire::{EnrolmentRequest, Platform, ProblemCode};

use crate::authority::{Authority, Validity};
use crate::proxy::Proxy;
use crate::server::{Answer, Server};

pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(future)
}

fn enrolment() -> EnrolmentRequest {
    EnrolmentRequest {
        wire: 1,
        agent: "0.1.0".parse().unwrap(),
        platform: Platform::Linux,
        secret: "c2VjcmV0".into(),
        request: "AA".into(),
    }
}

fn refusing(authority: &Authority, name: &str, validity: Validity) -> Server {
    Server::start(authority, authority.server(name, validity), |_| {
        Answer::problem(ProblemCode::TokenRefused)
    })
}

fn first_contact(url: &str, proxy: Option<&str>, fingerprint: [u8; 32]) -> Option<ExchangeError> {
    let (trust, _) = Trust::by_fingerprint(fingerprint);
    exchange(url, proxy, trust)
}

fn exchange(url: &str, proxy: Option<&str>, trust: Trust) -> Option<ExchangeError> {
    let proxy = proxy.map(|proxy| proxy.parse().unwrap());
    let connection = Connection::new(
        &url.parse().unwrap(),
        proxy.as_ref(),
        trust,
        None,
        Arc::new(SystemClock),
    )
    .unwrap();
    block_on(connection.enrol(&enrolment())).err()
}

fn token_refused() -> Option<ExchangeError> {
    Some(ExchangeError::Refused {
        code: ProblemCode::TokenRefused,
        retry_after: None,
    })
}

#[test]
fn the_collector_that_the_token_names_is_trusted_and_its_root_is_found() {
    let authority = Authority::new();
    let server = refusing(&authority, "localhost", Validity::Now);
    let (trust, verifier) = Trust::by_fingerprint(authority.fingerprint());
    assert_eq!(exchange(&server.url(), None, trust), token_refused());
    assert_eq!(verifier.root().map(|root| root.to_vec()), Some(authority.root()));
}

#[test]
fn another_collector_is_sent_nothing() {
    let server = refusing(&Authority::new(), "localhost", Validity::Now);
    let fingerprint = Authority::new().fingerprint();
    assert_eq!(
        first_contact(&server.url(), None, fingerprint),
        Some(ExchangeError::Distrusted(Distrust::Root))
    );
    assert!(server.requests().is_empty());
}

#[test]
fn a_root_that_is_shown_but_did_not_sign_the_server_is_not_enough() {
    let (named, other) = (Authority::new(), Authority::new());
    let mut identity = other.server("localhost", Validity::Now);
    identity.chain.push(named.root().into());
    let server = Server::start(&other, identity, |_| Answer::problem(ProblemCode::TokenRefused));
    assert_eq!(
        first_contact(&server.url(), None, named.fingerprint()),
        Some(ExchangeError::Distrusted(Distrust::Root))
    );
    assert!(server.requests().is_empty());
}

#[test]
fn a_certificate_for_another_name_is_sent_nothing() {
    let authority = Authority::new();
    let server = refusing(&authority, "elsewhere.example", Validity::Now);
    for trust in [
        Trust::by_fingerprint(authority.fingerprint()).0,
        Trust::Root(authority.root()),
    ] {
        assert_eq!(
            exchange(&server.url(), None, trust),
            Some(ExchangeError::Distrusted(Distrust::Name))
        );
    }
    assert!(server.requests().is_empty());
}

#[test]
fn a_certificate_out_of_its_time_is_sent_nothing_and_the_clock_is_mentioned() {
    let authority = Authority::new();
    for validity in [Validity::Past, Validity::Future] {
        let server = refusing(&authority, "localhost", validity);
        let error = first_contact(&server.url(), None, authority.fingerprint()).unwrap();
        assert_eq!(error, ExchangeError::Distrusted(Distrust::Time));
        assert!(error.to_string().contains("clock"));
        assert!(server.requests().is_empty());
    }
}

#[test]
fn after_enrolment_only_the_pinned_root_is_trusted() {
    let authority = Authority::new();
    let server = refusing(&authority, "localhost", Validity::Now);
    assert_eq!(
        exchange(&server.url(), None, Trust::Root(authority.root())),
        token_refused()
    );
    assert_eq!(
        exchange(&server.url(), None, Trust::Root(Authority::new().root())),
        Some(ExchangeError::Distrusted(Distrust::Root))
    );
}

/// Whoever hears that it is gone wipes its state.
#[test]
fn only_the_collector_under_the_pinned_root_can_say_that_a_device_is_gone() {
    let (authority, other) = (Authority::new(), Authority::new());
    let heard = |signer: &Authority, identity| {
        let server = Server::start(signer, identity, |_| Answer::problem(ProblemCode::Gone));
        exchange(&server.url(), None, Trust::Root(authority.root()))
    };
    let gone = Some(ExchangeError::Refused {
        code: ProblemCode::Gone,
        retry_after: None,
    });
    assert_eq!(
        heard(&authority, authority.server("localhost", Validity::Now)),
        gone
    );
    for (signer, identity) in [
        (&other, other.server("localhost", Validity::Now)),
        (&authority, authority.server("elsewhere.example", Validity::Now)),
        (&authority, authority.device_named("localhost")),
    ] {
        let error = heard(signer, identity);
        assert!(matches!(error, Some(ExchangeError::Distrusted(_))), "{error:?}");
    }
    let body = r#"{"code":"gone","status":410,"title":"gone"}"#;
    let length = body.len();
    let refusal = format!(
        "HTTP/1.1 410 Gone\r\ncontent-type: application/problem+json\r\ncontent-length: {length}\r\n\r\n{body}"
    );
    let proxy = Proxy::refusing(None, refusal);
    let server = refusing(&authority, "localhost", Validity::Now);
    let error = exchange(&server.url(), Some(&proxy.url()), Trust::Root(authority.root()));
    assert!(error.is_some() && error != gone, "{error:?}");
    assert_eq!(proxy.lines().len(), 1);
}

#[test]
fn a_proxy_is_asked_for_a_tunnel_and_sees_no_more() {
    let authority = Authority::new();
    let server = refusing(&authority, "localhost", Validity::Now);
    let proxy = Proxy::start(Some(server.address));
    let error = first_contact(&server.url(), Some(&proxy.url()), authority.fingerprint());
    assert_eq!(error, token_refused());
    let port = server.address.port();
    assert_eq!(proxy.lines(), [format!("CONNECT localhost:{port}")]);
}

#[test]
fn a_proxy_that_opens_no_way_is_told_from_a_collector_that_is_not_there() {
    let authority = Authority::new();
    let proxy = Proxy::start(None);
    assert_eq!(
        first_contact("https://localhost:9", Some(&proxy.url()), authority.fingerprint()),
        Some(ExchangeError::Proxy)
    );
    let nobody = std::net::TcpListener::bind(("127.0.0.1", 0))
        .unwrap()
        .local_addr()
        .unwrap();
    assert_eq!(
        first_contact(&format!("https://{nobody}"), None, authority.fingerprint()),
        Some(ExchangeError::Unreachable)
    );
}

#[test]
fn what_is_not_tls_is_told_as_such() {
    let plain = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let url = format!("https://{}", plain.local_addr().unwrap());
    std::thread::spawn(move || {
        use std::io::Write;
        for mut stream in plain.incoming().flatten() {
            drop(stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n"));
        }
    });
    assert_eq!(
        first_contact(&url, None, Authority::new().fingerprint()),
        Some(ExchangeError::NotTls)
    );
}

#[test]
fn answers_outside_the_contract_are_told_by_their_status_alone() {
    let authority = Authority::new();
    for (status, body, expected) in [
        (404, "<h1>Not here</h1>", ExchangeError::Nonsense(404)),
        (200, "{\"device\":\"x\"}", ExchangeError::Nonsense(200)),
        (302, "", ExchangeError::Nonsense(302)),
        (
            502,
            "<h1>Bad gateway</h1>",
            ExchangeError::Refused {
                code: ProblemCode::Unavailable,
                retry_after: Some(7),
            },
        ),
    ] {
        let identity = authority.server("localhost", Validity::Now);
        let server = Server::start(&authority, identity, move |_| {
            let answer = Answer {
                status,
                head: String::new(),
                body: body.into(),
            };
            answer.with_head("retry-after: 7")
        });
        let error = first_contact(&server.url(), None, authority.fingerprint());
        assert_eq!(error, Some(expected));
    }
}

#[test]
fn an_answer_without_end_is_cut_off() {
    let authority = Authority::new();
    let server = Server::start(&authority, authority.server("localhost", Validity::Now), |_| {
        Answer {
            status: 200,
            head: String::new(),
            body: vec![b' '; 2 * 1024 * 1024],
        }
    });
    assert_eq!(
        first_contact(&server.url(), None, authority.fingerprint()),
        Some(ExchangeError::Nonsense(200))
    );
}

//! Which servers are believed. One that is not is sent nothing.

use rcgen::{CertificateParams, KeyPair};
use ring::digest::{SHA256, digest};
use rustls::pki_types::PrivatePkcs8KeyDer;
use serde_json::json;

use crate::authority::{ServerIdentity, Validity};
use crate::proxy::Proxy;
use crate::pulling::{Place, Pulling, page};
use crate::server::{Answer, Request, Server};

const CLIENTS: &str = "source = 'unifi'\npull = 'clients-legacy'\nparameters = { site = 'default' }";

fn clients(_: &Request) -> Answer {
    page(&json!({ "data": [] }))
}

/// A console that signs for itself, for a name that nobody uses, and its certificate's SHA-256.
fn console() -> (ServerIdentity, String) {
    let key = KeyPair::generate().unwrap();
    let parameters = CertificateParams::new(vec!["unifi.local".to_owned()]).unwrap();
    let certificate = parameters.self_signed(&key).unwrap();
    let fingerprint = digest(&SHA256, certificate.der());
    let identity = ServerIdentity {
        chain: vec![certificate.der().clone()],
        key: PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
    };
    (identity, data_encoding::HEXUPPER.encode(fingerprint.as_ref()))
}

async fn pulled(place: &Place, server: &Server, lines: &str) -> (i64, Option<String>) {
    let lines = format!("{CLIENTS}\n{lines}");
    let mut pulling = Pulling::new(place.table(&server.url(), &lines).unwrap(), None);
    (pulling.go_on().await, pulling.trouble())
}

async fn is_refused(place: &Place, server: &Server, lines: &str) {
    let (waits, trouble) = pulled(place, server, lines).await;
    assert_eq!(waits, 3_600);
    assert!(trouble.unwrap().contains("not one to trust"));
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn a_console_that_signs_for_itself_is_believed_by_its_certificate_alone() {
    let place = Place::new("key");
    let (identity, fingerprint) = console();
    let server = Server::start(&place.authority, identity, clients);
    let other = console().1;
    is_refused(&place, &server, &format!("certificate_sha256 = '{other}'")).await;
    let pinned = format!("certificate_sha256 = '{fingerprint}'");
    assert_eq!(pulled(&place, &server, &pinned).await, (900, None));
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn without_roots_the_systems_are_believed_and_no_others() {
    let place = Place::new("key");
    let server = place.serve(clients);
    is_refused(&place, &server, "").await;
}

#[tokio::test]
async fn under_roots_a_servers_name_and_dates_count() {
    let place = Place::new("key");
    let roots = format!("roots = '{}'", place.roots().display());
    for (name, validity) in [("console.example", Validity::Now), ("localhost", Validity::Past)] {
        let identity = place.authority.server(name, validity);
        let server = Server::start(&place.authority, identity, clients);
        is_refused(&place, &server, &roots).await;
    }
    let stranger = Place::new("key").serve(clients);
    is_refused(&place, &stranger, &roots).await;
}

#[tokio::test]
async fn a_file_without_roots_is_said() {
    let place = Place::new("key");
    let server = place.serve(clients);
    std::fs::write(place.roots(), "not a certificate").unwrap();
    for file in [place.roots(), place.roots().with_extension("none")] {
        let (waits, trouble) = pulled(&place, &server, &format!("roots = '{}'", file.display())).await;
        assert_eq!(waits, 3_600);
        assert!(trouble.unwrap().contains("file of roots"));
    }
}

#[tokio::test]
async fn a_proxy_opens_the_way_and_sees_no_more_than_the_address() {
    let place = Place::new("key");
    let server = place.serve(clients);
    let proxy = Proxy::start(Some(server.address));
    let roots = format!("roots = '{}'", place.roots().display());
    let lines = format!("{roots}\nproxy = '{}'", proxy.url());
    assert_eq!(pulled(&place, &server, &lines).await, (900, None));
    assert_eq!(
        proxy.lines(),
        [format!("CONNECT localhost:{}", server.address.port())]
    );

    let refusing = Proxy::start(None);
    let lines = format!("{roots}\nproxy = '{}'", refusing.url());
    let (waits, trouble) = pulled(&place, &server, &lines).await;
    assert_eq!(waits, 1);
    assert!(trouble.unwrap().contains("proxy did not open"));
}

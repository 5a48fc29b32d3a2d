//! Identity providers that lie: each answers properly but for one thing.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::routing::{get, post};
use data_encoding::BASE64URL_NOPAD;
use http::StatusCode;
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde_json::{Value, json};
use zeef_collector::openid::Provider;
use zeef_collector::store::people::PeopleStore;
use zeef_collector::web::PROVIDER_ANSWER;
use zeef_proto::UnixTime;

use crate::browser::{Answer, Browser, LOOPBACK};
use crate::identity_provider::openid;
use crate::installation::Installation;

/// One lie.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Lie {
    Nothing,
    Issuer,
    Audience,
    Nonce,
    Expired,
    NoAlgorithm,
    OtherKey,
    NotSigned,
    Document,
    HugeDocument,
}

struct False {
    lie: Lie,
    issuer: String,
    nonce: Mutex<String>,
    now: UnixTime,
    published: Ed25519KeyPair,
    other: Ed25519KeyPair,
}

fn key() -> Ed25519KeyPair {
    let der = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
    Ed25519KeyPair::from_pkcs8(der.as_ref()).unwrap()
}

fn encoded(value: &Value) -> String {
    BASE64URL_NOPAD.encode(value.to_string().as_bytes())
}

impl False {
    async fn start(lie: Lie, now: UnixTime) -> Arc<Self> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let provider = Arc::new(Self {
            lie,
            issuer: format!("http://{}", listener.local_addr().unwrap()),
            nonce: Mutex::default(),
            now,
            published: key(),
            other: key(),
        });
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(document))
            .route("/keys", get(keys))
            .route("/token", post(token))
            .with_state(Arc::clone(&provider));
        tokio::spawn(async move { axum::serve(listener, router).await });
        provider
    }

    fn token(&self) -> String {
        let is = |lie| self.lie == lie;
        let body = json!({
            "iss": if is(Lie::Issuer) { "https://other.example" } else { &self.issuer },
            "aud": if is(Lie::Audience) { "other" } else { "zeef" },
            "nonce": if is(Lie::Nonce) { "another".to_owned() } else { self.nonce.lock().unwrap().clone() },
            "exp": if is(Lie::Expired) { self.now.0 - 3_600 } else { self.now.0 + 300 },
            "iat": self.now.0,
            "sub": "anna",
            "preferred_username": "anna",
            "groups": "staff",
        });
        let algorithm = if is(Lie::NoAlgorithm) { "none" } else { "EdDSA" };
        let signed = format!(
            "{}.{}",
            encoded(&json!({ "alg": algorithm, "kid": "1" })),
            encoded(&body)
        );
        let key = if is(Lie::OtherKey) {
            &self.other
        } else {
            &self.published
        };
        let signature = match self.lie {
            Lie::NoAlgorithm | Lie::NotSigned => String::new(),
            _ => BASE64URL_NOPAD.encode(key.sign(signed.as_bytes()).as_ref()),
        };
        format!("{signed}.{signature}")
    }
}

async fn document(State(provider): State<Arc<False>>) -> String {
    let issuer = &provider.issuer;
    let token = match provider.lie {
        Lie::Document => "http://other.example/token".to_owned(),
        _ => format!("{issuer}/token"),
    };
    let padding = if provider.lie == Lie::HugeDocument {
        300 * 1_024
    } else {
        0
    };
    json!({
        "issuer": issuer, "authorization_endpoint": format!("{issuer}/authorize"), "token_endpoint": token,
        "jwks_uri": format!("{issuer}/keys"), "padding": " ".repeat(padding),
    })
    .to_string()
}

async fn keys(State(provider): State<Arc<False>>) -> String {
    let x = BASE64URL_NOPAD.encode(provider.published.public_key().as_ref());
    json!({ "keys": [{ "kty": "OKP", "crv": "Ed25519", "kid": "1", "x": x }] }).to_string()
}

async fn token(State(provider): State<Arc<False>>) -> String {
    json!({ "access_token": "x", "token_type": "Bearer", "id_token": provider.token() }).to_string()
}

/// A part of the address to which a browser is sent.
fn part(address: &str, name: &str) -> String {
    let rest = address.split(&format!("{name}=")).nth(1).unwrap();
    rest.split('&').next().unwrap().to_owned()
}

async fn signed_in_by(lie: Lie) -> (Installation, Answer) {
    let mut installation = Installation::new().await;
    let false_one = False::start(lie, installation.now()).await;
    let openid = openid(&installation, &false_one.issuer);
    let redirect = format!("{LOOPBACK}{PROVIDER_ANSWER}");
    installation.provider = Some(Arc::new(Provider::new(openid, redirect).unwrap()));
    let mut browser = Browser::new(&installation);
    let asked = browser.get("/sign-in/provider").await;
    if asked.status != StatusCode::SEE_OTHER {
        return (installation, asked);
    }
    let address = asked.location().to_owned();
    *false_one.nonce.lock().unwrap() = part(&address, "nonce");
    assert_eq!(part(&address, "code_challenge_method"), "S256");
    let path = format!("{PROVIDER_ANSWER}?code=1&state={}", part(&address, "state"));
    let answer = browser.get(&path).await;
    (installation, answer)
}

#[tokio::test]
async fn a_token_that_is_not_as_it_should_be_lets_nobody_in() {
    let (installation, answer) = signed_in_by(Lie::Nothing).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    assert_eq!(installation.store.users().await.unwrap().len(), 1);
    for lie in [
        Lie::Issuer,
        Lie::Audience,
        Lie::Nonce,
        Lie::Expired,
        Lie::NoAlgorithm,
        Lie::OtherKey,
        Lie::NotSigned,
    ] {
        let (installation, answer) = signed_in_by(lie).await;
        assert_eq!(answer.status, StatusCode::BAD_GATEWAY, "{lie:?}");
        assert!(answer.text().contains("does not prove who signs in"), "{lie:?}");
        assert!(installation.store.users().await.unwrap().is_empty(), "{lie:?}");
    }
}

#[tokio::test]
async fn a_document_that_leads_astray_or_does_not_end_is_not_followed() {
    for lie in [Lie::Document, Lie::HugeDocument] {
        let (_installation, answer) = signed_in_by(lie).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{lie:?}");
        assert!(answer.text().contains("cannot be reached"), "{lie:?}");
    }
}

//! A program with a token.

use std::net::SocketAddr;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;
use zeef_collector::access::{Reach, Role, Scope};
use zeef_collector::api::ROOT;
use zeef_collector::api::token::{self, Wish};
use zeef_collector::ledger::Actor;
use zeef_collector::store::api_tokens::Holder;
use zeef_collector::web::router;
use zeef_proto::id::{ApiTokenId, UserId};
use zeef_proto::time::DAY;

use crate::installation::Installation;

pub(crate) struct Program {
    app: Router,
    pub(crate) token: Option<String>,
    /// Sent with every request.
    pub(crate) headers: Vec<(&'static str, String)>,
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("{} {}", self.status, self.body))
    }

    /// The kind of a problem.
    pub(crate) fn problem(&self) -> String {
        assert_eq!(
            self.header("content-type"),
            "application/problem+json",
            "{}",
            self.body
        );
        let json = self.json();
        assert_eq!(json["status"], self.status.as_u16());
        let kind = json["type"].as_str().unwrap();
        kind.strip_prefix("urn:zeef:problem:").unwrap().to_owned()
    }
}

/// A token of a service, with all scopes.
pub(crate) async fn service(installation: &Installation, role: Role, reach: Reach) -> (ApiTokenId, String) {
    make(installation, Holder::Service(role, reach), role, &Scope::ALL).await
}

/// A token of a person, with all scopes.
pub(crate) async fn personal(installation: &Installation, user: UserId, role: Role) -> (ApiTokenId, String) {
    make(installation, Holder::Account(user), role, &Scope::ALL).await
}

/// A token.
pub(crate) async fn make(
    installation: &Installation,
    holder: Holder,
    role: Role,
    scopes: &[Scope],
) -> (ApiTokenId, String) {
    let wish = Wish {
        name: "a program".to_owned(),
        holder,
        scopes: scopes.iter().copied().collect(),
        seconds: 90 * DAY,
    };
    let (store, by) = (&*installation.store, Actor::Administrator);
    let (id, secret) = token::make(store, wish, role, by, installation.now())
        .await
        .unwrap();
    (id, secret.expose())
}

impl Program {
    pub(crate) fn new(installation: &Installation, token: Option<String>) -> Self {
        Self {
            app: router(installation.state("http://127.0.0.1:8080")),
            token,
            headers: Vec::new(),
        }
    }

    /// A program that may everything.
    pub(crate) async fn administrator(installation: &Installation) -> Self {
        let (_, token) = service(installation, Role::Administrator, Reach::All).await;
        Self::new(installation, Some(token))
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask(&Method::GET, path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.ask(&Method::POST, path, Some(body)).await
    }

    /// Without a body.
    pub(crate) async fn act(&self, path: &str) -> Answer {
        self.ask(&Method::POST, path, None).await
    }

    pub(crate) async fn ask(&self, method: &Method, path: &str, body: Option<&Value>) -> Answer {
        let mut request = Request::builder().method(method).uri(format!("{ROOT}{path}"));
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let body = match body {
            Some(body) => {
                request = request.header(header::CONTENT_TYPE, "application/json");
                Body::from(body.to_string())
            }
            None => Body::empty(),
        };
        self.send(request.body(body).unwrap()).await
    }

    pub(crate) async fn send(&self, mut request: Request<Body>) -> Answer {
        let peer: SocketAddr = "127.0.0.1:50000".parse().unwrap();
        request.extensions_mut().insert(ConnectInfo(peer));
        let response = self.app.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
        }
    }
}

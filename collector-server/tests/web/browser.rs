//! A browser without a screen: it keeps cookies, sends what browsers send, and reads pages as text.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use http::{HeaderMap, Request, StatusCode, header};
use http_body_util::BodyExt;
use tower::ServiceExt;
use zeef_collector::web::{one_time_link, router};
use zeef_proto::id::UserId;

use crate::installation::Installation;

pub(crate) const LOOPBACK: &str = "http://127.0.0.1:8080";

#[derive(Clone)]
pub(crate) struct Browser {
    app: Router,
    pub(crate) cookies: BTreeMap<String, String>,
    pub(crate) language: &'static str,
    /// `Sec-Fetch-Site` of the forms it sends.
    pub(crate) site: &'static str,
    pub(crate) peer: SocketAddr,
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn location(&self) -> &str {
        self.header("location")
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The secret that the page's forms repeat.
    pub(crate) fn form_secret(&self) -> String {
        let field = self.body.split("name=\"form\" value=\"").nth(1).unwrap();
        field.split('"').next().unwrap().to_owned()
    }

    /// Every address on the page.
    pub(crate) fn addresses(&self) -> Vec<String> {
        ["href=\"", "src=\"", "action=\""]
            .iter()
            .flat_map(|name| self.body.split(name).skip(1))
            .map(|rest| {
                rest.split('"')
                    .next()
                    .unwrap()
                    .replace("&amp;", "&")
                    .replace("&#38;", "&")
            })
            .collect()
    }

    /// Names of the devices in the list, in order.
    pub(crate) fn listed(&self) -> Vec<String> {
        let rows = self.body.split("role=\"rowheader\">").skip(1);
        rows.map(|row| text_of(row.split("</th>").next().unwrap()))
            .collect()
    }

    /// The page without its markup.
    pub(crate) fn text(&self) -> String {
        text_of(&self.body)
    }
}

fn text_of(html: &str) -> String {
    let parts = html
        .split('<')
        .map(|part| part.split_once('>').map_or(part, |(_, text)| text));
    let text: String = parts.collect();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    text.replace("&#39;", "'")
        .replace("&#34;", "\"")
        .replace("&#38;", "&")
}

impl Browser {
    pub(crate) fn new(installation: &Installation) -> Self {
        Self::at(installation, LOOPBACK)
    }

    pub(crate) fn at(installation: &Installation, public_url: &str) -> Self {
        Self {
            app: router(installation.state(public_url)),
            cookies: BTreeMap::new(),
            language: "en",
            site: "same-origin",
            peer: "127.0.0.1:50000".parse().unwrap(),
        }
    }

    /// A browser in which this person is signed in, by a one-time link.
    pub(crate) async fn signed_in(installation: &Installation, person: UserId) -> Self {
        let mut browser = Self::new(installation);
        browser.open_link(installation, person).await;
        browser
    }

    pub(crate) async fn open_link(&mut self, installation: &Installation, person: UserId) -> Answer {
        let link = one_time_link(&*installation.store, installation.now(), person, LOOPBACK)
            .await
            .unwrap();
        self.post(link.strip_prefix(LOOPBACK).unwrap(), &[]).await
    }

    /// Another window: the same application, no cookies.
    pub(crate) fn fresh(&self) -> Self {
        Self {
            cookies: BTreeMap::new(),
            ..self.clone()
        }
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.send(Request::get(path), Body::empty()).await
    }

    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", self.site);
        self.send(request, Body::from(query(fields))).await
    }

    /// Presses a button whose form has no fields, as a client does that then sends no body.
    pub(crate) async fn press(&mut self, path: &str) -> Answer {
        let request = Request::post(path).header("sec-fetch-site", self.site);
        self.send(request, Body::empty()).await
    }

    /// Fills in the search form of the inventory and follows to the list.
    pub(crate) async fn search(&mut self, fields: &[(&str, &str)]) -> Answer {
        let secret = self.get("/inventory").await.form_secret();
        let fields: Vec<_> = fields
            .iter()
            .copied()
            .chain([("form", secret.as_str())])
            .collect();
        let answer = self.post("/inventory", &fields).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
        let address = answer.location().to_owned();
        self.get(&address).await
    }

    async fn send(&mut self, request: http::request::Builder, body: Body) -> Answer {
        let cookies: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let mut request = request
            .header(header::HOST, "127.0.0.1:8080")
            .header(header::ACCEPT_LANGUAGE, self.language)
            .header(header::COOKIE, cookies.join("; "))
            .body(body)
            .unwrap();
        request.extensions_mut().insert(ConnectInfo(self.peer));
        let response = self.app.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        for cookie in parts.headers.get_all(header::SET_COOKIE) {
            let cookie = cookie.to_str().unwrap();
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            if cookie.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let body = body.collect().await.unwrap().to_bytes();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
        }
    }
}

/// Fields as a form or an address has them.
pub(crate) fn query(fields: &[(&str, &str)]) -> String {
    let pairs = fields
        .iter()
        .map(|(name, value)| format!("{name}={}", encoded(value)));
    pairs.collect::<Vec<_>>().join("&")
}

fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect()
}

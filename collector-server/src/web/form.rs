//! Forms, and the proof that a page of ours was filled in.
//!
//! A form of a signed-in person repeats the session's secret; every form must come from this origin. Cookies are
//! `SameSite=Strict` besides.

use std::sync::Arc;

use axum::Form;
use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, FromRequestParts, Request};
use data_encoding::BASE64URL_NOPAD;
use http::{HeaderMap, HeaderValue, header};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use subtle::ConstantTimeEq;

use super::failure::Failure;
use super::state::App;
use super::visit::{SignedIn, Visit};

/// A form of a signed-in person, proven to be one of ours.
pub(super) struct SignedForm<T> {
    pub(super) person: SignedIn,
    pub(super) form: T,
}

/// A form that needs no session, such as the one that signs in.
pub(super) struct OpenForm<T> {
    pub(super) visit: Visit,
    pub(super) form: T,
}

#[derive(Deserialize)]
struct Proof {
    #[serde(default)]
    form: String,
}

impl<T: DeserializeOwned> FromRequest<Arc<App>> for SignedForm<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Failure> {
        let (mut parts, body) = request.into_parts();
        if !same_origin(&parts.headers, &app.public_url) {
            return Err(Failure::Refused);
        }
        let person = SignedIn::from_request_parts(&mut parts, app).await?;
        let request = Request::from_parts(parts, body);
        let headers = request.headers().clone();
        let body = Bytes::from_request(request, app)
            .await
            .map_err(|_| Failure::Input)?;
        let proof: Proof = read(&headers, body.clone()).await?;
        if !proves(&proof.form, &person.session.form_secret) {
            return Err(Failure::Refused);
        }
        Ok(Self {
            person,
            form: read(&headers, body).await?,
        })
    }
}

impl<T: DeserializeOwned> FromRequest<Arc<App>> for OpenForm<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Failure> {
        let (parts, body) = request.into_parts();
        if !same_origin(&parts.headers, &app.public_url) {
            return Err(Failure::Refused);
        }
        let visit = Visit::of(&parts, app.secure());
        let headers = parts.headers.clone();
        let body = Bytes::from_request(Request::from_parts(parts, body), app).await;
        Ok(Self {
            visit,
            form: read(&headers, body.map_err(|_| Failure::Input)?).await?,
        })
    }
}

async fn read<T: DeserializeOwned>(headers: &HeaderMap, body: Bytes) -> Result<T, Failure> {
    let mut request = Request::post("/")
        .body(Body::from(body))
        .map_err(|_| Failure::Input)?;
    // A button without fields may come without a body, and then without its type.
    let form = HeaderValue::from_static("application/x-www-form-urlencoded");
    let kind = headers.get(header::CONTENT_TYPE).cloned().unwrap_or(form);
    request.headers_mut().insert(header::CONTENT_TYPE, kind);
    let Form(form) = Form::from_request(request, &())
        .await
        .map_err(|_| Failure::Input)?;
    Ok(form)
}

/// Whether a form field repeats the session's secret.
fn proves(field: &str, secret: &[u8; 32]) -> bool {
    BASE64URL_NOPAD
        .decode(field.as_bytes())
        .is_ok_and(|bytes| bool::from(bytes.as_slice().ct_eq(secret)))
}

/// Whether a browser says that a page of this origin sent the request: by Fetch Metadata, else by `Origin`, which
/// every browser sends with a form.
fn same_origin(headers: &HeaderMap, public_url: &str) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text(header::HeaderName::from_static("sec-fetch-site")) {
        return site == "same-origin";
    }
    let Some(origin) = text(header::ORIGIN) else {
        return false;
    };
    let host = origin.split_once("://").map(|(_, host)| host);
    origin.eq_ignore_ascii_case(public_url) || (host.is_some() && host == text(header::HOST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_of_another_origin_is_told_apart() {
        let public = "https://zeef.example";
        for (site, origin, host, expected) in [
            (Some("same-origin"), None, None, true),
            (Some("same-site"), Some("https://zeef.example"), None, false),
            (Some("cross-site"), None, None, false),
            (Some("none"), None, None, false),
            (None, Some("https://zeef.example"), None, true),
            (None, Some("http://127.0.0.1:8080"), Some("127.0.0.1:8080"), true),
            (None, Some("https://evil.example"), Some("zeef.example"), false),
            (None, Some("null"), Some("null"), false),
            (None, None, Some("zeef.example"), false),
        ] {
            let mut headers = HeaderMap::new();
            let named = [("sec-fetch-site", site), ("origin", origin), ("host", host)];
            for (name, value) in named {
                if let Some(value) = value {
                    headers.insert(name, value.parse().unwrap());
                }
            }
            assert_eq!(
                same_origin(&headers, public),
                expected,
                "{site:?} {origin:?} {host:?}"
            );
        }
    }

    #[test]
    fn only_the_sessions_own_secret_proves_a_form() {
        let secret = [7; 32];
        assert!(proves(&BASE64URL_NOPAD.encode(&secret), &secret));
        assert!(!proves(&BASE64URL_NOPAD.encode(&[8; 32]), &secret));
        assert!(!proves("", &secret));
    }
}

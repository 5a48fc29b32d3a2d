//! What goes back: JSON, with a tag by which the same need not be sent twice.

use axum::response::{IntoResponse, Response};
use data_encoding::BASE64URL_NOPAD;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use ring::hmac;
use serde::Serialize;

use super::caller::Caller;
use super::problem::Problem;

/// A body of JSON.
pub(super) struct Json<T>(pub(super) T);

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.0) {
            Ok(body) => json(body),
            Err(_) => Problem::Unavailable.into_response(),
        }
    }
}

/// Something new, with its own body.
pub(super) struct Made<T>(pub(super) T);

impl<T: Serialize> IntoResponse for Made<T> {
    fn into_response(self) -> Response {
        (StatusCode::CREATED, Json(self.0)).into_response()
    }
}

/// Written JSON.
pub(super) fn json(body: Vec<u8>) -> Response {
    let kind = HeaderValue::from_static("application/json");
    ([(header::CONTENT_TYPE, kind)], body).into_response()
}

/// One thing, or word that it is as the client has it (RFC 9110, section 13.1.2).
pub(super) fn tagged<T: Serialize>(caller: &Caller, asked: &HeaderMap, thing: &T) -> Response {
    let Ok(body) = serde_json::to_vec(thing) else {
        return Problem::Unavailable.into_response();
    };
    let tag = tag(caller, &body);
    let mut response = if has(asked, &tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        json(body)
    };
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

/// Keyed by the token: a bare hash of a few names and addresses would give them away to whoever tries all.
fn tag(caller: &Caller, body: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, caller.secret.as_bytes());
    let mut context = hmac::Context::with_key(&key);
    context.update(b"zeef api tag v1\0");
    context.update(body);
    format!("\"{}\"", BASE64URL_NOPAD.encode(&context.sign().as_ref()[..16]))
}

/// Whether the client has what the tag is of.
fn has(asked: &HeaderMap, tag: &str) -> bool {
    let lists = asked.get_all(header::IF_NONE_MATCH).iter();
    lists.filter_map(|list| list.to_str().ok()).any(|list| {
        let mut tags = list.split(',').map(str::trim);
        tags.any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag)
    })
}

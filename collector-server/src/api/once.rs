//! Requests that may be sent again: the same key and the same request get the first answer, for a day.
//!
//! An answer may hold a secret that is shown once. So it is kept sealed under a key that the token's secret and the
//! request's own key give, neither of which the store has.

use std::sync::Arc;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hmac;

use super::answer::json;
use super::caller::Caller;
use super::problem::Problem;
use super::routes::MOST_BODY;
use super::state::Api;
use crate::random;
use crate::store::api_tokens::{Once, Repeatable};

/// The header with a request's key.
pub(super) const HEADER: &str = "idempotency-key";
/// The header that says that an answer was given before.
const REPEATED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// Longest key, in characters.
const MOST_KEY: usize = 255;
/// Longest answer that is kept, in bytes; a receipt is the longest.
const MOST_ANSWER: usize = 1 << 20;

/// Gives a request with a key at most once to its handler.
pub(super) async fn once(
    State(api): State<Arc<Api>>,
    caller: Caller,
    request: Request,
    next: Next,
) -> Response {
    let Some(key) = request.headers().get(HEADER) else {
        return next.run(request).await;
    };
    let Some(keys) = Keys::of(&caller, key) else {
        let detail = format!("{HEADER} is 1 to {MOST_KEY} characters of ASCII");
        return Problem::Input(detail).into_response();
    };
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MOST_BODY).await else {
        return Problem::TooLarge.into_response();
    };
    let asked = Repeatable {
        token: caller.token,
        key_hash: keys.mark,
        body_hash: keys.of_request(parts.method.as_str(), parts.uri.path(), &body),
    };
    let request = Request::from_parts(parts, Body::from(body));
    // On its own: a client that goes away in the middle must not leave a request of which nobody knows the end.
    let done = tokio::spawn(async move { work(&api, keys, asked, request, next).await });
    match done.await {
        Ok(Ok(response)) => response,
        Ok(Err(problem)) => problem.into_response(),
        Err(_) => Problem::Unavailable.into_response(),
    }
}

async fn work(
    api: &Api,
    keys: Keys,
    asked: Repeatable,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    match api.store().begin_once(asked, api.now()).await? {
        Once::First => {}
        Once::Other => return Err(Problem::OtherRequest),
        Once::Unfinished => {
            return Err(Problem::Conflict(
                "the first request with this Idempotency-Key has not ended, or was cut off; look whether it was done, \
                 and use a new key if not"
                    .to_owned(),
            ));
        }
        Once::Answered(sealed) => return keys.open(&sealed).ok_or(Problem::Unavailable),
    }
    let (parts, body) = next.run(request).await.into_parts();
    let body = to_bytes(body, MOST_ANSWER)
        .await
        .map_err(|_| Problem::Unavailable)?;
    let answer = parts
        .status
        .is_success()
        .then(|| keys.seal(parts.status, &body))
        .flatten();
    api.store().end_once(asked, answer).await?;
    Ok(Response::from_parts(parts, Body::from(body)))
}

/// What a request's key and the token give.
struct Keys {
    /// How the store knows the request.
    mark: [u8; 32],
    requests: hmac::Key,
    answers: LessSafeKey,
}

impl Keys {
    fn of(caller: &Caller, key: &HeaderValue) -> Option<Self> {
        let key = key
            .to_str()
            .ok()
            .filter(|key| (1..=MOST_KEY).contains(&key.len()))?;
        let token = hmac::Key::new(hmac::HMAC_SHA256, caller.secret.as_bytes());
        let derived = |what: &str| {
            let mut bytes = [0; 32];
            let tag = hmac::sign(&token, format!("zeef api {what} v1\0{key}").as_bytes());
            bytes.copy_from_slice(tag.as_ref());
            bytes
        };
        let answers = UnboundKey::new(&AES_256_GCM, &derived("answer")).ok()?;
        Some(Self {
            mark: derived("mark"),
            requests: hmac::Key::new(hmac::HMAC_SHA256, &derived("request")),
            answers: LessSafeKey::new(answers),
        })
    }

    fn of_request(&self, method: &str, path: &str, body: &Bytes) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.requests);
        context.update(format!("{method} {path}\0").as_bytes());
        context.update(body);
        let mut hash = [0; 32];
        hash.copy_from_slice(context.sign().as_ref());
        hash
    }

    fn seal(&self, status: StatusCode, body: &Bytes) -> Option<Vec<u8>> {
        let nonce = random::bytes::<NONCE_LEN>();
        let mut sealed = [&status.as_u16().to_be_bytes()[..], body].concat();
        let unique = Nonce::assume_unique_for_key(nonce);
        self.answers
            .seal_in_place_append_tag(unique, Aad::empty(), &mut sealed)
            .ok()?;
        Some([&nonce[..], &sealed].concat())
    }

    fn open(&self, sealed: &[u8]) -> Option<Response> {
        let (nonce, sealed) = sealed.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut sealed = sealed.to_vec();
        let plain = self
            .answers
            .open_in_place(nonce, Aad::empty(), &mut sealed)
            .ok()?;
        let (status, body) = plain.split_first_chunk()?;
        let mut response = json(body.to_vec());
        *response.status_mut() = StatusCode::from_u16(u16::from_be_bytes(*status)).ok()?;
        response
            .headers_mut()
            .insert(REPEATED, HeaderValue::from_static("true"));
        Some(response)
    }
}

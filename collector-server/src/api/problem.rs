//! What goes wrong, as `application/problem+json` (RFC 9457). Says fields and positions, never values.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use utoipa::ToSchema;
use zeef_proto::Logged;

use crate::access::{Permission, Scope};
use crate::store::StoreError;

/// Its media type.
pub(super) const MEDIA_TYPE: &str = "application/problem+json";

/// Why a request got no other answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Problem {
    /// No token, or none that is good.
    Unauthenticated,
    /// The token may not do that.
    Forbidden(Permission),
    /// Nothing there.
    NotFound,
    /// The address does not take the method.
    Method,
    /// A parameter or the body is not as the document says.
    Input(String),
    /// The body is of another type.
    MediaType,
    /// The body is too long.
    TooLarge,
    /// A field's value is not one that can be taken.
    Field(&'static str, String),
    /// It stands in the way of something else.
    Conflict(String),
    /// The key was given with another request.
    OtherRequest,
    /// Too often; seconds until it may be tried again.
    TooMany(i64),
    /// It failed here; it was logged.
    Unavailable,
}

/// A problem, as it is written.
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub(super) struct Written {
    /// What kind of problem it is: stays the same, whatever the words.
    #[serde(rename = "type")]
    #[schema(example = "urn:zeef:problem:not-found")]
    kind: String,
    /// The kind in words.
    title: String,
    /// The status of the response.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// What happened, why, and what to do.
    detail: String,
    /// The field that is meant, where one is.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'static str>,
}

impl Problem {
    pub(super) const fn status(&self) -> StatusCode {
        match self {
            Self::Unauthenticated => StatusCode::UNAUTHORIZED,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::Input(_) => StatusCode::BAD_REQUEST,
            Self::MediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Field(..) | Self::OtherRequest => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Conflict(_) => StatusCode::CONFLICT,
            Self::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    const fn kind(&self) -> (&'static str, &'static str) {
        match self {
            Self::Unauthenticated => ("unauthenticated", "No good token"),
            Self::Forbidden(_) => ("forbidden", "Not for this token"),
            Self::NotFound => ("not-found", "Nothing there"),
            Self::Method => ("method", "Not with this method"),
            Self::Input(_) => ("input", "Not readable"),
            Self::MediaType => ("media-type", "Another type of body"),
            Self::TooLarge => ("too-large", "Too long"),
            Self::Field(..) => ("field", "Not possible"),
            Self::Conflict(_) => ("conflict", "In the way of something else"),
            Self::OtherRequest => ("other-request", "Another request had this key"),
            Self::TooMany(_) => ("too-many", "Too many requests"),
            Self::Unavailable => ("unavailable", "It failed here"),
        }
    }

    fn detail(&self) -> String {
        match self {
            Self::Unauthenticated => {
                "the request has no token that is good; send one as `Authorization: Bearer zeef_…`, and make a new one \
                 if it was revoked or has expired"
            }
            Self::Forbidden(permission) => return forbidden(*permission),
            Self::NotFound => "there is no such thing within the token's reach; look at its list",
            Self::Method => "the address does not take this method; see the header Allow",
            Self::Input(detail) | Self::Field(_, detail) | Self::Conflict(detail) => return detail.clone(),
            Self::MediaType => "the body is not said to be JSON; send it with `Content-Type: application/json`",
            Self::TooLarge => "the body is longer than 64 KiB; send less at a time",
            Self::OtherRequest => {
                "the header Idempotency-Key was given with another request before; make a new key for each request"
            }
            Self::TooMany(_) => "the token's requests of this minute are spent; go on after the time in Retry-After",
            Self::Unavailable => {
                "the collector could not do it, and nothing was changed; try again, and look at the collector's log if \
                 it stays so"
            }
        }
        .to_owned()
    }
}

fn forbidden(permission: Permission) -> String {
    let scope = Scope::ALL
        .into_iter()
        .find(|scope| scope.permission() == permission);
    let name = scope.map_or("another", Scope::name);
    format!("the token has not the scope {name}, or its role may not do this; use one that has it")
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = self.status();
        let (kind, title) = self.kind();
        let written = Written {
            kind: format!("urn:zeef:problem:{kind}"),
            title: title.to_owned(),
            status: status.as_u16(),
            detail: self.detail(),
            field: match self {
                Self::Field(field, _) => Some(field),
                _ => None,
            },
        };
        let body = serde_json::to_vec(&written).unwrap_or_default();
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        match self {
            Self::Unauthenticated => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            Self::TooMany(seconds) => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            }
            Self::Unavailable => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
            }
            _ => {}
        }
        response
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound(_) => Self::NotFound,
            StoreError::OnHold | StoreError::NameTaken(_) | StoreError::Contended => {
                Self::Conflict(error.to_string())
            }
            error => {
                tracing::error!(error = %Logged(&error), "an operation of the API failed");
                Self::Unavailable
            }
        }
    }
}

/// The problem behind a response that has no body of ours, such as one that the framework made.
pub(super) fn behind(response: &Response) -> Option<Problem> {
    let kind = response.headers().get(header::CONTENT_TYPE);
    let is_written = kind.is_some_and(|kind| kind.as_bytes() == MEDIA_TYPE.as_bytes());
    match response.status() {
        _ if is_written => None,
        StatusCode::NOT_FOUND => Some(Problem::NotFound),
        StatusCode::METHOD_NOT_ALLOWED => Some(Problem::Method),
        StatusCode::PAYLOAD_TOO_LARGE => Some(Problem::TooLarge),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Some(Problem::MediaType),
        status if status.is_client_error() => Some(Problem::Input(
            "the request cannot be read; compare it with the document".to_owned(),
        )),
        status if status.is_server_error() => Some(Problem::Unavailable),
        _ => None,
    }
}

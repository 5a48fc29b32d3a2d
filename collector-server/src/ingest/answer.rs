//! Answers: JSON, or a refusal as problem details (RFC 9457).

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use http_body_util::Full;
use serde::Serialize;
use zeef_proto::wire::{Problem, ProblemCode, Refusal, VERSION};

use super::limits::RetryAfter;
use crate::net::Body;
use crate::pki::PkiError;
use crate::store::StoreError;
use crate::store::records::Standing;

/// What a handler gives.
pub(super) type Answer = Result<Response<Body>, Refused>;

/// A store that fails for want of room may have it again in half a minute.
const RETRY_STORE: u32 = 30;

/// A request that is refused.
#[derive(Debug)]
pub(super) struct Refused {
    pub(super) code: ProblemCode,
    detail: Option<String>,
    retry_after: Option<u32>,
    close: bool,
}

impl Refused {
    pub(super) const fn new(code: ProblemCode) -> Self {
        Self {
            code,
            detail: None,
            retry_after: None,
            close: false,
        }
    }

    /// Says where in the request, or what to do; texts of our own alone.
    pub(super) fn because(code: ProblemCode, detail: impl Into<String>) -> Self {
        Self {
            detail: Some(detail.into()),
            ..Self::new(code)
        }
    }

    pub(super) const fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// The connection ends with this answer.
    pub(super) const fn and_close(mut self) -> Self {
        self.close = true;
        self
    }

    pub(super) fn into_response(self) -> Response<Body> {
        let mut response = json(&Problem::new(self.code, self.detail));
        *response.status_mut() =
            StatusCode::from_u16(self.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        if self.close {
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}

/// `200` with a message of the wire contract.
pub(super) fn json<T: Serialize>(message: &T) -> Response<Body> {
    // Messages are strings, numbers and lists of them: they always serialise.
    let body = serde_json::to_vec(message).unwrap_or_default();
    let mut response = Response::new(Full::new(Bytes::from(body)));
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// `204`.
pub(super) fn nothing() -> Response<Body> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}

/// Refuses wire versions that are not spoken here.
pub(super) fn check_wire(version: u16) -> Result<(), Refused> {
    if version == VERSION {
        Ok(())
    } else {
        Err(Refused::new(ProblemCode::WireVersion))
    }
}

/// Refuses a device that may not use the service.
pub(super) const fn check_standing(standing: Standing) -> Result<(), Refused> {
    Err(Refused::new(match standing {
        Standing::Active => return Ok(()),
        Standing::Revoked => ProblemCode::Revoked,
        Standing::Gone => ProblemCode::Gone,
        Standing::Unknown => ProblemCode::CertificateUnknown,
    }))
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self::because(ProblemCode::InvalidMessage, refusal.to_string())
    }
}

impl From<RetryAfter> for Refused {
    fn from(RetryAfter(seconds): RetryAfter) -> Self {
        Self::new(ProblemCode::TooManyRequests).retry_after(seconds)
    }
}

impl From<PkiError> for Refused {
    fn from(error: PkiError) -> Self {
        match error {
            PkiError::Request => Self::new(ProblemCode::InvalidRequest),
            PkiError::Foreign => Self::new(ProblemCode::RecoveryRefused),
            other => {
                tracing::error!(reason = %zeef_proto::Logged(&other), "a certificate could not be issued");
                Self::new(ProblemCode::Internal)
            }
        }
    }
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        tracing::error!(reason = %zeef_proto::Logged(&error), "a request failed in the store");
        match error {
            StoreError::DiskFull
            | StoreError::Busy
            | StoreError::Unreachable
            | StoreError::Refused(_)
            | StoreError::Contended
            | StoreError::Stopping => Self::new(ProblemCode::Unavailable).retry_after(RETRY_STORE),
            _ => Self::new(ProblemCode::Internal),
        }
    }
}

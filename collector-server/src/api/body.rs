//! What a request brings: parameters, parts of its address, a body.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use http::header;
use http::request::Parts;
use serde::de::DeserializeOwned;

use super::problem::Problem;
use super::state::Api;

/// The parameters after the address. What the operation does not know is refused.
pub(super) struct Parameters<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequestParts<Arc<Api>> for Parameters<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Arc<Api>) -> Result<Self, Problem> {
        let read = Query::<T>::from_request_parts(parts, api).await;
        let Query(parameters) = read.map_err(|_| {
            Problem::Input("a parameter is not one of this operation, or not of its form".to_owned())
        })?;
        Ok(Self(parameters))
    }
}

/// The ids in the address. What is no id is not there.
pub(super) struct At<T>(pub(super) T);

impl<T: DeserializeOwned + Send> FromRequestParts<Arc<Api>> for At<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Arc<Api>) -> Result<Self, Problem> {
        let read = Path::<T>::from_request_parts(parts, api).await;
        read.map(|Path(ids)| Self(ids)).map_err(|_| Problem::NotFound)
    }
}

/// A body of JSON.
pub(super) struct Body<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<Arc<Api>> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, api: &Arc<Api>) -> Result<Self, Problem> {
        let kind = request.headers().get(header::CONTENT_TYPE);
        let is_json = kind
            .and_then(|kind| kind.to_str().ok())
            .and_then(|kind| kind.split(';').next())
            .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"));
        if !is_json {
            return Err(Problem::MediaType);
        }
        let bytes = Bytes::from_request(request, api)
            .await
            .map_err(|_| Problem::TooLarge)?;
        // The parser's own words repeat what they could not read.
        serde_json::from_slice(&bytes).map(Self).map_err(|error| {
            Problem::Input(format!(
                "the body is not JSON as the document says, at line {}, column {}",
                error.line(),
                error.column()
            ))
        })
    }
}

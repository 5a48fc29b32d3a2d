//! The published policy.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::HeaderMap;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::answer::tagged;
use crate::api::caller::Caller;
use crate::api::problem::Problem;
use crate::api::state::Api;

/// The policy that is in force.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct PublishedPolicy {
    /// Its version.
    version: u64,
    /// SHA-256 of its text, in hexadecimal.
    hash: String,
    /// The text that was signed, in TOML.
    document: String,
    /// What it says: products, fields, terms, grounds, recipients.
    #[schema(value_type = Object)]
    policy: serde_json::Value,
}

/// Show the policy
#[utoipa::path(get, path = "/policy", operation_id = "showPolicy", tag = "policy",
    params(("If-None-Match" = Option<String>, Header, description = "The ETag of an earlier answer")),
    responses((status = 200, description = "The policy", body = PublishedPolicy,
               headers(("ETag" = String, description = "Changes with the answer"))),
              (status = 304, description = "As it was"),
              (status = 404, description = "None is published yet", body = crate::api::problem::Written,
               content_type = "application/problem+json")))]
pub(in crate::api) async fn show(
    State(api): State<Arc<Api>>,
    caller: Caller,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let published = api.policy().await?;
    let written = PublishedPolicy {
        version: published.policy.version,
        hash: published.signed.hash(),
        document: published.signed.document.clone(),
        policy: serde_json::json!(published.policy),
    };
    Ok(tagged(&caller, &headers, &written))
}

//! The document.

use axum::response::Response;

use crate::api::answer::Json;
use crate::api::document;
use axum::response::IntoResponse;

/// This document
#[utoipa::path(get, path = "/openapi.json", operation_id = "describe", tag = "document",
    responses((status = 200, description = "The document", body = serde_json::Value)))]
pub(in crate::api) async fn show() -> Response {
    Json(document()).into_response()
}

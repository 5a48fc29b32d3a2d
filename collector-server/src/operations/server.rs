//! `/metrics`, `/healthz` and `/readyz`.

use http::{Method, Request, Response, StatusCode};

use super::Health;
use crate::net::{Body, text};

const TEXT: &str = "text/plain; charset=utf-8";
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Answers one request of an operator's programs.
pub async fn answer<B>(health: &Health, request: &Request<B>) -> Response<Body> {
    if request.method() != Method::GET {
        return text(StatusCode::METHOD_NOT_ALLOWED, TEXT, "only GET is served here\n");
    }
    match request.uri().path() {
        "/healthz" => text(StatusCode::OK, TEXT, "alive\n"),
        "/readyz" => match health.ready().await {
            Ok(()) => text(StatusCode::OK, TEXT, "ready\n"),
            Err(reason) => text(
                StatusCode::SERVICE_UNAVAILABLE,
                TEXT,
                format!("not ready: {reason}\n"),
            ),
        },
        "/metrics" => text(StatusCode::OK, OPEN_METRICS, health.metrics().render()),
        _ => text(
            StatusCode::NOT_FOUND,
            TEXT,
            "there are /metrics, /healthz and /readyz\n",
        ),
    }
}

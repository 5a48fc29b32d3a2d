//! `/metrics`, `/healthz` and `/readyz`.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use http::{Method, Request, Response, StatusCode};
use hyper::service::service_fn;
use tokio::net::TcpListener;

use super::Health;
use crate::net::{self, Body, Slots, Stop, text};

const TEXT: &str = "text/plain; charset=utf-8";
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

const MAX_CONNECTIONS: usize = 64;
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// Serves operators' programs until the stop.
pub async fn serve(health: Arc<Health>, listener: TcpListener, stop: Stop) {
    let slots = Slots::new(MAX_CONNECTIONS);
    net::accept(listener, stop.clone(), |stream, _| {
        let Some(place) = slots.take() else { return };
        let (health, stop) = (Arc::clone(&health), stop.clone());
        tokio::spawn(async move {
            let health = health.as_ref();
            let service =
                service_fn(|request| async move { Ok::<_, Infallible>(answer(health, &request).await) });
            // How a scrape's connection ended is of no interest.
            drop(net::serve(stream, service, REQUEST_TIMEOUT, stop).await);
            drop(place);
        });
    })
    .await;
    slots.all_free().await;
}

async fn answer<B>(health: &Health, request: &Request<B>) -> Response<Body> {
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

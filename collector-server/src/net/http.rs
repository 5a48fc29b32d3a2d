//! HTTP/1.1 on one connection.

use std::pin::pin;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode, header};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::HttpService;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};

use super::patient::Patient;
use super::{Body, Stop};

/// Enough for any header that an agent or a browser sends to us; more is refused with 431.
const MAX_HEADERS: usize = 64;
const MAX_BUFFER: usize = 32 * 1024;

/// Serves requests on one connection until the peer leaves, is too slow to send headers or to take an answer, or a
/// stop lets the request in progress be the last.
///
/// # Errors
/// What ended the connection, where that was not an orderly end.
pub async fn serve<I, S>(
    stream: I,
    service: S,
    request_timeout: Duration,
    mut stop: Stop,
) -> hyper::Result<()>
where
    I: AsyncRead + AsyncWrite + Unpin,
    S: hyper::service::Service<Request<Incoming>>,
    S: HttpService<Incoming>,
    <S as HttpService<Incoming>>::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    <S as HttpService<Incoming>>::ResBody: 'static,
    <<S as HttpService<Incoming>>::ResBody as hyper::body::Body>::Error:
        Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        // Also bounds the wait for the next request on an idle connection.
        .header_read_timeout(request_timeout)
        .max_headers(MAX_HEADERS)
        .max_buf_size(MAX_BUFFER)
        // Headers and body in one TLS record.
        .writev(false)
        .serve_connection(TokioIo::new(Patient::new(stream, request_timeout)), service);
    let mut connection = pin!(connection);
    tokio::select! {
        ended = connection.as_mut() => return ended,
        () = stop.requested() => connection.as_mut().graceful_shutdown(),
    }
    connection.await
}

/// An answer of plain text.
#[must_use]
pub fn text(status: StatusCode, content_type: &'static str, text: impl Into<Bytes>) -> Response<Body> {
    let mut response = Response::new(Full::new(text.into()));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use hyper::service::service_fn;
    use tokio::io::AsyncWriteExt;

    use super::super::Stopper;
    use super::*;

    #[tokio::test]
    async fn a_peer_that_asks_and_takes_no_answer_loses_its_connection() {
        let (mut peer, ours) = tokio::io::duplex(256);
        let (_stopper, stop) = Stopper::new();
        let service =
            service_fn(async |_| Ok::<_, Infallible>(text(StatusCode::OK, "text/plain", vec![b' '; 4_096])));
        peer.write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n")
            .await
            .unwrap();
        let served = serve(ours, service, Duration::from_millis(50), stop);
        let ended = tokio::time::timeout(Duration::from_secs(20), served).await;
        assert!(ended.unwrap().is_err());
    }
}

//! The listener of the pages.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use http::{HeaderValue, Request, Response, StatusCode, header};
use hyper::body::Incoming;
use hyper::service::service_fn;
use rustls::ServerConfig;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;

use super::{StartError, forwarded};
use crate::config::WebTls;
use crate::net::{self, Shares, Slots, Stop};

const MAX_CONNECTIONS: usize = 512;
/// Several browsers of one office, six connections each.
const MAX_CONNECTIONS_PER_ADDRESS: usize = 128;
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// For a request's headers, and again for its body and its answer.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(60);

/// Reads certificate and key for pages that are served over TLS without a proxy.
pub(super) fn acceptor(files: &WebTls) -> Result<TlsAcceptor, StartError> {
    let unusable = |path: &Path| StartError::WebCertificate(path.to_owned());
    let chain = CertificateDer::pem_file_iter(&files.certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|_| unusable(&files.certificate))?;
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|_| unusable(&files.key))?;
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
        .map_err(|_| unusable(&files.certificate))?;
    Ok(Arc::new(config).into())
}

/// Serves the pages until the stop.
pub(super) async fn serve(
    router: Router,
    behind_proxy: bool,
    tls: Option<TlsAcceptor>,
    listener: TcpListener,
    stop: Stop,
) {
    // Behind a proxy all connections are the proxy's.
    let most = if behind_proxy {
        MAX_CONNECTIONS
    } else {
        MAX_CONNECTIONS_PER_ADDRESS
    };
    let (slots, shares) = (Slots::new(MAX_CONNECTIONS), Shares::new(most));
    net::accept(listener, stop.clone(), |stream, address| {
        let (Some(place), Some(share)) = (slots.take(), shares.take(address.ip())) else {
            return;
        };
        let (router, tls, stop) = (router.clone(), tls.clone(), stop.clone());
        tokio::spawn(async move {
            match tls {
                None => requests(stream, address, router, behind_proxy, REQUEST_TIMEOUT, stop).await,
                Some(tls) => {
                    if let Ok(Ok(stream)) = tokio::time::timeout(HANDSHAKE_TIMEOUT, tls.accept(stream)).await
                    {
                        requests(stream, address, router, behind_proxy, REQUEST_TIMEOUT, stop).await;
                    }
                }
            }
            drop((place, share));
        });
    })
    .await;
    slots.all_free().await;
}

async fn requests<S>(
    stream: S,
    peer: SocketAddr,
    router: Router,
    behind_proxy: bool,
    patience: Duration,
    stop: Stop,
) where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let service = service_fn(move |mut request: Request<Incoming>| {
        let client = forwarded::client(peer, request.headers(), behind_proxy);
        request.extensions_mut().insert(ConnectInfo(client));
        let answer = router.clone().oneshot(request.map(Body::new));
        async move {
            let answer = tokio::time::timeout(patience, answer).await;
            Ok::<_, Infallible>(answer.map_or_else(|_| too_slow(), |Ok(answer)| answer))
        }
    });
    // How a browser's connection ended is of no interest.
    drop(net::serve(stream, service, patience, stop).await);
}

/// Whoever sends a form byte by byte gives its place to somebody else.
fn too_slow() -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::REQUEST_TIMEOUT;
    response
        .headers_mut()
        .insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

#[cfg(test)]
mod tests {
    use axum::body::Bytes;
    use axum::routing::post;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpSocket, TcpStream};

    use super::*;
    use crate::net::Stopper;

    #[tokio::test]
    async fn a_form_that_does_not_come_gives_up_its_place() {
        let router = Router::new().route("/", post(async |_: Bytes| "read"));
        let (mut browser, ours) = tokio::io::duplex(4_096);
        let (_stopper, stop) = Stopper::new();
        let peer = ([127, 0, 0, 1], 5_000).into();
        browser
            .write_all(b"POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\nname=")
            .await
            .unwrap();
        let served = requests(ours, peer, router, false, Duration::from_millis(50), stop);
        tokio::time::timeout(Duration::from_secs(20), served)
            .await
            .unwrap();
        let mut answer = String::new();
        browser.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    }
    #[tokio::test]
    async fn one_address_cannot_keep_the_others_from_the_pages() {
        let router = Router::new().route("/", post(async || "read"));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap();
        let (_stopper, stop) = Stopper::new();
        tokio::spawn(serve(router, false, None, listener, stop));
        let mut held = Vec::new();
        for _ in 0..MAX_CONNECTIONS_PER_ADDRESS {
            held.push(connected("127.0.0.1", port).await);
        }
        assert_eq!(answered(connected("127.0.0.1", port).await).await, "");
        let other = connected("127.0.0.2", port).await;
        assert!(answered(other).await.starts_with("HTTP/1.1 200 "));
    }

    async fn connected(from: &str, to: SocketAddr) -> TcpStream {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(SocketAddr::new(from.parse().unwrap(), 0)).unwrap();
        socket.connect(to).await.unwrap()
    }

    /// What comes back until the end; nothing where the connection was closed unheard.
    async fn answered(mut stream: TcpStream) -> String {
        let mut answer = String::new();
        let ask = b"POST / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
        if stream.write_all(ask).await.is_ok() {
            // A reset says the same as an end.
            drop(stream.read_to_string(&mut answer).await);
        }
        answer
    }
}

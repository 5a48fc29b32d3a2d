//! The floor: the same TLS and HTTP libraries, the same client verification, an answer of the same size, and nothing
//! stored.

use std::convert::Infallible;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderValue, Response, header};
use http_body_util::{BodyExt, Full};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

const ANSWER: &[u8] =
    br#"{"acknowledged":1,"send_all":false,"policy":1,"products":["antivirus","rmm"],"time":1767603600}"#;

/// Serves until it is killed. `directory` holds chain.pem, key.pem and clients.pem.
pub(crate) fn serve(listen: &str, directory: &Path) {
    let config = Arc::new(tls(directory));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let listener = TcpListener::bind(listen).await.expect("the port is free");
        let acceptor = TlsAcceptor::from(config);
        loop {
            let (stream, _) = listener.accept().await.expect("a connection");
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                drop(stream.set_nodelay(true));
                let Ok(stream) = acceptor.accept(stream).await else {
                    return;
                };
                let service = service_fn(|request: http::Request<hyper::body::Incoming>| async {
                    drop(request.into_body().collect().await);
                    let mut response = Response::new(Full::new(Bytes::from_static(ANSWER)));
                    response
                        .headers_mut()
                        .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
                    Ok::<_, Infallible>(response)
                });
                drop(
                    http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), service)
                        .await,
                );
            });
        }
    });
}

fn tls(directory: &Path) -> ServerConfig {
    let certificates = |name: &str| -> Vec<CertificateDer<'static>> {
        let read = CertificateDer::pem_file_iter(directory.join(name)).expect("a PEM file");
        read.map(|certificate| certificate.expect("a certificate"))
            .collect()
    };
    let mut roots = RootCertStore::empty();
    for certificate in certificates("clients.pem") {
        roots.add(certificate).expect("a trust anchor");
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
        .build()
        .expect("a verifier");
    ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .expect("TLS 1.3")
        .with_client_cert_verifier(verifier)
        .with_single_cert(
            certificates("chain.pem"),
            PrivateKeyDer::from_pem_file(directory.join("key.pem")).expect("a key"),
        )
        .expect("the server's certificate")
}

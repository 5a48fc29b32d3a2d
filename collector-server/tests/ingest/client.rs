//! A client that can be as wrong as it likes: TLS by rustls, HTTP by hand.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use rustls::crypto::ring::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::time_provider::TimeProvider;
use rustls::{ClientConfig, RootCertStore};
use serde::de::DeserializeOwned;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use zeef_proto::Clock;
use zeef_proto::wire::{Problem, ProblemCode};

use crate::harness::HandClock;

/// What clients trust, at the time that the test says.
#[derive(Clone)]
pub(crate) struct Trust {
    root: CertificateDer<'static>,
    clock: Arc<HandClock>,
}

#[derive(Debug)]
struct HandTime(Arc<HandClock>);

impl TimeProvider for HandTime {
    fn current_time(&self) -> Option<rustls::pki_types::UnixTime> {
        let seconds = u64::try_from(self.0.now().0).ok()?;
        Some(rustls::pki_types::UnixTime::since_unix_epoch(
            std::time::Duration::from_secs(seconds),
        ))
    }
}

impl Trust {
    pub(crate) fn new(root_pem: &[u8], clock: Arc<HandClock>) -> Self {
        Self {
            root: CertificateDer::from_pem_slice(root_pem).unwrap(),
            clock,
        }
    }

    pub(crate) fn anonymous(&self) -> Arc<ClientConfig> {
        Arc::new(self.builder().with_no_client_auth())
    }

    pub(crate) fn with_certificate(
        &self,
        chain: Vec<CertificateDer<'static>>,
        key: PrivateKeyDer<'static>,
    ) -> Arc<ClientConfig> {
        Arc::new(self.builder().with_client_auth_cert(chain, key).unwrap())
    }

    fn builder(&self) -> rustls::ConfigBuilder<ClientConfig, rustls::client::WantsClientCert> {
        let mut roots = RootCertStore::empty();
        roots.add(self.root.clone()).unwrap();
        let time = Arc::new(HandTime(self.clock.clone()));
        ClientConfig::builder_with_details(Arc::new(default_provider()), time)
            .with_protocol_versions(&[&rustls::version::TLS13])
            .unwrap()
            .with_root_certificates(roots)
    }
}

/// One connection.
pub(crate) struct Client {
    stream: TlsStream<TcpStream>,
    received: Vec<u8>,
}

#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: Vec<u8>,
}

impl Response {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().skip(1).filter_map(|line| line.split_once(':'));
        lines
            .into_iter()
            .find(|(found, _)| found.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim())
    }

    /// The message in it.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> T {
        assert_eq!(self.status, 200, "{}", String::from_utf8_lossy(&self.body));
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The problem in it, which must be as the contract has it.
    pub(crate) fn problem(&self) -> Problem {
        assert_eq!(self.header("content-type"), Some("application/problem+json"));
        let problem: Problem = serde_json::from_slice(&self.body).unwrap();
        assert_eq!(problem.status, self.status);
        assert_eq!(problem.status, problem.code.status());
        problem
    }

    pub(crate) fn code(&self) -> ProblemCode {
        self.problem().code
    }
}

impl Client {
    pub(crate) async fn connect(address: SocketAddr, config: &Arc<ClientConfig>) -> io::Result<Self> {
        Self::over(TcpStream::connect(address).await?, config).await
    }

    /// TLS over a connection on which something may have been sent already.
    pub(crate) async fn over(stream: TcpStream, config: &Arc<ClientConfig>) -> io::Result<Self> {
        let name = ServerName::try_from("localhost").unwrap();
        let stream = TlsConnector::from(config.clone()).connect(name, stream).await?;
        Ok(Self {
            stream,
            received: Vec::new(),
        })
    }

    /// Whether this connection took over the session of an earlier one.
    pub(crate) fn resumed(&self) -> bool {
        self.stream.get_ref().1.handshake_kind() == Some(rustls::HandshakeKind::Resumed)
    }

    pub(crate) async fn post(&mut self, path: &str, body: &[u8]) -> io::Result<Response> {
        self.request("POST", path, body).await
    }

    pub(crate) async fn get(&mut self, path: &str) -> io::Result<Response> {
        self.request("GET", path, b"").await
    }

    pub(crate) async fn request(&mut self, method: &str, path: &str, body: &[u8]) -> io::Result<Response> {
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        self.send(&[head.as_bytes(), body].concat()).await?;
        self.response().await
    }

    pub(crate) async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes).await?;
        self.stream.flush().await
    }

    /// The next response; an error where the connection ends first.
    pub(crate) async fn response(&mut self) -> io::Result<Response> {
        let end = loop {
            if let Some(end) = self.received.windows(4).position(|window| window == b"\r\n\r\n") {
                break end;
            }
            self.receive().await?;
        };
        let head = String::from_utf8(self.received.drain(..end + 4).collect()).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let mut response = Response {
            status,
            head,
            body: Vec::new(),
        };
        let length = response
            .header("content-length")
            .map_or(0, |length| length.parse().unwrap());
        while self.received.len() < length {
            self.receive().await?;
        }
        response.body = self.received.drain(..length).collect();
        Ok(response)
    }

    /// Resolves once the collector has closed the connection.
    pub(crate) async fn closed(&mut self) {
        while self.receive().await.is_ok() {}
    }

    async fn receive(&mut self) -> io::Result<()> {
        if self.stream.read_buf(&mut self.received).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(())
    }
}

//! How a connection is begun: to whom, as whom, from where and with which TLS.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use ppp::v2::{Builder, Command, Protocol, Version};
use rustls::crypto::ring::default_provider;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::{Broken, Connection, Identity};

/// Where a collector is, and which authority it belongs to.
#[derive(Debug, Clone)]
pub struct Contact {
    /// Its port.
    pub address: SocketAddr,
    /// The name that its certificate must hold.
    pub name: String,
    /// The only authority that is trusted.
    pub root: CertificateDer<'static>,
}

/// A way of connecting, used for as many connections as are wanted. Each has a full handshake of its own.
#[derive(Clone)]
pub struct Dial {
    address: SocketAddr,
    name: ServerName<'static>,
    config: Arc<ClientConfig>,
    from: Option<IpAddr>,
    preamble: Vec<u8>,
}

impl Dial {
    /// To `contact`, with a client certificate or without.
    ///
    /// # Panics
    /// If the contact or the identity is unusable.
    #[must_use]
    pub fn new(contact: &Contact, identity: Option<&Identity>) -> Self {
        Self::with_versions(contact, identity, &[&rustls::version::TLS13])
    }

    /// As above, speaking these versions of TLS.
    ///
    /// # Panics
    /// If the contact or the identity is unusable.
    #[must_use]
    pub fn with_versions(
        contact: &Contact,
        identity: Option<&Identity>,
        versions: &[&'static SupportedProtocolVersion],
    ) -> Self {
        let mut roots = RootCertStore::empty();
        roots.add(contact.root.clone()).expect("a root certificate");
        let builder = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_protocol_versions(versions)
            .expect("known versions")
            .with_root_certificates(roots);
        let mut config = match identity {
            None => builder.with_no_client_auth(),
            Some(identity) => builder
                .with_client_auth_cert(identity.chain.clone(), identity.key.private())
                .expect("a certificate and its key"),
        };
        config.resumption = rustls::client::Resumption::disabled();
        Self {
            address: contact.address,
            name: ServerName::try_from(contact.name.clone()).expect("a server name"),
            config: Arc::new(config),
            from: None,
            preamble: Vec::new(),
        }
    }

    /// Sessions are resumed where the other side offers it.
    #[must_use]
    pub fn resuming(mut self) -> Self {
        let config = Arc::make_mut(&mut self.config);
        config.resumption = rustls::client::Resumption::in_memory_sessions(8);
        self
    }

    /// To another address, with what is known of sessions there.
    #[must_use]
    pub const fn to(mut self, address: SocketAddr) -> Self {
        self.address = address;
        self
    }

    /// From this address of this machine.
    #[must_use]
    pub const fn from(mut self, address: IpAddr) -> Self {
        self.from = Some(address);
        self
    }

    /// With these bytes before TLS begins.
    #[must_use]
    pub fn after(mut self, preamble: Vec<u8>) -> Self {
        self.preamble = preamble;
        self
    }

    /// A TCP connection, the preamble sent.
    ///
    /// # Errors
    /// Those of the network.
    pub async fn tcp(&self) -> std::io::Result<TcpStream> {
        let socket = match self.address {
            SocketAddr::V4(_) => TcpSocket::new_v4()?,
            SocketAddr::V6(_) => TcpSocket::new_v6()?,
        };
        if let Some(from) = self.from {
            socket.bind((from, 0).into())?;
        }
        let mut stream = socket.connect(self.address).await?;
        stream.set_nodelay(true)?;
        stream.write_all(&self.preamble).await?;
        Ok(stream)
    }

    /// A TLS connection. A collector refuses a client certificate after this (RFC 8446, section 4.4.2.4): the
    /// alert comes with the first read.
    ///
    /// # Errors
    /// Those of the network and of the handshake.
    pub async fn tls(&self) -> std::io::Result<TlsStream<TcpStream>> {
        self.tls_over(self.tcp().await?).await
    }

    /// [`Self::tls`] over a stream that is there already.
    ///
    /// # Errors
    /// Those of the network and of the handshake.
    pub async fn tls_over<S>(&self, stream: S) -> std::io::Result<TlsStream<S>>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        TlsConnector::from(Arc::clone(&self.config))
            .connect(self.name.clone(), stream)
            .await
    }

    /// An HTTP connection.
    ///
    /// # Errors
    /// [`Broken`].
    pub async fn connect(&self) -> Result<Connection, Broken> {
        Connection::over(self.tls().await?).await
    }
}

/// What a proxy sends before a connection that comes from `source`, an address with a port (PROXY protocol v2).
///
/// # Panics
/// If `source` is none.
#[must_use]
pub fn proxy_header(source: &str) -> Vec<u8> {
    let source: SocketAddr = source.parse().expect("an address with a port");
    let destination: SocketAddr = "192.0.2.1:8443".parse().expect("an address with a port");
    Builder::with_addresses(
        Version::Two | Command::Proxy,
        Protocol::Stream,
        (source, destination),
    )
    .build()
    .expect("a header")
}

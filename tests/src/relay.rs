//! A collector to the agent and an agent to the collector, which writes down every byte that passes between them in
//! plain text. Possible only with the installation's own issuing key, which a test has.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use rustls::ServerConfig;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::CertificateDer;
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate};
use zeef_proto::time::DAY;
use zeef_proto::{DeviceId, OrganisationId};

use crate::clock::now;
use crate::device::{Contact, Dial, Identity};
use crate::{Authority, Installation};

/// A relay before a collector.
pub struct Relay {
    address: SocketAddr,
    seen: Seen,
    task: JoinHandle<()>,
}

type Seen = Arc<Mutex<Vec<u8>>>;

struct Between {
    tls: TlsAcceptor,
    authority: Authority,
    contact: Contact,
    seen: Seen,
}

impl Relay {
    /// Starts a relay before that collector.
    ///
    /// # Panics
    /// If it cannot be started.
    pub async fn before(installation: &Installation) -> Self {
        let listener = TcpListener::bind((installation.address(), 0))
            .await
            .expect("a free port");
        let address = listener.local_addr().expect("an address");
        let contact = installation.contact();
        let authority = Authority::of(installation);
        let host = installation.address().to_string();
        let server = authority.server(&[&host], now().plus(-DAY), now().plus(DAY));
        let seen = Seen::default();
        let between = Arc::new(Between {
            tls: TlsAcceptor::from(server_config(&server, &contact)),
            authority,
            contact,
            seen: Arc::clone(&seen),
        });
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let between = Arc::clone(&between);
                // How a connection ended is seen at its two ends.
                tokio::spawn(async move { between.pass(stream).await });
            }
        });
        Self { address, seen, task }
    }

    /// Where an agent finds it.
    #[must_use]
    pub fn url(&self) -> String {
        format!("https://{}", self.address)
    }

    /// Every byte so far, of both directions.
    #[must_use]
    pub fn seen(&self) -> Vec<u8> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Between {
    async fn pass(&self, stream: TcpStream) -> std::io::Result<()> {
        let agent = self.tls.accept(stream).await?;
        let leaf = agent
            .get_ref()
            .1
            .peer_certificates()
            .and_then(|chain| chain.first());
        let identity = leaf.map(|leaf| self.stand_in_for(leaf));
        let collector = Dial::new(&self.contact, identity.as_ref()).tls().await?;
        let (from_agent, to_agent) = tokio::io::split(agent);
        let (from_collector, to_collector) = tokio::io::split(collector);
        tokio::select! {
            ended = copy(from_agent, to_collector, &self.seen) => ended,
            ended = copy(from_collector, to_agent, &self.seen) => ended,
        }
    }

    /// The agent's private key never leaves it, so the relay has a certificate of its own for the same device.
    fn stand_in_for(&self, leaf: &CertificateDer<'_>) -> Identity {
        let (organisation, device) = device_of(leaf);
        self.authority
            .device(organisation, device, now().plus(-DAY), now().plus(DAY))
    }
}

async fn copy(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    seen: &Seen,
) -> std::io::Result<()> {
    let mut buffer = vec![0; 16_384];
    loop {
        let count = from.read(&mut buffer).await?;
        if count == 0 {
            return to.shutdown().await;
        }
        seen.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend_from_slice(&buffer[..count]);
        to.write_all(&buffer[..count]).await?;
        to.flush().await?;
    }
}

fn server_config(server: &Identity, contact: &Contact) -> Arc<ServerConfig> {
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .expect("TLS 1.3")
        .with_client_cert_verifier(verifier(contact))
        .with_single_cert(server.chain.clone(), server.key.private())
        .expect("a certificate and its key");
    Arc::new(config)
}

fn verifier(contact: &Contact) -> Arc<dyn ClientCertVerifier> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(contact.root.clone()).expect("a root certificate");
    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::new(default_provider()))
        .allow_unauthenticated()
        .build()
        .expect("a verifier")
}

/// Whom a device's certificate is of.
fn device_of(leaf: &CertificateDer<'_>) -> (OrganisationId, DeviceId) {
    let (_, parsed) = X509Certificate::from_der(leaf).expect("a certificate");
    let names = parsed
        .subject_alternative_name()
        .expect("sound extensions")
        .expect("a name");
    let uri = names.value.general_names.iter().find_map(|name| match name {
        GeneralName::URI(uri) => uri.strip_prefix("zeef:device:"),
        _ => None,
    });
    let (organisation, device) = uri.and_then(|uri| uri.split_once(':')).expect("a device's name");
    (
        organisation.parse().expect("an id"),
        device.parse().expect("an id"),
    )
}

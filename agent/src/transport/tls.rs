//! TLS 1.3 with ring, our clock, and exactly one thing to trust.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use rustls::client::Resumption;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, UnixTime};
use rustls::time_provider::TimeProvider;
use rustls::{ClientConfig, RootCertStore};
use zeef_proto::Clock;

use super::first_contact::RootByFingerprint;
use super::{Credentials, ExchangeError};

/// Whom to believe.
#[derive(Clone)]
pub enum Trust {
    /// Whoever presents the root that the token names.
    FirstContact(Arc<RootByFingerprint>),
    /// The collector under this root certificate (DER).
    Root(Vec<u8>),
}

impl Trust {
    /// Trust for a first contact, and the place where it leaves the root that it found.
    #[must_use]
    pub fn by_fingerprint(fingerprint: [u8; 32]) -> (Self, Arc<RootByFingerprint>) {
        let verifier = Arc::new(RootByFingerprint::new(fingerprint, provider()));
        (Self::FirstContact(verifier.clone()), verifier)
    }
}

/// The configuration of one connection.
pub(super) fn configuration(
    trust: Trust,
    credentials: Option<&Credentials>,
    clock: Arc<dyn Clock>,
) -> Result<ClientConfig, ExchangeError> {
    let builder = ClientConfig::builder_with_details(provider(), Arc::new(OurTime(clock)))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(|_| ExchangeError::Credentials)?;
    let builder = match trust {
        Trust::FirstContact(verifier) => builder.dangerous().with_custom_certificate_verifier(verifier),
        Trust::Root(der) => {
            let mut roots = RootCertStore::empty();
            roots
                .add(CertificateDer::from(der))
                .map_err(|_| ExchangeError::Credentials)?;
            builder.with_root_certificates(roots)
        }
    };
    let mut configuration = match credentials {
        None => builder.with_no_client_auth(),
        Some(credentials) => {
            let chain = credentials
                .chain
                .iter()
                .map(|der| CertificateDer::from(der.clone()))
                .collect();
            let key = PrivatePkcs8KeyDer::from(credentials.key.expose().to_vec());
            builder
                .with_client_auth_cert(chain, PrivateKeyDer::Pkcs8(key))
                .map_err(|_| ExchangeError::Credentials)?
        }
    };
    // A connection is made a few times a day: a ticket would only take room.
    configuration.resumption = Resumption::disabled();
    Ok(configuration)
}

pub(super) fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

/// Certificates are judged by the same clock as everything else.
pub(super) struct OurTime(pub(super) Arc<dyn Clock>);

impl TimeProvider for OurTime {
    fn current_time(&self) -> Option<UnixTime> {
        let seconds = u64::try_from(self.0.now().0).ok()?;
        Some(UnixTime::since_unix_epoch(Duration::from_secs(seconds)))
    }
}

impl fmt::Debug for OurTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OurTime")
    }
}

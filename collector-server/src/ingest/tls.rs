//! TLS of the agents' port: version 1.3 alone, a client certificate where there is one, time from our clock.

use std::sync::Arc;

use rustls::crypto::ring::cipher_suite::{
    TLS13_AES_128_GCM_SHA256, TLS13_AES_256_GCM_SHA384, TLS13_CHACHA20_POLY1305_SHA256,
};
use rustls::crypto::ring::default_provider;
use rustls::server::WebPkiClientVerifier;
use rustls::time_provider::TimeProvider;
use rustls::{RootCertStore, ServerConfig};
use zeef_proto::Clock;

use super::server_certificate::ServerCertificates;
use super::tickets::Tickets;
use crate::pki::{IssuingAuthority, PkiError};
use crate::seal::SharedSecret;

/// The configuration of the agents' port.
///
/// A client certificate is asked for and may be left out, for enrolment and recovery; one that is shown must be by
/// this authority and hold now, or the handshake fails. The issuing authority is the anchor, not the root: that
/// saves a signature check on every connection, and no other authority below the root is trusted. A session may be resumed
/// at any collector that has the same secret.
///
/// # Errors
/// Those of making the server's certificate.
pub fn server_config(
    authority: &Arc<IssuingAuthority>,
    names: Vec<String>,
    tickets: SharedSecret,
    clock: &Arc<dyn Clock>,
) -> Result<Arc<ServerConfig>, PkiError> {
    let mut provider = default_provider();
    // SHA-256 is in the processor, SHA-384 is not: a handshake costs less.
    provider.cipher_suites = vec![
        TLS13_AES_128_GCM_SHA256,
        TLS13_CHACHA20_POLY1305_SHA256,
        TLS13_AES_256_GCM_SHA384,
    ];
    let provider = Arc::new(provider);
    let mut anchors = RootCertStore::empty();
    for anchor in authority.anchors() {
        anchors.add(anchor.clone()).map_err(|_| PkiError::Failed)?;
    }
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(anchors), Arc::clone(&provider))
        .allow_unauthenticated()
        // An agent has one certificate and needs no hint which to choose.
        .clear_root_hint_subjects()
        .build()
        .map_err(|_| PkiError::Failed)?;
    let certificates = ServerCertificates::new(Arc::clone(authority), names, Arc::clone(clock))?;
    let time = Arc::new(OurTime(Arc::clone(clock)));
    let mut config = ServerConfig::builder_with_details(provider, time)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(|_| PkiError::Failed)?
        .with_client_cert_verifier(verifier)
        .with_cert_resolver(Arc::new(certificates));
    config.ignore_client_order = true;
    config.ticketer = Arc::new(Tickets::new(tickets, Arc::clone(clock)));
    // Agents keep one connection; a second ticket would only cost.
    config.send_tls13_tickets = 1;
    Ok(Arc::new(config))
}

struct OurTime(Arc<dyn Clock>);

impl TimeProvider for OurTime {
    fn current_time(&self) -> Option<rustls::pki_types::UnixTime> {
        let seconds = u64::try_from(self.0.now().0).ok()?;
        Some(rustls::pki_types::UnixTime::since_unix_epoch(
            std::time::Duration::from_secs(seconds),
        ))
    }
}

impl std::fmt::Debug for OurTime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OurTime")
    }
}

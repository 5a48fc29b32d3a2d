//! The first connection of a device, which knows nothing of the collector but what the token pins.

use std::fmt;
use std::sync::{Arc, OnceLock};

use ring::digest::{SHA256, digest};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};

/// Takes, of the certificates that the server presents, the one whose SHA-256 the token names as the only root, and
/// verifies the server's chain, name and dates against it. All this is before a byte of the token is sent.
pub struct RootByFingerprint {
    fingerprint: [u8; 32],
    provider: Arc<CryptoProvider>,
    root: OnceLock<CertificateDer<'static>>,
}

impl RootByFingerprint {
    /// A verifier for one first contact.
    #[must_use]
    pub fn new(fingerprint: [u8; 32], provider: Arc<CryptoProvider>) -> Self {
        Self {
            fingerprint,
            provider,
            root: OnceLock::new(),
        }
    }

    /// The root that a verified server presented. `None` until one was.
    #[must_use]
    pub fn root(&self) -> Option<&CertificateDer<'static>> {
        self.root.get()
    }
}

impl ServerCertVerifier for RootByFingerprint {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let root = intermediates
            .iter()
            .find(|certificate| digest(&SHA256, certificate).as_ref() == self.fingerprint)
            .ok_or(Error::InvalidCertificate(
                CertificateError::ApplicationVerificationFailure,
            ))?
            .clone()
            .into_owned();
        let mut roots = RootCertStore::empty();
        roots.add(root.clone())?;
        let verified = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), self.provider.clone())
            .build()
            .map_err(|_| Error::InvalidCertificate(CertificateError::BadEncoding))?
            .verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)?;
        // A second connection of the same exchange finds it set already.
        drop(self.root.set(root));
        Ok(verified)
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(Error::PeerIncompatible(
            rustls::PeerIncompatible::Tls12NotOfferedOrEnabled,
        ))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        rustls::crypto::verify_tls13_signature(
            message,
            certificate,
            signature,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}

impl fmt::Debug for RootByFingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RootByFingerprint")
    }
}

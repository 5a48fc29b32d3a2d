//! TLS to the servers of other products: public ones, and consoles on a site that sign for themselves.

use std::fmt;
use std::sync::Arc;

use ring::digest::{SHA256, digest};
use rustls::client::Resumption;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme, version,
};
use rustls_platform_verifier::Verifier;
use zeef_proto::Clock;

use super::tls::{OurTime, provider};

/// Whom to believe.
pub(crate) enum VendorTrust {
    /// Whom this machine believes.
    System,
    /// Servers under one of these roots.
    Roots(RootCertStore),
    /// The one server whose certificate has this SHA-256, whatever its name and dates.
    Pinned([u8; 32]),
}

/// The configuration of a client without a certificate. Vendors' servers do not all speak TLS 1.3 yet.
pub(crate) fn configuration(trust: VendorTrust, clock: Arc<dyn Clock>) -> Result<ClientConfig, Error> {
    let provider = provider();
    let builder = ClientConfig::builder_with_details(provider.clone(), Arc::new(OurTime(clock)))
        .with_protocol_versions(&[&version::TLS13, &version::TLS12])?;
    let builder = match trust {
        VendorTrust::Roots(roots) => builder.with_root_certificates(roots),
        VendorTrust::System => builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Verifier::new(provider)?)),
        VendorTrust::Pinned(fingerprint) => {
            builder
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(Pinned {
                    fingerprint,
                    provider,
                }))
        }
    };
    let mut configuration = builder.with_no_client_auth();
    // One connection a round: a ticket would only take room.
    configuration.resumption = Resumption::disabled();
    Ok(configuration)
}

/// Takes the one certificate that was named, of whoever proves to have its key.
struct Pinned {
    fingerprint: [u8; 32],
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if digest(&SHA256, end_entity).as_ref() == self.fingerprint {
            Ok(ServerCertVerified::assertion())
        } else {
            Err(Error::InvalidCertificate(
                CertificateError::ApplicationVerificationFailure,
            ))
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}

impl fmt::Debug for Pinned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pinned")
    }
}

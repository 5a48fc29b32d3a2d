//! Whom the collector believes where it connects to others: this machine's authorities, or those of a file.

use std::io;
use std::path::Path;
use std::sync::Arc;

use rustls::crypto::ring::default_provider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore, version};
use rustls_platform_verifier::Verifier;

/// TLS to a server that is under one of the authorities of a PEM file, or else one that this machine believes.
///
/// # Errors
/// Those of the file, and `InvalidData` where it, or this machine, has no authority.
pub fn client(authority: Option<&Path>) -> io::Result<ClientConfig> {
    let invalid = |_| io::Error::from(io::ErrorKind::InvalidData);
    let provider = Arc::new(default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&[&version::TLS13, &version::TLS12])
        .map_err(invalid)?;
    let builder = match authority {
        Some(path) => builder.with_root_certificates(roots(path)?),
        None => {
            let verifier = Verifier::new(provider).map_err(invalid)?;
            builder
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(verifier))
        }
    };
    Ok(builder.with_no_client_auth())
}

fn roots(path: &Path) -> io::Result<RootCertStore> {
    let invalid = || io::Error::from(io::ErrorKind::InvalidData);
    let text = std::fs::read(path)?;
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&text) {
        let certificate = certificate.map_err(|_| invalid())?;
        roots.add(certificate).map_err(|_| invalid())?;
    }
    if roots.is_empty() {
        Err(invalid())
    } else {
        Ok(roots)
    }
}

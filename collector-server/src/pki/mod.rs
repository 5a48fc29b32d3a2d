//! The built-in certificate authority: a root that is kept apart signs an issuing authority, and that one signs
//! the server's and the devices' certificates. EC P-256 throughout (RFC 5480), X.509 version 3 (RFC 5280).

mod identity;
mod issuing;
mod request;
mod root;
mod validity;

pub use identity::DeviceIdentity;
pub use issuing::{DeviceCertificate, IssuingAuthority, Recognised, ServerCertificate};
pub use request::DeviceKey;
pub use root::{IssuingPem, Root, RootPem};
pub use validity::Validity;

/// What can be wrong with a certificate, a key or a request for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PkiError {
    /// Not PEM with what was expected in it.
    #[error("{0} is not a PEM file with the certificate or key that belongs there; restore it from a backup")]
    Unreadable(&'static str),
    /// A key that is not the certificate's.
    #[error("the key and the certificate of {0} do not belong together; restore both from one backup")]
    Mismatch(&'static str),
    /// A certification request that cannot be used.
    #[error("the certification request is not a self-signed PKCS#10 request for an ECDSA P-256 key")]
    Request,
    /// A certificate that this authority did not issue to a device.
    #[error("the certificate was not issued to a device by this authority")]
    Foreign,
    /// The issuing authority has lapsed or has not begun.
    #[error(
        "the issuing authority's certificate is not valid now; check the clock, or run `authority renew`"
    )]
    IssuingLapsed,
    /// A name that cannot stand in a certificate.
    #[error("a server name is neither a DNS name nor an IP address")]
    ServerName,
    /// The library failed at something that cannot fail with sound input.
    #[error("a certificate could not be made")]
    Failed,
}

zeef_proto::log_safe_by_display!(PkiError);

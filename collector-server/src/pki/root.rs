//! The root authority. Its key is used twice: when the collector is installed, and when the issuing authority is
//! renewed. In between it belongs on a medium that is kept apart.

use rcgen::{
    BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose, SerialNumber,
};
use x509_parser::prelude::{FromDer, X509Certificate};
use zeef_proto::UnixTime;
use zeroize::Zeroizing;

use super::issuing::first_certificate;
use super::{PkiError, Validity};
use crate::random;

const ROOT_DAYS: i64 = 3_653;
const ISSUING_DAYS: i64 = 731;

/// The root's certificate and key.
pub struct Root(Issuer<'static, KeyPair>);

/// The root as stored.
pub struct RootPem {
    /// Certificate, public.
    pub certificate: String,
    /// Private key, PKCS#8.
    pub key: Zeroizing<String>,
}

/// An issuing authority as stored.
pub struct IssuingPem {
    /// Certificate, public.
    pub certificate: String,
    /// Private key, PKCS#8.
    pub key: Zeroizing<String>,
}

impl Root {
    /// Makes a root that holds for ten years and may sign one level of authorities below it.
    ///
    /// # Errors
    /// [`PkiError::Failed`].
    pub fn create(now: UnixTime) -> Result<(Self, RootPem), PkiError> {
        let key = KeyPair::generate().map_err(|_| PkiError::Failed)?;
        let params = authority_params("Zeef root authority", 1, Validity::days(now, ROOT_DAYS))?;
        let certificate = params.self_signed(&key).map_err(|_| PkiError::Failed)?;
        let pem = RootPem {
            certificate: certificate.pem(),
            key: Zeroizing::new(key.serialize_pem()),
        };
        Ok((Self(Issuer::new(params, key)), pem))
    }

    /// Reads a stored root.
    ///
    /// # Errors
    /// [`PkiError::Unreadable`] or [`PkiError::Mismatch`].
    pub fn from_pem(certificate: &str, key: &str) -> Result<Self, PkiError> {
        const WHAT: &str = "the root authority";
        let der = first_certificate(certificate, WHAT)?;
        let key = KeyPair::from_pem(key).map_err(|_| PkiError::Unreadable(WHAT))?;
        let (_, parsed) = X509Certificate::from_der(&der).map_err(|_| PkiError::Unreadable(WHAT))?;
        if parsed.public_key().subject_public_key.data != key.public_key_raw() {
            return Err(PkiError::Mismatch(WHAT));
        }
        Issuer::from_ca_cert_der(&der, key)
            .map(Self)
            .map_err(|_| PkiError::Unreadable(WHAT))
    }

    /// Makes an issuing authority that holds for two years and signs no further authority.
    ///
    /// # Errors
    /// [`PkiError::Failed`].
    pub fn certify_issuing(&self, now: UnixTime) -> Result<IssuingPem, PkiError> {
        let key = KeyPair::generate().map_err(|_| PkiError::Failed)?;
        let params = authority_params("Zeef issuing authority", 0, Validity::days(now, ISSUING_DAYS))?;
        let certificate = params.signed_by(&key, &self.0).map_err(|_| PkiError::Failed)?;
        Ok(IssuingPem {
            certificate: certificate.pem(),
            key: Zeroizing::new(key.serialize_pem()),
        })
    }
}

fn authority_params(name: &str, below: u8, validity: Validity) -> Result<CertificateParams, PkiError> {
    let serial = random_serial();
    // Authorities that follow each other must not share a name: verifiers find an issuer by it.
    let mark = data_encoding::HEXLOWER.encode(&serial.to_bytes()[1..5]);
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params
        .distinguished_name
        .push(DnType::CommonName, format!("{name} {mark}"));
    params.serial_number = Some(serial);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(below));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.use_authority_key_identifier_extension = true;
    validity.write_to(&mut params)?;
    Ok(params)
}

/// 16 random bytes, positive as RFC 5280 (4.1.2.2) asks.
pub(super) fn random_serial() -> SerialNumber {
    let mut serial = random::bytes::<16>();
    serial[0] = serial[0] & 0x7f | 0x40;
    SerialNumber::from_slice(&serial)
}

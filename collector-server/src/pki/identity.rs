//! Who a device is, as its certificate says: organisation and device in one URI, `zeef:device:<uuid>:<uuid>`.

use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::FromDer;
use zeef_proto::{DeviceId, OrganisationId, UnixTime};

use super::{PkiError, Validity};

/// The identity in a device's certificate. Read from a certificate whose signature was verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeviceIdentity {
    /// Whose device.
    pub organisation: OrganisationId,
    /// Which device.
    pub device: DeviceId,
    /// When the certificate holds.
    pub validity: Validity,
}

impl DeviceIdentity {
    /// Reads the identity from a certificate in DER.
    ///
    /// # Errors
    /// [`PkiError::Foreign`] for anything but a certificate with exactly one subject alternative name, of the
    /// form above.
    pub fn from_der(der: &[u8]) -> Result<Self, PkiError> {
        let (rest, certificate) = X509Certificate::from_der(der).map_err(|_| PkiError::Foreign)?;
        if !rest.is_empty() {
            return Err(PkiError::Foreign);
        }
        Self::from_certificate(&certificate)
    }

    pub(super) fn from_certificate(certificate: &X509Certificate<'_>) -> Result<Self, PkiError> {
        let names = certificate
            .subject_alternative_name()
            .ok()
            .flatten()
            .ok_or(PkiError::Foreign)?;
        let [GeneralName::URI(uri)] = names.value.general_names.as_slice() else {
            return Err(PkiError::Foreign);
        };
        let (organisation, device) = read_uri(uri).ok_or(PkiError::Foreign)?;
        Ok(Self {
            organisation,
            device,
            validity: validity_of(certificate),
        })
    }
}

pub(super) fn validity_of(certificate: &X509Certificate<'_>) -> Validity {
    Validity {
        not_before: UnixTime(certificate.validity().not_before.timestamp()),
        not_after: UnixTime(certificate.validity().not_after.timestamp()),
    }
}

const SCHEME: &str = "zeef:device:";

pub(super) fn uri(organisation: OrganisationId, device: DeviceId) -> String {
    format!("{SCHEME}{organisation}:{device}")
}

fn read_uri(uri: &str) -> Option<(OrganisationId, DeviceId)> {
    let (organisation, device) = uri.strip_prefix(SCHEME)?.split_once(':')?;
    Some((organisation.parse().ok()?, device.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_identity_survives_its_uri_and_no_other_form_is_one() {
        let (organisation, device) = (OrganisationId::from_bytes([1; 16]), DeviceId::from_bytes([2; 16]));
        let text = uri(organisation, device);
        assert_eq!(read_uri(&text), Some((organisation, device)));
        assert_eq!(read_uri(&text.to_uppercase()), None);
        assert_eq!(read_uri(&format!("{text}:x")), None);
        assert_eq!(read_uri(&text[..text.len() - 1]), None);
        assert_eq!(read_uri("zeef:device:"), None);
    }

    proptest! {
        #[test]
        fn bytes_that_are_no_certificate_are_refused_without_panic(bytes: Vec<u8>) {
            prop_assert_eq!(DeviceIdentity::from_der(&bytes), Err(PkiError::Foreign));
        }
    }
}

//! The issuing authority: signs the certificates of the server and of devices, and knows its own again.

use rcgen::{
    CertificateParams, DistinguishedName, ExtendedKeyUsagePurpose, Issuer, KeyPair, KeyUsagePurpose, SanType,
};
use ring::digest::{SHA256, digest};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use x509_parser::prelude::{FromDer, X509Certificate};
use zeef_proto::{DeviceId, OrganisationId, UnixTime};

use super::identity::{self, DeviceIdentity};
use super::root::random_serial;
use super::{DeviceKey, PkiError, Validity};

const DEVICE_DAYS: i64 = 90;
const SERVER_DAYS: i64 = 90;
const WHAT: &str = "the issuing authority";

/// The authority that the collector runs with. The root is known by its certificate alone.
pub struct IssuingAuthority {
    issuer: Issuer<'static, KeyPair>,
    validity: Validity,
    certificate: CertificateDer<'static>,
    former: Vec<CertificateDer<'static>>,
    root: CertificateDer<'static>,
}

/// A certificate that was issued to a device.
pub struct DeviceCertificate {
    /// The device's certificate, then the issuing authority's.
    pub chain: [CertificateDer<'static>; 2],
    /// Serial number, big endian.
    pub serial: Vec<u8>,
    /// When it holds.
    pub validity: Validity,
}

/// A certificate for the agents' port, with its key.
pub struct ServerCertificate {
    /// Server, issuing authority, root: a new agent finds in it the root that its token names.
    pub chain: Vec<CertificateDer<'static>>,
    /// Private key, PKCS#8.
    pub key: PrivateKeyDer<'static>,
    /// When it holds.
    pub validity: Validity,
}

/// A certificate that this authority or a former one issued to a device; its dates may have passed.
pub struct Recognised {
    /// Whose it is.
    pub identity: DeviceIdentity,
    /// The public key's bits: an uncompressed P-256 point.
    pub public_key: Vec<u8>,
}

impl IssuingAuthority {
    /// Reads the stored authority. `issuing` holds the certificate of `key`, and former ones whose devices are still
    /// recognised.
    ///
    /// # Errors
    /// [`PkiError::Unreadable`], or [`PkiError::Mismatch`] where key, issuing certificate and root do not belong
    /// together.
    pub fn from_pem(root: &str, issuing: &str, key: &str) -> Result<Self, PkiError> {
        let root = first_certificate(root, "the root authority")?;
        let key = KeyPair::from_pem(key).map_err(|_| PkiError::Unreadable(WHAT))?;
        let mut former = CertificateDer::pem_slice_iter(issuing.as_bytes())
            .collect::<Result<Vec<_>, _>>()
            .map_err(|_| PkiError::Unreadable(WHAT))?;
        let is_of_key = |certificate: &CertificateDer<'_>| {
            parse(certificate)
                .is_ok_and(|parsed| parsed.public_key().subject_public_key.data == key.public_key_raw())
        };
        let present = match former.iter().position(is_of_key) {
            Some(present) => present,
            None if former.is_empty() => return Err(PkiError::Unreadable(WHAT)),
            None => return Err(PkiError::Mismatch(WHAT)),
        };
        let certificate = former.remove(present);
        let (parsed, parsed_root) = (parse(&certificate)?, parse(&root)?);
        for issued in std::iter::once(&certificate).chain(&former) {
            parse(issued)?
                .verify_signature(Some(parsed_root.public_key()))
                .map_err(|_| PkiError::Mismatch("the root authority"))?;
        }
        Ok(Self {
            validity: identity::validity_of(&parsed),
            issuer: Issuer::from_ca_cert_der(&certificate, key).map_err(|_| PkiError::Unreadable(WHAT))?,
            certificate: certificate.clone(),
            former,
            root,
        })
    }

    /// SHA-256 of the root certificate: what enrolment tokens carry.
    #[must_use]
    pub fn root_fingerprint(&self) -> [u8; 32] {
        let mut fingerprint = [0; 32];
        fingerprint.copy_from_slice(digest(&SHA256, &self.root).as_ref());
        fingerprint
    }

    /// When the authority itself holds; what it signs ends no later.
    #[must_use]
    pub const fn validity(&self) -> Validity {
        self.validity
    }

    /// The certificates against which devices' certificates are verified: this one, then former ones.
    pub fn anchors(&self) -> impl Iterator<Item = &CertificateDer<'static>> {
        std::iter::once(&self.certificate).chain(&self.former)
    }

    /// Issues a certificate for 90 days to a device.
    ///
    /// # Errors
    /// [`PkiError::IssuingLapsed`] or [`PkiError::Failed`].
    pub fn certify_device(
        &self,
        key: &DeviceKey,
        organisation: OrganisationId,
        device: DeviceId,
        now: UnixTime,
    ) -> Result<DeviceCertificate, PkiError> {
        let uri = identity::uri(organisation, device)
            .try_into()
            .map_err(|_| PkiError::Failed)?;
        let names = vec![SanType::URI(uri)];
        let usage = ExtendedKeyUsagePurpose::ClientAuth;
        let (params, validity) = self.leaf(names, usage, DEVICE_DAYS, now)?;
        let certificate = params
            .signed_by(key.info(), &self.issuer)
            .map_err(|_| PkiError::Failed)?;
        Ok(DeviceCertificate {
            chain: [certificate.der().clone(), self.certificate.clone()],
            serial: params
                .serial_number
                .map(|serial| serial.to_bytes())
                .unwrap_or_default(),
            validity,
        })
    }

    /// Issues a certificate for 90 days to the agents' port, for a new key.
    ///
    /// # Errors
    /// [`PkiError::ServerName`], [`PkiError::IssuingLapsed`] or [`PkiError::Failed`].
    pub fn certify_server(&self, names: &[String], now: UnixTime) -> Result<ServerCertificate, PkiError> {
        let names = CertificateParams::new(names)
            .map_err(|_| PkiError::ServerName)?
            .subject_alt_names;
        let key = KeyPair::generate().map_err(|_| PkiError::Failed)?;
        let usage = ExtendedKeyUsagePurpose::ServerAuth;
        let (params, validity) = self.leaf(names, usage, SERVER_DAYS, now)?;
        let certificate = params
            .signed_by(&key, &self.issuer)
            .map_err(|_| PkiError::Failed)?;
        Ok(ServerCertificate {
            chain: vec![
                certificate.der().clone(),
                self.certificate.clone(),
                self.root.clone(),
            ],
            key: PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
            validity,
        })
    }

    /// Knows again what this authority or a former one issued to a device, whatever its dates.
    ///
    /// # Errors
    /// [`PkiError::Foreign`].
    pub fn recognise(&self, certificate: &[u8]) -> Result<Recognised, PkiError> {
        let (rest, parsed) = X509Certificate::from_der(certificate).map_err(|_| PkiError::Foreign)?;
        let ours = rest.is_empty()
            && self.anchors().any(|anchor| {
                X509Certificate::from_der(anchor)
                    .is_ok_and(|(_, anchor)| parsed.verify_signature(Some(anchor.public_key())).is_ok())
            });
        if !ours {
            return Err(PkiError::Foreign);
        }
        Ok(Recognised {
            identity: DeviceIdentity::from_certificate(&parsed)?,
            public_key: parsed.public_key().subject_public_key.data.to_vec(),
        })
    }

    fn leaf(
        &self,
        names: Vec<SanType>,
        usage: ExtendedKeyUsagePurpose,
        days: i64,
        now: UnixTime,
    ) -> Result<(CertificateParams, Validity), PkiError> {
        if !self.validity.holds_at(now) {
            return Err(PkiError::IssuingLapsed);
        }
        let validity = Validity::days(now, days).within(self.validity);
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        params.subject_alt_names = names;
        params.serial_number = Some(random_serial());
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![usage];
        params.use_authority_key_identifier_extension = true;
        validity.write_to(&mut params)?;
        Ok((params, validity))
    }
}

fn parse<'a>(der: &'a CertificateDer<'_>) -> Result<X509Certificate<'a>, PkiError> {
    X509Certificate::from_der(der)
        .map(|(_, parsed)| parsed)
        .map_err(|_| PkiError::Unreadable(WHAT))
}

pub(super) fn first_certificate(pem: &str, what: &'static str) -> Result<CertificateDer<'static>, PkiError> {
    CertificateDer::from_pem_slice(pem.as_bytes()).map_err(|_| PkiError::Unreadable(what))
}

#[cfg(test)]
mod tests {
    use super::super::Root;
    use super::*;

    const NOW: UnixTime = UnixTime(1_772_357_400);
    const DAY: i64 = zeef_proto::time::DAY;
    const ORGANISATION: OrganisationId = OrganisationId::from_bytes([1; 16]);
    const DEVICE: DeviceId = DeviceId::from_bytes([2; 16]);

    fn authority() -> (Root, IssuingAuthority) {
        let (root, pem) = Root::create(NOW).unwrap();
        let issuing = root.certify_issuing(NOW).unwrap();
        let authority =
            IssuingAuthority::from_pem(&pem.certificate, &issuing.certificate, &issuing.key).unwrap();
        (root, authority)
    }

    fn device_key() -> DeviceKey {
        let key = KeyPair::generate().unwrap();
        let request = CertificateParams::default().serialize_request(&key).unwrap();
        DeviceKey::from_request(request.der()).unwrap()
    }

    #[test]
    fn a_device_certificate_names_its_device_for_ninety_days() {
        let (_, authority) = authority();
        let issued = authority
            .certify_device(&device_key(), ORGANISATION, DEVICE, NOW)
            .unwrap();
        let recognised = authority.recognise(&issued.chain[0]).unwrap().identity;
        assert_eq!(
            (recognised.organisation, recognised.device),
            (ORGANISATION, DEVICE)
        );
        assert_eq!(recognised.validity, issued.validity);
        assert_eq!(DeviceIdentity::from_der(&issued.chain[0]), Ok(recognised));
        assert_eq!(issued.serial.len(), 16);
        assert!(recognised.validity.holds_at(NOW));
        assert!(!recognised.validity.holds_at(NOW.plus(90 * DAY + 1)));
        assert!(!recognised.validity.holds_at(NOW.plus(-301)));
    }

    #[test]
    fn another_authoritys_certificate_is_not_recognised() {
        let (ours, theirs) = (authority().1, authority().1);
        let issued = theirs
            .certify_device(&device_key(), ORGANISATION, DEVICE, NOW)
            .unwrap();
        assert_eq!(ours.recognise(&issued.chain[0]).err(), Some(PkiError::Foreign));
    }

    #[test]
    fn a_server_certificate_is_no_devices() {
        let (_, authority) = authority();
        let server = authority
            .certify_server(&["collector.example".to_owned()], NOW)
            .unwrap();
        assert_eq!(
            authority.recognise(&server.chain[0]).err(),
            Some(PkiError::Foreign)
        );
    }

    #[test]
    fn nothing_outlives_its_authority_and_a_lapsed_one_issues_nothing() {
        let (_, authority) = authority();
        let end = authority.validity().not_after;
        let late = authority
            .certify_device(&device_key(), ORGANISATION, DEVICE, end.plus(-DAY))
            .unwrap();
        assert_eq!(late.validity.not_after, end);
        let lapsed = authority.certify_device(&device_key(), ORGANISATION, DEVICE, end.plus(1));
        assert_eq!(lapsed.err(), Some(PkiError::IssuingLapsed));
    }

    #[test]
    fn a_renewed_authority_recognises_what_the_former_one_issued() {
        let (root, pem) = Root::create(NOW).unwrap();
        let first = root.certify_issuing(NOW).unwrap();
        let former = IssuingAuthority::from_pem(&pem.certificate, &first.certificate, &first.key).unwrap();
        let issued = former
            .certify_device(&device_key(), ORGANISATION, DEVICE, NOW)
            .unwrap();
        let stored = Root::from_pem(&pem.certificate, &pem.key).unwrap();
        let second = stored.certify_issuing(NOW.plus(600 * DAY)).unwrap();
        let both = second.certificate.clone() + &first.certificate;
        let renewed = IssuingAuthority::from_pem(&pem.certificate, &both, &second.key).unwrap();
        assert!(renewed.recognise(&issued.chain[0]).is_ok());
        assert_eq!(renewed.root_fingerprint(), former.root_fingerprint());
    }

    #[test]
    fn files_that_do_not_belong_together_are_refused() {
        let (root, pem) = Root::create(NOW).unwrap();
        let (_, other_pem) = Root::create(NOW).unwrap();
        let issuing = root.certify_issuing(NOW).unwrap();
        let other = root.certify_issuing(NOW).unwrap();
        let read = |root: &str, certificate: &str, key: &str| {
            IssuingAuthority::from_pem(root, certificate, key).err()
        };
        assert!(matches!(
            read(&pem.certificate, &issuing.certificate, &other.key),
            Some(PkiError::Mismatch(_))
        ));
        assert!(matches!(
            read(&other_pem.certificate, &issuing.certificate, &issuing.key),
            Some(PkiError::Mismatch(_))
        ));
        assert!(matches!(
            read(&pem.certificate, "", &issuing.key),
            Some(PkiError::Unreadable(_))
        ));
        assert!(Root::from_pem(&pem.certificate, &other_pem.key).is_err());
    }
}

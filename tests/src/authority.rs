//! Certificates that the collector would not issue: with the issuing key of an installation, or of a stranger.

use rcgen::string::Ia5String;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, SanType,
};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use time::OffsetDateTime;
use zeef_proto::{DeviceId, OrganisationId, UnixTime};

use crate::Installation;
use crate::device::{DeviceKey, Identity};

/// An issuing authority with its key.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    /// Its certificate and those above it, the root last.
    above: Vec<CertificateDer<'static>>,
}

impl Authority {
    /// The authority of an installation.
    ///
    /// # Panics
    /// If its files are not there.
    #[must_use]
    pub fn of(installation: &Installation) -> Self {
        let folder = installation.file("authority");
        let read = |file: &str| std::fs::read_to_string(folder.join(file)).expect("a file of the authority");
        let key = KeyPair::from_pem(&read("issuing.key")).expect("a key");
        let certificate =
            |file| CertificateDer::from_pem_slice(read(file).as_bytes()).expect("a certificate");
        let (issuing, root) = (certificate("issuing.pem"), certificate("root.pem"));
        Self {
            issuer: Issuer::from_ca_cert_der(&issuing, key).expect("an authority"),
            above: vec![issuing, root],
        }
    }

    /// An authority that no collector knows, which calls itself as that of the installation does.
    ///
    /// # Panics
    /// If it cannot be made.
    #[must_use]
    pub fn stranger(alike: &Installation) -> Self {
        let path = alike.file("authority/issuing.pem");
        let model = CertificateDer::from_pem_file(path).expect("a certificate");
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::default();
        params.distinguished_name = name_of(&model);
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let certificate = params.self_signed(&key).expect("a certificate");
        Self {
            above: vec![certificate.der().clone()],
            issuer: Issuer::new(params, key),
        }
    }

    /// A device's certificate for a new key.
    ///
    /// # Panics
    /// If it cannot be made.
    #[must_use]
    pub fn device(
        &self,
        organisation: OrganisationId,
        device: DeviceId,
        not_before: UnixTime,
        not_after: UnixTime,
    ) -> Identity {
        let uri = format!("zeef:device:{organisation}:{device}");
        let uri = SanType::URI(Ia5String::try_from(uri).expect("ASCII"));
        let mut identity = self.issue(
            vec![uri],
            ExtendedKeyUsagePurpose::ClientAuth,
            not_before,
            not_after,
        );
        // As the collector hands it out: without the root.
        identity.chain.truncate(2);
        identity
    }

    /// A server's certificate for these names or addresses.
    ///
    /// # Panics
    /// If it cannot be made.
    #[must_use]
    pub fn server(&self, names: &[&str], not_before: UnixTime, not_after: UnixTime) -> Identity {
        let name = |name: &&str| match name.parse() {
            Ok(address) => SanType::IpAddress(address),
            Err(_) => SanType::DnsName(Ia5String::try_from(*name).expect("ASCII")),
        };
        let names = names.iter().map(name).collect();
        self.issue(names, ExtendedKeyUsagePurpose::ServerAuth, not_before, not_after)
    }

    fn issue(
        &self,
        names: Vec<SanType>,
        usage: ExtendedKeyUsagePurpose,
        not_before: UnixTime,
        not_after: UnixTime,
    ) -> Identity {
        let key = DeviceKey::generate();
        let mut params = CertificateParams::default();
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.subject_alt_names = names;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![usage];
        params.use_authority_key_identifier_extension = true;
        params.not_before = date(not_before);
        params.not_after = date(not_after);
        let certificate = params.signed_by(key.pair(), &self.issuer).expect("a certificate");
        let mut chain = vec![certificate.der().clone()];
        chain.extend(self.above.iter().cloned());
        Identity { key, chain }
    }
}

fn name_of(certificate: &CertificateDer<'_>) -> rcgen::DistinguishedName {
    use x509_parser::prelude::{FromDer, X509Certificate};
    let (_, parsed) = X509Certificate::from_der(certificate).expect("a certificate");
    let common = parsed.subject().iter_common_name().next().expect("a name");
    let mut name = rcgen::DistinguishedName::new();
    name.push(DnType::CommonName, common.as_str().expect("text"));
    name
}

fn date(instant: UnixTime) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(instant.0).expect("a date")
}

//! A collector's certificates: root, issuing authority, server and devices.

use data_encoding::BASE64URL_NOPAD;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, PKCS_ECDSA_P256_SHA256, PublicKeyData, SignatureAlgorithm, date_time_ymd,
};
use ring::digest::{SHA256, digest};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use zeef_proto::UnixTime;
use zeef_proto::time::DAY;
use zeef_proto::wire::RenewalReply;

pub(crate) struct Authority {
    root: CertifiedIssuer<'static, KeyPair>,
    issuing: CertifiedIssuer<'static, KeyPair>,
}

/// What a server presents.
pub(crate) struct ServerIdentity {
    pub(crate) chain: Vec<CertificateDer<'static>>,
    pub(crate) key: PrivateKeyDer<'static>,
}

/// When a certificate is valid.
#[derive(Clone, Copy)]
pub(crate) enum Validity {
    Now,
    Past,
    Future,
}

impl Validity {
    const fn years(self) -> (i32, i32) {
        match self {
            Self::Now => (1980, 4000),
            Self::Past => (1980, 1990),
            Self::Future => (3990, 4000),
        }
    }
}

fn authority_parameters(name: &str) -> CertificateParams {
    let mut parameters = CertificateParams::default();
    parameters.distinguished_name = DistinguishedName::new();
    parameters
        .distinguished_name
        .push(rcgen::DnType::CommonName, name);
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    parameters
}

impl Authority {
    pub(crate) fn new() -> Self {
        let key = || KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
        let root = CertifiedIssuer::self_signed(authority_parameters("root"), key()).unwrap();
        let issuing = CertifiedIssuer::signed_by(authority_parameters("issuing"), key(), &root).unwrap();
        Self { root, issuing }
    }

    pub(crate) fn root(&self) -> Vec<u8> {
        self.root.der().to_vec()
    }

    pub(crate) fn fingerprint(&self) -> [u8; 32] {
        digest(&SHA256, self.root.der()).as_ref().try_into().unwrap()
    }

    pub(crate) fn server(&self, name: &str, validity: Validity) -> ServerIdentity {
        self.identity(name, validity, ExtendedKeyUsagePurpose::ServerAuth)
    }

    /// A certificate as devices have it, with a name that the collector has.
    pub(crate) fn device_named(&self, name: &str) -> ServerIdentity {
        self.identity(name, Validity::Now, ExtendedKeyUsagePurpose::ClientAuth)
    }

    fn identity(&self, name: &str, validity: Validity, usage: ExtendedKeyUsagePurpose) -> ServerIdentity {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
        let mut parameters = CertificateParams::new(vec![name.to_owned()]).unwrap();
        parameters.extended_key_usages = vec![usage];
        let (from, until) = validity.years();
        parameters.not_before = date_time_ymd(from, 1, 1);
        parameters.not_after = date_time_ymd(until, 1, 1);
        let certificate = parameters.signed_by(&key, &self.issuing).unwrap();
        ServerIdentity {
            chain: vec![
                certificate.der().clone(),
                self.issuing.der().clone(),
                self.root.der().clone(),
            ],
            key: PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
        }
    }

    /// A device's certificate for the key in a certification request (base64url).
    pub(crate) fn device(&self, request: &str, now: UnixTime) -> RenewalReply {
        self.device_within(request, now, Validity::Now)
    }

    pub(crate) fn device_within(&self, request: &str, now: UnixTime, validity: Validity) -> RenewalReply {
        let request = BASE64URL_NOPAD.decode(request.as_bytes()).unwrap();
        let mut parameters = CertificateParams::default();
        parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        let (from, until) = validity.years();
        parameters.not_before = date_time_ymd(from, 1, 1);
        parameters.not_after = date_time_ymd(until, 1, 1);
        let key = PointOfRequest::find(&request);
        let certificate = parameters.signed_by(&key, &self.issuing).unwrap();
        let encode = |der: &[u8]| BASE64URL_NOPAD.encode(der);
        RenewalReply {
            chain: vec![encode(certificate.der()), encode(self.issuing.der())],
            renew_after: now.plus(45 * DAY),
            not_after: now.plus(90 * DAY),
        }
    }
}

/// The public key in a certification request (base64url), as an uncompressed point.
pub(crate) fn public_key(request: &str) -> Vec<u8> {
    PointOfRequest::find(&BASE64URL_NOPAD.decode(request.as_bytes()).unwrap()).0
}

/// The public key of a request, found by the bytes that come before every key of its kind.
struct PointOfRequest(Vec<u8>);

impl PointOfRequest {
    fn find(request: &[u8]) -> Self {
        const BEFORE: [u8; 10] = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42];
        const POINT: usize = 65;
        let at = request
            .windows(BEFORE.len())
            .position(|window| window == BEFORE)
            .unwrap();
        let start = at + BEFORE.len() + 1;
        Self(request[start..start + POINT].to_vec())
    }
}

impl PublicKeyData for PointOfRequest {
    fn der_bytes(&self) -> &[u8] {
        &self.0
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_ECDSA_P256_SHA256
    }
}

//! A device's key, and the certificate for it.

use data_encoding::{BASE64, BASE64URL_NOPAD};
use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use zeef_proto::wire::RenewalReply;

/// An EC P-256 key.
pub struct DeviceKey(KeyPair);

impl DeviceKey {
    /// A new key.
    ///
    /// # Panics
    /// If the system gives no random bytes.
    #[must_use]
    pub fn generate() -> Self {
        Self(KeyPair::generate().expect("a key"))
    }

    /// A key that was kept: PKCS#8 in DER. `None` where it is none.
    #[must_use]
    pub fn from_der(der: &[u8]) -> Option<Self> {
        let der = PrivatePkcs8KeyDer::from(der);
        KeyPair::from_pkcs8_der_and_sign_algo(&der, &PKCS_ECDSA_P256_SHA256)
            .ok()
            .map(Self)
    }

    /// A certification request for it, as sent: DER in base64url.
    ///
    /// # Panics
    /// Never with a sound key.
    #[must_use]
    pub fn request(&self) -> String {
        let request = CertificateParams::default()
            .serialize_request(&self.0)
            .expect("a request");
        BASE64URL_NOPAD.encode(request.der())
    }

    /// The private key.
    #[must_use]
    pub fn private(&self) -> PrivateKeyDer<'static> {
        PrivatePkcs8KeyDer::from(self.0.serialize_der()).into()
    }

    /// The pair, to certify or to sign with.
    #[must_use]
    pub const fn pair(&self) -> &KeyPair {
        &self.0
    }

    /// Signs as in a recovery: ECDSA P-256 with SHA-256, ASN.1 form, in base64url.
    ///
    /// # Panics
    /// Never with a sound key.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> String {
        use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair};
        let random = ring::rand::SystemRandom::new();
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, self.0.serialized_der(), &random)
            .expect("an EC P-256 key");
        BASE64URL_NOPAD.encode(key.sign(&random, message).expect("a signature").as_ref())
    }
}

impl Clone for DeviceKey {
    fn clone(&self) -> Self {
        Self(KeyPair::try_from(self.0.serialized_der()).expect("a key survives its encoding"))
    }
}

/// A key and a certificate chain for it.
#[derive(Clone)]
pub struct Identity {
    /// The key.
    pub key: DeviceKey,
    /// The device's certificate, then the issuing one.
    pub chain: Vec<CertificateDer<'static>>,
}

impl Identity {
    /// Of a certificate that was issued.
    ///
    /// # Panics
    /// If the reply is not in the form of the contract.
    #[must_use]
    pub fn issued(key: DeviceKey, reply: &RenewalReply) -> Self {
        let decode = |text: &String| {
            CertificateDer::from(
                BASE64URL_NOPAD
                    .decode(text.as_bytes())
                    .expect("base64url without padding"),
            )
        };
        Self {
            key,
            chain: reply.chain.iter().map(decode).collect(),
        }
    }

    /// The certificates as a file has them (RFC 7468).
    #[must_use]
    pub fn chain_pem(&self) -> String {
        let chain = self.chain.iter();
        chain
            .map(|der| {
                let text = BASE64.encode(der);
                let lines: String = text
                    .as_bytes()
                    .chunks(64)
                    .map(|line| String::from_utf8_lossy(line) + "\n")
                    .collect();
                format!("-----BEGIN CERTIFICATE-----\n{lines}-----END CERTIFICATE-----\n")
            })
            .collect()
    }
}

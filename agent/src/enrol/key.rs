//! Keys are made on this device and never leave it; what leaves is a request that proves them.

use data_encoding::BASE64URL_NOPAD;
use rcgen::{CertificateParams, DistinguishedName, KeyPair, PKCS_ECDSA_P256_SHA256};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair};

use crate::state::SecretKey;
use crate::transport::ExchangeError;

/// A new ECDSA P-256 key.
///
/// # Panics
/// If the operating system has no randomness to give: nothing safe can be done then.
#[must_use]
pub fn new_key() -> SecretKey {
    #[expect(clippy::expect_used, reason = "without randomness no key may be made")]
    let key = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &SystemRandom::new())
        .expect("the operating system gives random bytes");
    SecretKey::new(key.as_ref().to_vec())
}

/// A certification request (PKCS#10 in DER, base64url) for `key`. It names nothing: the collector decides what the
/// certificate says.
///
/// # Errors
/// [`ExchangeError::Credentials`] where the key cannot be used.
pub(super) fn certification_request(key: &SecretKey) -> Result<String, ExchangeError> {
    let unusable = |_| ExchangeError::Credentials;
    let der = rustls::pki_types::PrivatePkcs8KeyDer::from(key.expose());
    let pair = KeyPair::from_pkcs8_der_and_sign_algo(&der, &PKCS_ECDSA_P256_SHA256).map_err(unusable)?;
    let mut parameters = CertificateParams::default();
    parameters.distinguished_name = DistinguishedName::new();
    let request = parameters.serialize_request(&pair).map_err(unusable)?;
    Ok(BASE64URL_NOPAD.encode(request.der()))
}

/// Signs with `key`: ECDSA P-256 with SHA-256, ASN.1 form, base64url.
///
/// # Errors
/// [`ExchangeError::Credentials`] where the key cannot be used.
pub(super) fn sign(key: &SecretKey, message: &[u8]) -> Result<String, ExchangeError> {
    let random = SystemRandom::new();
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, key.expose(), &random)
        .map_err(|_| ExchangeError::Credentials)?;
    let signature = pair
        .sign(&random, message)
        .map_err(|_| ExchangeError::Credentials)?;
    Ok(BASE64URL_NOPAD.encode(signature.as_ref()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_key_signs_and_requests_and_two_are_never_alike() {
        let key = new_key();
        assert!(key != new_key());
        assert!(certification_request(&key).is_ok());
        assert!(sign(&key, b"message").is_ok());
        assert!(certification_request(&SecretKey::new(vec![1, 2, 3])).is_err());
    }
}

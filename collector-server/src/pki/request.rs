//! Certification requests (PKCS#10, RFC 2986): only the key is taken from them, once its possession is proven.

use rcgen::{PublicKeyData, SubjectPublicKeyInfo};
use ring::digest::{SHA256, digest};
use x509_parser::certification_request::X509CertificationRequest;
use x509_parser::prelude::FromDer;

use super::PkiError;

/// A device's public key, ECDSA P-256, whose private half signed the request that it came in.
pub struct DeviceKey(SubjectPublicKeyInfo);

impl DeviceKey {
    /// Takes the key from a request in DER. Subject and extensions are ignored: the authority alone decides what
    /// stands in a certificate.
    ///
    /// # Errors
    /// [`PkiError::Request`] for another kind of key, a signature that does not hold, or anything that is no
    /// request.
    pub fn from_request(der: &[u8]) -> Result<Self, PkiError> {
        let (rest, request) = X509CertificationRequest::from_der(der).map_err(|_| PkiError::Request)?;
        if !rest.is_empty() {
            return Err(PkiError::Request);
        }
        let key = SubjectPublicKeyInfo::from_der(request.certification_request_info.subject_pki.raw)
            .map_err(|_| PkiError::Request)?;
        if *key.algorithm() != rcgen::PKCS_ECDSA_P256_SHA256 {
            return Err(PkiError::Request);
        }
        // Checks the point as well: one that is not on the curve verifies nothing.
        request.verify_signature().map_err(|_| PkiError::Request)?;
        Ok(Self(key))
    }

    /// SHA-256 of the key's canonical SubjectPublicKeyInfo: by it a device is known again.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        let mut hash = [0; 32];
        hash.copy_from_slice(digest(&SHA256, &self.0.subject_public_key_info()).as_ref());
        hash
    }

    pub(super) const fn info(&self) -> &SubjectPublicKeyInfo {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rcgen::{CertificateParams, KeyPair};

    use super::*;

    fn request(key: &KeyPair) -> Vec<u8> {
        let params = CertificateParams::new(["evil.example".to_owned()]).unwrap();
        params.serialize_request(key).unwrap().der().to_vec()
    }

    #[test]
    fn a_request_gives_its_key_and_the_same_key_the_same_hash() {
        let key = KeyPair::generate().unwrap();
        let first = DeviceKey::from_request(&request(&key)).unwrap().hash();
        let again = DeviceKey::from_request(&request(&key)).unwrap().hash();
        assert_eq!(first, again);
        let other = request(&KeyPair::generate().unwrap());
        assert_ne!(first, DeviceKey::from_request(&other).unwrap().hash());
    }

    #[test]
    fn other_kinds_of_key_are_refused() {
        for algorithm in [&rcgen::PKCS_ED25519, &rcgen::PKCS_ECDSA_P384_SHA384] {
            let key = KeyPair::generate_for(algorithm).unwrap();
            assert_eq!(
                DeviceKey::from_request(&request(&key)).err(),
                Some(PkiError::Request)
            );
        }
    }

    #[test]
    fn a_request_followed_by_more_is_refused() {
        let mut bytes = request(&KeyPair::generate().unwrap());
        bytes.push(0);
        assert!(DeviceKey::from_request(&bytes).is_err());
    }

    proptest! {
        #[test]
        fn bytes_that_are_no_request_are_refused_without_panic(bytes: Vec<u8>) {
            prop_assert!(DeviceKey::from_request(&bytes).is_err());
        }

        #[test]
        fn a_changed_bit_never_yields_another_key(at: prop::sample::Index, bit in 0..8u8) {
            let key = KeyPair::generate().unwrap();
            let whole = request(&key);
            let mut bytes = whole.clone();
            let at = at.index(bytes.len());
            bytes[at] ^= 1 << bit;
            // A few bits of the encoding say nothing; the key is the same then.
            if let Ok(read) = DeviceKey::from_request(&bytes) {
                prop_assert_eq!(read.hash(), DeviceKey::from_request(&whole).unwrap().hash());
            }
        }
    }
}

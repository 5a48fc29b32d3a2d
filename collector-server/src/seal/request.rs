//! The key of what is said in a request. It is made of the organisation's key and goes with that.

use ring::aead::{AES_256_GCM, LessSafeKey, UnboundKey};
use ring::hkdf::{HKDF_SHA256, Salt};
use zeef_proto::OrganisationId;
use zeef_proto::id::RequestId;

use super::SealError;
use super::key::{open, seal};

/// Separates these keys from whatever else may be made of an organisation's key by HKDF.
const SALT: &[u8] = b"zeef requests";

/// Seals the texts of one request.
pub struct RequestKey(LessSafeKey);

impl RequestKey {
    /// The key of a request, from its organisation's (HKDF, RFC 5869).
    #[must_use]
    pub fn of(organisation_key: &[u8; 32], organisation: OrganisationId, request: RequestId) -> Self {
        let secret = Salt::new(HKDF_SHA256, SALT).extract(organisation_key);
        let info = [&organisation.as_bytes()[..], request.as_bytes()];
        #[expect(
            clippy::expect_used,
            reason = "HKDF gives up to 255 times 32 bytes, and 32 are asked for"
        )]
        let key = secret
            .expand(&info, &AES_256_GCM)
            .map(UnboundKey::from)
            .expect("HKDF gives 32 bytes");
        Self(LessSafeKey::new(key))
    }

    /// Seals a text that opens in no other part of the request.
    #[must_use]
    pub fn seal(&self, part: &[u8], text: &str) -> Vec<u8> {
        seal(&self.0, part, text.as_bytes())
    }

    /// Opens what [`Self::seal`] gave for the same part.
    ///
    /// # Errors
    /// [`SealError::Open`] for another key, another part or changed bytes.
    pub fn open(&self, part: &[u8], sealed: &[u8]) -> Result<String, SealError> {
        let plain = open(&self.0, part, sealed).ok_or(SealError::Open)?;
        String::from_utf8(plain.to_vec()).map_err(|_| SealError::Open)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_opens_in_its_own_part_of_its_own_request_alone() {
        let key = |organisation_key: u8, organisation: u8, request: u8| {
            let organisation = OrganisationId::from_bytes([organisation; 16]);
            RequestKey::of(
                &[organisation_key; 32],
                organisation,
                RequestId::from_bytes([request; 16]),
            )
        };
        let sealed = key(1, 2, 3).seal(b"details", "J. Jansen");
        assert_eq!(key(1, 2, 3).open(b"details", &sealed), Ok("J. Jansen".to_owned()));
        assert!(key(1, 2, 3).open(b"task", &sealed).is_err());
        for other in [key(9, 2, 3), key(1, 9, 3), key(1, 2, 9)] {
            assert!(other.open(b"details", &sealed).is_err());
        }
    }
}

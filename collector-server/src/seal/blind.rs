//! Keyed digests: equality can be asked of the database without telling it the value.

use ring::hmac::{HMAC_SHA256, Key, sign};
use zeef_proto::field::Field;

/// 128 bits of an HMAC-SHA-256.
pub type Digest16 = [u8; 16];

/// Makes blind-index entries and check values. One per organisation, and one per installation.
#[derive(Clone)]
pub struct BlindKey(Key);

impl BlindKey {
    /// Takes the raw bytes.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        Self(Key::new(HMAC_SHA256, bytes))
    }

    /// The blind-index entry of a value in its matching form.
    #[must_use]
    pub fn value(&self, field: Field, matching_form: &str) -> Digest16 {
        self.digest(&[b"value", field.name().as_bytes(), matching_form.as_bytes()])
    }

    /// The check value of a report's bytes.
    #[must_use]
    pub fn report(&self, body: &[u8]) -> Digest16 {
        self.digest(&[b"report", body])
    }

    /// The check value of a batch of records.
    #[must_use]
    pub fn batch(&self, body: &[u8]) -> Digest16 {
        self.digest(&[b"batch", body])
    }

    /// The mark of a link token.
    #[must_use]
    pub fn link(&self, token: &str) -> Digest16 {
        self.digest(&[b"link", token.as_bytes()])
    }

    /// The mark of a link token whose records are kept apart.
    #[must_use]
    pub fn apart(&self, token: &str) -> Digest16 {
        self.digest(&[b"apart", token.as_bytes()])
    }

    /// The mark of all that a record says.
    #[must_use]
    pub fn said(&self, record: &[u8]) -> Digest16 {
        self.digest(&[b"said", record])
    }

    /// The mark of a device that is gone.
    #[must_use]
    pub fn tombstone(&self, device: &[u8; 16]) -> Digest16 {
        self.digest(&[b"tombstone", device])
    }

    /// The name of a device in the ledger. Not its tombstone's, which ends: the two must not lead to each other.
    #[must_use]
    pub fn ledger(&self, device: &[u8; 16]) -> Digest16 {
        self.digest(&[b"ledger", device])
    }

    /// How a receipt and the ledger name a person who was erased. Not the mark under which the username is refused,
    /// which ends: the two must not lead to each other.
    #[must_use]
    pub fn asked(&self, username: &str) -> Digest16 {
        self.digest(&[b"asked", username.as_bytes()])
    }

    /// Each part is led by its length, so that no two lists of parts are the same bytes.
    fn digest(&self, parts: &[&[u8]]) -> Digest16 {
        let mut input = Vec::with_capacity(parts.iter().map(|part| part.len() + 8).sum());
        for part in parts {
            input.extend_from_slice(&(part.len() as u64).to_be_bytes());
            input.extend_from_slice(part);
        }
        let mut digest = [0; 16];
        digest.copy_from_slice(&sign(&self.0, &input).as_ref()[..16]);
        digest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_depend_on_key_field_and_value() {
        let key = BlindKey::from_bytes(&[1; 32]);
        let entry = key.value(Field::Username, "jan");
        assert_eq!(entry, key.value(Field::Username, "jan"));
        assert_ne!(entry, key.value(Field::DeviceName, "jan"));
        assert_ne!(entry, key.value(Field::Username, "piet"));
        assert_ne!(
            entry,
            BlindKey::from_bytes(&[2; 32]).value(Field::Username, "jan")
        );
    }
}

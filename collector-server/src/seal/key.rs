//! AES-256-GCM keys (NIST SP 800-38D), with random 96-bit nonces: a data key seals far fewer than 2^32 values.

use std::path::Path;

use data_encoding::BASE64;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use zeef_proto::field::Field;
use zeef_proto::{DeviceId, OrganisationId};
use zeroize::Zeroizing;

use super::SealError;
use crate::random;

/// Seals the values of one device.
pub struct DataKey(LessSafeKey);

/// Wraps data keys. Read from a file that is kept apart from both databases.
pub struct KeyEncryptionKey(LessSafeKey);

/// A key under the key-encryption key, as stored.
pub struct Wrapped(pub Vec<u8>);

/// Where a sealed value stands; it opens nowhere else.
pub struct Place {
    /// Whose value.
    pub organisation: OrganisationId,
    /// Which device's.
    pub device: DeviceId,
    /// Which field's.
    pub field: Field,
}

impl Place {
    fn associated_data(&self) -> Vec<u8> {
        let field = self.field.name().as_bytes();
        [
            &b"observation"[..],
            self.organisation.as_bytes(),
            self.device.as_bytes(),
            field,
        ]
        .concat()
    }
}

impl DataKey {
    /// A new key, and its raw bytes for wrapping.
    #[must_use]
    pub fn generate() -> (Self, Zeroizing<[u8; 32]>) {
        let bytes = Zeroizing::new(random::bytes::<32>());
        (Self::from_bytes(&bytes), bytes)
    }

    /// Takes the raw bytes.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        Self(aead_key(bytes))
    }

    /// Seals one value for one place: nonce, ciphertext, tag.
    #[must_use]
    pub fn seal(&self, place: &Place, value: &str) -> Vec<u8> {
        seal(&self.0, &place.associated_data(), value.as_bytes())
    }

    /// Opens what [`Self::seal`] gave for the same place.
    ///
    /// # Errors
    /// [`SealError::Open`] for another key, another place or changed bytes.
    pub fn open(&self, place: &Place, sealed: &[u8]) -> Result<String, SealError> {
        let plain = open(&self.0, &place.associated_data(), sealed).ok_or(SealError::Open)?;
        String::from_utf8(plain.to_vec()).map_err(|_| SealError::Open)
    }
}

impl KeyEncryptionKey {
    /// Takes the raw bytes.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        Self(aead_key(bytes))
    }

    /// Makes a new key in a new file that only the owner may read.
    ///
    /// # Errors
    /// Those of the file; an existing file is never overwritten.
    pub fn create(path: &Path) -> std::io::Result<Self> {
        let bytes = Zeroizing::new(random::bytes::<32>());
        let text = Zeroizing::new(BASE64.encode(&*bytes) + "\n");
        crate::files::write_new_private(path, text.as_bytes())?;
        Ok(Self::from_bytes(&bytes))
    }

    /// Reads the key from its file: base64 of 32 bytes.
    ///
    /// # Errors
    /// Those of the file, and `InvalidData` for another content.
    pub fn read(path: &Path) -> std::io::Result<Self> {
        let text = Zeroizing::new(std::fs::read_to_string(path)?);
        let bytes = BASE64.decode(text.trim().as_bytes()).ok().map(Zeroizing::new);
        let bytes = bytes
            .and_then(|bytes| <[u8; 32]>::try_from(bytes.as_slice()).ok())
            .map(Zeroizing::new);
        bytes.map(|bytes| Self::from_bytes(&bytes)).ok_or_else(|| {
            std::io::Error::new(
                std::io::ErrorKind::InvalidData,
                "not a key: expected base64 of 32 bytes",
            )
        })
    }

    /// Wraps a key for its place in the key store.
    #[must_use]
    pub fn wrap(&self, place: &[u8], key: &[u8; 32]) -> Wrapped {
        Wrapped(seal(&self.0, place, key))
    }

    /// Opens a wrapped key.
    ///
    /// # Errors
    /// [`SealError::Wrapped`] for another key-encryption key, another place or changed bytes.
    pub fn unwrap_key(&self, place: &[u8], wrapped: &[u8]) -> Result<Zeroizing<[u8; 32]>, SealError> {
        let plain = open(&self.0, place, wrapped).ok_or(SealError::Wrapped)?;
        <[u8; 32]>::try_from(plain.as_slice())
            .map(Zeroizing::new)
            .map_err(|_| SealError::Wrapped)
    }
}

pub(super) fn aead_key(bytes: &[u8; 32]) -> LessSafeKey {
    #[expect(clippy::expect_used, reason = "32 bytes are the length of an AES-256 key")]
    LessSafeKey::new(UnboundKey::new(&AES_256_GCM, bytes).expect("32 bytes make an AES-256 key"))
}

pub(super) fn seal(key: &LessSafeKey, associated_data: &[u8], plain: &[u8]) -> Vec<u8> {
    let nonce = random::bytes::<NONCE_LEN>();
    let mut sealed = Vec::with_capacity(NONCE_LEN + plain.len() + AES_256_GCM.tag_len());
    sealed.extend_from_slice(&nonce);
    let mut body = plain.to_vec();
    #[expect(
        clippy::expect_used,
        reason = "fails only above 2^36 bytes; values are bounded to 255, tickets to what fits a handshake, texts of a request to some thousands"
    )]
    key.seal_in_place_append_tag(
        Nonce::assume_unique_for_key(nonce),
        Aad::from(associated_data),
        &mut body,
    )
    .expect("a short value seals");
    sealed.extend_from_slice(&body);
    sealed
}

pub(super) fn open(key: &LessSafeKey, associated_data: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (nonce, body) = sealed.split_at_checked(NONCE_LEN)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    let mut body = Zeroizing::new(body.to_vec());
    let length = key
        .open_in_place(nonce, Aad::from(associated_data), &mut body)
        .ok()?
        .len();
    body.truncate(length);
    Some(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(field: Field) -> Place {
        Place {
            organisation: OrganisationId::from_bytes([1; 16]),
            device: DeviceId::from_bytes([2; 16]),
            field,
        }
    }

    #[test]
    fn a_value_opens_in_its_place_and_in_no_other() {
        let (key, _) = DataKey::generate();
        let sealed = key.seal(&place(Field::Username), "j.jansen");
        assert_eq!(key.open(&place(Field::Username), &sealed), Ok("j.jansen".into()));
        assert_eq!(key.open(&place(Field::DeviceName), &sealed), Err(SealError::Open));
        let elsewhere = Place {
            device: DeviceId::from_bytes([3; 16]),
            ..place(Field::Username)
        };
        assert_eq!(key.open(&elsewhere, &sealed), Err(SealError::Open));
        assert_eq!(
            DataKey::generate().0.open(&place(Field::Username), &sealed),
            Err(SealError::Open)
        );
    }

    #[test]
    fn a_changed_or_cut_value_does_not_open() {
        let (key, _) = DataKey::generate();
        let sealed = key.seal(&place(Field::Username), "j.jansen");
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(key.open(&place(Field::Username), &changed).is_err());
            assert!(key.open(&place(Field::Username), &sealed[..at]).is_err());
        }
    }

    #[test]
    fn the_same_value_is_never_sealed_alike() {
        let (key, _) = DataKey::generate();
        assert_ne!(
            key.seal(&place(Field::Username), "a"),
            key.seal(&place(Field::Username), "a")
        );
    }

    #[test]
    fn a_wrapped_key_needs_its_key_encryption_key_and_its_place() {
        let wrapping = KeyEncryptionKey::from_bytes(&[7; 32]);
        let wrapped = wrapping.wrap(b"device 1", &[9; 32]);
        assert_eq!(*wrapping.unwrap_key(b"device 1", &wrapped.0).unwrap(), [9; 32]);
        assert!(wrapping.unwrap_key(b"device 2", &wrapped.0).is_err());
        assert!(
            KeyEncryptionKey::from_bytes(&[8; 32])
                .unwrap_key(b"device 1", &wrapped.0)
                .is_err()
        );
    }

    #[test]
    fn a_key_file_is_private_and_never_overwritten() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("kek");
        KeyEncryptionKey::create(&path).unwrap();
        assert_eq!(
            std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        assert!(KeyEncryptionKey::read(&path).is_ok());
        assert!(KeyEncryptionKey::create(&path).is_err());
        std::fs::write(&path, "short").unwrap();
        assert!(KeyEncryptionKey::read(&path).is_err());
    }
}

//! The key of the spool: made on this machine, kept in a file of its own, never sent.

use ring::{aead, hmac};

use super::sealed::Seal;
use crate::intake::digest::Digester;
use crate::random;
use crate::state::{SecretKey, StateDirectory, StateError};

const FILE: &str = "spool.key";
const BYTES: usize = 32;

/// What is derived from the key.
pub(super) struct Keys {
    pub(super) seal: Seal,
    pub(super) digester: Digester,
}

/// Reads the key; `None` where there is none, or a damaged one, with which nothing can be opened any more.
pub(super) fn read(directory: &StateDirectory) -> Result<Option<Keys>, StateError> {
    match directory.read::<SecretKey>(FILE) {
        Ok(key) => Ok(key
            .filter(|key| key.expose().len() == BYTES)
            .and_then(|key| derive(&key))),
        Err(StateError::Damaged { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Makes a new key, durably.
pub(super) fn make(directory: &StateDirectory) -> Result<Keys, StateError> {
    let key = SecretKey::new(random::bytes::<BYTES>().to_vec());
    directory.write(FILE, &key)?;
    derive(&key).ok_or(StateError::Damaged { file: FILE })
}

/// One key for one use.
fn derive(key: &SecretKey) -> Option<Keys> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key.expose());
    let sealing = hmac::sign(&key, b"zeef spool 1: batches");
    let digests = hmac::sign(&key, b"zeef spool 1: digests");
    let sealing = aead::UnboundKey::new(&aead::AES_256_GCM, sealing.as_ref()).ok()?;
    Some(Keys {
        seal: Seal::new(sealing),
        digester: Digester::new(digests.as_ref()),
    })
}

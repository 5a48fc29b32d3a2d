//! What the person said, as stored: JSON, sealed.

use crate::requests::{Details, Text};
use crate::seal::RequestKey;
use crate::store::{Result, StoreError};

const PART: &[u8] = b"details";

pub(super) fn seal(key: &RequestKey, details: &Details) -> Vec<u8> {
    // Texts always serialise.
    key.seal(PART, &serde_json::to_string(details).unwrap_or_default())
}

pub(super) fn open(key: &RequestKey, sealed: &[u8]) -> Result<Details> {
    let text = key.open(PART, sealed)?;
    serde_json::from_str(&text)
        .map_err(|_| StoreError::Database("what is said in a request cannot be read".to_owned()))
}

/// The same with another explanation of the answer.
pub(super) fn explained(key: &RequestKey, sealed: &[u8], explanation: Option<&Text>) -> Result<Vec<u8>> {
    let details = Details {
        explanation: explanation.cloned(),
        ..open(key, sealed)?
    };
    Ok(seal(key, &details))
}

//! How values are stored: sealed under their device's data key, findable by a keyed blind index, with keys that
//! are wrapped by one key-encryption key and can be destroyed.

mod blind;
mod key;
mod request;
mod shared;
mod sign_in;

pub use blind::{BlindKey, Digest16};
pub use key::{DataKey, KeyEncryptionKey, Place, Wrapped};
pub use request::RequestKey;
pub use shared::SharedSecret;
pub use sign_in::{SecondFactorKey, SignInStep};

/// A sealed thing does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// A value under a data key.
    #[error("a sealed value does not open under its key")]
    Open,
    /// A data key under the key-encryption key.
    #[error("a wrapped key does not open under the key-encryption key")]
    Wrapped,
}

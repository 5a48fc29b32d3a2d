//! A key with its current epoch and the one before.

use std::fmt;

use data_encoding::HEXLOWER;
use zeef_proto::UnixTime;

use super::epoch::{Epoch, is_hash};
use super::{Input, Scope, Secret, Token};

/// Which key it is: six random bytes, which stay through rotations. Says nothing about the secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyId(pub(super) [u8; 6]);

impl KeyId {
    /// A new one from the operating system's random bytes.
    #[must_use]
    pub fn random() -> Self {
        Self(crate::random::bytes())
    }
}

impl From<[u8; 6]> for KeyId {
    fn from(bytes: [u8; 6]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

/// A key of one scope: what is hashed now is hashed under the current epoch; what was hashed under the one before
/// can still be recognised. `Debug` shows no secret.
#[derive(Debug)]
pub struct Key {
    pub(super) id: KeyId,
    pub(super) scope: Scope,
    pub(super) current: Epoch,
    pub(super) previous: Option<Epoch>,
}

/// What of an epoch may be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EpochShown {
    /// What its tokens begin with, up to the colon.
    pub kid: String,
    /// Its number, from 1.
    pub number: u64,
    /// Since when it is hashed with, or was.
    pub made: UnixTime,
}

impl Key {
    /// A key in its first epoch.
    #[must_use]
    pub fn new(id: KeyId, scope: Scope, secret: Secret, now: UnixTime) -> Self {
        Self {
            id,
            scope,
            current: Epoch::new(1, now, secret),
            previous: None,
        }
    }

    /// The key in its next epoch. The current one becomes the previous one; what was before that is forgotten.
    #[must_use]
    pub fn rotated(self, secret: Secret, now: UnixTime) -> Self {
        Self {
            current: Epoch::new(self.current.number.saturating_add(1), now, secret),
            previous: Some(self.current),
            ..self
        }
    }

    /// The token of a value under the current epoch.
    #[must_use]
    pub fn token(&self, input: Input<'_>, canonical: &[u8]) -> Token {
        self.token_of(&self.current, input, canonical)
    }

    /// The token of a value under the previous epoch, by which it matches what was hashed before the rotation.
    #[must_use]
    pub fn earlier_token(&self, input: Input<'_>, canonical: &[u8]) -> Option<Token> {
        let previous = self.previous.as_ref()?;
        Some(self.token_of(previous, input, canonical))
    }

    /// Reads a token of the current or the previous epoch, so that what was hashed is not hashed again.
    #[must_use]
    pub fn read_token(&self, text: &str) -> Option<Token> {
        let (kid, hash) = text.split_once(':')?;
        let known = self.epochs().any(|epoch| self.kid(epoch) == kid);
        (known && is_hash(hash)).then(|| Token(text.to_owned()))
    }

    /// Which key it is.
    #[must_use]
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// Who shares it.
    #[must_use]
    pub const fn scope(&self) -> Scope {
        self.scope
    }

    /// The current epoch, then the previous one.
    pub fn shown(&self) -> impl Iterator<Item = EpochShown> {
        self.epochs().map(|epoch| EpochShown {
            kid: self.kid(epoch),
            number: epoch.number,
            made: epoch.made,
        })
    }

    pub(super) fn epochs(&self) -> impl Iterator<Item = &Epoch> {
        std::iter::once(&self.current).chain(&self.previous)
    }

    fn kid(&self, epoch: &Epoch) -> String {
        format!("{}.{}", self.id, epoch.number)
    }

    fn token_of(&self, epoch: &Epoch, input: Input<'_>, canonical: &[u8]) -> Token {
        let hash = epoch.hash(self.scope, input, canonical);
        Token(format!("{}:{hash}", self.kid(epoch)))
    }
}

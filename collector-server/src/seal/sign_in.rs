//! The keys of signing in: the one that seals the secrets of second factors, and the one of what a browser holds while
//! it signs in.

use ring::aead::{AES_256_GCM, LessSafeKey, UnboundKey};
use zeef_proto::id::UserId;
use zeroize::Zeroizing;

use super::SharedSecret;
use super::key::{aead_key, open, seal};
use crate::otp::Secret;

/// The key of what is sealed for a browser. It is longer than an epoch, which names a key of tickets.
const IN_PROGRESS: &[u8] = b"zeef sign-in in progress";

/// Seals the secrets of second factors, each for its account.
pub struct SecondFactorKey(LessSafeKey);

/// Which step of signing in something was sealed for; it opens in no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignInStep {
    /// The password was right, and a code is awaited.
    Code,
    /// An identity provider was asked, and its answer is awaited.
    Provider,
}

impl SecondFactorKey {
    /// Takes the raw bytes.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        Self(aead_key(bytes))
    }

    /// Seals an account's secret.
    #[must_use]
    pub fn seal(&self, user: UserId, secret: &Secret) -> Vec<u8> {
        seal(&self.0, &place(user), secret.as_bytes())
    }

    /// Opens what [`Self::seal`] gave for that account; `None` for another account or changed bytes.
    #[must_use]
    pub fn open(&self, user: UserId, sealed: &[u8]) -> Option<Secret> {
        let plain = open(&self.0, &place(user), sealed)?;
        Some(Secret::from_bytes(plain.as_slice().try_into().ok()?))
    }
}

fn place(user: UserId) -> Vec<u8> {
    [&b"second factor"[..], user.as_bytes()].concat()
}

impl SharedSecret {
    /// Seals what a browser holds between two steps of signing in.
    #[must_use]
    pub fn seal_sign_in(&self, step: SignInStep, plain: &[u8]) -> Vec<u8> {
        seal(&self.sign_in_key(), step.name(), plain)
    }

    /// Opens what [`Self::seal_sign_in`] gave for that step; `None` for another step or changed bytes.
    #[must_use]
    pub fn open_sign_in(&self, step: SignInStep, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        open(&self.sign_in_key(), step.name(), sealed)
    }

    fn sign_in_key(&self) -> LessSafeKey {
        #[expect(
            clippy::expect_used,
            reason = "HKDF gives up to 255 times 32 bytes, and 32 are asked for"
        )]
        let key = self
            .0
            .expand(&[IN_PROGRESS], &AES_256_GCM)
            .map(UnboundKey::from)
            .expect("HKDF gives 32 bytes");
        LessSafeKey::new(key)
    }
}

impl SignInStep {
    const fn name(self) -> &'static [u8] {
        match self {
            Self::Code => b"code",
            Self::Provider => b"provider",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_opens_for_its_own_account_alone() {
        let key = SecondFactorKey::from_bytes(&[7; 32]);
        let (anna, bert) = (UserId::from_bytes([1; 16]), UserId::from_bytes([2; 16]));
        let sealed = key.seal(anna, &Secret::from_bytes([9; 20]));
        assert_eq!(key.open(anna, &sealed).unwrap().as_bytes(), &[9; 20]);
        assert!(key.open(bert, &sealed).is_none());
        let other = SecondFactorKey::from_bytes(&[8; 32]);
        assert!(other.open(anna, &sealed).is_none());
    }

    #[test]
    fn what_a_browser_holds_opens_in_its_own_step_and_unchanged() {
        let secret = SharedSecret::from_bytes(&[7; 32]);
        let sealed = secret.seal_sign_in(SignInStep::Code, b"anna");
        assert_eq!(
            secret
                .open_sign_in(SignInStep::Code, &sealed)
                .as_deref()
                .map(Vec::as_slice),
            Some(&b"anna"[..])
        );
        assert!(secret.open_sign_in(SignInStep::Provider, &sealed).is_none());
        assert!(secret.open_sign_in(SignInStep::Code, &sealed[1..]).is_none());
    }
}

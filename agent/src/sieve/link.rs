//! Keyed hashes: link tokens, and the treatment `pseudonymise`.
//!
//! A token is pseudonymous, never anonymous: who has the key can try all values that may be behind it.

use std::fmt;
use std::str::FromStr;

use data_encoding::BASE64URL_NOPAD;
use ring::hmac;
use serde::Serialize;
use zeroize::Zeroizing;

const PREFIX: &str = "zeefkey1";
/// Goes into every hash, so that a later way of hashing cannot give the same token for another input.
const VERSION: u8 = 1;
/// Half of SHA-256: 128 bits.
const TOKEN_BYTES: usize = 16;
const KEY_BYTES: usize = 32;

/// A key of one scope and epoch. As text: `zeefkey1.SCOPE.EPOCH.KEY`, such as `zeefkey1.device.1.…` with 32 bytes
/// in base64url.
pub struct LinkKey {
    key: hmac::Key,
    scope: String,
    id: String,
}

impl LinkKey {
    /// The token of a value: `KEYID:HASH`. The same value of another field, or under another scope, has another.
    #[must_use]
    pub fn token(&self, field: &str, canonical: &[u8]) -> Token {
        let mut context = hmac::Context::with_key(&self.key);
        context.update(&[VERSION]);
        for text in [field.as_bytes(), self.scope.as_bytes(), canonical] {
            context.update(&(text.len() as u64).to_be_bytes());
            context.update(text);
        }
        let hash = BASE64URL_NOPAD.encode(&context.sign().as_ref()[..TOKEN_BYTES]);
        Token(format!("{}:{hash}", self.id))
    }
}

impl fmt::Debug for LinkKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LinkKey")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

impl FromStr for LinkKey {
    type Err = InvalidLinkKey;

    fn from_str(text: &str) -> Result<Self, InvalidLinkKey> {
        let mut parts = text.trim().split('.');
        let (prefix, scope, epoch, key) = (parts.next(), parts.next(), parts.next(), parts.next());
        let (Some(PREFIX), Some(scope), Some(epoch), Some(key), None) =
            (prefix, scope, epoch, key, parts.next())
        else {
            return Err(InvalidLinkKey);
        };
        let scope_fits =
            (1..=64).contains(&scope.len()) && scope.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        let epoch: u32 = epoch.parse().map_err(|_| InvalidLinkKey)?;
        let bytes = BASE64URL_NOPAD.decode(key.as_bytes()).map(Zeroizing::new);
        let bytes = bytes
            .ok()
            .filter(|bytes| bytes.len() == KEY_BYTES)
            .ok_or(InvalidLinkKey)?;
        if !scope_fits {
            return Err(InvalidLinkKey);
        }
        let key = hmac::Key::new(hmac::HMAC_SHA256, &bytes);
        let id = hmac::sign(&key, format!("zeef key id {epoch}").as_bytes());
        Ok(Self {
            id: data_encoding::HEXLOWER.encode(&id.as_ref()[..4]),
            scope: scope.to_owned(),
            key,
        })
    }
}

/// A text that is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a key; it is one line of the form zeefkey1.SCOPE.EPOCH.KEY with 32 bytes in base64url")]
pub struct InvalidLinkKey;

/// A keyed hash of a value, with the id of the key before it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Token(String);

impl Token {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "zeefkey1.device.1.AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

    fn key(text: &str) -> LinkKey {
        text.parse().unwrap()
    }

    /// Computed by an independent implementation of RFC 2104 over SHA-256.
    #[test]
    fn the_first_version_gives_its_golden_token() {
        assert_eq!(
            key(KEY)
                .token("eset-device", b"1361a9f6-1d45-4561-b33a-b5d6c62c71e0")
                .as_str(),
            "1c7f0d07:XykOR8JeD9J86b_2UNTRkg"
        );
    }

    #[test]
    fn field_scope_key_and_value_all_count() {
        let token = |text: &str, field, value: &[u8]| key(text).token(field, value);
        let first = token(KEY, "a", b"1");
        assert_eq!(first, token(KEY, "a", b"1"));
        assert_ne!(first, token(KEY, "b", b"1"));
        assert_ne!(first, token(KEY, "a", b"2"));
        assert_ne!(first, token(&KEY.replace("device", "organisation"), "a", b"1"));
        assert_ne!(first, token(&KEY.replace("AAEC", "AAED"), "a", b"1"));
        assert_ne!(token(KEY, "a", b"bc"), token(KEY, "ab", b"c"));
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for text in [
            "",
            "zeefkey1.device.1.AAEC",
            "zeefkey2.device.1.AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
            "zeefkey1..1.AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
            "zeefkey1.device.x.AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
        ] {
            assert_eq!(text.parse::<LinkKey>().err(), Some(InvalidLinkKey), "{text}");
        }
    }
}

//! The enrolment token: one text that an administrator pastes, and all that a first contact needs to be safe.

use std::fmt;
use std::str::FromStr;

use data_encoding::BASE64URL_NOPAD;

use crate::policy::PolicyKey;

/// A secret that buys a certificate, with the fingerprints that the agent pins.
///
/// Text form: `zeef1.` and base64url of secret (32 bytes), SHA-256 of the root certificate (32) and policy key
/// (32), so that the agent needs to trust nothing that it is first told over the network.
#[derive(Clone, PartialEq, Eq)]
pub struct EnrolmentToken {
    /// What the collector knows only the hash of.
    pub secret: [u8; 32],
    /// SHA-256 of the collector's root certificate (DER).
    pub root_fingerprint: [u8; 32],
    /// The provider's policy key.
    pub policy_key: PolicyKey,
}

/// A text that is not a token. Says nothing of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an enrolment token: it starts with zeef1. and has 134 characters; copy it whole")]
pub struct InvalidToken;

const PREFIX: &str = "zeef1.";

impl EnrolmentToken {
    /// The text to hand to an administrator. Named so that every use is easy to find and to question.
    #[must_use]
    pub fn expose(&self) -> String {
        let bytes = [
            &self.secret[..],
            &self.root_fingerprint,
            self.policy_key.as_bytes(),
        ]
        .concat();
        format!("{PREFIX}{}", BASE64URL_NOPAD.encode(&bytes))
    }
}

impl FromStr for EnrolmentToken {
    type Err = InvalidToken;

    fn from_str(text: &str) -> Result<Self, InvalidToken> {
        let encoded = text.trim().strip_prefix(PREFIX).ok_or(InvalidToken)?;
        let bytes = BASE64URL_NOPAD
            .decode(encoded.as_bytes())
            .map_err(|_| InvalidToken)?;
        let bytes: [u8; 96] = bytes.try_into().map_err(|_| InvalidToken)?;
        let part = |at: usize| {
            let mut part = [0; 32];
            part.copy_from_slice(&bytes[at..at + 32]);
            part
        };
        Ok(Self {
            secret: part(0),
            root_fingerprint: part(32),
            policy_key: PolicyKey::from_bytes(part(64)),
        })
    }
}

impl fmt::Debug for EnrolmentToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EnrolmentToken(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_survives_its_text_and_hides_from_debug() {
        let token = EnrolmentToken {
            secret: [1; 32],
            root_fingerprint: [2; 32],
            policy_key: PolicyKey::from_bytes([3; 32]),
        };
        assert_eq!(token.expose().parse(), Ok(token.clone()));
        assert_eq!(token.expose().len(), 134);
        assert_eq!(format!("{token:?}"), "EnrolmentToken(…)");
        assert_eq!("zeef1.AAAA".parse::<EnrolmentToken>(), Err(InvalidToken));
        assert_eq!(token.expose()[..133].parse::<EnrolmentToken>(), Err(InvalidToken));
    }
}

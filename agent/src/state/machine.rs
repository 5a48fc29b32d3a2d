//! The mark by which a copied disk is noticed. It is keyed, and stays on this machine.

use ring::hmac;
use serde::{Deserialize, Serialize};

use super::Der;

/// HMAC-SHA-256 of the machine's identifier under a random key of its own: tells whether this is the same machine,
/// and nothing to anybody who does not know the identifier.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MachineMark {
    key: Der,
    mark: Der,
}

impl MachineMark {
    /// Marks the machine of that identifier.
    #[must_use]
    pub fn new(identifier: &[u8], key: [u8; 32]) -> Self {
        let mark = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), identifier);
        Self {
            key: Der(key.to_vec()),
            mark: Der(mark.as_ref().to_vec()),
        }
    }

    /// Whether the machine of that identifier is the one that was marked.
    #[must_use]
    pub fn is_of(&self, identifier: &[u8]) -> bool {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.key.0);
        hmac::verify(&key, identifier, &self.mark.0).is_ok()
    }
}

impl std::fmt::Debug for MachineMark {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MachineMark(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_knows_its_machine_and_hides_the_identifier() {
        let mark = MachineMark::new(b"0123456789abcdef0123456789abcdef", [7; 32]);
        assert!(mark.is_of(b"0123456789abcdef0123456789abcdef"));
        assert!(!mark.is_of(b"0123456789abcdef0123456789abcdee"));
        assert!(!serde_json::to_string(&mark).unwrap().contains("0123456789"));
    }
}

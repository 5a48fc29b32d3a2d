//! A search term in an address, sealed so that only the session that searched can read it.
//!
//! The key comes from the session's cookie, which the collector does not keep: neither a log of addresses, nor
//! that and the database, tells what was searched for. It needs no memory here, and any collector can open it.

use data_encoding::BASE64URL_NOPAD;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hmac;

use super::session::SessionSecret;
use crate::random;

/// Terms are padded to a multiple of this, so that the address does not tell their length.
const BLOCK: usize = 64;
/// The longest address part that is looked at.
const MOST: usize = 1_024;
/// Keeps the key from being the same as another that is derived from the session.
const CONTEXT: &[u8] = b"zeef search term v1";

/// Seals and opens the terms of one session.
pub(super) struct TermKey(LessSafeKey);

impl TermKey {
    pub(super) fn new(secret: &SessionSecret) -> Self {
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()), CONTEXT);
        #[expect(
            clippy::expect_used,
            reason = "HMAC-SHA-256 gives the 32 bytes of an AES-256 key"
        )]
        Self(LessSafeKey::new(
            UnboundKey::new(&AES_256_GCM, tag.as_ref()).expect("32 bytes make an AES-256 key"),
        ))
    }

    /// The term as part of an address.
    pub(super) fn seal(&self, term: &str) -> String {
        let nonce = random::bytes::<NONCE_LEN>();
        let mut body = term.as_bytes().to_vec();
        body.push(b'\n');
        body.resize(body.len().next_multiple_of(BLOCK), 0);
        #[expect(
            clippy::expect_used,
            reason = "fails only above 2^36 bytes; forms are bounded to 16 KiB"
        )]
        self.0
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut body)
            .expect("a short term seals");
        BASE64URL_NOPAD.encode(&[&nonce[..], &body].concat())
    }

    /// The term that this session sealed; `None` for anything else.
    pub(super) fn open(&self, sealed: &str) -> Option<String> {
        if sealed.len() > MOST {
            return None;
        }
        let bytes = BASE64URL_NOPAD.decode(sealed.as_bytes()).ok()?;
        let (nonce, body) = bytes.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut body = body.to_vec();
        let plain = self.0.open_in_place(nonce, Aad::empty(), &mut body).ok()?;
        let end = plain.iter().rposition(|byte| *byte == b'\n')?;
        String::from_utf8(plain[..end].to_vec()).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::session::{Way, begin};
    use zeef_proto::UnixTime;
    use zeef_proto::id::UserId;

    fn key() -> TermKey {
        TermKey::new(&begin(UserId::from_bytes([1; 16]), Way::Here, UnixTime(0)).0)
    }

    #[test]
    fn a_term_opens_for_its_own_session_only() {
        let (own, other) = (key(), key());
        let sealed = own.seal("j.jansen");
        assert_eq!(own.open(&sealed).as_deref(), Some("j.jansen"));
        assert_eq!(other.open(&sealed), None);
        assert_eq!(own.open(&sealed[1..]), None);
        assert_eq!(own.open(""), None);
        assert_eq!(own.open(&"A".repeat(MOST + 1)), None);
    }

    #[test]
    fn the_address_tells_neither_the_term_nor_its_length() {
        let key = key();
        let sealed = key.seal("jan");
        assert!(!sealed.contains("jan"));
        assert_eq!(sealed.len(), key.seal("a.much.longer.name@example").len());
        assert_ne!(sealed, key.seal("jan"));
    }
}

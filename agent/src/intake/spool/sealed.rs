//! A batch as it stands on disk: AES-256-GCM under the spool's key, bound to its number, so that it opens under no
//! other.

use ring::aead::{Aad, LessSafeKey, Nonce, UnboundKey};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::intake::inputs::InputId;
use crate::intake::piece::Mark;
use crate::random;

const FORM: u8 = 1;
const NONCE: usize = 12;

/// What is sealed together.
#[derive(Clone, PartialEq, Eq)]
pub struct Entry {
    /// Where its records came from, and how far that has come with it.
    pub head: Head,
    /// The exact bytes to send.
    pub body: Zeroizing<Vec<u8>>,
}

/// What goes with a batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// The input.
    pub input: InputId,
    /// Where it stands once the batch is acknowledged; `None` where more of the same piece follows.
    pub mark: Option<Mark>,
}

/// The sealing key.
pub(super) struct Seal(LessSafeKey);

impl Seal {
    pub(super) fn new(key: UnboundKey) -> Self {
        Self(LessSafeKey::new(key))
    }

    /// Seals an entry under its number. `None` where it is larger than anything that is ever sealed.
    pub(super) fn seal(&self, number: u64, entry: &Entry) -> Option<Vec<u8>> {
        let head = serde_json::to_vec(&entry.head).ok()?;
        let length = u32::try_from(head.len()).ok()?;
        let mut plain = Vec::with_capacity(4 + head.len() + entry.body.len() + 16);
        plain.extend_from_slice(&length.to_be_bytes());
        plain.extend_from_slice(&head);
        plain.extend_from_slice(&entry.body);
        let nonce: [u8; NONCE] = random::bytes();
        // In place: nothing is left in the clear.
        let aad = Aad::from(bound_to(number));
        self.0
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad, &mut plain)
            .ok()?;
        let mut sealed = Vec::with_capacity(1 + NONCE + plain.len());
        sealed.push(FORM);
        sealed.extend_from_slice(&nonce);
        sealed.append(&mut plain);
        Some(sealed)
    }

    /// Opens what was sealed under this number; `None` where it was not.
    pub(super) fn open(&self, number: u64, sealed: Vec<u8>) -> Option<Entry> {
        let mut sealed = Zeroizing::new(sealed);
        let (form, rest) = sealed.split_first_mut()?;
        let (nonce, content) = rest.split_at_mut_checked(NONCE)?;
        if *form != FORM {
            return None;
        }
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let plain = self
            .0
            .open_in_place(nonce, Aad::from(bound_to(number)), content)
            .ok()?;
        let (length, rest) = plain.split_at_checked(4)?;
        let length = u32::from_be_bytes(length.try_into().ok()?);
        let (head, body) = rest.split_at_checked(usize::try_from(length).ok()?)?;
        Some(Entry {
            head: serde_json::from_slice(head).ok()?,
            body: Zeroizing::new(body.to_vec()),
        })
    }
}

fn bound_to(number: u64) -> [u8; 9] {
    let mut bound = [FORM; 9];
    bound[1..].copy_from_slice(&number.to_be_bytes());
    bound
}

impl std::fmt::Debug for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Entry")
            .field("head", &self.head)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use ring::aead::AES_256_GCM;

    use super::*;
    use crate::intake::digest::Digester;

    fn seal(key: u8) -> Seal {
        Seal::new(UnboundKey::new(&AES_256_GCM, &[key; 32]).unwrap())
    }

    fn entry() -> Entry {
        let input = InputId::of(&Digester::new(&[1; 32]), "folder", "unifi", "/var/x");
        Entry {
            head: Head { input, mark: None },
            body: Zeroizing::new(b"lap-17".to_vec()),
        }
    }

    #[test]
    fn what_was_sealed_opens_under_its_number_and_its_key_alone() {
        let sealed = seal(1).seal(7, &entry()).unwrap();
        assert_eq!(seal(1).open(7, sealed.clone()), Some(entry()));
        assert_eq!(seal(1).open(8, sealed.clone()), None);
        assert_eq!(seal(2).open(7, sealed), None);
    }

    #[test]
    fn a_changed_or_missing_byte_is_noticed_wherever_it_is() {
        let sealed = seal(1).seal(7, &entry()).unwrap();
        for place in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[place] ^= 1;
            assert_eq!(seal(1).open(7, changed), None, "{place}");
            assert_eq!(seal(1).open(7, sealed[..place].to_vec()), None, "{place}");
        }
    }

    #[test]
    fn nothing_is_legible_and_the_same_entry_is_never_sealed_alike() {
        let sealed = seal(1).seal(7, &entry()).unwrap();
        assert!(!sealed.windows(6).any(|bytes| bytes == b"lap-17"));
        assert_ne!(sealed, seal(1).seal(7, &entry()).unwrap());
    }
}

//! Challenges of the recovery: opaque to the agent, and not remembered here. A challenge is its time with a keyed
//! mark, so that nobody can make one and everybody can wait for one to age.

use data_encoding::BASE64URL_NOPAD;
use ring::hmac;
use zeef_proto::UnixTime;

use crate::random;

const LIFETIME: i64 = 300;
const CONTEXT: &[u8] = b"zeef recovery challenge v1";

/// Makes and checks challenges.
pub(super) struct Challenges(hmac::Key);

impl Challenges {
    /// With a key of this process's own; a challenge does not survive a restart.
    pub(super) fn new() -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, &random::bytes::<32>()))
    }

    pub(super) fn issue(&self, now: UnixTime) -> String {
        let mut bytes = now.0.to_be_bytes().to_vec();
        bytes.extend(random::bytes::<8>());
        let mark = hmac::sign(&self.0, &marked(&bytes));
        bytes.extend(mark.as_ref());
        BASE64URL_NOPAD.encode(&bytes)
    }

    pub(super) fn is_fresh(&self, challenge: &str, now: UnixTime) -> bool {
        let Ok(bytes) = BASE64URL_NOPAD.decode(challenge.as_bytes()) else {
            return false;
        };
        let Some((signed, mark)) = bytes.split_at_checked(16) else {
            return false;
        };
        if hmac::verify(&self.0, &marked(signed), mark).is_err() {
            return false;
        }
        let mut issued = [0; 8];
        issued.copy_from_slice(&signed[..8]);
        (0..=LIFETIME).contains(&now.since(UnixTime(i64::from_be_bytes(issued))))
    }
}

fn marked(bytes: &[u8]) -> Vec<u8> {
    [CONTEXT, bytes].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixTime = UnixTime(1_772_357_400);

    #[test]
    fn a_challenge_is_good_for_five_minutes() {
        let challenges = Challenges::new();
        let challenge = challenges.issue(NOW);
        assert!(challenges.is_fresh(&challenge, NOW));
        assert!(challenges.is_fresh(&challenge, NOW.plus(300)));
        assert!(!challenges.is_fresh(&challenge, NOW.plus(301)));
        assert!(!challenges.is_fresh(&challenge, NOW.plus(-1)));
    }

    #[test]
    fn challenges_of_others_and_changed_ones_are_not_fresh() {
        let challenges = Challenges::new();
        let challenge = challenges.issue(NOW);
        assert!(!Challenges::new().is_fresh(&challenge, NOW));
        assert!(!challenges.is_fresh(&challenge[..challenge.len() - 2], NOW));
        assert!(!challenges.is_fresh(&format!("A{}", &challenge[1..]), NOW.plus(1_000)));
        assert!(!challenges.is_fresh("", NOW));
        assert!(!challenges.is_fresh("*", NOW));
        assert_ne!(challenge, challenges.issue(NOW));
    }
}

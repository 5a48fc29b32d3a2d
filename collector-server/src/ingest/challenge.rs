//! Challenges of the recovery: opaque to the agent, and not remembered here. A challenge is its time with a keyed
//! mark, so that nobody can make one and everybody can wait for one to age.

use data_encoding::BASE64URL_NOPAD;
use ring::hmac;
use zeef_proto::UnixTime;

use crate::random;
use crate::seal::SharedSecret;

const LIFETIME: i64 = 300;
/// The clock of the collector that gave it may be ahead by that.
const SKEW: i64 = 60;
const CONTEXT: &[u8] = b"zeef recovery challenge v1";

/// Makes and checks challenges: those of all collectors that have the same secret.
pub(super) struct Challenges(hmac::Key);

impl Challenges {
    pub(super) fn new(secret: &SharedSecret) -> Self {
        Self(secret.challenges())
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
        (-SKEW..=LIFETIME).contains(&now.since(UnixTime(i64::from_be_bytes(issued))))
    }
}

fn marked(bytes: &[u8]) -> Vec<u8> {
    [CONTEXT, bytes].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixTime = UnixTime(1_772_357_400);

    fn challenges(secret: u8) -> Challenges {
        Challenges::new(&SharedSecret::from_bytes(&[secret; 32]))
    }

    #[test]
    fn a_challenge_is_good_for_five_minutes_at_every_collector_of_the_installation() {
        let challenge = challenges(1).issue(NOW);
        let other = challenges(1);
        assert!(other.is_fresh(&challenge, NOW));
        assert!(other.is_fresh(&challenge, NOW.plus(300)));
        assert!(!other.is_fresh(&challenge, NOW.plus(301)));
        assert!(other.is_fresh(&challenge, NOW.plus(-60)));
        assert!(!other.is_fresh(&challenge, NOW.plus(-61)));
    }

    #[test]
    fn challenges_of_others_and_changed_ones_are_not_fresh() {
        let (challenges, strangers) = (challenges(1), challenges(2));
        let challenge = challenges.issue(NOW);
        assert!(!strangers.is_fresh(&challenge, NOW));
        assert!(!challenges.is_fresh(&challenge[..challenge.len() - 2], NOW));
        assert!(!challenges.is_fresh(&format!("A{}", &challenge[1..]), NOW.plus(1_000)));
        assert!(!challenges.is_fresh("", NOW));
        assert!(!challenges.is_fresh("*", NOW));
        assert_ne!(challenge, challenges.issue(NOW));
    }
}

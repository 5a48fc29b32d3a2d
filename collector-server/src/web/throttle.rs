//! How often a password may be tried: per account and address, so that nobody can lock somebody else out.

use std::collections::HashMap;
use std::net::IpAddr;

use zeef_proto::UnixTime;
use zeef_proto::field::matching_form;
use zeef_proto::time::HOUR;

use super::session::sha256;

/// Attempts that cost no waiting.
const FREE: u32 = 5;
/// The longest wait, in seconds.
const LONGEST: i64 = 15 * 60;
/// What was not tried for this long is forgotten, in seconds.
const FORGOTTEN: i64 = HOUR;
/// Pairs that are remembered at most.
const MOST: usize = 10_000;

/// Who tries what: a hash, so that memory is bounded and holds no names.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Key([u8; 32]);

impl Key {
    /// An account from an address; of IPv6, from its /64, which one subscriber has whole.
    pub(super) fn new(account: &str, address: IpAddr) -> Self {
        let place = match address.to_canonical() {
            IpAddr::V4(v4) => v4.octets().to_vec(),
            IpAddr::V6(v6) => v6.octets()[..8].to_vec(),
        };
        Self(sha256(
            &[&place[..], b"|", matching_form(account).as_bytes()].concat(),
        ))
    }
}

struct Tries {
    count: u32,
    last: UnixTime,
}

impl Tries {
    /// The first five are free; then 1, 2, 4 … seconds after the last.
    fn next_at(&self) -> UnixTime {
        let wait = match self.count.checked_sub(FREE) {
            None => 0,
            Some(over) => 1_i64.checked_shl(over.min(32)).unwrap_or(LONGEST).min(LONGEST),
        };
        self.last.plus(wait)
    }
}

/// Remembers attempts.
#[derive(Default)]
pub(super) struct Throttle(HashMap<Key, Tries>);

impl Throttle {
    /// Counts an attempt before its password is looked at, so that many at once do not all pass.
    ///
    /// # Errors
    /// Seconds to wait, where it comes too soon; such an attempt does not count.
    pub(super) fn attempt(&mut self, key: Key, now: UnixTime) -> Result<(), i64> {
        if self.0.len() >= MOST {
            self.make_room(now);
        }
        let tries = self.0.entry(key).or_insert(Tries { count: 0, last: now });
        if now.since(tries.last) >= FORGOTTEN {
            tries.count = 0;
        }
        let wait = tries.next_at().since(now);
        if wait > 0 {
            return Err(wait.min(LONGEST));
        }
        tries.count += 1;
        tries.last = now;
        Ok(())
    }

    /// The attempt was right: nothing needs remembering.
    pub(super) fn succeeded(&mut self, key: Key) {
        self.0.remove(&key);
    }

    fn make_room(&mut self, now: UnixTime) {
        self.0.retain(|_, tries| now.since(tries.last) < FORGOTTEN);
        if self.0.len() >= MOST
            && let Some(oldest) = self
                .0
                .iter()
                .min_by_key(|(_, tries)| tries.last)
                .map(|(key, _)| *key)
        {
            self.0.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixTime = UnixTime(1_780_000_000);

    fn key(account: &str, address: &str) -> Key {
        Key::new(account, address.parse().unwrap())
    }

    #[test]
    fn five_attempts_are_free_and_then_the_wait_doubles_up_to_a_quarter_of_an_hour() {
        let mut throttle = Throttle::default();
        let key = key("anna", "203.0.113.7");
        let mut now = NOW;
        for _ in 0..FREE {
            assert_eq!(throttle.attempt(key, now), Ok(()));
        }
        for wait in [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900] {
            assert_eq!(throttle.attempt(key, now), Err(wait));
            assert_eq!(throttle.attempt(key, now.plus(wait - 1)), Err(1));
            now = now.plus(wait);
            assert_eq!(throttle.attempt(key, now), Ok(()));
        }
        now = now.plus(FORGOTTEN);
        for _ in 0..FREE {
            assert_eq!(throttle.attempt(key, now), Ok(()));
        }
    }

    #[test]
    fn another_address_or_account_is_not_held_up() {
        let mut throttle = Throttle::default();
        let attacked = key("anna", "203.0.113.7");
        while throttle.attempt(attacked, NOW).is_ok() {}
        assert!(throttle.attempt(key("ANNA", "203.0.113.7"), NOW).is_err());
        assert!(throttle.attempt(key("anna", "203.0.113.8"), NOW).is_ok());
        assert!(throttle.attempt(key("bert", "203.0.113.7"), NOW).is_ok());
        while throttle.attempt(key("anna", "2001:db8::1"), NOW).is_ok() {}
        assert!(throttle.attempt(key("anna", "2001:db8::2"), NOW).is_err());
        assert!(throttle.attempt(key("anna", "2001:db8:0:1::1"), NOW).is_ok());
    }

    #[test]
    fn success_forgets_and_memory_is_bounded() {
        let mut throttle = Throttle::default();
        let own = key("anna", "203.0.113.7");
        while throttle.attempt(own, NOW).is_ok() {}
        throttle.succeeded(own);
        assert!(throttle.attempt(own, NOW).is_ok());
        for number in 0..=MOST {
            let key = Key::new(&number.to_string(), IpAddr::from([10, 0, 0, 1]));
            assert!(throttle.attempt(key, NOW.plus(1)).is_ok());
        }
        assert!(throttle.0.len() <= MOST);
    }
}

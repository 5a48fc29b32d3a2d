//! How many requests a token may send: so many in each minute, counted in this process.

use std::collections::HashMap;
use std::net::IpAddr;

use http::{HeaderMap, HeaderName, HeaderValue};
use zeef_proto::UnixTime;
use zeef_proto::id::ApiTokenId;

/// Requests in one period.
pub(super) const LIMIT: u32 = 1_200;
/// Length of a period, in seconds.
const PERIOD: i64 = 60;
/// Who is counted at the same time at most.
const MOST: usize = 10_000;

/// Who sends requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Key {
    /// Whoever has this token.
    Token(ApiTokenId),
    /// Whoever has none, by address.
    Address(IpAddr),
}

/// What is left to somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Allowance {
    /// This request is one too many.
    pub(super) is_spent: bool,
    /// Requests that may still follow in this period.
    pub(super) remaining: u32,
    /// Seconds until the next period.
    pub(super) reset: i64,
}

impl Allowance {
    /// Says it in the headers of a response.
    pub(super) fn tell(self, headers: &mut HeaderMap) {
        for (name, value) in [
            ("ratelimit-limit", i64::from(LIMIT)),
            ("ratelimit-remaining", i64::from(self.remaining)),
            ("ratelimit-reset", self.reset),
        ] {
            headers.insert(HeaderName::from_static(name), HeaderValue::from(value));
        }
    }
}

struct Period {
    began: UnixTime,
    count: u32,
}

impl Period {
    const fn is_over(&self, now: UnixTime) -> bool {
        let age = now.since(self.began);
        age < 0 || age >= PERIOD
    }
}

/// Counts requests.
#[derive(Default)]
pub(super) struct Rates(HashMap<Key, Period>);

impl Rates {
    /// Counts one more. What is refused does not count.
    pub(super) fn count(&mut self, key: Key, now: UnixTime) -> Allowance {
        if self.0.len() >= MOST && !self.0.contains_key(&key) {
            self.make_room(now);
        }
        let fresh = || Period { began: now, count: 0 };
        let period = self.0.entry(key).or_insert_with(fresh);
        if period.is_over(now) {
            *period = fresh();
        }
        let is_spent = period.count >= LIMIT;
        period.count += u32::from(!is_spent);
        Allowance {
            is_spent,
            remaining: LIMIT - period.count,
            reset: PERIOD - now.since(period.began),
        }
    }

    fn make_room(&mut self, now: UnixTime) {
        self.0.retain(|_, period| !period.is_over(now));
        if self.0.len() >= MOST
            && let Some(oldest) = self
                .0
                .iter()
                .min_by_key(|(_, period)| period.began)
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

    fn address(number: u32) -> Key {
        Key::Address(IpAddr::V4(number.into()))
    }

    #[test]
    fn a_period_has_its_requests_and_the_next_begins_anew() {
        let mut rates = Rates::default();
        let own = Key::Token(ApiTokenId::from_bytes([1; 16]));
        for sent in 1..=LIMIT {
            let allowance = rates.count(own, NOW.plus(1));
            assert!(!allowance.is_spent);
            assert_eq!(allowance.remaining, LIMIT - sent);
        }
        let allowance = rates.count(own, NOW.plus(PERIOD));
        assert!(allowance.is_spent);
        assert_eq!((allowance.remaining, allowance.reset), (0, 1));
        assert!(!rates.count(address(1), NOW.plus(PERIOD)).is_spent);
        assert!(!rates.count(own, NOW.plus(1 + PERIOD)).is_spent);
    }

    #[test]
    fn a_clock_that_is_set_back_holds_nobody_up_and_memory_is_bounded() {
        let mut rates = Rates::default();
        for _ in 0..=LIMIT {
            rates.count(address(1), NOW);
        }
        assert!(rates.count(address(1), NOW).is_spent);
        assert!(!rates.count(address(1), NOW.plus(-1)).is_spent);
        for number in 0..=u32::try_from(MOST).unwrap() {
            rates.count(address(number), NOW);
        }
        assert!(rates.0.len() <= MOST);
    }
}

//! How often something may be asked: a generic cell rate algorithm (as in ITU-T I.371), one number per key, in
//! bounded memory.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use zeef_proto::{DeviceId, UnixTime};

use crate::config::{Limits, Rate};
use crate::net::network;

/// Keys that are remembered at a time. Newcomers beyond it share one bucket.
const MAX_KEYS: usize = 65_536;

/// How often a device may ask for its own record: each answer leaves an entry in the ledger for good.
const OWN_RECORDS: Rate = Rate(6);

const MINUTE: i64 = 60_000_000;

/// Over the bound: ask again after that many seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RetryAfter(pub(super) u32);

/// Buckets of one kind: `rate` a minute, as many at once.
struct Buckets<K> {
    /// Microseconds between two requests at the full rate.
    interval: i64,
    /// When each key's bucket would be full again, in microseconds.
    full_at: HashMap<K, i64>,
    shared: i64,
    swept_at: UnixTime,
}

impl<K: Hash + Eq> Buckets<K> {
    fn new(rate: Rate) -> Self {
        Self {
            interval: MINUTE / i64::from(rate.0),
            full_at: HashMap::new(),
            shared: 0,
            swept_at: UnixTime(i64::MIN),
        }
    }

    fn take(&mut self, key: K, now: UnixTime) -> Result<(), RetryAfter> {
        let micros = now.0.saturating_mul(1_000_000);
        if self.full_at.len() >= MAX_KEYS && self.swept_at != now {
            self.full_at.retain(|_, full_at| *full_at > micros);
            self.swept_at = now;
        }
        let is_full = self.full_at.len() >= MAX_KEYS;
        let full_at = if is_full {
            self.full_at.get_mut(&key).unwrap_or(&mut self.shared)
        } else {
            self.full_at.entry(key).or_insert(micros)
        };
        // No bucket takes longer than a minute to fill: one that claims to was last used before the clock was set
        // back.
        let is_of_this_clock = *full_at <= micros.saturating_add(MINUTE);
        let from = if is_of_this_clock {
            micros.max(*full_at)
        } else {
            micros
        };
        let next = from.saturating_add(self.interval);
        let over = next - micros - MINUTE;
        if over > 0 {
            let seconds = over.saturating_add(999_999) / 1_000_000;
            return Err(RetryAfter(u32::try_from(seconds).unwrap_or(u32::MAX)));
        }
        *full_at = next;
        Ok(())
    }
}

/// What somebody without a valid certificate asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Newcomer {
    Enrolment,
    Recovery,
}

/// All bounds of the agents' port.
pub(super) struct RateLimits {
    addresses: Mutex<Buckets<(Newcomer, IpAddr)>>,
    /// Apart, so that a flood of enrolments keeps no known device from getting its certificate back.
    newcomers: Mutex<Buckets<Newcomer>>,
    devices: Mutex<Buckets<DeviceId>>,
    own_records: Mutex<Buckets<DeviceId>>,
}

impl RateLimits {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            addresses: Mutex::new(Buckets::new(limits.enrolments_per_address)),
            newcomers: Mutex::new(Buckets::new(limits.enrolments)),
            devices: Mutex::new(Buckets::new(limits.requests_per_device)),
            own_records: Mutex::new(Buckets::new(OWN_RECORDS)),
        }
    }

    /// A request from somebody who is not known yet.
    pub(super) fn newcomer(
        &self,
        newcomer: Newcomer,
        address: IpAddr,
        now: UnixTime,
    ) -> Result<(), RetryAfter> {
        take(&self.addresses, (newcomer, network(address)), now)?;
        take(&self.newcomers, newcomer, now)
    }

    /// A request of a known device.
    pub(super) fn device(&self, device: DeviceId, now: UnixTime) -> Result<(), RetryAfter> {
        take(&self.devices, device, now)
    }

    /// A known device's request for its own record.
    pub(super) fn own_record(&self, device: DeviceId, now: UnixTime) -> Result<(), RetryAfter> {
        take(&self.own_records, device, now)
    }
}

fn take<K: Hash + Eq>(buckets: &Mutex<Buckets<K>>, key: K, now: UnixTime) -> Result<(), RetryAfter> {
    let mut buckets = buckets.lock().unwrap_or_else(PoisonError::into_inner);
    buckets.take(key, now)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixTime = UnixTime(1_772_357_400);

    #[test]
    fn a_minutes_worth_may_come_at_once_and_then_one_at_a_time() {
        let mut buckets = Buckets::new(Rate(60));
        for _ in 0..60 {
            assert_eq!(buckets.take(1, NOW), Ok(()));
        }
        assert_eq!(buckets.take(1, NOW), Err(RetryAfter(1)));
        assert_eq!(buckets.take(2, NOW), Ok(()));
        assert_eq!(buckets.take(1, NOW.plus(1)), Ok(()));
        assert!(buckets.take(1, NOW.plus(1)).is_err());
    }

    #[test]
    fn waiting_as_long_as_was_said_is_enough() {
        let mut buckets = Buckets::new(Rate(2));
        assert!(buckets.take(1, NOW).is_ok() && buckets.take(1, NOW).is_ok());
        let RetryAfter(seconds) = buckets.take(1, NOW).unwrap_err();
        assert!(buckets.take(1, NOW.plus(i64::from(seconds))).is_ok());
    }

    #[test]
    fn a_clock_that_was_set_back_locks_nobody_out() {
        let mut buckets = Buckets::new(Rate(1));
        assert!(buckets.take(1, NOW.plus(1_000_000)).is_ok());
        assert_eq!(buckets.take(1, NOW), Ok(()));
        assert!(buckets.take(1, NOW).is_err(), "and the bound holds again");
    }

    #[test]
    fn memory_stays_bounded_and_newcomers_share_what_is_left() {
        let mut buckets = Buckets::new(Rate(1));
        for key in 0..MAX_KEYS {
            assert!(buckets.take(key, NOW).is_ok());
        }
        assert!(buckets.take(MAX_KEYS, NOW).is_ok());
        assert!(buckets.take(MAX_KEYS + 1, NOW).is_err());
        assert_eq!(buckets.full_at.len(), MAX_KEYS);
        assert!(buckets.take(MAX_KEYS + 1, NOW.plus(61)).is_ok());
        assert_eq!(buckets.full_at.len(), 1);
    }

    #[test]
    fn a_flood_of_enrolments_leaves_recoveries_their_own_room() {
        let limits = RateLimits::new(Limits {
            enrolments_per_address: Rate(2),
            enrolments: Rate(3),
            requests_per_device: Rate(1),
        });
        let address = |last: u8| IpAddr::from([192, 0, 2, last]);
        for last in 1..=3 {
            assert!(limits.newcomer(Newcomer::Enrolment, address(last), NOW).is_ok());
        }
        assert!(limits.newcomer(Newcomer::Enrolment, address(4), NOW).is_err());
        assert!(limits.newcomer(Newcomer::Recovery, address(4), NOW).is_ok());
    }

    #[test]
    fn an_ipv6_host_cannot_escape_within_its_network() {
        let of = |text: &str| network(text.parse().unwrap());
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff:1"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
    }
}

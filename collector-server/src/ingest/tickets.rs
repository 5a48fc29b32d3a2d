//! Session tickets (RFC 8446, 2.2): any collector of an installation resumes what another one began, for they share the
//! secret of which the keys are made. A key is used for one epoch and taken for one more.

use std::fmt;
use std::sync::Arc;

use rustls::server::ProducesTickets;
use zeef_proto::time::HOUR;
use zeef_proto::{Clock, UnixTime};

use crate::seal::SharedSecret;

/// How long a key seals. A ticket is taken for at least that long, and for less than twice as long.
const EPOCH: u32 = 12 * HOUR as u32;

/// Makes tickets and takes them.
pub(super) struct Tickets {
    secret: SharedSecret,
    clock: Arc<dyn Clock>,
}

impl Tickets {
    pub(super) fn new(secret: SharedSecret, clock: Arc<dyn Clock>) -> Self {
        Self { secret, clock }
    }
}

fn epoch(now: UnixTime) -> i64 {
    now.0.div_euclid(EPOCH.into())
}

impl ProducesTickets for Tickets {
    fn enabled(&self) -> bool {
        true
    }

    fn lifetime(&self) -> u32 {
        EPOCH
    }

    fn encrypt(&self, plain: &[u8]) -> Option<Vec<u8>> {
        Some(self.secret.seal(epoch(self.clock.now()), plain))
    }

    fn decrypt(&self, cipher: &[u8]) -> Option<Vec<u8>> {
        let now = epoch(self.clock.now());
        let open = |epoch| self.secret.open(epoch, cipher);
        open(now).or_else(|| open(now - 1))
    }
}

impl fmt::Debug for Tickets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tickets")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A collector at one moment.
    fn collector(secret: u8, now: i64) -> Tickets {
        struct At(i64);
        impl Clock for At {
            fn now(&self) -> UnixTime {
                UnixTime(self.0)
            }
        }
        Tickets::new(SharedSecret::from_bytes(&[secret; 32]), Arc::new(At(now)))
    }

    /// The first second of an epoch.
    const START: i64 = 40_000 * EPOCH as i64;

    #[test]
    fn a_ticket_of_one_collector_is_taken_by_another_of_the_installation_alone() {
        let ticket = collector(1, START).encrypt(b"session").unwrap();
        assert_eq!(collector(1, START).decrypt(&ticket).unwrap(), b"session");
        assert_eq!(collector(2, START).decrypt(&ticket), None);
        assert_ne!(ticket, collector(1, START).encrypt(b"session").unwrap());
    }

    #[test]
    fn a_ticket_is_taken_until_the_epoch_after_its_own_has_ended() {
        let ticket = collector(1, START).encrypt(b"session").unwrap();
        let end = START + 2 * i64::from(EPOCH);
        for (now, taken) in [(START - 1, false), (START, true), (end - 1, true), (end, false)] {
            assert_eq!(collector(1, now).decrypt(&ticket).is_some(), taken, "{now}");
        }
        let last_second = collector(1, end - 1).encrypt(b"session").unwrap();
        let announced = end - 1 + i64::from(collector(1, end).lifetime());
        assert!(collector(1, announced).decrypt(&last_second).is_some());
    }

    #[test]
    fn a_ticket_of_which_a_byte_was_changed_or_cut_off_is_not_taken() {
        let ticket = collector(1, START).encrypt(b"session").unwrap();
        for at in 0..ticket.len() {
            let mut changed = ticket.clone();
            changed[at] ^= 1;
            assert_eq!(collector(1, START).decrypt(&changed), None, "{at}");
            assert_eq!(collector(1, START).decrypt(&ticket[..at]), None, "{at}");
        }
    }
}

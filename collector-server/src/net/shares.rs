//! How many of a port's places one address may hold at a time, so that one machine cannot keep all others out.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Counts the places of each address. Bounded by the places that there are.
pub struct Shares {
    most: usize,
    held: Mutex<HashMap<IpAddr, usize>>,
}

/// One place of an address's share; free again once it is dropped.
pub struct Share {
    shares: Arc<Shares>,
    network: IpAddr,
}

impl Shares {
    /// At most so many places for one address (IPv6: one /64).
    #[must_use]
    pub fn new(most: usize) -> Arc<Self> {
        Arc::new(Self {
            most,
            held: Mutex::default(),
        })
    }

    /// Takes a place, if the address has one left.
    #[must_use]
    pub fn take(self: &Arc<Self>, address: IpAddr) -> Option<Share> {
        let network = network(address);
        let mut held = self.held();
        let count = held.entry(network).or_default();
        if *count >= self.most {
            return None;
        }
        *count += 1;
        Some(Share {
            shares: Arc::clone(self),
            network,
        })
    }

    fn held(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One host has a whole /64 of IPv6 to send from.
#[must_use]
pub fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => Ipv6Addr::from(u128::from(v6) & !u128::from(u64::MAX)).into(),
        v4 @ IpAddr::V4(_) => v4,
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut held = self.shares.held();
        if let Some(count) = held.get_mut(&self.network) {
            *count -= 1;
            if *count == 0 {
                held.remove(&self.network);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_its_share_and_no_more_and_is_forgotten_with_its_last_place() {
        let shares = Shares::new(2);
        let address = |text: &str| text.parse::<IpAddr>().unwrap();
        let held: Vec<_> = ["2001:db8::1", "2001:db8::2"]
            .map(|text| shares.take(address(text)).unwrap())
            .into();
        assert!(shares.take(address("2001:db8::3")).is_none());
        let other = shares.take(address("192.0.2.1"));
        assert!(other.is_some());
        drop((held, other));
        assert!(shares.held().is_empty());
    }
}

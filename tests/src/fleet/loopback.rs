//! The only addresses that a fleet goes to.

use std::net::SocketAddr;
use std::str::FromStr;

/// An address and a port of this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoopbackAddress(SocketAddr);

/// A text that is no such address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAddress {
    /// Not of this form.
    #[error("not an address with a port; give one such as 127.0.0.1:8443")]
    Form,
    /// Another machine's, or a name that might be.
    #[error(
        "not an address of this machine, and thousands of agents at once are an attack on any other; give one of \
         127.0.0.0/8 or [::1], on the machine that the collector runs on"
    )]
    NotLoopback,
}

impl LoopbackAddress {
    /// The address.
    #[must_use]
    pub const fn get(self) -> SocketAddr {
        self.0
    }
}

impl FromStr for LoopbackAddress {
    type Err = InvalidAddress;

    fn from_str(text: &str) -> Result<Self, InvalidAddress> {
        let address: SocketAddr = text.parse().map_err(|_| InvalidAddress::Form)?;
        // An IPv4 address in IPv6's clothes is not one that a source address can be chosen for.
        if address.ip().is_loopback() {
            Ok(Self(address))
        } else {
            Err(InvalidAddress::NotLoopback)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_this_machine_are_taken() {
        for good in ["127.0.0.1:8443", "127.9.8.7:1", "[::1]:8443"] {
            assert!(good.parse::<LoopbackAddress>().is_ok(), "{good}");
        }
        for other in [
            "192.0.2.1:8443",
            "0.0.0.0:8443",
            "[::]:8443",
            "128.0.0.1:1",
            "[::ffff:192.0.2.1]:1",
        ] {
            assert_eq!(
                other.parse::<LoopbackAddress>(),
                Err(InvalidAddress::NotLoopback),
                "{other}"
            );
        }
        for none in ["127.0.0.1", "localhost:8443", "https://127.0.0.1:8443", ""] {
            assert_eq!(
                none.parse::<LoopbackAddress>(),
                Err(InvalidAddress::Form),
                "{none}"
            );
        }
    }
}

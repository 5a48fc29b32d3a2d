//! Where to listen. Syslog has no way to tell who sends, so that only this machine's own programs are listened to.

use std::fmt;
use std::net::SocketAddr;

use serde::Deserialize;

use crate::intake::config::About;

/// An entry of `intake.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// Where to listen.
    pub listen: Loopback,
    /// What carries the messages.
    pub transport: Transport,
    /// Whose records they are.
    pub source: String,
    /// Which devices they are about.
    pub about: About,
}

/// Where to listen, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// The address.
    pub listen: Loopback,
    /// The transport.
    pub transport: Transport,
}

/// What carries the messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Transport {
    /// A message in each datagram (RFC 5426). What there is no room for is lost, and counted.
    Udp,
    /// Messages in a stream, counted or in lines (RFC 6587). The sender waits while there is no room.
    Tcp,
}

impl Transport {
    /// The word in `intake.toml`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Udp => "udp",
            Self::Tcp => "tcp",
        }
    }
}

/// An address that only this machine reaches, such as `127.0.0.1:5514`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Loopback(SocketAddr);

impl Loopback {
    /// The address.
    #[must_use]
    pub const fn address(self) -> SocketAddr {
        self.0
    }
}

impl TryFrom<String> for Loopback {
    type Error = NotLoopback;

    fn try_from(text: String) -> Result<Self, NotLoopback> {
        let address: SocketAddr = text.parse().map_err(|_| NotLoopback::Malformed)?;
        if address.ip().is_loopback() {
            Ok(Self(address))
        } else {
            Err(NotLoopback::Reachable)
        }
    }
}

impl fmt::Display for Loopback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Why an address is not listened at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotLoopback {
    /// Not an address with a port.
    #[error("not an address to listen at: write it like 127.0.0.1:5514 or [::1]:5514")]
    Malformed,
    /// Others could send there.
    #[error(
        "this address can be reached from the network, where anybody could send records in a device's name; listen \
         at 127.0.0.1 or [::1], and let the machine's own syslog daemon forward what it trusts"
    )]
    Reachable,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_addresses_are_listened_at() {
        let read = |text: &str| Loopback::try_from(text.to_owned()).map(|_| ());
        for text in ["127.0.0.1:5514", "127.3.2.1:514", "[::1]:5514"] {
            assert_eq!(read(text), Ok(()), "{text}");
        }
        for text in [
            "0.0.0.0:514",
            "[::]:514",
            "192.168.1.2:514",
            "[::ffff:10.0.0.1]:514",
            "8.8.8.8:514",
        ] {
            assert_eq!(read(text), Err(NotLoopback::Reachable), "{text}");
        }
        for text in ["", "127.0.0.1", "localhost:514", ":514", "127.0.0.1:99999"] {
            assert_eq!(read(text), Err(NotLoopback::Malformed), "{text}");
        }
    }
}

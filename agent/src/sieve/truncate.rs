//! The treatment `truncate`: what is left names a network or a maker, not a device.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde::Serialize;
use zeef_proto::field::{
    DeviceName, LineId, MacAddress, Parse, PrivateIp, PublicIp, ServiceId, Username, parse_ip,
};

/// A value cut to its network (`10.0.3.0/24`, `fd00:1:2::/48`) or vendor half (`00:1a:2b`).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Truncated(String);

impl Truncated {
    /// The text.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Truncated {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Truncated(…)")
    }
}

/// A field whose values may be cut.
pub(super) trait Truncate: Parse {
    /// The part that is left; `None` where the field has none.
    fn truncate(&self) -> Option<Truncated>;

    /// Reads what [`Self::truncate`] wrote, so that minimising twice is minimising once.
    fn read_truncated(_: &str) -> Option<Truncated> {
        None
    }
}

impl Truncate for PrivateIp {
    fn truncate(&self) -> Option<Truncated> {
        Some(network(self.expose_ip()))
    }

    fn read_truncated(text: &str) -> Option<Truncated> {
        read_network(text)
            .filter(|ip| Self::from_ip(*ip).is_ok())
            .map(network)
    }
}

impl Truncate for PublicIp {
    fn truncate(&self) -> Option<Truncated> {
        Some(network(self.expose_ip()))
    }

    fn read_truncated(text: &str) -> Option<Truncated> {
        read_network(text)
            .filter(|ip| Self::from_ip(*ip).is_ok())
            .map(network)
    }
}

impl Truncate for MacAddress {
    fn truncate(&self) -> Option<Truncated> {
        Some(Truncated(self.expose()[..8].to_owned()))
    }

    fn read_truncated(text: &str) -> Option<Truncated> {
        (text.len() == 8)
            .then(|| Self::parse(&format!("{text}:00:00:01")).ok())
            .flatten()
            .and_then(|mac| mac.truncate())
    }
}

impl Truncate for DeviceName {
    fn truncate(&self) -> Option<Truncated> {
        None
    }
}

impl Truncate for Username {
    fn truncate(&self) -> Option<Truncated> {
        None
    }
}

impl Truncate for ServiceId {
    fn truncate(&self) -> Option<Truncated> {
        None
    }
}

impl Truncate for LineId {
    fn truncate(&self) -> Option<Truncated> {
        None
    }
}

fn network(address: IpAddr) -> Truncated {
    Truncated(match address {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            format!("{}/24", Ipv4Addr::new(a, b, c, 0))
        }
        IpAddr::V6(v6) => {
            let [a, b, c, ..] = v6.segments();
            format!("{}/48", Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0))
        }
    })
}

fn read_network(text: &str) -> Option<IpAddr> {
    let (address, length) = text.split_once('/')?;
    let address = parse_ip(address).ok()?;
    let expected = if address.is_ipv4() { "24" } else { "48" };
    (length == expected).then_some(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut<T: Truncate>(text: &str) -> String {
        T::parse(text).unwrap().truncate().unwrap().expose().to_owned()
    }

    #[test]
    fn a_network_or_a_maker_is_left() {
        assert_eq!(cut::<PrivateIp>("10.0.3.17"), "10.0.3.0/24");
        assert_eq!(cut::<PublicIp>("2001:db8:1:2::7"), "2001:db8:1::/48");
        assert_eq!(cut::<MacAddress>("00-1A-2B-3C-4D-5E"), "00:1a:2b");
        assert!(DeviceName::parse("lap-17").unwrap().truncate().is_none());
    }

    #[test]
    fn what_was_cut_is_cut_no_further() {
        let again = |text: &str| PrivateIp::read_truncated(text).map(|t| t.expose().to_owned());
        assert_eq!(again("10.0.3.0/24"), Some("10.0.3.0/24".into()));
        assert_eq!(again("fd00:1:2::/48"), Some("fd00:1:2::/48".into()));
        assert_eq!(again("10.0.3.0/25"), None);
        assert_eq!(again("8.8.8.0/24"), None);
        let mac = MacAddress::read_truncated("00:1a:2b");
        assert_eq!(mac.map(|t| t.expose().to_owned()), Some("00:1a:2b".into()));
    }
}

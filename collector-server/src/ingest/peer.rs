//! From where a connection comes: the peer's address, or what a listed proxy says of it (PROXY protocol v2).

use std::net::IpAddr;

use ppp::v2::{Addresses, Command, Header};
use tokio::io::{AsyncRead, AsyncReadExt};
use zeef_proto::field::PublicIp;

use crate::config::AddressRange;

/// Signature, version, family and length.
const FIXED: usize = 16;

/// Addresses and a few extensions; a longer header is not one that we can need.
const MAX_LENGTH: usize = 1_024;

/// From where a connection comes.
#[derive(Clone)]
pub(super) struct Peer {
    /// Bounds are kept per address.
    pub(super) address: IpAddr,
    /// Of the device's network; unknown where the peer is a proxy that does not say, or is in our own network.
    pub(super) public_ip: Option<PublicIp>,
}

/// A listed proxy's connection did not start with a header that makes sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BadHeader;

impl Peer {
    fn of(address: IpAddr) -> Self {
        Self {
            address,
            public_ip: PublicIp::from_ip(address).ok(),
        }
    }

    /// Finds out the peer. Reads from `stream` only if `address` is a listed proxy's, and then exactly the header.
    pub(super) async fn find<S: AsyncRead + Unpin>(
        stream: &mut S,
        address: IpAddr,
        proxies: &[AddressRange],
    ) -> Result<Self, BadHeader> {
        if !proxies.iter().any(|proxy| proxy.contains(address)) {
            return Ok(Self::of(address));
        }
        let mut bytes = vec![0; FIXED];
        stream.read_exact(&mut bytes).await.map_err(|_| BadHeader)?;
        let length = usize::from(u16::from_be_bytes([bytes[14], bytes[15]]));
        if length > MAX_LENGTH {
            return Err(BadHeader);
        }
        bytes.resize(FIXED + length, 0);
        stream
            .read_exact(&mut bytes[FIXED..])
            .await
            .map_err(|_| BadHeader)?;
        Self::from_header(&bytes, address)
    }

    fn from_header(bytes: &[u8], proxy: IpAddr) -> Result<Self, BadHeader> {
        let header = Header::try_from(bytes).map_err(|_| BadHeader)?;
        Ok(match (header.command, header.addresses) {
            (Command::Proxy, Addresses::IPv4(addresses)) => Self::of(addresses.source_address.into()),
            (Command::Proxy, Addresses::IPv6(addresses)) => Self::of(addresses.source_address.into()),
            // The proxy speaks for itself (a health check), or cannot tell: its own address is no device's.
            _ => Self {
                address: proxy,
                public_ip: None,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use ppp::v2::{AddressFamily, Builder, Protocol, Version};
    use proptest::prelude::*;
    use zeef_proto::field::Parse;

    use super::*;

    const PROXY: &str = "203.0.113.1";

    fn header(source: &str) -> Vec<u8> {
        let source: std::net::SocketAddr = source.parse().unwrap();
        let destination: std::net::SocketAddr = if source.is_ipv4() {
            "192.0.2.1:8443"
        } else {
            "[2001:db8::2]:8443"
        }
        .parse()
        .unwrap();
        Builder::with_addresses(
            Version::Two | Command::Proxy,
            Protocol::Stream,
            (source, destination),
        )
        .build()
        .unwrap()
    }

    async fn find(sent: &[u8], from: &str) -> Result<(IpAddr, Option<String>, usize), BadHeader> {
        let proxies = [PROXY.parse().unwrap()];
        let mut stream = sent;
        let peer = Peer::find(&mut stream, from.parse().unwrap(), &proxies).await?;
        Ok((peer.address, peer.public_ip.map(|ip| ip.expose()), stream.len()))
    }

    #[tokio::test]
    async fn a_listed_proxy_says_who_it_speaks_for_and_nothing_after_its_header_is_read() {
        let sent = [header("198.51.100.7:5000"), b"TLS".to_vec()].concat();
        let found = find(&sent, PROXY).await.unwrap();
        assert_eq!(
            found,
            ("198.51.100.7".parse().unwrap(), Some("198.51.100.7".into()), 3)
        );
        let found = find(&header("[2001:db8::7]:5000"), PROXY).await.unwrap();
        assert_eq!(found.1.as_deref(), Some("2001:db8::7"));
    }

    #[tokio::test]
    async fn from_others_nothing_is_read_before_tls() {
        let sent = header("198.51.100.7:5000");
        let found = find(&sent, "203.0.113.2").await.unwrap();
        assert_eq!(
            found,
            (
                "203.0.113.2".parse().unwrap(),
                Some("203.0.113.2".into()),
                sent.len()
            )
        );
    }

    #[tokio::test]
    async fn a_proxy_without_a_sound_header_is_refused() {
        let sound = header("198.51.100.7:5000");
        for sent in [&b""[..], b"\x16\x03\x01", &sound[..sound.len() - 1], &[0; 64]] {
            assert_eq!(find(sent, PROXY).await, Err(BadHeader));
        }
        let mut long = sound;
        long[14..16].copy_from_slice(&2_000_u16.to_be_bytes());
        long.resize(4_000, 0);
        assert_eq!(find(&long, PROXY).await, Err(BadHeader));
    }

    #[tokio::test]
    async fn a_proxys_own_connection_gives_no_public_address() {
        let local = Builder::new(
            Version::Two | Command::Local,
            AddressFamily::Unspecified | Protocol::Unspecified,
        )
        .build()
        .unwrap();
        assert_eq!(find(&local, PROXY).await, Ok((PROXY.parse().unwrap(), None, 0)));
    }

    #[tokio::test]
    async fn a_private_address_is_nobodys_public_one() {
        assert_eq!(find(b"", "10.0.3.17").await.unwrap().1, None);
        assert_eq!(find(&header("10.0.3.17:5000"), PROXY).await.unwrap().1, None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(bytes: Vec<u8>) {
            drop(Peer::from_header(&bytes, PROXY.parse().unwrap()));
        }

        #[test]
        fn a_damaged_header_is_read_without_panic(at: prop::sample::Index, byte: u8) {
            let mut bytes = header("198.51.100.7:5000");
            let at = at.index(bytes.len());
            bytes[at] = byte;
            drop(Peer::from_header(&bytes, PROXY.parse().unwrap()));
        }
    }
}

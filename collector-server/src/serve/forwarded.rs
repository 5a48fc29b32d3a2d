//! Whose browser it is when a proxy stands in front of the pages.

use std::net::{IpAddr, SocketAddr};

use http::HeaderMap;

const FORWARDED_FOR: &str = "x-forwarded-for";

/// The client of a request that came from `peer`. Only behind a proxy does the header count, and of it only the
/// last entry: that one the proxy itself has added, all before it the client can make up.
pub(super) fn client(peer: SocketAddr, headers: &HeaderMap, behind_proxy: bool) -> SocketAddr {
    let added = headers
        .get_all(FORWARDED_FOR)
        .iter()
        .next_back()
        .filter(|_| behind_proxy)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.rsplit(',').next())
        .and_then(|last| last.trim().parse::<IpAddr>().ok());
    added.map_or(peer, |client| SocketAddr::new(client, peer.port()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(values: &[&str], behind_proxy: bool) -> String {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(FORWARDED_FOR, value.parse().unwrap());
        }
        client("10.0.0.2:5000".parse().unwrap(), &headers, behind_proxy)
            .ip()
            .to_string()
    }

    #[test]
    fn behind_a_proxy_the_entry_that_it_added_counts_and_no_other() {
        assert_eq!(found(&["198.51.100.7"], true), "198.51.100.7");
        assert_eq!(found(&["192.0.2.66, 198.51.100.7"], true), "198.51.100.7");
        assert_eq!(found(&["192.0.2.66", "2001:db8::7"], true), "2001:db8::7");
    }

    #[test]
    fn without_a_proxy_or_a_sound_header_the_peer_counts() {
        assert_eq!(found(&["198.51.100.7"], false), "10.0.0.2");
        assert_eq!(found(&[], true), "10.0.0.2");
        assert_eq!(found(&["198.51.100.7, unknown"], true), "10.0.0.2");
    }
}

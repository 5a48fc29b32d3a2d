//! What a person typed into the search field, read once into what it can match.

use std::net::IpAddr;
use std::ops::Range;

use zeef_proto::field::{Field, MacAddress, Parse, matching_form, parse_ip};

/// Longest search that is taken, in characters.
pub const MOST_CHARACTERS: usize = 100;

/// A search. Says nothing of itself in `Debug`: it may be a person's name.
#[derive(Clone, PartialEq, Eq)]
pub enum Term {
    /// One MAC address, however it was spelled; or a name that holds the same text.
    Mac {
        /// Canonical form.
        address: String,
        /// Matching form of what was typed.
        text: String,
    },
    /// One IP address, canonical.
    Address(String),
    /// All addresses of a network.
    Network(Network),
    /// Anything that holds this text.
    Text {
        /// Matching form.
        text: String,
        /// Its hexadecimal digits, if it can be a part of a MAC address in another spelling.
        mac_digits: Option<String>,
    },
}

/// A block of addresses (RFC 4632).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

impl std::fmt::Debug for Term {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Term(…)")
    }
}

impl Term {
    /// Reads what was typed; `None` where nothing was. What is longer than [`MOST_CHARACTERS`] is cut.
    #[must_use]
    pub fn parse(typed: &str) -> Option<Self> {
        let typed: String = typed
            .trim()
            .chars()
            .filter(|c| !c.is_control())
            .take(MOST_CHARACTERS)
            .collect();
        let typed = typed.trim();
        if typed.is_empty() {
            return None;
        }
        if let Ok(mac) = MacAddress::parse(typed) {
            return Some(Self::Mac {
                address: mac.expose(),
                text: matching_form(typed),
            });
        }
        if let Ok(address) = parse_ip(typed) {
            return Some(Self::Address(address.to_string()));
        }
        if let Some(network) = Network::parse(typed) {
            return Some(Self::Network(network));
        }
        Some(Self::Text {
            text: matching_form(typed),
            mac_digits: part_of_mac(typed),
        })
    }

    /// Whether a value, in its matching form, is what was searched for.
    #[must_use]
    pub fn matches(&self, field: Field, matching: &str) -> bool {
        match self {
            Self::Mac { address, text } => match field {
                Field::MacAddress => matching == address,
                _ => matching.contains(text.as_str()),
            },
            Self::Address(address) => is_address(field) && matching == address,
            Self::Network(network) => {
                is_address(field) && matching.parse().is_ok_and(|address| network.holds(address))
            }
            Self::Text { text, mac_digits } => {
                matching.contains(text.as_str())
                    || field == Field::MacAddress
                        && mac_digits
                            .as_ref()
                            .is_some_and(|digits| holds_digits(matching, digits))
            }
        }
    }

    /// Which part of a value, as shown, is why it matched; `None` where it did not.
    #[must_use]
    pub fn span(&self, field: Field, shown: &str) -> Option<Range<usize>> {
        if !self.matches(field, &matching_form(shown)) {
            return None;
        }
        let text = match self {
            Self::Text { text, .. } | Self::Mac { text, .. } => text,
            Self::Address(_) | Self::Network(_) => return Some(0..shown.len()),
        };
        Some(span_of(text, shown).unwrap_or(0..shown.len()))
    }
}

impl Network {
    fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = text.split_once('/')?;
        let address = parse_ip(address).ok()?;
        let prefix: u8 = prefix.trim().parse().ok()?;
        let longest = if address.is_ipv4() { 32 } else { 128 };
        (prefix <= longest).then_some(Self { address, prefix })
    }

    fn holds(&self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(network), IpAddr::V4(address)) => same_start(
                network.to_bits().into(),
                address.to_bits().into(),
                self.prefix,
                32,
            ),
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                same_start(network.to_bits(), address.to_bits(), self.prefix, 128)
            }
            _ => false,
        }
    }
}

fn same_start(one: u128, other: u128, prefix: u8, length: u32) -> bool {
    (one ^ other)
        .checked_shr(length - u32::from(prefix))
        .is_none_or(|difference| difference == 0)
}

/// Whether a field holds IP addresses.
#[must_use]
pub const fn is_address(field: Field) -> bool {
    matches!(field, Field::PrivateIp | Field::PublicIp)
}

/// The digits of a text that is made of hexadecimal digits and MAC separators, at least two bytes of them.
fn part_of_mac(typed: &str) -> Option<String> {
    let fits = typed
        .bytes()
        .all(|b| b.is_ascii_hexdigit() || matches!(b, b':' | b'-' | b'.'));
    let digits: String = typed
        .chars()
        .filter(char::is_ascii_hexdigit)
        .map(|c| c.to_ascii_lowercase())
        .collect();
    (fits && (4..=12).contains(&digits.len())).then_some(digits)
}

/// Whether a canonical MAC address holds these digits, starting at a byte.
pub(super) fn holds_digits(mac: &str, digits: &str) -> bool {
    (0..mac.len()).step_by(3).any(|start| {
        let mut own = mac[start..].bytes().filter(|byte| *byte != b':');
        digits.bytes().all(|digit| own.next() == Some(digit))
    })
}

/// Where in `shown` the text stands whose matching form is searched for. `None` where no run of whole characters
/// gives it, as when normalisation joined some.
fn span_of(text: &str, shown: &str) -> Option<Range<usize>> {
    let mut folded = String::new();
    // For each byte of the folded text, the character of `shown` it came from.
    let mut origin = Vec::new();
    for (at, c) in shown.char_indices() {
        folded.push_str(&matching_form(c.encode_utf8(&mut [0; 4])));
        origin.resize(folded.len(), at..at + c.len_utf8());
    }
    let start = folded.find(text)?;
    Some(origin.get(start)?.start..origin.get(start + text.len() - 1)?.end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hits(typed: &str, field: Field, value: &str) -> bool {
        Term::parse(typed).unwrap().matches(field, &matching_form(value))
    }

    #[test]
    fn every_spelling_finds_the_same_mac_address() {
        for typed in [
            "00:1a:2b:3c:4d:5e",
            "00-1A-2B-3C-4D-5E",
            "001a.2b3c.4d5e",
            "001A2B3C4D5E",
            " 0:1a:2b:3c:4d:5e ",
            "00-1A-2B",
            "1a2b",
            "001a.2b",
            "4d:5e",
        ] {
            assert!(hits(typed, Field::MacAddress, "00:1a:2b:3c:4d:5e"), "{typed}");
        }
        assert!(!hits("00:1a:2b:3c:4d:5f", Field::MacAddress, "00:1a:2b:3c:4d:5e"));
        // Half a byte further on is another address.
        assert!(!hits("01a2-b3", Field::MacAddress, "00:1a:2b:3c:4d:5e"));
    }

    #[test]
    fn a_whole_address_finds_itself_and_no_longer_one() {
        assert!(hits("10.0.3.1", Field::PrivateIp, "10.0.3.1"));
        assert!(hits("::ffff:10.0.3.1", Field::PrivateIp, "10.0.3.1"));
        assert!(!hits("10.0.3.1", Field::PrivateIp, "10.0.3.17"));
        assert!(!hits("10.0.3.1", Field::DeviceName, "10.0.3.1"));
        assert!(hits("FD00:0::AB", Field::PrivateIp, "fd00::ab"));
    }

    #[test]
    fn a_network_finds_what_lies_in_it() {
        for (typed, value, expected) in [
            ("10.0.3.0/24", "10.0.3.17", true),
            ("10.0.3.9/24", "10.0.3.17", true),
            ("10.0.2.0/24", "10.0.3.17", false),
            ("0.0.0.0/0", "192.168.1.1", true),
            ("0.0.0.0/0", "fd00::1", false),
            ("fd00::/8", "fdab::1", true),
            ("::/0", "fdab::1", true),
            ("10.0.3.17/32", "10.0.3.17", true),
            ("10.0.3.17/32", "10.0.3.18", false),
        ] {
            assert_eq!(hits(typed, Field::PrivateIp, value), expected, "{typed} {value}");
        }
        assert!(matches!(Term::parse("10.0.0.0/33"), Some(Term::Text { .. })));
    }

    #[test]
    fn text_is_found_whatever_its_case_and_composition() {
        assert!(hits("JANSEN", Field::Username, "j.jansen"));
        assert!(hits("straße", Field::DeviceName, "STRASSE-4"));
        assert!(hits("rene\u{301}", Field::Username, "René"));
        assert!(hits("10.0.3.", Field::PrivateIp, "10.0.3.17"));
        assert!(!hits("piet", Field::Username, "j.jansen"));
        assert_eq!(Term::parse(" \t "), None);
    }

    #[test]
    fn the_span_is_the_part_that_was_searched_for() {
        let part = |typed: &str, field, shown: &str| {
            let span = Term::parse(typed).unwrap().span(field, shown);
            span.map(|span| shown[span].to_owned())
        };
        assert_eq!(part("JANS", Field::Username, "j.jansen"), Some("jans".into()));
        assert_eq!(part("ren", Field::Username, "Éren"), Some("ren".into()));
        assert_eq!(part("é", Field::Username, "RENÉ"), Some("É".into()));
        assert_eq!(part("ss", Field::DeviceName, "großes"), Some("ß".into()));
        assert_eq!(
            part("10.0.3.0/24", Field::PrivateIp, "10.0.3.17"),
            Some("10.0.3.17".into())
        );
        assert_eq!(
            part("1a2b", Field::MacAddress, "00:1a:2b:3c:4d:5e"),
            Some("00:1a:2b:3c:4d:5e".into())
        );
        assert_eq!(part("x", Field::Username, "jan"), None);
    }
}

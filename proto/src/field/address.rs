//! IP addresses, parsed to bits and printed as RFC 5952 says.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::wire_form::field_type;
use super::{Field, Parse, Rejection};

/// An address inside an organisation's network: RFC 1918 for IPv4, RFC 4193 (ULA) for IPv6.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PrivateIp(IpAddr);

/// An address that is routed on the internet.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PublicIp(IpAddr);

field_type!(
    PrivateIp,
    r"^[0-9a-f.:]{2,39}$",
    "RFC 1918 or RFC 4193 address, written as in RFC 5952"
);
field_type!(
    PublicIp,
    r"^[0-9a-f.:]{2,39}$",
    "globally routed address, written as in RFC 5952"
);

/// Reads an address: strips a zone id, unmaps `::ffff:a.b.c.d`, refuses octets with leading zeros.
///
/// # Errors
/// [`Rejection::Empty`], [`Rejection::TooLong`] or [`Rejection::Malformed`].
#[inline]
pub fn parse_ip(text: &str) -> Result<IpAddr, Rejection> {
    match plain_ipv4(text) {
        Some(v4) => Ok(IpAddr::V4(v4)),
        None => parse_spelling(text),
    }
}

fn parse_spelling(text: &str) -> Result<IpAddr, Rejection> {
    let text = text.trim_matches([' ', '\t']);
    if text.is_empty() {
        return Err(Rejection::Empty);
    }
    // The longest text of an address is 45 characters; zone ids are interface names.
    if text.len() > 80 {
        return Err(Rejection::TooLong);
    }
    let (address, zone) = text
        .split_once('%')
        .map_or((text, None), |(address, zone)| (address, Some(zone)));
    let address: IpAddr = address.parse().map_err(|_| Rejection::Malformed)?;
    if zone.is_some_and(|zone| zone.is_empty() || address.is_ipv4()) {
        return Err(Rejection::Malformed);
    }
    Ok(unmapped(address))
}

/// `a.b.c.d` and nothing around it, which most addresses are.
fn plain_ipv4(text: &str) -> Option<Ipv4Addr> {
    let mut octets = [0; 4];
    let mut place = 0;
    let (mut octet, mut digits) = (0_u16, 0);
    for byte in text.bytes() {
        if byte.is_ascii_digit() {
            let leading_zero = octet == 0 && digits > 0;
            octet = octet * 10 + u16::from(byte - b'0');
            digits += 1;
            if leading_zero || octet > 255 {
                return None;
            }
        } else {
            if byte != b'.' || digits == 0 || place == 3 {
                return None;
            }
            octets[place] = octet as u8;
            place += 1;
            (octet, digits) = (0, 0);
        }
    }
    octets[3] = octet as u8;
    (place == 3 && digits > 0).then(|| Ipv4Addr::from(octets))
}

/// As `Display` of the standard library, which formats at length what are a few digits.
fn write(address: IpAddr, out: &mut String) {
    let IpAddr::V4(v4) = address else {
        return out.push_str(&address.to_string());
    };
    for (place, octet) in v4.octets().into_iter().enumerate() {
        if place > 0 {
            out.push('.');
        }
        if octet >= 100 {
            out.push(char::from(b'0' + octet / 100));
        }
        if octet >= 10 {
            out.push(char::from(b'0' + octet / 10 % 10));
        }
        out.push(char::from(b'0' + octet % 10));
    }
}

fn unmapped(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or(address, IpAddr::V4),
        IpAddr::V4(_) => address,
    }
}

fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_private(),
        IpAddr::V6(v6) => v6.is_unique_local(),
    }
}

/// Whether the address could be somebody's on the internet. Documentation ranges (RFC 5737, RFC 3849) count:
/// they are used in examples and nowhere else.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(v4: Ipv4Addr) -> bool {
    let [a, b, ..] = v4.octets();
    let shared = a == 100 && (64..128).contains(&b); // RFC 6598
    let reserved = a == 0 || a >= 240; // RFC 791, RFC 1112
    !(v4.is_private() || v4.is_loopback() || v4.is_link_local() || v4.is_multicast() || shared || reserved)
}

fn is_public_v6(v6: Ipv6Addr) -> bool {
    v6.segments()[0] & 0xe000 == 0x2000 // RFC 4291, section 2.4: global unicast is 2000::/3
}

impl PrivateIp {
    /// Takes an address that the operating system gave as bits.
    ///
    /// # Errors
    /// [`Rejection::NotPrivate`] outside RFC 1918 and RFC 4193.
    #[inline]
    pub fn from_ip(address: IpAddr) -> Result<Self, Rejection> {
        let address = unmapped(address);
        if is_private(address) {
            Ok(Self(address))
        } else {
            Err(Rejection::NotPrivate)
        }
    }

    /// The address itself.
    #[must_use]
    pub const fn expose_ip(&self) -> IpAddr {
        self.0
    }
}

impl PublicIp {
    /// Takes an address that the operating system gave as bits.
    ///
    /// # Errors
    /// [`Rejection::NotPublic`] for private, loopback, link-local, shared, multicast and reserved ones.
    #[inline]
    pub fn from_ip(address: IpAddr) -> Result<Self, Rejection> {
        let address = unmapped(address);
        if is_public(address) {
            Ok(Self(address))
        } else {
            Err(Rejection::NotPublic)
        }
    }

    /// The address itself.
    #[must_use]
    pub const fn expose_ip(&self) -> IpAddr {
        self.0
    }
}

impl Parse for PrivateIp {
    const FIELD: Field = Field::PrivateIp;

    fn parse(text: &str) -> Result<Self, Rejection> {
        Self::from_ip(parse_ip(text)?)
    }

    fn expose_to(&self, out: &mut String) {
        write(self.0, out);
    }
}

impl Parse for PublicIp {
    const FIELD: Field = Field::PublicIp;

    fn parse(text: &str) -> Result<Self, Rejection> {
        Self::from_ip(parse_ip(text)?)
    }

    fn expose_to(&self, out: &mut String) {
        write(self.0, out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn private(text: &str) -> Result<String, Rejection> {
        PrivateIp::parse(text).map(|ip| ip.expose())
    }

    #[test]
    fn spellings_of_one_address_come_out_alike() {
        assert_eq!(private(" 10.0.3.17 "), Ok("10.0.3.17".into()));
        assert_eq!(private("::ffff:10.0.3.17"), Ok("10.0.3.17".into()));
        assert_eq!(private("::FFFF:0A00:0311"), Ok("10.0.3.17".into()));
        assert_eq!(private("FD00:0:0::00AB%eth0"), Ok("fd00::ab".into()));
    }

    #[test]
    fn octets_are_read_and_written_as_the_standard_library_does() {
        let octets = (0..=u8::MAX).map(|octet| octet.to_string());
        for octet in
            octets.chain(["256", "300", "999", "00", "01", "001", "1000", "", "+1", "1a"].map(str::to_owned))
        {
            for text in [format!("{octet}.9.10.255"), format!("10.0.0.{octet}")] {
                assert_eq!(plain_ipv4(&text), text.parse().ok(), "{text}");
                if let Some(v4) = plain_ipv4(&text) {
                    let mut written = String::new();
                    write(IpAddr::V4(v4), &mut written);
                    assert_eq!(written, text);
                }
            }
        }
    }

    #[test]
    fn malformed_addresses_are_refused() {
        for text in [
            "1.1.1.1.5",
            "-",
            "xxx.xxx.xxx.xxx",
            "010.0.0.1",
            "10.0.0.1%eth0",
            "fd00::1%",
            "10.0.0",
            "0x0a.0.0.1",
        ] {
            assert_eq!(private(text), Err(Rejection::Malformed), "{text}");
        }
        assert_eq!(private(""), Err(Rejection::Empty));
        assert_eq!(private(&"1".repeat(81)), Err(Rejection::TooLong));
    }

    #[test]
    fn what_is_private_is_decided_by_the_value() {
        for text in [
            "127.0.0.1",
            "169.254.1.1",
            "100.64.0.1",
            "8.8.8.8",
            "0.0.0.0",
            "fe80::1",
            "::1",
            "2001:db8::1",
            "ff02::1",
        ] {
            assert_eq!(private(text), Err(Rejection::NotPrivate), "{text}");
        }
        for text in ["10.1.2.3", "172.31.255.255", "192.168.0.1", "fc00::1", "fdff::1"] {
            assert!(private(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn a_public_address_is_one_that_the_internet_routes() {
        for text in ["203.0.113.7", "8.8.8.8", "2001:db8::7", "::ffff:203.0.113.7"] {
            assert!(PublicIp::parse(text).is_ok(), "{text}");
        }
        for text in [
            "10.0.0.1",
            "127.0.0.1",
            "100.64.1.1",
            "0.0.0.0",
            "255.255.255.255",
            "224.0.0.1",
            "fd00::1",
            "::",
            "::1",
            "fe80::1",
        ] {
            assert_eq!(PublicIp::parse(text).err(), Some(Rejection::NotPublic), "{text}");
        }
    }

    #[test]
    fn debug_output_shows_no_address() {
        let address = PrivateIp::parse("10.0.3.17").unwrap();
        assert_eq!(format!("{address:?}"), "PrivateIp(…)");
    }
}

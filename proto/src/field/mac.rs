//! MAC addresses: IEEE 802 EUI-48, six bytes.

use super::wire_form::field_type;
use super::{Field, Parse, Rejection};

/// The hardware address of one interface.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MacAddress([u8; 6]);

field_type!(
    MacAddress,
    r"^[0-9a-f]{2}(:[0-9a-f]{2}){5}$",
    "EUI-48 in lower-case colon form"
);

impl MacAddress {
    /// Takes the six bytes that the operating system gave.
    ///
    /// # Errors
    /// [`Rejection::NotUnicast`] for all-zero, broadcast and multicast addresses.
    pub fn from_bytes(bytes: [u8; 6]) -> Result<Self, Rejection> {
        let group = bytes[0] & 0b01 != 0; // IEEE 802: the individual/group bit
        if bytes == [0; 6] || group {
            Err(Rejection::NotUnicast)
        } else {
            Ok(Self(bytes))
        }
    }

    /// Whether the address was made up (randomised) and not assigned by the maker of the interface. Such an
    /// address is shown with a mark and never used to recognise a device.
    #[must_use]
    pub const fn is_locally_administered(&self) -> bool {
        self.0[0] & 0b10 != 0
    }
}

impl Parse for MacAddress {
    const FIELD: Field = Field::MacAddress;

    /// Takes `00:1a:2b:3c:4d:5e`, `00-1A-2B-3C-4D-5E`, `001a.2b3c.4d5e`, `001A2B3C4D5E` and, with colons or
    /// hyphens, suppressed zeros (`0:1a:2b:3c:4d:5e`).
    fn parse(text: &str) -> Result<Self, Rejection> {
        let text = text.trim_matches([' ', '\t']);
        if text.is_empty() {
            return Err(Rejection::Empty);
        }
        if text.len() > 32 {
            return Err(Rejection::TooLong);
        }
        let mut bytes = Bytes::default();
        let fits = match text.bytes().find(|byte| matches!(byte, b':' | b'-' | b'.')) {
            Some(b'.') => dotted(text, &mut bytes),
            Some(separator) => separated(text, separator, &mut bytes),
            None => hex_pairs(text.as_bytes(), &mut bytes),
        };
        match (fits, bytes.count) {
            (Some(()), 6) => {
                let [a, b, c, d, e, f, ..] = bytes.values;
                Self::from_bytes([a, b, c, d, e, f])
            }
            (Some(()), 8) => Err(Rejection::Eui64),
            _ => Err(Rejection::Malformed),
        }
    }

    fn expose_to(&self, out: &mut String) {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        for (place, byte) in self.0.into_iter().enumerate() {
            if place > 0 {
                out.push(':');
            }
            out.push(char::from(DIGITS[usize::from(byte >> 4)]));
            out.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
    }
}

/// Up to the eight bytes of an EUI-64.
#[derive(Default)]
struct Bytes {
    values: [u8; 8],
    count: usize,
}

impl Bytes {
    fn push(&mut self, byte: u8) -> Option<()> {
        *self.values.get_mut(self.count)? = byte;
        self.count += 1;
        Some(())
    }
}

/// One or two digits between separators.
fn separated(text: &str, separator: u8, bytes: &mut Bytes) -> Option<()> {
    let mut parts = text.as_bytes().split(|byte| *byte == separator);
    parts.try_for_each(|part| match *part {
        [low] => bytes.push(digit(low)?),
        [high, low] => bytes.push(digit(high)? << 4 | digit(low)?),
        _ => None,
    })
}

/// `001a.2b3c.4d5e`: groups of exactly four digits.
fn dotted(text: &str, bytes: &mut Bytes) -> Option<()> {
    text.split('.').try_for_each(|group| {
        if group.len() == 4 {
            hex_pairs(group.as_bytes(), bytes)
        } else {
            None
        }
    })
}

fn hex_pairs(text: &[u8], bytes: &mut Bytes) -> Option<()> {
    text.chunks(2).try_for_each(|pair| match *pair {
        [high, low] => bytes.push(digit(high)? << 4 | digit(low)?),
        _ => None,
    })
}

fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_address_come_out_alike() {
        for text in [
            "0:1a:2b:3c:4d:5e",
            "00-1A-2B-3C-4D-5E",
            "001a.2b3c.4d5e",
            "001A2B3C4D5E",
            " 00:1a:2b:3c:4d:5e\t",
        ] {
            assert_eq!(
                MacAddress::parse(text).map(|mac| mac.expose()),
                Ok("00:1a:2b:3c:4d:5e".into()),
                "{text}"
            );
        }
    }

    #[test]
    fn what_names_no_single_interface_is_refused() {
        for text in [
            "00:00:00:00:00:00",
            "ff:ff:ff:ff:ff:ff",
            "01:00:5e:00:00:01",
            "333300000001",
        ] {
            assert_eq!(
                MacAddress::parse(text).err(),
                Some(Rejection::NotUnicast),
                "{text}"
            );
        }
        assert_eq!(
            MacAddress::parse("02:1a:2b:ff:fe:3c:4d:5e").err(),
            Some(Rejection::Eui64)
        );
        for text in [
            "1a:2b:3c:4d:5e",
            "00:1a:2b:3c:4d:5g",
            "001:a:2b:3c:4d:5e",
            "00:1a-2b:3c:4d:5e",
            "1.2.3.4",
            "+0:1a:2b:3c:4d:5e",
        ] {
            assert_eq!(
                MacAddress::parse(text).err(),
                Some(Rejection::Malformed),
                "{text}"
            );
        }
    }

    #[test]
    fn a_randomised_address_is_known_as_such() {
        assert!(
            MacAddress::parse("02:1a:2b:3c:4d:5e")
                .unwrap()
                .is_locally_administered()
        );
        assert!(
            !MacAddress::parse("00:1a:2b:3c:4d:5e")
                .unwrap()
                .is_locally_administered()
        );
    }
}

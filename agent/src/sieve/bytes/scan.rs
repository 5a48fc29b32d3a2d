//! Eight bytes at a time.

const LOW: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// How many bytes at the start of `bytes` are neither a quote, a backslash nor a control character: the part of
/// a JSON string (RFC 8259, section 7) that can be passed over.
#[inline]
pub(crate) fn plain_prefix(bytes: &[u8]) -> usize {
    let mut rest = bytes;
    while let Some((eight, behind)) = rest.split_first_chunk::<8>() {
        let found = special(u64::from_le_bytes(*eight));
        if found != 0 {
            return bytes.len() - rest.len() + (found.trailing_zeros() / 8) as usize;
        }
        rest = behind;
    }
    let tail = rest.iter().position(|byte| ends_plain(*byte));
    bytes.len() - rest.len() + tail.unwrap_or(rest.len())
}

/// Whether a byte ends what [`plain_prefix`] passes over.
#[inline]
const fn ends_plain(byte: u8) -> bool {
    byte < 0x20 || byte == b'"' || byte == b'\\'
}

/// The high bit of each byte that ends a plain part. A borrow can mark a byte after such a one wrongly, never one
/// before it, and only the first counts.
#[inline]
const fn special(eight: u64) -> u64 {
    let control = eight.wrapping_sub(LOW * 0x20) & !eight;
    let quote = eight ^ (LOW * b'"' as u64);
    let quote = quote.wrapping_sub(LOW) & !quote;
    let backslash = eight ^ (LOW * b'\\' as u64);
    let backslash = backslash.wrapping_sub(LOW) & !backslash;
    (control | quote | backslash) & HIGH
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_at_every_place_is_judged_alike() {
        for byte in 0..=u8::MAX {
            for place in 0..20 {
                let mut bytes = [b'x'; 20];
                bytes[place] = byte;
                let expected = if ends_plain(byte) { place } else { 20 };
                assert_eq!(plain_prefix(&bytes), expected, "{byte} at {place}");
            }
        }
    }
}

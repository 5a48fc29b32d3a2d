//! Bytes that end the plain part of a JSON string, found sixty-four at a time.

/// Bytes that are looked at together.
const BLOCK: usize = 64;

/// A block of bytes that was looked at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Block {
    /// The place of its first byte.
    at: usize,
    /// Its marks. What is behind the end of the bytes counts as marked.
    marks: u64,
}

impl Block {
    /// No block of any bytes.
    pub(super) const NONE: Self = Self {
        at: usize::MAX - BLOCK + 1,
        marks: 0,
    };

    // Looking is rare beside going from mark to mark, which wants the registers.
    #[inline(never)]
    fn look(bytes: &[u8], at: usize) -> Self {
        let seen = bytes.get(at..).unwrap_or_default();
        let marks = match seen.first_chunk() {
            Some(whole) => marks(whole),
            None => marks_of_part(seen),
        };
        Self { at, marks }
    }
}

#[cold]
fn marks_of_part(part: &[u8]) -> u64 {
    let mut block = [0; BLOCK];
    block[..part.len()].copy_from_slice(part);
    marks(&block)
}

/// Goes from one marked byte to the next.
pub(crate) struct Marks<'b> {
    bytes: &'b [u8],
    block: Block,
    /// Those of the block that are still ahead.
    ahead: u64,
}

impl<'b> Marks<'b> {
    /// From `at` on; `known` is a block of these bytes that was looked at before, if any.
    #[inline(always)]
    pub(super) fn new(bytes: &'b [u8], at: usize, known: Block) -> Self {
        let mut within = at.wrapping_sub(known.at);
        let mut block = known;
        if within >= BLOCK {
            within = at % BLOCK;
            block = Block::look(bytes, at - within);
        }
        Self {
            bytes,
            block,
            ahead: block.marks & !0 << within,
        }
    }

    /// The place of the next mark, passed; the end of the bytes, or beyond, where there is none.
    #[inline(always)]
    pub(crate) fn next(&mut self) -> usize {
        self.next_before(self.bytes.len())
    }

    /// As [`Self::next`], and looks no further than the block in which `limit` lies.
    #[inline(always)]
    pub(super) fn next_before(&mut self, limit: usize) -> usize {
        while self.ahead == 0 {
            let at = self.block.at + BLOCK;
            if at >= limit {
                return limit;
            }
            self.block = Block::look(self.bytes, at);
            self.ahead = self.block.marks;
        }
        let place = self.block.at + self.ahead.trailing_zeros() as usize;
        self.ahead &= self.ahead - 1;
        place
    }

    /// Passes the marks before `at`.
    #[inline(always)]
    pub(crate) fn pass_to(&mut self, at: usize) {
        *self = Self::new(self.bytes, at, self.block);
    }

    /// All bytes.
    #[inline]
    pub(crate) const fn bytes(&self) -> &'b [u8] {
        self.bytes
    }

    /// The block that was looked at last.
    #[inline]
    pub(crate) const fn block(&self) -> Block {
        self.block
    }
}

/// One bit for each byte, the lowest for the first: set where the byte ends the plain part of a JSON string
/// (RFC 8259, section 7). These loops over bytes compile to vector instructions on every processor that has them.
#[inline]
fn marks(block: &[u8; BLOCK]) -> u64 {
    let mut bits = [0_u8; BLOCK];
    for (place, (bit, byte)) in bits.iter_mut().zip(block).enumerate() {
        *bit = if ends_plain(*byte) { 1 << (place % 8) } else { 0 };
    }
    // The eight bytes of a word have no bit in common: their sum, which the product has on top, is all of them.
    const SUM: u64 = 0x0101_0101_0101_0101;
    let (words, _) = bits.as_chunks::<8>();
    words.iter().enumerate().fold(0, |marks, (place, word)| {
        marks | (u64::from_le_bytes(*word).wrapping_mul(SUM) >> 56) << (8 * place)
    })
}

/// A quote, a backslash or a control character.
#[inline]
const fn ends_plain(byte: u8) -> bool {
    byte < 0x20 || byte == b'"' || byte == b'\\'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_mark_is_found_once_and_then_the_end() {
        let mut bytes = [b'x'; 200];
        for place in [0, 1, 63, 64, 130, 199] {
            bytes[place] = b'"';
        }
        let mut marks = Marks::new(&bytes, 0, Block::NONE);
        let found: Vec<usize> = (0..8).map(|_| marks.next()).collect();
        assert_eq!(found[..6], [0, 1, 63, 64, 130, 199]);
        assert!(found[6..].iter().all(|place| *place >= bytes.len()), "{found:?}");
        marks.pass_to(2);
        assert_eq!(marks.next(), 63);
        let mut again = Marks::new(&bytes, 1, marks.block());
        assert_eq!([again.next(), again.next()], [1, 63]);
    }

    #[test]
    fn every_byte_at_every_place_is_judged_alike() {
        for byte in 0..=u8::MAX {
            for place in 0..BLOCK {
                let mut block = [b'x'; BLOCK];
                block[place] = byte;
                let expected = if ends_plain(byte) { 1 << place } else { 0 };
                assert_eq!(marks(&block), expected, "{byte} at {place}");
            }
            let expected = if ends_plain(byte) { u64::MAX } else { 0 };
            assert_eq!(marks(&[byte; BLOCK]), expected, "{byte} everywhere");
        }
    }
}

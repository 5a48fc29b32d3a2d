//! A stream that comes in pieces.

use std::io::{self, Read};

/// Gives `rest` in pieces of the sizes that the lower six bits of `sizes` say, over and over; byte by byte where
/// there are none.
pub(crate) struct Chunks<'a> {
    pub(crate) rest: &'a [u8],
    pub(crate) sizes: &'a [u8],
    pub(crate) turn: usize,
}

impl Read for Chunks<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let size = match self.sizes {
            [] => 1,
            sizes => usize::from(sizes[self.turn % sizes.len()] & 0x3f) + 1,
        };
        self.turn += 1;
        let count = size.min(buffer.len());
        (&mut self.rest).read(&mut buffer[..count])
    }
}

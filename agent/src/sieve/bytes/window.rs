//! A bounded window over a stream of bytes.

use std::io::{self, Read};

use super::scan::{Block, Marks};

/// Looks at a stream through a buffer of fixed size. What was passed is forgotten.
pub(crate) struct Window<'a> {
    input: &'a mut dyn Read,
    buffer: Box<[u8]>,
    start: usize,
    end: usize,
    /// How far the buffer was ever filled.
    filled: usize,
    /// Bytes that were passed before those in the buffer.
    before: u64,
    ended: bool,
    /// Of what is in the buffer.
    block: Block,
}

impl<'a> Window<'a> {
    pub(crate) fn new(input: &'a mut dyn Read, size: usize) -> Self {
        Self {
            input,
            buffer: vec![0; size].into_boxed_slice(),
            start: 0,
            end: 0,
            filled: 0,
            before: 0,
            ended: false,
            block: Block::NONE,
        }
    }

    /// The next byte; `None` at the end.
    #[inline]
    pub(crate) fn peek(&mut self) -> io::Result<Option<u8>> {
        if self.start < self.end {
            return Ok(Some(self.buffer[self.start]));
        }
        self.refill_and_peek()
    }

    #[cold]
    fn refill_and_peek(&mut self) -> io::Result<Option<u8>> {
        Ok(if self.more()? {
            Some(self.buffer[self.start])
        } else {
            None
        })
    }

    /// The next byte, passed.
    #[inline]
    pub(crate) fn next(&mut self) -> io::Result<Option<u8>> {
        let byte = self.peek()?;
        self.start += usize::from(byte.is_some());
        Ok(byte)
    }

    /// Passes `count` bytes, which must be in [`Self::ahead`].
    #[inline]
    pub(crate) fn pass(&mut self, count: usize) {
        debug_assert!(count <= self.end - self.start);
        self.start += count;
    }

    /// Takes back the byte that was passed last.
    pub(crate) fn back(&mut self) {
        self.start = self.start.saturating_sub(1);
    }

    /// What can be seen without reading.
    #[inline]
    pub(crate) fn ahead(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    /// How many bytes from `at` bytes ahead on are neither a quote, a backslash nor a control character, as far as
    /// can be seen without reading. Counts to `most`.
    #[inline]
    pub(crate) fn plain(&mut self, at: usize, most: usize) -> usize {
        let from = self.start + at;
        let limit = from.saturating_add(most).min(self.end);
        if from >= limit {
            return 0;
        }
        let mut marks = Marks::new(&self.buffer[..self.end], from, self.block);
        let plain = marks.next_before(limit).min(limit) - from;
        self.block = marks.block();
        plain
    }

    /// Goes from mark to mark in what can be seen without reading, and where it begins there.
    #[inline]
    pub(crate) fn marks(&self) -> (Marks<'_>, usize) {
        let marks = Marks::new(&self.buffer[..self.end], self.start, self.block);
        (marks, self.start)
    }

    /// Passes all before `place` of the bytes that [`Self::marks`] goes over; it looked at `block` last.
    #[inline]
    pub(crate) fn pass_to(&mut self, place: usize, block: Block) {
        debug_assert!((self.start..=self.end).contains(&place));
        self.start = place;
        self.block = block;
    }

    /// At least `count` bytes where the stream has them and the buffer holds as many.
    pub(crate) fn look(&mut self, count: usize) -> io::Result<&[u8]> {
        while self.end - self.start < count && self.more()? {}
        Ok(self.ahead())
    }

    /// The rest of the line as far as `most` bytes; waits for no more than that.
    pub(crate) fn look_at_line(&mut self, most: usize) -> io::Result<&[u8]> {
        let mut searched = 0;
        loop {
            let ahead = self.ahead();
            let end = ahead[searched..].iter().position(|byte| *byte == b'\n');
            if let Some(end) = end {
                let length = (searched + end).min(most);
                return Ok(&self.ahead()[..length]);
            }
            searched = ahead.len();
            if searched >= most || !self.more()? {
                return Ok(&self.ahead()[..searched.min(most)]);
            }
        }
    }

    /// How many bytes were passed.
    pub(crate) fn offset(&self) -> u64 {
        self.before + self.start as u64
    }

    /// The byte that was passed last, where it is still in the buffer.
    pub(crate) fn last(&self) -> Option<u8> {
        let last = self.start.checked_sub(1)?;
        Some(self.buffer[last])
    }

    /// Reads more behind what is there. False where the stream has ended or the buffer is full.
    pub(crate) fn more(&mut self) -> io::Result<bool> {
        self.block = Block::NONE;
        if self.ended {
            return Ok(false);
        }
        if self.start > 1 {
            // One byte stays behind for `last`.
            let keep = self.start - 1;
            self.buffer.copy_within(keep..self.end, 0);
            self.before += keep as u64;
            self.end -= keep;
            self.start = 1;
        }
        if self.end == self.buffer.len() {
            return Ok(false);
        }
        loop {
            match self.input.read(&mut self.buffer[self.end..]) {
                Ok(0) => {
                    self.ended = true;
                    return Ok(false);
                }
                Ok(count) => {
                    self.end += count;
                    self.filled = self.filled.max(self.end);
                    return Ok(true);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

impl Drop for Window<'_> {
    /// Raw input does not stay in memory that others get.
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.buffer[..self.filled]);
    }
}

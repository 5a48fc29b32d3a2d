//! The content of a JSON string as a stream, for the JSON that some products put into strings.

use std::io::{self, Read};

use super::{Halt, Json};
use crate::sieve::Refusal;

/// Reads the content of a string whose opening quote was passed, up to and with its closing quote.
pub(super) struct Unescape<'j, 'a, 'w> {
    outer: &'j mut Json<'a, 'w>,
    /// Decoded and not yet given.
    pending: [u8; 4],
    given: usize,
    length: usize,
    ended: bool,
    /// Why the string itself cannot be read on.
    pub(super) halt: Option<Halt>,
}

impl<'j, 'a, 'w> Unescape<'j, 'a, 'w> {
    pub(super) const fn new(outer: &'j mut Json<'a, 'w>) -> Self {
        Self {
            outer,
            pending: [0; 4],
            given: 0,
            length: 0,
            ended: false,
            halt: None,
        }
    }

    /// Passes what is left of the string.
    pub(super) fn finish(mut self) -> Result<(), Halt> {
        match self.halt.take() {
            Some(halt) => Err(halt),
            None if self.ended => Ok(()),
            None => self.outer.skip_string(),
        }
    }

    fn step(&mut self, buffer: &mut [u8]) -> Result<usize, Halt> {
        let plain = self.outer.window.plain(0, buffer.len());
        if plain > 0 {
            let ahead = self.outer.window.ahead();
            buffer[..plain].copy_from_slice(&ahead[..plain]);
            self.outer.window.pass(plain);
            return Ok(plain);
        }
        match self.outer.window.peek()? {
            Some(b'"') => {
                self.outer.window.pass(1);
                self.ended = true;
                Ok(0)
            }
            Some(b'\\') => {
                self.outer.window.pass(1);
                self.outer.text.clear();
                self.outer.decode_escape()?;
                // Half of a pair decodes to nothing: the JSON inside is malformed then, or text that is dropped.
                let decoded = self.outer.text.get().unwrap_or(&[0xff]);
                self.length = decoded.len();
                self.pending[..self.length].copy_from_slice(decoded);
                self.given = 0;
                Ok(self.give(buffer))
            }
            None => Err(Refusal::CutOff.into()),
            Some(byte) if byte < 0x20 => {
                self.outer.window.pass(1);
                self.outer.not_plain(Some(byte))?;
                Ok(0)
            }
            // A plain byte that was read just now.
            Some(byte) => {
                self.outer.window.pass(1);
                buffer[0] = byte;
                Ok(1)
            }
        }
    }

    fn give(&mut self, buffer: &mut [u8]) -> usize {
        let pending = &self.pending[self.given..self.length];
        let count = pending.len().min(buffer.len());
        buffer[..count].copy_from_slice(&pending[..count]);
        self.given += count;
        count
    }
}

impl Read for Unescape<'_, '_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let given = self.give(buffer);
        if given > 0 || self.ended || self.halt.is_some() || buffer.is_empty() {
            return Ok(given);
        }
        match self.step(buffer) {
            Ok(count) => Ok(count),
            Err(halt) => {
                self.halt = Some(halt);
                Ok(0)
            }
        }
    }
}

//! Strings of JSON (RFC 8259, section 7), decoded as far as a value may be long.

use super::{Halt, Json, Mode};
use crate::sieve::plan::{Leaf, LeafId};
use crate::sieve::record::{Kind, MOST_VALUE_BYTES, is_unicode};
use crate::sieve::{Reason, Refusal};
use zeef_proto::field::Rejection;

/// A decoded string; what is beyond the bound is not held.
#[derive(Default)]
pub(in crate::sieve) struct Text {
    bytes: Vec<u8>,
    too_long: bool,
    half_pair: bool,
}

impl Text {
    pub(in crate::sieve) fn clear(&mut self) {
        self.bytes.clear();
        self.too_long = false;
        self.half_pair = false;
    }

    pub(in crate::sieve) fn push(&mut self, bytes: &[u8]) {
        if self.bytes.len() + bytes.len() > MOST_VALUE_BYTES {
            self.too_long = true;
        } else if !self.too_long {
            self.bytes.extend_from_slice(bytes);
        }
    }

    /// The bytes, where they are all there and Unicode.
    pub(in crate::sieve) fn get(&self) -> Result<&[u8], Reason> {
        if self.too_long {
            Err(Reason::Rejected(Rejection::TooLong))
        } else if self.half_pair || !is_unicode(&self.bytes) {
            Err(Reason::NotUnicode)
        } else {
            Ok(&self.bytes)
        }
    }
}

impl Drop for Text {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.bytes);
    }
}

impl Json<'_, '_> {
    /// Passes a string whose opening quote was passed.
    #[inline]
    pub(super) fn skip_string(&mut self) -> Result<(), Halt> {
        loop {
            let plain = self.window.plain(0, usize::MAX);
            self.window.pass(plain);
            match self.window.next()? {
                Some(b'"') => return Ok(()),
                Some(b'\\') => {
                    let escaped = self.window.next()?;
                    self.not_plain(escaped)?;
                }
                other => self.not_plain(other)?,
            }
        }
    }

    /// Takes a string whose opening quote was passed.
    pub(super) fn take_string(&mut self, id: LeafId, leaf: &Leaf) -> Result<(), Halt> {
        let plain = self.window.plain(0, MOST_VALUE_BYTES);
        let ahead = self.window.ahead();
        if ahead.get(plain) == Some(&b'"') {
            self.record.take_bytes(id, leaf, &ahead[..plain])?;
            self.window.pass(plain + 1);
            return Ok(());
        }
        self.decode_string()?;
        match self.text.get() {
            Ok(value) => self.record.take(id, leaf, Kind::Text, value)?,
            Err(reason) => self.record.drop(id, leaf, Kind::Text, reason)?,
        }
        Ok(())
    }

    /// Decodes a string whose opening quote was passed into `self.text`.
    pub(super) fn decode_string(&mut self) -> Result<(), Halt> {
        self.text.clear();
        loop {
            let plain = self.window.plain(0, usize::MAX);
            self.text.push(&self.window.ahead()[..plain]);
            self.window.pass(plain);
            match self.window.next()? {
                Some(b'"') => return Ok(()),
                Some(b'\\') => self.decode_escape()?,
                // The window ended before the string did.
                Some(byte) if byte >= 0x20 => self.text.push(&[byte]),
                other => self.not_plain(other)?,
            }
        }
    }

    pub(super) fn decode_escape(&mut self) -> Result<(), Halt> {
        let byte = match self.window.next()? {
            Some(byte @ (b'"' | b'\\' | b'/')) => byte,
            Some(b'b') => 8,
            Some(b'f') => 12,
            Some(b'n') => b'\n',
            Some(b'r') => b'\r',
            Some(b't') => b'\t',
            Some(b'u') => return self.decode_code_unit(),
            other => return Err(self.stray(other, Refusal::Syntax)),
        };
        self.text.push(&[byte]);
        Ok(())
    }

    fn decode_code_unit(&mut self) -> Result<(), Halt> {
        let mut unit = self.code_unit()?;
        // A high surrogate wants a low one right behind it.
        while (0xd800..0xdc00).contains(&unit) {
            if !self.window.look(2)?.starts_with(b"\\u") {
                self.text.half_pair = true;
                return Ok(());
            }
            self.window.pass(2);
            let low = self.code_unit()?;
            if (0xdc00..0xe000).contains(&low) {
                unit = 0x1_0000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
            } else {
                self.text.half_pair = true;
                unit = low;
            }
        }
        match char::from_u32(unit) {
            Some(c) => self.text.push(c.encode_utf8(&mut [0; 4]).as_bytes()),
            None => self.text.half_pair = true,
        }
        Ok(())
    }

    fn code_unit(&mut self) -> Result<u32, Halt> {
        let mut unit = 0;
        for _ in 0..4 {
            let byte = self.window.next()?;
            let digit = byte.and_then(|byte| char::from(byte).to_digit(16));
            unit = unit << 4 | digit.ok_or_else(|| self.stray(byte, Refusal::Syntax))?;
        }
        Ok(unit)
    }

    /// Behind a plain part there was a byte that is no part of a string, or the window ended.
    pub(super) fn not_plain(&mut self, byte: Option<u8>) -> Result<(), Halt> {
        match byte {
            Some(byte) if byte >= 0x20 => Ok(()),
            other => Err(self.stray(other, Refusal::ControlCharacter)),
        }
    }

    /// Why a string cannot be read on behind `byte`, which was passed: the line has ended, or `otherwise`.
    fn stray(&mut self, byte: Option<u8>, otherwise: Refusal) -> Halt {
        match byte {
            None => Refusal::CutOff.into(),
            Some(b'\n') if self.framing.mode != Mode::Document => {
                // The next line is sound: its beginning must not be lost.
                self.window.back();
                Refusal::CutOff.into()
            }
            Some(_) => otherwise.into(),
        }
    }
}

//! Log Event Extended Format: `LEEF:1.0|vendor|product|version|id|` and tabs between `key=value`; in 2.0 one more
//! field of the header says what stands between them.
//!
//! The header's fields are named `@vendor`, `@product` and `@id`.

use super::Halt;
use super::flat::Flat;
use super::text::Text;
use crate::sieve::Refusal;

const MOST_KEY_BYTES: usize = 255;

impl Flat<'_, '_> {
    /// Reads a line from its `LEEF:` on.
    pub(super) fn leef(&mut self) -> Result<(), Halt> {
        let mut text = Text::default();
        let second = self.version_is_second()?;
        for key in ["@vendor", "@product", "", "@id"] {
            self.header_field(key, &mut text)?;
        }
        let delimiter = if second { self.delimiter()? } else { b'\t' };
        let mut key = Vec::new();
        while self.peek()?.is_some() {
            key.clear();
            let mut has_value = false;
            while let Some(byte) = self.next()?.filter(|byte| *byte != delimiter) {
                if byte == b'=' {
                    has_value = true;
                    break;
                }
                if key.len() <= MOST_KEY_BYTES {
                    key.push(byte);
                }
            }
            if !has_value {
                continue;
            }
            let named = self.key(key.trim_ascii())?;
            text.clear();
            while let Some(byte) = self.next()?.filter(|byte| *byte != delimiter) {
                if named.is_some() {
                    text.push(&[byte]);
                }
            }
            if let Some(id) = named {
                self.value(id, &text)?;
            }
        }
        Ok(())
    }

    /// Passes `LEEF:1.0|` or `LEEF:2.0|`.
    fn version_is_second(&mut self) -> Result<bool, Halt> {
        let mut version = Vec::new();
        loop {
            match self.next()? {
                Some(b'|') => break,
                Some(byte) if version.len() < 16 => version.push(byte),
                Some(_) => return Err(Refusal::Syntax.into()),
                None => return Err(Refusal::CutOff.into()),
            }
        }
        Ok(version.starts_with(b"LEEF:2"))
    }

    /// One character, or its number as `x09` or `0x09`; a tab where nothing is said.
    fn delimiter(&mut self) -> Result<u8, Halt> {
        let mut said = Vec::new();
        loop {
            match self.next()? {
                Some(b'|') => break,
                Some(byte) if said.len() < 4 => said.push(byte),
                Some(_) => return Err(Refusal::Syntax.into()),
                None => return Err(Refusal::CutOff.into()),
            }
        }
        let hexadecimal = said.strip_prefix(b"0x").or_else(|| said.strip_prefix(b"x"));
        match (said.as_slice(), hexadecimal) {
            ([], _) => Ok(b'\t'),
            ([one], _) => Ok(*one),
            (_, Some(digits)) => std::str::from_utf8(digits)
                .ok()
                .and_then(|digits| u8::from_str_radix(digits, 16).ok())
                .ok_or_else(|| Refusal::Syntax.into()),
            _ => Err(Refusal::Syntax.into()),
        }
    }
}

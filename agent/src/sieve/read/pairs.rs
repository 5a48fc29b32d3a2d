//! `key=value key="value with spaces"`, between words that are no pairs.

use super::Halt;
use super::flat::Flat;
use super::text::Text;
use crate::sieve::Refusal;

const MOST_KEY_BYTES: usize = 255;

impl Flat<'_, '_> {
    /// Reads a line of pairs.
    pub(super) fn pairs(&mut self) -> Result<(), Halt> {
        let mut text = Text::default();
        let mut key = Vec::new();
        loop {
            match self.next()? {
                None => return Ok(()),
                Some(b' ' | b'\t' | b',' | b';' | b'[' | b']' | b'(' | b')') => key.clear(),
                Some(b'=') if !key.is_empty() && key.len() <= MOST_KEY_BYTES => {
                    let named = self.key(&key)?;
                    text.clear();
                    let mut hold = |bytes: &[u8]| {
                        if named.is_some() {
                            text.push(bytes);
                        }
                    };
                    match self.peek()? {
                        Some(quote @ (b'"' | b'\'')) => self.quoted(quote, &mut hold)?,
                        _ => self.bare(&mut hold)?,
                    }
                    if let Some(id) = named {
                        self.value(id, &text)?;
                    }
                    key.clear();
                }
                Some(byte) => {
                    if key.len() <= MOST_KEY_BYTES {
                        key.push(byte);
                    }
                }
            }
        }
    }

    fn quoted(&mut self, quote: u8, hold: &mut dyn FnMut(&[u8])) -> Result<(), Halt> {
        self.next()?;
        loop {
            match self.next()? {
                Some(byte) if byte == quote => return Ok(()),
                Some(b'\\') => match self.peek()? {
                    Some(byte) if byte == quote || byte == b'\\' => {
                        self.next()?;
                        hold(&[byte]);
                    }
                    // A domain and its user: only quotes and backslashes are escaped.
                    _ => hold(b"\\"),
                },
                Some(byte) => hold(&[byte]),
                None => return Err(Refusal::CutOff.into()),
            }
        }
    }

    fn bare(&mut self, hold: &mut dyn FnMut(&[u8])) -> Result<(), Halt> {
        while let Some(byte) = self.peek()? {
            if matches!(byte, b' ' | b'\t' | b',' | b';' | b']' | b')') {
                break;
            }
            hold(&[byte]);
            self.next()?;
        }
        Ok(())
    }
}

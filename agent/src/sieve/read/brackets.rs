//! `[flag] words [key: value, key: value] [@user]`: groups of pairs between words.
//!
//! A part without a value is a key that stands for itself; one that begins with `@` is the value of the key `@`.

use super::Halt;
use super::flat::Flat;
use super::text::Text;
use crate::sieve::plan::LeafId;

const MOST_KEY_BYTES: usize = 255;

impl Flat<'_, '_> {
    /// Reads a line of groups.
    pub(super) fn brackets(&mut self) -> Result<(), Halt> {
        while let Some(byte) = self.next()? {
            if byte == b'[' {
                while self.part()? {}
            }
        }
        Ok(())
    }

    /// Reads one part of a group. False where the group ends with it.
    fn part(&mut self) -> Result<bool, Halt> {
        let mut key = Vec::new();
        loop {
            match self.next()? {
                Some(b'@') if key.is_empty() => {
                    let named = self.key(b"@")?;
                    return self.rest_of_part(named);
                }
                Some(b' ' | b'\t' | b'[') if key.is_empty() => {}
                Some(b':' | b'=') => {
                    let named = self.key(key.trim_ascii_end())?;
                    return self.rest_of_part(named);
                }
                Some(byte @ (b',' | b']')) => {
                    self.key(key.trim_ascii_end())?;
                    return Ok(byte == b',');
                }
                Some(byte) => {
                    if key.len() <= MOST_KEY_BYTES {
                        key.push(byte);
                    }
                }
                None => return Ok(false),
            }
        }
    }

    fn rest_of_part(&mut self, named: Option<LeafId>) -> Result<bool, Halt> {
        let mut text = Text::default();
        let mut spaces = 0;
        let mut begun = false;
        let more = loop {
            match self.next()? {
                Some(byte @ (b',' | b']')) => break byte == b',',
                None => break false,
                Some(b' ' | b'\t') => spaces += usize::from(begun),
                Some(byte) => {
                    if named.is_some() {
                        for _ in 0..std::mem::take(&mut spaces) {
                            text.push(b" ");
                        }
                        text.push(&[byte]);
                    }
                    begun = true;
                }
            }
        };
        if let Some(id) = named {
            self.value(id, &text)?;
        }
        Ok(more)
    }
}

//! Common Event Format: `CEF:0|vendor|product|version|id|name|severity|key=value with spaces key=value`.
//!
//! The header's fields are named `@vendor`, `@product`, `@id` and `@name`.

use super::Halt;
use super::flat::{Flat, in_key};
use super::text::Text;
use crate::sieve::plan::LeafId;
use crate::sieve::record::MOST_VALUE_BYTES;

const MOST_KEY_BYTES: usize = 63;
/// The word before a `=` is not known to be a key until the `=` comes: it is held with the value before it.
const MOST_HELD_BYTES: usize = MOST_VALUE_BYTES + MOST_KEY_BYTES + 1;

impl Flat<'_, '_> {
    /// Reads a line from its `CEF:` on.
    pub(super) fn cef(&mut self) -> Result<(), Halt> {
        let mut text = Text::default();
        for key in ["", "@vendor", "@product", "", "@id", "@name", ""] {
            self.header_field(key, &mut text)?;
        }
        let mut value = Value::default();
        loop {
            match self.next()? {
                None => break,
                Some(b'=') if value.word_is_key() => {
                    let before = std::mem::take(&mut value.named);
                    let key = value.close();
                    if let Some(id) = before {
                        self.value(id, &value.text)?;
                    }
                    value.named = self.key(&key)?;
                    value.start();
                }
                Some(b'\\') => match self.next()? {
                    Some(byte @ (b'\\' | b'=' | b'|')) => value.push(byte, false),
                    Some(b'n') => value.push(b'\n', false),
                    Some(b'r') => value.push(b'\r', false),
                    other => {
                        value.push(b'\\', false);
                        if let Some(byte) = other {
                            value.push(byte, false);
                        }
                    }
                },
                Some(b' ') => value.space(),
                Some(byte) => value.push(byte, in_key(byte)),
            }
        }
        if let Some(id) = value.named {
            value.close_last();
            self.value(id, &value.text)?;
        }
        Ok(())
    }
}

/// A value, and behind its last space a word that may turn out to be the next key.
struct Value {
    /// Where the value goes; what goes nowhere is not held.
    named: Option<LeafId>,
    held: Vec<u8>,
    length: usize,
    /// Length before the last spaces.
    before_spaces: usize,
    after_space: bool,
    word: Vec<u8>,
    word_fits: bool,
    text: Text,
}

impl Default for Value {
    fn default() -> Self {
        Self {
            named: None,
            held: Vec::new(),
            length: 0,
            before_spaces: 0,
            after_space: true,
            word: Vec::new(),
            word_fits: true,
            text: Text::default(),
        }
    }
}

impl Value {
    fn start(&mut self) {
        self.held.clear();
        self.length = 0;
        self.before_spaces = 0;
        self.after_space = false;
        self.word.clear();
        // The first word of a value is no key: no space stands before it.
        self.word_fits = false;
    }

    fn push(&mut self, byte: u8, fits: bool) {
        self.hold(byte);
        self.after_space = false;
        if fits && self.word_fits && self.word.len() < MOST_KEY_BYTES {
            self.word.push(byte);
        } else {
            self.word_fits = false;
        }
    }

    fn space(&mut self) {
        if !self.after_space {
            self.before_spaces = self.length;
        }
        self.hold(b' ');
        self.after_space = true;
        self.word.clear();
        self.word_fits = true;
    }

    fn hold(&mut self, byte: u8) {
        if self.named.is_some() && self.held.len() < MOST_HELD_BYTES {
            self.held.push(byte);
        }
        self.length += 1;
    }

    fn word_is_key(&self) -> bool {
        self.word_fits && !self.word.is_empty()
    }

    /// Ends the value before the word, which is returned.
    fn close(&mut self) -> Vec<u8> {
        self.fill(self.before_spaces);
        std::mem::take(&mut self.word)
    }

    fn close_last(&mut self) {
        let end = if self.after_space {
            self.before_spaces
        } else {
            self.length
        };
        self.fill(end);
    }

    fn fill(&mut self, length: usize) {
        self.text.clear();
        // Where it is longer than what is held, the text says so.
        self.text.push(&self.held[..length.min(self.held.len())]);
    }
}

impl Drop for Value {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.held);
        zeroize::Zeroize::zeroize(&mut self.word);
    }
}

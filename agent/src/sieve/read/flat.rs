//! What the formats without depth share: keys and values on one line.

use std::io;

use super::text::Text;
use super::{Halt, Sink};
use crate::sieve::Refusal;
use crate::sieve::bytes::Window;
use crate::sieve::definition::Format;
use crate::sieve::plan::{LeafId, NodeId, Plan};
use crate::sieve::record::{Kind, Record};

/// One line that is being read.
pub(in crate::sieve) struct Flat<'a, 'w> {
    window: &'a mut Window<'w>,
    plan: &'a Plan,
    root: NodeId,
    record: &'a mut Record,
    sink: &'a mut dyn Sink,
    /// Named keys that stood on the line.
    seen: u64,
    keys_are_keys: bool,
}

impl<'a, 'w> Flat<'a, 'w> {
    pub(super) fn new(
        window: &'a mut Window<'w>,
        plan: &'a Plan,
        (format, root): (Format, NodeId),
        record: &'a mut Record,
        sink: &'a mut dyn Sink,
    ) -> Self {
        Self {
            window,
            plan,
            root,
            record,
            sink,
            seen: 0,
            keys_are_keys: format != Format::Brackets,
        }
    }

    /// The next byte of the line, not passed; `None` where it ends.
    #[inline]
    pub(super) fn peek(&mut self) -> io::Result<Option<u8>> {
        match self.window.peek()? {
            Some(b'\n') | None => Ok(None),
            Some(b'\r') if matches!(self.window.look(2)?, [_] | [_, b'\n', ..]) => Ok(None),
            byte => Ok(byte),
        }
    }

    /// The next byte of the line.
    #[inline]
    pub(super) fn next(&mut self) -> io::Result<Option<u8>> {
        let byte = self.peek()?;
        if byte.is_some() {
            self.window.pass(1);
        }
        Ok(byte)
    }

    /// Whether the definition names a key, and where its value goes. A named key that stood before leaves no
    /// telling which counts.
    pub(super) fn key(&mut self, key: &[u8]) -> Result<Option<LeafId>, Halt> {
        let plan = self.plan;
        let Some((place, child)) = plan.node(self.root).child(key) else {
            if self.sink.explains() {
                // What stands before a colon in words between brackets is no key for sure, and may be a value.
                self.sink.unnamed("", if self.keys_are_keys { key } else { b"" });
            }
            return Ok(None);
        };
        if self.seen & 1 << place != 0 {
            return Err(Refusal::DuplicateKey.into());
        }
        self.seen |= 1 << place;
        let node = plan.node(child);
        self.record.met |= node.present;
        if node.is_bare() && self.sink.explains() {
            self.sink.only_tells(&String::from_utf8_lossy(key));
        }
        Ok(node.leaf)
    }

    /// Takes the value of a named key.
    pub(super) fn value(&mut self, id: LeafId, value: &Text) -> Result<(), Halt> {
        let leaf = self.plan.leaf(id);
        match value.get() {
            Ok(value) => self.record.take(id, leaf, Kind::Text, value)?,
            Err(reason) => self.record.drop(id, leaf, Kind::Text, reason)?,
        }
        Ok(())
    }

    /// Reads one field of a header of CEF or LEEF, up to and with the bar behind it, as the value of `key`.
    pub(super) fn header_field(&mut self, key: &str, text: &mut Text) -> Result<(), Halt> {
        let named = if key.is_empty() {
            None
        } else {
            self.header_key(key)?
        };
        text.clear();
        loop {
            match self.next()? {
                Some(b'|') => break,
                Some(b'\\') => {
                    let escaped = self.next()?.ok_or(Refusal::CutOff)?;
                    if named.is_some() {
                        text.push(&[escaped]);
                    }
                }
                Some(byte) => {
                    if named.is_some() {
                        text.push(&[byte]);
                    }
                }
                None => return Err(Refusal::CutOff.into()),
            }
        }
        named.map_or(Ok(()), |id| self.value(id, text))
    }

    /// A header's fields are no keys that anybody wrote: they are not explained unless they are named.
    fn header_key(&mut self, key: &str) -> Result<Option<LeafId>, Halt> {
        let named = self.plan.node(self.root).child(key.as_bytes()).is_some();
        if named { self.key(key.as_bytes()) } else { Ok(None) }
    }
}

/// Whether a byte can be part of a key in CEF.
pub(super) const fn in_key(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'[' | b']')
}

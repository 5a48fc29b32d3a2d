//! Passing over values that nobody named, however large they are.

use super::simple;
use super::{Halt, Json};
use crate::sieve::Refusal;

/// Depth of nesting, named and unnamed together. Documents that people exchange stay below twenty.
pub(super) const MOST_DEPTH: u32 = 256;

impl Json<'_, '_> {
    /// Passes a value whole. Its form is checked, its content is not looked at.
    pub(super) fn skip_value(&mut self) -> Result<(), Halt> {
        let mut open = Open::default();
        loop {
            let first = self.need()?;
            match first {
                b'{' => {
                    self.window.pass(1);
                    self.check_depth(open.depth + 1)?;
                    if self.need()? != b'}' {
                        open.push(true);
                        self.skip_to_value()?;
                        continue;
                    }
                    self.window.pass(1);
                }
                b'[' => {
                    self.window.pass(1);
                    self.check_depth(open.depth + 1)?;
                    if self.need()? != b']' {
                        open.push(false);
                        continue;
                    }
                    self.window.pass(1);
                }
                _ if self.pass_simple_value() => {}
                _ => self.skip_scalar(first)?,
            }
            loop {
                if open.depth == 0 {
                    return Ok(());
                }
                let object = open.in_object();
                match self.need()? {
                    b',' => {
                        self.pass_comma();
                        if object {
                            self.skip_to_value()?;
                        }
                        break;
                    }
                    b'}' if object => {}
                    b']' if !object => {}
                    _ => return Err(Refusal::Syntax.into()),
                }
                self.window.pass(1);
                open.depth -= 1;
            }
        }
    }

    /// Passes a value where it is simple.
    #[inline]
    pub(super) fn pass_simple_value(&mut self) -> bool {
        let (mut marks, at) = self.window.marks();
        let end = simple::value(&mut marks, at);
        let block = marks.block();
        self.window.pass_to(end.unwrap_or(at), block);
        end.is_some()
    }

    /// Passes members as long as they are simple, and then the key of one whose value is left.
    ///
    /// The last member of an object has no comma behind it: only its key is passed.
    fn skip_to_value(&mut self) -> Result<(), Halt> {
        let (mut marks, mut at) = self.window.marks();
        let passed = loop {
            let Some((_, value)) = simple::key(&mut marks, at) else {
                break false;
            };
            let end = simple::value(&mut marks, value);
            match end.and_then(|end| simple::comma(&marks, end)) {
                Some(next) => at = next,
                None => {
                    at = value;
                    break true;
                }
            }
        };
        let block = marks.block();
        self.window.pass_to(at, block);
        if passed {
            return Ok(());
        }
        self.expect(b'"')?;
        self.skip_string()?;
        self.expect(b':')
    }

    fn skip_scalar(&mut self, first: u8) -> Result<(), Halt> {
        match first {
            b'"' => {
                self.window.pass(1);
                self.skip_string()
            }
            b'-' | b'0'..=b'9' => self.skip_number(),
            b't' => self.literal(b"true"),
            b'f' => self.literal(b"false"),
            b'n' => self.literal(b"null"),
            _ => Err(Refusal::Syntax.into()),
        }
    }

    pub(super) fn check_depth(&self, below: u32) -> Result<(), Halt> {
        if self.depth + below > MOST_DEPTH {
            Err(Refusal::TooDeep.into())
        } else {
            Ok(())
        }
    }

    pub(super) fn skip_number(&mut self) -> Result<(), Halt> {
        loop {
            let ahead = self.window.ahead();
            let digits = ahead.iter().take_while(|byte| in_number(**byte)).count();
            let ended = digits < ahead.len();
            self.window.pass(digits);
            if ended || self.window.peek()?.is_none() {
                return Ok(());
            }
        }
    }
}

pub(super) const fn in_number(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E')
}

/// What is open: one bit a level, set for an object.
#[derive(Default)]
struct Open {
    kinds: [u64; MOST_DEPTH as usize / 64],
    depth: u32,
}

impl Open {
    fn push(&mut self, object: bool) {
        let (word, bit) = (self.depth as usize / 64, self.depth % 64);
        self.kinds[word] = self.kinds[word] & !(1 << bit) | u64::from(object) << bit;
        self.depth += 1;
    }

    fn in_object(&self) -> bool {
        let top = self.depth - 1;
        self.kinds[top as usize / 64] >> (top % 64) & 1 == 1
    }
}

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
                        self.pass_simple_members();
                        self.skip_key()?;
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
                _ => match simple::value(self.window.ahead()) {
                    Some(length) => self.window.pass(length),
                    None => self.skip_scalar(first)?,
                },
            }
            loop {
                if open.depth == 0 {
                    return Ok(());
                }
                let object = open.in_object();
                match self.need()? {
                    b',' => {
                        self.window.pass(1);
                        if object {
                            self.pass_simple_members();
                            self.skip_key()?;
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

    /// The last member of an object has no comma behind it: it is left.
    fn pass_simple_members(&mut self) {
        while let Some(length) = simple::member(self.window.ahead()) {
            self.window.pass(length);
        }
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

    fn skip_key(&mut self) -> Result<(), Halt> {
        if let Some((_, length)) = simple::key(self.window.ahead()) {
            self.window.pass(length);
            return Ok(());
        }
        self.expect(b'"')?;
        self.skip_string()?;
        self.expect(b':')
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

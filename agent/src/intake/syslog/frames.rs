//! One message from the next in a stream of TCP (RFC 6587): each with its length before it, or each on a line. Which
//! of them a sender uses is seen by its first bytes, and stays.

use zeroize::Zeroizing;

use super::MOST_BYTES;

/// A message's length has no more digits.
const MOST_DIGITS: usize = 9;

/// What a stream held next.
#[derive(PartialEq, Eq)]
pub enum Frame {
    /// A message.
    Message(Zeroizing<Vec<u8>>),
    /// One that was longer than [`MOST_BYTES`], and passed over.
    TooLong,
}

/// The length before a message is none: where the next message begins is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unframed;

/// Takes a stream apart.
pub struct Frames {
    framing: Framing,
    /// The part of a frame that has come.
    held: Zeroizing<Vec<u8>>,
}

#[derive(Clone, Copy)]
enum Framing {
    /// Nothing has come that would tell.
    Unknown,
    Lines,
    /// The rest of a line that is too long is passed over.
    LongLine,
    /// A length comes.
    Length,
    /// So many bytes of a message come.
    Message(usize),
    /// So many bytes are passed over.
    LongMessage(usize),
}

impl Default for Frames {
    fn default() -> Self {
        Self {
            framing: Framing::Unknown,
            held: Zeroizing::default(),
        }
    }
}

impl Frames {
    /// Whether a message has begun and not ended.
    #[must_use]
    pub fn is_within(&self) -> bool {
        let passing = matches!(
            self.framing,
            Framing::Message(_) | Framing::LongMessage(_) | Framing::LongLine
        );
        passing || !self.held.is_empty()
    }

    /// The next frame of `input`, which is cut to what comes behind it. `None` where more must come.
    ///
    /// # Errors
    /// [`Unframed`]; nothing more can be read of this stream.
    pub fn next(&mut self, input: &mut &[u8]) -> Result<Option<Frame>, Unframed> {
        loop {
            let step = match self.framing {
                Framing::Unknown => self.tell(input),
                Framing::Lines => self.line(input),
                Framing::LongLine => self.long_line(input),
                Framing::Length => self.length(input)?,
                Framing::Message(left) => self.message(left, input),
                Framing::LongMessage(left) => self.long_message(left, input),
            };
            match step {
                Step::Again => {}
                Step::Wait => return Ok(None),
                Step::Frame(frame) => return Ok(Some(frame)),
            }
        }
    }

    /// A length is digits, a space and the bracket of a header. All else begins a line: a time has digits, too.
    fn tell(&mut self, input: &mut &[u8]) -> Step {
        let counted = loop {
            let digits = self.held.iter().take_while(|byte| byte.is_ascii_digit()).count();
            match self.held.get(digits) {
                None if digits <= MOST_DIGITS => {}
                Some(b' ') if digits > 0 && self.held.len() == digits + 1 => {}
                Some(b' ') if digits > 0 => break self.held[digits + 1] == b'<',
                _ => break false,
            }
            match input.split_first() {
                Some((byte, rest)) => {
                    self.hold(&[*byte]);
                    *input = rest;
                }
                None => return Step::Wait,
            }
        };
        self.framing = if counted { Framing::Length } else { Framing::Lines };
        if self.held.last() == Some(&b'\n') {
            self.held.pop();
            return Step::Frame(Frame::Message(self.release()));
        }
        Step::Again
    }

    fn line(&mut self, input: &mut &[u8]) -> Step {
        let end = input.iter().position(|byte| *byte == b'\n');
        let part = &input[..end.unwrap_or(input.len())];
        if self.held.len() + part.len() > MOST_BYTES {
            self.framing = Framing::LongLine;
            self.forget();
            return Step::Again;
        }
        self.hold(part);
        match end {
            Some(end) => {
                *input = &input[end + 1..];
                Step::Frame(Frame::Message(self.release()))
            }
            None => {
                *input = &[];
                Step::Wait
            }
        }
    }

    fn long_line(&mut self, input: &mut &[u8]) -> Step {
        match input.iter().position(|byte| *byte == b'\n') {
            Some(end) => {
                *input = &input[end + 1..];
                self.framing = Framing::Lines;
                Step::Frame(Frame::TooLong)
            }
            None => {
                *input = &[];
                Step::Wait
            }
        }
    }

    fn length(&mut self, input: &mut &[u8]) -> Result<Step, Unframed> {
        // The first frame's length, and the bracket behind it, were held to tell the framing.
        let digits = self.held.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if digits == self.held.len() {
            let Some((byte, rest)) = input.split_first() else {
                return Ok(Step::Wait);
            };
            // Some senders put a line's end behind a message all the same.
            let between = self.held.is_empty() && matches!(byte, b'\n' | b'\r');
            *input = rest;
            if !between {
                self.hold(&[*byte]);
            }
            return if digits > MOST_DIGITS {
                Err(Unframed)
            } else {
                Ok(Step::Again)
            };
        }
        let length = std::str::from_utf8(&self.held[..digits]).ok();
        let length: usize = length.and_then(|digits| digits.parse().ok()).ok_or(Unframed)?;
        let behind = self.held.get(digits + 1).copied();
        if self.held[digits] != b' ' || length == 0 {
            return Err(Unframed);
        }
        self.forget();
        self.framing = if length > MOST_BYTES {
            Framing::LongMessage(length - usize::from(behind.is_some()))
        } else {
            self.held.extend(behind);
            Framing::Message(length)
        };
        Ok(Step::Again)
    }

    fn message(&mut self, length: usize, input: &mut &[u8]) -> Step {
        let part = input.len().min(length - self.held.len());
        self.hold(&input[..part]);
        *input = &input[part..];
        if self.held.len() < length {
            return Step::Wait;
        }
        self.framing = Framing::Length;
        Step::Frame(Frame::Message(self.release()))
    }

    fn long_message(&mut self, left: usize, input: &mut &[u8]) -> Step {
        let part = input.len().min(left);
        *input = &input[part..];
        if part < left {
            self.framing = Framing::LongMessage(left - part);
            return Step::Wait;
        }
        self.framing = Framing::Length;
        Step::Frame(Frame::TooLong)
    }

    fn hold(&mut self, bytes: &[u8]) {
        let length = self.held.len() + bytes.len();
        if length > self.held.capacity() {
            // Growing in place would leave the old bytes behind unwiped.
            let mut larger = Vec::with_capacity((2 * length).clamp(256, MOST_BYTES));
            larger.extend_from_slice(&self.held);
            self.held = Zeroizing::new(larger);
        }
        self.held.extend_from_slice(bytes);
    }

    fn release(&mut self) -> Zeroizing<Vec<u8>> {
        std::mem::take(&mut self.held)
    }

    fn forget(&mut self) {
        drop(self.release());
    }
}

enum Step {
    Again,
    Wait,
    Frame(Frame),
}

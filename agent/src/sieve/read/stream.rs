//! A stream from record to record, and back to sound ground after a broken one.

use std::io;

use super::{Csv, Flat, Framing, Halt, Json, Mode, Sink, Text, header};
use crate::sieve::Refusal;
use crate::sieve::bytes::Window;
use crate::sieve::definition::Format;
use crate::sieve::plan::{NodeId, Plan};
use crate::sieve::record::Record;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
const LONGEST_MARK: usize = 5;

/// Reads all records of a stream.
pub(in crate::sieve) struct Stream<'a, 'w> {
    window: &'a mut Window<'w>,
    plan: &'a Plan,
    sink: &'a mut dyn Sink,
    record: Record,
    framing: Framing,
    text: Text,
}

impl<'a, 'w> Stream<'a, 'w> {
    pub(in crate::sieve) fn new(window: &'a mut Window<'w>, plan: &'a Plan, sink: &'a mut dyn Sink) -> Self {
        Self {
            record: Record::new(sink.explains()),
            window,
            plan,
            sink,
            framing: Framing::new(Mode::Unsure),
            text: Text::default(),
        }
    }

    /// Reads to the end. Broken records are told to the sink; damaged gzip ends the stream as its end would.
    ///
    /// # Errors
    /// Those of the input and of the sink.
    pub(in crate::sieve) fn read(mut self) -> io::Result<()> {
        let read = self.read_all();
        let Err(error) = read else { return Ok(()) };
        match error.get_ref().and_then(|inner| inner.downcast_ref::<Refusal>()) {
            Some(refusal) => self.sink.refuse(*refusal),
            None => Err(error),
        }
    }

    fn read_all(&mut self) -> io::Result<()> {
        let start = self.window.look(4)?;
        if start.starts_with(b"\xff\xfe")
            || start.starts_with(b"\xfe\xff")
            || start.starts_with(b"\0\0\xfe\xff")
        {
            return self.sink.refuse(Refusal::Encoding);
        }
        if start.starts_with(BYTE_ORDER_MARK) {
            self.window.pass(BYTE_ORDER_MARK.len());
        }
        if let Some(root) = self.plan.root(Format::Csv)
            && !matches!(self.window.peek()?, Some(b'{' | b'[' | b'<'))
        {
            return Csv {
                window: self.window,
                plan: self.plan,
                record: &mut self.record,
                framing: &mut self.framing,
                sink: self.sink,
                root,
            }
            .table();
        }
        while self.between()? {
            self.sink.at(self.framing.line, self.window.offset());
            self.record.clear();
            match self.one() {
                Ok(()) => {}
                Err(Halt::Io(error)) => return Err(error),
                Err(Halt::Broken(refusal)) => {
                    self.sink.refuse(refusal)?;
                    self.recover()?;
                }
            }
        }
        Ok(())
    }

    /// Passes what is between records. False at the end.
    fn between(&mut self) -> io::Result<bool> {
        loop {
            match self.window.peek()? {
                Some(b' ' | b'\t' | b'\r') => {}
                Some(b'\n') => self.framing.line += 1,
                Some(_) => return Ok(true),
                None => return Ok(false),
            }
            self.window.pass(1);
        }
    }

    fn one(&mut self) -> Result<(), Halt> {
        let json = self.plan.root(Format::Json);
        if let (Some(b'{' | b'['), Some(root)) = (self.window.peek()?, json) {
            return self.json(root);
        }
        if self.framing.mode == Mode::Unsure {
            self.framing.mode = Mode::Lines;
        }
        let header = header::length(self.window.look_at_line(header::MOST_HEADER_BYTES)?);
        self.window.pass(header);
        if let (Some(b'{' | b'['), Some(root)) = (self.window.peek()?, json) {
            return self.json(root);
        }
        let line = self.window.look_at_line(LONGEST_MARK)?;
        let format = if line.starts_with(b"CEF:") {
            Format::Cef
        } else if line.starts_with(b"LEEF:") {
            Format::Leef
        } else if self.plan.root(Format::Brackets).is_some() {
            Format::Brackets
        } else {
            Format::Pairs
        };
        let root = self.plan.root(format).ok_or(Refusal::Format)?;
        let mut flat = Flat::new(
            self.window,
            self.plan,
            (format, root),
            &mut self.record,
            self.sink,
        );
        match format {
            Format::Cef => flat.cef()?,
            Format::Leef => flat.leef()?,
            Format::Brackets => flat.brackets()?,
            Format::Pairs | Format::Json | Format::Csv => flat.pairs()?,
        }
        Ok(self.sink.record(&self.record, format)?)
    }

    fn json(&mut self, root: NodeId) -> Result<(), Halt> {
        let mut json = Json::new(
            self.window,
            self.plan,
            &mut self.record,
            &mut self.framing,
            self.sink,
            &mut self.text,
        );
        let left = json.top(root)?;
        loop {
            match self.window.peek()? {
                Some(b' ' | b'\t' | b'\r') => self.window.pass(1),
                Some(b'\n') => {
                    if self.framing.mode == Mode::Unsure {
                        self.framing.mode = Mode::Lines;
                    }
                    break;
                }
                None | Some(b'{' | b'[') => break,
                Some(_) => return Err(Refusal::TrailingText.into()),
            }
        }
        if left {
            self.sink.record(&self.record, Format::Json)?;
        }
        Ok(())
    }

    /// Goes to where the next record can begin.
    fn recover(&mut self) -> io::Result<()> {
        let cut_off_first = self.framing.mode == Mode::Document
            && self.framing.first_break
            && self.window.last() == Some(b'\n')
            && self.window.peek()? == Some(b'{');
        if cut_off_first {
            // No object has a brace in the place of a key: what began on the first line was cut off with it.
            self.framing.mode = Mode::Lines;
        }
        match self.framing.mode {
            Mode::Unsure => self.framing.mode = Mode::Lines,
            Mode::Lines => {}
            Mode::Document => {
                while self.window.peek()?.is_some() {
                    let ahead = self.window.ahead().len();
                    self.window.pass(ahead);
                }
            }
        }
        if cut_off_first { Ok(()) } else { self.pass_line() }
    }

    fn pass_line(&mut self) -> io::Result<()> {
        while self.window.peek()?.is_some() {
            let ahead = self.window.ahead();
            match ahead.iter().position(|byte| *byte == b'\n') {
                Some(end) => {
                    self.window.pass(end);
                    return Ok(());
                }
                None => {
                    let all = ahead.len();
                    self.window.pass(all);
                }
            }
        }
        Ok(())
    }
}

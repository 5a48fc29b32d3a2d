//! CSV with a header (RFC 4180), with commas, semicolons or tabs. Lines before the header are passed.

use std::io;

use super::text::Text;
use super::{Framing, Halt, Sink};
use crate::sieve::Refusal;
use crate::sieve::bytes::Window;
use crate::sieve::definition::Format;
use crate::sieve::plan::{LeafId, NodeId, Plan};
use crate::sieve::record::{Kind, Record};

const MOST_COLUMNS: usize = 1024;
/// Lines in which a header is looked for.
const MOST_PREAMBLE: usize = 100;
/// What of a line is looked at to tell its delimiter.
const HEADER_BYTES: usize = 16 << 10;

/// Reads a whole table.
pub(in crate::sieve) struct Csv<'a, 'w> {
    pub(super) window: &'a mut Window<'w>,
    pub(super) plan: &'a Plan,
    pub(super) record: &'a mut Record,
    pub(super) framing: &'a mut Framing,
    pub(super) sink: &'a mut dyn Sink,
    pub(super) root: NodeId,
}

/// What the header says.
struct Header {
    delimiter: u8,
    columns: Vec<Option<LeafId>>,
    /// Conditions that the columns meet by being there.
    present: u64,
}

/// How a cell ended.
#[derive(PartialEq, Eq)]
enum End {
    Cell,
    Row,
}

impl Csv<'_, '_> {
    /// Reads the header and all rows. Where there is no header of the definition, nothing is read.
    pub(super) fn table(&mut self) -> io::Result<()> {
        let Some(header) = self.header()? else {
            self.sink.at(self.framing.line, self.window.offset());
            return self.sink.refuse(Refusal::Unrecognised);
        };
        let header = match header {
            Ok(header) => header,
            Err(refusal) => return self.sink.refuse(refusal),
        };
        let mut text = Text::default();
        while self.between_rows()? {
            self.sink.at(self.framing.line, self.window.offset());
            self.record.clear();
            self.record.met = header.present;
            match self.row(&header, &mut text) {
                Ok(()) => self.sink.record(self.record, Format::Csv)?,
                Err(Halt::Broken(refusal)) => self.sink.refuse(refusal)?,
                Err(Halt::Io(error)) => return Err(error),
            }
        }
        Ok(())
    }

    /// Finds the header; `None` where there is none.
    fn header(&mut self) -> io::Result<Option<Result<Header, Refusal>>> {
        for _ in 0..MOST_PREAMBLE {
            let line = self.window.look_at_line(HEADER_BYTES)?;
            let delimiter = delimiter_of(line);
            match self.header_row(delimiter) {
                Ok(header) if self.plan.fits_header(header.present) => return Ok(Some(Ok(header))),
                Ok(_) => {}
                Err(Halt::Broken(Refusal::DuplicateKey)) => return Ok(Some(Err(Refusal::DuplicateKey))),
                Err(Halt::Broken(_)) => return Ok(None),
                Err(Halt::Io(error)) => return Err(error),
            }
            if !self.between_rows()? {
                return Ok(None);
            }
        }
        Ok(None)
    }

    fn header_row(&mut self, delimiter: u8) -> Result<Header, Halt> {
        let plan = self.plan;
        let root = plan.node(self.root);
        let mut header = Header {
            delimiter,
            columns: Vec::new(),
            present: 0,
        };
        let mut seen = 0_u64;
        let mut text = Text::default();
        loop {
            text.clear();
            let end = self.cell(delimiter, Some(&mut text))?;
            let named = text.get().ok().and_then(|name| root.child(name.trim_ascii()));
            let mut column = None;
            if let Some((place, child)) = named {
                if seen & 1 << place != 0 {
                    return Err(Refusal::DuplicateKey.into());
                }
                seen |= 1 << place;
                header.present |= plan.node(child).present;
                column = plan.node(child).leaf;
            }
            if header.columns.len() == MOST_COLUMNS {
                return Err(Refusal::Columns.into());
            }
            header.columns.push(column);
            if end == End::Row {
                return Ok(header);
            }
        }
    }

    fn row(&mut self, header: &Header, text: &mut Text) -> Result<(), Halt> {
        let mut columns = header.columns.iter();
        let mut broken = None;
        loop {
            let Some(column) = columns.next() else {
                self.pass_rest_of_row(header.delimiter)?;
                return Err(Refusal::Columns.into());
            };
            text.clear();
            let wanted = column.is_some().then_some(&mut *text);
            let end = match self.cell(header.delimiter, wanted) {
                Err(Halt::Broken(refusal)) => {
                    self.pass_rest_of_row(header.delimiter)?;
                    return Err(refusal.into());
                }
                end => end?,
            };
            if let Some(id) = column {
                let leaf = self.plan.leaf(*id);
                let taken = match text.get() {
                    Ok(value) => self.record.take(*id, leaf, Kind::Text, value),
                    Err(reason) => self.record.drop(*id, leaf, Kind::Text, reason),
                };
                broken = broken.or(taken.err());
            }
            if end == End::Row {
                break;
            }
        }
        match broken {
            Some(refusal) => Err(refusal.into()),
            None if columns.next().is_some() => Err(Refusal::Columns.into()),
            None => Ok(()),
        }
    }

    fn pass_rest_of_row(&mut self, delimiter: u8) -> Result<(), Halt> {
        loop {
            match self.cell(delimiter, None) {
                Ok(End::Row) => return Ok(()),
                Ok(End::Cell) | Err(Halt::Broken(_)) => {}
                Err(halt) => return Err(halt),
            }
        }
    }

    /// Reads a cell and the delimiter behind it; at a row's end the line's end is left.
    fn cell(&mut self, delimiter: u8, mut into: Option<&mut Text>) -> Result<End, Halt> {
        let mut hold = |bytes: &[u8]| {
            if let Some(text) = into.as_deref_mut() {
                text.push(bytes);
            }
        };
        if self.window.peek()? == Some(b'"') {
            self.window.pass(1);
            loop {
                match self.window.next()? {
                    Some(b'"') if self.window.peek()? == Some(b'"') => {
                        self.window.pass(1);
                        hold(b"\"");
                    }
                    Some(b'"') => break,
                    Some(byte) => {
                        self.framing.line += u64::from(byte == b'\n');
                        hold(&[byte]);
                    }
                    None => return Err(Refusal::CutOff.into()),
                }
            }
            return match self.window.peek()? {
                Some(byte) if byte == delimiter => {
                    self.window.pass(1);
                    Ok(End::Cell)
                }
                Some(b'\n') | None => Ok(End::Row),
                Some(b'\r') if matches!(self.window.look(2)?, [_] | [_, b'\n', ..]) => Ok(End::Row),
                Some(_) => {
                    self.window.pass(1);
                    Err(Refusal::Syntax.into())
                }
            };
        }
        loop {
            match self.window.peek()? {
                Some(b'\n') | None => return Ok(End::Row),
                Some(b'\r') if matches!(self.window.look(2)?, [_] | [_, b'\n', ..]) => return Ok(End::Row),
                Some(byte) => {
                    self.window.pass(1);
                    if byte == delimiter {
                        return Ok(End::Cell);
                    }
                    hold(&[byte]);
                }
            }
        }
    }

    /// Passes line ends. False at the end of the table.
    fn between_rows(&mut self) -> io::Result<bool> {
        loop {
            match self.window.peek()? {
                Some(b'\n') => self.framing.line += 1,
                Some(b'\r') => {}
                other => return Ok(other.is_some()),
            }
            self.window.pass(1);
        }
    }
}

/// The one of the usual delimiters that stands most often in a line.
fn delimiter_of(line: &[u8]) -> u8 {
    let count = |delimiter: &u8| line.iter().filter(|byte| *byte == delimiter).count();
    // On a tie the last wins, and a comma is the likeliest.
    [b'\t', b';', b','].into_iter().max_by_key(count).unwrap_or(b',')
}

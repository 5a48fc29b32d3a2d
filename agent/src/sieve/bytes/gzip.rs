//! Input that may be gzip (RFC 1952), opened as it streams.

use std::io::{self, BufReader, Read};

use flate2::bufread::MultiGzDecoder;

use crate::sieve::Refusal;

/// A stream that grows to more than this many times its size is taken for a bomb. Logs grow ten to fifty times.
pub const MAX_RATIO: u32 = 250;
/// Before this much came out, no ratio is judged: small files of one repeated record are harmless.
const UNJUDGED: u64 = 16 << 20;
const MAGIC: [u8; 2] = [0x1f, 0x8b];

/// Plain input, or what is in it where it is gzip.
pub(crate) struct Expanding<R: Read> {
    form: Form<R>,
}

enum Form<R: Read> {
    Plain(Start<R>),
    Gzip {
        decoder: Box<MultiGzDecoder<BufReader<Counted<Start<R>>>>>,
        out: u64,
        most: u32,
    },
}

impl<R: Read> Expanding<R> {
    /// Looks at the first bytes to tell. `most` bounds how many times its size gzip may grow to.
    ///
    /// # Errors
    /// Those of the input.
    pub(crate) fn new(mut input: R, most: u32) -> io::Result<Self> {
        let mut first = [0; 2];
        let mut length = 0;
        while length < first.len() {
            match input.read(&mut first[length..]) {
                Ok(0) => break,
                Ok(count) => length += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        let start = Start {
            first,
            given: 0,
            length,
            rest: input,
        };
        let form = if length == 2 && first == MAGIC {
            Form::Gzip {
                decoder: Box::new(MultiGzDecoder::new(BufReader::new(Counted {
                    input: start,
                    count: 0,
                }))),
                out: 0,
                most,
            }
        } else {
            Form::Plain(start)
        };
        Ok(Self { form })
    }
}

impl<R: Read> Read for Expanding<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match &mut self.form {
            Form::Plain(start) => start.read(buffer),
            Form::Gzip { decoder, out, most } => {
                let count = decoder.read(buffer).map_err(damaged)?;
                *out += count as u64;
                let buffered = decoder.get_ref().buffer().len() as u64;
                let taken = decoder.get_ref().get_ref().count - buffered;
                if *out > UNJUDGED && *out > taken.saturating_mul(u64::from(*most)) {
                    return Err(io::Error::other(Refusal::Bomb));
                }
                Ok(count)
            }
        }
    }
}

/// What the decoder says of damaged gzip, told apart from what the file system says.
fn damaged(error: io::Error) -> io::Error {
    use io::ErrorKind::{InvalidData, InvalidInput, UnexpectedEof};
    match error.kind() {
        InvalidData | InvalidInput | UnexpectedEof => io::Error::other(Refusal::Compression),
        _ => error,
    }
}

/// Two bytes that were read ahead, and the rest.
struct Start<R> {
    first: [u8; 2],
    given: usize,
    length: usize,
    rest: R,
}

impl<R: Read> Read for Start<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut ahead = &self.first[self.given..self.length];
        if ahead.is_empty() {
            return self.rest.read(buffer);
        }
        let count = ahead.read(buffer)?;
        self.given += count;
        Ok(count)
    }
}

/// Fills each buffer that the stream can fill: the decoder gives nothing of the piece in which it finds damage, and
/// how the input happened to come in must not decide what that is.
struct Counted<R> {
    input: R,
    count: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut length = 0;
        while length < buffer.len() {
            match self.input.read(&mut buffer[length..]) {
                Ok(0) => break,
                Ok(count) => length += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if length == 0 => return Err(error),
                // It comes again when the next piece is asked for.
                Err(_) => break,
            }
        }
        self.count += length as u64;
        Ok(length)
    }
}

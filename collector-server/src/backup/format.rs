//! A backup's file: a header in the clear, then the content in chunks, each encrypted with AES-256-GCM (NIST SP
//! 800-38D) under a key that is used for this file alone. A chunk's nonce is its number and whether it is the last one,
//! so that chunks can neither be left out, repeated, moved nor cut off; the header is authenticated with each.

use std::io::{self, Read, Write};

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::digest::{Context, Digest, SHA256};
use zeef_proto::UnixTime;
use zeroize::Zeroizing;

use crate::seal::Wrapped;
use crate::store::sql::Kind;

const MAGIC: &[u8; 7] = b"ZEEFBAK";
const VERSION: u8 = 1;
/// Bytes of content in a chunk; only the last one is shorter.
const CHUNK: usize = 64 * 1_024;
/// A wrapped key is nonce, 32 bytes and tag.
const LONGEST_WRAPPED: u16 = 256;

/// What is known of a backup without its key.
pub(super) struct Header {
    pub(super) kind: Kind,
    pub(super) installation: [u8; 16],
    pub(super) backup: [u8; 16],
    pub(super) made_at: UnixTime,
    /// The file's own key, where no key store has it.
    pub(super) wrapped: Option<Wrapped>,
}

/// Why a backup cannot be read.
#[derive(Debug)]
pub(super) enum ReadError {
    /// Another kind of file.
    NotABackup,
    /// A later version of this format.
    Newer,
    /// Changed or cut off, or another key.
    Damaged,
    /// The file cannot be read.
    From(io::Error),
    /// The content cannot be written.
    To(io::Error),
}

impl Header {
    /// The bytes that lead the file.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let wrapped = self.wrapped.as_ref().map_or(&[][..], |wrapped| &wrapped.0);
        let kind = match self.kind {
            Kind::Database => 1,
            Kind::KeyStore => 2,
        };
        let length = u16::try_from(wrapped.len()).unwrap_or(u16::MAX);
        [
            &MAGIC[..],
            &[VERSION, kind],
            &self.installation,
            &self.backup,
            &self.made_at.0.to_be_bytes(),
            &length.to_be_bytes(),
            wrapped,
        ]
        .concat()
    }

    /// Reads the header, and leaves `from` at the content.
    pub(super) fn read(from: &mut impl Read) -> Result<Self, ReadError> {
        if array::<7>(from)? != *MAGIC {
            return Err(ReadError::NotABackup);
        }
        let [version, kind] = array(from)?;
        if version > VERSION {
            return Err(ReadError::Newer);
        }
        let kind = match (version, kind) {
            (VERSION, 1) => Kind::Database,
            (VERSION, 2) => Kind::KeyStore,
            _ => return Err(ReadError::Damaged),
        };
        let (installation, backup) = (array(from)?, array(from)?);
        let made_at = UnixTime(i64::from_be_bytes(array(from)?));
        let length = u16::from_be_bytes(array(from)?);
        if length > LONGEST_WRAPPED {
            return Err(ReadError::Damaged);
        }
        let mut wrapped = vec![0; usize::from(length)];
        from.read_exact(&mut wrapped).map_err(cut_off)?;
        Ok(Self {
            kind,
            installation,
            backup,
            made_at,
            wrapped: (length > 0).then_some(Wrapped(wrapped)),
        })
    }
}

/// Encrypts all of `from` behind the header; gives the content's digest.
pub(super) fn seal(
    header: &Header,
    key: &[u8; 32],
    from: &mut impl Read,
    to: &mut impl Write,
) -> Result<Digest, ReadError> {
    let key = aead_key(key);
    let header = header.to_bytes();
    to.write_all(&header).map_err(ReadError::To)?;
    let mut digest = Context::new(&SHA256);
    let mut chunks = Chunks::new(from, CHUNK);
    while let Some(mut chunk) = chunks.next().map_err(ReadError::From)? {
        digest.update(&chunk.bytes);
        key.seal_in_place_append_tag(chunk.nonce(), Aad::from(&header), &mut *chunk.bytes)
            .map_err(|_| ReadError::Damaged)?;
        to.write_all(&chunk.bytes).map_err(ReadError::To)?;
    }
    Ok(digest.finish())
}

/// Decrypts what is left of `from` after the header; gives the content's digest.
pub(super) fn open(
    header: &Header,
    key: &[u8; 32],
    from: &mut impl Read,
    to: &mut impl Write,
) -> Result<Digest, ReadError> {
    let key = aead_key(key);
    let header = header.to_bytes();
    let mut digest = Context::new(&SHA256);
    let mut chunks = Chunks::new(from, CHUNK + AES_256_GCM.tag_len());
    while let Some(mut chunk) = chunks.next().map_err(ReadError::From)? {
        let content = key
            .open_in_place(chunk.nonce(), Aad::from(&header), &mut chunk.bytes)
            .map_err(|_| ReadError::Damaged)?;
        digest.update(content);
        to.write_all(content).map_err(ReadError::To)?;
    }
    Ok(digest.finish())
}

struct Chunk {
    number: u64,
    last: bool,
    bytes: Zeroizing<Vec<u8>>,
}

impl Chunk {
    fn nonce(&self) -> Nonce {
        let mut nonce = [0; NONCE_LEN];
        nonce[..8].copy_from_slice(&self.number.to_be_bytes());
        nonce[NONCE_LEN - 1] = u8::from(self.last);
        Nonce::assume_unique_for_key(nonce)
    }
}

/// Pieces of one size, the last of which is known to be the last; at least one, if only an empty one.
struct Chunks<'a, R> {
    from: &'a mut R,
    size: usize,
    ahead: Option<Zeroizing<Vec<u8>>>,
    number: u64,
}

impl<'a, R: Read> Chunks<'a, R> {
    const fn new(from: &'a mut R, size: usize) -> Self {
        Self {
            from,
            size,
            ahead: None,
            number: 0,
        }
    }

    fn next(&mut self) -> io::Result<Option<Chunk>> {
        let bytes = match (self.ahead.take(), self.number) {
            (Some(bytes), _) => bytes,
            (None, 0) => self.read()?,
            (None, _) => return Ok(None),
        };
        let next = self.read()?;
        let last = next.is_empty();
        self.ahead = (!last).then_some(next);
        let number = self.number;
        self.number += 1;
        Ok(Some(Chunk { number, last, bytes }))
    }

    fn read(&mut self) -> io::Result<Zeroizing<Vec<u8>>> {
        let mut chunk = Zeroizing::new(Vec::with_capacity(self.size + AES_256_GCM.tag_len()));
        let size = u64::try_from(self.size).unwrap_or(u64::MAX);
        (&mut *self.from).take(size).read_to_end(&mut chunk)?;
        Ok(chunk)
    }
}

fn aead_key(bytes: &[u8; 32]) -> LessSafeKey {
    #[expect(clippy::expect_used, reason = "32 bytes are the length of an AES-256 key")]
    LessSafeKey::new(UnboundKey::new(&AES_256_GCM, bytes).expect("32 bytes make an AES-256 key"))
}

fn array<const N: usize>(from: &mut impl Read) -> Result<[u8; N], ReadError> {
    let mut bytes = [0; N];
    from.read_exact(&mut bytes).map_err(cut_off)?;
    Ok(bytes)
}

fn cut_off(error: io::Error) -> ReadError {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => ReadError::NotABackup,
        _ => ReadError::From(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: [u8; 32] = [7; 32];

    fn header() -> Header {
        Header {
            kind: Kind::Database,
            installation: [1; 16],
            backup: [2; 16],
            made_at: UnixTime(3),
            wrapped: Some(Wrapped(vec![4; 60])),
        }
    }

    fn sealed(content: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        seal(&header(), &KEY, &mut &*content, &mut bytes).unwrap();
        bytes
    }

    fn opened(mut bytes: &[u8], key: &[u8; 32]) -> Result<Vec<u8>, ReadError> {
        let header = Header::read(&mut bytes)?;
        let mut content = Vec::new();
        open(&header, key, &mut bytes, &mut content)?;
        Ok(content)
    }

    #[test]
    fn what_was_sealed_opens_whatever_its_length() {
        for length in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 5] {
            let content: Vec<u8> = (0..length).map(|at| u8::try_from(at % 251).unwrap()).collect();
            let bytes = sealed(&content);
            assert!(opened(&bytes, &KEY).unwrap() == content, "{length}");
            assert!(opened(&bytes, &[8; 32]).is_err(), "another key");
        }
    }

    #[test]
    fn any_changed_byte_and_any_cut_is_noticed() {
        let bytes = sealed(&[5; 300]);
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert!(opened(&changed, &KEY).is_err(), "{at}");
            assert!(opened(&bytes[..at], &KEY).is_err(), "cut at {at}");
        }
        assert!(opened(&[&bytes[..], b"x"].concat(), &KEY).is_err());
    }

    #[test]
    fn chunks_cannot_be_left_out_repeated_or_swapped() {
        let bytes = sealed(&[6; 4 * CHUNK + 9]);
        let size = CHUNK + AES_256_GCM.tag_len();
        let start = header().to_bytes().len();
        let chunk = |at: usize| &bytes[start + at * size..start + (at + 1) * size];
        let (head, tail) = (&bytes[..start], &bytes[start + 4 * size..]);
        let made = |chunks: &[&[u8]]| opened(&[head, &chunks.concat(), tail].concat(), &KEY);
        assert!(made(&[chunk(0), chunk(1), chunk(2), chunk(3)]).is_ok());
        assert!(made(&[chunk(0), chunk(1), chunk(3)]).is_err());
        assert!(made(&[chunk(0), chunk(1), chunk(1), chunk(2), chunk(3)]).is_err());
        assert!(made(&[chunk(1), chunk(0), chunk(2), chunk(3)]).is_err());
        let whole_chunks = [head, chunk(0), chunk(1)].concat();
        assert!(opened(&whole_chunks, &KEY).is_err(), "cut between two chunks");
    }
}

//! The archive: ZIP in one spelling, so that whoever checks it can tell of every byte whether it belongs.
//!
//! Names are ASCII, times are those of a file without one, sizes stand in front, nothing is appended; `docs/access.md`
//! has the form to the byte.

use std::io::{self, Write};

/// What stands in front of a file's bytes, and again in the directory at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Member {
    pub(super) name: String,
    /// Whether it is compressed (RFC 1951).
    pub(super) deflated: bool,
    /// CRC-32 of what it holds.
    pub(super) crc: u32,
    /// Its bytes here.
    pub(super) stored: u32,
    /// Its bytes once it is taken out.
    pub(super) bytes: u32,
}

const LOCAL: u32 = 0x0403_4b50;
const DIRECTORY: u32 = 0x0201_4b50;
const END: u32 = 0x0605_4b50;
/// The first of January 1980, as old as a file in an archive can be.
const NO_DATE: u16 = 0x0021;
/// The version of the form that knows compression.
const NEEDS: u16 = 20;

/// The length of a member's head without its name.
pub(super) const HEAD: usize = 30;

impl Member {
    /// What stands in front of its bytes.
    pub(super) fn head(&self) -> Vec<u8> {
        let mut head = LOCAL.to_le_bytes().to_vec();
        self.common(&mut head);
        head.extend(self.name.as_bytes());
        head
    }

    /// Its line of the directory.
    fn line(&self, at: u32) -> Vec<u8> {
        let mut line = DIRECTORY.to_le_bytes().to_vec();
        line.extend(NEEDS.to_le_bytes());
        self.common(&mut line);
        // No comment, the first disk, no attributes.
        line.extend([0; 2 + 2 + 2 + 4]);
        line.extend(at.to_le_bytes());
        line.extend(self.name.as_bytes());
        line
    }

    fn common(&self, to: &mut Vec<u8>) {
        let method: u16 = if self.deflated { 8 } else { 0 };
        // No flags; no time of day.
        for number in [NEEDS, 0, method, 0, NO_DATE] {
            to.extend(number.to_le_bytes());
        }
        for number in [self.crc, self.stored, self.bytes] {
            to.extend(number.to_le_bytes());
        }
        let length = u16::try_from(self.name.len()).unwrap_or(u16::MAX);
        to.extend(length.to_le_bytes());
        to.extend(0_u16.to_le_bytes());
    }

    /// Reads a head, and how long the name after it is; `None` where the bytes are not one's.
    pub(super) fn read(head: &[u8; HEAD]) -> Option<(Self, usize)> {
        let number = |at: usize| u32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
        let member = Self {
            name: String::new(),
            deflated: head[8] == 8,
            crc: number(14),
            stored: number(18),
            bytes: number(22),
        };
        let name = u16::from_le_bytes([head[26], head[27]]);
        let mut same = member.head();
        same[26..28].copy_from_slice(&name.to_le_bytes());
        (same == head).then_some((member, name.into()))
    }
}

/// Where members stand: what the end of the archive tells.
#[derive(Default)]
pub(super) struct Directory {
    lines: Vec<u8>,
    count: u16,
    /// Bytes of all members with their heads.
    pub(super) size: u64,
}

impl Directory {
    /// Adds the next member.
    ///
    /// # Errors
    /// Where the archive would be larger than its form allows, 4 GB.
    pub(super) fn add(&mut self, member: &Member) -> io::Result<()> {
        let at = u32::try_from(self.size).map_err(|_| too_large())?;
        self.lines.extend(member.line(at));
        self.count += 1;
        self.size += member.head().len() as u64 + u64::from(member.stored);
        Ok(())
    }

    /// The end of the archive.
    ///
    /// # Errors
    /// As [`Self::add`].
    pub(super) fn end(&self) -> io::Result<Vec<u8>> {
        let mut end = self.lines.clone();
        end.extend(END.to_le_bytes());
        end.extend([0; 2 + 2]);
        end.extend(self.count.to_le_bytes());
        end.extend(self.count.to_le_bytes());
        end.extend(
            u32::try_from(self.lines.len())
                .map_err(|_| too_large())?
                .to_le_bytes(),
        );
        end.extend(u32::try_from(self.size).map_err(|_| too_large())?.to_le_bytes());
        end.extend(0_u16.to_le_bytes());
        Ok(end)
    }
}

pub(super) fn too_large() -> io::Error {
    io::Error::new(io::ErrorKind::FileTooLarge, "an archive holds 4 GB at most")
}

/// Writes a member that is not compressed.
pub(super) fn write_plain(
    to: &mut impl Write,
    directory: &mut Directory,
    name: &str,
    content: &[u8],
) -> io::Result<()> {
    let mut crc = flate2::Crc::new();
    crc.update(content);
    let bytes = u32::try_from(content.len()).map_err(|_| too_large())?;
    let member = Member {
        name: name.to_owned(),
        deflated: false,
        crc: crc.sum(),
        stored: bytes,
        bytes,
    };
    directory.add(&member)?;
    to.write_all(&member.head())?;
    to.write_all(content)
}

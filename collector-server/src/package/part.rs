//! A file of the package while it is being written: compressed and counted as it comes, in a file without a name.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use data_encoding::HEXLOWER;
use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};
use ring::digest::{Context, SHA256};

use super::facts::FileFacts;
use super::zip::{Directory, Member, too_large};
use crate::files;

/// A file of the package.
pub(super) struct Part {
    name: &'static str,
    to: DeflateEncoder<BufWriter<File>>,
    crc: Crc,
    hash: Context,
    bytes: u64,
}

impl Part {
    /// Begins a file; what is written waits on the disk of `beside`, where no name leads to it.
    pub(super) fn begin(name: &'static str, beside: &Path) -> io::Result<Self> {
        let waiting = files::beside(beside, &format!(".{name}"));
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&waiting)?;
        // It goes with this process, whatever ends it.
        std::fs::remove_file(&waiting)?;
        Ok(Self {
            name,
            to: DeflateEncoder::new(BufWriter::new(file), Compression::default()),
            crc: Crc::new(),
            hash: Context::new(&SHA256),
            bytes: 0,
        })
    }

    /// Puts it into the archive.
    pub(super) fn finish(self, to: &mut impl Write, directory: &mut Directory) -> io::Result<FileFacts> {
        let mut file = self
            .to
            .finish()?
            .into_inner()
            .map_err(io::IntoInnerError::into_error)?;
        let member = Member {
            name: self.name.to_owned(),
            deflated: true,
            crc: self.crc.sum(),
            stored: u32::try_from(file.stream_position()?).map_err(|_| too_large())?,
            bytes: u32::try_from(self.bytes).map_err(|_| too_large())?,
        };
        directory.add(&member)?;
        to.write_all(&member.head())?;
        file.rewind()?;
        io::copy(&mut file, to)?;
        Ok(FileFacts {
            bytes: self.bytes,
            name: member.name,
            sha256: HEXLOWER.encode(self.hash.finish().as_ref()),
        })
    }
}

impl Write for Part {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.to.write_all(bytes)?;
        self.crc.update(bytes);
        self.hash.update(bytes);
        self.bytes += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

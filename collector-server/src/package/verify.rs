//! Checks a package without the installation that made it: the manifest's signature reaches every byte of the archive.

use std::io::{self, Read};

use data_encoding::HEXLOWER;
use flate2::bufread::DeflateDecoder;
use ring::digest::{Context, SHA256};

use super::facts::{Archive, FileFacts};
use super::manifest::{Manifest, ManifestError};
use super::zip::{Directory, HEAD, Member};
use super::{FILES, MANIFEST};
use crate::ledger::LedgerKey;

/// A manifest that is larger is none.
const MOST_MANIFEST: u32 = 1 << 20;

/// Why a file is no package to rely on.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// Not the form.
    #[error("it is not a package in its one form: it was changed, cut off, or packed anew")]
    Form,
    /// The manifest proves nothing.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// A file is not the one of which the manifest tells.
    #[error("{0} in it is not the file of which its manifest tells: it was changed")]
    File(String),
    /// It could not be read.
    #[error("it cannot be read ({})", .0.kind())]
    Read(io::Error),
}

impl From<io::Error> for VerifyError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            // It ended too early, or what is compressed in it is none.
            io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => {
                Self::Form
            }
            _ => Self::Read(error),
        }
    }
}

/// Reads a package to its end and checks all of it; `known` is the ledger's key, as known from elsewhere.
///
/// # Errors
/// [`VerifyError`].
pub fn verify(package: impl Read, known: Option<LedgerKey>) -> Result<Manifest, VerifyError> {
    let mut package = Hashed {
        from: io::BufReader::new(package),
        hash: Context::new(&SHA256),
        bytes: 0,
    };
    let mut directory = Directory::default();
    let mut found = Vec::with_capacity(FILES.len());
    for names in FILES {
        let member = head(&mut package, &names, true)?;
        directory.add(&member)?;
        found.push(content(&mut package, member)?);
    }
    let archive = Archive {
        bytes: package.bytes,
        sha256: HEXLOWER.encode(package.hash.clone().finish().as_ref()),
    };
    let member = head(&mut package, &[MANIFEST], false)?;
    if member.stored > MOST_MANIFEST || member.stored != member.bytes {
        return Err(VerifyError::Form);
    }
    directory.add(&member)?;
    let mut text = vec![0; member.stored as usize];
    package.read_exact(&mut text)?;
    let mut crc = flate2::Crc::new();
    crc.update(&text);
    let mut rest = Vec::new();
    let end = directory.end()?;
    package.take(end.len() as u64 + 1).read_to_end(&mut rest)?;
    if crc.sum() != member.crc || rest != end {
        return Err(VerifyError::Form);
    }
    let manifest = Manifest::verify(&text, known)?;
    let facts = &manifest.facts;
    if let Some(changed) = found.iter().find(|file| !facts.files.contains(file)) {
        return Err(VerifyError::File(changed.name.clone()));
    }
    if facts.files != found || facts.archive != archive {
        return Err(VerifyError::Form);
    }
    Ok(manifest)
}

/// The head of the next member, which must have one of these names.
fn head(package: &mut impl Read, names: &[&str], deflated: bool) -> Result<Member, VerifyError> {
    let mut head = [0; HEAD];
    package.read_exact(&mut head)?;
    let (mut member, length) = Member::read(&head).ok_or(VerifyError::Form)?;
    let mut named = vec![0; length];
    package.read_exact(&mut named)?;
    let name = names.iter().find(|name| name.as_bytes() == named);
    member.name = (*name.ok_or(VerifyError::Form)?).to_owned();
    if member.deflated == deflated {
        Ok(member)
    } else {
        Err(VerifyError::Form)
    }
}

fn content(package: &mut impl Read, member: Member) -> Result<FileFacts, VerifyError> {
    let stored = io::BufReader::new(package.by_ref().take(member.stored.into()));
    // No more than it says: little can be pressed from much.
    let mut taken_out = DeflateDecoder::new(stored).take(u64::from(member.bytes) + 1);
    let (mut hash, mut crc, mut bytes) = (Context::new(&SHA256), flate2::Crc::new(), 0);
    let mut buffer = vec![0; 64 << 10];
    loop {
        let count = taken_out.read(&mut buffer)?;
        if count == 0 {
            break;
        }
        hash.update(&buffer[..count]);
        crc.update(&buffer[..count]);
        bytes += count as u64;
    }
    let mut stored = taken_out.into_inner().into_inner();
    // What is left of it is of no file.
    if stored.read(&mut buffer)? != 0 || bytes != u64::from(member.bytes) || crc.sum() != member.crc {
        return Err(VerifyError::Form);
    }
    Ok(FileFacts {
        bytes,
        name: member.name,
        sha256: HEXLOWER.encode(hash.finish().as_ref()),
    })
}

/// Hashes what is read.
struct Hashed<R> {
    from: R,
    hash: Context,
    bytes: u64,
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let count = self.from.read(to)?;
        self.hash.update(&to[..count]);
        self.bytes += count as u64;
        Ok(count)
    }
}

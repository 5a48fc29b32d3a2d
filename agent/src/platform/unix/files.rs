//! Files that only their owner may read, written whole or not at all.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::Path;

use crate::platform::Privacy;

/// Makes a directory and its parents, the directory with mode 0700; an existing one is left as it is.
///
/// # Errors
/// Those of the file system.
pub fn create_private_directory(path: &Path) -> io::Result<()> {
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
}

/// Who can look into a directory, by its mode and owner.
///
/// # Errors
/// Those of the file system.
pub fn privacy(path: &Path) -> io::Result<Privacy> {
    let metadata = std::fs::metadata(path)?;
    if !metadata.is_dir() {
        return Err(io::ErrorKind::NotADirectory.into());
    }
    Ok(privacy_by(&metadata))
}

/// Who can look into a file, by its mode and owner.
///
/// # Errors
/// Those of the file system.
pub fn file_privacy(path: &Path) -> io::Result<Privacy> {
    std::fs::metadata(path).map(|metadata| privacy_by(&metadata))
}

#[allow(unsafe_code, reason = "geteuid is a C function")]
fn privacy_by(metadata: &std::fs::Metadata) -> Privacy {
    // SAFETY: geteuid takes nothing and cannot fail.
    let account = unsafe { libc::geteuid() };
    let foreign = metadata.uid() != account;
    if foreign && account != 0 {
        Privacy::Foreign
    } else if metadata.mode() & 0o077 != 0 {
        Privacy::Open
    } else if foreign {
        Privacy::Anothers
    } else {
        Privacy::Private
    }
}

/// Opens the file whose lock says that an agent runs here, mode 0600.
///
/// # Errors
/// Those of the file system.
pub fn open_lock_file(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
}

/// Opens a file to read it, and nothing else: no link is followed, and a pipe or a device is not waited for.
///
/// # Errors
/// Those of the file system; [`io::ErrorKind::InvalidInput`] where it is no file.
pub fn open_plain(path: &Path) -> io::Result<File> {
    let opened = OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK)
        .open(path);
    let file = match opened {
        // What each system says of a link that is not followed.
        Err(error) if error.raw_os_error() == Some(libc::ELOOP) => {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        other => other?,
    };
    if file.metadata()?.is_file() {
        Ok(file)
    } else {
        Err(io::ErrorKind::InvalidInput.into())
    }
}

/// What tells an open file from all others of this machine while it exists, under whatever name.
///
/// # Errors
/// Those of the file system.
pub fn identity(file: &File) -> io::Result<[u8; 16]> {
    let metadata = file.metadata()?;
    let number = (u128::from(metadata.dev()) << 64) | u128::from(metadata.ino());
    Ok(number.to_be_bytes())
}

/// Writes a file of mode 0600 that is not there yet; durable when this returns.
///
/// # Errors
/// Those of the file system, [`io::ErrorKind::AlreadyExists`] among them; nothing of it is left then.
pub fn create_private(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    let written = file.write_all(content).and_then(|()| file.sync_all());
    if written.is_err() {
        drop(std::fs::remove_file(path));
        return written;
    }
    sync_directory(path)
}

/// Replaces a file by way of a temporary one beside it (mode 0600), so that a reader sees the old or the new
/// content, never a part; durable when this returns.
///
/// # Errors
/// Those of the file system; the old content stays then.
pub fn replace_private(path: &Path, content: &[u8]) -> io::Result<()> {
    let temporary = path.with_extension("new");
    let written = write_whole(&temporary, content).and_then(|()| std::fs::rename(&temporary, path));
    if written.is_err() {
        // What is left of it would only take room that is short already.
        drop(std::fs::remove_file(&temporary));
        return written;
    }
    sync_directory(path)
}

fn write_whole(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(content)?;
    file.sync_all()
}

/// Puts a file in the place of another, durably and whole.
///
/// # Errors
/// Those of the file system.
pub fn rename_durably(from: &Path, to: &Path) -> io::Result<()> {
    std::fs::rename(from, to)?;
    sync_directory(to)
}

/// Makes new and removed names in the directory of `path` durable.
///
/// # Errors
/// Those of the file system.
pub fn sync_directory(path: &Path) -> io::Result<()> {
    let directory = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    File::open(directory)?.sync_all()
}

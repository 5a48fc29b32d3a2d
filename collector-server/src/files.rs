//! Files that only their owner may read, written whole or not at all.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::failpoint::{Point, reached};

/// Makes a directory (and its parents) with mode 0700; an existing one is left as it is.
///
/// # Errors
/// Those of the file system.
pub fn create_private_directory(path: &Path) -> io::Result<()> {
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
}

/// Writes a new file with mode 0600 and syncs it and its directory.
///
/// # Errors
/// `AlreadyExists` where the file is there: a key is never overwritten. Else those of the file system; a file
/// that could not be written whole is removed again.
pub fn write_new_private(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    let written = file.write_all(content).and_then(|()| sync(&file, path));
    if written.is_err() {
        drop(std::fs::remove_file(path));
    }
    written
}

/// Makes a file that was written, and its name, durable.
///
/// # Errors
/// Those of the file system.
pub fn sync(file: &File, path: &Path) -> io::Result<()> {
    file.sync_all()?;
    sync_directory(path)
}

/// Replaces a file by way of a temporary one beside it (mode 0600), so that a reader sees the old or the new
/// content, never a part.
///
/// # Errors
/// Those of the file system; the old content stays then.
pub fn replace_private(path: &Path, content: &[u8]) -> io::Result<()> {
    let temporary = beside(path, ".new");
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&temporary)?;
    file.write_all(content)?;
    file.sync_all()?;
    std::fs::rename(&temporary, path)?;
    sync_directory(path)
}

/// Gives a file the name of another, which it replaces.
///
/// # Errors
/// Those of the file system; both are as they were then.
pub fn rename(from: &Path, to: &Path) -> io::Result<()> {
    reached(Point::Renaming);
    std::fs::rename(from, to)?;
    reached(Point::Renamed);
    sync_directory(to)
}

/// The path of a file beside another, with a longer name.
#[must_use]
pub fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(ending);
    path.with_file_name(name)
}

/// A new name is durable only once its directory is.
fn sync_directory(path: &Path) -> io::Result<()> {
    let directory = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    File::open(directory)?.sync_all()
}

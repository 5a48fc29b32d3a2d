//! The files of the spool: one for each batch that waits, named by its number, and the one that was sent last.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use zeef_proto::wire::MAX_BODY;

use crate::platform::files;

const FOLDER: &str = "spool";
const ENDING: &str = "batch";
const LAST: &str = "last.sent";

/// A batch and what goes with it; a larger file is none.
const MOST_BYTES: u64 = MAX_BODY as u64 + (1 << 18);

/// The folder of the spool.
pub(super) struct Files(PathBuf);

/// What stands in it.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Batches: number and size in bytes.
    pub(super) batches: Vec<(u64, u64)>,
    /// Files that are nothing of ours.
    pub(super) foreign: u64,
}

impl Files {
    pub(super) fn within(state_directory: &Path) -> Self {
        Self(state_directory.join(FOLDER))
    }

    pub(super) fn make_folder(&self) -> io::Result<()> {
        files::create_private_directory(&self.0)
    }

    pub(super) fn exists(&self) -> bool {
        self.0.is_dir()
    }

    /// Looks through the folder. What a write that was cut short left behind is removed where `tidies`.
    pub(super) fn find(&self, tidies: bool) -> io::Result<Found> {
        let mut found = Found::default();
        let entries = match std::fs::read_dir(&self.0) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(found),
            other => other?,
        };
        for entry in entries {
            let entry = entry?;
            let path = entry.path();
            let Ok(metadata) = entry.metadata() else { continue };
            match number_of(&path) {
                Some(number) if metadata.is_file() => found.batches.push((number, metadata.len())),
                _ if path.extension() == Some(OsStr::new("new")) && metadata.is_file() => {
                    if tidies {
                        drop(std::fs::remove_file(&path));
                    }
                }
                _ if path.file_name() == Some(OsStr::new(LAST)) => {}
                _ => found.foreign += 1,
            }
        }
        found.batches.sort_unstable();
        Ok(found)
    }

    pub(super) fn write(&self, number: u64, sealed: &[u8]) -> io::Result<()> {
        files::replace_private(&self.of(number), sealed)
    }

    pub(super) fn read(&self, number: u64) -> io::Result<Vec<u8>> {
        read_bounded(&self.of(number))
    }

    pub(super) fn read_last(&self) -> io::Result<Vec<u8>> {
        read_bounded(&self.0.join(LAST))
    }

    /// Keeps a batch as the one that was sent last. One that is not there any more was kept before.
    pub(super) fn keep_as_last(&self, number: u64) -> io::Result<()> {
        there_or_done(files::rename_durably(&self.of(number), &self.0.join(LAST)))
    }

    pub(super) fn remove(&self, number: u64) -> io::Result<()> {
        let path = self.of(number);
        there_or_done(std::fs::remove_file(&path).and_then(|()| files::sync_directory(&path)))
    }

    pub(super) fn remove_last(&self) -> io::Result<()> {
        there_or_done(std::fs::remove_file(self.0.join(LAST)))
    }

    fn of(&self, number: u64) -> PathBuf {
        self.0.join(format!("{number}.{ENDING}"))
    }
}

/// The number that a file is named by, in its only spelling.
fn number_of(path: &Path) -> Option<u64> {
    let stem = path.file_stem()?.to_str()?;
    let number: u64 = stem.parse().ok()?;
    let ours = path.extension() == Some(OsStr::new(ENDING)) && number.to_string() == stem;
    ours.then_some(number)
}

/// Never more than a batch may have, and never by way of a link or from something that is no file.
fn read_bounded(path: &Path) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    let mut file: File = files::open_plain(path)?;
    file.by_ref().take(MOST_BYTES).read_to_end(&mut content)?;
    Ok(content)
}

fn there_or_done(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

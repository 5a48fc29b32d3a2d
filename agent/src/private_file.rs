//! Small files with a secret, which are their owner's alone.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use zeroize::Zeroizing;

use crate::platform::{Privacy, files};

/// Why such a file was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unread {
    /// Not there, or not for this account.
    Failed(io::ErrorKind),
    /// Others can read it.
    NotPrivate,
    /// It is another account's, and this one is not an administrator's.
    NotYours,
}

/// The first `most` bytes of a file, where nobody but its owner and administrators can read it.
///
/// # Errors
/// [`Unread`].
pub fn read(path: &Path, most: usize) -> Result<Zeroizing<Vec<u8>>, Unread> {
    let failed = |error: io::Error| Unread::Failed(error.kind());
    let file = File::open(path).map_err(failed)?;
    match files::file_privacy(path).map_err(failed)? {
        // An administrator may use it.
        Privacy::Private | Privacy::Anothers => {}
        Privacy::Open => return Err(Unread::NotPrivate),
        Privacy::Foreign => return Err(Unread::NotYours),
    }
    // At its full size from the start, so that no copy is left behind in growing.
    let mut bytes = Zeroizing::new(Vec::with_capacity(most));
    file.take(most as u64).read_to_end(&mut bytes).map_err(failed)?;
    Ok(bytes)
}

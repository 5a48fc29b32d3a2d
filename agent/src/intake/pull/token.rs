//! The file that holds a token: its owner's alone, like a key.

use std::path::Path;

use zeroize::Zeroizing;

use super::TokenFile;
use crate::private_file;

/// Tokens have some dozens of bytes; a signed one some hundreds.
const MOST_BYTES: usize = 8192;

/// Reads so many lines, called `what`, and no others.
pub(super) fn read<const N: usize>(
    path: &Path,
    what: &'static str,
) -> Result<[Zeroizing<String>; N], TokenFile> {
    let bytes = private_file::read(path, MOST_BYTES)?;
    let text = std::str::from_utf8(&bytes).unwrap_or_default();
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let lines: Vec<_> = lines.map(|line| Zeroizing::new(line.to_owned())).collect();
    let visible = lines
        .iter()
        .all(|line| line.bytes().all(|byte| byte.is_ascii_graphic()));
    match lines.try_into() {
        Ok(lines) if visible => Ok(lines),
        _ => Err(TokenFile::Form(what)),
    }
}

//! Files and standard input.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::super::{Exit, Failure};
use super::progress::Progress;
use crate::sieve::{HEAD_BYTES, Sieve, recognise};

/// One input, of which the beginning may have been looked at.
pub(super) struct Input {
    stream: Box<dyn Read>,
    head: Vec<u8>,
    given: usize,
    progress: Option<Progress>,
}

/// Opens all of `files`, standard input where there are none. None is read yet.
pub(super) fn open(files: &[PathBuf]) -> Result<Vec<Input>, Failure> {
    if files.is_empty() {
        return Ok(vec![Input::new(Box::new(io::stdin()), None)]);
    }
    let count = files.len();
    files
        .iter()
        .enumerate()
        .map(|(place, path)| {
            if path == Path::new("-") {
                return Ok(Input::new(Box::new(io::stdin()), None));
            }
            let unreadable = |kind: io::ErrorKind| {
                // A path can hold a person's name.
                let which = if count == 1 {
                    "the file".to_owned()
                } else {
                    format!("file {} of {count}", place + 1)
                };
                Failure::new(
                    Exit::Usage,
                    format!("{which} cannot be read ({kind}); nothing was read"),
                )
            };
            let file = File::open(path).map_err(|error| unreadable(error.kind()))?;
            let about = file.metadata().map_err(|error| unreadable(error.kind()))?;
            if about.is_dir() {
                return Err(unreadable(io::ErrorKind::IsADirectory));
            }
            let progress = about
                .is_file()
                .then(|| Progress::on_terminal(place + 1, count, about.len()));
            Ok(Input::new(Box::new(file), progress.flatten()))
        })
        .collect()
}

impl Input {
    fn new(stream: Box<dyn Read>, progress: Option<Progress>) -> Self {
        Self {
            stream,
            head: Vec::new(),
            given: 0,
            progress,
        }
    }

    /// Looks at as much of the beginning as tells whose records it holds, and no more, for a pipe may be slow.
    pub(super) fn recognised_among<'a>(&mut self, sieves: &'a [Sieve]) -> io::Result<Option<&'a Sieve>> {
        let mut looked_at = 0;
        loop {
            let ended = !self.read_head()?;
            if ended || self.head.len() >= 2 * looked_at {
                looked_at = self.head.len();
                let found = recognise(&self.head, sieves)?;
                if found.is_some() || ended {
                    return Ok(found);
                }
            }
        }
    }

    /// Ends the bar.
    pub(super) fn finish(&mut self) {
        if let Some(progress) = self.progress.take() {
            progress.finish();
        }
    }

    /// Reads a little more of the beginning. False where it has ended or is long enough.
    fn read_head(&mut self) -> io::Result<bool> {
        let length = self.head.len();
        self.head.resize(HEAD_BYTES, 0);
        let count = self.stream.read(&mut self.head[length..])?;
        self.head.truncate(length + count);
        Ok(count > 0)
    }
}

impl Read for Input {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut ahead = &self.head[self.given..];
        let count = if ahead.is_empty() {
            self.stream.read(buffer)?
        } else {
            let count = ahead.read(buffer)?;
            self.given += count;
            count
        };
        if let Some(progress) = &mut self.progress {
            progress.add(count as u64);
        }
        Ok(count)
    }
}

impl Drop for Input {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.head);
    }
}

//! Reading on, look by look. Holds the open file, so that it is found under whatever name it gets.

use std::fs::File;
use std::io;
use std::path::Path;

use zeroize::Zeroizing;

use super::decide::{Current, From, Observation, Step, next};
use super::{Settings, chunk};
use crate::intake::digest::{Digest, Digester};
use crate::intake::piece::Line;
use crate::platform::files;

/// Bytes by which a file is known again.
const REMEMBERED: u64 = 64;

/// Files beside the tailed one among which it is looked for under another name.
const MOST_SIBLINGS: usize = 512;

/// A tailed file.
pub(super) struct Follower {
    settings: Settings,
    digester: Digester,
    line: Option<Line>,
    current: Option<File>,
    size: u64,
    from: From,
    /// Whether it was looked for under another name; once is enough.
    sought: bool,
}

/// What a look brought.
pub(super) enum Taken {
    /// Nothing new.
    Nothing,
    /// Whole lines, perhaps none, and the place behind them.
    Lines {
        lines: Zeroizing<Vec<u8>>,
        line: Line,
        lost: u64,
    },
}

impl Follower {
    pub(super) const fn new(settings: Settings, line: Option<Line>, digester: Digester) -> Self {
        Self {
            from: settings.from,
            settings,
            digester,
            line,
            current: None,
            size: 0,
            sought: false,
        }
    }

    /// Looks once, and reads at most one piece.
    pub(super) fn look(&mut self) -> io::Result<Taken> {
        let mut named = match files::open_plain(&self.settings.path) {
            Ok(file) => Some((self.identity(&file)?, file)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                // What comes later was not there at first sight.
                self.from = From::Start;
                None
            }
            Err(error) => return Err(error),
        };
        let observed = Observation {
            named: named.as_ref().map(|(file, _)| *file),
            current: self.observe_current(&mut named)?,
        };
        match next(self.line.as_ref(), &observed, self.from) {
            Step::Wait => Ok(Taken::Nothing),
            Step::Read { to_the_end } => self.read(to_the_end),
            Step::StartOver => self.stand_at(0, false),
            Step::Begin(from) => {
                self.current = named.map(|(_, file)| file);
                self.begin(from)
            }
        }
    }

    /// Looks at the file in which reading stands; after a start it is looked for first.
    fn observe_current(&mut self, named: &mut Option<(Digest, File)>) -> io::Result<Option<Current>> {
        let Some(line) = self.line else {
            return Ok(None);
        };
        if self.current.is_none() {
            let same = named.as_ref().is_some_and(|(file, _)| *file == line.file);
            self.current = if same {
                match named {
                    Some((_, file)) => Some(file.try_clone()?),
                    None => None,
                }
            } else if self.sought {
                None
            } else {
                self.sought = true;
                self.find_renamed(&line)
            };
        }
        let Some(file) = &mut self.current else {
            return Ok(None);
        };
        let size = file.metadata()?.len();
        let grown = size > self.size;
        self.size = size;
        let same = size >= line.offset && before(&self.digester, file, line.offset)? == line.before;
        Ok(Some(Current { size, same, grown }))
    }

    fn read(&mut self, to_the_end: bool) -> io::Result<Taken> {
        let (Some(line), Some(file)) = (self.line, &mut self.current) else {
            return Ok(Taken::Nothing);
        };
        let chunk = chunk::read(file, line.offset, line.within, to_the_end)?;
        if chunk.next == line.offset {
            return Ok(Taken::Nothing);
        }
        let line = Line {
            offset: chunk.next,
            before: before(&self.digester, file, chunk.next)?,
            within: chunk.within,
            ..line
        };
        self.line = Some(line);
        let (lines, lost) = (chunk.lines, chunk.lost);
        Ok(Taken::Lines { lines, line, lost })
    }

    fn begin(&mut self, from: From) -> io::Result<Taken> {
        let (offset, within) = match (&mut self.current, from) {
            (Some(file), From::End) => {
                let size = file.metadata()?.len();
                chunk::last_line(file, size)?
            }
            _ => (0, false),
        };
        self.stand_at(offset, within)
    }

    /// Goes to a place of the current file; what is handed on is the place alone.
    fn stand_at(&mut self, offset: u64, within: bool) -> io::Result<Taken> {
        let Some(mut file) = self.current.take() else {
            return Ok(Taken::Nothing);
        };
        let line = Line {
            file: self.identity(&file)?,
            offset,
            before: before(&self.digester, &mut file, offset)?,
            within,
        };
        self.size = file.metadata()?.len();
        self.current = Some(file);
        self.line = Some(line);
        let lines = Zeroizing::default();
        Ok(Taken::Lines { lines, line, lost: 0 })
    }

    /// The file of `line` among those beside the tailed one: it was renamed while nobody looked.
    fn find_renamed(&self, line: &Line) -> Option<File> {
        let folder = self.settings.path.parent()?;
        let entries = std::fs::read_dir(folder).ok()?;
        entries
            .take(MOST_SIBLINGS)
            .filter_map(|entry| open_if_plain(&entry.ok()?))
            .find(|file| self.identity(file).is_ok_and(|identity| identity == line.file))
    }

    fn identity(&self, file: &File) -> io::Result<Digest> {
        let identity = files::identity(file)?;
        Ok(self.digester.digest(&[b"identity", &identity]))
    }
}

fn open_if_plain(entry: &std::fs::DirEntry) -> Option<File> {
    let path: &Path = &entry.path();
    entry
        .file_type()
        .ok()?
        .is_file()
        .then(|| files::open_plain(path).ok())
        .flatten()
}

/// What stands before a place.
fn before(digester: &Digester, file: &mut File, offset: u64) -> io::Result<Digest> {
    let length = offset.min(REMEMBERED);
    let bytes = chunk::at(file, offset - length, usize::try_from(length).unwrap_or(0))?;
    Ok(digester.digest(&[b"before", &bytes]))
}

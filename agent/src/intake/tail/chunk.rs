//! Whole lines out of a file, as many as fit a piece.

use std::io::{self, Read, Seek, SeekFrom};

use zeroize::Zeroizing;

/// Bytes of one piece.
const PIECE: usize = 128 << 10;

/// A line that is longer is passed over.
pub const MOST_LINE: usize = 1 << 20;

/// What was read at one place.
pub(super) struct Chunk {
    /// Whole lines.
    pub(super) lines: Zeroizing<Vec<u8>>,
    /// The place behind what was read.
    pub(super) next: u64,
    /// Whether that is within a line that is too long.
    pub(super) within: bool,
    /// Lines that were found to be too long.
    pub(super) lost: u64,
}

/// Reads at `offset`, which is `within` a line that is passed over, or between two. A last line without its end
/// counts only where the file is read `to_the_end`.
pub(super) fn read(
    file: &mut (impl Read + Seek),
    offset: u64,
    within: bool,
    to_the_end: bool,
) -> io::Result<Chunk> {
    let mut lines = at(file, offset, PIECE)?;
    let mut end = lines.iter().rposition(|byte| *byte == b'\n');
    if within {
        let end = lines.iter().position(|byte| *byte == b'\n');
        let passed = end.map_or(lines.len(), |end| end + 1);
        return Ok(Chunk {
            lines: Zeroizing::default(),
            next: offset + passed as u64,
            within: end.is_none(),
            lost: 0,
        });
    }
    let mut bound = PIECE;
    if end.is_none() && lines.len() == PIECE {
        bound = MOST_LINE;
        lines = at(file, offset, bound)?;
        end = lines.iter().position(|byte| *byte == b'\n');
    }
    let (keep, passed, lost) = match end {
        Some(end) => (end + 1, end + 1, 0),
        None if lines.len() == bound => (0, bound, 1),
        None if to_the_end => (lines.len(), lines.len(), 0),
        None => (0, 0, 0),
    };
    lines.truncate(keep);
    Ok(Chunk {
        lines,
        next: offset + passed as u64,
        within: lost > 0,
        lost,
    })
}

/// Where the last line begins that is not ended yet, and whether that is within one that is too long.
pub(super) fn last_line(file: &mut (impl Read + Seek), size: u64) -> io::Result<(u64, bool)> {
    let start = size.saturating_sub(MOST_LINE as u64);
    let tail = at(file, start, MOST_LINE)?;
    Ok(match tail.iter().rposition(|byte| *byte == b'\n') {
        Some(end) => (start + end as u64 + 1, false),
        None if start == 0 => (0, false),
        None => (start + tail.len() as u64, true),
    })
}

/// At most `most` bytes from `offset` on; fewer only at the end of the file.
pub(super) fn at(file: &mut (impl Read + Seek), offset: u64, most: usize) -> io::Result<Zeroizing<Vec<u8>>> {
    file.seek(SeekFrom::Start(offset))?;
    // Never grown: what is moved in memory would leave a copy behind.
    let mut bytes = Zeroizing::new(vec![0; most]);
    let mut length = 0;
    while length < most {
        match file.read(&mut bytes[length..]) {
            Ok(0) => break,
            Ok(count) => length += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    bytes.truncate(length);
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn read_all(content: &[u8], to_the_end: bool) -> (Vec<Vec<u8>>, u64, u64) {
        let (mut offset, mut within, mut lost, mut pieces) = (0, false, 0, Vec::new());
        loop {
            let chunk = read(&mut Cursor::new(content), offset, within, to_the_end).unwrap();
            if !chunk.lines.is_empty() {
                pieces.push(chunk.lines.to_vec());
            }
            lost += chunk.lost;
            if chunk.next == offset {
                return (pieces, offset, lost);
            }
            (offset, within) = (chunk.next, chunk.within);
        }
    }

    #[test]
    fn a_last_line_waits_for_its_end() {
        assert_eq!(read_all(b"a\nb\nc", false), (vec![b"a\nb\n".to_vec()], 4, 0));
        assert_eq!(
            read_all(b"a\nb\nc", true),
            (vec![b"a\nb\n".to_vec(), b"c".to_vec()], 5, 0)
        );
        assert_eq!(read_all(b"", true), (Vec::new(), 0, 0));
    }

    #[test]
    fn a_line_up_to_the_bound_is_read_whole() {
        let mut content = vec![b'x'; MOST_LINE - 1];
        content.extend_from_slice(b"\nb\n");
        let (pieces, end, lost) = read_all(&content, false);
        assert_eq!(
            (pieces.concat(), end, lost),
            (content.clone(), content.len() as u64, 0)
        );
    }

    #[test]
    fn a_line_above_the_bound_is_passed_over_and_counted_once_and_what_follows_is_read() {
        let mut content = b"a\n".to_vec();
        content.resize(10 << 20, b'x');
        assert_eq!(
            read_all(&content, true),
            (vec![b"a\n".to_vec()], content.len() as u64, 1)
        );
        content.extend_from_slice(b"\nb\n");
        let (pieces, end, lost) = read_all(&content, false);
        assert_eq!(
            (pieces.concat(), end, lost),
            (b"a\nb\n".to_vec(), content.len() as u64, 1)
        );
    }

    #[test]
    fn the_end_of_a_file_is_the_beginning_of_its_last_line() {
        let last = |content: &[u8]| last_line(&mut Cursor::new(content), content.len() as u64).unwrap();
        assert_eq!(last(b"a\nbc"), (2, false));
        assert_eq!(last(b"a\n"), (2, false));
        assert_eq!(last(b"abc"), (0, false));
        assert_eq!(last(&vec![b'x'; MOST_LINE + 5]), (MOST_LINE as u64 + 5, true));
    }
}

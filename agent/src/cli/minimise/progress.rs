//! A bar on the terminal while files are read.

use std::io::{IsTerminal, Write};

const CELLS: u64 = 30;

/// How far one file is read. Drawn anew with each hundredth, so that it costs nothing and needs no clock.
pub(super) struct Progress {
    place: usize,
    count: usize,
    size: u64,
    read: u64,
    shown: Option<u64>,
}

impl Progress {
    /// A bar for file `place` of `count`; `None` where standard error is no terminal, or standard output is the
    /// same terminal and the bar would stand between the lines.
    pub(super) fn on_terminal(place: usize, count: usize, size: u64) -> Option<Self> {
        let wanted = std::io::stderr().is_terminal() && !std::io::stdout().is_terminal();
        wanted.then_some(Self {
            place,
            count,
            size,
            read: 0,
            shown: None,
        })
    }

    pub(super) fn add(&mut self, bytes: u64) {
        self.read += bytes;
        let percent = percent(self.read, self.size);
        if self.shown != Some(percent) {
            self.shown = Some(percent);
            drop(write!(
                std::io::stderr(),
                "\r{}",
                bar(self.place, self.count, percent)
            ));
        }
    }

    /// Takes the bar away.
    pub(super) fn finish(self) {
        if self.shown.is_some() {
            drop(write!(std::io::stderr(), "\r\x1b[K"));
        }
    }
}

fn percent(read: u64, size: u64) -> u64 {
    // A file can grow while it is read.
    (read.saturating_mul(100))
        .checked_div(size)
        .unwrap_or(100)
        .min(100)
}

fn bar(place: usize, count: usize, percent: u64) -> String {
    let full = percent * CELLS / 100;
    let cells: String = (0..CELLS)
        .map(|cell| if cell < full { '#' } else { '.' })
        .collect();
    format!("file {place} of {count} [{cells}] {percent:>3} %")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_fills_as_the_file_is_read() {
        assert_eq!(bar(1, 2, 0), "file 1 of 2 [..............................]   0 %");
        assert_eq!(
            bar(1, 2, 50),
            "file 1 of 2 [###############...............]  50 %"
        );
        assert_eq!(percent(10, 0), 100);
        assert_eq!(percent(u64::MAX, 3), 100);
    }
}

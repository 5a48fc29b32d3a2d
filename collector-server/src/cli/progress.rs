//! How far long work has come, on a terminal.

use std::io::{IsTerminal, Stderr, Write, stderr};

use crate::backup::{Progress, Step};

/// Characters of the bar.
const WIDTH: u64 = 30;

/// A bar on standard error, where that is a terminal; nothing elsewhere.
pub(super) struct Bar {
    terminal: Option<Stderr>,
    /// What is shown; the same is not shown twice.
    shown: u64,
}

impl Bar {
    pub(super) fn new() -> Self {
        let terminal = stderr();
        Self {
            terminal: terminal.is_terminal().then_some(terminal),
            shown: u64::MAX,
        }
    }

    fn show(&mut self, line: &str) {
        if let Some(terminal) = &mut self.terminal {
            // Work goes on whoever looks on.
            drop(write!(terminal, "\r\x1b[K{line}").and_then(|()| terminal.flush()));
        }
    }
}

impl Progress for Bar {
    fn reached(&mut self, _step: Step) {
        self.shown = u64::MAX;
        self.show("");
    }

    fn part(&mut self, done: u64, total: u64) {
        let percent = done * 100 / total.max(1);
        if percent != self.shown {
            self.shown = percent;
            self.show(&line(percent));
        }
    }
}

fn line(percent: u64) -> String {
    let full = usize::try_from(percent * WIDTH / 100).unwrap_or(0);
    format!("[{:<width$}] {percent:>3} %", "#".repeat(full), width = 30)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_fills_from_none_to_all() {
        assert_eq!(line(0), format!("[{}]   0 %", " ".repeat(30)));
        assert_eq!(line(50), format!("[{}{}]  50 %", "#".repeat(15), " ".repeat(15)));
        assert_eq!(line(100), format!("[{}] 100 %", "#".repeat(30)));
    }
}

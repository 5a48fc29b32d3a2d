//! Text and tables on standard output.

use std::io::{self, Write};

use super::{Exit, Failure};

/// Rows of cells, printed in columns as wide as their widest cell.
#[derive(Default)]
pub(super) struct Table(Vec<Vec<String>>);

impl Table {
    pub(super) fn with_head<const N: usize>(head: [&str; N]) -> Self {
        let mut table = Self::default();
        table.row(head);
        table
    }

    pub(super) fn row<const N: usize>(&mut self, cells: [&str; N]) {
        self.0.push(cells.iter().map(|cell| (*cell).to_owned()).collect());
    }

    fn render(&self) -> String {
        let columns = self.0.iter().map(Vec::len).max().unwrap_or(0);
        let width = |column: usize| {
            let cells = self.0.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        let mut text = String::new();
        for row in &self.0 {
            let mut line = String::new();
            for (cell, width) in row.iter().zip(&widths) {
                let padding = width - cell.chars().count();
                line.push_str(cell);
                line.extend(std::iter::repeat_n(' ', padding + 2));
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }
}

pub(super) fn table(out: &mut dyn Write, table: &Table) -> Result<(), Failure> {
    text(out, &table.render())
}

pub(super) fn json(out: &mut dyn Write, value: &serde_json::Value) -> Result<(), Failure> {
    text(out, &format!("{value:#}\n"))
}

pub(super) fn line(out: &mut dyn Write, line: &str) -> Result<(), Failure> {
    text(out, &format!("{line}\n"))
}

/// A reader that has seen enough and closed the pipe is no failure.
pub(super) fn text(out: &mut dyn Write, text: &str) -> Result<(), Failure> {
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::new(Exit::Failed, "standard output cannot be written"))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let mut table = Table::with_head(["field", "value"]);
        table.row(["device_name", "lap-17"]);
        table.row(["user", "renée"]);
        assert_eq!(
            table.render(),
            "field        value\ndevice_name  lap-17\nuser         renée\n"
        );
    }
}

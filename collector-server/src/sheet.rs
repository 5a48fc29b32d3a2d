//! Rows that a spreadsheet opens, and computes nothing of: UTF-8 with a mark that says so, CRLF, every cell in quotes.

use std::borrow::Cow;
use std::io::{self, Write};

use csv::{QuoteStyle, Terminator, Writer, WriterBuilder};

/// What a file begins with: without it, spreadsheets take the text for another encoding.
const MARK: &str = "\u{feff}";

/// Writes rows.
pub struct Sheet<W: Write>(Writer<W>);

impl<W: Write> Sheet<W> {
    /// At the beginning of a file, with the names of the columns.
    ///
    /// # Errors
    /// Those of `to`.
    pub fn begin<const N: usize>(mut to: W, columns: [&str; N]) -> io::Result<Self> {
        to.write_all(MARK.as_bytes())?;
        let mut sheet = Self::go_on(to);
        sheet.row(columns)?;
        Ok(sheet)
    }

    /// In the middle of a file.
    pub fn go_on(to: W) -> Self {
        let mut builder = WriterBuilder::new();
        builder
            .quote_style(QuoteStyle::Always)
            .terminator(Terminator::CRLF);
        Self(builder.from_writer(to))
    }

    /// Writes a row.
    ///
    /// # Errors
    /// Those of what is written to.
    pub fn row<const N: usize>(&mut self, cells: [&str; N]) -> io::Result<()> {
        let cells = cells.map(shown_as_text);
        Ok(self.0.write_record(cells.iter().map(|cell| cell.as_bytes()))?)
    }

    /// Gives back what was written to.
    ///
    /// # Errors
    /// Those of what is written to.
    pub fn finish(self) -> io::Result<W> {
        self.0.into_inner().map_err(|error| error.into_error())
    }
}

/// An apostrophe before what a spreadsheet would take for a formula: cells hold what devices say, and whoever sends them
/// may be hostile.
fn shown_as_text(cell: &str) -> Cow<'_, str> {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']) {
        Cow::Owned(format!("'{cell}"))
    } else {
        Cow::Borrowed(cell)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(cells: [&str; 2]) -> String {
        let mut sheet = Sheet::go_on(Vec::new());
        sheet.row(cells).unwrap();
        String::from_utf8(sheet.finish().unwrap()).unwrap()
    }

    #[test]
    fn a_file_begins_with_its_mark_and_the_columns() {
        let sheet = Sheet::begin(Vec::new(), ["device", "field"]).unwrap();
        assert_eq!(
            sheet.finish().unwrap(),
            "\u{feff}\"device\",\"field\"\r\n".as_bytes()
        );
    }

    #[test]
    fn nothing_that_a_device_says_is_a_formula() {
        for formula in ["=1+1", "+31", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1"] {
            assert_eq!(
                written([formula, "after"]),
                format!("\"'{formula}\",\"after\"\r\n")
            );
        }
    }

    #[test]
    fn quotes_commas_and_line_ends_stay_in_their_cell() {
        assert_eq!(
            written(["a\"b,c\r\nd", "Jan =1"]),
            "\"a\"\"b,c\r\nd\",\"Jan =1\"\r\n"
        );
    }
}

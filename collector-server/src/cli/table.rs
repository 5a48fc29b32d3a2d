//! Aligned columns for people.

/// Rows under headings, two spaces between columns.
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with these headings.
    pub(crate) fn new<const N: usize>(headings: [&str; N]) -> Self {
        Self {
            rows: vec![headings.map(str::to_owned).to_vec()],
        }
    }

    /// Adds a row; an empty cell shows as a dash.
    pub(crate) fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.rows.push(cells.map(visible).to_vec());
    }

    /// The text, with a line break at its end.
    pub(crate) fn render(&self) -> String {
        let columns = self.rows.first().map_or(0, Vec::len);
        let widths: Vec<usize> = (0..columns)
            .map(|at| {
                self.rows
                    .iter()
                    .map(|row| row[at].chars().count())
                    .max()
                    .unwrap_or(0)
            })
            .collect();
        let mut text = String::new();
        for row in &self.rows {
            let mut line = String::new();
            for (cell, width) in row.iter().zip(&widths) {
                line.push_str(cell);
                line.extend(std::iter::repeat_n(' ', width - cell.chars().count() + 2));
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }
}

/// Devices are hostile: what could drive a terminal does not reach it.
fn visible(cell: String) -> String {
    if cell.is_empty() {
        return "–".to_owned();
    }
    if cell.chars().any(char::is_control) {
        return cell
            .chars()
            .map(|c| if c.is_control() { '\u{fffd}' } else { c })
            .collect();
    }
    cell
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_and_nothing_reaches_the_terminal_as_a_command() {
        let mut table = Table::new(["NAME", "STATE"]);
        table.row(["Café Zon".to_owned(), "active".to_owned()]);
        table.row(["a\u{1b}[2J".to_owned(), String::new()]);
        assert_eq!(
            table.render(),
            "NAME      STATE\nCafé Zon  active\na\u{fffd}[2J     –\n"
        );
    }
}

//! Standard output, as tables or JSON.

use std::io::Write;

use serde::Serialize;

use super::arguments::Form;
use super::failure::Failure;
use super::table::Table;

/// Where results go.
pub(super) struct Output(Form);

impl Output {
    pub(super) const fn new(form: Form) -> Self {
        Self(form)
    }

    /// Prints the table, or the same as JSON.
    pub(super) fn show(&self, json: &impl Serialize, table: &Table) -> Result<(), Failure> {
        if self.0.json {
            self.json(json)
        } else {
            print(&table.render())
        }
    }

    /// Prints the text, or the same as JSON.
    pub(super) fn say(&self, json: &impl Serialize, text: &str) -> Result<(), Failure> {
        if self.0.json { self.json(json) } else { print(text) }
    }

    fn json(&self, json: &impl Serialize) -> Result<(), Failure> {
        let text = serde_json::to_string_pretty(json)
            .map_err(|_| Failure::failed("the result cannot be written as JSON"))?;
        print(&(text + "\n"))
    }
}

/// Prints to standard output. A reader that has gone, such as `head`, is no failure.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(Failure::failed(format!(
            "standard output cannot be written to ({})",
            error.kind()
        ))),
        _ => Ok(()),
    }
}

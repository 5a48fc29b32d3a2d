//! Reading a table key by key, so that reading goes on after a mistake and ends with a list of all.

use std::str::FromStr;

use toml::{Table, Value};

/// The mistakes so far.
#[derive(Default)]
pub(super) struct Mistakes(Vec<String>);

impl Mistakes {
    pub(super) fn add(&mut self, mistake: String) {
        self.0.push(mistake);
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn into_list(self) -> Vec<String> {
        self.0
    }
}

/// One table of the file. Every key must be asked for; what is left at the end is a mistake.
pub(super) struct Section<'a> {
    prefix: String,
    table: Table,
    asked: Vec<&'static str>,
    mistakes: &'a mut Mistakes,
}

impl<'a> Section<'a> {
    pub(super) fn new(prefix: &str, table: Table, mistakes: &'a mut Mistakes) -> Self {
        Self {
            prefix: prefix.to_owned(),
            table,
            asked: Vec::new(),
            mistakes,
        }
    }

    /// The table below `name`; an empty one where there is none.
    pub(super) fn section(&mut self, name: &'static str) -> Section<'_> {
        self.asked.push(name);
        let prefix = format!("{}{name}.", self.prefix);
        let table = match self.table.remove(name) {
            Some(Value::Table(table)) => table,
            None => Table::new(),
            Some(_) => {
                self.mistake(name, "must be a table");
                Table::new()
            }
        };
        Section::new(&prefix, table, self.mistakes)
    }

    /// Whether nothing of it is in the file.
    pub(super) fn is_absent(&self) -> bool {
        self.table.is_empty()
    }

    /// A value that may be left out. `None` only after a mistake.
    pub(super) fn or<T>(
        &mut self,
        key: &'static str,
        default: T,
        read: impl FnOnce(&Value) -> Result<T, String>,
    ) -> Option<T> {
        self.optional(key, read).map(|value| value.unwrap_or(default))
    }

    /// A value that may be left out, without a default. `None` only after a mistake.
    pub(super) fn optional<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(&Value) -> Result<T, String>,
    ) -> Option<Option<T>> {
        self.asked.push(key);
        match self.table.remove(key).as_ref().map(read) {
            None => Some(None),
            Some(Ok(value)) => Some(Some(value)),
            Some(Err(mistake)) => {
                self.mistake(key, &mistake);
                None
            }
        }
    }

    /// A value that must be there. `None` after a mistake.
    pub(super) fn required<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(&Value) -> Result<T, String>,
    ) -> Option<T> {
        let value = self.optional(key, read)?;
        if value.is_none() {
            self.mistake(key, "is missing");
        }
        value
    }

    pub(super) fn mistake(&mut self, key: &str, mistake: &str) {
        self.mistakes.add(format!("{}{key}: {mistake}", self.prefix));
    }

    /// Reports the keys that nobody asked for.
    pub(super) fn finish(mut self) {
        for stray in std::mem::take(&mut self.table).keys() {
            let meant = self.asked.iter().find(|known| resembles(known, stray));
            let hint = meant.map_or(String::new(), |known| format!("; did you mean {known}?"));
            self.mistake(stray, &format!("is not a key of this file{hint}"));
        }
    }
}

/// Whether one text becomes the other by one letter added, lost, changed or swapped with its neighbour.
fn resembles(known: &str, typed: &str) -> bool {
    let (a, b) = (known.as_bytes(), typed.as_bytes());
    let same_start = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[same_start..], &b[same_start..]);
    let same_end = a
        .iter()
        .rev()
        .zip(b.iter().rev())
        .take_while(|(x, y)| x == y)
        .count();
    let (a, b) = (&a[..a.len() - same_end], &b[..b.len() - same_end]);
    (a.len() <= 1 && b.len() <= 1) || (a.len() == 2 && b.len() == 2 && a[0] == b[1] && a[1] == b[0])
}

pub(super) fn text(value: &Value) -> Result<String, String> {
    value
        .as_str()
        .map(str::to_owned)
        .ok_or_else(|| "must be a text in quotes".to_owned())
}

pub(super) fn from_text<T: FromStr>(value: &Value) -> Result<T, String>
where
    T::Err: std::fmt::Display,
{
    text(value)?.parse().map_err(|error: T::Err| error.to_string())
}

pub(super) fn flag(value: &Value) -> Result<bool, String> {
    value.as_bool().ok_or_else(|| "must be true or false".to_owned())
}

pub(super) fn count(value: &Value) -> Result<u32, String> {
    value
        .as_integer()
        .and_then(|number| u32::try_from(number).ok())
        .filter(|number| *number > 0)
        .ok_or_else(|| "must be a whole number above zero".to_owned())
}

pub(super) fn list<T: FromStr>(value: &Value) -> Result<Vec<T>, String>
where
    T::Err: std::fmt::Display,
{
    let values = value.as_array().ok_or_else(|| "must be a list".to_owned())?;
    values.iter().map(from_text).collect()
}

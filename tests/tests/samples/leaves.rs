//! The values of a record, for looking whether one of them is where it should not be.

use std::collections::BTreeSet;

use serde_json::Value;

/// Shorter values are found by chance everywhere.
const SHORTEST: usize = 5;

/// What a record holds.
#[derive(Default)]
pub(crate) struct Leaves {
    /// Texts of JSON, also of JSON inside texts; words of other formats and of sentences, and their parts.
    values: BTreeSet<String>,
    /// Names that the format gives to values.
    keys: BTreeSet<String>,
}

impl Leaves {
    pub(crate) fn of(record: &str) -> Self {
        let mut leaves = Self::default();
        leaves.add_text(record);
        leaves.values.remove(record);
        leaves.values.retain(|value| value.chars().count() >= SHORTEST);
        leaves
    }

    /// Values long enough to be told from chance.
    pub(crate) fn values(&self) -> impl Iterator<Item = &str> {
        self.values.iter().map(String::as_str)
    }

    /// Whether some key reads alike, so that a value which is found may be the key.
    pub(crate) fn is_in_a_key(&self, value: &str) -> bool {
        self.keys.iter().any(|key| key.contains(value))
    }

    fn add_text(&mut self, text: &str) {
        self.values.insert(text.to_owned());
        let start = text.find(['{', '[']);
        let json = start.and_then(|start| {
            let value = serde_json::from_str::<Value>(&text[start..]).ok()?;
            Some((&text[..start], value))
        });
        match json {
            Some((before, value)) => {
                self.add_words(before);
                self.add_value(value);
            }
            None => self.add_words(text),
        }
    }

    fn add_value(&mut self, value: Value) {
        match value {
            Value::String(text) => self.add_text(&text),
            Value::Array(values) => values.into_iter().for_each(|value| self.add_value(value)),
            Value::Object(members) => {
                for (key, value) in members {
                    self.keys.insert(key);
                    self.add_value(value);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn add_words(&mut self, text: &str) {
        let between = |c: char| c.is_whitespace() || "|\"[]<>,;'".contains(c);
        for word in text.split(between) {
            let value = match word.split_once('=') {
                Some((key, value)) if key.bytes().all(|b| b.is_ascii_alphanumeric()) => {
                    self.keys.insert(key.to_owned());
                    value
                }
                _ => word,
            };
            self.values.insert(value.to_owned());
            // A port, a domain or a label may stand beside what matters.
            self.values
                .extend(value.split([':', '\\', '@', '=', '/']).map(str::to_owned));
        }
    }
}

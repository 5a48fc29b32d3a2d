//! The values of a record, for looking whether one of them is where it should not be.

use std::collections::BTreeSet;

use serde_json::Value;

/// Shorter values are found by chance everywhere.
const SHORTEST: usize = 5;

/// All texts of a record: strings of JSON, also of JSON inside strings; of other formats the words.
pub(crate) fn of(record: &str) -> BTreeSet<String> {
    let mut leaves = BTreeSet::new();
    add_text(record, &mut leaves);
    leaves.remove(record);
    leaves.retain(|leaf| leaf.chars().count() >= SHORTEST);
    leaves
}

fn add_text(text: &str, leaves: &mut BTreeSet<String>) {
    leaves.insert(text.to_owned());
    let json = text
        .find(['{', '['])
        .and_then(|start| serde_json::from_str::<Value>(&text[start..]).ok());
    match json {
        Some(value) => add_value(&value, leaves),
        None => {
            let between = |c: char| c.is_whitespace() || "=|\"[]<>,;'".contains(c);
            leaves.extend(text.split(between).map(str::to_owned));
        }
    }
}

fn add_value(value: &Value, leaves: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => add_text(text, leaves),
        Value::Array(values) => values.iter().for_each(|value| add_value(value, leaves)),
        Value::Object(members) => members.values().for_each(|value| add_value(value, leaves)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

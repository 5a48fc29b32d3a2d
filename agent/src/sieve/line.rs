//! A minimised record as a line of JSON. It is what serialising it gives, and a multiple faster: names of fields need no
//! looking at, and the text of a value is made where it is to stand.

use std::io::{self, Write};

use serde_json::Value;
use zeef_proto::field::Parse;

use super::{Minimised, Treated};
use crate::pseudonym::Token;

/// More than most lines have.
const USUAL_BYTES: usize = 512;

/// Writes the line of a record.
pub(super) fn write(record: &Minimised<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut line = String::with_capacity(USUAL_BYTES);
    before(record, &mut line);
    number(record.record, &mut line);
    behind(record, &mut line);
    out.write_all(line.as_bytes())
}

/// The line of a record that comes again and again, but for its position.
#[derive(Debug, Clone)]
pub(super) struct Text {
    before: String,
    behind: String,
}

impl Text {
    pub(super) fn of(record: &Minimised<'_>) -> Self {
        let mut text = Self {
            before: String::new(),
            behind: String::new(),
        };
        before(record, &mut text.before);
        behind(record, &mut text.behind);
        text
    }

    /// Writes it for the record at `position`.
    pub(super) fn write(&self, position: u64, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(self.before.as_bytes())?;
        write!(out, "{position}")?;
        out.write_all(self.behind.as_bytes())
    }
}

/// All before the position.
fn before(record: &Minimised<'_>, line: &mut String) {
    line.push_str("{\"source\":\"");
    line.push_str(record.source);
    line.push_str("\",\"product\":\"");
    line.push_str(record.product.as_str());
    line.push_str("\",\"record\":");
}

/// All behind the position.
fn behind(record: &Minimised<'_>, line: &mut String) {
    one(line, ",\"device_name\":\"", record.device_name.as_ref(), escape);
    list(
        line,
        ",\"usernames\":[\"",
        &record.usernames,
        Treated::expose_to,
        escape,
    );
    list(
        line,
        ",\"private_ips\":[\"",
        &record.private_ips,
        Treated::expose_to,
        as_it_is,
    );
    list(
        line,
        ",\"mac_addresses\":[\"",
        &record.mac_addresses,
        Treated::expose_to,
        as_it_is,
    );
    list(
        line,
        ",\"public_ips\":[\"",
        &record.public_ips,
        Treated::expose_to,
        as_it_is,
    );
    one(line, ",\"service_id\":\"", record.service_id.as_ref(), as_it_is);
    one(line, ",\"line_id\":\"", record.line_id.as_ref(), as_it_is);
    let token = |token: &Token, line: &mut String| line.push_str(token.as_str());
    list(line, ",\"links\":[\"", &record.links, token, as_it_is);
    line.push_str("}\n");
}

fn number(number: u64, line: &mut String) {
    if number >= 10 {
        self::number(number / 10, line);
    }
    line.push(char::from(b'0' + (number % 10) as u8));
}

fn one<T: Parse>(line: &mut String, key: &str, value: Option<&Treated<T>>, mend: fn(&mut String, usize)) {
    if let Some(value) = value {
        line.push_str(key);
        let start = line.len();
        value.expose_to(line);
        mend(line, start);
        line.push('"');
    }
}

fn list<T>(
    line: &mut String,
    key: &str,
    values: &[T],
    put: impl Fn(&T, &mut String),
    mend: fn(&mut String, usize),
) {
    for (place, value) in values.iter().enumerate() {
        line.push_str(if place == 0 { key } else { ",\"" });
        let start = line.len();
        put(value, line);
        mend(line, start);
        line.push('"');
    }
    if !values.is_empty() {
        line.push(']');
    }
}

/// For what is digits, letters and separators in every canonical form.
fn as_it_is(_: &mut String, _: usize) {}

/// Escapes what stands in the line from `start` on, as far as JSON asks it.
fn escape(line: &mut String, start: usize) {
    let escapes = |byte: &u8| *byte < 0x20 || matches!(byte, b'"' | b'\\');
    if line.as_bytes()[start..].iter().any(escapes) {
        let quoted = Value::from(line.split_off(start)).to_string();
        line.push_str(&quoted[1..quoted.len() - 1]);
    }
}

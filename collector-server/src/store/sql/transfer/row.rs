//! A row in one form for both engines.

use ring::digest::{Context, SHA256};

use super::super::driver::{Result, Row, ToSql, Value, ValueRef};

/// A value that outlives its row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Owned {
    Null,
    Integer(i64),
    Text(String),
    Bytes(Vec<u8>),
}

impl From<ValueRef<'_>> for Owned {
    fn from(value: ValueRef<'_>) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Integer(number) => Self::Integer(number),
            Value::Text(text) => Self::Text(text.to_owned()),
            Value::Bytes(bytes) => Self::Bytes(bytes.to_owned()),
        }
    }
}

impl ToSql for Owned {
    fn to_value(&self) -> Result<Value<'_>> {
        Ok(match self {
            Self::Null => Value::Null,
            Self::Integer(number) => Value::Integer(*number),
            Self::Text(text) => Value::Text(text),
            Self::Bytes(bytes) => Value::Bytes(bytes),
        })
    }
}

/// Reads the first so many columns.
pub(super) fn read(row: &Row<'_>, columns: usize) -> Result<Vec<Owned>> {
    (0..columns)
        .map(|column| row.get_ref(column).map(Owned::from))
        .collect()
}

/// How many rows there were, and what was in them.
pub(super) struct Sum {
    rows: u64,
    digest: Context,
}

impl Sum {
    pub(super) fn new() -> Self {
        Self {
            rows: 0,
            digest: Context::new(&SHA256),
        }
    }

    /// Adds a row. Each value has its kind and its length before it, so that no two rows have the same form.
    pub(super) fn add(&mut self, row: &[Owned]) {
        self.rows += 1;
        for value in row {
            let number;
            let (kind, bytes): (u8, &[u8]) = match value {
                Owned::Null => (0, &[]),
                Owned::Integer(integer) => {
                    number = integer.to_be_bytes();
                    (1, &number)
                }
                Owned::Text(text) => (2, text.as_bytes()),
                Owned::Bytes(bytes) => (3, bytes),
            };
            self.digest.update(&[kind]);
            self.digest.update(&(bytes.len() as u64).to_be_bytes());
            self.digest.update(bytes);
        }
    }

    /// The count and the SHA-256.
    pub(super) fn finish(self) -> (u64, [u8; 32]) {
        let mut digest = [0; 32];
        digest.copy_from_slice(self.digest.finish().as_ref());
        (self.rows, digest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(rows: &[&[Owned]]) -> (u64, [u8; 32]) {
        let mut sum = Sum::new();
        rows.iter().for_each(|row| sum.add(row));
        sum.finish()
    }

    #[test]
    fn what_differs_has_another_sum() {
        let text = |text: &str| Owned::Text(text.to_owned());
        let rows: [&[&[Owned]]; 8] = [
            &[],
            &[&[Owned::Null]],
            &[&[text("")]],
            &[&[Owned::Bytes(Vec::new())]],
            &[&[Owned::Integer(0)]],
            &[&[text("ab"), text("c")]],
            &[&[text("a"), text("bc")]],
            &[&[text("ab")], &[text("c")]],
        ];
        for (at, one) in rows.iter().enumerate() {
            assert_eq!(sum(one), sum(one));
            for other in &rows[at + 1..] {
                assert_ne!(sum(one), sum(other));
            }
        }
    }
}

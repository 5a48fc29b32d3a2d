//! One row of an answer.

use super::value::{FromSql, of_sqlite};
use super::{Error, Result, ValueRef};

/// A row, as long as it is looked at.
pub(in crate::store::sql) enum Row<'a> {
    Sqlite(&'a rusqlite::Row<'a>),
    Postgres(&'a postgres::Row),
}

/// A column, by number or name.
pub(in crate::store::sql) trait Column: rusqlite::RowIndex + Copy {
    /// Its number.
    fn number(self, row: &postgres::Row) -> Option<usize>;
}

impl Column for usize {
    fn number(self, _: &postgres::Row) -> Option<usize> {
        Some(self)
    }
}

impl Column for &str {
    fn number(self, row: &postgres::Row) -> Option<usize> {
        row.columns().iter().position(|column| column.name() == self)
    }
}

impl Row<'_> {
    /// The value of a column as a type of ours.
    pub(in crate::store::sql) fn get<C: Column, T: FromSql>(&self, column: C) -> Result<T> {
        T::from_value(self.get_ref(column)?)
    }

    /// The value of a column as it stands there.
    pub(in crate::store::sql) fn get_ref<C: Column>(&self, column: C) -> Result<ValueRef<'_>> {
        match self {
            Row::Sqlite(row) => of_sqlite(row.get_ref(column)?),
            Row::Postgres(row) => {
                let number = column.number(row).ok_or(Error::Type)?;
                Ok(row.try_get(number)?)
            }
        }
    }
}

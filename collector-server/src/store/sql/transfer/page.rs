//! The statements that read and write a table, page by page, in the order of its key.

use super::super::driver::{Connection, Error, Params, Result, ToSql, Value};
use super::row::{self, Owned};
use super::tables::Table;

/// Rows that are read, and written by one statement, at a time.
pub(super) const PAGE: usize = 500;

/// The statements of one table.
pub(super) struct Statements<'a> {
    table: &'a Table,
    count: String,
    first: String,
    next: String,
    insert: String,
    insert_page: String,
}

/// Values of as many parameters as it takes.
struct Values<'a>(&'a [&'a [Owned]]);

impl Params for Values<'_> {
    fn values(&self) -> Result<Vec<Value<'_>>> {
        self.0.iter().copied().flatten().map(ToSql::to_value).collect()
    }
}

impl<'a> Statements<'a> {
    pub(super) fn new(table: &'a Table) -> Self {
        let name = quoted(table.name);
        let key = list(table.key.iter().map(|column| quoted(column)));
        let columns = list(table.columns().map(quoted));
        let width = table.columns().count();
        let read =
            |condition: &str| format!("SELECT {columns} FROM {name} {condition} ORDER BY {key} LIMIT {PAGE}");
        let from = format!("WHERE ({key}) > ({})", parameters(0, table.key.len()));
        let filled_columns = list(
            table
                .filled
                .iter()
                .map(|(column, _)| format!(", {}", quoted(column))),
        );
        let filled = list(table.filled.iter().map(|(_, value)| format!(", {value}")));
        let insert = |rows: usize| {
            let rows = (0..rows).map(|row| format!("({}{filled})", parameters(row * width, width)));
            format!(
                "INSERT INTO {name} ({columns}{filled_columns}) VALUES {}",
                list(rows)
            )
        };
        Self {
            table,
            count: format!("SELECT count(*) FROM {name}"),
            first: read(""),
            next: read(&from),
            insert: insert(1),
            insert_page: insert(PAGE),
        }
    }

    /// How many rows there are.
    pub(super) fn count(&self, db: &Connection) -> Result<u64> {
        db.query_row(&self.count, [], |row| row.get(0))
    }

    /// Hands over all rows, a page at a time.
    pub(super) fn pages<E: From<Error>>(
        &self,
        db: &Connection,
        mut each: impl FnMut(&[Vec<Owned>]) -> Result<(), E>,
    ) -> Result<(), E> {
        let width = self.table.columns().count();
        let mut page = self.read(db, &self.first, &[], width)?;
        while let Some(last) = page.last() {
            let from = last[..self.table.key.len()].to_vec();
            each(&page)?;
            if page.len() < PAGE {
                break;
            }
            page = self.read(db, &self.next, &from, width)?;
        }
        Ok(())
    }

    fn read(&self, db: &Connection, sql: &str, from: &[Owned], width: usize) -> Result<Vec<Vec<Owned>>> {
        db.prepare_cached(sql)?
            .query_map(Values(&[from]), |found| row::read(found, width))?
            .collect()
    }

    /// Writes a page.
    pub(super) fn insert(&self, db: &Connection, page: &[Vec<Owned>]) -> Result<()> {
        let rows: Vec<&[Owned]> = page.iter().map(Vec::as_slice).collect();
        if rows.len() == PAGE {
            db.execute(&self.insert_page, Values(&rows))?;
        } else {
            for row in rows {
                db.execute(&self.insert, Values(&[row]))?;
            }
        }
        Ok(())
    }
}

fn quoted(name: &str) -> String {
    format!("\"{name}\"")
}

fn list(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join(", ")
}

/// `?1, ?2, …`, of which so many came before.
fn parameters(before: usize, count: usize) -> String {
    list((1..=count).map(|number| format!("?{}", before + number)))
}

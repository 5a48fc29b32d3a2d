//! Connections and statements.
#![expect(
    clippy::needless_pass_by_value,
    reason = "parameters are lists of borrowed values, written where they are handed over"
)]

use std::cell::RefCell;
use std::collections::HashMap;

use super::dialect::Dialect;
use super::{Error, Params, Result, Row, Value};

/// A connection to a database of either engine.
pub(in crate::store::sql) enum Connection {
    Sqlite(rusqlite::Connection),
    Postgres(Box<Postgres>),
}

/// A connection to PostgreSQL with the statements that it has prepared.
pub(in crate::store::sql) struct Postgres(RefCell<Inner>);

struct Inner {
    /// Gone when it is dropped only.
    client: Option<postgres::Client>,
    prepared: HashMap<String, postgres::Statement>,
    /// A transaction was begun and not ended yet.
    begun: bool,
}

/// A statement, kept prepared by its connection.
pub(in crate::store::sql) enum Statement<'a> {
    Sqlite(rusqlite::CachedStatement<'a>),
    Postgres(&'a Postgres, &'a str),
}

impl Postgres {
    pub(in crate::store::sql) fn new(client: postgres::Client) -> Self {
        Self(RefCell::new(Inner {
            client: Some(client),
            prepared: HashMap::new(),
            begun: false,
        }))
    }

    /// Whether the server is gone.
    pub(in crate::store::sql) fn is_closed(&self) -> bool {
        self.0
            .borrow()
            .client
            .as_ref()
            .is_none_or(postgres::Client::is_closed)
    }
}

impl Drop for Inner {
    /// Ends the connection on a thread of its own: it waits for the server, which must not be done where futures run.
    fn drop(&mut self) {
        if let Some(client) = self.client.take() {
            drop(std::thread::spawn(move || drop(client)).join());
        }
    }
}

impl Inner {
    fn client(&mut self) -> Result<&mut postgres::Client> {
        self.client.as_mut().ok_or(Error::NoRow)
    }

    fn prepared(&mut self, sql: &str) -> Result<postgres::Statement> {
        if let Some(statement) = self.prepared.get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.client()?.prepare(&Dialect::Postgres.spell(sql))?;
        self.prepared.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }
}

impl Connection {
    /// Prepares a statement, or takes the one that is prepared.
    pub(in crate::store::sql) fn prepare_cached<'a>(&'a self, sql: &'a str) -> Result<Statement<'a>> {
        Ok(match self {
            Self::Sqlite(db) => Statement::Sqlite(db.prepare_cached(&Dialect::Sqlite.spell(sql))?),
            Self::Postgres(db) => Statement::Postgres(db, sql),
        })
    }

    /// Runs a statement; gives how many rows it changed.
    pub(in crate::store::sql) fn execute(&self, sql: &str, params: impl Params) -> Result<usize> {
        self.prepare_cached(sql)?.execute(params)
    }

    /// Reads the first row of an answer.
    pub(in crate::store::sql) fn query_row<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnOnce(&Row<'_>) -> Result<T>,
    ) -> Result<T> {
        self.prepare_cached(sql)?.query_row(params, read)
    }

    /// Runs several statements without parameters.
    pub(in crate::store::sql) fn execute_batch(&self, sql: &str) -> Result<()> {
        match self {
            Self::Sqlite(db) => Ok(db.execute_batch(&Dialect::Sqlite.spell(sql))?),
            Self::Postgres(db) => {
                let mut inner = db.0.borrow_mut();
                Ok(inner.client()?.batch_execute(&Dialect::Postgres.spell(sql))?)
            }
        }
    }

    /// Begins to write, alone where the engine has one writer.
    pub(in crate::store::sql) fn begin(&self) -> Result<()> {
        self.execute_batch("BEGIN{ IMMEDIATE|}")?;
        self.note_begun(true);
        Ok(())
    }

    /// Begins to read one snapshot.
    pub(in crate::store::sql) fn begin_to_read(&self) -> Result<()> {
        self.execute_batch("BEGIN{| ISOLATION LEVEL REPEATABLE READ READ ONLY}")?;
        self.note_begun(true);
        Ok(())
    }

    /// Makes durable what was written.
    pub(in crate::store::sql) fn commit(&self) -> Result<()> {
        self.execute_batch("COMMIT")?;
        self.note_begun(false);
        Ok(())
    }

    /// Forgets what was written, where a transaction runs: some failures end it themselves.
    pub(in crate::store::sql) fn roll_back(&self) {
        let runs = match self {
            Self::Sqlite(db) => !db.is_autocommit(),
            Self::Postgres(db) => db.0.borrow().begun,
        };
        if runs {
            drop(self.execute_batch("ROLLBACK"));
            self.note_begun(false);
        }
    }

    fn note_begun(&self, begun: bool) {
        if let Self::Postgres(db) = self {
            db.0.borrow_mut().begun = begun;
        }
    }

    /// Whether the server has gone.
    pub(in crate::store::sql) fn is_closed(&self) -> bool {
        match self {
            Self::Sqlite(_) => false,
            Self::Postgres(db) => db.is_closed(),
        }
    }

    /// SQLite's own connection, for what only it has.
    pub(in crate::store::sql) fn sqlite(&self) -> Option<&rusqlite::Connection> {
        match self {
            Self::Sqlite(db) => Some(db),
            Self::Postgres(_) => None,
        }
    }
}

impl Statement<'_> {
    /// Runs it; gives how many rows it changed.
    pub(in crate::store::sql) fn execute(&mut self, params: impl Params) -> Result<usize> {
        let values = params.values()?;
        match self {
            Self::Sqlite(statement) => Ok(statement.execute(rusqlite::params_from_iter(values))?),
            Self::Postgres(db, sql) => {
                let mut inner = db.0.borrow_mut();
                let statement = inner.prepared(sql)?;
                Ok(inner.client()?.execute(&statement, &bound(&values))? as usize)
            }
        }
    }

    /// Reads all rows of an answer.
    pub(in crate::store::sql) fn query_map<T>(
        &mut self,
        params: impl Params,
        mut read: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<std::vec::IntoIter<Result<T>>> {
        let values = params.values()?;
        let mut found = Vec::new();
        match self {
            Self::Sqlite(statement) => {
                let mut rows = statement.query(rusqlite::params_from_iter(values))?;
                while let Some(row) = rows.next()? {
                    found.push(read(&Row::Sqlite(row)));
                }
            }
            Self::Postgres(db, sql) => {
                let rows = {
                    let mut inner = db.0.borrow_mut();
                    let statement = inner.prepared(sql)?;
                    inner.client()?.query(&statement, &bound(&values))?
                };
                found.extend(rows.iter().map(|row| read(&Row::Postgres(row))));
            }
        }
        Ok(found.into_iter())
    }

    /// Reads the first row; [`Error::NoRow`] where there is none.
    pub(in crate::store::sql) fn query_row<T>(
        &mut self,
        params: impl Params,
        read: impl FnOnce(&Row<'_>) -> Result<T>,
    ) -> Result<T> {
        let values = params.values()?;
        match self {
            Self::Sqlite(statement) => {
                let mut rows = statement.query(rusqlite::params_from_iter(values))?;
                read(&Row::Sqlite(rows.next()?.ok_or(Error::NoRow)?))
            }
            Self::Postgres(db, sql) => {
                let rows = {
                    let mut inner = db.0.borrow_mut();
                    let statement = inner.prepared(sql)?;
                    inner.client()?.query(&statement, &bound(&values))?
                };
                read(&Row::Postgres(rows.first().ok_or(Error::NoRow)?))
            }
        }
    }

    /// Whether there is a row.
    pub(in crate::store::sql) fn exists(&mut self, params: impl Params) -> Result<bool> {
        match self.query_row(params, |_| Ok(())) {
            Ok(()) => Ok(true),
            Err(Error::NoRow) => Ok(false),
            Err(other) => Err(other),
        }
    }
}

fn bound<'a>(values: &'a [Value<'a>]) -> Vec<&'a (dyn postgres::types::ToSql + Sync)> {
    values.iter().map(|value| value as _).collect()
}
